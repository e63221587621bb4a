"""read and vread (R4 http.html#read, #vread), and the conditions on them (#cread)."""

from __future__ import annotations

from email.utils import formatdate, parsedate_to_datetime
from typing import Any

import pytest

from api.support import BASE, Api, refused
from bedside.fhir import json

PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">Ada</div>'},
    "identifier": [{"system": "urn:ex", "value": "7"}],
    "name": [{"family": "Okafor", "given": ["Ada"]}],
    "contact": [{"name": {"family": "Eze"}}],
    "birthDate": "1980-02-29",
}


def test_read_gives_the_resource_and_its_version(api: Api) -> None:
    made = api.post("Patient", PATIENT)
    id_ = made.json()["id"]
    response = api.get(f"Patient/{id_}")
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/fhir+json; charset=utf-8"
    assert response.headers["etag"] == 'W/"1"'
    resource = response.json()
    assert resource["meta"]["versionId"] == "1"
    assert (
        parsedate_to_datetime(response.headers["last-modified"]).strftime("%Y-%m-%dT%H:%M:%S")
        == (resource["meta"]["lastUpdated"][:19])
    )
    assert {key: resource[key] for key in PATIENT} == PATIENT
    assert int(response.headers["content-length"]) == len(response.content)


def test_decimals_keep_their_digits(api: Api) -> None:
    text = b'{"resourceType":"Observation","status":"final","code":{"text":"k"},"valueQuantity":{"value":7.20}}'
    id_ = api.post("Observation", text).json()["id"]
    assert b'"value":7.20' in api.get(f"Observation/{id_}").content
    assert b'"value": 7.20' in api.get(f"Observation/{id_}?_pretty=true").content


def test_head_is_get_without_its_body(api: Api) -> None:
    id_ = api.create("Patient")["id"]
    for path in (f"Patient/{id_}", f"Patient/{id_}/_history", "metadata", f"Patient/{id_}?_pretty=true"):
        got, headed = api.get(path), api.request("HEAD", path)
        assert (headed.status_code, headed.content) == (200, b"")
        if "_history" not in path:
            assert dict(headed.headers) == dict(got.headers)


def test_what_never_was_and_what_was_deleted(api: Api) -> None:
    id_ = api.create("Patient")["id"]
    assert api.delete(f"Patient/{id_}").status_code == 204
    assert "There is no Patient/never" in refused(api.get("Patient/never"), 404, "not-found")
    assert "was deleted" in refused(api.get(f"Patient/{id_}"), 410, "deleted")
    refused(api.get(f"Patient/{'x' * 65}"), 404)
    refused(api.get("Patient/a%20b"), 404)


def test_vread(api: Api) -> None:
    first = api.create("Patient", active=True)
    id_ = first["id"]
    api.put(f"Patient/{id_}", {"resourceType": "Patient", "id": id_, "active": False})
    api.delete(f"Patient/{id_}")
    assert api.get(f"Patient/{id_}/_history/1").json() == first
    second = api.get(f"Patient/{id_}/_history/2")
    assert second.json()["active"] is False
    assert second.headers["etag"] == 'W/"2"'
    refused(api.get(f"Patient/{id_}/_history/3"), 410, "deleted")
    for version in ("4", "0", "-1", "01", "one", "99999999999999999999"):
        refused(api.get(f"Patient/{id_}/_history/{version}"), 404, "not-found")


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ('W/"1"', 304),
        ('"1"', 304),
        ("*", 304),
        ('W/"7", W/"1"', 304),
        ('W/"2"', 200),
        ("1", 304),
        ("2", 200),
        ("one", 400),
        ("", 400),
    ],
)
def test_if_none_match(api: Api, header: str, status: int) -> None:
    id_ = api.create("Patient")["id"]
    response = api.get(f"Patient/{id_}", if_none_match=header)
    assert response.status_code == status
    if status == 304:
        assert response.content == b""
        assert response.headers["etag"] == 'W/"1"'
        assert "content-type" not in response.headers


