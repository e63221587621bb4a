"""patch (R4 http.html#patch) over HTTP; the operations themselves are tested in tests/record/test_patch.py."""

from __future__ import annotations

from typing import Any

import pytest

from api.support import Api, refused
from bedside.fhir import json

ACTIVATE = [{"op": "add", "path": "/active", "value": True}]


def body(operations: Any) -> bytes:
    return json.encode(operations)


def test_patch_makes_a_version(api: Api) -> None:
    id_ = api.create("Patient", birthDate="1980-01-01")["id"]
    response = api.patch(f"Patient/{id_}", body(ACTIVATE))
    assert response.status_code == 200
    assert response.headers["etag"] == 'W/"2"'
    assert response.json()["active"] is True
    assert response.json()["birthDate"] == "1980-01-01"
    assert api.patch(f"Patient/{id_}", body(ACTIVATE)).headers["etag"] == 'W/"2"'
    minimal = api.patch(f"Patient/{id_}", body([{"op": "remove", "path": "/active"}]), prefer="return=minimal")
    assert (minimal.status_code, minimal.content, minimal.headers["etag"]) == (200, b"", 'W/"3"')


def test_the_result_is_checked(api: Api) -> None:
    id_ = api.create("Patient")["id"]
    response = api.patch(f"Patient/{id_}", body([{"op": "add", "path": "/gender", "value": "f"}]))
    assert response.json()["issue"][0]["expression"] == ["Patient.gender"]
    refused(response, 422)
    for path, value in (("/id", "other"), ("/resourceType", "Person")):
        refused(api.patch(f"Patient/{id_}", body([{"op": "replace", "path": path, "value": value}])), 400)
    assert api.get(f"Patient/{id_}").headers["etag"] == 'W/"1"'


def test_what_is_not_there(api: Api) -> None:
    id_ = api.create("Patient")["id"]
    api.delete(f"Patient/{id_}")
    refused(api.patch("Patient/never", body(ACTIVATE)), 404)
    refused(api.patch(f"Patient/{id_}", body(ACTIVATE)), 410)


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [
        (b"", "application/json-patch+json", 400),
        (b"{}", "application/json-patch+json", 400),
        (b"[", "application/json-patch+json", 400),
        (b'[{"op":"spin"}]', "application/json-patch+json", 400),
        (b'[{"op":"remove","path":"/gender"}]', "application/json-patch+json", 422),
        (b'[{"op":"test","path":"/active","value":false}]', "application/json-patch+json", 409),
        (body(ACTIVATE), "application/json", 415),
        (body(ACTIVATE), "application/fhir+json", 415),
        (body(ACTIVATE), "application/xml-patch+xml", 415),
        (body(ACTIVATE), "application/json-patch+json; charset=latin-1", 415),
    ],
)
def test_patches_that_are_refused(api: Api, content: bytes, content_type: str, status: int) -> None:
    id_ = api.create("Patient", active=True)["id"]
    response = api.patch(f"Patient/{id_}", content, content_type=content_type)
    refused(response, status)
    if status == 415:
        assert response.headers["accept-patch"] == "application/json-patch+json"


def test_if_match(api: Api) -> None:
    id_ = api.create("Patient")["id"]
    refused(api.patch(f"Patient/{id_}", body(ACTIVATE), if_match='W/"2"'), 412)
    assert api.patch(f"Patient/{id_}", body(ACTIVATE), if_match='W/"1"').status_code == 200


def test_conditional_patch(api: Api) -> None:
    refused(api.patch("Patient?identifier=1", body(ACTIVATE)), 404)
    id_ = api.create("Patient", identifier=[{"value": "1"}])["id"]
    response = api.patch("Patient?identifier=1", body(ACTIVATE))
    assert (response.status_code, response.json()["id"], response.json()["active"]) == (200, id_, True)
    api.create("Patient", identifier=[{"value": "1"}])
    refused(api.patch("Patient?identifier=1", body(ACTIVATE)), 412, "multiple-matches")
    refused(api.patch("Patient", body(ACTIVATE)), 400)


def test_patches_at_once_lose_nothing(api: Api) -> None:
    """Twenty clients append to one array at the same time; all twenty are in it."""
    id_ = api.create("Patient", name=[{"family": "0"}])["id"]
    entries = [
        {
            "resource": {
                "resourceType": "Binary",
                "contentType": "application/json-patch+json",
                "data": _base64([{"op": "add", "path": "/name/-", "value": {"family": str(n)}}]),
            },
            "request": {"method": "PATCH", "url": f"Patient/{id_}"},
        }
        for n in range(1, 21)
    ]
    bundles = [{"resourceType": "Bundle", "type": "batch", "entry": [entry]} for entry in entries]
    api.together(*[("POST", "", bundle) for bundle in bundles])
    families = {name["family"] for name in api.get(f"Patient/{id_}").json()["name"]}
    assert families == {str(n) for n in range(21)}


def _base64(value: Any) -> str:
    import base64

    return base64.b64encode(json.encode(value)).decode()
