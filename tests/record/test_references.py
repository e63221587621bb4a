"""References are checked when they are written and when what they point to is deleted; both can be switched off."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bedside.fhir.outcome import Conflict, Unprocessable
from bedside.record.model import Create, Delete, Effect, Update
from bedside.record.record import Record
from record.samples import create, observation, one, patient, put, update

Open = Callable[..., Record]


def test_a_reference_must_lead_somewhere(record: Record) -> None:
    with pytest.raises(Unprocessable) as caught:
        record.write(Create(observation("Patient/never")))
    (issue,) = caught.value.issues
    assert (issue.code, issue.path) == ("not-found", "Observation.subject.reference")
    assert record.last_seq() == 0
    someone = create(record, patient())
    create(record, observation(someone.reference))
    create(record, observation(f"{someone.reference}/_history/1"))


@pytest.mark.parametrize("reference", ["https://elsewhere.example/fhir/Patient/1", "urn:uuid:5bd3ef7c", "#within"])
def test_what_lies_outside_the_record_is_not_looked_for(record: Record, reference: str) -> None:
    create(record, observation(reference, contained=[patient(id="within")]))


def test_every_missing_target_is_named(record: Record) -> None:
    seen = observation("Patient/a", performer=[{"reference": "Practitioner/b"}, {"reference": "Organization/c"}])
    with pytest.raises(Unprocessable) as caught:
        record.write(Create(seen))
    assert sorted(str(issue.path) for issue in caught.value.issues) == [
        "Observation.performer[0].reference",
        "Observation.performer[1].reference",
        "Observation.subject.reference",
    ]


def test_references_to_the_deleted_are_refused(record: Record) -> None:
    someone = create(record, patient())
    one(record, Delete("Patient", someone.id))
    with pytest.raises(Unprocessable):
        record.write(Create(observation(someone.reference)))


def test_a_resource_may_refer_to_itself(record: Record) -> None:
    itself = patient(id="me", link=[{"other": {"reference": "Patient/me"}, "type": "seealso"}])
    assert one(record, put(itself)).effect is Effect.CREATED
    assert one(record, Delete("Patient", "me")).effect is Effect.DELETED


def test_deleting_what_others_refer_to_is_refused(record: Record) -> None:
    someone = create(record, patient())
    seen = [create(record, observation(someone.reference)) for _ in range(5)]
    with pytest.raises(Conflict, match="and others"):
        record.write(Delete("Patient", someone.id))
    for each in seen[1:]:
        one(record, Delete("Observation", each.id))
    with pytest.raises(Conflict, match=f"by {seen[0].reference};"):
        record.write(Delete("Patient", someone.id))
    assert record.read("Patient", someone.id) == someone
    other = create(record, patient())
    update(record, observation(other.reference, id=seen[0].id))
    assert one(record, Delete("Patient", someone.id)).effect is Effect.DELETED


def test_deleted_together_nothing_refers_any_more(record: Record) -> None:
    someone = create(record, patient())
    seen = create(record, observation(someone.reference))
    outcomes = record.write(Delete("Patient", someone.id), Delete("Observation", seen.id), transaction=True)
    assert [o.effect for o in outcomes] == [Effect.DELETED] * 2
    assert record.counts() == {}


def test_a_refused_delete_leaves_the_whole_transaction_undone(record: Record) -> None:
    someone = create(record, patient())
    create(record, observation(someone.reference))
    before = record.last_seq()
    with pytest.raises(Conflict):
        record.write(Create(patient("new")), Delete("Patient", someone.id), transaction=True)
    assert record.last_seq() == before
    assert record.counts() == {"Observation": 1, "Patient": 1}
    create(record, observation(someone.reference))


def test_references_that_no_parameter_covers_count(record: Record) -> None:
    """`extension.valueReference` is no search parameter, and still refers."""
    someone = create(record, patient())
    extension = {"url": "http://example.org/x", "valueReference": {"reference": someone.reference}}
    holder = create(record, patient(extension=[extension]))
    with pytest.raises(Conflict, match=holder.reference):
        record.write(Delete("Patient", someone.id))


def test_both_checks_can_be_switched_off(open_at: Open) -> None:
    record = open_at(check_references=False, refuse_delete_of_referenced=False)
    seen = create(record, observation("Patient/later"))
    assert record.read("Patient", "later") is None
    assert record.history("Patient", "later").versions == []
    assert record.counts() == {"Observation": 1}
    # A place was kept for it, and it takes the place when it comes.
    came = one(record, put(patient(id="later")))
    assert came.effect is Effect.CREATED
    assert came.stored is not None
    assert came.stored.version == 1
    assert came.stored.rid < seen.rid + 2
    assert one(record, Delete("Patient", "later")).effect is Effect.DELETED
    strict = open_at()
    with pytest.raises(Unprocessable):
        strict.write(Update("Observation", observation("Patient/later", 3, id=seen.id), id=seen.id))
    one(record, put(patient(id="later")))
    with pytest.raises(Conflict):
        strict.write(Delete("Patient", "later"))


def test_a_place_that_was_kept_is_nothing_one_can_delete_or_match(open_at: Open) -> None:
    record = open_at(check_references=False)
    create(record, observation("Patient/later"))
    assert one(record, Delete("Patient", "later")).effect is Effect.NOTHING
    assert record.last_seq() == 1
    with pytest.raises(Unprocessable):
        open_at().write(Create(observation("Patient/later")))
