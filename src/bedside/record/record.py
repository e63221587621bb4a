"""The record itself: what every other room reads from and writes to."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bedside.fhir.outcome import FhirError
from bedside.record import bodies, history
from bedside.record.custom import generation, load_registry
from bedside.record.extract import Extractor
from bedside.record.group import Group
from bedside.record.keeper import Keeper
from bedside.record.model import Method, Outcome, Page, SearchResult, Settings, Stored, Write
from bedside.record.names import Names
from bedside.record.operation import Operation, prepare
from bedside.record.parameters import Registry
from bedside.record.plan import Plan, needs_lock, plan
from bedside.record.session import Session, Store, WriteSession
from bedside.record.writer import Unit, Writer

if TYPE_CHECKING:
    from bedside.record.search import Lookups
    from bedside.record.terminology import Terminology

_CURRENT = (
    "SELECT r.rid, v.version, v.seq, v.updated, v.method, v.body"
    " FROM resource r JOIN version v ON v.seq = r.seq WHERE r.type=? AND r.id=?"
)
_VERSION = (
    "SELECT r.rid, v.version, v.seq, v.updated, v.method, v.body"
    " FROM resource r JOIN version v ON v.rid = r.rid WHERE r.type=? AND r.id=? AND v.version=?"
)


class Record:
    """A record that is open. Every method may be called from any thread.

    The resources given to its writes are taken over: do not change them afterwards.
    """

    def __init__(self, store: Store, settings: Settings | None = None) -> None:
        self.store = store
        self.settings = settings or Settings()
        self.extractor = Extractor(load_registry(store.reader()))
        self._looked = time.monotonic()
        self._lookups: Lookups | None = None
        self._changed = threading.Condition()
        self._last_seq = self._read_last_seq()
        self._writer = Writer(store, self._make_group, self._plan_locked, self._stale, self._committed)
        self._writer.start()
        self.keeper = Keeper(store, self._reload, self.settings)
        self.keeper.start()
        if self._has_custom_parameters():
            self.keeper.wake()

    @property
    def registry(self) -> Registry:
        """The search parameters, custom ones included."""
        return self.extractor.registry

    @cached_property
    def terminology(self) -> Terminology:
        """The code systems, value sets and concept maps of the record, and those of R4."""
        from bedside.record.terminology import Terminology
        from bedside.record.terminology.tables.provider import LoadedProvider

        return Terminology(self.store, self.registry, (LoadedProvider(self.store),))

    @property
    def inline_reads(self) -> bool:
        """Whether `read` is so fast that an event loop may call it directly."""
        return self.store.inline_reads

    def close(self) -> None:
        """Finish what was submitted, then close. May be called twice."""
        self.keeper.stop()
        self._writer.close()
        self.store.close()

    # --- reading

    def read(self, type_name: str, id_: str) -> Stored | None:
        """The current version of a resource; a deletion when it was deleted, None when it never was.

        KeyError for a type that R4 does not have.
        """
        found = self.store.reader().rows(_CURRENT, (self.registry.type_number(type_name), id_))
        return _stored(type_name, id_, found[0]) if found else None

    def vread(self, type_name: str, id_: str, version: int) -> Stored | None:
        """One version of a resource, which may be a deletion; None when there is no such version."""
        if not 0 < version < 1 << 31:
            return None
        found = self.store.reader().rows(_VERSION, (self.registry.type_number(type_name), id_, version))
        return _stored(type_name, id_, found[0]) if found else None

    def history(
        self,
        type_name: str | None = None,
        id_: str | None = None,
        *,
        since: int | None = None,
        at: tuple[int, int] | None = None,
        count: int = 50,
        cursor: str | None = None,
        total: bool = False,
    ) -> Page:
        """Versions of one resource, of a type, or of everything, newest first (R4 http.html#history).

        `since` keeps versions written at or after an instant, `at` those that were current at some time in the
        half-open interval; both in microseconds since the epoch. `cursor` is the `next` of the page before.
        """
        return history.history(
            self.store.reader(),
            self.registry,
            type_name,
            id_,
            since=since,
            at=at,
            count=count,
            cursor=cursor,
            total=total,
        )

    def changes(self, since: int = 0, limit: int = 1000) -> list[Stored]:
        """The change feed: versions with `seq` above `since`, in commit order, at most `limit`.

        A follower remembers the last `seq` it has seen; what it reads is never reordered or filled in later.
        """
        return history.changes(self.store.reader(), self.registry, since, limit)

    def last_seq(self) -> int:
        """`seq` of the newest version in the record, whichever process wrote it; 0 when it is empty."""
        return self._read_last_seq()

    def wait_for_change(self, since: int, timeout: float) -> bool:
        """Wait until there is a version above `since`, for at most `timeout` seconds. True when there is."""
        # Other processes do not wake us, so look at least five times a second.
        step = min(timeout, 0.2)
        waited = 0.0
        while True:
            if self._last_seq > since or self._read_last_seq() > since:
                return True
            if waited >= timeout:
                return False
            with self._changed:
                self._changed.wait(step)
            waited += step

    def counts(self) -> dict[str, int]:
        """Number of live resources of each type that has any."""
        rows = self.store.reader().rows(
            "SELECT type, count(*) FROM resource WHERE clock IS NOT NULL GROUP BY type ORDER BY type"
        )
        return {self.registry.type_name(number): count for number, count in rows}

    def search(
        self,
        type_name: str | None,
        parameters: Sequence[tuple[str, str]],
        *,
        strict: bool = False,
        compartment: tuple[str, str] | None = None,
        default_count: int = 50,
        max_count: int = 1000,
        base: str | None = None,
    ) -> SearchResult:
        """A FHIR search (R4 search.html): `type_name` None searches several types (`_type`).

        `base` is the server's own address: references in the search that begin with it are to this record.
        Raises Invalid or NotSupported for parameters that cannot be answered; an unknown one is an error when
        `strict` and a warning in the result otherwise.
        """
        from bedside.record import fulltext
        from bedside.record.search import Lookups, parse, run

        self._look_for_parameters()
        search = parse(
            self.registry,
            type_name,
            parameters,
            strict=strict,
            compartment=compartment,
            default_count=default_count,
            max_count=max_count,
            base=base,
        )
        if search.needs_text:
            fulltext.catch_up(self.store)
        if self._lookups is None:
            self._lookups = Lookups()
        return run(
            self.store.reader(),
            self.registry,
            search,
            lookups=self._lookups,
            terminology=lambda: self.terminology.current(),
        )

    def everything(
        self, type_name: str, id_: str, parameters: Sequence[tuple[str, str]] = (), *, max_count: int = 1000
    ) -> SearchResult:
        """All that belongs to a Patient or an Encounter (R4 patient-operation-everything.html), with what it
        refers to as `included`. Takes `start`, `end`, `_since`, `_type` and `_count`; Invalid for others."""
        from bedside.record.search import everything

        return everything(self.store.reader(), self.registry, type_name, id_, parameters, max_count=max_count)

    # --- writing

    def write(self, *writes: Write, transaction: bool = False) -> list[Outcome]:
        """Do these writes, all or nothing, and wait until they are durable. Raises FhirError when refused."""
        return self.submit(writes, transaction=transaction).result()

    def submit(self, writes: Sequence[Write], *, transaction: bool = False) -> Future[list[Outcome]]:
        """Like `write`, without waiting: the future is done when the writes are durable, or refused.

        `transaction` resolves `urn:uuid` and conditional references among the writes.
        """
        future: Future[list[Outcome]] = Future()
        future.set_running_or_notify_cancel()

        def done(unit: Unit) -> None:
            if unit.outcomes is None or unit.error is not None:
                future.set_exception(unit.error)
            else:
                future.set_result(unit.outcomes)

        self.post(writes, done, transaction=transaction)
        return future

    def post(self, writes: Sequence[Write], done: Callable[[Unit], None], *, transaction: bool = False) -> None:
        """Like `submit`, for whoever has a cheaper way to be told: `done` gets the unit, with outcomes or an error.

        It is called from the writer's thread, or at once when the writes are refused before they reach it.
        """
        unit = self.prepared(writes, done, transaction=transaction)
        if unit is not None:
            self.enqueue([unit])

    def prepared(
        self, writes: Sequence[Write], done: Callable[[Unit], None], *, transaction: bool = False
    ) -> Unit | None:
        """The first half of `post`, all that needs no lock; None when the writes were refused, and `done` called."""
        unit = Unit(writes, transaction, done)
        try:
            if not needs_lock(writes, transaction):
                unit.plan = plan(writes, None, None, transaction=transaction, prepare_with=self._prepare)
        except FhirError as error:
            unit.error = error
            done(unit)
            return None
        return unit

    def enqueue(self, units: Sequence[Unit]) -> None:
        """The second half of `post`, for several units that are best written together."""
        try:
            self._writer.submit(units)
        except FhirError as error:
            for unit in units:
                unit.error = error
                unit.done(unit)

    # --- search parameters that come and go

    def reindex(self, on_progress: Callable[[int, int], None] = lambda done, total: None) -> int:
        """Rebuild the whole index; see `bedside.record.reindex`."""
        from bedside.record.reindex import reindex

        return reindex(self.store, on_progress)

    def _has_custom_parameters(self) -> bool:
        number = self.registry.type_number("SearchParameter")
        rows = self.store.reader().rows(
            "SELECT 1 FROM parameter UNION ALL SELECT 1 FROM resource WHERE type=? AND clock IS NOT NULL LIMIT 1",
            (number,),
        )
        return bool(rows)

    def _reload(self) -> Extractor:
        self.extractor = Extractor(load_registry(self.store.reader()))
        return self.extractor

    def _stale(self, group: Group) -> bool:
        """Whether the search parameters changed since the writer last looked; then it goes on with the new ones."""
        if group.generation == group.registry.generation:
            return False
        self.extractor = Extractor(load_registry(group.session))
        group.use(self.extractor)
        return True

    def _look_for_parameters(self) -> None:
        """Other processes may have added search parameters; notice it within a second."""
        now = time.monotonic()
        if now - self._looked > 1.0:
            self._looked = now
            if generation(self.store.reader()) != self.registry.generation:
                self._reload()

    def _prepare(self, operation: Operation) -> Operation:
        return prepare(operation, self.extractor, self.settings)

    def _make_group(self, session: WriteSession, names: Names) -> Group:
        return Group(session, names, self.extractor, self.settings)

    def _plan_locked(self, unit: Unit, group: Group) -> Plan:
        from bedside.record.search import find_rids

        def search(type_name: str, query: str, limit: int | None = 2) -> list[str]:
            group.flush()
            rids = find_rids(
                group.session,
                self.registry,
                type_name,
                query,
                limit=limit,
                terminology=lambda: self.terminology.current(),
            )
            return [id_ for (id_,) in group.session.matching("resource", "id", ("rid",), [(rid,) for rid in rids])]

        return plan(unit.writes, group, search, transaction=unit.transaction, prepare_with=self._prepare)

    def _committed(self, group: Group) -> None:
        with self._changed:
            self._last_seq = group.last_seq
            self._changed.notify_all()
        if "SearchParameter" in group.types:
            self.keeper.wake()

    def _read_last_seq(self) -> int:
        seq: int = self.store.reader().rows("SELECT coalesce(max(seq), 0) FROM version")[0][0]
        return seq


def _stored(type_name: str, id_: str, row: tuple[Any, ...]) -> Stored:
    rid, version, seq, updated, method, body = row
    return Stored(
        type_name, id_, rid, version, seq, updated, Method(method), None if body is None else bodies.decompress(body)
    )


def open_store(place: str | Path, *, cache_megabytes: int = 64, read_only: bool = False) -> Store:
    """The store at a directory or at a `postgresql://` address, made or brought up to date if needed.

    A directory that is opened `read_only` must hold a record and is not touched; at an address, what may be written is
    for the database to say.
    """
    if isinstance(place, str) and place.startswith(("postgresql://", "postgres://")):
        from bedside.record.postgres import PostgresStore

        return PostgresStore(place)
    from bedside.record.sqlite import SqliteStore

    return SqliteStore(Path(place), cache_megabytes=cache_megabytes, read_only=read_only)


def open_record(place: str | Path, settings: Settings | None = None, *, read_only: bool = False) -> Record:
    """Open the record in a directory (SQLite) or at a `postgresql://` address; see `open_store`."""
    settings = settings or Settings()
    return Record(open_store(place, cache_megabytes=settings.cache_megabytes, read_only=read_only), settings)


__all__ = ["Record", "Session", "open_record", "open_store"]
