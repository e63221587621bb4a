"""Collapse: the fewest intervals that cover the same points (CQL 1.5.3, appendix B, "Collapse")."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from decimal import Decimal

from bedside.questions.cql.operators import durations, exact, intervals, quantities, temporal
from bedside.questions.cql.operators.interval_relations import meets_before, overlaps
from bedside.questions.cql.operators.intervals import Bound, either, less_or_equal
from bedside.questions.cql.operators.registry import operator
from bedside.questions.cql.values import Interval, Uncertainty
from bedside.questions.errors import EvaluationError
from bedside.questions.temporal import calendar_unit
from bedside.questions.values import Quantity


@operator("Collapse", "(List<Interval<T>>) List<Interval<T>>", clause="Intervals, Collapse")
def collapse(operand: Sequence[Interval | None]) -> list[Interval]:
    """`collapse X`: intervals that overlap or meet become one; null of null.

    Nulls are left out, and intervals of which neither boundary is known. Dates and times are compared at the coarsest
    precision among the boundaries.
    """
    return collapse_per(operand, None) or []


@operator("Collapse", "(List<Interval<T>>, Quantity) List<Interval<T>>", clause="Intervals, Collapse", nulls=True)
def collapse_per(operand: Sequence[Interval | None] | None, per: Quantity | None) -> list[Interval] | None:
    """`collapse X per day`: intervals that overlap, or leave a gap that is less than `per`, become one.

    Null of null; a null `per` is none. Dates and times are compared at the precision of `per`. Raises EvaluationError
    for a `per` that is not positive or does not fit the points.
    """
    if operand is None:
        return None
    if per is not None and per.value <= 0:
        raise EvaluationError(f"collapse cannot go in steps of {per}", expected="a positive quantity")
    known = [each for each in operand if each is not None and not _nothing_known(each)]
    precision = _precision(known, per)
    found: list[Interval] = []
    for each in in_order(known, precision):
        if found and _joined(found[-1], each, precision, per):
            found[-1] = _covering(found[-1], each, precision)
        else:
            found.append(each)
    return found


def _nothing_known(interval: Interval) -> bool:
    """Whether it cannot be placed: it has no boundaries, or begins or ends beyond the points that there are."""
    if intervals.start(interval) is None or intervals.end(interval) is None:
        return True
    if interval.low is not None or interval.high is not None:
        return False
    return interval.point == "Any" or not (interval.low_closed or interval.high_closed)


def _precision(known: list[Interval], per: Quantity | None) -> str | None:
    """The precision at which dates and times are compared; None for other points."""
    points = [each for interval in known for each in (interval.low, interval.high) if each is not None]
    if not points or not isinstance(points[0], temporal.Temporal):
        return None
    if per is not None:
        unit = calendar_unit(per)
        return "Day" if unit == "week" else unit.capitalize()
    coarsest = min(temporal.precision_of(each) for each in points)
    return temporal.WORDS[coarsest]


def in_order(known: Sequence[Interval], precision: str | None = None) -> list[Interval]:
    """Intervals by their starts; those of which nobody knows which starts first stay as they were."""

    def order(one: Interval, other: Interval) -> int:
        return _order(one, other, precision)

    return sorted(known, key=functools.cmp_to_key(order))


def _order(one: Interval, other: Interval, precision: str | None) -> int:
    """By start; an unknown one as early as it may be."""
    left, right = _earliest(intervals.start(one)), _earliest(intervals.start(other))
    if left is None or right is None:
        return 0
    return intervals.compare(left, right) or intervals.compare(left, right, precision) or 0


def _earliest(bound: Bound) -> Bound:
    return bound.low if isinstance(bound, Uncertainty) else bound


def _joined(one: Interval, other: Interval, precision: str | None, per: Quantity | None) -> bool:
    """Whether two intervals, the first of which starts first, become one."""
    if either(overlaps(one, other, precision), meets_before(one, other, precision)):
        return True
    if per is None:
        return False
    reach = _advanced(intervals.end(one), per)
    return less_or_equal(intervals.start(other), reach, precision) is True


def _advanced(end: Bound, per: Quantity) -> Bound:
    """The end of an interval moved by one step; None where that is not known or there is nothing beyond."""
    if end is None or isinstance(end, Uncertainty):
        return None
    if isinstance(end, temporal.Temporal):
        try:
            return durations.add(end, per)
        except EvaluationError:
            return None
    if isinstance(end, Quantity):
        if per.unit == "1" and not per.calendar:
            per = Quantity(per.value, end.unit, end.calendar)
        moved = quantities.add(end, per)
        if moved is None and quantities.value_in(per, end) is None:
            raise EvaluationError(f"steps of {per} do not fit quantities in {end.unit}")
        return moved
    if per.unit != "1" or per.calendar:
        raise EvaluationError(f"steps of {per} do not fit numbers", expected="a step without a unit")
    return exact.CONTEXT.add(Decimal(end), per.value)


def _covering(one: Interval, other: Interval, precision: str | None) -> Interval:
    """From the start of the first to the later end of the two."""
    ends = intervals.end(one), intervals.end(other)
    order = less_or_equal(ends[1], ends[0])
    if order is None:
        order = less_or_equal(ends[1], ends[0], precision)
    if order is True:
        return one
    if order is None and isinstance(ends[0], Uncertainty):
        return Interval(one.low, None, one.low_closed, False, one.point)
    return Interval(one.low, other.high, one.low_closed, other.high_closed, one.point)
