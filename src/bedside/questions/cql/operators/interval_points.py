"""Intervals and points: start, end, width, size, and which points are in an interval (CQL 1.5.3, appendix B)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from bedside.questions.cql.operators import exact, intervals, quantities
from bedside.questions.cql.operators.intervals import Point, both, compare, less, less_or_equal
from bedside.questions.cql.operators.registry import operator
from bedside.questions.cql.values import Interval, Long, Uncertainty
from bedside.questions.errors import EvaluationError
from bedside.questions.values import Quantity


def _known(bound: Any) -> Point:
    return None if bound.__class__ is Uncertainty else bound


@operator("Start", "(Interval<T>) T", clause="Intervals, Start")
def start(operand: Interval) -> Point:
    """`start of X`; null of null and where an open boundary is null (the start is then unknown)."""
    if operand.low_closed and operand.low is not None:
        return operand.low
    return _known(intervals.start(operand))


@operator("End", "(Interval<T>) T", clause="Intervals, End")
def end(operand: Interval) -> Point:
    """`end of X`; null of null and where an open boundary is null (the end is then unknown)."""
    if operand.high_closed and operand.high is not None:
        return operand.high
    return _known(intervals.end(operand))


@operator("PointFrom", "(Interval<T>) T", clause="Intervals, Point From")
def point_from(operand: Interval) -> Point:
    """`point from X`: the only point of the interval; null of null and of an interval of unknown boundaries.

    Raises EvaluationError for an interval of more than one point.
    """
    low, high = intervals.start(operand), intervals.end(operand)
    alone = intervals.same(low, high)
    if alone is False:
        raise EvaluationError("point from needs an interval of one point", expected="Interval[x, x]")
    return low if alone else None


@operator("Width", "(Interval<Integer>) Integer", clause="Intervals, Width")
def width_of_integers(operand: Interval) -> int | None:
    """`width of X`: end minus start; null of null, of unknown boundaries, and where it is no Integer any more."""
    low, high = start(operand), end(operand)
    return None if low is None or high is None else exact.fit_integer(high - low)


@operator("Width", "(Interval<Long>) Long", clause="Intervals, Width")
def width_of_longs(operand: Interval) -> Long | None:
    """`width of X`; see `width_of_integers`."""
    low, high = start(operand), end(operand)
    return None if low is None or high is None else exact.fit_long(high - low)


@operator("Width", "(Interval<Decimal>) Decimal", clause="Intervals, Width")
def width_of_decimals(operand: Interval) -> Decimal | None:
    """`width of X`; see `width_of_integers`."""
    low, high = start(operand), end(operand)
    return None if low is None or high is None else exact.fit_decimal(exact.CONTEXT.subtract(high, low))


@operator("Width", "(Interval<Quantity>) Quantity", clause="Intervals, Width")
def width_of_quantities(operand: Interval) -> Quantity | None:
    """`width of X`; see `width_of_integers`. In the finer unit of the two boundaries."""
    low, high = start(operand), end(operand)
    return None if low is None or high is None else quantities.add(high, low, -1)


@operator("Size", "(Interval<Integer>) Integer", clause="Intervals, Size")
def size_of_integers(operand: Interval) -> int | None:
    """`Size(X)`: how many points there are; null like `Width`."""
    width = width_of_integers(operand)
    return None if width is None else exact.fit_integer(width + 1)


@operator("Size", "(Interval<Long>) Long", clause="Intervals, Size")
def size_of_longs(operand: Interval) -> Long | None:
    """`Size(X)`; see `size_of_integers`."""
    width = width_of_longs(operand)
    return None if width is None else exact.fit_long(width + 1)


@operator("Size", "(Interval<Decimal>) Decimal", clause="Intervals, Size")
def size_of_decimals(operand: Interval) -> Decimal | None:
    """`Size(X)`: the width and one step of 0.00000001; null like `Width`."""
    width = width_of_decimals(operand)
    return None if width is None else exact.fit_decimal(exact.CONTEXT.add(width, exact.STEP))


@operator("Size", "(Interval<Quantity>) Quantity", clause="Intervals, Size")
def size_of_quantities(operand: Interval) -> Quantity | None:
    """`Size(X)`; see `size_of_decimals`."""
    width = width_of_quantities(operand)
    return None if width is None else quantities.add(width, Quantity(exact.STEP, width.unit, width.calendar))


@operator("Contains", "(Interval<T>, T) Boolean", clause="Intervals, Contains", nulls=True, precision=True)
def contains(interval: Interval | None, point: Point, precision: str | None = None) -> bool | None:
    """`interval contains day of point`. False for a null interval, null for a null point.

    At open boundaries the comparison is exclusive; a closed boundary of null lets everything through.
    """
    if interval is None:
        return False
    return None if point is None else holds(interval, point, precision)


@operator("In", "(T, Interval<T>) Boolean", clause="Intervals, In", nulls=True, precision=True)
def in_interval(point: Point, interval: Interval | None, precision: str | None = None) -> bool | None:
    """`point in day of interval`, `point during interval`. Null for a null point, else false for a null interval."""
    if point is None:
        return None
    return False if interval is None else holds(interval, point, precision)


def holds(interval: Interval, point: Point, precision: str | None) -> bool | None:
    """Whether a point is between the boundaries of an interval."""
    low, high = interval.low, interval.high
    if point.__class__ is Uncertainty:
        return _holds_all(interval, point)
    if low is not None:
        order = compare(low, point, precision)
        after = None if order is None else order <= 0 if interval.low_closed else order < 0
    elif intervals.is_unknown(interval):
        return False
    else:
        after = True if interval.low_closed else less_or_equal(intervals.start(interval), point, precision)
    if after is False:
        return False
    if high is not None:
        order = compare(point, high, precision)
        before = None if order is None else order <= 0 if interval.high_closed else order < 0
    else:
        before = True if interval.high_closed else less_or_equal(point, intervals.end(interval), precision)
    return both(after, before)


def _holds_all(interval: Interval, number: Uncertainty) -> bool | None:
    """Whether a number is in an interval that is only known to lie in a range, as `years between` may give it."""
    if intervals.is_unknown(interval):
        return False
    after = less_or_equal(intervals.start(interval), number)
    return both(after, less_or_equal(number, intervals.end(interval)))


@operator(
    "ProperContains",
    "(Interval<T>, T) Boolean",
    clause="Intervals, Properly Includes",
    nulls=True,
    precision=True,
)
def proper_contains(interval: Interval | None, point: Point, precision: str | None = None) -> bool | None:
    """`interval properly includes point`: after the start and before the end. Nulls as in `contains`."""
    if interval is None:
        return False
    return None if point is None else _is_within(interval, point, precision)


@operator(
    "ProperIn",
    "(T, Interval<T>) Boolean",
    clause="Intervals, Properly Included In",
    nulls=True,
    precision=True,
)
def proper_in(point: Point, interval: Interval | None, precision: str | None = None) -> bool | None:
    """`point properly included in interval`: after the start and before the end. Nulls as in `in_interval`."""
    if point is None:
        return None
    return False if interval is None else _is_within(interval, point, precision)


def _is_within(interval: Interval, point: Point, precision: str | None) -> bool | None:
    after = less(intervals.start(interval), point, precision)
    return both(after, less(point, intervals.end(interval), precision))


operator("Includes", "(Interval<T>, T) Boolean", clause="Intervals, Includes", nulls=True, precision=True)(contains)
operator("IncludedIn", "(T, Interval<T>) Boolean", clause="Intervals, Included In", nulls=True, precision=True)(
    in_interval
)
operator(
    "ProperIncludes",
    "(Interval<T>, T) Boolean",
    clause="Intervals, Properly Includes",
    nulls=True,
    precision=True,
)(proper_contains)
operator(
    "ProperIncludedIn",
    "(T, Interval<T>) Boolean",
    clause="Intervals, Properly Included In",
    nulls=True,
    precision=True,
)(proper_in)
