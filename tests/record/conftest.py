"""Fixtures of the record's own tests: a bare store, and a session that writes to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bedside.record.record import open_store
from bedside.record.session import Store, WriteSession


@pytest.fixture
def store(place: str) -> Iterator[Store]:
    """An empty store, without the record on top of it."""
    opened = open_store(place)
    yield opened
    opened.close()


@pytest.fixture
def session(store: Store) -> Iterator[WriteSession]:
    """A session that may write to the store."""
    opened = store.writer()
    yield opened
    store.close_session(opened)
