"""The bundle around search results (R4 search.html#return), and the ways to ask for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from api.support import BASE, Api, refused

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def ward(api: Api) -> dict[str, str]:
    """Two patients, one with three observations; ids by a name."""
    ids = {"ada": api.create("Patient", name=[{"family": "Okafor"}], gender="female", active=True)["id"]}
    ids["ben"] = api.create("Patient", name=[{"family": "Ito"}], gender="male")["id"]
    for day in (1, 2, 3):
        made = api.create(
            "Observation",
            status="final",
            code={"coding": [{"system": "http://loinc.org", "code": "8867-4"}]},
            subject={"reference": f"Patient/{ids['ada']}"},
            effectiveDateTime=f"2024-05-0{day}",
        )
        ids[f"pulse{day}"] = made["id"]
    return ids


def links(bundle: dict[str, Any]) -> dict[str, str]:
    return {link["relation"]: link["url"] for link in bundle["link"]}


def ids_of(bundle: dict[str, Any], mode: str = "match") -> list[str]:
    return [e["resource"]["id"] for e in bundle.get("entry", []) if e["search"]["mode"] == mode]


def test_bundle(api: Api, ward: dict[str, str]) -> None:
    response = api.get("Patient?family=okafor")
    assert response.status_code == 200
    bundle = response.json()
    assert bundle["type"] == "searchset"
    assert links(bundle)["self"] == links(bundle)["first"] == f"{BASE}/Patient?family=okafor"
    [entry] = bundle["entry"]
    assert entry["fullUrl"] == f"{BASE}/Patient/{ward['ada']}"
    assert entry["search"] == {"mode": "match"}
    assert entry["resource"] == api.get(f"Patient/{ward['ada']}").json()


def test_nothing_found_has_no_entry(api: Api, ward: dict[str, str]) -> None:
    bundle = api.get("Patient?family=nobody&_total=accurate").json()
    assert bundle["total"] == 0
    assert "entry" not in bundle


def test_included_resources_say_so(api: Api, ward: dict[str, str]) -> None:
    bundle = api.get("Observation?code=8867-4&_include=Observation:subject").json()
    assert len(ids_of(bundle)) == 3
    assert ids_of(bundle, "include") == [ward["ada"]]
    backwards = api.get("Patient?family=okafor&_revinclude=Observation:subject").json()
    assert set(ids_of(backwards, "include")) == {ward[f"pulse{n}"] for n in (1, 2, 3)}


def test_unknown_parameters_are_warned_of_or_refused(
    api: Api, ward: dict[str, str], make_api: Callable[..., Api]
) -> None:
    response = api.get("Patient?colour=red&gender=male")
    bundle = response.json()
    assert ids_of(bundle) == [ward["ben"]]
    assert links(bundle)["self"] == f"{BASE}/Patient?gender=male"
    [outcome] = [e["resource"] for e in bundle["entry"] if e["search"]["mode"] == "outcome"]
    assert outcome["issue"][0]["severity"] == "warning"
    assert "colour" in outcome["issue"][0]["diagnostics"]
    assert "colour" in refused(api.get("Patient?colour=red", prefer="handling=strict"), 400)
    strict = make_api(handling="strict")
    refused(strict.get("Patient?colour=red"), 400)
    assert strict.get("Patient?colour=red", prefer="handling=lenient").status_code == 200


def test_by_post(api: Api, ward: dict[str, str]) -> None:
    response = api.post("Patient/_search?gender=female", b"family=okafor&_count=5", content_type=FORM)
    bundle = response.json()
    assert ids_of(bundle) == [ward["ada"]]
    # Both sources of parameters count, and the links are for GET.
    assert links(bundle)["self"] == f"{BASE}/Patient?gender=female&family=okafor&_count=5"
    assert ids_of(api.post("Patient/_search?family=ito", content_type=FORM).json()) == [ward["ben"]]
    refused(api.post("Patient/_search", {"family": "ito"}), 415)
    refused(api.post("Patient/_search", b"family=%ff", content_type=FORM), 400)


def test_paging_by_links(api: Api, ward: dict[str, str]) -> None:
    bundle = api.get("Observation?code=8867-4&_sort=date&_count=2&_format=json").json()
    assert ids_of(bundle) == [ward["pulse1"], ward["pulse2"]]
    assert "previous" not in links(bundle)
    assert "_format=json" in links(bundle)["next"]
    second = api.get(links(bundle)["next"]).json()
    assert ids_of(second) == [ward["pulse3"]]
    assert "next" not in links(second)
    assert links(second)["self"] == links(bundle)["next"]
    assert ids_of(api.get(links(second)["first"]).json()) == ids_of(bundle)
    refused(api.get("Observation?code=8867-4&_page=nonsense"), 400)


def test_next_links_work_after_post(api: Api, ward: dict[str, str]) -> None:
    bundle = api.post("Observation/_search", b"_count=1&_sort=date", content_type=FORM).json()
    assert ids_of(api.get(links(bundle)["next"]).json()) == [ward["pulse2"]]


def test_summary_and_elements(api: Api, ward: dict[str, str]) -> None:
    count = api.get("Patient?_summary=count").json()
    assert count["total"] == 2
    assert "entry" not in count
    [patient] = [e["resource"] for e in api.get("Patient?family=okafor&_elements=gender").json()["entry"]]
    assert patient.keys() == {"resourceType", "id", "meta", "gender"}
    assert patient["meta"]["tag"][0]["code"] == "SUBSETTED"
    for summary in ("true", "text", "data"):
        entries = api.get(f"Patient?_summary={summary}").json()["entry"]
        assert all(e["resource"]["meta"]["tag"][0]["code"] == "SUBSETTED" for e in entries)
    whole = api.get("Patient?_summary=false").json()["entry"]
    assert all("tag" not in e["resource"]["meta"] for e in whole)


def test_compartments(api: Api, ward: dict[str, str]) -> None:
    found = api.get(f"Patient/{ward['ada']}/Observation?date=ge2024-05-02").json()
    assert set(ids_of(found)) == {ward["pulse2"], ward["pulse3"]}
    assert links(found)["self"] == f"{BASE}/Patient/{ward['ada']}/Observation?date=ge2024-05-02"
    assert ids_of(api.get(f"Patient/{ward['ben']}/Observation").json()) == []
    everything = api.get(f"Patient/{ward['ada']}/*").json()
    assert {ward["pulse1"], ward["pulse2"], ward["pulse3"]} <= set(ids_of(everything))
    posted = api.post(f"Patient/{ward['ada']}/Observation/_search", b"date=2024-05-01", content_type=FORM).json()
    assert ids_of(posted) == [ward["pulse1"]]


def test_compartment_pages(api: Api, ward: dict[str, str]) -> None:
    bundle = api.get(f"Patient/{ward['ada']}/Observation?_count=2").json()
    second = api.get(links(bundle)["next"]).json()
    assert len(ids_of(bundle) + ids_of(second)) == 3


def test_whole_system(api: Api, ward: dict[str, str]) -> None:
    bundle = api.get("?_type=Patient,Observation").json()
    assert set(ids_of(bundle)) == set(ward.values())
    assert links(bundle)["self"].startswith(f"{BASE}?_type=")
    posted = api.post("_search", b"_type=Patient", content_type=FORM).json()
    assert set(ids_of(posted)) == {ward["ada"], ward["ben"]}


def test_page_sizes(make_api: Callable[..., Api]) -> None:
    api = make_api(default_count=2, max_count=3)
    for _ in range(5):
        api.create("Patient")
    assert len(ids_of(api.get("Patient").json())) == 2
    assert len(ids_of(api.get("Patient?_count=5").json())) == 3
    assert len(api.get("Patient/_history").json()["entry"]) == 2
    assert len(api.get("Patient/_history?_count=5").json()["entry"]) == 3


def test_offset_of_a_time_zone_that_was_not_escaped(api: Api, ward: dict[str, str]) -> None:
    assert len(ids_of(api.get("Observation?date=ge2024-05-02T00:00:00+00:00").json())) == 2


def test_head_and_pretty(api: Api, ward: dict[str, str]) -> None:
    assert api.request("HEAD", "Patient").content == b""
    assert b'\n  "type": "searchset"' in api.get("Patient?_pretty=true").content
