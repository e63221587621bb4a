"""A small hospital for the tests of pages: what is written, and short ways to ask for pages."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from bedside.record.model import Update
from bedside.record.record import Record
from bedside.web import languages
from bedside.web.locale import Locale
from bedside.web.pages import application

ZONE = ZoneInfo("Europe/Amsterdam")
NOW = datetime(2026, 11, 12, 15, 5, tzinfo=UTC)
INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
UCUM = "http://unitsofmeasure.org"
LOINC = "http://loinc.org"
EVIL = '<script>alert("x")</script><img src=x onerror=alert(1)>"\'&'


def locale(language: str = "en", now: datetime = NOW) -> Locale:
    return Locale(languages.words(language), ZONE, now)


def patient(id_: str, family: str, given: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "id": id_,
        "name": [{"use": "official", "family": family, "given": [given]}],
        **more,
    }


def observation(id_: str, name: str, code: str, value: str, unit: str, flag: str | None = None, **more: Any) -> Any:
    found: dict[str, Any] = {
        "resourceType": "Observation",
        "id": id_,
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": code, "display": name}], "text": name},
        "subject": {"reference": "Patient/anna"},
        "effectiveDateTime": "2026-11-12T14:05:00+01:00",
        "valueQuantity": {"value": Decimal(value), "unit": unit, "system": UCUM, "code": unit},
        **more,
    }
    if flag:
        found["interpretation"] = [{"coding": [{"system": INTERPRETATION, "code": flag}]}]
    return found


ANNA = patient(
    "anna",
    "de Vries",
    "Anna",
    gender="female",
    birthDate="1951-03-12",
    identifier=[{"system": "https://hospital.example/numbers", "value": "4711-0815"}],
    contact=[{"relationship": [{"text": "Daughter"}], "name": {"family": "de Vries", "given": ["Eva"]}}],
)
PRESSURE: dict[str, Any] = {
    "resourceType": "Observation",
    "id": "pressure",
    "status": "final",
    "code": {"coding": [{"system": LOINC, "code": "85354-9", "display": "Blood pressure"}]},
    "subject": {"reference": "Patient/anna"},
    "effectiveDateTime": "2026-11-12",
    "component": [
        {
            "code": {"coding": [{"system": LOINC, "code": "8462-4", "display": "Diastolic blood pressure"}]},
            "valueQuantity": {"value": 80, "unit": "mmHg", "system": UCUM, "code": "mm[Hg]"},
        },
        {
            "code": {"coding": [{"system": LOINC, "code": "8480-6", "display": "Systolic blood pressure"}]},
            "valueQuantity": {"value": 165, "unit": "mmHg", "system": UCUM, "code": "mm[Hg]"},
            "interpretation": [{"coding": [{"system": INTERPRETATION, "code": "H"}]}],
        },
    ],
}
LETTER: dict[str, Any] = {
    "resourceType": "Composition",
    "id": "letter",
    "status": "final",
    "type": {"text": "Discharge letter"},
    "subject": {"reference": "Patient/anna"},
    "date": "2026-11-12",
    "author": [{"display": "Dr Jansen"}],
    "title": "Discharge letter cardiology",
    "section": [
        {
            "title": "Course",
            "text": {
                "status": "generated",
                "div": '<div xmlns="http://www.w3.org/1999/xhtml"><p>Weight <b>down</b> 1.2 kg.</p></div>',
            },
        }
    ],
}
WICKED: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "wicked",
    "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">a narrative</div>'},
    "extension": [{"url": "https://example.org/" + EVIL, "valueString": EVIL}],
    "identifier": [{"system": "javascript:alert(1)", "value": EVIL}],
    "name": [{"family": EVIL, "given": [EVIL]}],
    "telecom": [{"system": "url", "value": "javascript:alert(1)"}],
    "managingOrganization": {"reference": "javascript:alert(1)", "display": EVIL},
}

WICKED_LETTER: dict[str, Any] = {
    **LETTER,
    "id": "wicked",
    "title": EVIL,
    "section": [
        {
            "title": EVIL,
            "text": {
                "status": "generated",
                "div": '<div onclick="steal()"><p style="x" onmouseover="steal()">Weight <b>down</b> 1.2 kg.</p>'
                "<script>alert(1)</script><a href='javascript:steal()'>here</a></div>",
            },
        }
    ],
}

HOSPITAL: tuple[dict[str, Any], ...] = (
    ANNA,
    patient("bram", "Bakker", "Bram", gender="male", birthDate="1962"),
    observation("potassium", "Potassium", "2823-3", "5.60", "mmol/L", "H"),
    observation("sodium", "Sodium", "2951-2", "139", "mmol/L", "N"),
    observation("haemoglobin", "Haemoglobin", "718-7", "4.1", "mmol/L", "LL"),
    PRESSURE,
    LETTER,
    {
        "resourceType": "Condition",
        "id": "diabetes",
        "clinicalStatus": {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]
        },
        "code": {
            "coding": [{"system": "http://snomed.info/sct", "code": "44054006", "display": "Diabetes mellitus type 2"}],
            "text": "Diabetes type 2",
        },
        "subject": {"reference": "Patient/anna"},
        "onsetDateTime": "2008",
    },
)


def write(record: Record, *resources: dict[str, Any]) -> None:
    """Write resources under their own ids, each in a commit of its own."""
    for resource in resources:
        record.write(Update(resource["resourceType"], dict(resource), id=resource["id"]))


@dataclass
class Pages:
    """The pages over a record, asked one at a time."""

    record: Record

    def __post_init__(self) -> None:
        self.app = application(self.record, open_mode=True, zone=ZONE)

    def get(self, path: str, headers: Mapping[str, str] | None = None, follow: bool = True) -> httpx.Response:
        return ask(self.app, path, headers, follow)


def ask(app: Any, path: str, headers: Mapping[str, str] | None = None, follow: bool = True) -> httpx.Response:
    """One GET, without a socket."""

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
            return await client.get(path, headers=dict(headers or {}), follow_redirects=follow)

    return asyncio.run(send())
