"""Small libraries, measures and patients of our own, for tests of the operations that ask questions."""

from __future__ import annotations

import base64
import copy
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from api.support import Api

Json = dict[str, Any]

SNOMED, LOINC, UCUM = "http://snomed.info/sct", "http://loinc.org", "http://unitsofmeasure.org"
CQFM = "http://hl7.org/fhir/us/cqfmeasures/StructureDefinition/cqfm-"
POPULATION = "http://terminology.hl7.org/CodeSystem/measure-population"
SCORING = "http://terminology.hl7.org/CodeSystem/measure-scoring"

COMMON = """
library Common version '1.2.0'
using FHIR version '4.0.1'
include FHIRHelpers version '4.4.000' called FHIRHelpers
codesystem "SNOMED": 'http://snomed.info/sct'
valueset "Diabetes": 'http://example.org/ValueSet/diabetes'
parameter "Measurement Period" Interval<DateTime>
context Patient
define "Diabetic": exists [Condition: "Diabetes"]
define function "Days"(stay Encounter): duration in days of stay.period
"""

WARD = """
library Ward version '0.3.0'
using FHIR version '4.0.1'
include FHIRHelpers version '4.4.000' called FHIRHelpers
include Common version '1.2.0' called Common
codesystem "LOINC": 'http://loinc.org'
code "HbA1c": '4548-4' from "LOINC" display 'Hemoglobin A1c'
parameter "Measurement Period" Interval<DateTime>
parameter "Limit" Decimal default 9.0
context Patient
define "Stays": [Encounter] E where E.status = 'finished' and E.period during "Measurement Period"
define "Adult": AgeInYearsAt(start of "Measurement Period") >= 18
define "Initial Population": "Adult" and exists "Stays"
define "Denominator": "Initial Population" and Common."Diabetic"
define "Results": [Observation: "HbA1c"] O where O.effective during "Measurement Period" sort by (effective as FHIR.dateTime)
define "Last Result": Last("Results").value as FHIR.Quantity
define "Numerator": "Last Result".value > "Limit"
define "Excluded": Patient.deceased is not null
define "Sex": Patient.gender
define "Long Stays": "Stays" S where Common."Days"(S) >= 3
define function "Length"(stay Encounter): Common."Days"(stay)
define function "Class"(stay Encounter): stay.class.code
define private "Hidden": 'not shown'
define "Summary": Tuple { adult: "Adult", stays: Count("Stays"), first: First("Stays") }
context Unfiltered
define "Everybody": Count([Patient])
"""


def library(cql: str, **more: Any) -> Json:
    """A Library of a CQL text; id, name and version are those of the text."""
    words = cql.split()
    name, version = words[1], words[3].strip("'")
    return {
        "resourceType": "Library",
        "id": name.lower(),
        "url": f"http://example.org/Library/{name}",
        "name": name,
        "version": version,
        "status": "active",
        "type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/library-type", "code": "logic-library"}]},
        "content": [{"contentType": "text/cql", "data": base64.b64encode(cql.encode()).decode()}],
        **more,
    }


def population(code: str, expression: str, id_: str | None = None, **extensions: str) -> Json:
    """A population; `aggregateMethod` and `criteriaReference` are extensions."""
    kinds = {"aggregateMethod": "valueCode", "criteriaReference": "valueString"}
    found: Json = {
        "id": id_ or code,
        "code": {"coding": [{"system": POPULATION, "code": code}]},
        "criteria": {"language": "text/cql-identifier", "expression": expression},
    }
    if extensions:
        found["extension"] = [{"url": f"{CQFM}{name}", kinds[name]: value} for name, value in extensions.items()]
    return found


def measure(scoring: str, populations: Sequence[Json], *, basis: str = "boolean", **group: Any) -> Json:
    """A Measure of one group over the library Ward."""
    return {
        "resourceType": "Measure",
        "id": "glucose",
        "url": "http://example.org/Measure/glucose",
        "version": "2",
        "name": "Glucose",
        "status": "active",
        "library": ["http://example.org/Library/Ward"],
        "group": [
            {
                "id": "all",
                "extension": [
                    {
                        "url": f"{CQFM}scoring",
                        "valueCodeableConcept": {"coding": [{"system": SCORING, "code": scoring}]},
                    },
                    {"url": f"{CQFM}populationBasis", "valueCode": basis},
                ],
                "population": copy.deepcopy(list(populations)),
                **group,
            }
        ],
    }


