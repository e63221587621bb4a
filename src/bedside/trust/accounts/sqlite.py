"""The trust store in one SQLite file that only its owner can read."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

from bedside.record.errors import StoreBroken, StoreBusy, StoreFull

FILE = "trust.db"
_WAIT_MILLISECONDS = 10_000


class SqliteDriver:
    """A connection a thread, write-ahead log, every commit durable."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / FILE
        # Made before SQLite makes it, because SQLite asks for no rights; its log files take over those of this file.
        os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
        self._local = threading.local()
        self._all: list[apsw.Connection] = []
        self._closed = False

    def _connection(self) -> apsw.Connection:
        found: apsw.Connection | None = getattr(self._local, "connection", None)
        if self._closed:
            raise StoreBroken("The trust store is closed.")
        if found is None:
            found = apsw.Connection(str(self._path), statementcachesize=64)
            found.set_busy_timeout(_WAIT_MILLISECONDS)
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
                found.execute(f"PRAGMA {pragma}").fetchall()
            self._local.connection = found
            self._all.append(found)
        return found

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        try:
            return self._connection().execute(sql, values).fetchall()
        except (apsw.BusyError, apsw.LockedError) as error:
            raise StoreBusy("Another process is writing to the trust store and does not finish. Try again.") from error
        except apsw.FullError as error:
            raise StoreFull("The disk that holds the trust store is full.") from error
        except (apsw.IOError, apsw.CantOpenError, apsw.CorruptError, apsw.NotADBError, apsw.ReadOnlyError) as error:
            raise StoreBroken("The trust store cannot be read or written.") from error

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self.rows("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.rows("ROLLBACK")
            raise
        self.rows("COMMIT")

    def close(self) -> None:
        self._closed = True
        while self._all:
            self._all.pop().close()
