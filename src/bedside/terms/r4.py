"""R4's own code systems, value sets and concept maps (hl7.fhir.r4.core 4.0.1), from compact package data.

`scripts/compile_r4.py` makes the data; each definition is read when it is first asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from bedside.fhir import json
from bedside.terms.canonical import choose
from bedside.terms.grammars import built_in
from bedside.terms.resource_system import ResourceSystem
from bedside.terms.systems import CodeSystem, Resource

_DATA = Path(__file__).parent / "data"
_FILES = {"CodeSystem": "code-systems.json", "ValueSet": "value-sets.json", "ConceptMap": "concept-maps.json"}
_decoder = msgspec.json.Decoder(dict[str, msgspec.Raw])  # here, so that no two threads make it at once


@cache
def _raw(kind: str) -> dict[str, msgspec.Raw]:
    return _decoder.decode((_DATA / _FILES[kind]).read_bytes())


def urls(kind: str) -> tuple[str, ...]:
    """The canonical URLs of all definitions of a type: CodeSystem, ValueSet or ConceptMap."""
    return tuple(_raw(kind))


@cache
def definition(kind: str, url: str) -> Mapping[str, Any] | None:
    """A definition as a resource without its prose; None when R4 has none. Do not change it."""
    raw = _raw(kind).get(url)
    return None if raw is None else {"resourceType": kind, **json.decode_object(bytes(raw))}


@cache
def _supplements(url: str) -> tuple[Resource, ...]:
    text = b'"supplements":"' + url.encode() + b'"'
    return tuple(
        found
        for each, raw in _raw("CodeSystem").items()
        if text in bytes(raw) and (found := definition("CodeSystem", each)) is not None
    )


@cache
def code_system(url: str) -> CodeSystem | None:
    """A code system of R4, or one that needs no content (UCUM, language tags, countries)."""
    grammar = built_in(url)
    if grammar is not None:
        return grammar
    found = definition("CodeSystem", url)
    return None if found is None else ResourceSystem(found, _supplements(url))


@cache
def system_of_value_set(url: str) -> str | None:
    """The code system whose `valueSet` is this URL."""
    text = b'"valueSet":"' + url.encode() + b'"'
    return next((each for each, raw in _raw("CodeSystem").items() if text in bytes(raw)), None)


class R4Source:
    """The definitions of R4 as a `Source`; for use on their own, and behind those of a record."""

    def code_system(self, url: str, version: str | None = None) -> CodeSystem | None:
        found = code_system(url)
        if found is None or not isinstance(found, ResourceSystem):
            return found  # a grammar has no versions of its own
        return choose([found], version, lambda each: each.version)

    def value_set(self, url: str, version: str | None = None) -> Resource | None:
        return self._definition("ValueSet", url, version)

    def concept_map(self, url: str, version: str | None = None) -> Resource | None:
        return self._definition("ConceptMap", url, version)

    def concept_maps(self) -> Iterable[Resource]:
        return [found for url in urls("ConceptMap") if (found := definition("ConceptMap", url)) is not None]

    def _definition(self, kind: str, url: str, version: str | None) -> Resource | None:
        found = definition(kind, url)
        if found is None or version in (None, found.get("version")):
            return found
        return None
