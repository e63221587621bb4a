"""Constructors, components, arithmetic, durations and timing of dates and times, by appendix B of CQL 1.5.3."""

import datetime as dt
from decimal import Decimal

import pytest
from operator_calls import call, q, state

from bedside.questions.cql.operators import datetime as made
from bedside.questions.cql.operators import datetime_arithmetic, datetime_comparison, durations, temporal
from bedside.questions.cql.values import Uncertainty
from bedside.questions.errors import EvaluationError
from bedside.questions.values import Date, DateTime, Quantity, Time

EAST = state(120)


def moment(text: str) -> Date | DateTime | Time:
    """`2014-01`, `2014-01T`, `2014-01-01T10+02:00`, `T10:30`; a DateTime without a zone is in that of Greenwich."""
    if text.startswith("T"):
        return Time.parse(text[1:])
    if "T" not in text:
        return Date.parse(text)
    value = DateTime.parse(text)
    return value if value.offset is not None else DateTime.parse(text.rstrip("T") + "Z" if ":" in text else text)


def span(value: int | Uncertainty) -> tuple[int, int]:
    return (value.low, value.high) if isinstance(value, Uncertainty) else (value, value)


@pytest.mark.parametrize(
    ("components", "expected"),
    [
        ((2003,), "2003+02:00"),
        ((2003, 10, 29), "2003-10-29+02:00"),
        ((2003, 10, 29, 20, 50), "2003-10-29T20:50+02:00"),
        ((2003, 10, 29, 20, 50, 33, 955), "2003-10-29T20:50:33.955+02:00"),
        ((2003, 10, 29, 20, 50, 33, 5, Decimal("-3.5")), "2003-10-29T20:50:33.005-03:30"),
        ((2001, 1, 1, None, None), "2001-01-01+02:00"),
    ],
)
def test_a_datetime_has_the_offset_of_the_session_unless_one_is_given(
    components: tuple[int | Decimal | None, ...], expected: str
) -> None:
    assert str(made.datetime(EAST, *components)) == expected


@pytest.mark.parametrize(
    "components",
    [(2001, None, 5), (2001, 13), (2001, 2, 29), (0,), (2001, 1, 1, 24), (2001, 1, 1, 1, 60), (2001, 1, 1, 1, 1, 60)],
)
def test_a_datetime_that_cannot_be_is_an_error(components: tuple[int | None, ...]) -> None:
    with pytest.raises(EvaluationError):
        made.datetime(EAST, *components)


def test_without_a_first_component_there_is_no_value() -> None:
    assert made.datetime(EAST, None, None) is None
    assert made.date(None) is None
    assert made.time(None, None) is None
    assert made.time(12, 30, 0, 10) == Time(12, 30, Decimal("0.010"))


def test_zones_end_at_fourteen_hours() -> None:
    with pytest.raises(EvaluationError, match="no zone"):
        made.datetime(EAST, 2001, 1, 1, 1, 1, 1, 1, Decimal(15))


@pytest.mark.parametrize(
    ("precision", "expected"),
    [("Year", 2003), ("Month", 1), ("Hour", 20), ("Second", 33), ("Millisecond", 955)],
)
def test_components(precision: str, expected: int) -> None:
    assert made.component_from(DateTime.parse("2003-01-29T20:50:33.955Z"), precision) == expected


def test_a_component_that_is_not_known_is_null() -> None:
    assert made.component_from(Date(2012), "Month") is None
    assert made.component_from(Time.parse("10:30:15"), "Millisecond") is None
    assert made.component_from(Date(2012), "Hour") is None
    assert made.time_from(EAST, DateTime.parse("2012-01-01T")) is None


def test_the_time_of_a_datetime_is_told_in_the_zone_of_the_session() -> None:
    late = DateTime.parse("2012-01-01T23:30:00.000Z")
    assert made.time_from(EAST, late) == Time.parse("01:30:00.000")
    assert made.date_from(late) == Date(2012, 1, 1)
    assert made.timezone_offset_from(DateTime.parse("2012-01-01T23:30+05:45")) == Decimal("5.75")


