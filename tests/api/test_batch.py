"""batch (R4 http.html#transaction): entries that stand for themselves."""

from __future__ import annotations

from typing import Any

import pytest

from api.support import BASE, Api, refused


def batch(*entries: dict[str, Any], kind: str = "batch") -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries)}


def entry(method: str, url: str, resource: Any = None, **request: str) -> dict[str, Any]:
    found: dict[str, Any] = {"request": {"method": method, "url": url, **request}}
    return found if resource is None else {**found, "resource": resource}


PATIENT: dict[str, Any] = {"resourceType": "Patient"}


def test_each_entry_has_its_own_outcome(api: Api) -> None:
    id_ = api.create("Patient", active=True)["id"]
    gone = api.create("Patient")["id"]
    response = api.post(
        "",
        batch(
            entry("GET", f"Patient/{id_}"),
            entry("POST", "Patient", PATIENT),
            entry("POST", "Patient", {**PATIENT, "gender": "f"}),
            entry("GET", "Patient/never"),
            entry("DELETE", f"Patient/{gone}"),
            entry("PUT", f"Patient/{id_}", {**PATIENT, "id": id_}, ifMatch='W/"7"'),
            entry("GET", f"Patient/{gone}"),
            entry("POST", "Nonsense", PATIENT),
        ),
    )
    assert response.status_code == 200
    bundle = response.json()
    assert bundle["type"] == "batch-response"
    statuses = [e["response"]["status"] for e in bundle["entry"]]
    assert statuses == [
        "200 OK",
        "201 Created",
        "422 Unprocessable Entity",
        "404 Not Found",
        "204 No Content",
        "412 Precondition Failed",
        "410 Gone",
        "404 Not Found",
    ]
    read, created, invalid = bundle["entry"][:3]
    assert read["resource"]["active"] is True
    assert read["fullUrl"] == f"{BASE}/Patient/{id_}"
    assert read["response"]["etag"] == 'W/"1"'
    assert created["response"]["location"] == created["fullUrl"] + "/_history/1"
    assert "resource" not in created
    assert created["response"]["lastModified"].endswith("Z")
    assert invalid["response"]["outcome"]["issue"][0]["expression"] == ["Patient.gender"]
    assert "resource" not in invalid


def test_reads_see_the_writes_before_them_whatever_their_order(api: Api) -> None:
    response = api.post("", batch(entry("GET", "Patient/new"), entry("PUT", "Patient/new", {**PATIENT, "id": "new"})))
    assert [e["response"]["status"] for e in response.json()["entry"]] == ["200 OK", "201 Created"]


def test_prefer_holds_for_all_entries(api: Api) -> None:
    bundle = batch(entry("POST", "Patient", PATIENT))
    whole = api.post("", bundle, prefer="return=representation").json()["entry"][0]
    assert whole["resource"]["resourceType"] == "Patient"
    told = api.post("", bundle, prefer="return=OperationOutcome").json()["entry"][0]
    assert told["response"]["outcome"]["issue"][0]["severity"] == "information"
    assert "resource" not in told


def test_conditions(api: Api) -> None:
    patient = {**PATIENT, "identifier": [{"value": "1"}]}
    first = api.post("", batch(entry("POST", "Patient", patient, ifNoneExist="identifier=1")), prefer="return=minimal")
    id_ = first.json()["entry"][0]["response"]["location"].split("/")[-3]
    answer = api.post(
        "",
        batch(
            entry("POST", "Patient", patient, ifNoneExist="identifier=1"),
            entry("GET", f"Patient/{id_}", ifNoneMatch='W/"1"'),
            entry("GET", f"Patient/{id_}", ifModifiedSince="2999-01-01T00:00:00Z"),
            entry("PUT", "Patient?identifier=1", patient),
            entry("DELETE", "Patient?identifier=none"),
        ),
    ).json()
    assert [e["response"]["status"] for e in answer["entry"]] == [
        "200 OK",
        "304 Not Modified",
        "304 Not Modified",
        "200 OK",
        "204 No Content",
    ]
    assert "resource" not in answer["entry"][1]


