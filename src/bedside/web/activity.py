"""Load over time: into which intervals a stretch of time is cut, and how they are written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise

from bedside.record import statistics
from bedside.record.session import Session

WINDOWS = {"hour": 3600, "day": 86_400, "month": 30 * 86_400}
"""Stretches of time that a reader may choose, in seconds; anything else is everything."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = 1_000_000
_MOST = 60
_LEAST = 12
# Lengths from short to long: (unit, how many, seconds).
_CLOCK = (
    *(("second", 1, 1), ("second", 5, 5), ("second", 15, 15), ("minute", 1, 60), ("minute", 5, 300)),
    *(("minute", 15, 900), ("hour", 1, 3600), ("hour", 6, 21_600)),
)
_CALENDAR = (
    *(("day", 1, 86_400), ("day", 7, 604_800), ("month", 1, 2_592_000), ("month", 3, 7_776_000)),
    *(("year", 1, 31_536_000), ("year", 10, 315_360_000)),
)


@dataclass(frozen=True, slots=True)
class Bar:
    """The versions written in one interval; its edges are microseconds since the epoch."""

    start: int
    end: int
    count: int


@dataclass(frozen=True, slots=True)
class Activity:
    """What was written over a stretch of time."""

    bars: tuple[Bar, ...]
    amount: int
    unit: str
    """How long an interval is: so many of `second`, `minute`, `hour`, `day`, `month` or `year`."""

    @property
    def total(self) -> int:
        return sum(bar.count for bar in self.bars)

    @property
    def peak(self) -> Bar:
        """The interval with most; the latest of several."""
        return max(self.bars, key=lambda bar: (bar.count, bar.start))


def measure(session: Session, window: str, now: datetime, zone: tzinfo, known: dict[int, int]) -> Activity | None:
    """Load over the window; over the whole life of the record when the window is none of WINDOWS. None while empty."""
    whole = statistics.extent(session)
    if whole is None:
        return None
    if window in WINDOWS:
        end = _micros(now) + 1
        start = end - WINDOWS[window] * _SECOND
    else:
        start, end = whole.first, whole.last + 1
    edges, amount, unit = cut(start, end, zone)
    counts = statistics.written(session, edges, known)
    bars = tuple(Bar(a, b, n) for (a, b), n in zip(pairwise(edges), counts, strict=True))
    return Activity(bars, amount, unit)


def cut(start: int, end: int, zone: tzinfo) -> tuple[list[int], int, str]:
    """At most 61 intervals of round length that cover `[start, end)`: their edges, and how long each is.

    Days, months and years begin at local midnight, so that a day is a day on the ward, also when clocks change.
    """
    seconds = max(end - start, 1) / _SECOND
    for unit, amount, length in _CLOCK:
        if seconds / length < _MOST:
            step = length * _SECOND
            # A load of a few seconds does not look like a wall when there is some nothing before it.
            first = min(start // step, -(-end // step) - _LEAST) * step
            return list(range(first, end + step, step)), amount, unit
    unit, amount, _ = next((each for each in _CALENDAR if seconds / each[2] < _MOST), _CALENDAR[-1])
    return _calendar(start, end, zone, amount, unit), amount, unit


def _calendar(start: int, end: int, zone: tzinfo, amount: int, unit: str) -> list[int]:
    day = (_EPOCH + timedelta(microseconds=start)).astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    months = {"day": 0, "month": amount, "year": 12 * amount}[unit]
    if amount == 7:
        day -= timedelta(days=day.weekday())
    if months:
        day = day.replace(month=1 if months >= 12 else (day.month - 1) // months * months + 1, day=1)
    edges = [_midnight(day, zone)]
    while edges[-1] < end:
        if months:
            years, month = divmod(day.month - 1 + months, 12)
            day = day.replace(year=day.year + years, month=month + 1)
        else:
            day += timedelta(days=amount)
        edges.append(_midnight(day, zone))
    return edges


def _midnight(day: datetime, zone: tzinfo) -> int:
    """The instant at which a calendar day begins in a zone, whatever the offset of the moment it was reached from."""
    return _micros(day.replace(tzinfo=zone))


def _micros(when: datetime) -> int:
    return (when - _EPOCH) // timedelta(microseconds=1)
