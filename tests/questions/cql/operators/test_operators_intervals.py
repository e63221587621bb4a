"""Boundaries, points and relations of intervals, by appendix B of CQL 1.5.3, and the laws of interval algebra."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from operator_calls import call, d, q

from bedside.questions.cql.operators import interval_points as points
from bedside.questions.cql.operators import interval_relations as relations
from bedside.questions.cql.operators import intervals
from bedside.questions.cql.operators.points import max_value, min_value
from bedside.questions.cql.values import Interval, Long, Uncertainty
from bedside.questions.errors import EvaluationError
from bedside.questions.values import Date, DateTime, Time

Truth = bool | None


def iv(low: Any, high: Any, brackets: str = "[]", point: str = "Any") -> Interval:
    return Interval(low, high, brackets[0] == "[", brackets[1] == "]", point)


def at(text: str) -> Date | DateTime | Time:
    if text.startswith("T"):
        return Time.parse(text[1:])
    return DateTime.parse(text) if "T" in text else Date.parse(text)


def span(low: str, high: str, brackets: str = "[]") -> Interval:
    return iv(at(low), at(high), brackets)


UNKNOWN = iv(None, None)
WHOLE = iv(None, None, point="Integer")


@pytest.mark.parametrize(
    ("interval", "start", "end"),
    [
        (iv(1, 5), 1, 5),
        (iv(1, 5, "()"), 2, 4),
        (iv(Long(1), Long(5), "()"), 2, 4),
        (iv(d("1.0"), d("5.0"), "()"), d("1.00000001"), d("4.99999999")),
        (iv(q("1", "g"), q("5", "g"), "()"), q("1.00000001", "g"), q("4.99999999", "g")),
        (span("2012-01", "2012-06", "()"), Date(2012, 2), Date(2012, 5)),
        (span("T10:00", "T12:30", "()"), Time(10, 1), Time(12, 29)),
        (iv(None, 5), -(2**31), 5),
        (iv(1, None), 1, 2**31 - 1),
        (iv(None, None, point="Date"), Date(1, 1, 1), Date(9999, 12, 31)),
        (iv(None, 5, "(]"), None, 5),
        (iv(1, None, "[)"), 1, None),
        (UNKNOWN, None, None),
    ],
)
def test_start_and_end(interval: Interval, start: Any, end: Any) -> None:
    assert points.start(interval) == start
    assert points.end(interval) == end


def test_an_open_null_is_anything_up_to_the_other_boundary() -> None:
    assert intervals.start(iv(None, 5, "()")) == Uncertainty(-(2**31), 4)
    assert intervals.end(iv(1, None, "()")) == Uncertainty(2, 2**31 - 1)
    assert call("Start", None) is None


@pytest.mark.parametrize(
    ("low", "high", "brackets"), [(5, 3, "[]"), (5, 5, "[)"), (5, 6, "()"), (d("2.0"), d("1.0"), "[]")]
)
def test_an_interval_that_holds_no_point_is_an_error(low: Any, high: Any, brackets: str) -> None:
    with pytest.raises(EvaluationError, match="before it starts"):
        intervals.make(low, high, brackets[0] == "[", brackets[1] == "]")
    assert intervals.make(5, 5, True, True) == iv(5, 5)


@pytest.mark.parametrize(
    ("interval", "width", "size"),
    [
        (iv(3, 7), 4, 5),
        (iv(3, 8, "[)"), 4, 5),
        (iv(Long(3), Long(7)), 4, 5),
        (iv(d("4.0"), d("15.0")), d("11.0"), d("11.00000001")),
        (iv(q("5.0", "g"), q("10.0", "g")), q("5.0", "g"), q("5.00000001", "g")),
        (iv(0, None, "[)"), None, None),
        (WHOLE, None, None),
    ],
)
def test_width_and_size(interval: Interval, width: Any, size: Any) -> None:
    kind = {"Quantity": "quantities", "Decimal": "decimals", "Long": "longs"}.get(
        intervals.point_type(interval), "integers"
    )
    assert getattr(points, f"width_of_{kind}")(interval) == width
    assert getattr(points, f"size_of_{kind}")(interval) == size


def test_point_from() -> None:
    assert points.point_from(iv(4, 4)) == points.point_from(iv(4, 5, "[)")) == 4
    assert points.point_from(UNKNOWN) is None
    for several in (iv(1, 4), WHOLE):
        with pytest.raises(EvaluationError, match="one point"):
            points.point_from(several)


@pytest.mark.parametrize(
    ("interval", "point", "precision", "expected"),
    [
        (iv(1, 5), 5, None, True),
        (iv(1, 5, "[)"), 5, None, False),
        (iv(1, 5), 25, None, False),
        (iv(None, 5), 3, None, True),
        (iv(None, 5), 10, None, False),
        (iv(None, 5, "(]"), 3, None, None),
        (iv(None, 5, "(]"), 10, None, False),
        (iv(q("1", "g"), q("10", "g")), q("2000", "mg"), None, True),
        (iv(q("1", "g"), q("10", "g")), q("2", "m"), None, None),
        (span("2012-01-05", "2012-01-15"), at("2012-01"), None, None),
        (span("2012-01-05", "2012-01-15"), at("2012-02"), None, False),
        (span("2012-01-05", "2012-01-15"), at("2012-01-20"), "Month", True),
        (
            span("2012-01-01T00:00:00.000Z", "2012-01-15T12:00:00.000Z", "[)"),
            at("2012-01-15T10:00:00.000Z"),
            None,
            True,
        ),
        (iv(at("2012-01-05"), None), at("2012-01-07"), None, True),
        (None, 5, None, False),
        (iv(1, 5), None, None, None),
        (UNKNOWN, 5, None, False),
    ],
)
def test_contains_and_in(interval: Interval | None, point: Any, precision: str | None, expected: Truth) -> None:
    assert points.contains(interval, point, precision) is expected
    assert points.in_interval(point, interval, precision) is expected


@pytest.mark.parametrize(
    ("low", "point", "precision", "expected"),
    [
        ("T12:00:00.000", "T12:00:00.001", None, True),
        ("T12:00:00.000", "T12:00:00.000", None, False),
        ("T12:00:00.001", "T12:00:00", None, None),
        ("T12:00:00.000", "T12:00:01", "Second", True),
        ("T12:00:00.001", "T12:00:00", "Second", False),
        ("T12:00:00.001", "T12:00:00", "Millisecond", None),
    ],
)
def test_proper_contains(low: str, point: str, precision: str | None, expected: Truth) -> None:
    interval = span(low, "T21:59:59.999")
    assert points.proper_contains(interval, at(point), precision) is expected
    assert points.proper_in(at(point), interval, precision) is expected


Relation = Callable[..., Truth]

CASES: list[tuple[Relation, Any, Any, Truth]] = [
    (relations.before, iv(1, 4), 5, True),
    (relations.before, 0, iv(1, 4), True),
    (relations.before, iv(1, 4), 0, False),
    (relations.before, iv(1, None, "[)"), 0, False),
    (relations.before, iv(1, None, "[)"), 9, None),
    (relations.after, 5, iv(1, 4), True),
    (relations.after, iv(11, 20), iv(1, 10), True),
    (relations.after, iv(None, 20, "(]"), iv(1, 10), None),
    (relations.same_or_before, iv(4, 6), 6, True),
    (relations.same_or_before, d("1.6667"), iv(d("1.666"), d("2.50000001")), False),
    (relations.same_or_after, iv(6, 10), 6, True),
    (relations.same_or_after, q("2.5", "mg"), iv(q("1.666", "mg"), q("2.50000000", "mg")), True),
    (relations.same_as, iv(1, 3), iv(1, 4, "[)"), True),
    (relations.same_as, iv(1, 3), iv(1, 4), False),
    (relations.includes, iv(-1, 5), iv(0, 5), True),
    (relations.includes, iv(1, 10), iv(44, 50), False),
    (relations.includes, iv(1, None, "[)"), iv(0, 5), False),
    (relations.includes, iv(1, None, "[)"), iv(1, 5), None),
    (relations.included_in, iv(4, 10), iv(1, 10), True),
    (relations.proper_includes, iv(1, 10), iv(1, 10), False),
    (relations.proper_includes, WHOLE, iv(1, 10), True),
    (relations.proper_included_in, iv(1, 10), UNKNOWN, True),
    (relations.meets, iv(6, 10), iv(0, 5), True),
    (relations.meets_before, iv(-5, -1), iv(0, 5), True),
    (relations.meets_after, iv(6, 10), iv(0, 7), False),
    (relations.meets, iv(d("3.01"), d("5.00000001")), iv(d("5.00000002"), d("8.50")), True),
    (relations.meets, span("T03", "T04"), span("T05", "T06"), True),
    (relations.meets, span("2012-01", "2012-02"), span("2012-03-01", "2012-03-05"), None),
    (relations.meets, iv(None, 5, "(]"), iv(None, 15, "()"), None),
    (relations.meets_after, iv(None, 5, "(]"), iv(11, None, "[)"), False),
    (relations.meets_before, iv(1, None), iv(5, 6), False),
    (relations.overlaps, iv(4, 10, "[)"), iv(10, 20), False),
    (relations.overlaps, iv(4, 11, "[)"), iv(9, 20, "(]"), True),
    (relations.overlaps, span("2012-02-25", "2012-03-26"), span("2012-01-10", "2012-02"), None),
    (relations.overlaps, span("2012", "2013-03"), span("2012-02", "2013-02"), True),
    (relations.overlaps, UNKNOWN, iv(1, 10), None),
    (relations.overlaps_before, iv(4, 10), iv(4, 10, "(]"), True),
    (relations.overlaps_before, iv(4, 10), iv(3, 10, "(]"), False),
    (relations.overlaps_after, iv(4, 11, "[)"), iv(4, 10, "[)"), True),
    (relations.overlaps_after, iv(4, 10), iv(4, 11, "[)"), False),
    (relations.starts, iv(0, 5), iv(0, 7), True),
    (relations.starts, iv(0, 7), iv(0, 6), False),
    (relations.starts, UNKNOWN, iv(1, 10), None),
    (relations.ends, iv(0, 5), iv(-1, 5), True),
    (relations.ends, iv(-1, 7), iv(0, 7), False),
    (relations.ends, iv(1, 10), iv(None, None, "()", "Integer"), None),
]


@pytest.mark.parametrize(("relation", "left", "right", "expected"), CASES)
def test_relations(relation: Relation, left: Any, right: Any, expected: Truth) -> None:
    assert relation(left, right) is expected


@pytest.mark.parametrize(
    ("relation", "left", "right", "precision", "expected"),
    [
        (relations.same_or_after, span("2012-12-01", "2013-12-01"), at("2012-11-15"), "Month", True),
        (relations.before, span("2012-10-01", "2012-11-01"), at("2012-11-15"), "Month", False),
        (relations.included_in, span("2017-09-01T00:00:00Z", "2017-09-01T00:00:00Z"), span("2017-09-01T00:00:00.000Z", "2017-12-30T23:59:59.999Z"), None, None),
        (relations.included_in, span("2017-09-01T00:00:00Z", "2017-09-01T00:00:00Z"), span("2017-09-01T00:00:00.000Z", "2017-12-30T23:59:59.999Z"), "Day", True),
        (relations.meets, span("2012-01-07T10:00Z", "2012-01-14T10:00Z"), span("2012-01-15T08:00Z", "2012-01-25T08:00Z"), "Day", True),
        (relations.meets, span("2012-01-07T10:00Z", "2012-01-14T10:00Z"), span("2012-01-15T08:00Z", "2012-01-25T08:00Z"), None, False),
        (relations.meets, span("2012-01", "2012-01"), span("2012-02", "2012-03"), "Day", None),
        (relations.meets, span("2012-01", "2012-01"), span("2012-04", "2012-05"), "Day", False),
        (relations.overlaps, span("2012-01-01", "2012-01-10"), span("2012-01-20", "2012-01-30"), "Month", True),
        (relations.starts, span("2012-01-01", "2012-01-10"), span("2012-01-05", "2012-01-30"), "Month", True),
    ],
)  # fmt: skip
def test_relations_at_a_precision(
    relation: Relation, left: Any, right: Any, precision: str | None, expected: Truth
) -> None:
    assert relation(left, right, precision) is expected


@pytest.mark.parametrize("name", ["Before", "Meets", "Overlaps", "SameAs", "Starts", "Union"])
def test_a_null_makes_null(name: str) -> None:
    assert call(name, iv(1, 5), None) is None
    assert call(name, None, iv(1, 5)) is None


# Laws.

EDGE = st.one_of(st.none(), st.integers(-6, 6))


@st.composite
def small(draw: st.DrawFn) -> Interval:
    """A closed or open interval of a few integers, each boundary known."""
    low = draw(st.integers(-6, 6))
    high = draw(st.integers(low, 7))
    brackets = draw(st.sampled_from(["[]", "[)", "(]", "()"]))
    if high - low < brackets.count("(") + brackets.count(")"):
        brackets = "[]"
    return iv(low, high, brackets, "Integer")


def members(interval: Interval) -> set[int]:
    return {point for point in range(-10, 11) if points.contains(interval, point)}


@given(small(), small())
def test_exactly_one_of_allens_relations_holds(left: Interval, right: Interval) -> None:
    """Allen's thirteen, on a line of separate points, where before and meets are told apart by the gap."""
    begins = intervals.compare(intervals.start(left), intervals.start(right))
    finishes = intervals.compare(intervals.end(left), intervals.end(right))
    holding = [
        relations.before(left, right) and not relations.meets_before(left, right),
        relations.after(left, right) and not relations.meets_after(left, right),
        relations.meets_before(left, right),
        relations.meets_after(left, right),
        relations.overlaps_before(left, right) and finishes == -1,
        relations.overlaps_after(left, right) and begins == 1,
        relations.starts(left, right) and finishes == -1,
        relations.starts(right, left) and finishes == 1,
        relations.ends(left, right) and begins == 1,
        relations.ends(right, left) and begins == -1,
        relations.proper_included_in(left, right) and begins == 1 and finishes == -1,
        relations.proper_includes(left, right) and begins == -1 and finishes == 1,
        relations.same_as(left, right),
    ]
    assert holding.count(True) == 1


