"""Successor, predecessor, least and greatest values, boundaries and precision (ELM 16.7, 16.9, 16.11, 16.12, 16.17 ...)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from operator_calls import call, d, q

from bedside.questions.cql.operators.points import ORDERED_TYPES, max_value, min_value, predecessor, successor
from bedside.questions.cql.values import Long
from bedside.questions.errors import EvaluationError
from bedside.questions.values import Date, DateTime, Time

PAIRS: list[tuple[Any, Any]] = [
    (100, 101),
    (Long(1), Long(2)),
    (d("1.01"), d("1.01000001")),
    (q("1.0", "cm"), q("1.00000001", "cm")),
    (Date(2014, 1, 31), Date(2014, 2, 1)),
    (Date(2014, 12), Date(2015, 1)),
    (Date(2014), Date(2015)),
    (Date(2012, 2, 28), Date(2012, 2, 29)),
    (DateTime(1999, 12, 31, offset=0), DateTime(2000, 1, 1, offset=0)),
    (DateTime.parse("2014-01-01T23Z"), DateTime.parse("2014-01-02T00Z")),
    (DateTime.parse("2014-01-01T08:59Z"), DateTime.parse("2014-01-01T09:00Z")),
    (DateTime.parse("2014-01-01T08:30:59+01:00"), DateTime.parse("2014-01-01T08:31:00+01:00")),
    (DateTime.parse("2014-01-01T08:30:59.999Z"), DateTime.parse("2014-01-01T08:31:00.000Z")),
    (Time.parse("11:59:59.999"), Time.parse("12:00:00.000")),
    (Time.parse("11:59"), Time.parse("12:00")),
    (Time.parse("11"), Time.parse("12")),
]


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_steps(before: Any, after: Any) -> None:
    assert successor(before) == after
    assert predecessor(after) == before
    assert successor(before).__class__ is before.__class__
    assert str(successor(before)) == str(after)  # as precise as it was


@pytest.mark.parametrize("name", ORDERED_TYPES)
def test_nothing_comes_after_the_greatest_or_before_the_least(name: str) -> None:
    with pytest.raises(EvaluationError, match="greatest"):
        call("Successor", max_value(name))
    with pytest.raises(EvaluationError, match="least"):
        call("Predecessor", min_value(name))


@pytest.mark.parametrize("value", [Date(9999), Date(9999, 12), Time.parse("23"), DateTime(9999, 12, 31, 23, offset=0)])
def test_nor_after_the_greatest_of_a_precision(value: Any) -> None:
    with pytest.raises(EvaluationError):
        successor(value)


def test_what_has_no_order_has_no_successor() -> None:
    with pytest.raises(EvaluationError, match="bool"):
        successor(True)


def test_extremes() -> None:
    assert (min_value("Integer"), max_value("Integer")) == (-2147483648, 2147483647)
    assert max_value("Long") == 9223372036854775807
    assert max_value("Decimal") == d("99999999999999999999.99999999")
    assert max_value("Quantity") == q("99999999999999999999.99999999")
    assert str(min_value("DateTime")) == "0001-01-01T00:00:00.000Z"
    assert str(max_value("Time")) == "23:59:59.999"
    assert max_value("Boolean") is None


BOUNDARIES: list[tuple[Any, int | None, Any, Any]] = [
    (d("1.587"), 8, d("1.58700000"), d("1.58799999")),
    (d("1.58888"), None, d("1.58888000"), d("1.58888999")),
    (d("1.587"), 2, d("1.58"), d("1.59")),
    (d("1.587"), 0, d("1"), d("2")),
    (d("-1.587"), 6, d("-1.587999"), d("-1.587000")),
    (d("1.587"), 3, d("1.587"), d("1.587")),
    (d("1.587"), 9, None, None),
    (d("1.587"), -1, None, None),
    (None, 8, None, None),
    (Date(2014), 6, Date(2014, 1), Date(2014, 12)),
    (Date(2012, 2), None, Date(2012, 2, 1), Date(2012, 2, 29)),
    (Date(2012, 2, 3), 4, Date(2012), Date(2012)),
    (Date(2014), 5, None, None),
    (
        DateTime.parse("2014-01-01T08Z"),
        17,
        DateTime.parse("2014-01-01T08:00:00.000Z"),
        DateTime.parse("2014-01-01T08:59:59.999Z"),
    ),
    (
        DateTime(2014, offset=60),
        None,
        DateTime.parse("2014-01-01T00:00:00.000+01:00"),
        DateTime.parse("2014-12-31T23:59:59.999+01:00"),
    ),
    (
        DateTime.parse("2014-01-01T08:05Z"),
        14,
        DateTime.parse("2014-01-01T08:05:00Z"),
        DateTime.parse("2014-01-01T08:05:59Z"),
    ),
    (Time.parse("10:30"), 9, Time.parse("10:30:00.000"), Time.parse("10:30:59.999")),
    (Time.parse("10:30:15"), 9, Time.parse("10:30:15.000"), Time.parse("10:30:15.999")),
    (Time.parse("10:30:15"), 2, Time.parse("10"), Time.parse("10")),
]


@pytest.mark.parametrize(("value", "precision", "low", "high"), BOUNDARIES)
def test_boundaries(value: Any, precision: int | None, low: Any, high: Any) -> None:
    assert call("LowBoundary", value, precision) == low
    assert call("HighBoundary", value, precision) == high
    if low is not None:
        assert str(call("LowBoundary", value, precision)) == str(low)


@pytest.mark.parametrize(
    ("value", "digits"),
    [
        (d("1.58700"), 5),
        (d("10"), 0),
        (Date(2014), 4),
        (Date(2014, 1), 6),
        (DateTime.parse("2014-01-05T10:30:00.000Z"), 17),
        (DateTime.parse("2014-01-05T10:30:00Z"), 14),
        (DateTime.parse("2014-01-05T10Z"), 10),
        (Time.parse("10:30"), 4),
        (Time.parse("10:30:00.000"), 9),
        (None, None),
    ],
)
def test_precision(value: Any, digits: int | None) -> None:
    assert call("Precision", value) == digits


days = st.dates().map(lambda day: Date(day.year, day.month, day.day))
moments = st.datetimes().map(
    lambda at: DateTime(
        at.year, at.month, at.day, at.hour, at.minute, Decimal(at.second * 1000 + at.microsecond // 1000).scaleb(-3), 0
    )
)
points = st.one_of(st.integers(-(2**31), 2**31 - 1), st.decimals(-1000, 1000, places=3), days, moments)


@given(points)
def test_the_successor_is_greater_and_goes_back(value: Any) -> None:
    try:
        after = successor(value)
    except EvaluationError:
        assert value in {max_value("Integer"), max_value("Date"), max_value("DateTime")}
        return
    assert call("Less", value, after) is True
    assert predecessor(after) == value


@given(st.one_of(st.decimals(-1000, 1000, places=3), days), st.sampled_from([4, 6, 8]))
def test_boundaries_hold_the_value(value: Any, digits: int) -> None:
    low, high = call("LowBoundary", value, digits), call("HighBoundary", value, digits)
    assert call("LessOrEqual", low, high) is True
    assert call("LessOrEqual", low, value) is not False
    assert call("LessOrEqual", value, high) is not False
