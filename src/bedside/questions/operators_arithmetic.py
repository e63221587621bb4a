"""+ - * / div mod & and the signs (FHIRPath N1, 6.6).

    operator   operands                                           result
    + -        numbers; quantities of one dimension; strings (+)  the same; empty when the dimensions differ
    + -        date or time, and a quantity of time               the date or time, with its precision
    * /        numbers; quantities; quantity and number           / of integers is a Decimal
    div mod    numbers                                            div is an Integer; mod is as its operands
    &          strings; empty counts as ''                        String

An empty operand makes the result empty (not for &), and so does a division by zero or a result that is too great.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from bedside.questions import temporal, tree, units
from bedside.questions.code import Code, Frame, Kind, one
from bedside.questions.compiler import Compiler, builds
from bedside.questions.data import DataNode, Item, bounded, system_value, type_of
from bedside.questions.errors import EvaluationError
from bedside.questions.numbers import NUMBERS, fit_decimal, fit_integer, rounded
from bedside.questions.units import Units
from bedside.questions.values import Date, DateTime, Quantity, Time

Operation = Callable[[Any, Any, Units], Any]
"""Works on two System values. None is the empty collection, NotImplemented means that an operand does not fit."""

_TEMPORAL = frozenset({Date, DateTime, Time})
_CALENDAR_OF_FHIR = {"a": "year", "mo": "month"}


def _arithmetic(compiler: Compiler, node: tree.BinaryExpression, operation: Operation) -> Code:
    left, right = one(compiler.compile(node.left)), one(compiler.compile(node.right))
    symbol = node.symbol

    def run(this: Item | None, frame: Frame) -> Item | None:
        first, second = left(this, frame), right(this, frame)
        if first is None or second is None:
            return None
        value, other = system_value(first), system_value(second)
        if value is None or other is None:
            return None
        if second.__class__ is DataNode and other.__class__ is Quantity and value.__class__ in _TEMPORAL:
            other = _calendar_duration(other)
        result = operation(value, other, frame.units)
        if result is NotImplemented:
            raise EvaluationError(f"'{symbol}' cannot work with {type_of(first)!r} and {type_of(second)!r}")
        return result

    return Code(Kind.ONE, run)


def _calendar_duration(quantity: Quantity) -> Quantity:
    """A FHIR Quantity of years or months counts calendar ones when it is added to a date: FHIR can write no other."""
    if quantity.unit in _CALENDAR_OF_FHIR:
        return Quantity(quantity.value, _CALENDAR_OF_FHIR[quantity.unit], calendar=True)
    return quantity


def _is_number(value: Any) -> bool:
    return value.__class__ is int or value.__class__ is Decimal


def _number(value: int | Decimal) -> int | Decimal | None:
    return fit_integer(value) if isinstance(value, int) else fit_decimal(value)


def _quantities(left: Any, right: Any) -> tuple[Quantity, Quantity] | None:
    """Both as quantities when at least one is."""
    if left.__class__ is Quantity and (right.__class__ is Quantity or _is_number(right)):
        return left, right if right.__class__ is Quantity else Quantity(Decimal(right))
    if right.__class__ is Quantity and _is_number(left):
        return Quantity(Decimal(left)), right
    return None


def _plus(left: Any, right: Any, table: Units, sign: int) -> Any:
    if left.__class__ is int and right.__class__ is int:
        return fit_integer(left + sign * right)
    if _is_number(left) and _is_number(right):
        return fit_decimal(NUMBERS.add(Decimal(left), Decimal(right) * sign))
    if isinstance(left, Date | DateTime | Time) and isinstance(right, Quantity):
        return temporal.add(left, right, sign)
    pair = _quantities(left, right)
    return NotImplemented if pair is None else units.add(*pair, sign, table)


def _add(left: Any, right: Any, table: Units) -> Any:
    if left.__class__ is str and right.__class__ is str:
        return bounded(left + right, "'+'")
    return _plus(left, right, table, 1)


def _subtract(left: Any, right: Any, table: Units) -> Any:
    return _plus(left, right, table, -1)


def _multiply(left: Any, right: Any, table: Units) -> Any:
    if left.__class__ is int and right.__class__ is int:
        return fit_integer(left * right)
    if _is_number(left) and _is_number(right):
        return rounded(NUMBERS.multiply(Decimal(left), Decimal(right)))
    pair = _quantities(left, right)
    if pair is None:
        return NotImplemented
    return units.multiply(pair[1], pair[0], table) if _is_number(left) else units.multiply(*pair, table)


def _divide(left: Any, right: Any, table: Units) -> Any:
    if _is_number(left) and _is_number(right):
        return None if right == 0 else rounded(NUMBERS.divide(Decimal(left), Decimal(right)))
    pair = _quantities(left, right)
    return NotImplemented if pair is None else units.divide(*pair, table)


def _truncated_divide(left: Any, right: Any, table: Units) -> Any:
    if not (_is_number(left) and _is_number(right)):
        return NotImplemented
    if right == 0:
        return None
    quotient = NUMBERS.divide(Decimal(left), Decimal(right))
    return fit_integer(int(quotient)) if abs(quotient) < 2**32 else None


def _modulo(left: Any, right: Any, table: Units) -> Any:
    if not (_is_number(left) and _is_number(right)):
        return NotImplemented
    if right == 0:
        return None
    remainder = NUMBERS.remainder(Decimal(left), Decimal(right))
    return int(remainder) if left.__class__ is int and right.__class__ is int else remainder


@builds(tree.Add)
def _build_add(compiler: Compiler, node: tree.Add) -> Code:
    return _arithmetic(compiler, node, _add)


@builds(tree.Subtract)
def _build_subtract(compiler: Compiler, node: tree.Subtract) -> Code:
    return _arithmetic(compiler, node, _subtract)


@builds(tree.Multiply)
def _build_multiply(compiler: Compiler, node: tree.Multiply) -> Code:
    return _arithmetic(compiler, node, _multiply)


@builds(tree.Divide)
def _build_divide(compiler: Compiler, node: tree.Divide) -> Code:
    return _arithmetic(compiler, node, _divide)


@builds(tree.TruncatedDivide)
def _build_truncated_divide(compiler: Compiler, node: tree.TruncatedDivide) -> Code:
    return _arithmetic(compiler, node, _truncated_divide)


@builds(tree.Modulo)
def _build_modulo(compiler: Compiler, node: tree.Modulo) -> Code:
    return _arithmetic(compiler, node, _modulo)


@builds(tree.Concatenate)
def _concatenate(compiler: Compiler, node: tree.Concatenate) -> Code:
    left, right = one(compiler.compile(node.left)), one(compiler.compile(node.right))

    def text(item: Item | None) -> str:
        value = "" if item is None else system_value(item)
        if value is None:
            return ""
        if value.__class__ is not str:
            raise EvaluationError(f"'&' cannot work with {type_of(item)!r}", expected="a String")
        return str(value)

    return Code(Kind.ONE, lambda this, frame: bounded(text(left(this, frame)) + text(right(this, frame)), "'&'"))


def _signed(compiler: Compiler, node: tree.UnaryExpression, sign: int) -> Code:
    operand = one(compiler.compile(node.operand))
    symbol = node.symbol

    def run(this: Item | None, frame: Frame) -> Item | None:
        item = operand(this, frame)
        value = None if item is None else system_value(item)
        if value is None:
            return None
        if _is_number(value):
            return _number(value * sign)
        if isinstance(value, Quantity):
            return Quantity(value.value * sign, value.unit, value.calendar)
        raise EvaluationError(f"the sign '{symbol}' cannot stand before a {type_of(item)!r}", expected="a number")

    return Code(Kind.ONE, run)


@builds(tree.Negate)
def _negate(compiler: Compiler, node: tree.Negate) -> Code:
    return _signed(compiler, node, -1)


@builds(tree.Positive)
def _positive(compiler: Compiler, node: tree.Positive) -> Code:
    return _signed(compiler, node, 1)
