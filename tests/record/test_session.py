"""What every database adapter promises, asked of both: tests of session.py's protocols below the record."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import sqlalchemy as sa

from bedside.fhir.outcome import FhirError, Unprocessable
from bedside.record import migrate, schema
from bedside.record.errors import StoreBroken
from bedside.record.layout import COLUMNS, INDEX_TABLES
from bedside.record.record import open_store
from bedside.record.session import Session, Store, WriteSession

ODD_TEXTS = [
    "plain",
    "it's",
    'say "so"',
    "back\\slash",
    "\\",
    '"',
    '\\"',
    "{a,b}",
    "NULL",
    "null",
    "a,b",
    " lead and trail ",
    "tab\tline\nreturn\r",
    "%s %b $1 ?",
    "é漢🫀\u0301\u200f",
    "\x01\x7f",
    "\U0010ffff",
]


TWICE = r"(?i)unique|23505"
"""How the databases say that a key is there already."""


def tokens(session: Session) -> list[tuple[Any, ...]]:
    return session.rows("SELECT tp, code, sys, clock, rid FROM token ORDER BY tp, code, sys, clock, rid")


def commit_tokens(session: WriteSession, *rows: tuple[Any, ...]) -> None:
    session.begin()
    session.insert("token", rows)
    session.commit()


def test_layout_repeats_the_schema() -> None:
    for table, columns in COLUMNS.items():
        assert columns == tuple(schema.metadata.tables[table].columns.keys()), table


def test_index_tables_are_their_own_keys() -> None:
    for table in INDEX_TABLES:
        found = schema.metadata.tables[table]
        assert set(found.primary_key.columns) == set(found.columns), table


def test_head_is_the_newest_migration() -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(migrate.Path(migrate.__file__).parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_heads() == [migrate.HEAD]


def test_migrations_make_the_schema(store: Store, place: str) -> None:
    """The tables in the database are those of schema.py, column by column."""
    url = place.replace("postgresql://", "postgresql+psycopg://") if "://" in place else f"sqlite:///{place}/record.db"
    engine = sa.create_engine(url)
    inspector = sa.inspect(engine)
    for name, table in schema.metadata.tables.items():
        found = {column["name"]: column["nullable"] for column in inspector.get_columns(name)}
        assert list(found) == list(table.columns.keys()), name
        indexes = {each["name"] for each in inspector.get_indexes(name)}
        assert {index.name for index in table.indexes} <= indexes, name
    engine.dispose()


def set_schema(session: WriteSession, revision: str) -> None:
    session.begin()
    session.run("UPDATE alembic_version SET version_num=?", (revision,))
    session.commit()


def test_a_newer_schema_is_refused(session: WriteSession, place: str) -> None:
    set_schema(session, "9999")
    try:
        with pytest.raises(StoreBroken, match="newer"):
            open_store(place)
    finally:
        set_schema(session, migrate.HEAD)
    open_store(place).close()


def test_insert_ignores_what_is_there(session: WriteSession) -> None:
    commit_tokens(session, (1, "a", 0, 5, 7), (1, "b", 0, 5, 7))
    commit_tokens(session, (1, "b", 0, 5, 7), (1, "c", 0, 5, 7))
    assert tokens(session) == [(1, "a", 0, 5, 7), (1, "b", 0, 5, 7), (1, "c", 0, 5, 7)]


def test_insert_of_nothing_is_nothing(session: WriteSession) -> None:
    session.begin()
    session.insert("token", [])
    session.upsert("resource", [])
    session.delete("token", [])
    session.commit()
    assert tokens(session) == []


def test_upsert_replaces_by_primary_key(session: WriteSession) -> None:
    session.begin()
    session.upsert("resource", [(1, 7, "x", None, 0, None), (2, 7, "y", 4, 1, 99)])
    session.upsert("resource", [(1, 7, "x", 5, 1, -3)])
    session.commit()
    assert session.rows("SELECT * FROM resource ORDER BY rid") == [(1, 7, "x", 5, 1, -3), (2, 7, "y", 4, 1, 99)]


def test_delete_removes_exactly_these_rows(session: WriteSession) -> None:
    commit_tokens(session, (1, "a", 0, 5, 7), (1, "a", 0, 5, 8), (1, "a", 2, 5, 7), (2, "a", 0, 5, 7))
    session.begin()
    session.delete("token", [(1, "a", 0, 5, 7), (2, "a", 0, 5, 7), (9, "not there", 0, 0, 0)])
    session.commit()
    assert tokens(session) == [(1, "a", 0, 5, 8), (1, "a", 2, 5, 7)]


@pytest.mark.parametrize("count", [1, 2, 513, 5000])
def test_many_rows(session: WriteSession, count: int) -> None:
    rows = [(1, f"code {n}", n % 7, n, n) for n in range(count)]
    commit_tokens(session, *rows)
    wanted = [(1, row[1]) for row in rows]
    assert sorted(session.matching("token", "rid", ("tp", "code"), wanted)) == [(n,) for n in range(count)]
    session.begin()
    session.delete("token", rows[1:])
    session.commit()
    assert tokens(session) == rows[:1]


def test_every_text_comes_back(session: WriteSession) -> None:
    rows = [(1, text, 0, 0, n) for n, text in enumerate(ODD_TEXTS)]
    commit_tokens(session, *rows)
    assert sorted(tokens(session), key=lambda row: row[4]) == rows
    for n, text in enumerate(ODD_TEXTS):
        assert session.rows("SELECT rid FROM token WHERE tp=? AND code=?", (1, text)) == [(n,)]
        assert session.matching("token", "rid, code", ("code",), [(text,)]) == [(n, text)]
    session.begin()
    session.delete("token", rows)
    session.commit()
    assert tokens(session) == []


def test_text_sorts_by_code_point(session: WriteSession) -> None:
    texts = ["", "A", "Z", "a", "b", "é", "漢", "🫀"]
    commit_tokens(session, *((1, text, 0, 0, 1) for text in reversed(texts)))
    assert [code for _, code, *_ in tokens(session)] == texts


def test_every_number_comes_back(session: WriteSession) -> None:
    large = 1.7976931348623157e308
    numbers = [(1, -large, large, 1), (1, 0.1, 0.1, 2), (1, 5e-324, 1e22, -(2**62)), (1, 1 / 3, 2 / 3, 2**63 - 1)]
    session.begin()
    session.insert("number", numbers)
    session.commit()
    assert sorted(session.rows("SELECT * FROM number")) == sorted(numbers)
    assert session.rows("SELECT rid FROM number WHERE low=? AND high=?", (1 / 3, 2 / 3)) == [(2**63 - 1,)]


def test_bodies_come_back_and_may_be_absent(session: WriteSession) -> None:
    body = bytes(range(256)) * 3
    session.begin()
    session.insert("version", [(1, 1, 1, 7, 5, 1, body), (2, 1, 2, 7, 6, 3, None)])
    session.commit()
    assert session.rows("SELECT body FROM version ORDER BY seq") == [(body,), (None,)]


def test_question_marks_in_quotes_are_text(session: WriteSession) -> None:
    assert session.rows("""SELECT 'a?b''?' AS "c?d", ? /* ? */ -- ?\n""", ("x",)) == [("a?b'?", "x")]


@pytest.mark.parametrize("text", ["\x00", "a\x00b"])
def test_nul_is_kept_or_refused_clearly(session: WriteSession, text: str) -> None:
    """PostgreSQL has no place for U+0000; then it is a client's error and no fault of the server."""
    if session.dialect == "sqlite":
        commit_tokens(session, (1, text, 0, 0, 1))
        assert tokens(session) == [(1, text, 0, 0, 1)]
        return
    with pytest.raises(Unprocessable):
        commit_tokens(session, (1, text, 0, 0, 1))
    session.rollback()
    assert tokens(session) == []


