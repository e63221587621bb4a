"""Cases by hand: what patients decided, for care, for their family and for research."""

from __future__ import annotations

from typing import Any

import pytest
from tests.trust.cases import (
    ENCOUNTER,
    JANS,
    MOTHER,
    NOW,
    OWNER,
    PATIENT,
    SCHOLAR,
    Resource,
    ask,
    at,
    consent,
    facts,
    names,
    observation,
)

from bedside.fhir import dates
from bedside.trust.codes import ACT_CODE, CONFIDENTIALITY
from bedside.trust.consent import broad, proxy
from bedside.trust.facts import Settings
from bedside.trust.labels import DOCTOR
from bedside.trust.model import Action, Actor, Ages, Duty, Kind, Purpose, Reason
from bedside.trust.permit import Basis, Permit
from bedside.trust.scope import visible

# nested provisions


def test_a_deny_inside_a_permit_inside_a_deny() -> None:
    """Nobody but psychiatry's Jans, and Jans not what is very restricted."""
    inner = {"type": "deny", "securityLabel": [{"system": CONFIDENTIALITY, "code": "V"}]}
    middle = {"type": "permit", "actor": names(JANS.reference), "provision": [inner]}
    known = facts(ENCOUNTER, consent({"type": "deny", "provision": [middle]}))
    assert ask(JANS, observation(), known).permit
    assert ask(JANS, observation("2025-06-01", (CONFIDENTIALITY, "V")), known).reason is Reason.CONSENT
    colleague = Actor(Kind.PRACTITIONER, "Practitioner/b", frozenset({JANS.reference[:-1]}), frozenset({DOCTOR}))
    both = ENCOUNTER | {"participant": [*ENCOUNTER["participant"], {"individual": {"reference": "Practitioner/b"}}]}
    known = facts(both, consent({"type": "deny", "provision": [middle]}))
    assert ask(colleague, observation(), known).reason is Reason.CONSENT


def test_exceptions_that_disagree_deny() -> None:
    both = [
        {"type": "permit"},
        {"type": "deny", "class": [{"system": "http://hl7.org/fhir/resource-types", "code": "Observation"}]},
    ]
    known = facts(ENCOUNTER, consent({"type": "deny", "provision": both}))
    assert ask(JANS, observation(), known).reason is Reason.CONSENT


def test_a_later_narrower_consent_changes_only_what_it_is_about() -> None:
    first = consent({"type": "deny"}, "2024-01-01")
    second = consent({"type": "permit", "dataPeriod": {"start": "2025-01-01"}}, "2025-01-01")
    known = facts(ENCOUNTER, first, second)
    assert ask(JANS, observation("2025-06-01"), known).permit
    assert ask(JANS, observation("2024-12-31"), known).because == "Consent/c-2024-01-01"


def test_a_consent_of_tomorrow_does_not_count_today() -> None:
    assert ask(JANS, observation(), facts(ENCOUNTER, consent({"type": "deny"}, "2025-06-16"))).permit


@pytest.mark.parametrize("level", ["R", "V"])
def test_denying_restricted_data_denies_what_is_more_confidential_too(level: str) -> None:
    known = facts(ENCOUNTER, consent({"type": "deny", "securityLabel": [{"system": CONFIDENTIALITY, "code": "R"}]}))
    assert ask(JANS, observation("2025-06-01", (CONFIDENTIALITY, level)), known).reason is Reason.CONSENT
    assert ask(JANS, observation(), known).permit


@pytest.mark.parametrize(
    "strange",
    [
        {"class": [{"system": "http://example.org/classes", "code": "letters"}]},
        {"actor": [{"role": {"coding": [{"code": "IRCP"}]}, "reference": {"identifier": {"value": "1"}}}]},
        {"purpose": [{"system": "http://example.org/purposes", "code": "x"}]},
        {"action": [{"coding": [{"system": "http://example.org/actions", "code": "x"}]}]},
        {"period": {"start": "some day"}},
        {"data": [{"meaning": "instance", "reference": {"display": "that one"}}]},
        {"securityLabel": [{"system": CONFIDENTIALITY, "code": "secret"}]},
    ],
    ids=lambda strange: next(iter(strange)),
)
def test_what_cannot_be_read_denies_but_does_not_permit(strange: Resource) -> None:
    denied = facts(ENCOUNTER, consent({"type": "deny", **strange}))
    assert ask(JANS, observation(), denied).reason is Reason.CONSENT
    only = facts(ENCOUNTER, consent({"type": "deny", "provision": [{"type": "permit", **strange}]}))
    assert ask(JANS, observation(), only).reason is Reason.CONSENT


