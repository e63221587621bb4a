"""Full text: `_text` searches the narrative, `_content` all text of a resource (https://hl7.org/fhir/R4/search.html#content).

The index is a follower of the change feed. It is made when it is first needed and catches up before it answers, in
batches that hold the write lock only while rows are written. SQLite keeps it in FTS5 without the text itself,
PostgreSQL in tsvector columns. Words are cut here, so both databases find the same.
"""

from __future__ import annotations

import html
import re
import time
from collections.abc import Iterator
from typing import Any

from bedside.fhir import json
from bedside.fhir.outcome import Unavailable
from bedside.record import bodies
from bedside.record.session import Dialect, Session, Store, WriteSession
from bedside.record.values import normalise

FOLLOWER = "fulltext"

_WORD = re.compile(r"[^\W_]+")
_TAG = re.compile(r"<[^>]*>")
_MOST_WORDS = 16_000  # PostgreSQL keeps no positions behind that
_MOST_SAME = 255  # nor more positions of one word
_LONGEST_WORD = 200

_CREATE: dict[Dialect, tuple[str, ...]] = {
    "sqlite": (
        "CREATE VIRTUAL TABLE IF NOT EXISTS fulltext USING fts5(narrative, content, content='',"
        " contentless_delete=1, tokenize='unicode61 remove_diacritics 0')",
    ),
    "postgresql": (
        "CREATE TABLE IF NOT EXISTS fulltext"
        " (rid bigint PRIMARY KEY, narrative tsvector NOT NULL, content tsvector NOT NULL)",
        "CREATE INDEX IF NOT EXISTS fulltext_narrative ON fulltext USING gin (narrative)",
        "CREATE INDEX IF NOT EXISTS fulltext_content ON fulltext USING gin (content)",
    ),
}
_WRITE: dict[Dialect, str] = {
    "sqlite": "INSERT OR REPLACE INTO fulltext (rowid, narrative, content) VALUES (?, ?, ?)",
    "postgresql": "INSERT INTO fulltext VALUES (?, CAST(? AS tsvector), CAST(? AS tsvector)) ON CONFLICT (rid)"
    " DO UPDATE SET narrative=excluded.narrative, content=excluded.content",
}
_DELETE: dict[Dialect, str] = {
    "sqlite": "DELETE FROM fulltext WHERE rowid=?",
    "postgresql": "DELETE FROM fulltext WHERE rid=?",
}


def words(text: str) -> list[str]:
    """The words of a text, as they are indexed and searched."""
    return _WORD.findall(normalise(text))


def _texts(value: Any, key: str = "") -> Iterator[str]:
    """Every text of a resource but attached data and the markup of its narrative."""
    if isinstance(value, str):
        if key == "div":
            yield _plain(value)
        elif key not in ("data", "resourceType"):
            yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _texts(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, key)


def _plain(div: str) -> str:
    return html.unescape(_TAG.sub(" ", div))


def _document(dialect: Dialect, texts: Iterator[str]) -> str:
    """Texts as the database takes them. Between two texts lies a gap, so that no phrase spans both."""
    if dialect == "sqlite":
        found: list[str] = []
        for text in texts:
            found += [word[:_LONGEST_WORD] for word in words(text)]
            found.append(_GAP)
        return " ".join(found[:_MOST_WORDS])
    places: dict[str, list[int]] = {}
    position = 0
    for text in texts:
        for word in words(text):
            position += 1
            if position <= _MOST_WORDS:
                places.setdefault(word[:_LONGEST_WORD], []).append(position)
        position += 1
    return " ".join(f"'{word}':{','.join(map(str, at[:_MOST_SAME]))}" for word, at in places.items())


_GAP = "\ue000"
"""A private-use character: a word to FTS5, and one that `words` never makes."""


def _entry(dialect: Dialect, body: bytes) -> tuple[str, str]:
    resource = json.decode(bodies.decompress(body))
    narrative = resource.get("text", {}).get("div", "")
    return _document(dialect, iter([_plain(narrative)])), _document(dialect, _texts(resource))


def behind(session: Session) -> int | None:
    """How many versions the index has not seen; None when it was never made."""
    found = session.rows("SELECT seq FROM follower WHERE name=?", (FOLLOWER,))
    if not found:
        return None
    last: int = session.rows("SELECT coalesce(max(seq), 0) FROM version")[0][0]
    return last - int(found[0][0])


def catch_up(store: Store, *, seconds: float = 20.0, batch: int = 500) -> None:
    """Bring the index to where the change feed is now. Raises `Unavailable` when that takes longer than `seconds`;
    what was done by then is kept, so trying again gets further."""
    if behind(store.reader()) == 0:
        return
    until = time.monotonic() + seconds
    session = store.writer()
    try:
        _create(session)
        while _one_batch(session, batch):
            if time.monotonic() > until:
                raise Unavailable(
                    f"The full-text index is being made; {behind(session)} versions are left. Try again in a minute."
                )
    finally:
        store.close_session(session)


def _create(session: WriteSession) -> None:
    if behind(session) is not None:
        return
    session.begin()
    try:
        for statement in _CREATE[session.dialect]:
            session.run(statement)
        session.run("INSERT INTO follower (name, seq) VALUES (?, 0) ON CONFLICT (name) DO NOTHING", (FOLLOWER,))
        session.commit()
    except BaseException:
        session.rollback()
        raise


def _one_batch(session: WriteSession, size: int) -> bool:
    """Index up to `size` more versions; False when there are none."""
    seen: int = session.rows("SELECT seq FROM follower WHERE name=?", (FOLLOWER,))[0][0]
    rows = session.rows("SELECT seq, rid, body FROM version WHERE seq>? ORDER BY seq LIMIT ?", (seen, size))
    if not rows:
        return False
    newest = {rid: body for _, rid, body in rows}
    entries = {rid: None if body is None else _entry(session.dialect, body) for rid, body in newest.items()}
    session.begin()
    try:
        # Another process may have done these meanwhile.
        if session.rows("SELECT seq FROM follower WHERE name=?", (FOLLOWER,))[0][0] == seen:
            for rid, entry in entries.items():
                if entry is None:
                    session.run(_DELETE[session.dialect], (rid,))
                else:
                    session.run(_WRITE[session.dialect], (rid, *entry))
            session.run("UPDATE follower SET seq=? WHERE name=?", (rows[-1][0], FOLLOWER))
        session.commit()
    except BaseException:
        session.rollback()
        raise
    return True
