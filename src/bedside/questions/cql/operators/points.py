"""The ends and the steps of the ordered types: least and greatest value, successor and predecessor.

    type       least .. greatest                                 step
    Integer    -2^31 .. 2^31 - 1                                 1
    Long       -2^63 .. 2^63 - 1                                 1
    Decimal    -99999999999999999999.99999999 .. the same, +     0.00000001
    Quantity   as Decimal, with the unit '1'                     0.00000001 of its unit
    Date       @0001-01-01 .. @9999-12-31                        the last component that it has
    DateTime   @0001-01-01T00:00:00.000Z .. @9999-12-31T23:59:59.999Z       likewise, to the millisecond
    Time       @T00:00:00.000 .. @T23:59:59.999                  likewise

(ELM 16.11, 16.12, 16.18 and 16.21.) There is no successor of the greatest value and no predecessor
of the least one: asking for it is an error.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from bedside.questions.cql.operators import exact
from bedside.questions.cql.operators.registry import operator
from bedside.questions.cql.operators.temporal import has_milliseconds
from bedside.questions.cql.values import Long, Uncertainty
from bedside.questions.errors import EvaluationError
from bedside.questions.values import Date, DateTime, Quantity, Time

_EXTREMES: dict[str, tuple[Any, Any]] = {
    "Integer": (exact.INTEGER_MIN, exact.INTEGER_MAX),
    "Long": (Long(exact.LONG_MIN), Long(exact.LONG_MAX)),
    "Decimal": (exact.DECIMAL_MIN, exact.DECIMAL_MAX),
    "Quantity": (Quantity(exact.DECIMAL_MIN), Quantity(exact.DECIMAL_MAX)),
    "Date": (Date(1, 1, 1), Date(9999, 12, 31)),
    "DateTime": (
        DateTime(1, 1, 1, 0, 0, Decimal("0.000"), 0),
        DateTime(9999, 12, 31, 23, 59, Decimal("59.999"), 0),
    ),
    "Time": (Time(0, 0, Decimal("0.000")), Time(23, 59, Decimal("59.999"))),
}

ORDERED_TYPES = tuple(_EXTREMES)
"""Names of the System types that have a least and a greatest value."""


def min_value(type_name: str) -> Any:
    """The least value of a System type (`Integer`); None for a type that has none (ELM 16.12)."""
    return _EXTREMES[type_name][0] if type_name in _EXTREMES else None


def max_value(type_name: str) -> Any:
    """The greatest value of a System type (`Integer`); None for a type that has none (ELM 16.11)."""
    return _EXTREMES[type_name][1] if type_name in _EXTREMES else None


def _step_integer(value: int, sign: int) -> int | None:
    return exact.fit_integer(value + sign)


def _step_long(value: Long, sign: int) -> Long | None:
    return exact.fit_long(value + sign)


def _step_decimal(value: Decimal, sign: int) -> Decimal | None:
    moved = exact.CONTEXT.add(value, exact.STEP if sign > 0 else -exact.STEP)
    return moved if exact.DECIMAL_MIN <= moved <= exact.DECIMAL_MAX else None


def _step_quantity(value: Quantity, sign: int) -> Quantity | None:
    number = _step_decimal(value.value, sign)
    return None if number is None else Quantity(number, value.unit, value.calendar)


def _step_date(value: Date, sign: int) -> Date | None:
    try:
        if value.day is not None:
            moved = dt.date(value.year, value.month or 1, value.day) + dt.timedelta(days=sign)
            return Date(moved.year, moved.month, moved.day)
    except OverflowError:
        return None
    year, month = value.year, value.month
    if month is None:
        year += sign
    else:
        total = year * 12 + month - 1 + sign
        year, month = total // 12, total % 12 + 1
    return Date(year, month) if 1 <= year <= 9999 else None


def _step_datetime(value: DateTime, sign: int) -> DateTime | None:
    if value.hour is None:
        date = _step_date(Date(value.year, value.month, value.day), sign)
        return None if date is None else DateTime(date.year, date.month, date.day, offset=value.offset)
    assert value.month is not None
    assert value.day is not None
    milliseconds = int((value.second or 0) * 1000)
    moment = dt.datetime(value.year, value.month, value.day, value.hour, value.minute or 0)
    try:
        moment += dt.timedelta(milliseconds=milliseconds + sign * _length(value))
    except OverflowError:
        return None
    return DateTime(
        moment.year,
        moment.month,
        moment.day,
        moment.hour,
        None if value.minute is None else moment.minute,
        _second(moment.second * 1000 + moment.microsecond // 1000, value.second),
        value.offset,
    )


def _step_time(value: Time, sign: int) -> Time | None:
    clock = (value.hour * 60 + (value.minute or 0)) * 60_000 + int((value.second or 0) * 1000)
    clock += sign * _length(value)
    if not 0 <= clock < 86_400_000:
        return None
    minutes, milliseconds = divmod(clock, 60_000)
    hour, minute = divmod(minutes, 60)
    return Time(hour, None if value.minute is None else minute, _second(milliseconds, value.second))


def _length(value: DateTime | Time) -> int:
    """Milliseconds of the finest component that a value has, from the hour on."""
    if value.second is not None:
        return 1 if has_milliseconds(value.second) else 1_000
    return 3_600_000 if value.minute is None else 60_000


def _second(milliseconds: int, like: Decimal | None) -> Decimal | None:
    """A second with milliseconds if the one that it comes from has them."""
    if like is None:
        return None
    return Decimal(milliseconds).scaleb(-3) if has_milliseconds(like) else Decimal(milliseconds // 1000)


_STEPS: dict[type, Callable[[Any, int], Any]] = {
    int: _step_integer,
    Long: _step_long,
    Decimal: _step_decimal,
    Quantity: _step_quantity,
    Date: _step_date,
    DateTime: _step_datetime,
    Time: _step_time,
}

_ANY_ORDERED = ("Integer", "Long", "Decimal", "Quantity", "Date", "DateTime", "Time")


@operator("Successor", *(f"({each}) {each}" for each in _ANY_ORDERED), clause="16.21")
def successor(operand: Any) -> Any:
    """The next greater value of the type. EvaluationError for the greatest one, and for what has no order."""
    return _step(operand, 1)


@operator("Predecessor", *(f"({each}) {each}" for each in _ANY_ORDERED), clause="16.18")
def predecessor(operand: Any) -> Any:
    """The next smaller value of the type. EvaluationError for the least one, and for what has no order."""
    return _step(operand, -1)


def _step(value: Any, sign: int) -> Any:
    word = "successor" if sign > 0 else "predecessor"
    step = _STEPS.get(value.__class__)
    if step is None:
        if value.__class__ is Uncertainty:
            return None
        raise EvaluationError(f"a {type(value).__name__} has no {word}", expected="a number, date or time")
    found = step(value, sign)
    if found is None:
        extreme = "greatest" if sign > 0 else "least"
        raise EvaluationError(f"the {extreme} {type(value).__name__} has no {word}")
    return found
