"""People, resources and facts for cases by hand, and asking with both faces of the policy."""

from __future__ import annotations

from typing import Any

from bedside.fhir import dates
from bedside.trust.codes import CONSENT_SCOPE
from bedside.trust.consent.read import read
from bedside.trust.facts import Facts
from bedside.trust.item import item_of
from bedside.trust.labels import DOCTOR
from bedside.trust.model import Action, Actor, Decision, Kind, Purpose, Request
from bedside.trust.policy import decide
from bedside.trust.relations import all_relations
from bedside.trust.scope import visible

Resource = dict[str, Any]
NOW = "2025-06-15T12:00:00Z"
PATIENT = "Patient/p"
JANS = Actor(Kind.PRACTITIONER, "Practitioner/jans", roles=frozenset({DOCTOR}))
MOTHER = Actor(Kind.PROXY, "RelatedPerson/mother")
OWNER = Actor(Kind.PATIENT, PATIENT)
SCHOLAR = Actor(Kind.RESEARCHER, "Practitioner/scholar")


def at(text: str) -> int:
    return dates.interval(text)[0]


def observation(day: str = "2025-06-01", *labels: tuple[str, str], **more: Any) -> Resource:
    return {
        "resourceType": "Observation",
        "id": "o",
        "meta": {"security": [{"system": s, "code": c} for s, c in labels]},
        "subject": {"reference": PATIENT},
        "effectiveDateTime": day,
        **more,
    }


def consent(provision: Resource, made: str = "2025-01-01", scope: str = "patient-privacy", **more: Any) -> Resource:
    return {
        "resourceType": "Consent",
        "id": f"c-{made}",
        "status": "active",
        "scope": {"coding": [{"system": CONSENT_SCOPE, "code": scope}]},
        "patient": {"reference": PATIENT},
        "dateTime": made,
        "provision": provision,
        **more,
    }


def names(*references: str) -> list[Resource]:
    return [{"role": {"coding": [{"code": "IRCP"}]}, "reference": {"reference": each}} for each in references]


def facts(*resources: Resource, now: str = NOW, born: str | None = None, **more: Any) -> Facts:
    return Facts(
        now=at(now),
        relations=all_relations(resources),
        consents=tuple(found for each in resources if (found := read(each)) is not None),
        births={} if born is None else {PATIENT: at(born)},
        **more,
    )


USUAL = {
    Kind.PRACTITIONER: Purpose.TREAT,
    Kind.PATIENT: Purpose.PATRQT,
    Kind.PROXY: Purpose.FAMRQT,
    Kind.RESEARCHER: Purpose.HRESCH,
}


def ask(actor: Actor, resource: Resource, known: Facts, purpose: Purpose | None = None) -> Decision:
    """The decision, after the scope has been seen to agree with it."""
    purpose = purpose or USUAL.get(actor.kind, Purpose.TREAT)
    item = item_of(resource)
    decision = decide(Request(actor, purpose, Action.ACCESS, item), known)
    assert visible(actor, purpose, Action.ACCESS, known).contains(item) == decision.permit
    return decision


ENCOUNTER: Resource = {
    "resourceType": "Encounter",
    "id": "e",
    "status": "in-progress",
    "subject": {"reference": PATIENT},
    "period": {"start": "2025-06-10"},
    "participant": [{"individual": {"reference": "Practitioner/jans"}}],
}
