"""Search parameters that a hospital adds: SearchParameter resources that become part of the registry."""

from __future__ import annotations

from bedside.fhir import json
from bedside.fhir.schema import SearchParameter
from bedside.record.parameters import Custom, Registry
from bedside.record.session import Session


def load_registry(session: Session) -> Registry:
    """The registry with every custom parameter that the record has."""
    rows = session.rows(
        "SELECT number, type, definition, state FROM parameter WHERE state <> 'retired' ORDER BY number"
    )
    return Registry(
        Custom(number % 1024 // 4, type_name, _definition(text), state == "ready")
        for number, type_name, text, state in rows
    )


def _definition(text: str) -> SearchParameter:
    found = json.decode(text)
    return SearchParameter(
        url=found["url"],
        name=found["name"],
        code=found["code"],
        type=found["type"],
        base=tuple(found["base"]),
        expression=found["expression"],
        target=tuple(found.get("target", ())),
    )
