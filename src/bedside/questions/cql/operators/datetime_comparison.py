"""`same day as`, `same or before`, `before month of` and their kin between two points in time (CQL 1.5.3, appendix B).

All of them are null when a side is null or not known precisely enough. With a precision nothing finer counts; without
one both must have the same precision to be the same. Hours and finer of different offsets are told apart in the zone
of the session.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from bedside.questions.cql.operators.registry import operator
from bedside.questions.cql.operators.temporal import Temporal, compare

if TYPE_CHECKING:
    from bedside.questions.cql.run.state import State

_POINTS = ("(Date, Date) Boolean", "(Time, Time) Boolean")
_INSTANTS = "(DateTime, DateTime) Boolean"


class _Timing(Protocol):
    def __call__(
        self, left: Temporal, right: Temporal, precision: str | None = None, offset: int | None = None
    ) -> bool | None: ...


def _in_zone_of_session(name: str, clause: str, timing: _Timing) -> None:
    """Enter the overload of DateTimes, which needs the session's offset."""

    def body(state: State, left: Temporal, right: Temporal, precision: str | None = None) -> bool | None:
        return timing(left, right, precision, state.offset)

    body.__doc__ = timing.__doc__
    operator(name, _INSTANTS, clause=f"Dates, {clause}", precision=True, state=True)(body)


@operator("SameAs", *_POINTS, clause="Dates, Same As", precision=True)
def same_as(left: Temporal, right: Temporal, precision: str | None = None, offset: int | None = None) -> bool | None:
    """`left same day as right`."""
    order = compare(left, right, precision, offset)
    return None if order is None else order == 0


@operator("SameOrBefore", *_POINTS, clause="Dates, Same Or Before", precision=True)
def same_or_before(
    left: Temporal, right: Temporal, precision: str | None = None, offset: int | None = None
) -> bool | None:
    """`left same day or before right`, `left on or before day of right`."""
    order = compare(left, right, precision, offset)
    return None if order is None else order <= 0


@operator("SameOrAfter", *_POINTS, clause="Dates, Same Or After", precision=True)
def same_or_after(
    left: Temporal, right: Temporal, precision: str | None = None, offset: int | None = None
) -> bool | None:
    """`left same day or after right`, `left on or after day of right`."""
    order = compare(left, right, precision, offset)
    return None if order is None else order >= 0


@operator("Before", *_POINTS, clause="Dates, Before", precision=True)
def before(left: Temporal, right: Temporal, precision: str | None = None, offset: int | None = None) -> bool | None:
    """`left before day of right`."""
    order = compare(left, right, precision, offset)
    return None if order is None else order < 0


@operator("After", *_POINTS, clause="Dates, After", precision=True)
def after(left: Temporal, right: Temporal, precision: str | None = None, offset: int | None = None) -> bool | None:
    """`left after day of right`."""
    order = compare(left, right, precision, offset)
    return None if order is None else order > 0


_in_zone_of_session("SameAs", "Same As", same_as)
_in_zone_of_session("SameOrBefore", "Same Or Before", same_or_before)
_in_zone_of_session("SameOrAfter", "Same Or After", same_or_after)
_in_zone_of_session("Before", "Before", before)
_in_zone_of_session("After", "After", after)
