"""ValueSet/$expand and ValueSet/$validate-code."""

from __future__ import annotations

from typing import Any

from bedside.api.messages import Request
from bedside.api.terminology.inputs import Inputs
from bedside.api.terminology.which import codings, value_set
from bedside.fhir.outcome import Invalid
from bedside.record.model import Resource
from bedside.record.record import Record
from bedside.terms.canonical import split
from bedside.terms.compose import NO_PINS, Pins
from bedside.terms.expand import Asked
from bedside.terms.expand import expand as written_out
from bedside.terms.validate import any_in_value_set, in_value_set

EXPAND = frozenset((
    "url", "valueSet", "valueSetVersion", "context", "contextDirection", "filter", "date", "offset", "count",
    "includeDesignations", "designation", "includeDefinition", "activeOnly", "excludeNested", "excludeNotForUI",
    "excludePostCoordinated", "displayLanguage", "exclude-system", "system-version", "check-system-version",
    "force-system-version",
))  # fmt: skip
VALIDATE = frozenset((
    "url", "context", "valueSet", "valueSetVersion", "code", "system", "systemVersion", "display", "coding",
    "codeableConcept", "date", "abstract", "displayLanguage",
))  # fmt: skip
_NOT_REPEATED = frozenset(("url", "valueSet", "valueSetVersion", "context", "contextDirection"))


def expand(record: Record, request: Request, inputs: Inputs) -> Resource:
    """R4 valueset-operation-expand.html. Flat, unless `excludeNested` is false; then there are no pages."""
    pins = _pins(inputs)
    kept = value_set(record, record.terminology.current(), request, inputs, pins)
    asked = Asked(
        filter=inputs.text("filter"),
        offset=inputs.whole("offset") or 0,
        count=inputs.whole("count"),
        include_designations=inputs.boolean("includeDesignations") or False,
        designation=inputs.texts("designation"),
        include_definition=inputs.boolean("includeDefinition") or False,
        active_only=inputs.boolean("activeOnly") or False,
        nested=inputs.boolean("excludeNested") is False,
        for_user_interface=inputs.boolean("excludeNotForUI") or False,
        display_language=inputs.language,
    )
    return written_out(kept.resource, kept.listed(), kept.used, asked, _echo(inputs))


def _pins(inputs: Inputs) -> Pins:
    system, check = _versions(inputs, "system-version"), _versions(inputs, "check-system-version")
    force, excluded = _versions(inputs, "force-system-version"), frozenset(inputs.texts("exclude-system"))
    return Pins(system, check, force, {}, excluded) if system or check or force or excluded else NO_PINS


def _versions(inputs: Inputs, name: str) -> dict[str, str]:
    found = {}
    for canonical in inputs.texts(name):
        url, version = split(canonical)
        if version is None:
            raise Invalid(f"`{name}` is a canonical with a version, `url|version`, not {canonical!r}.", code="value")
        found[url] = version
    return found


def _echo(inputs: Inputs) -> list[dict[str, Any]]:
    """The parameters that had a say in the expansion (ValueSet.expansion.parameter)."""
    found: list[dict[str, Any]] = []
    for name in sorted(EXPAND - _NOT_REPEATED):
        if name not in inputs:
            continue
        if name in ("offset", "count"):
            found.append({"name": name, "valueInteger": inputs.whole(name)})
        elif name.startswith(("include", "activeOnly", "excludeN", "excludeP")):
            found.append({"name": name, "valueBoolean": inputs.boolean(name)})
        elif "-system" in name or "system-" in name:
            found += [{"name": name, "valueUri": each} for each in inputs.texts(name)]
        else:
            found += [{"name": name, "valueString": each} for each in inputs.texts(name)]
    return found


def validate_code(record: Record, request: Request, inputs: Inputs) -> Resource:
    """R4 valueset-operation-validate-code.html. Where nobody can tell, the answer is an error and not `false`."""
    state = record.terminology.current()
    kept = value_set(record, state, request, inputs)
    system = inputs.text("system")
    url, version = split(system) if system else (None, None)
    wanted = codings(inputs, url, inputs.text("systemVersion") or version)
    abstract, language = inputs.boolean("abstract"), inputs.language
    if len(wanted) == 1:
        found = in_value_set(kept.name, kept.rule, state, wanted[0], abstract=abstract, language=language)
    else:
        found = any_in_value_set(kept.name, kept.rule, state, wanted, abstract=abstract, language=language)
    return found.parameters()
