"""One group commit: several units of work applied in memory, then written together and made durable by one fsync.

A unit is what one client asked for: a write, or a transaction of many. Units are applied one after the other and see
each other's effects. A unit that is refused leaves nothing behind, because its rows are only joined to the group's
when all of it went well; where a unit must ask the database about its own rows, it does so under a savepoint.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from operator import itemgetter

from bedside.fhir import json
from bedside.fhir.outcome import (
    Conflict,
    FhirError,
    Issue,
    MethodNotAllowed,
    NotFound,
    PreconditionFailed,
    Unprocessable,
)
from bedside.record import bodies
from bedside.record.extract import Extractor
from bedside.record.layout import INDEX_TABLES
from bedside.record.model import Effect, Method, Outcome, Resource, Settings, Stored
from bedside.record.names import Names
from bedside.record.operation import Draft, Key, Operation, with_meta
from bedside.record.rows import Rows
from bedside.record.session import Row, WriteSession

_WHERE_IT_STANDS = (
    "SELECT (SELECT coalesce(max(rid), 0) FROM resource), coalesce(max(v.seq), 0), coalesce(max(v.updated), 0),"
    " (SELECT value FROM setting WHERE key='registry')"
    " FROM (SELECT seq, updated FROM version ORDER BY seq DESC LIMIT 1) v"
)


@dataclass(slots=True)
class State:
    """What is known of one resource: its place in the record and its current version."""

    type: str
    id: str
    rid: int
    seq: int | None = None
    version: int = 0
    clock: int | None = None
    updated: int | None = None  # with method and body: None until they are asked for
    method: Method = Method.CREATE
    body: bytes | None = None
    fresh: bool = False  # written in this group and not flushed since

    @property
    def live(self) -> bool:
        return self.clock is not None


@dataclass(slots=True)
class Buffer:
    """Rows waiting to be written."""

    inserts: dict[str, list[Row]] = field(default_factory=lambda: {table: [] for table in INDEX_TABLES})
    deletes: dict[str, list[Row]] = field(default_factory=lambda: {table: [] for table in INDEX_TABLES})
    states: dict[Key, State] = field(default_factory=dict)
    versions: list[Row] = field(default_factory=list)

    def join(self, other: Buffer) -> None:
        for table in INDEX_TABLES:
            self.inserts[table] += other.inserts[table]
            self.deletes[table] += other.deletes[table]
        self.states |= other.states
        self.versions += other.versions


class Group:
    """The transaction of one group commit on a writing session. Use: begin, apply..., commit."""

    def __init__(self, session: WriteSession, names: Names, extractor: Extractor, settings: Settings) -> None:
        self.session = session
        self.names = names
        self.extractor = extractor
        self.registry = extractor.registry
        self.settings = settings
        self._states: dict[Key, State] = {}
        self._looked: set[Key] = set()  # asked for, so what is not among the states is not in the record
        self._buffer = Buffer()
        self._seq = 0
        self._next_rid = 0
        self.updated = 0
        self.generation = 0
        """Of the search parameters, as the record has it; see custom.generation."""
        self._stamp = ""
        self._stamp_bytes = b""
        self._written_rid = 0
        self.types: set[str] = set()
        """The types of which a version was made."""

    def use(self, extractor: Extractor) -> None:
        """Index by another registry from now on."""
        self.extractor = extractor
        self.registry = extractor.registry

    def begin(self) -> None:
        """Take the write lock and find out where the record stands."""
        self.session.begin()
        self._next_rid, self._seq, updated, generation = self.session.rows(_WHERE_IT_STANDS)[0]
        self._written_rid = self._next_rid
        self.generation = int(generation or 0)
        self.updated = max(time.time_ns() // 1000, updated + 1)
        self._stamp = _instant(self.updated)
        self._stamp_bytes = self._stamp.encode()

    def commit(self) -> None:
        self.flush()
        self.session.commit()
        self.names.committed()

    def rollback(self) -> None:
        self.names.rolled_back()
        self.session.rollback()

    @property
    def last_seq(self) -> int:
        return self._seq

    # --- what the record holds

    def load(self, keys: Iterable[Key]) -> None:
        """Fetch what is not yet known of these resources, in few queries."""
        missing = [key for key in dict.fromkeys(keys) if key not in self._states and key not in self._looked]
        self._looked.update(missing)
        if not missing:
            return
        wanted = [(self.registry.type_number(name), id_) for name, id_ in missing]
        for number, id_, rid, seq, version, clock in self.session.matching(
            "resource", "type, id, rid, seq, version, clock", ("type", "id"), wanted
        ):
            name = self.registry.type_name(number)
            self._states[(name, id_)] = State(name, id_, rid, seq, version, clock)

    def load_for(self, operations: Sequence[Operation]) -> None:
        """Fetch what operations will ask for: their resources, what those refer to, and the bodies that they change."""
        self.load(key for operation in operations for key in (operation.key, *operation.targets))
        wanted = {}
        for operation in operations:
            state = self._states.get(operation.key)
            if state is not None and state.seq is not None and state.updated is None:
                wanted[state.seq] = state
        if wanted:
            for seq, *current in self.session.matching(
                "version", "seq, updated, method, body", ("seq",), [(seq,) for seq in wanted]
            ):
                self._take_current(wanted[seq], *current)

    def _take_current(self, state: State, updated: int, method: int, packed: bytes | None) -> None:
        state.updated, state.method = updated, Method(method)
        state.body = bodies.decompress(packed) if packed is not None else None

    def _state(self, key: Key, changed: dict[Key, State]) -> State | None:
        return changed.get(key) or self._states.get(key)

    def _new_rid(self) -> int:
        self._next_rid += 1
        return self._next_rid

    def current(self, state: State) -> Stored:
        """The current version of a resource, with its body."""
        assert state.seq is not None
        if state.updated is None:
            found = self.session.rows("SELECT updated, method, body FROM version WHERE seq=?", (state.seq,))
            self._take_current(state, *found[0])
        return self._stored(state)

    def find(self, key: Key) -> Stored | None:
        """The current version of a resource as this transaction sees it; None when it never was written."""
        self.load([key])
        state = self._states.get(key)
        return None if state is None or state.seq is None else self.current(state)

    def _stored(self, state: State) -> Stored:
        assert state.seq is not None
        assert state.updated is not None
        return Stored(
            *(state.type, state.id, state.rid, state.version, state.seq), state.updated, state.method, state.body
        )

    # --- applying a unit

    def apply(self, operations: Sequence[Operation]) -> list[Outcome]:
        """Apply one unit, all or nothing. Raises FhirError when any of it is refused; nothing of it stays then."""
        self.load_for(operations)
        seq, rid = self._seq, self._next_rid
        unit = Buffer()
        outcomes: list[Outcome] = []
        try:
            for operation in operations:
                try:
                    outcomes.append(self._one(operation, unit))
                except FhirError as error:
                    error.write = operation.write  # type: ignore[attr-defined]
                    raise
            self._check_targets(operations, unit)
            if any(outcome.effect is Effect.DELETED for outcome in outcomes):
                self._join_checked(operations, unit)
            else:
                self._join(unit)
        except BaseException:
            self._seq, self._next_rid = seq, rid
            raise
        return outcomes

    def _join(self, unit: Buffer) -> None:
        if any(unit.deletes[table] for table in INDEX_TABLES) and any(
            (known := self._states.get(key)) is not None and known.fresh for key in unit.states
        ):
            # Deletes are written before inserts; rows of this resource that still wait must be there to be deleted.
            self.flush()
        self._states |= unit.states
        self._buffer.join(unit)

    def _join_checked(self, operations: Sequence[Operation], unit: Buffer) -> None:
        """Write a unit that deletes, and ask the database whether anything still refers to what is gone."""
        self.flush()
        guarded = self.settings.refuse_delete_of_referenced
        with self.session.savepoint() if guarded else nullcontext():
            self._write(unit)
            if guarded:
                for operation in operations:
                    if operation.kind is Method.DELETE:
                        self._refuse_if_referenced(unit.states.get(operation.key), operation)
        for state in unit.states.values():
            state.fresh = False
        self._states |= unit.states

    def _refuse_if_referenced(self, state: State | None, operation: Operation) -> None:
        if state is None or state.live:
            return
        rows = self.session.rows(
            "SELECT DISTINCT r.type, r.id FROM ref f JOIN resource r ON r.rid = f.rid"
            " WHERE f.target=? AND f.rid<>? ORDER BY r.type, r.id LIMIT 4",
            (state.rid, state.rid),
        )
        if rows:
            names = [f"{self.registry.type_name(number)}/{id_}" for number, id_ in rows]
            more = " and others" if len(names) > 3 else ""
            error = Conflict(
                f"{state.type}/{state.id} is still referred to by {', '.join(names[:3])}{more};"
                " delete or change those first."
            )
            error.write = operation.write  # type: ignore[attr-defined]
            raise error

    def _check_targets(self, operations: Sequence[Operation], unit: Buffer) -> None:
        if not self.settings.check_references:
            return
        issues, writes = [], []
        for operation in operations:
            for target in operation.targets:
                state = self._state(target, unit.states)
                if state is None or not state.live:
                    name, id_ = target
                    writes.append(operation.write)
                    issues.append(
                        Issue(
                            "error",
                            "not-found",
                            operation.path_of(target),
                            f"{operation.key[0]} refers to {name}/{id_}, which is not in the record",
                        )
                    )
        if issues:
            error = Unprocessable(issues)
            error.writes = writes  # type: ignore[attr-defined]
            raise error

    def _one(self, operation: Operation, unit: Buffer) -> Outcome:
        state = self._state(operation.key, unit.states)
        live = state is not None and state.live
        if operation.outcome is not None:
            assert state is not None
            return Outcome(operation.outcome, self.current(state))
        if operation.if_match is not None and (state is None or not live or state.version != operation.if_match):
            now = f"is version {state.version}" if state is not None and live else "does not exist"
            raise PreconditionFailed(
                f"{operation.reference} {now}, not version {operation.if_match}; read it again and redo the change."
            )
        if operation.kind is Method.DELETE:
            if state is None or not live:
                return Outcome(Effect.NOTHING, None)
            return self._delete(state, unit)
        if live and operation.must_be_new:
            raise PreconditionFailed(f"{operation.reference} already exists.")
        if state is None or not live:
            if not operation.may_create:
                raise NotFound(f"There is no {operation.reference}.")
            if operation.kind is Method.UPDATE and not self.settings.update_creates:
                raise MethodNotAllowed(f"There is no {operation.reference}, and an update does not create here.")
            return self._create(operation, state, unit)
        return self._update(operation, state, unit)

    def _create(self, operation: Operation, state: State | None, unit: Buffer) -> Outcome:
        name, id_ = operation.key
        state = State(name, id_, self._new_rid()) if state is None else replace(state)
        method = Method.CREATE if state.version == 0 else Method.UPDATE
        stored = self._put(operation.resource, state, method, unit, operation.rows.clock, operation.draft)
        self._assemble(operation.rows, state.rid, unit, unit.inserts)
        return Outcome(Effect.CREATED, stored)

    def _update(self, operation: Operation, state: State, unit: Buffer) -> Outcome:
        current = self.current(state)
        old = current.resource
        if _content(old) == _content(operation.resource):
            return Outcome(Effect.UNCHANGED, current)
        state = replace(state)
        old_rows = self.extractor.rows(old)
        self.load((kind, id_) for _, kind, id_ in old_rows.ref)
        before: dict[str, list[Row]] = {table: [] for table in INDEX_TABLES}
        after: dict[str, list[Row]] = {table: [] for table in INDEX_TABLES}
        self._assemble(old_rows, state.rid, unit, before)
        self._assemble(operation.rows, state.rid, unit, after)
        for table in INDEX_TABLES:
            was, now = set(before[table]), set(after[table])
            unit.deletes[table] += was - now
            unit.inserts[table] += now - was
        return Outcome(Effect.UPDATED, self._put(operation.resource, state, Method.UPDATE, unit, operation.rows.clock))

    def _delete(self, state: State, unit: Buffer) -> Outcome:
        rows = self.extractor.rows(self.current(state).resource)
        self.load((kind, id_) for _, kind, id_ in rows.ref)
        state = replace(state)
        self._assemble(rows, state.rid, unit, unit.deletes)
        return Outcome(Effect.DELETED, self._put(None, state, Method.DELETE, unit, None), 1)

    def _put(
        self,
        resource: Resource | None,
        state: State,
        method: Method,
        unit: Buffer,
        clock: int | None,
        draft: Draft | None = None,
    ) -> Stored:
        """Make the next version of a resource, without its index rows. Changes `state`, a copy of the unit's own."""
        self._seq += 1
        self.types.add(state.type)
        state.version += 1
        state.seq = self._seq
        state.clock = clock
        state.fresh = True
        state.updated = self.updated
        state.method = method
        state.body = None
        if draft is not None and state.version == 1:
            state.body = b"".join((draft.before, self._stamp_bytes, draft.after))
        elif resource is not None:
            state.body = json.encode(with_meta(resource, state.id, state.version, self._stamp))
        unit.states[(state.type, state.id)] = state
        number = self.registry.type_number(state.type)
        packed = None if state.body is None else bodies.compress(state.body)
        unit.versions.append((self._seq, state.rid, state.version, number, self.updated, int(method), packed))
        return self._stored(state)

    def _assemble(self, rows: Rows, rid: int, unit: Buffer, into: dict[str, list[Row]]) -> None:
        """Turn words into numbers: the rows of one resource as the tables hold them."""
        texts = {system for _, _, system in rows.token}
        texts.update([text for _, text in rows.label])
        for quantity in rows.quantity:
            texts.update((quantity[1], quantity[4]))
        for composite in rows.composite:
            texts.update((composite[2], composite[4], composite[8]))
        known = self.names.known
        if not texts <= known.keys():
            self.names.ensure(self.session, texts)
            known = self.names.known
        clock = rows.clock
        if rows.token:
            into["token"] += {(tp, code, known[system], clock, rid) for tp, code, system in rows.token}
        if rows.label:
            into["label"] += {(tp, known[text], rid) for tp, text in rows.label}
        if rows.ref:
            into["ref"] += {(self._target(kind, id_, unit), tp, clock, rid) for tp, kind, id_ in rows.ref}
        if rows.date:
            into["date"] += {(tp, low, high, rid) for tp, low, high in rows.date}
        if rows.string:
            into["string"] += {(tp, norm, rid, exact) for tp, norm, exact in rows.string}
        if rows.quantity:
            into["quantity"] += {
                (tp, known[dim], low, high, rid, known[system], code, unit_)
                for tp, dim, low, high, system, code, unit_ in rows.quantity
            }
        if rows.uri:
            into["uri"] += {(tp, value, clock, rid) for tp, value in rows.uri}
        if rows.number:
            into["number"] += {(tp, low, high, rid) for tp, low, high in rows.number}
        if rows.composite:
            into["composite"] += {
                (tp, code, known[system], part, known[dim], low, high, code2, known[system2], element, rid)
                for tp, code, system, part, dim, low, high, code2, system2, element in rows.composite
            }
        if rows.position:
            into["position"] += {(tp, latitude, longitude, rid) for tp, latitude, longitude in rows.position}

    def _target(self, kind: str, id_: str, unit: Buffer) -> int:
        """The number of what a reference points to; a place is kept for what is not there (yet)."""
        key = (kind, id_)
        state = self._state(key, unit.states)
        if state is None:
            state = unit.states[key] = State(kind, id_, self._new_rid())
        return state.rid

    def index(self, rid: int, rows: Rows) -> None:
        """Add index rows to a resource whose content does not change."""
        self.load((kind, id_) for _, kind, id_ in rows.ref)
        unit = Buffer()
        self._assemble(rows, rid, unit, unit.inserts)
        self._join(unit)

    # --- writing

    def flush(self) -> None:
        """Bring everything applied so far into the database, so that a search within this transaction sees it."""
        buffer, self._buffer = self._buffer, Buffer()
        self._write(buffer)
        for key in buffer.states:
            self._states[key].fresh = False

    def _write(self, buffer: Buffer) -> None:
        session, number = self.session, self.registry.type_number
        for table in INDEX_TABLES:
            if buffer.deletes[table]:
                session.delete(table, buffer.deletes[table])
        if buffer.states:
            rows = sorted((s.rid, number(s.type), s.id, s.seq, s.version, s.clock) for s in buffer.states.values())
            # What is new has a rid above all that were written, and many new rows in one statement are cheaper.
            first_new = bisect_right(rows, self._written_rid, key=itemgetter(0))
            if first_new:
                session.upsert("resource", rows[:first_new])
            if first_new < len(rows):
                session.insert("resource", rows[first_new:])
                self._written_rid = rows[-1][0]
        if buffer.versions:
            session.insert("version", buffer.versions)
        for table in INDEX_TABLES:
            if buffer.inserts[table]:
                session.insert(table, sorted(buffer.inserts[table]))


def _instant(microseconds: int) -> str:
    seconds, rest = divmod(microseconds, 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{rest:06d}Z"


_RECORDS_OWN = frozenset(("versionId", "lastUpdated"))


def _content(resource: Resource) -> bytes:
    """What a client wrote, in one canonical form: equal bytes mean that an update changes nothing."""
    meta = {key: value for key, value in resource.get("meta", {}).items() if key not in _RECORDS_OWN}
    rest = {key: value for key, value in resource.items() if key not in ("meta", "id")}
    return json.encode_canonical({**rest, "meta": meta} if meta else rest)
