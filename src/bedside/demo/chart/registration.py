"""Who the patient is, on paper: Patient, family, insurance, allergies, consents, habits. Written for everybody."""

from __future__ import annotations

from html import escape

from bedside.demo.chart.core import Core, reference
from bedside.demo.clock import DAY, HOUR, YEAR, at, day_of, iso, iso_date, year_of
from bedside.demo.codes import ACT, BASE, HL7, LOINC, SNOMED, TAG, Json, coding, concept, hl7, local, loinc
from bedside.demo.hospital.model import ORGANIZATION
from bedside.demo.people.person import Person, Relative

_LANGUAGES = {
    "nl": "Dutch", "fr": "French", "tr": "Turkish", "ar": "Arabic", "pl": "Polish", "en": "English", "pap": "Papiamento",
}  # fmt: skip
_MARITAL = {
    "M": "Married",
    "S": "Never Married",
    "D": "Divorced",
    "W": "Widowed",
    "T": "Domestic partner",
}
_SMOKING = {
    "never": ("266919005", "Never smoked tobacco"),
    "former": ("8517006", "Ex-smoker"),
    "current": ("77176002", "Smoker"),
}
ALLERGIES: dict[str, tuple[str, str, str, str, str]] = {
    "penicillin": ("373270004", "Substance with penicillin structure and antibacterial mechanism of action", "Penicillin", "medication", "Rash"),
    "nsaid": ("16403005", "Non-steroidal anti-inflammatory agent", "NSAIDs", "medication", "Wheezing"),
    "sulfonamide": ("387406002", "Sulfonamide", "Sulfonamides", "medication", "Rash"),
    "contrast": ("", "Iodinated contrast medium", "Iodinated contrast", "medication", "Urticaria"),
    "latex": ("111088007", "Latex", "Latex", "environment", "Contact eczema"),
    "nuts": ("", "Tree nuts", "Nuts", "food", "Swelling of the lips"),
    "wasp": ("", "Wasp venom", "Wasp venom", "environment", "Anaphylaxis"),
    "pollen": ("", "Grass pollen", "Grass pollen", "environment", "Hay fever"),
    "dust-mite": ("", "House dust mite", "House dust mite", "environment", "Sneezing"),
    "egg": ("", "Hen's egg", "Egg", "food", "Urticaria"),
}  # fmt: skip
_ALLERGY_CODES = {
    key: concept(words, coding(SNOMED, code, display) if code else local("substances", key, display))
    for key, (code, display, words, _, _) in ALLERGIES.items()
}
_RELATION = HL7 + "v3-RoleCode"


def human_name(person: Person) -> Json:
    """The official name of a person."""
    name = person.name
    return {
        "use": "official",
        "text": name.full,
        "family": name.family,
        "given": [name.given, name.second] if name.second else [name.given],
    }


