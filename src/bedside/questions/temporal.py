"""Comparing dates and times of any precision, and adding durations to them.

Two values compare part by part from the year on, until one of them has no more parts: then nothing can be said
(FHIRPath N1, 6.1.1 and 6.2). Seconds and their fraction count as one part. A value with a zone and one without compare
only if every zone there is would give the same answer.

Every function here that returns None means "not known", which becomes the empty collection.
"""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import replace
from decimal import ROUND_DOWN, Decimal

from bedside.questions.errors import EvaluationError
from bedside.questions.values import Date, DateTime, Quantity, Time

Temporal = Date | DateTime | Time

_DAY = 86_400_000_000
"""A day in microseconds; all instants here are integers of microseconds, as in `bedside.fhir.dates`."""

_ZONE_WEST, _ZONE_EAST = 12 * 3_600_000_000, 14 * 3_600_000_000


def compare(left: Temporal, right: Temporal) -> int | None:
    """-1, 0 or 1; None when the precisions or zones leave it open. A Date compares with a DateTime as one.

    Raises EvaluationError for a Time and something else.
    """
    if isinstance(left, Time) or isinstance(right, Time):
        if not (isinstance(left, Time) and isinstance(right, Time)):
            raise EvaluationError("a Time cannot be compared with a Date or DateTime")
        return _by_parts((left.hour, left.minute, left.second), (right.hour, right.minute, right.second))
    if left.__class__ is right.__class__ is Date:
        return _by_parts((left.year, left.month, left.day), (right.year, right.month, right.day))
    left, right = _as_datetime(left), _as_datetime(right)
    if left.offset == right.offset:
        return _by_parts(_parts(left), _parts(right))
    return _across_zones(left, right)


def equivalent(left: Temporal, right: Temporal) -> bool:
    """Same precision and same point (FHIRPath N1, 6.1.2); never unknown."""
    if isinstance(left, Time) != isinstance(right, Time):
        return False
    return compare(left, right) == 0


def _as_datetime(value: Date | DateTime) -> DateTime:
    return DateTime.from_date(value) if isinstance(value, Date) else value


def _parts(value: DateTime) -> tuple[int | Decimal | None, ...]:
    return (value.year, value.month, value.day, value.hour, value.minute, value.second)


def _by_parts(left: tuple[int | Decimal | None, ...], right: tuple[int | Decimal | None, ...]) -> int | None:
    for one, other in zip(left, right, strict=True):
        if one is None or other is None:
            return 0 if one is other else None
        if one != other:
            return -1 if one < other else 1
    return 0


def _across_zones(left: DateTime, right: DateTime) -> int | None:
    """Compare what has different zones, or a zone on one side only, as ranges of instants."""
    left_low, left_high = _range(left)
    right_low, right_high = _range(right)
    if left.offset is not None and right.offset is not None and precision_parts(left) == precision_parts(right):
        return (left_low > right_low) - (left_low < right_low)
    if left_high < right_low:
        return -1
    if left_low > right_high:
        return 1
    return None


def precision_parts(value: Temporal) -> int:
    """How many parts are known: 1 for a year alone to 6 for seconds; for a Time 1 to 3."""
    match value:
        case Date(month=month, day=day):
            return 1 + (month is not None) + (day is not None)
        case Time(minute=minute, second=second):
            return 1 + (minute is not None) + (second is not None)
        case DateTime():
            return sum(part is not None for part in _parts(value))


def _range(value: DateTime) -> tuple[int, int]:
    """First and last microsecond that the value may stand for, in UTC."""
    day = dt.date(value.year, value.month or 1, value.day or 1).toordinal()
    low = day * _DAY
    if value.hour is None:
        if value.day is not None:
            length = _DAY
        elif value.month is not None:
            length = calendar.monthrange(value.year, value.month)[1] * _DAY
        else:
            length = (366 if calendar.isleap(value.year) else 365) * _DAY
    else:
        low += value.hour * 3_600_000_000 + (value.minute or 0) * 60_000_000
        length = 3_600_000_000 if value.minute is None else 60_000_000
        if value.second is not None:
            low += int(value.second * 1_000_000)
            length = 1
    high = low + length - 1
    if value.offset is None:
        return low - _ZONE_EAST, high + _ZONE_WEST
    return low - value.offset * 60_000_000, high - value.offset * 60_000_000


def sort_key(value: Temporal) -> tuple[int, ...]:
    """A total order that agrees with `compare` where that has an answer: by earliest instant, coarser values first."""
    if isinstance(value, Time):
        second = value.second or Decimal(0)
        return (value.hour * 3600 + (value.minute or 0) * 60, int(second * 1_000_000), precision_parts(value))
    value = _as_datetime(value)
    return (_range(value if value.offset is not None else replace(value, offset=0))[0], precision_parts(value))


_CALENDAR_OF_UCUM = {"wk": "week", "d": "day", "h": "hour", "min": "minute", "s": "second", "ms": "millisecond"}
"""UCUM units of a fixed length that are the same as a calendar duration. A UCUM month or year is not."""

