"""Numbers within the limits of CQL: what fits, what is rounded, and numbers that are known only to lie in a range.

    Integer   -2^31 to 2^31 - 1        Long   -2^63 to 2^63 - 1
    Decimal   28 digits, 8 of them after the point: -(10^28 - 1) / 10^8 to (10^28 - 1) / 10^8

(CQL 1.5.3, appendix B, "Types"). What is too great is None, null, never a wrong number. A computed value with more than
8 digits after the point is rounded there, halves away from zero; sums keep the digits that they were given.

CQL lets an implementation compute with more than the 28 digits. Here a computed Decimal may be as great as 10^28, with
8 digits after the point; `maximum Decimal` is what the specification says it is, and has no successor.
"""

from __future__ import annotations

import decimal
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from bedside.questions.cql.values import Interval, Long, Uncertainty

INTEGER_MIN, INTEGER_MAX = -(2**31), 2**31 - 1
LONG_MIN, LONG_MAX = -(2**63), 2**63 - 1
DECIMAL_MAX = Decimal("99999999999999999999.99999999")
DECIMAL_MIN = -DECIMAL_MAX
_GREATEST = Decimal(10) ** 28
_LEAST = -_GREATEST
SCALE = 8
"""How many digits a Decimal may have after the point."""

STEP = Decimal("1E-8")
"""The distance between two neighbouring Decimals."""

_ONE_DIGIT = Decimal("0.1")

CONTEXT = decimal.Context(prec=80, rounding=decimal.ROUND_HALF_UP, Emax=9999, Emin=-9999)
"""Independent of the thread's own; a product of two Decimals has 72 digits at most, so it is exact."""


def fit_integer(value: int) -> int | None:
    """The value, or None when it is no Integer."""
    return value if INTEGER_MIN <= value <= INTEGER_MAX else None


def fit_long(value: int) -> Long | None:
    """The value as a Long, or None when it is none."""
    return Long(value) if LONG_MIN <= value <= LONG_MAX else None


def fit_decimal(value: Decimal) -> Decimal | None:
    """The value as it is, or None when it is too great for a Decimal."""
    return value if _LEAST <= value <= _GREATEST else None


def rounded(value: Decimal) -> Decimal | None:
    """A computed value with at most 8 digits after the point; None when it is too great or no number."""
    if not value:
        return value.copy_abs()
    if not value.is_finite() or not _LEAST <= value <= _GREATEST:
        return None
    if fraction_digits(value) <= SCALE:
        return value
    short = value.quantize(STEP, decimal.ROUND_HALF_UP, CONTEXT)
    return short if _LEAST <= short <= _GREATEST else None


def shortened(value: Decimal) -> Decimal | None:
    """Like `rounded`, without zeros at the end that a division or a root has left there, but with one digit there."""
    short = rounded(value)
    if short is None:
        return None
    short = short.normalize(CONTEXT)  # writes 100 as 1E+2
    return short if fraction_digits(short) else short.quantize(_ONE_DIGIT, context=CONTEXT)


def fraction_digits(value: Decimal) -> int:
    """How many digits are written after the point."""
    exponent = value.as_tuple().exponent
    return -exponent if exponent.__class__ is int and exponent < 0 else 0


def of_ranges(operation: Callable[[int, int], int], left: Any, right: Any) -> Uncertainty | None:
    """Add, subtract or multiply where at least one side is only known to lie in a range: from the least to the greatest
    result that there can be (CQL 1.5.3, developer's guide, "Uncertainty").
    """
    one, other = bounds(left), bounds(right)
    found = [operation(a, b) for a in one for b in other]
    low, high = min(found), max(found)
    return Uncertainty(low, high) if low >= INTEGER_MIN and high <= INTEGER_MAX else None


def bounds(value: Any) -> tuple[Any, Any]:
    """The least and the greatest value that a number may stand for."""
    return (value.low, value.high) if value.__class__ is Uncertainty else (value, value)


def uncertain(*values: Any) -> bool:
    """Whether one of the values, or an element or boundary of one, is only known to lie in a range."""
    return any(
        value.__class__ is Uncertainty
        or (value.__class__ is list and Uncertainty in map(type, value))
        or (value.__class__ is Interval and Uncertainty in (type(value.low), type(value.high)))
        for value in values
    )
