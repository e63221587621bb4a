"""Aggregates over lists (ELM 21)."""

from __future__ import annotations

import statistics
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from operator_calls import call, d, q

from bedside.questions.cql.values import Long
from bedside.questions.values import Date, Quantity


def ds(*texts: str) -> list[Decimal]:
    return [d(text) for text in texts]


def mg(*texts: str) -> list[Quantity]:
    return [q(text, "mg") for text in texts]


FIVE = ds("1.0", "2.0", "3.0", "4.0", "5.0")

CASES: list[tuple[str, list[Any] | None, Any]] = [
    ("AllTrue", [True, None, True], True),
    ("AllTrue", [True, False, None], False),
    ("AllTrue", [], True),
    ("AllTrue", None, True),
    ("AnyTrue", [False, None, True], True),
    ("AnyTrue", [None], False),
    ("AnyTrue", None, False),
    ("Count", [1, None, 3], 2),
    ("Count", [None], 0),
    ("Count", None, 0),
    ("Sum", [None, 1, None], 1),
    ("Sum", [2**31 - 1, 1], None),
    ("Sum", [Long(6), Long(2)], Long(8)),
    ("Sum", FIVE, d("15.0")),
    ("Sum", mg("1.0", "2.0"), q("3.0", "mg")),
    ("Sum", [q("1", "g"), q("1", "mg")], q("1001", "mg")),
    ("Sum", [q("1", "g"), q("1", "cm")], None),
    ("Sum", [], None),
    ("Product", [2, 3, None], 6),
    ("Product", [2**20, 2**20], None),
    ("Product", [2**20, 2**20, 0], 0),
    ("Product", [Long(5), Long(4)], Long(20)),
    ("Product", ds("1.0", "2.0", "3.0", "4.0"), d("24.0")),
    ("Product", mg("1.0", "2.0", "3.0", "4.0"), q("24.0", "mg")),
    ("Min", [2, 4, None, 1], 1),
    ("Max", [2, 4, None, 1], 4),
    ("Max", ["hi", "bye", "zebra"], "zebra"),
    ("Min", [q("1", "m"), q("5", "cm")], q("5", "cm")),
    ("Min", [q("1", "m"), q("5", "g")], None),
    ("Max", [Date(2012, 12, 31), Date(2013, 1, 1)], Date(2013, 1, 1)),
    ("Max", [Date(2012), Date(2012, 1)], Date(2012)),
    ("Max", [None], None),
    ("Avg", ds("5.5", "4.7", "4.8"), d("5.0")),
    ("Avg", [q("5.5", "cm"), q("47", "mm")], q("5.1", "cm")),
    ("Avg", ds("1", "1", "0"), d("0.66666667")),
    ("Median", ds("2.0", "4.0", "8.0", "6.0"), d("5.0")),
    ("Median", ds("3", "1", "2"), d("2")),
    ("Median", mg("1.0", "2.0", "3.0"), q("2.0", "mg")),
    ("Mode", ds("2.0", "2.0", "8.0", "6.0", "8.0", "8.0"), d("8.0")),
    ("Mode", [2, 1, 1, 2], 2),
    ("Mode", [1, None, None], 1),
    ("Mode", mg("1.0", "2.0", "3.0", "2.00"), q("2.0", "mg")),
    ("Variance", FIVE, d("2.5")),
    ("Variance", ds("1"), None),
    ("Variance", mg("1.0", "2.0", "3.0", "4.0", "5.0"), q("2.5", "mg")),
    ("PopulationVariance", FIVE, d("2.0")),
    ("PopulationVariance", ds("7"), d("0")),
    ("StdDev", FIVE, d("1.58113883")),
    ("StdDev", ds("1"), None),
    ("PopulationStdDev", FIVE, d("1.41421356")),
    ("PopulationStdDev", [None, None], None),
    ("GeometricMean", ds("2.0", "8.0"), d("4.0")),
    ("GeometricMean", ds("-2.0", "-8.0"), d("4.0")),
    ("GeometricMean", ds("-2.0", "8.0"), None),
    ("GeometricMean", ds("0", "8.0"), d("0")),
    ("GeometricMean", [None], None),
]


@pytest.mark.parametrize(("name", "source", "expected"), CASES)
def test_aggregates(name: str, source: list[Any] | None, expected: Any) -> None:
    found = call(name, source)
    assert found == expected
    assert found.__class__ is expected.__class__


@pytest.mark.parametrize(
    "name", ["Sum", "Product", "Avg", "Median", "Mode", "StdDev", "Variance", "Min", "GeometricMean"]
)
@pytest.mark.parametrize("source", [None, [], [None, None]])
def test_nothing_has_no_aggregate(name: str, source: list[Any] | None) -> None:
    assert call(name, source) is None


# Against Python's own statistics, which are exact over fractions ------------------------------------------------------

numbers = st.lists(st.decimals(-1000, 1000, places=2), min_size=2, max_size=12)


def _near(found: Decimal, expected: Any) -> bool:
    return abs(Fraction(found) - Fraction(expected)) <= Fraction(1, 10**8)


@given(numbers)
def test_statistics(values: list[Decimal]) -> None:
    exact = [Fraction(value) for value in values]
    assert _near(call("Sum", values), sum(exact))
    assert _near(call("Avg", values), statistics.mean(exact))
    assert _near(call("Median", values), statistics.median(exact))
    assert _near(call("Variance", values), statistics.variance(exact))
    assert _near(call("PopulationVariance", values), statistics.pvariance(exact))
    deviation = call("StdDev", values)
    assert abs(float(deviation) - statistics.stdev(map(float, values))) < 1e-6


@given(st.lists(st.one_of(st.none(), st.integers(-5, 5)), max_size=8))
def test_nulls_do_not_count_and_order_does_not_matter(values: list[int | None]) -> None:
    known = [value for value in values if value is not None]
    for name in ("Sum", "Product", "Min", "Max", "Count"):
        assert call(name, values) == call(name, known) == call(name, known[::-1])


@given(st.lists(st.decimals("0.01", "1000", places=2), min_size=1, max_size=8))
def test_the_geometric_mean_lies_between(values: list[Decimal]) -> None:
    mean = call("GeometricMean", values)
    assert min(values) - Decimal("1E-8") <= mean <= max(values) + Decimal("1E-8")
