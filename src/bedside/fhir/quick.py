"""The quick half of `check`: says yes to nearly every valid resource in some ten microseconds, never explains.

For each type a table is built once from the definitions: JSON name -> a function that is truthy for a legal
value. Most entries are functions written in C: `dict.__getitem__` of the codes of a binding, of a table that
remembers the values it has seen (`_Seen`), or a compiled pattern. So one dictionary lookup and one call check
one property. (msgspec Structs were measured too: as fast, but they cannot see an empty object, two choices of
one element or a wrong reference target, and took longer to build.)

Anything out of the ordinary, legal or not, raises or returns something false; then `check` looks thoroughly.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from threading import RLock, local
from typing import Any

from bedside.fhir.bindings import (
    allows,
    currency_like,
    is_currency,
    reference_type,
    required_codings,
    satisfies,
)
from bedside.fhir.definitions import Element, element_codes, has_shadow, is_resource_type, type_definition
from bedside.fhir.formats import MAX_STRING, Test, formats
from bedside.fhir.references import references

FoundReference = tuple[dict[str, Any], tuple[str, ...]]
"""A Reference, the very dict that is in the resource, and the types it may lead to (empty: any)."""

_LIMIT = 8192
_LONGEST = 120
_DEEPEST = 50
"""So often may a type be met within itself (an item in an item); what lies deeper is looked at thoroughly."""


class NotPlain(Exception):
    """This value needs the thorough check."""


class _Seen(dict[str, bool]):
    """Values that passed a test before. Bounded: forgets everything when it is full."""

    def __init__(self, test: Test):
        super().__init__()
        self.test = test

    def __missing__(self, value: Any) -> bool:
        if not self.test(value):
            raise NotPlain
        if len(value) <= _LONGEST:
            if len(self) >= _LIMIT:
                self.clear()
            self[value] = True
        return True


def is_plain(resource: dict[str, Any]) -> bool:
    """True when a resource is certainly valid; False when it is invalid or unusual."""
    _seen_here.references = []
    _seen_here.depth = 0
    try:
        return bool(_RESOURCES[resource["resourceType"]](resource))
    except (NotPlain, LookupError, TypeError, AttributeError, ValueError, RecursionError):
        return False


def plain_references(resource: dict[str, Any]) -> list[FoundReference] | None:
    """Every Reference of a resource that is certainly valid, met while checking it; None when `is_plain` says no.

    The same that `references` finds, for nothing: a write needs both the check and the references.
    """
    if not is_plain(resource):
        return None
    if resource["resourceType"] in _HOLDERS:
        return [(link.value, link.element.targets) for link in references(resource)]
    return _seen_here.references


class _SeenHere(local):
    """What the check now running in this thread has met: References, and how often types within themselves."""

    def __init__(self) -> None:
        self.references: list[FoundReference] = []
        self.depth = 0


_seen_here = _SeenHere()
_HOLDERS = frozenset(("Bundle", "Parameters"))
"""What is in these keeps its references to itself."""


class _Resources(dict[str, Test]):
    """Resource type -> its test, built when first asked for; others see it when it is complete."""

    lock = RLock()

    def __missing__(self, name: str) -> Test:
        if not is_resource_type(name):
            raise NotPlain
        with self.lock:
            found = self[name] = _type_test(name)
        return found


_RESOURCES = _Resources()
_types: dict[str, Test] = {}
_primitives: dict[str, Test] = {}
_codes: dict[str, Test] = {}
_references: dict[tuple[str, ...], Test] = {}
_building: set[str] = set()


def _many(test: Test) -> Test:
    def check(values: Any) -> bool:
        if values.__class__ is not list or not values:
            raise NotPlain
        for value in values:
            if not test(value):
                raise NotPlain
        return True

    return check


def _primitive(name: str) -> Test:
    found = _primitives.get(name)
    if found is None:
        form = formats()[name]
        if name == "id":
            found = re.compile(type_definition("id").regex or "", re.ASCII).fullmatch
        elif name == "boolean":
            found = bool.__repr__  # a TypeError for anything else
        elif form.repeats:
            found = _Seen(form.test).__getitem__
        else:
            found = form.test
        _primitives[name] = found
    return found


def _any_resource(value: Any) -> Any:
    return _RESOURCES[value["resourceType"]](value)


def _contained(value: Any) -> Any:
    return "contained" not in value and _RESOURCES[value["resourceType"]](value)


def _element_test(element: Element, name: str) -> Test:
    """The test for one value of `element` under the type `name`."""
    if name == "Resource":
        return _contained if element.name == "contained" else _any_resource
    if name == "code":
        if is_currency(element):
            return _Seen(lambda value: value.__class__ is str and currency_like(value)).__getitem__
        allowed = element_codes(element)
        if allowed is not None and element.binding is not None:
            url = element.binding.value_set
            return _codes.setdefault(url, dict.fromkeys(allowed, True).__getitem__)
    elif name == "Reference":
        return _reference_test(element.targets)
    elif name == "CodeableConcept" and (wanted := required_codings(element)):
        concept = _type_test(name)
        return lambda value: concept(value) and satisfies(value, wanted)
    elif name == "Quantity" and element.simple_quantity:
        quantity = _type_test(name)
        return lambda value: quantity(value) and "comparator" not in value
    return _primitive(name) if name in formats() else _type_test(name)


def _type_test(name: str) -> Test:
    """The test for an object of a complex type, built once; types may contain each other.

    A type that is still being built is met again on the way from itself to itself: there depth is counted.
    """
    found = _types.get(name)
    if found is None:
        build = _Build(name)
        found = _types[name] = build.test
        _building.add(name)
        build.fill()
        _building.discard(name)
        return found
    return _bounded(found) if name in _building else found


def _bounded(test: Test) -> Test:
    def check(value: Any) -> Any:
        seen = _seen_here
        seen.depth += 1
        if seen.depth > _DEEPEST:
            raise NotPlain
        answer = test(value)
        seen.depth -= 1
        return answer

    return check


class _Build:
    """The tables of one type, and the test that reads them.

    The test is there before the tables are full, because a type may hold itself (an item has items). It is
    one of four functions, so that a type without choices or required elements does not pay for them.
    """

    test: Callable[[Any], Any]

    def __init__(self, name: str):
        self.definition = type_definition(name)
        self.table: dict[str, Test] = {}
        self.choices: dict[str, tuple[Test, int]] = {}
        self.required: list[str] = []
        self.required_choices = 0
        elements = self.definition.elements.values()
        if name == "Extension":
            self.test = self._extension()
        elif any(e.choice for e in elements):
            self.test = self._with_choices()
        elif any(e.min for e in elements):
            self.test = self._with_required()
        else:
            self.test = self._simple()

    def fill(self) -> None:
        if self.definition.kind == "resource":
            self.table["resourceType"] = {self.definition.name: True}.__getitem__
        for position, element in enumerate(self.definition.elements.values()):
            bit = 1 << position
            if element.min and element.choice:
                self.required_choices |= bit
            elif element.min:
                self.required.append(element.name)
            for json_name, type_name in element.json_names.items():
                test = _element_test(element, type_name)
                if element.choice:
                    self.choices[json_name] = (test, bit)
                elif element.many:
                    self.table[json_name] = _many(test)
                else:
                    self.table[json_name] = test
                    if has_shadow(element, type_name):  # in an array shadows are padded, which is not plain
                        self.table["_" + json_name] = _type_test("Element")

    def _simple(self) -> Test:
        table = self.table

        def check(value: Any) -> Any:
            for key, item in value.items():
                if not table[key](item):
                    raise NotPlain
            return len(value)

        return check

    def _with_required(self) -> Test:
        table, required = self.table, self.required

        def check(value: Any) -> Any:
            for key, item in value.items():
                if not table[key](item):
                    raise NotPlain
            for key in required:
                if key not in value:
                    raise NotPlain
            return True

        return check

    def _with_choices(self) -> Test:
        table, choices, required, build = self.table, self.choices, self.required, self

        def check(value: Any) -> Any:
            seen = 0
            for key, item in value.items():
                test = table.get(key)
                if test is None:
                    test, bit = choices[key]
                    if seen & bit:
                        raise NotPlain
                    seen |= bit
                if not test(item):
                    raise NotPlain
            for key in required:
                if key not in value:
                    raise NotPlain
            return len(value) and not build.required_choices & ~seen

        return check

    def _extension(self) -> Test:
        """An extension has a URL, and either one value or extensions of its own (ext-1)."""
        table, choices = self.table, self.choices

        def check(value: Any) -> Any:
            values = 0
            for key, item in value.items():
                test = table.get(key)
                if test is None:
                    test = choices[key][0]
                    values += 1
                elif key == "extension":
                    values += 1
                if not test(item):
                    raise NotPlain
            return values == 1 and "url" in value

        return check


def _reference_test(targets: tuple[str, ...]) -> Test:
    """The test for a Reference that may only lead to `targets`."""
    found = _references.get(targets)
    if found is not None:
        return _bounded(found)
    table: dict[str, Test] = {}

    def parts(value: Any) -> Any:
        for key, item in value.items():
            if not table[key](item):
                raise NotPlain
        return len(value)

    def check(value: Any) -> Any:
        _seen_here.references.append((value, targets))
        try:
            return parts(value)
        except KeyError:  # rarely, it says its type
            name = value["type"]
            untyped = {key: item for key, item in value.items() if key != "type"}
            named = reference_type(value["reference"]) if "reference" in value else None
            return kind(name) and named in (None, name) and (not untyped or parts(untyped))

    _references[targets] = check
    for key, (element, name) in type_definition("Reference").properties.items():
        test = _element_test(element, name)
        table[key] = _many(test) if element.many else test
        if has_shadow(element, name):
            table["_" + key] = _type_test("Element")

    def literal(value: Any) -> bool:
        return value.__class__ is str and len(value) <= MAX_STRING and allows(targets, reference_type(value))

    def kind(value: Any) -> bool:
        return value.__class__ is str and type_definition(value).kind == "resource" and allows(targets, value)

    table["reference"] = _Seen(literal).__getitem__
    del table["type"], table["_type"]
    return check
