"""Values of the System types that Python has no exact counterpart for: partial dates, times and quantities.

Boolean, Integer, Decimal and String are Python's `bool`, `int`, `decimal.Decimal` and `str`. The four types here are
immutable and keep the precision with which they were written (FHIRPath N1, 3 and 5.6; CQL 1.5, appendix B).
A second is a `Decimal`, so that `28` and `28.500` keep their digits. Comparing two values with different precision,
or with and without a zone, is the business of `temporal`: Python's `==` only says whether the parts are the same.
`key` is what comparing has computed of a value once, for the next time (`cql.operators.temporal`).
"""

from __future__ import annotations

import calendar
import contextlib
import datetime
import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

_DATE = r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?"
_CLOCK = r"(\d{2})(?::(\d{2})(?::(\d{2}(?:\.\d+)?))?)?"
_ZONE = r"(Z|[+-]\d{2}:\d{2})"
_DATE_RE = re.compile(_DATE, re.ASCII)
_TIME_RE = re.compile(_CLOCK, re.ASCII)
_DATETIME_RE = re.compile(rf"{_DATE}(?:T(?:{_CLOCK}{_ZONE}?)?)?", re.ASCII)

UTC_MINUTES_MAX = 14 * 60
"""Offsets go from -12:00 to +14:00; beyond 14 hours in either direction no zone exists."""


def _seconds_text(second: Decimal) -> str:
    text = format(second, "f")
    return text if second >= 10 else "0" + text


def _check_day(year: int, month: int | None, day: int | None) -> None:
    if year < 1:
        raise ValueError(f"year {year:04d} is before year 1")
    if month is not None and not 1 <= month <= 12:
        raise ValueError(f"month {month:02d} is not between 01 and 12")
    if month is not None and day is not None and not 1 <= day <= calendar.monthrange(year, month)[1]:
        raise ValueError(f"{year:04d}-{month:02d} has no day {day:02d}")


def _check_clock(hour: int | None, minute: int | None, second: Decimal | None) -> None:
    if hour is not None and not 0 <= hour <= 23:
        raise ValueError(f"hour {hour:02d} is not between 00 and 23")
    if minute is not None and not 0 <= minute <= 59:
        raise ValueError(f"minute {minute:02d} is not between 00 and 59")
    if second is not None and not 0 <= second < 60:
        raise ValueError(f"second {second} is not between 00 and 59")


@dataclass(frozen=True, slots=True)
class Date:
    """A day, a month or a year; what is not known is None."""

    year: int
    month: int | None = None
    day: int | None = None
    key: tuple[int, int, int] | None = field(default=None, init=False, repr=False, compare=False)

    @classmethod
    def parse(cls, text: str) -> Date:
        """Read `2015`, `2015-02` or `2015-02-04`; anything else is a ValueError with the reason."""
        if len(text) == 10 and text[4] == text[7] == "-":
            with contextlib.suppress(ValueError):  # what is wrong with it is said below
                day_known = datetime.date.fromisoformat(text)
                return cls(day_known.year, day_known.month, day_known.day)
        match = _DATE_RE.fullmatch(text)
        if not match:
            raise ValueError(f"{text!r} is not a date (YYYY, YYYY-MM or YYYY-MM-DD)")
        year, month, day = (None if part is None else int(part) for part in match.groups())
        assert year is not None
        _check_day(year, month, day)
        return cls(year, month, day)

    def __str__(self) -> str:
        parts = (f"{self.year:04d}", *(f"{part:02d}" for part in (self.month, self.day) if part is not None))
        return "-".join(parts)


