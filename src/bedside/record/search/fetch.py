"""Current versions with their bodies, many at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bedside.record import bodies
from bedside.record.model import Method, Stored
from bedside.record.search.context import Context
from bedside.record.search.sql import among

_CHUNK = 512


def chunks(rids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Runs that fit into one statement."""
    for start in range(0, len(rids), _CHUNK):
        yield rids[start : start + _CHUNK]


def fetch(context: Context, rids: Iterable[int]) -> list[Stored]:
    """The live resources with these numbers, in the order asked; what is gone meanwhile is left out."""
    wanted = list(rids)
    found: dict[int, Stored] = {}
    for some in chunks(wanted):
        chosen = among("r.rid", some)
        rows = context.session.rows(
            "SELECT r.rid, r.type, r.id, v.version, v.seq, v.updated, v.method, v.body"
            f" FROM resource r CROSS JOIN version v WHERE {chosen.text} AND r.clock IS NOT NULL AND v.seq=r.seq",
            chosen.values,
        )
        for rid, number, id_, version, seq, updated, method, body in rows:
            name = context.registry.type_name(number)
            found[rid] = Stored(name, id_, rid, version, seq, updated, Method(method), bodies.decompress(body))
    return [found[rid] for rid in wanted if rid in found]
