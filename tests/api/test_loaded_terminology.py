"""Loaded code systems over HTTP: the operations answer from the tables as they do from resources."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from api.support import Api, refused
from bedside.fhir.check import check
from bedside.record.terminology.load.load import load_terminology
from record.terminology import releases
from record.terminology.rf2_release import ARM, BOTH, BREAK, BROKEN_ARM, BROKEN_HAND, CHANGE, FINDING, HAND, injuries

SCT, LOINC = "http://snomed.info/sct", "http://loinc.org"


@pytest.fixture
def loaded(api: Api, place: str, tmp_path: Path) -> Api:
    """A server that ran before the load began."""
    assert api.get(f"CodeSystem?url={SCT}").json()["total"] == 0
    load_terminology([injuries().folder(tmp_path / "rf2"), releases.loinc(tmp_path)], place)
    return api


def values(api: Api, path: str) -> dict[str, Any]:
    response = api.get(path)
    assert response.status_code == 200, response.text
    assert check(response.json(), expect_type="Parameters") == []
    return {p["name"]: v for p in response.json()["parameter"] for k, v in p.items() if k.startswith("value")}


def expanded(api: Api, url: str, more: str = "") -> dict[str, Any]:
    response = api.get(f"ValueSet/$expand?url={quote(url, safe='')}{more}")
    assert response.status_code == 200, response.text
    assert check(response.json(), expect_type="ValueSet") == []
    found: dict[str, Any] = response.json()["expansion"]
    return found


def test_operations(loaded: Api) -> None:
    told = values(loaded, f"CodeSystem/$lookup?system={SCT}&code={BROKEN_ARM}&displayLanguage=nl")
    assert told["display"] == "Gebroken arm"
    assert values(loaded, f"CodeSystem/$subsumes?system={SCT}&codeA={FINDING}&codeB={BOTH}")["outcome"] == "subsumes"
    assert values(loaded, f"CodeSystem/$validate-code?url={SCT}&code={ARM}&display=Arm")["result"] is True
    wrong = values(loaded, f"CodeSystem/$validate-code?url={SCT}&code={ARM}&display=Leg")
    assert (wrong["result"], wrong["display"]) == (False, "Arm")
    assert values(loaded, f"CodeSystem/$validate-code?url={SCT}&code=73211009")["result"] is False
    inside = f"ValueSet/$validate-code?url={quote(f'{SCT}?fhir_vs=isa/{FINDING}', safe='')}&system={SCT}&code="
    assert values(loaded, inside + BOTH)["result"] is True
    assert values(loaded, inside + HAND)["result"] is False


def test_expansions(loaded: Api) -> None:
    constraint = f"{SCT}?fhir_vs=ecl/<< {FINDING}: {CHANGE} = {BREAK}"
    found = expanded(loaded, constraint, "&count=2")
    assert (found["total"], len(found["contains"]), found["offset"]) == (3, 2, 0)
    assert {each["code"] for each in expanded(loaded, constraint)["contains"]} == {BROKEN_ARM, BROKEN_HAND, BOTH}
    found = expanded(loaded, f"{SCT}?fhir_vs", "&filter=gebr&displayLanguage=nl&includeDesignations=true")
    assert [each["display"] for each in found["contains"]] == ["Gebroken arm"]
    assert "Snapped arm" in [each["value"] for each in found["contains"][0]["designation"]]
    assert {each["code"] for each in expanded(loaded, f"{LOINC}/vs/LL9001-5")["contains"]} == {"LA90001-3", "LA90002-1"}
    everything = expanded(loaded, f"{LOINC}/vs", "&excludeNotForUI=true")
    assert not any(each["code"].startswith("LP") for each in everything["contains"])


def test_a_wrong_constraint_is_told(loaded: Api) -> None:
    response = loaded.get(f"ValueSet/$expand?url={quote(f'{SCT}?fhir_vs=ecl/<< {FINDING} AND', safe='')}")
    assert "Expression constraint, character" in refused(response, 422)


def test_what_is_loaded_is_told(loaded: Api) -> None:
    systems = {each["uri"]: each for each in loaded.get("metadata?mode=terminology").json()["codeSystem"]}
    assert systems[LOINC]["version"] == [{"code": "9.87"}]
    assert SCT in systems
    assert loaded.get(f"CodeSystem?url={SCT}").json()["total"] == 1


def test_search_by_meaning(loaded: Api) -> None:
    for code in (BROKEN_HAND, HAND):
        coding = {"system": SCT, "code": code}
        loaded.create("Condition", code={"coding": [coding]}, subject={"display": "nobody"})

    def found(query: str) -> list[str]:
        response = loaded.get(f"Condition?{query}")
        assert response.status_code == 200, response.text
        return [each["resource"]["code"]["coding"][0]["code"] for each in response.json().get("entry", [])]

    assert found(f"code:below={SCT}|{BROKEN_ARM}") == [BROKEN_HAND]
    assert found(f"code:in={quote(f'{SCT}?fhir_vs=ecl/<< {ARM}', safe='')}") == [HAND]
