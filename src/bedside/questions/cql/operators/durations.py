"""How much time lies between two dates or times, and adding a duration to one: whole numbers of milliseconds.

    duration     whole periods between two values          2012-12-31 to 2013-01-01: 0 years
    difference   boundaries crossed between two values     2012-12-31 to 2013-01-01: 1 year

(CQL 1.5.3, appendix B, "Difference" and "Duration"; appendix H.) What is not known precisely enough gives an
`Uncertainty` from the least to the greatest possible result (developer's guide, "Determining Difference and Duration").

A duration of n years is there when n years added to the first value do not go beyond the second, so that adding and
measuring agree: 2012-02-29 to 2014-02-28 are 2 years (appendix H, "Calculating Duration in Years", example 4.b).
"""

from __future__ import annotations

import calendar
import datetime as dt
from decimal import Decimal

from bedside.questions.cql.operators.temporal import (
    DAY,
    DAY_MS,
    HOUR,
    HOUR_MS,
    MINUTE_MS,
    MONTH,
    PRECISIONS,
    SECOND,
    SECOND_MS,
    UNIT_MS,
    YEAR,
    Temporal,
    at_wall,
    key,
    out_of_range,
    span,
)
from bedside.questions.cql.values import Uncertainty
from bedside.questions.errors import EvaluationError
from bedside.questions.temporal import calendar_unit
from bedside.questions.values import Date, DateTime, Quantity, Time

_LENGTH = {
    "Week": 7 * DAY_MS,
    "Day": DAY_MS,
    "Hour": HOUR_MS,
    "Minute": MINUTE_MS,
    "Second": SECOND_MS,
    "Millisecond": 1,
}
_MONTHS = {"Year": 12, "Month": 1}

_DAYS_OF = {YEAR: 365, MONTH: 30}
"""What a year and a month count for where a duration in days is cut to the precision of a value."""


def truncated(amount: int, unit: int) -> int:
    """How many whole units are in an amount; towards zero."""
    return amount // unit if amount >= 0 else -(-amount // unit)


def add(value: Temporal, quantity: Quantity, sign: int = 1) -> Temporal:
    """The value later (with sign -1 earlier) by a duration; same precision, same offset (appendix B, "Add").

    Above seconds a fraction of the quantity is ignored. A quantity finer than the value is first cut to whole units
    of the value's precision. Raises EvaluationError for a unit that the type does not take, a definite year or month
    (`'a'`, `'mo'`), and a result outside of the years 1 to 9999. A Time begins anew after midnight.
    """
    unit = calendar_unit(quantity).capitalize()
    amount = quantity.value if sign > 0 else -quantity.value
    if abs(amount) > 10**15:
        raise out_of_range()
    precision, wall, _ = key(value)
    if isinstance(value, Time) and (unit in _MONTHS or unit in ("Week", "Day")):
        raise EvaluationError(f"{unit.lower()}s cannot be added to a Time", expected="hours to milliseconds")
    if isinstance(value, Date) and unit not in _MONTHS and unit not in ("Week", "Day"):
        raise EvaluationError(f"{unit.lower()}s cannot be added to a Date", expected="years, months, weeks or days")
    if unit in _MONTHS:
        months = int(amount) * _MONTHS[unit]
        if precision == YEAR:
            months = truncated(months, 12) * 12
        return at_wall(value, months_later(wall, months))
    milliseconds = int(amount * 1000) if unit == "Second" else int(amount) * _LENGTH[unit]
    if precision <= MONTH:
        units = truncated(milliseconds, _DAYS_OF[precision] * DAY_MS)
        return at_wall(value, months_later(wall, units * (12 if precision == YEAR else 1)))
    step = UNIT_MS[precision]
    return at_wall(value, wall + truncated(milliseconds, step) * step)


def months_later(wall: int, months: int) -> int:
    """The wall clock so many months later; a day that the month does not have becomes its last one (table 5-I)."""
    days, clock = divmod(wall, DAY_MS)
    date = dt.date.fromordinal(days)
    total = date.year * 12 + date.month - 1 + months
    year, month = total // 12, total % 12 + 1
    if not 1 <= year <= 9999:
        raise out_of_range()
    day = date.day
    if day > 28:
        day = min(day, calendar.monthrange(year, month)[1])
    return dt.date(year, month, day).toordinal() * DAY_MS + clock


