"""FHIR's dates and times as integers: every value is a half-open interval of microseconds.

A date is as long as its precision: `2024` is a year, `2024-02-29T10:00:00Z` a second, `...T10:00:00.5Z` a tenth
of one (https://hl7.org/fhir/R4/datatypes.html#dateTime, https://hl7.org/fhir/R4/search.html#date). So a value
is a pair `(low, high)`: **low is inside, high is the first microsecond after it**, both microseconds since
1970-01-01T00:00:00Z, negative before it. Digits of a fraction beyond the sixth are dropped.

A value without a zone (every date, and a search value that leaves it out) is taken in `zone`, which is UTC
unless the caller says otherwise. Years are 0001 to 9999. A leap second (`23:59:60`) is the second after :59.

Loading parses millions of these, so the parts of a value (day, hour and minute, second, fraction and zone) are
looked up in small tables that fill themselves and verify each part once (`scripts/time_fhir.py` measures it).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from bedside.fhir.outcome import Invalid

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_EPOCH_DAY = date(1970, 1, 1).toordinal()
_EPOCH = datetime(1970, 1, 1)

MIN = (date(1, 1, 1).toordinal() - _EPOCH_DAY) * DAY
"""The low of year 0001: the start of a period that has none."""
MAX = (date(9999, 12, 31).toordinal() + 1 - _EPOCH_DAY) * DAY
"""The high of year 9999: the end of a period that has none."""

Interval = tuple[int, int]

_YEAR = re.compile(r"[0-9]{4}")
_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_MINUTE = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_SECOND = re.compile(r":([0-5][0-9]|60)")
_REST = re.compile(r"(?:\.([0-9]+))?(?:(Z)|([+-])(0[0-9]|1[0-3]|14(?=:00)):([0-5][0-9]))?")


class _Days(dict[str, int]):
    """`YYYY-MM-DD` -> microseconds of its midnight UTC; KeyError for what is no day of the calendar."""

    def __missing__(self, text: str) -> int:
        match = _DAY.fullmatch(text)
        if match is None:
            raise KeyError(text)
        try:
            found = (date(int(match[1]), int(match[2]), int(match[3])).toordinal() - _EPOCH_DAY) * DAY
        except ValueError:
            raise KeyError(text) from None
        if len(self) >= 40_000:  # a century of days
            self.clear()
        self[text] = found
        return found


class _Minutes(dict[str, int]):
    """`HH:MM` -> microseconds since midnight."""

    def __missing__(self, text: str) -> int:
        match = _MINUTE.fullmatch(text)
        if match is None:
            raise KeyError(text)
        self[text] = found = int(match[1]) * HOUR + int(match[2]) * MINUTE
        return found


class _Seconds(dict[str, int]):
    """`:SS` -> microseconds."""

    def __missing__(self, text: str) -> int:
        match = _SECOND.fullmatch(text)
        if match is None:
            raise KeyError(text)
        self[text] = found = int(match[1]) * SECOND
        return found


class _Rests(dict[str, tuple[int, int, bool]]):
    """Fraction and zone -> (microseconds to add to get UTC, length in microseconds, has a zone)."""

    def __missing__(self, text: str) -> tuple[int, int, bool]:
        match = _REST.fullmatch(text)
        if match is None:
            raise KeyError(text)
        fraction, utc, sign, hours, minutes = match.groups()
        shift, length = 0, SECOND
        if fraction:
            shift = int(fraction[:6].ljust(6, "0"))
            length = 10 ** (6 - min(len(fraction), 6))
        if sign:
            offset = int(hours) * HOUR + int(minutes) * MINUTE
            shift += offset if sign == "-" else -offset
        if len(self) >= 8_000:
            self.clear()
        self[text] = found = (shift, length, bool(utc or sign))
        return found


_days, _minutes, _seconds, _rests = _Days(), _Minutes(), _Seconds(), _Rests()


def _first_of_month(year: int, month: int) -> int:
    """Midnight of the first of a month; month 13 is the next January, also that of year 10000."""
    if month == 13:
        year, month = year + 1, 1
    return MAX if year == 10_000 else (date(year, month, 1).toordinal() - _EPOCH_DAY) * DAY


def _partial(value: str) -> Interval | None:
    """A year or a month as if in UTC; None when it is neither."""
    if _YEAR.fullmatch(value) and value != "0000":
        year = int(value)
        return _first_of_month(year, 1), _first_of_month(year + 1, 1)
    match = _MONTH.fullmatch(value)
    if match and match[1] != "0000":
        year, month = int(match[1]), int(match[2])
        return _first_of_month(year, month), _first_of_month(year, month + 1)
    return None


def _in_zone(micros: int, zone: tzinfo) -> int:
    """A wall-clock time, given as if it were UTC, in `zone`.

    A time that the zone skips or repeats is read with the offset from before the change (PEP 495, fold 0).
    Within a day of the calendar's ends no offset is applied: there is no earlier or later date to land on.
    """
    if not MIN + DAY <= micros < MAX - DAY:
        return micros
    offset = (_EPOCH + timedelta(microseconds=micros)).replace(tzinfo=zone).utcoffset()
    return micros if offset is None else micros - offset // timedelta(microseconds=1)


def _bad(value: object) -> Invalid:
    return Invalid(
        f"{value!r} is not a date or time of the years 0001 to 9999: write YYYY, YYYY-MM, YYYY-MM-DD or"
        " YYYY-MM-DDThh:mm:ss with a zone (Z or +hh:mm).",
        code="value",
    )


def interval(value: str, zone: tzinfo = UTC) -> Interval:
    """The half-open interval of a date, dateTime or instant: `(low, high)` in microseconds since 1970 UTC.

    A time must have seconds and a zone, as the FHIR types demand. Raises `Invalid` (code `value`) for any
    other text, and for days that are in no calendar (2023-02-29).
    """
    size = len(value)
    try:
        if size > 19:
            if value[10] == "T":
                shift, length, zoned = _rests[value[19:]]
                if zoned:
                    low = _days[value[:10]] + _minutes[value[11:16]] + _seconds[value[16:19]] + shift
                    return low, low + length
            raise _bad(value)
        if size == 10:
            low = _days[value]
            found: Interval | None = (low, low + DAY)
        else:
            found = _partial(value)
    except KeyError:
        raise _bad(value) from None
    if found is None:
        raise _bad(value)
    return found if zone is UTC else (_in_zone(found[0], zone), _in_zone(found[1], zone))


def search_interval(value: str, zone: tzinfo = UTC) -> Interval:
    """Like `interval`, for a search value without its prefix: seconds and the zone may be left out.

    `2024-01-14T10:00` is a minute in `zone` (https://hl7.org/fhir/R4/search.html#date). A blank before the
    offset is read as the `+` that a client forgot to escape.
    """
    if len(value) > 6 and value[-6] == " ":
        value = value[:-6] + "+" + value[-5:]
    if len(value) < 16:
        return interval(value, zone)
    try:
        if value[10] != "T":
            raise KeyError(value)
        low = _days[value[:10]] + _minutes[value[11:16]]
        if value[16:17] == ":":
            shift, length, zoned = _rests[value[19:]]
            low += _seconds[value[16:19]]
        else:
            shift, length, zoned = _rests[value[16:]]
            if "." in value:
                raise KeyError(value)
            length = MINUTE
    except KeyError:
        raise _bad(value) from None
    low += shift
    if zoned or zone is UTC:
        return low, low + length
    return _in_zone(low, zone), _in_zone(low, zone) + length


def period_interval(period: Mapping[str, Any], zone: tzinfo = UTC) -> Interval:
    """The interval of a Period, from the low of `start` to the high of `end`.

    The end is inclusive at its precision: a period that ends `2012-02-03` contains all of that day
    (https://hl7.org/fhir/R4/datatypes.html#Period). A missing start is `MIN`, a missing end is `MAX`.
    Raises `Invalid` when a value is no date; a period that ends before it starts is given as it is.
    """
    start, end = period.get("start"), period.get("end")
    return (interval(start, zone)[0] if start else MIN, interval(end, zone)[1] if end else MAX)


def time_interval(value: str) -> Interval:
    """The half-open interval of a FHIR time (`14:35`, `14:35:01.25`) in microseconds since midnight.

    Seconds may be left out, as a search value may; `check` is stricter. Raises `Invalid` for other text.
    """
    try:
        low = _minutes[value[:5]]
        if len(value) == 5:
            return low, low + MINUTE
        shift, length, zoned = _rests[value[8:]]
        if zoned:
            raise KeyError(value)
        low += _seconds[value[5:8]] + shift
    except KeyError:
        raise Invalid(f"{value!r} is not a time of day: write hh:mm:ss.", code="value") from None
    return low, low + length


def is_date(value: str) -> bool:
    """True for a FHIR date: YYYY, YYYY-MM or YYYY-MM-DD that the calendar has."""
    if len(value) == 10:
        if value in _days:
            return True
        try:
            _days[value]
        except KeyError:
            return False
        return True
    return _partial(value) is not None


def is_instant(value: str) -> bool:
    """True for a FHIR instant: a day, a time with seconds, and a zone."""
    try:
        _days[value[:10]], _minutes[value[11:16]], _seconds[value[16:19]]
        return value[10] == "T" and _rests[value[19:]][2]
    except (KeyError, IndexError):
        return False


def is_datetime(value: str) -> bool:
    """True for a FHIR dateTime: a date, or a day with a time that has seconds and a zone."""
    return is_instant(value) if len(value) > 10 else is_date(value)


def is_time(value: str) -> bool:
    """True for a FHIR time: hh:mm:ss with an optional fraction, no zone."""
    try:
        _minutes[value[:5]], _seconds[value[5:8]]
        return not _rests[value[8:]][2]
    except KeyError:
        return False


def instant(micros: int) -> str:
    """Microseconds since 1970 UTC as a FHIR instant in UTC, with milliseconds (or all six digits if needed)."""
    when = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=micros)
    digits = "milliseconds" if micros % 1000 == 0 else "microseconds"
    return when.replace(tzinfo=None).isoformat(timespec=digits) + "Z"


def now() -> int:
    """This moment, in microseconds since 1970 UTC."""
    return (datetime.now(UTC).replace(tzinfo=None) - _EPOCH) // timedelta(microseconds=1)


def now_instant() -> str:
    """This moment as a FHIR instant in UTC with milliseconds: `2026-11-22T16:46:33.123Z`."""
    return instant(now() // 1000 * 1000)
