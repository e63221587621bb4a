"""The trust store in a schema of its own in the record's PostgreSQL database."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg

from bedside.record.errors import StoreBroken, StoreBusy

SCHEMA = "trust"
# One writer at a time, as SQLite has it: what a transaction has read then stays true until it ends.
_LOCK = "SELECT pg_advisory_xact_lock(4711, 3)"


class PostgresDriver:
    """A connection a thread; one that was lost is made anew for the next statement."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._local = threading.local()
        self._all: list[psycopg.Connection[Any]] = []
        self._closed = False
        with self.transaction():
            self.rows(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")

    def _connection(self) -> psycopg.Connection[Any]:
        found: psycopg.Connection[Any] | None = getattr(self._local, "connection", None)
        if self._closed:
            raise StoreBroken("The trust store is closed.")
        if found is None or found.closed:
            found = psycopg.connect(self._address, autocommit=True, options=f"-c search_path={SCHEMA}")
            self._local.connection = found
            self._all.append(found)
        return found

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        try:
            cursor = self._connection().execute(sql.replace("?", "%s").encode(), values)
            return cursor.fetchall() if cursor.description else []
        except psycopg.errors.LockNotAvailable as error:
            raise StoreBusy("Another process is writing to the trust store and does not finish. Try again.") from error
        except psycopg.OperationalError as error:
            # The driver's text may name the host; what it quotes of values must not travel.
            raise StoreBroken("The database of the trust store is out of reach.") from error

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self.rows("BEGIN")
        try:
            self.rows(_LOCK)
            yield
        except BaseException:
            connection = self._connection()
            if not connection.closed:
                connection.execute("ROLLBACK")
            raise
        self.rows("COMMIT")

    def close(self) -> None:
        self._closed = True
        while self._all:
            self._all.pop().close()
