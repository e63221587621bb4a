"""R4's terminology service over HTTP: what each operation takes, gives, and refuses."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.support import Api, refused
from bedside.fhir import json
from bedside.fhir.check import check

GENDER = "http://hl7.org/fhir/administrative-gender"
GENDERS = "http://hl7.org/fhir/ValueSet/administrative-gender"
ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
A, SET = "http://a.example", "http://set.example"


def parameters(**values: Any) -> dict[str, Any]:
    """A Parameters resource: strings as they are, dicts as the type that their keys tell."""
    found = []
    for name, value in values.items():
        name = name.replace("_", "-")
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, bool):
                found.append({"name": name, "valueBoolean": each})
            elif isinstance(each, int):
                found.append({"name": name, "valueInteger": each})
            elif isinstance(each, str):
                found.append({"name": name, "valueString": each})
            elif "resourceType" in each:
                found.append({"name": name, "resource": each})
            elif "coding" in each:
                found.append({"name": name, "valueCodeableConcept": each})
            else:
                found.append({"name": name, "valueCoding": each})
    return {"resourceType": "Parameters", "parameter": found}


def answer(response: httpx.Response) -> dict[str, Any]:
    """The simple values of the Parameters that a response must be."""
    assert response.status_code == 200, response.text
    found = response.json()
    assert check(found, expect_type="Parameters") == []
    return {p["name"]: v for p in found["parameter"] for k, v in p.items() if k.startswith("value")}


def expansion(response: httpx.Response) -> dict[str, Any]:
    assert response.status_code == 200, response.text
    found = json.decode_object(response.content)
    assert check(found, expect_type="ValueSet") == []
    expanded: dict[str, Any] = found["expansion"]
    return expanded


def codes(response: httpx.Response) -> list[str]:
    return [each["code"] for each in expansion(response).get("contains", [])]


def put_set(api: Api, id_: str, *include: dict[str, Any], url: str = SET, **more: Any) -> None:
    compose = {"compose": {"include": list(include)}} if include else {}
    resource = {"resourceType": "ValueSet", "id": id_, "url": url, "status": "active", **compose, **more}
    assert api.put(f"ValueSet/{id_}", resource).status_code in (200, 201)


def put_system(api: Api, id_: str, *concepts: str | dict[str, Any], url: str = A, **more: Any) -> None:
    listed = [{"code": each} if isinstance(each, str) else each for each in concepts]
    own = {"concept": listed} if listed else {}
    resource = {
        "resourceType": "CodeSystem",
        "id": id_,
        "url": url,
        "status": "active",
        "content": "complete",
        **own,
        **more,
    }
    response = api.put(f"CodeSystem/{id_}", resource)
    assert response.status_code in (200, 201), response.text


# --- $expand


def test_expand_by_every_way_in(api: Api) -> None:
    every = ["male", "female", "other", "unknown"]
    assert codes(api.get(f"ValueSet/$expand?url={GENDERS}")) == every
    assert codes(api.get(f"ValueSet/$expand?url={GENDERS}|4.0.1")) == every
    assert codes(api.get(f"ValueSet/$expand?url={GENDERS}&valueSetVersion=4.0.1")) == every
    assert codes(api.post("ValueSet/$expand", parameters(url=GENDERS, count=2))) == every[:2]
    form = b"url=http%3A%2F%2Fhl7.org%2Ffhir%2FValueSet%2Fadministrative-gender&count=1"
    assert codes(api.post("ValueSet/$expand", form, content_type="application/x-www-form-urlencoded")) == ["male"]
    assert codes(api.get("ValueSet/$expand?context=Patient.gender")) == every
    element = "http://hl7.org/fhir/StructureDefinition/Patient%23Patient.gender"
    assert codes(api.get(f"ValueSet/$expand?context={element}")) == every
    inline = {"resourceType": "ValueSet", "status": "active",
              "compose": {"include": [{"system": GENDER, "concept": [{"code": "male"}]}]}}  # fmt: skip
    assert codes(api.post("ValueSet/$expand", parameters(valueSet=inline))) == ["male"]
    assert codes(api.post("ValueSet/$expand", inline)) == ["male"]
    put_set(api, "own", {"system": GENDER, "concept": [{"code": "other"}]})
    assert codes(api.get("ValueSet/own/$expand")) == ["other"]
    assert codes(api.get(f"ValueSet/$expand?url={SET}")) == ["other"]


def test_expand_says_what_it_did(api: Api) -> None:
    put_system(api, "a", *(f"c{n}" for n in range(5)), version="3")
    put_set(api, "s", {"system": A}, version="1")
    found = expansion(api.get(f"ValueSet/$expand?url={SET}&offset=1&count=2&system-version={A}|3"))
    assert (found["total"], found["offset"]) == (5, 1)
    told = {p["name"]: next(v for k, v in p.items() if k != "name") for p in found["parameter"]}
    assert told["count"] == 2
    assert told["used-codesystem"] == f"{A}|3"
    assert told["used-valueset"] == f"{SET}|1"
    assert told["system-version"] == f"{A}|3"
    whole = api.get(f"ValueSet/$expand?url={SET}&includeDefinition=true").json()
    assert whole["compose"] == {"include": [{"system": A}]}
    assert whole["version"] == "1"
    assert "compose" not in api.get(f"ValueSet/$expand?url={SET}").json()


def test_expand_filters_and_languages(api: Api) -> None:
    word = {"code": "hf", "display": "Heart failure", "designation": [{"language": "nl", "value": "Hartfalen"}]}
    retired = {"code": "old", "display": "Dropsy", "property": [{"code": "inactive", "valueBoolean": True}]}
    put_system(api, "a", word, retired)
    put_set(api, "s", {"system": A})
    assert codes(api.get(f"ValueSet/$expand?url={SET}&filter=fail")) == ["hf"]
    assert codes(api.get(f"ValueSet/$expand?url={SET}&activeOnly=true")) == ["hf"]
    [dutch, _] = expansion(api.get(f"ValueSet/$expand?url={SET}&displayLanguage=nl&includeDesignations=true"))[
        "contains"
    ]
    assert dutch["display"] == "Hartfalen"
    assert dutch["designation"][0]["language"] == "nl"
    [preferred, _] = expansion(api.get(f"ValueSet/$expand?url={SET}", accept_language="nl-NL,nl;q=0.9"))["contains"]
    assert preferred["display"] == "Hartfalen"


def test_expand_nested(api: Api) -> None:
    url = "http://terminology.hl7.org/ValueSet/v3-ActMood"
    flat = expansion(api.get(f"ValueSet/$expand?url={url}"))
    nested = expansion(api.get(f"ValueSet/$expand?url={url}&excludeNested=false"))
    assert len(nested["contains"]) < len(flat["contains"]) == flat["total"] == nested["total"]

    def walk(contains: list[dict[str, Any]]) -> list[str]:
        return [code for each in contains for code in (each["code"], *walk(each.get("contains", [])))]

    assert sorted(walk(nested["contains"])) == sorted(each["code"] for each in flat["contains"])


def test_expand_refuses(api: Api) -> None:
    assert "No value set http://nowhere.example" in refused(
        api.get("ValueSet/$expand?url=http://nowhere.example"), 404, "not-found"
    )
    refused(api.get("ValueSet/none/$expand"), 404, "not-found")
    refused(api.get("ValueSet/$expand"), 400, "required")
    refused(api.get(f"ValueSet/$expand?url={GENDERS}&cuont=1"), 400, "not-supported")
    assert codes(api.get(f"ValueSet/$expand?url={GENDERS}&cuont=1&count=1", prefer="handling=lenient")) == ["male"]
    refused(api.get(f"ValueSet/$expand?url={GENDERS}&count=-1"), 400, "value")
    refused(api.get(f"ValueSet/$expand?url={GENDERS}&activeOnly=maybe"), 400, "value")
    refused(api.get(f"ValueSet/$expand?url={GENDERS}&date=2010-01-01"), 400, "not-supported")
    refused(api.get(f"ValueSet/$expand?url={GENDERS}&url={GENDERS}"), 400)
    refused(api.get("ValueSet/$expand?context=Patient.gendre"), 404)
    refused(api.post("ValueSet/$expand", {"resourceType": "Patient"}), 400, "structure")
    broken = {"resourceType": "ValueSet", "status": "active", "compose": {"include": "all"}}
    refused(api.post("ValueSet/$expand", broken), 400)
    refused(api.post("ValueSet/$expand", parameters(valueSet=broken)), 400)
    refused(api.post("ValueSet/$validate-code", parameters(url=GENDERS, coding={"system": 5, "code": "x"})), 400)
    refused(api.post("ValueSet/$expand", {"resourceType": "Parameters", "parameter": [{"valueUri": GENDERS}]}), 400)
    refused(api.get(f"ValueSet/$expand?url={GENDERS}&check-system-version={GENDER}|9"), 422, "not-found")
    refused(api.get(f"ValueSet/$expand?url={GENDERS}&system-version={GENDER}"), 400, "value")
    refused(api.get("ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/ucum-units"), 403, "too-costly")
    refused(api.get("ValueSet/$expand?url=http://loinc.org/vs"), 422, "not-found")
    put_set(api, "round", {"valueSet": [SET]})
    assert "includes itself" in refused(api.get(f"ValueSet/$expand?url={SET}"), 422)


def test_a_value_set_is_in_effect_with_the_next_request(api: Api) -> None:
    for code in ("male", "female"):
        put_set(api, "s", {"system": GENDER, "concept": [{"code": code}]})
        assert codes(api.get(f"ValueSet/$expand?url={SET}")) == [code]
    api.delete("ValueSet/s")
    refused(api.get(f"ValueSet/$expand?url={SET}"), 404)


# --- $validate-code of a value set


def valid(api: Api, query: str) -> dict[str, Any]:
    return answer(api.get(f"ValueSet/$validate-code?{query}"))


def test_validate_a_code(api: Api) -> None:
    assert valid(api, f"url={GENDERS}&system={GENDER}&code=male") == {"result": True, "display": "Male"}
    wrong = valid(api, f"url={GENDERS}&system={GENDER}&code=mail")
    assert wrong["result"] is False
    assert "'mail'" in wrong["message"]
    display = valid(api, f"url={GENDERS}&system={GENDER}&code=male&display=Woman")
    assert (display["result"], display["display"]) == (False, "Male")
    assert valid(api, f"url={GENDERS}&code=male")["result"] is True
    assert valid(api, f"url={GENDERS}&system=http://other.example&code=male")["result"] is False
    post = {"url": GENDERS, "coding": {"system": GENDER, "code": "male"}}
    assert answer(api.post("ValueSet/$validate-code", parameters(**post)))["result"] is True
    concept = {"coding": [{"system": A, "code": "x"}, {"system": GENDER, "code": "female"}]}
    assert (
        answer(api.post("ValueSet/$validate-code", parameters(url=GENDERS, codeableConcept=concept)))["result"] is True
    )
    put_set(api, "own", {"system": GENDER, "concept": [{"code": "other"}]})
    assert answer(api.get(f"ValueSet/own/$validate-code?system={GENDER}&code=male"))["result"] is False


def test_validate_units_languages_and_media_types(api: Api) -> None:
    for name, system, good, bad in (
        ("ucum-units", "http://unitsofmeasure.org", "mmol/L", "mmoll"),
        ("all-languages", "urn:ietf:bcp:47", "nl-BE", "n_l"),
        ("mimetypes", "urn:ietf:bcp:13", "application/pdf", "pdf"),
        ("currencies", "urn:iso:std:iso:4217", "EUR", "EURO"),
    ):
        url = f"url=http://hl7.org/fhir/ValueSet/{name}&system={system}"
        assert valid(api, f"{url}&code={good}")["result"] is True, name
        assert valid(api, f"{url}&code={bad}")["result"] is False, name


def test_headings(api: Api) -> None:
    url = f"url=http://terminology.hl7.org/ValueSet/v3-ActCode&system={ACT}&code=_ActEncounterCode"
    assert valid(api, url)["result"] is True
    assert valid(api, f"{url}&abstract=true")["result"] is True
    assert "abstract" in valid(api, f"{url}&abstract=false")["message"]


def test_what_is_not_known_is_never_false(api: Api) -> None:
    code = "system=http://loinc.org&code=8302-2"
    refused(api.get(f"ValueSet/$validate-code?url=http://nowhere.example&{code}"), 404, "not-found")
    refused(api.get(f"ValueSet/$validate-code?url=http://loinc.org/vs&{code}"), 422, "not-found")
    refused(api.get("CodeSystem/$validate-code?url=http://loinc.org&code=8302-2"), 404, "not-found")
    refused(api.get("CodeSystem/$lookup?system=http://loinc.org&code=8302-2"), 404, "not-found")
    put_system(api, "l", "8302-2", url="http://loinc.org", content="fragment")
    assert valid(api, f"url=http://loinc.org/vs&{code}")["result"] is True
    refused(
        api.get("ValueSet/$validate-code?url=http://loinc.org/vs&system=http://loinc.org&code=1-8"), 422, "incomplete"
    )
    assert answer(api.get("CodeSystem/$validate-code?url=http://loinc.org&code=8302-2"))["result"] is True
    refused(api.get("CodeSystem/$validate-code?url=http://loinc.org&code=1-8"), 422, "incomplete")
    part = {"timestamp": "2024", "total": 7, "contains": [{"system": A, "code": "x"}]}
    put_set(api, "part", expansion=part)
    assert valid(api, f"url={SET}&system={A}&code=x")["result"] is True
    assert "1 of 7" in refused(api.get(f"ValueSet/$validate-code?url={SET}&system={A}&code=y"), 422, "incomplete")


def test_validate_refuses(api: Api) -> None:
    refused(api.get(f"ValueSet/$validate-code?url={GENDERS}"), 400, "required")
    refused(api.get(f"ValueSet/$validate-code?url={GENDERS}&coding=male"), 400, "value")
    both = parameters(url=GENDERS, code="male", coding={"system": GENDER, "code": "male"})
    refused(api.post("ValueSet/$validate-code", both), 400, "required")
    refused(api.post("ValueSet/$validate-code", parameters(url=GENDERS, coding={"system": GENDER})), 400, "required")


# --- code systems


def test_validate_in_a_code_system(api: Api) -> None:
    assert answer(api.get(f"CodeSystem/$validate-code?url={ACT}&code=AMB"))["display"] == "ambulatory"
    assert answer(api.get(f"CodeSystem/$validate-code?url={ACT}&code=AMBB"))["result"] is False
    assert answer(api.get(f"CodeSystem/$validate-code?url={ACT}&code=AMB&display=Inpatient"))["result"] is False
    coding = {"system": ACT, "code": "AMB"}
    assert answer(api.post("CodeSystem/$validate-code", parameters(coding=coding)))["result"] is True
    other = answer(api.post("CodeSystem/$validate-code", parameters(url=GENDER, coding=coding)))
    assert other["result"] is False
    put_system(api, "a", "x", version="2")
    assert answer(api.get("CodeSystem/a/$validate-code?code=x"))["result"] is True
    assert answer(api.get("CodeSystem/a/$validate-code?code=y"))["result"] is False
    assert "version 2" in refused(api.get(f"CodeSystem/$validate-code?url={A}&version=9&code=x"), 404)
    inline = {"resourceType": "CodeSystem", "status": "active", "content": "complete", "concept": [{"code": "q"}]}
    assert answer(api.post("CodeSystem/$validate-code", parameters(codeSystem=inline, code="q")))["result"] is True
    refused(api.get("CodeSystem/$validate-code?code=x"), 400, "required")


def test_lookup(api: Api) -> None:
    found = api.get(f"CodeSystem/$lookup?system={ACT}&code=AMB")
    assert answer(found) == {"name": "v3 Code System ActCode", "version": "2018-08-12", "display": "ambulatory"}
    post = api.post("CodeSystem/$lookup", parameters(coding={"system": ACT, "code": "AMB"}, property=["parent"]))
    [parent] = [p["part"] for p in post.json()["parameter"] if p["name"] == "property"]
    assert parent == [{"name": "code", "valueCode": "parent"}, {"name": "value", "valueCode": "_ActEncounterCode"}]
    refused(api.get(f"CodeSystem/$lookup?system={ACT}&code=AMBB"), 404, "not-found")
    refused(api.get("CodeSystem/$lookup?code=AMB"), 400, "required")
    refused(api.get(f"CodeSystem/$lookup?system={ACT}"), 400, "required")


def test_subsumes(api: Api) -> None:
    def outcome(query: str) -> str:
        return str(answer(api.get(f"CodeSystem/$subsumes?{query}"))["outcome"])

    assert outcome(f"system={ACT}&codeA=_ActEncounterCode&codeB=AMB") == "subsumes"
    assert outcome(f"system={ACT}&codeA=AMB&codeB=_ActEncounterCode") == "subsumed-by"
    assert outcome(f"system={ACT}&codeA=AMB&codeB=AMB") == "equivalent"
    assert outcome(f"system={ACT}&codeA=AMB&codeB=IMP") == "not-subsumed"
    a, b = {"system": ACT, "code": "_ActEncounterCode"}, {"system": ACT, "code": "AMB"}
    assert answer(api.post("CodeSystem/$subsumes", parameters(codingA=a, codingB=b)))["outcome"] == "subsumes"
    refused(api.get(f"CodeSystem/$subsumes?system={ACT}&codeA=AMB&codeB=nowhere"), 404, "not-found")
    refused(api.get("CodeSystem/$subsumes?system=http://nowhere.example&codeA=a&codeB=b"), 404, "not-found")
    refused(api.get(f"CodeSystem/$subsumes?system={ACT}&codeA=AMB"), 400, "required")
    other = {"system": GENDER, "code": "male"}
    refused(api.post("CodeSystem/$subsumes", parameters(codingA=a, codingB=other)), 400)


# --- concept maps


def matches(response: httpx.Response) -> list[tuple[str, str | None]]:
    assert response.status_code == 200, response.text
    found = []
    for each in response.json()["parameter"]:
        if each["name"] == "match":
            parts = {p["name"]: v for p in each["part"] for k, v in p.items() if k.startswith("value")}
            found.append((parts["equivalence"], parts.get("concept", {}).get("code")))
    return found


def test_translate(api: Api) -> None:
    url = "http://hl7.org/fhir/ConceptMap/cm-administrative-gender-v2"
    v2 = "http://terminology.hl7.org/CodeSystem/v2-0001"
    query = f"url={url}&system={GENDER}"
    assert matches(api.get(f"ConceptMap/$translate?{query}&code=male")) == [("equal", "M")]
    assert matches(api.get(f"ConceptMap/$translate?url={url}&system={v2}&code=M&reverse=true")) == [("equal", "male")]
    nothing = answer(api.get(f"ConceptMap/$translate?{query}&code=nobody"))
    assert nothing["result"] is False
    # Without a map in mind, all of them are asked.
    assert len(matches(api.get(f"ConceptMap/$translate?system={GENDER}&code=male"))) == 2
    assert matches(api.get(f"ConceptMap/$translate?system={GENDER}&code=male&targetsystem={v2}")) == [("equal", "M")]
    between = f"source={GENDERS}&target=http://terminology.hl7.org/ValueSet/v2-0001"
    assert matches(api.get(f"ConceptMap/$translate?{between}&system={GENDER}&code=female")) == [("equal", "F")]
    refused(api.get(f"ConceptMap/$translate?url=http://nowhere.example&system={GENDER}&code=male"), 404, "not-found")
    refused(api.get("ConceptMap/$translate?system=http://nowhere.example&code=male"), 404, "not-found")
    refused(api.get(f"ConceptMap/$translate?url={url}"), 400, "required")


def test_translate_by_an_own_map(api: Api) -> None:
    element = {
        "code": "x",
        "target": [
            {"code": "y", "equivalence": "wider", "dependsOn": [{"property": "http://p.example", "value": "left"}]}
        ],
    }
    group = [{"source": A, "target": "http://b.example", "element": [element]}]
    own = {"resourceType": "ConceptMap", "id": "m", "url": "http://map.example", "status": "active", "group": group}
    assert api.put("ConceptMap/m", own).status_code == 201
    known = {"name": "dependency", "part": [{"name": "element", "valueUri": "http://p.example"},
                                            {"name": "concept", "valueCodeableConcept": {"text": "left"}}]}  # fmt: skip
    asked = parameters(coding={"system": A, "code": "x"})
    assert matches(api.post("ConceptMap/m/$translate", asked)) == []
    asked["parameter"].append(known)
    assert matches(api.post("ConceptMap/m/$translate", asked)) == [("wider", "y")]
    inline = parameters(conceptMap={**own, "id": "other"}, coding={"system": A, "code": "x"})
    inline["parameter"].append(known)
    assert matches(api.post("ConceptMap/$translate", inline)) == [("wider", "y")]


def test_closure(api: Api) -> None:
    concepts = [{"system": ACT, "code": code} for code in ("_ActEncounterCode", "AMB")]
    refused(api.post("$closure", parameters(name="t", concept=concepts)), 404, "not-found")
    begun = api.post("$closure", parameters(name="t"))
    assert check(begun.json(), expect_type="ConceptMap") == []
    grown = api.post("$closure", parameters(name="t", concept=concepts)).json()
    assert check(grown, expect_type="ConceptMap") == []
    assert grown["version"] == "1"
    [element] = grown["group"][0]["element"]
    assert (element["code"], element["target"]) == ("AMB", [{"code": "_ActEncounterCode", "equivalence": "subsumes"}])
    again = api.post("$closure", parameters(name="t", version="0")).json()
    assert again["group"] == grown["group"]
    refused(api.get("$closure?name=t"), 405)


def test_preferred_id(api: Api) -> None:
    names = [
        {"type": "uri", "value": A},
        {"type": "oid", "value": "1.2.3"},
        {"type": "oid", "value": "1.2.4", "preferred": True},
    ]
    naming = {
        "resourceType": "NamingSystem",
        "name": "N",
        "kind": "codesystem",
        "status": "active",
        "date": "2024",
        "uniqueId": names,
    }
    assert api.post("NamingSystem", naming).status_code == 201
    assert answer(api.get(f"NamingSystem/$preferred-id?id={A}&type=oid")) == {"result": "1.2.4"}
    refused(api.get(f"NamingSystem/$preferred-id?id={A}&type=uuid"), 404)
    refused(api.get(f"NamingSystem/$preferred-id?id={A}"), 400)


# --- the statements, batches, search


def test_capabilities(api: Api) -> None:
    put_system(api, "a", "x", version="9")
    found = api.get("metadata?mode=terminology").json()
    assert check(found, expect_type="TerminologyCapabilities") == []
    systems = {each["uri"]: each for each in found["codeSystem"]}
    assert systems[A]["version"] == [{"code": "9"}]
    assert GENDER in systems
    assert "http://unitsofmeasure.org" in systems
    assert "http://snomed.info/sct" not in systems
    assert {"name": "displayLanguage"} in found["expansion"]["parameter"]
    statement = api.get("metadata").json()
    offered = {r["type"]: {o["name"] for o in r.get("operation", [])} for r in statement["rest"][0]["resource"]}
    assert {"expand", "validate-code"} <= offered["ValueSet"]
    assert {"lookup", "subsumes", "validate-code"} <= offered["CodeSystem"]
    assert "translate" in offered["ConceptMap"]
    assert "closure" in {o["name"] for o in statement["rest"][0]["operation"]}


def test_in_a_batch(api: Api) -> None:
    entries = [
        {"request": {"method": "GET", "url": f"ValueSet/$expand?url={GENDERS}&count=1"}},
        {"request": {"method": "POST", "url": "ValueSet/$expand"}, "resource": parameters(url=GENDERS, count=2)},
        {"request": {"method": "GET", "url": "ValueSet/$expand?url=http://nowhere.example"}},
    ]
    bundle = api.post("", {"resourceType": "Bundle", "type": "batch", "entry": entries}).json()
    assert [entry["response"]["status"][:3] for entry in bundle["entry"]] == ["200", "200", "404"]
    assert [len(entry["resource"]["expansion"]["contains"]) for entry in bundle["entry"][:2]] == [1, 2]


def test_search_by_meaning(api: Api) -> None:
    put_system(api, "a", {"code": "top", "concept": [{"code": "x"}]}, "z")
    put_set(api, "s", {"system": A, "filter": [{"property": "concept", "op": "is-a", "value": "top"}]})
    for code in ("x", "z"):
        api.create("Observation", status="final", code={"coding": [{"system": A, "code": code}]})

    def found(query: str) -> list[str]:
        bundle = api.get(f"Observation?{query}", prefer="handling=strict").json()
        return [e["resource"]["code"]["coding"][0]["code"] for e in bundle.get("entry", [])]

    assert found(f"code:in={SET}") == ["x"]
    assert found("code:in=ValueSet/s") == ["x"]
    assert found("code:in=http://testserver/fhir/ValueSet/s") == ["x"]
    assert found(f"code:not-in={SET}") == ["z"]
    assert found(f"code:below={A}|top") == ["x"]
    assert found(f"code:above={A}|z") == ["z"]
    refused(api.get("Observation?code:in=http://nowhere.example"), 400, "not-found")


# --- the value sets of real measures

SHARED = Path(os.environ.get("BEDSIDE_SUITES", Path(__file__).parents[3] / "shared" / "data")) / "measures" / "valueset"


def test_the_value_sets_of_measures(api: Api) -> None:
    """Each as it comes from its steward: expanded, every code valid, and a code of nobody refused or not known."""
    files = sorted(SHARED.glob("[0-9]*.json"))
    if not files:
        pytest.skip(f"the value sets of the measures are not at {SHARED}")
    resources = [json.decode_object(file.read_bytes()) for file in files]
    entries = [{"resource": r, "request": {"method": "PUT", "url": f"ValueSet/{r['id']}"}} for r in resources]
    loaded = api.post("", {"resourceType": "Bundle", "type": "transaction", "entry": entries})
    assert loaded.status_code == 200, loaded.text
    whole = parts = 0
    for resource in resources:
        given = resource.get("expansion", {})
        expected = {(c["system"], c["code"]) for c in given.get("contains", ())} or {
            (i["system"], c["code"]) for i in resource["compose"]["include"] for c in i["concept"]
        }
        found = expansion(api.get(f"ValueSet/$expand?url={resource['url']}"))
        assert {(c["system"], c["code"]) for c in found["contains"]} == expected
        system, code = min(expected)
        query = f"ValueSet/$validate-code?url={resource['url']}&system={system}"
        assert answer(api.get(f"{query}&code={code}"))["result"] is True
        nobody = api.get(f"{query}&code=nobody")
        if given.get("total", 0) > len(expected):
            refused(nobody, 422, "incomplete")
            parts += 1
        else:
            assert answer(nobody)["result"] is False
            whole += 1
    assert whole > 90
    assert parts == 2
