"""Parameters of a FHIR Parameters resource as CQL values: the way back of `to_fhir` (Using CQL with FHIR, "FHIR Type
Mapping"), led by the type that the library declares.

A parameter that is given several times is a list, one with parts a tuple.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from bedside.questions.cql import types as t
from bedside.questions.cql.operators.exact import INTEGER_MAX, INTEGER_MIN
from bedside.questions.cql.to_fhir import ABSENT, CALENDAR, CQL_TYPE, ELEMENT, EMPTY_LIST
from bedside.questions.cql.types import ChoiceType, DataType, IntervalType, ListType, NamedType, TupleType
from bedside.questions.cql.values import Code, Concept, Interval, Long, Ratio
from bedside.questions.data import DataNode
from bedside.questions.model import FHIR, UCUM
from bedside.questions.values import Date, DateTime, Quantity, Time

Json = dict[str, Any]


class Misfit(ValueError):
    """A parameter that is not of the type it should have; says what was wanted and what came."""


def value_of(given: Sequence[Json], type_: DataType, offset: int) -> Any:
    """The value of the parameters of one name, as a value of a type.

    `offset`, in minutes, goes to times without a zone. Raises Misfit.
    """
    if isinstance(type_, ListType):
        if len(given) == 1 and (_says(given[0], EMPTY_LIST) or _says(given[0], ABSENT)):
            return [] if _says(given[0], EMPTY_LIST) else None
        return [_one(each, type_.element, offset) for each in given]
    if len(given) != 1:
        raise Misfit(f"{type_} is wanted, and it is given {len(given)} times")
    return _one(given[0], type_, offset)


def type_of(given: Sequence[Json]) -> DataType:
    """The type that parameters of one name have by themselves: as cqf-cqlType says, else as their values are."""
    said = next(
        (e["valueString"] for each in given for e in each.get("extension", ()) if e.get("url") == CQL_TYPE), None
    )
    if said is not None and "Tuple" not in said:
        try:
            return t.parse_type(said)
        except (ValueError, IndexError):
            raise Misfit(f"{said!r} is not the name of a type") from None
    if len(given) > 1:
        return ListType(_own_type(given[0]))
    return _own_type(given[0])


_OWN: dict[str, DataType] = {
    **dict.fromkeys(("Boolean",), t.BOOLEAN),
    **dict.fromkeys(("Integer", "PositiveInt", "UnsignedInt"), t.INTEGER),
    "Decimal": t.DECIMAL,
    **dict.fromkeys(("String", "Code", "Uri", "Url", "Canonical", "Id", "Markdown", "Oid", "Uuid"), t.STRING),
    "Date": t.DATE,
    **dict.fromkeys(("DateTime", "Instant"), t.DATETIME),
    "Time": t.TIME,
    "Quantity": t.QUANTITY,
    "Ratio": t.RATIO,
    "Coding": t.CODE,
    "CodeableConcept": t.CONCEPT,
    "Period": IntervalType(t.DATETIME),
    "Range": IntervalType(t.QUANTITY),
}


def _own_type(parameter: Json) -> DataType:
    if "resource" in parameter:
        return NamedType("FHIR", parameter["resource"].get("resourceType", "Resource"))
    if "part" in parameter:
        groups = grouped(parameter["part"])
        return TupleType.of([(name, type_of(some)) for name, some in groups.items()])
    key, _ = _choice(parameter)
    if key is None:
        return t.ANY
    name = key.removeprefix("value")
    return _OWN.get(name) or NamedType("FHIR", name)


def grouped(parameters: Sequence[Json]) -> dict[str, list[Json]]:
    """Parameters by name, in their order. Raises Misfit for one without a name."""
    found: dict[str, list[Json]] = {}
    for each in parameters:
        name = each.get("name")
        if not isinstance(name, str):
            raise Misfit("a parameter has no name")
        found.setdefault(name, []).append(each)
    return found


def _one(parameter: Json, type_: DataType, offset: int) -> Any:
    if _says(parameter, ABSENT):
        return None
    match type_:
        case ListType():
            return value_of([part for part in parameter.get("part", ()) if part.get("name") == ELEMENT], type_, offset)
        case TupleType(elements=elements):
            return _tuple(parameter, dict(elements), offset)
        case IntervalType(point=point):
            return _interval(parameter, point, offset)
        case ChoiceType(alternatives=alternatives):
            for each in alternatives:
                try:
                    return _one(parameter, each, offset)
                except Misfit:
                    continue
            raise _misfit(parameter, type_)
        case NamedType(namespace="System", name="Any"):
            return _one(parameter, type_of([parameter]), offset)
        case NamedType(namespace="System", name=name):
            return _system(parameter, name, offset)
        case NamedType(name=name):
            return _model(parameter, name, type_)
    raise _misfit(parameter, type_)


def _tuple(parameter: Json, elements: dict[str, DataType], offset: int) -> dict[str, Any]:
    groups = grouped(parameter.get("part", ()))
    unknown = set(groups) - set(elements)
    if unknown:
        raise Misfit(f"it has no element {min(unknown)!r}; there are {', '.join(elements)}")
    return {name: value_of(groups[name], type_, offset) if name in groups else None for name, type_ in elements.items()}


def _model(parameter: Json, name: str, wanted: DataType) -> DataNode:
    """A FHIR type, or one of a model that stands for a FHIR type of the same name."""
    if "resource" in parameter:
        found = parameter["resource"]
        type_ = FHIR.find(found.get("resourceType", ""))
        if type_ is not None and (
            type_.name == name or name in ("Resource", "DomainResource") or FHIR.find(name) is None
        ):
            return DataNode(found, type_)
        raise _misfit(parameter, wanted)
    key, value = _choice(parameter)
    type_ = FHIR.find(name) or FHIR.find(name[0].lower() + name[1:])
    if key is None or type_ is None or key.removeprefix("value").lower() != type_.name.lower():
        raise _misfit(parameter, wanted)
    return DataNode(value, type_, parameter.get(f"_{key}"))


def _system(parameter: Json, name: str, offset: int) -> Any:
    key, value = _choice(parameter)
    reader = _READERS.get(name)
    if key is None or reader is None:
        raise _misfit(parameter, t.system(name))
    try:
        found = reader(key.removeprefix("value"), value, offset)
    except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError):
        found = None
    if found is None:
        raise _misfit(parameter, t.system(name))
    return found


def _choice(parameter: Json) -> tuple[str | None, Any]:
    for key, value in parameter.items():
        if key.startswith("value"):
            return key, value
    return None, None


def _says(parameter: Json, url: str) -> bool:
    return any(
        e.get("url") == url
        for key, value in parameter.items()
        if key.startswith("_value") and isinstance(value, dict)
        for e in value.get("extension", ())
    )


def _misfit(parameter: Json, wanted: DataType) -> Misfit:
    key, _ = _choice(parameter)
    came = key or ("a resource" if "resource" in parameter else "parts" if "part" in parameter else "nothing")
    return Misfit(f"{wanted} is wanted, not {came}")


# System types. Each reader gets the name of the FHIR type, its value and an offset; None when they do not fit.

_TEXTS = frozenset(("String", "Code", "Uri", "Url", "Canonical", "Id", "Markdown", "Oid", "Uuid"))
_COUNTS = frozenset(("Integer", "PositiveInt", "UnsignedInt"))


def _integer(kind: str, value: Any, offset: int) -> int | None:
    fits = kind in _COUNTS and type(value) is int and INTEGER_MIN <= value <= INTEGER_MAX
    return value if fits else None


def _long(kind: str, value: Any, offset: int) -> Long | None:
    return Long(value) if kind in _COUNTS or kind == "String" else None


def _decimal(kind: str, value: Any, offset: int) -> Decimal | None:
    return Decimal(value) if kind in _COUNTS or kind == "Decimal" else None


def _date(kind: str, value: Any, offset: int) -> Date | None:
    return Date.parse(value[:10]) if kind in ("Date", "DateTime", "Instant") else None


def _date_time(kind: str, value: Any, offset: int) -> DateTime | None:
    if kind not in ("Date", "DateTime", "Instant"):
        return None
    found = DateTime.parse(value)
    return found if found.offset is not None else with_offset(found, offset)


def with_offset(value: DateTime, offset: int) -> DateTime:
    """The same wall clock in a zone."""
    return DateTime(value.year, value.month, value.day, value.hour, value.minute, value.second, offset)


def _quantity(kind: str, value: Any, offset: int) -> Quantity | None:
    if kind not in ("Quantity", "Age", "Duration", "Distance", "Count") or value.get("comparator") is not None:
        return None
    calendar = value.get("system") == CALENDAR
    unit = value.get("code") if calendar or value.get("system") == UCUM else value.get("unit") or value.get("code")
    return Quantity(Decimal(value["value"]), unit or "1", calendar)


def _ratio(kind: str, value: Any, offset: int) -> Ratio | None:
    ends = [_quantity("Quantity", value[end], offset) for end in ("numerator", "denominator")]
    return Ratio(ends[0], ends[1]) if kind == "Ratio" and ends[0] is not None and ends[1] is not None else None


def _code(kind: str, value: Any, offset: int) -> Code | None:
    if kind == "CodeableConcept" and len(value.get("coding", ())) == 1:
        kind, value = "Coding", value["coding"][0]
    if kind == "Code":
        return Code(value)
    if kind != "Coding":
        return None
    return Code(value["code"], value.get("system"), value.get("version"), value.get("display"))


def _concept(kind: str, value: Any, offset: int) -> Concept | None:
    if kind == "Coding":
        kind, value = "CodeableConcept", {"coding": [value]}
    if kind != "CodeableConcept":
        return None
    codes = [_code("Coding", each, offset) for each in value.get("coding", ())]
    return Concept(tuple(each for each in codes if each is not None), value.get("text"))


_READERS: dict[str, Callable[[str, Any, int], Any]] = {
    "Boolean": lambda kind, value, offset: value if kind == "Boolean" else None,
    "Integer": _integer,
    "Long": _long,
    "Decimal": _decimal,
    "String": lambda kind, value, offset: value if kind in _TEXTS else None,
    "Date": _date,
    "DateTime": _date_time,
    "Time": lambda kind, value, offset: Time.parse(value) if kind == "Time" else None,
    "Quantity": _quantity,
    "Ratio": _ratio,
    "Code": _code,
    "Concept": _concept,
}


def _interval(parameter: Json, point: DataType, offset: int) -> Interval:
    key, value = _choice(parameter)
    name = point.name if isinstance(point, NamedType) else "Any"
    if key == "valuePeriod" and name in ("Date", "DateTime", "Time"):
        ends = [value.get("start"), value.get("end")]
        kind = "DateTime"
        if name == "Time":
            ends, kind = [None if end is None else end.partition("T")[2][:12].rstrip("Z") for end in ends], "Time"
        found = [None if end is None else _system({f"value{kind}": end}, name, offset) for end in ends]
        return Interval(found[0], found[1], True, True, name)
    if key == "valueRange":
        amounts = [value.get("low"), value.get("high")]
        if name == "Quantity":
            found = [None if each is None else _system({"valueQuantity": each}, name, offset) for each in amounts]
        elif name in ("Integer", "Long", "Decimal"):
            kind = "Decimal" if name == "Decimal" else "Integer"
            numbers = [None if each is None else each.get("value") for each in amounts]
            whole = [int(n) if kind == "Integer" and n is not None and n == int(n) else n for n in numbers]
            found = [None if n is None else _system({f"value{kind}": n}, name, offset) for n in whole]
        else:
            raise _misfit(parameter, IntervalType(point))
        return Interval(found[0], found[1], True, True, name)
    raise _misfit(parameter, IntervalType(point))
