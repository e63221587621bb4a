"""Units that are not on a ratio scale (UCUM §21, §22): logarithms, tangents, squares.

A curve turns the number on the scale (7.4 of `[pH]`) into a multiple of the scale's reference unit
(10^-7.4 of mol/l), and back. The results are irrational, so they are Decimals rounded to `DIGITS` significant
digits. Everything else in this package is exact.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Context, Decimal, DivisionByZero, InvalidOperation, Overflow, localcontext
from typing import Final

#: Significant digits of a converted value on a curved scale.
DIGITS: Final = 34

#: Ten guard digits; bounded exponents so that 10^(10^9) is an error, not a gigabyte.
CONTEXT: Final = Context(
    prec=DIGITS + 10, Emin=-99_999, Emax=99_999, traps=[DivisionByZero, InvalidOperation, Overflow]
)


@dataclass(frozen=True, slots=True)
class Curve:
    """A scale's two directions; both take and give Decimals under `CONTEXT`, and raise `ArithmeticError`."""

    to_ratio: Callable[[Decimal], Decimal]
    from_ratio: Callable[[Decimal], Decimal]


def _power(base: int, sign: int = 1) -> Curve:
    """The logarithm to `base` (with `sign` -1, its negative), and its inverse."""
    whole = Decimal(base)

    def to_ratio(value: Decimal) -> Decimal:
        return CONTEXT.power(whole, CONTEXT.multiply(value, Decimal(sign)))

    def from_ratio(ratio: Decimal) -> Decimal:
        _require_positive(ratio)
        if base == 10:  # log10 is exact on powers of ten; a quotient of logarithms is not
            return CONTEXT.multiply(CONTEXT.log10(ratio), Decimal(sign))
        return CONTEXT.multiply(CONTEXT.divide(CONTEXT.ln(ratio), CONTEXT.ln(whole)), Decimal(sign))

    return Curve(to_ratio, from_ratio)


def _require_positive(ratio: Decimal) -> None:
    if ratio <= 0:
        raise InvalidOperation("a logarithm needs a value above zero")


def _ln(ratio: Decimal) -> Decimal:
    _require_positive(ratio)
    return CONTEXT.ln(ratio)


def _root_ten_to_ratio(value: Decimal) -> Decimal:
    return CONTEXT.power(Decimal(10), CONTEXT.divide(value, Decimal(2)))


def _root_ten_from_ratio(ratio: Decimal) -> Decimal:
    _require_positive(ratio)
    return CONTEXT.multiply(CONTEXT.log10(ratio), Decimal(2))


def _square_root(ratio: Decimal) -> Decimal:
    return CONTEXT.sqrt(ratio)


def _sine_cosine(angle: Decimal) -> tuple[Decimal, Decimal]:
    """Sine and cosine of an angle in radians, by their series. Raises `InvalidOperation` beyond 4 radians."""
    if abs(angle) > 4:
        raise InvalidOperation("a slope needs an angle within a right angle")
    with localcontext(CONTEXT):
        sine = cosine = Decimal(0)
        term, n = Decimal(1), 0
        while abs(term) > Decimal(10) ** -(CONTEXT.prec + 2) or n < 4:
            if n % 2:
                sine += term if n % 4 == 1 else -term
            else:
                cosine += term if n % 4 == 0 else -term
            n += 1
            term = term * angle / n
            if not term:
                break
        return sine, cosine


def _tangent_percent(angle: Decimal) -> Decimal:
    sine, cosine = _sine_cosine(angle)
    if abs(angle) >= Decimal(math.pi / 2) or cosine <= 0:
        raise InvalidOperation("a slope needs an angle within a right angle")
    return CONTEXT.multiply(CONTEXT.divide(sine, cosine), Decimal(100))


def _arc_tangent_percent(percent: Decimal) -> Decimal:
    tangent = CONTEXT.divide(percent, Decimal(100))
    angle = Decimal(math.atan(float(tangent)))
    for _ in range(2):  # Newton on sin(a) - t cos(a): each step doubles the float's sixteen digits
        sine, cosine = _sine_cosine(angle)
        with localcontext(CONTEXT):
            angle -= (sine - tangent * cosine) / (cosine + tangent * sine)
    return angle


CURVES: Final[dict[str, Curve]] = {
    "exp": Curve(CONTEXT.exp, _ln),
    "two": _power(2),
    "ten": _power(10),
    "root_ten": Curve(_root_ten_to_ratio, _root_ten_from_ratio),
    "tenth": _power(10, -1),
    "hundredth": _power(100, -1),
    "thousandth": _power(1_000, -1),
    "fifty_thousandth": _power(50_000, -1),
    "square": Curve(lambda value: CONTEXT.multiply(value, value), _square_root),
    "angle": Curve(_arc_tangent_percent, _tangent_percent),
}