def test_a_consent_without_a_date_or_with_a_modifier_may_only_deny() -> None:
    older, undated = consent({"type": "deny"}, "2024-01-01"), consent({"type": "permit"})
    del undated["dateTime"]
    assert not ask(JANS, observation(), facts(ENCOUNTER, older, undated)).permit
    modified = consent({"type": "permit"}, modifierExtension=[{"url": "http://example.org/not", "valueBoolean": True}])
    assert not ask(JANS, observation(), facts(ENCOUNTER, older, modified)).permit


# patients and proxies


def test_patients_read_their_own_and_wait_for_what_must_be_told_first() -> None:
    assert ask(OWNER, observation(), facts()).reason is Reason.OWN
    assert ask(OWNER, observation("2025-06-01", (ACT_CODE, "NOPAT")), facts()).reason is Reason.LABEL
    assert ask(Actor(Kind.PATIENT, "Patient/q"), observation(), facts()).reason is Reason.NOT_OWN


BY_PARENT = consent({"type": "permit", "actor": names(MOTHER.reference)}, performer=[{"reference": MOTHER.reference}])
BY_CHILD = BY_PARENT | {"id": "mine", "performer": [{"reference": PATIENT}]}
PRIVATE = observation("2025-06-01", (ACT_CODE, "SEX"))


@pytest.mark.parametrize(
    ("born", "grant", "ordinary", "private"),
    [
        ("2013-06-16", BY_PARENT, True, True),  # 11, twelve tomorrow
        ("2013-06-15", BY_PARENT, True, False),  # 12 today
        ("2009-06-16", BY_PARENT, True, False),  # 15
        ("2009-06-15", BY_PARENT, False, False),  # 16 today
        ("2013-06-15", BY_CHILD, True, True),
        ("2009-06-15", BY_CHILD, True, True),
        ("1950-01-01", BY_CHILD, True, True),
        (None, BY_PARENT, False, False),
        (None, BY_CHILD, True, True),
    ],
)
def test_what_a_parent_sees_by_age(born: str | None, grant: Resource, ordinary: bool, private: bool) -> None:
    known = facts(grant, born=born)
    assert ask(MOTHER, observation(), known).permit is ordinary
    assert ask(MOTHER, PRIVATE, known).permit is private


def test_the_ages_are_a_setting() -> None:
    known = facts(BY_PARENT, born="2010-06-15", settings=Settings(ages=Ages(15, 15)))
    assert ask(MOTHER, observation(), known).reason is Reason.NO_PROXY
    with pytest.raises(ValueError, match="0 <= shared <= own"):
        Ages(16, 12)


def test_a_teenagers_no_outlasts_a_parents_later_yes() -> None:
    no = consent({"type": "deny", "actor": names(MOTHER.reference)}, "2025-02-01", performer=[{"reference": PATIENT}])
    yes = BY_PARENT | {"dateTime": "2025-03-01"}
    assert ask(MOTHER, observation(), facts(no, yes, born="2012-06-15")).reason is Reason.CONSENT
    assert ask(MOTHER, observation(), facts(no, yes, born="2016-06-15")).permit


def test_a_legal_representative_of_an_adult() -> None:
    system, _, code = proxy.REPRESENTATIVE.partition("|")
    paper = BY_PARENT | {"category": [{"coding": [{"system": system, "code": code}]}]}
    assert ask(MOTHER, observation(), facts(paper, born="2000-01-01")).permit
    # Made while the patient was fifteen: a guardian of a minor, whose grant ends at sixteen.
    assert not ask(MOTHER, observation(), facts(paper, born="2009-06-01")).permit


def test_agreeing_to_sharing_in_general_makes_nobody_a_proxy() -> None:
    assert ask(MOTHER, observation(), facts(consent({"type": "permit"}), born="1950-01-01")).reason is Reason.NO_PROXY


def test_a_proxy_is_logged_as_acting_for_the_patient_and_until_when() -> None:
    paper = consent({"type": "permit", "actor": names(MOTHER.reference), "period": {"end": "2025-06-15"}})
    found = ask(MOTHER, observation(), facts(paper, born="2020-01-01"))
    assert [(each.duty, each.values) for each in found.obligations] == [(Duty.ON_BEHALF, (PATIENT,))]
    assert not ask(MOTHER, observation(), facts(paper, born="2020-01-01", now="2025-06-16T00:00:00Z")).permit


# research


def permit(**change: Any) -> Permit:
    usual = {"types": frozenset({"Observation"}), "valid": (at("2025-01-01"), at("2026-01-01"))}
    return Permit(**{"reference": "Contract/k", "researchers": frozenset({SCHOLAR.reference}), **usual, **change})


