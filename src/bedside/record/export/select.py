"""What belongs to an export: one look at the record as it is at one commit, and the versions that it finds.

Everything is read inside one snapshot: who is in a group, what belongs to a patient, what a filter finds, which
version of each resource is current. The answer is a set of version numbers. Versions never change, so whatever is
written while the files are made, an export holds exactly what was current at its transaction time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from bedside.fhir import dates, definitions, json
from bedside.record import bodies
from bedside.record.export.numbers import Numbers, runs
from bedside.record.export.request import Request
from bedside.record.export.scope import patients
from bedside.record.extract import Extractor
from bedside.record.search import find_rids
from bedside.record.search.compartment import parameters_of
from bedside.record.search.context import Context
from bedside.record.session import Session

_PAGE = 20_000
_RESOURCES = 2000
_PATIENTS = 50
_BODIES = 200
_FIRST = -(1 << 63)

Look = tuple[int, int, int]
"""A live resource: its rid, the number of its type, the seq of its current version."""


@dataclass(slots=True)
class Selected:
    """`versions` are the seqs of what belongs to an export, deletions included; `until` is the seq of the last commit
    that was looked at and `instant` when that was: the export's transactionTime."""

    versions: Numbers
    until: int
    instant: int


def select(session: Session, extractor: Extractor, request: Request, alive: Callable[[], None]) -> Selected:
    """The versions that a request asks for, as the record is now.

    `alive` is called every few milliseconds; what it raises ends the work. Raises NotFound or Unprocessable when the
    group of the request cannot be exported any more.
    """
    with session.snapshot():
        last = session.rows("SELECT seq, updated FROM version ORDER BY seq DESC LIMIT 1")
        until, instant = last[0] if last else (0, dates.now())
        return Selected(_Selection(session, extractor, request, alive).versions(), until, instant)