@given(small(), small())
def test_relations_are_what_they_are_for_the_points(left: Interval, right: Interval) -> None:
    mine, other = members(left), members(right)
    assert relations.overlaps(left, right) is bool(mine & other)
    assert relations.includes(left, right) is (mine >= other)
    assert relations.proper_includes(left, right) is (mine > other)
    assert relations.before(left, right) is (max(mine) < min(other))
    assert relations.meets(left, right) is (max(mine) + 1 == min(other) or max(other) + 1 == min(mine))
    assert intervals.equal(left, right) is (mine == other)
    assert points.size_of_integers(left) == len(mine)


@given(small(), small())
def test_inclusion_both_ways_is_sameness(left: Interval, right: Interval) -> None:
    both_ways = relations.includes(left, right) and relations.includes(right, left)
    assert bool(both_ways) is relations.same_as(left, right)


@st.composite
def partly_known(draw: st.DrawFn) -> Interval:
    """An interval of which an open boundary may be unknown."""
    known = draw(small())
    low = None if draw(st.booleans()) else known.low
    high = None if draw(st.booleans()) else known.high
    return Interval(low, high, known.low_closed and low is not None, known.high_closed and high is not None, "Integer")


def completions(interval: Interval) -> list[Interval]:
    """Intervals that a partly known one may be."""
    start, end = intervals.start(interval), intervals.end(interval)
    lows = range(-9, 10) if isinstance(start, Uncertainty) else [start]
    highs = range(-9, 10) if isinstance(end, Uncertainty) else [end]
    return [iv(low, high, point="Integer") for low in lows for high in highs if low <= high]


