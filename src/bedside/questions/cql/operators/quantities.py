"""Comparing, converting and computing with quantities (ELM 12 and 16).

Units are UCUM's (`bedside.terms.ucum`) or calendar durations. Weeks to milliseconds of the calendar are the same as
UCUM's; a calendar year or month and a UCUM 'a', 'mo' or anything in days do not compare, but are equivalent.
What cannot be done (different dimensions, units that are none, 'Cel' where a ratio is wanted) is None, null.
"""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal

from bedside.questions import units
from bedside.questions.cql.operators import exact
from bedside.questions.units import UCUM_UNITS, definite
from bedside.questions.values import CALENDAR_WORDS, Quantity
from bedside.terms import ucum

_DAYS = {"year": 365, "month": 30}
"""What a calendar year and month count for when they are told to be equivalent to days."""


def compare(left: Quantity, right: Quantity) -> int | None:
    """-1, 0 or 1; None when they do not compare."""
    if left.unit == right.unit and left.calendar is right.calendar:
        one, other = left.value, right.value
        return 0 if one == other else -1 if one < other else 1
    return units.compare(left, right, UCUM_UNITS)


def equivalent(left: Quantity, right: Quantity) -> bool:
    """Whether they are the same when rounded to the digits of the one written less precisely (ELM 12.2).

    1 year ~ 365 days, 1 year ~ 1 'a', 1 month ~ 30 days.
    """
    if left.calendar and right.calendar:
        variable = {left.unit, right.unit} & _DAYS.keys()
        if variable and not {left.unit, right.unit} <= _DAYS.keys():
            left, right = _in_days(left), _in_days(right)
    return units.equivalent(left, right, UCUM_UNITS)


def _in_days(quantity: Quantity) -> Quantity:
    if quantity.unit not in _DAYS:
        return quantity
    return Quantity(exact.CONTEXT.multiply(quantity.value, Decimal(_DAYS[quantity.unit])), "day", calendar=True)


def add(left: Quantity, right: Quantity, sign: int = 1) -> Quantity | None:
    """Sum (or with sign -1 difference) in the finer unit of the two; None when they measure different things."""
    if left.unit == right.unit and left.calendar is right.calendar:
        unit, calendar, one, other = left.unit, left.calendar, left.value, right.value
    else:
        finer = _finer(left, right)
        if finer is None:
            return None
        unit, calendar = finer.unit, finer.calendar
        first, second = value_in(left, finer), value_in(right, finer)
        if first is None or second is None:
            return None
        one, other = first, second
    value = exact.CONTEXT.add(one, other) if sign > 0 else exact.CONTEXT.subtract(one, other)
    fitting = exact.fit_decimal(value) if unit == left.unit == right.unit else exact.shortened(value)
    return None if fitting is None else Quantity(fitting, unit, calendar)


def _finer(left: Quantity, right: Quantity) -> Quantity | None:
    """The one with the finer unit: cm of cm and m. None when the units do not go together or have no ratio."""
    order = compare(Quantity(Decimal(1), left.unit, left.calendar), Quantity(Decimal(1), right.unit, right.calendar))
    if order is None or not (_has_ratio(left) and _has_ratio(right)):
        return None
    return right if order > 0 else left


def _has_ratio(quantity: Quantity) -> bool:
    """Whether the unit's zero is nothing: not so of Cel and of logarithms, which cannot be added."""
    try:
        unit = ucum.parse(definite(quantity).unit)
    except ValueError:
        return False
    return unit.offset == 0 and not unit.curved


def value_in(quantity: Quantity, like: Quantity) -> Decimal | None:
    """The value of a quantity in the unit of another, exact to 28 digits; None when it cannot be told."""
    if quantity.unit == like.unit and quantity.calendar is like.calendar:
        return quantity.value
    if quantity.calendar and like.calendar and {quantity.unit, like.unit} <= _DAYS.keys():
        factor = Decimal(12)
        if quantity.unit == "year":
            return exact.CONTEXT.multiply(quantity.value, factor)
        return exact.CONTEXT.divide(quantity.value, factor)
    if (quantity.calendar and quantity.unit in _DAYS) or (like.calendar and like.unit in _DAYS):
        return None
    try:
        return UCUM_UNITS.convert(quantity.value, definite(quantity).unit, definite(like).unit)
    except ValueError:
        return None


def multiply(left: Quantity, right: Quantity) -> Quantity | None:
    """The product with the unit that UCUM gives it: 12 'cm' * 3 'cm' is 36 'cm2'."""
    value = exact.rounded(exact.CONTEXT.multiply(left.value, right.value))
    if value is None:
        return None
    if right.unit == "1":
        return Quantity(value, left.unit, left.calendar)
    if left.unit == "1":
        return Quantity(value, right.unit, right.calendar)
    return _with_unit(value, left, right, 1)


def divide(left: Quantity, right: Quantity) -> Quantity | None:
    """The quotient with the unit that UCUM gives it; None for a division by zero."""
    if right.value == 0:
        return None
    value = exact.shortened(exact.CONTEXT.divide(left.value, right.value))
    if value is None:
        return None
    if right.unit == "1":
        return Quantity(value, left.unit, left.calendar)
    if left.unit == right.unit and left.calendar is right.calendar:
        return Quantity(value)
    return _with_unit(value, left, right, -1)


def _with_unit(value: Decimal, left: Quantity, right: Quantity, exponent: int) -> Quantity | None:
    try:
        return Quantity(value, UCUM_UNITS.product(definite(left).unit, definite(right).unit, exponent))
    except ValueError:
        return None


def truncated_divide(left: Quantity, right: Quantity) -> Quantity | None:
    """How often the right goes into the left, wholly, in the unit of the left; None for a division by zero."""
    divisor = value_in(right, left)
    if not divisor:
        return None
    value = exact.fit_decimal(exact.CONTEXT.divide(left.value, divisor).to_integral_value(ROUND_DOWN))
    return None if value is None else Quantity(value, left.unit, left.calendar)


def modulo(left: Quantity, right: Quantity) -> Quantity | None:
    """What is left of the left after `truncated_divide`, in its unit; None for a division by zero."""
    divisor = value_in(right, left)
    if not divisor:
        return None
    value = exact.rounded(exact.CONTEXT.remainder(left.value, divisor))
    return None if value is None else Quantity(value, left.unit, left.calendar)


def unit_named(unit: str) -> Quantity:
    """One of a unit as it is written in a string: a UCUM code or a calendar word (`mg`, `days`)."""
    word = CALENDAR_WORDS.get(unit)
    return Quantity(Decimal(1), word, calendar=True) if word else Quantity(Decimal(1), unit)


def convert(quantity: Quantity, unit: str) -> Quantity | None:
    """The quantity in another unit; None when it cannot be told (ELM 22.6)."""
    target = unit_named(unit)
    value = value_in(quantity, target)
    if value is None:
        return None
    short = value if value is quantity.value else exact.shortened(value)
    return None if short is None else Quantity(short, target.unit, target.calendar)
