"""Reading and writing sessions of PostgreSQL, over connections that postgres.py opens. No driver here."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Literal

from bedside.record.errors import StoreBroken, StoreBusy
from bedside.record.layout import STRICT_TABLES
from bedside.record.session import Row

if TYPE_CHECKING:
    from bedside.record.postgres import Link

LOST = "The connection to the database was lost"
CLOSED = "The record is closed."
_UNKNOWN = f"{LOST} while the write was being made durable: it was kept whole or not at all. Read before repeating it."
_WAIT = 30.0

# One writer at a time: readers of the change feed then never see a version appear below one they have seen.
_LOCK = "SELECT pg_advisory_xact_lock(4711, 2)"


class PostgresError(Exception):
    """PostgreSQL refused a statement in a way that nobody foresaw.

    Says the SQLSTATE and the SQL with its placeholders, never the driver's text, which may quote values.
    """

    def __init__(self, sqlstate: str, sql: str) -> None:
        super().__init__(f"PostgreSQL refused a statement with SQLSTATE {sqlstate}: {sql}")
        self.sqlstate = sqlstate


class Table:
    """The statements that write rows of one table, each a single one over arrays of its columns."""

    def __init__(self, name: str, columns: Sequence[tuple[str, str, bool]]) -> None:
        """`columns`: name, type, and whether it is part of the primary key."""
        self.name = name
        self.types = [kind for _, kind, _ in columns]
        self.type_of = {column: kind for column, kind, _ in columns}
        names = [column for column, _, _ in columns]
        key = [column for column, _, is_key in columns if is_key]
        rest = [f"{column} = excluded.{column}" for column, _, is_key in columns if not is_key]
        marks = ", ".join(f"?::{kind}[]" for kind in self.types)
        self.insert = f"INSERT INTO {name} SELECT * FROM unnest({marks})"
        if name not in STRICT_TABLES:
            self.insert += " ON CONFLICT DO NOTHING"
        then = f"UPDATE SET {', '.join(rest)}" if rest else "NOTHING"
        self.upsert = f"INSERT INTO {name} SELECT * FROM unnest({marks}) ON CONFLICT ({', '.join(key)}) DO {then}"
        self.delete = (
            f"DELETE FROM {name} t USING unnest({marks}) AS gone({', '.join(names)})"
            f" WHERE {' AND '.join(f't.{column} = gone.{column}' for column in names)}"
        )

    def matching(self, columns: str, key: Sequence[str]) -> tuple[str, list[str]]:
        """The query for rows by key, over arrays of the key columns, and the types of those."""
        types = [self.type_of[column] for column in key]
        marks = ", ".join(f"?::{kind}[]" for kind in types)
        names = ", ".join(key)
        return f"SELECT {columns} FROM unnest({marks}) AS wanted({names}) JOIN {self.name} USING ({names})", types


class Pool:
    """Connections for reading: made when needed, kept, and never more than `most`."""

    def __init__(self, connect: Callable[[], Link], most: int) -> None:
        self._connect = connect
        self._free: list[Link] = []
        self._places = threading.Semaphore(most)
        self._closed = False

    @contextmanager
    def link(self) -> Iterator[Link]:
        if not self._places.acquire(timeout=_WAIT):
            raise StoreBusy("All connections to the database are busy. Try again.")
        link: Link | None = None
        try:
            if self._closed:
                raise StoreBroken(CLOSED)
            link = self._take() or self._connect()
            yield link
        finally:
            if link is not None:
                if self._closed:
                    link.close()
                else:
                    self._free.append(link)
            self._places.release()

    def _take(self) -> Link | None:
        """The connection that was used last and still lives: its statements are prepared."""
        while self._free:
            try:
                link = self._free.pop()
            except IndexError:  # another thread was quicker
                return None
            if link.alive:
                return link
            link.close()
        return None

    def close(self) -> None:
        self._closed = True
        while self._free:
            self._free.pop().close()


class _Session:
    """What reading and writing sessions share."""

    dialect: Literal["postgresql"] = "postgresql"


class PostgresReader(_Session):
    """The reading session of one thread: borrows a connection for a query, or for as long as a snapshot lasts."""

    def __init__(self, pool: Pool, table: Callable[[str], Table]) -> None:
        self._pool = pool
        self._table = table
        self._pinned: Link | None = None

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        if self._pinned is not None:
            return self._pinned.rows(sql, values)
        with self._pool.link() as link:
            return link.rows(sql, values)

    def matching(self, table: str, columns: str, key: Sequence[str], wanted: Sequence[Row]) -> list[Row]:
        if not wanted:
            return []
        sql, types = self._table(table).matching(columns, key)
        if self._pinned is not None:
            return self._pinned.rows_of_arrays(sql, types, wanted)
        with self._pool.link() as link:
            return link.rows_of_arrays(sql, types, wanted)

    def run(self, sql: str, values: Sequence[Any] = ()) -> None:
        self.rows(sql, values)

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        if self._pinned is not None:
            yield
            return
        with self._pool.link() as link:
            link.simple("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            self._pinned = link
            try:
                yield
            finally:
                self._pinned = None
                if link.alive:
                    link.simple("COMMIT")


class PostgresWriter(_Session):
    """A writing session. What it is told to do is done in order; errors may only show at the next `rows` or `commit`,
    but always inside the savepoint they belong to."""

    def __init__(self, connect: Callable[[], Link], table: Callable[[str], Table]) -> None:
        self._connect = connect
        self._table = table
        self._link: Link | None = None
        self._within = False
        self._savepoints = 0

    @property
    def _connected(self) -> Link:
        """The connection; a new one when the old one went away between transactions."""
        if self._link is None or not (self._within or self._link.alive):
            self.close()
            self._link = self._connect()
        return self._link

    def close(self) -> None:
        self._within = False
        if self._link is not None:
            self._link.close()
            self._link = None

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        return self._connected.rows(sql, values)

    def matching(self, table: str, columns: str, key: Sequence[str], wanted: Sequence[Row]) -> list[Row]:
        if not wanted:
            return []
        sql, types = self._table(table).matching(columns, key)
        return self._connected.rows_of_arrays(sql, types, wanted)

    def run(self, sql: str, values: Sequence[Any] = ()) -> None:
        if self._within:
            self._connected.queue(sql, values)
        else:
            self._connected.rows(sql, values)

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        if self._within:
            yield  # Nobody else writes meanwhile.
            return
        link = self._connected
        link.simple("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        self._within = True
        try:
            yield
        finally:
            self._within = False
            if link.alive:
                link.simple("COMMIT")

    def begin(self) -> None:
        link = self._connected
        link.queue("BEGIN")
        link.queue(_LOCK)
        self._within = True
        self._savepoints = 0

    def commit(self) -> None:
        link = self._connected
        link.queue("COMMIT")
        try:
            result = link.sync()[-1]
        except StoreBroken:
            if link.alive:
                raise
            raise StoreBroken(_UNKNOWN) from None
        self._within = False
        if result.command_status != b"COMMIT":
            raise PostgresError("25P02", "COMMIT")

    def rollback(self) -> None:
        link, self._within = self._link, False
        if link is None:
            return
        with suppress(Exception):
            link.sync()
        if not link.alive:
            self.close()
        elif link.in_transaction:
            link.simple("ROLLBACK")

    def expect_many(self) -> None:
        """Nothing to put off: PostgreSQL checkpoints in a process of its own."""

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        link = self._connected
        self._savepoints += 1
        name = f"s{self._savepoints}"
        link.queue(f"SAVEPOINT {name}")
        try:
            yield
            link.sync()
        except BaseException:
            with suppress(Exception):
                link.sync()
            if link.alive:
                link.simple(f"ROLLBACK TO {name}")
                link.simple(f"RELEASE {name}")
            raise
        finally:
            self._savepoints -= 1
        link.queue(f"RELEASE {name}")

    def insert(self, table: str, rows: Sequence[Row]) -> None:
        if rows:
            kind = self._table(table)
            self._connected.queue_arrays(kind.insert, kind.types, rows)

    def upsert(self, table: str, rows: Sequence[Row]) -> None:
        if rows:
            kind = self._table(table)
            self._connected.queue_arrays(kind.upsert, kind.types, rows)

    def delete(self, table: str, rows: Sequence[Row]) -> None:
        if rows:
            kind = self._table(table)
            self._connected.queue_arrays(kind.delete, kind.types, rows)
