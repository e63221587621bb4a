"""What the tests of the interpreter share: a small hospital, and a question as text asked of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from bedside.questions.cql.run.memory import MemoryData, MemoryTerminology
from bedside.questions.cql.run.program import compile_library
from bedside.questions.cql.run.session import Session
from bedside.questions.cql.typer import translate
from bedside.questions.cql.world import World

NOW = dt.datetime(2026, 3, 4, 12, 30, 15, 123_000, tzinfo=dt.timezone(dt.timedelta(hours=2)))
SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"

HEADER = f"""library Asked version '1'
using FHIR version '4.0.1'
include FHIRHelpers version '4.0.1'
codesystem "SNOMED": '{SNOMED}'
codesystem "LOINC": '{LOINC}'
valueset "Diabetes": 'http://example.org/ValueSet/diabetes'
code "Asthma": '195967001' from "SNOMED"
code "HbA1c": '4548-4' from "LOINC"
parameter "Year" Interval<DateTime> default Interval[@2026-01-01T00:00:00.000, @2026-12-31T23:59:59.999]
context Patient
"""


def coded(system: str, *codes: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": each} for each in codes]}


def condition(identifier: str, patient: str, code: str, onset: str) -> dict[str, Any]:
    return {
        "resourceType": "Condition",
        "id": identifier,
        "subject": {"reference": f"Patient/{patient}"},
        "code": coded(SNOMED, code),
        "onsetDateTime": onset,
    }


def encounter(
    identifier: str, patient: str, start: str, end: str | None, *, status: str = "finished"
) -> dict[str, Any]:
    period = {"start": start} if end is None else {"start": start, "end": end}
    return {
        "resourceType": "Encounter",
        "id": identifier,
        "status": status,
        "class": {"code": "AMB"},
        "subject": {"reference": f"Patient/{patient}"},
        "period": period,
    }


def patient(identifier: str, birth: str) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "id": identifier,
        "birthDate": birth,
        "gender": "female",
        "name": [{"family": "Lovelace", "given": ["Ada", "Augusta"]}, {"family": "Byron", "given": ["Ada"]}],
    }


RESOURCES: list[dict[str, Any]] = [
    patient("1", "1960-06-05"),
    patient("2", "2010-01-02"),
    condition("c1", "1", "44054006", "2019-02-03"),
    condition("c2", "1", "195967001", "2026-02-03T10:00:00"),
    condition("c3", "2", "195967001", "2015"),
    encounter("e1", "1", "2026-01-10T09:00:00Z", "2026-01-10T10:00:00Z"),
    encounter("e2", "1", "2025-05-10T09:00:00Z", "2025-05-12T10:00:00Z"),
    encounter("e3", "1", "2026-03-01T09:00:00Z", None, status="in-progress"),
    encounter("e4", "2", "2026-01-10T09:00:00Z", "2026-01-10T10:00:00Z"),
    {
        "resourceType": "Observation",
        "id": "o1",
        "status": "final",
        "subject": {"reference": "Patient/1"},
        "encounter": {"reference": "Encounter/e1"},
        "code": coded(LOINC, "4548-4"),
        "effectiveDateTime": "2026-01-10T09:30:00Z",
        "valueQuantity": {"value": 9, "unit": "%", "system": "http://unitsofmeasure.org", "code": "%"},
    },
    {
        "resourceType": "Observation",
        "id": "o2",
        "status": "final",
        "subject": {"reference": "Patient/1"},
        "code": coded(LOINC, "4548-4"),
        "effectiveDateTime": "2025-05-11T09:30:00Z",
        "valueQuantity": {
            "value": 7,
            "comparator": "<",
            "unit": "%",
            "system": "http://unitsofmeasure.org",
            "code": "%",
        },
    },
]

TERMINOLOGY = MemoryTerminology(
    [
        {
            "resourceType": "ValueSet",
            "url": "http://example.org/ValueSet/diabetes",
            "status": "active",
            "compose": {"include": [{"system": SNOMED, "concept": [{"code": "44054006"}, {"code": "73211009"}]}]},
        }
    ]
)


def world(resources: list[dict[str, Any]] | None = None, **more: Any) -> World:
    data = MemoryData(RESOURCES if resources is None else resources, TERMINOLOGY)
    return World(data, TERMINOLOGY, now=lambda: NOW, **more)


def asked(
    definitions: str,
    *,
    of: str | None = "1",
    header: str = HEADER,
    libraries: Mapping[str, str] | None = None,
    at: World | None = None,
    **more: Any,
) -> Session:
    """A session of a library with these definitions for a patient of the small hospital."""
    known = libraries or {}
    translation = translate(header + definitions, libraries=lambda name, version: known.get(name))
    assert translation.library is not None, [str(each) for each in translation.problems]
    return compile_library(translation.library).session(at or world(), context_id=of, **more)


def answer(expression: str, **more: Any) -> Any:
    """The value of one expression."""
    return asked(f"define Answer: {expression}", **more).evaluate("Answer")


def ids(nodes: Any) -> list[str]:
    """The ids of the resources of a list."""
    return [each.value["id"] for each in nodes]
