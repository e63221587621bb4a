"""Dates and numbers as readers see them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from web.samples import locale


@pytest.mark.parametrize(
    ("value", "text", "ago"),
    [
        ("2026-11-12T14:05:00+01:00", "12 Nov 2026, 14:05", "2 h ago"),
        ("2026-11-12T16:04:30+01:00", "12 Nov 2026, 16:04", "just now"),
        ("2026-11-12T15:55:00+01:00", "12 Nov 2026, 15:55", "10 min ago"),
        # Written in New York: its own clock, and how long ago that really was.
        ("2026-11-12T08:05:00-05:00", "12 Nov 2026, 08:05", "2 h ago"),
        # UTC is nobody's clock: shown on the reader's.
        ("2026-07-01T22:30:00Z", "2 Jul 2026, 00:30", "4 months ago"),
        ("2026-11-12", "12 Nov 2026", "today"),
        ("2026-11-11", "11 Nov 2026", "yesterday"),
        ("2026-11-13", "13 Nov 2026", "tomorrow"),
        ("2026-11-15", "15 Nov 2026", "in 3 days"),
        ("1951-03-12", "12 Mar 1951", "75 years ago"),
        ("2014-03", "Mar 2014", ""),
        ("2008", "2008", ""),
        ("0001", "0001", ""),
        ("yesterday-ish", "yesterday-ish", ""),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z", ""),
    ],
)
def test_a_date_keeps_its_precision_and_its_clock(value: str, text: str, ago: str) -> None:
    moment = locale().moment(value)
    assert (moment.text, moment.ago) == (text, ago)


def test_dates_in_dutch_and_french() -> None:
    value = "2026-05-02T14:05:00+02:00"
    assert locale("nl").moment(value).text == "2 mei 2026, 14:05"
    assert locale("nl").moment(value).ago == "6 maanden geleden"
    assert locale("fr").moment(value).text == "2 mai 2026, 14:05"
    assert locale("fr").moment(value).ago == "il y a 6 mois"


def test_an_instant_of_the_record_is_on_the_readers_clock() -> None:
    micros = int(datetime(2026, 11, 12, 13, 5, tzinfo=UTC).timestamp()) * 1_000_000
    moment = locale().micros(micros)
    assert moment.text == "12 Nov 2026, 14:05"
    assert moment.iso == "2026-11-12T14:05:00+01:00"
    assert moment.ago == "2 h ago"


@pytest.mark.parametrize(
    ("language", "count", "value"),
    [("en", "191,093", "7.20"), ("nl", "191.093", "7,20"), ("fr", "191\u202f093", "7,20")],
)
def test_counts_are_grouped_and_values_keep_their_digits(language: str, count: str, value: str) -> None:
    assert locale(language).number(191_093) == count
    assert locale(language).decimal(Decimal("7.20")) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [("-1.50", "\u22121.50"), ("1E+2", "100"), ("1.0E-7", "0.00000010"), ("4200", "4200"), ("1E+400", "1E+400")],
)
def test_a_decimal_is_written_out_unless_it_would_fill_the_page(value: str, text: str) -> None:
    assert locale().decimal(Decimal(value)) == text


@pytest.mark.parametrize(
    ("birth", "until", "age"),
    [
        ("1951-11-12", None, 75),
        ("1951-11-13", None, 74),
        ("1951-03-12", "2000-03-11T10:00:00Z", 48),
        ("1951", None, None),
        ("2030-01-01", None, None),
    ],
)
def test_age_in_whole_years(birth: str, until: str | None, age: int | None) -> None:
    assert locale().age(birth, until) == age
