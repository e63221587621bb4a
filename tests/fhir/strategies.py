"""Hypothesis strategies for valid R4 resources of any type, made from the definitions.

    from fhir.strategies import resources

    @given(resources())                      # any type
    @given(resources("Observation", "Patient"))

What is generated passes `check` and has everything that makes round trips hard: extensions, extensions of
primitives and null-padded arrays, contained resources, decimals of every precision and exponent, text in all
of Unicode, partial dates. It obeys the structure, not the invariants and not medicine. Numbers come as
`json.decode` would give them (int or Decimal), so a resource equals its own round trip, digits included.
"""

from __future__ import annotations

import base64
from datetime import date
from decimal import Decimal
from functools import cache
from html import escape
from typing import Any

from hypothesis import strategies as st

from bedside.fhir.bindings import is_currency, required_codings
from bedside.fhir.definitions import (
    Element,
    element_codes,
    has_shadow,
    is_primitive_type,
    resource_types,
    type_definition,
)

Json = dict[str, Any]
Draw = st.DrawFn

_CHARACTERS = st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("\t\n\r é漢🫀\u0301\u200f")
_WORD = st.text("abcXYZ019-._", min_size=1, max_size=8)
_ID = st.text("abcXYZ019-.", min_size=1, max_size=12)
_TAIL = st.text("abc/#?=&%1", max_size=6)


@st.composite
def _decimals(draw: Draw) -> int | Decimal:
    whole = draw(st.integers(-(10**12), 10**12))
    digits = draw(st.text("0123456789", max_size=9))
    exponent = draw(st.sampled_from(["", "", "", "e5", "E-7", "e+12"]))
    if not digits and not exponent:
        return whole
    return Decimal(f"{whole}{'.' + digits if digits else ''}{exponent}")


_ZONES = st.sampled_from(["Z", "+00:00", "-00:00", "+02:00", "-05:30", "+14:00", "-13:59"])


@st.composite
def _clocks(draw: Draw) -> str:
    hour, minute, second = draw(st.integers(0, 23)), draw(st.integers(0, 59)), draw(st.integers(0, 59))
    fraction = draw(st.text("0123456789", max_size=9))
    return f"{hour:02}:{minute:02}:{second:02}{'.' + fraction if fraction else ''}"


_DAYS = st.dates(date(1, 1, 1), date(9999, 12, 31)).map(date.isoformat)
_DATES = _DAYS | _DAYS.map(lambda d: d[:7]) | _DAYS.map(lambda d: d[:4])
_INSTANTS = st.tuples(_DAYS, _clocks(), _ZONES).map(lambda p: f"{p[0]}T{p[1]}{p[2]}")


@cache
def primitives() -> dict[str, st.SearchStrategy[Any]]:
    """Primitive type -> a strategy for its legal values."""
    text = st.text(_CHARACTERS, min_size=1, max_size=20)
    uris = st.sampled_from(["http://example.org/", "https://a.example/fhir/", "urn:x:", "mailto:"])
    uri = st.tuples(uris, _TAIL).map("".join)
    big = 2_147_483_647
    return {
        "base64Binary": st.binary(min_size=1, max_size=12).map(lambda b: base64.b64encode(b).decode()),
        "boolean": st.booleans(),
        "canonical": uri,
        "code": st.lists(_WORD, min_size=1, max_size=2).map(" ".join),
        "date": _DATES,
        "dateTime": _DATES | _INSTANTS,
        "decimal": _decimals(),
        "id": _ID,
        "instant": _INSTANTS,
        "integer": st.integers(-big - 1, big),
        "markdown": text,
        "oid": st.lists(st.integers(0, 999), min_size=1, max_size=4).map(
            lambda parts: "urn:oid:2." + ".".join(map(str, parts))
        ),
        "positiveInt": st.integers(1, big),
        "string": text,
        "time": _clocks(),
        "unsignedInt": st.integers(0, big),
        "uri": uri,
        "url": uri,
        "uuid": st.uuids().map(lambda u: f"urn:uuid:{u}"),
        "xhtml": text.map(lambda t: f'<div xmlns="http://www.w3.org/1999/xhtml">{escape(t)}</div>'),
    }


def resources(*types: str, depth: int = 4) -> st.SearchStrategy[Json]:
    """Valid resources of the given types, or of any type; `depth` bounds how deep optional content goes."""
    return st.sampled_from(types or resource_types()).flatmap(lambda name: _resource(name, depth))


@st.composite
def _resource(draw: Draw, name: str, depth: int, contained: bool = False) -> Json:
    skip = {"contained"} if contained else set()
    found = {"resourceType": name, **draw(objects(name, depth, skip=frozenset(skip)))}
    if contained or draw(st.booleans()):
        found["id"] = draw(_ID)
    return found


