"""The measurement period: what was asked for as a date, as the interval that CQL sees."""

from __future__ import annotations

import calendar
import datetime as dt
from decimal import Decimal
from typing import Any

from bedside.api.questions.inputs import Inputs, instant_of
from bedside.fhir.outcome import Invalid
from bedside.questions.cql import tree
from bedside.questions.cql.types import DATE, DATETIME, IntervalType
from bedside.questions.cql.values import Interval
from bedside.questions.values import Date, DateTime

NAMES = ("Measurement Period", "MeasurementPeriod")
"""How libraries call the parameter of the measurement period (cqfmeasures, "Parameters")."""

_LAST_SECOND = Decimal("59.999")


class Period:
    """A measurement period. `offset`, in minutes, is that of its start: in it everything without a zone is read."""

    def __init__(self, inputs: Inputs, zone: dt.tzinfo) -> None:
        """From `periodStart` and `periodEnd`, which mean all of the day, month or year that they name."""
        self.texts = {"start": inputs.required("periodStart"), "end": inputs.required("periodEnd")}
        start, end = inputs.moment("periodStart"), inputs.moment("periodEnd")
        assert start is not None
        assert end is not None
        between = instant_of(start, zone).utcoffset()
        assert between is not None
        self.offset = int(between.total_seconds()) // 60
        self.start = _first(start, self.offset)
        last = end if end.offset is not None or start.offset is None else _in_zone(end, self.offset)
        until = instant_of(last, zone).utcoffset()
        assert until is not None
        # The end of a period in summer is read in summer time, unless it says its zone.
        self.end = _last(last, int(until.total_seconds()) // 60)
        if instant_of(self.start, zone) > instant_of(self.end, zone):
            raise Invalid("The period ends before it starts.", code="value")

    def parameters(self, library: tree.Library) -> dict[str, Any]:
        """The value of the library's parameter for the period, if it has one."""
        name = next((name for name in NAMES if name in library.parameters), None)
        if name is None:
            return {}
        type_ = library.parameters[name].type
        if type_ == IntervalType(DATETIME):
            return {name: Interval(self.start, self.end, True, True, "DateTime")}
        if type_ == IntervalType(DATE):
            low = Date(self.start.year, self.start.month, self.start.day)
            return {name: Interval(low, Date(self.end.year, self.end.month, self.end.day), True, True, "Date")}
        raise Invalid(f"The parameter {name!r} of {library.name} is a {type_}, and a period is given.", code="value")


def _in_zone(moment: DateTime, offset: int) -> DateTime:
    return DateTime(moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second, offset)


def _first(moment: DateTime, offset: int) -> DateTime:
    second = Decimal("0.000") if moment.second is None else moment.second
    return DateTime(
        moment.year, moment.month or 1, moment.day or 1, moment.hour or 0, moment.minute or 0, second, offset
    )


def _last(moment: DateTime, offset: int) -> DateTime:
    month = moment.month or 12
    day = moment.day or calendar.monthrange(moment.year, month)[1]
    hour = 23 if moment.hour is None else moment.hour
    minute = 59 if moment.minute is None else moment.minute
    second = _LAST_SECOND if moment.second is None else moment.second
    return DateTime(moment.year, month, day, hour, minute, second, offset)
