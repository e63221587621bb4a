"""Parts of resources: `_summary` (R4 search.html#summary) and `_elements` (search.html#elements).

What is left out is said: such a resource carries the tag SUBSETTED, so that nobody writes it back as if whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, cast

from bedside.api.errors import suggest
from bedside.fhir import definitions, json
from bedside.fhir.outcome import Invalid
from bedside.fhir.schema import Element
from bedside.record.model import Resource

Summary = Literal["true", "text", "data", "count", "false"]

_TAG = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "SUBSETTED",
    "display": "subsetted",
}
# Kept whatever is asked for: without them a resource cannot be identified, or not be trusted to mean what it says.
_ALWAYS = frozenset(("resourceType", "id", "meta", "implicitRules", "modifierExtension"))


@dataclass(frozen=True, slots=True)
class Subset:
    """What of a resource is wanted. `elements` are names as a client gave them: `name` or `Patient.name`."""

    summary: Summary = "false"
    elements: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """True when nothing is left out."""
        return self.summary == "false" and not self.elements

    def encoded(self, body: bytes) -> bytes:
        """The wanted part of an encoded resource, encoded."""
        return body if self.whole else json.encode(self.of(json.decode_object(body)))

    def of(self, resource: Resource) -> Resource:
        """The wanted part of a resource, tagged; the resource itself when everything is wanted.

        A type that R4 does not have is left whole.
        """
        name = resource.get("resourceType", "")
        if self.whole or not definitions.is_resource_type(name):
            return resource
        if self.elements:
            found = _select(resource, name, _wanted(name, self.elements))
        elif self.summary == "text":
            found = _select(resource, name, frozenset(("text",)))
        elif self.summary == "data":
            found = {key: value for key, value in resource.items() if key != "text"}
        else:
            found = _summarise(resource, name)
        return _tagged(found)


def parse_subset(summary: str | None, elements: str | None) -> Subset:
    """What `_summary` and `_elements` ask for, where a single resource is the answer.

    Raises Invalid for a word that `_summary` does not have, for `count`, which counts search results, and when both
    leave something out.
    """
    if summary is not None and summary not in ("true", "text", "data", "false"):
        if summary == "count":
            raise Invalid("_summary=count counts what a search finds; this is not a search.", code="value")
        raise Invalid(f"_summary must be true, text, data or false, not {summary!r}.", code="value")
    names = tuple(name.strip() for name in (elements or "").split(",") if name.strip())
    if names and summary not in (None, "false"):
        raise Invalid("_summary and _elements both choose what to leave out; give one of them.")
    return Subset(cast("Summary", summary or "false"), names)


def check_elements(name: str, elements: Iterable[str]) -> None:
    """Refuse elements that a type does not have, so that a slip does not look like missing data."""
    known = definitions.type_definition(name).elements
    for element in elements:
        prefix, dot, own = element.rpartition(".")
        if dot and prefix != name:
            continue
        if own.removesuffix("[x]") not in known and own not in definitions.type_definition(name).properties:
            raise Invalid(f"{name} has no element {own!r}.{suggest(own, known)}", code="value")


def _wanted(name: str, elements: Sequence[str]) -> frozenset[str]:
    """FHIRPath names of the top-level elements that were asked for of this type."""
    properties = definitions.type_definition(name).properties
    found = set()
    for element in elements:
        prefix, dot, own = element.rpartition(".")
        if not dot or prefix == name:
            own = own.removesuffix("[x]")
            found.add(properties[own][0].name if own in properties else own)
    return frozenset(found)


def _select(resource: Resource, name: str, wanted: frozenset[str]) -> Resource:
    """The wanted elements of a resource and those that it must have."""
    properties = definitions.type_definition(name).properties
    found: Resource = {}
    for key, value in resource.items():
        if key in _ALWAYS:
            found[key] = value
            continue
        known = properties.get(key.removeprefix("_"))
        if known is not None and (known[0].name in wanted or known[0].min > 0):
            found[key] = value
    return found


@cache
def _summary_elements(name: str) -> dict[str, tuple[Element, str]]:
    """JSON name -> element and its type, of what a summary of this type shows."""
    return {
        key: (element, kind)
        for key, (element, kind) in definitions.type_definition(name).properties.items()
        if element.summary or element.min > 0 or key in _ALWAYS
    }


def _summarise(value: dict[str, Any], name: str) -> dict[str, Any]:
    """The summary elements of a resource or of a value of a data type, at every depth."""
    elements = _summary_elements(name)
    found: dict[str, Any] = {}
    for key, inner in value.items():
        if key == "resourceType":
            found[key] = inner
        elif (known := elements.get(key)) is not None:
            part = inner if key in _ALWAYS else _inside(inner, known[1])
            if part or part is False or part == 0:
                found[key] = part
            elif known[0].min > 0:
                found[key] = inner  # nothing of it is in a summary, and yet it must be there
        elif key[0] == "_" and (known := elements.get(key[1:])) is not None and _missing(value.get(key[1:]), known[0]):
            found[key] = inner  # why the value is missing, where the value itself cannot be shown
    return found


def _missing(value: Any, element: Element) -> bool:
    """Whether what stands beside a primitive value must stay: there is no value, or not everywhere in its array."""
    return value is None or element.min > 0 or (isinstance(value, list) and None in value)


def _inside(value: Any, kind: str) -> Any:
    """The summary of a value of some type; empty when nothing of it belongs there."""
    if isinstance(value, list):
        return [part for part in (_inside(each, kind) for each in value) if part != {}]
    if not isinstance(value, dict):
        return value
    if kind == "Resource":
        kind = value.get("resourceType", "")
        return _summarise(value, kind) if definitions.is_resource_type(kind) else value
    return _summarise(value, kind)


def _tagged(resource: Resource) -> Resource:
    meta = resource.get("meta", {})
    tags = meta.get("tag", [])
    if any(tag.get("code") == "SUBSETTED" for tag in tags):
        return resource
    tagged = {**meta, "tag": [*tags, _TAG]}
    if "meta" in resource:
        return {**resource, "meta": tagged}
    head: Resource = {key: resource[key] for key in ("resourceType", "id") if key in resource}
    return head | {"meta": tagged} | resource
