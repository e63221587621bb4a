"""FHIRPath asked of a record: of a patient, of each of a patient's resources of a type, or of any resource."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from bedside.ask.errors import BadQuestion, NoSubject
from bedside.ask.values import exact
from bedside.fhir import definitions
from bedside.questions.cql.world import Wanted
from bedside.questions.environment import Environment, Terminology
from bedside.questions.errors import QuestionError
from bedside.questions.expression import Expression, compile
from bedside.record.questions import RecordData

_FIRST_WORD = re.compile(r"[\s(]*([A-Z][A-Za-z]+)")


def environment(data: RecordData, terminology: Terminology, now: dt.datetime) -> Environment:
    """What an expression may ask of the record: references, value sets, the clock."""
    return Environment(references=data, terminology=terminology, now=lambda: now)


def type_of(expression: str) -> str | None:
    """The type of resource that an expression begins with; None when it begins with none."""
    match = _FIRST_WORD.match(expression)
    return match[1] if match is not None and definitions.is_resource_type(match[1]) else None


def of_patient(expression: str, data: RecordData, subject: tuple[str, str], around: Environment) -> list[Any]:
    """The items for a patient; one after the other for the patient's resources of the type that is named first."""
    kind, id_ = subject
    type_name = type_of(expression) or kind
    compiled = compiled_for(expression, type_name)
    if type_name == kind:
        resource = data.resolve(f"{kind}/{id_}")
        if resource is None:
            raise NoSubject(f"There is no {kind}/{id_} in the record.")
        return [exact(item) for item in compiled.nodes(resource, environment=around)]
    found: list[Any] = []
    for each in data.retrieve(Wanted(type_name, kind, id_)):
        found += (exact(item) for item in compiled.nodes(each, environment=around))
    return found


def of_resource(expression: str, resource: Mapping[str, Any] | None, around: Environment) -> list[Any]:
    """The items for one resource, or for nothing at all."""
    type_name = None if resource is None else str(resource.get("resourceType"))
    compiled = compiled_for(expression, type_name)
    return [exact(item) for item in compiled.nodes(resource, environment=around)]


def compiled_for(expression: str, type_name: str | None) -> Expression:
    """An expression, checked against the type that it will be asked of. Raises BadQuestion."""
    try:
        return compile(expression, context_type=type_name, strict=type_name is not None)
    except QuestionError as error:
        error.source = error.source or expression
        raise BadQuestion([error], "") from None


__all__ = ["compiled_for", "environment", "of_patient", "of_resource", "type_of"]
