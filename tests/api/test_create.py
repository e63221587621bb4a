"""create and conditional create (R4 http.html#create, #ccreate), and what `Prefer` makes of the answer (#ops)."""

from __future__ import annotations

from typing import Any

import pytest

from api.support import BASE, Api, issues, refused

PATIENT: dict[str, Any] = {"resourceType": "Patient", "identifier": [{"system": "urn:ex", "value": "7"}]}


def test_create_says_where_the_new_resource_is(api: Api) -> None:
    response = api.post("Patient", {**PATIENT, "id": "mine", "meta": {"versionId": "9", "tag": [{"code": "x"}]}})
    assert response.status_code == 201
    made = response.json()
    # The server gives the id and the version; a client's own are passed over (http.html#create).
    assert made["id"] != "mine"
    assert made["meta"]["versionId"] == "1"
    assert made["meta"]["tag"] == [{"code": "x"}]
    assert response.headers["location"] == f"{BASE}/Patient/{made['id']}/_history/1"
    assert response.headers["etag"] == 'W/"1"'
    assert "last-modified" in response.headers
    assert api.get(response.headers["location"]).json() == made


@pytest.mark.parametrize(
    ("prefer", "kind"),
    [
        ("return=minimal", None),
        ("return=representation", "Patient"),
        ("return=OperationOutcome", "OperationOutcome"),
        ("handling=strict, return=minimal", None),
        ('return="minimal"; wait=10', None),
        ("wait=10", "Patient"),
    ],
)
def test_prefer_return(api: Api, prefer: str, kind: str | None) -> None:
    response = api.post("Patient", PATIENT, prefer=prefer)
    assert response.status_code == 201
    assert response.headers["etag"] == 'W/"1"'
    assert "/_history/1" in response.headers["location"]
    if kind is None:
        assert response.content == b""
        assert "content-type" not in response.headers
    else:
        assert response.json()["resourceType"] == kind


def test_prefer_that_is_misspelt(api: Api) -> None:
    assert "return=nothing" in refused(api.post("Patient", PATIENT, prefer="return=nothing"), 400)
    assert "handling=loose" in refused(api.post("Patient", PATIENT, prefer="handling=loose"), 400)


def test_every_problem_is_told_with_its_place(api: Api) -> None:
    response = api.post("Patient", {"resourceType": "Patient", "gender": "f", "birthDate": "1980-13-01", "nam": []})
    refused(response, 422)
    places = {issue["expression"][0] for issue in issues(response)}
    assert {"Patient.gender", "Patient.birthDate"} <= places
    assert any("nam" in place for place in places)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b"null", 400),
        (b'"Patient"', 400),
        (b"<Patient/>", 400),
        (b'{"resourceType":"Patient","active":true', 400),
        (b'{"resourceType":"Observation"}', 400),
        (b'{"active":true}', 400),
        (b'{"resourceType":"Nonsense"}', 400),
        (b"\xff\xfe", 400),
        (b'{"resourceType":"Patient","active":"yes"}', 422),
    ],
)
def test_bodies_that_are_refused(api: Api, body: bytes, status: int) -> None:
    refused(api.post("Patient", body), status)


def test_references_must_lead_somewhere(api: Api) -> None:
    observation = {"resourceType": "Observation", "status": "final", "code": {"text": "x"}}
    response = api.post("Observation", {**observation, "subject": {"reference": "Patient/nobody"}})
    assert "Patient/nobody" in refused(response, 422, "not-found")
    assert issues(response)[0]["expression"] == ["Observation.subject.reference"]
    id_ = api.create("Patient")["id"]
    assert api.post("Observation", {**observation, "subject": {"reference": f"Patient/{id_}"}}).status_code == 201


def test_unknown_type_and_stray_parameters(api: Api) -> None:
    assert "Did you mean Patient?" in refused(api.post("Patients", PATIENT), 404)
    assert "`identifier` has no meaning" in refused(api.post("Patient?identifier=7", PATIENT), 400)


def test_conditional_create(api: Api) -> None:
    condition = "identifier=urn:ex|7"
    first = api.post("Patient", PATIENT, if_none_exist=condition)
    assert first.status_code == 201
    again = api.post("Patient", PATIENT, if_none_exist=condition)
    assert again.status_code == 200
    assert again.json() == first.json()
    assert again.headers["etag"] == 'W/"1"'
    assert again.headers["content-location"] == first.headers["location"]
    spellings = (f"?{condition}", f"Patient?{condition}", f"{BASE}/Patient?{condition}", condition.replace("|", "%7C"))
    for spelling in spellings:
        assert api.post("Patient", PATIENT, if_none_exist=spelling).status_code == 200
    refused(api.post("Patient", PATIENT, if_none_exist=f"Group?{condition}"), 400)
    api.post("Patient", PATIENT)
    refused(api.post("Patient", PATIENT, if_none_exist=condition), 412, "multiple-matches")
    refused(api.post("Patient", PATIENT, if_none_exist=""), 400)
    refused(api.post("Patient", PATIENT, if_none_exist="nonsense=7"), 400)


def test_conditional_create_under_competition(api: Api) -> None:
    """Sixteen transactions at once, each of which would make the patient, make one."""
    entry = {"resource": PATIENT, "request": {"method": "POST", "url": "Patient", "ifNoneExist": "identifier=urn:ex|7"}}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
    answers = api.together(*[("POST", "", bundle)] * 16)
    statuses = sorted(answer.json()["entry"][0]["response"]["status"] for answer in answers)
    assert statuses == ["200 OK"] * 15 + ["201 Created"]
    assert len({answer.json()["entry"][0]["response"]["location"] for answer in answers}) == 1


def test_a_large_resource(api: Api) -> None:
    """It is read and checked in a thread; the answer is the same."""
    names = [{"family": f"Okafor{n}", "given": ["Ada"] * 10} for n in range(5000)]
    response = api.post("Patient", {**PATIENT, "name": names})
    assert response.status_code == 201
    assert len(response.json()["name"]) == 5000
    refused(api.post("Patient", {**PATIENT, "name": names, "gender": "f"}), 422)
    assert api.get(f"Patient/{response.json()['id']}?_pretty=true", accept_encoding="gzip").json() == response.json()


def test_many_creates_at_once(api: Api) -> None:
    answers = api.together(*[("POST", "Patient", PATIENT)] * 40)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 40
