"""FHIR XML to the JSON form of a resource, for test inputs that come as XML (https://hl7.org/fhir/R4/xml.html).

Types come from the definitions: they say what repeats, what is a number and what is a choice.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from decimal import Decimal
from pathlib import Path
from typing import Any

from bedside.fhir.definitions import type_definition

FHIR = "{http://hl7.org/fhir}"
XHTML = "http://www.w3.org/1999/xhtml"

_INTEGERS = {"integer", "positiveInt", "unsignedInt"}


def read_resource(path: Path) -> dict[str, Any]:
    """The resource in an XML file, as the JSON reader would have given it."""
    return resource(ET.parse(path).getroot())


def resource(element: ET.Element) -> dict[str, Any]:
    name = _local(element)
    return {"resourceType": name, **_object(element, name)}


def _local(element: ET.Element) -> str:
    return element.tag.split("}")[-1]


def _object(element: ET.Element, type_name: str) -> dict[str, Any]:
    properties = type_definition(type_name).properties
    found: dict[str, Any] = {name: value for name, value in element.attrib.items() if name in ("id", "url")}
    for child in element:
        if not isinstance(child.tag, str):
            continue
        name = _local(child)
        definition, child_type = properties[name]
        value, shadow = _value(child, child_type)
        if definition.many:
            index = len(found.setdefault(name, []))
            found[name].append(value)
            if shadow is not None or "_" + name in found:
                beside = found.setdefault("_" + name, [])
                beside.extend([None] * (index + 1 - len(beside)))
                beside[index] = shadow
            continue
        if value is not None:
            found[name] = value
        if shadow is not None:
            found["_" + name] = shadow
    return found


def _value(element: ET.Element, type_name: str) -> tuple[Any, dict[str, Any] | None]:
    """JSON value and, for a primitive, what stands beside it."""
    if type_name == "Resource":
        return resource(element[0]), None
    if type_name == "xhtml":
        ET.register_namespace("", XHTML)
        return ET.tostring(element, encoding="unicode").strip(), None
    if type_definition(type_name).kind != "primitive":
        return _object(element, type_name), None
    shadow: dict[str, Any] = {"id": element.attrib["id"]} if "id" in element.attrib else {}
    extensions = [_object(child, "Extension") for child in element]
    if extensions:
        shadow["extension"] = extensions
    text = element.attrib.get("value")
    return None if text is None else _primitive(text, type_name), shadow or None


def _primitive(text: str, type_name: str) -> Any:
    if type_name == "boolean":
        return text == "true"
    if type_name in _INTEGERS:
        return int(text)
    return Decimal(text) if type_name == "decimal" else text