ALL = [relations.before, relations.after, relations.same_or_before, relations.same_or_after, relations.same_as,
       relations.includes, relations.proper_includes, relations.meets_before, relations.meets_after, relations.meets,
       relations.overlaps, relations.overlaps_before, relations.overlaps_after, relations.starts, relations.ends]  # fmt: skip


@given(partly_known(), small(), st.sampled_from(ALL), st.booleans())
def test_what_is_said_of_an_unknown_boundary_holds_for_all_that_it_may_be(
    partly: Interval, known: Interval, relation: Relation, turned: bool
) -> None:
    said = relation(known, partly) if turned else relation(partly, known)
    if said is not None:
        for each in completions(partly):
            assert (relation(known, each) if turned else relation(each, known)) is said


@given(st.integers(-8, 8), partly_known())
def test_membership_of_an_unknown_boundary_holds_for_all_that_it_may_be(point: int, partly: Interval) -> None:
    said = points.contains(partly, point)
    if said is not None:
        assert all(points.contains(each, point) is said for each in completions(partly))


def test_extremes_of_quantities_are_beyond_all_units() -> None:
    everything = iv(None, None, point="Quantity")
    assert relations.includes(everything, iv(q("1", "g"), q("2", "g"))) is True
    assert relations.overlaps(iv(None, q("5", "g")), iv(q("1", "g"), q("2", "g"))) is True
    assert min_value("Quantity").value == -max_value("Quantity").value == Decimal("-99999999999999999999.99999999")


def test_a_number_that_lies_in_a_range_is_in_an_interval_when_the_range_is() -> None:
    """As AgeInYearsAt gives it, when only the year of birth is known."""
    years = Uncertainty(64, 65)
    assert points.in_interval(years, iv(15, 65)) is True
    assert points.in_interval(years, iv(15, 64)) is None
    assert points.in_interval(years, iv(15, 63)) is False
    assert points.contains(iv(15, 66, "[)"), years) is True
    assert points.contains(iv(15, None), years) is True
    assert points.contains(iv(15, None, "[)"), years) is None


def test_a_boundary_that_lies_in_a_range_is_unknown() -> None:
    years = Uncertainty(64, 65)
    assert intervals.make(years, 90, True, True, "Integer") == iv(None, 90, "(]", "Integer")
    assert intervals.make(15, years, True, True, "Integer") == iv(15, None, "[)", "Integer")
