"""A code system whose content is in CodeSystem resources: its own and the supplements to it
(https://hl7.org/fhir/R4/codesystem.html)."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from bedside.terms.concepts import INACTIVE, Concept, Designation, Filter, Property
from bedside.terms.filters import select
from bedside.terms.systems import Codes, Content, Resource

_REMEMBERED = 64
"""So many sets of descendants, which may be large, are kept."""
_MOST_ABOVE = 20_000
"""So many sets of ancestors, which are small, are kept."""
_STANDARD = "http://hl7.org/fhir/concept-properties#"
_PARENT, _CHILD, _ABSTRACT, _INACTIVE, _STATUS = "parent", "child", "notSelectable", "inactive", "status"
# What a property means is told by its URI; many systems give only these codes (subsumedBy is that of v3).
_MEANINGS = {"parent": _PARENT, "subsumedBy": _PARENT, "child": _CHILD, "notSelectable": _ABSTRACT,
             "abstract": _ABSTRACT, "inactive": _INACTIVE, "status": _STATUS}  # fmt: skip


class _Raw:
    """A concept while it is read: hierarchy may be told from both ends, and twice.

    What most concepts lack is an empty tuple; a hundred thousand of them are made at once.
    """

    __slots__ = ("children", "designations", "json", "parents", "properties")

    def __init__(self, json: Mapping[str, Any]) -> None:
        self.json = json
        self.parents: list[str] | tuple[()] = ()
        self.children: list[str] | tuple[()] = ()
        self.designations: Sequence[Designation] = json.get("designation", ())
        self.properties: Sequence[Property] = _properties(json["property"]) if "property" in json else ()


class ResourceSystem:
    """A CodeSystem resource as a `CodeSystem`. `supplements` are the resources that add to it."""

    def __init__(self, resource: Resource, supplements: Iterable[Resource] = ()) -> None:
        self.url: str = resource.get("url", "")
        self.version: str | None = resource.get("version")
        self.name: str | None = resource.get("title") or resource.get("name")
        self.content: Content = resource.get("content", "not-present")
        self.case_sensitive: bool = resource.get("caseSensitive", True) is not False
        self.value_set: str | None = resource.get("valueSet")
        self.language: str | None = resource.get("language")
        self.hierarchy: str | None = resource.get("hierarchyMeaning")
        self.supplements = tuple(supplements)
        self.known_properties: frozenset[str] = frozenset(
            p["code"] for part in (resource, *self.supplements) for p in part.get("property", ())
        )
        self._meanings = _meanings([resource, *self.supplements])
        with _collector_at_rest():
            self._concepts = self._read(resource)

    def __len__(self) -> int:
        return len(self._concepts)

    def __iter__(self) -> Iterator[Concept]:
        return iter(self._concepts.values())

    def find(self, code: str) -> Concept | None:
        found = self._concepts.get(code)
        if found is None and not self.case_sensitive:
            found = self._folded.get(code.casefold())
        return found

    def select(self, wanted: Filter) -> Codes:
        return select(self, wanted)

    def subsumes(self, general: str, special: str) -> bool | None:
        """R4 codesystem-operation-subsumes.html. A hierarchy of parts says nothing about it."""
        upper, lower = self.find(general), self.find(special)
        if upper is None or lower is None:
            return None
        if upper.code == lower.code:
            return True
        if self.hierarchy == "part-of":
            return None
        if upper.code in self.ancestors(lower.code):
            return True
        return False if self.content == "complete" else None

    def ancestors(self, code: str) -> frozenset[str]:
        found = self._above.get(code)
        if found is None:
            if len(self._above) >= _MOST_ABOVE:
                self._above.clear()
            found = self._above[code] = self._closure(code, up=True)
        return found

    def descendants(self, code: str) -> frozenset[str]:
        found = self._below.get(code)
        if found is None:
            if len(self._below) >= _REMEMBERED:
                self._below.clear()
            found = self._below[code] = self._closure(code, up=False)
        return found

    @cached_property
    def has_hierarchy(self) -> bool:
        return any(concept.parents for concept in self)

    @cached_property
    def used_properties(self) -> frozenset[str]:
        """Codes of the properties that some concept has, declared or not."""
        return frozenset(p.code for concept in self for p in concept.properties)

    @cached_property
    def _folded(self) -> dict[str, Concept]:
        return {code.casefold(): concept for code, concept in self._concepts.items()}

    @cached_property
    def _above(self) -> dict[str, frozenset[str]]:
        return {}

    @cached_property
    def _below(self) -> dict[str, frozenset[str]]:
        return {}

    def _closure(self, code: str, *, up: bool) -> frozenset[str]:
        """Everything above or below a code. A code that a cycle leads back to is not among them."""
        seen = {code}
        waiting = [code]
        while waiting:
            concept = self._concepts.get(waiting.pop())
            if concept is not None:
                for each in concept.parents if up else concept.children:
                    if each not in seen:
                        seen.add(each)
                        waiting.append(each)
        seen.remove(code)
        return frozenset(seen)

    def _read(self, resource: Resource) -> dict[str, Concept]:
        raw: dict[str, _Raw] = {}
        _gather(resource.get("concept", ()), None, raw)
        for supplement in self.supplements:
            more: dict[str, _Raw] = {}
            _gather(supplement.get("concept", ()), None, more)
            for code, each in more.items():
                if code in raw:
                    added = list(each.designations)
                    if each.json.get("display"):
                        addition = {"value": each.json["display"]}
                        if supplement.get("language"):
                            addition["language"] = supplement["language"]
                        added.append(addition)
                    raw[code].designations = (*raw[code].designations, *added)
                    raw[code].properties = (*raw[code].properties, *each.properties)
        meanings = self._meanings
        for code, each in raw.items():
            for p in each.properties:
                meaning = meanings.get(p.code)
                if meaning == _PARENT and isinstance(p.value, str) and p.value in raw:
                    _join(raw, p.value, code)
                elif meaning == _CHILD and isinstance(p.value, str) and p.value in raw:
                    _join(raw, code, p.value)
        return {code: self._made(code, each) for code, each in raw.items()}

    def _made(self, code: str, raw: _Raw) -> Concept:
        abstract = inactive = False
        for p in raw.properties:
            meaning = self._meanings.get(p.code)
            if meaning == _ABSTRACT:
                abstract = abstract or p.value is True
            elif meaning == _INACTIVE:
                inactive = inactive or p.value is True
            elif meaning == _STATUS:
                inactive = inactive or p.value in INACTIVE
        return Concept(
            code,
            raw.json.get("display"),
            abstract,
            inactive,
            raw.json.get("definition"),
            tuple(raw.designations),
            tuple(raw.properties),
            _once(raw.parents),
            _once(raw.children),
        )


def _join(raw: Mapping[str, _Raw], parent: str, child: str) -> None:
    above, below = raw[parent], raw[child]
    above.children = _more(above.children, child)
    below.parents = _more(below.parents, parent)


def _more(found: list[str] | tuple[()], code: str) -> list[str]:
    if isinstance(found, tuple):
        return [code]
    found.append(code)
    return found


def _once(found: list[str] | tuple[()]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found)) if len(found) > 1 else tuple(found)


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """A hundred thousand objects that all stay need no looking for garbage in between: half the time of reading."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _gather(concepts: Sequence[Mapping[str, Any]], parent: str | None, into: dict[str, _Raw]) -> None:
    """Read nested concepts, parents before children. A code that comes again adds a place in the hierarchy."""
    stack = [(each, parent) for each in reversed(concepts)]
    while stack:
        json, above = stack.pop()
        code = json.get("code")
        if not code:
            continue
        raw = into.get(code)
        if raw is None:
            raw = into[code] = _Raw(json)
        if above is not None:
            _join(into, above, code)
        if "concept" in json:
            stack += [(each, code) for each in reversed(json["concept"])]


def _properties(properties: Sequence[Mapping[str, Any]]) -> list[Property]:
    found = []
    for each in properties:
        for key, value in each.items():
            if key.startswith("value"):
                found.append(Property(each.get("code", ""), value, key[5:]))
    return found


def _meanings(resources: Iterable[Resource]) -> dict[str, str]:
    """Property code -> what it means to the hierarchy and the state of a concept."""
    found = dict(_MEANINGS)
    for resource in resources:
        for each in resource.get("property", ()):
            uri = each.get("uri", "")
            if uri.startswith(_STANDARD):
                found[each["code"]] = _MEANINGS.get(uri.removeprefix(_STANDARD), "")
    return found
