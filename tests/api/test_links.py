"""Absolute URLs are those of the client: by Host, by a proxy that is trusted, or as configured."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from api.support import Api, refused

# These do not depend on the store.
pytestmark = pytest.mark.parametrize("place", ["sqlite"], indirect=True)

PROXIED = {
    "x_forwarded_proto": "https",
    "x_forwarded_host": "fhir.example.org, inner",
    "x_forwarded_prefix": "/r4/",
}


def base_of(api: Api, **headers: str) -> str:
    url: str = api.get("_history", **headers).json()["link"][0]["url"]
    return url.removesuffix("/_history")


def test_host_header(api: Api) -> None:
    assert base_of(api, host="ward:8080") == "http://ward:8080/fhir"
    assert base_of(api, host="[::1]:8080") == "http://[::1]:8080/fhir"


def test_forwarded_headers_count_only_when_trusted(api: Api, make_api: Callable[..., Api]) -> None:
    assert base_of(api, **PROXIED) == "http://testserver/fhir"
    trusting = make_api(trust_forwarded=True)
    assert base_of(trusting, **PROXIED) == "https://fhir.example.org/r4/fhir"
    assert base_of(trusting, x_forwarded_host="a.org", x_forwarded_port="8443") == "http://a.org:8443/fhir"
    assert base_of(trusting, x_forwarded_host="a.org", x_forwarded_port="80") == "http://a.org/fhir"
    assert base_of(trusting) == "http://testserver/fhir"
    refused(trusting.get("_history", x_forwarded_host="a.org/x?"), 400)
    refused(trusting.get("_history", x_forwarded_proto="javascript"), 400)


def test_public_url(make_api: Callable[..., Api]) -> None:
    api = make_api(public_url="https://fhir.example.org/r4", trust_forwarded=True)
    assert base_of(api, **PROXIED) == "https://fhir.example.org/r4"
    made = api.post("Patient", {"resourceType": "Patient"})
    assert made.headers["location"].startswith("https://fhir.example.org/r4/Patient/")


def test_parameters_in_links_are_encoded(api: Api) -> None:
    for _ in range(3):
        api.create("Patient", identifier=[{"system": "urn:a%b", "value": "ü|&"}])
    bundle = api.get("Patient?identifier=urn:a%25b%7C%C3%BC%5C%7C%26&_count=1").json()
    assert len(bundle["entry"]) == 1
    links = {link["relation"]: link["url"] for link in bundle["link"]}
    assert "identifier=urn:a%25b%7C%C3%BC%5C%7C%26" in links["self"]
    assert len(api.get(links["next"]).json()["entry"]) == 1


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("GET", {"host": "localhost:8000"}, 200),
        ("GET", {"host": "LOCALHOST"}, 200),
        ("GET", {"host": "rebound.example.org"}, 400),
        ("POST", {"host": "localhost"}, 201),
        ("POST", {"host": "localhost", "origin": "http://localhost:8000", "sec_fetch_site": "same-origin"}, 201),
        ("POST", {"host": "localhost", "origin": "https://evil.example.org"}, 403),
        ("POST", {"host": "localhost", "origin": "null"}, 403),
        ("POST", {"host": "localhost", "sec_fetch_site": "cross-site"}, 403),
    ],
)
def test_an_open_server_is_for_this_machine(
    make_api: Callable[..., Api], method: str, headers: dict[str, str], status: int
) -> None:
    """A web page elsewhere can neither read (by rebinding its name) nor write through the browser of someone here."""
    api = make_api(allowed_hosts=("localhost", "127.0.0.1"))
    id_ = api.post("Patient", {"resourceType": "Patient"}, host="localhost").json()["id"]
    if method == "GET":
        assert api.get(f"Patient/{id_}", **headers).status_code == status
        assert api.get("_history", **headers).status_code == status
    else:
        assert api.post("Patient", {"resourceType": "Patient"}, **headers).status_code == status
