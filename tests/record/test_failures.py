"""When the store fails: a full disk, a lost connection, a lock that is not given.

Nothing acknowledged is lost, what was not acknowledged is whole or not there, the error says what happened, and it all
works again when the cause is gone.
"""

from __future__ import annotations

import base64
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bedside.fhir.outcome import FhirError
from bedside.record import postgres_session, sqlite
from bedside.record.errors import StoreBroken, StoreBusy, StoreError, StoreFull
from bedside.record.model import Create, Stored
from bedside.record.postgres import PostgresStore
from bedside.record.record import Record, open_record
from bedside.record.session import Store, WriteSession
from record.index import assert_consistent
from record.samples import create, observation, patient

# --- a full disk


def fill(record: Record, most: int = 100_000) -> list[Stored]:
    """Write until the store says that it is full; what was acknowledged."""
    kept: list[Stored] = []

    def write() -> None:
        for _ in range(most):
            kept.append(create(record, patient(os.urandom(30_000).hex())))

    with pytest.raises(StoreFull, match="full") as caught:
        write()
    assert caught.value.status == 507
    return kept


def assert_kept(record: Record, kept: list[Stored]) -> None:
    for stored in kept:
        assert record.read("Patient", stored.id) == stored
    assert [s.seq for s in record.changes(limit=1 << 20)] == [s.seq for s in kept]
    assert_consistent(record)


