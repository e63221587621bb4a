"""Fixtures of the pages: a record with a small hospital in it."""

from __future__ import annotations

import pytest

from bedside.record.record import Record
from web.samples import HOSPITAL, Pages, write


@pytest.fixture
def pages(record: Record) -> Pages:
    """The pages over a small hospital, on each store."""
    write(record, *HOSPITAL)
    return Pages(record)


@pytest.fixture
def empty_pages(record: Record) -> Pages:
    """The pages over a record in which nothing was ever written."""
    return Pages(record)
