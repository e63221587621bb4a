"""Rules about values that both the quick and the thorough check apply: references and required bindings."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from bedside.fhir.definitions import Element, codes, is_resource_type

_ID = r"[A-Za-z0-9\-.]{1,64}"
_URL = r"[^\s\x00-\x1f]"
_RELATIVE = re.compile(rf"([A-Za-z]+)(?:/{_ID}(?:/_history/{_ID})?|\?{_URL}+)")
_CONTAINED = re.compile(r"#[^\x00-\x1f]*")
_URN = re.compile(rf"urn:{_URL}+")
_ABSOLUTE = re.compile(rf"[A-Za-z][A-Za-z0-9+.\-]*:{_URL}+")
_TAIL = re.compile(rf"/([A-Za-z]+)/{_ID}(?:/_history/{_ID})?$")
_CURRENCY = re.compile(r"[A-Z]{3}")
_CURRENCIES = "http://hl7.org/fhir/ValueSet/currencies"


def reference_type(reference: str) -> str | None:
    """The resource type that the text of a reference names, or None when it does not say.

    `Patient/1`, `Patient/1/_history/2` and `Patient?identifier=x` (legal in a transaction) name one, and so
    does an absolute URL that ends like that; `urn:uuid:...`, `#contained` and other URLs do not
    (https://hl7.org/fhir/R4/references.html#literal). Raises ValueError when it is none of these.
    """
    if _URN.fullmatch(reference):
        return None
    match = _RELATIVE.fullmatch(reference)
    if match:
        if is_resource_type(match[1]):
            return match[1]
    elif _CONTAINED.fullmatch(reference):
        return None
    elif _ABSOLUTE.fullmatch(reference):
        tail = _TAIL.search(reference)
        return tail[1] if tail and is_resource_type(tail[1]) else None
    raise ValueError(reference)


def allows(targets: tuple[str, ...], name: str | None) -> bool:
    """True when a reference limited to `targets` (empty: to nothing) may lead to a resource of that type."""
    return name is None or not targets or name in targets


@cache
def required_codings(element: Element) -> frozenset[tuple[str, str]] | None:
    """(system, code) pairs of an enumerable required binding; None when there is none."""
    if element.binding is None or element.binding.strength != "required":
        return None
    found = codes(element.binding.value_set)
    return frozenset((s, c) for s, group in found.items() for c in group) if found else None


def satisfies(concept: dict[str, Any], wanted: frozenset[tuple[str, str]]) -> bool:
    """True when a CodeableConcept has a coding from its required value set.

    (https://hl7.org/fhir/R4/terminologies.html#required: text alone does not do.)
    """
    return any((c.get("system"), c.get("code")) in wanted for c in concept.get("coding", ()))


def is_currency(element: Element) -> bool:
    """True for an element bound to the currencies, which the definitions do not list: three capitals."""
    return element.binding is not None and element.binding.value_set == _CURRENCIES


def currency_like(code: str) -> bool:
    return _CURRENCY.fullmatch(code) is not None
