"""The core of all interval operators: where an interval starts and ends, and how points compare.

    boundary          start                              end
    closed, a value   the value                          the value
    open, a value     its successor                      its predecessor
    closed, null      the least value of the type        the greatest value of the type
    open, null        unknown: anything from the least   unknown: anything from the start
                      value to the end                   to the greatest value

(CQL 1.5.3, appendix B, "Start" and "End"; developer's guide, "Interval Operators".) A start or end is a point, or an
`Uncertainty` between two points, or None where even the point type is not known. Everything asked of those is true,
false or null.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from bedside.questions.cql.operators import durations, exact, quantities, temporal
from bedside.questions.cql.operators.points import max_value, min_value, predecessor, successor
from bedside.questions.cql.values import Interval, Long, Uncertainty
from bedside.questions.errors import EvaluationError
from bedside.questions.values import Date, DateTime, Quantity, Time

Point = Any
"""A value of a point type."""

Bound = Any
"""A point, an `Uncertainty` of points, or None."""

_POINT_OF_CLASS = {
    int: "Integer",
    Long: "Long",
    Decimal: "Decimal",
    Quantity: "Quantity",
    Date: "Date",
    DateTime: "DateTime",
    Time: "Time",
    str: "String",
}

_TEMPORAL = frozenset({Date, DateTime, Time})


def point_type(interval: Interval) -> str:
    """Name of the point type, from the boundaries if it is not said; `Any` where it is not known."""
    if interval.point != "Any":
        return interval.point
    known = interval.low if interval.low is not None else interval.high
    return _POINT_OF_CLASS.get(known.__class__, "Any")


def closed(low: Point, high: Point) -> Interval:
    """`Interval[low, high]` of two values."""
    return Interval(low, high, True, True, _POINT_OF_CLASS.get(low.__class__, "Any"))


def is_unknown(interval: Interval) -> bool:
    """Whether nothing is known of an interval, not even its point type: `Interval[null, null]` as it stands."""
    return interval.low is None and interval.high is None and interval.point == "Any"


def start(interval: Interval) -> Bound:
    """The starting point. See the table above."""
    low = interval.low
    if low is not None:
        return low if interval.low_closed else _next(low)
    least = _extreme(interval, interval.high, least=True)
    if interval.low_closed or least is None:
        return least
    high = end(interval) if interval.high is not None else _extreme(interval, None, least=False)
    return Uncertainty(least, high)


def end(interval: Interval) -> Bound:
    """The ending point. See the table above."""
    high = interval.high
    if high is not None:
        return high if interval.high_closed else _previous(high)
    greatest = _extreme(interval, interval.low, least=False)
    if interval.high_closed or greatest is None:
        return greatest
    low = start(interval) if interval.low is not None else _extreme(interval, None, least=True)
    return Uncertainty(low, greatest)


def _extreme(interval: Interval, like: Point, *, least: bool) -> Point:
    """The least or greatest value of the point type; of a quantity in the unit of the other boundary."""
    if like.__class__ is Quantity:
        return Quantity(exact.DECIMAL_MIN if least else exact.DECIMAL_MAX, like.unit, like.calendar)
    name = point_type(interval)
    return min_value(name) if least else max_value(name)


def _next(point: Point) -> Point:
    try:
        return successor(point)
    except EvaluationError:
        return None


def _previous(point: Point) -> Point:
    try:
        return predecessor(point)
    except EvaluationError:
        return None


class NoPoints(EvaluationError):
    """An interval ends before it starts."""


def make(low: Point, high: Point, low_closed: bool, high_closed: bool, point: str = "Any") -> Interval:
    """`Interval[low, high)`; NoPoints when it is known to hold no point (author's guide, "Interval Values").

    A boundary that is only known to lie in a range is an unknown one.
    """
    if low.__class__ is Uncertainty:
        low, low_closed = None, False
    if high.__class__ is Uncertainty:
        high, high_closed = None, False
    if low is not None and high is not None:
        order = compare(low, high)
        if order == 1 or (order == 0 and not (low_closed and high_closed)):
            raise NoPoints("an interval cannot end before it starts")
        if order == -1 and not low_closed and not high_closed:
            after, before = _next(low), _previous(high)
            if after is None or before is None or compare(after, before) == 1:
                raise NoPoints("an interval cannot end before it starts")
    return Interval(low, high, low_closed, high_closed, point)


def compare(left: Point, right: Point, precision: str | None = None) -> int | None:
    """-1, 0 or 1 of two points of one type; None when that is not known."""
    kind = left.__class__
    if kind in _TEMPORAL:
        return temporal.compare(left, right, precision)
    if kind is Quantity:
        order = quantities.compare(left, right)
        return _by_extreme(left, right) if order is None else order
    return 0 if left == right else -1 if left < right else 1


def _by_extreme(left: Quantity, right: Quantity) -> int | None:
    """The extremes without a unit are beyond all quantities, whatever they measure."""
    if left.unit == "1" and abs(left.value) == exact.DECIMAL_MAX:
        return -1 if left.value < 0 else 1
    if right.unit == "1" and abs(right.value) == exact.DECIMAL_MAX:
        return 1 if right.value < 0 else -1
    return None


# Three-valued comparison of starts and ends.


def less(left: Bound, right: Bound, precision: str | None = None) -> bool | None:
    """`left < right`."""
    if left is None or right is None:
        return None
    if left.__class__ is Uncertainty or right.__class__ is Uncertainty:
        one, other = exact.bounds(left), exact.bounds(right)
        if compare(one[1], other[0], precision) == -1:
            return True
        return False if compare(one[0], other[1], precision) in (0, 1) else None
    order = compare(left, right, precision)
    return None if order is None else order < 0


def less_or_equal(left: Bound, right: Bound, precision: str | None = None) -> bool | None:
    """`left <= right`."""
    if left is None or right is None:
        return None
    if left.__class__ is Uncertainty or right.__class__ is Uncertainty:
        one, other = exact.bounds(left), exact.bounds(right)
        if compare(one[1], other[0], precision) in (-1, 0):
            return True
        return False if compare(one[0], other[1], precision) == 1 else None
    order = compare(left, right, precision)
    return None if order is None else order <= 0


def same(left: Bound, right: Bound, precision: str | None = None) -> bool | None:
    """`left = right`."""
    if left is None or right is None:
        return None
    if left.__class__ is Uncertainty or right.__class__ is Uncertainty:
        one, other = exact.bounds(left), exact.bounds(right)
        if compare(one[1], other[0], precision) == -1 or compare(one[0], other[1], precision) == 1:
            return False
        return None
    order = compare(left, right, precision)
    return None if order is None else order == 0


def follows(left: Any, right: Any, precision: str | None = None) -> bool | None:
    """Whether right is the point just after left: its successor, or with a precision in the next period.

    Dates and times without one follow each other at the precision that they have (appendix B, "Meets").
    """
    if left is None or right is None:
        return None
    if left.__class__ is Uncertainty or right.__class__ is Uncertainty:
        one, other = exact.bounds(left), exact.bounds(right)
        first, last = _next(one[0]), _next(one[1])
        if first is None:
            return False
        return same(Uncertainty(first, one[1] if last is None else last), Uncertainty(*other), precision)
    if precision is not None and isinstance(left, temporal.Temporal):
        steps = durations.difference(left, right, precision, getattr(left, "offset", None) or 0)
        if isinstance(steps, Uncertainty):
            return None if steps.low <= 1 <= steps.high else False
        return steps == 1
    after = _next(left)
    return False if after is None else same(after, right)


def both(left: bool | None, right: bool | None) -> bool | None:
    """Three-valued `and`."""
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


def either(left: bool | None, right: bool | None) -> bool | None:
    """Three-valued `or`."""
    if left is True or right is True:
        return True
    return None if left is None or right is None else False


def equal(left: Interval, right: Interval) -> bool | None:
    """`=`: the same start and the same end (appendix B, "Equal"). Null where that is not known."""
    return both(same(start(left), start(right)), same(end(left), end(right)))