def test_the_clock_of_a_session_stands_still() -> None:
    assert made.now(EAST) is made.now(EAST)
    assert made.date_from(made.now(EAST)) == made.today(EAST)
    assert made.time_from(EAST, made.now(EAST)) == made.time_of_day(EAST)


@pytest.mark.parametrize(
    ("left", "quantity", "expected"),
    [
        ("2012-02-29", q("1", "year"), "2013-02-28"),
        ("2014-01-31", q("1", "month"), "2014-02-28"),
        ("2005-05-10", q("10", "month"), "2006-03-10"),
        ("2023-03-02", q("52", "week"), "2024-02-29"),
        ("2005-05-10", q("5", "d"), "2005-05-15"),
        ("2014", q("24", "month"), "2016"),
        ("2014", q("25", "month"), "2016"),
        ("2014T", q("735", "day"), "2016"),
        ("2014-06", q("33", "day"), "2014-07"),
        ("2005-05-10T", q("25", "hour"), "2005-05-11"),
        ("2005-05-10", q("1.9", "year"), "2006-05-10"),
        ("2016-06-10T05+00:00", q("119", "minute"), "2016-06-10T06Z"),
        ("2016-06-10T05:05:05.005Z", q("995", "millisecond"), "2016-06-10T05:05:06.000Z"),
        ("2016-06-10T05:05:05.000Z", q("1.5", "second"), "2016-06-10T05:05:06.500Z"),
        ("2016-06-10T05:05:05Z", q("1.5", "second"), "2016-06-10T05:05:06Z"),
        ("T23:30:00", q("1", "hour"), "00:30:00"),
        ("T15:59:59.999", q("1", "millisecond"), "16:00:00.000"),
    ],
)
def test_add(left: str, quantity: Quantity, expected: str) -> None:
    assert str(durations.add(moment(left), quantity)) == expected