def test_half_a_surrogate_pair_is_refused(session: WriteSession) -> None:
    with pytest.raises((FhirError, UnicodeEncodeError)):
        session.rows("SELECT ?", ("\ud800",))
    assert session.rows("SELECT ?", ("fine",)) == [("fine",)]


def test_rollback_leaves_nothing(session: WriteSession) -> None:
    session.begin()
    session.insert("token", [(1, "a", 0, 0, 1)])
    session.rollback()
    session.rollback()
    assert tokens(session) == []
    commit_tokens(session, (1, "b", 0, 0, 1))
    assert tokens(session) == [(1, "b", 0, 0, 1)]


def undone(session: WriteSession, code: str) -> None:
    with session.savepoint():
        session.insert("token", [(1, code, 0, 0, 1)])
        raise KeyError


def test_savepoints_undo_only_what_is_inside(session: WriteSession) -> None:
    session.begin()
    session.insert("token", [(1, "before", 0, 0, 1)])
    with pytest.raises(KeyError):
        undone(session, "inside")
    with session.savepoint():
        session.insert("token", [(1, "kept", 0, 0, 1)])
        with pytest.raises(KeyError):
            undone(session, "inner")
    session.insert("token", [(1, "after", 0, 0, 1)])
    session.commit()
    assert [row[1] for row in tokens(session)] == ["after", "before", "kept"]


