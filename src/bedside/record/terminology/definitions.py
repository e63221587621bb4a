"""Definitions by canonical URL, read through the index of the store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bedside.fhir import json
from bedside.record import bodies
from bedside.record.model import Resource
from bedside.record.parameters import Registry
from bedside.record.session import Session
from bedside.record.values import indexed, normalise

KINDS = ("CodeSystem", "ValueSet", "ConceptMap", "NamingSystem")
CLOSURE = ("https://bedside.example/tags", "closure")
"""The tag of a ConceptMap that keeps a client's closure table."""

_LIVE = " JOIN resource r ON r.rid=k.rid JOIN version v ON v.seq=r.seq WHERE r.type=? AND r.clock IS NOT NULL"


@dataclass(frozen=True, slots=True)
class Found:
    """One current resource."""

    rid: int
    resource: Resource


def marks(session: Session, registry: Registry) -> tuple[int, ...]:
    """The newest version of each type of definition, in commit order: it changes whenever a definition does."""
    columns = ", ".join(
        f"(SELECT coalesce(max(seq), 0) FROM version WHERE type={registry.type_number(kind)})" for kind in KINDS
    )
    return tuple(session.rows(f"SELECT {columns}")[0])


def changed(
    session: Session, registry: Registry, kind: str, since: int, until: int, most: int
) -> list[tuple[int, Resource | None]] | None:
    """The versions of a type in (since, until], as (rid, resource); a deletion has None. None when more than `most`."""
    rows = session.rows(
        f"SELECT rid, body FROM version WHERE type=? AND seq>? AND seq<=? ORDER BY seq LIMIT {most + 1}",
        (registry.type_number(kind), since, until),
    )
    if len(rows) > most:
        return None
    return [(rid, None if body is None else _decoded(body)) for rid, body in rows]


def by_url(session: Session, registry: Registry, kind: str, url: str) -> list[Found]:
    """The current resources of a type with a canonical URL, the latest written first."""
    return _by_uri(session, registry, kind, "url", url)


def supplements(session: Session, registry: Registry, url: str) -> list[Found]:
    """The CodeSystems that add to the one with this URL."""
    parameter = registry.for_type("CodeSystem")["supplements"]
    rows: dict[int, Resource] = {}
    for tp in parameter.storage:
        for value, upper in ((url, None), (f"{url}|", f"{url}}}")):
            where = "k.value=?" if upper is None else "k.value>=? AND k.value<?"
            values = (indexed(value),) if upper is None else (value, upper)
            found = session.rows(
                f"SELECT k.rid, v.body FROM uri k{_LIVE} AND k.tp={tp} AND {where}",
                (registry.type_number("CodeSystem"), *values),
            )
            rows.update((rid, _decoded(body)) for rid, body in found)
    return [Found(rid, resource) for rid, resource in sorted(rows.items())]


def _by_uri(session: Session, registry: Registry, kind: str, code: str, url: str) -> list[Found]:
    found: dict[int, Resource] = {}
    for tp in registry.for_type(kind)[code].storage:
        rows = session.rows(
            f"SELECT k.rid, v.body FROM uri k{_LIVE} AND k.tp={tp} AND k.value=? ORDER BY v.seq DESC",
            (registry.type_number(kind), indexed(url)),
        )
        found.update((rid, _decoded(body)) for rid, body in rows)
    return [Found(rid, each) for rid, each in found.items() if each.get("url") == url]


def naming_systems(session: Session, registry: Registry, value: str) -> list[Resource]:
    """The NamingSystems that have an identifier of theirs with this value."""
    found: dict[int, Resource] = {}
    for tp in registry.for_type("NamingSystem")["value"].storage:
        rows = session.rows(
            f"SELECT k.rid, v.body FROM string k{_LIVE} AND k.tp={tp} AND k.norm=?",
            (registry.type_number("NamingSystem"), indexed(normalise(value))),
        )
        found.update((rid, _decoded(body)) for rid, body in rows)
    return [each for each in found.values() if any(u.get("value") == value for u in each.get("uniqueId", ()))]


def by_id(session: Session, registry: Registry, kind: str, id_: str) -> Resource | None:
    """The current resource `kind/id`."""
    rows = session.rows(
        "SELECT v.body FROM resource r JOIN version v ON v.seq=r.seq WHERE r.type=? AND r.id=? AND r.clock IS NOT NULL",
        (registry.type_number(kind), id_),
    )
    return _decoded(rows[0][0]) if rows else None


def every(session: Session, registry: Registry, kind: str, containing: bytes = b"") -> Iterator[Found]:
    """All current resources of a type whose JSON contains some bytes. Reads them all, decodes those only."""
    rows = session.rows(
        "SELECT r.rid, v.body FROM resource r JOIN version v ON v.seq=r.seq WHERE r.type=? AND r.clock IS NOT NULL"
        " ORDER BY r.rid",
        (registry.type_number(kind),),
    )
    for rid, body in rows:
        text = bodies.decompress(body)
        if containing in text:
            yield Found(rid, json.decode_object(text))


def is_closure(resource: Resource) -> bool:
    """Whether a ConceptMap is a closure table of ours, and no mapping that anybody made."""
    tags: list[dict[str, Any]] = resource.get("meta", {}).get("tag", [])
    return any((tag.get("system"), tag.get("code")) == CLOSURE for tag in tags)


def _decoded(body: bytes) -> Resource:
    return json.decode_object(bodies.decompress(body))
