"""Load over time: intervals that cover everything, and counts that agree with counting."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedside.record.record import Record
from bedside.web import activity, chart
from web.samples import HOSPITAL, NOW, ZONE, write

SECOND = 1_000_000
DAY = 86_400 * SECOND


def micros(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * SECOND


@given(
    st.integers(0, 4_000_000_000 * SECOND),
    st.integers(1, 300 * 365 * DAY),
    st.sampled_from([UTC, ZONE, ZoneInfo("America/St_Johns"), ZoneInfo("Asia/Kathmandu")]),
)
def test_intervals_cover_the_stretch_and_are_not_too_many(start: int, length: int, zone: ZoneInfo) -> None:
    edges, amount, unit = activity.cut(start, start + length, zone)
    assert edges[0] <= start
    assert edges[-1] >= start + length
    assert all(a < b for a, b in pairwise(edges))
    assert 6 < len(edges) <= 64
    assert amount >= 1
    assert unit in ("second", "minute", "hour", "day", "month", "year")


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2026-11-12T10:00:00Z", "2026-11-12T10:00:12Z", (1, "second")),
        ("2026-11-12T10:00:00Z", "2026-11-12T10:03:00Z", (5, "second")),
        ("2026-11-12T10:00:00Z", "2026-11-12T10:50:00Z", (1, "minute")),
        ("2026-11-10T10:00:00Z", "2026-11-12T10:00:00Z", (1, "hour")),
        ("2026-10-01T10:00:00Z", "2026-11-12T10:00:00Z", (1, "day")),
        ("2023-10-01T10:00:00Z", "2026-11-12T10:00:00Z", (1, "month")),
        ("1990-10-01T10:00:00Z", "2026-11-12T10:00:00Z", (1, "year")),
    ],
)
def test_the_length_of_an_interval_suits_the_stretch(start: str, end: str, expected: tuple[int, str]) -> None:
    assert activity.cut(micros(start), micros(end), ZONE)[1:] == expected


def test_a_day_is_a_day_on_the_ward_when_the_clocks_change() -> None:
    edges, _, unit = activity.cut(micros("2026-10-01T10:00:00Z"), micros("2026-11-12T10:00:00Z"), ZONE)
    assert unit == "day"
    lengths = {b - a for a, b in pairwise(edges)}
    assert lengths == {DAY, DAY + 3600 * SECOND}  # the night of 25 October has an hour more


def test_the_activity_of_a_record(record: Record) -> None:
    assert activity.measure(record.store.reader(), "", NOW, ZONE, {}) is None
    write(record, *HOSPITAL)
    now = datetime.now(UTC)
    whole = activity.measure(record.store.reader(), "", now, ZONE, {})
    assert whole is not None
    assert whole.total == len(HOSPITAL)
    assert whole.peak.count == max(bar.count for bar in whole.bars)
    hour = activity.measure(record.store.reader(), "hour", now, ZONE, {})
    assert hour is not None
    assert hour.total == len(HOSPITAL)
    assert (hour.amount, hour.unit) == (5, "minute")
    later = activity.measure(record.store.reader(), "hour", now + timedelta(hours=3), ZONE, {})
    assert later is not None
    assert later.total == 0


def test_bars_stand_on_the_ground_and_the_largest_fills_the_drawing() -> None:
    rects = chart.bars([("a", 10), ("b", 0), ("c", 5), ("d", 1_000_000)])
    assert [rect.tip for rect in rects] == ["a", "c", "d"]  # nothing is drawn for nothing
    assert all(abs(rect.y + rect.height - chart.HEIGHT) < 0.01 for rect in rects)
    assert rects[2].height == chart.HEIGHT - 2
    assert rects[0].height == 1.5  # little, but to be seen
    assert all(rect.x + rect.width <= chart.WIDTH for rect in rects)
    assert chart.bars([("a", 0)]) == []
    assert chart.bars([]) == []
