"""Library/$evaluate, $elm, and what happens to a Library when it is saved."""

from __future__ import annotations

import base64
import json as plain_json
from collections.abc import Callable

import pytest

from api.questions.content import COMMON, PERIOD, WARD, library, patient, put_all, results, ward
from api.support import Api, issues, refused
from bedside.fhir import json
from bedside.fhir.check import check
from bedside.questions.cql.to_fhir import ABSENT, CQL_TYPE

YEAR = {
    "name": "Measurement Period",
    "valuePeriod": {"start": "2025-01-01T00:00:00Z", "end": "2025-12-31T23:59:59.999Z"},
}


def asked(**parameters: object) -> dict[str, object]:
    found: list[dict[str, object]] = []
    for name, value in parameters.items():
        match value:
            case list():
                found += [{"name": name, "valueString": each} for each in value]
            case bool():
                found.append({"name": name, "valueBoolean": value})
            case dict():
                found.append({"name": name, "resource": value})
            case _:
                found.append({"name": name, "valueString": value})
    return {"resourceType": "Parameters", "parameter": found}


def inner(*parameters: dict[str, object]) -> dict[str, object]:
    return {"resourceType": "Parameters", "parameter": list(parameters)}


def test_all_public_definitions_of_one_patient(api: Api) -> None:
    ward(api)
    response = api.post("Library/ward/$evaluate", asked(subject="Patient/high", parameters=inner(YEAR)))
    found = results(response)
    assert check(json.decode_object(response.content)) == []
    assert list(found)[:3] == ["Patient", "Stays", "Adult"]
    assert "Hidden" not in found
    assert found["Patient"][0]["resource"]["id"] == "high"
    assert [each["resource"]["id"] for each in found["Stays"]] == ["high-stay-0", "high-stay-1"]
    assert found["Adult"][0]["valueBoolean"] is True
    assert found["Numerator"][0]["valueBoolean"] is True
    assert found["Everybody"][0]["valueInteger"] == 4
    assert found["Last Result"][0]["valueQuantity"]["value"] == 9.3
    parts = {part["name"]: part for part in found["Summary"][0]["part"]}
    assert (parts["adult"]["valueBoolean"], parts["stays"]["valueInteger"]) == (True, 2)
    assert parts["first"]["resource"]["id"] == "high-stay-0"
    types = {name: some[0]["extension"][0] for name, some in found.items()}
    assert types["Adult"] == {"url": CQL_TYPE, "valueString": "System.Boolean"}
    assert types["Stays"]["valueString"] == "List<FHIR.Encounter>"


def test_decimals_keep_their_digits(api: Api) -> None:
    ward(api)
    response = api.post(
        "Library/ward/$evaluate", asked(subject="Patient/high", expression="Last Result", parameters=inner(YEAR))
    )
    assert b'"value":9.30' in response.content


def test_named_definitions_private_and_of_included_libraries(api: Api) -> None:
    ward(api)
    body = asked(subject="Patient/low", expression=["Hidden", "Common.Diabetic", "Numerator"], parameters=inner(YEAR))
    found = results(api.post("Library/ward/$evaluate", body))
    assert found["Hidden"][0]["valueString"] == "not shown"
    assert found["Common.Diabetic"][0]["valueBoolean"] is True
    assert found["Numerator"][0]["valueBoolean"] is False
    everything = results(
        api.post("Library/ward/$evaluate", asked(subject="Patient/low", includePrivate=True, parameters=inner(YEAR)))
    )
    assert "Hidden" in everything


def test_included_libraries_take_the_parameters_that_they_have(api: Api) -> None:
    one = "library Inner version '1'\nparameter P Integer default 1\ndefine X: P"
    middle = (
        "library Middle version '1'\ninclude Inner version '1'\nparameter Q Integer default 5\ndefine Y: Inner.X + Q"
    )
    outer = "library Outer version '1'\ninclude Middle version '1' called M\nparameter R Integer default 9\ndefine Z: M.Y + R"
    put_all(api, library(one), library(middle), library(outer))
    given = [{"name": name, "valueInteger": value} for name, value in (("P", 100), ("Middle.Q", 20), ("R", 3))]
    body = asked(expression=["Z", "M.Y", "Inner.X"], parameters=inner(*given))
    found = results(api.post("Library/outer/$evaluate", body))
    assert {name: some[0]["valueInteger"] for name, some in found.items()} == {"Z": 123, "M.Y": 120, "Inner.X": 100}