@dataclass(frozen=True, slots=True)
class Time:
    """A time of day to the hour, minute, second or any fraction of one. It has no zone."""

    hour: int
    minute: int | None = None
    second: Decimal | None = None
    key: tuple[int, int, int] | None = field(default=None, init=False, repr=False, compare=False)

    @classmethod
    def parse(cls, text: str) -> Time:
        """Read `14`, `14:30`, `14:30:28` or `14:30:28.123`; anything else is a ValueError with the reason."""
        match = _TIME_RE.fullmatch(text)
        if not match:
            raise ValueError(f"{text!r} is not a time (hh, hh:mm, hh:mm:ss or hh:mm:ss.fff)")
        hour, minute, second = match.groups()
        return cls._of(int(hour), None if minute is None else int(minute), None if second is None else Decimal(second))

    @classmethod
    def _of(cls, hour: int, minute: int | None, second: Decimal | None) -> Time:
        _check_clock(hour, minute, second)
        return cls(hour, minute, second)

    def __str__(self) -> str:
        text = f"{self.hour:02d}"
        if self.minute is not None:
            text += f":{self.minute:02d}"
        if self.second is not None:
            text += f":{_seconds_text(self.second)}"
        return text


@dataclass(frozen=True, slots=True)
class DateTime:
    """A point in time to any precision; `offset` is in minutes east of UTC, None when no zone was given."""

    year: int
    month: int | None = None
    day: int | None = None
    hour: int | None = None
    minute: int | None = None
    second: Decimal | None = None
    offset: int | None = None
    key: tuple[int, int, int] | None = field(default=None, init=False, repr=False, compare=False)

    @classmethod
    def parse(cls, text: str) -> DateTime:
        """Read `2015` to `2015-02-04T14:34:28.123+10:00`; anything else is a ValueError with the reason."""
        match = _DATETIME_RE.fullmatch(text)
        if not match:
            raise ValueError(f"{text!r} is not a dateTime (YYYY-MM-DDThh:mm:ss.fff+zz:zz, or less)")
        *whole, second_text, zone = match.groups()
        year, month, day, hour, minute = (None if part is None else int(part) for part in whole)
        assert year is not None
        second = None if second_text is None else Decimal(second_text)
        _check_day(year, month, day)
        _check_clock(hour, minute, second)
        offset = None
        if zone == "Z":
            offset = 0
        elif zone:
            offset = int(zone[1:3]) * 60 + int(zone[4:6])
            if offset > UTC_MINUTES_MAX or int(zone[4:6]) > 59:
                raise ValueError(f"there is no zone {zone}")
            offset = -offset if zone[0] == "-" else offset
        return cls(year, month, day, hour, minute, second, offset)

    @classmethod
    def from_date(cls, date: Date) -> DateTime:
        """The same day, month or year as a DateTime without a time (FHIRPath N1, 5.5.4, implicit conversion)."""
        return cls(date.year, date.month, date.day)

    def __str__(self) -> str:
        text = str(Date(self.year, self.month, self.day))
        if self.hour is not None:
            text += f"T{Time(self.hour, self.minute, self.second)}"
        if self.offset is not None:
            sign = "-" if self.offset < 0 else "+"
            hours, minutes = divmod(abs(self.offset), 60)
            text += "Z" if self.offset == 0 else f"{sign}{hours:02d}:{minutes:02d}"
        return text


CALENDAR_UNITS = ("year", "month", "week", "day", "hour", "minute", "second", "millisecond")
CALENDAR_WORDS = {word: unit for unit in CALENDAR_UNITS for word in (unit, unit + "s")}
"""Every calendar keyword, singular and plural, with its singular."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A decimal with a unit: a UCUM code, or with `calendar` one of the calendar durations (singular: `week`)."""

    value: Decimal
    unit: str = "1"
    calendar: bool = False

    def __str__(self) -> str:
        if not self.calendar:
            return f"{self.value} '{self.unit}'"
        return f"{self.value} {self.unit}" + ("" if abs(self.value) == 1 else "s")


SystemValue = bool | int | Decimal | str | Date | DateTime | Time | Quantity


def type_name(value: Any) -> str | None:
    """Name of the System type of a Python value, or None when it is not one of them."""
    return _TYPE_NAMES.get(value.__class__)


_TYPE_NAMES = {
    bool: "Boolean",
    int: "Integer",
    Decimal: "Decimal",
    str: "String",
    Date: "Date",
    DateTime: "DateTime",
    Time: "Time",
    Quantity: "Quantity",
}
