"""Calling an operator on values as the interpreter does: the overload by the classes of the values, nulls as it says."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from bedside.questions.cql import operators
from bedside.questions.cql.operators.registry import OVERLOADS
from bedside.questions.cql.run.state import State
from bedside.questions.cql.tree import Overload
from bedside.questions.cql.types import DataType, IntervalType, ListType, NamedType, TypeVariable
from bedside.questions.cql.values import Code, Concept, Interval, Long, Ratio
from bedside.questions.cql.world import World
from bedside.questions.values import Date, DateTime, Quantity, Time

operators.load_all()

NAMES = {
    bool: "Boolean",
    int: "Integer",
    Long: "Long",
    Decimal: "Decimal",
    str: "String",
    Date: "Date",
    DateTime: "DateTime",
    Time: "Time",
    Quantity: "Quantity",
    Ratio: "Ratio",
    Code: "Code",
    Concept: "Concept",
}

NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)


def state(offset: int = 0) -> State:
    """A state at noon of a day in the zone so many minutes east of UTC."""
    return State(World(now=lambda: NOON.astimezone(dt.timezone(dt.timedelta(minutes=offset)))))


def _fits(value: Any, wanted: DataType) -> bool:
    if value is None or isinstance(wanted, TypeVariable) or wanted == NamedType("System", "Any"):
        return True
    if isinstance(wanted, ListType):
        return isinstance(value, list) and all(_fits(each, wanted.element) for each in value)
    if isinstance(wanted, IntervalType):
        return isinstance(value, Interval)
    return isinstance(wanted, NamedType) and NAMES.get(value.__class__) == wanted.name


def overload(name: str, *operands: Any) -> Overload:
    for each in OVERLOADS[name]:
        if len(each.operands) == len(operands) and all(map(_fits, operands, each.operands)):
            return each
    raise LookupError(f"{name}{operands} has no overload")


def call(name: str, *operands: Any, state: State | None = None) -> Any:
    """The result of the first overload that fits the values."""
    chosen = overload(name, *operands)
    if not chosen.nulls and any(operand is None for operand in operands):
        return None
    given = [(lambda value=value: value) for value in operands] if chosen.lazy else list(operands)
    return chosen.body(*([state] if chosen.state else []), *given)


def d(text: str) -> Decimal:
    return Decimal(text)


def q(text: str, unit: str = "1") -> Quantity:
    """`q("1", "cm")`, `q("1", "day")`: calendar words without quotation marks."""
    words = ("year", "month", "week", "day", "hour", "minute", "second", "millisecond")
    return Quantity(Decimal(text), unit, calendar=unit in words)
