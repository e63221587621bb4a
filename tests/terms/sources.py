"""Definitions for tests of terminology: a `Source` over resources at hand, with those of R4 behind them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bedside.terms import implicit
from bedside.terms.canonical import choose
from bedside.terms.r4 import R4Source
from bedside.terms.resource_system import ResourceSystem
from bedside.terms.systems import CodeSystem

Resource = dict[str, Any]


class Shelf:
    """A `Source` of a few resources."""

    def __init__(self, *resources: Resource) -> None:
        self.resources = list(resources)
        self._r4 = R4Source()

    def _of(self, kind: str, url: str, version: str | None) -> Resource | None:
        found = [r for r in self.resources if r["resourceType"] == kind and r.get("url") == url]
        found = [r for r in found if r.get("content") != "supplement"]
        return choose(found, version, lambda each: each.get("version"))

    def code_system(self, url: str, version: str | None = None) -> CodeSystem | None:
        found = self._of("CodeSystem", url, version)
        if found is None:
            return self._r4.code_system(url, version)
        return ResourceSystem(found, [r for r in self.resources if r.get("supplements") == url])

    def value_set(self, url: str, version: str | None = None) -> Any:
        return self._of("ValueSet", url, version) or self._r4.value_set(url, version) or implicit.definition(url)

    def concept_map(self, url: str, version: str | None = None) -> Any:
        return self._of("ConceptMap", url, version) or self._r4.concept_map(url, version)

    def concept_maps(self) -> Iterable[Any]:
        return [r for r in self.resources if r["resourceType"] == "ConceptMap"]


def code_system(url: str, *concepts: Any, **more: Any) -> Resource:
    """A complete system; a concept is a code or a concept element."""
    listed = [{"code": each} if isinstance(each, str) else each for each in concepts]
    return {
        "resourceType": "CodeSystem",
        "url": url,
        "status": "active",
        "content": "complete",
        "concept": listed,
        **more,
    }


def value_set(url: str, *include: Resource, exclude: Iterable[Resource] = (), **more: Any) -> Resource:
    compose: Resource = {"include": list(include)}
    if exclude:
        compose["exclude"] = list(exclude)
    compose |= more.pop("compose", {})
    return {"resourceType": "ValueSet", "url": url, "status": "active", "compose": compose, **more}


def filtered(system: str, name: str, op: str, value: str) -> Resource:
    return {"system": system, "filter": [{"property": name, "op": op, "value": value}]}


def codes(*listed: str, system: str) -> Resource:
    return {"system": system, "concept": [{"code": code} for code in listed]}
