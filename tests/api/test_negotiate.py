"""What form an answer takes and what form a body may have (R4 http.html#mime-type, #parameters)."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from typing import Any

import pytest

from api.support import Api, refused
from bedside.fhir import json

# These do not depend on the store.
pytestmark = pytest.mark.parametrize("place", ["sqlite"], indirect=True)


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("application/fhir+json", 200),
        ("application/json", 200),
        ("application/json+fhir", 200),
        ("text/json", 200),
        ("application/fhir+json;fhirVersion=4.0", 200),
        ("application/fhir+json; charset=utf-8", 200),
        ("*/*", 200),
        ("application/*", 200),
        ("", 200),
        ("application/fhir+xml, application/fhir+json;q=0.5", 200),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", 200),
        ("application/fhir+xml", 406),
        ("application/xml", 406),
        ("text/turtle", 406),
        ("application/fhir+json;q=0", 406),
        ("application/fhir+json;fhirVersion=3.0", 406),
        ("application/fhir+json;fhirVersion=5.0", 406),
    ],
)
def test_accept(api: Api, accept: str, status: int) -> None:
    id_ = api.create("Patient")["id"]
    for path in (f"Patient/{id_}", f"Patient/{id_}/_history"):
        response = api.get(path, accept=accept)
        assert response.status_code == status
        assert response.headers["content-type"] == "application/fhir+json; charset=utf-8"
    if status == 406:
        assert refused(api.post("Patient", {"resourceType": "Patient"}, accept=accept), 406, "not-supported")
        assert api.get("Patient/_history").json()["entry"][1:] == []


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ("json", 200),
        ("application/json", 200),
        ("application/fhir%2Bjson", 200),
        ("application/fhir+json", 200),
        ("text/json", 200),
        ("application/fhir%2Bjson;fhirVersion=4.0", 200),
        ("xml", 406),
        ("application/fhir%2Bxml", 406),
        ("ttl", 406),
        ("html", 406),
        ("application/fhir%2Bjson;fhirVersion=1.0", 406),
    ],
)
def test_format_goes_before_accept(api: Api, value: str, status: int) -> None:
    id_ = api.create("Patient")["id"]
    accept = "application/fhir+xml" if status == 200 else "application/fhir+json"
    response = api.get(f"Patient/{id_}?_format={value}", accept=accept)
    assert response.status_code == status
    if value in ("xml", "application/fhir%2Bxml"):
        assert "XML is not spoken here yet" in refused(response, 406)


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/fhir+json", 201),
        ("application/json", 201),
        ("application/json; charset=UTF-8", 201),
        ("application/fhir+json; fhirVersion=4.0", 201),
        ("text/json", 201),
        ("application/fhir+xml", 415),
        ("text/plain", 415),
        ("", 415),
        ("application/x-www-form-urlencoded", 415),
        ("application/json; charset=iso-8859-1", 415),
        ("application/fhir+json; fhirVersion=3.0", 415),
    ],
)
def test_content_type(api: Api, content_type: str, status: int) -> None:
    response = api.post("Patient", {"resourceType": "Patient"}, content_type=content_type)
    assert response.status_code == status
    if status == 415:
        refused(response, 415, "not-supported")


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress])
def test_bodies_may_be_compressed(api: Api, pack: Callable[[bytes], bytes]) -> None:
    name = "gzip" if pack is gzip.compress else "deflate"
    body = json.encode({"resourceType": "Patient", "active": True})
    assert api.post("Patient", pack(body), content_encoding=name).json()["active"] is True
    refused(api.post("Patient", pack(body)[:-9], content_encoding=name), 400)
    refused(api.post("Patient", body, content_encoding=name), 400)
    refused(api.post("Patient", body, content_encoding="br"), 415)


def test_large_answers_are_compressed_and_small_ones_not(api: Api) -> None:
    small = api.create("Patient")["id"]
    large = api.create("Patient", name=[{"family": "x" * 5000}])["id"]
    assert "content-encoding" not in api.get(f"Patient/{small}", accept_encoding="gzip").headers
    for path in (f"Patient/{large}", "metadata", "Patient/_history"):
        packed, plain = api.get(path, accept_encoding="br, gzip;q=0.5"), api.get(path)
        assert packed.headers["content-encoding"] == "gzip"
        assert "content-encoding" not in plain.headers
        assert "Accept-Encoding" in plain.headers["vary"]
        assert int(packed.headers["content-length"]) < len(plain.content) / 2
    assert api.get(f"Patient/{large}", accept_encoding="gzip").content == api.get(f"Patient/{large}").content
    assert "content-encoding" not in api.get(f"Patient/{large}", accept_encoding="gzip;q=0").headers


def test_bodies_have_a_limit(make_api: Callable[..., Api]) -> None:
    api = make_api(max_body=1000)
    body: dict[str, Any] = {"resourceType": "Patient", "name": [{"family": "x" * 2000}]}
    refused(api.post("Patient", body), 413, "too-long")
    # Small on the wire, large when unpacked.
    refused(api.post("Patient", gzip.compress(json.encode(body)), content_encoding="gzip"), 413)
    assert api.post("Patient", {"resourceType": "Patient"}).status_code == 201
