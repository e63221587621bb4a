"""Libraries of the record on the page: opened, and saved back as Library resources once their text is right."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

from bedside.fhir.outcome import Conflict, FhirError, Invalid, NotFound
from bedside.questions.cql.parser import parse_library
from bedside.record.libraries import CQL, cql_of
from bedside.record.model import Create, Update
from bedside.record.record import Record

_MOST = 100
_TYPE = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/library-type", "code": "logic-library"}]}


@dataclass(frozen=True, slots=True)
class Kept:
    """A Library of the record that has CQL in it."""

    id: str
    version: int
    """Of the resource in the record."""
    name: str
    title: str
    status: str
    text: str


def kept(record: Record) -> list[Kept]:
    """The Libraries with CQL, those that were changed last first."""
    found = record.search("Library", [("_sort", "-_lastUpdated"), ("_count", str(_MOST))]).matches
    read = (_kept(each.resource, each.version) for each in found)
    return [each for each in read if each is not None]


def opened(record: Record, id_: str) -> Kept:
    """One Library by its id. Raises NotFound when it is not there, or has no CQL."""
    stored = record.read("Library", id_)
    found = None if stored is None or stored.deleted else _kept(stored.resource, stored.version)
    if found is None:
        raise NotFound(f"There is no Library/{id_} with CQL in it.")
    return found


def _kept(resource: dict[str, Any], version: int) -> Kept | None:
    try:
        text = cql_of(resource)
    except FhirError:
        return None
    if text is None:
        return None
    name = str(resource.get("name", ""))
    number = str(resource.get("version", ""))
    label = f"{name} {number}".strip() or str(resource.get("id", ""))
    title = str(resource.get("title", ""))
    return Kept(str(resource.get("id", "")), version, label, title, str(resource.get("status", "")), text)


def save(record: Record, text: str, id_: str, version: str) -> Kept:
    """Write a text that is known to be right as a Library: a new one, or the next version of the one it came from.

    The Library has the name and version of the text's header. Raises Invalid for a text without a header, Conflict
    when another Library has that name and version, PreconditionFailed when somebody else changed it meanwhile.
    """
    definition, _ = parse_library(text)
    if not definition.name:
        raise Invalid("Only a library with a name can be saved: begin the text with library Name version '1.0.0'.")
    resource: dict[str, Any] = {"resourceType": "Library", "status": "draft", "type": _TYPE}
    before = None
    if id_:
        before = record.read("Library", id_)
        if before is None or before.deleted:
            raise NotFound(f"There is no Library/{id_} any more.")
        if before.resource.get("name") == definition.name:
            resource = dict(before.resource)
        else:
            before = None  # under another name it is another library
    _require_free(record, definition.name, definition.version, None if before is None else id_)
    attachment = {"contentType": CQL, "data": base64.b64encode(text.encode()).decode()}
    others = [each for each in resource.get("content", ()) if not _is_of_the_text(each)]
    resource |= {"name": definition.name, "content": [attachment, *others]}
    if definition.version is not None:
        resource["version"] = definition.version
    if before is None:
        [outcome] = record.write(Create(resource))
    else:
        match = int(version) if version.isdecimal() and len(version) < 10 else before.version
        [outcome] = record.write(Update("Library", resource, id=id_, if_match=match))
    assert outcome.stored is not None
    return opened(record, outcome.stored.id)


def _is_of_the_text(attachment: dict[str, Any]) -> bool:
    """Whether this is the CQL or a translation of it, which holds no more when the text has changed."""
    media = str(attachment.get("contentType", "")).partition(";")[0].strip()
    return media == CQL or "/elm+" in media


def _require_free(record: Record, name: str, version: str | None, own: str | None) -> None:
    for each in record.search("Library", [("name:exact", name), ("_count", "50")]).matches:
        if each.resource.get("version") == version and each.id != own:
            label = f"{name} {version or ''}".strip()
            raise Conflict(f"Library/{each.id} is {label} already. Change the version, or open that library.")