def test_if_modified_since(api: Api) -> None:
    id_ = api.create("Patient")["id"]
    modified = api.get(f"Patient/{id_}").headers["last-modified"]
    at = parsedate_to_datetime(modified).timestamp()
    assert api.get(f"Patient/{id_}", if_modified_since=modified).status_code == 304
    assert api.get(f"Patient/{id_}", if_modified_since=formatdate(at + 3600, usegmt=True)).status_code == 304
    assert api.get(f"Patient/{id_}", if_modified_since=formatdate(at - 1, usegmt=True)).status_code == 200
    # RFC 9110: no date is no condition, and If-None-Match goes first.
    assert api.get(f"Patient/{id_}", if_modified_since="yesterday").status_code == 200
    assert api.get(f"Patient/{id_}", if_modified_since=modified, if_none_match='W/"9"').status_code == 200


@pytest.mark.parametrize(
    ("query", "present", "absent"),
    [
        ("_summary=true", {"identifier", "name", "birthDate"}, {"text", "contact"}),
        ("_summary=text", {"text"}, {"identifier", "name", "birthDate", "contact"}),
        ("_summary=data", {"identifier", "name", "birthDate", "contact"}, {"text"}),
        ("_elements=name,birthDate", {"name", "birthDate"}, {"text", "identifier", "contact"}),
        ("_elements=Patient.name", {"name"}, {"birthDate", "identifier"}),
    ],
)
def test_parts_are_tagged(api: Api, query: str, present: set[str], absent: set[str]) -> None:
    id_ = api.post("Patient", PATIENT).json()["id"]
    part = api.get(f"Patient/{id_}?{query}").json()
    assert present | {"resourceType", "id", "meta"} == part.keys()
    assert not absent & part.keys()
    assert [tag["code"] for tag in part["meta"]["tag"]] == ["SUBSETTED"]
    assert part["meta"]["versionId"] == "1"


def test_the_whole_is_not_tagged(api: Api) -> None:
    id_ = api.post("Patient", PATIENT).json()["id"]
    assert api.get(f"Patient/{id_}?_summary=false").json() == api.get(f"Patient/{id_}").json()


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("_summary=count", "not a search"),
        ("_summary=some", "true, text, data or false"),
        ("_summary=true&_elements=name", "one of them"),
        ("_elements=nam", "Did you mean name?"),
        ("_sumary=true", "`_sumary` has no meaning"),
        ("name=Ada", "`name` has no meaning"),
        ("_pretty=yes", "_pretty must be true or false"),
    ],
)
def test_parameters_that_are_wrong(api: Api, query: str, said: str) -> None:
    id_ = api.post("Patient", PATIENT).json()["id"]
    assert said in refused(api.get(f"Patient/{id_}?{query}"), 400)


def test_lenient_handling_passes_unknown_parameters_over(api: Api) -> None:
    id_ = api.post("Patient", PATIENT).json()["id"]
    assert api.get(f"Patient/{id_}?_sumary=true", prefer="handling=lenient").status_code == 200


def test_pretty(api: Api) -> None:
    id_ = api.post("Patient", PATIENT).json()["id"]
    plain = api.get(f"Patient/{id_}")
    assert b"\n" not in plain.content
    for response in (api.get(f"Patient/{id_}?_pretty=true"), api.get(f"Patient/{id_}", accept="text/html, */*;q=0.8")):
        assert response.content.startswith(b'{\n  "resourceType": "Patient",\n')
        assert json.decode(response.content) == json.decode(plain.content)
    assert api.get(f"Patient/{id_}?_pretty=false", accept="text/html, */*").content == plain.content


def test_the_short_way_answers_like_the_long_one(api: Api) -> None:
    """A plain read takes a way of its own (dispatcher); `_format` makes the same read take the general one."""
    id_ = api.post("Patient", PATIENT).json()["id"]
    short, long = api.get(f"Patient/{id_}"), api.get(f"Patient/{id_}?_format=json")
    assert short.content == long.content
    assert dict(short.headers) == dict(long.headers)


def test_type_is_checked(api: Api) -> None:
    assert "Did you mean Patient?" in refused(api.get("Patiant/1"), 404, "not-found")
    assert "Did you mean Patient?" in refused(api.get("patient/1"), 404, "not-found")
    refused(api.get("DomainResource/1"), 404)


def test_trailing_slash_and_absolute_base(api: Api) -> None:
    id_ = api.create("Patient")["id"]
    assert api.get(f"Patient/{id_}/").status_code == 200
    assert api.get(f"{BASE}//Patient/{id_}").status_code == 200