_MICROSECONDS = {
    "week": 7 * _DAY,
    "day": _DAY,
    "hour": 3_600_000_000,
    "minute": 60_000_000,
    "second": 1_000_000,
    "millisecond": 1_000,
}


def calendar_unit(quantity: Quantity) -> str:
    """The calendar duration that a quantity counts, for adding it to a date.

    Raises EvaluationError for a UCUM month or year, whose length in days is fixed, and for what is no time at all
    (FHIRPath N1, 6.6.7).
    """
    if quantity.calendar:
        return quantity.unit
    if quantity.unit in _CALENDAR_OF_UCUM:
        return _CALENDAR_OF_UCUM[quantity.unit]
    if quantity.unit in ("year", "month", *_MICROSECONDS):
        return quantity.unit
    if quantity.unit in ("a", "mo"):
        word = "years" if quantity.unit == "a" else "months"
        raise EvaluationError(f"'{quantity.unit}' has a fixed length and cannot be added to a date", expected=word)
    raise EvaluationError(f"'{quantity.unit}' is no duration to add to a date", expected="years to milliseconds")


def add(value: Temporal, quantity: Quantity, sign: int = 1) -> Temporal | None:
    """The date or time later (or with sign -1 earlier) by a duration, with the same precision.

    A duration finer than the value is first cut to the value's precision: a year is 365 days, a month 30 days.
    None when the result is outside the years 1 to 9999.
    """
    unit = calendar_unit(quantity)
    amount = quantity.value * sign
    try:
        if isinstance(value, Time):
            return _add_to_time(value, amount, unit)
        if isinstance(value, Date):
            moved = _add_to_datetime(DateTime.from_date(value), amount, unit)
            return Date(moved.year, moved.month, moved.day)
        return _add_to_datetime(value, amount, unit)
    except (ValueError, OverflowError):
        return None


def _whole(amount: Decimal) -> int:
    if abs(amount) > 10**15:
        raise OverflowError
    return int(amount.to_integral_value(ROUND_DOWN))


def _add_to_time(value: Time, amount: Decimal, unit: str) -> Time:
    if unit not in ("hour", "minute", "second", "millisecond"):
        raise EvaluationError(f"{unit}s cannot be added to a Time", expected="hours, minutes, seconds or milliseconds")
    instant = _add_to_datetime(DateTime(2001, 1, 1, value.hour, value.minute, value.second), amount, unit)
    assert instant.hour is not None
    return Time(instant.hour, instant.minute, instant.second)


def _add_to_datetime(value: DateTime, amount: Decimal, unit: str) -> DateTime:
    if unit == "year":
        return _add_months(value, 12 * _whole(amount))
    if unit == "month":
        return _add_months(value, _whole(amount))
    count = _whole(amount) if unit != "second" else amount
    micros = int(count * _MICROSECONDS[unit])
    if value.day is None:
        days = int(Decimal(micros) / _DAY)
        return _add_months(value, 12 * int(days / 365) if value.month is None else int(days / 30))
    # Cut to the value's own precision, towards zero.
    step = _DAY
    if value.hour is not None:
        step = 3_600_000_000 if value.minute is None else 60_000_000 if value.second is None else 1
    moved_by = abs(micros) // step * step
    return _add_microseconds(value, moved_by if micros >= 0 else -moved_by)


def _add_months(value: DateTime, months: int) -> DateTime:
    if value.month is None:
        year, month = value.year + int(months / 12), None
    else:
        total = value.year * 12 + value.month - 1 + months
        year, month = total // 12, total % 12 + 1
    if not 1 <= year <= 9999:
        raise OverflowError
    day = value.day
    if day is not None and month is not None:
        day = min(day, calendar.monthrange(year, month)[1])
    return DateTime(year, month, day, value.hour, value.minute, value.second, value.offset)


def _add_microseconds(value: DateTime, micros: int) -> DateTime:
    assert value.month is not None
    assert value.day is not None
    start = dt.datetime(value.year, value.month, value.day, value.hour or 0, value.minute or 0)
    days, rest = divmod(micros, _DAY)
    seconds = (value.second or Decimal(0)) + Decimal(rest).scaleb(-6)
    minutes, second = divmod(seconds, 60)
    moved = start + dt.timedelta(days=days, minutes=int(minutes))
    return DateTime(
        moved.year,
        moved.month,
        moved.day,
        None if value.hour is None else moved.hour,
        None if value.minute is None else moved.minute,
        None if value.second is None else _with_digits(second, value.second, micros),
        value.offset,
    )


def _with_digits(second: Decimal, written: Decimal, micros: int) -> Decimal:
    """The second with as many digits as it was written with, or as the duration made necessary."""
    exponent = written.as_tuple().exponent
    digits = -exponent if isinstance(exponent, int) else 0
    needed = 0 if micros % 1_000_000 == 0 else 3 if micros % 1_000 == 0 else 6
    return second.quantize(Decimal(1).scaleb(-max(digits, needed)))
