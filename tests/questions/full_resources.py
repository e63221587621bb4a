"""Resources with every element filled, made from the definitions: what an expression over R4 must find something in.

A choice element has one type at a time and a code is one of several, so there are variants of a resource: variant n
uses the nth type of every choice and the nth code of every required binding (starting over where there are fewer).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from bedside.fhir.definitions import Element, element_codes, resource_types, type_definition

VARIANTS = 50
"""Extension.value has the most types, fifty."""

_SAMPLES: dict[str, Any] = {
    "base64Binary": "QmVkc2lkZQ==",
    "boolean": True,
    "canonical": "http://example.org/fhir/ValueSet/one|1",
    "code": "final",
    "date": "2020-02-29",
    "dateTime": "2020-02-29T10:30:00+01:00",
    "decimal": Decimal("7.20"),
    "id": "one",
    "instant": "2020-02-29T10:30:00.125+01:00",
    "integer": 3,
    "markdown": "*text*",
    "oid": "urn:oid:1.2.3",
    "positiveInt": 2,
    "string": "text",
    "time": "10:30:00",
    "unsignedInt": 1,
    "uri": "http://example.org/one",
    "url": "http://example.org/one",
    "uuid": "urn:uuid:c757873d-ec9a-4326-a141-556f43239520",
    "xhtml": '<div xmlns="http://www.w3.org/1999/xhtml">text</div>',
}
_RECURSIVE = frozenset({"extension", "modifierExtension", "contained"})


def full_resource(name: str, variant: int = 0, depth: int = 6) -> dict[str, Any]:
    """A resource of that type with every element down to a depth; repeating elements twice at the top."""
    return {"resourceType": name, **_object(name, variant, depth, top=True)}


def all_types() -> tuple[str, ...]:
    return resource_types()


def _object(name: str, variant: int, depth: int, *, top: bool = False) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for element in type_definition(name).elements.values():
        if element.name in _RECURSIVE or (element.name == "id" and not top):
            continue
        json, type_name = list(element.json_names.items())[variant % len(element.types)]
        value = _value(type_name, element, variant, depth)
        if value is None:
            continue
        found[json] = [value, value] if element.many and top else [value] if element.many else value
    return found


def _value(type_name: str, element: Element, variant: int, depth: int) -> Any:
    codes = element_codes(element) if type_name == "code" else None
    if codes:
        return sorted(codes)[variant % len(codes)]
    if type_name in _SAMPLES:
        return _SAMPLES[type_name]
    if depth <= 0:
        return None
    if type_name == "Resource":
        return {"resourceType": "Patient", "id": "inner", "active": True}
    if type_name == "Reference":
        target = element.targets[variant % len(element.targets)] if element.targets else "Patient"
        target = "Patient" if target == "Resource" else target
        return {"reference": f"{target}/1", "type": target, "display": "text"}
    return _object(type_name, variant, depth - 1)
