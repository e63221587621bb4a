"""transaction (R4 http.html#transaction, #trules): all or nothing."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from api.support import Api, issues, refused
from api.test_batch import PATIENT, entry
from bedside.fhir import json

OBSERVATION: dict[str, Any] = {"resourceType": "Observation", "status": "final", "code": {"text": "pulse"}}


def transaction(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "transaction", "entry": list(entries)}


def written(api: Api) -> int:
    """How many versions the record holds."""
    return len(api.get("_history?_count=1000").json().get("entry", []))


def test_references_within_are_resolved(api: Api) -> None:
    patient = {"fullUrl": "urn:uuid:6d5c", **entry("POST", "Patient", PATIENT)}
    observation = entry("POST", "Observation", {**OBSERVATION, "subject": {"reference": "urn:uuid:6d5c"}})
    response = api.post("", transaction(observation, patient), prefer="return=representation")
    assert response.status_code == 200
    bundle = response.json()
    assert bundle["type"] == "transaction-response"
    assert [e["response"]["status"] for e in bundle["entry"]] == ["201 Created", "201 Created"]
    made = bundle["entry"][1]["resource"]["id"]
    assert bundle["entry"][0]["resource"]["subject"] == {"reference": f"Patient/{made}"}


def test_conditional_references(api: Api) -> None:
    id_ = api.create("Practitioner", identifier=[{"system": "urn:staff", "value": "12"}])["id"]
    body = {**OBSERVATION, "performer": [{"reference": "Practitioner?identifier=urn:staff|12"}]}
    response = api.post("", transaction(entry("POST", "Observation", body)), prefer="return=representation")
    assert response.json()["entry"][0]["resource"]["performer"] == [{"reference": f"Practitioner/{id_}"}]
    body = {**OBSERVATION, "performer": [{"reference": "Practitioner?identifier=urn:staff|13"}]}
    refused(api.post("", transaction(entry("POST", "Observation", body))), 412)


def test_all_or_nothing(api: Api) -> None:
    id_ = api.create("Patient")["id"]
    before = written(api)
    response = api.post(
        "",
        transaction(
            entry("POST", "Patient", PATIENT),
            entry("DELETE", f"Patient/{id_}"),
            entry("PUT", "Patient/a", {**PATIENT, "id": "a"}, ifMatch='W/"3"'),
        ),
    )
    refused(response, 412)
    assert issues(response)[0]["expression"] == ["Bundle.entry[2]"]
    assert written(api) == before
    assert api.get(f"Patient/{id_}").status_code == 200


def test_the_problems_of_all_entries_are_told(api: Api) -> None:
    response = api.post(
        "",
        transaction(
            entry("POST", "Patient", {**PATIENT, "gender": "f", "name": [{"famly": "x"}]}),
            entry("POST", "Patient", PATIENT),
            entry("POST", "Observation", {"resourceType": "Observation", "status": "final"}),
        ),
    )
    refused(response, 422)
    places = [issue["expression"][0] for issue in issues(response)]
    assert "Bundle.entry[0].resource.gender" in places
    assert any(place.startswith("Bundle.entry[0].resource.name[0]") for place in places)
    assert any(place.startswith("Bundle.entry[2].resource") for place in places)
    assert written(api) == 0


@pytest.mark.parametrize(
    "entries",
    [
        [entry("BREW", "Patient"), entry("POST", "Patient", PATIENT), {"request": {"method": "GET"}}],
        [entry("POST", "Patiet", PATIENT), entry("POST", "Patient", PATIENT), entry("DELETE", "Patient")],
        [entry("POST", "Patient/1", PATIENT), entry("POST", "Patient", PATIENT), entry("PUT", "Patient", PATIENT)],
    ],
)
def test_entries_that_cannot_be_read_are_all_told(api: Api, entries: list[dict[str, Any]]) -> None:
    response = api.post("", transaction(*entries))
    assert 400 <= response.status_code < 500
    places = [issue["expression"][0] for issue in issues(response)]
    assert any(place.startswith("Bundle.entry[0]") for place in places)
    assert any(place.startswith("Bundle.entry[2]") for place in places)
    assert not any(place.startswith("Bundle.entry[1]") for place in places)
    assert written(api) == 0


def test_references_that_lead_nowhere_are_all_told(api: Api) -> None:
    lost = {**OBSERVATION, "subject": {"reference": "Patient/lost"}}
    kept = api.create("Patient")["id"]
    held = {**OBSERVATION, "subject": {"reference": f"Patient/{kept}"}}
    response = api.post("", transaction(*[entry("POST", "Observation", each) for each in (lost, held, lost)]))
    refused(response, 422, "not-found")
    places = [issue["expression"][0] for issue in issues(response)]
    assert places == [f"Bundle.entry[{n}].resource.subject.reference" for n in (0, 2)]
    api.create("Observation", **{key: held[key] for key in held if key != "resourceType"})
    response = api.post("", transaction(entry("POST", "Patient", PATIENT), entry("DELETE", f"Patient/{kept}")))
    refused(response, 409)
    assert issues(response)[0]["expression"] == ["Bundle.entry[1]"]


def test_identities_may_not_overlap(api: Api) -> None:
    api.put("Patient/a", {**PATIENT, "id": "a"})
    for entries in (
        [entry("PUT", "Patient/a", {**PATIENT, "id": "a", "active": True}), entry("DELETE", "Patient/a")],
        [entry("PUT", "Patient/a", {**PATIENT, "id": "a", "active": True})] * 2,
    ):
        refused(api.post("", transaction(*entries)), 400)
    assert written(api) == 1


def test_order_of_execution_and_of_answers(api: Api) -> None:
    """Reads come after the writes, deletes before the creates; answers are in the order of the requests."""
    patient = {**PATIENT, "identifier": [{"value": "1"}]}
    old = api.post("Patient", patient).json()["id"]
    answer = api.post(
        "",
        transaction(
            entry("GET", "Patient?identifier=1&_summary=count"),
            entry("POST", "Patient", patient),
            entry("DELETE", f"Patient/{old}"),
            entry("GET", f"Patient/{old}"),
        ),
    ).json()
    statuses = [e["response"]["status"] for e in answer["entry"]]
    assert statuses == ["200 OK", "201 Created", "204 No Content", "410 Gone"]
    assert answer["entry"][0]["resource"]["total"] == 1


def test_patch_in_a_binary(api: Api) -> None:
    id_ = api.create("Patient")["id"]
    patch = [{"op": "add", "path": "/active", "value": True}]
    binary = {
        "resourceType": "Binary",
        "contentType": "application/json-patch+json",
        "data": base64.b64encode(json.encode(patch)).decode(),
    }
    answer = api.post("", transaction(entry("PATCH", f"Patient/{id_}", binary), entry("GET", f"Patient/{id_}"))).json()
    assert answer["entry"][0]["response"]["etag"] == 'W/"2"'
    assert answer["entry"][1]["resource"]["active"] is True
    refused(api.post("", transaction(entry("PATCH", f"Patient/{id_}", {**binary, "data": "e30="}))), 400)
    refused(api.post("", transaction(entry("PATCH", f"Patient/{id_}", {**binary, "contentType": "text/plain"}))), 415)


def test_conditional_writes(api: Api) -> None:
    patient = {**PATIENT, "identifier": [{"value": "1"}]}
    answers = [
        api.post("", transaction(entry("POST", "Patient", patient, ifNoneExist="identifier=1"))).json() for _ in "12"
    ]
    assert [a["entry"][0]["response"]["status"] for a in answers] == ["201 Created", "200 OK"]
    updated = api.post("", transaction(entry("PUT", "Patient?identifier=1", {**patient, "active": True}))).json()
    assert updated["entry"][0]["response"]["etag"] == 'W/"2"'
    deleted = api.post("", transaction(entry("DELETE", "Patient?identifier=1"))).json()
    assert deleted["entry"][0]["response"]["status"] == "204 No Content"


def test_mutual_references_and_deletes(api: Api) -> None:
    first = {"fullUrl": "urn:uuid:1", **entry("POST", "Patient", {**PATIENT, "link": [_link("urn:uuid:2")]})}
    second = {"fullUrl": "urn:uuid:2", **entry("POST", "Patient", {**PATIENT, "link": [_link("urn:uuid:1")]})}
    made = api.post("", transaction(first, second)).json()
    ids = [e["response"]["location"].split("/")[-3] for e in made["entry"]]
    refused(api.delete(f"Patient/{ids[0]}"), 409)
    both = api.post("", transaction(*[entry("DELETE", f"Patient/{id_}") for id_ in ids]))
    assert both.status_code == 200


def _link(reference: str) -> dict[str, Any]:
    return {"other": {"reference": reference}, "type": "seealso"}


def test_an_empty_transaction(api: Api) -> None:
    assert api.post("", {"resourceType": "Bundle", "type": "transaction"}).json()["type"] == "transaction-response"
