"""Answers as Python has them: exact first, and by choice in the shapes that data frames and JSON like.

Exact means: `bool`, `int`, `Decimal` and `str`; `Date`, `DateTime`, `Time`, `Quantity`, `Interval`, `Code`, `Concept`
and `Ratio` as the language has them, with the precision they were written with; a resource and a data type as the plain
dict that it is; a list as a list, a tuple as a dict, null as None.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from bedside.questions.cql.values import Code, CodeSystem, Concept, Interval, Long, Ratio, ValueSet
from bedside.questions.data import DataNode, system_value
from bedside.questions.errors import EvaluationError
from bedside.questions.values import Date, DateTime, Quantity, Time

_MICRO = 1_000_000


def exact(value: Any) -> Any:
    """A value of an evaluation as Python has it; pieces of resources lose their wrapping, and no digits."""
    if isinstance(value, DataNode):
        return _unwrapped(value)
    if isinstance(value, list):
        return [exact(each) for each in value]
    if isinstance(value, dict):
        return {name: exact(each) for name, each in value.items()}
    return value


def _unwrapped(node: DataNode) -> Any:
    try:
        found = system_value(node)
    except EvaluationError:  # not of the form of its type: then as it was written
        return node.value
    if found is None or found is node:
        return node.value
    return found


def to_date(value: Date | DateTime) -> dt.date | None:
    """The day, as Python's date; None for what is only known to the month or year."""
    if value.month is None or value.day is None:
        return None
    return dt.date(value.year, value.month, value.day)


def to_datetime(value: DateTime) -> dt.datetime | None:
    """The instant, as Python's datetime with its zone, to the microsecond; parts of the clock that are not known are
    zero. None for what is not known to the day."""
    if value.month is None or value.day is None:
        return None
    second = value.second or Decimal(0)
    whole = int(second)
    zone = None if value.offset is None else dt.timezone(dt.timedelta(minutes=value.offset))
    micro = int((second - whole) * _MICRO)
    return dt.datetime(
        value.year, value.month, value.day, value.hour or 0, value.minute or 0, whole, micro, tzinfo=zone
    )


def simple(value: Any) -> Any:
    """An exact value in the shape that a column of a data frame likes.

    Decimal becomes float, Date a `datetime.date` and DateTime a `datetime.datetime` (text as it was written when not
    known to the day), Time a `datetime.time`, Quantity its number, Code `system|code`, Concept its first code, Interval
    text, a resource its reference (`Condition/1`).
    """
    match value:
        case bool() | str() | None:
            return value
        case int():
            return int(value)
        case Decimal():
            return float(value)
        case Quantity():
            return float(value.value)
        case DateTime():
            return to_datetime(value) or str(value)
        case Date():
            return to_date(value) or str(value)
        case Time():
            second = value.second or Decimal(0)
            micro = int((second - int(second)) * _MICRO)
            return dt.time(value.hour, value.minute or 0, int(second), micro)
        case list():
            return [simple(each) for each in value]
        case dict() if "resourceType" in value:
            return reference_of(value)
        case dict():
            return {name: simple(each) for name, each in value.items()}
    return text(value)


def reference_of(resource: Mapping[str, Any]) -> str:
    """`Condition/1`; the type alone for a resource without id."""
    type_, id_ = resource.get("resourceType", ""), resource.get("id")
    return f"{type_}/{id_}" if id_ else str(type_)


def text(value: Any) -> str:
    """A value that is no resource on one line, as CQL would write it where CQL can."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case Interval():
            low, high = ("unknown" if end is None else text(end) for end in (value.low, value.high))
            if value.low is None and value.low_closed:
                low = "..."
            if value.high is None and value.high_closed:
                high = "..."
            return f"{'[' if value.low_closed else '('}{low}, {high}{']' if value.high_closed else ')'}"
        case Code():
            return f"{value.system}|{value.code}" if value.system else value.code
        case Concept():
            return text(value.codes[0]) if value.codes else value.display or ""
        case Ratio():
            return f"{value.numerator} : {value.denominator}"
        case ValueSet() | CodeSystem():
            return value.id if value.version is None else f"{value.id}|{value.version}"
        case list():
            return "{" + ", ".join(text(each) for each in value) + "}"
        case dict() if "resourceType" in value:
            return reference_of(value)
        case dict():
            return "{" + ", ".join(f"{name}: {text(each)}" for name, each in value.items()) + "}"
    return str(value)


def plain(value: Any) -> Any:
    """An exact value as JSON can hold it, without loss: numbers stay Decimal, for `bedside.fhir.json.encode`.

    A Date, DateTime or Time is its ISO text, a Quantity `{"value", "unit"}`, an Interval `{"low", "high", "lowClosed",
    "highClosed"}`, a Code `{"system", "code", ...}`.
    """
    match value:
        case None | bool() | str() | Decimal():
            return value
        case Long():
            return int(value)
        case int():
            return value
        case Date() | DateTime() | Time():
            return str(value)
        case Quantity():
            return {"value": value.value, "unit": value.unit}
        case Ratio():
            return {"numerator": plain(value.numerator), "denominator": plain(value.denominator)}
        case Interval():
            ends = {"low": plain(value.low), "high": plain(value.high)}
            return {**ends, "lowClosed": value.low_closed, "highClosed": value.high_closed}
        case Code():
            parts = {"system": value.system, "code": value.code, "version": value.version, "display": value.display}
            return {name: part for name, part in parts.items() if part is not None}
        case Concept():
            display = {} if value.display is None else {"display": value.display}
            return {"codes": [plain(each) for each in value.codes], **display}
        case ValueSet() | CodeSystem():
            parts = {"id": value.id, "version": value.version, "name": value.name}
            return {name: part for name, part in parts.items() if part is not None}
        case list():
            return [plain(each) for each in value]
        case dict():
            return {name: plain(each) for name, each in value.items()}
    raise TypeError(f"a {type(value).__name__} has no form in JSON")


__all__ = ["exact", "plain", "reference_of", "simple", "text", "to_date", "to_datetime"]