def test_by_canonical_url_and_by_get(api: Api) -> None:
    ward(api)
    url = "http://example.org/Library/Ward"
    found = results(api.get(f"Library/$evaluate?url={url}&subject=Patient/high&expression=Sex"))
    assert found["Sex"][0]["valueCode"] == "female"
    assert results(api.get(f"Library/$evaluate?url={url}|0.3.0&expression=Everybody"))["Everybody"]
    assert f"There is no Library with the canonical URL {url}|9" in refused(
        api.get(f"Library/$evaluate?url={url}|9&expression=Everybody"), 404, "not-found"
    )


def test_a_library_in_the_request(api: Api) -> None:
    ward(api)
    own = library(
        "library Own version '1'\nusing FHIR version '4.0.1'\ninclude Common version '1.2.0'\ncontext Patient\ndefine X: Common.Diabetic"
    )
    found = results(api.post("Library/$evaluate", asked(library=own, subject="Patient/well")))
    assert found["X"][0]["valueBoolean"] is False
    assert api.get("Library?name=Own").json()["total"] == 0


def test_parameters_are_checked_by_name_and_type(api: Api) -> None:
    ward(api)
    limit = {"name": "Limit", "valueDecimal": 9.5}
    found = results(
        api.post(
            "Library/ward/$evaluate",
            asked(subject="Patient/high", expression="Numerator", parameters=inner(YEAR, limit)),
        )
    )
    assert found["Numerator"][0]["valueBoolean"] is False
    wrong = inner(YEAR, {"name": "Limit", "valueString": "nine"})
    body = asked(subject="Patient/high", expression="Numerator", parameters=wrong)
    assert "The parameter 'Limit': System.Decimal is wanted, not valueString." in refused(
        api.post("Library/ward/$evaluate", body), 400, "value"
    )
    body = asked(subject="Patient/high", parameters=inner({"name": "Limt", "valueDecimal": 1}))
    assert "Did you mean 'Limit'?" in refused(api.post("Library/ward/$evaluate", body), 400)


def test_null_is_said(api: Api) -> None:
    ward(api)
    found = results(
        api.post(
            "Library/ward/$evaluate",
            asked(subject="Patient/well", expression=["Last Result", "Results"], parameters=inner(YEAR)),
        )
    )
    assert found["Last Result"][0]["_valueBoolean"]["extension"][0]["url"] == ABSENT
    assert found["Results"][0]["_valueBoolean"]["extension"][0]["url"].endswith("cqf-isEmptyList")


def test_data_of_the_request(api: Api) -> None:
    ward(api)
    new = patient("new", diabetic=True, results=["12"], stays=[("2025-03-01T08:00:00Z", "2025-03-01T12:00:00Z")])
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": each} for each in new]}
    body = asked(subject="Patient/new", expression=["Numerator", "Everybody"], parameters=inner(YEAR), data=bundle)
    found = results(api.post("Library/ward/$evaluate", body))
    assert found["Numerator"][0]["valueBoolean"] is True
    assert found["Everybody"][0]["valueInteger"] == 5
    body = asked(subject="Patient/new", expression="Everybody", data=bundle, useServerData=False)
    assert results(api.post("Library/ward/$evaluate", body))["Everybody"][0]["valueInteger"] == 1
    assert api.get("Patient/new").status_code == 404
    # A resource of the request stands in for the record's; another patient's data never counts.
    changed = patient("high", diabetic=True, results=["8.1", "6.0"])
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": each} for each in changed]}
    body = asked(subject="Patient/high", expression="Numerator", parameters=inner(YEAR), data=bundle)
    assert results(api.post("Library/ward/$evaluate", body))["Numerator"][0]["valueBoolean"] is False
    body = asked(subject="Patient/well", expression="Results", parameters=inner(YEAR), data=bundle)
    assert "_valueBoolean" in results(api.post("Library/ward/$evaluate", body))["Results"][0]


