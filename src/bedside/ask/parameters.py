"""The parameters of a question, from Python values or from text as one types it on a command line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from bedside.ask.errors import AskError
from bedside.questions.cql import types as t
from bedside.questions.cql.from_text import from_text
from bedside.questions.cql.operators.boundary import high_of_datetime, low_of_datetime
from bedside.questions.cql.tree import Library
from bedside.questions.cql.types import ChoiceType, DataType, IntervalType, ListType
from bedside.questions.cql.values import Interval
from bedside.questions.cql.walk import parameters_of
from bedside.questions.errors import QuestionError, did_you_mean
from bedside.questions.values import Date, DateTime, Quantity, Time


def bound(library: Library, given: Mapping[str, Any], offset: int) -> dict[str, Any]:
    """The values of parameters by name (`Measurement Period`, or `Library.Measurement Period` for one library), as the
    library or one that it includes declares them. `offset`, in minutes, goes to times without a zone.

    Raises AskError for a name that nothing declares, and for a value that does not fit.
    """
    declared = parameters_of(library)
    found = {}
    for name, value in given.items():
        known = declared.get(name)
        if known is None:
            near = did_you_mean(name, declared)
            hint = f" Did you mean {near!r}?" if near else ""
            raise AskError(f"{library.name or 'The question'} has no parameter {name!r}.{hint}")
        found[name] = _value(name, value, known.type, offset)
    return found


def _value(name: str, value: Any, type_: DataType, offset: int) -> Any:
    try:
        if isinstance(value, str):
            return from_text(value, type_, offset)
        return from_python(value, type_, offset)
    except (ValueError, ArithmeticError) as error:
        raise AskError(f"The parameter {name!r} is a {type_}: {error}.") from None
    except QuestionError as error:
        raise AskError(f"The parameter {name!r} is a {type_}, and {value!r} is none: {error}.") from None


def from_python(value: Any, type_: DataType, offset: int) -> Any:
    """A Python value as one of the language: `datetime.date`, `datetime.datetime` and `datetime.time`, float as the
    Decimal that it prints as, a pair as an interval with both ends included. Values of the language stay as they are.

    Raises ValueError for what has no counterpart.
    """
    if isinstance(type_, ChoiceType):
        type_ = t.ANY
    match value:
        case None | bool() | Date() | Time() | Quantity() | Interval() | dict():
            return value
        case dt.datetime():
            return _from_datetime(value, offset)
        case dt.date():
            if type_ == t.DATETIME:
                return DateTime(value.year, value.month, value.day, offset=offset)
            return Date(value.year, value.month, value.day)
        case dt.time():
            return Time(value.hour, value.minute, Decimal(value.second) + Decimal(value.microsecond) / 1_000_000)
        case float():
            return Decimal(repr(value))
        case tuple() if isinstance(type_, IntervalType):
            if len(value) != 2:
                raise ValueError(f"an interval is a pair, and {len(value)} values are given")
            low, high = (
                _end(each, type_.point, offset, last=last) for each, last in zip(value, (False, True), strict=True)
            )
            point = type_.point.name if isinstance(type_.point, t.NamedType) else "Any"
            return Interval(low, high, point=point)
        case list() | tuple():
            element = type_.element if isinstance(type_, ListType) else t.ANY
            return [from_python(each, element, offset) for each in value]
    return value


def _end(value: Any, point: DataType, offset: int, *, last: bool) -> Any:
    """An end of an interval; a day that ends an interval of instants is in it whole."""
    found = from_text(value, point, offset) if isinstance(value, str) else from_python(value, point, offset)
    if isinstance(found, DateTime):
        return high_of_datetime(found) if last else low_of_datetime(found)
    return found


def _from_datetime(value: dt.datetime, offset: int) -> DateTime:
    between = value.utcoffset()
    minutes = offset if between is None else int(between.total_seconds()) // 60
    second = Decimal(value.second) + Decimal(value.microsecond // 1000) / 1000
    return DateTime(value.year, value.month, value.day, value.hour, value.minute, second, minutes)
