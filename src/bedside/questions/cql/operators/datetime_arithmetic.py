"""Adding durations to dates and times, the time between two of them, and ages (CQL 1.5.3, appendix B)."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from bedside.questions.cql.operators import durations
from bedside.questions.cql.operators.registry import operator
from bedside.questions.cql.values import Uncertainty
from bedside.questions.values import Date, DateTime, Quantity, Time

if TYPE_CHECKING:
    from bedside.questions.cql.run.state import State

Moved = TypeVar("Moved", Date, DateTime, Time)


@operator(
    "Add",
    "(Date, Quantity) Date",
    "(DateTime, Quantity) DateTime",
    "(Time, Quantity) Time",
    clause="Dates, Add",
)
def add(left: Moved, right: Quantity) -> Moved:
    """`@2014-01-31 + 1 month`; null when a side is null. See `durations.add` for the rules and errors."""
    return durations.add(left, right)  # type: ignore[return-value]


@operator(
    "Subtract",
    "(Date, Quantity) Date",
    "(DateTime, Quantity) DateTime",
    "(Time, Quantity) Time",
    clause="Dates, Subtract",
)
def subtract(left: Moved, right: Quantity) -> Moved:
    """`@2014-03-31 - 1 month`; null when a side is null. See `durations.add` for the rules and errors."""
    return durations.add(left, right, -1)  # type: ignore[return-value]


@operator(
    "DurationBetween",
    "(Date, Date) Integer",
    "(DateTime, DateTime) Integer",
    "(Time, Time) Integer",
    clause="Dates, Duration",
    precision=True,
    state=True,
)
def duration_between(
    state: State, low: Date | DateTime | Time, high: Date | DateTime | Time, precision: str | None = None
) -> int | Uncertainty:
    """`years between A and B`: whole periods; null when a side is null. An Uncertainty when a side is too imprecise."""
    assert precision is not None
    return durations.duration(low, high, precision, state.offset)


@operator(
    "DifferenceBetween",
    "(Date, Date) Integer",
    "(DateTime, DateTime) Integer",
    "(Time, Time) Integer",
    clause="Dates, Difference",
    precision=True,
    state=True,
)
def difference_between(
    state: State, low: Date | DateTime | Time, high: Date | DateTime | Time, precision: str | None = None
) -> int | Uncertainty:
    """`difference in years between A and B`: boundaries crossed; null when a side is null. Perhaps an Uncertainty."""
    assert precision is not None
    return durations.difference(low, high, precision, state.offset)


@operator("CalculateAge", "(Date) Integer", clause="Clinical, CalculateAge", precision=True, state=True)
def calculate_age(state: State, birth: Date, precision: str | None = None) -> int | Uncertainty:
    """The age today; null when the birth date is. See `duration_between`."""
    return duration_between(state, birth, state.today, precision)


@operator("CalculateAge", "(DateTime) Integer", clause="Clinical, CalculateAge", precision=True, state=True)
def calculate_age_from_instant(state: State, birth: DateTime, precision: str | None = None) -> int | Uncertainty:
    """The age now; null when the birth date is. See `duration_between`."""
    return duration_between(state, birth, state.now, precision)


@operator(
    "CalculateAgeAt",
    "(Date, Date) Integer",
    "(DateTime, DateTime) Integer",
    clause="Clinical, CalculateAgeAt",
    precision=True,
    state=True,
)
def calculate_age_at(
    state: State, birth: Date | DateTime, at: Date | DateTime, precision: str | None = None
) -> int | Uncertainty:
    """The age at a date; null when a side is null. See `duration_between`."""
    return duration_between(state, birth, at, precision)
