"""A whole resource as named values, in the order of the specification: nothing of it is left out but its narrative."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bedside.fhir import definitions
from bedside.fhir.schema import Element
from bedside.web.readable import labels, narrative, ranges
from bedside.web.readable.parts import Json, items
from bedside.web.readable.shapes import (
    Between,
    Coded,
    Column,
    Exact,
    Field,
    Group,
    Link,
    Measure,
    Prose,
    Table,
    Text,
    Value,
    When,
)
from bedside.web.readable.values import Values

_DEEPEST = 24
_MOST_COLUMNS = 4
_SMALL = (Text, Coded, Measure, When, Between, Link, Exact)
# The page shows these elsewhere, or in its own way.
_SHOWN_ABOVE = frozenset(("resourceType", "id", "meta", "text", "implicitRules", "language"))


def fields(values: Values, resource: Json) -> tuple[Field, ...]:
    """Every element of a resource but its identity, meta and narrative."""
    name = str(resource.get("resourceType", ""))
    if not definitions.is_resource_type(name):
        return ()
    return _fields(values, name, {k: v for k, v in resource.items() if k not in _SHOWN_ABOVE}, 0)


def _fields(values: Values, type_name: str, holder: Json, depth: int) -> tuple[Field, ...]:
    """The elements of one object in the order of the specification, then what R4 does not know, then extensions."""
    found: list[Field] = []
    properties = definitions.type_definition(type_name).properties
    # Contained resources come last among the elements: what holds them is what one looks for.
    for json_name, (element, element_type) in sorted(properties.items(), key=lambda pair: pair[0] == "contained"):
        shadow = holder.get("_" + json_name)
        if json_name in holder or shadow is not None:
            found += _field(values, element, element_type, holder.get(json_name), shadow, holder, depth)
    for json_name, content in holder.items():
        if (
            json_name not in properties
            and json_name.removeprefix("_") not in properties
            and json_name != "resourceType"
        ):
            found += _unknown(values, json_name, content)
    for item in items(holder.get("extension")):
        found += _extension(values, item, depth)
    return tuple(found)


def _field(
    values: Values, element: Element, type_name: str, content: Any, shadow: Any, holder: Json, depth: int
) -> list[Field]:
    if element.name == "extension":
        return []
    if element.name == "modifierExtension":
        return [each for item in items(content) for each in _extension(values, item, depth)]
    if element.name == "id" and depth:
        return []  # an element's id is for machines to point at
    shapes: list[Value] = []
    extra: list[Field] = []
    shadows = items(shadow)
    contents = items(content)
    for place in range(max(len(contents), len(shadows))):
        item = contents[place] if place < len(contents) else None
        beside = shadows[place] if place < len(shadows) else None
        if item is not None:
            shape = _shape(values, type_name, item, holder, depth)
        else:
            shape = values.absent(beside)
        if shape is not None:
            shapes.append(shape)
        if isinstance(beside, Mapping):
            extra += [e for x in items(beside.get("extension")) for e in _extension(values, x, depth, item is None)]
    label, foreign = labels.element_name(values.words, element.name, type_name)
    if isinstance(content, Mapping) and values.has(type_name):
        extra += [e for x in items(content.get("extension")) for e in _extension(values, x, depth)]
    if not shapes:
        return extra
    if table := _table(shapes):
        shapes = [table]
    return [Field(label, element.name, tuple(shapes), foreign), *extra]


def _table(shapes: list[Value]) -> Table | None:
    """Repeated groups of a few single values as a table, such as the components of a blood pressure; else None."""
    groups = [shape for shape in shapes if isinstance(shape, Group) and not shape.title]
    if len(groups) < 2 or len(groups) < len(shapes):
        return None
    columns: dict[str, Column] = {}
    for field in (field for group in groups for field in group.fields):
        if len(field.values) > 1 or field.source or not isinstance(field.values[0], _SMALL):
            return None
        numbers = isinstance(field.values[0], Measure)
        known = columns.get(field.name)
        columns[field.name] = Column(
            field.label, field.name, field.foreign, numbers and (known is None or known.numbers)
        )
    if len(columns) > _MOST_COLUMNS:
        return None
    rows = [{field.name: field.values[0] for field in group.fields} for group in groups]
    return Table(tuple(columns.values()), tuple(tuple(row.get(name) for name in columns) for row in rows))


def _shape(values: Values, type_name: str, item: Any, holder: Json, depth: int) -> Value | None:
    if type_name == "Resource" and isinstance(item, Mapping):
        return _inner_resource(values, item, depth)
    if type_name == "Narrative" and isinstance(item, Mapping):
        safe = narrative.sanitise(str(item.get("div", "")))
        return Prose(safe, markup=True) if safe else None
    if not isinstance(item, Mapping) or values.has(type_name):
        # An observed value carries the flag that its observation or component says about it.
        flag = ranges.flag(values.words, holder) if holder.get("valueQuantity") is item else None
        return values.value(type_name, item, flag=flag)
    if depth >= _DEEPEST:
        return Text("…")
    return _grouped(_fields(values, type_name, item, depth + 1))


def _grouped(inner: tuple[Field, ...]) -> Value | None:
    """Fields as a group under its own title; nothing but a value (an answer, say) as that value."""
    if not inner:
        return None
    if len(inner) == 1 and inner[0].name == "value" and len(inner[0].values) == 1 and not inner[0].source:
        return inner[0].values[0]
    for field in inner:
        if field.name == "title" and isinstance(field.values[0], Text):
            return Group(tuple(each for each in inner if each is not field), field.values[0].text)
    return Group(inner)


def _inner_resource(values: Values, item: Json, depth: int) -> Value | None:
    name = str(item.get("resourceType", ""))
    if not definitions.is_resource_type(name) or depth >= _DEEPEST:
        return None
    kept = {key: value for key, value in item.items() if key not in ("text", "meta")}
    title = labels.type_name(values.words, name)
    return Group(_fields(values, name, kept, depth + 1), f"{title} {item['id']}" if item.get("id") else title)


def _extension(values: Values, item: Any, depth: int, absent_shown: bool = False) -> list[Field]:
    """An extension under the last part of its address, made into words."""
    if not isinstance(item, Mapping) or depth >= _DEEPEST:
        return []
    address = str(item.get("url", ""))
    if absent_shown and address.endswith("/data-absent-reason"):
        return []
    name = address.rstrip("/").rsplit("/", 1)[-1].rsplit(":", 1)[-1] or "extension"
    label, foreign = labels.element_name(values.words, name.replace("-", " ") if "-" in name else name)
    shapes: list[Value] = []
    properties = definitions.type_definition("Extension").properties
    for json_name, content in item.items():
        if json_name in ("url", "id", "extension") or json_name not in properties:
            continue
        shape = _shape(values, properties[json_name][1], content, item, depth + 1)
        if shape is not None:
            shapes.append(shape)
    inner = tuple(each for part in items(item.get("extension")) for each in _extension(values, part, depth + 1))
    if inner:
        shapes.append(Group(inner))
    return [Field(label, name, tuple(shapes), foreign, address)] if shapes else []


def _unknown(values: Values, name: str, content: Any) -> list[Field]:
    """What R4 does not know, shown as it stands: a record that was not checked may hold it."""
    label, _ = labels.element_name(values.words, name)
    shapes: list[Value] = []
    for item in items(content):
        if isinstance(item, Mapping | list):
            shapes.append(Exact("…"))
        else:
            shape = values.value("string", item)
            if shape is not None:
                shapes.append(shape)
    return [Field(label, name, tuple(shapes), True)] if shapes else []


def group(values: Values, type_name: str, found: Json) -> tuple[Field, ...]:
    """The elements of one value of a complex type, such as a Meta."""
    return _fields(values, type_name, found, 1)
