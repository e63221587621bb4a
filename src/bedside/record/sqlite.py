"""The record in one SQLite file: the embedded store, and the only module that knows SQLite's driver.

Write-ahead log with synchronous=FULL: a commit that returned survives loss of power. Readers never wait for the
writer. apsw brings its own SQLite, so every installation runs the same one.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

import apsw

from bedside.fhir.outcome import FhirError
from bedside.record import migrate
from bedside.record.errors import StoreBroken, StoreBusy, StoreFull
from bedside.record.layout import COLUMNS, STRICT_TABLES
from bedside.record.session import Row

_FILE = "record.db"
_LOCK_SECONDS = 60.0
_CHECKPOINT_PAGES = 20_000
_BULK_CHECKPOINT_PAGES = 100_000
_ROWS = 100
_MOST_WANTED = 512
_CLOSED = "The record is closed."


def _translate(error: apsw.Error) -> FhirError:
    """A driver's error as one of ours. Messages of the database name no values, only what went wrong."""
    match error:
        case apsw.FullError():
            return StoreFull("The disk that holds the record is full. Nothing of this request was kept.")
        case apsw.BusyError() | apsw.LockedError():
            return StoreBusy("Another process is writing to the record and does not finish. Try again.")
        case apsw.IOError() | apsw.CantOpenError() | apsw.ReadOnlyError():
            return StoreBroken(
                f"The record's file cannot be read or written ({error}). Nothing of this request was kept."
            )
        case apsw.ConnectionClosedError():
            return StoreBroken(_CLOSED)
        case apsw.CorruptError() | apsw.NotADBError():
            return StoreBroken(f"The record's file is damaged ({error}). Restore it from a backup.")
    raise error


def _connect(path: Path, read_only: bool) -> apsw.Connection:
    """A connection; one that only reads needs neither the right to write nor, where nobody writes, a folder for it."""
    if not read_only:
        return apsw.Connection(str(path), statementcachesize=256)
    writable = os.access(path.parent, os.W_OK)
    # Without files beside it there is no log to share with a writer, and SQLite may not make one here.
    alone = not writable and not path.with_name(path.name + "-wal").exists()
    address = f"file:{quote(str(path))}?mode=ro{'&immutable=1' if alone else ''}"
    flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
    return apsw.Connection(address, flags=flags, statementcachesize=256)


