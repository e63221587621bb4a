"""The living page of the design: every token and every component as it is, made by the templates that use them."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

from starlette.responses import Response

from bedside.web import chart
from bedside.web.readable import tree
from bedside.web.readable.shapes import Title
from bedside.web.readable.title import title
from bedside.web.readable.values import Values
from bedside.web.shell import Visit

_TOKEN = re.compile(r"^  --([a-z0-9-]+): ([^;]+);$", re.MULTILINE)
_COLOUR = re.compile(r"#[0-9a-f]{6}")
MEANINGS = (
    ("paper", "the page"),
    ("card", "what lies on it"),
    ("ink", "words and normal values"),
    ("soft", "units, notes, what matters less"),
    ("rule", "lines between things"),
    ("edge", "the border of what can be filled in"),
    ("accent", "what can be pressed"),
    ("accent-wash", "what is chosen"),
    ("attention", "asks for attention"),
    ("attention-wash", "behind it"),
    ("danger", "danger to the patient, nothing else"),
    ("danger-wash", "behind it"),
    ("good", "done"),
    ("good-wash", "behind it"),
    ("written", "texts and numbers in a question"),
)


@cache
def tokens() -> dict[str, tuple[str, str]]:
    """Colour -> its value by day and by night, read from the style sheet itself."""
    sheet = (resources.files("bedside.web") / "assets" / "tokens.css").read_text(encoding="utf-8")
    day, night = sheet.split("@media (prefers-color-scheme: dark)", 1)
    night = night.split(".for-patients", 1)[0]
    by_day = {name: value for name, value in _TOKEN.findall(day) if _COLOUR.fullmatch(value)}
    by_night = dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", night))
    return {name: (value, by_night.get(name, value)) for name, value in by_day.items()}


def page(visit: Visit) -> Response:
    """`/design`."""
    values = Values(visit.locale)
    observations = [_observation(visit, *row) for row in _ROWS]
    weeks = (3, 5, 4, 8, 13, 21, 17, 12, 9, 0, 6, 7, 11, 14, 10, 9, 12, 15, 9, 4)
    return visit.render(
        "design.html",
        colours=[(name, *tokens()[name], meaning) for name, meaning in MEANINGS],
        sizes=("text-3", "text-2", "text-1", "text", "text-small"),
        spaces=(1, 2, 3, 4, 5, 6, 8, 12, 16),
        hits=[{"title": _shown(values, each), "href": "#", "reference": "", "raw": ""} for each in observations],
        fields=tree.fields(values, _PATIENT),
        raw='{\n  "resourceType": "Observation",\n  "valueQuantity": { "value": 7.20, "unit": "mmol/L" }\n}',
        rects=chart.bars([(str(count), count) for count in weeks]),
        moments=[
            visit.locale.moment((visit.locale.now - timedelta(minutes=n)).isoformat(timespec="seconds"))
            for n in (3, 130, 60 * 24 * 5, 60 * 24 * 400)
        ],
    )


def _shown(values: Values, resource: dict[str, Any]) -> Title:
    return title(values, resource)


# Name, LOINC code, value, unit, interpretation, normal from and to, minutes ago.
_ROWS: tuple[tuple[str, str, str, str, str, str, str, int], ...] = (
    ("Potassium", "2823-3", "5.6", "mmol/L", "H", "3.5", "5.0", 40),
    ("Sodium", "2951-2", "139", "mmol/L", "N", "135", "145", 40),
    ("Haemoglobin", "718-7", "4.1", "mmol/L", "LL", "7.5", "10.0", 42),
    ("NT-proBNP", "33762-6", "4200", "ng/L", "HH", "0", "125", 190),
    ("Creatinine", "2160-0", "143", "umol/L", "H", "50", "90", 190),
)


def _observation(
    visit: Visit, name: str, code: str, value: str, unit: str, flag: str, low: str, high: str, minutes: int
) -> Any:
    when = (visit.locale.now - timedelta(minutes=minutes)).isoformat(timespec="seconds")
    system = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": code, "display": name}], "text": name},
        "effectiveDateTime": when,
        "valueQuantity": {"value": Decimal(value), "unit": unit, "code": unit, "system": "http://unitsofmeasure.org"},
        "referenceRange": [{"low": {"value": Decimal(low)}, "high": {"value": Decimal(high)}}],
        "interpretation": [{"coding": [{"system": system, "code": flag}]}],
    }


_PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "identifier": [{"system": "https://hospital.example/numbers", "value": "4711-0815"}],
    "name": [{"use": "official", "family": "de Vries", "given": ["Anna"]}],
    "gender": "female",
    "birthDate": "1951-03-12",
    "maritalStatus": {
        "coding": [
            {
                "system": "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus",
                "code": "M",
                "display": "Married",
            }
        ]
    },
    "contact": [
        {
            "relationship": [{"text": "Daughter"}],
            "name": {"family": "de Vries", "given": ["Eva"]},
            "telecom": [{"system": "phone", "value": "+31 20 555 0123", "use": "mobile"}],
            "period": {"start": "2021-05"},
        }
    ],
}
