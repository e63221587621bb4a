"""Answers as a page shows them: each value in words, resources as cards, and the resources behind an answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal

from bedside.questions.cql.run.evidence import Evidence
from bedside.questions.cql.values import Code, CodeSystem, Concept, Interval, Ratio, ValueSet
from bedside.questions.data import DataNode
from bedside.questions.values import Date, DateTime, Quantity, Time
from bedside.web.questions.asking import Problem, Result, type_words
from bedside.web.readable import tree
from bedside.web.readable.shapes import Between, Exact, Field, Group, Measure, Title, Value, When
from bedside.web.readable.shapes import Text as Words
from bedside.web.readable.title import title
from bedside.web.readable.values import Values, resource_url

_MOST = 50
"""So many items of a list are shown; how many there are is always said."""
_MOST_REASONS = 30
_DEEPEST = 4


@dataclass(frozen=True, slots=True)
class Card:
    """A resource as one recognises it, with a way to its page."""

    title: Title
    href: str
    reference: str


@dataclass(frozen=True, slots=True)
class Item:
    """One item of an answer: a resource or a value."""

    card: Card | None
    value: Value | None


@dataclass(frozen=True, slots=True)
class Reason:
    """A resource behind an answer: what was asked for when it was found, and what made it count."""

    card: Card
    retrieve: str
    define: str
    because: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """The answer of one definition."""

    name: str
    type: str
    kind: Literal["yes", "no", "unknown", "empty", "list", "one", "failed"]
    items: tuple[Item, ...] = ()
    count: int = 0
    problem: Problem | None = None
    reasons: tuple[Reason, ...] = ()
    more_reasons: int = 0


class Subject(Values):
    """Values of a page about one patient, whom its cards need not name."""

    def __init__(self, values: Values, href: str) -> None:
        super().__init__(values.locale, values._name_of)
        self.href = href


def shown(values: Values, result: Result, subject: str = "") -> Shown:
    """A result in words. `subject` is the address of the patient who was asked about, whom cards need not name."""
    if subject:
        values = Subject(values, subject)
    type_ = "" if result.type is None else type_words(result.type)
    if result.problem is not None:
        return Shown(result.name, type_, "failed", problem=result.problem)
    found = result.value
    if isinstance(found, DataNode) and isinstance(found.value, bool):
        found = found.value
    reasons = tuple(_reasons(values, result.evidence[:_MOST_REASONS], 0))
    more = max(len(result.evidence) - _MOST_REASONS, 0)
    if found is None:
        return Shown(result.name, type_, "unknown")
    if isinstance(found, bool):
        return Shown(result.name, type_, "yes" if found else "no", reasons=reasons, more_reasons=more)
    if isinstance(found, list):
        if not found:
            return Shown(result.name, type_, "empty")
        items = tuple(_item(values, each) for each in found[:_MOST])
        if _tells_the_same(items, len(found), reasons):
            reasons, more = (), 0
        return Shown(result.name, type_, "list", items, len(found), None, reasons, more)
    item = _item(values, found)
    if _tells_the_same((item,), 1, reasons):
        reasons, more = (), 0
    return Shown(result.name, type_, "one", (item,), 1, None, reasons, more)


def _tells_the_same(items: Iterable[Item], count: int, reasons: tuple[Reason, ...]) -> bool:
    """Whether the reasons are the items once more, and no others behind them."""
    references = [each.card.reference for each in items if each.card is not None]
    behind = [
        each
        for each in reasons
        if each.card.reference not in references
        or any(inner.card.reference != each.card.reference for inner in each.because)
    ]
    return len(references) == min(count, _MOST) and not behind


def _reasons(values: Values, evidence: Iterable[Evidence], depth: int) -> Iterable[Reason]:
    for each in evidence:
        card = _card(values, each.resource)
        if card is None:
            continue
        inner = tuple(_reasons(values, each.because, depth + 1)) if depth < _DEEPEST else ()
        # A query over another definition meets the same resource again; the first meeting says how it was found.
        if len(inner) == 1 and inner[0].card.reference == card.reference:
            yield Reason(card, inner[0].retrieve or each.retrieve or "", inner[0].define, inner[0].because)
        else:
            own = tuple(one for one in inner if one.card.reference != card.reference)
            yield Reason(card, each.retrieve or "", each.define or "", own)


def _card(values: Values, resource: Any) -> Card | None:
    if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
        return None
    type_, id_ = resource["resourceType"], str(resource.get("id", ""))
    try:
        found = title(values, resource)
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
    if isinstance(values, Subject) and found.about is not None and found.about.href == values.href:
        found = replace(found, about=None)
    return Card(found, resource_url(type_, id_) if id_ else "", f"{type_}/{id_}")


def _item(values: Values, found: Any) -> Item:
    plain = found.value if isinstance(found, DataNode) else found
    card = _card(values, plain)
    return Item(card, None) if card is not None else Item(None, value(values, found))


def value(values: Values, found: Any) -> Value:
    """Any value of the language as a shape."""
    _ = values.words.gettext
    match found:
        case None:
            return Words(_("unknown"))
        case bool():
            return Words(_("yes") if found else _("no"))
        case DataNode():
            return _of_fhir(values, found)
        case int() | Decimal():
            return Measure(values.locale.decimal(Decimal(found)), "")
        case Quantity(value=number, unit=unit):
            return Measure(values.locale.decimal(number), "" if unit == "1" else unit)
        case DateTime():
            return When(values.locale.moment(_fhir_text(found)))
        case Date():
            return When(values.locale.moment(str(found)))
        case Time():
            return Words(str(found))
        case Interval():
            return _interval(values, found)
        case Code():
            return values.concept({"coding": [_coding(found)]}) or Exact(found.code)
        case Concept():
            codings = [_coding(each) for each in found.codes]
            return values.concept({"coding": codings, "text": found.display or ""}) or Words("")
        case Ratio(numerator=above, denominator=below):
            low, high = (Measure(values.locale.decimal(each.value), each.unit) for each in (above, below))
            return Between(low, high, ":")
        case ValueSet() | CodeSystem():
            return Exact(found.id if found.version is None else f"{found.id}|{found.version}")
        case list():
            some = [value(values, each) for each in found[:_MOST]]
            return Group((Field("", "", tuple(some)),)) if some else Words(_("none"))
        case dict():
            card = _card(values, found)
            if card is not None:
                return Words(card.title.text)
            return Group(tuple(Field(name, name, (_short(values, each),)) for name, each in found.items()))
    return Words(str(found))


def _short(values: Values, found: Any) -> Value:
    """A value within another one: of a resource its line only."""
    card = _card(values, found.value if isinstance(found, DataNode) else found)
    return Words(f"{card.title.kind}: {card.title.text}") if card is not None else value(values, found)


def _of_fhir(values: Values, node: DataNode) -> Value:
    """A piece of a resource, by its FHIR type."""
    if isinstance(node.value, bool):
        return Words(values.words.gettext("yes") if node.value else values.words.gettext("no"))
    name = node.type.name
    try:
        shape = values.value(name, node.value) if values.has(name) else None
        if shape is None and isinstance(node.value, dict):
            inner = tree.group(values, name, node.value)
            shape = Group(inner) if inner else None
    except (KeyError, ValueError):
        shape = None
    if shape is not None:
        return shape
    return Words(values.words.gettext("unknown") if node.value is None else str(node.value))


def _interval(values: Values, found: Interval) -> Value:
    """An interval with words for ends that are open: `[1 Jan 2026, … )`."""
    low, high = (_end(values, each) for each in (found.low, found.high))
    if found.low is None:
        low = "…" if found.low_closed else "?"
    if found.high is None:
        high = "…" if found.high_closed else "?"
    return Words(f"{'[' if found.low_closed else '('}{low}, {high}{']' if found.high_closed else ')'}")


def _end(values: Values, found: Any) -> str:
    shape = value(values, found)
    if isinstance(shape, Measure):
        return f"{shape.number} {shape.unit}".strip()
    return shape.moment.text if isinstance(shape, When) else getattr(shape, "text", str(found))


def _fhir_text(found: DateTime) -> str:
    """As FHIR writes it: with seconds when there is a clock at all, so that what reads FHIR reads it."""
    if found.hour is None:
        return str(Date(found.year, found.month, found.day))
    zone = dt.timezone(dt.timedelta(minutes=found.offset or 0))
    when = dt.datetime(
        found.year, found.month or 1, found.day or 1, found.hour, found.minute or 0, int(found.second or 0), tzinfo=zone
    )
    return when.isoformat(timespec="seconds")


def _coding(code: Code) -> dict[str, Any]:
    parts = {"system": code.system, "code": code.code, "version": code.version, "display": code.display}
    return {name: part for name, part in parts.items() if part is not None}
