"""The tables of loaded systems, written: in steps, each of which is kept, so that a killed load goes on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bedside.fhir import json
from bedside.record.session import Store, WriteSession
from bedside.record.terminology.load.build import About, Builder, Display
from bedside.record.terminology.tables import bodies
from bedside.record.terminology.tables.bodies import GENERATION, SHIFT, Packer

_ROWS = 20_000
_BYTES = 8_000_000


@dataclass(frozen=True, slots=True)
class Loaded:
    """A row of `code_system`."""

    id: int
    url: str
    version: str
    kind: str
    state: str
    source: str


def systems(store: Store) -> list[Loaded]:
    """Every system in the tables, whatever its state."""
    rows = store.reader().rows("SELECT id, url, version, kind, state, source FROM code_system ORDER BY id")
    return [Loaded(*row) for row in rows]


class Tables:
    """Writes one system."""

    def __init__(self, store: Store, session: WriteSession, about: About, source: str) -> None:
        self._session = session
        self._about = about
        self._step = 0
        self.id, self._done = self._begin(store, source)
        self._key = _key(self.id)

    def _begin(self, store: Store, source: str) -> tuple[int, set[int]]:
        """Our number, and the steps that an earlier run has done."""
        about = self._about
        for each in systems(store):
            if each.state == "loading" and each.source == source and each.url == about.url:
                rows = store.reader().rows("SELECT part FROM loaded WHERE source=?", (_key(each.id),))
                return each.id, {part for (part,) in rows}
        self._session.begin()
        try:
            number = _raise_generation(self._session)
            row = (number, about.url, about.version or "", about.kind, "loading", source, "{}")
            self._session.insert("code_system", [row])
        except BaseException:
            self._session.rollback()
            raise
        self._session.commit()
        return number, set()

    @property
    def resumed(self) -> bool:
        return bool(self._done)

    def write(self, builder: Builder, display: Display, shown: Any) -> None:
        """All tables. `shown` is called with how many concepts are done."""
        base = self.id << SHIFT
        packer: Packer | None = None
        written = 0
        for bucket in builder.bodies(display):
            if packer is None:
                packer = Packer(self._dictionary([body for *_, body in bucket]))
            if not self._has():
                rows = [
                    (base + number, self.id, code, flags, text, packer.pack(body))
                    for number, code, flags, text, body in bucket
                ]
                self._keep([("concept", rows)])
            written += len(bucket)
            shown(written)
        self._chunks("concept_below", ((base + number, *rest) for number, *rest in builder.below()))
        self._chunks("concept_word", ((self.id, *row) for row in builder.words()))
        self._chunks("concept_column", ((self.id, *row) for row in builder.columns()))

    def _dictionary(self, samples: Sequence[bytes]) -> bytes:
        """That of the earlier run, or a new one; kept before anything that is packed with it."""
        found = self._session.rows(
            "SELECT content FROM concept_column WHERE system=? AND kind='system' AND code='dictionary'", (self.id,)
        )
        if found:
            return bytes(found[0][0])
        made = bodies.dictionary(samples)
        self._keep([("concept_column", [(self.id, "system", "dictionary", made)])], counted=False)
        return made

    def _has(self) -> bool:
        """Whether the next step was done before; then it is passed over."""
        if self._step in self._done:
            self._step += 1
            return True
        return False

    def _chunks(self, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
        for chunk in _sized(rows):
            if not self._has():
                self._keep([(table, chunk)])

    def _keep(self, tables: Sequence[tuple[str, Sequence[tuple[Any, ...]]]], *, counted: bool = True) -> None:
        """One step: everything or nothing of it is kept."""
        session = self._session
        session.begin()
        try:
            for table, rows in tables:
                session.insert(table, rows)
            if counted:
                session.insert("loaded", [(self._key, self._step, sum(len(rows) for _, rows in tables))])
        except BaseException:
            session.rollback()
            raise
        session.commit()
        self._step += counted

    def finish(self, detail: dict[str, Any]) -> list[int]:
        """From here on the system answers, and the one that it replaces does not. The numbers of those to remove."""
        session, about = self._session, self._about
        session.begin()
        try:
            _raise_generation(session)
            # That of the same version, and what earlier runs have left behind.
            gone = "url=? AND id<>? AND (version=? OR state<>'ready' AND id<?)"
            values = (about.url, self.id, about.version or "", self.id)
            old = session.rows(f"SELECT id FROM code_system WHERE {gone}", values)
            session.run(f"UPDATE code_system SET state='retired' WHERE {gone}", values)
            told = json.encode({**asdict(about), **detail}).decode()
            session.run("UPDATE code_system SET state='ready', detail=? WHERE id=?", (told, self.id))
            session.run("DELETE FROM loaded WHERE source=?", (self._key,))
        except BaseException:
            session.rollback()
            raise
        session.commit()
        return [number for (number,) in old]


def remove(session: WriteSession, number: int) -> None:
    """Take a system out of the tables, in steps that do not keep others waiting."""
    low, high = number << SHIFT, (number + 1) << SHIFT
    for table in ("concept_below", "concept"):
        while rows := session.rows(
            f"SELECT id FROM {table} WHERE id>=? AND id<? ORDER BY id LIMIT 1 OFFSET {_ROWS}", (low, high)
        ):
            _run(session, f"DELETE FROM {table} WHERE id>=? AND id<?", (low, rows[0][0]))
        _run(session, f"DELETE FROM {table} WHERE id>=? AND id<?", (low, high))
    for table in ("concept_word", "concept_column"):
        _run(session, f"DELETE FROM {table} WHERE system=?", (number,))
    _run(session, "DELETE FROM loaded WHERE source=?", (_key(number),))
    _run(session, "DELETE FROM code_system WHERE id=?", (number,))


def _run(session: WriteSession, sql: str, values: Sequence[Any]) -> None:
    session.begin()
    try:
        session.run(sql, values)
    except BaseException:
        session.rollback()
        raise
    session.commit()


def _raise_generation(session: WriteSession) -> int:
    rows = session.rows("SELECT value FROM setting WHERE key=?", (GENERATION,))
    number = int(rows[0][0]) + 1 if rows else 1
    session.upsert("setting", [(GENERATION, str(number))])
    return number


def _key(number: int) -> str:
    return f"terminology:{number}"


def _sized(rows: Iterable[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    """Rows in lists of so many rows and bytes; the same lists in every run."""
    found: list[tuple[Any, ...]] = []
    size = 0
    for row in rows:
        found.append(row)
        size += sum(len(cell) for cell in row if isinstance(cell, bytes))
        if len(found) >= _ROWS or size >= _BYTES:
            yield found
            found, size = [], 0
    if found:
        yield found
