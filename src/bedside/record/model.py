"""The values that go into the record and come out of it."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bedside.fhir import json

Resource = dict[str, Any]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Method(enum.IntEnum):
    """How a version came to be; the numbers are stored."""

    CREATE = 1
    UPDATE = 2
    DELETE = 3

    @property
    def http(self) -> str:
        """The HTTP verb that Bundle.entry.request.method shows for this version."""
        return ("POST", "PUT", "DELETE")[self - 1]


@dataclass(slots=True)
class Stored:
    """One version of one resource, as it lies in the record.

    `seq` is its place in the order of all commits, `updated` its instant in microseconds since the epoch (UTC), and
    `body` the canonical JSON with id and meta in place, or None when this version is a deletion.
    """

    type: str
    id: str
    rid: int
    version: int
    seq: int
    updated: int
    method: Method
    body: bytes | None

    @property
    def deleted(self) -> bool:
        return self.method is Method.DELETE

    @property
    def reference(self) -> str:
        """The relative reference, `Type/id`."""
        return f"{self.type}/{self.id}"

    @property
    def etag(self) -> str:
        """The weak ETag of this version, as RFC 9110 and FHIR write it: `W/"3"`."""
        return f'W/"{self.version}"'

    @property
    def instant(self) -> datetime:
        """When this version was written, in UTC."""
        return _EPOCH + timedelta(microseconds=self.updated)

    @property
    def resource(self) -> Resource:
        """The decoded resource; a fresh copy on every call. Raises ValueError for a deletion."""
        if self.body is None:
            raise ValueError(f"{self.reference} was deleted in version {self.version}")
        decoded: Resource = json.decode(self.body)
        return decoded


@dataclass(frozen=True, slots=True)
class Create:
    """Make a new resource; `if_none_exist` is a search query (`identifier=x|1`): when it matches one resource,
    that resource is the answer and nothing is written (R4 http.html#ccreate)."""

    resource: Resource
    if_none_exist: str | None = None
    full_url: str | None = None


@dataclass(frozen=True, slots=True)
class Update:
    """Write a resource under its own id (update, or create at that id), or, with `query`, wherever the
    query finds exactly one (R4 http.html#cond-update). `if_match` is the version that must be current."""

    type: str
    resource: Resource
    id: str | None = None
    query: str | None = None
    if_match: int | None = None
    if_none_match_any: bool = False
    full_url: str | None = None


@dataclass(frozen=True, slots=True)
class Patch:
    """Apply a JSON Patch (RFC 6902) to the current version of the resource found by id or by query."""

    type: str
    operations: Sequence[Mapping[str, Any]]
    id: str | None = None
    query: str | None = None
    if_match: int | None = None
    full_url: str | None = None


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete by id, or everything the query finds; several only when `multiple` says so."""

    type: str
    id: str | None = None
    query: str | None = None
    multiple: bool = False
    if_match: int | None = None
    full_url: str | None = None


Write = Create | Update | Patch | Delete


class Effect(enum.Enum):
    """What a write did."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"  # the content was already so; no version was made
    EXISTED = "existed"  # a conditional create found a match
    DELETED = "deleted"
    NOTHING = "nothing"  # a delete of what was not there


@dataclass(slots=True)
class Outcome:
    """The result of one write. `stored` is the version now current (the deletion, for a delete of something that
    was there), and `deleted` counts what a conditional delete removed."""

    effect: Effect
    stored: Stored | None
    deleted: int = 0


@dataclass(slots=True)
class Page:
    """A page of a history: versions newest first, and the cursor of the next page when there is one."""

    versions: list[Stored]
    next: str | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """Switches of a record; what each does stands in docs/record.md#settings."""

    check_structure: bool = True
    check_references: bool = True
    refuse_delete_of_referenced: bool = True
    update_creates: bool = True
    cache_megabytes: int = 64


@dataclass(slots=True)
class SearchResult:
    """A page of search results.

    `matches` in order, `included` without duplicates and without matches, `total` when it is known or was asked
    for, `next` the cursor parameter values of the next page, `self_params` the parameters that were understood, and
    `warnings` sentences on what was not.
    """

    matches: list[Stored]
    included: list[Stored] = field(default_factory=list)
    total: int | None = None
    next: str | None = None
    previous: str | None = None
    self_params: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    summary: str | None = None
    elements: tuple[str, ...] = ()
