"""FHIR dates as intervals: against Python's own calendar, at the edges, and in other zones."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedside.fhir import dates
from bedside.fhir.definitions import type_definition
from bedside.fhir.outcome import Invalid

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(*when: int, zone: Any = UTC) -> int:
    return (datetime(*when, tzinfo=zone) - EPOCH) // timedelta(microseconds=1)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [
        ("2024", micros(2024, 1, 1), micros(2025, 1, 1)),
        ("2024-02", micros(2024, 2, 1), micros(2024, 3, 1)),
        ("2024-12", micros(2024, 12, 1), micros(2025, 1, 1)),
        ("2024-02-29", micros(2024, 2, 29), micros(2024, 3, 1)),
        ("1969-12-31", micros(1969, 12, 31), 0),
        ("2024-02-29T23:59:59Z", micros(2024, 2, 29, 23, 59, 59), micros(2024, 3, 1)),
        ("2024-02-29T23:59:59.5Z", micros(2024, 2, 29, 23, 59, 59, 500_000), micros(2024, 2, 29, 23, 59, 59, 600_000)),
        ("2024-02-29T23:59:59.123+02:00", micros(2024, 2, 29, 21, 59, 59, 123_000), None),
        ("2024-01-01T00:30:00-05:30", micros(2024, 1, 1, 6), micros(2024, 1, 1, 6, 0, 1)),
        ("2024-01-01T00:00:00.123456789Z", micros(2024, 1, 1, 0, 0, 0, 123_456), micros(2024, 1, 1, 0, 0, 0, 123_457)),
        ("2016-12-31T23:59:60Z", micros(2017, 1, 1), micros(2017, 1, 1, 0, 0, 1)),
        ("0001", dates.MIN, micros(2, 1, 1)),
        ("9999", micros(9999, 1, 1), dates.MAX),
        ("9999-12", micros(9999, 12, 1), dates.MAX),
        ("9999-12-31", dates.MAX - dates.DAY, dates.MAX),
    ],
)
def test_intervals(value: str, low: int, high: int | None) -> None:
    assert dates.interval(value)[0] == low
    assert high is None or dates.interval(value)[1] == high


BAD = [
    "", "24", "0000", "0000-01", "0000-01-01", "10000", "2024-13", "2024-00", "2024-1", "2024-02-30", "2023-02-29",
    "2024/02/01",
    "20240201", "2024-W01-1", "2024-02-01T", "2024-02-01T10", "2024-02-01T10:00", "2024-02-01T10:00Z",
    "2024-02-01T10:00:00", "2024-02-01t10:00:00z", "2024-02-01 10:00:00Z", "2024-02-01T24:00:00Z",
    "2024-02-01T10:60:00Z",
    "2024-02-01T10:00:61Z", "2024-02-01T10:00:00.Z", "2024-02-01T10:00:00,5Z", "2024-02-01T10:00:00+2:00",
    "2024-02-01T10:00:00+14:01", "2024-02-01T10:00:00+15:00", "2024-02-01T10:00:00+0200", " 2024-02-01", "2024-02-01\n",
    "٢٠٢٤", "2024-02-0١", "now", "2024-02-01T10:00:00ZZ", "2024-02-01T10:00:00Z\n", "-2024-01-01",
]  # fmt: skip


@pytest.mark.parametrize("value", BAD)
def test_what_is_no_date_is_a_typed_error(value: str) -> None:
    with pytest.raises(Invalid) as raised:
        dates.interval(value)
    assert raised.value.issues[0].code == "value"
    assert not dates.is_datetime(value)
    assert not dates.is_date(value)
    assert not dates.is_instant(value)


_WHEN = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29))
_OFFSETS = st.integers(-13 * 60 - 59, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))


@given(_WHEN, _OFFSETS, st.integers(0, 6))
def test_an_instant_is_where_python_puts_it(when: datetime, zone: timezone, digits: int) -> None:
    unit = 10 ** (6 - digits)
    when = when.replace(microsecond=when.microsecond // unit * unit, tzinfo=zone)
    seconds, offset = when.strftime("%H:%M:%S"), when.isoformat()[-6:]
    fraction = f".{when.microsecond:06}"[: digits + 1] if digits else ""
    text = f"{when.year:04}-{when.month:02}-{when.day:02}T{seconds}{fraction}{offset}"
    low = (when - EPOCH) // timedelta(microseconds=1)
    assert dates.interval(text) == (low, low + unit)
    assert dates.is_instant(text)
    assert dates.search_interval(text) == (low, low + unit)
    assert dates.search_interval(text.replace("+", " ")) == (low, low + unit)


@given(st.integers(dates.MIN, dates.MAX - 1))
def test_an_instant_that_is_written_reads_back(when: int) -> None:
    text = dates.instant(when)
    assert dates.is_instant(text)
    assert dates.interval(text)[0] == when


# What the definitions' own patterns say; ours add that the day must exist and that year 0000 does not.
@pytest.mark.parametrize(
    ("name", "test"),
    [("date", dates.is_date), ("dateTime", dates.is_datetime), ("instant", dates.is_instant), ("time", dates.is_time)],
)
def test_formats_agree_with_the_patterns_of_the_definitions(name: str, test: Callable[[str], bool]) -> None:
    pattern = re.compile(type_definition(name).regex or "", re.ASCII)
    pieces = [
        "2024",
        "0000",
        "-02",
        "-13",
        "-29",
        "-30",
        "T",
        " ",
        "10:00",
        ":00",
        ":60",
        ".5",
        "Z",
        "+02:00",
        "+14:01",
        "x",
    ]

    @given(st.lists(st.sampled_from(pieces), min_size=1, max_size=8).map("".join))
    def agrees(text: str) -> None:
        if test(text):
            assert pattern.fullmatch(text)
        elif pattern.fullmatch(text):
            assert "-02-30" in text  # not in the calendar

    agrees()
    for text in ("2024", "2024-02-29", "2024-02-29T10:00:00Z", "10:00:00.25", "2024-02-29T10:00:60.123+14:00"):
        assert test(text) == bool(pattern.fullmatch(text))


def test_values_without_a_zone_are_read_in_the_zone_that_is_given() -> None:
    vienna = ZoneInfo("Europe/Vienna")
    assert dates.interval("2024-07-01", vienna) == (micros(2024, 6, 30, 22), micros(2024, 7, 1, 22))
    assert dates.interval("2024-03-31", vienna) == (micros(2024, 3, 30, 23), micros(2024, 3, 31, 22))  # 23 hours
    assert dates.interval("2024", vienna) == (micros(2023, 12, 31, 23), micros(2024, 12, 31, 23))
    assert dates.interval("2024-07-01T10:00:00Z", vienna)[0] == micros(2024, 7, 1, 10)
    assert dates.search_interval("2024-07-01T10:00", vienna)[0] == micros(2024, 7, 1, 8)
    assert dates.interval("0001", vienna)[0] == dates.MIN
    assert dates.interval("9999", vienna)[1] == dates.MAX


def test_search_values_may_leave_out_seconds_and_zone() -> None:
    low = micros(2024, 1, 14, 10)
    assert dates.search_interval("2024-01-14T10:00") == (low, low + dates.MINUTE)
    assert dates.search_interval("2024-01-14T12:00+02:00") == (low, low + dates.MINUTE)
    assert dates.search_interval("2024-01-14T10:00:00") == (low, low + dates.SECOND)
    assert dates.search_interval("2024-01-14T10:00:00.25") == (low + 250_000, low + 260_000)
    assert dates.search_interval("2024-01") == dates.interval("2024-01")
    for bad in ("2024-01-14T10", "2024-01-14T10:00.5", "2024-01-14 10:00", "2024-01-14T10:00:", "2024-01-14T1000:00"):
        with pytest.raises(Invalid):
            dates.search_interval(bad)


def test_a_period_reaches_to_the_end_of_its_last_day() -> None:
    assert dates.period_interval({"start": "2012-02", "end": "2012-02-03"}) == (micros(2012, 2, 1), micros(2012, 2, 4))
    assert dates.period_interval({"end": "2012"}) == (dates.MIN, micros(2013, 1, 1))
    assert dates.period_interval({"start": "2012"}) == (micros(2012, 1, 1), dates.MAX)
    assert dates.period_interval({}) == (dates.MIN, dates.MAX)


def test_times_of_day() -> None:
    assert dates.time_interval("00:00") == (0, dates.MINUTE)
    assert dates.time_interval("14:35:01") == (52_501 * dates.SECOND, 52_502 * dates.SECOND)
    assert dates.time_interval("14:35:01.25") == (52_501_250_000, 52_501_260_000)
    for bad in ("", "1:00", "25:00", "14:35:01Z", "14:35:1", "14:35.5"):
        with pytest.raises(Invalid):
            dates.time_interval(bad)


def test_now_is_an_instant_of_this_moment() -> None:
    low, high = dates.interval(dates.now_instant())
    assert abs(low - dates.now()) < dates.MINUTE
    assert high - low == 1000


def test_the_tables_of_parts_stay_bounded() -> None:
    for number in range(9_000):
        dates.interval(f"2024-01-01T00:00:00.{number:09}Z")
    assert len(dates._rests) <= 8_000
