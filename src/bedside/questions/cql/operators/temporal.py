"""The core of everything about dates and times in CQL: precision, comparison, and what a partial value may stand for.

Date, DateTime and Time are compared component by component, from the year (of a Time from the hour) to the wanted
precision or the finest that both have; milliseconds count as a component of their own (CQL 1.5.3, appendix B,
"Date and Time Operators"; author's guide, "Comparing Dates and Times"). A value carries three integers for that,
computed once:

    (precision, wall clock, instant)      precision 1 (year) to 7 (millisecond); the others in milliseconds

so that comparing two complete values is comparing two integers. Offsets are taken into account only from the hour on
("normalized ... only when the comparison precision is hours, minutes, seconds, or milliseconds").
"""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import replace
from decimal import Decimal

from bedside.questions.errors import EvaluationError
from bedside.questions.values import Date, DateTime, Time

Temporal = Date | DateTime | Time

Key = tuple[int, int, int]
"""Precision, wall clock and instant of a value; a missing month or day counts as 1, a missing clock as midnight."""

YEAR, MONTH, DAY, HOUR, MINUTE, SECOND, MILLISECOND = range(1, 8)

PRECISIONS = {
    "Year": YEAR,
    "Month": MONTH,
    "Day": DAY,
    "Hour": HOUR,
    "Minute": MINUTE,
    "Second": SECOND,
    "Millisecond": MILLISECOND,
}
"""ELM's DateTimePrecision, but for `Week`, which only durations know."""

WORDS = {number: word for word, number in PRECISIONS.items()}

DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS = 86_400_000, 3_600_000, 60_000, 1_000

UNIT_MS = (0, 0, 0, DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, 1)
"""The length in milliseconds of a precision; a year and a month have none."""


def key(value: Temporal) -> Key:
    """The comparison key of a value, kept on the value."""
    kept = value.key
    if kept is None:
        kept = _time_key(value) if value.__class__ is Time else _date_key(value)  # type: ignore[arg-type]
        object.__setattr__(value, "key", kept)
    return kept


def _date_key(value: Date | DateTime) -> Key:
    day = dt.date(value.year, value.month or 1, value.day or 1).toordinal() * DAY_MS
    precision = YEAR if value.month is None else MONTH if value.day is None else DAY
    if value.__class__ is Date:
        return precision, day, day
    assert isinstance(value, DateTime)
    if value.hour is not None:
        clock = _time_key(value)
        precision, day = clock[0], day + clock[1]
    return precision, day, day - (value.offset or 0) * MINUTE_MS


def _time_key(value: DateTime | Time) -> Key:
    assert value.hour is not None
    if value.minute is None:
        return HOUR, value.hour * HOUR_MS, value.hour * HOUR_MS
    clock = value.hour * HOUR_MS + value.minute * MINUTE_MS
    if value.second is None:
        return MINUTE, clock, clock
    clock += int(value.second * 1000)
    return (MILLISECOND if has_milliseconds(value.second) else SECOND), clock, clock


def has_milliseconds(second: Decimal) -> bool:
    """Whether a second is known to the millisecond: one written with a fraction is, even if it is zero."""
    return second.as_tuple().exponent != 0


def precision_of(value: Temporal) -> int:
    """The precision of a value, 1 (year) to 7 (millisecond)."""
    return key(value)[0]


def level(precision: str) -> int:
    """1 (year) to 7 (millisecond) of ELM's word. Weeks have no numbers that could be compared (appendix B, 18)."""
    found = PRECISIONS.get(precision)
    if found is None:
        raise EvaluationError(f"{precision.lower()} is no precision to compare at", expected="year to millisecond")
    return found


def compare(left: Temporal, right: Temporal, precision: str | None = None, offset: int | None = None) -> int | None:
    """-1, 0 or 1; None when a value is not known precisely enough to tell (CQL 1.5.3, appendix B, "Same As").

    With a precision what is finer does not count; without one both must have the same precision to be equal. Both are
    of one type, or a Date meets a DateTime. `offset` (minutes) is the zone in which hours are told apart when the two
    have different ones; without it the left's.
    """
    one, other = left.key or key(left), right.key or key(right)
    if precision is None:
        if one[0] == other[0] == MILLISECOND:
            a, b = one[2], other[2]
            return 0 if a == b else -1 if a < b else 1
        finest = one[0] if one[0] < other[0] else other[0]
        complete = one[0] == other[0]
    else:
        wanted = level(precision)
        finest = min(wanted, one[0], other[0])
        complete = finest == wanted
    if finest > DAY:
        shift = one[1] - one[2]
        if offset is not None and shift != other[1] - other[2]:
            shift = offset * MINUTE_MS
        unit = UNIT_MS[finest]
        a, b = (one[2] + shift) // unit, (other[2] + shift) // unit
    elif finest == DAY:
        a, b = one[1] // DAY_MS, other[1] // DAY_MS
    else:
        a, b = _months(left), _months(right)
        if finest == YEAR:
            a, b = a // 12, b // 12
    if a != b:
        return -1 if a < b else 1
    return 0 if complete else None


