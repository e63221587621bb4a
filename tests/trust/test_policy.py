"""Cases by hand: what a ward would ask of the policy, and resources about nobody."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.trust.cases import (
    ENCOUNTER,
    JANS,
    NOW,
    PATIENT,
    Resource,
    ask,
    at,
    consent,
    facts,
    names,
    observation,
)

from bedside.fhir import dates
from bedside.trust.codes import ACT_CODE, ACT_REASON, CONFIDENTIALITY
from bedside.trust.consent import therapeutic
from bedside.trust.consent.read import read
from bedside.trust.item import item_of
from bedside.trust.labels import DOCTOR, NURSE, PSYCHIATRY
from bedside.trust.model import Action, Actor, Duty, Glass, Kind, Purpose, Reason, Request
from bedside.trust.policy import explain
from bedside.trust.relations import Lasting, all_relations, relations

# relations


def test_treating_opens_and_nothing_else_does() -> None:
    assert ask(JANS, observation(), facts(ENCOUNTER)).reason is Reason.RELATION
    assert ask(JANS, observation(), facts(ENCOUNTER)).because == "Encounter/e"
    assert ask(JANS, observation(), facts()).reason is Reason.NO_RELATION
    other = Actor(Kind.PRACTITIONER, "Practitioner/other", roles=frozenset({DOCTOR}))
    assert ask(other, observation(), facts(ENCOUNTER)).reason is Reason.NO_RELATION


def test_a_referral_expires_after_a_year_and_the_time_after() -> None:
    referral = {
        "resourceType": "ServiceRequest", "id": "s", "status": "active", "intent": "order",
        "subject": {"reference": PATIENT}, "authoredOn": "2024-06-01", "performer": [{"reference": JANS.reference}],
    }  # fmt: skip
    assert ask(JANS, observation(), facts(referral, now="2025-06-01T00:00:00Z")).permit
    assert ask(JANS, observation(), facts(referral, now="2025-06-30T23:59:59Z")).permit
    assert ask(JANS, observation(), facts(referral, now="2025-07-01T00:00:00Z")).reason is Reason.RELATION_ENDED


@pytest.mark.parametrize(
    ("change", "until"),
    [
        ({"status": "finished", "period": {"start": "2025-01-01", "end": "2025-01-03"}}, "2025-01-13"),
        ({"status": "finished"}, "2025-06-20"),
        ({"status": "cancelled"}, None),
        ({"status": "planned"}, None),
        ({"period": {}}, None),
        ({"period": {"start": "some day"}}, None),
        ({"subject": {"reference": "Group/g"}}, None),
    ],
)
def test_how_long_an_encounter_lasts(change: Resource, until: str | None) -> None:
    """An end is inclusive; without one, a finished encounter ends on its first day and a mistake makes none."""
    found = relations(ENCOUNTER | change, Lasting(after_encounter=9 * dates.DAY))
    assert [each.end for each in found] == ([] if until is None else [at(until)])


def test_an_appointment_opens_two_weeks_before_and_not_for_who_declined() -> None:
    taking = [{"actor": {"reference": each}, "status": "accepted"} for each in (PATIENT, JANS.reference)]
    clinic = {
        "resourceType": "Appointment",
        "id": "a",
        "status": "booked",
        "start": "2025-06-29T12:00:00Z",
        "participant": taking,
    }
    assert ask(JANS, observation(), facts(clinic)).permit
    assert not ask(JANS, observation(), facts(clinic, now="2025-06-15T11:59:59Z")).permit
    declined = clinic | {"participant": [taking[0], taking[1] | {"status": "declined"}]}
    assert ask(JANS, observation(), facts(declined)).reason is Reason.NO_RELATION


def test_a_declared_relationship_ends_when_the_patient_ends_it() -> None:
    system, _, code = therapeutic.CATEGORY.partition("|")
    paper = consent(
        {"type": "permit", "actor": names(JANS.reference)}, category=[{"coding": [{"system": system, "code": code}]}]
    )
    assert ask(JANS, observation(), facts(paper)).because == "Consent/c-2025-01-01"
    assert ask(JANS, observation(), facts(paper | {"status": "inactive"})).reason is Reason.NO_RELATION


def test_a_patient_may_exclude_one_clinician() -> None:
    paper = consent({"type": "deny", "actor": names(JANS.reference)})
    found = ask(JANS, observation(), facts(ENCOUNTER, paper))
    assert (found.reason, found.because) == (Reason.CONSENT, "Consent/c-2025-01-01")


# break the glass


def glass(**change: Any) -> Glass:
    usual = {"opened": at(NOW) - dates.HOUR, "until": at(NOW) + dates.HOUR, "reason": "unconscious, no history"}
    return Glass(**{"actor": JANS.reference, "patient": PATIENT, **usual, **change})


def test_breaking_the_glass_opens_and_obliges() -> None:
    found = ask(JANS, observation("2025-06-01", (ACT_CODE, "PSY")), facts(glasses=(glass(),)))
    assert found.reason is Reason.GLASS
    assert [each.duty for each in found.obligations] == [Duty.EMERGENCY, Duty.TELL_PATIENT, Duty.TELL_TEAM]


@pytest.mark.parametrize(
    "change",
    [{"until": at(NOW)}, {"opened": at(NOW) - 5 * dates.HOUR}, {"reason": " "}, {"opened": at(NOW) + 1}],
    ids=["over", "longer than allowed", "no reason", "not yet"],
)
def test_a_glass_that_does_not_count(change: Resource) -> None:
    assert ask(JANS, observation(), facts(glasses=(glass(**change),))).reason is Reason.GLASS_EXPIRED


def test_a_glass_is_for_one_person_and_one_patient() -> None:
    assert ask(JANS, observation(), facts(glasses=(glass(patient="Patient/q"),))).reason is Reason.NO_RELATION
    assert ask(JANS, observation(), facts(glasses=(glass(actor="Practitioner/x"),))).reason is Reason.NO_RELATION


def test_the_glass_lifts_an_objection_unless_it_names_the_glass() -> None:
    assert ask(JANS, observation(), facts(consent({"type": "deny"}), glasses=(glass(),))).reason is Reason.GLASS
    named = consent({"type": "deny", "purpose": [{"system": ACT_REASON, "code": "BTG"}]})
    assert ask(JANS, observation(), facts(named, glasses=(glass(),))).reason is Reason.CONSENT


# labels


@pytest.mark.parametrize(
    ("label", "role", "team", "sees"),
    [
        ((CONFIDENTIALITY, "N"), NURSE, False, True),
        ((CONFIDENTIALITY, "R"), NURSE, False, True),
        ((CONFIDENTIALITY, "R"), "x|clerk", False, False),
        ((CONFIDENTIALITY, "V"), NURSE, False, False),
        ((CONFIDENTIALITY, "V"), DOCTOR, False, True),
        ((CONFIDENTIALITY, "V"), DOCTOR, True, False),
        ((CONFIDENTIALITY, "secret"), DOCTOR, False, False),
        ((ACT_CODE, "PSY"), DOCTOR, False, False),
        ((ACT_CODE, "PSY"), PSYCHIATRY, False, True),
        ((ACT_CODE, "SEX"), PSYCHIATRY, False, False),
        ((ACT_CODE, "EMP"), NURSE, False, True),
        ((ACT_CODE, "EMP"), NURSE, True, False),
        ((ACT_CODE, "of tomorrow"), DOCTOR, False, False),
        (("http://example.org/handling", "paper"), NURSE, False, True),
    ],
)
def test_who_may_see_a_label(label: tuple[str, str], role: str, team: bool, sees: bool) -> None:
    """`team`: the relation names the care team, not the person."""
    name = "CareTeam/t" if team else "Practitioner/x"
    actor = Actor(Kind.PRACTITIONER, "Practitioner/x", frozenset({"CareTeam/t"}), frozenset({role}))
    meeting = ENCOUNTER | {"participant": [{"individual": {"reference": name}}]}
    found = ask(actor, observation("2025-06-01", label), facts(meeting))
    assert found.reason is (Reason.RELATION if sees else Reason.LABEL)


def test_staff_read_their_own_record_as_patients() -> None:
    jans = Actor(Kind.PRACTITIONER, JANS.reference, roles=JANS.roles, person=PATIENT)
    assert ask(jans, observation(), facts(ENCOUNTER, glasses=(glass(),))).reason is Reason.OWN_AS_STAFF


# everything else


def test_a_resource_about_two_patients_needs_both() -> None:
    two = observation(performer=[{"reference": "Patient/q"}])
    assert ask(JANS, two, facts(ENCOUNTER)).reason is Reason.NO_RELATION
    assert ask(JANS, two, facts(ENCOUNTER, ENCOUNTER | {"id": "f", "subject": {"reference": "Patient/q"}})).permit


@pytest.mark.parametrize("kind", [Kind.APP, Kind.SYSTEM])
def test_apps_and_systems_see_no_patient(kind: Kind) -> None:
    assert ask(Actor(kind, "Device/d"), observation(), facts(ENCOUNTER)).reason is Reason.NO_GRANT


@pytest.mark.parametrize(
    ("resource", "reason"),
    [
        ({"resourceType": "Organization", "id": "1"}, Reason.DIRECTORY),
        ({"resourceType": "Observation", "id": "1"}, Reason.NO_PATIENT),
        ({"resourceType": "Binary", "id": "1"}, Reason.CLOSED_TYPE),
        ({"resourceType": "Task", "id": "1", "for": {"reference": PATIENT}}, Reason.NO_RELATION),
        ({"resourceType": "Unheard", "id": "1"}, Reason.CLOSED_TYPE),
        ({}, Reason.CLOSED_TYPE),
    ],
)
def test_resources_about_nobody(resource: Resource, reason: Reason) -> None:
    assert ask(JANS, resource, facts()).reason is reason


@pytest.mark.parametrize("purpose", [each for each in Purpose if Purpose.TREAT not in each.ancestors])
def test_treating_is_no_ground_for_other_purposes(purpose: Purpose) -> None:
    assert ask(JANS, observation(), facts(ENCOUNTER, glasses=(glass(),)), purpose).reason is Reason.PURPOSE


def test_an_explanation_says_what_was_looked_at() -> None:
    request = Request(JANS, Purpose.TREAT, Action.ACCESS, item_of(observation("2025-06-01", (ACT_CODE, "PSY"))))
    assert explain(request, facts(ENCOUNTER, glasses=(glass(),))).lines() == [
        "Permitted: The actor broke the glass for this patient, with a reason and for a limited time.",
        "  Patient/p: by treatment-relation: A security label on this resource hides it from this actor.",
        "  Patient/p: by break-the-glass: The actor broke the glass for this patient, with a reason and for a limited time.",
    ]


@pytest.mark.parametrize(
    "subject",
    [
        {"reference": "http://elsewhere.example/fhir/Patient/p"},
        {"identifier": {"value": "1"}},
        {"display": "P"},
        {"reference": "#p"},
    ],
    ids=["another server's", "logical", "by name", "contained"],
)
def test_a_subject_of_elsewhere_is_not_made_ours_by_a_performer_of_ours(subject: Resource) -> None:
    """Nor by an id that is the same: Patient/p of another server is somebody else."""
    found = observation(performer=[{"reference": PATIENT}]) | {"subject": subject}
    assert ask(JANS, found, facts(ENCOUNTER)).reason in (Reason.NO_PATIENT, Reason.NO_RELATION)
    assert relations(ENCOUNTER | {"subject": subject}) == []


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_what_is_malformed_neither_fails_nor_opens(data: st.DataObject) -> None:
    """Any one value of a resource, a relation or a consent replaced by something else."""
    scrap = st.sampled_from([None, 0, "", "x", [], {}, [None], [{}], {"reference": 1}, {"coding": 1}, {"start": 1}])
    paper = consent({"type": "permit", "actor": names(JANS.reference), "period": {"end": "2026"}})
    for whole in (observation("2025-06-01", (ACT_CODE, "PSY")), ENCOUNTER, paper):
        key = data.draw(st.sampled_from(sorted(whole)))
        broken = whole | {key: data.draw(scrap)}
        item_of(broken)
        all_relations([broken])
        read(broken)
    refusal = {"type": "deny", "actor": names(JANS.reference), "period": {"end": "2026"}}
    key = data.draw(st.sampled_from(["actor", "period", "purpose", "action", "class", "data", "securityLabel"]))
    broken = data.draw(scrap.filter(bool)) if data.draw(st.booleans()) else refusal | {key: data.draw(scrap)}
    if not (isinstance(broken, dict) and "type" not in broken):  # a root may leave its type out, and then says nothing
        assert ask(JANS, observation(), facts(ENCOUNTER, consent(broken))).reason is Reason.CONSENT
