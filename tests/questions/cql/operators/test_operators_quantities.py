"""Arithmetic and conversion of quantities, and of their units (ELM 16, 22.3, 22.6)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from operator_calls import call, q

from bedside.questions.cql.operators.equality import equal
from bedside.questions.cql.operators.equivalence import equivalent
from bedside.questions.values import Quantity

CASES: list[tuple[str, tuple[Any, ...], Quantity | None]] = [
    ("Add", (q("-5.5", "mg"), q("2", "mg")), q("-3.5", "mg")),
    ("Add", (q("1", "cm"), q("1", "m")), q("101", "cm")),
    ("Add", (q("1", "m"), q("1", "cm")), q("101", "cm")),
    ("Add", (q("-5.5", "cm"), q("2", "cm2")), None),
    ("Add", (q("1", "nonsense"), q("1", "cm")), None),
    ("Add", (q("1", "year"), q("1", "month")), q("13", "month")),
    ("Add", (q("1", "day"), q("2", "h")), q("26", "h")),
    ("Add", (q("1", "week"), q("1", "day")), q("8", "day")),
    ("Add", (q("1", "year"), q("1", "day")), None),
    ("Add", (q("1", "month"), q("1", "mo")), None),
    ("Add", (q("37", "Cel"), q("1", "K")), None),
    ("Add", (q("1E28", "g"), q("1", "g")), None),
    ("Subtract", (q("3.14", "mg"), q("3.12", "mg")), q("0.02", "mg")),
    ("Subtract", (q("1", "m"), q("1", "cm")), q("99", "cm")),
    ("Multiply", (q("1.0", "cm"), q("2.0", "cm")), q("2.0", "cm2")),
    ("Multiply", (q("3", "cm"), q("12", "cm2")), q("36", "cm3")),
    ("Multiply", (q("3", "day"), q("2")), q("6", "day")),
    ("Multiply", (q("2"), q("3", "day")), q("6", "day")),
    ("Multiply", (q("2", "Cel"), q("3", "cm")), None),
    ("Divide", (q("12", "cm2"), q("3", "cm")), q("4", "cm")),
    ("Divide", (q("-5.5", "mg"), q("2.0", "mg")), q("-2.75")),
    ("Divide", (q("10", "g"), q("5")), q("2", "g")),
    ("Divide", (q("10", "mg"), q("4", "mL")), q("2.5", "mg.mL-1")),
    ("Divide", (q("1", "g"), q("0", "g")), None),
    ("TruncatedDivide", (q("4.14", "m"), q("2.06", "m")), q("2", "m")),
    ("TruncatedDivide", (q("10.1", "cm"), q("-3.1", "cm")), q("-3", "cm")),
    ("TruncatedDivide", (q("1", "m"), q("30", "cm")), q("3", "m")),
    ("TruncatedDivide", (q("1", "m"), q("0", "m")), None),
    ("TruncatedDivide", (q("1", "m"), q("1", "g")), None),
    ("Modulo", (q("3.5", "cm"), q("3", "cm")), q("0.5", "cm")),
    ("Modulo", (q("1", "m"), q("30", "cm")), q("0.1", "m")),
    ("Modulo", (q("1", "m"), q("0", "m")), None),
    ("Negate", (q("3.3", "mg"),), q("-3.3", "mg")),
    ("Abs", (q("-5.5", "mg"),), q("5.5", "mg")),
    ("ConvertQuantity", (q("5", "mg"), "g"), q("0.005", "g")),
    ("ConvertQuantity", (q("98.6", "[degF]"), "Cel"), q("37", "Cel")),
    ("ConvertQuantity", (q("2", "week"), "days"), q("14", "day")),
    ("ConvertQuantity", (q("2", "d"), "hours"), q("48", "hour")),
    ("ConvertQuantity", (q("2", "year"), "months"), q("24", "month")),
    ("ConvertQuantity", (q("1", "year"), "days"), None),
    ("ConvertQuantity", (q("5", "mg"), "mL"), None),
    ("ConvertQuantity", (q("5", "mg"), None), None),
    ("ConvertQuantity", (q("1", "[in_i]"), "[in_i]"), q("1", "[in_i]")),
]


@pytest.mark.parametrize(("name", "operands", "expected"), CASES)
def test_quantities(name: str, operands: tuple[Any, ...], expected: Quantity | None) -> None:
    found = call(name, *operands)
    assert found == expected


def test_can_convert() -> None:
    assert call("CanConvertQuantity", q("5", "mg"), "g") is True
    assert call("CanConvertQuantity", q("5", "mg"), "mL") is False
    assert call("CanConvertQuantity", q("5", "mg"), "nonsense") is False
    assert call("CanConvertQuantity", None, "g") is None


# What holds for all values -------------------------------------------------------------------------------------------

LENGTHS = ["m", "cm", "mm", "km", "[in_i]", "[ft_i]"]
MASSES = ["g", "kg", "mg", "ug"]
numbers = st.decimals(-1000, 1000, places=2)
lengths = st.builds(Quantity, numbers, st.sampled_from(LENGTHS))
any_quantity = st.builds(Quantity, numbers, st.sampled_from([*LENGTHS, *MASSES, "1", "%", "h"]))


@given(st.builds(Quantity, numbers, st.sampled_from(["m", "cm", "mm"])), st.sampled_from(["m", "cm", "mm"]))
def test_conversion_there_and_back(quantity: Quantity, unit: str) -> None:
    there = call("ConvertQuantity", quantity, unit)
    assert there.unit == unit
    assert equal(there, quantity) is True
    assert call("ConvertQuantity", there, quantity.unit) == quantity


@given(lengths, st.sampled_from(LENGTHS))
def test_conversion_keeps_the_quantity_but_for_the_ninth_digit(quantity: Quantity, unit: str) -> None:
    back = call("ConvertQuantity", call("ConvertQuantity", quantity, unit), quantity.unit)
    # One unit of the eighth digit after the point, in the coarsest unit, seen in the finest: 1 km in mm.
    assert abs(back.value - quantity.value) <= Decimal("0.011")
    assert back.unit == quantity.unit


@given(any_quantity, any_quantity)
def test_addition_commutes_and_subtraction_undoes_it(left: Quantity, right: Quantity) -> None:
    total = call("Add", left, right)
    assert equal(total, call("Add", right, left)) is (None if total is None else True)
    if total is not None and left.unit == right.unit:
        assert equal(call("Subtract", total, right), left) is True


@given(any_quantity, any_quantity)
def test_only_what_compares_can_be_added(left: Quantity, right: Quantity) -> None:
    known = call("Less", left, right) is not None
    assert (call("Add", left, right) is not None) is known
    if equal(left, right):
        assert equivalent(left, right)
