"""CQL values as parameters of a FHIR Parameters resource, and as elements of other resources.

The mapping is that of Using CQL with FHIR, "FHIR Type Mapping": a list is a parameter that repeats, a tuple one with
parts, null a parameter with a data-absent-reason, and every value tells its type in the extension cqf-cqlType.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any

from bedside.fhir import definitions
from bedside.questions.cql.operators.points import predecessor, successor
from bedside.questions.cql.types import DataType
from bedside.questions.cql.values import Code, CodeSystem, Concept, Interval, Long, Ratio, ValueSet
from bedside.questions.data import DataNode, child_nodes
from bedside.questions.model import UCUM
from bedside.questions.values import Date, DateTime, Quantity, Time

Json = dict[str, Any]

CQL_TYPE = "http://hl7.org/fhir/StructureDefinition/cqf-cqlType"
EMPTY_LIST = "http://hl7.org/fhir/StructureDefinition/cqf-isEmptyList"
EMPTY_TUPLE = "http://hl7.org/fhir/StructureDefinition/cqf-isEmptyTuple"
ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
CALENDAR = "http://hl7.org/fhirpath/CodeSystem/calendar-units"
ELEMENT = "element"
"""The name of the parts that a list within a list has."""

_INTEGERS = range(-(1 << 31), 1 << 31)


def parameters(name: str, value: Any, type_: DataType | None = None) -> list[Json]:
    """The parameters that a result is: one, or one for each element of a list. `type_` is its static type."""
    extension = [] if type_ is None else [{"url": CQL_TYPE, "valueString": str(type_)}]
    values = value if isinstance(value, list) else [value]
    found = [_parameter(name, each) for each in values] if values else [_said(name, EMPTY_LIST, "valueBoolean", True)]
    return [{"extension": extension, **each} for each in found] if extension else found


def _parameter(name: str, value: Any) -> Json:
    if value is None:
        return _said(name, ABSENT, "valueCode", "unknown")
    if isinstance(value, list):
        parts = [part for each in value for part in parameters(ELEMENT, each)]
        return {"name": name, "part": parts} if parts else _said(name, EMPTY_LIST, "valueBoolean", True)
    if isinstance(value, dict):
        parts = [part for key, each in value.items() for part in parameters(key, each)]
        return {"name": name, "part": parts} if parts else _said(name, EMPTY_TUPLE, "valueBoolean", True)
    if isinstance(value, DataNode):
        return _node(name, value)
    return {"name": name, **element(value)}


def _said(name: str, url: str, key: str, value: object) -> Json:
    """A parameter that is only an extension. Its value has to be of some type, and boolean is as good as any."""
    return {"name": name, "_valueBoolean": {"extension": [{"url": url, key: value}]}}


def _node(name: str, node: DataNode) -> Json:
    """A piece of a resource as it is; a backbone, which no parameter can hold, as parts."""
    type_ = node.type
    if type_.kind == "resource":
        return {"name": name, "resource": node.value}
    key = "value" + type_.name[0].upper() + type_.name[1:]
    if key in _open_types():
        found: Json = {"name": name}
        if node.value is not None:
            found[key] = node.value
        if node.shadow is not None:
            found[f"_{key}"] = node.shadow
        return found if len(found) > 1 else _said(name, ABSENT, "valueCode", "unknown")
    if isinstance(node.value, Mapping):
        parts: list[Json] = []
        for json, value in node.value.items():
            known = type_.properties.get(json)
            if known is not None:
                member, of_type = known
                parts += [
                    _parameter(member.name, each) for each in child_nodes(value, node.value.get(f"_{json}"), of_type)
                ]
        return {"name": name, "part": parts} if parts else _said(name, EMPTY_TUPLE, "valueBoolean", True)
    return {"name": name, **element(node.value)}


@cache
def _open_types() -> frozenset[str]:
    """The names that `value[x]` of a parameter may have (R4 datatypes.html#open)."""
    return frozenset(definitions.type_definition("Parameters.parameter").elements["value"].json_names)


def element(value: Any) -> Json:
    """A value as a choice element: `{"valueInteger": 5}`. For System values but lists and tuples; not for null.

    Raises TypeError for a value that no FHIR type stands for.
    """
    match value:
        case bool():
            return {"valueBoolean": value}
        case Long():
            return {"valueString": str(int(value))}
        case int():
            return {"valueInteger": value} if value in _INTEGERS else {"valueString": str(value)}
        case Decimal():
            return {"valueDecimal": value}
        case str():
            return {"valueString": value}
        case Date():
            return {"valueDate": str(value)}
        case DateTime():
            return {"valueDateTime": date_time(value)}
        case Time():
            return {"valueTime": _clock(value)}
        case Quantity():
            return {"valueQuantity": quantity(value)}
        case Ratio():
            return {"valueRatio": {"numerator": quantity(value.numerator), "denominator": quantity(value.denominator)}}
        case Code():
            return {"valueCoding": coding(value)}
        case Concept():
            return {"valueCodeableConcept": concept(value)}
        case ValueSet() | CodeSystem():
            return {"valueCanonical": value.id if value.version is None else f"{value.id}|{value.version}"}
        case Interval():
            return _interval(value)
    raise TypeError(f"a {type(value).__name__} is no value that FHIR has a type for")


def coding(code: Code) -> Json:
    """A Code as a Coding."""
    parts = {"system": code.system, "version": code.version, "code": code.code, "display": code.display}
    return {key: value for key, value in parts.items() if value is not None}


def concept(value: Concept) -> Json:
    """A Concept as a CodeableConcept."""
    found: Json = {"coding": [coding(each) for each in value.codes]} if value.codes else {}
    if value.display is not None:
        found["text"] = value.display
    return found or {"extension": [{"url": ABSENT, "valueCode": "unknown"}]}


def quantity(value: Quantity) -> Json:
    """A Quantity with its unit as a UCUM code, or as a calendar duration."""
    found: Json = {"value": value.value}
    if value.unit:
        found |= {"unit": value.unit, "system": CALENDAR if value.calendar else UCUM, "code": value.unit}
    return found


def date_time(value: DateTime) -> str:
    """A DateTime as FHIR writes it: with hours come minutes, seconds and the offset (R4 datatypes.html#dateTime)."""
    if value.hour is None:
        return str(Date(value.year, value.month, value.day))
    second = Decimal(0) if value.second is None else value.second
    offset = value.offset or 0
    whole = DateTime(value.year, value.month, value.day, value.hour, value.minute or 0, second, offset)
    return str(whole)


def _clock(value: Time) -> str:
    return str(Time(value.hour, value.minute or 0, Decimal(0) if value.second is None else value.second))


def _interval(interval: Interval) -> Json:
    """A Period or a Range, whose ends belong to it: an open end moves one step inwards, an unknown one is left out."""
    low, high = interval.low, interval.high
    if low is not None and not interval.low_closed:
        low = successor(low)
    if high is not None and not interval.high_closed:
        high = predecessor(high)
    ends = {"low": low, "high": high}
    if any(isinstance(end, Date | DateTime | Time) for end in (low, high)) or interval.point in (
        "Date",
        "DateTime",
        "Time",
    ):
        names = {"low": "start", "high": "end"}
        return {"valuePeriod": {names[key]: _moment(end) for key, end in ends.items() if end is not None}}
    return {"valueRange": {key: _amount(end) for key, end in ends.items() if end is not None}}


def _moment(value: Date | DateTime | Time) -> str:
    match value:
        case Date():
            return str(value)
        case DateTime():
            return date_time(value)
    # A Period has no times of day: they lie on the first of all days.
    return f"0001-01-01T{_clock(value)}Z"


def _amount(value: Any) -> Json:
    return quantity(value) if isinstance(value, Quantity) else {"value": Decimal(value)}
