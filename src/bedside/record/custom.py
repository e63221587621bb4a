"""Search parameters that a hospital adds: SearchParameter resources that become searchable without a restart.

An active SearchParameter gets a number in the `parameter` table. From that commit on every writer, in any process,
writes its rows (a generation in `setting` tells them to look); the keeper (keeper.py) then indexes what was there
before, and only when all is indexed can it be searched. A code that R4 defines for the type
keeps its standard meaning, so implementation guides that restate it may be loaded.
"""

from __future__ import annotations

from bedside.fhir import definitions, json
from bedside.fhir.outcome import Issue, Unprocessable
from bedside.fhir.schema import SearchParameter
from bedside.questions.errors import QuestionError
from bedside.questions.parser import parse
from bedside.record.errors import StoreBusy
from bedside.record.model import Resource
from bedside.record.parameters import SPECIAL, Custom, Registry
from bedside.record.session import Session

TYPES = ("number", "date", "string", "token", "reference", "quantity", "uri")
REINDEX = "reindex"
"""The setting that is there while the whole index is being rebuilt: the last resource that is done."""


def generation(session: Session) -> int:
    """Rises each time the set of custom parameters changes. Raises StoreBusy while the index is being rebuilt."""
    found: dict[str, str] = dict(session.rows("SELECT key, value FROM setting WHERE key IN ('registry', 'reindex')"))
    if REINDEX in found:
        raise StoreBusy("The record's index is being rebuilt; reading by id works, searching and writing must wait.")
    return int(found.get("registry", 0))


def load_registry(session: Session) -> Registry:
    """The registry with every custom parameter that the record has."""
    rows = session.rows("SELECT number, type, definition, state FROM parameter WHERE state<>'retired' ORDER BY number")
    found = Registry(
        Custom(Registry.slot_of(number), type_name, _definition(json.decode(text)), state == "ready")
        for number, type_name, text, state in rows
    )
    rows = session.rows("SELECT value FROM setting WHERE key='registry'")
    found.generation = int(rows[0][0]) if rows else 0
    return found


def _definition(found: Resource) -> SearchParameter:
    return SearchParameter(
        url=found["url"],
        name=found["name"],
        code=found["code"],
        type=found["type"],
        base=tuple(found["base"]),
        expression=found["expression"],
        target=tuple(found.get("target", ())),
    )


def validate(resource: Resource) -> None:
    """Refuse an active SearchParameter that could not be indexed. Raises Unprocessable with every reason."""
    if resource.get("status") != "active" or not wanted_types(resource):
        return
    issues = []
    if resource["type"] not in TYPES:
        problem = f"Custom parameters of type {resource['type']} are not supported; use one of {', '.join(TYPES)}."
        issues.append(Issue("error", "not-supported", "SearchParameter.type", problem))
    expression = resource.get("expression")
    if not expression:
        problem = "An active search parameter needs an expression to find its values by."
        issues.append(Issue("error", "required", "SearchParameter.expression", problem))
    else:
        try:
            parse(expression)
        except QuestionError as error:
            issues.append(Issue("error", "value", "SearchParameter.expression", str(error)))
    if issues:
        raise Unprocessable(issues)


def wanted_types(resource: Resource) -> list[str]:
    """The types for which this resource defines a code that R4 does not."""
    found = []
    for base in resource.get("base", ()):
        names = definitions.resource_types() if base in ("Resource", "DomainResource") else (base,)
        for name in names:
            if resource["code"] not in definitions.search_parameters_for(name) and resource["code"] not in SPECIAL:
                found.append(name)
    return found
