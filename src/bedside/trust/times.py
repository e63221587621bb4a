"""Dates of resources that may be malformed: an interval, or `Invalid`, whatever the value is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bedside.fhir import dates
from bedside.fhir.outcome import Invalid
from bedside.trust.model import Interval


def interval(value: Any) -> Interval:
    """The interval of a date, dateTime or instant. Raises `Invalid` for anything else."""
    if not isinstance(value, str):
        raise Invalid("A date must be text.", code="value")
    return dates.interval(value)


def period(value: Any) -> Interval:
    """The interval of a Period. Raises `Invalid` for anything else, and for a start or end that is no date."""
    if not isinstance(value, Mapping) or any(not isinstance(value.get(key, ""), str) for key in ("start", "end")):
        raise Invalid("A period must have a start or an end that is text.", code="value")
    return dates.period_interval(value)
