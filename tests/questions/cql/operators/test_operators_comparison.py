"""The order of numbers, strings, quantities, dates and times (ELM 12.3 to 12.6)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from operator_calls import call, d, q

from bedside.questions.cql.operators.comparison import compare, greater, greater_or_equal, less, less_or_equal
from bedside.questions.cql.operators.equality import equal
from bedside.questions.cql.values import Long, Uncertainty
from bedside.questions.values import Date, DateTime, Time

ORDER: list[tuple[Any, Any, int | None]] = [
    (0, 1, -1),
    (3, 3, 0),
    (Long(0), Long(10), -1),
    (d("3.5"), d("3.50"), 0),
    (d("1.0"), d("-1.0"), 1),
    ("a", "aa", -1),
    ("Jack", "Jill", -1),
    ("B", "a", -1),
    (q("1", "m"), q("1", "cm"), 1),
    (q("0", "cm"), q("0", "m"), 0),
    (q("3.6", "cm2"), q("3.5", "cm"), None),
    (q("1", "year"), q("13", "month"), -1),
    (q("1", "year"), q("1", "a"), None),
    (q("1", "year"), q("1", "d"), None),
    (q("2", "day"), q("47", "h"), 1),
    (Date(2012, 1, 1), Date(2012, 1, 2), -1),
    (Date(2012), Date(2012, 1), None),
    (Date(2011), Date(2012, 1), -1),
    (DateTime.parse("2012-01-01T12:00Z"), DateTime.parse("2012-01-01T12:00+01:00"), 1),
    (DateTime(2014, offset=0), DateTime(2014, 2, 15, offset=0), None),
    (Time.parse("10:00:00.001"), Time.parse("10:00:00.000"), 1),
    (Time.parse("10"), Time.parse("10:30"), None),
    (5, None, "null"),
]


@pytest.mark.parametrize(("left", "right", "order"), ORDER)
def test_order(left: Any, right: Any, order: Any) -> None:
    answers = [call(name, left, right) for name in ("Less", "LessOrEqual", "Greater", "GreaterOrEqual")]
    if order is None or order == "null":
        assert answers == [None] * 4
    else:
        assert answers == [order < 0, order <= 0, order > 0, order >= 0]


@pytest.mark.parametrize(
    ("left", "right", "answers"),
    [
        (Uncertainty(6, 30), 5, [False, False, True, True]),
        (Uncertainty(1, 25), 5, [None, None, None, None]),
        (Uncertainty(1, 5), 5, [None, True, False, None]),
        (Uncertainty(5, 9), 5, [False, None, None, True]),
        (Uncertainty(1, 2), Uncertainty(3, 4), [True, True, False, False]),
    ],
)
def test_ranges(left: Any, right: Any, answers: list[bool | None]) -> None:
    assert [op(left, right) for op in (less, less_or_equal, greater, greater_or_equal)] == answers
    assert [op(right, left) for op in (greater, greater_or_equal, less, less_or_equal)] == answers


BODIES = {
    "Less": less,
    "LessOrEqual": less_or_equal,
    "Greater": greater,
    "GreaterOrEqual": greater_or_equal,
    "Equal": equal,
}


# What holds for all values -------------------------------------------------------------------------------------------

integers = st.integers(-5, 5)
decimals = st.decimals(-5, 5, places=1)
partial = st.builds(Date, st.integers(2011, 2012), st.one_of(st.none(), st.integers(1, 2)))
lengths = st.builds(q, st.decimals(0, 300, places=0).map(str), st.sampled_from(["cm", "m", "mm", "[in_i]"]))
ranges = st.builds(lambda a, b: Uncertainty(min(a, b), max(a, b)), integers, integers)
kinds = st.one_of(*(st.tuples(*[kind] * 3) for kind in (integers, decimals, partial, lengths, st.text(max_size=2))))


@given(kinds)
def test_antisymmetric(triple: tuple[Any, Any, Any]) -> None:
    a, b, _ = triple
    assert call("Less", a, b) is call("Greater", b, a)
    assert call("LessOrEqual", a, b) is call("GreaterOrEqual", b, a)
    if call("LessOrEqual", a, b) and call("LessOrEqual", b, a):
        assert call("Equal", a, b) is True
    if call("Less", a, b) is not None:
        assert call("Less", a, b) is call("Not", call("GreaterOrEqual", a, b))


@given(kinds)
def test_transitive(triple: tuple[Any, Any, Any]) -> None:
    a, b, c = triple
    if call("Less", a, b) and call("Less", b, c):
        assert call("Less", a, c) is True
    if call("LessOrEqual", a, b) and call("LessOrEqual", b, c):
        assert call("LessOrEqual", a, c) is True


@given(kinds)
def test_compare_says_the_same(triple: tuple[Any, Any, Any]) -> None:
    a, b, _ = triple
    order = compare(a, b)
    assert call("Less", a, b) is (None if order is None else order < 0)
    assert call("Equal", a, b) is (None if order is None else order == 0)


@given(ranges, ranges)
def test_a_range_is_judged_as_all_the_numbers_in_it(left: Uncertainty, right: Uncertainty) -> None:
    pairs = [(a, b) for a in range(left.low, left.high + 1) for b in range(right.low, right.high + 1)]
    for name in BODIES:
        answers = {call(name, a, b) for a, b in pairs}
        expected = answers.pop() if len(answers) == 1 else None
        assert BODIES[name](left, right) is expected
