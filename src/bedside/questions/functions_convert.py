"""toInteger, toQuantity, ... and convertsToInteger, ...: explicit conversions (FHIRPath N1, 5.5).

    to \\ from   Boolean  Integer  Decimal  String  Date  DateTime  Time  Quantity
    Boolean     x        1, 0     1.0, 0.0 t, no.. -     -         -     -
    Integer     1, 0     x        -        +-digits -    -         -     -
    Decimal     1.0, 0.0 x        x        digits  -     -         -     -
    String      x        x        x        x       x     x         x     x
    Date        -        -        -        ISO     x     its date  -     -
    DateTime    -        -        -        ISO     x     x         -     -
    Time        -        -        -        ISO     -     -         x     -
    Quantity    1.0 '1'  '1'      '1'      N unit  -     -         -     x

What cannot be converted becomes empty; several items are an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from bedside.questions import tree
from bedside.questions.code import Code, Frame, Kind, expecting, function, one
from bedside.questions.compiler import Compiler
from bedside.questions.data import Item, system_value
from bedside.questions.numbers import fit_decimal, fit_integer
from bedside.questions.units import definite
from bedside.questions.values import CALENDAR_WORDS, Date, DateTime, Quantity, Time

_TRUE = frozenset({"true", "t", "yes", "y", "1", "1.0"})
_FALSE = frozenset({"false", "f", "no", "n", "0", "0.0"})
_INTEGER = re.compile(r"[+-]?[0-9]{1,12}")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?")
_QUANTITY = re.compile(r"([+-]?[0-9]{1,40}(?:\.[0-9]{1,40})?)\s*(?:'([^']+)'|([a-z]+))?")


def to_boolean(value: Any) -> bool | None:
    match value:
        case bool():
            return value
        case int() | Decimal():
            return bool(value) if value in (0, 1) else None
        case str():
            text = value.lower()
            return True if text in _TRUE else False if text in _FALSE else None
    return None


def to_integer(value: Any) -> int | None:
    match value:
        case bool() | int():
            return int(value)
        case str() if _INTEGER.fullmatch(value):
            return fit_integer(int(value))
    return None


def to_decimal(value: Any) -> Decimal | None:
    match value:
        case bool():
            return Decimal("1.0") if value else Decimal("0.0")
        case int() | Decimal():
            return Decimal(value)
        case str() if _DECIMAL.fullmatch(value):
            return fit_decimal(Decimal(value))
    return None


def to_string(value: Any) -> str | None:
    match value:
        case bool():
            return "true" if value else "false"
        case Decimal():
            return format(value, "f")
        case str():
            return value
        case int() | Date() | DateTime() | Time() | Quantity():
            return str(value)
    return None


def _parsed(parse: Callable[[str], Any], value: str) -> Any:
    try:
        return parse(value)
    except ValueError:
        return None


def to_date(value: Any) -> Date | None:
    match value:
        case Date():
            return value
        case DateTime():
            return Date(value.year, value.month, value.day)
        case str():
            moment = _parsed(DateTime.parse, value)
            return None if moment is None else Date(moment.year, moment.month, moment.day)
    return None


def to_datetime(value: Any) -> DateTime | None:
    match value:
        case DateTime():
            return value
        case Date():
            return DateTime.from_date(value)
        case str():
            found: DateTime | None = _parsed(DateTime.parse, value)
            return found
    return None


def to_time(value: Any) -> Time | None:
    match value:
        case Time():
            return value
        case str():
            found: Time | None = _parsed(Time.parse, value.removeprefix("T"))
            return found
    return None


def to_quantity(value: Any) -> Quantity | None:
    match value:
        case Quantity():
            return value
        case bool():
            return Quantity(Decimal("1.0") if value else Decimal("0.0"))
        case int() | Decimal():
            return Quantity(Decimal(value))
        case str():
            match = _QUANTITY.fullmatch(value)
            if match is None:
                return None
            number, unit, word = match.groups()
            if word:
                return (
                    Quantity(Decimal(number), CALENDAR_WORDS[word], calendar=True) if word in CALENDAR_WORDS else None
                )
            return Quantity(Decimal(number), unit or "1")
    return None


_CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "Boolean": to_boolean,
    "Integer": to_integer,
    "Decimal": to_decimal,
    "String": to_string,
    "Date": to_date,
    "DateTime": to_datetime,
    "Time": to_time,
}


def _converted(source: Code, convert: Callable[[Any], Any]) -> Callable[[Item | None, Frame], Any]:
    given = one(source)

    def run(this: Item | None, frame: Frame) -> Any:
        item = given(this, frame)
        value = None if item is None else system_value(item)
        return None if value is None else convert(value)

    return run


def _enter(name: str, convert: Callable[[Any], Any]) -> None:
    @function(f"to{name}", result=name)
    def to(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
        return Code(Kind.TRUTH if name == "Boolean" else Kind.ONE, _converted(source, convert))

    @function(f"convertsTo{name}", result="Boolean")
    def converts_to(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
        given = one(source)

        def run(this: Item | None, frame: Frame) -> bool | None:
            item = given(this, frame)
            value = None if item is None else system_value(item)
            return None if value is None else convert(value) is not None

        return Code(Kind.TRUTH, run)


for _name, _convert in _CONVERSIONS.items():
    _enter(_name, _convert)


Convert = Callable[[Quantity, "Item | None", Frame], "Quantity | None"]


def _unit_conversion(compiler: Compiler, call: tree.FunctionRef) -> Convert:
    """To the unit that the argument names, if there is one; None when the two units measure different things."""
    if not call.operand:
        return lambda quantity, this, frame: quantity
    unit, text = one(compiler.compile(call.operand[0])), expecting(("String",), f"argument 1 of {call.name}()")

    def convert(quantity: Quantity, this: Item | None, frame: Frame) -> Quantity | None:
        name = text(unit(this, frame))
        if name is None:
            return None
        quantity = definite(quantity)
        target = definite(Quantity(Decimal(0), CALENDAR_WORDS.get(name, name), calendar=name in CALENDAR_WORDS)).unit
        try:
            return Quantity(frame.units.convert(quantity.value, quantity.unit, target), name)
        except ValueError:
            return None

    return convert


@function("toQuantity", 0, 1, result="Quantity")
def _to_quantity(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
    given, convert = _converted(source, to_quantity), _unit_conversion(compiler, call)

    def run(this: Item | None, frame: Frame) -> Quantity | None:
        quantity = given(this, frame)
        return None if quantity is None else convert(quantity, this, frame)

    return Code(Kind.ONE, run)


@function("convertsToQuantity", 0, 1, result="Boolean")
def _converts_to_quantity(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
    given, convert = _converted(source, lambda value: value), _unit_conversion(compiler, call)

    def run(this: Item | None, frame: Frame) -> bool | None:
        value = given(this, frame)
        if value is None:
            return None
        quantity = to_quantity(value)
        return quantity is not None and convert(quantity, this, frame) is not None

    return Code(Kind.TRUTH, run)
