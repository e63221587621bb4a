"""abs to truncate (FHIRPath N1, 5.7): functions of one number; abs also of a Quantity.

What has no real result, such as the root of a negative number, is empty. Computed decimals have 8 digits (`numbers`).
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

from bedside.questions import numbers
from bedside.questions.code import scalar
from bedside.questions.errors import EvaluationError
from bedside.questions.numbers import DECIMAL_DIGITS, fit_integer
from bedside.questions.values import Quantity

_NUMBER = ("Integer", "Decimal")
_DECIMAL = ("Decimal",)
_AMOUNT = ("Integer", "Decimal", "Quantity")


@scalar("abs", _AMOUNT, result="same")
def absolute(value: Any) -> Any:
    if isinstance(value, Quantity):
        return Quantity(abs(value.value), value.unit, value.calendar)
    return fit_integer(abs(value)) if isinstance(value, int) else abs(value)


def _to_integer(rounding: str) -> Callable[[int | Decimal], int | None]:
    def whole(value: int | Decimal) -> int | None:
        return fit_integer(int(Decimal(value).to_integral_value(rounding)))

    return whole


scalar("ceiling", _NUMBER, result="Integer")(_to_integer(ROUND_CEILING))
scalar("floor", _NUMBER, result="Integer")(_to_integer(ROUND_FLOOR))
scalar("truncate", _NUMBER, result="Integer")(_to_integer(ROUND_DOWN))


@scalar("round", _DECIMAL, (("Integer",),), result="Decimal", optional=1)
def round_(value: Decimal, digits: int = 0) -> Decimal:
    """Halves away from zero."""
    if not 0 <= digits <= DECIMAL_DIGITS:
        raise EvaluationError(f"round() cannot make {digits} digits", expected=f"0 to {DECIMAL_DIGITS}")
    sign = -1 if value < 0 else 1
    step = Decimal(1).scaleb(-digits)
    return sign * numbers.NUMBERS.quantize(abs(value), step, ROUND_HALF_UP)


def _computed(value: Decimal | None) -> Decimal | None:
    return None if value is None else numbers.rounded(value)


@scalar("sqrt", _DECIMAL, result="Decimal")
def sqrt(value: Decimal) -> Decimal | None:
    return _computed(numbers.square_root(value))


@scalar("exp", _DECIMAL, result="Decimal")
def exp(value: Decimal) -> Decimal | None:
    return _computed(numbers.exponential(value))


@scalar("ln", _DECIMAL, result="Decimal")
def ln(value: Decimal) -> Decimal | None:
    return _computed(numbers.logarithm(value))


@scalar("log", _DECIMAL, (_DECIMAL,), result="Decimal")
def log(value: Decimal, base: Decimal) -> Decimal | None:
    above, below = numbers.logarithm(value), numbers.logarithm(base)
    return None if above is None or not below else _computed(numbers.NUMBERS.divide(above, below))


@scalar("power", _NUMBER, (_NUMBER,), result="same")
def power(base: int | Decimal, exponent: int | Decimal) -> int | Decimal | None:
    """An Integer for Integers with an exponent that is not negative, else a Decimal."""
    found = numbers.power(Decimal(base), Decimal(exponent))
    if found is None:
        return None
    if isinstance(base, int) and isinstance(exponent, int) and exponent >= 0:
        return fit_integer(int(found))
    return numbers.rounded(found)
