"""Asking a library: its parameters as they were given, a session for a subject, and answers as parameters of FHIR."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bedside.api.questions.data import Asked
from bedside.api.questions.inputs import Json, value
from bedside.api.questions.problems import failed, messages_outcome
from bedside.fhir.outcome import Invalid
from bedside.questions.cql import tree
from bedside.questions.cql.run.program import Program
from bedside.questions.cql.run.session import Session
from bedside.questions.cql.run.state import UNFILTERED
from bedside.questions.cql.to_fhir import parameters as as_parameters
from bedside.questions.cql.walk import libraries_of, parameters_of
from bedside.questions.errors import QuestionError, did_you_mean
from bedside.record.libraries import Logic, unknown_expression

EVALUATION_RESULT = "http://hl7.org/fhir/uv/cql/StructureDefinition/cql-evaluationresult"
MESSAGES = "_messages"


def bound(library: tree.Library, given: Mapping[str, Sequence[Json]], offset: int) -> dict[str, Any]:
    """The values of given parameters, as the library or one that it includes declares them.

    A name may be qualified by the name of a library. Raises Invalid for a name that nothing declares, and for a value
    that does not fit.
    """
    declared = parameters_of(library)
    found = {}
    for name, some in given.items():
        known = declared.get(name)
        if known is None:
            near = did_you_mean(name, declared)
            hint = f" Did you mean {near!r}?" if near else ""
            raise Invalid(f"{library.name or 'The library'} has no parameter {name!r}.{hint}", code="not-found")
        found[name] = value(name, some, known.type, offset)
    return found


def session_for(
    program: Program,
    asked: Asked,
    subject: tuple[str, str] | None,
    given: Mapping[str, Any],
    *,
    limit: float,
    offset: int | None = None,
) -> Session:
    """A session of a program for a subject, or without one of everybody. Raises FhirError."""
    kind, id_ = subject if subject is not None else (UNFILTERED, None)
    try:
        return program.session(
            asked.world, context_type=kind, context_id=id_, parameters=given, limit=limit, offset=offset
        )
    except QuestionError as error:
        raise failed(error) from None


def results(session: Session, library: tree.Library, names: Iterable[str]) -> list[Json]:
    """The values of definitions, as parameters. Raises FhirError for one that fails."""
    found: list[Json] = []
    for name in names:
        try:
            answer = session.evaluate(name)
        except QuestionError as error:
            raise failed(error) from None
        found += as_parameters(name, answer, library.expressions[name].expression.type)
    return found


def parameters_resource(found: list[Json], asked: Asked) -> Json:
    """The answer of an evaluation: its results, and what `Message` said meanwhile."""
    told = messages_outcome(asked.messages)
    if told is not None:
        found = [*found, {"name": MESSAGES, "resource": told}]
    resource: Json = {"resourceType": "Parameters", "meta": {"profile": [EVALUATION_RESULT]}}
    return {**resource, "parameter": found} if found else resource


def require_subject(library: tree.Library, names: Iterable[str], subject: tuple[str, str] | None, logic: Logic) -> None:
    """Raise Invalid when a definition is about one subject, and there is none, or one of another type."""
    for name in names:
        known = library.expressions.get(name)
        if known is None:
            raise Invalid(unknown_expression(logic, name), code="not-found")
        if known.context == UNFILTERED:
            continue
        if subject is None:
            raise Invalid(
                f"{name!r} is about one {known.context}: say which by the parameter subject.", code="required"
            )
        if subject[0] != known.context:
            raise Invalid(f"{name!r} is about a {known.context}, and the subject is a {subject[0]}.", code="value")


def included(logic: Logic, qualifier: str) -> tree.Library:
    """A library that is included, at whatever depth, by its name or its local name. Raises Invalid."""
    everything = libraries_of(logic.program.library)
    for each in everything:
        if qualifier in each.includes:
            return each.includes[qualifier]
    for each in everything:
        if each.name == qualifier:
            return each
    raise Invalid(f"{logic.name} includes no library {qualifier!r}.", code="not-found")
