"""lowBoundary, highBoundary, precision, comparable: what a value may stand for, given its digits (FHIRPath 3.0, 5.7).

    1.587       between 1.5865 and 1.5875: half of the last digit either way
    @2014-01    between @2014-01-01T00:00:00.000+14:00 and @2014-01-31T23:59:59.999-12:00
    @T10:30     between @T10:30:00.000 and @T10:30:59.999

A precision counts digits: of the fraction for a Decimal (0 to 28), of everything for a date or time (4, 6, 8, 10, 12,
14 and 17; for a Time 2, 4, 6 and 9).
"""

from __future__ import annotations

import calendar
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Any

from bedside.questions import tree
from bedside.questions.code import Code, Frame, Kind, expecting, function, one, scalar
from bedside.questions.compiler import Compiler
from bedside.questions.data import Item
from bedside.questions.numbers import DECIMAL_DIGITS, NUMBERS, fit_decimal, fraction_digits
from bedside.questions.temporal import precision_parts
from bedside.questions.units import definite
from bedside.questions.values import Date, DateTime, Quantity, Time

_BOUNDED = ("Integer", "Decimal", "Quantity", "Date", "DateTime", "Time")
_DATE_DIGITS = (4, 6, 8, 10, 12, 14, 17)
_TIME_DIGITS = (2, 4, 6, 9)
_FIRST_MOMENT = (0, 0, Decimal("0.000"))
_LAST_MOMENT = (23, 59, Decimal("59.999"))
EAST, WEST = 14 * 60, -12 * 60


def boundary(value: Any, digits: int | None, *, high: bool) -> Any:
    """The lowest or highest value that a value may stand for; None when that many digits cannot be given."""
    match value:
        case int() | Decimal():
            return _decimal_boundary(Decimal(value), 8 if digits is None else digits, high)
        case Quantity(value=number, unit=unit, calendar=calendar_):
            found = _decimal_boundary(number, 8 if digits is None else digits, high)
            return None if found is None else Quantity(found, unit, calendar_)
        case Date():
            return _date_boundary(value, 8 if digits is None else digits, high)
        case DateTime():
            return _datetime_boundary(value, 17 if digits is None else digits, high)
        case Time():
            return _time_boundary(value, 9 if digits is None else digits, high)
    return None


def _decimal_boundary(value: Decimal, digits: int, high: bool) -> Decimal | None:
    """With fewer digits than it has, cut towards zero and rounded away from zero, as the official tests have it."""
    if not 0 <= digits <= DECIMAL_DIGITS:
        return None
    half = Decimal(5).scaleb(-fraction_digits(value) - 1)
    exact = NUMBERS.add(value, half if high else -half)
    away = high == (value >= 0)
    return fit_decimal(NUMBERS.quantize(exact, Decimal(1).scaleb(-digits), ROUND_HALF_UP if away else ROUND_DOWN))


def _last_day(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]


def _date_boundary(value: Date, digits: int, high: bool) -> Date | None:
    if digits not in (4, 6, 8):
        return None
    month = value.month or (12 if high else 1)
    day = value.day or (_last_day(value.year, month) if high else 1)
    return Date(value.year, month if digits >= 6 else None, day if digits >= 8 else None)


def _datetime_boundary(value: DateTime, digits: int, high: bool) -> DateTime | None:
    """Without a zone the lowest is in the easternmost one. An hour alone is read as that hour, minute 00."""
    if digits not in _DATE_DIGITS:
        return None
    date = _date_boundary(Date(value.year, value.month, value.day), min(digits, 8), high)
    if date is None:
        return None
    if digits <= 8:
        return DateTime.from_date(date)
    hour, minute, second = _LAST_MOMENT if high else _FIRST_MOMENT
    if value.hour is not None:
        hour, minute = value.hour, value.minute or 0
    if value.second is not None:
        second = _second_boundary(value.second, high)
    offset = value.offset if value.offset is not None else WEST if high else EAST
    return DateTime(
        date.year,
        date.month,
        date.day,
        hour,
        minute if digits >= 12 else None,
        _cut_second(second, digits, 14),
        offset,
    )


def _second_boundary(second: Decimal, high: bool) -> Decimal:
    """A whole second may stand for any millisecond in it, a fraction only for itself."""
    if fraction_digits(second):
        return second
    return second + (Decimal("0.999") if high else Decimal("0.000"))


def _cut_second(second: Decimal, digits: int, whole: int) -> Decimal | None:
    if digits < whole:
        return None
    return NUMBERS.quantize(second, Decimal(1) if digits == whole else Decimal("0.001"), ROUND_DOWN)


def _time_boundary(value: Time, digits: int, high: bool) -> Time | None:
    if digits not in _TIME_DIGITS:
        return None
    _, minute, second = _LAST_MOMENT if high else _FIRST_MOMENT
    if value.minute is not None:
        minute = value.minute
    if value.second is not None:
        second = _second_boundary(value.second, high)
    return Time(value.hour, minute if digits >= 4 else None, _cut_second(second, digits, 6))


@scalar("lowBoundary", _BOUNDED, (("Integer",),), result="same", optional=1)
def low_boundary(value: Any, digits: int | None = None) -> Any:
    return boundary(value, digits, high=False)


@scalar("highBoundary", _BOUNDED, (("Integer",),), result="same", optional=1)
def high_boundary(value: Any, digits: int | None = None) -> Any:
    return boundary(value, digits, high=True)


@scalar("precision", _BOUNDED, result="Integer")
def precision(value: Any) -> int | None:
    """Digits of a number's fraction; digits of a date or time, 3 for any fraction of a second."""
    match value:
        case int() | Decimal():
            return fraction_digits(Decimal(value))
        case Date() | DateTime():
            whole = _DATE_DIGITS[precision_parts(value) - 1]
            second = value.second if isinstance(value, DateTime) else None
            return whole + 3 if second is not None and fraction_digits(second) else whole
        case Time(second=second):
            whole = _TIME_DIGITS[precision_parts(value) - 1]
            return whole + 3 if second is not None and fraction_digits(second) else whole
    return None


@function("comparable", 1, accepts=("Quantity",), result="Boolean")
def _comparable(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
    given, other = one(source), one(compiler.compile(call.operand[0]))
    take, take_other = expecting(("Quantity",), "comparable()"), expecting(("Quantity",), "argument 1 of comparable()")

    def run(this: Item | None, frame: Frame) -> bool | None:
        left, right = take(given(this, frame)), take_other(other(this, frame))
        if left is None or right is None:
            return None
        left, right = definite(left), definite(right)
        try:
            frame.units.convert(left.value, left.unit, right.unit)
        except ValueError:
            return False
        return True

    return Code(Kind.TRUTH, run)
