"""HighBoundary, LowBoundary, Precision: what a value may stand for, by its digits (ELM 16.7, 16.9, 16.17).

    1.587        LowBoundary 1.58700000            HighBoundary 1.58799999             (8 digits after the point)
    @2014        LowBoundary @2014-01              HighBoundary @2014-12               (6 digits of a date)
    @T10:30      LowBoundary @T10:30:00.000        HighBoundary @T10:30:59.999         (9 digits of a time)

A precision counts digits: after the point for a Decimal (0 to 8), of everything for a Date (4, 6, 8), a DateTime (those
and 10, 12, 14, 17) and a Time (2, 4, 6, 9). Null or none is the greatest of the type; what cannot be had gives null.
FHIRPath's functions of these names are others: they take a Decimal for rounded, not for cut.
"""

from __future__ import annotations

import calendar
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, Decimal

from bedside.questions.cql.operators import exact
from bedside.questions.cql.operators.registry import operator
from bedside.questions.cql.operators.temporal import has_milliseconds
from bedside.questions.values import Date, DateTime, Time

_DATE_DIGITS = (4, 6, 8)
_DATETIME_DIGITS = (4, 6, 8, 10, 12, 14, 17)
_TIME_DIGITS = (2, 4, 6, 9)
_MILLISECOND = Decimal("0.001")


@operator("HighBoundary", "(Decimal, Integer) Decimal", "(Decimal) Decimal", clause="16.7", nulls=True)
def high_of_decimal(operand: Decimal | None, precision: int | None = None) -> Decimal | None:
    """The greatest Decimal with so many digits that begins like the operand."""
    return None if operand is None else _decimal(operand, precision, high=True)


@operator("LowBoundary", "(Decimal, Integer) Decimal", "(Decimal) Decimal", clause="16.9", nulls=True)
def low_of_decimal(operand: Decimal | None, precision: int | None = None) -> Decimal | None:
    """The least Decimal with so many digits that begins like the operand."""
    return None if operand is None else _decimal(operand, precision, high=False)


def _decimal(value: Decimal, digits: int | None, *, high: bool) -> Decimal | None:
    digits = exact.SCALE if digits is None else digits
    if not 0 <= digits <= exact.SCALE:
        return None
    written = exact.fraction_digits(value)
    step = Decimal(1).scaleb(-digits)
    if digits >= written and high == (value >= 0):
        # Away from zero: nines behind what is written.
        beyond = exact.CONTEXT.subtract(Decimal(1).scaleb(-written), step)
        value = exact.CONTEXT.add(value, beyond if high else -beyond)
    return exact.fit_decimal(value.quantize(step, ROUND_CEILING if high else ROUND_FLOOR, exact.CONTEXT))


@operator("HighBoundary", "(Date, Integer) Date", "(Date) Date", clause="16.7", nulls=True)
def high_of_date(operand: Date | None, precision: int | None = None) -> Date | None:
    """The last day, month or year that the date may be."""
    return None if operand is None else _date(operand, precision, high=True)


@operator("LowBoundary", "(Date, Integer) Date", "(Date) Date", clause="16.9", nulls=True)
def low_of_date(operand: Date | None, precision: int | None = None) -> Date | None:
    """The first day, month or year that the date may be."""
    return None if operand is None else _date(operand, precision, high=False)


def _date(value: Date, digits: int | None, *, high: bool) -> Date | None:
    digits = _DATE_DIGITS[-1] if digits is None else digits
    if digits not in _DATE_DIGITS:
        return None
    month = value.month or (12 if high else 1)
    day = value.day or (calendar.monthrange(value.year, month)[1] if high else 1)
    return Date(value.year, month if digits >= 6 else None, day if digits >= 8 else None)


@operator("HighBoundary", "(DateTime, Integer) DateTime", "(DateTime) DateTime", clause="16.7", nulls=True)
def high_of_datetime(operand: DateTime | None, precision: int | None = None) -> DateTime | None:
    """The last moment that it may be, in its own zone."""
    return None if operand is None else _datetime(operand, precision, high=True)


