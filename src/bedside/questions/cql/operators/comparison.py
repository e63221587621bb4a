"""< <= > >=: the order of numbers, strings, quantities, dates and times (ELM 12.3 to 12.6).

A side that is null makes the result null, and so does an order that cannot be known: dates of different precision that
are the same as far as both are known, quantities whose units do not go together, numbers known only to lie in ranges
that overlap (`years between` imprecise dates). Equality is in `equality`, `between` is written out by the typer.
"""

from __future__ import annotations

from typing import Any

from bedside.questions.cql.operators import exact, quantities, temporal
from bedside.questions.cql.operators.registry import operator
from bedside.questions.values import Quantity

Truth = bool | None

_PLAIN = (
    "(Integer, Integer) Boolean",
    "(Long, Long) Boolean",
    "(Decimal, Decimal) Boolean",
    "(String, String) Boolean",
)
_TEMPORAL = ("(DateTime, DateTime) Boolean", "(Date, Date) Boolean", "(Time, Time) Boolean")
_QUANTITY = "(Quantity, Quantity) Boolean"


def _less_ranges(left: Any, right: Any) -> Truth:
    """An Uncertainty on one side or both: true or false only when it is so for every number that they may stand for."""
    one, other = exact.bounds(left), exact.bounds(right)
    if one[1] < other[0]:
        return True
    return False if one[0] >= other[1] else None


def _at_most_ranges(left: Any, right: Any) -> Truth:
    one, other = exact.bounds(left), exact.bounds(right)
    if one[1] <= other[0]:
        return True
    return False if one[0] > other[1] else None


@operator("Less", *_PLAIN, clause="12.5")
def less(left: Any, right: Any) -> Truth:
    """Strings by the Unicode values of their characters. Null when a side is null, or where ranges overlap."""
    try:
        return bool(left < right)
    except TypeError:  # an Uncertainty has no order of its own; asking for it each time would cost more
        return _less_ranges(left, right)


@operator("LessOrEqual", *_PLAIN, clause="12.6")
def less_or_equal(left: Any, right: Any) -> Truth:
    """Null when a side is null, or where ranges overlap."""
    try:
        return bool(left <= right)
    except TypeError:
        return _at_most_ranges(left, right)


@operator("Greater", *_PLAIN, clause="12.3")
def greater(left: Any, right: Any) -> Truth:
    """Null when a side is null, or where ranges overlap."""
    try:
        return bool(left > right)
    except TypeError:
        return _less_ranges(right, left)


@operator("GreaterOrEqual", *_PLAIN, clause="12.4")
def greater_or_equal(left: Any, right: Any) -> Truth:
    """Null when a side is null, or where ranges overlap."""
    try:
        return bool(left >= right)
    except TypeError:
        return _at_most_ranges(right, left)


@operator("Less", *_TEMPORAL, clause="12.5")
def less_temporal(left: temporal.Temporal, right: temporal.Temporal) -> Truth:
    """Null when a side is null or not known precisely enough."""
    order = temporal.compare(left, right)
    return None if order is None else order < 0


@operator("LessOrEqual", *_TEMPORAL, clause="12.6")
def less_or_equal_temporal(left: temporal.Temporal, right: temporal.Temporal) -> Truth:
    """Null when a side is null or not known precisely enough."""
    order = temporal.compare(left, right)
    return None if order is None else order <= 0


@operator("Greater", *_TEMPORAL, clause="12.3")
def greater_temporal(left: temporal.Temporal, right: temporal.Temporal) -> Truth:
    """Null when a side is null or not known precisely enough."""
    order = temporal.compare(left, right)
    return None if order is None else order > 0


@operator("GreaterOrEqual", *_TEMPORAL, clause="12.4")
def greater_or_equal_temporal(left: temporal.Temporal, right: temporal.Temporal) -> Truth:
    """Null when a side is null or not known precisely enough."""
    order = temporal.compare(left, right)
    return None if order is None else order >= 0


@operator("Less", _QUANTITY, clause="12.5")
def less_quantities(left: Quantity, right: Quantity) -> Truth:
    """1 'cm' < 1 'm'. Null when a side is null or the units do not go together."""
    order = quantities.compare(left, right)
    return None if order is None else order < 0


@operator("LessOrEqual", _QUANTITY, clause="12.6")
def less_or_equal_quantities(left: Quantity, right: Quantity) -> Truth:
    """Null when a side is null or the units do not go together."""
    order = quantities.compare(left, right)
    return None if order is None else order <= 0


@operator("Greater", _QUANTITY, clause="12.3")
def greater_quantities(left: Quantity, right: Quantity) -> Truth:
    """Null when a side is null or the units do not go together."""
    order = quantities.compare(left, right)
    return None if order is None else order > 0


@operator("GreaterOrEqual", _QUANTITY, clause="12.4")
def greater_or_equal_quantities(left: Quantity, right: Quantity) -> Truth:
    """Null when a side is null or the units do not go together."""
    order = quantities.compare(left, right)
    return None if order is None else order >= 0


def compare(left: Any, right: Any) -> int | None:
    """-1, 0 or 1 for two values of one ordered type, None when their order is not known: for Min, Max and sorting."""
    kind = left.__class__
    if kind in temporal.Temporal.__args__:
        return temporal.compare(left, right)
    if kind is Quantity:
        return quantities.compare(left, right)
    return 0 if left == right else -1 if left < right else 1
