"""The folder in which a server keeps the files of its exports, and the lock by which one process works there."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bedside.record.export.files import replace_file
from bedside.record.session import Store

_HOME, _LOCK = ".home", ".lock"
_SETTING = "exports"


def folder_of(store: Store, folder: Path) -> Path:
    """Where the exports of this record lie: `folder` itself when it is beside the record's file, and a folder of its
    own in it otherwise, for several records may be told to use the same."""
    beside = getattr(store, "directory", None)
    if beside is not None and folder.resolve().parent == Path(beside).resolve():
        return folder
    return folder / _name(store)


def _name(store: Store) -> str:
    """A name that the record keeps for its exports, made when it is first asked for."""
    query = f"SELECT value FROM setting WHERE key='{_SETTING}'"
    if found := store.reader().rows(query):
        return str(found[0][0])
    session = store.writer()
    try:
        session.begin()
        try:
            if not session.rows(query):
                session.upsert("setting", [(_SETTING, f"exports-{uuid.uuid4().hex[:12]}")])
            name = str(session.rows(query)[0][0])
            session.commit()
        except BaseException:
            session.rollback()
            raise
        return name
    finally:
        store.close_session(session)


def home_id(folder: Path) -> str:
    """What tells this folder from the one that another server may have at the same path. Call it under the lock."""
    path = folder / _HOME
    try:
        return path.read_text()
    except FileNotFoundError:
        replace_file(path, uuid.uuid4().hex.encode())
        return path.read_text()


@contextmanager
def only_one(folder: Path) -> Iterator[bool]:
    """True within it for one process at a time, False for the others. The lock ends with the process, however."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield _lock(handle)
    finally:
        os.close(handle)


def _lock(handle: int) -> bool:
    try:
        import fcntl
    except ImportError:  # Windows, where a server is one process
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
