"""HTTP dates (RFC 9110 section 5.6.7): to the second, always GMT."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from functools import lru_cache

from bedside.fhir.outcome import Invalid

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def http_date(microseconds: int) -> str:
    """An instant, in microseconds since the epoch, as `Sun, 06 Nov 1994 08:49:37 GMT`."""
    return _of_second(microseconds // 1_000_000)


@lru_cache(4096)
def _of_second(seconds: int) -> str:
    t = time.gmtime(seconds)
    return (
        f"{_DAYS[t.tm_wday]}, {t.tm_mday:02} {_MONTHS[t.tm_mon - 1]} {t.tm_year:04}"
        f" {t.tm_hour:02}:{t.tm_min:02}:{t.tm_sec:02} GMT"
    )


def parse_http_date(text: str) -> int:
    """The second, since the epoch, that an HTTP date means. Raises Invalid for anything else."""
    try:
        return int(parsedate_to_datetime(text).timestamp())
    except (ValueError, TypeError, OverflowError):
        raise Invalid(f"{text!r} is not an HTTP date such as `Sun, 06 Nov 1994 08:49:37 GMT`.", code="value") from None