@st.composite
def objects(draw: Draw, name: str, depth: int, skip: frozenset[str] = frozenset()) -> Json:
    """Values of a complex type: what is required, and a few of what is optional."""
    if name == "Extension":
        return draw(_extensions(depth))
    elements = [e for e in type_definition(name).elements.values() if e.name not in skip and e.max != 0]
    required = [e for e in elements if e.min]
    optional = [e for e in elements if not e.min and (depth > 0 or any(map(is_primitive_type, e.types)))]
    some = draw(st.lists(st.sampled_from(optional), max_size=4 if depth > 0 else 1, unique_by=id))
    if not required and not some:
        some = [next(e for e in optional if is_primitive_type(e.types[0]))]
    found: Json = {}
    for element in required + some:
        types = [t for t in element.types if depth > 0 or is_primitive_type(t)] or list(element.types)
        type_name = draw(st.sampled_from(types))
        key = next(key for key, t in element.json_names.items() if t == type_name)
        found.update(draw(_property(key, element, type_name, depth)))
    return found


@st.composite
def _property(draw: Draw, key: str, element: Element, type_name: str, depth: int) -> Json:
    """The property and, for a primitive, sometimes its shadow, or the shadow alone."""
    value = _values(element, type_name, depth)
    shadowed = has_shadow(element, type_name) and depth > 0 and draw(st.integers(0, 9)) == 0
    if not element.many:
        shape = draw(st.sampled_from(["both", "shadow"])) if shadowed else "value"
        found = {} if shape == "shadow" else {key: draw(value)}
        return found if shape == "value" else {**found, "_" + key: draw(_shadows())}
    values = draw(st.lists(value, min_size=1, max_size=2))
    if not shadowed:
        return {key: values}
    shadows = [draw(st.none() | _shadows()) for _ in values]
    if not any(shadows):
        shadows[0] = draw(_shadows())
    if draw(st.booleans()):  # a place that has only extensions
        values, shadows = [*values, None], [*shadows, draw(_shadows())]
    return {key: values, "_" + key: shadows}


@st.composite
def _shadows(draw: Draw) -> Json:
    if draw(st.booleans()):
        return {"id": draw(_WORD)}
    return {"extension": [draw(_extensions(0))]}


@st.composite
def _extensions(draw: Draw, depth: int) -> Json:
    found: Json = {"url": draw(primitives()["uri"])}
    if depth > 1 and draw(st.integers(0, 4)) == 0:
        found["extension"] = draw(st.lists(_extensions(0), min_size=1, max_size=2))
        return found
    value = type_definition("Extension").elements["value"]
    names = [t for t in value.types if depth > 0 or is_primitive_type(t) or t == "Reference"]
    type_name = draw(st.sampled_from(names))
    key = next(key for key, t in value.json_names.items() if t == type_name)
    found[key] = draw(_values(value, type_name, depth - 1))
    return found


def _values(element: Element, type_name: str, depth: int) -> st.SearchStrategy[Any]:
    """One value of an element."""
    if type_name == "Resource":
        kinds = ("Patient", "Observation", "Organization", "Medication", "Binary")
        inner = st.sampled_from(kinds)
        return inner.flatmap(lambda n: _resource(n, min(depth, 2) - 1, element.name == "contained"))
    if type_name == "code" and is_currency(element):
        return st.sampled_from(["EUR", "CHF", "USD"])
    if type_name == "code" and (allowed := element_codes(element)):
        return st.sampled_from(sorted(allowed))
    if is_primitive_type(type_name):
        return primitives()[type_name]
    if type_name == "Reference":
        return _references(element)
    if type_name == "CodeableConcept" and (wanted := required_codings(element)):
        coding = st.sampled_from(sorted(wanted)).map(lambda c: {"system": c[0], "code": c[1]})
        return st.lists(coding, min_size=1, max_size=2).map(lambda c: {"coding": c})
    skip = frozenset({"comparator"}) if element.simple_quantity else frozenset()
    return objects(type_name, depth - 1, skip)


@st.composite
def _references(draw: Draw, element: Element) -> Json:
    target = draw(st.sampled_from(element.targets or ("Patient", "Observation", "Device")))
    one = draw(_ID)
    text = draw(
        st.sampled_from(
            [
                f"{target}/{one}",
                f"{target}/{one}/_history/1",
                f"https://other.example/fhir/{target}/{one}",
                "urn:uuid:3f0e4a8a-3c1b-4d0b-9a55-0c7e5d1f2b6a",
                None,
            ]
        )
    )
    if text is None:
        return {"identifier": {"system": "http://example.org/ids", "value": one}}
    found: Json = {"reference": text}
    if draw(st.integers(0, 3)) == 0:
        found["type"] = target
    if draw(st.booleans()):
        found["display"] = draw(primitives()["string"])
    return found