class Registration(Core):
    """The part of a chart that every patient has."""

    family_refs: list[Json]

    def register(self, since: int) -> None:
        """Writes who the patient is; `since` is when the hospital first met them."""
        person = self.person
        patient: Json = {"resourceType": "Patient", "id": person.id, "meta": TAG}
        kind = "he" if person.sex == "male" else "she"
        died = "" if self.death is None else f", died {iso_date(self.death)}"
        patient["text"] = {
            "status": "generated",
            "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><p><b>{escape(person.name.full)}</b> '
            f"({kind}), born {iso_date(person.birth)}{died}; {escape(person.town.name)}. Not a real person.</p></div>",
        }
        patient["extension"] = [
            {
                "url": "http://hl7.org/fhir/StructureDefinition/patient-nationality",
                "extension": [
                    {
                        "url": "code",
                        "valueCodeableConcept": concept(
                            "Netherlands" if person.town.country == "NL" else "Belgium",
                            coding(
                                "urn:iso:std:iso:3166",
                                person.town.country,
                                "Netherlands" if person.town.country == "NL" else "Belgium",
                            ),
                        ),
                    }
                ],
            }
        ]
        number = 4_000_000 + person.number * 7 % 5_000_000
        patient["identifier"] = [
            {
                "use": "usual",
                "type": concept("Hospital number", coding(HL7 + "v2-0203", "MR", "Medical record number")),
                "system": f"{BASE}/id/patient",
                "value": f"{number // 10000:03d}-{number % 10000:04d}-{person.id[4:]}",
            },
            {
                "use": "official",
                "type": concept(
                    "National number", coding(HL7 + "v2-0203", "NI", "National unique individual identifier")
                ),
                "system": f"{BASE}/id/fictitious-national-number",
                "value": f"X{(person.number * 104_729 + person.birth // DAY) % 10**9:09d}{person.id[10:]}",
            },
        ]
        patient["active"] = not self.dead
        patient["name"] = [human_name(person)]
        if person.maiden:
            patient["name"].append({"use": "maiden", "family": person.maiden, "given": [person.name.given]})
        patient["telecom"] = [{"system": "phone", "value": person.phone, "use": "mobile", "rank": 1}]
        if self.age(self.until) >= 16 and self.age(self.until) < 80:
            mail = "".join(c for c in f"{person.name.given}.{person.name.family}".lower() if c.isalnum() or c == ".")
            patient["telecom"].append(
                {"system": "email", "value": f"{mail}.{person.number}@post.example", "use": "home"}
            )
        patient["gender"] = person.sex
        patient["birthDate"] = iso_date(person.birth)
        if self.age(self.until) < 3:
            patient["_birthDate"] = {
                "extension": [
                    {
                        "url": "http://hl7.org/fhir/StructureDefinition/patient-birthTime",
                        "valueDateTime": iso(person.birth),
                    }
                ]
            }
        if self.death is not None:
            patient["deceasedDateTime"] = iso(self.death)
        else:
            patient["deceasedBoolean"] = False
        patient["address"] = [person.address]
        if self.age(self.until) >= 18:
            patient["maritalStatus"] = hl7("v3-MaritalStatus", person.marital, _MARITAL[person.marital])
        contacts = [self._contact(relative) for relative in person.relatives[:2]]
        if contacts:
            patient["contact"] = contacts
        language = concept(
            _LANGUAGES[person.language], coding("urn:ietf:bcp:47", person.language, _LANGUAGES[person.language])
        )
        patient["communication"] = [{"language": language, "preferred": True}]
        gp = self.hospital.practice(person.town.name, person.town.country, person.number)
        patient["generalPractitioner"] = [
            gp.doctor.reference,
            {"reference": f"Organization/org-{gp.key}", "display": gp.name},
        ]
        patient["managingOrganization"] = ORGANIZATION
        self.out.insert(0, patient)
        self.patient = patient
        self._around(since)

    def _contact(self, relative: Relative) -> Json:
        return {
            "relationship": [concept(relative.words, coding(HL7 + "v2-0131", "N", "Next-of-Kin"))],
            "name": {"family": relative.name.family, "given": [relative.name.given]},
            "telecom": [{"system": "phone", "value": relative.phone}],
            "gender": relative.sex,
        }

    def _around(self, since: int) -> None:
        self.family_refs = []
        for relative in self.person.relatives:
            if relative.code in ("MTH", "FTH", "WIFE", "HUSB", "DAU", "SON") and (
                self.age(self.until) < 18 or self.chance(0.45)
            ):
                self.family_refs.append(self._related(relative, since))
        self._coverage(since)
        for key in self.person.allergies:
            self._allergy(key, since)
        self._consents(since)
        if self.age(self.end) > 16:
            self._smoking(since)

    def _related(self, relative: Relative, since: int) -> Json:
        found = self.new("RelatedPerson", "rel")
        found["active"] = True
        found["patient"] = self.subject
        found["relationship"] = [concept(relative.words.capitalize(), coding(_RELATION, relative.code, relative.words))]
        found["name"] = [{"text": relative.name.full, "family": relative.name.family, "given": [relative.name.given]}]
        found["telecom"] = [{"system": "phone", "value": relative.phone}]
        found["gender"] = relative.sex
        found["period"] = {"start": iso_date(since)}
        return reference(found)

    def _coverage(self, since: int) -> None:
        insurer = self.hospital.insurer(self.person.town.country, self.person.number)
        found = self.new("Coverage", "cov")
        found["status"] = "active" if not self.dead else "cancelled"
        found["type"] = concept("Health insurance", coding(ACT, "HIP", "health insurance plan policy"))
        found["subscriberId"] = f"Z{self.person.number * 7919 % 10**8:08d}"
        found["beneficiary"] = self.subject
        found["relationship"] = hl7("subscriber-relationship", "self", "Self")
        found["period"] = {"start": max(f"{year_of(since)}-01-01", iso_date(self.person.birth))}
        if self.death is not None:
            found["period"]["end"] = iso_date(self.death)
        found["payor"] = [{"reference": f"Organization/org-{insurer.key}", "display": insurer.name}]

    def _allergy(self, key: str, since: int) -> None:
        _code, _display, _words, category, reaction = ALLERGIES[key]
        serious = self.rng.random() < 0.25 or key == "wasp"
        found = self.new("AllergyIntolerance", "all")
        found["clinicalStatus"] = hl7("allergyintolerance-clinical", "active", "Active")
        found["verificationStatus"] = hl7("allergyintolerance-verification", "confirmed", "Confirmed")
        found["type"] = "allergy"
        found["category"] = [category]
        found["criticality"] = "high" if serious else "low"
        found["code"] = _ALLERGY_CODES[key]
        found["patient"] = self.subject
        found["recordedDate"] = iso(min(since + HOUR, self.end))
        found["reaction"] = [
            {
                "manifestation": [{"text": "Anaphylaxis" if serious and category != "environment" else reaction}],
                "severity": "severe" if serious else "mild",
            }
        ]
        if serious and category == "medication":
            flag = self.new("Flag", "flag")
            words = f"Serious allergy: {ALLERGIES[key][2].lower()}"
            flag["status"] = "active" if not self.dead else "inactive"
            flag["category"] = [hl7("flag-category", "drug", "Drug")]
            flag["code"] = {"text": words}
            flag["subject"] = self.subject
            flag["period"] = {"start": iso(min(since + HOUR, self.end))}

    def _consents(self, since: int) -> None:
        moment = min(self.end, since + DAY)
        for scope, words, category, share in (
            ("patient-privacy", "Privacy Consent", ("59284-0", "Consent Document"), 0.35),
            ("research", "Research", ("57016-8", "Privacy policy acknowledgement Document"), 0.3),
        ):
            if not self.chance(share):
                continue
            permits = self.chance(0.85)
            found = self.new("Consent", "cons")
            found["status"] = "active" if not self.dead else "inactive"
            found["scope"] = hl7("consentscope", scope, words)
            found["category"] = [loinc(*category)]
            found["patient"] = self.subject
            found["dateTime"] = iso(moment)
            found["organization"] = [ORGANIZATION]
            found["policyRule"] = concept(
                "Opt in" if permits else "Opt out",
                coding(ACT, "OPTIN" if permits else "OPTOUT", "opt-in" if permits else "opt-out"),
            )
            provision: Json = {"type": "permit" if permits else "deny"}
            if scope == "research":
                provision["purpose"] = [coding(HL7 + "v3-ActReason", "HRESCH", "healthcare research")]
            found["provision"] = provision

    def _smoking(self, since: int) -> None:
        moment = at(day_of(min(since + DAY, self.end - DAY)), 10)
        found = self.new("Observation", "obs")
        found["status"] = "final"
        found["category"] = [hl7("observation-category", "social-history", "Social History")]
        found["code"] = concept("Tobacco smoking status", coding(LOINC, "72166-2", "Tobacco smoking status NHIS"))
        found["subject"] = self.subject
        found["effectiveDateTime"] = iso(max(moment, self.person.birth + YEAR))
        found["valueCodeableConcept"] = concept(
            _SMOKING[self.person.smoking][1], coding(SNOMED, *_SMOKING[self.person.smoking])
        )
