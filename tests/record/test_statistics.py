"""Figures about the record: they agree with counting, and do not read what they need not."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bedside.record import statistics
from bedside.record.model import Delete
from bedside.record.record import Record
from bedside.record.session import Session, WriteSession
from record.samples import create, observation, patient, update


def naive(instants: Sequence[int], edges: Sequence[int]) -> list[int]:
    return [sum(a <= each < b for each in instants) for a, b in pairwise(edges)]


class Counting:
    """A session that counts the queries that go through it."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.queries = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def rows(self, sql: str, values: Sequence[Any] = ()) -> Any:
        self.queries += 1
        return self._session.rows(sql, values)


def write_versions(session: WriteSession, instants: Sequence[int]) -> None:
    session.begin()
    session.run("DELETE FROM version")
    session.insert("version", [(seq, seq, 1, 1, instant, 1, None) for seq, instant in enumerate(instants, 1)])
    session.commit()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    instants=st.lists(st.integers(0, 60), max_size=60).map(sorted),
    edges=st.lists(st.integers(-5, 70), min_size=2, max_size=12, unique=True).map(sorted),
)
def test_written_agrees_with_counting(session: WriteSession, instants: list[int], edges: list[int]) -> None:
    write_versions(session, instants)
    known: dict[int, int] = {}
    assert statistics.written(session, edges, known) == naive(instants, edges)
    assert statistics.written(session, edges, known) == naive(instants, edges)


def test_what_was_found_once_is_not_looked_for_again(session: WriteSession) -> None:
    write_versions(session, [i * 10 for i in range(4000)])
    edges = list(range(0, 40_000, 1000))
    counting, known = Counting(session), dict[int, int]()
    assert statistics.written(counting, edges, known) == [100] * (len(edges) - 1)  # type: ignore[arg-type]
    assert counting.queries < 12 * len(edges)
    again = Counting(session)
    statistics.written(again, edges, known)  # type: ignore[arg-type]
    assert again.queries <= 2


def test_numbers_may_have_gaps(session: WriteSession) -> None:
    session.begin()
    session.insert("version", [(seq, seq, 1, 1, seq, 1, None) for seq in (3, 10, 11, 40)])
    session.commit()
    # Numbers are subtracted, so a gap counts as if it were filled, in the interval after it.
    assert statistics.written(session, [0, 10, 41]) == [1, 37]


def test_the_extent_of_a_record(record: Record) -> None:
    reader = record.store.reader()
    assert statistics.extent(reader) is None
    assert statistics.written(reader, [0, 1, 2]) == [0, 0]
    first = create(record, patient())
    last = create(record, patient())
    assert statistics.extent(reader) == statistics.Extent(first.seq, last.seq, first.updated, last.updated)


def test_who_refers_to_a_resource(record: Record) -> None:
    anna = create(record, patient())
    mine = f"Patient/{anna.id}"
    for _ in range(3):
        create(record, observation(mine))
    create(record, {"resourceType": "Condition", "subject": {"reference": mine}})
    create(record, {"resourceType": "Condition", "subject": {"display": "x"}, "recorder": {"reference": mine}})
    found = statistics.referrers(record.store.reader(), record.registry, anna.rid)
    assert [(each.type, each.parameter, each.count, each.more) for each in found] == [
        ("Observation", "subject", 3, False),
        ("Condition", None, 1, False),  # Condition.recorder has no search parameter
        ("Condition", "subject", 1, False),
    ]
    for each in found:
        if each.parameter:
            matches = record.search(each.type, [(each.parameter, mine)]).matches
            assert len(matches) == each.count


@pytest.mark.parametrize("leave", ["delete", "change"])
def test_only_current_versions_refer(record: Record, leave: str) -> None:
    anna, eva = create(record, patient()), create(record, patient())
    seen = create(record, observation(f"Patient/{anna.id}"))
    if leave == "delete":
        record.write(Delete("Observation", id=seen.id))
    else:
        update(record, observation(f"Patient/{eva.id}", id=seen.id))
    assert statistics.referrers(record.store.reader(), record.registry, anna.rid) == []
