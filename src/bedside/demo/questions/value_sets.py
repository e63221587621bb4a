"""The value sets of the questions, each composed of codes that the catalogue has."""

from __future__ import annotations

from collections.abc import Callable

from bedside.demo.catalog.drugs import FORMULARY, Drug
from bedside.demo.catalog.problems import CONCEPTS
from bedside.demo.catalog.vitals import BLOOD_PRESSURE, VITALS
from bedside.demo.codes import ATC, BASE, LOINC, TAG, Json, coding
from bedside.demo.hospital.model import NAME
from bedside.demo.questions.libraries import PUBLISHED, VERSION

_DISEASES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("diabetes", "Diabetes", ("diabetes1", "diabetes2")),
    ("atrial-fibrillation", "Atrial fibrillation", ("atrial-fibrillation",)),
    ("heart-failure", "Heart failure", ("heart-failure",)),
    ("hypertension", "Hypertension", ("hypertension",)),
    ("stroke", "Ischaemic stroke", ("stroke",)),
    ("vascular-disease", "Vascular disease", ("stemi", "coronary-disease", "peripheral-artery")),
    ("palliative-care", "Palliative care", ("palliative",)),
    ("pregnancy", "Pregnancy", ("pregnancy",)),
)
"""Key, title, and keys of the catalogue of problems."""

_SEDATING = ("N02A", "N03A", "N04B", "N05A", "N05B", "N05C", "N06A")
"""Opioids, medicines for epilepsy and Parkinson's disease, antipsychotics, sedatives and antidepressants."""

_MEDICINES: tuple[tuple[str, str, Callable[[Drug], bool]], ...] = (
    (
        "renally-cleared-medicines",
        "Medicines that are cleared by the kidneys",
        lambda drug: drug.min_gfr > 0,
    ),
    (
        "anticoagulants",
        "Anticoagulants",
        lambda drug: drug.atc.startswith(("B01AA", "B01AB", "B01AE", "B01AF")),
    ),
    (
        "antiplatelets",
        "Antiplatelets",
        lambda drug: drug.atc.startswith("B01AC"),
    ),
    (
        "fall-risk-medicines",
        "Medicines that make falls more likely",
        lambda drug: drug.atc.startswith(_SEDATING),
    ),
)
"""Key, title, and which products of the formulary belong to it."""

_SIGNS = ("rr", "spo2", "fio2", "hr", "temp", "gcs")
"""What the early warning score looks at, beside the blood pressure."""


def value_sets() -> list[Json]:
    """All value sets, with their codes written out one by one."""
    sets = [_value_set(key, title, [CONCEPTS[each]["coding"][0] for each in keys]) for key, title, keys in _DISEASES]
    for key, title, belongs in _MEDICINES:
        substances = {drug.atc: coding(ATC, drug.atc, drug.name) for drug in FORMULARY.values() if belongs(drug)}
        sets.append(_value_set(key, title, [substances[atc] for atc in sorted(substances)]))
    signs = [coding(LOINC, VITALS[key].code, VITALS[key].display) for key in _SIGNS]
    sets.append(_value_set("early-warning-signs", "Vital signs of the score", [*signs, coding(LOINC, *BLOOD_PRESSURE)]))
    return sets


def _value_set(key: str, title: str, codings: list[Json]) -> Json:
    systems: dict[str, list[Json]] = {}
    for each in codings:
        systems.setdefault(each["system"], []).append({"code": each["code"], "display": each["display"]})
    return {
        "resourceType": "ValueSet",
        "id": f"scheldemond-{key}",
        "meta": TAG,
        "url": f"{BASE}/ValueSet/{key}",
        "version": VERSION,
        "name": "Scheldemond" + "".join(part.title() for part in key.split("-")),
        "title": title,
        "status": "active",
        "experimental": True,
        "date": PUBLISHED,
        "publisher": NAME,
        "compose": {"include": [{"system": system, "concept": concepts} for system, concepts in systems.items()]},
    }