def test_a_database_that_may_not_grow(record: Record) -> None:
    """SQLite's page limit and an error as PostgreSQL raises it, at the same place as on a full disk."""
    first = create(record, patient("first"))
    session: Any = record.store.writer()
    if record.store.dialect == "sqlite":
        writer: Any = record._writer._session
        (pages,) = session.rows("PRAGMA page_count")[0]
        writer.rows(f"PRAGMA max_page_count={pages + 100}")
        kept = [first, *fill(record)]
        writer.rows("PRAGMA max_page_count=1000000")
    else:
        session.run(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF new.seq > 5 THEN"
            " RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END IF; RETURN new; END $$"
        )
        session.run("CREATE TRIGGER full_disk BEFORE INSERT ON version FOR EACH ROW EXECUTE FUNCTION full_disk()")
        kept = [first, *fill(record)]
        assert len(kept) == 5
        session.run("DROP TRIGGER full_disk ON version")
        session.run("DROP FUNCTION full_disk")
    record.store.close_session(session)
    assert_kept(record, kept)
    create(record, patient("after"))
    assert_consistent(record)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system with room for little."""
    where = tmp_path / "small"
    where.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", where], capture_output=True)
    if mounted.returncode:
        pytest.skip("a small file system cannot be mounted here (needs root)")
    yield where
    subprocess.run(["umount", "-l", where], check=True)


def use_up(disk: Path) -> None:
    """Leave not a byte."""
    with (disk / "rest").open("wb", buffering=0) as rest, suppress(OSError):
        while True:
            rest.write(bytes(4096))


def grow(disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,size=200m", disk], check=True)


def test_sqlite_on_a_disk_that_fills_up(small_disk: Path) -> None:
    record = open_record(small_disk / "data")
    kept = fill(record)
    assert len(kept) > 20
    # Whoever only reads does not notice, and neither does who opens the record now.
    assert_kept(record, kept)
    data = base64.b64encode(os.urandom(9_000_000)).decode()
    with pytest.raises(StoreFull):
        record.write(Create({"resourceType": "Binary", "contentType": "image/png", "data": data}))
    assert_kept(record, kept)
    record.close()
    grow(small_disk)
    record = open_record(small_disk / "data")
    assert_kept(record, kept)
    create(record, patient("after"))
    record.close()


def test_sqlite_opens_on_a_full_disk(small_disk: Path) -> None:
    record = open_record(small_disk / "data")
    kept = fill(record)
    record.close()
    use_up(small_disk)
    record = open_record(small_disk / "data")
    for stored in kept:
        assert record.read("Patient", stored.id) == stored
    record.close()


def test_postgresql_on_a_disk_that_fills_up(
    small_disk: Path, postgresql_server: Callable[[str], str], tmp_path: Path
) -> None:
    """The tables lie on the small disk, the log does not."""
    place = postgresql_server("small")
    with psycopg.connect(postgresql_server("postgres"), autocommit=True) as admin:
        found = admin.execute("SHOW data_directory").fetchone()
        assert found is not None
        owner = os.stat(found[0])
        os.chown(small_disk, owner.st_uid, owner.st_gid)
        for folder in [small_disk, *small_disk.parents][:4]:
            folder.chmod(folder.stat().st_mode | 0o055)
        subprocess.run(["mount", "-o", "remount,size=30m", small_disk], check=True)
        admin.execute(f"CREATE TABLESPACE small LOCATION '{small_disk}'")  # type: ignore[call-overload]
        admin.execute("CREATE DATABASE small TEMPLATE template0 ENCODING 'UTF8' TABLESPACE small")
        record = open_record(place)
        try:
            kept = fill(record)
            assert len(kept) > 20
            assert_kept(record, kept)
            grow(small_disk)
            kept.append(create(record, patient("after")))
            assert_kept(record, kept)
        finally:
            record.close()
            admin.execute("DROP DATABASE small WITH (FORCE)")
            admin.execute("DROP TABLESPACE small")


# --- a lost connection


def cut(place: str, patience: int = 5000) -> int:
    """End every connection to a database but this one, as a restart of the server would, and wait for their end."""
    with psycopg.connect(place, autocommit=True) as connection:
        ended = connection.execute(
            "SELECT pg_terminate_backend(pid, %s) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'",
            (patience,),
        )
        return len(ended.fetchall())


@pytest.fixture
def pg_record(postgresql_place: str) -> Iterator[Record]:
    record = open_record(postgresql_place)
    yield record
    record.close()


def test_idle_connections_that_were_cut_are_replaced_unnoticed(pg_record: Record, postgresql_place: str) -> None:
    stored = create(pg_record, patient())
    for _ in range(3):
        assert pg_record.read("Patient", stored.id) == stored
        assert cut(postgresql_place) >= 2
        assert pg_record.read("Patient", stored.id) == stored
        assert cut(postgresql_place) >= 1
        create(pg_record, patient())
    assert_consistent(pg_record)


def test_a_read_that_is_cut_says_so_and_the_next_one_works(pg_record: Record, postgresql_place: str) -> None:
    reader = pg_record.store.reader()
    cutter = threading.Timer(0.3, cut, [postgresql_place])
    cutter.start()
    with pytest.raises(StoreBroken, match="lost") as caught:
        reader.rows("SELECT pg_sleep(20)")
    assert caught.value.status == 503
    cutter.join()
    assert reader.rows("SELECT 1") == [(1,)]


def test_a_snapshot_that_is_cut_does_not_go_on_with_another_state(pg_record: Record, postgresql_place: str) -> None:
    reader = pg_record.store.reader()

    def look_twice() -> None:
        with reader.snapshot():
            reader.rows("SELECT 1")
            cut(postgresql_place)
            reader.rows("SELECT 1")

    with pytest.raises(StoreBroken):
        look_twice()
    assert reader.rows("SELECT 1") == [(1,)]


def test_a_writer_that_is_cut_before_its_commit_leaves_nothing(pg_record: Record, postgresql_place: str) -> None:
    session = pg_record.store.writer()
    session.begin()
    session.insert("token", [(1, "a", 0, 0, 1)])
    assert session.rows("SELECT count(*) FROM token") == [(1,)]
    cut(postgresql_place)
    with pytest.raises(StoreBroken, match="whole or not at all"):
        session.commit()
    session.rollback()
    session.begin()
    assert session.rows("SELECT count(*) FROM token") == [(0,)]
    session.insert("token", [(1, "b", 0, 0, 1)])
    session.commit()
    assert session.rows("SELECT code FROM token") == [("b",)]
    pg_record.store.close_session(session)


def test_cuts_under_load_lose_nothing_that_was_acknowledged(pg_record: Record, postgresql_place: str) -> None:
    stop = threading.Event()
    kept: list[Stored] = []
    refused: list[FhirError] = []
    wrong: list[BaseException] = []

    def write() -> None:
        urn = "urn:uuid:05efabf0-4be2-4561-91ce-51548425acb9"
        for _ in range(200):
            if stop.is_set():
                return
            try:
                someone, seen = pg_record.write(
                    Create(patient(), full_url=urn), Create(observation(urn)), transaction=True
                )
                assert someone.stored is not None
                assert seen.stored is not None
                kept.extend((someone.stored, seen.stored))
                assert pg_record.read("Patient", someone.stored.id) == someone.stored
            except StoreBroken as error:
                refused.append(error)
            except BaseException as error:
                wrong.append(error)
                return

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for _ in range(20):
        stop.wait(0.05)
        cut(postgresql_place, 0)
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert refused, "no write was under way when a connection was cut"
    assert len(kept) > 50
    for _ in range(20):  # the last cut may take effect only now, on any connection that is kept
        with suppress(StoreBroken):
            pg_record.counts()
        time.sleep(0.01)
    for stored in kept:
        assert pg_record.vread(stored.type, stored.id, 1) == stored
    # Transactions that were cut while they were committed are there whole or not at all.
    counts = pg_record.counts()
    assert counts["Patient"] == counts["Observation"] >= len(kept) // 2
    assert_consistent(pg_record)


def test_readers_wait_for_a_connection_but_not_for_ever(postgresql_place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store = PostgresStore(postgresql_place, readers=1)
    answers: list[Any] = []

    def ask() -> None:
        try:
            answers.append(store.reader().rows("SELECT 1"))
        except StoreBusy:
            answers.append("busy")

    def in_another_thread() -> threading.Thread:
        thread = threading.Thread(target=ask)
        thread.start()
        return thread

    with store.reader().snapshot():
        monkeypatch.setattr(postgres_session, "_WAIT", 0.2)
        in_another_thread().join()
        monkeypatch.undo()
        waiting = in_another_thread()
        assert store.reader().rows("SELECT 2") == [(2,)]
    waiting.join()
    assert answers == ["busy", [(1,)]]
    store.close()


def test_a_writer_that_hangs_up_frees_the_lock(pg_record: Record, postgresql_place: str) -> None:
    """As when a process is killed in the middle of a transaction."""
    session: Any = pg_record.store.writer()
    session.begin()
    session.insert("token", [(1, "half", 0, 0, 1)])
    session.rows("SELECT 1")
    session._link.driver.close()
    create(pg_record, patient())
    assert pg_record.store.reader().rows("SELECT count(*) FROM token WHERE code='half'") == [(0,)]


# --- a lock that is not given


def test_a_lock_that_is_not_given_in_time(store: Store, session: WriteSession, monkeypatch: pytest.MonkeyPatch) -> None:
    other = store.writer()
    session.begin()
    session.insert("token", [(1, "a", 0, 0, 1)])
    if store.dialect == "sqlite":
        monkeypatch.setattr(sqlite, "_LOCK_SECONDS", 0.2)
    else:
        other.run("SET lock_timeout = '200ms'")

    def write() -> None:
        other.begin()
        other.insert("token", [(1, "b", 0, 0, 1)])
        other.commit()

    with pytest.raises(StoreBusy) as caught:
        write()
    assert caught.value.status == 503
    other.rollback()
    session.commit()
    write()
    assert session.rows("SELECT code FROM token ORDER BY code") == [("a",), ("b",)]


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        ("53100", StoreFull),
        ("40001", StoreBusy),
        ("40P01", StoreBusy),
        ("57014", StoreBusy),
        ("25006", StoreBroken),
        ("58030", StoreBroken),
        ("XX001", StoreBroken),
        ("42501", StoreBroken),
    ],
)
def test_what_postgresql_says_becomes_an_error_with_a_sentence(
    pg_record: Record, state: str, kind: type[StoreError]
) -> None:
    session = pg_record.store.writer()
    with pytest.raises(kind) as caught:
        session.rows(f"DO $$ BEGIN RAISE EXCEPTION 'the cause' USING ERRCODE = '{state}'; END $$")
    assert caught.value.issues[0].message.endswith(".")
    assert session.rows("SELECT 1") == [(1,)]
    pg_record.store.close_session(session)
