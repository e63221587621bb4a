"""How two intervals, or an interval and a point, lie to each other (CQL 1.5.3, appendix B, "Interval Operators").

All are null when a side is null. With a precision starts and ends are compared at it; what is not known precisely
enough, or unknown because an open boundary is null, gives null unless the rest decides.
"""

from __future__ import annotations

from bedside.questions.cql.operators import intervals
from bedside.questions.cql.operators.intervals import Bound, both, either, follows, less, less_or_equal, same
from bedside.questions.cql.operators.registry import operator
from bedside.questions.cql.values import Interval

_TWO = "(Interval<T>, Interval<T>) Boolean"
_ANY_TWO = (_TWO, "(T, Interval<T>) Boolean", "(Interval<T>, T) Boolean")

Side = Bound
"""An interval or a point, which stands for the interval of this point alone."""


def _start(side: Side) -> Bound:
    if side.__class__ is not Interval:
        return side
    return side.low if side.low_closed and side.low is not None else intervals.start(side)


def _end(side: Side) -> Bound:
    if side.__class__ is not Interval:
        return side
    return side.high if side.high_closed and side.high is not None else intervals.end(side)


@operator("Before", *_ANY_TWO, clause="Intervals, Before", precision=True)
def before(left: Side, right: Side, precision: str | None = None) -> bool | None:
    """Left ends before right starts."""
    return less(_end(left), _start(right), precision)


@operator("After", *_ANY_TWO, clause="Intervals, After", precision=True)
def after(left: Side, right: Side, precision: str | None = None) -> bool | None:
    """Left starts after right ends."""
    return less(_end(right), _start(left), precision)


@operator("SameOrBefore", *_ANY_TWO, clause="Intervals, Same Or Before", precision=True)
def same_or_before(left: Side, right: Side, precision: str | None = None) -> bool | None:
    """`on or before`: left ends on or before the start of right."""
    return less_or_equal(_end(left), _start(right), precision)


@operator("SameOrAfter", *_ANY_TWO, clause="Intervals, Same Or After", precision=True)
def same_or_after(left: Side, right: Side, precision: str | None = None) -> bool | None:
    """`on or after`: left starts on or after the end of right."""
    return less_or_equal(_end(right), _start(left), precision)


@operator("SameAs", _TWO, clause="Intervals, Same As", precision=True)
def same_as(left: Interval, right: Interval, precision: str | None = None) -> bool | None:
    """Both start together and end together."""
    return both(same(_start(left), _start(right), precision), same(_end(left), _end(right), precision))


@operator("Includes", _TWO, clause="Intervals, Includes", precision=True)
def includes(left: Interval, right: Interval, precision: str | None = None) -> bool | None:
    """Left starts on or before the start of right and ends on or after its end."""
    if intervals.is_unknown(left):
        return _reaches_everywhere(left)
    starts_first = less_or_equal(_start(left), _start(right), precision)
    return False if starts_first is False else both(starts_first, less_or_equal(_end(right), _end(left), precision))


@operator("IncludedIn", _TWO, clause="Intervals, Included In", precision=True)
def included_in(left: Interval, right: Interval, precision: str | None = None) -> bool | None:
    """`during`: right includes left."""
    return includes(right, left, precision)


@operator("ProperIncludes", _TWO, clause="Intervals, Properly Includes", precision=True)
def proper_includes(left: Interval, right: Interval, precision: str | None = None) -> bool | None:
    """Left includes right and they are not the same."""
    if intervals.is_unknown(left):
        return _reaches_everywhere(left)
    larger = either(less(_start(left), _start(right), precision), less(_end(right), _end(left), precision))
    return both(includes(left, right, precision), larger)


@operator("ProperIncludedIn", _TWO, clause="Intervals, Properly Included In", precision=True)
def proper_included_in(left: Interval, right: Interval, precision: str | None = None) -> bool | None:
    """`properly during`: right includes left and they are not the same."""
    return proper_includes(right, left, precision)


def _reaches_everywhere(unknown: Interval) -> bool | None:
    """`Interval[null, null]` includes everything, whatever its points are; with an open boundary nobody knows."""
    return True if unknown.low_closed and unknown.high_closed else None


@operator("MeetsBefore", _TWO, clause="Intervals, Meets", precision=True)
def meets_before(left: Interval, right: Interval, precision: str | None = None) -> bool | None:
    """Right starts just after left ends."""
    return follows(_end(left), _start(right), precision)


@operator("MeetsAfter", _TWO, clause="Intervals, Meets", precision=True)
def meets_after(left: Interval, right: Interval, precision: str | None = None) -> bool | None:
    """Left starts just after right ends."""
    return follows(_end(right), _start(left), precision)


@operator("Meets", _TWO, clause="Intervals, Meets", precision=True)
def meets(left: Interval, right: Interval, precision: str | None = None) -> bool | None:
    """One starts just after the other ends."""
    return either(meets_before(left, right, precision), meets_after(left, right, precision))


@operator("Overlaps", _TWO, clause="Intervals, Overlaps", precision=True)
def overlaps(left: Interval, right: Interval, precision: str | None = None) -> bool | None:
    """There is a point in both: each starts on or before the end of the other."""
    first = less_or_equal(_start(left), _end(right), precision)
    return False if first is False else both(first, less_or_equal(_start(right), _end(left), precision))


@operator("OverlapsBefore", _TWO, clause="Intervals, Overlaps", precision=True)
def overlaps_before(left: Interval, right: Interval, precision: str | None = None) -> bool | None:
    """They overlap and left starts first."""
    return both(overlaps(left, right, precision), less(_start(left), _start(right), precision))


@operator("OverlapsAfter", _TWO, clause="Intervals, Overlaps", precision=True)
def overlaps_after(left: Interval, right: Interval, precision: str | None = None) -> bool | None:
    """They overlap and left ends last."""
    return both(overlaps(left, right, precision), less(_end(right), _end(left), precision))


@operator("Starts", _TWO, clause="Intervals, Starts", precision=True)
def starts(left: Interval, right: Interval, precision: str | None = None) -> bool | None:
    """They start together and left ends on or before the end of right."""
    together = same(_start(left), _start(right), precision)
    return both(together, less_or_equal(_end(left), _end(right), precision))


@operator("Ends", _TWO, clause="Intervals, Ends", precision=True)
def ends(left: Interval, right: Interval, precision: str | None = None) -> bool | None:
    """They end together and left starts on or after the start of right."""
    together = same(_end(left), _end(right), precision)
    return both(together, less_or_equal(_start(right), _start(left), precision))
