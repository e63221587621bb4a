"""One record for all examples of a property, emptied between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bedside.record.model import Delete, Update
from bedside.record.record import Record
from bedside.record.search import chain, conditions, drive
from bedside.record.search import context as search_context
from bedside.record.search.filters import meaning, token

NOW = 1_700_000_000_000_000
_TIGHT = (
    (drive, "_CAP", 2), (drive, "_WALK", 2), (drive, "_BRANCHES", 1), (drive, "_LARGE", 3),
    (meaning, "_FEW", 0), (meaning, "_HOPS", 2), (meaning, "_KEYS", 1), (chain, "_FEW", 1), (chain, "_ROWS", 1), (conditions, "_EXACT_PROBES", 1), (token, "_FEW_NAMES", 1),
)  # fmt: skip


@pytest.fixture(params=["usual", "tight"])
def limits(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Searches as they are, and with limits so low that a handful of resources takes the paths of a million."""
    if request.param == "tight":
        for module, name, value in _TIGHT:
            assert hasattr(module, name)
            monkeypatch.setattr(module, name, value)
    return str(request.param)


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> int:
    """The instant at which the clock that `ap` looks at stands still."""
    monkeypatch.setattr(search_context.dates, "now", lambda: NOW)
    return NOW


@pytest.fixture
def unchecked(open_at: Callable[..., Record]) -> Record:
    """An empty record that takes anything."""
    return open_at(check_structure=False, check_references=False, refuse_delete_of_referenced=False)


class Corpus:
    """What a record holds for one example: written on entering, deleted on leaving."""

    def __init__(self, record: Record, resources: list[dict[str, Any]]) -> None:
        self.record = record
        self.resources = resources

    def __enter__(self) -> Record:
        if self.resources:
            self.record.write(*[Update(r["resourceType"], dict(r), r["id"]) for r in self.resources])
        return self.record

    def __exit__(self, *error: object) -> None:
        if self.resources:
            self.record.write(*[Delete(r["resourceType"], r["id"]) for r in self.resources])


def pages(record: Record, name: str | None, query: list[tuple[str, str]], count: int = 2) -> Iterator[list[str]]:
    """The ids on each page of a search, each page checked for its size."""
    cursor: list[tuple[str, str]] = []
    while True:
        result = record.search(name, [*query, ("_count", str(count)), *cursor], strict=True)
        assert len(result.matches) == count or result.next is None
        yield [match.id for match in result.matches]
        if result.next is None:
            return
        cursor = [("_page", result.next)]


def ids_of(record: Record, name: str | None, query: list[tuple[str, str]], count: int = 2) -> list[str]:
    """The ids on all pages together."""
    return [id_ for page in pages(record, name, query, count) for id_ in page]