class _Selection:
    def __init__(self, session: Session, extractor: Extractor, request: Request, alive: Callable[[], None]) -> None:
        self.session = session
        self.extractor = extractor
        self.registry = extractor.registry
        self.request = request
        self.alive = alive
        self.context = Context(session, self.registry)
        names = request.types or definitions.resource_types()
        self.types = {self.registry.type_number(name): name for name in names}
        self.patient = self.registry.type_number("Patient")
        # Instants never decrease along the feed, so "changed after" is "has a higher number than".
        self.since = 0 if request.since is None else self.context.seq_at(request.since + 1) - 1
        self.found = Numbers()
        self.filters: dict[int, Numbers] = {}

    def versions(self) -> Numbers:
        for name, query in self.request.filters:
            self.alive()
            rids = find_rids(self.session, self.registry, name, query, limit=None)
            self.filters.setdefault(self.registry.type_number(name), Numbers()).update(rids)
        if self.request.level == "system":
            self.whole_system()
        else:
            self.of_patients()
        return self.found

    # --- all of the record

    def whole_system(self) -> None:
        if self.request.since is not None:
            for seq, number, rid, clock in self.changes():
                if number in self.types and (clock is None or self.passes(number, rid)):
                    self.found.add(seq)
            return
        for number in sorted(self.types.keys() & self.context.types_present):
            if number in self.filters:
                for some in runs(self.filters[number], _RESOURCES):
                    self.found.update(seq for _, _, seq in self.look(some))
            else:
                self.all_of(number)

    def all_of(self, number: int) -> None:
        clock, rid = _FIRST, 0
        while True:
            self.alive()
            rows = self.session.rows(
                "SELECT clock, rid, seq FROM resource WHERE type=? AND clock IS NOT NULL AND (clock, rid) > (?, ?)"
                f" ORDER BY clock, rid LIMIT {_PAGE}",
                (number, clock, rid),
            )
            self.found.update(seq for _, _, seq in rows)
            if len(rows) < _PAGE:
                return
            clock, rid, _ = rows[-1]

    def changes(self) -> Iterator[tuple[int, int, int, int | None]]:
        """(seq, type, rid, clock) of what is current and was written since; the clock of what was deleted is None."""
        seq = self.since
        while True:
            self.alive()
            rows = self.session.rows(
                "SELECT v.seq, v.type, v.rid, r.clock FROM version v JOIN resource r ON r.rid = v.rid"
                f" WHERE v.seq > ? AND r.seq = v.seq ORDER BY v.seq LIMIT {_PAGE}",
                (seq,),
            )
            yield from rows
            if len(rows) < _PAGE:
                return
            seq = rows[-1][0]

    # --- what belongs to patients

    def of_patients(self) -> None:
        self.scope = patients(self.session, self.registry, self.request)
        self.links = self.compartment_links()
        self.about = self.provenance_links()
        self.seen = Numbers()
        self.targets, self.targets_of_changed = Numbers(), Numbers()
        everyone: Iterable[int] = self.scope if self.scope is not None else self.all_patients()
        for some in runs(everyone, _PATIENTS):
            self.alive()
            members = {rid for tp, rid in self.referring(some) if tp in self.links}
            members.update(some)
            if self.about:
                members.update(rid for tp, rid in self.referring(members) if tp in self.about)
            self.take([rid for rid in members if rid not in self.seen])
            self.seen.update(members)
        self.follow(self.targets_of_changed, changed_or_not=True)
        self.follow(self.targets, changed_or_not=False)
        if self.request.since is not None:
            self.deletions()

    def compartment_links(self) -> frozenset[int]:
        """The numbers of all references by which something belongs to a patient (R4 compartmentdefinition-patient)."""
        return frozenset(
            tp
            for name in definitions.compartment("Patient")
            for parameter in parameters_of(self.registry, "Patient", name)
            for tp in parameter.storage
        )

    def provenance_links(self) -> frozenset[int]:
        """The numbers of the references by which a Provenance says what it is about, when it is asked for: the
        history of what belongs to a patient belongs to the export (export.html#query-parameters)."""
        number = self.registry.type_number("Provenance")
        target = self.registry.get("Provenance", "target")
        if target is None or number not in self.types or number not in self.context.types_present:
            return frozenset()
        return frozenset(target.storage)

    def all_patients(self) -> Iterator[int]:
        clock, rid = _FIRST, 0
        while True:
            rows = self.session.rows(
                "SELECT clock, rid FROM resource WHERE type=? AND clock IS NOT NULL AND (clock, rid) > (?, ?)"
                f" ORDER BY clock, rid LIMIT {_PAGE}",
                (self.patient, clock, rid),
            )
            yield from (rid for _, rid in rows)
            if len(rows) < _PAGE:
                return
            clock, rid = rows[-1]

    def take(self, rids: Sequence[int]) -> None:
        """Resources of patients: those that were asked for belong to the export, and lead to others."""
        for some in runs(rids, _RESOURCES):
            chosen = [(rid, seq) for rid, number, seq in self.look(some) if self.wanted(number, rid)]
            changed = {rid for rid, seq in chosen if seq > self.since}
            self.found.update(seq for _, seq in chosen if seq > self.since)
            if self.request.reaches_outside:
                for rid, target in self.leading_to([rid for rid, _ in chosen]):
                    (self.targets_of_changed if rid in changed else self.targets).add(target)

    def follow(self, start: Numbers, *, changed_or_not: bool) -> None:
        """What the export refers to and is nobody's: practitioners, organizations, locations, medications, and what
        those refer to in turn. Where the referring resource changed, whether or not they did."""
        reached = Numbers()
        frontier = start
        while frontier:
            leads = Numbers()
            for some in runs(frontier, _RESOURCES):
                self.alive()
                new = [rid for rid in some if rid not in self.seen and rid not in reached]
                reached.update(new)
                chosen = [look for look in self.nobodys(self.look(new)) if self.wanted(look[1], look[0])]
                self.found.update(seq for _, _, seq in chosen if changed_or_not or seq > self.since)
                leads.update(target for _, target in self.leading_to([rid for rid, _, _ in chosen]))
            frontier = leads

    def nobodys(self, looks: Sequence[Look]) -> list[Look]:
        """Those that are no patient and belong to none."""
        others = [look for look in looks if look[1] != self.patient]
        rows = self.session.matching("ref", "rid, tp, target", ("rid",), [(rid,) for rid, _, _ in others])
        owners = [(rid, target) for rid, tp, target in rows if tp in self.links]
        people = self.session.matching("resource", "rid, type", ("rid",), [(t,) for t in {t for _, t in owners}])
        are_patients = {rid for rid, number in people if number == self.patient}
        owned = {rid for rid, target in owners if target in are_patients}
        return [look for look in others if look[0] not in owned]

    def deletions(self) -> None:
        """What was deleted since, and belonged to one of the patients before it was."""
        seq = self.since
        while True:
            self.alive()
            rows = self.session.rows(
                "SELECT v.seq, v.type, v.rid, p.body FROM version v JOIN resource r ON r.rid = v.rid"
                " JOIN version p ON p.rid = v.rid AND p.version = v.version - 1"
                f" WHERE v.seq > ? AND r.seq = v.seq AND r.clock IS NULL ORDER BY v.seq LIMIT {_BODIES}",
                (seq,),
            )
            self.found.update(seq for seq, number, rid, packed in rows if self.was_theirs(number, rid, packed))
            if len(rows) < _BODIES:
                return
            seq = rows[-1][0]

    def was_theirs(self, number: int, rid: int, packed: bytes | None) -> bool:
        if number not in self.types:
            return False
        if number == self.patient:
            return self.scope is None or rid in self.scope
        if packed is None:
            return False
        rows = self.extractor.rows(json.decode_object(bodies.decompress(packed)))
        owners = {id_ for tp, kind, id_ in rows.ref if tp in self.links and kind == "Patient"}
        if self.scope is None or not owners:
            return bool(owners)
        found = self.session.matching("resource", "rid", ("type", "id"), [(self.patient, id_) for id_ in owners])
        return any(rid in self.scope for (rid,) in found)

    # --- small questions

    def wanted(self, number: int, rid: int) -> bool:
        return number in self.types and self.passes(number, rid)

    def passes(self, number: int, rid: int) -> bool:
        chosen = self.filters.get(number)
        return chosen is None or rid in chosen

    def look(self, rids: Iterable[int]) -> list[Look]:
        """Those of these resources that are there."""
        rows = self.session.matching("resource", "rid, type, seq, clock", ("rid",), [(rid,) for rid in rids])
        return [(rid, number, seq) for rid, number, seq, clock in rows if clock is not None]

    def referring(self, rids: Iterable[int]) -> list[tuple[int, int]]:
        """(parameter, rid) of what refers to these resources."""
        return self.session.matching("ref", "tp, rid", ("target",), [(rid,) for rid in rids])

    def leading_to(self, rids: Iterable[int]) -> list[tuple[int, int]]:
        """(rid, target) of what these resources refer to."""
        return self.session.matching("ref", "rid, target", ("rid",), [(rid,) for rid in rids])