def _months(value: Temporal) -> int:
    assert not isinstance(value, Time)
    return value.year * 12 + (value.month or 1) - 1


def span(value: Temporal) -> tuple[int, int]:
    """The first and the last wall clock, in milliseconds, that a value may stand for.

    A Date stands for days, of which each is one point. A second without a fraction counts as written, for durations
    know seconds and milliseconds as one component.
    """
    precision, wall, _ = key(value)
    if precision >= SECOND:
        return wall, wall
    if isinstance(value, Time):
        return wall, wall + UNIT_MS[precision] - 1
    finest = DAY_MS if isinstance(value, Date) else 1
    if precision >= DAY:
        return wall, wall + UNIT_MS[precision] - finest
    if precision == MONTH:
        assert value.month is not None
        days = calendar.monthrange(value.year, value.month)[1]
    else:
        days = 366 if calendar.isleap(value.year) else 365
    return wall, wall + days * DAY_MS - finest


_FIRST_WALL, _AFTER_LAST_WALL = DAY_MS, (dt.date.max.toordinal() + 1) * DAY_MS


def at_wall(like: Temporal, wall: int) -> Temporal:
    """The value of the same type, precision and offset at another wall clock. A Time begins anew after midnight.

    Raises EvaluationError outside of the years 1 to 9999.
    """
    precision = key(like)[0]
    if isinstance(like, Time):
        hour, minute, second = clock_at(wall % DAY_MS, precision)
        assert hour is not None
        return Time(hour, minute, second)
    if not _FIRST_WALL <= wall < _AFTER_LAST_WALL:
        raise out_of_range()
    days, clock = divmod(wall, DAY_MS)
    date = dt.date.fromordinal(days)
    month = date.month if precision >= MONTH else None
    day = date.day if precision >= DAY else None
    if isinstance(like, Date):
        return Date(date.year, month, day)
    return DateTime(date.year, month, day, *clock_at(clock, precision), like.offset)


class OutOfRange(EvaluationError):
    """A date before year 1 or after year 9999."""


def out_of_range() -> OutOfRange:
    """The error of a date before year 1 or after year 9999 (developer's guide, "Date and Time Arithmetic")."""
    return OutOfRange("the date is outside of the years 1 to 9999")


def clock_at(clock: int, precision: int) -> tuple[int | None, int | None, Decimal | None]:
    """Hour, minute and second at so many milliseconds after midnight, as far as the precision goes."""
    if precision < HOUR:
        return None, None, None
    minutes, milliseconds = divmod(clock, MINUTE_MS)
    hour, minute = divmod(minutes, 60)
    if precision < SECOND:
        return hour, minute if precision == MINUTE else None, None
    if precision == SECOND:
        return hour, minute, Decimal(milliseconds // 1000)
    return hour, minute, Decimal(milliseconds).scaleb(-3)


def cut(value: Temporal, precision: int) -> Temporal:
    """The value without what is finer than a precision."""
    if key(value)[0] <= precision:
        return value
    if isinstance(value, Time):
        return Time(value.hour, value.minute if precision >= MINUTE else None, _whole_second(value.second, precision))
    month = value.month if precision >= MONTH else None
    day = value.day if precision >= DAY else None
    if isinstance(value, Date):
        return Date(value.year, month, day)
    hour = value.hour if precision >= HOUR else None
    minute = value.minute if precision >= MINUTE else None
    return DateTime(value.year, month, day, hour, minute, _whole_second(value.second, precision), value.offset)


def _whole_second(second: Decimal | None, precision: int) -> Decimal | None:
    return None if second is None or precision < SECOND else Decimal(int(second))


def normalized(value: DateTime, offset: int) -> DateTime:
    """The same instant in another zone, with the same precision; a value without an hour stays as it is."""
    precision, _, instant = key(value)
    if precision < HOUR or value.offset == offset:
        return value
    moved = at_wall(value, instant + offset * MINUTE_MS)
    assert isinstance(moved, DateTime)
    return replace(moved, offset=offset)
