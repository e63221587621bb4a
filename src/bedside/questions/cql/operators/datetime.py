"""Dates and times: made from components, taken apart, and the clock of the session (CQL 1.5.3, appendix B).

Every DateTime has an offset: one made without it gets that of the session.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from bedside.questions.cql.operators.exact import shortened
from bedside.questions.cql.operators.registry import operator
from bedside.questions.cql.operators.temporal import has_milliseconds, normalized
from bedside.questions.errors import EvaluationError
from bedside.questions.numbers import NUMBERS
from bedside.questions.values import UTC_MINUTES_MAX, Date, DateTime, Time

if TYPE_CHECKING:
    from bedside.questions.cql.run.state import State

_INTEGERS = ["Integer"] * 7


def _known(components: Sequence[int | None], names: Sequence[str]) -> list[int]:
    """The components before the first null. Raises EvaluationError when one is given below a null."""
    known: list[int] = []
    missing: str | None = None
    for component, name in zip(components, names, strict=False):
        if component is None:
            missing = missing or name
        elif missing is not None:
            raise EvaluationError(f"there is a {name}, but no {missing}")
        else:
            known.append(component)
    return known


_DATE_NAMES = ("year", "month", "day")
_CLOCK_NAMES = ("hour", "minute", "second", "millisecond")
_CLOCK_TOPS = (23, 59, 59, 999)


def _second(clock: Sequence[int]) -> Decimal | None:
    """Second and millisecond as one number."""
    if len(clock) < 3:
        return None
    return Decimal(clock[2]) if len(clock) == 3 else Decimal(clock[2] * 1000 + clock[3]).scaleb(-3)


@operator(
    "Date",
    *(f"({', '.join(_INTEGERS[:n])}) Date" for n in (1, 2, 3)),
    clause="Dates, Date",
    nulls=True,
)
def date(*components: int | None) -> Date | None:
    """Date(year, month, day): null without a year; EvaluationError for a day without a month, or one that is not.

    Null components at the end make the date less precise.
    """
    known = _known(components, _DATE_NAMES)
    return _checked_date(known) if known else None


def _checked_date(components: Sequence[int]) -> Date:
    try:
        return Date.parse("-".join(f"{each:0{width}d}" for each, width in zip(components, (4, 2, 2), strict=False)))
    except ValueError as error:
        raise EvaluationError(str(error)) from None


@operator(
    "DateTime",
    *(f"({', '.join(_INTEGERS[:n])}) DateTime" for n in range(1, 8)),
    f"({', '.join(_INTEGERS)}, Decimal) DateTime",
    clause="Dates, DateTime",
    nulls=True,
    state=True,
)
def datetime(state: State, *components: int | Decimal | None) -> DateTime | None:
    """DateTime(year, ..., millisecond, timezoneOffset): null without a year, offset of the session unless given.

    EvaluationError for a component below a null one, and for one that is out of its range.
    """
    offset = state.offset if len(components) < 8 or components[7] is None else _offset(components[7])
    known = _known(components[:7], _DATE_NAMES + _CLOCK_NAMES)  # type: ignore[arg-type]
    if not known:
        return None
    day = _checked_date(known[:3])
    clock = known[3:]
    if not clock:
        return DateTime(day.year, day.month, day.day, offset=offset)
    at = _checked_time(clock)
    return DateTime(day.year, day.month, day.day, at.hour, at.minute, at.second, offset)


def _offset(hours: int | Decimal) -> int:
    found = round(NUMBERS.multiply(Decimal(hours), Decimal(60)))
    if abs(found) > UTC_MINUTES_MAX:
        raise EvaluationError(f"there is no zone {hours}", expected="-14 to 14 hours")
    return found


def _checked_time(clock: Sequence[int]) -> Time:
    for place, value in enumerate(clock):
        if not 0 <= value <= _CLOCK_TOPS[place]:
            raise EvaluationError(f"{_CLOCK_NAMES[place]} {value} is not between 0 and {_CLOCK_TOPS[place]}")
    return Time(clock[0], clock[1] if len(clock) > 1 else None, _second(clock))


@operator(
    "Time",
    *(f"({', '.join(_INTEGERS[:n])}) Time" for n in (1, 2, 3, 4)),
    clause="Dates, Time",
    nulls=True,
)
def time(*components: int | None) -> Time | None:
    """Time(hour, minute, second, millisecond): null without an hour; EvaluationError as for `DateTime`."""
    known = _known(components, _CLOCK_NAMES)
    return _checked_time(known) if known else None


@operator("Now", "() DateTime", clause="Dates, Now", state=True)
def now(state: State) -> DateTime:
    """The instant of the session, the same throughout."""
    return state.now


@operator("Today", "() Date", clause="Dates, Today", state=True)
def today(state: State) -> Date:
    """The date of `Now`."""
    return state.today


@operator("TimeOfDay", "() Time", clause="Dates, TimeOfDay", state=True)
def time_of_day(state: State) -> Time:
    """The time of day of `Now`."""
    return state.time


@operator(
    "DateTimeComponentFrom",
    "(Date) Integer",
    "(DateTime) Integer",
    "(Time) Integer",
    clause="Dates, Date and Time Component From",
    precision=True,
)
def component_from(operand: Date | DateTime | Time, precision: str | None = None) -> int | None:
    """`hour from X`: the component as it is written; null where it is not known (or null) or the type has none."""
    if precision in ("Second", "Millisecond"):
        second: Decimal | None = getattr(operand, "second", None)
        if second is None:
            return None
        if precision == "Second":
            return int(second)
        return int(second * 1000) % 1000 if has_milliseconds(second) else None
    found: int | None = getattr(operand, (precision or "").lower(), None)
    return found


@operator("TimezoneOffsetFrom", "(DateTime) Decimal", clause="Dates, Date and Time Component From")
def timezone_offset_from(operand: DateTime) -> Decimal | None:
    """The offset in hours: -7.0, 5.5."""
    if operand.offset is None:
        return None
    hours = shortened(NUMBERS.divide(Decimal(operand.offset), Decimal(60)))
    return hours if hours is None or hours != int(hours) else hours.quantize(Decimal("0.1"))


@operator("DateFrom", "(DateTime) Date", clause="Dates, Date and Time Component From")
def date_from(operand: DateTime) -> Date:
    """The date as it is written, as precise as the DateTime is."""
    return Date(operand.year, operand.month, operand.day)


@operator("TimeFrom", "(DateTime) Time", clause="Dates, Date and Time Component From", state=True)
def time_from(state: State, operand: DateTime) -> Time | None:
    """The time of day in the zone of the session; null where no hour is known."""
    if operand.hour is None:
        return None
    moved = normalized(operand, state.offset)
    assert moved.hour is not None
    return Time(moved.hour, moved.minute, moved.second)
