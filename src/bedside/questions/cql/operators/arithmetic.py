"""Numbers and quantities: + - * / div mod ^ and the functions of one number (ELM 16).

A null operand makes the result null, and so does a result that is too great, a division by zero and units that do not
go together. Only what ELM says to be an error is one: the logarithm of zero and an exponential beyond all Decimals.
Dates and times are added to in `datetime`, points are stepped in `points`, digits are in `boundary`.
"""

from __future__ import annotations

import decimal
import operator as python
from decimal import Decimal
from typing import Any

from bedside.questions.cql.operators import exact, quantities
from bedside.questions.cql.operators.exact import CONTEXT, fit_decimal, fit_integer, fit_long
from bedside.questions.cql.operators.registry import operator
from bedside.questions.cql.values import Long, Uncertainty
from bedside.questions.errors import EvaluationError
from bedside.questions.values import Quantity

# Add, Subtract, Multiply ---------------------------------------------------------------------------------------------


@operator("Add", "(Integer, Integer) Integer", clause="16.2")
def add_integers(left: int, right: int) -> int | Uncertainty | None:
    """Null when a side is null or the sum is no Integer. A range and a number make a range."""
    try:
        return fit_integer(left + right)
    except TypeError:  # one is an Uncertainty
        return exact.of_ranges(python.add, left, right)


@operator("Add", "(Long, Long) Long", clause="16.2")
def add_longs(left: int, right: int) -> Long | None:
    """Null when a side is null or the sum is no Long."""
    return fit_long(left + right)


@operator("Add", "(Decimal, Decimal) Decimal", clause="16.2")
def add_decimals(left: Decimal, right: Decimal) -> Decimal | None:
    """Null when a side is null or the sum is too great."""
    return fit_decimal(CONTEXT.add(left, right))


@operator("Add", "(Quantity, Quantity) Quantity", clause="16.2")
def add_quantities(left: Quantity, right: Quantity) -> Quantity | None:
    """In the finer of the two units. Null when a side is null or they measure different things."""
    return quantities.add(left, right)


@operator("Subtract", "(Integer, Integer) Integer", clause="16.20")
def subtract_integers(left: int, right: int) -> int | Uncertainty | None:
    """Null when a side is null or the difference is no Integer. A range and a number make a range."""
    try:
        return fit_integer(left - right)
    except TypeError:
        return exact.of_ranges(python.sub, left, right)


@operator("Subtract", "(Long, Long) Long", clause="16.20")
def subtract_longs(left: int, right: int) -> Long | None:
    """Null when a side is null or the difference is no Long."""
    return fit_long(left - right)


@operator("Subtract", "(Decimal, Decimal) Decimal", clause="16.20")
def subtract_decimals(left: Decimal, right: Decimal) -> Decimal | None:
    """Null when a side is null or the difference is too great."""
    return fit_decimal(CONTEXT.subtract(left, right))


@operator("Subtract", "(Quantity, Quantity) Quantity", clause="16.20")
def subtract_quantities(left: Quantity, right: Quantity) -> Quantity | None:
    """In the finer of the two units. Null when a side is null or they measure different things."""
    return quantities.add(left, right, -1)


@operator("Multiply", "(Integer, Integer) Integer", clause="16.14")
def multiply_integers(left: int, right: int) -> int | Uncertainty | None:
    """Null when a side is null or the product is no Integer. A range and a number make a range."""
    try:
        return fit_integer(left * right)
    except TypeError:
        return exact.of_ranges(python.mul, left, right)


@operator("Multiply", "(Long, Long) Long", clause="16.14")
def multiply_longs(left: int, right: int) -> Long | None:
    """Null when a side is null or the product is no Long."""
    return fit_long(left * right)


@operator("Multiply", "(Decimal, Decimal) Decimal", clause="16.14")
def multiply_decimals(left: Decimal, right: Decimal) -> Decimal | None:
    """Null when a side is null or the product is too great."""
    return exact.rounded(CONTEXT.multiply(left, right))


@operator("Multiply", "(Quantity, Quantity) Quantity", clause="16.14")
def multiply_quantities(left: Quantity, right: Quantity) -> Quantity | None:
    """1.0 'cm' * 2.0 'cm' is 2.00 'cm2'. Null when a side is null or the units have no product."""
    return quantities.multiply(left, right)


# Divide, TruncatedDivide, Modulo -------------------------------------------------------------------------------------


@operator("Divide", "(Decimal, Decimal) Decimal", clause="16.4")
def divide_decimals(left: Decimal, right: Decimal) -> Decimal | None:
    """Null when a side is null, for a division by zero, and when the quotient is too great."""
    if right == 0:
        return None
    return exact.shortened(CONTEXT.divide(left, right))


@operator("Divide", "(Quantity, Quantity) Quantity", clause="16.4")
def divide_quantities(left: Quantity, right: Quantity) -> Quantity | None:
    """12 'cm2' / 3 'cm' is 4 'cm'. Null when a side is null, for a division by zero, and for units without quotient."""
    return quantities.divide(left, right)


