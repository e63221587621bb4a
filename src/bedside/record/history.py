"""Reading versions: histories, newest first, and the change feed, oldest first."""

from __future__ import annotations

from typing import Any

from bedside.fhir.outcome import Invalid
from bedside.record import bodies
from bedside.record.model import Method, Page, Stored
from bedside.record.parameters import Registry
from bedside.record.session import Row, Session

_COLUMNS = "v.type, r.id, v.rid, v.version, v.seq, v.updated, v.method, v.body"
_FROM = "FROM version v JOIN resource r ON r.rid = v.rid"


def _stored(registry: Registry, row: Row) -> Stored:
    number, id_, rid, version, seq, updated, method, body = row
    return Stored(
        registry.type_name(number),
        *(id_, rid, version, seq, updated),
        Method(method),
        None if body is None else bodies.decompress(body),
    )


def changes(session: Session, registry: Registry, since: int, limit: int) -> list[Stored]:
    """Versions after `since` in commit order, at most `limit`."""
    rows = session.rows(f"SELECT {_COLUMNS} {_FROM} WHERE v.seq > ? ORDER BY v.seq LIMIT ?", (since, limit))
    return [_stored(registry, row) for row in rows]


def history(
    session: Session,
    registry: Registry,
    type_name: str | None,
    id_: str | None,
    *,
    since: int | None,
    at: tuple[int, int] | None,
    count: int,
    cursor: str | None,
    total: bool,
) -> Page:
    """One page of a history; see Record.history."""
    wheres: list[str] = []
    values: list[Any] = []
    if type_name is not None and id_ is not None:
        found = session.rows("SELECT rid FROM resource WHERE type=? AND id=?", (registry.type_number(type_name), id_))
        if not found:
            return Page([], total=0)
        wheres.append("v.rid = ?")
        values.append(found[0][0])
    elif type_name is not None:
        wheres.append("v.type = ?")
        values.append(registry.type_number(type_name))
    if since is not None:
        wheres.append("v.updated >= ?")
        values.append(since)
    if at is not None:
        # Current at some time in [low, high): written before its end, and not replaced before its start.
        wheres.append("v.updated < ?")
        wheres.append(
            "NOT EXISTS (SELECT 1 FROM version n WHERE n.rid = v.rid AND n.version = v.version + 1 AND n.updated <= ?)"
        )
        values += [at[1], at[0]]
    counted = None
    if total:
        where = f"WHERE {' AND '.join(wheres)}" if wheres else ""
        counted = session.rows(f"SELECT count(*) FROM version v {where}", values)[0][0]
    if cursor is not None:
        if not cursor.isdecimal() or len(cursor) > 18:
            raise Invalid("This page address is damaged; start the history from its first page.", code="value")
        wheres.append("v.seq < ?")
        values.append(int(cursor))
    where = f"WHERE {' AND '.join(wheres)}" if wheres else ""
    # One more than asked tells whether there is another page.
    rows = session.rows(f"SELECT {_COLUMNS} {_FROM} {where} ORDER BY v.seq DESC LIMIT ?", [*values, max(count, 0) + 1])
    versions = [_stored(registry, row) for row in rows[:count]]
    more = len(rows) > count and bool(versions)
    return Page(versions, str(versions[-1].seq) if more else None, counted)