@pytest.mark.parametrize(
    ("left", "quantity", "expected"),
    [
        ("2005-05-10", q("6", "month"), "2004-11-10"),
        ("2024-02-29", q("52", "week"), "2023-03-02"),
        ("2016-05", q("31535999", "second"), None),
        ("2016-05T", q("31535999", "second"), "2015-05"),
        ("2014-06", q("33", "day"), "2014-05"),
        ("2014", q("25", "month"), "2012"),
        ("T00:30:00", q("1", "hour"), "23:30:00"),
        ("T15:59:59.0", q("1", "millisecond"), "15:59:58.999"),
    ],
)
def test_subtract(left: str, quantity: Quantity, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(EvaluationError):
            durations.add(moment(left), quantity, -1)
    else:
        assert str(durations.add(moment(left), quantity, -1)) == expected


@pytest.mark.parametrize(
    ("left", "quantity"),
    [
        ("2005-10-10", q("8000", "year")),
        ("2005-10-10", Quantity(Decimal(1), "a")),
        ("2005-10-10", Quantity(Decimal(1), "mo")),
        ("2005-10-10", Quantity(Decimal(1), "mg")),
        ("2005-10-10", q("1", "hour")),
        ("T10", q("1", "day")),
        ("9999-12-31", q("1", "day")),
    ],
)
def test_what_cannot_be_added_is_an_error(left: str, quantity: Quantity) -> None:
    with pytest.raises(EvaluationError):
        durations.add(moment(left), quantity)


def test_nulls_are_handed_on() -> None:
    assert call("Add", None, q("1", "day")) is None
    assert call("Subtract", Date(2014), None) is None


@pytest.mark.parametrize(
    ("low", "high", "precision", "expected"),
    [
        ("2012-03-10T22:05:09", "2013-02-18T19:10:03", "Year", (0, 0)),
        ("2012-03-10T22:05:09", "2013-03-20T04:01:30", "Year", (1, 1)),
        ("2012-02-29T10:18:56", "2014-02-28T19:02:34", "Year", (2, 2)),
        ("2012-02-20T10:20:56", "2011-03-19T19:16:02", "Year", (0, 0)),
        ("2013-03-20T05:01:30", "2011-03-30T06:45:50", "Year", (-1, -1)),
        ("2012-03-10T22:05:09", "2013-01-09T07:19:33", "Month", (9, 9)),
        ("2014-05-10T21:02:45", "2013-01-08T11:13:06", "Month", (-16, -16)),
        ("2012-06-11T12:16:17", "2011-08-21T05:48:02", "Month", (-9, -9)),
        ("2014-01-31", "2014-02-01", "Month", (0, 0)),
        ("2012-03-10T22:05:09", "2012-03-24T07:19:33", "Week", (1, 1)),
        ("2012-01-31T12:30:00", "2012-02-01T09:00:00", "Day", (0, 0)),
        ("2011-12-05T05:00:00", "2011-12-04T08:45:00", "Day", (0, 0)),
        ("2012-03-01T03:10", "2012-03-01T04:00", "Hour", (0, 0)),
        ("2013-10-10T12:30:00", "2013-10-10T08:40:00", "Hour", (-3, -3)),
        ("T06", "T07:00:00", "Hour", (1, 1)),
        ("T23:20:16.555", "T23:25:15.555", "Minute", (4, 4)),
        # What is not known precisely enough.
        ("2014-01-15", "2014-02", "Day", (17, 44)),
        ("2012-01", "2012-02", "Day", (1, 59)),
        ("2017-08-07T17:00", "2017-08-14T", "Day", (6, 7)),
        ("2005T", "2010T", "Year", (4, 5)),
        ("2005-05T", "2010-04T", "Year", (4, 4)),
        ("2005T", "2006-05T", "Month", (4, 16)),
        ("2014-01-15T", "2014-02T", "Day", (16, 44)),
        ("2014-01-15T", "2014-01-20T", "Day", (5, 5)),
        ("2012-01-01T01:00:00", "2012-01-01T02:00:00.0", "Hour", (1, 1)),
    ],
)
def test_duration(low: str, high: str, precision: str, expected: tuple[int, int]) -> None:
    assert span(durations.duration(moment(low), moment(high), precision)) == expected


@pytest.mark.parametrize(
    ("low", "high", "precision", "expected"),
    [
        ("2012-12-31", "2013-01-01", "Year", (1, 1)),
        ("2000-02", "2000-10", "Month", (8, 8)),
        ("2016-10-10T09:00", "2016-10-12T00:00", "Day", (2, 2)),
        ("2000-10-15", "2000-10-28", "Week", (1, 1)),
        ("2000-10-15", "2000-10-29", "Week", (2, 2)),
        ("T20", "T23:25:15.555", "Hour", (3, 3)),
        ("2005", "2006-07", "Month", (7, 18)),
        ("2012-01-02", "2012", "Month", (0, 11)),
        ("2016T", "1998T", "Year", (-18, -18)),
    ],
)
def test_difference(low: str, high: str, precision: str, expected: tuple[int, int]) -> None:
    assert span(durations.difference(moment(low), moment(high), precision)) == expected


def test_hours_really_passed_count_across_a_change_of_clocks() -> None:
    before, after = DateTime.parse("2017-03-12T01:00:00-07:00"), DateTime.parse("2017-03-12T03:00:00-06:00")
    assert durations.duration(before, after, "Hour") == durations.difference(before, after, "Hour") == 1
    midnight, next_one = DateTime.parse("2017-03-12T00:00:00-07:00"), DateTime.parse("2017-03-13T00:00:00-06:00")
    assert durations.difference(midnight, next_one, "Day") == 1
    assert durations.duration(midnight, next_one, "Day") == 0


def test_ages() -> None:
    here = state()
    assert datetime_arithmetic.calculate_age_at(here, Date(2000, 1, 1), Date(2015, 1, 1), "Year") == 15
    assert datetime_arithmetic.calculate_age_at(here, Date(2000, 1, 2), Date(2015, 1, 1), "Year") == 14
    assert datetime_arithmetic.calculate_age(here, Date(2026, 11, 1), "Day") == 21
    assert span(datetime_arithmetic.calculate_age(here, Date(2000), "Year")) == (25, 26)
    born = DateTime.parse("2026-11-22T10:00:00.000Z")
    assert datetime_arithmetic.calculate_age_from_instant(here, born, "Hour") == 2


@pytest.mark.parametrize(
    ("left", "right", "precision", "expected"),
    [
        ("2012-01-01", "2012-01-02", "Day", -1),
        ("2012-01-01", "2012-01-02", "Month", 0),
        ("2014-12-20", "2014-12", "Day", None),
        ("2014-12-20", "2014-11", "Day", 1),
        ("2012-01-01T", "2012-01-01T12", None, None),
        ("2012-03-10T10:20:00.999+07:00", "2012-03-10T09:20:00.999+06:00", "Hour", 0),
        ("2022-02-22T00:00:00.000-05:00", "2022-02-22T04:59:00.000Z", "Day", 0),
        ("2022-02-22T23:00:00.000-05:00", "2022-02-23T04:00:00.000Z", "Day", -1),
        ("2022-02-22T23:00:00.000-05:00", "2022-02-23T04:00:00.000Z", None, 0),
        ("T12:00:00", "T12:00:00.001", None, None),
        ("T12:00:00", "T12:00:00.001", "Second", 0),
    ],
)
def test_compare(left: str, right: str, precision: str | None, expected: int | None) -> None:
    one, other = moment(left), moment(right)
    assert temporal.compare(one, other, precision) == expected
    assert temporal.compare(other, one, precision) == (None if expected is None else -expected)


def test_timing_follows_the_comparison() -> None:
    early, late, month = Date(2014, 10, 10), Date(2014, 10, 20), Date(2014, 10)
    assert datetime_comparison.before(early, late) is True
    assert datetime_comparison.after(early, late, "Month") is False
    assert datetime_comparison.same_as(early, late, "Month") is True
    assert datetime_comparison.same_or_before(late, early, "Day") is False
    assert datetime_comparison.same_or_after(early, late, "Year") is True
    for timing in (
        datetime_comparison.before,
        datetime_comparison.after,
        datetime_comparison.same_as,
        datetime_comparison.same_or_before,
        datetime_comparison.same_or_after,
    ):
        assert timing(early, month, "Day") is None


def test_hours_are_told_apart_in_the_zone_of_the_session() -> None:
    """In Delhi 10:20 and 10:50 are one hour; the same instants seen from Greenwich are not (04:50 and 05:20)."""
    delhi, greenwich = DateTime.parse("2024-01-01T10:20+05:30"), DateTime.parse("2024-01-01T05:20Z")
    assert call("SameAs", delhi, greenwich, state=state(330)) is False
    assert temporal.compare(delhi, greenwich, "Hour", 330) == 0
    assert temporal.compare(delhi, greenwich, "Hour", 0) == -1


def test_weeks_cannot_be_compared() -> None:
    with pytest.raises(EvaluationError, match="week"):
        temporal.compare(Date(2014, 1, 1), Date(2014, 1, 2), "Week")


def test_the_key_of_a_value_does_not_make_it_another_value() -> None:
    one, other = DateTime.parse("2014-01-01T10:00Z"), DateTime.parse("2014-01-01T10:00Z")
    temporal.key(one)
    assert one == other
    assert hash(one) == hash(other)
    assert dt.date.fromordinal(temporal.key(one)[1] // temporal.DAY_MS) == dt.date(2014, 1, 1)
