"""Random hospitals as FHIR resources, small enough that everything collides: few patients, staff, codes and dates."""

from __future__ import annotations

import random
from typing import Any

from bedside.fhir import dates
from bedside.trust.codes import ACT_CODE, ACT_REASON, CONFIDENTIALITY, CONSENT_ACTION, CONSENT_SCOPE, RESOURCE_TYPES
from bedside.trust.consent import broad, proxy, therapeutic
from bedside.trust.labels import DOCTOR, GENITOURINARY, NURSE, PSYCHIATRY
from bedside.trust.model import Action, Actor, Glass, Kind, Purpose
from bedside.trust.permit import Basis, Permit

Resource = dict[str, Any]
NOW = "2025-06-15T12:00:00Z"
PATIENTS = [f"Patient/{n}" for n in range(4)]
ELSEWHERE = "http://elsewhere.example/fhir/Patient/1"
STAFF = [f"Practitioner/{n}" for n in range(3)]
DAYS = ["2010-01-01", "2023-02-01", "2024-06-01", "2025-03-01", "2025-06-01", "2025-06-15", "2025-09-01", "2035-01-01"]
TYPES = ["Observation", "Condition", "Specimen", "Patient", "Coverage"]
LABELS = [(CONFIDENTIALITY, c) for c in ("N", "R", "V", "Q")] + [
    (ACT_CODE, c) for c in ("PSY", "SEX", "EMP", "NOPAT", "NEW")
]
CODES = [{"system": "http://example.org/codes", "code": c} for c in "ab"]
PURPOSES = ["TREAT", "ETREAT", "BTG", "FAMRQT", "PATRQT", "HRESCH", "CLINTRCH", "HMARKT"]


def instant() -> int:
    return dates.interval(NOW)[0]