def _truncated(left: int, right: int) -> int:
    """Towards zero; Python's `//` goes down. Raises for an Uncertainty: there is no such operation on ranges."""
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) is (right < 0) else -quotient


def _certain(*operands: Any) -> None:
    """Dividing what is only known to lie in a range is an error (CQL 1.5.3, developer's guide, "Uncertainty")."""
    if any(each.__class__ is Uncertainty for each in operands):
        raise EvaluationError("a number that is only known to lie in a range cannot be divided", expected="a number")


@operator("TruncatedDivide", "(Integer, Integer) Integer", clause="16.23")
def truncated_divide_integers(left: int, right: int) -> int | None:
    """Null when a side is null, for a division by zero, and when the quotient is no Integer."""
    _certain(left, right)
    return None if right == 0 else fit_integer(_truncated(left, right))


@operator("TruncatedDivide", "(Long, Long) Long", clause="16.23")
def truncated_divide_longs(left: int, right: int) -> Long | None:
    """Null when a side is null, for a division by zero, and when the quotient is no Long."""
    return None if right == 0 else fit_long(_truncated(left, right))


@operator("TruncatedDivide", "(Decimal, Decimal) Decimal", clause="16.23")
def truncated_divide_decimals(left: Decimal, right: Decimal) -> Decimal | None:
    """Null when a side is null, for a division by zero, and when the quotient is too great."""
    if right == 0:
        return None
    return fit_decimal(CONTEXT.divide(left, right).to_integral_value(decimal.ROUND_DOWN))


@operator("TruncatedDivide", "(Quantity, Quantity) Quantity", clause="16.23")
def truncated_divide_quantities(left: Quantity, right: Quantity) -> Quantity | None:
    """In the unit of the left. Null when a side is null, for a division by zero, and for units of different kinds."""
    return quantities.truncated_divide(left, right)


@operator("Modulo", "(Integer, Integer) Integer", clause="16.13")
def modulo_integers(left: int, right: int) -> int | None:
    """With the sign of the left. Null when a side is null, and for a division by zero."""
    _certain(left, right)
    return None if right == 0 else left - right * _truncated(left, right)


@operator("Modulo", "(Long, Long) Long", clause="16.13")
def modulo_longs(left: int, right: int) -> Long | None:
    """With the sign of the left. Null when a side is null, and for a division by zero."""
    return None if right == 0 else Long(left - right * _truncated(left, right))


@operator("Modulo", "(Decimal, Decimal) Decimal", clause="16.13")
def modulo_decimals(left: Decimal, right: Decimal) -> Decimal | None:
    """With the sign of the left. Null when a side is null, and for a division by zero."""
    return None if right == 0 else exact.rounded(CONTEXT.remainder(left, right))


@operator("Modulo", "(Quantity, Quantity) Quantity", clause="16.13")
def modulo_quantities(left: Quantity, right: Quantity) -> Quantity | None:
    """In the unit of the left. Null when a side is null, for a division by zero, and for units of different kinds."""
    return quantities.modulo(left, right)


# Signs and rounding --------------------------------------------------------------------------------------------------


@operator("Negate", "(Integer) Integer", clause="16.15")
def negate_integer(operand: int) -> int | Uncertainty | None:
    """Null for null and for the least Integer."""
    try:
        return fit_integer(-operand)
    except TypeError:
        return exact.of_ranges(python.sub, 0, operand)


@operator("Negate", "(Long) Long", clause="16.15")
def negate_long(operand: int) -> Long | None:
    """Null for null and for the least Long."""
    return fit_long(-operand)


@operator("Negate", "(Decimal) Decimal", clause="16.15")
def negate_decimal(operand: Decimal) -> Decimal:
    """Null for null. There is no negative zero."""
    # Python's `-` rounds to the digits of the thread's context.
    return operand.copy_negate() if operand else operand.copy_abs()


@operator("Negate", "(Quantity) Quantity", clause="16.15")
def negate_quantity(operand: Quantity) -> Quantity:
    """The unit stays. Null for null."""
    return Quantity(negate_decimal(operand.value), operand.unit, operand.calendar)


@operator("Abs", "(Integer) Integer", clause="16.1")
def abs_integer(operand: Any) -> int | None:
    """Null for null and for the least Integer."""
    return None if operand.__class__ is Uncertainty else fit_integer(abs(operand))


@operator("Abs", "(Long) Long", clause="16.1")
def abs_long(operand: int) -> Long | None:
    """Null for null and for the least Long."""
    return fit_long(abs(operand))


@operator("Abs", "(Decimal) Decimal", clause="16.1")
def abs_decimal(operand: Decimal) -> Decimal:
    """Null for null."""
    return operand.copy_abs()


@operator("Abs", "(Quantity) Quantity", clause="16.1")
def abs_quantity(operand: Quantity) -> Quantity:
    """The unit stays. Null for null."""
    return Quantity(operand.value.copy_abs(), operand.unit, operand.calendar)


@operator("Ceiling", "(Decimal) Integer", clause="16.3")
def ceiling(operand: Decimal) -> int | None:
    """The least Integer that is not less. Null for null and when there is none."""
    return fit_integer(int(operand.to_integral_value(decimal.ROUND_CEILING)))