class SqliteSession:
    """One connection."""

    dialect: Literal["sqlite"] = "sqlite"

    def __init__(self, path: Path, *, cache_megabytes: int, read_only: bool = False) -> None:
        try:
            self.connection = _connect(path, read_only)
            self.connection.set_busy_handler(self._wait)
            for pragma in (
                *(() if read_only else ("journal_mode=WAL", "synchronous=FULL")),
                f"cache_size=-{cache_megabytes * 1024}",
                "temp_store=MEMORY",
                f"wal_autocheckpoint={_CHECKPOINT_PAGES}",
                "mmap_size=0",
            ):
                self._patiently(f"PRAGMA {pragma}")
        except apsw.Error as error:
            raise _translate(error) from error
        self._depth = 0
        self._savepoints = 0
        self._waiting_since: float | None = None

    def _patiently(self, sql: str) -> None:
        """Where processes make one record together, SQLite does not ask the busy handler but gives up at once."""
        began = time.monotonic()
        while True:
            try:
                self.connection.execute(sql).fetchall()
                return
            except apsw.BusyError:
                if time.monotonic() - began > _LOCK_SECONDS:
                    raise
                time.sleep(0.005)

    def _wait(self, attempts: int) -> bool:
        """Wait for another process's lock in short steps: commits take well under a millisecond."""
        if attempts == 0 or self._waiting_since is None:
            self._waiting_since = time.monotonic()
        time.sleep(min(0.0001 * (attempts + 1), 0.0005))
        return time.monotonic() - self._waiting_since < _LOCK_SECONDS

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        try:
            return self.connection.execute(sql, values).fetchall()
        except apsw.Error as error:
            raise _translate(error) from error

    def matching(self, table: str, columns: str, key: Sequence[str], wanted: Sequence[Row]) -> list[Row]:
        found: list[Row] = []
        one = f"({','.join('?' * len(key))})"
        for start in range(0, len(wanted), _MOST_WANTED):
            some = wanted[start : start + _MOST_WANTED]
            # In steps of powers of two, so that a few statements stay compiled.
            size = 1 << (len(some) - 1).bit_length()
            values = [value for row in (*some, *[some[-1]] * (size - len(some))) for value in row]
            marks = ",".join([one] * size)
            found += self.rows(f"SELECT {columns} FROM {table} WHERE ({','.join(key)}) IN (VALUES {marks})", values)
        return found

    def run(self, sql: str, values: Sequence[Any] = ()) -> None:
        try:
            self.connection.execute(sql, values)
        except apsw.Error as error:
            raise _translate(error) from error

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        if self._depth or self.connection.in_transaction:
            yield
            return
        self.run("BEGIN")
        self._depth = 1
        try:
            yield
        finally:
            self._depth = 0
            self.run("ROLLBACK")

    def begin(self) -> None:
        self.run("BEGIN IMMEDIATE")

    def commit(self) -> None:
        self.run("COMMIT")

    def rollback(self) -> None:
        # SQLite ends the transaction itself after some errors, a full disk among them.
        if self.connection.in_transaction:
            self.run("ROLLBACK")

    def expect_many(self) -> None:
        self.run(f"PRAGMA wal_autocheckpoint={_BULK_CHECKPOINT_PAGES}")

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        self._savepoints += 1
        name = f"s{self._savepoints}"
        self.run(f"SAVEPOINT {name}")
        try:
            yield
        except BaseException:
            if self.connection.in_transaction:
                self.run(f"ROLLBACK TO {name}")
                self.run(f"RELEASE {name}")
            raise
        finally:
            self._savepoints -= 1
        self.run(f"RELEASE {name}")

    def insert(self, table: str, rows: Sequence[Row]) -> None:
        # A statement of a hundred rows costs a fifth less than a hundred statements.
        into = f"INSERT INTO {table}" if table in STRICT_TABLES else f"INSERT OR IGNORE INTO {table}"
        whole = len(rows) - len(rows) % _ROWS
        if whole:
            sql = f"{into} VALUES " + ",".join([f"({_marks(rows)})"] * _ROWS)
            self._many(sql, [tuple(chain.from_iterable(rows[i : i + _ROWS])) for i in range(0, whole, _ROWS)])
        if whole < len(rows):
            self._many(f"{into} VALUES ({_marks(rows)})", rows[whole:])

    def upsert(self, table: str, rows: Sequence[Row]) -> None:
        self._many(f"INSERT OR REPLACE INTO {table} VALUES ({_marks(rows)})", rows)

    def delete(self, table: str, rows: Sequence[Row]) -> None:
        columns = COLUMNS[table]
        self._many(f"DELETE FROM {table} WHERE {' AND '.join(f'{c}=?' for c in columns)}", rows)

    def _many(self, sql: str, rows: Sequence[Row]) -> None:
        try:
            self.connection.executemany(sql, rows)
        except apsw.Error as error:
            raise _translate(error) from error


def _marks(rows: Sequence[Row]) -> str:
    return ",".join("?" * len(rows[0])) if rows else ""


class SqliteStore:
    """A directory with the record's file in it."""

    dialect: Literal["sqlite"] = "sqlite"
    inline_reads = True

    def __init__(self, directory: Path, *, cache_megabytes: int = 64, read_only: bool = False) -> None:
        """With `read_only` nothing is made or written; StoreBroken when there is no record, or of another schema."""
        self.read_only = read_only
        if read_only:
            if not (directory / _FILE).is_file():
                raise StoreBroken(f"There is no record in {directory}.")
        else:
            try:
                directory.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise StoreBroken(f"The record's folder cannot be made: {error.strerror}.") from None
        self.directory = directory
        self.path = directory / _FILE
        self._cache = cache_megabytes
        self._local = threading.local()
        self._sessions: set[SqliteSession] = set()
        self._lock = threading.Lock()
        self._closed = False
        first = self._open()
        try:
            if read_only:
                migrate.check(first)
            else:
                migrate.upgrade(first, f"sqlite:///{self.path}")
        finally:
            self.close_session(first)

    def _open(self) -> SqliteSession:
        session = SqliteSession(self.path, cache_megabytes=self._cache, read_only=self.read_only)
        with self._lock:
            if not self._closed:
                self._sessions.add(session)
                return session
        session.connection.close()
        raise StoreBroken(_CLOSED)

    def reader(self) -> SqliteSession:
        session: SqliteSession | None = getattr(self._local, "session", None)
        if session is None or session not in self._sessions:
            session = self._local.session = self._open()
        return session

    def writer(self) -> SqliteSession:
        return self._open()

    def close_session(self, session: Any) -> None:
        with self._lock:
            self._sessions.discard(session)
        session.connection.close()

    def size(self) -> int:
        files = (self.path, self.path.with_name(_FILE + "-wal"))
        return sum(file.stat().st_size for file in files if file.exists())

    def close(self) -> None:
        with self._lock:
            self._closed = True
            sessions, self._sessions = self._sessions, set()
        for session in sessions:
            session.connection.close()