def broad_consent(*rules: tuple[int, str, str, str], made: str = "2025-01-01") -> Resource:
    """Rules are (policy, permit or deny, start, end)."""
    nested = [
        {
            "type": kind,
            "period": {"start": start, "end": end},
            "code": [{"coding": [{"system": broad.SYSTEM, "code": f"{broad.OID}.{number}"}]}],
        }
        for number, kind, start, end in rules
    ]
    return consent({"type": "deny", "provision": nested}, made, "research")


COLLECT, USE = (6, "permit", "2025-01-01", "2029-12-31"), (8, "permit", "2025-01-01", "2054-12-31")
BACK = (45, "permit", "2025-01-01", "2054-12-31")


def test_research_sees_nothing_without_a_permit_or_without_consent() -> None:
    agreed = broad_consent(COLLECT, USE)
    assert ask(SCHOLAR, observation(), facts(agreed)).reason is Reason.NO_PERMIT
    assert ask(SCHOLAR, observation(), facts(permits=(permit(),))).reason is Reason.CONSENT
    assert ask(SCHOLAR, observation(), facts(agreed, permits=(permit(),))).reason is Reason.PERMIT


@pytest.mark.parametrize(
    ("rules", "day", "sees"),
    [
        ([COLLECT, USE], "2025-06-01", True),
        ([COLLECT, USE], "2024-12-31", False),
        ([COLLECT, USE, BACK], "2024-12-31", True),
        ([COLLECT, USE, BACK, (45, "deny", "2025-01-01", "2054-12-31")], "2024-12-31", False),
        ([COLLECT, USE, BACK], "2030-01-01", False),
        ([COLLECT, USE, (45, "permit", "2020-01-01", "2024-12-31")], "2024-12-31", False),
        ([USE, BACK], "2024-12-31", False),
        ([COLLECT, BACK], "2025-06-01", False),
        ([COLLECT, USE, (8, "deny", "2025-01-01", "2054-12-31")], "2025-06-01", False),
        ([COLLECT, (8, "permit", "2025-01-01", "2025-06-14")], "2025-06-01", False),
    ],
    ids=[
        "in the window", "before it", "reaching back", "reaching back refused", "after the window", "reaching back is over",
        "no window", "no use", "use refused", "use is over",
    ],
)  # fmt: skip
def test_the_broad_consent(rules: list[tuple[int, str, str, str]], day: str, sees: bool) -> None:
    assert ask(SCHOLAR, observation(day), facts(broad_consent(*rules), permits=(permit(),))).permit is sees


@pytest.mark.parametrize("how", ["inactive", "newer"])
def test_who_withdraws_disappears(how: str) -> None:
    agreed = broad_consent(COLLECT, USE, BACK)
    if how == "inactive":
        papers = [agreed | {"status": "inactive"}]
    else:
        papers = [agreed, consent({"type": "deny"}, "2025-06-14", "research")]
    known = facts(*papers, permits=(permit(),))
    assert ask(SCHOLAR, observation(), known).reason is Reason.CONSENT
    assert visible(SCHOLAR, Purpose.HRESCH, Action.ACCESS, known).nobody


def test_where_no_objection_is_enough_an_objection_is_too() -> None:
    opt_out = permit(basis=Basis.NO_OBJECTION)
    assert ask(SCHOLAR, observation(), facts(permits=(opt_out,))).permit
    objection = consent({"type": "deny"}, "2025-06-14", "research")
    assert ask(SCHOLAR, observation(), facts(objection, permits=(opt_out,))).reason is Reason.CONSENT


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"valid": (at("2025-01-01"), at(NOW))}, Reason.PERMIT_EXPIRED),
        ({"people": frozenset({"Patient/q"})}, Reason.NO_PERMIT),
        ({"types": frozenset({"Condition"})}, Reason.PERMIT_DATA),
        ({"data": (at("2025-06-02"), dates.MAX)}, Reason.PERMIT_DATA),
        ({"purposes": frozenset({Purpose.CLINTRCH})}, Reason.NO_PERMIT),
        ({"researchers": frozenset({"Practitioner/x"})}, Reason.NO_PERMIT),
    ],
)
def test_outside_the_permit(change: Resource, reason: Reason) -> None:
    known = facts(broad_consent(COLLECT, USE), permits=(permit(**change),))
    assert ask(SCHOLAR, observation(), known).reason is reason


def test_a_permit_up_to_very_restricted_does_not_cover_an_unknown_level() -> None:
    up_to_v = consent(
        {
            "type": "permit",
            "actor": names(MOTHER.reference),
            "securityLabel": [{"system": CONFIDENTIALITY, "code": "V"}],
        }
    )
    known = facts(up_to_v, born="2020-01-01")
    assert ask(MOTHER, observation("2025-06-01", (CONFIDENTIALITY, "V")), known).permit
    assert not ask(MOTHER, observation("2025-06-01", (CONFIDENTIALITY, "secret")), known).permit
