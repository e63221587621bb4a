"""Code systems of the demo hospital, and the small pieces of JSON that every coded element is made of.

International codes are used where they are known for certain; everything else is coded in the hospital's own
systems under `LOCAL`, which are published as CodeSystem resources with the institution. Pieces made here are
shared between resources while they are built: `generate` hands out deep copies.
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

BASE = "https://scheldemond.example"
LOCAL = BASE + "/codes/"
TAG: Json = {
    "tag": [
        {
            "system": "https://bedside.example/tags",
            "code": "demo",
            "display": "Synthetic demonstration data: nobody is real",
        }
    ]
}

SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
ICD10 = "http://hl7.org/fhir/sid/icd-10"
ATC = "http://www.whocc.no/atc"
CVX = "http://hl7.org/fhir/sid/cvx"
UCUM = "http://unitsofmeasure.org"
DICOM = "http://dicom.nema.org/resources/ontology/DCM"
HL7 = "http://terminology.hl7.org/CodeSystem/"
ACT = HL7 + "v3-ActCode"
ROLE = HL7 + "v3-RoleCode"

_LOCAL: dict[str, dict[str, str]] = {}


def coding(system: str, code: str, display: str) -> Json:
    """One Coding with its display."""
    return {"system": system, "code": code, "display": display}


def concept(text: str, *codings: Json) -> Json:
    """A CodeableConcept: its words, and the codings that carry them."""
    return {"coding": list(codings), "text": text} if codings else {"text": text}


def single(system: str, code: str, display: str) -> Json:
    """A CodeableConcept of one coding, whose display is also its text."""
    return {"coding": [coding(system, code, display)], "text": display}


def snomed(code: str, display: str) -> Json:
    """A CodeableConcept in SNOMED CT."""
    return single(SNOMED, code, display)


def loinc(code: str, display: str) -> Json:
    """A CodeableConcept in LOINC."""
    return single(LOINC, code, display)


def hl7(system: str, code: str, display: str) -> Json:
    """A CodeableConcept in one of HL7's own code systems, by the last part of its address."""
    return single(HL7 + system, code, display)


def local(system: str, code: str, display: str) -> Json:
    """A Coding in a code system of the hospital; the code becomes part of the published CodeSystem.

    Raises ValueError when the code was given before with other words.
    """
    known = _LOCAL.setdefault(system, {}).setdefault(code, display)
    if known != display:
        raise ValueError(f"{LOCAL}{system}#{code} is {known!r}; it cannot also be {display!r}.")
    return coding(LOCAL + system, code, display)


def slug(words: str) -> str:
    """Words as a code: `Wrist fracture (left)` is `wrist-fracture-left`."""
    return "-".join("".join(c if c.isalnum() else " " for c in words.lower()).split())


def quantity(value: Any, unit: str, code: str | None = None) -> Json:
    """A Quantity with its UCUM unit; `unit` is what people read, `code` what computers read."""
    return {"value": value, "unit": unit, "system": UCUM, "code": code or unit}


def local_systems() -> list[Json]:
    """The hospital's own code systems as complete CodeSystem resources, in order of name."""
    return [
        {
            "resourceType": "CodeSystem",
            "id": f"scheldemond-{name}",
            "meta": TAG,
            "url": LOCAL + name,
            "name": "Scheldemond" + "".join(part.title() for part in name.split("-")),
            "title": f"UMC Scheldemond: {name.replace('-', ' ')}",
            "status": "active",
            "experimental": True,
            "caseSensitive": True,
            "content": "complete",
            "count": len(codes),
            "concept": [{"code": code, "display": display} for code, display in sorted(codes.items())],
        }
        for name, codes in sorted(_LOCAL.items())
    ]
