"""The codes that the policy is written in are those of R4's own code systems, and so is the order of purposes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bedside.fhir.definitions import compartment, is_resource_type, resource_types
from bedside.terms import r4
from bedside.trust.codes import ACT_CODE, ACT_REASON, CONFIDENTIALITY, CONSENT_ACTION, CONSENT_SCOPE, PRACTITIONER_ROLE
from bedside.trust.consent.read import SCOPES
from bedside.trust.item import item_of
from bedside.trust.labels import CLEARANCES, DOCTOR, NURSE, PHARMACIST
from bedside.trust.model import Action, Purpose, Reason
from bedside.trust.sentences import SENTENCES
from bedside.trust.types import DIRECTORY


def concepts(system: str) -> dict[str, tuple[str, ...]]:
    """Every code of a system with the codes above it, the nearest first."""
    found = r4.definition("CodeSystem", system)
    assert found is not None

    def walk(some: Any, above: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
        for each in some or ():
            yield each["code"], above
            yield from walk(each.get("concept"), (each["code"], *above))

    return dict(walk(found["concept"], ()))


@pytest.mark.parametrize(
    ("system", "codes"),
    [
        (CONSENT_ACTION, set(Action)),
        (CONSENT_SCOPE, SCOPES),
        (ACT_REASON, set(Purpose)),
        (ACT_CODE, {"OPTIN", "OPTOUT", "OPTINR", "OPTOUTE"}),
        *(
            (system, {label.partition("|")[2] for label in CLEARANCES if label.startswith(system + "|")})
            for system in (ACT_CODE, CONFIDENTIALITY)
        ),
        (PRACTITIONER_ROLE, {each.partition("|")[2] for each in (DOCTOR, NURSE, PHARMACIST)}),
    ],
)
def test_codes_are_in_their_systems(system: str, codes: set[str]) -> None:
    assert codes
    assert codes <= set(concepts(system))


@pytest.mark.parametrize("purpose", list(Purpose))
def test_purposes_are_ordered_as_in_their_system(purpose: Purpose) -> None:
    above = [code for code in concepts(ACT_REASON)[purpose] if code in set(Purpose)]
    assert [str(each) for each in purpose.ancestors[1:]] == above


def test_every_reason_has_a_sentence() -> None:
    assert set(SENTENCES) == set(Reason)


def test_types_of_the_directory_are_types_that_no_patient_owns() -> None:
    assert all(is_resource_type(each) for each in DIRECTORY)
    owned = {each for each in resource_types() if compartment("Patient").get(each)}
    # A Schedule may be a patient's own; then it refers to the patient, and the patient's rules hold.
    assert owned & DIRECTORY <= {"Schedule"}


@pytest.mark.parametrize(
    ("type_name", "more"),
    [
        ("Appointment", {"participant": [{"actor": {"reference": "Patient/1"}}]}),
        ("AuditEvent", {"entity": [{"what": {"reference": "Patient/1"}}]}),
        ("Group", {"member": [{"entity": {"reference": "Patient/1"}}]}),
        ("Provenance", {"target": [{"reference": "Patient/1"}]}),
        ("Schedule", {"actor": [{"reference": "Patient/1"}]}),
        ("Medication", {"contained": [], "extension": [{"url": "u", "valueReference": {"reference": "Patient/1"}}]}),
        ("DocumentReference", {"subject": {"reference": "Patient/1/_history/3"}}),
        ("Coverage", {"beneficiary": {"reference": "Patient/1"}}),
        ("RelatedPerson", {"patient": {"reference": "Patient/1"}}),
        ("Device", {"patient": {"reference": "Patient/1"}}),
    ],
)
def test_whom_a_resource_is_about(type_name: str, more: dict[str, Any]) -> None:
    assert item_of({"resourceType": type_name, "id": "x", **more}).patients == {"Patient/1"}


def test_a_patient_is_about_itself_alone() -> None:
    linked = {"resourceType": "Patient", "id": "1", "link": [{"other": {"reference": "Patient/2"}, "type": "seealso"}]}
    assert item_of(linked).patients == {"Patient/1"}
