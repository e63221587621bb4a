"""Measure/$collect-data and Measure/$submit-data."""

from __future__ import annotations

from collections.abc import Callable

from api.questions.content import COMMON, GLUCOSE, PERIOD, VALUE_SET, WARD, counts, library, measure, put_all, ward
from api.support import Api, refused
from bedside.fhir import json
from bedside.fhir.check import check


def test_what_a_measure_may_look_at(api: Api) -> None:
    ward(api)
    other = {
        "resourceType": "Observation",
        "id": "pulse",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]},
        "subject": {"reference": "Patient/high"},
    }
    doctor = {"resourceType": "Practitioner", "id": "doc"}
    condition = api.get("Condition/high-dm").json()
    put_all(
        api, measure("proportion", GLUCOSE), other, doctor, {**condition, "recorder": {"reference": "Practitioner/doc"}}
    )
    response = api.get(f"Measure/glucose/$collect-data?{PERIOD}&subject=Patient/high")
    assert response.status_code == 200, response.text
    assert check(json.decode_object(response.content)) == []
    parameters = response.json()["parameter"]
    report = parameters[0]["resource"]
    assert (parameters[0]["name"], report["type"]) == ("measureReport", "data-collection")
    found = {f"{each['resource']['resourceType']}/{each['resource']['id']}" for each in parameters[1:]}
    assert found == {
        "Patient/high",
        "Condition/high-dm",
        "Observation/high-a1c-0",
        "Observation/high-a1c-1",
        "Encounter/high-stay-0",
        "Encounter/high-stay-1",
        "Practitioner/doc",
    }
    assert {each["reference"] for each in report["evaluatedResource"]} == found
    later = api.get(f"Measure/glucose/$collect-data?{PERIOD}&subject=Patient/high&lastReceivedOn=2100-01-01")
    assert len(later.json()["parameter"]) == 1
    assert "subject is missing" in refused(api.get(f"Measure/glucose/$collect-data?{PERIOD}"), 400)


def test_collected_here_computed_there(make_api: Callable[..., Api], api: Api) -> None:
    ward(api)
    put_all(api, measure("proportion", GLUCOSE))
    query = f"Measure/glucose/$evaluate-measure?{PERIOD}&subject=Patient/high"
    expected = counts(api.get(query).json()["group"][0])
    collected = json.decode_object(api.get(f"Measure/glucose/$collect-data?{PERIOD}&subject=Patient/high").content)
    for each in api.get("Observation?subject=Patient/high").json()["entry"]:
        api.delete(f"Observation/{each['resource']['id']}")
    assert counts(api.get(query).json()["group"][0]) != expected
    response = api.post("Measure/glucose/$submit-data", collected)
    assert response.status_code == 200, response.text
    assert "Observation/high-a1c-1" in response.json()["issue"][0]["diagnostics"]
    assert counts(api.get(query).json()["group"][0]) == expected
    assert api.get("MeasureReport?_summary=count").json()["total"] == 1


def test_all_or_nothing_is_kept(api: Api) -> None:
    put_all(api, library(COMMON), library(WARD), VALUE_SET, measure("proportion", GLUCOSE))
    report = {
        "resourceType": "MeasureReport",
        "status": "complete",
        "type": "data-collection",
        "measure": "x",
        "period": {"start": "2025"},
    }
    body = {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "measureReport", "resource": report},
            {"name": "resource", "resource": {"resourceType": "Observation", "id": "bad", "status": "final"}},
        ],
    }
    assert "code is missing" in refused(api.post("Measure/$submit-data", body), 422)
    assert api.get("MeasureReport?_summary=count").json()["total"] == 0
    assert "measureReport is missing" in refused(
        api.post("Measure/glucose/$submit-data", {"resourceType": "Parameters"}), 400
    )
    assert refused(api.get("Measure/glucose/$submit-data"), 405)
