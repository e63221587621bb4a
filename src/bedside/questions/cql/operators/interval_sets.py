"""Union, intersection and difference of two intervals (CQL 1.5.3, appendix B, "Interval Operators").

Null when a side is null, when the result would be no interval, and when it cannot be known. Boundaries of the result
are those of the operands, as they were written.
"""

from __future__ import annotations

from bedside.questions.cql.operators import intervals
from bedside.questions.cql.operators.interval_relations import meets, overlaps
from bedside.questions.cql.operators.intervals import either, less_or_equal
from bedside.questions.cql.operators.points import predecessor, successor
from bedside.questions.cql.operators.registry import operator
from bedside.questions.cql.values import Interval, Uncertainty

_TWO = "(Interval<T>, Interval<T>) Interval<T>"


@operator("Union", _TWO, clause="Intervals, Union")
def union(left: Interval, right: Interval) -> Interval | None:
    """From the earlier start to the later end; null when they neither overlap nor meet."""
    if either(overlaps(left, right), meets(left, right)) is not True:
        return None
    return _between(left, right, earlier_start=True, earlier_end=False)


@operator("Intersect", _TWO, clause="Intervals, Intersect")
def intersect(left: Interval, right: Interval) -> Interval | None:
    """From the later start to the earlier end; null when they do not overlap."""
    if overlaps(left, right) is not True:
        return None
    return _between(left, right, earlier_start=False, earlier_end=True)


def _between(left: Interval, right: Interval, *, earlier_start: bool, earlier_end: bool) -> Interval | None:
    """An interval of boundaries of the two; one that depends on an unknown boundary is unknown, too: null and open."""
    starts = intervals.start(left), intervals.start(right)
    ends = intervals.end(left), intervals.end(right)
    left_starts_first, left_ends_first = less_or_equal(*starts), less_or_equal(*ends)
    if left_starts_first is None:
        if not any(each.__class__ is Uncertainty for each in starts):
            return None
        low, low_closed = None, False
    else:
        chosen = left if left_starts_first is earlier_start else right
        low, low_closed = chosen.low, chosen.low_closed
    if left_ends_first is None:
        if not any(each.__class__ is Uncertainty for each in ends):
            return None
        high, high_closed = None, False
    else:
        chosen = left if left_ends_first is earlier_end else right
        high, high_closed = chosen.high, chosen.high_closed
    return Interval(low, high, low_closed, high_closed, _point(left, right))


def _point(left: Interval, right: Interval) -> str:
    known = intervals.point_type(left)
    return known if known != "Any" else intervals.point_type(right)


@operator("Except", _TWO, clause="Intervals, Except")
def except_(left: Interval, right: Interval) -> Interval | None:
    """What of the left is not in the right; null when that is nothing, or two pieces."""
    overlap = overlaps(left, right)
    if overlap is not True:
        return left if overlap is False else None
    from_start = less_or_equal(intervals.start(right), intervals.start(left))
    to_end = less_or_equal(intervals.end(left), intervals.end(right))
    if from_start is None or to_end is None or from_start is to_end:
        return None
    point = _point(left, right)
    if from_start:
        return Interval(successor(intervals.end(right)), left.high, True, left.high_closed, point)
    return Interval(left.low, predecessor(intervals.start(right)), left.low_closed, True, point)