class Maker:
    """Makes resources from one random source; the same seed makes the same hospital."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.number = 0

    def chance(self, of: float) -> bool:
        return self.random.random() < of

    def pick(self, values: Any) -> Any:
        return self.random.choice(list(values))

    def some(self, values: list[Any], most: int = 2) -> list[Any]:
        return self.random.sample(values, self.random.randint(1, min(most, len(values))))

    def new(self, kind: str) -> Resource:
        self.number += 1
        return {"resourceType": kind, "id": str(self.number)}

    def period(self) -> Resource:
        low, high = sorted(self.some(DAYS, 1) + self.some(DAYS, 1))
        found = {"start": low, "end": high}
        if self.chance(0.3):
            del found["end"]
        return found

    def data(self) -> Resource:
        """A resource with data: about no, one or two patients."""
        found = self.new(self.pick([*TYPES, *TYPES, "Observation", "Task", "Organization", "Device"]))
        kind = found["resourceType"]
        if kind == "Patient":
            found["id"] = self.pick(PATIENTS).partition("/")[2]
        elif kind in ("Observation", "Condition", "Specimen") and self.chance(0.9):
            found["subject"] = {"reference": self.pick(PATIENTS)}
            if self.chance(0.08):
                found["subject"] = self.pick(
                    [{"reference": ELSEWHERE}, {"identifier": {"value": "1"}}, {"display": "P"}]
                )
        elif kind == "Coverage":
            found["beneficiary"] = {"reference": self.pick(PATIENTS)}
        elif kind == "Task" and self.chance(0.8):
            found["for"] = {"reference": self.pick(PATIENTS)}
        if kind == "Observation":
            if self.chance(0.8):
                found["effectiveDateTime"] = self.pick(DAYS)
            found["performer"] = [{"reference": self.pick(STAFF + PATIENTS[:1])}]
        if kind == "Condition" and self.chance(0.8):
            found["recordedDate"] = self.pick(DAYS)
        if kind == "Specimen" and self.chance(0.8):
            found["collection"] = {"collectedDateTime": self.pick(DAYS)}
        if kind in ("Observation", "Condition"):
            found["code"] = {"coding": [self.pick(CODES)]}
            if self.chance(0.3):
                found["encounter"] = {"reference": "Encounter/e"}
        if self.chance(0.5):
            found["meta"] = {"security": [{"system": s, "code": c} for s, c in self.some(LABELS)]}
        return found

    def provision(self, depth: int, root: bool = False) -> Resource:
        found: Resource = {} if root and self.chance(0.2) else {"type": self.pick(["permit", "deny"])}
        if self.chance(0.2):
            found["period"] = self.period()
        if self.chance(0.3):
            found["actor"] = [self.party() for _ in range(self.random.randint(1, 2))]
        if self.chance(0.15):
            found["action"] = [
                {"coding": [{"system": CONSENT_ACTION, "code": self.pick(["access", "use", "disclose", "burn"])}]}
            ]
        if self.chance(0.2):
            system = ACT_REASON if self.chance(0.9) else "http://example.org/purposes"
            found["purpose"] = [{"system": system, "code": c} for c in self.some(PURPOSES)]
        if self.chance(0.2):
            found["class"] = [{"system": RESOURCE_TYPES, "code": self.pick([*TYPES, "Unheard"])}]
        if self.chance(0.15):
            found["code"] = [{"coding": [self.pick(CODES)]}]
        if self.chance(0.2):
            found["securityLabel"] = [{"system": s, "code": c} for s, c in self.some(LABELS)]
        if self.chance(0.15):
            found["dataPeriod"] = self.period()
        if self.chance(0.1):
            meaning = self.pick(["instance", "related", "dependents", "authoredby"])
            target = self.pick([f"Observation/{self.random.randint(1, 9)}", "Encounter/e", *STAFF])
            found["data"] = [{"meaning": meaning, "reference": {"reference": target}}]
        if self.chance(0.03):
            found["modifierExtension"] = [{"url": "http://example.org/m", "valueBoolean": True}]
        if depth and self.chance(0.6):
            found["provision"] = [self.provision(depth - 1) for _ in range(self.random.randint(1, 2))]
        return found

    def party(self) -> Resource:
        kind = self.random.random()
        if kind < 0.1:
            return {"role": {"coding": [{"code": "CST"}]}, "reference": {"reference": "Organization/1"}}
        if kind < 0.2:
            return {"role": {"coding": [dict(zip(("system", "code"), DOCTOR.split("|"), strict=True))]}}
        if kind < 0.25:
            return {"role": {"coding": [{"code": "IRCP"}]}, "reference": {"identifier": {"value": "1"}}}
        who = self.pick([*STAFF, "RelatedPerson/1", "RelatedPerson/1", "Organization/1", "Practitioner/r"])
        return {"role": {"coding": [{"code": "IRCP"}]}, "reference": {"reference": who}}

    def broad(self) -> Resource:
        """A German broad consent, with some of its policies granted, refused or left out."""
        rules = []
        for number in (6, 8, 19, 22, 45, 46):
            if self.chance(0.7):
                coding = dict(zip(("system", "code"), broad.policy(number).split("|"), strict=True))
                kind = "permit" if self.chance(0.8) else "deny"
                rules.append({"type": kind, "period": self.period(), "code": [{"coding": [coding]}]})
        return {"type": "deny", "period": {"start": "2020-01-01"}, "provision": rules}

    def consent(self) -> Resource:
        found = self.new("Consent")
        scope = self.pick(["patient-privacy", "patient-privacy", "research", "research", "treatment"])
        found["status"] = "active" if self.chance(0.85) else self.pick(["inactive", "rejected", "draft"])
        found["scope"] = {"coding": [{"system": CONSENT_SCOPE, "code": scope}]}
        found["patient"] = {"reference": self.pick(PATIENTS)}
        if self.chance(0.9):
            found["dateTime"] = self.pick(DAYS)
        found["meta"] = {"lastUpdated": f"2025-06-{self.random.randint(1, 28):02}T00:00:00.{self.number % 1000:03}Z"}
        if self.chance(0.6):
            found["performer"] = [{"reference": self.pick([found["patient"]["reference"], "RelatedPerson/1"])}]
        if scope == "patient-privacy" and self.chance(0.3):
            system, _, value = self.pick([therapeutic.CATEGORY, proxy.REPRESENTATIVE]).partition("|")
            found["category"] = [{"coding": [{"system": system, "code": value}]}]
        if self.chance(0.2):
            policy = self.pick(["OPTIN", "OPTOUT", "OPTINR", "OPTOUTE"])
            found["policyRule"] = {"coding": [{"system": ACT_CODE, "code": policy}]}
        if self.chance(0.03):
            found["modifierExtension"] = [{"url": "http://example.org/m", "valueBoolean": True}]
        if scope == "research" and self.chance(0.5):
            found["provision"] = self.broad()
        elif self.chance(0.35):
            found["provision"] = self.grant()
        elif self.chance(0.9):
            found["provision"] = self.provision(3, root=True)
        return found

    def grant(self) -> Resource:
        """A permit to the proxy by name, with or without exceptions."""
        actor = {"role": {"coding": [{"code": "IRCP"}]}, "reference": {"reference": "RelatedPerson/1"}}
        found: Resource = {"type": "permit", "actor": [actor]}
        if self.chance(0.4):
            found["provision"] = [self.provision(2)]
        return found

    def relation(self) -> Resource:
        kind = self.pick(["Encounter", "CareTeam", "ServiceRequest", "Task", "Appointment"])
        found = self.new(kind)
        patient, staff = {"reference": self.pick(PATIENTS)}, {"reference": self.pick([*STAFF, "Organization/1"])}
        start = self.pick(DAYS)
        if kind == "Encounter":
            found |= {"status": self.pick(["in-progress", "finished", "planned", "cancelled"]), "subject": patient}
            found |= {"period": self.period(), "participant": [{"individual": staff}]}
        elif kind == "CareTeam":
            found |= {"status": self.pick(["active", "inactive", "proposed"]), "subject": patient}
            found |= {"period": self.period(), "participant": [{"member": staff}]}
        elif kind == "ServiceRequest":
            found |= {"status": self.pick(["active", "completed", "revoked"]), "intent": "order", "subject": patient}
            found |= {"authoredOn": start, "performer": [staff]}
        elif kind == "Task":
            found |= {"status": self.pick(["accepted", "completed", "rejected"]), "intent": "order", "for": patient}
            found |= {"authoredOn": start, "owner": staff}
        else:
            found |= {"status": self.pick(["booked", "fulfilled", "cancelled"]), "start": start + "T10:00:00Z"}
            found |= {"participant": [{"actor": patient, "status": "accepted"}, {"actor": staff, "status": "accepted"}]}
        return found

    def glass(self) -> Glass:
        opened = instant() - self.pick([0, 1, 3, 5]) * dates.HOUR
        reason = self.pick(["unconscious", "  "]) if self.chance(0.5) else "unconscious"
        until = opened + self.pick([1, 4, 12]) * dates.HOUR
        return Glass(self.pick(STAFF), self.pick(PATIENTS), reason, opened, until)

    def permit(self) -> Permit:
        self.number += 1
        low, high = sorted([dates.interval(self.pick(DAYS))[0], dates.interval(self.pick(DAYS))[1]])
        return Permit(
            reference=f"Contract/{self.number}",
            researchers=frozenset({self.pick(["Practitioner/r", "Organization/1"])}),
            types=frozenset(self.some(TYPES, 4)),
            valid=(low, high),
            basis=self.pick(Basis),
            purposes=frozenset({self.pick([Purpose.HRESCH, Purpose.CLINTRCH])}),
            people=frozenset(self.some(PATIENTS, 3)) if self.chance(0.5) else None,
            codes=frozenset({"http://example.org/codes|a"}) if self.chance(0.2) else frozenset(),
            data=(dates.interval("2024-01-01")[0], dates.MAX) if self.chance(0.3) else (dates.MIN, dates.MAX),
            labels=frozenset({ACT_CODE + "|PSY"}) if self.chance(0.3) else frozenset(),
        )

    def actor(self) -> Actor:
        kind = self.pick([Kind.PRACTITIONER] * 4 + [Kind.PROXY] * 3 + [Kind.RESEARCHER] * 3 + list(Kind))
        also = frozenset({"Organization/1"}) if self.chance(0.3) else frozenset()
        if kind is Kind.PRACTITIONER:
            roles = frozenset(self.some([DOCTOR, NURSE, PSYCHIATRY, GENITOURINARY]))
            person = self.pick(PATIENTS) if self.chance(0.2) else None
            return Actor(kind, self.pick(STAFF), also, roles, person)
        names = {Kind.PATIENT: self.pick(PATIENTS), Kind.PROXY: "RelatedPerson/1", Kind.RESEARCHER: "Practitioner/r"}
        return Actor(kind, names.get(kind, "Device/1"), also if kind is Kind.RESEARCHER else frozenset())

    def births(self) -> dict[str, str]:
        """Dates of birth: a small child, a teenager, an adult, or unknown, in any order."""
        years = ["2020-03-01", "2011-06-15", "2009-06-16", "1980-01-01", "2012-02-29", None]
        return {each: birth for each in PATIENTS if (birth := self.pick(years)) is not None}

    def purpose(self, actor: Actor) -> Purpose:
        usual = {
            Kind.PRACTITIONER: Purpose.TREAT, Kind.PATIENT: Purpose.PATRQT, Kind.PROXY: Purpose.FAMRQT,
            Kind.RESEARCHER: Purpose.CLINTRCH,
        }  # fmt: skip
        return usual.get(actor.kind, Purpose.TREAT) if self.chance(0.8) else self.pick(Purpose)

    def action(self) -> Action:
        return Action.ACCESS if self.chance(0.8) else self.pick(Action)
