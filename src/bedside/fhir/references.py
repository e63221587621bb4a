"""What a resource points to: every Reference in it, and how to change them.

The walk is driven by tables built from the definitions, one per type, that hold only the properties worth
visiting; it looks into extensions, the shadows of primitives and contained resources, but not into the entries
of a Bundle or the resources of Parameters, whose references are their own. It never fails on a resource that
is malformed: what is not where R4 has it is passed over.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from threading import RLock
from typing import Any, Literal

import msgspec

from bedside.fhir.bindings import reference_type
from bedside.fhir.definitions import Element, has_shadow, is_primitive_type, is_resource_type, type_definition
from bedside.fhir.outcome import step

__all__ = ["Kind", "Link", "locate", "reference_type", "references", "rewrite"]

Kind = Literal["reference", "uri", "narrative"]
Replace = Callable[[str, Kind], str | None]

# Types whose values a transaction rewrites; canonicals are left alone (see `rewrite`).
_URIS = {"uri", "url", "oid", "uuid"}
_HREF = re.compile(r"""(<(?:a|img)\s(?:[^>]*?\s)?(?:href|src)\s*=\s*)(["'])(.*?)\2""", re.IGNORECASE | re.DOTALL)


class Link(msgspec.Struct, frozen=True, eq=False, gc=False):
    """One Reference in a resource."""

    resource: dict[str, Any]
    """The outermost resource, in which `path` is looked up."""
    value: dict[str, Any]
    """The Reference itself, the very dict that is in the resource."""
    element: Element
    """The element it is a value of; `element.targets` are the types it may lead to (empty: any)."""

    @property
    def text(self) -> str | None:
        """`Reference.reference`, as in `Patient/1`; None for a logical reference."""
        found = self.value.get("reference")
        return found if isinstance(found, str) else None

    @property
    def path(self) -> str:
        """Where it is, as FHIRPath: `Observation.performer[1]`. Looked for when asked, so not free."""
        return locate(self.resource, self.value) or self.element.path


# A handler is called with the object that holds a property, the property's name and value, and the sink that
# the walk was started with: a list to append to, or the function that replaces.
_Handler = Callable[[dict[str, Any], str, Any, Any], None]
_Table = dict[str, _Handler]


def references(resource: dict[str, Any]) -> list[Link]:
    """Every Reference in a resource, in document order, those in contained resources included.

    Empty when the resource has no known resourceType.
    """
    sink: list[tuple[dict[str, Any], Element]] = []
    _collecting.walk(resource, sink)
    return [Link(resource, value, element) for value, element in sink]


def rewrite(resource: dict[str, Any], replace: Replace) -> None:
    """Change the links of a resource in place, as a transaction must when it gives entries their ids.

    `replace(text, kind)` is called with the text of each Reference, each value of type uri, url, oid or uuid,
    and each `<a href>` and `<img src>` in narrative; it returns the new text, or None to leave it. Canonicals
    are not offered: "Elements of type canonical are not replaced"
    (https://hl7.org/fhir/R4/http.html#trules).
    """
    _rewriting.walk(resource, replace)


class _Walker:
    """The tables of one kind of walk, built type by type as they are needed."""

    def __init__(self, rewriting: bool):
        self.rewriting = rewriting
        self.ready: dict[str, _Table] = {}
        self.tables: dict[str, _Table] = {}
        self.lock = RLock()

    def walk(self, resource: Any, sink: Any) -> None:
        name = resource.get("resourceType") if isinstance(resource, dict) else None
        if not isinstance(name, str):
            return
        table = self.ready.get(name)
        if table is None:
            if not is_resource_type(name):
                return
            with self.lock:  # a table is seen by others only when it is complete
                table = self.ready[name] = self.table(name)
        for key, item in resource.items():
            handle = table.get(key)
            if handle is not None:
                handle(resource, key, item, sink)

    def table(self, name: str) -> _Table:
        """The handlers of a type by property; properties that can lead nowhere are not in it."""
        table = self.tables.get(name)
        if table is None:
            table = self.tables[name] = {}
            for key, (element, type_name) in type_definition(name).properties.items():
                if has_shadow(element, type_name):
                    table["_" + key] = self.objects("Element", element.many)
                if not is_primitive_type(type_name):
                    table[key] = self.complex(element, type_name)
                elif self.rewriting and type_name in _URIS:
                    table[key] = _replace_uris if element.many else _replace_uri
                elif self.rewriting and type_name == "xhtml":
                    table[key] = _replace_in_narrative
        return table

    def exits(self, name: str) -> frozenset[str] | None:
        """For a type such as Coding, which leads on only by extensions: the properties that have them."""
        properties = type_definition(name).properties.items()
        for key, (_, inner) in properties:
            rewritten = self.rewriting and (inner in _URIS or inner == "xhtml")
            if rewritten or not (key == "extension" or is_primitive_type(inner)):
                return None
        return frozenset(["extension", *("_" + key for key, found in properties if has_shadow(*found))])

    def complex(self, element: Element, name: str) -> _Handler:
        if name == "Resource":
            return self.contained if element.name == "contained" else _pass_over
        inner = self.objects(name, False)
        if name == "Reference":
            inner = _rewriting_reference(inner) if self.rewriting else _collecting_reference(inner, element)
            return _each(inner) if element.many else inner
        return self.objects(name, element.many)

    def contained(self, holder: dict[str, Any], key: str, item: Any, sink: Any) -> None:
        if item.__class__ is list:
            for one in item:
                self.walk(one, sink)

    def objects(self, name: str, many: bool) -> _Handler:
        """A handler that visits an object of a type, or an array of them."""
        table, exits = self.table(name), self.exits(name)
        return _visit_array(table, exits) if many else _visit_one(table, exits)


def _visit_one(table: _Table, exits: frozenset[str] | None) -> _Handler:
    def handle(holder: dict[str, Any], key: str, item: Any, sink: Any) -> None:
        if item.__class__ is dict and (exits is None or not exits.isdisjoint(item)):
            for name, value in item.items():
                inner = table.get(name)
                if inner is not None:
                    inner(item, name, value, sink)

    return handle


def _visit_array(table: _Table, exits: frozenset[str] | None) -> _Handler:
    def handle(holder: dict[str, Any], key: str, item: Any, sink: Any) -> None:
        if item.__class__ is list:
            for one in item:
                if one.__class__ is dict and (exits is None or not exits.isdisjoint(one)):
                    for name, value in one.items():
                        inner = table.get(name)
                        if inner is not None:
                            inner(one, name, value, sink)

    return handle


def _each(one: _Handler) -> _Handler:
    def handle(holder: dict[str, Any], key: str, item: Any, sink: Any) -> None:
        if item.__class__ is list:
            for value in item:
                one(holder, key, value, sink)

    return handle


def _pass_over(holder: dict[str, Any], key: str, item: Any, sink: Any) -> None:
    """Resources in a Bundle or in Parameters keep their references to themselves."""


def _collecting_reference(inner: _Handler, element: Element) -> _Handler:
    def handle(holder: dict[str, Any], key: str, item: Any, sink: Any) -> None:
        if item.__class__ is dict:
            sink.append((item, element))
            inner(holder, key, item, sink)

    return handle


def _rewriting_reference(inner: _Handler) -> _Handler:
    def handle(holder: dict[str, Any], key: str, item: Any, sink: Any) -> None:
        if item.__class__ is dict:
            text = item.get("reference")
            if text.__class__ is str and (new := sink(text, "reference")) is not None:
                item["reference"] = new
            inner(holder, key, item, sink)

    return handle


def _replace_uri(holder: dict[str, Any], key: str, item: Any, sink: Any) -> None:
    if item.__class__ is str and (new := sink(item, "uri")) is not None:
        holder[key] = new


def _replace_uris(holder: dict[str, Any], key: str, item: Any, sink: Any) -> None:
    if item.__class__ is list:
        for position, one in enumerate(item):
            if one.__class__ is str and (new := sink(one, "uri")) is not None:
                item[position] = new


def _replace_in_narrative(holder: dict[str, Any], key: str, item: Any, sink: Any) -> None:
    def replaced(match: re.Match[str]) -> str:
        new = sink(html.unescape(match[3]), "narrative")
        return match[0] if new is None else f"{match[1]}{match[2]}{html.escape(new)}{match[2]}"

    if item.__class__ is str and ("href" in item or "src" in item):
        holder[key] = _HREF.sub(replaced, item)


_collecting = _Walker(rewriting=False)
_rewriting = _Walker(rewriting=True)


def locate(resource: dict[str, Any], part: object) -> str | None:
    """The FHIRPath location of an object inside a resource (that very object, not an equal one), or None."""
    name = resource.get("resourceType")
    return _locate(resource, name, name, part) if isinstance(name, str) and is_resource_type(name) else None


def _locate(value: dict[str, Any], type_name: str, path: str, part: object) -> str | None:
    if value is part:
        return path
    properties = type_definition(type_name).properties
    for key, item in value.items():
        found = properties.get(key.removeprefix("_"))
        if found is None:
            continue
        element, inner = found
        if key.startswith("_"):
            inner = "Element"
        here = step(path, element.name) + f".ofType({found[1]})" * element.choice
        for position, one in enumerate(item if isinstance(item, list) else [item]):
            if isinstance(one, dict):
                kind = one.get("resourceType") if inner == "Resource" else inner
                if not isinstance(kind, str) or (inner == "Resource" and not is_resource_type(kind)):
                    continue
                place = f"{here}[{position}]" if isinstance(item, list) else here
                if (deeper := _locate(one, kind, place, part)) is not None:
                    return deeper
    return None
