"""The CapabilityStatement says what is implemented, neither more nor less."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from api.support import Api, refused
from bedside.api.interactions import TABLE
from bedside.fhir import definitions
from bedside.fhir.check import check

pytestmark = pytest.mark.parametrize("place", ["sqlite"], indirect=True)


@pytest.fixture
def statement(api: Api) -> dict[str, Any]:
    found: dict[str, Any] = api.get("metadata").json()
    return found


def resource(statement: dict[str, Any], name: str) -> dict[str, Any]:
    [found] = [r for r in statement["rest"][0]["resource"] if r["type"] == name]
    return dict(found)


def test_it_is_valid(statement: dict[str, Any]) -> None:
    assert check(statement, expect_type="CapabilityStatement") == []
    assert statement["fhirVersion"] == "4.0.1"
    assert statement["implementation"]["url"] == "http://testserver/fhir"
    assert statement["format"] == ["application/fhir+json", "json"]
    assert statement["patchFormat"] == ["application/json-patch+json"]


def test_every_type_and_its_search_parameters(statement: dict[str, Any]) -> None:
    assert [r["type"] for r in statement["rest"][0]["resource"]] == list(definitions.resource_types())
    observation = resource(statement, "Observation")
    parameters = {p["name"]: p for p in observation["searchParam"]}
    assert parameters["code"]["type"] == "token"
    assert parameters["code"]["definition"] == "http://hl7.org/fhir/SearchParameter/clinical-code"
    assert {"_id", "_lastUpdated", "_tag", "value-quantity", "code-value-quantity", "patient"} <= parameters.keys()
    assert {"*", "Observation:subject", "Observation:encounter"} <= set(observation["searchInclude"])
    assert {"*", "Observation:subject", "Encounter:patient"} <= set(resource(statement, "Patient")["searchRevInclude"])
    assert "Observation:code" not in observation["searchInclude"]


def test_every_parameter_that_is_listed_can_be_searched(api: Api, statement: dict[str, Any]) -> None:
    """Under strict handling an unknown parameter is an error; none that is listed is."""
    values = {"date": "2024", "number": "1", "quantity": "1", "reference": "Patient/1", "special": "1|1|1|km"}
    for name in ("Observation", "Patient", "Location"):
        for parameter in resource(statement, name)["searchParam"]:
            if parameter["type"] == "composite" or parameter["name"] == "_list":
                continue
            value = values.get(parameter["type"], "x")
            response = api.get(f"{name}?{parameter['name']}={value}", prefer="handling=strict")
            assert response.status_code == 200, (parameter, response.text)


def test_interactions_and_conditions(statement: dict[str, Any]) -> None:
    patient = resource(statement, "Patient")
    codes = {i["code"] for i in patient["interaction"]}
    assert codes == {
        *("read", "vread", "update", "patch", "delete", "history-instance", "history-type", "create", "search-type")
    }
    assert patient["versioning"] == "versioned"
    assert (patient["conditionalCreate"], patient["conditionalUpdate"]) == (True, True)
    assert (patient["conditionalRead"], patient["conditionalDelete"]) == ("full-support", "multiple")
    assert patient["updateCreate"] is True
    system = {i["code"] for i in statement["rest"][0]["interaction"]}
    assert system == {"transaction", "batch", "history-system", "search-system"}
    all_codes = {i.code for methods in TABLE.values() for i in methods.values() if i.code}
    assert all_codes | {"batch"} == codes | system


def test_operations_and_compartments(statement: dict[str, Any]) -> None:
    operations = {o["name"]: o["definition"] for o in resource(statement, "Patient")["operation"]}
    assert operations["everything"] == "http://hl7.org/fhir/OperationDefinition/Patient-everything"
    assert "validate" in operations
    assert "everything" not in {o["name"] for o in resource(statement, "Observation")["operation"]}
    assert "http://hl7.org/fhir/CompartmentDefinition/patient" in statement["rest"][0]["compartment"]


def test_it_follows_the_settings(make_api: Callable[..., Api]) -> None:
    api = make_api(record={"check_references": False}, conditional_delete="single")
    patient = resource(api.get("metadata").json(), "Patient")
    assert patient["conditionalDelete"] == "single"
    assert "enforced" not in patient["referencePolicy"]


def test_a_custom_parameter_is_listed(api: Api) -> None:
    api.create(
        "SearchParameter",
        url="http://example.org/SearchParameter/patient-shoe",
        name="shoe",
        status="active",
        description="The shoe size.",
        code="shoe",
        base=["Patient"],
        type="number",
        expression="Patient.extension.where(url = 'http://example.org/shoe').value.as(decimal)",
    )
    for _ in range(100):
        names = {p["name"] for p in resource(api.get("metadata").json(), "Patient")["searchParam"]}
        if "shoe" in names:
            return
    pytest.fail("the custom parameter is not in the statement")


def test_modes(api: Api) -> None:
    assert api.get("metadata?mode=full").status_code == 200
    assert "mode=normative" in refused(api.get("metadata?mode=normative"), 400, "not-supported")
    refused(api.get("metadata?mode=x"), 400)
    refused(api.get("metadata?x=y"), 400)
