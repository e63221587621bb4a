"""Five real electronic measures, loaded through the API as a user would, against the reports their authors expect.

Of each measure the first few cases are asked here; `BEDSIDE_ALL_MEASURES=1 pytest tests/api/questions/test_measures.py`
asks all 281. Each case is asked in two ways: its bundle given with the request, as it is; and written to the record.

A record tells resources apart by id and patients by reference, which the bundles do not need: for the second way, claims
that all cases share by id get ids of their own, and what refers to a patient who is in no bundle is given to its own.
The bundles leave out required elements and refer to what is nowhere, so the record does not check either.
"""

from __future__ import annotations

import base64
import json as plain_json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.questions.content import put_all
from api.support import Api
from bedside.api.settings import ApiSettings
from bedside.app import create_app
from bedside.fhir import json
from bedside.fhir.check import check
from bedside.record.model import Settings
from bedside.record.record import open_record

ROOT = Path(__file__).parents[3]
SUITES = Path(os.environ.get("BEDSIDE_SUITES", ROOT.parent / "shared" / "data")) / "measures"
ALL = os.environ.get("BEDSIDE_ALL_MEASURES") == "1"
FEW = 6

pytestmark = pytest.mark.skipif(not SUITES.exists(), reason=f"the measures are not at {SUITES}")

CASES = [
    pytest.param(path, id=f"{folder.name.removesuffix('FHIR')[:8]}-{path.stem[:8]}")
    for folder in sorted((SUITES / "tests").glob("*"))
    for path in sorted(folder.glob("*.json"))[: None if ALL else FEW]
]


def libraries() -> list[dict[str, Any]]:
    """The CQL files as Library resources."""
    found = []
    for path in sorted((SUITES / "cql").glob("*.cql")):
        text = path.read_text()
        version = re.search(r"^library \S+ version '([^']+)'", text, re.MULTILINE)
        found.append(
            {
                "resourceType": "Library",
                "id": path.stem,
                "url": f"https://madie.cms.gov/Library/{path.stem}",
                "name": path.stem,
                "version": version[1] if version else "0",
                "status": "active",
                "type": {"coding": [{"code": "logic-library"}]},
                "content": [{"contentType": "text/cql", "data": base64.b64encode(text.encode()).decode()}],
            }
        )
    return found


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """A server with all libraries, measures and value sets."""
    record = open_record(tmp_path_factory.mktemp("measures"), Settings(check_structure=False, check_references=False))
    found = Api(create_app(record, ApiSettings()))
    put_all(found, *libraries())
    for folder in ("measure", "valueset"):
        for path in sorted((SUITES / folder).glob("*.json")):
            put_all(found, json.decode_object(path.read_bytes()))
    yield found
    found.close()
    record.close()


def read_case(path: Path) -> tuple[dict[str, Any], dict[str, Any], str]:
    """The bundle without its report, the report, and the patient's id."""
    bundle = json.decode_object(path.read_bytes())
    entries = bundle["entry"]
    [report] = [each["resource"] for each in entries if each["resource"]["resourceType"] == "MeasureReport"]
    bundle["entry"] = [each for each in entries if each["resource"]["resourceType"] != "MeasureReport"]
    [patient] = [each["resource"] for each in entries if each["resource"]["resourceType"] == "Patient"]
    return bundle, report, patient["id"]


def counts(report: dict[str, Any]) -> list[dict[str, int]]:
    return [{each["id"]: each["count"] for each in group["population"]} for group in report["group"]]


def same_as_expected(response: Any, expected: dict[str, Any]) -> None:
    assert response.status_code == 200, response.text
    found = json.decode_object(response.content)
    assert check(found) == []
    assert counts(found) == counts(expected)


def query(path: Path, report: dict[str, Any], patient: str) -> str:
    period = report["period"]
    measure = f"Measure/{path.parent.name}/$evaluate-measure"
    return f"{measure}?periodStart={period['start']}&periodEnd={period['end']}&subject=Patient/{patient}"


@pytest.mark.parametrize("path", CASES)
def test_given_with_the_request(api: Api, path: Path) -> None:
    bundle, expected, patient = read_case(path)
    given = {"name": "additionalData", "resource": {**bundle, "type": "collection"}}
    body = {"resourceType": "Parameters", "parameter": [given]}
    same_as_expected(api.post(query(path, expected, patient), body), expected)


@pytest.mark.parametrize("path", CASES)
def test_written_to_the_record(api: Api, path: Path) -> None:
    bundle, expected, patient = read_case(path)
    put_all(api, *_apart(bundle, patient))
    same_as_expected(api.get(query(path, expected, patient)), expected)


def _apart(bundle: dict[str, Any], patient: str) -> list[dict[str, Any]]:
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for entry in bundle["entry"]:
        resource = entry["resource"]
        if resource["resourceType"] == "Claim":
            resource["id"] = f"{resource['id']}-{patient[:8]}-{len(found)}"
        for element in ("subject", "patient", "beneficiary"):
            if "reference" in resource.get(element, {}):
                resource[element] = {"reference": f"Patient/{patient}"}
        found[resource["resourceType"], resource["id"]] = resource
    return list(found.values())


def test_a_summary_of_everybody_counts_what_the_cases_count(api: Api) -> None:
    folder = sorted((SUITES / "tests").glob("*"))[0]
    wanted: dict[str, int] = {}
    for path in sorted(folder.glob("*.json"))[:FEW]:
        bundle, expected, patient = read_case(path)
        put_all(api, *_apart(bundle, patient))
        for id_, number in counts(expected)[0].items():
            wanted[id_] = wanted.get(id_, 0) + number
    members = [
        {"entity": {"reference": f"Patient/{read_case(path)[2]}"}} for path in sorted(folder.glob("*.json"))[:FEW]
    ]
    put_all(api, {"resourceType": "Group", "id": "few", "type": "person", "actual": True, "member": members})
    path = f"Measure/{folder.name}/$evaluate-measure?periodStart=2026-01-01&periodEnd=2026-12-31&subject=Group/few"
    response = api.get(path)
    assert response.status_code == 200, response.text
    assert counts(plain_json.loads(response.content))[0] == wanted
