"""Answers as plain Python values and as JSON, for the API of Python and the command line.

    value                 to_python                       to_json
    5, true, 'a'          the same                        the same
    1.50                  Decimal("1.50")                 1.50
    @2026-01-02           datetime.date                   "2026-01-02"
    @2026-01-02T10:30     datetime.datetime with a zone   "2026-01-02T10:30+02:00"
    @T10:30               datetime.time                   "10:30"
    5 'mg'                Quantity                        {"value": 5, "unit": "mg"}
    Interval[1, 5)        Interval                        {"low": 1, "lowClosed": true, "high": 5, "highClosed": false}
    a piece of FHIR       its JSON as a dict              the same

A date or time that is not known to the day, or to the minute, keeps its text in `to_python`, too: Python has no partial
dates. FHIR's own encoding as Parameters is in `to_fhir`.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from bedside.questions.cql.values import Code, CodeSystem, Concept, Interval, Ratio, Uncertainty, ValueSet
from bedside.questions.data import DataNode
from bedside.questions.values import Date, DateTime, Quantity, Time

_SCALARS = frozenset({type(None), bool, int, Decimal, str})


def to_python(value: Any) -> Any:
    """A value as Python has it: numbers, text, dates, lists, dicts; Quantity, Interval and codes stay as they are."""
    if value.__class__ in _SCALARS:
        return value
    match value:
        case int():
            return int(value)
        case DataNode():
            return value.value
        case list():
            return [to_python(each) for each in value]
        case dict():
            return {name: to_python(each) for name, each in value.items()}
        case Date():
            return (
                str(value) if value.day is None or value.month is None else dt.date(value.year, value.month, value.day)
            )
        case DateTime():
            return _moment(value)
        case Time():
            return str(value) if value.minute is None else dt.time(value.hour, value.minute, *_clock(value.second))
    return value


def _moment(value: DateTime) -> Any:
    if value.month is None or value.day is None or value.hour is None or value.minute is None or value.offset is None:
        return str(value)
    zone = dt.timezone(dt.timedelta(minutes=value.offset))
    return dt.datetime(value.year, value.month, value.day, value.hour, value.minute, *_clock(value.second), tzinfo=zone)


def _clock(second: Decimal | None) -> tuple[int, int]:
    """Seconds and microseconds."""
    whole, part = divmod(int((second or Decimal(0)) * 1_000_000), 1_000_000)
    return whole, part


def to_json(value: Any) -> Any:
    """A value as JSON that `bedside.fhir.json.encode` writes; decimals keep their digits."""
    if value.__class__ in _SCALARS:
        return value
    match value:
        case int():
            return int(value)
        case DataNode():
            return value.value
        case list() | tuple():
            return [to_json(each) for each in value]
        case dict():
            return {name: to_json(each) for name, each in value.items()}
        case Date() | DateTime() | Time():
            return str(value)
        case Quantity():
            return {"value": value.value, "unit": value.unit}
        case Ratio():
            return {"numerator": to_json(value.numerator), "denominator": to_json(value.denominator)}
        case Interval():
            return {
                "low": to_json(value.low),
                "lowClosed": value.low_closed,
                "high": to_json(value.high),
                "highClosed": value.high_closed,
            }
        case Uncertainty():
            return {"low": value.low, "lowClosed": True, "high": value.high, "highClosed": True}
        case Code():
            return _said(code=value.code, system=value.system, version=value.version, display=value.display)
        case Concept():
            return _said(codes=to_json(value.codes), display=value.display)
        case ValueSet() | CodeSystem():
            return _said(id=value.id, version=value.version, name=value.name)
    raise TypeError(f"a {type(value).__name__} is no value of CQL")


def _said(**parts: Any) -> dict[str, Any]:
    return {name: each for name, each in parts.items() if each is not None}
