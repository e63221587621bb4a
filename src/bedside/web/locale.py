"""How one reader sees dates, numbers and sentences: language, zone, and the moment at which the page is made.

Dates read as "12 Nov 2026, 14:05 (2 h ago)". A date keeps the precision it was written with, and a time stays
on the clock of the place where it was written; only what has no place of its own (`Z`) is shown in the reader's zone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal

from bedside.fhir import dates
from bedside.fhir.outcome import FhirError
from bedside.web.languages import Words

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400

# Thousands and decimal marks; the thousands are narrow no-break spaces in French.
_MARKS = {"en": (",", "."), "nl": (".", ","), "fr": ("\u202f", ",")}
_LONGEST = 60  # digits of a decimal that are written out; beyond that its exponent stays


@dataclass(frozen=True, slots=True)
class Moment:
    """A date or time as it is shown."""

    iso: str
    """As FHIR writes it, for the `datetime` attribute; its zone is one click or one hover away."""
    text: str
    """`12 Nov 2026, 14:05`, `Nov 2026` or `2026`."""
    ago: str
    """`2 h ago`, `in 3 days`; empty when the date is not precise to the day."""


@dataclass(frozen=True, slots=True)
class Locale:
    """Everything about the reader that changes how a page is written."""

    words: Words
    zone: tzinfo
    now: datetime
    """Aware; the one clock of the page."""

    @property
    def language(self) -> str:
        return self.words.language

    # --- numbers

    def number(self, value: int) -> str:
        """A count with its thousands marked: 191,093."""
        return f"{value:,}".replace(",", _MARKS[self.language][0])

    def decimal(self, value: Decimal | int | str) -> str:
        """A measured value with exactly the digits it was written with: 7.20 stays 7.20 (7,20 in Dutch)."""
        text = str(value)
        if "E" in text and abs(int(text.partition("E")[2])) < _LONGEST:
            text = f"{Decimal(text):f}"
        return text.replace(".", _MARKS[self.language][1]).replace("-", "\u2212", 1 if text.startswith("-") else 0)

    # --- dates

    def micros(self, micros: int) -> Moment:
        """An instant of the record, in microseconds since the epoch, on the reader's clock."""
        when = self.clock(micros)
        return self._exact(when, when.isoformat(timespec="seconds"))

    def clock(self, micros: int) -> datetime:
        """An instant of the record as the reader's clock shows it."""
        return (_EPOCH + timedelta(microseconds=micros)).astimezone(self.zone)

    def moment(self, value: str) -> Moment:
        """A FHIR date, dateTime or instant. What is none is shown as it stands, without an age."""
        try:
            low, _ = dates.interval(value)
        except FhirError:
            return Moment("", value, "")
        if len(value) == 4:
            return Moment(value, value, "")
        year, month = value[:4].lstrip("0"), self._month(int(value[5:7]))
        if len(value) == 7:
            return Moment(value, f"{month} {year}", "")
        if len(value) == 10:
            return Moment(value, f"{int(value[8:])} {month} {year}", self._days(value))
        if value.endswith("Z"):
            try:
                when = (_EPOCH + timedelta(microseconds=low)).astimezone(self.zone)
            except OverflowError:  # the last hours of the year 9999, east of Greenwich
                return Moment(value, value, "")
            return self._exact(when, value)
        text = f"{int(value[8:10])} {month} {year}, {value[11:16]}"
        return Moment(value, text, self.ago(self._seconds(low)))

    def age(self, birth: str, until: str | None = None) -> int | None:
        """Whole years from a date to today, or to a later date such as that of death; None when it is not known."""
        today = until[:10] if until and len(until) >= 10 else self.now.astimezone(self.zone).date().isoformat()
        if len(birth) < 10 or birth > today:
            return None
        return int(today[:4]) - int(birth[:4]) - (today[5:] < birth[5:10])

    def ago(self, seconds: float) -> str:
        """How long ago, in the largest unit that says enough: `just now`, `5 min ago`, `in 3 days`."""
        future, size = seconds < 0, abs(seconds)
        gettext, ngettext = self.words.gettext, self.words.ngettext
        if size < _MINUTE:
            return gettext("just now")
        if size < _HOUR:
            count, length = int(size / _MINUTE), gettext("%(n)s min")
        elif size < 2 * _DAY:
            count, length = int(size / _HOUR), gettext("%(n)s h")
        elif size < 60 * _DAY:
            count = int(size / _DAY)
            length = ngettext("%(n)s day", "%(n)s days", count)
        elif size < 730 * _DAY:
            count = int(size / (30.44 * _DAY))
            length = ngettext("%(n)s month", "%(n)s months", count)
        else:
            count = int(size / (365.25 * _DAY))
            length = ngettext("%(n)s year", "%(n)s years", count)
        return gettext("in %(time)s" if future else "%(time)s ago") % {"time": length % {"n": self.number(count)}}

    def _seconds(self, micros: int) -> float:
        return (self.now - _EPOCH).total_seconds() - micros / 1_000_000

    def _month(self, number: int) -> str:
        return self.words.pgettext("month", MONTHS[number - 1])

    def _days(self, day: str) -> str:
        days = (self.now.astimezone(self.zone).date() - datetime.fromisoformat(day).date()).days
        if days in (-1, 0, 1):
            return self.words.gettext({-1: "tomorrow", 0: "today", 1: "yesterday"}[days])
        return self.ago(days * _DAY)

    def _exact(self, when: datetime, iso: str) -> Moment:
        text = f"{when.day} {self._month(when.month)} {when.year}, {when:%H:%M}"
        return Moment(iso, text, self.ago((self.now - when).total_seconds()))
