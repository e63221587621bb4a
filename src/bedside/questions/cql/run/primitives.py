"""From pieces of a FHIR resource to System values, with what has been read of dates and times kept.

The same few thousand dates come up again and again, and a `DateTime` keeps the key it is compared by, so that reading
and comparing one that was met before costs a look into a dictionary.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from typing import Any

from bedside.questions.data import DataNode
from bedside.questions.errors import EvaluationError
from bedside.questions.model import Type
from bedside.questions.values import Date, DateTime, Time

KEPT = 65_536


@lru_cache(KEPT)
def read_date(text: str) -> Date:
    return Date.parse(text)


@lru_cache(KEPT)
def read_datetime(text: str, offset: int) -> DateTime:
    """A dateTime or instant; one without an offset gets `offset` (CQL 1.5, appendix B, "DateTime")."""
    value = DateTime.parse(text)
    return replace(value, second=_with_fraction(value.second), offset=offset if value.offset is None else value.offset)


@lru_cache(KEPT)
def read_time(text: str) -> Time:
    value = Time.parse(text)
    return replace(value, second=_with_fraction(value.second))


def _with_fraction(second: Decimal | None) -> Decimal | None:
    """A second of FHIR to the millisecond. To CQL milliseconds are a precision of their own; to FHIR they are digits of
    the second, and `08:15:00` is the instant `08:15:00.000` (https://hl7.org/fhir/R4/datatypes.html#dateTime)."""
    if second is None or second.as_tuple().exponent != 0:
        return second
    return second.quantize(_MILLISECOND)


_MILLISECOND = Decimal("0.001")


def _decimal(value: Any, offset: int) -> Decimal:
    if value.__class__ is Decimal:
        return value
    if value.__class__ is int:
        return Decimal(value)
    raise ValueError


READERS: dict[str, Callable[[Any, int], Any]] = {
    "date": lambda value, offset: read_date(value),
    "dateTime": read_datetime,
    "instant": read_datetime,
    "time": lambda value, offset: read_time(value),
    "decimal": _decimal,
}
"""How a FHIR primitive becomes a System value; what is not here is one already."""

_PLAIN = {"boolean": bool, "integer": int, "positiveInt": int, "unsignedInt": int}


def system_value(node: DataNode, offset: int) -> Any:
    """The System value of a primitive, None when it has extensions only.

    Raises EvaluationError for a value that its type does not allow, such as the date 2015-02-30.
    """
    value = node.value
    if value is None:
        return None
    name = node.type.name
    reader = READERS.get(name)
    if reader is None:
        if value.__class__ is not _PLAIN.get(name, str):
            raise _malformed(node.type)
        return value
    try:
        return reader(value, offset)
    except (ValueError, TypeError):
        raise _malformed(node.type) from None


def _malformed(type_: Type) -> EvaluationError:
    return EvaluationError(f"a {type_.name} in the data does not have the form of a {type_.name}")
