"""Laws of precision: what holds for every date that a partial date may stand for holds for it, and the other way round."""

from __future__ import annotations

import calendar
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from bedside.questions.cql.operators import durations
from bedside.questions.cql.operators.temporal import PRECISIONS, WORDS, compare, cut, precision_of
from bedside.questions.cql.values import Uncertainty
from bedside.questions.errors import EvaluationError
from bedside.questions.values import Date, DateTime, Quantity

ZONES = st.sampled_from([-480, -60, 0, 60, 330, 345])
FINEST_FIRST = tuple(reversed(PRECISIONS))


@st.composite
def instants(draw: st.DrawFn, offsets: st.SearchStrategy[int] = ZONES) -> DateTime:
    year, month = draw(st.integers(1999, 2005)), draw(st.integers(1, 12))
    return DateTime(
        year,
        month,
        draw(st.integers(1, calendar.monthrange(year, month)[1])),
        draw(st.integers(0, 23)),
        draw(st.integers(0, 59)),
        Decimal(draw(st.integers(0, 59_999))).scaleb(-3),
        draw(offsets),
    )


GREENWICH = instants(st.just(0))
LEVELS = st.integers(1, 7)


@given(GREENWICH, GREENWICH, st.sampled_from(list(PRECISIONS)))
def test_what_is_the_same_is_the_same_at_every_coarser_precision(
    left: DateTime, right: DateTime, precision: str
) -> None:
    if compare(left, right, precision) == 0:
        for coarser in range(1, PRECISIONS[precision] + 1):
            assert compare(left, right, WORDS[coarser]) == 0


@given(GREENWICH, GREENWICH, LEVELS, LEVELS)
def test_comparing_partial_values_never_says_what_their_completions_deny(
    left: DateTime, right: DateTime, one: int, other: int
) -> None:
    partly = compare(cut(left, one), cut(right, other))
    assert partly in (None, 0, compare(left, right)) if one == other else partly in (None, compare(left, right))


@given(instants(), instants(), LEVELS, LEVELS)
def test_comparison_is_antisymmetric(left: DateTime, right: DateTime, one: int, other: int) -> None:
    first, second = cut(left, one), cut(right, other)
    for precision in (None, "Year", "Day", "Minute", "Millisecond"):
        order = compare(first, second, precision)
        assert compare(second, first, precision) == (None if order is None else -order)


@given(instants(), instants(), instants())
def test_complete_values_are_in_one_line(one: DateTime, two: DateTime, three: DateTime) -> None:
    orders = [compare(one, two), compare(two, three), compare(one, three)]
    if orders[0] == orders[1]:
        assert orders[2] == orders[0]


@given(GREENWICH, GREENWICH, LEVELS, LEVELS, st.sampled_from([*PRECISIONS, "Week"]))
def test_an_uncertain_duration_or_difference_has_room_for_every_completion(
    left: DateTime, right: DateTime, one: int, other: int, precision: str
) -> None:
    first, second = cut(left, one), cut(right, other)
    # Seconds and milliseconds are one decimal (appendix B, "Duration"): a second without a fraction is exact.
    left, right = first if one == 6 else left, second if other == 6 else right
    wanted = max(PRECISIONS.get(precision, 3), 3)
    for measure in (durations.duration, durations.difference):
        partly, exactly = measure(first, second, precision), measure(left, right, precision)
        assert isinstance(exactly, int)
        if isinstance(partly, Uncertainty):
            assert partly.low <= exactly <= partly.high
        elif measure is durations.difference or min(one, other) < wanted or one != other:
            assert partly == exactly
        else:  # Both have these periods, and what is missing in both counts as zero.
            assert abs(partly - exactly) <= 1


@given(instants(), instants(), st.sampled_from(list(PRECISIONS)))
def test_a_duration_counts_no_more_than_the_boundaries_between(left: DateTime, right: DateTime, precision: str) -> None:
    right = DateTime(right.year, right.month, right.day, right.hour, right.minute, right.second, left.offset)
    duration, difference = durations.duration(left, right, precision), durations.difference(left, right, precision)
    assert isinstance(duration, int)
    assert isinstance(difference, int)
    assert 0 <= abs(difference) - abs(duration) <= 1


@given(GREENWICH, GREENWICH, st.sampled_from(list(PRECISIONS)))
def test_a_duration_is_the_most_that_can_be_added_without_going_beyond(
    left: DateTime, right: DateTime, precision: str
) -> None:
    if compare(left, right) == 1:
        left, right = right, left
    periods = durations.duration(left, right, precision)
    assert isinstance(periods, int)
    one = durations.quantity_of(precision)

    def later(number: int) -> int | None:
        moved = durations.add(left, Quantity(Decimal(number), one.unit, calendar=True))
        return compare(moved, right)

    assert later(periods) in (-1, 0)
    assert later(periods + 1) == 1


@given(instants(), LEVELS, st.integers(-400, 400), st.sampled_from([*PRECISIONS, "Week"]))
def test_adding_keeps_precision_and_offset(value: DateTime, level: int, number: int, precision: str) -> None:
    start = cut(value, level)
    unit = durations.quantity_of(precision).unit
    moved = durations.add(start, Quantity(Decimal(number), unit, calendar=True))
    assert precision_of(moved) == level
    assert isinstance(moved, DateTime)
    assert moved.offset == value.offset
    assert compare(moved, start) in ((0,) if number == 0 else (0, 1) if number > 0 else (0, -1))


@given(GREENWICH, st.integers(-10_000, 10_000), st.sampled_from(["week", "day", "hour", "minute", "second"]))
def test_what_is_added_can_be_taken_away(value: DateTime, number: int, unit: str) -> None:
    quantity = Quantity(Decimal(number), unit, calendar=True)
    assert durations.add(durations.add(value, quantity), quantity, -1) == value


@given(st.dates(), st.integers(-5_000_000, 5_000_000))
def test_days_beyond_the_calendar_are_an_error_and_no_other_date(day: object, number: int) -> None:
    start = Date.parse(str(day))
    try:
        moved = durations.add(start, Quantity(Decimal(number), "day", calendar=True))
    except EvaluationError:
        return
    assert durations.difference(start, moved, "Day") == number