@operator("LowBoundary", "(DateTime, Integer) DateTime", "(DateTime) DateTime", clause="16.9", nulls=True)
def low_of_datetime(operand: DateTime | None, precision: int | None = None) -> DateTime | None:
    """The first moment that it may be, in its own zone."""
    return None if operand is None else _datetime(operand, precision, high=False)


def _datetime(value: DateTime, digits: int | None, *, high: bool) -> DateTime | None:
    digits = _DATETIME_DIGITS[-1] if digits is None else digits
    if digits not in _DATETIME_DIGITS:
        return None
    date = _date(Date(value.year, value.month, value.day), min(digits, 8), high=high)
    assert date is not None
    hour, minute, second = _clock(value.hour, value.minute, value.second, digits - 8, high=high)
    return DateTime(date.year, date.month, date.day, hour, minute, second, value.offset)


@operator("HighBoundary", "(Time, Integer) Time", "(Time) Time", clause="16.7", nulls=True)
def high_of_time(operand: Time | None, precision: int | None = None) -> Time | None:
    """The last moment that the time may be."""
    return None if operand is None else _time(operand, precision, high=True)


@operator("LowBoundary", "(Time, Integer) Time", "(Time) Time", clause="16.9", nulls=True)
def low_of_time(operand: Time | None, precision: int | None = None) -> Time | None:
    """The first moment that the time may be."""
    return None if operand is None else _time(operand, precision, high=False)


def _time(value: Time, digits: int | None, *, high: bool) -> Time | None:
    digits = _TIME_DIGITS[-1] if digits is None else digits
    if digits not in _TIME_DIGITS:
        return None
    hour, minute, second = _clock(value.hour, value.minute, value.second, digits, high=high)
    assert hour is not None
    return Time(hour, minute, second)


def _clock(
    hour: int | None, minute: int | None, second: Decimal | None, digits: int, *, high: bool
) -> tuple[int | None, int | None, Decimal | None]:
    """Hour, minute and second to 2, 4, 6 or 9 digits, what is not known filled with the first or last there is."""
    hour = (23 if high else 0) if hour is None else hour
    minute = (59 if high else 0) if minute is None else minute
    if second is None:
        second = Decimal("59.999" if high else "0.000")
    elif not has_milliseconds(second):
        second += Decimal("0.999" if high else "0.000")
    step = _MILLISECOND if digits >= 9 else Decimal(1)
    return (
        hour if digits >= 2 else None,
        minute if digits >= 4 else None,
        second.quantize(step, ROUND_DOWN) if digits >= 6 else None,
    )


@operator("Precision", "(Decimal) Integer", clause="16.17")
def precision_of_decimal(operand: Decimal) -> int:
    """How many digits are written after the point. Null for null."""
    return exact.fraction_digits(operand)


@operator("Precision", "(Date) Integer", clause="16.17")
def precision_of_date(operand: Date) -> int:
    """4, 6 or 8. Null for null."""
    return 4 if operand.month is None else 6 if operand.day is None else 8


@operator("Precision", "(DateTime) Integer", clause="16.17")
def precision_of_datetime(operand: DateTime) -> int:
    """4, 6, 8, 10, 12, 14 or, with milliseconds, 17. Null for null."""
    if operand.hour is None:
        return precision_of_date(Date(operand.year, operand.month, operand.day))
    return 8 + precision_of_time(Time(operand.hour, operand.minute, operand.second))


@operator("Precision", "(Time) Integer", clause="16.17")
def precision_of_time(operand: Time) -> int:
    """2, 4, 6 or, with milliseconds, 9. Null for null."""
    if operand.second is None:
        return 2 if operand.minute is None else 4
    return 9 if has_milliseconds(operand.second) else 6