@operator("Floor", "(Decimal) Integer", clause="16.6")
def floor(operand: Decimal) -> int | None:
    """The greatest Integer that is not greater. Null for null and when there is none."""
    return fit_integer(int(operand.to_integral_value(decimal.ROUND_FLOOR)))


@operator("Truncate", "(Decimal) Integer", clause="16.22")
def truncate(operand: Decimal) -> int | None:
    """What stands before the point. Null for null and when that is no Integer."""
    return fit_integer(int(operand))


@operator("Round", "(Decimal) Decimal", clause="16.19")
def round_whole(operand: Decimal) -> Decimal | None:
    """To a whole number, halves away from zero: Round(-0.5) is -1. Null for null."""
    return _rounded_at(operand, 0)


@operator("Round", "(Decimal, Integer) Decimal", clause="16.19", nulls=True)
def round_at(operand: Decimal | None, precision: int | None) -> Decimal | None:
    """To so many digits after the point, halves away from zero; a precision of null is 0. Null for null.

    A negative precision rounds before the point: Round(1234.5, -2) is 1200.
    """
    return None if operand is None else _rounded_at(operand, precision or 0)


def _rounded_at(value: Decimal, digits: int) -> Decimal | None:
    if digits >= exact.fraction_digits(value):
        return value
    if digits < -exact.SCALE * 4:
        return Decimal(0)
    short = value.quantize(Decimal(1).scaleb(-digits), decimal.ROUND_HALF_UP, CONTEXT)
    if digits < 0:
        short = short.quantize(Decimal(1), context=CONTEXT)  # 1.2E+3 is 1200
    return fit_decimal(short if short else short.copy_abs())


# Powers and logarithms -----------------------------------------------------------------------------------------------


@operator("Exp", "(Decimal) Decimal", clause="16.5")
def exp(operand: Decimal) -> Decimal | None:
    """e to the power of the operand; EvaluationError when that is too great. Null for null."""
    found = exact.shortened(CONTEXT.exp(operand)) if operand < 100 else None
    if found is None:
        raise EvaluationError(f"Exp({operand}) is too great for a Decimal")
    return found


@operator("Ln", "(Decimal) Decimal", clause="16.10")
def ln(operand: Decimal) -> Decimal | None:
    """The natural logarithm; EvaluationError for zero, which has none. Null for null and for what is negative."""
    if operand == 0:
        raise EvaluationError("zero has no logarithm", expected="a number greater than zero")
    return None if operand < 0 else exact.shortened(CONTEXT.ln(operand))


@operator("Log", "(Decimal, Decimal) Decimal", clause="16.8")
def log(operand: Decimal, base: Decimal) -> Decimal | None:
    """The logarithm to a base. Null when a side is null or not positive, and for the base 1."""
    if operand <= 0 or base <= 0 or base == 1:
        return None
    return exact.shortened(CONTEXT.divide(CONTEXT.ln(operand), CONTEXT.ln(base)))


@operator("Power", "(Integer, Integer) Integer", clause="16.16")
def power_integers(base: int, exponent: int) -> int | Decimal | None:
    """An Integer; with a negative exponent the Decimal that it is. Null when a side is null or it is too great."""
    found = _whole_power(base, exponent)
    return found if found is None or found.__class__ is Decimal else fit_integer(found)  # type: ignore[arg-type]


@operator("Power", "(Long, Long) Long", clause="16.16")
def power_longs(base: int, exponent: int) -> Long | Decimal | None:
    """A Long; with a negative exponent the Decimal that it is. Null when a side is null or it is too great."""
    found = _whole_power(base, exponent)
    return found if found is None or found.__class__ is Decimal else fit_long(found)  # type: ignore[arg-type]


def _whole_power(base: Any, exponent: Any) -> int | Decimal | None:
    if base.__class__ is Uncertainty or exponent.__class__ is Uncertainty:
        return None
    if exponent < 0:
        return power_decimals(Decimal(base), Decimal(exponent))
    if exponent > 64 and abs(base) > 1:  # no Long has so many bits, and some powers would fill the memory
        return None
    result: int = int(base) ** (int(exponent) if exponent <= 64 else 2 - int(exponent) % 2)
    return result


@operator("Power", "(Decimal, Decimal) Decimal", clause="16.16")
def power_decimals(base: Decimal, exponent: Decimal) -> Decimal | None:
    """Null when a side is null, there is no real result (the root of a negative number), or it is too great."""
    if base == 0 and exponent <= 0:
        return Decimal("1.0") if exponent == 0 else None
    if abs(exponent) > 10_000 and abs(base) != 1:
        # Far from 1 it is too great or nothing; near 1 the logarithm tells without a long computation.
        if base <= 0:
            return None
        logarithm = CONTEXT.multiply(CONTEXT.ln(base), exponent)
        return None if logarithm > 100 else exact.shortened(CONTEXT.exp(max(logarithm, Decimal(-1000))))
    try:
        return exact.shortened(CONTEXT.power(base, exponent))
    except (decimal.InvalidOperation, decimal.Overflow):
        return None
