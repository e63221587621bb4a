"""Which value set, code system and version a request is about."""

from __future__ import annotations

import datetime as dt
from typing import Any

from bedside.api.messages import Request
from bedside.api.service import present
from bedside.api.terminology.inputs import Inputs
from bedside.fhir import definitions
from bedside.fhir.outcome import Invalid, NotFound, NotSupported
from bedside.record.record import Record
from bedside.record.terminology import State, ValueSet
from bedside.terms.canonical import joined, split
from bedside.terms.compose import NO_PINS, Pins
from bedside.terms.errors import UnknownDefinition
from bedside.terms.resource_system import ResourceSystem
from bedside.terms.systems import CodeSystem
from bedside.terms.validate import Coding

_STRUCTURE = "http://hl7.org/fhir/StructureDefinition/"


def value_set(record: Record, state: State, request: Request, inputs: Inputs, pins: Pins = NO_PINS) -> ValueSet:
    """By the instance that is asked, `url` (with `valueSetVersion`), `context`, or as it is given (`valueSet`).

    Raises NotFound (404) for one that is not known, Invalid when it is not said which.
    """
    refuse_past(inputs)
    if request.id:
        stored = present(record.read("ValueSet", request.id), "ValueSet", request.id)
        return state.stored(stored.resource, pins)
    given = inputs.json("valueSet")
    if given is not None:
        if given.get("resourceType") != "ValueSet":
            raise Invalid("The parameter `valueSet` is a ValueSet.", code="structure")
        return state.given(given, pins)
    url, version = split(inputs.text("url") or "")
    if not url and (context := inputs.text("context")):
        url = of_context(context)
    if not url:
        raise Invalid("Say which value set is meant: give `url`, `valueSet` or `context`.", code="required")
    return state.find(joined(url, inputs.text("valueSetVersion") or version), pins)


def of_context(context: str) -> str:
    """The value set that R4 binds an element to, given as `[StructureDefinition]#[path]` or as a path."""
    before, mark, path = context.partition("#")
    path = path if mark else before.removeprefix(_STRUCTURE)
    holder, _, name = path.removesuffix("[x]").rpartition(".")
    try:
        binding = definitions.type_definition(holder).elements[name].binding if holder else None
    except KeyError:
        binding = None
    if binding is None:
        raise NotFound(f"No element {context} with a binding to a value set is known here.")
    return binding.value_set


def code_system(record: Record, state: State, request: Request, inputs: Inputs, named: str | None) -> CodeSystem:
    """By the instance that is asked, as it is given (`codeSystem`), or by `named` with `version`."""
    refuse_past(inputs)
    if request.id:
        stored = present(record.read("CodeSystem", request.id), "CodeSystem", request.id)
        return ResourceSystem(stored.resource)
    given = inputs.json("codeSystem")
    if given is not None:
        if given.get("resourceType") != "CodeSystem":
            raise Invalid("The parameter `codeSystem` is a CodeSystem.", code="structure")
        return ResourceSystem(given)
    if not named:
        raise Invalid("Say which code system is meant.", code="required")
    url, version = split(named)
    return known_system(state, url, inputs.text("version") or version)


def known_system(state: State, url: str, version: str | None) -> CodeSystem:
    """The system. UnknownDefinition (404) when it is not known, with the version that is."""
    found = state.code_system(url, version)
    if found is None:
        other = None if version is None else state.code_system(url)
        known = "" if other is None else f" What is known is version {other.version or 'unnumbered'}."
        raise UnknownDefinition(f"No code system {joined(url, version)} is known here.{known}")
    return found


def codings(inputs: Inputs, system: str | None, version: str | None) -> list[Coding]:
    """What is to be validated or translated: `code`, `coding` or `codeableConcept`, one of them."""
    code, coding, concept = inputs.text("code"), inputs.coding("coding"), inputs.json("codeableConcept")
    if (code is not None) + (coding is not None) + (concept is not None) != 1:
        raise Invalid("Give one of `code`, `coding` and `codeableConcept`.", code="required")
    if coding is not None:
        return [coding]
    if code is not None:
        return [Coding(system, code, version, inputs.text("display"))]
    listed: list[dict[str, Any]] = (concept or {}).get("coding", [])
    return [
        Coding(each.get("system"), each["code"], each.get("version"), each.get("display"))
        for each in listed
        if each.get("code")
    ]


def refuse_past(inputs: Inputs) -> None:
    """Definitions are those of now. Asking for an earlier day is refused rather than answered as of today."""
    date = inputs.text("date")
    if date is None:
        return
    today = dt.datetime.now(dt.UTC).date().isoformat()
    if not date[:4].isdecimal() or len(date) < 4:
        raise Invalid(f"{date!r} is not a date.", code="value")
    if date[:10] < today[: len(date[:10])]:
        raise NotSupported("Definitions are used as they are today; name versions to go back.")
