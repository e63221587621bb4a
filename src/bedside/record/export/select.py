"""Which versions belong to an export: the record as it was at one commit, page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from bedside.fhir import definitions, json
from bedside.record import bodies
from bedside.record.extract import Extractor
from bedside.record.session import Session

PAGE = 1000
_PATIENTS = 200

# As of commit `until`: the last version of a resource not after it.
_AS_OF = (
    " AND v.seq <= ? AND NOT EXISTS"
    " (SELECT 1 FROM version n WHERE n.rid = v.rid AND n.version = v.version + 1 AND n.seq <= ?)"
)


@dataclass(slots=True)
class Found:
    """One version that belongs to the export; `body` is None for a deletion. `position` is where to go on after it."""

    id: str
    body: bytes | None
    position: int


Wanted = Callable[[int], bool]
"""Whether the resource with this rid passes the filters of its type."""


class Selection:
    """Finds the versions of one export."""

    def __init__(self, session: Session, extractor: Extractor, *, until: int, since: int | None) -> None:
        self.session = session
        self.extractor = extractor
        self.registry = extractor.registry
        self.until = until
        self.since = since

    def compartment_numbers(self, type_name: str) -> list[int]:
        """The rows of `ref` through which a type belongs to a patient."""
        codes = definitions.compartment("Patient").get(type_name, ())
        found = [self.registry.get(type_name, code) for code in codes]
        return [number for p in found if p is not None and p.type == "reference" for number in p.storage]

    def of_type(self, type_name: str, position: int, wanted: Wanted) -> Iterator[Found]:
        """All resources of a type, in the order of their last change; `position` is a seq."""
        while True:
            values: list[object] = [self.registry.type_number(type_name), position, self.until, self.until]
            changed = ""
            if self.since is not None:
                changed = " AND v.updated > ?"
                values.append(self.since)
            rows = self.session.rows(
                "SELECT v.seq, v.rid, r.id, v.body FROM version v JOIN resource r ON r.rid = v.rid"
                f" WHERE v.type=? AND v.seq > ?{_AS_OF}{changed} ORDER BY v.seq LIMIT {PAGE}",
                values,
            )
            for seq, rid, id_, packed in rows:
                if packed is None:
                    if self.since is not None:
                        yield Found(id_, None, seq)
                elif wanted(rid):
                    yield Found(id_, bodies.decompress(packed), seq)
            if len(rows) < PAGE:
                return
            position = rows[-1][0]

    def of_patients(self, type_name: str, patients: Sequence[int], position: int, wanted: Wanted) -> Iterator[Found]:
        """The resources of a type in the compartments of patients (rids, ascending); `position` is how many patients
        are done. A resource that belongs to several comes once."""
        numbers = self.compartment_numbers(type_name)
        seen: set[int] = set()
        several = position > 0
        for start in range(0, len(patients), _PATIENTS):
            some = patients[start : start + _PATIENTS]
            if type_name == "Patient":
                rids = list(some)
            else:
                marks, tps = ",".join("?" * len(some)), ",".join(map(str, numbers))
                rows = self.session.rows(
                    f"SELECT DISTINCT rid FROM ref WHERE target IN ({marks}) AND tp IN ({tps})", some
                )
                rids = sorted(rid for (rid,) in rows if rid not in seen)
                seen.update(rids)
            if several and start + len(some) <= position:
                continue
            for found in self._versions(type_name, [rid for rid in rids if wanted(rid)]):
                found.position = start + len(some)
                yield found

    def _versions(self, type_name: str, rids: Sequence[int]) -> Iterator[Found]:
        for start in range(0, len(rids), PAGE):
            some = rids[start : start + PAGE]
            values: list[object] = [*some, self.registry.type_number(type_name), self.until, self.until]
            changed = ""
            if self.since is not None:
                changed = " AND v.updated > ?"
                values.append(self.since)
            rows = self.session.rows(
                "SELECT r.id, v.body FROM version v JOIN resource r ON r.rid = v.rid"
                f" WHERE v.rid IN ({','.join('?' * len(some))}) AND v.type=?{_AS_OF}{changed}"
                " AND v.body IS NOT NULL ORDER BY v.seq",
                values,
            )
            for id_, packed in rows:
                yield Found(id_, bodies.decompress(packed), 0)

    def deleted_of_patients(self, type_name: str, patients: Iterable[int]) -> Iterator[str]:
        """Ids of what was deleted since, and belonged to one of these patients before it was."""
        assert self.since is not None
        wanted = set(patients)
        numbers = set(self.compartment_numbers(type_name))
        rows = self.session.rows(
            "SELECT r.rid, r.id, p.body FROM version v JOIN resource r ON r.rid = v.rid"
            " JOIN version p ON p.rid = v.rid AND p.version = v.version - 1"
            f" WHERE v.type=? AND v.body IS NULL{_AS_OF} AND v.updated > ? ORDER BY v.seq",
            (self.registry.type_number(type_name), self.until, self.until, self.since),
        )
        for rid, id_, packed in rows:
            if type_name == "Patient":
                if rid in wanted:
                    yield id_
            elif packed is not None:
                rows_of = self.extractor.rows(json.decode(bodies.decompress(packed)))
                targets = [(kind, target) for tp, kind, target in rows_of.ref if tp in numbers]
                if any(self.rid(*target) in wanted for target in targets):
                    yield id_

    def rid(self, type_name: str, id_: str) -> int | None:
        rows = self.session.rows(
            "SELECT rid FROM resource WHERE type=? AND id=?", (self.registry.type_number(type_name), id_)
        )
        return rows[0][0] if rows else None

    def all_patients(self) -> list[int]:
        """Every patient there ever was, by rid; the as-of condition decides about each."""
        rows = self.session.rows(
            "SELECT rid FROM resource WHERE type=? AND seq IS NOT NULL ORDER BY rid",
            (self.registry.type_number("Patient"),),
        )
        return [rid for (rid,) in rows]
