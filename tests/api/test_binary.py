"""Binary, raw and as a resource (R4 binary.html#rest)."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from api.support import Api, refused

# These do not depend on the store.
pytestmark = pytest.mark.parametrize("place", ["sqlite"], indirect=True)

PDF = b"%PDF-1.7 \x00\xff"


def binary(**elements: Any) -> dict[str, Any]:
    return {"resourceType": "Binary", "contentType": "application/pdf", "data": _encoded(PDF), **elements}


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


@pytest.mark.parametrize(
    ("accept", "raw"),
    [
        ("", True),
        ("*/*", True),
        ("application/pdf", True),
        ("application/*", True),
        ("application/pdf, application/fhir+json;q=0.5", True),
        ("application/fhir+json", False),
        ("application/json", False),
        ("application/fhir+json, */*;q=0.1", False),
    ],
)
def test_read_by_accept(api: Api, accept: str, raw: bool) -> None:
    id_ = api.create("Binary", contentType="application/pdf", data=_encoded(PDF))["id"]
    response = api.get(f"Binary/{id_}", accept=accept)
    assert response.status_code == 200
    assert response.headers["etag"] == 'W/"1"'
    if raw:
        assert response.content == PDF
        assert response.headers["content-type"] == "application/pdf"
        assert response.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in response.headers["content-security-policy"]
    else:
        assert response.json()["data"] == _encoded(PDF)
        assert response.headers["content-type"] == "application/fhir+json; charset=utf-8"


def test_format_asks_for_the_resource(api: Api) -> None:
    id_ = api.create("Binary", contentType="application/pdf", data=_encoded(PDF))["id"]
    assert api.get(f"Binary/{id_}?_format=json", accept="*/*").json()["contentType"] == "application/pdf"
    assert "application/pdf" in refused(api.get(f"Binary/{id_}", accept="text/plain"), 406)
    assert api.get(f"Binary/{id_}/_history/1", accept="*/*").content == PDF
    assert api.get(f"Binary/{id_}", accept="*/*", if_none_match='W/"1"').status_code == 304


def test_posted_raw(api: Api) -> None:
    patient = api.create("Patient")["id"]
    response = api.post("Binary", PDF, content_type="application/pdf", x_security_context=f"Patient/{patient}")
    assert response.status_code == 201
    made = response.json()
    assert (made["contentType"], made["data"]) == ("application/pdf", _encoded(PDF))
    assert made["securityContext"] == {"reference": f"Patient/{patient}"}
    raw = api.get(f"Binary/{made['id']}", accept="*/*")
    assert raw.content == PDF
    assert raw.headers["x-security-context"] == f"Patient/{patient}"


def test_put_raw(api: Api) -> None:
    response = api.put("Binary/scan", b"<svg/>", content_type="image/svg+xml")
    assert response.status_code == 201
    assert response.json()["id"] == "scan"
    assert api.get("Binary/scan", accept="image/*").content == b"<svg/>"
    again = api.put("Binary/scan", b"<svg/>", content_type="image/svg+xml")
    assert again.headers["etag"] == 'W/"1"'


@pytest.mark.parametrize("content_type", ["application/fhir+json", "application/json"])
def test_posted_as_a_resource(api: Api, content_type: str) -> None:
    response = api.post("Binary", binary(), content_type=content_type)
    assert response.json()["contentType"] == "application/pdf"


def test_json_that_is_no_binary_is_content(api: Api) -> None:
    response = api.post("Binary", b'{"a": 1}', content_type="application/json")
    assert response.json()["contentType"] == "application/json"
    id_ = response.json()["id"]
    assert api.get(f"Binary/{id_}", accept="application/json").content == b'{"a": 1}'
    assert api.get(f"Binary/{id_}", accept="application/fhir+json").json()["resourceType"] == "Binary"


def test_content_needs_a_type(api: Api) -> None:
    refused(api.post("Binary", PDF, content_type=""), 400)
    refused(api.post("Binary", {"resourceType": "Patient"}), 400)


def test_without_data(api: Api) -> None:
    id_ = api.create("Binary", contentType="text/plain")["id"]
    response = api.get(f"Binary/{id_}", accept="text/plain")
    assert (response.status_code, response.content) == (200, b"")
