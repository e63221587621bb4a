"""$everything and $validate, and the table that operations are registered in."""

from __future__ import annotations

from typing import Any

import pytest

from api.support import BASE, Api, issues, refused
from bedside.api.errors import WrongMethod
from bedside.api.messages import Reply, Request
from bedside.api.operations import Operation, Operations
from bedside.api.service import Service
from bedside.fhir.outcome import NotFound


@pytest.fixture
def patient(api: Api) -> str:
    """A patient with a practitioner, an encounter and two observations; somebody else has one too."""
    doctor = api.create("Practitioner")["id"]
    id_ = api.create("Patient", generalPractitioner=[{"reference": f"Practitioner/{doctor}"}])["id"]
    other = api.create("Patient")["id"]
    act = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}
    visit = api.create("Encounter", status="finished", subject={"reference": f"Patient/{id_}"}, **{"class": act})["id"]
    for subject in (id_, id_, other):
        api.create(
            "Observation",
            status="final",
            code={"text": "pulse"},
            subject={"reference": f"Patient/{subject}"},
            **({"encounter": {"reference": f"Encounter/{visit}"}} if subject == id_ else {}),
        )
    return id_


def types(bundle: dict[str, Any]) -> list[str]:
    return sorted(e["resource"]["resourceType"] for e in bundle["entry"])


def test_everything_of_a_patient(api: Api, patient: str) -> None:
    bundle = api.get(f"Patient/{patient}/$everything").json()
    assert bundle["type"] == "searchset"
    assert types(bundle) == ["Encounter", "Observation", "Observation", "Patient", "Practitioner"]
    assert all(e["fullUrl"].startswith(f"{BASE}/") for e in bundle["entry"])


def test_everything_in_part_and_in_pages(api: Api, patient: str) -> None:
    assert types(api.get(f"Patient/{patient}/$everything?_type=Observation").json()) == ["Observation", "Observation"]
    found, url = [], f"Patient/{patient}/$everything?_count=2"
    while url:
        bundle = api.get(url).json()
        found += [e["resource"]["id"] for e in bundle["entry"] if e["search"]["mode"] == "match"]
        url = next((link["url"] for link in bundle["link"] if link["relation"] == "next"), "")
    assert len(found) == len(set(found)) >= 4


def test_everything_by_post(api: Api, patient: str) -> None:
    parameters = {"resourceType": "Parameters", "parameter": [{"name": "_type", "valueCode": "Encounter"}]}
    assert types(api.post(f"Patient/{patient}/$everything", parameters).json()) == ["Encounter"]
    assert len(api.post(f"Patient/{patient}/$everything").json()["entry"]) == 5
    refused(api.post(f"Patient/{patient}/$everything", {"resourceType": "Patient"}), 400)
    whole = {"resourceType": "Parameters", "parameter": [{"name": "x", "resource": {"resourceType": "Patient"}}]}
    refused(api.post(f"Patient/{patient}/$everything", whole), 400)


def test_everything_of_an_encounter(api: Api, patient: str) -> None:
    [visit] = [e["resource"]["id"] for e in api.get("Encounter").json()["entry"]]
    found = types(api.get(f"Encounter/{visit}/$everything").json())
    assert found.count("Observation") == 2
    assert "Encounter" in found


def test_everything_of_nobody(api: Api, patient: str) -> None:
    refused(api.get("Patient/never/$everything"), 404)
    gone = api.create("Patient")["id"]
    api.delete(f"Patient/{gone}")
    refused(api.get(f"Patient/{gone}/$everything"), 410)
    refused(api.get(f"Practitioner/{patient}/$everything"), 404)


def test_validate(api: Api) -> None:
    bad = api.post("Patient/$validate", {"resourceType": "Patient", "gender": "f", "active": "no"})
    assert bad.status_code == 200
    assert {i["expression"][0] for i in issues(bad)} == {"Patient.gender", "Patient.active"}
    good = api.post("Patient/$validate", {"resourceType": "Patient"})
    assert issues(good) == [{"severity": "information", "code": "informational", "diagnostics": "All OK"}]
    assert "entry" not in api.get("Patient/_history").json()


def test_validate_in_parameters_and_of_what_is_there(api: Api) -> None:
    wrapped = {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "mode", "valueCode": "create"},
            {"name": "resource", "resource": {"resourceType": "Patient", "gender": "f"}},
        ],
    }
    assert issues(api.post("Patient/$validate", wrapped))[0]["expression"] == ["Patient.gender"]
    id_ = api.create("Patient")["id"]
    assert issues(api.get(f"Patient/{id_}/$validate"))[0]["diagnostics"] == "All OK"
    other = api.post(f"Patient/{id_}/$validate", {"resourceType": "Patient", "id": "other"})
    assert issues(other)[0]["expression"] == ["Patient.id"]
    assert issues(api.post("Patient/$validate", {"resourceType": "Observation"}))[0]["severity"] == "error"


@pytest.mark.parametrize("query", ["?profile=http://x", "?mode=delete", "?colour=red"])
def test_validate_refuses_what_it_does_not_do(api: Api, query: str) -> None:
    refused(api.post(f"Patient/$validate{query}", {"resourceType": "Patient"}), 400)


def test_validate_needs_a_resource(api: Api) -> None:
    refused(api.get("Patient/$validate"), 400)
    refused(api.post("Patient/$validate", b"{"), 400)


async def _nothing(service: Service, request: Request) -> Reply:
    return Reply(204)


def test_table_of_operations() -> None:
    operation = Operation("do", "http://x", _nothing, frozenset(("type",)), ("Patient",), frozenset(("POST",)))
    table = Operations([operation])
    assert table.find("do", "type", "Patient", "POST") is operation
    assert table.at("type", "Group") == table.at("instance", "Patient") == table.at("system", "") == []
    with pytest.raises(WrongMethod):
        table.find("do", "type", "Patient", "GET")
    with pytest.raises(NotFound, match=r"Did you mean do\?"):
        table.find("doo", "type", "Patient", "POST")