def duration(low: Temporal, high: Temporal, precision: str, offset: int = 0) -> int | Uncertainty:
    """Whole periods from low to high, negative when high is earlier. `precision` is Year ... Millisecond or Week.

    DateTimes with different offsets are both taken to `offset` (minutes) first: the time that has really passed counts.
    """
    one, other = span(low), span(high)
    if isinstance(low, DateTime) and isinstance(high, DateTime):
        one, other = _in_one_zone(low, one, high, other, offset)
    if _settled(low, high, precision):
        return whole_periods(one[0], other[0], precision)
    least, greatest = whole_periods(one[1], other[0], precision), whole_periods(one[0], other[1], precision)
    return least if least == greatest else Uncertainty(least, greatest)


def _settled(low: Temporal, high: Temporal, precision: str) -> bool:
    """Whether the components that both have decide, so that what is missing in both counts as zero.

    So between two values of the same precision that is not coarser than the periods that are counted, from the day on;
    and between two Times that have these periods. Years and months have no fixed length: there the day decides.
    """
    wanted = max(PRECISIONS.get(precision, DAY), DAY)
    if precision in _MONTHS:
        wanted = DAY
    one, other = min(key(low)[0], SECOND), min(key(high)[0], SECOND)
    return one >= wanted and other >= wanted and (one == other or isinstance(low, Time))


def _in_one_zone(
    low: DateTime, one: tuple[int, int], high: DateTime, other: tuple[int, int], offset: int
) -> tuple[tuple[int, int], tuple[int, int]]:
    if (low.offset or 0) == (high.offset or 0):
        return one, other
    by_low = (offset - (low.offset or 0)) * MINUTE_MS
    by_high = (offset - (high.offset or 0)) * MINUTE_MS
    return (one[0] + by_low, one[1] + by_low), (other[0] + by_high, other[1] + by_high)


def whole_periods(low: int, high: int, precision: str) -> int:
    """Whole periods between two wall clocks in milliseconds."""
    length = _LENGTH.get(precision)
    if length is not None:
        return truncated(high - low, length)
    if precision not in _MONTHS:
        raise EvaluationError(f"{precision} is no period", expected="Year to Millisecond, or Week")
    if high < low:
        return -_whole_months_back(high, low, _MONTHS[precision])
    months = _month(high) - _month(low)
    if months and _later_than(low, months, high):
        months -= 1
    return months // _MONTHS[precision]


def _whole_months_back(low: int, high: int, size: int) -> int:
    """Whole months (or with size 12 years) that can be taken from high without coming before low."""
    months = _month(high) - _month(low)
    if months and months_later(high, -months) < low:
        months -= 1
    return months // size


def _later_than(low: int, months: int, high: int) -> bool:
    return months_later(low, months) > high


def _month(wall: int) -> int:
    date = dt.date.fromordinal(wall // DAY_MS)
    return date.year * 12 + date.month


def difference(low: Temporal, high: Temporal, precision: str, offset: int = 0) -> int | Uncertainty:
    """Boundaries between periods crossed from low to high, negative when high is earlier. A week begins on Sunday.

    From the hour on DateTimes with different offsets are both taken to `offset` (minutes) first; for days and longer
    periods the calendar date counts as it is written (appendix H, "Difference Calculations").
    """
    one, other = span(low), span(high)
    if isinstance(low, DateTime) and isinstance(high, DateTime) and PRECISIONS.get(precision, DAY) >= HOUR:
        one, other = _in_one_zone(low, one, high, other, offset)
    least = _boundary(other[0], precision) - _boundary(one[1], precision)
    greatest = _boundary(other[1], precision) - _boundary(one[0], precision)
    return least if least == greatest else Uncertainty(least, greatest)


def _boundary(wall: int, precision: str) -> int:
    """The number of the period in which a wall clock lies."""
    if precision in _MONTHS:
        return (_month(wall) - 1) // _MONTHS[precision]
    if precision == "Week":
        return (wall // DAY_MS) // 7  # ordinal 7 was a Sunday
    length = _LENGTH.get(precision)
    if length is None:
        raise EvaluationError(f"{precision} is no period", expected="Year to Millisecond, or Week")
    return wall // length


def quantity_of(unit: str) -> Quantity:
    """One calendar period of ELM's precision word: `Day` is 1 day."""
    return Quantity(Decimal(1), unit.lower(), calendar=True)
