"""Opening a record: a new one, one that exists, by several processes at once, and one that must be refused."""

from __future__ import annotations

import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from bedside.record.errors import StoreBroken
from bedside.record.record import open_record, open_store
from record.other_process import finish, go, start
from record.samples import create, patient

Address = Callable[[str], str]


@pytest.fixture(params=["sqlite", "postgresql"])
def new_place(request: pytest.FixtureRequest) -> Iterator[str]:
    """Where no record has been made yet."""
    if request.param == "sqlite":
        yield str(request.getfixturevalue("tmp_path") / "not" / "there")
        return
    address = request.getfixturevalue("postgresql_server")
    name = f"new_{uuid.uuid4().hex}"
    with psycopg.connect(address("postgres"), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
        yield address(name)
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_a_new_record_is_made(new_place: str) -> None:
    record = open_record(new_place)
    stored = create(record, patient())
    record.close()
    again = open_record(new_place)
    assert again.read("Patient", stored.id) == stored
    again.close()


def test_processes_may_make_it_together(new_place: str) -> None:
    others = [start("mixed", new_place, 30) for _ in range(3)]
    go(*others)
    for other in others:
        finish(other)
    record = open_record(new_place)
    assert [s.seq for s in record.changes()] == list(range(1, record.last_seq() + 1))
    assert record.last_seq() > 10
    record.close()


def test_opening_what_exists_needs_no_migration_tools(place: str) -> None:
    """SQLAlchemy and alembic take longer to import than all the rest takes to start."""
    program = (
        "import sys; from bedside.record.record import open_record; record = open_record(sys.argv[1]);"
        " record.read('Patient', 'x'); record.close();"
        " print([m for m in ('sqlalchemy', 'alembic') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program, place], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_file_that_is_no_record_is_refused(tmp_path: Path) -> None:
    (tmp_path / "record.db").write_bytes(b"This is a letter and no database." * 100)
    with pytest.raises(StoreBroken, match="damaged"):
        open_record(tmp_path)
    assert (tmp_path / "record.db").read_bytes().startswith(b"This is a letter")


def test_a_folder_that_cannot_be_one_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreBroken):
        open_record(tmp_path / "file")


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://me:s3cret@127.0.0.1:1/x",
        "postgres://me:s3cret@127.0.0.1:1/x",
        "postgresql://me:%s3cret@127.0.0.1:1/x",
        "postgresql://me:a@s3cret@127.0.0.1:1/x",
        "postgresql://me:a@s3cret/b@127.0.0.1:1/x",
        "postgresql://me:s3cret/x@127.0.0.1:1/x",
        "postgresql://me:s3cret@127.0.0.1:port/x",
        "postgresql://me:s3cret@127.0.0.1:1/x?nonsense=1",
        "postgresql://127.0.0.1:1/x?password=s3cret",
    ],
)
def test_a_database_out_of_reach_is_told_without_its_password(address: str) -> None:
    with pytest.raises(StoreBroken) as caught:
        open_store(address)
    shown = [str(caught.value), repr(caught.value)]
    error: BaseException | None = caught.value
    while error is not None:
        shown.append(str(error))
        error = error.__cause__
    assert "s3cret" not in " ".join(shown)
    assert len(str(caught.value)) > 20


def test_the_short_scheme_is_understood(postgresql_place: str) -> None:
    open_store("postgres" + postgresql_place.removeprefix("postgresql")).close()


def test_a_server_that_may_forget_is_refused(postgresql_place: str) -> None:
    with psycopg.connect(postgresql_place, autocommit=True) as admin:
        try:
            _set(admin, postgresql_place, "ALTER SYSTEM SET fsync = off", "off")
            with pytest.raises(StoreBroken, match="fsync"):
                open_store(postgresql_place)
        finally:
            _set(admin, postgresql_place, "ALTER SYSTEM RESET fsync", "on")
    open_store(postgresql_place).close()


def _set(admin: psycopg.Connection, address: str, sql: str, expected: str) -> None:
    """Change the server's fsync and wait until new connections see it."""
    admin.execute(sql)  # type: ignore[call-overload]
    admin.execute("SELECT pg_reload_conf()")
    for _ in range(200):
        with psycopg.connect(address) as connection:
            if connection.execute("SHOW fsync").fetchone() == (expected,):
                return
    raise AssertionError("the server did not take the setting")


def test_commits_wait_for_the_disk_whatever_the_database_is_set_to(postgresql_place: str) -> None:
    name = postgresql_place.split("/")[3].split("?")[0]
    with psycopg.connect(postgresql_place, autocommit=True) as admin:
        admin.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")  # type: ignore[call-overload]
        try:
            store = open_store(postgresql_place)
            writer = store.writer()
            assert writer.rows("SHOW synchronous_commit") == [("on",)]
            store.close()
        finally:
            admin.execute(f"ALTER DATABASE {name} RESET synchronous_commit")  # type: ignore[call-overload]


def test_a_database_that_cannot_hold_all_text_is_refused(postgresql_server: Address) -> None:
    with psycopg.connect(postgresql_server("postgres"), autocommit=True) as admin:
        admin.execute("CREATE DATABASE ascii_only TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'")
        with pytest.raises(StoreBroken, match="UTF8"):
            open_store(postgresql_server("ascii_only"))
        admin.execute("DROP DATABASE ascii_only WITH (FORCE)")
