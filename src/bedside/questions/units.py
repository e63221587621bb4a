"""Quantities and their units: comparing, converting, multiplying.

UCUM itself lives in `bedside.terms.ucum`; here is the protocol through which it is used, so that another table of units
can take its place, and the rules that FHIRPath adds: calendar durations (`1 week`) beside UCUM units (`1 'wk'`)
(FHIRPath N1, 4.1.8.1 and 6.1).
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Protocol

from bedside.questions.errors import EvaluationError
from bedside.questions.numbers import NUMBERS, rounded
from bedside.questions.values import Quantity
from bedside.terms import ucum


class Units(Protocol):
    """What a table of units can do. Every method raises ValueError for a unit that it does not know."""

    def canonical(self, value: Decimal, unit: str) -> tuple[Decimal | Fraction, str]:
        """The same quantity in base units; units that measure the same come out as the same unit."""

    def compare(self, left: Decimal, unit: str, right: Decimal, other: str) -> int:
        """-1, 0 or 1, exactly. ValueError when the units measure different things."""

    def convert(self, value: Decimal, unit: str, to: str) -> Decimal:
        """The value in another unit. ValueError when the two measure different things."""

    def product(self, unit: str, other: str, exponent: int) -> str:
        """The unit of a product, or with exponent -1 of a quotient."""


class UcumUnits:
    """UCUM, by `bedside.terms.ucum`."""

    def canonical(self, value: Decimal, unit: str) -> tuple[Decimal | Fraction, str]:
        return ucum.canonical(value, unit)

    def compare(self, left: Decimal, unit: str, right: Decimal, other: str) -> int:
        return ucum.compare(left, unit, right, other)

    def convert(self, value: Decimal, unit: str, to: str) -> Decimal:
        return ucum.as_decimal(ucum.convert(value, unit, to))

    def product(self, unit: str, other: str, exponent: int) -> str:
        return ucum.product(unit, other, exponent)


UCUM_UNITS = UcumUnits()

_FIXED = {"week": "wk", "day": "d", "hour": "h", "minute": "min", "second": "s", "millisecond": "ms"}
_UCUM_OF_CALENDAR = _FIXED | {"year": "a", "month": "mo"}


def _comparable_forms(left: Quantity, right: Quantity, *, loosely: bool) -> tuple[Quantity, Quantity] | None:
    """Both in UCUM units, or both in months; None when a calendar year or month meets a length in days."""
    if left.calendar == right.calendar is False:
        return left, right
    if left.calendar and right.calendar and {left.unit, right.unit} <= {"year", "month"}:
        return _in_months(left), _in_months(right)
    table = _UCUM_OF_CALENDAR if loosely else _FIXED
    forms = []
    for each in (left, right):
        if not each.calendar:
            forms.append(each)
        elif each.unit in table:
            forms.append(Quantity(each.value, table[each.unit]))
        else:
            return None
    return forms[0], forms[1]


def _in_months(quantity: Quantity) -> Quantity:
    return Quantity(quantity.value * 12 if quantity.unit == "year" else quantity.value, "mo")


def compare(left: Quantity, right: Quantity, units: Units, *, loosely: bool = False) -> int | None:
    """-1, 0 or 1; None when they measure different things, or when calendar and definite durations meet.

    With `loosely` a calendar year is a UCUM year and a calendar month a UCUM month, as equivalence has it.
    """
    forms = _comparable_forms(left, right, loosely=loosely)
    if forms is None:
        return None
    left, right = forms
    if left.unit == right.unit:
        return (left.value > right.value) - (left.value < right.value)
    try:
        return units.compare(left.value, left.unit, right.value, right.unit)
    except ValueError:
        return None


def equivalent(left: Quantity, right: Quantity, units: Units) -> bool:
    """Equal when both are rounded to the digits of the one written less precisely (FHIRPath N1, 6.1.2)."""
    forms = _comparable_forms(left, right, loosely=True)
    if forms is None:
        return False
    left, right = forms
    coarse, fine = (left, right) if _coarser(left, right, units) else (right, left)
    try:
        value = fine.value if coarse.unit == fine.unit else units.convert(fine.value, fine.unit, coarse.unit)
    except ValueError:
        return False
    return NUMBERS.quantize(value, _last_digit(coarse.value)) == coarse.value


def _last_digit(value: Decimal) -> Decimal:
    exponent = value.normalize().as_tuple().exponent
    return Decimal(1).scaleb(min(exponent, 0) if isinstance(exponent, int) else 0)


def _coarser(left: Quantity, right: Quantity, units: Units) -> bool:
    """Whether the last written digit of the left stands for at least as much as that of the right."""
    try:
        return units.compare(_last_digit(left.value), left.unit, _last_digit(right.value), right.unit) >= 0
    except ValueError:
        return True


def key(quantity: Quantity, units: Units) -> tuple[str, Decimal | Fraction, str]:
    """A hashable stand-in: equal quantities have the same one."""
    if quantity.calendar and quantity.unit in ("year", "month"):
        return ("calendar", _in_months(quantity).value, "mo")
    unit = _FIXED[quantity.unit] if quantity.calendar else quantity.unit
    try:
        return ("quantity", *units.canonical(quantity.value, unit))
    except ValueError:
        return ("quantity", quantity.value, unit)


def add(left: Quantity, right: Quantity, sign: int, units: Units) -> Quantity | None:
    """Sum or difference in the unit of the left; None when they measure different things (FHIRPath N1, 6.6.3)."""
    if left.unit == right.unit and left.calendar == right.calendar:
        return Quantity(NUMBERS.add(left.value, right.value * sign), left.unit, left.calendar)
    forms = _comparable_forms(left, right, loosely=False)
    if forms is None:
        return None
    one, other = forms
    try:
        value = NUMBERS.add(one.value, units.convert(other.value, other.unit, one.unit) * sign)
    except ValueError:
        return None
    return Quantity(value, one.unit)


def multiply(left: Quantity, right: Quantity, units: Units) -> Quantity:
    """The product (FHIRPath N1, 6.6.1). Raises EvaluationError for units that have no product, such as Cel."""
    return _combine(NUMBERS.multiply(left.value, right.value), left, right, 1, units)


def divide(left: Quantity, right: Quantity, units: Units) -> Quantity | None:
    """The quotient; None for division by zero (FHIRPath N1, 6.6.2)."""
    if right.value == 0:
        return None
    value = rounded(NUMBERS.divide(left.value, right.value))
    return None if value is None else _combine(value, left, right, -1, units)


def _combine(value: Decimal, left: Quantity, right: Quantity, exponent: int, units: Units) -> Quantity:
    if not right.calendar and right.unit == "1":
        return Quantity(value, left.unit, left.calendar)
    try:
        return Quantity(value, units.product(definite(left).unit, definite(right).unit, exponent))
    except ValueError as error:
        raise EvaluationError(str(error)) from None


def definite(quantity: Quantity) -> Quantity:
    """The quantity with a UCUM unit in place of a calendar duration."""
    return Quantity(quantity.value, _UCUM_OF_CALENDAR[quantity.unit]) if quantity.calendar else quantity
