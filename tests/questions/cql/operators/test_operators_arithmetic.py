"""Arithmetic of Integer, Long and Decimal (ELM 16)."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from operator_calls import call, d, overload

from bedside.questions.cql.operators import exact
from bedside.questions.cql.values import Long, Uncertainty
from bedside.questions.errors import EvaluationError

MAX_INTEGER, MIN_INTEGER = 2**31 - 1, -(2**31)
MAX_LONG, MIN_LONG = Long(2**63 - 1), Long(-(2**63))
HUGE = Decimal(10) ** 28

CASES: list[tuple[str, tuple[Any, ...], Any]] = [
    ("Add", (2, 2), 4),
    ("Add", (2, None), None),
    ("Add", (MAX_INTEGER, 1), None),
    ("Add", (Long(25), Long(5)), Long(30)),
    ("Add", (MAX_LONG, Long(1)), None),
    ("Add", (d("2.5"), d("5")), d("7.5")),
    ("Add", (HUGE, d("0.00000001")), None),
    ("Subtract", (3, None), None),
    ("Subtract", (MIN_INTEGER, 1), None),
    ("Subtract", (d("3.14"), d("3.12")), d("0.02")),
    ("Subtract", (MIN_LONG, Long(1)), None),
    ("Multiply", (2, 3), 6),
    ("Multiply", (65536, 65536), None),
    ("Multiply", (Long(65536), Long(65536)), Long(2**32)),
    ("Multiply", (d("1.0"), d("2.0")), d("2.0")),
    ("Multiply", (d("0.00001"), d("0.0005")), d("0.00000001")),
    ("Multiply", (HUGE, d("2")), None),
    ("Divide", (d("9.9"), d("3.0")), d("3.3")),
    ("Divide", (d("10"), d("3")), d("3.33333333")),
    ("Divide", (d("2"), d("3")), d("0.66666667")),
    ("Divide", (d("2.2"), d("0")), None),
    ("TruncatedDivide", (-10, 3), -3),
    ("TruncatedDivide", (10, -3), -3),
    ("TruncatedDivide", (-10, -3), 3),
    ("TruncatedDivide", (2, 0), None),
    ("TruncatedDivide", (MIN_INTEGER, -1), None),
    ("TruncatedDivide", (Long(10), Long(3)), Long(3)),
    ("TruncatedDivide", (d("4.14"), d("2.06")), d("2")),
    ("TruncatedDivide", (d("-10.1"), d("3.1")), d("-3")),
    ("TruncatedDivide", (d("1"), d("0.0")), None),
    ("Modulo", (3, 2), 1),
    ("Modulo", (-10, 3), -1),
    ("Modulo", (10, -3), 1),
    ("Modulo", (0, 0), None),
    ("Modulo", (Long(4), Long(2)), Long(0)),
    ("Modulo", (d("2.5"), d("2")), d("0.5")),
    ("Negate", (3,), -3),
    ("Negate", (MIN_INTEGER,), None),
    ("Negate", (MIN_LONG,), None),
    ("Negate", (d("-3.3"),), d("3.3")),
    ("Abs", (-5,), 5),
    ("Abs", (MIN_INTEGER,), None),
    ("Abs", (Long(-5),), Long(5)),
    ("Abs", (MIN_LONG,), None),
    ("Abs", (d("-5.5"),), d("5.5")),
    ("Ceiling", (d("1.1"),), 2),
    ("Ceiling", (d("-0.1"),), 0),
    ("Ceiling", (d("3147483647.05"),), None),
    ("Ceiling", (d("-2147483648.2"),), MIN_INTEGER),
    ("Floor", (d("2.1"),), 2),
    ("Floor", (d("-0.1"),), -1),
    ("Floor", (d("2147483648.2"),), None),
    ("Truncate", (d("1.00000001"),), 1),
    ("Truncate", (d("-1.9"),), -1),
    ("Truncate", (d("3147483647.05"),), None),
    ("Round", (d("0.5"),), d("1")),
    ("Round", (d("-0.5"),), d("-1")),
    ("Round", (d("2.5"),), d("3")),
    ("Round", (d("-0.4"),), d("0")),
    ("Round", (d("3.14159"), 3), d("3.142")),
    ("Round", (d("3.14159"), None), d("3")),
    ("Round", (d("1234.5"), -2), d("1200")),
    ("Round", (None, 2), None),
    ("Power", (2, 3), 8),
    ("Power", (2, -2), d("0.25")),
    ("Power", (0, 0), 1),
    ("Power", (0, -1), None),
    ("Power", (2, 31), None),
    ("Power", (-1, 2**31 - 1), -1),
    ("Power", (Long(2), Long(62)), Long(2**62)),
    ("Power", (Long(2), Long(63)), None),
    ("Power", (d("2.5"), d("2.0")), d("6.25")),
    ("Power", (d("-2.0"), d("2.0")), d("4")),
    ("Power", (d("-2.0"), d("0.5")), None),
    ("Power", (d("2"), d("1000000")), None),
    ("Power", (d("1.00000001"), d("1000000")), d("1.01005017")),
    ("Power", (d("0.5"), d("1000000")), d("0")),
    ("Power", (10, -8), d("0.00000001")),
    ("Exp", (d("0"),), d("1")),
    ("Exp", (d("1"),), d("2.71828183")),
    ("Exp", (d("-1000"),), d("0")),
    ("Ln", (d("1"),), d("0")),
    ("Ln", (d("-1"),), None),
    ("Ln", (d("1000"),), d("6.90775528")),
    ("Log", (d("16"), d("2")), d("4")),
    ("Log", (d("0.125"), d("2")), d("-3")),
    ("Log", (d("1"), d("1")), None),
    ("Log", (d("0"), d("2")), None),
    ("Log", (d("2"), d("-2")), None),
]


@pytest.mark.parametrize(("name", "operands", "expected"), CASES)
def test_arithmetic(name: str, operands: tuple[Any, ...], expected: Any) -> None:
    found = call(name, *operands)
    assert found == expected
    assert found.__class__ is expected.__class__


def test_what_is_an_error_and_not_null() -> None:
    with pytest.raises(EvaluationError, match="too great"):
        call("Exp", d("1000"))
    with pytest.raises(EvaluationError, match="logarithm"):
        call("Ln", d("0"))


def test_there_is_no_negative_zero() -> None:
    for found in (
        call("Negate", d("0.0")),
        call("Multiply", d("-1"), d("0")),
        call("Round", d("-0.4")),
        call("Divide", d("0"), d("-5")),
        call("Modulo", d("-4"), d("2")),
    ):
        assert found == 0
        assert not found.is_signed()


def test_the_context_of_the_thread_does_not_matter() -> None:
    large = d("1234567890123456789012345678.12345678")
    with localcontext() as context:
        context.prec, context.rounding = 5, ROUND_HALF_EVEN
        assert call("Add", large, d("0.00000001")) == d("1234567890123456789012345678.12345679")
        assert call("Negate", large) == d("-1234567890123456789012345678.12345678")
        assert call("Abs", large) == large
        assert call("Round", d("123456.5")) == d("123457")
        assert call("Divide", d("2"), d("3")) == d("0.66666667")


def test_a_number_in_a_range() -> None:
    days, months = Uncertainty(16, 44), Uncertainty(4, 16)
    add, subtract, multiply = (_body(name) for name in ("Add", "Subtract", "Multiply"))
    assert add(days, days) == Uncertainty(32, 88)
    assert add(days, 1) == Uncertainty(17, 45)
    assert subtract(days, months) == Uncertainty(0, 40)
    assert multiply(days, days) == Uncertainty(256, 1936)
    assert multiply(days, -1) == Uncertainty(-44, -16)
    assert multiply(days, MAX_INTEGER) is None
    with pytest.raises(EvaluationError, match="range"):
        _body("TruncatedDivide")(days, months)


def _body(name: str) -> Any:
    return overload(name, 1, 1).body


# What holds for all values -------------------------------------------------------------------------------------------

integers = st.integers(MIN_INTEGER, MAX_INTEGER)
decimals = st.decimals(-(10**12), 10**12, places=4)
some_ranges = st.builds(lambda a, b: Uncertainty(min(a, b), max(a, b)), st.integers(-9, 9), st.integers(-9, 9))


@given(st.one_of(st.tuples(integers, integers), st.tuples(decimals, decimals)))
def test_subtract_undoes_add(pair: tuple[Any, Any]) -> None:
    a, b = pair
    total = call("Add", a, b)
    if total is not None:
        assert call("Subtract", total, b) == a
    assert call("Add", a, b) == call("Add", b, a)
    assert call("Multiply", a, b) == call("Multiply", b, a)


@given(integers, integers)
def test_div_and_mod_go_together(a: int, b: int) -> None:
    quotient, rest = call("TruncatedDivide", a, b), call("Modulo", a, b)
    if b == 0:
        assert quotient is rest is None
    elif quotient is not None:
        assert quotient * b + rest == a
        assert abs(rest) < abs(b)
        assert rest == 0 or (rest < 0) == (a < 0)


@given(decimals, decimals)
def test_a_quotient_is_near_and_short(a: Decimal, b: Decimal) -> None:
    quotient = call("Divide", a, b)
    if quotient is not None:
        assert exact.fraction_digits(quotient) <= 8
        assert abs(quotient * b - a) <= abs(b) * Decimal("0.000000005") + Decimal("1E-12")


@given(decimals, st.integers(0, 8))
def test_rounding_is_symmetric_and_near(value: Decimal, digits: int) -> None:
    found = call("Round", value, digits)
    assert call("Round", -value, digits) == -found
    assert abs(found - value) <= Decimal(5).scaleb(-digits - 1)


@given(decimals)
def test_floor_truncate_ceiling(value: Decimal) -> None:
    floor, whole, ceiling = (call(name, value) for name in ("Floor", "Truncate", "Ceiling"))
    if floor is not None and ceiling is not None:
        assert floor <= value <= ceiling <= floor + 1
        assert whole == (floor if value >= 0 else ceiling)


@given(some_ranges, some_ranges, st.sampled_from(["Add", "Subtract", "Multiply"]))
def test_ranges_hold_all_results(left: Uncertainty, right: Uncertainty, name: str) -> None:
    found = _body(name)(left, right)
    results = [call(name, a, b) for a in range(left.low, left.high + 1) for b in range(right.low, right.high + 1)]
    assert (found.low, found.high) == (min(results), max(results))


@given(st.decimals("0.01", "1000", places=2), st.decimals("1.01", "10", places=2))
def test_a_power_of_a_logarithm(value: Decimal, base: Decimal) -> None:
    logarithm = call("Log", value, base)
    assert abs(call("Power", base, logarithm) - value) <= value * Decimal("0.000001")
