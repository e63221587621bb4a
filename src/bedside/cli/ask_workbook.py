"""What has been said at the prompt so far: statements, a loaded file, parameters; and questions built on them.

Statements are kept by what they define, so that saying one again replaces it. A question is a library of all of them,
in the order that the language wants, with the expression as its last definition.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bedside.ask.errors import AskError, BadQuestion
from bedside.ask.question import ANSWER, Question, Sources, expression_question, is_library
from bedside.ask.record import OpenRecord
from bedside.questions.cql import syntax
from bedside.questions.cql.parser import parse_expression, parse_library
from bedside.questions.cql.types import DataType
from bedside.questions.errors import ParseError, QuestionError, Span

_ORDER: tuple[type, ...] = (
    syntax.UsingDefinition,
    syntax.IncludeDefinition,
    syntax.CodeSystemDefinition,
    syntax.ValueSetDefinition,
    syntax.CodeDefinition,
    syntax.ConceptDefinition,
    syntax.ParameterDefinition,
)
"""The order in which a library must have them (CQL 1.5.3, appendix I, `library`); then come definitions."""

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement as it was typed, and the context that it is in (definitions only)."""

    key: Key
    kind: type
    text: str
    context: str


@dataclass(slots=True)
class Workbook:
    """The state of a prompt. `patient` is an id or reference, None for questions about all data."""

    record: OpenRecord
    patient: str | None = None
    parameters: dict[str, str] = field(default_factory=dict)
    folder: Path | None = None
    statements: dict[Key, Statement] = field(default_factory=dict)

    @property
    def context(self) -> str:
        """What an expression is about: `Patient` as a rule."""
        if self.patient is None:
            return "Unfiltered"
        return self.patient.split("/")[0] if "/" in self.patient else "Patient"

    def question(self, text: str) -> Question:
        """An expression as a question over all that has been said. Raises BadQuestion, with places in the text."""
        return self._built(text, self.statements)

    def _built(self, text: str, statements: dict[Key, Statement]) -> Question:
        return expression_question(text, self.context, self.sources, before=_head(statements))

    @property
    def sources(self) -> Sources:
        """Where the libraries come from that are included."""
        return self.record.sources(self.folder)

    def head(self, text: str) -> str:
        """What stands before a text that is being typed, in the library that it makes with all that has been said."""
        head = f"{_head(self.statements)}context {self.context}\n"
        return head if is_library(text) else f'{head}define "{ANSWER}":\n'

    def say(self, text: str) -> list[str]:
        """Take in statements; gives a line for each. Raises BadQuestion, and then nothing is taken in."""
        definition, errors = parse_library(text)
        if errors:
            raise BadQuestion([_of(error, text) for error in errors], "")
        context = "Patient" if self.context == "Unfiltered" else self.context
        given = list(_statements(definition, text, context))
        trial = {**self.statements, **{each.key: each for each in given}}
        question = self._checked(text, given, trial)
        self.statements = trial
        return [_taken(each, question) for each in given]

    def load(self, path: Path) -> list[str]:
        """Take in a whole file; what it includes is looked for beside it. Raises AskError and BadQuestion."""
        try:
            source = path.expanduser().read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise AskError(
                f"{path} cannot be read: {getattr(error, 'strerror', None) or 'no text in UTF-8'}."
            ) from None
        self.record.question(path.expanduser())  # whoever wrote it wants errors with the lines of the file
        before = self.folder
        self.folder = path.expanduser().parent
        try:
            return self.say(source)
        except BadQuestion:
            self.folder = before
            raise

    def _checked(self, text: str, given: list[Statement], trial: dict[Key, Statement]) -> Question:
        try:
            return self._built("null", trial)
        except BadQuestion as error:
            head = _head(trial)
            raise BadQuestion([_moved(each, head, given) for each in error.problems], "") from None

    def names(self) -> dict[str, list[str]]:
        """The names that have been defined, by kind: `define`, `function`, `value set`, `code`, `parameter`, ..."""
        found: dict[str, list[str]] = {}
        for kind, name in self.statements:
            found.setdefault(kind, []).append(name)
        return found

    def type_of(self, text: str) -> DataType | None:
        """The static type of an expression; None for one that is not right, or not finished."""
        try:
            return self.question(text).definition(ANSWER).expression.type
        except (AskError, QuestionError):
            return None


def is_complete(text: str) -> bool:
    """Whether a text can be sent, rather than going on in the next line."""
    stripped = text.strip()
    if not stripped or stripped.startswith(":"):
        return True
    if is_library(stripped):
        errors: list[ParseError] = parse_library(stripped)[1]
    else:
        try:
            parse_expression(stripped)
        except ParseError as error:
            errors = [error]
        else:
            return True
    return not any(error.span.start >= len(stripped) for error in errors)


def _statements(definition: syntax.LibraryDefinition, text: str, context: str) -> Iterator[Statement]:
    parts = (
        *(definition.usings, definition.includes, definition.code_systems, definition.value_sets, definition.codes),
        *(definition.concepts, definition.parameters, definition.statements),
    )
    for some in parts:
        for node in some:
            if isinstance(node, syntax.ContextDefinition):
                context = node.name
                continue
            name = str(getattr(node, "alias", None) or getattr(node, "name", ""))
            yield Statement((_KINDS[type(node)], name), type(node), text[node.span.start : node.span.end], context)


_KINDS: dict[type, str] = {
    syntax.UsingDefinition: "model",
    syntax.IncludeDefinition: "library",
    syntax.CodeSystemDefinition: "code system",
    syntax.ValueSetDefinition: "value set",
    syntax.CodeDefinition: "code",
    syntax.ConceptDefinition: "concept",
    syntax.ParameterDefinition: "parameter",
    syntax.ExpressionDefinition: "define",
    syntax.FunctionDefinition: "function",
}


def _head(statements: dict[Key, Statement]) -> str:
    """All statements in order; without a model, FHIR's."""
    ordered = sorted(statements.values(), key=lambda each: _ORDER.index(each.kind) if each.kind in _ORDER else 99)
    lines = [] if any(each.kind is syntax.UsingDefinition for each in ordered) else ["using FHIR version '4.0.1'"]
    context = None
    for each in ordered:
        if each.kind not in _ORDER and each.context != context:
            context = each.context
            lines.append(f"context {context}")
        lines.append(each.text)
    return "\n".join(lines) + "\n"


def _moved(error: QuestionError, head: str, given: list[Statement]) -> QuestionError:
    """An error with its place in the statement that was just typed."""
    for each in given:
        start = head.find(each.text)
        if start >= 0 and error.source.startswith(head) and start <= error.span.start <= start + len(each.text):
            error.span = Span(error.span.start - start, min(error.span.end - start, len(each.text)))
            error.source, error.library, error.define = each.text, None, None
            break
    return error


def _of(error: ParseError, text: str) -> ParseError:
    error.source = error.source or text
    return error


def _taken(statement: Statement, question: Question) -> str:
    kind, name = statement.key
    if kind == "define":
        type_ = str(question.library.expressions[name].expression.type).replace("System.", "")
        return f'define "{name}": {type_}'
    return f'{kind} "{name}"'


__all__ = ["Workbook", "is_complete"]
