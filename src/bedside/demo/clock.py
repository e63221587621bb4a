"""Time in the demo hospital: whole seconds since 1970-01-01 UTC, written as local time of Amsterdam and Brussels.

All arithmetic is on integers, so that nothing depends on the machine's zone or its clock; the rule for summer
time is the European one (last Sundays of March and October, 01:00 UTC), applied from 1981 on.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import date, datetime, timedelta
from functools import lru_cache
from random import Random

MINUTE = 60
HOUR = 3600
DAY = 86_400
WEEK = 7 * DAY
MONTH = 2_629_800
YEAR = 31_557_600
_EPOCH = date(1970, 1, 1).toordinal()


def _last_sunday(year: int, month: int) -> int:
    """The last Sunday of a month of 31 days, 01:00 UTC, in seconds since 1970."""
    last = date(year, month, 31)
    sunday = last - timedelta(days=(last.weekday() + 1) % 7)
    return (sunday.toordinal() - _EPOCH) * DAY + HOUR


_SWITCHES = [_last_sunday(year, month) for year in range(1981, 2100) for month in (3, 10)]


def _clock_texts(zone: str) -> list[str]:
    return [f"{minute // 60:02d}:{minute % 60:02d}:00{zone}" for minute in range(1440)]


_WINTER = _clock_texts("+01:00")
_SUMMER = _clock_texts("+02:00")


@lru_cache(maxsize=100_000)
def _date_text(day: int) -> str:
    return date.fromordinal(day + _EPOCH).isoformat() + "T"


def _offset(moment: int) -> int:
    """Seconds that local time is ahead of UTC at this moment."""
    return 2 * HOUR if bisect_right(_SWITCHES, moment) & 1 else HOUR


def iso(moment: int) -> str:
    """A FHIR dateTime or instant in local time, with its offset: `2026-11-19T14:05:00+01:00`."""
    if bisect_right(_SWITCHES, moment) & 1:
        day, second = divmod(moment + 7200, DAY)
        return _date_text(day) + _SUMMER[second // 60]
    day, second = divmod(moment + 3600, DAY)
    return _date_text(day) + _WINTER[second // 60]


def iso_date(moment: int) -> str:
    """The local calendar day as a FHIR date: `2026-11-19`."""
    return _date_text((moment + _offset(moment)) // DAY)[:10]


def iso_month(moment: int) -> str:
    """A FHIR date of month precision, for what people remember without its day: `2014-03`."""
    return iso_date(moment)[:7]


def dutch_date(moment: int) -> str:
    """The day as it stands in a letter: `19-11-2026`."""
    year, month, day = iso_date(moment).split("-")
    return f"{day}-{month}-{year}"


def day_of(moment: int) -> int:
    """The number of the local day (days since 1970-01-01)."""
    return (moment + _offset(moment)) // DAY


def at(day: int, hour: int, minute: int = 0) -> int:
    """The moment at which local clocks show this time on a day."""
    local = day * DAY + hour * HOUR + minute * MINUTE
    return local - _offset(local - HOUR)


def minute_of_day(moment: int) -> int:
    """Minutes since local midnight."""
    return (moment + _offset(moment)) % DAY // MINUTE


def weekday(day: int) -> int:
    """0 is Monday, 6 is Sunday."""
    return (day + 3) % 7


def year_of(moment: int) -> int:
    """The local calendar year."""
    return int(iso_date(moment)[:4])


@lru_cache(maxsize=100_000)
def is_holiday(day: int) -> bool:
    """Days on which no clinic is held: weekends, New Year, Christmas and Boxing Day."""
    return weekday(day) > 4 or _date_text(day)[5:10] in ("01-01", "12-25", "12-26")


def workday(day: int) -> int:
    """This day, or the next one on which clinics are open."""
    while is_holiday(day):
        day += 1
    return day


def clinic_time(rng: Random, moment: int) -> int:
    """A consultation hour on the day of `moment` or the next working day: 08:30 to 16:20, on ten minutes."""
    slot = rng.randrange(42)
    slot += 6 if slot >= 22 else 0  # nobody is seen between 12:10 and 13:10
    return at(workday(day_of(moment)), 8, 30) + slot * 10 * MINUTE


def moment_of(when: date | datetime | str) -> int:
    """The moment meant by a date (14:30 local that day), an aware datetime or an ISO 8601 text.

    Raises ValueError for a datetime without a zone and for text that is not ISO 8601.
    """
    if isinstance(when, str):
        when = datetime.fromisoformat(when) if "T" in when else date.fromisoformat(when)
    if isinstance(when, datetime):
        if when.tzinfo is None:
            raise ValueError("A moment needs a zone: 2026-11-19T14:30:00+01:00.")
        return int(when.timestamp()) // MINUTE * MINUTE
    return at(when.toordinal() - _EPOCH, 14, 30)
