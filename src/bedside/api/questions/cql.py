"""$cql (Using CQL with FHIR, OperationDefinition cql-cql): one expression, evaluated as it is written."""

from __future__ import annotations

from collections.abc import Sequence

from bedside.api.messages import Reply, Request
from bedside.api.questions import data
from bedside.api.questions.evaluation import bound, parameters_resource, session_for
from bedside.api.questions.inputs import Inputs, own_type
from bedside.api.questions.problems import failed
from bedside.api.questions.questions import Questions
from bedside.fhir.outcome import Invalid
from bedside.questions.cql.parser import parse_expression
from bedside.questions.cql.to_fhir import parameters as as_parameters
from bedside.questions.cql.types import DataType
from bedside.questions.errors import ParseError, QuestionError, Span
from bedside.record.libraries import Logic, Shelf
from bedside.record.problems import NotTranslated

RETURN = "return"
KNOWN = ("subject", "expression", "parameters", "library", *data.PARAMETERS)


def evaluate(questions: Questions, request: Request) -> Reply:
    """GET or POST [base]/$cql. The answer is in the parameter `return`, repeated for a list."""
    inputs = Inputs(request, KNOWN)
    expression = inputs.required("expression")
    subject = data.subject_of(inputs.text("subject"))
    given = inputs.parameters()
    _check_alone(expression)
    with data.open_world(questions.record, inputs, request.base) as asked:
        shelf = questions.libraries.current(asked.record_data.session)
        included = _libraries(inputs, shelf)
        types = {name: own_type(name, some) for name, some in given.items()}
        head = _head(included, types, subject)
        source = f"{head}{expression}\n"
        try:
            logic = shelf.compiled(source, {})
        except NotTranslated as error:
            raise NotTranslated([_placed(each, source, head, expression) for each in error.problems]) from None
        if subject is not None:
            asked.require("/".join(subject))
        offset = data.offset_of(asked.world)
        values = bound(logic.program.library, given, offset)
        session = session_for(logic.program, asked, subject, values, limit=questions.limit)
        try:
            answer = session.evaluate(RETURN)
        except QuestionError as error:
            raise failed(_placed(error, source, head, expression)) from None
        type_ = logic.program.library.expressions[RETURN].expression.type
        return Reply(200, parameters_resource(as_parameters(RETURN, answer, type_), asked))


def _check_alone(expression: str) -> None:
    """Refuse what is no expression, or more than one: it must not go on as a library."""
    try:
        parse_expression(expression)
    except ParseError as error:
        error.source, error.library = error.source or expression, "expression"
        raise NotTranslated([error]) from None


def _libraries(inputs: Inputs, shelf: Shelf) -> list[tuple[Logic, str | None]]:
    """The libraries to include, with their local names."""
    found = []
    for each in inputs.all("library"):
        parts = {part.get("name"): part for part in each.get("part", ())}
        url = parts.get("url", each if "part" not in each else {})
        canonical = next((value for key, value in url.items() if key.startswith("value")), None)
        if not isinstance(canonical, str):
            raise Invalid("A library is given by its url, a canonical.", code="value")
        name = parts.get("name", {}).get("valueString")
        found.append((shelf.by_canonical(canonical), name))
    return found


def _head(
    included: Sequence[tuple[Logic, str | None]], types: dict[str, DataType], subject: tuple[str, str] | None
) -> str:
    """What stands before the expression: its model, libraries, parameters and context."""
    models = [using for logic, _ in included for using in logic.program.library.usings if using.name != "System"]
    model = next((each for each in models if each.name != "FHIR"), None)
    lines = [f"using {model.name} version {_text(model.version)}" if model else "using FHIR version '4.0.1'"]
    for logic, name in included:
        library = logic.program.library
        if library.name is None:
            raise Invalid("A library without a name cannot be included.", code="value")
        version = "" if library.version is None else f" version {_text(library.version)}"
        lines.append(f"include {_name(library.name)}{version} called {_name(name or library.name)}")
    lines += [f"parameter {_name(name)} {type_}" for name, type_ in types.items()]
    lines.append(f"context {subject[0] if subject else 'Unfiltered'}")
    lines.append(f'define "{RETURN}":')
    return "\n".join(lines) + "\n"


def _name(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _text(text: str | None) -> str:
    escaped = (text or "").replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _placed(error: QuestionError, source: str, head: str, expression: str) -> QuestionError:
    """The error with its place in the expression: its author has not seen what stands before it."""
    if error.source == source and error.span.start >= len(head):
        start = min(error.span.start - len(head), len(expression))
        error.span = Span(start, max(start, min(error.span.end - len(head), len(expression))))
        error.source, error.library, error.define = expression, "expression", None
    return error


__all__ = ["evaluate"]
