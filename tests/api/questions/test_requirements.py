"""$data-requirements of libraries and measures, and what the CapabilityStatement says of all this."""

from __future__ import annotations

from api.questions.content import GLUCOSE, LOINC, measure, put_all, ward
from api.support import Api, refused
from bedside.fhir import json
from bedside.fhir.check import check


def test_of_a_library(api: Api) -> None:
    ward(api)
    response = api.get("Library/ward/$data-requirements")
    assert response.status_code == 200, response.text
    assert check(json.decode_object(response.content)) == []
    found = response.json()
    assert found["type"]["coding"][0]["code"] == "module-definition"
    needed = {each["type"]: each for each in found["dataRequirement"]}
    assert set(needed) == {"Patient", "Encounter", "Condition", "Observation"}
    assert needed["Condition"]["codeFilter"] == [{"path": "code", "valueSet": "http://example.org/ValueSet/diabetes"}]
    assert needed["Observation"]["codeFilter"] == [
        {"path": "code", "code": [{"system": LOINC, "code": "4548-4", "display": "Hemoglobin A1c"}]}
    ]
    assert "codeFilter" not in needed["Encounter"]
    parameters = {(each["use"], each["name"]): each for each in found["parameter"]}
    assert parameters["in", "Measurement Period"]["type"] == "Period"
    assert parameters["in", "Limit"]["type"] == "decimal"
    assert (parameters["out", "Stays"]["type"], parameters["out", "Stays"]["max"]) == ("Encounter", "*")
    assert ("out", "Hidden") not in parameters
    artifacts = {each["resource"] for each in found["relatedArtifact"]}
    assert {"http://example.org/Library/Common|1.2.0", "http://example.org/ValueSet/diabetes", LOINC} <= artifacts


def test_of_some_definitions(api: Api) -> None:
    ward(api)
    found = api.get("Library/$data-requirements?url=http://example.org/Library/Ward&expression=Sex").json()
    assert [each["type"] for each in found["dataRequirement"]] == ["Patient"]
    assert "no definition 'Sx'" in refused(api.get("Library/ward/$data-requirements?expression=Sx"), 400)


def test_of_a_measure(api: Api) -> None:
    ward(api)
    put_all(api, measure("proportion", GLUCOSE))
    response = api.get("Measure/glucose/$data-requirements?periodStart=2025-01-01&periodEnd=2025-12-31")
    assert check(json.decode_object(response.content)) == []
    found = response.json()
    assert {each["name"] for each in found["parameter"] if each["use"] == "out"} == {
        "Initial Population",
        "Denominator",
        "Excluded",
        "Numerator",
    }
    assert {each["type"] for each in found["dataRequirement"]} == {"Patient", "Encounter", "Condition", "Observation"}


def test_the_capability_statement_lists_the_operations(api: Api) -> None:
    [rest] = api.get("metadata").json()["rest"]
    assert "cql" in {each["name"] for each in rest["operation"]}
    of = {
        each["type"]: {one["name"]: one["definition"] for one in each.get("operation", ())} for each in rest["resource"]
    }
    assert {"evaluate", "data-requirements", "elm"} <= set(of["Library"])
    assert {"evaluate-measure", "evaluate", "data-requirements"} <= set(of["Measure"])
    assert of["Measure"]["evaluate"] != of["Library"]["evaluate"]
