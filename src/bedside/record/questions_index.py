"""Which index of the record answers what a question asks: the codes of an element, the members of a compartment.

All of it follows from the definitions and the registry of search parameters, so it is worked out once for each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from bedside.fhir import definitions
from bedside.questions.tree import As, FunctionRef, IdentifierRef, NamedTypeSpecifier, Node, Property
from bedside.record.parameters import Registry
from bedside.record.search.compartment import parameters_of
from bedside.record.search.context import Lookups

_DATED = frozenset(("date", "dateTime", "instant", "Period", "Timing"))
"""The types that a date parameter indexes."""


class CodeIndex(NamedTuple):
    """The numbers of the `token` rows that hold all codes of an element, and whether those have no system.

    `plain` is true for an element of type `code`, whose rows do not repeat its code system.
    """

    numbers: tuple[int, ...]
    plain: bool


@dataclass(slots=True)
class Catalogue:
    """What stays true between questions of one record, for one registry of search parameters.

    `texts` are the systems behind the numbers in `token` rows, and `lookups` the numbers behind systems. Both only
    grow, so threads may share a catalogue.
    """

    registry: Registry
    lookups: Lookups = field(default_factory=Lookups)
    texts: dict[int, str | None] = field(default_factory=lambda: {0: ""})
    _codes: dict[tuple[str, str], CodeIndex | None] = field(default_factory=dict)
    _members: dict[tuple[str, str], tuple[int, ...] | None] = field(default_factory=dict)

    def code_index(self, type_name: str, path: str) -> CodeIndex | None:
        """Where the codes of `Observation` / `code` lie; None when no search parameter covers just that element."""
        key = (type_name, path)
        if key not in self._codes:
            self._codes[key] = _code_index(self.registry, type_name, path)
        return self._codes[key]

    def members(self, context_type: str, type_name: str) -> tuple[int, ...] | None:
        """The numbers of the `ref` rows by which a type belongs to a compartment (R4 compartmentdefinition.html).

        None for a type that is never part of one: it is everybody's, as CQL says of types without a relationship to
        the context.
        """
        key = (context_type, type_name)
        if key not in self._members:
            numbers = [tp for p in parameters_of(self.registry, context_type, type_name) for tp in p.storage]
            self._members[key] = tuple(dict.fromkeys(numbers)) or None
        return self._members[key]

    def date_index(self, type_name: str, path: str) -> tuple[int, ...]:
        """The numbers of the `date` rows of an element; empty when no search parameter covers just that element, or
        when it may be something that is not indexed as a date (`Condition.onset` may be an age)."""
        element = definitions.type_definition(type_name).elements.get(path)
        if element is None or not set(element.types) <= _DATED:
            return ()
        for parameter in self.registry.for_type(type_name).values():
            if parameter.type == "date" and parameter.storage and not parameter.custom:
                paths = {element_of(arm.path, type_name) for arm in parameter.arms}
                if paths == {path}:
                    return parameter.storage
        return ()


def element_of(path: Node, type_name: str) -> str | None:
    """`Observation.code` -> `code`, `(Observation.value as CodeableConcept)` -> `value`; None for what is not just
    an element of the resource."""
    if isinstance(path, As):
        path = path.operand
    match path:
        case FunctionRef(name="as" | "ofType", source=Node() as source, operand=(NamedTypeSpecifier(),)):
            path = source
    match path:
        case Property(source=IdentifierRef(name=root), path=name) if root == type_name:
            return name
    return None


def _code_index(registry: Registry, type_name: str, path: str) -> CodeIndex | None:
    element = definitions.type_definition(type_name).elements.get(path)
    if element is None or not {"CodeableConcept", "Coding", "code"}.intersection(element.types):
        return None
    if "code" in element.types and len(element.types) > 1:
        return None
    for parameter in registry.for_type(type_name).values():
        if parameter.type != "token" or parameter.custom or not parameter.storage:
            continue
        if {element_of(arm.path, type_name) for arm in parameter.arms} == {path}:
            return CodeIndex(parameter.storage, element.types == ("code",))
    return None


def codings(resource: dict[str, Any], path: str) -> Iterator[tuple[str | None, str]]:
    """System and code of each coding at a path (`statusReason`, `diagnosis.use`), for elements without an index.

    The system of an element of type `code` is None, that of a coding which leaves it out is empty. A choice element is
    found under the name of any of its types.
    """
    found: list[Any] = [resource]
    for step in path.split("."):
        after: list[Any] = []
        for each in found:
            if isinstance(each, dict):
                value = next(
                    (each[name] for name in (step, f"{step}CodeableConcept", f"{step}Coding") if name in each), None
                )
                after += value if isinstance(value, list) else [] if value is None else [value]
        found = after
    for each in found:
        if isinstance(each, str):
            yield None, each
        elif isinstance(each, dict):
            for coding in each.get("coding", ()) if "coding" in each else (each,):
                if isinstance(code := coding.get("code"), str):
                    yield coding.get("system", ""), code
