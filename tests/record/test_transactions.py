"""Several writes as one: all or nothing, in the order R4 gives them, with references among them made literal."""

from __future__ import annotations

import pytest

from bedside.fhir.outcome import FhirError, Invalid, NotFound, PreconditionFailed, Unprocessable
from bedside.record.model import Create, Delete, Effect, Patch
from bedside.record.record import Record
from record.samples import create, identified, observation, one, patient, put

URN = "urn:uuid:05efabf0-4be2-4561-91ce-51548425acb9"
OTHER = "urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a"


def test_references_by_urn_become_literal_in_either_direction(record: Record) -> None:
    seen, someone = record.write(
        Create(observation(URN), full_url=OTHER),
        Create(patient(link=[{"other": {"reference": URN}, "type": "seealso"}]), full_url=URN),
        transaction=True,
    )
    assert seen.stored is not None
    assert someone.stored is not None
    assert seen.stored.resource["subject"]["reference"] == someone.stored.reference
    assert someone.stored.resource["link"][0]["other"]["reference"] == someone.stored.reference
    assert seen.stored.updated == someone.stored.updated


def test_an_update_gives_its_urn_too(record: Record) -> None:
    seen, _ = record.write(Create(observation(URN)), put(patient(id="p"), full_url=URN), transaction=True)
    assert seen.stored is not None
    assert seen.stored.resource["subject"]["reference"] == "Patient/p"


def test_all_or_nothing(record: Record) -> None:
    kept = create(record, patient("kept"))
    before = record.last_seq()
    for bad in (
        Create(observation("Patient/never")),
        Create({"resourceType": "Patient", "nonsense": 1}),
        put(patient("x", id=kept.id), if_match=9),
        Patch("Patient", [{"op": "remove", "path": "/nothing"}], id=kept.id),
    ):
        with pytest.raises(FhirError):
            record.write(
                Create(patient("new"), full_url=URN),
                Create(observation(URN)),
                put(patient("by id", id="mine")),
                bad,
                transaction=True,
            )
    assert record.last_seq() == before
    assert record.counts() == {"Patient": 1}
    assert record.read("Patient", "mine") is None


def test_the_error_says_which_write_it_is_about(record: Record) -> None:
    with pytest.raises(Unprocessable) as caught:
        record.write(Create(patient()), Create({"resourceType": "Patient", "nonsense": 1}), transaction=True)
    assert caught.value.write == 1  # type: ignore[attr-defined]


def test_overlapping_identities_are_refused(record: Record) -> None:
    stored = create(record, patient("A"))
    for first, second in (
        (put(patient("B", id=stored.id)), Delete("Patient", stored.id)),
        (put(patient("B", id=stored.id)), put(patient("C", id=stored.id))),
        (Delete("Patient", stored.id), Patch("Patient", [], id=stored.id)),
    ):
        with pytest.raises(Invalid, match="two entries"):
            record.write(first, second, transaction=True)
    assert record.read("Patient", stored.id) == stored


def test_two_entries_may_not_share_a_full_url(record: Record) -> None:
    with pytest.raises(Invalid, match="fullUrl"):
        record.write(Create(patient(), full_url=URN), Create(patient(), full_url=URN), transaction=True)
    assert record.last_seq() == 0


def test_deletes_come_before_creates_and_updates(record: Record) -> None:
    """The answers stay in the order of the entries (R4 http.html#trules)."""
    stored = create(record, patient("A"))
    created, updated, deleted = record.write(
        Create(patient("B")), put(patient("C", id="c")), Delete("Patient", stored.id), transaction=True
    )
    assert [o.effect for o in (created, updated, deleted)] == [Effect.CREATED, Effect.CREATED, Effect.DELETED]
    order = [o.stored.seq for o in (deleted, created, updated) if o.stored is not None]
    assert order == sorted(order)
    assert len(order) == 3


def test_what_is_deleted_in_it_cannot_be_referred_to_in_it(record: Record) -> None:
    someone = create(record, patient())
    with pytest.raises(Unprocessable):
        record.write(Create(observation(someone.reference)), Delete("Patient", someone.id), transaction=True)
    assert record.counts() == {"Patient": 1}


def test_conditional_references_are_resolved(record: Record) -> None:
    someone = create(record, identified("1"))
    create(record, identified("2"))
    create(record, identified("2"))
    seen = one_of(record, "Patient?identifier=http://example.org/mrn|1")
    assert seen["subject"]["reference"] == someone.reference
    for missing in ("Patient?identifier=http://example.org/mrn|3", "Patient?identifier=http://example.org/mrn|2"):
        with pytest.raises(PreconditionFailed):
            one_of(record, missing)
    assert record.counts() == {"Observation": 1, "Patient": 3}


def test_a_conditional_reference_does_not_see_the_transaction_it_is_in(record: Record) -> None:
    with pytest.raises(PreconditionFailed):
        record.write(
            Create(identified("1")),
            Create(observation("Patient?identifier=http://example.org/mrn|1")),
            transaction=True,
        )


def test_outside_a_transaction_a_conditional_reference_is_an_error(record: Record) -> None:
    create(record, identified("1"))
    with pytest.raises(Unprocessable):
        record.write(Create(observation("Patient?identifier=http://example.org/mrn|1")))


def one_of(record: Record, reference: str) -> dict:  # type: ignore[type-arg]
    (outcome,) = record.write(Create(observation(reference)), transaction=True)
    assert outcome.stored is not None
    return outcome.stored.resource


def test_a_transaction_with_a_patch_that_finds_nothing(record: Record) -> None:
    with pytest.raises(NotFound):
        record.write(Create(patient()), Patch("Patient", [], id="never"), transaction=True)
    assert record.last_seq() == 0


def test_many_writes_in_one(record: Record) -> None:
    writes = [Create(patient(), full_url=URN), *(Create(observation(URN, n)) for n in range(3000))]
    outcomes = record.write(*writes, transaction=True)
    assert len({o.stored.seq for o in outcomes if o.stored is not None}) == 3001
    assert record.counts() == {"Observation": 3000, "Patient": 1}
    one(record, Create(patient()))
