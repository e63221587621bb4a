"""Index rows of one resource, and how each FHIR data type turns into them.

A leaf function gets the rows so far, the value found in the resource, and the number of its elements. Rows still name
systems, units, texts and targets in words; the writer turns those into numbers. What each row means for a search
is told in docs/record.md.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from bedside.fhir import dates, definitions
from bedside.record.values import LARGEST as INFINITE
from bedside.record.values import indexed, normalise, real
from bedside.terms import ucum

Leaf = Callable[["Rows", Any, int], None]


CURRENCY = "urn:iso:std:iso:4217"
UCUM = "http://unitsofmeasure.org"


class Rows:
    """Rows by kind, in words: each tuple begins with the number of its elements."""

    __slots__ = (
        *("clock", "composite", "date", "label", "number", "position"),
        *("quantity", "ref", "string", "token", "uri"),
    )

    def __init__(self) -> None:
        self.clock = 0
        self.token: list[tuple[int, str, str]] = []  # code, system
        self.label: list[tuple[int, str]] = []  # normalised text
        self.ref: list[tuple[int, str, str]] = []  # target type, target id
        self.uri: list[tuple[int, str]] = []
        self.string: list[tuple[int, str, str]] = []  # normalised, exact ('' when the same)
        self.date: list[tuple[int, int, int]] = []  # low, high (exclusive), microseconds
        self.number: list[tuple[int, float, float]] = []
        # canonical unit ('' for the value as written), low, high, system, code, unit
        self.quantity: list[tuple[int, str, float, float, str, str, str]] = []
        # code, system, part, canonical unit, low, high, second code, second system, repetition
        self.composite: list[tuple[int, str, str, int, str, float, float, str, str, int]] = []
        self.position: list[tuple[int, float, float]] = []


# --- tokens


def _token_plain(rows: Rows, value: Any, number: int) -> None:
    rows.token.append((number, indexed(value), ""))


def _token_boolean(rows: Rows, value: bool, number: int) -> None:
    rows.token.append((number, "true" if value else "false", ""))


def _coding(rows: Rows, value: dict[str, Any], number: int) -> None:
    code, system = indexed(value.get("code", "")), indexed(value.get("system", ""))
    if code or system:
        rows.token.append((number, code, system))
    if display := value.get("display"):
        rows.label.append((number + 1, indexed(normalise(display))))


def _codeable_concept(rows: Rows, value: dict[str, Any], number: int) -> None:
    for coding in value.get("coding", ()):
        _coding(rows, coding, number)
    if text := value.get("text"):
        rows.label.append((number + 1, indexed(normalise(text))))


def _codeable_reference(rows: Rows, value: dict[str, Any], number: int) -> None:
    if concept := value.get("concept"):
        _codeable_concept(rows, concept, number)


def _identifier(rows: Rows, value: dict[str, Any], number: int) -> None:
    code, system = indexed(value.get("value", "")), indexed(value.get("system", ""))
    if code or system:
        rows.token.append((number, code, system))
    kind = value.get("type")
    if kind:
        if text := kind.get("text"):
            rows.label.append((number + 1, indexed(normalise(text))))
        for coding in kind.get("coding", ()):
            # `:of-type` asks for type system, type code and value together.
            both = indexed(f"{coding.get('code', '')}|{value.get('value', '')}")
            rows.token.append((number + 3, both, indexed(coding.get("system", ""))))


def _contact_point_token(rows: Rows, value: dict[str, Any], number: int) -> None:
    if text := value.get("value"):
        rows.token.append((number, indexed(text), ""))


# --- references and uris


@lru_cache(maxsize=65536)
def split_reference(reference: str) -> tuple[str, str] | None:
    """`Patient/1` and `Patient/1/_history/2` -> (`Patient`, `1`); None for anything that is not local."""
    parts = reference.split("/")
    if len(parts) < 2 or (len(parts) != 2 and not (len(parts) == 4 and parts[2] == "_history")):
        return None
    if not definitions.is_resource_type(parts[0]) or not parts[1] or "?" in parts[1]:
        return None
    return parts[0], parts[1]


def conditional_reference(reference: str) -> tuple[str, str] | None:
    """`Practitioner?identifier=x` -> type and query; None for any other reference."""
    name, mark, query = reference.partition("?")
    return (name, query) if mark and definitions.is_resource_type(name) else None


def _reference(rows: Rows, value: dict[str, Any], number: int) -> None:
    if reference := value.get("reference"):
        if target := split_reference(reference):
            rows.ref.append((number, *target))
        elif reference[0] != "#":
            rows.uri.append((number, indexed(reference)))
    if identifier := value.get("identifier"):
        rows.token.append((number + 2, indexed(identifier.get("value", "")), indexed(identifier.get("system", ""))))


def _uri(rows: Rows, value: str, number: int) -> None:
    rows.uri.append((number, indexed(value)))


# --- strings


def _string(rows: Rows, value: Any, number: int) -> None:
    text = str(value)
    norm = normalise(text)
    rows.string.append((number, indexed(norm), "" if norm == text else indexed(text)))


def _human_name(rows: Rows, value: dict[str, Any], number: int) -> None:
    for key in ("text", "family"):
        if text := value.get(key):
            _string(rows, text, number)
    for key in ("given", "prefix", "suffix"):
        for text in value.get(key, ()):
            if text is not None:
                _string(rows, text, number)


def _address(rows: Rows, value: dict[str, Any], number: int) -> None:
    for text in value.get("line", ()):
        if text is not None:
            _string(rows, text, number)
    for key in ("text", "city", "district", "state", "postalCode", "country"):
        if text := value.get(key):
            _string(rows, text, number)


def _string_concept(rows: Rows, value: dict[str, Any], number: int) -> None:
    if text := value.get("text"):
        _string(rows, text, number)
    for coding in value.get("coding", ()):
        if display := coding.get("display"):
            _string(rows, display, number)


# --- dates


def _date(rows: Rows, value: str, number: int) -> None:
    low, high = dates.interval(value)
    rows.date.append((number, low, high))


def _period(rows: Rows, value: dict[str, Any], number: int) -> None:
    if "start" in value or "end" in value:
        rows.date.append((number, *dates.period_interval(value)))


def _timing(rows: Rows, value: dict[str, Any], number: int) -> None:
    """The outer limits of a Timing: from its first to its last event, or its bounds (R4 search.html#date)."""
    limits = [dates.interval(event) for event in value.get("event", ()) if event is not None]
    if bounds := value.get("repeat", {}).get("boundsPeriod"):
        limits.append(dates.period_interval(bounds))
    if limits:
        rows.date.append((number, min(low for low, _ in limits), max(high for _, high in limits)))


# --- numbers and quantities


def _number(rows: Rows, value: Any, number: int) -> None:
    rows.number.append((number, real(value), real(value)))


def _number_range(rows: Rows, value: dict[str, Any], number: int) -> None:
    low, high = value.get("low", {}).get("value"), value.get("high", {}).get("value")
    if low is not None or high is not None:
        rows.number.append((number, -INFINITE if low is None else real(low), INFINITE if high is None else real(high)))


def _quantity(rows: Rows, value: dict[str, Any], number: int) -> None:
    amount = value.get("value")
    if amount is None:
        return
    system, code = indexed(value.get("system", "")), value.get("code", "")
    as_float = real(amount)
    low, high = _widen(as_float, value.get("comparator"))
    rows.quantity.append((number, "", low, high, system, indexed(code), indexed(value.get("unit", ""))))
    if code and system == UCUM:
        try:
            exact, dimension = ucum.canonical(amount, code)
        except ucum.UcumError:
            return  # a unit UCUM does not know is still found as it is written
        low, high = _widen(real(exact), value.get("comparator"))
        rows.quantity.append((number, indexed(f"c|{dimension}"), low, high, "", "", ""))


def _widen(value: float, comparator: str | None) -> tuple[float, float]:
    """The values that a Quantity with a comparator (`< 5`) may have."""
    if comparator is None:
        return value, value
    return (-INFINITE, value) if comparator.startswith("<") else (value, INFINITE)


def _money(rows: Rows, value: dict[str, Any], number: int) -> None:
    if (amount := value.get("value")) is not None:
        rows.quantity.append((number, "", real(amount), real(amount), CURRENCY, value.get("currency", ""), ""))


def _quantity_range(rows: Rows, value: dict[str, Any], number: int) -> None:
    low, high = value.get("low"), value.get("high")
    some = low or high
    if not some or some.get("value") is None:
        return
    system, code, unit = indexed(some.get("system", "")), indexed(some.get("code", "")), indexed(some.get("unit", ""))
    ends = [None if end is None else end.get("value") for end in (low, high)]
    rows.quantity.append((number, "", *_ends(ends), system, code, unit))
    if code and system == UCUM:
        try:
            exact = [None if end is None else ucum.canonical(end, code) for end in ends]
        except ucum.UcumError:
            return
        dimension = next(end[1] for end in exact if end)
        rows.quantity.append((number, indexed(f"c|{dimension}"), *_ends([end and end[0] for end in exact]), "", "", ""))


def _ends(ends: list[Any]) -> tuple[float, float]:
    low, high = ends
    return (-INFINITE if low is None else real(low), INFINITE if high is None else real(high))


def _sampled(rows: Rows, value: dict[str, Any], number: int) -> None:
    """SampledData is found by its origin; the samples themselves are text (R4 search.html#quantity)."""
    if origin := value.get("origin"):
        _quantity(rows, origin, number)


# --- special


def _position(rows: Rows, value: dict[str, Any], number: int) -> None:
    latitude, longitude = value.get("latitude"), value.get("longitude")
    if latitude is not None and longitude is not None:
        rows.position.append((number, float(latitude), float(longitude)))


_TEXTS = ("string", "markdown", "code", "id", "uri", "url", "canonical", "oid", "uuid")
_DATES = ("date", "dateTime", "instant")
_NUMBERS = ("integer", "decimal", "positiveInt", "unsignedInt")
_QUANTITIES = ("Quantity", "Age", "Count", "Distance", "Duration", "MoneyQuantity", "SimpleQuantity")

LEAVES: dict[tuple[str, str], Leaf] = {
    **{("token", name): _token_plain for name in _TEXTS},
    **{("token", name): _token_plain for name in _DATES},
    ("token", "boolean"): _token_boolean,
    ("token", "Coding"): _coding,
    ("token", "CodeableConcept"): _codeable_concept,
    ("token", "Identifier"): _identifier,
    ("token", "ContactPoint"): _contact_point_token,
    ("reference", "Reference"): _reference,
    ("reference", "canonical"): _uri,
    ("reference", "uri"): _uri,
    ("reference", "url"): _uri,
    **{("uri", name): _uri for name in ("uri", "url", "canonical", "oid", "uuid")},
    **{("string", name): _string for name in (*_TEXTS, *_NUMBERS)},
    ("string", "HumanName"): _human_name,
    ("string", "Address"): _address,
    ("string", "CodeableConcept"): _string_concept,
    **{("date", name): _date for name in _DATES},
    ("date", "Period"): _period,
    ("date", "Timing"): _timing,
    **{("number", name): _number for name in _NUMBERS},
    ("number", "Range"): _number_range,
    **{("quantity", name): _quantity for name in _QUANTITIES},
    ("quantity", "Money"): _money,
    ("quantity", "Range"): _quantity_range,
    ("quantity", "SampledData"): _sampled,
    ("special", "Location.position"): _position,
}
"""(search parameter type, FHIR type) -> how it is indexed (R4 search.html, the table under each type)."""
