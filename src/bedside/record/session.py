"""What the record asks of a database: rows for SQL. Written once with `?` for values; PostgreSQL's adapter renumbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal, Protocol

Dialect = Literal["sqlite", "postgresql"]
Row = tuple[Any, ...]


class Session(Protocol):
    """One connection, in or out of a transaction. Not shared between threads."""

    dialect: Dialect

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """All rows of a query."""

    def run(self, sql: str, values: Sequence[Any] = ()) -> None:
        """One statement for its effect."""

    def insert(self, table: str, rows: Iterable[Row]) -> None:
        """Rows into an index table, in the order of its columns; a row already there stays as it is."""

    def delete(self, table: str, rows: Iterable[Row]) -> None:
        """Remove exactly these rows from an index table."""
