"""Names of types, elements and codes as words, in the reader's language where it has them."""

from __future__ import annotations

import re
from functools import cache

from bedside.web.languages import Words

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
# What splitting at capitals does not get right, or what a reader would not understand.
_ELEMENTS = {
    "abatement": "ended",
    "basedOn": "based on",
    "doNotPerform": "do not do this",
    "id": "id",
    "intent": "intent",
    "meta": "about this record",
    "onset": "began",
    "partOf": "part of",
    "prn": "only if needed",
    "asNeeded": "only if needed",
    "udiCarrier": "UDI carrier",
    "url": "URL",
    "uri": "URI",
    "uid": "UID",
}
_PLURALS = {
    "Effect evidence synthesis": "Effect evidence syntheses",
    "Episode of care": "Episodes of care",
    "Evidence": "Evidence",
    "Explanation of benefit": "Explanations of benefit",
    "Media": "Media",
    "Medicinal product manufactured": "Medicinal products manufactured",
    "Medicinal product packaged": "Medicinal products packaged",
    "Medicinal product pharmaceutical": "Pharmaceutical medicinal products",
    "Parameters": "Parameters",
    "Risk evidence synthesis": "Risk evidence syntheses",
    "Substance reference information": "Substance reference information",
    "Terminology capabilities": "Terminology capabilities",
}
_TYPES = {"ExplanationOfBenefit": "Explanation of benefit", "HealthcareService": "Healthcare service"}


@cache
def split(name: str) -> str:
    """`birthDate` -> `birth date`, `MedicationRequest` -> `medication request`, `SPARQLQuery` -> `SPARQL query`."""
    parts = _HUMP.split(name)
    return " ".join(part if len(part) > 1 and part.isupper() else part.lower() for part in parts)


def capitalise(text: str) -> str:
    """The first letter large, the others as they are."""
    return text[:1].upper() + text[1:]


@cache
def english_type(name: str) -> tuple[str, str]:
    """A resource type in English words, one and several: (`Medication request`, `Medication requests`)."""
    one = _TYPES.get(name) or capitalise(split(name))
    if one in _PLURALS:
        return one, _PLURALS[one]
    if one.endswith("y") and one[-2] not in "aeou":
        return one, one[:-1] + "ies"
    return one, one + "s"


def type_name(words: Words, name: str, count: int = 1) -> str:
    """A resource type in words, in the form that goes with a number."""
    return words.npgettext("type", *english_type(name), count)


def element_name(words: Words, name: str, type_name: str = "") -> tuple[str, bool]:
    """An element in words, and whether they are left in English: `birthDate` -> (`Birth date`, False).

    A `period` of type Period is "from – to"; that of a dosage, which is a number of days, is not.
    """
    english = "from – to" if (name, type_name) == ("period", "Period") else _ELEMENTS.get(name) or split(name)
    return capitalise(words.pgettext("element", english)), not words.has(english, "element")


def code_words(words: Words, code: str) -> tuple[str, bool]:
    """A code of FHIR itself (`entered-in-error`) in words, and whether they are left in English."""
    english = code.replace("-", " ").replace("_", " ")
    return words.pgettext("code", english), not words.has(english, "code")


_SYSTEMS = {
    "http://snomed.info/sct": "SNOMED CT",
    "http://loinc.org": "LOINC",
    "http://unitsofmeasure.org": "UCUM",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "RxNorm",
    "http://www.whocc.no/atc": "ATC",
    "http://hl7.org/fhir/sid/icd-10": "ICD-10",
    "http://hl7.org/fhir/sid/icd-10-cm": "ICD-10-CM",
    "http://hl7.org/fhir/sid/cvx": "CVX",
    "http://hl7.org/fhir/sid/us-ssn": "US SSN",
    "http://hl7.org/fhir/sid/us-npi": "US NPI",
    "http://www.ama-assn.org/go/cpt": "CPT",
    "http://dicom.nema.org/resources/ontology/DCM": "DICOM",
    "http://fhir.nl/fhir/NamingSystem/bsn": "BSN",
    "urn:ietf:bcp:47": "BCP 47",
    "urn:iso:std:iso:3166": "ISO 3166",
    "urn:iso:std:iso:4217": "ISO 4217",
}
_HL7 = ("http://terminology.hl7.org/CodeSystem/", "http://hl7.org/fhir/")


def system_name(address: str) -> str:
    """A code system by the name people know; its address when we know none."""
    if address in _SYSTEMS:
        return _SYSTEMS[address]
    for prefix in _HL7:
        if address.startswith(prefix):
            return "HL7 " + address[len(prefix) :]
    return address
