"""From the bytes of a part to the writes in it.

A resource keeps the id that its source gave it, so that loading a file again changes nothing and references between
files find each other: the `id` itself, else the UUID of an `urn:uuid` fullUrl, else a new one. Only an entry with a
condition, a DELETE or a PATCH is left to the planner of transactions.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bedside.fhir import definitions, json
from bedside.fhir.outcome import FhirError, Invalid
from bedside.record.load.rejects import Reject
from bedside.record.load.sources import Broken, Part, documents
from bedside.record.model import Create, Delete, Resource, Update, Write

_URN = b"urn:uuid:"
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")


@dataclass(slots=True)
class Entry:
    """One resource to be written under its id, and where it stood."""

    place: str
    resource: Resource
    full_url: str | None = None


@dataclass(slots=True)
class Conditional:
    """One write that needs a search or removes something; done by itself after the plain entries of its part."""

    place: str
    write: Write
    resource: Resource | None


@dataclass(slots=True)
class Block:
    """What was together in the source: a bundle, or a run of lines. References by fullUrl hold within it."""

    entries: list[Entry]
    conditionals: list[Conditional]
    mentions: int | None = None
    """How often `urn:uuid:` occurs in the text; None when it was not counted."""


def read(part: Part, rejects: list[Reject]) -> Iterator[Block]:
    """The blocks of a part; what cannot be read goes to `rejects`."""
    for document in documents(part):
        if isinstance(document, Broken):
            rejects.append(Reject.of(document.source, None, f"The file was not loaded: {document.reason}."))
            continue
        name, data = document
        try:
            found = json.decode(data)
        except FhirError as error:
            rejects.append(Reject.of(name, None, error))
            continue
        block = _document(found, name, rejects)
        block.mentions = data.count(_URN)
        yield block
    if part.lines:
        yield _lines(part, rejects)


def _lines(part: Part, rejects: list[Reject]) -> Block:
    block = Block([], [])
    source = part.source.split(" ")[0]
    for number, line in enumerate(part.lines.split(b"\n"), part.line):
        if not line.strip():
            continue
        place = f"{source}:{number}"
        try:
            found = json.decode(line)
        except FhirError as error:
            rejects.append(Reject.of(place, line.decode(errors="replace"), error))
            continue
        inner = _document(found, place, rejects)
        block.entries += inner.entries
        block.conditionals += inner.conditionals
    return block


def _document(found: Any, place: str, rejects: list[Reject]) -> Block:
    block = Block([], [])
    if isinstance(found, list):
        for position, each in enumerate(found):
            _entry({"resource": each}, f"{place}[{position}]", block, rejects)
    elif not isinstance(found, dict) or "resourceType" not in found:
        rejects.append(Reject.of(place, found, "This is not a FHIR resource: it has no resourceType."))
    elif found["resourceType"] == "Bundle" and found.get("type") in _TAKEN_APART:
        for position, entry in enumerate(found.get("entry") or ()):
            _entry(entry, f"{place}#{position}", block, rejects)
    else:
        _entry({"resource": found}, place, block, rejects)
    return block


# Documents and messages are resources in their own right (R4 bundle.html#bundle-unique); the others only carry some.
_TAKEN_APART = ("transaction", "batch", "collection", "searchset", "history", "batch-response", "transaction-response")


def _entry(entry: Any, place: str, block: Block, rejects: list[Reject]) -> None:
    resource = entry.get("resource") if isinstance(entry, dict) else None
    request = entry.get("request") if isinstance(entry, dict) else None
    method, url = (request.get("method", "PUT"), request.get("url", "")) if isinstance(request, dict) else ("PUT", "")
    try:
        if method in ("GET", "HEAD"):
            return
        if method == "DELETE":
            block.conditionals.append(Conditional(place, _delete(url), None))
            return
        if method == "PATCH":
            raise Invalid("A patch cannot be loaded; load the resource itself.", code="not-supported")
        name, resource = _check_type(resource)
        if isinstance(request, dict) and request.get("ifNoneExist"):
            write: Write = Create(resource, request["ifNoneExist"], entry.get("fullUrl"))
            block.conditionals.append(Conditional(place, write, resource))
            return
        if "?" in url:
            write = Update(name, resource, query=url.split("?", 1)[1], full_url=entry.get("fullUrl"))
            block.conditionals.append(Conditional(place, write, resource))
            return
        full_url = entry.get("fullUrl")
        if not isinstance(resource.get("id"), str) or not _ID.fullmatch(resource["id"]):
            resource["id"] = _own_id(method, url, full_url)
        block.entries.append(Entry(place, resource, full_url if isinstance(full_url, str) else None))
    except FhirError as error:
        rejects.append(Reject.of(place, resource, error))


def _check_type(resource: Any) -> tuple[str, Resource]:
    name = resource.get("resourceType") if isinstance(resource, dict) else None
    if not isinstance(name, str) or not definitions.is_resource_type(name):
        raise Invalid(f"{name!r} is not a resource type of R4.", code="structure", path="resourceType")
    return name, resource


def _own_id(method: str, url: str, full_url: Any) -> str:
    if method == "PUT" and "/" in url:
        return url.rsplit("/", 1)[1]
    if isinstance(full_url, str):
        tail = full_url.removeprefix("urn:uuid:") if full_url.startswith("urn:uuid:") else full_url.rsplit("/", 1)[-1]
        if _ID.fullmatch(tail) and not full_url.startswith("urn:oid:"):
            return tail
    return str(uuid.uuid4())


def _delete(url: str) -> Delete:
    name, mark, query = url.partition("?")
    if mark:
        return Delete(name, query=query, multiple=True)
    name, _, id_ = url.partition("/")
    if not definitions.is_resource_type(name) or not id_:
        raise Invalid("The entry says DELETE but not of what.", code="structure")
    return Delete(name, id_)