def test_searches_histories_operations_and_the_capabilities(api: Api) -> None:
    id_ = api.create("Patient", name=[{"family": "Okafor"}])["id"]
    answer = api.post(
        "",
        batch(
            entry("GET", "Patient?family=okafor&_summary=count"),
            entry("GET", f"Patient/{id_}/_history"),
            entry("GET", f"Patient/{id_}/_history/1"),
            entry("GET", f"Patient/{id_}/$everything"),
            entry("POST", "Patient/$validate", {**PATIENT, "gender": "f"}),
            entry("GET", "metadata"),
            entry("HEAD", f"Patient/{id_}"),
            entry("GET", f"{BASE}/Patient/{id_}"),
            entry("GET", f"/Patient/{id_}"),
        ),
    ).json()
    assert {e["response"]["status"] for e in answer["entry"]} == {"200 OK"}
    kinds = [e.get("resource", {}).get("resourceType") for e in answer["entry"]]
    assert kinds == ["Bundle", "Bundle", "Patient", "Bundle", None, "CapabilityStatement", None, "Patient", "Patient"]
    assert answer["entry"][0]["resource"]["total"] == 1
    assert answer["entry"][4]["response"]["outcome"]["issue"][0]["expression"] == ["Patient.gender"]


@pytest.mark.parametrize(
    ("bad", "status"),
    [
        ({}, "400"),
        ({"request": {}}, "400"),
        ({"request": {"method": "BREW", "url": "Patient"}}, "400"),
        ({"request": {"method": "GET"}}, "400"),
        (entry("GET", "https://elsewhere.example.org/fhir/Patient/1"), "400"),
        (entry("GET", "Patient/1/2/3/4"), "404"),
        (entry("GET", "Patient?name=%ff"), "400"),
        (entry("POST", "", batch(), kind="batch"), "400"),
        (entry("POST", "Patient"), "400"),
        (entry("POST", "Patient", {"resourceType": "Observation"}), "400"),
        (entry("GET", "Patient/1", ifModifiedSince="yesterday"), "400"),
        (entry("PUT", "Patient/1", {**PATIENT, "id": "1"}, ifMatch="1"), "400"),
        (entry("PATCH", "Patient/1", PATIENT), "400"),
        (entry("PATCH", "Patient/1", {"resourceType": "Parameters"}), "415"),
        (entry("DELETE", "Patient"), "400"),
        ("text", "400"),
    ],
)
def test_an_entry_that_cannot_be_done_harms_no_other(api: Api, bad: Any, status: str) -> None:
    answer = api.post("", batch(entry("POST", "Patient", PATIENT), bad, entry("POST", "Patient", PATIENT))).json()
    found = [e["response"]["status"][:3] for e in answer["entry"]]
    assert found == ["201", status, "201"]
    assert answer["entry"][1]["response"]["outcome"]["issue"][0]["severity"] == "error"


def test_many_entries(api: Api) -> None:
    answer = api.post("", batch(*[entry("POST", "Patient", PATIENT)] * 150)).json()
    assert [e["response"]["status"] for e in answer["entry"]] == ["201 Created"] * 150
    assert len({e["response"]["location"] for e in answer["entry"]}) == 150


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (PATIENT, 400),
        ({"resourceType": "Bundle"}, 400),
        (batch(kind="collection"), 400),
        (batch(kind="history"), 400),
        ({"resourceType": "Bundle", "type": "batch", "entry": {}}, 400),
        (b"{", 400),
    ],
)
def test_what_is_no_batch(api: Api, body: Any, status: int) -> None:
    refused(api.post("", body), status)


def test_an_empty_batch(api: Api) -> None:
    answer = api.post("", {"resourceType": "Bundle", "type": "batch"}).json()
    assert answer["type"] == "batch-response"
    assert "entry" not in answer


def test_other_bundles_are_resources(api: Api) -> None:
    made = api.post("Bundle", {"resourceType": "Bundle", "type": "collection"})
    assert made.status_code == 201
    assert api.get(f"Bundle/{made.json()['id']}").json()["type"] == "collection"