def test_an_error_of_the_database_stays_in_its_savepoint(session: WriteSession) -> None:
    session.begin()
    session.upsert("resource", [(1, 7, "x", None, 0, None)])
    with pytest.raises(Exception, match=TWICE), session.savepoint():
        session.run("INSERT INTO resource VALUES (2, 7, 'x', NULL, 0, NULL)")
    session.upsert("resource", [(3, 7, "y", None, 0, None)])
    session.commit()
    assert session.rows("SELECT rid FROM resource ORDER BY rid") == [(1,), (3,)]


def test_an_error_in_a_transaction_shows_at_the_latest_when_it_is_committed(session: WriteSession) -> None:
    session.begin()
    session.upsert("resource", [(1, 7, "x", None, 0, None)])

    def rest() -> None:
        session.run("INSERT INTO resource VALUES (2, 7, 'x', NULL, 0, NULL)")
        session.upsert("resource", [(3, 7, "y", None, 0, None)])
        session.commit()

    with pytest.raises(Exception, match=TWICE):
        rest()
    session.rollback()
    assert session.rows("SELECT * FROM resource") == []
    commit_tokens(session, (1, "a", 0, 0, 1))


def test_errors_name_no_values(session: WriteSession) -> None:
    commit_tokens(session, (1, "secret", 0, 0, 1))
    with pytest.raises(Exception, match=TWICE) as caught:
        session.run("INSERT INTO token VALUES (1, ?, 0, 0, 1)", ("secret",))
    assert "secret" not in str(caught.value)


def test_readers_see_only_what_is_committed(store: Store, session: WriteSession) -> None:
    reader = store.reader()
    session.begin()
    session.insert("token", [(1, "a", 0, 0, 1)])
    assert session.rows("SELECT count(*) FROM token") == [(1,)]
    assert reader.rows("SELECT count(*) FROM token") == [(0,)]
    session.commit()
    assert reader.rows("SELECT count(*) FROM token") == [(1,)]


def test_a_snapshot_sees_one_state(store: Store, session: WriteSession) -> None:
    reader = store.reader()
    with reader.snapshot():
        assert tokens(reader) == []
        commit_tokens(session, (1, "a", 0, 0, 1))
        assert tokens(reader) == []
        with reader.snapshot():
            assert tokens(reader) == []
        assert tokens(reader) == []
    assert len(tokens(reader)) == 1


def test_a_snapshot_ends_after_an_error(store: Store, session: WriteSession) -> None:
    reader = store.reader()
    with pytest.raises(Exception, match=r"."), reader.snapshot():
        reader.rows("SELECT nothing FROM nowhere")
    commit_tokens(session, (1, "a", 0, 0, 1))
    assert len(tokens(reader)) == 1


def test_one_reader_for_each_thread(store: Store) -> None:
    found: list[Session] = []

    def look() -> None:
        found.append(store.reader())
        found.append(store.reader())

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert found[0] is found[1]
    assert store.reader() is store.reader()
    assert store.reader() is not found[0]


def test_many_threads_read_at_once(store: Store, session: WriteSession) -> None:
    commit_tokens(session, *((1, str(n), 0, 0, n) for n in range(100)))
    errors: list[BaseException] = []

    def read() -> None:
        try:
            for _ in range(20):
                with store.reader().snapshot():
                    assert store.reader().rows("SELECT count(*) FROM token") == [(100,)]
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=read) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_a_writer_waits_for_the_other(store: Store, session: WriteSession) -> None:
    other = store.writer()
    order: list[str] = []
    session.begin()
    session.insert("token", [(1, "first", 0, 0, 1)])

    def second() -> None:
        other.begin()
        assert other.rows("SELECT code FROM token") == [("first",)]
        order.append("second")
        other.insert("token", [(1, "second", 0, 0, 1)])
        other.commit()

    thread = threading.Thread(target=second)
    thread.start()
    thread.join(0.3)
    assert thread.is_alive()
    order.append("first")
    session.commit()
    thread.join(10)
    assert order == ["first", "second"]
    assert len(tokens(session)) == 2


def test_size_grows(store: Store, session: WriteSession) -> None:
    before = store.size()
    assert before > 0
    session.begin()
    session.insert("version", [(n, n, 1, 7, 5, 1, bytes([n % 251]) * 2000) for n in range(1, 500)])
    session.commit()
    assert store.size() > before


def test_nothing_works_after_close(place: str) -> None:
    store = open_store(place)
    reader = store.reader()
    store.close()
    store.close()
    with pytest.raises(StoreBroken):
        reader.rows("SELECT 1")
    with pytest.raises(StoreBroken):
        store.reader().rows("SELECT 1")
    with pytest.raises(StoreBroken):
        store.writer().rows("SELECT 1")
