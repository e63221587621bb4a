"""The filters of a value set, on a code system whose concepts are at hand
(https://hl7.org/fhir/R4/valueset.html#compositions, http://hl7.org/fhir/filter-operator)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol

from bedside.terms.concepts import Concept, Filter, Property
from bedside.terms.errors import Unresolved
from bedside.terms.patterns import compiled
from bedside.terms.systems import Codes, Matching

_CODE = frozenset(("concept", "code"))
_HIERARCHY = frozenset(("is-a", "descendent-of", "is-not-a", "generalizes"))
_BUILT_IN = frozenset((*_CODE, "display", "definition", "parent", "child", "inactive", "notSelectable", "status"))
_DEFAULTS = {"inactive": "false", "notSelectable": "false"}
"""What a concept has that does not say (http://hl7.org/fhir/concept-properties)."""


class Filterable(Protocol):
    """What filters need of a system."""

    @property
    def url(self) -> str: ...
    @property
    def known_properties(self) -> frozenset[str]: ...
    @property
    def used_properties(self) -> frozenset[str]: ...
    def find(self, code: str) -> Concept | None: ...
    def __iter__(self) -> Iterator[Concept]: ...
    def ancestors(self, code: str) -> frozenset[str]: ...
    def descendants(self, code: str) -> frozenset[str]: ...


def select(system: Filterable, wanted: Filter) -> Codes:
    """The codes of a system that fulfil one filter.

    Raises Unresolved for a property that the system does not have, a code that it does not have, and an operation that
    means nothing here: an empty set would be an answer, and a wrong one.
    """
    if wanted.op in _HIERARCHY:
        if wanted.property not in _CODE:
            raise Unresolved(f"{wanted.op} asks about concepts, not about the property {wanted.property}.")
        return _hierarchy(system, wanted)
    if (
        wanted.property not in _BUILT_IN
        and wanted.property not in system.known_properties
        and wanted.property not in system.used_properties
    ):
        raise Unresolved(f"{system.url} has no property {wanted.property!r} to filter by.")
    holds = _value_test(wanted)
    values = _values_of(wanted.property)
    return _listed(system, lambda concept: holds(values(concept)))


def _listed(system: Filterable, holds: Callable[[Concept], bool]) -> Codes:
    return dict.fromkeys(concept.code for concept in system if holds(concept))


def _hierarchy(system: Filterable, wanted: Filter) -> Codes:
    anchor = system.find(wanted.value)
    if anchor is None:
        raise Unresolved(f"{system.url} has no code {wanted.value!r}, which a filter {wanted.op} starts from.")
    if wanted.op == "generalizes":
        found = system.ancestors(anchor.code) | {anchor.code}
    else:
        found = system.descendants(anchor.code)
        if wanted.op != "descendent-of":
            found |= {anchor.code}
        if wanted.op == "is-not-a":
            below = found
            return Matching(lambda code: code not in below and system.find(code) is not None, lambda: _codes(system))
    chosen = found
    return Matching(lambda code: code in chosen, lambda: _in_order(system, chosen))


def _in_order(system: Filterable, chosen: frozenset[str]) -> Iterator[str]:
    if len(chosen) == 1:
        return iter(chosen)
    return (concept.code for concept in system if concept.code in chosen)


def _codes(system: Filterable) -> Iterator[str]:
    return (concept.code for concept in system)


Values = Callable[[Concept], tuple[str, ...]]


def _values_of(name: str) -> Values:
    """How to read a property off a concept, as text."""
    if name in _CODE:
        return lambda concept: (concept.code,)
    if name == "display":
        return lambda concept: () if concept.display is None else (concept.display,)
    if name == "definition":
        return lambda concept: () if concept.definition is None else (concept.definition,)
    if name == "parent":
        return lambda concept: concept.parents
    if name == "child":
        return lambda concept: concept.children
    default = _DEFAULTS.get(name)
    if default is None:
        return lambda concept: tuple(_text(p) for p in concept.properties if p.code == name)
    return lambda concept: tuple(_text(p) for p in concept.properties if p.code == name) or (default,)


def _text(found: Property) -> str:
    value: Any = found.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return str(value.get("code", ""))  # a Coding is compared by its code
    return str(value)


def _value_test(wanted: Filter) -> Callable[[tuple[str, ...]], bool]:
    value = wanted.value
    match wanted.op:
        case "=":
            return lambda found: value in found
        case "in":
            listed = frozenset(part.strip() for part in value.split(","))
            return lambda found: any(each in listed for each in found)
        case "not-in":
            refused = frozenset(part.strip() for part in value.split(","))
            return lambda found: not any(each in refused for each in found)
        case "exists":
            if value not in ("true", "false"):
                raise Unresolved(f"A filter `exists` takes true or false, not {value!r}.")
            present = value == "true"
            return lambda found: bool(found) == present
        case "regex":
            pattern = compiled(value)
            return lambda found: any(pattern.fullmatch(each) is not None for each in found)
    raise Unresolved(f"The filter operation {wanted.op!r} is not one of R4's.")
