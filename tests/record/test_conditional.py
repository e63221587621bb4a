"""Conditional create, update, patch and delete (R4 http.html#ccreate and after): what one thread sees of them."""

from __future__ import annotations

import pytest

from bedside.fhir.outcome import FhirError, Invalid, MultipleMatches, NotFound, PreconditionFailed
from bedside.record.model import Create, Delete, Effect, Patch, Update
from bedside.record.record import Record
from record.samples import create, identified, one

QUERY = "identifier=http://example.org/mrn|1"
RENAME = [{"op": "replace", "path": "/name/0/family", "value": "New"}]


def test_conditional_create(record: Record) -> None:
    first = one(record, Create(identified("1"), if_none_exist=QUERY))
    assert first.effect is Effect.CREATED
    second = one(record, Create(identified("1", "Other"), if_none_exist=QUERY))
    assert (second.effect, second.stored) == (Effect.EXISTED, first.stored)
    create(record, identified("1"))
    with pytest.raises(MultipleMatches):
        record.write(Create(identified("1"), if_none_exist=QUERY))
    assert record.counts() == {"Patient": 2}


def test_conditional_update(record: Record) -> None:
    made = one(record, Update("Patient", identified("1"), query=QUERY))
    assert made.effect is Effect.CREATED
    assert made.stored is not None
    changed = one(record, Update("Patient", identified("1", "New"), query=QUERY, if_match=1))
    assert changed.effect is Effect.UPDATED
    assert changed.stored is not None
    assert (changed.stored.id, changed.stored.version) == (made.stored.id, 2)
    with pytest.raises(PreconditionFailed):
        record.write(Update("Patient", identified("1", "Stale"), query=QUERY, if_match=1))
    with pytest.raises(Invalid, match="says its id"):
        record.write(Update("Patient", {**identified("1"), "id": "else"}, query=QUERY))
    create(record, identified("1"))
    with pytest.raises(MultipleMatches):
        record.write(Update("Patient", identified("1", "New"), query=QUERY))


def test_a_conditional_update_that_finds_nothing_creates_at_the_clients_id(record: Record) -> None:
    made = one(record, Update("Patient", {**identified("1"), "id": "mine"}, query=QUERY))
    assert made.stored is not None
    assert made.stored.reference == "Patient/mine"
    with pytest.raises(PreconditionFailed):
        record.write(Update("Patient", {**identified("2"), "id": "mine"}, query="identifier=nobody"))


def test_conditional_patch(record: Record) -> None:
    with pytest.raises(NotFound):
        record.write(Patch("Patient", RENAME, query=QUERY))
    stored = create(record, identified("1"))
    outcome = one(record, Patch("Patient", RENAME, query=QUERY))
    assert outcome.stored is not None
    assert (outcome.stored.id, outcome.stored.resource["name"][0]["family"]) == (stored.id, "New")
    create(record, identified("1"))
    with pytest.raises(MultipleMatches):
        record.write(Patch("Patient", RENAME, query=QUERY))


def test_conditional_delete(record: Record) -> None:
    assert one(record, Delete("Patient", query=QUERY)).effect is Effect.NOTHING
    create(record, identified("1"))
    other = create(record, identified("2"))
    assert one(record, Delete("Patient", query=QUERY)).effect is Effect.DELETED
    for _ in range(3):
        create(record, identified("1"))
    with pytest.raises(MultipleMatches):
        record.write(Delete("Patient", query=QUERY))
    outcome = one(record, Delete("Patient", query=QUERY, multiple=True))
    assert (outcome.effect, outcome.deleted) == (Effect.DELETED, 3)
    assert record.read("Patient", other.id) == other
    assert record.counts() == {"Patient": 1}


def test_conditions_see_the_units_before_them_in_one_group(record: Record) -> None:
    """Units that are committed together see each other, in the order they came."""
    futures = [record.submit([Create(identified("1"), if_none_exist=QUERY)]) for _ in range(20)]
    futures.append(record.submit([Delete("Patient", query=QUERY)]))
    futures += [record.submit([Create(identified("1"), if_none_exist=QUERY)]) for _ in range(20)]
    effects = [future.result()[0].effect for future in futures]
    assert effects == [Effect.CREATED, *[Effect.EXISTED] * 19, Effect.DELETED, Effect.CREATED, *[Effect.EXISTED] * 19]


def test_a_condition_that_makes_no_sense_is_refused_and_harms_nobody(record: Record) -> None:
    futures = [
        record.submit([Create(identified(str(n)), if_none_exist="nonsense=1" if n % 2 else f"identifier={n}")])
        for n in range(10)
    ]
    for n, future in enumerate(futures):
        if n % 2:
            with pytest.raises(FhirError, match="nonsense"):
                future.result()
        else:
            assert future.result()[0].effect is Effect.CREATED
    assert record.counts() == {"Patient": 5}
