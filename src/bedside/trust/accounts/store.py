"""The trust store: plain SQL over one of two drivers, and who opens it.

It is beside the record (`trust.db` in the record's directory, or the schema `trust` of its database), so that a dump
or an export of the record holds no secret.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from bedside.trust.accounts.schema import KEPT, MIGRATIONS

Row = tuple[Any, ...]
Clock = Callable[[], float]
"""Seconds since 1970 in UTC."""


class Driver(Protocol):
    """A database. Each thread has a connection of its own; a statement outside a transaction is one by itself."""

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Run a statement with `?` for values. Raises StoreBusy or StoreBroken."""
        ...

    def transaction(self) -> AbstractContextManager[None]:
        """Statements of this thread until the end, whole or not at all; one writer at a time in all processes."""
        ...

    def close(self) -> None:
        """Close the connections of all threads."""
        ...


class Store:
    """The tables of schema.py, brought up to date when opened, and the time that everything is judged by."""

    def __init__(self, driver: Driver, clock: Clock = time.time) -> None:
        self._driver = driver
        self._clock = clock
        self._migrate()

    def now(self) -> int:
        """Whole seconds since 1970 in UTC."""
        return int(self._clock())

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        return self._driver.rows(sql, values)

    def row(self, sql: str, values: Sequence[Any] = ()) -> Row | None:
        """The first row, or None."""
        found = self._driver.rows(sql, values)
        return found[0] if found else None

    def transaction(self) -> AbstractContextManager[None]:
        return self._driver.transaction()

    def clean(self) -> None:
        """Throw away what has been past its time for long enough (schema.KEPT). Cheap; call it every few minutes."""
        for table, seconds in KEPT.items():
            self.rows(f"DELETE FROM {table} WHERE expires < ?", (self.now() - seconds,))

    def close(self) -> None:
        self._driver.close()

    def _migrate(self) -> None:
        self.rows("CREATE TABLE IF NOT EXISTS step (number BIGINT PRIMARY KEY)")
        if self.row("SELECT count(*) FROM step") == (len(MIGRATIONS),):
            return
        with self.transaction():
            found = self.row("SELECT count(*) FROM step")
            done = int(found[0]) if found else 0
            for number, statements in enumerate(MIGRATIONS[done:], done):
                for statement in statements:
                    self.rows(statement)
                self.rows("INSERT INTO step VALUES (?)", (number,))


def open_store(place: str | Path, *, clock: Clock = time.time) -> Store:
    """The trust store of a record: `place` is the record's directory, or the address of its PostgreSQL database."""
    if isinstance(place, str) and place.startswith(("postgresql://", "postgres://")):
        from bedside.trust.accounts.postgres import PostgresDriver

        return Store(PostgresDriver(place), clock)
    from bedside.trust.accounts.sqlite import SqliteDriver

    return Store(SqliteDriver(Path(place)), clock)
