"""Writes that are committed together do not harm each other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from typing import Any

import pytest

from bedside.fhir.outcome import FhirError
from bedside.record.errors import StoreBroken
from bedside.record.model import Create, Delete, Outcome, Write
from bedside.record.record import Record
from record.index import assert_consistent
from record.samples import create, observation, patient, put


class Held:
    """Keeps the writer busy, so that what is submitted meanwhile becomes one group."""

    def __init__(self, record: Record) -> None:
        self._go = threading.Event()
        self._busy = threading.Event()
        self.groups: list[int] = []
        writer = record._writer
        original = writer._group

        def held(units: Any) -> Any:
            self._busy.set()
            assert self._go.wait(30)
            self.groups.append(len(units))
            return original(units)

        writer._group = held  # type: ignore[method-assign]
        record.submit([Create(patient("first"))])
        assert self._busy.wait(30)

    def release(self) -> None:
        self._go.set()


@pytest.fixture
def together(record: Record) -> Iterator[Callable[[Sequence[Sequence[Write]]], list[Future[list[Outcome]]]]]:
    """Submits units so that they share one commit."""

    def submit(units: Sequence[Sequence[Write]]) -> list[Future[list[Outcome]]]:
        held = Held(record)
        futures = [record.submit(unit, transaction=len(unit) > 1) for unit in units]
        held.release()
        for future in futures:
            future.exception()
        assert held.groups[1] == len(units)
        return futures

    yield submit
    assert_consistent(record)


Together = Callable[[Sequence[Sequence[Write]]], list[Future[list[Outcome]]]]


def test_many_writes_share_a_commit(record: Record, together: Together) -> None:
    futures = together([[Create(patient(str(n)))] for n in range(50)])
    stored = [future.result()[0].stored for future in futures]
    assert len({s.updated for s in stored if s is not None}) == 1
    assert record.counts() == {"Patient": 51}


def test_a_bad_unit_harms_no_other(record: Record, together: Together) -> None:
    kept = create(record, patient("kept"))
    seen = create(record, observation(kept.reference))
    units: list[list[Write]] = []
    for n in range(12):
        units += [
            [Create(patient(f"good {n}"))],
            [Create(observation("Patient/never"))],
            [Delete("Patient", kept.id)],
            [put(patient("stale", id=kept.id), if_match=99)],
            [Create(patient("lost")), Create(observation(kept.reference)), Create(observation("Patient/never"))],
            [Create(patient("lost")), Delete("Patient", kept.id)],
        ]
    futures = together(units)
    for position, future in enumerate(futures):
        if position % 6 == 0:
            assert future.result()[0].stored is not None
        else:
            assert isinstance(future.exception(), FhirError)
    assert record.counts() == {"Observation": 1, "Patient": 14}
    assert record.read("Observation", seen.id) == seen
    seqs = [s.seq for s in record.changes()]
    assert seqs == list(range(1, len(seqs) + 1))


def test_units_of_one_group_see_each_other(record: Record, together: Together) -> None:
    futures = together(
        [
            [put(patient("one", id="p"))],
            [Create(observation("Patient/p"))],
            [put(patient("two", id="p"), if_match=1)],
            [put(patient("three", id="p"), if_match=1)],
            [Delete("Patient", "p")],
            [put(patient("two", id="p"))],
            [put(observation("Patient/p", id="o"))],
            [put(observation("Patient/p", 3, id="o"))],
            [Delete("Observation", "o")],
            [put(observation("Patient/p", 4, id="o"))],
        ]
    )
    states = ["refused" if f.exception() else f.result()[0].effect.value for f in futures]
    assert states == [
        *("created", "created", "updated", "refused", "refused"),
        *("unchanged", "created", "updated", "deleted", "created"),
    ]
    current = record.read("Observation", "o")
    assert current is not None
    assert current.version == 4


class _Boom(Exception):
    """An error of the database that nobody foresaw."""


def test_an_unforeseen_error_of_the_database_harms_only_its_unit(
    record: Record, together: Together, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The statement fails whenever the fatal row is in it, so the group as a whole fails first."""
    session_type = type(record.store.writer())
    insert = session_type.insert

    def failing(self: Any, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
        if table == "string" and any("fatal" in row for row in rows):
            raise _Boom
        insert(self, table, rows)

    monkeypatch.setattr(session_type, "insert", failing)
    futures = together([[Create(patient("fatal" if n == 7 else f"good {n}"))] for n in range(20)])
    assert [n for n, future in enumerate(futures) if future.exception()] == [7]
    assert isinstance(futures[7].exception(), _Boom)
    assert record.counts() == {"Patient": 20}
    create(record, patient("after"))


def test_an_error_that_only_the_database_sees_harms_only_its_unit(record: Record, together: Together) -> None:
    """The row's number does not fit its column, which PostgreSQL only says when the whole group is written."""
    extractor = record.extractor
    original = extractor.rows

    def with_bad_row(resource: Any, *rest: Any) -> Any:
        rows = original(resource, *rest)
        if resource.get("name", [{}])[0].get("family") == "fatal":
            rows.date.append((1, 1 << 70, 1 << 70))
        return rows

    extractor.rows = with_bad_row  # type: ignore[method-assign]
    futures = together([[Create(patient("fatal" if n in (3, 9) else f"good {n}"))] for n in range(12)])
    extractor.rows = original  # type: ignore[method-assign]
    assert [n for n, future in enumerate(futures) if future.exception()] == [3, 9]
    assert record.counts() == {"Patient": 11}


def test_a_lost_store_fails_everything_in_the_group_once(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    before = create(record, patient())
    session_type = type(record.store.writer())
    original = session_type.commit
    calls = []

    def broken(self: Any) -> None:
        calls.append(1)
        raise StoreBroken("gone")

    monkeypatch.setattr(session_type, "commit", broken)
    held = Held(record)
    futures = [record.submit([Create(patient(str(n)))]) for n in range(5)]
    held.release()
    for future in futures:
        assert isinstance(future.exception(), StoreBroken)
    assert len(calls) == 2
    monkeypatch.setattr(session_type, "commit", original)
    assert record.changes() == [before]
    create(record, patient("after"))
    assert_consistent(record)


def test_closing_finishes_what_was_submitted(record: Record, open_at: Callable[..., Record]) -> None:
    futures = [record.submit([Create(patient(str(n)))]) for n in range(200)]
    record.close()
    assert all(future.result()[0].stored is not None for future in futures)
    with pytest.raises(StoreBroken):
        record.write(Create(patient()))
    record.close()
    assert open_at().counts() == {"Patient": 200}


def test_a_write_that_meets_the_closing_is_answered(open_at: Callable[..., Record]) -> None:
    """Either it is done or it is refused; it never hangs."""
    for _ in range(5):
        record = open_at()
        futures: list[Future[list[Outcome]]] = []
        ready = threading.Barrier(5)

        def submit(record: Record = record, futures: list[Any] = futures, ready: threading.Barrier = ready) -> None:
            ready.wait()
            futures.extend(record.submit([Create(patient())]) for _ in range(30))

        threads = [threading.Thread(target=submit) for _ in range(4)]
        for thread in threads:
            thread.start()
        ready.wait()
        record.close()
        for thread in threads:
            thread.join()
        for future in futures:
            assert future.exception(timeout=10) is None or isinstance(future.exception(), StoreBroken)
