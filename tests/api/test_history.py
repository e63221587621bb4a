"""history of a resource, a type and everything (R4 http.html#history)."""

from __future__ import annotations

from typing import Any

import pytest

from api.support import BASE, Api, refused


def entries(api: Api, path: str) -> list[dict[str, Any]]:
    """All entries of a history, page after page."""
    found: list[dict[str, Any]] = []
    url: str | None = path
    while url is not None:
        bundle = api.get(url).json()
        assert bundle["type"] == "history"
        found += bundle.get("entry", [])
        url = next((link["url"] for link in bundle["link"] if link["relation"] == "next"), None)
    return found


def test_each_version_with_its_request(api: Api) -> None:
    id_ = api.create("Patient", active=True)["id"]
    api.put(f"Patient/{id_}", {"resourceType": "Patient", "id": id_, "active": False})
    api.delete(f"Patient/{id_}")
    bundle = api.get(f"Patient/{id_}/_history").json()
    assert bundle["total"] == 3
    assert [entry["request"] for entry in bundle["entry"]] == [
        {"method": "DELETE", "url": f"Patient/{id_}"},
        {"method": "PUT", "url": f"Patient/{id_}"},
        {"method": "POST", "url": "Patient"},
    ]
    assert [entry["response"]["status"] for entry in bundle["entry"]] == ["204 No Content", "200 OK", "201 Created"]
    assert [entry["response"]["etag"] for entry in bundle["entry"]] == ['W/"3"', 'W/"2"', 'W/"1"']
    assert ["resource" in entry for entry in bundle["entry"]] == [False, True, True]
    assert {entry["fullUrl"] for entry in bundle["entry"]} == {f"{BASE}/Patient/{id_}"}
    assert bundle["entry"][2]["resource"]["meta"]["lastUpdated"] == bundle["entry"][2]["response"]["lastModified"]


def test_levels(api: Api) -> None:
    patient = api.create("Patient")["id"]
    api.create("Practitioner")
    api.put(f"Patient/{patient}", {"resourceType": "Patient", "id": patient, "active": True})
    assert len(entries(api, f"Patient/{patient}/_history")) == 2
    assert len(entries(api, "Patient/_history")) == 2
    assert len(entries(api, "Practitioner/_history")) == 1
    assert len(entries(api, "_history")) == 3
    assert entries(api, "Group/_history") == []


def test_pages(api: Api) -> None:
    made = [api.create("Patient")["id"] for _ in range(7)]
    first = api.get("Patient/_history?_count=3").json()
    links = {link["relation"]: link["url"] for link in first["link"]}
    assert links["self"] == links["first"] == f"{BASE}/Patient/_history?_count=3"
    assert links["next"].startswith(f"{BASE}/Patient/_history?_count=3&_page=")
    api.create("Patient")  # what is written while we page is not seen, and nothing is skipped or seen twice
    second = api.get(links["next"]).json()
    assert [e["resource"]["id"] for e in first["entry"] + second["entry"]] == made[::-1][:6]
    assert {link["relation"]: link["url"] for link in second["link"]}["self"] == links["next"]
    assert len(entries(api, "Patient/_history?_count=2")) == 8


def test_since_and_at(api: Api) -> None:
    first = api.create("Patient", active=True)
    id_ = first["id"]
    second = api.put(f"Patient/{id_}", {"resourceType": "Patient", "id": id_, "active": False}).json()
    early, late = first["meta"]["lastUpdated"], second["meta"]["lastUpdated"]
    assert [e["resource"]["meta"]["versionId"] for e in entries(api, f"Patient/{id_}/_history?_since={late}")] == ["2"]
    assert len(entries(api, f"Patient/{id_}/_history?_since={early}")) == 2
    assert [e["resource"]["meta"]["versionId"] for e in entries(api, f"Patient/{id_}/_history?_at={early}")] == ["1"]
    assert [e["resource"]["meta"]["versionId"] for e in entries(api, f"_history?_at={late}")] == ["2"]
    assert entries(api, f"Patient/{id_}/_history?_at=2000-01-01") == []
    assert entries(api, "_history?_since=2999-01-01T00:00:00Z") == []


def test_count_only(api: Api) -> None:
    id_ = api.create("Patient")["id"]
    bundle = api.get(f"Patient/{id_}/_history?_count=0").json()
    assert bundle["total"] == 1
    assert "entry" not in bundle


@pytest.mark.parametrize(
    "query",
    ["_count=x", "_count=-1", "_since=yesterday", "_at=2024-13", "_page=x", "_since=2024&_since=2025", "name=x"],
)
def test_parameters_that_are_wrong(api: Api, query: str) -> None:
    refused(api.get(f"Patient/_history?{query}"), 400)


def test_of_what_never_was(api: Api) -> None:
    refused(api.get("Patient/never/_history"), 404)
    refused(api.get("Patiet/_history"), 404)
    refused(api.post("Patient/x/_history", {}), 405)
