"""Two measures over the questions: a proportion of people, and a continuous variable of admissions."""

from __future__ import annotations

from bedside.demo.codes import BASE, HL7, TAG, Json, coding
from bedside.demo.hospital.model import NAME
from bedside.demo.questions.libraries import PUBLISHED, VERSION, library_url

_CQFM = "http://hl7.org/fhir/us/cqfmeasures/StructureDefinition/cqfm-"
_POPULATIONS = {
    "initial-population": ("Initial Population", "Initial Population"),
    "denominator": ("Denominator", "Denominator"),
    "denominator-exclusion": ("Denominator Exclusion", "Denominator Exclusions"),
    "numerator": ("Numerator", "Numerator"),
    "measure-population": ("Measure Population", "Measure Population"),
    "measure-population-exclusion": ("Measure Population Exclusion", "Measure Population Exclusions"),
    "measure-observation": ("Measure Observation", "Nights"),
}
"""For each code its display, and the definition that says who belongs to it."""


def measures() -> list[Json]:
    """Both measures."""
    control = _measure(
        "diabetes-control",
        "DiabetesControl",
        "Diabetes under control",
        "Adults with diabetes who were seen in the period: the share with a last HbA1c of 64 mmol/mol (8 %) or less.",
        ("proportion", "Proportion"),
        "boolean",
        "increase",
        ["initial-population", "denominator", "denominator-exclusion", "numerator"],
    )
    control["group"][0]["stratifier"] = [{"id": "sex", "code": {"text": "Sex"}, "criteria": _criteria("Sex")}]
    stay = _measure(
        "length-of-stay",
        "LengthOfStay",
        "Length of stay",
        "Admissions that ended in the period: the median of their nights in hospital.",
        ("continuous-variable", "Continuous Variable"),
        "Encounter",
        "decrease",
        ["initial-population", "measure-population", "measure-population-exclusion", "measure-observation"],
    )
    [group] = stay["group"]
    group["population"][-1]["extension"] = [
        {"url": _CQFM + "aggregateMethod", "valueString": "median"},
        {"url": _CQFM + "criteriaReference", "valueString": "measure-population"},
    ]
    way = "By way of the emergency department"
    group["stratifier"] = [{"id": "way", "code": {"text": "Planned or not"}, "criteria": _criteria(way)}]
    return [control, stay]


def _measure(
    key: str,
    name: str,
    title: str,
    description: str,
    scoring: tuple[str, str],
    basis: str,
    better: str,
    populations: list[str],
) -> Json:
    return {
        "resourceType": "Measure",
        "id": f"scheldemond-{key}",
        "meta": TAG,
        "url": f"{BASE}/Measure/{name}",
        "version": VERSION,
        "name": name,
        "title": title,
        "status": "active",
        "experimental": True,
        "date": PUBLISHED,
        "publisher": NAME,
        "description": description,
        "library": [f"{library_url(name)}|{VERSION}"],
        "scoring": {"coding": [coding(HL7 + "measure-scoring", *scoring)]},
        "improvementNotation": {
            "coding": [
                coding(
                    HL7 + "measure-improvement-notation",
                    better,
                    f"{better.title()}d score indicates improvement",
                )
            ]
        },
        "group": [
            {
                "id": key,
                "extension": [{"url": _CQFM + "populationBasis", "valueCode": basis}],
                "population": [_population(code) for code in populations],
            }
        ],
    }


def _population(code: str) -> Json:
    display, definition = _POPULATIONS[code]
    return {
        "id": code,
        "code": {"coding": [coding(HL7 + "measure-population", code, display)]},
        "criteria": _criteria(definition),
    }


def _criteria(definition: str) -> Json:
    return {"language": "text/cql-identifier", "expression": definition}
