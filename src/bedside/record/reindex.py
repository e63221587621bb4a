"""Rebuilding the whole index from the resources, as after an upgrade that changed what is indexed.

While it runs, the record can be read by id, and searches and writes are told to wait. It commits in batches and
remembers how far it came; killed and started again, it goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable

from bedside.fhir import json
from bedside.record import bodies
from bedside.record.custom import REINDEX, load_registry
from bedside.record.extract import Extractor
from bedside.record.group import Group
from bedside.record.layout import INDEX_TABLES
from bedside.record.model import Settings
from bedside.record.names import Names
from bedside.record.session import Store, WriteSession

_BATCH = 1000


def reindex(store: Store, on_progress: Callable[[int, int], None] = lambda done, total: None) -> int:
    """Index every live resource anew; the number of resources. `on_progress` gets (done, total)."""
    session = store.writer()
    try:
        total: int = session.rows("SELECT count(*) FROM resource WHERE clock IS NOT NULL")[0][0]
        last = _begin(session)
        done: int = session.rows("SELECT count(*) FROM resource WHERE clock IS NOT NULL AND rid <= ?", (last,))[0][0]
        extractor = Extractor(load_registry(session))
        names = Names()
        position: int | None = last
        while position is not None:
            on_progress(done, total)
            position = _batch(session, names, extractor, position)
            done = min(total, done + _BATCH)
        return total
    finally:
        store.close_session(session)


def _begin(session: WriteSession) -> int:
    """Empty the index, unless an earlier run did; the last resource that is done."""
    session.begin()
    try:
        found = session.rows("SELECT value FROM setting WHERE key=?", (REINDEX,))
        if not found:
            for table in INDEX_TABLES:
                session.run(f"DELETE FROM {table}")
            session.upsert("setting", [(REINDEX, "0")])
        session.commit()
    except BaseException:
        session.rollback()
        raise
    return int(found[0][0]) if found else 0


def _batch(session: WriteSession, names: Names, extractor: Extractor, last: int) -> int | None:
    """Index the next resources; the last of them, or None when all are done."""
    group = Group(session, names, extractor, Settings())
    group.begin()
    try:
        found = session.rows(
            "SELECT r.rid, r.clock, v.body FROM resource r JOIN version v ON v.seq = r.seq"
            " WHERE r.clock IS NOT NULL AND r.rid > ? ORDER BY r.rid LIMIT ?",
            (last, _BATCH),
        )
        for rid, clock, packed in found:
            rows = extractor.rows(json.decode(bodies.decompress(packed)))
            group.index(rid, rows)
            if rows.clock != clock:
                session.run("UPDATE resource SET clock=? WHERE rid=?", (rows.clock, rid))
        if found:
            last = found[-1][0]
            session.upsert("setting", [(REINDEX, str(last))])
        else:
            session.run("DELETE FROM setting WHERE key=?", (REINDEX,))
        group.commit()
    except BaseException:
        group.rollback()
        raise
    return last if found else None
