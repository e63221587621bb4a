"""What one question has read of one patient: resources by number, codes by type."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from bedside.fhir import json
from bedside.questions.cql.world import DateRange
from bedside.record import bodies
from bedside.record.questions_index import CodeIndex
from bedside.record.search.sql import one_of
from bedside.record.session import Session

Resource = dict[str, Any]
Fits = Callable[[str | None, str], bool]
Place = tuple[int, int]
"""Clock and number of a resource: sorted, the oldest is first."""
Dates = tuple[tuple[int, ...], DateRange]
"""Numbers of `date` rows, and the time that one of them must touch."""


class Reader(Protocol):
    """What a compartment needs of the data that it is part of."""

    @property
    def session(self) -> Session: ...

    def system(self, number: int) -> str | None: ...

    def read(self, rids: Sequence[int]) -> list[tuple[int, Resource]]: ...


class Compartment:
    """All that belongs to one patient (or practitioner, ...); `rid` is None when there is no such resource.

    `members` are the numbers of the `ref` rows by which a type belongs to it.
    """

    def __init__(self, reader: Reader, rid: int | None) -> None:
        self._reader = reader
        self._rid = rid
        self.resources: dict[int, Resource] = {}
        self._all: dict[str, list[int]] = {}
        self._codes: dict[tuple[int, ...], dict[tuple[str | None, str], list[Place]]] = {}

    def itself(self) -> list[Resource]:
        """The patient."""
        return [] if self._rid is None else self._load([self._rid])

    def all(self, type_name: str, members: tuple[int, ...], dates: Dates | None = None) -> list[Resource]:
        """All resources of a type."""
        if self._rid is None:
            return []
        if dates is not None:
            return self._load(self._of_time(members, dates))
        rids = self._all.get(type_name)
        if rids is None:
            rows = self._reader.session.rows(
                "SELECT d.clock, d.rid, v.body FROM ref d CROSS JOIN resource r CROSS JOIN version v"
                f" WHERE d.target=? AND {one_of('d.tp', members)} AND r.rid=d.rid AND v.seq=r.seq",
                (self._rid,),
            )
            rows.sort(key=lambda row: row[:2])
            rids = self._all[type_name] = list(dict.fromkeys(rid for _, rid, _ in rows))
            self._keep((rid, body) for _, rid, body in rows)
        return [self.resources[rid] for rid in rids]

    def ids(self, members: tuple[int, ...]) -> set[str]:
        """The ids of all resources that belong to the patient by these references."""
        if self._rid is None:
            return set()
        rows = self._reader.session.rows(
            f"SELECT r.id FROM ref d CROSS JOIN resource r WHERE d.target=? AND {one_of('d.tp', members)}"
            " AND r.rid=d.rid",
            (self._rid,),
        )
        return {id_ for (id_,) in rows}

    def knows(self, index: CodeIndex) -> bool:
        """Whether the codes of this index are read already."""
        return index.numbers in self._codes

    def of_code(self, members: tuple[int, ...], index: CodeIndex, code: str, system: int) -> list[Resource]:
        """Resources with one code: the whole key of its index row is known, so nothing else is looked at."""
        if self._rid is None:
            return []
        rows = self._reader.session.rows(
            "SELECT d.clock, d.rid, v.body FROM ref d CROSS JOIN token t CROSS JOIN resource r CROSS JOIN version v"
            f" WHERE d.target=? AND {one_of('d.tp', members)} AND {one_of('t.tp', index.numbers)}"
            " AND t.code=? AND t.sys=? AND t.clock=d.clock AND t.rid=d.rid AND r.rid=d.rid AND v.seq=r.seq",
            (self._rid, code, system),
        )
        rows.sort(key=lambda row: row[:2])
        self._keep((rid, body) for _, rid, body in rows)
        return [self.resources[rid] for rid in dict.fromkeys(rid for _, rid, _ in rows)]

    def coded(
        self, members: tuple[int, ...], index: CodeIndex, fits: Fits, dates: Dates | None = None
    ) -> list[Resource]:
        """Resources of which one code fits. The codes of a type are read once, bodies only of those that fit."""
        if self._rid is None:
            return []
        codes = self._codes.get(index.numbers)
        if codes is None:
            codes = self._codes[index.numbers] = self._read_codes(members, index)
        places = {place for key, some in codes.items() if fits(*key) for place in some}
        rids = [rid for _, rid in sorted(places)]
        if dates is not None and rids:
            inside = frozenset(self._of_time(members, dates))
            rids = [rid for rid in rids if rid in inside]
        return self._load(rids)

    def _read_codes(self, members: tuple[int, ...], index: CodeIndex) -> dict[tuple[str | None, str], list[Place]]:
        rows = self._reader.session.rows(
            "SELECT t.sys, t.code, d.clock, d.rid FROM ref d CROSS JOIN token t"
            f" WHERE d.target=? AND {one_of('d.tp', members)} AND t.rid=d.rid AND {one_of('t.tp', index.numbers)}",
            (self._rid,),
        )
        found: dict[tuple[int, str], list[Place]] = {}
        for system, code, clock, rid in rows:
            found.setdefault((system, code), []).append((clock, rid))
        system_of = (lambda number: None) if index.plain else self._reader.system
        return {(system_of(number), code): places for (number, code), places in found.items()}

    def _of_time(self, members: tuple[int, ...], dates: Dates) -> list[int]:
        """Resources with a date that touches the range: the bounds of index rows are [low, high)."""
        numbers, within = dates
        bounds, values = "", [self._rid]
        if within.low is not None:
            bounds, values = f"{bounds} AND x.high>?", [*values, within.low]
        if within.high is not None:
            bounds, values = f"{bounds} AND x.low<=?", [*values, within.high]
        rows = self._reader.session.rows(
            "SELECT DISTINCT d.clock, d.rid FROM ref d CROSS JOIN date x"
            f" WHERE d.target=? AND {one_of('d.tp', members)} AND x.rid=d.rid AND {one_of('x.tp', numbers)}{bounds}",
            values,
        )
        return [rid for _, rid in sorted(rows)]

    def _load(self, rids: Sequence[int]) -> list[Resource]:
        missing = [rid for rid in rids if rid not in self.resources]
        if missing:
            self.resources.update(self._reader.read(missing))
        return [self.resources[rid] for rid in rids if rid in self.resources]

    def _keep(self, read: Iterable[tuple[int, bytes]]) -> None:
        for rid, body in read:
            if rid not in self.resources:
                self.resources[rid] = json.decode(bodies.decompress(body))
