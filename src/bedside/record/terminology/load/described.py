"""A release as a CodeSystem resource (https://hl7.org/fhir/R4/codesystem.html)."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

from bedside.record.terminology.load.build import About, Builder
from bedside.record.terminology.tables.bodies import ABSTRACT, INACTIVE

MOST_INSIDE = 1_000
"""A system of no more concepts is whole in its resource; of others the resource tells only that they are here."""

_TYPES = {"Code": "code", "Coding": "Coding", "Integer": "integer", "Boolean": "boolean", "DateTime": "dateTime",
          "Decimal": "decimal"}  # fmt: skip
_MEANINGS = {
    "parent": ("http://hl7.org/fhir/concept-properties#parent", "code", "What is directly above"),
    "inactive": ("http://hl7.org/fhir/concept-properties#inactive", "boolean", "Not in use any more"),
    "notSelectable": ("http://hl7.org/fhir/concept-properties#notSelectable", "boolean", "Only a heading"),
}


def described(about: About, builder: Builder) -> dict[str, Any]:
    """The resource of a release that is in `builder`; its id follows from URL and version."""
    found: dict[str, Any] = {
        "resourceType": "CodeSystem",
        "id": f"{about.kind}-" + blake2b(f"{about.url}|{about.version}".encode(), digest_size=10).hexdigest(),
        "url": about.url,
        "version": about.version,
        "name": about.name,
        "title": about.title,
        "status": "active",
        "publisher": about.publisher,
        "copyright": about.copyright,
        "caseSensitive": about.case_sensitive,
        "valueSet": about.value_set,
        "hierarchyMeaning": about.hierarchy,
        "compositional": True if about.kind == "snomed" else None,
        "content": "not-present",
        "count": len(builder),
        "language": about.language,
        "property": [
            {"code": code, "uri": uri, "type": kind, "description": text}
            for code, (uri, kind, text) in _MEANINGS.items()
        ],
    }
    types = builder.property_types()
    for code, kind in sorted(types.items()):
        said = about.properties.get(code)
        each = {"code": code, "type": _TYPES.get(kind, "string")}
        found["property"].append(each | ({"description": said[1]} if said else {}))
    if len(builder) <= MOST_INSIDE:
        found["content"] = "complete"
        found["concept"] = _concepts(builder)
    return {name: value for name, value in found.items() if value is not None}


def _concepts(builder: Builder) -> list[dict[str, Any]]:
    found = []
    for number, code in enumerate(builder.codes):
        each: dict[str, Any] = {"code": code}
        if text := builder.shown.get(number):
            each["display"] = text
        properties: list[dict[str, Any]] = [
            {"code": "parent", "valueCode": builder.codes[parent]} for parent in builder.closure.up.of(number)
        ]
        flags = builder.flags[number]
        if flags & INACTIVE:
            properties.append({"code": "inactive", "valueBoolean": True})
        if flags & ABSTRACT:
            properties.append({"code": "notSelectable", "valueBoolean": True})
        if properties:
            each["property"] = properties
        found.append(each)
    return found
