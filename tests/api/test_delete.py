"""delete and conditional delete (R4 http.html#delete)."""

from __future__ import annotations

from collections.abc import Callable

from api.support import Api, issues, refused


def test_delete_leaves_the_history(api: Api) -> None:
    id_ = api.create("Patient")["id"]
    response = api.delete(f"Patient/{id_}")
    assert (response.status_code, response.content, response.headers["etag"]) == (204, b"", 'W/"2"')
    refused(api.get(f"Patient/{id_}"), 410)
    assert api.get(f"Patient/{id_}/_history/1").status_code == 200
    assert api.get(f"Patient/{id_}/_history").json()["total"] == 2


def test_deleting_again_or_nothing_is_no_error(api: Api) -> None:
    id_ = api.create("Patient")["id"]
    assert [api.delete(f"Patient/{each}").status_code for each in (id_, id_, "never")] == [204, 204, 204]
    assert api.get(f"Patient/{id_}/_history").json()["total"] == 2


def test_outcome_when_preferred(api: Api) -> None:
    id_ = api.create("Patient")["id"]
    response = api.delete(f"Patient/{id_}", prefer="return=OperationOutcome")
    assert response.status_code == 200
    assert "was deleted" in issues(response)[0]["diagnostics"]
    nothing = api.delete(f"Patient/{id_}", prefer="return=OperationOutcome")
    assert "nothing to delete" in issues(nothing)[0]["diagnostics"]


def test_if_match(api: Api) -> None:
    id_ = api.create("Patient")["id"]
    refused(api.delete(f"Patient/{id_}", if_match='W/"2"'), 412)
    refused(api.delete(f"Patient/{id_}", if_match="2"), 400)
    assert api.delete(f"Patient/{id_}", if_match='W/"1"').status_code == 204


def test_what_others_refer_to_stays(api: Api, make_api: Callable[..., Api]) -> None:
    id_ = api.create("Patient")["id"]
    coded = {"code": {"text": "x"}, "status": "final"}
    observation = api.create("Observation", **coded, subject={"reference": f"Patient/{id_}"})
    said = refused(api.delete(f"Patient/{id_}"), 409, "conflict")
    assert f"Observation/{observation['id']}" in said
    lax = make_api(record={"refuse_delete_of_referenced": False})
    assert lax.delete(f"Patient/{id_}").status_code == 204


def test_conditional_delete_of_one(api: Api) -> None:
    api.create("Patient", identifier=[{"value": "1"}])
    kept = api.create("Patient", identifier=[{"value": "2"}])["id"]
    assert api.delete("Patient?identifier=1").status_code == 204
    assert api.delete("Patient?identifier=1").status_code == 204
    assert api.get(f"Patient/{kept}").status_code == 200
    assert api.get("_history").json()["entry"][0]["request"]["method"] == "DELETE"


def test_conditional_delete_of_several(api: Api, make_api: Callable[..., Api]) -> None:
    for value in ("1", "1", "2"):
        api.create("Patient", identifier=[{"value": value}])
    single = make_api(conditional_delete="single")
    refused(single.delete("Patient?identifier=1"), 412, "multiple-matches")
    response = api.delete("Patient?identifier=1", prefer="return=OperationOutcome")
    assert issues(response)[0]["diagnostics"] == "2 resources were deleted."
    assert "etag" not in response.headers
    assert api.get("Patient").json()["total"] == 1


def test_a_type_is_never_deleted_whole(api: Api) -> None:
    api.create("Patient")
    refused(api.delete("Patient"), 400, "required")
    refused(api.delete("Patient?"), 400, "required")
    refused(api.delete("Patient?_pretty=true"), 400, "required")
    refused(api.delete("Patient?identifer=1"), 400)
    refused(api.delete("Patient/x?identifier=1"), 400)
    assert len(api.get("_history").json()["entry"]) == 1