def test_what_is_not_there_is_told_by_name(api: Api) -> None:
    ward(api)
    assert "There is no Patient/nobody" in refused(
        api.get("Library/ward/$evaluate?subject=Patient/nobody&expression=Sex"), 404
    )
    assert "Did you mean 'Numerator'?" in refused(
        api.get("Library/ward/$evaluate?subject=Patient/high&expression=Numerater"), 400
    )
    assert "about one Patient" in refused(api.get("Library/ward/$evaluate?expression=Sex"), 400, "required")
    assert "There is no Library/none" in refused(api.get("Library/none/$evaluate"), 404)
    assert "no parameter 'expresion'. Did you mean expression?" in refused(
        api.get("Library/ward/$evaluate?expresion=Sex"), 400
    )
    for name in ("dataEndpoint", "contentEndpoint", "terminologyEndpoint"):
        body = {"resourceType": "Parameters", "parameter": [{"name": name, "resource": {"resourceType": "Endpoint"}}]}
        assert name in refused(api.post("Library/ward/$evaluate", body), 400, "not-supported")


def test_an_unknown_value_set_is_an_error_by_name(api: Api) -> None:
    put_all(api, library(COMMON), library(WARD), *patient("a", diabetic=True))
    text = refused(api.get("Library/ward/$evaluate?subject=Patient/a&expression=Common.Diabetic"), 422)
    assert "http://example.org/ValueSet/diabetes" in text


def test_messages_come_along(api: Api) -> None:
    put_all(api, library("library Loud version '1'\ndefine X: Message(5, true, 'c1', 'Warning', 'look')"))
    found = results(api.get("Library/loud/$evaluate"))
    assert found["X"][0]["valueInteger"] == 5
    [issue] = found["_messages"][0]["resource"]["issue"]
    assert (issue["severity"], issue["diagnostics"]) == ("warning", "look")


def test_a_value_set_that_is_only_partly_known_is_told(api: Api) -> None:
    code = {"system": "http://snomed.info/sct", "code": "44054006"}
    partial = {
        "resourceType": "ValueSet",
        "id": "diabetes",
        "url": "http://example.org/ValueSet/diabetes",
        "status": "active",
        "expansion": {"timestamp": "2025-01-01T00:00:00Z", "total": 3, "contains": [code]},
    }
    put_all(api, partial, library(COMMON), library(WARD), *patient("a", diabetic=False))
    found = results(api.get("Library/ward/$evaluate?subject=Patient/a&expression=Common.Diabetic"))
    assert found["Common.Diabetic"][0]["valueBoolean"] is False
    [issue] = found["_messages"][0]["resource"]["issue"]
    assert issue["severity"] == "warning"
    assert "http://example.org/ValueSet/diabetes" in issue["diagnostics"]


# --- saving

WRONG = "library Wrong version '1'\nusing FHIR version '4.0.1'\ncontext Patient\ndefine A: Patient.brithDate\ndefine B: 1 + \ndefine C: Foo"


def test_every_problem_is_told_when_a_library_is_saved(api: Api) -> None:
    response = api.put("Library/wrong", library(WRONG))
    text = refused(response, 422)
    found = issues(response)
    assert len(found) == 3
    assert all(each["expression"] == ["Library.content[0]"] for each in found)
    assert "Wrong, line 4, column" in text
    assert "did you mean birthDate?" in text
    assert "line 5" in text or "line 6" in text
    assert api.get("Library/wrong").status_code == 404
    assert refused(api.post("Library", library(WRONG)), 422)


def test_in_a_transaction_each_problem_has_its_entry(api: Api) -> None:
    entries = [
        {"resource": each, "request": {"method": "PUT", "url": f"Library/{each['id']}"}}
        for each in (library(COMMON), library(WRONG))
    ]
    response = api.post("", {"resourceType": "Bundle", "type": "transaction", "entry": entries})
    refused(response, 422)
    assert {each["expression"][0] for each in issues(response)} == {"Bundle.entry[1].resource.content[0]"}
    assert api.get("Library/common").status_code == 404


def test_a_library_sees_the_record_and_its_transaction(api: Api) -> None:
    assert "there is no library Common" in refused(api.put("Library/ward", library(WARD)), 422)
    assert api.put("Library/common", library(COMMON)).status_code == 201
    assert api.put("Library/ward", library(WARD)).status_code == 201


