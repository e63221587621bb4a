"""Bundles of results, put together from bodies that are JSON already: nothing that is shown whole is decoded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from msgspec import Raw

from bedside.api.links import link
from bedside.api.summary import Subset
from bedside.fhir import json
from bedside.fhir.outcome import Issue, operation_outcome
from bedside.record.model import Method, SearchResult, Stored

Parameters = Sequence[tuple[str, str]]
Links = Sequence[tuple[str, str]]
"""(relation, absolute URL)."""


def searchset(result: SearchResult, base: str, links: Links, subset: Subset, *, count_only: bool = False) -> bytes:
    """A page of search results (R4 search.html#return): matches, what was included, and warnings as an outcome."""
    entries: list[dict[str, Any]] = []
    if not count_only:
        entries = [_found(stored, base, "match", subset) for stored in result.matches]
        entries += [_found(stored, base, "include", subset) for stored in result.included]
    if result.warnings:
        issues = [Issue("warning", "not-supported", None, warning) for warning in result.warnings]
        entries.append({"resource": operation_outcome(issues), "search": {"mode": "outcome"}})
    return _bundle("searchset", result.total, links, entries)


def history(versions: Iterable[Stored], total: int | None, base: str, links: Links) -> bytes:
    """A page of a history (R4 http.html#history): each version with the request that made it."""
    return _bundle("history", total, links, [_version(stored, base) for stored in versions])


def _found(stored: Stored, base: str, mode: str, subset: Subset) -> dict[str, Any]:
    assert stored.body is not None, "a search finds no deletions"
    return {
        "fullUrl": f"{base}/{stored.type}/{stored.id}",
        "resource": Raw(subset.encoded(stored.body)),
        "search": {"mode": mode},
    }


def _version(stored: Stored, base: str) -> dict[str, Any]:
    entry: dict[str, Any] = {"fullUrl": f"{base}/{stored.type}/{stored.id}"}
    if stored.body is not None:
        entry["resource"] = Raw(stored.body)
    created = stored.method is Method.CREATE
    entry["request"] = {"method": stored.method.http, "url": stored.type if created else stored.reference}
    if stored.deleted:
        status = "204 No Content"
    else:
        status = "201 Created" if stored.version == 1 else "200 OK"
    entry["response"] = {"status": status, "etag": stored.etag, "lastModified": instant(stored.instant)}
    return entry


def _bundle(kind: str, total: int | None, links: Links, entries: list[dict[str, Any]]) -> bytes:
    bundle: dict[str, Any] = {
        "resourceType": "Bundle",
        "id": str(uuid4()),
        "meta": {"lastUpdated": instant(datetime.now(UTC))},
        "type": kind,
    }
    if total is not None:
        bundle["total"] = total
    bundle["link"] = [{"relation": relation, "url": url} for relation, url in links]
    if entries:
        bundle["entry"] = entries
    return json.encode(bundle)


def instant(moment: datetime) -> str:
    """A moment in UTC as a FHIR instant."""
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def page_links(
    base: str, path: str, own: Parameters, cursor: str, *, at: str | None, after: str | None, before: str | None = None
) -> list[tuple[str, str]]:
    """The links self, first, previous and next of a page whose parameter for the position is named `cursor`.

    `at` is the position of this page itself, None for the first.
    """

    def to(position: str | None) -> str:
        return link(base, path, [*own, (cursor, position)] if position is not None else own)

    found = [("self", to(at)), ("first", to(None))]
    if before is not None:
        found.append(("previous", to(before)))
    if after is not None:
        found.append(("next", to(after)))
    return found
