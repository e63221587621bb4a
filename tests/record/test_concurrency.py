"""Many clients and several processes at once: conditions are exact, and the change feed misses and repeats nothing."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

from bedside.fhir.outcome import PreconditionFailed
from bedside.record.model import Create, Effect, Outcome, Update
from bedside.record.record import Record
from record.index import assert_consistent
from record.other_process import finish, go, start
from record.samples import create, identified, observation, one, patient, put

QUERY = "identifier=http://example.org/mrn|1"


def race(count: int, job: Callable[[int], Any]) -> list[Any]:
    """What each of `count` threads returned or raised when all began at the same moment."""
    ready = threading.Barrier(count)
    found: list[Any] = [None] * count

    def run(n: int) -> None:
        ready.wait()
        try:
            found[n] = job(n)
        except Exception as error:
            found[n] = error

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def effects(found: list[Any]) -> Counter[str]:
    return Counter(o.effect.value if isinstance(o, Outcome) else type(o).__name__ for o in found)


def test_64_racing_conditional_creates_make_one_resource(record: Record) -> None:
    found = race(64, lambda n: one(record, Create(identified("1", f"N{n}"), if_none_exist=QUERY)))
    assert effects(found) == {"created": 1, "existed": 63}
    assert len({o.stored.id for o in found}) == 1
    assert record.counts() == {"Patient": 1}


def test_racing_conditional_updates_make_one_resource(record: Record) -> None:
    found = race(32, lambda n: one(record, Update("Patient", identified("1", f"N{n}"), query=QUERY)))
    assert effects(found) == {"created": 1, "updated": 31}
    assert sorted(o.stored.version for o in found) == list(range(1, 33))


def test_of_racing_updates_with_the_same_if_match_one_wins(record: Record) -> None:
    stored = create(record, patient())
    found = race(32, lambda n: one(record, put(patient(f"N{n}", id=stored.id), if_match=1)))
    assert effects(found) == {"updated": 1, PreconditionFailed.__name__: 31}


def test_racing_creations_of_one_id_make_one_version_each(record: Record) -> None:
    found = race(32, lambda n: one(record, put(patient(f"N{n}", id="x"))))
    assert effects(found) == {"created": 1, "updated": 31}
    assert sorted(o.stored.version for o in found) == list(range(1, 33))
    refused = race(32, lambda n: one(record, put(patient(id="y"), if_none_match_any=True)))
    assert effects(refused) == {"created": 1, PreconditionFailed.__name__: 31}


def test_transactions_with_the_same_condition_race_too(record: Record) -> None:
    """Each transaction finds the patient that the first one made."""

    def job(n: int) -> Outcome:
        urn = f"urn:uuid:00000000-0000-4000-8000-{n:012}"
        someone = Create(identified("1"), if_none_exist=QUERY, full_url=urn)
        return record.write(someone, Create(observation(urn, n)), transaction=True)[0]

    found = race(24, job)
    assert effects(found) == {"created": 1, "existed": 23}
    assert record.counts() == {"Observation": 24, "Patient": 1}
    assert_consistent(record)


def test_writes_of_a_thread_are_seen_by_its_next_read(record: Record) -> None:
    def job(n: int) -> bool:
        for _ in range(10):
            stored = create(record, patient(f"N{n}"))
            if record.read("Patient", stored.id) != stored or record.last_seq() < stored.seq:
                return False
        return True

    assert race(16, job) == [True] * 16


def test_processes_race_on_the_same_conditions(record: Record, place: str) -> None:
    others = [start("same", place, 15) for _ in range(2)]
    go(*others)
    found = [line.split() for other in others for line in finish(other)]
    assert Counter(effect for effect, _ in found) == {"created": 15, "existed": 15 * 15}
    assert record.counts() == {"Patient": 15}
    assert one(record, Create(identified("3"), if_none_exist="identifier=3")).effect is Effect.EXISTED


def test_a_follower_sees_every_version_once_and_in_order(record: Record, place: str) -> None:
    """Two processes and this one write; whatever the follower has read, nothing appears below it later."""
    others = [start("mixed", place, 60) for _ in range(2)]
    stop = threading.Event()

    def write_too() -> None:
        while not stop.is_set():
            create(record, patient("here"))

    writer = threading.Thread(target=write_too)
    seen: list[int] = []

    def follow(limit: int) -> None:
        found = record.changes(since=seen[-1] if seen else 0, limit=limit)
        seen.extend(version.seq for version in found)
        assert seen == list(range(1, len(seen) + 1))

    writer.start()
    try:
        go(*others)
        while any(other.poll() is None for other in others):
            follow(7)
            record.wait_for_change(seen[-1] if seen else 0, 0.05)
    finally:
        stop.set()
        writer.join()
    for other in others:
        finish(other)
    while len(seen) < record.last_seq():
        follow(1000)
    assert len(seen) > 200
    assert [version.seq for version in record.changes(limit=1 << 20)] == seen
    assert_consistent(record)
