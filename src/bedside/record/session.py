"""What the record asks of a database: rows for SQL, written once with `?` for values."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Literal, Protocol

Dialect = Literal["sqlite", "postgresql"]
Row = tuple[Any, ...]


class Session(Protocol):
    """One connection, in or out of a transaction. Not shared between threads."""

    @property
    def dialect(self) -> Dialect: ...

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """All rows of a query."""

    def matching(self, table: str, columns: str, key: Sequence[str], wanted: Sequence[Row]) -> list[Row]:
        """Columns (`a, b`) of those rows of a table whose `key` columns are one of `wanted`, any number of them."""

    def run(self, sql: str, values: Sequence[Any] = ()) -> None:
        """One statement for its effect."""

    def snapshot(self) -> AbstractContextManager[None]:
        """Within it, all reads see one state of the record. May be nested; only the outermost counts."""


class WriteSession(Session, Protocol):
    """The connection of a writer. Between `begin` and `commit` it is the only one that writes, in any process."""

    def begin(self) -> None:
        """Start a transaction and wait for every other writer to finish."""

    def commit(self) -> None:
        """Make it durable: when this returns, it survives loss of power."""

    def rollback(self) -> None: ...

    def expect_many(self) -> None:
        """Many large commits will follow: put off what may wait until they are done."""

    def savepoint(self) -> AbstractContextManager[None]:
        """Undo what happens inside if it raises, and only that."""

    def insert(self, table: str, rows: Sequence[Row]) -> None:
        """Rows, in the order of the table's columns; a row whose key is already there stays as it is.

        In the STRICT_TABLES of layout.py that is an error of the database instead.
        """

    def delete(self, table: str, rows: Sequence[Row]) -> None:
        """Remove exactly these rows from an index table."""

    def upsert(self, table: str, rows: Sequence[Row]) -> None:
        """Rows, in the order of the table's columns; a row with the same primary key is replaced."""


class Store(Protocol):
    """A database that holds a record."""

    @property
    def dialect(self) -> Dialect: ...

    @property
    def inline_reads(self) -> bool:
        """Whether a read by key is so fast that an event loop may do it itself."""

    @property
    def read_only(self) -> bool:
        """Whether nothing can be written here."""

    def reader(self) -> Session:
        """The reading connection of the calling thread; the same one each time."""

    def writer(self) -> WriteSession:
        """A new writing connection; the caller closes it by `close_session`."""

    def close_session(self, session: Any) -> None: ...

    def size(self) -> int:
        """Bytes on disk, indexes and log included."""

    def close(self) -> None: ...
