"""update, update as create, conditional update and versions that must match (R4 http.html#update, #concurrency)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from api.support import BASE, Api, refused


def patient(id_: str | None = None, **elements: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", **({"id": id_} if id_ else {}), **elements}


def test_update_makes_a_version(api: Api) -> None:
    id_ = api.create("Patient", active=True)["id"]
    response = api.put(f"Patient/{id_}", patient(id_, active=False))
    assert response.status_code == 200
    assert response.json()["meta"]["versionId"] == "2"
    assert response.headers["etag"] == 'W/"2"'
    assert response.headers["content-location"] == f"{BASE}/Patient/{id_}/_history/2"
    assert "location" not in response.headers
    assert api.get(f"Patient/{id_}").json()["active"] is False


def test_update_that_changes_nothing_makes_no_version(api: Api) -> None:
    made = api.create("Patient", active=True)
    for body in (made, patient(made["id"], active=True)):
        response = api.put(f"Patient/{made['id']}", body)
        assert response.status_code == 200
        assert response.headers["etag"] == 'W/"1"'
        assert response.json() == made
    assert api.get(f"Patient/{made['id']}/_history").json()["total"] == 1


def test_update_as_create(api: Api) -> None:
    response = api.put("Patient/chosen", patient("chosen"))
    assert response.status_code == 201
    assert response.headers["location"] == f"{BASE}/Patient/chosen/_history/1"
    api.delete("Patient/chosen")
    again = api.put("Patient/chosen", patient("chosen"))
    assert again.status_code == 201
    assert again.headers["etag"] == 'W/"3"'


def test_update_as_create_can_be_switched_off(make_api: Callable[..., Api]) -> None:
    api = make_api(record={"update_creates": False})
    refused(api.put("Patient/chosen", patient("chosen")), 405)
    assert api.get("metadata").json()["rest"][0]["resource"][0]["updateCreate"] is False


@pytest.mark.parametrize("body", [patient(), patient("other"), {"resourceType": "Observation", "id": "a"}, {"id": "a"}])
def test_address_and_resource_must_agree(api: Api, body: dict[str, Any]) -> None:
    refused(api.put("Patient/a", body), 400)


@pytest.mark.parametrize("id_", ["x" * 65, "a_b", "ä"])
def test_ids_have_a_form(api: Api, id_: str) -> None:
    assert refused(api.put(f"Patient/{id_}", patient(id_)), api.put(f"Patient/{id_}", patient(id_)).status_code)
    assert api.put(f"Patient/{id_}", patient(id_)).status_code in (400, 422)


@pytest.mark.parametrize(
    ("header", "status"),
    [('W/"1"', 200), ('"1"', 200), ('W/"2"', 412), ("1", 400), ('W/"1", W/"2"', 400), ('W/"x"', 400), ("*", 400)],
)
def test_if_match(api: Api, header: str, status: int) -> None:
    id_ = api.create("Patient")["id"]
    response = api.put(f"Patient/{id_}", patient(id_, active=True), if_match=header)
    assert response.status_code == status
    if status == 412:
        assert "is version 1, not version 2" in refused(response, 412, "conflict")


def test_if_match_on_what_is_not_there(api: Api) -> None:
    refused(api.put("Patient/new", patient("new"), if_match='W/"1"'), 412)


def test_if_none_match_on_update(api: Api) -> None:
    assert api.put("Patient/new", patient("new"), if_none_match="*").status_code == 201
    refused(api.put("Patient/new", patient("new", active=True), if_none_match="*"), 412)
    refused(api.put("Patient/new", patient("new"), if_none_match='W/"1"'), 400)


def test_lost_updates_are_prevented(api: Api) -> None:
    """Eight clients have read version 1 and all write with If-Match: one gets through."""
    id_ = api.create("Patient")["id"]
    entry = {"request": {"method": "PUT", "url": f"Patient/{id_}", "ifMatch": 'W/"1"'}}
    bundles = [
        {
            "resourceType": "Bundle",
            "type": "transaction",
            "entry": [{**entry, "resource": patient(id_, multipleBirthInteger=n + 1)}],
        }
        for n in range(8)
    ]
    answers = api.together(*[("POST", "", bundle) for bundle in bundles])
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 7


def test_conditional_update(api: Api) -> None:
    body = patient(identifier=[{"system": "urn:ex", "value": "7"}])
    condition = "Patient?identifier=urn:ex|7"
    first = api.put(condition, body)
    assert first.status_code == 201
    id_ = first.json()["id"]
    second = api.put(condition, {**body, "active": True})
    assert (second.status_code, second.json()["id"], second.headers["etag"]) == (200, id_, 'W/"2"')
    third = api.put(condition, {**body, "id": id_, "active": False})
    assert (third.status_code, third.headers["etag"]) == (200, 'W/"3"')
    refused(api.put(condition, {**body, "id": "other"}), 400)
    api.create("Patient", identifier=body["identifier"])
    refused(api.put(condition, body), 412, "multiple-matches")


def test_conditional_update_with_an_id_creates_there(api: Api) -> None:
    body = patient("mine", identifier=[{"system": "urn:ex", "value": "8"}])
    response = api.put("Patient?identifier=urn:ex|8", body)
    assert response.status_code == 201
    assert response.headers["location"] == f"{BASE}/Patient/mine/_history/1"


def test_conditions_that_are_none(api: Api) -> None:
    assert "a condition" in refused(api.put("Patient", patient()), 400, "required")
    refused(api.put("Patient?identifer=7", patient()), 400)
    refused(api.put("Patient/x?identifier=7", patient("x")), 400)
