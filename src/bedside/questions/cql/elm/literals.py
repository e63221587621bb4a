"""Values as ELM: a Literal with its text, or the node that makes the value (Quantity, DateTime, Code, ...)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from bedside.questions.cql import tree, values
from bedside.questions.cql.elm.names import qualified
from bedside.questions.cql.typer.extents import EXTENTS
from bedside.questions.cql.types import DECIMAL, INTEGER, DataType, NamedType
from bedside.questions.values import Date, DateTime, Quantity, Time


def literal(value: Any, type_: DataType, code_systems: Mapping[str, str]) -> dict[str, Any]:
    """The node of a value. `code_systems` maps the ids of code systems to the names that the library gives them."""
    least, greatest = EXTENTS.get(type_, (None, None))
    if value is not None and (value is least or value is greatest):
        assert isinstance(type_, NamedType)
        return {"type": "MinValue" if value is least else "MaxValue", "valueType": qualified(type_)}
    match value:
        case Quantity():
            unit = value.unit if value.unit != "1" or value.calendar else "1"
            return {"type": "Quantity", "value": _number(value.value), "unit": unit}
        case values.Ratio():
            parts = {
                name: {"value": _number(each.value), "unit": each.unit}
                for name, each in (("numerator", value.numerator), ("denominator", value.denominator))
            }
            return {"type": "Ratio", **parts}
        case values.Code():
            return {"type": "Code", **_code(value, code_systems)}
        case values.Concept():
            found: dict[str, Any] = {"type": "Concept"}
            if value.display is not None:
                found["display"] = value.display
            return found | {"code": [_code(each, code_systems) for each in value.codes]}
        case Date():
            return {"type": "Date", **_parts(value.year, value.month, value.day)}
        case DateTime():
            found = {
                "type": "DateTime",
                **_parts(value.year, value.month, value.day, value.hour, value.minute, *_second(value.second)),
            }
            if value.offset is not None:
                offset = f"{Decimal(value.offset) / 60:f}"
                found["timezoneOffset"] = text(offset if "." in offset else offset + ".0", DECIMAL)
            return found
        case Time():
            return {"type": "Time", **_clock(value.hour, value.minute, *_second(value.second))}
    return text(_text(value), type_)


def text(value: str, type_: DataType) -> dict[str, Any]:
    assert isinstance(type_, NamedType)
    return {"type": "Literal", "valueType": qualified(type_), "value": value}


def _text(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case Decimal():
            return f"{value:f}"
    return str(value)


def _number(value: Decimal) -> Any:
    return int(value) if value == value.to_integral_value() and "." not in f"{value:f}" else value


def _second(second: Decimal | None) -> tuple[int | None, int | None]:
    """Whole seconds and milliseconds, the latter only where they were written."""
    if second is None:
        return None, None
    exponent = second.as_tuple().exponent
    return int(second), int(second * 1000) % 1000 if isinstance(exponent, int) and exponent < 0 else None


PARTS = ("year", "month", "day", "hour", "minute", "second", "millisecond")


def _parts(*parts: int | None) -> dict[str, Any]:
    return {name: text(str(part), INTEGER) for name, part in zip(PARTS, parts, strict=False) if part is not None}


def _clock(*parts: int | None) -> dict[str, Any]:
    return {name: text(str(part), INTEGER) for name, part in zip(PARTS[3:], parts, strict=False) if part is not None}


def _code(value: values.Code, code_systems: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {"code": value.code}
    if value.display is not None:
        found["display"] = value.display
    if value.system is not None:
        name, _, library = code_systems.get(value.system, value.system).partition("\0")
        found["system"] = {"name": name, "libraryName": library} if library else {"name": name}
    return found


def systems_of(library: tree.Library) -> dict[str, str]:
    """Ids of code systems -> their names in a library; of an included one with its alias after a NUL."""
    found = {
        each.id: f"{each.name}\0{alias}" for alias, of in library.includes.items() for each in of.code_systems.values()
    }
    return found | {each.id: each.name for each in library.code_systems.values()}
