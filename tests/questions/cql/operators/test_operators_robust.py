"""No operator fails on values of its own types but by an error of the language, and what it gives is of its type."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from operator_calls import NAMES, q, state

from bedside.questions.cql.operators.registry import OVERLOADS
from bedside.questions.cql.tree import Overload
from bedside.questions.cql.types import DataType, ListType, NamedType, TypeVariable
from bedside.questions.cql.values import Code, Concept, Interval, Long, Ratio
from bedside.questions.errors import EvaluationError
from bedside.questions.values import Date, DateTime, Time

FAMILIES = ("logical", "nullological", "equality", "equivalence", "comparison", "points", "arithmetic", "boundary")
FAMILIES += ("string", "conversion", "convertible", "aggregate", "types", "message")
HERE = state(330)

EXTREMES = [Decimal("99999999999999999999.99999999"), Decimal(10) ** 28, Decimal("-1E+28"), Decimal("1E-8"), Decimal(0)]
decimals = st.one_of(st.decimals(-100, 100, places=3), st.sampled_from(EXTREMES))
seconds = st.one_of(
    st.none(), st.integers(0, 59).map(Decimal), st.integers(0, 59999).map(lambda n: Decimal(n).scaleb(-3))
)
years = st.one_of(st.integers(1, 9999), st.sampled_from([1, 9999]))


@st.composite
def dates(draw: st.DrawFn) -> Date:
    month = draw(st.one_of(st.none(), st.integers(1, 12)))
    return Date(draw(years), month, None if month is None else draw(st.one_of(st.none(), st.integers(1, 28))))


@st.composite
def times(draw: st.DrawFn) -> Time:
    minute = draw(st.one_of(st.none(), st.integers(0, 59)))
    return Time(draw(st.integers(0, 23)), minute, None if minute is None else draw(seconds))


@st.composite
def moments(draw: st.DrawFn) -> DateTime:
    day, offset = draw(dates()), draw(st.sampled_from([0, 330, -720, 840]))
    if day.day is None:
        return DateTime(day.year, day.month, offset=offset)
    clock = draw(times())
    return DateTime(day.year, day.month, day.day, clock.hour, clock.minute, clock.second, offset)


units = st.sampled_from(["1", "mg", "g", "cm", "Cel", "[pH]", "nonsense", "year", "month", "day", "s", "%", "10*3/uL"])
quantities = st.builds(lambda number, unit: q(str(number), unit), decimals, units)
strings = st.one_of(
    st.text(max_size=6),
    st.sampled_from(["1", "-5.5 'mg'", "2014-01-01T10", "T10:30", "(a|b)*", "[", "mg", "days", "Error"]),
)
codes = st.builds(Code, strings, st.one_of(st.none(), strings))
SIMPLE: dict[str, st.SearchStrategy[Any]] = {
    "Boolean": st.booleans(),
    "Integer": st.one_of(st.integers(-(2**31), 2**31 - 1), st.integers(-5, 5)),
    "Long": st.one_of(st.integers(-(2**63), 2**63 - 1), st.integers(-5, 5)).map(Long),
    "Decimal": decimals,
    "String": strings,
    "Date": dates(),
    "DateTime": moments(),
    "Time": times(),
    "Quantity": quantities,
    "Ratio": st.builds(Ratio, quantities, quantities),
    "Code": codes,
    "Concept": st.builds(lambda each: Concept(tuple(each)), st.lists(codes, max_size=2)),
}
anything = st.one_of(
    *SIMPLE.values(),
    st.lists(SIMPLE["Integer"], max_size=2),
    st.fixed_dictionaries({"x": quantities}),
    st.builds(lambda a, b: Interval(min(a, b), max(a, b), point="Integer"), SIMPLE["Integer"], SIMPLE["Integer"]),
)


def of_type(wanted: DataType, variable: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    if isinstance(wanted, TypeVariable):
        return variable
    if isinstance(wanted, ListType):
        return st.lists(st.one_of(st.none(), of_type(wanted.element, variable)), max_size=4)
    assert isinstance(wanted, NamedType)
    return SIMPLE.get(wanted.name, anything)


def is_of(value: Any, wanted: DataType) -> bool:
    if value is None or isinstance(wanted, TypeVariable) or wanted == NamedType("System", "Any"):
        return True
    if isinstance(wanted, ListType):
        return isinstance(value, list) and all(is_of(each, wanted.element) for each in value)
    return isinstance(wanted, NamedType) and NAMES.get(value.__class__) == wanted.name


def _mine() -> list[Overload]:
    modules = {f"bedside.questions.cql.operators.{family}" for family in FAMILIES}
    return [each for overloads in OVERLOADS.values() for each in overloads if each.body.__module__ in modules]


@pytest.mark.parametrize("overload", _mine(), ids=lambda each: f"{each.name}-{'-'.join(map(str, each.operands))}")
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_no_operator_fails_on_its_own_types(overload: Overload, data: st.DataObject) -> None:
    variable = data.draw(st.sampled_from([*SIMPLE.values(), anything]))
    operands = [data.draw(of_type(each, variable)) for each in overload.operands]
    if overload.nulls and data.draw(st.booleans()):
        operands[data.draw(st.integers(0, len(operands) - 1))] = None
    given_ = [(lambda value=value: value) for value in operands] if overload.lazy else operands
    try:
        found = overload.body(*([HERE] if overload.state else []), *given_)
    except EvaluationError:
        return
    # A whole power with a negative exponent is a Decimal: so the specification's own tests have it.
    assert is_of(found, overload.result) or (overload.name == "Power" and isinstance(found, Decimal))
