"""Every version is kept, deletions are versions, and the histories and the change feed show all of them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bedside.fhir.outcome import Invalid, NotFound, PreconditionFailed
from bedside.record.model import Create, Delete, Effect, Method, Patch, Update
from bedside.record.record import Record
from record.samples import content, create, observation, one, patient, put, update


def test_a_created_resource_is_read_back_as_version_one(record: Record) -> None:
    stored = create(record, patient("Vries", birthDate="1951-03-12"))
    assert (stored.version, stored.method, stored.deleted) == (1, Method.CREATE, False)
    assert record.read("Patient", stored.id) == stored
    assert record.vread("Patient", stored.id, 1) == stored
    resource = stored.resource
    assert resource["meta"] == {"versionId": "1", "lastUpdated": resource["meta"]["lastUpdated"]}
    assert list(resource)[:3] == ["resourceType", "id", "meta"]
    assert content(stored) == {**patient("Vries", birthDate="1951-03-12"), "id": stored.id}


def test_a_client_cannot_choose_the_id_of_a_create_nor_the_records_meta(record: Record) -> None:
    given = patient(id="mine", meta={"versionId": "77", "lastUpdated": "1999-01-01T00:00:00Z", "source": "http://s"})
    stored = create(record, given)
    assert stored.id != "mine"
    meta = stored.resource["meta"]
    assert meta["versionId"] == "1"
    assert not meta["lastUpdated"].startswith("1999")
    assert meta["source"] == "http://s"


def test_every_version_stays(record: Record) -> None:
    first = create(record, patient("A"))
    for family in "BCD":
        update(record, patient(family, id=first.id))
    families = [record.vread("Patient", first.id, n).resource["name"][0]["family"] for n in range(1, 5)]  # type: ignore[union-attr]
    assert families == ["A", "B", "C", "D"]
    assert record.vread("Patient", first.id, 5) is None
    assert record.vread("Patient", first.id, 0) is None
    assert record.vread("Patient", first.id, 1 << 40) is None
    current = record.read("Patient", first.id)
    assert current is not None
    assert (current.version, current.method) == (4, Method.UPDATE)


def test_deletes_are_versions_and_what_was_deleted_can_come_back(record: Record) -> None:
    first = create(record, patient("A"))
    gone = one(record, Delete("Patient", first.id))
    assert gone.effect is Effect.DELETED
    assert gone.stored == record.read("Patient", first.id) == record.vread("Patient", first.id, 2)
    assert gone.stored is not None
    assert (gone.stored.deleted, gone.stored.body, gone.stored.version) == (True, None, 2)
    with pytest.raises(ValueError, match="deleted"):
        _ = gone.stored.resource
    assert record.counts() == {}
    back = one(record, put(patient("B", id=first.id)))
    assert back.effect is Effect.CREATED
    assert back.stored is not None
    assert (back.stored.version, back.stored.method) == (3, Method.UPDATE)
    assert record.vread("Patient", first.id, 1) == first
    assert record.counts() == {"Patient": 1}


def test_deleting_what_is_not_there_is_nothing(record: Record) -> None:
    stored = create(record, patient())
    one(record, Delete("Patient", stored.id))
    before = record.last_seq()
    assert one(record, Delete("Patient", stored.id)).effect is Effect.NOTHING
    assert one(record, Delete("Patient", "never")).effect is Effect.NOTHING
    assert record.last_seq() == before


def test_an_update_creates_under_the_clients_id(record: Record) -> None:
    outcome = one(record, put(patient(id="mine")))
    assert outcome.effect is Effect.CREATED
    assert record.read("Patient", "mine") == outcome.stored


def test_an_update_needs_the_id_it_is_addressed_by(record: Record) -> None:
    with pytest.raises(Invalid, match="has no id"):
        record.write(Update("Patient", patient(), id="x"))
    with pytest.raises(Invalid, match="its id is y"):
        record.write(Update("Patient", patient(id="y"), id="x"))


def test_an_update_that_changes_nothing_makes_no_version(record: Record) -> None:
    stored = create(record, patient("A", meta={"tag": [{"code": "t"}]}))
    before = record.last_seq()
    for same in (
        {**stored.resource},
        {"id": stored.id, "meta": {"tag": [{"code": "t"}], "versionId": "9"}, **patient("A")},
    ):
        outcome = one(record, put(same))
        assert (outcome.effect, outcome.stored) == (Effect.UNCHANGED, stored)
    assert record.last_seq() == before


def test_a_changed_digit_is_a_change(record: Record) -> None:
    """7.20 is not 7.2 (R4 datatypes.html#decimal: precision must be kept)."""
    subject = create(record, patient()).reference
    stored = create(record, observation(subject, Decimal("7.20")))
    assert b"7.20" in (stored.body or b"")
    after = update(record, observation(subject, Decimal("7.2"), id=stored.id))
    assert after.version == 2
    assert str(after.resource["valueQuantity"]["value"]) == "7.2"


def test_instants_rise_with_the_order_of_commits(record: Record) -> None:
    stored = [create(record, patient(str(n))) for n in range(20)]
    assert [s.seq for s in stored] == sorted(s.seq for s in stored)
    assert [s.updated for s in stored] == sorted({s.updated for s in stored})


# --- If-Match and If-None-Match


def test_a_stale_if_match_is_refused(record: Record) -> None:
    stored = create(record, patient("A"))
    update(record, patient("B", id=stored.id), if_match=1)
    for write in (
        put(patient("C", id=stored.id), if_match=1),
        put(patient("C", id=stored.id), if_match=3),
        Delete("Patient", stored.id, if_match=1),
        Patch("Patient", [{"op": "remove", "path": "/name"}], id=stored.id, if_match=1),
        put(patient(id="never"), if_match=1),
    ):
        with pytest.raises(PreconditionFailed):
            record.write(write)
    current = record.read("Patient", stored.id)
    assert current is not None
    assert current.version == 2
    assert one(record, Delete("Patient", stored.id, if_match=2)).effect is Effect.DELETED
    with pytest.raises(PreconditionFailed):
        record.write(put(patient(id=stored.id), if_match=3))


def test_if_none_match_any_only_creates(record: Record) -> None:
    assert one(record, put(patient(id="x"), if_none_match_any=True)).effect is Effect.CREATED
    with pytest.raises(PreconditionFailed):
        record.write(put(patient("other", id="x"), if_none_match_any=True))
    one(record, Delete("Patient", "x"))
    assert one(record, put(patient(id="x"), if_none_match_any=True)).effect is Effect.CREATED


# --- patch


def test_a_patch_is_an_update(record: Record) -> None:
    stored = create(record, patient("A"))
    outcome = one(
        record, Patch("Patient", [{"op": "replace", "path": "/name/0/family", "value": "B"}], id=stored.id, if_match=1)
    )
    assert outcome.effect is Effect.UPDATED
    assert content(record.read("Patient", stored.id)) == {**patient("B"), "id": stored.id}
    unchanged = one(record, Patch("Patient", [{"op": "test", "path": "/name/0/family", "value": "B"}], id=stored.id))
    assert unchanged.effect is Effect.UNCHANGED


def test_a_patch_needs_something_to_patch(record: Record) -> None:
    with pytest.raises(NotFound):
        record.write(Patch("Patient", [], id="never"))


# --- history


def _family(n: int) -> str:
    return f"F{n}"


def test_history_is_newest_first_in_pages(record: Record) -> None:
    stored = create(record, patient(_family(1)))
    for n in range(2, 8):
        update(record, patient(_family(n), id=stored.id))
    create(record, patient("other"))
    one(record, Delete("Patient", stored.id))
    page = record.history("Patient", stored.id, count=3, total=True)
    assert page.total == 8
    found = [[s.version for s in page.versions]]
    # What is written between two pages appears on none of them.
    update(record, patient("late", id=stored.id))
    assert record.history("Patient", stored.id, count=0, total=True).total == 9
    while page.next is not None:
        page = record.history("Patient", stored.id, count=3, cursor=page.next)
        found.append([s.version for s in page.versions])
    assert found == [[8, 7, 6], [5, 4, 3], [2, 1]]


def test_history_of_a_type_and_of_all(record: Record) -> None:
    someone = create(record, patient())
    seen = create(record, observation(someone.reference))
    one(record, Delete("Observation", seen.id))
    assert [s.reference for s in record.history("Observation").versions] == [seen.reference] * 2
    assert [s.seq for s in record.history().versions] == [3, 2, 1]
    assert record.history("Patient").versions == [someone]
    assert record.history("Patient", "never").versions == []
    assert record.history("Practitioner").versions == []


def test_history_since_and_at(record: Record) -> None:
    first = create(record, patient("A"))
    second = update(record, patient("B", id=first.id))
    third = update(record, patient("C", id=first.id))
    assert [s.version for s in record.history(since=second.updated).versions] == [3, 2]
    assert [s.version for s in record.history(since=second.updated + 1).versions] == [3]
    assert record.history(since=third.updated + 1, total=True).total == 0

    def at(low: int, high: int) -> list[int]:
        return [s.version for s in record.history("Patient", first.id, at=(low, high)).versions]

    assert at(first.updated - 10, first.updated) == []
    assert at(first.updated, first.updated + 1) == [1]
    assert at(second.updated - 1, second.updated) == [1]
    assert at(second.updated - 1, second.updated + 1) == [2, 1]
    assert at(first.updated, third.updated + 1) == [3, 2, 1]
    assert at(third.updated + 10, third.updated + 20) == [3]


@pytest.mark.parametrize("cursor", ["x", "-1", "1.5", "9" * 30, "²"])
def test_a_damaged_cursor_is_refused(record: Record, cursor: str) -> None:
    create(record, patient())
    with pytest.raises(Invalid):
        record.history(cursor=cursor)


# --- the change feed


def test_changes_are_every_version_in_commit_order(record: Record) -> None:
    someone = create(record, patient("A"))
    other = create(record, observation(someone.reference))
    changed = update(record, patient("B", id=someone.id))
    gone = one(record, Delete("Observation", other.id)).stored
    assert record.changes() == [someone, other, changed, gone]
    assert record.changes(since=other.seq) == [changed, gone]
    assert record.changes(since=other.seq, limit=1) == [changed]
    assert record.changes(since=record.last_seq()) == []
    assert record.last_seq() == 4


def test_waiting_for_a_change(record: Record) -> None:
    create(record, patient())
    assert record.wait_for_change(0, 0.0)
    assert not record.wait_for_change(1, 0.05)
    future = record.submit([Create(patient())])
    assert record.wait_for_change(1, 10.0)
    future.result()


def test_what_is_written_is_there_when_the_record_is_opened_again(record: Record, open_at) -> None:  # type: ignore[no-untyped-def]
    stored = create(record, patient())
    record.close()
    again = open_at()
    assert again.read("Patient", stored.id) == stored
    assert create(again, patient()).seq == 2
    assert [s.seq for s in again.changes()] == [1, 2]
