"""Integer and Decimal arithmetic with the limits of the language.

An Integer has 32 bits. A Decimal has up to 28 digits before the point and computed ones are rounded to 8 after it
(FHIRPath N1, 4.1.4 and 4.1.5). What is too great is None, the empty collection (6.6), never a wrong number.
"""

from __future__ import annotations

import decimal
from decimal import Decimal

INTEGER_MIN, INTEGER_MAX = -(2**31), 2**31 - 1
DECIMAL_DIGITS = 28
DECIMAL_LIMIT = Decimal(10) ** DECIMAL_DIGITS
STEP = Decimal("1E-8")
"""The distance between two neighbouring results of a division or a root."""

_CONTEXT = decimal.Context(prec=80, rounding=decimal.ROUND_HALF_UP, Emax=9999, Emin=-9999)


class _Numbers:
    """Decimal operations that do not depend on the calling thread's decimal context."""

    add = staticmethod(_CONTEXT.add)
    subtract = staticmethod(_CONTEXT.subtract)
    multiply = staticmethod(_CONTEXT.multiply)
    divide = staticmethod(_CONTEXT.divide)
    remainder = staticmethod(_CONTEXT.remainder)

    @staticmethod
    def quantize(value: Decimal, step: Decimal, rounding: str = decimal.ROUND_HALF_UP) -> Decimal:
        return value.quantize(step, rounding, _CONTEXT)


NUMBERS = _Numbers()


def fit_integer(value: int) -> int | None:
    """The value, or None when it does not fit into an Integer."""
    return value if INTEGER_MIN <= value <= INTEGER_MAX else None


def fit_decimal(value: Decimal) -> Decimal | None:
    """The value, or None when it is too great for a Decimal or no number at all."""
    return value if value.is_finite() and abs(value) < DECIMAL_LIMIT else None


def rounded(value: Decimal) -> Decimal | None:
    """A computed value with at most 8 digits after the point and no needless zeros there; None when it is too great."""
    fitting = fit_decimal(value)
    if fitting is None:
        return None
    if fraction_digits(fitting) <= 8:
        return fitting
    short = _CONTEXT.quantize(fitting, STEP).normalize(_CONTEXT)
    return short if fraction_digits(short) >= 1 else _CONTEXT.quantize(short, Decimal("0.1"))


def fraction_digits(value: Decimal) -> int:
    """How many digits are written after the point."""
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def logarithm(value: Decimal) -> Decimal | None:
    """Natural logarithm; None for what is not positive."""
    return None if value <= 0 else _CONTEXT.ln(value)


def exponential(value: Decimal) -> Decimal | None:
    """e to a power; None when it is too great."""
    return None if value > 100 else _CONTEXT.exp(value)


def square_root(value: Decimal) -> Decimal | None:
    """None for a negative number."""
    return None if value < 0 else _CONTEXT.sqrt(value)


def power(base: Decimal, exponent: Decimal) -> Decimal | None:
    """None when there is no real result, or it is too great."""
    if base == 0 and exponent <= 0:
        return Decimal(1) if exponent == 0 else None
    if abs(exponent) > 10_000:
        return base if abs(base) in (0, 1) and base >= 0 else None
    try:
        return fit_decimal(_CONTEXT.power(base, exponent))
    except (decimal.InvalidOperation, decimal.Overflow):
        return None
