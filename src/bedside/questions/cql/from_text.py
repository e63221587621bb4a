"""Values as a person types them, for the parameters of a library: dates as ISO has them, all else as CQL writes it."""

from __future__ import annotations

from typing import Any

from bedside.questions.cql import types as t
from bedside.questions.cql.operators.boundary import high_of_datetime, low_of_datetime
from bedside.questions.cql.run.program import compile_library
from bedside.questions.cql.typer import translate
from bedside.questions.cql.types import DataType, IntervalType
from bedside.questions.cql.values import Interval
from bedside.questions.cql.world import World
from bedside.questions.values import Date, DateTime, Time

_SECONDS = 2.0
_TEMPORAL = {t.DATE: Date, t.DATETIME: DateTime, t.TIME: Time}


def from_text(text: str, type_: DataType, offset: int) -> Any:
    """The value of a text. A String is the text itself, unless it is a literal in quotes; dates and times are ISO, with
    or without the `@` of CQL; an interval of them is also `2026-01-01/2026-12-31` or one date, month or year, which
    mean all of the last day. Everything else is a literal of CQL.

    Raises ValueError, ArithmeticError or QuestionError.
    """
    stripped = text.strip()
    if type_ == t.STRING and not (len(stripped) > 1 and stripped[0] == stripped[-1] == "'"):
        return text
    if type_ in _TEMPORAL and not stripped.endswith(")"):
        assert isinstance(type_, t.NamedType)
        bare = stripped.removeprefix("@").removeprefix("T" if type_ == t.TIME else "")
        return _moment(bare, type_, offset)
    if isinstance(type_, IntervalType) and type_.point in (t.DATE, t.DATETIME) and stripped[:1].isdigit():
        return _period(stripped, type_.point, offset)
    return _literal(stripped, type_)


def _moment(text: str, type_: DataType, offset: int) -> Date | DateTime | Time:
    if type_ == t.DATE:
        return Date.parse(text)
    if type_ == t.TIME:
        return Time.parse(text)
    found = DateTime.parse(text)
    return _in_zone(found, offset)


def _period(text: str, point: DataType, offset: int) -> Interval:
    """All of what is named: from the beginning of the first to the end of the last."""
    low_text, slash, high_text = text.partition("/")
    low, high = (DateTime.parse(each.strip()) for each in (low_text, high_text if slash else low_text))
    low, high = _in_zone(low, offset), _in_zone(high, offset)
    first, last = low_of_datetime(low), high_of_datetime(high)
    assert first is not None
    assert last is not None
    if point == t.DATETIME:
        return Interval(first, last, point="DateTime")
    return Interval(Date(low.year, first.month, first.day), Date(high.year, last.month, last.day), point="Date")


def _in_zone(value: DateTime, offset: int) -> DateTime:
    if value.offset is not None:
        return value
    return DateTime(value.year, value.month, value.day, value.hour, value.minute, value.second, offset)


def _literal(text: str, type_: DataType) -> Any:
    """What an expression of CQL says, as a value of the type."""
    translation = translate(f"parameter value {type_} default\n{text}\ncontext Unfiltered\ndefine result: value")
    if translation.library is None:
        raise translation.problems[0]
    program = compile_library(translation.library)
    return program.session(World(), context_type="Unfiltered", limit=_SECONDS).evaluate("result")
