"""Union, intersect, except, collapse and expand of intervals, by appendix B of CQL 1.5.3, and what they do to points."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from operator_calls import d, q

from bedside.questions.cql.operators import interval_collapse as collapsing
from bedside.questions.cql.operators import interval_expand as expanding
from bedside.questions.cql.operators import interval_points as points
from bedside.questions.cql.operators import interval_sets as sets
from bedside.questions.cql.operators import intervals
from bedside.questions.cql.values import Interval, Long
from bedside.questions.errors import EvaluationError
from bedside.questions.values import Date, DateTime, Quantity, Time


def iv(low: Any, high: Any, brackets: str = "[]", point: str = "Any") -> Interval:
    return Interval(low, high, brackets[0] == "[", brackets[1] == "]", point)


def at(text: str) -> Date | DateTime | Time:
    if text.startswith("T"):
        return Time.parse(text[1:])
    return DateTime.parse(text) if "T" in text else Date.parse(text)


def span(low: str, high: str, brackets: str = "[]") -> Interval:
    return iv(at(low), at(high), brackets)


UNKNOWN = iv(None, None)


def ends(interval: Interval | None) -> tuple[Any, Any] | None:
    return None if interval is None else (intervals.start(interval), intervals.end(interval))


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (iv(1, 10), iv(4, 15), (1, 15)),
        (iv(1, 3), iv(4, 5), (1, 5)),
        (iv(1, 10), iv(44, 50), None),
        (iv(1, 10, "()"), iv(10, 12), (2, 12)),
        (UNKNOWN, iv(1, 10), None),
        (span("2012-01-05", "2012-01-25"), span("2012-01-25", "2012-01-28"), (Date(2012, 1, 5), Date(2012, 1, 28))),
        (span("2012-01-05", "2012-01-25"), span("2012-01-27", "2012-01-28"), None),
        (iv(q("1", "g"), q("10", "g")), iv(q("5000", "mg"), q("15", "g")), (q("1", "g"), q("15", "g"))),
    ],
)
def test_union(left: Interval, right: Interval, expected: tuple[Any, Any] | None) -> None:
    assert ends(sets.union(left, right)) == ends(sets.union(right, left)) == expected


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (iv(1, 5), iv(3, 7), (3, 5)),
        (iv(1, 10), iv(11, 20), None),
        (iv(1, 10, "[)"), iv(5, None), (5, 9)),
        (span("2012-01-07", "2012-01-14"), span("2012-01-07", "2012-01-10"), (Date(2012, 1, 7), Date(2012, 1, 10))),
        (span("2012-01-07", "2012-01-14"), span("2012-01", "2012-02"), None),
    ],
)
def test_intersect(left: Interval, right: Interval, expected: tuple[Any, Any] | None) -> None:
    assert ends(sets.intersect(left, right)) == ends(sets.intersect(right, left)) == expected


def test_an_unknown_end_stays_unknown() -> None:
    assert sets.intersect(iv(1, 10), iv(5, None, "[)", "Integer")) == iv(5, None, "[)", "Integer")
    assert sets.union(iv(1, 10), iv(5, None, "[)", "Integer")) == iv(1, None, "[)", "Integer")
    assert sets.intersect(iv(1, 10), iv(None, 20, "(]", "Integer")) is None


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (iv(0, 5), iv(3, 7), (0, 2)),
        (iv(1, 10), iv(3, 7), None),
        (iv(3, 7), iv(1, 10), None),
        (iv(1, 4), iv(6, 9), (1, 4)),
        (iv(d("1.0"), d("10.0")), iv(d("4.0"), d("10.0")), (d("1.0"), d("3.99999999"))),
        (span("2012-01-07", "2012-01-16"), span("2012-01-05", "2012-01-12"), (Date(2012, 1, 13), Date(2012, 1, 16))),
        (span("T05:59:59.999", "T10:59:59.999"), span("T08:59:59.999", "T10:59:59.999"), (at("T05:59:59.999"), at("T08:59:59.998"))),
        (UNKNOWN, UNKNOWN, None),
    ],
)  # fmt: skip
def test_except(left: Interval, right: Interval, expected: tuple[Any, Any] | None) -> None:
    assert ends(sets.except_(left, right)) == expected


# Collapse ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_", "per", "expected"),
    [
        ([iv(1, 4), iv(4, 8), iv(7, 9)], None, [(1, 9)]),
        ([iv(12, 19), iv(1, 5), None, iv(3, 7), iv(7, 10)], None, [(1, 10), (12, 19)]),
        ([iv(4, 6), iv(7, 8)], None, [(4, 8)]),
        ([iv(d("4.0"), d("6.0")), iv(d("6.00000001"), d("8.0"))], None, [(d("4.0"), d("8.0"))]),
        ([iv(d("4.0"), d("6.0")), iv(d("7.0"), d("8.0"))], q("1"), [(d("4.0"), d("8.0"))]),
        ([iv(1, 2), iv(5, 6)], q("2"), [(1, 2), (5, 6)]),
        ([iv(1, 2), iv(4, 6)], q("2"), [(1, 6)]),
        ([iv(q("1", "g"), q("2", "g")), iv(q("2500", "mg"), q("3", "g"))], q("0.5", "g"), [(q("1", "g"), q("3", "g"))]),
        ([span("T10:00", "T11:00"), span("T12", "T13")], None, [(at("T10:00"), at("T13"))]),
        ([span("2012-01-01", "2012-01-15"), span("2012-01-16", "2012-05-25")], None, [(Date(2012, 1, 1), Date(2012, 5, 25))]),
        ([span("2012-01-01", "2012-01-15"), span("2012-01-18", "2012-05-25")], q("1", "day"), [(Date(2012, 1, 1), Date(2012, 1, 15)), (Date(2012, 1, 18), Date(2012, 5, 25))]),
        ([span("2012-01-01", "2012-01-15"), span("2012-01-18", "2012-05-25")], q("3", "day"), [(Date(2012, 1, 1), Date(2012, 5, 25))]),
        ([span("2012-01-01T10Z", "2012-01-02T10Z"), span("2012-01-03T10Z", "2012-01-04T10Z")], q("1", "day"), [(at("2012-01-01T10Z"), at("2012-01-04T10Z"))]),
        ([iv(None, None, "()", "Integer"), UNKNOWN, None], None, []),
        ([iv(1, 10), iv(5, None, "[)", "Integer")], None, [(1, None)]),
        ([], None, []),
        (None, None, None),
    ],
)  # fmt: skip
def test_collapse(
    given_: list[Interval | None] | None, per: Quantity | None, expected: list[tuple[Any, Any]] | None
) -> None:
    found = collapsing.collapse_per(given_, per)
    shown = None if found is None else [(points.start(each), points.end(each)) for each in found]
    assert shown == expected


@pytest.mark.parametrize("per", [q("0"), q("-1"), q("1", "day"), q("1", "g")])
def test_steps_that_do_not_fit_numbers_are_an_error(per: Quantity) -> None:
    with pytest.raises(EvaluationError):
        collapsing.collapse_per([iv(1, 2), iv(5, 6)], per)
    with pytest.raises(EvaluationError):
        expanding.expand_interval_per(iv(1, 2), per)


# Expand --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("interval", "per", "expected"),
    [
        (iv(1, 10, "[)"), None, [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        (iv(1, 10), q("2"), [1, 3, 5, 7, 9]),
        (iv(1, 10, "[)"), q("2"), [1, 3, 5, 7]),
        (iv(Long(1), Long(2)), None, [Long(1), Long(2)]),
        (iv(d("10.0"), d("12.5")), q("1"), [10, 11, 12]),
        (iv(d("10.0"), d("12.5"), "[)"), q("1.0"), [10, 11, 12]),
        (iv(10, 10), q("0.1"), [d("10.0"), d("10.1"), d("10.2"), d("10.3"), d("10.4"), d("10.5"), d("10.6"), d("10.7"), d("10.8"), d("10.9")]),
        (iv(d("1.0"), d("1.3")), None, [d("1.0"), d("1.1"), d("1.2"), d("1.3")]),
        (iv(q("1", "g"), q("2", "g")), q("500", "mg"), [q("1000", "mg"), q("1500", "mg")]),
        (span("2018-01-01", "2018-01-04"), q("2", "day"), [Date(2018, 1, 1), Date(2018, 1, 3)]),
        (span("2018-01-31", "2018-04-01"), q("1", "month"), [Date(2018, 1), Date(2018, 2), Date(2018, 3), Date(2018, 4)]),
        (span("2018-01-01", "2018-01-20"), q("1", "week"), [Date(2018, 1, 1), Date(2018, 1, 8)]),
        (span("T10:00", "T12:30", "[)"), q("1", "hour"), [Time(10), Time(11), Time(12)]),
        (span("T22", "T23"), None, [Time(22), Time(23)]),
        (span("9999-12-30", "9999-12-31"), None, [Date(9999, 12, 30), Date(9999, 12, 31)]),
        (span("2018-01", "2018-02-10"), None, [Date(2018, 1), Date(2018, 2)]),
        (span("T10", "T10"), q("1", "minute"), []),
        (iv(0, None, "[)"), None, []),
        (iv(0, None), None, []),
        (None, None, None),
    ],
)  # fmt: skip
def test_expand_to_points(interval: Interval | None, per: Quantity | None, expected: list[Any] | None) -> None:
    assert expanding.expand_interval_per(interval, per) == expected


def test_expand_to_intervals() -> None:
    days = expanding.expand_per([span("2018-01-01", "2018-01-04"), None], q("2", "day"))
    assert days is not None
    assert [ends(each) for each in days] == [
        (Date(2018, 1, 1), Date(2018, 1, 2)),
        (Date(2018, 1, 3), Date(2018, 1, 4)),
    ]
    twice = expanding.expand([iv(1, 3), iv(2, 4)])
    assert [ends(each) for each in twice] == [(1, 1), (2, 2), (3, 3), (4, 4)]
    assert expanding.expand_per([], None) == []
    assert expanding.expand_per(None, None) is None


def test_expanding_too_far_is_an_error() -> None:
    with pytest.raises(EvaluationError, match="more than"):
        expanding.expand_interval(iv(1, 2_000_000_000))


# Laws ----------------------------------------------------------------------------------------------------------------


@st.composite
def small(draw: st.DrawFn) -> Interval:
    low = draw(st.integers(-6, 12))
    high = draw(st.integers(low, low + 5))
    brackets = draw(st.sampled_from(["[]", "[)", "(]", "()"]))
    if high - low < brackets.count("(") + brackets.count(")"):
        brackets = "[]"
    return iv(low, high, brackets, "Integer")


def members(interval: Interval | None) -> set[int]:
    return set() if interval is None else {each for each in range(-10, 25) if points.contains(interval, each)}


def _is_one_piece(found: set[int]) -> bool:
    return bool(found) and len(found) == max(found) - min(found) + 1


@given(small(), small())
def test_sets_of_intervals_are_sets_of_points(left: Interval, right: Interval) -> None:
    mine, other = members(left), members(right)
    for found, wanted in (
        (sets.union(left, right), mine | other),
        (sets.intersect(left, right), mine & other),
        (sets.except_(left, right), mine - other),
    ):
        assert members(found) == (wanted if _is_one_piece(wanted) else set())


@given(st.lists(st.one_of(small(), st.none()), max_size=6))
def test_collapsing_keeps_the_points_and_leaves_gaps(given_: list[Interval | None]) -> None:
    found = collapsing.collapse(given_)
    assert set().union(*map(members, found)) == set().union(*map(members, given_))
    assert collapsing.collapse(found) == found
    for one, other in itertools.pairwise(found):
        assert max(members(one)) + 1 < min(members(other))


@given(st.lists(small(), max_size=5), st.integers(1, 4))
def test_collapsing_per_step_fills_small_gaps_only(given_: list[Interval], per: int) -> None:
    found = collapsing.collapse_per(given_, q(str(per)))
    assert found is not None
    every: set[int] = set().union(*map(members, given_))
    filled: set[int] = set().union(*map(members, found))
    assert every <= filled
    assert collapsing.collapse_per(found, q(str(per))) == found
    for one, other in itertools.pairwise(found):
        assert min(members(other)) - max(members(one)) > per


@given(st.lists(small(), max_size=5))
def test_expanding_what_was_collapsed_gives_each_point_once(given_: list[Interval]) -> None:
    pieces = expanding.expand(collapsing.collapse(given_))
    assert [each.low for each in pieces] == sorted(set().union(*map(members, given_)))
    assert collapsing.collapse(pieces) == [
        iv(intervals.start(each), intervals.end(each), point="Integer") for each in collapsing.collapse(given_)
    ]


@given(small(), st.integers(1, 4))
def test_steps_follow_one_another_from_the_start(interval: Interval, per: int) -> None:
    found = expanding.expand_interval_per(interval, q(str(per)))
    inside = sorted(members(interval))
    assert found == inside[: len(inside) // per * per : per]


def test_an_interval_beyond_the_last_point_covers_nothing() -> None:
    beyond = Interval(2**31 - 1, None, False, True, "Integer")
    assert collapsing.collapse([intervals.closed(1, 2), beyond, intervals.closed(2, 5)]) == [intervals.closed(1, 5)]
    assert expanding.expand_per([beyond], Quantity(d("1"), "1")) == []


def test_expanded_intervals_are_in_the_order_of_their_starts() -> None:
    found = expanding.expand_per([Interval(4, 5), Interval(1, 2)], Quantity(d("1"), "1"))
    assert found == [intervals.closed(each, each) for each in (1, 2, 4, 5)]