GLUCOSE = (
    population("initial-population", "Initial Population"),
    population("denominator", "Denominator"),
    population("denominator-exclusion", "Excluded"),
    population("numerator", "Numerator"),
)


def criteria(expression: str) -> Json:
    return {"criteria": {"language": "text/cql-identifier", "expression": expression}}


def patient(
    id_: str, *, diabetic: bool, results: Sequence[str] = (), stays: Sequence[tuple[str, str]] = (), **more: Any
) -> list[Json]:
    """A patient with everything that the measures look at."""
    subject = {"reference": f"Patient/{id_}"}
    found: list[Json] = [{"resourceType": "Patient", "id": id_, "gender": "female", "birthDate": "1960-05-05", **more}]
    if diabetic:
        code = {"coding": [{"system": SNOMED, "code": "44054006"}]}
        found.append({"resourceType": "Condition", "id": f"{id_}-dm", "subject": subject, "code": code})
    for number, value in enumerate(results):
        found.append(
            {
                "resourceType": "Observation",
                "id": f"{id_}-a1c-{number}",
                "status": "final",
                "subject": subject,
                "code": {"coding": [{"system": LOINC, "code": "4548-4"}]},
                "effectiveDateTime": f"2025-0{number + 2}-01T08:00:00Z",
                "valueQuantity": {"value": Decimal(value), "unit": "%", "system": UCUM, "code": "%"},
            }
        )
    for number, (start, end) in enumerate(stays):
        found.append(
            {
                "resourceType": "Encounter",
                "id": f"{id_}-stay-{number}",
                "status": "finished",
                "class": {
                    "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
                    "code": "IMP" if number else "AMB",
                },
                "subject": subject,
                "period": {"start": start, "end": end},
            }
        )
    return found


VALUE_SET = {
    "resourceType": "ValueSet",
    "id": "diabetes",
    "url": "http://example.org/ValueSet/diabetes",
    "status": "active",
    "compose": {"include": [{"system": SNOMED, "concept": [{"code": "44054006"}, {"code": "46635009"}]}]},
}


def put_all(api: Api, *resources: Json) -> None:
    """Write resources as one transaction."""
    entries = [
        {"resource": each, "request": {"method": "PUT", "url": f"{each['resourceType']}/{each['id']}"}}
        for each in resources
    ]
    response = api.post("", {"resourceType": "Bundle", "type": "transaction", "entry": entries})
    assert response.status_code == 200, response.text


def ward(api: Api) -> None:
    """The libraries, the value set and four patients: above the limit, below it, dead, and without diabetes."""
    put_all(api, library(COMMON), library(WARD), VALUE_SET)
    one_day, week = ("2025-03-01T08:00:00Z", "2025-03-01T12:00:00Z"), ("2025-04-01T08:00:00Z", "2025-04-08T08:00:00Z")
    put_all(
        api,
        *patient("high", diabetic=True, results=["8.1", "9.30"], stays=[one_day, week]),
        *patient("low", diabetic=True, results=["9.9", "7.0"], stays=[one_day], gender="male"),
        *patient("dead", diabetic=True, results=["11"], stays=[week], deceasedBoolean=True),
        *patient("well", diabetic=False, stays=[one_day]),
    )


PERIOD = "periodStart=2025-01-01&periodEnd=2025-12-31"


def results(response: Any) -> dict[str, list[Json]]:
    """The parameters of an answer, by name."""
    assert response.status_code == 200, response.text
    found: dict[str, list[Json]] = {}
    for each in response.json()["parameter"]:
        found.setdefault(each["name"], []).append(each)
    return found


def counts(group: Json) -> dict[str, int]:
    """The populations of a group, by code."""
    return {each["code"]["coding"][0]["code"]: each["count"] for each in group["population"]}