def test_a_patch_is_examined(api: Api) -> None:
    put_all(api, library(COMMON))
    data = base64.b64encode(WRONG.encode()).decode()
    patch = plain_json.dumps([{"op": "replace", "path": "/content/0/data", "value": data}]).encode()
    assert "brithDate" in refused(api.patch("Library/common", patch), 422)


def test_the_names_must_agree(api: Api) -> None:
    assert "its CQL Common" in refused(api.put("Library/common", library(COMMON, name="Shared")), 422)


def test_warnings_instead_of_refusal(make_api: Callable[..., Api]) -> None:
    api = make_api(check_cql="warn")
    response = api.put("Library/wrong", library(WRONG), prefer="return=OperationOutcome")
    assert response.status_code == 201
    severities = [each["severity"] for each in response.json()["issue"]]
    assert severities == ["information", "warning", "warning", "warning"]
    assert "brithDate" in refused(api.get("Library/wrong/$evaluate"), 422)


def test_a_changed_library_is_in_effect_at_once(api: Api) -> None:
    put_all(
        api,
        library("library Inner version '1'\ndefine X: 1"),
        library("library Outer version '1'\ninclude Inner version '1'\ndefine Y: Inner.X"),
    )
    assert results(api.get("Library/outer/$evaluate"))["Y"][0]["valueInteger"] == 1
    put_all(api, library("library Inner version '1'\ndefine X: 2"))
    assert results(api.get("Library/outer/$evaluate"))["Y"][0]["valueInteger"] == 2


def test_the_version_that_is_wanted(api: Api) -> None:
    for version in ("1.9", "1.10", "2.0"):
        one = library(
            f"library Inner version '{version}'\ndefine X: '{version}'", id=f"inner-{version.replace('.', '-')}"
        )
        put_all(api, one)
    for wanted, found in (("version '1.9'", "1.9"), ("", "2.0"), ("version '1.0'", "1.10")):
        put_all(api, library(f"library Outer version '1'\ninclude Inner {wanted}\ndefine Y: Inner.X"))
        assert results(api.get("Library/outer/$evaluate"))["Y"][0]["valueString"] == found
    assert "there is no library Inner version '3.0'" in refused(
        api.put("Library/o", library("library O version '1'\ninclude Inner version '3.0'\ndefine Y: 1")), 422
    )


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ([{"contentType": "text/cql", "url": "http://example.org/x.cql"}], "links to it are not followed"),
        ([{"contentType": "text/cql", "data": "!!!!"}], "base64"),
    ],
)
def test_content_that_cannot_be_read(api: Api, content: list[dict[str, str]], says: str) -> None:
    assert says in refused(api.put("Library/common", library(COMMON, content=content)), 422)


def test_elm(api: Api) -> None:
    put_all(api, library(COMMON))
    response = api.get("Library/common/$elm")
    assert response.status_code == 200, response.text
    assert check(json.decode_object(response.content)) == []
    [cql, elm] = response.json()["content"]
    assert (cql["contentType"], elm["contentType"]) == ("text/cql", "application/elm+json")
    translated = plain_json.loads(base64.b64decode(elm["data"]))["library"]
    assert translated["identifier"] == {"id": "Common", "version": "1.2.0"}
    assert "Diabetic" in [each["name"] for each in translated["statements"]["def"]]


def test_elm_alone(api: Api) -> None:
    put_all(api, library(COMMON))
    response = api.get("Library/common/$elm", accept="application/elm+json")
    assert response.headers["content-type"] == "application/elm+json"
    assert response.json()["library"]["identifier"]["id"] == "Common"
    assert api.get("Library/common/$evaluate", accept="application/elm+json").status_code == 406


def test_a_library_without_cql_has_nothing_to_evaluate(api: Api) -> None:
    one = library(COMMON, content=[{"contentType": "application/pdf", "data": ""}])
    del one["content"]
    put_all(api, one)
    assert "nothing to evaluate" in refused(api.get("Library/common/$evaluate"), 422)


def test_period_goes_with_the_measure_only(api: Api) -> None:
    ward(api)
    assert "no parameter 'periodStart'" in refused(api.get(f"Library/ward/$evaluate?{PERIOD}"), 400)
