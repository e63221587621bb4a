"""The questions as Library resources, with the text of each from its file."""

from __future__ import annotations

import base64
from functools import cache
from importlib import resources

from bedside.demo.codes import BASE, HL7, TAG, Json, coding, slug
from bedside.demo.hospital.model import NAME

VERSION = "1.0.0"
PUBLISHED = "2026-11-02"

_LIBRARIES: tuple[tuple[str, str, str], ...] = (
    (
        "ScheldemondCommon",
        "What the questions share",
        "Who is alive and who lies in hospital, which medicines are in use, and how a result is read.",
    ),
    (
        "DiabetesReview",
        "Diabetes: who is due for a review?",
        "Adults with diabetes without an HbA1c for half a year, without a kidney check for a year, or above the limit.",
    ),
    (
        "KidneyDosing",
        "Kidneys: whose doses are to be looked at?",
        "A filtration rate that is low and has fallen, with medicines in use that are cleared by the kidneys.",
    ),
    (
        "AtrialFibrillation",
        "Atrial fibrillation: whose anticoagulation is to be looked at?",
        "The risk of stroke by CHA2DS2-VA, anticoagulation where it is advised, and whether it is safe where it is in use.",
    ),
    (
        "ManyMedicines",
        "Over 75: who has many medicines?",
        "Five substances or more at 75 years and over, and those among them that make falls more likely.",
    ),
    (
        "Readmission",
        "Who came back soon after going home?",
        "Unplanned admissions and visits to the emergency department within 30 and 90 days of going home.",
    ),
    (
        "EarlyWarning",
        "In hospital now: who is getting worse?",
        "An early warning score of everybody who lies in hospital, from the last vital signs, as a screen for sepsis.",
    ),
    (
        "DiabetesControl",
        "Measure: diabetes under control",
        "The populations of the measure of the same name.",
    ),
    (
        "LengthOfStay",
        "Measure: length of stay",
        "The populations and the observation of the measure of the same name.",
    ),
)
"""Name, title and description; those that are included come first."""


def library_url(name: str) -> str:
    """The canonical URL of one of the hospital's libraries."""
    return f"{BASE}/Library/{name}"


@cache
def text_of(name: str) -> str:
    """The CQL of a library."""
    return (resources.files("bedside.demo.questions") / "cql" / f"{name}.cql").read_text(encoding="utf-8")


def libraries() -> list[Json]:
    """All questions, each with its CQL inside."""
    return [
        {
            "resourceType": "Library",
            "id": f"scheldemond-{identifier(name)}",
            "meta": TAG,
            "url": library_url(name),
            "version": VERSION,
            "name": name,
            "title": title,
            "status": "active",
            "experimental": True,
            "type": {"coding": [coding(HL7 + "library-type", "logic-library", "Logic Library")]},
            "date": PUBLISHED,
            "publisher": NAME,
            "description": description,
            "content": [{"contentType": "text/cql", "data": base64.b64encode(text_of(name).encode()).decode()}],
        }
        for name, title, description in _LIBRARIES
    ]


def identifier(name: str) -> str:
    """The name of a library as part of an id: `KidneyDosing` is `kidney-dosing`."""
    return slug("".join(f" {c}" if c.isupper() else c for c in name.removeprefix("Scheldemond")))
