"""A site on each of the two stores; keys are made once, because making one takes long."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.trust.accounts.world import Clock, Site, make_site

from bedside.trust.accounts.keys import Keys


@pytest.fixture(scope="session")
def key_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    Keys(folder, Clock())
    return folder


@pytest.fixture
def site(tmp_path: Path, key_folder: Path) -> Iterator[Site]:
    """A site on SQLite."""
    keys = tmp_path / "keys"
    shutil.copytree(key_folder, keys)
    made = make_site(str(tmp_path / "data"), keys)
    yield made
    made.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def any_site(request: pytest.FixtureRequest, tmp_path: Path, key_folder: Path) -> Iterator[Site]:
    """A site on SQLite, and then one on PostgreSQL."""
    if request.param == "sqlite":
        yield request.getfixturevalue("site")
        return
    databases = request.getfixturevalue("postgresql_databases")
    name = databases.take()
    import psycopg

    with psycopg.connect(databases.address(name), autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS trust CASCADE")
    made = make_site(databases.address(name), key_folder)
    yield made
    made.close()
    databases.give_back(name)
