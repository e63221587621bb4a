"""Whatever goes wrong is told in an OperationOutcome, with the right status, and nothing of a patient in the log."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from api.support import Api, issues, refused
from bedside.record.errors import StoreBroken, StoreFull

# These do not depend on the store.
pytestmark = pytest.mark.parametrize("place", ["sqlite"], indirect=True)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("Patiet", "Did you mean Patient?"),
        ("Observtion/1", "Did you mean Observation?"),
        ("Zzz", "'Zzz' is not a resource type"),
        ("Patient/1/_history/1/2", "nothing at"),
        ("Patient/1/Observation/2", "nothing at"),
        ("Patient/1/Obervation", "Did you mean Observation?"),
        ("Observation/1/Patient", "Observation is no compartment"),
        ("metadata/x", "nothing at"),
        ("_nothing", "nothing at"),
        ("Patient/1/$everthing", "Did you mean everything?"),
        ("Patient/$everything", "no operation $everything of Patient"),
        ("$everything", "no operation"),
    ],
)
def test_not_found(api: Api, path: str, said: str) -> None:
    assert said in refused(api.get(path), 404)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "Patient/1", {"GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"}),
        ("PUT", "Patient/1/_history", {"GET", "HEAD", "OPTIONS"}),
        ("DELETE", "metadata", {"GET", "HEAD", "OPTIONS"}),
        ("DELETE", "", {"GET", "HEAD", "POST", "OPTIONS"}),
        ("GET", "Patient/_search", {"POST", "OPTIONS"}),
        ("PUT", "Patient/1/_history/1", {"GET", "HEAD", "OPTIONS"}),
        ("DELETE", "Patient/$validate", {"GET", "POST"}),
        ("BREW", "Patient", {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}),
    ],
)
def test_wrong_method(api: Api, method: str, path: str, allowed: set[str]) -> None:
    response = api.request(method, path)
    refused(response, 405, "not-supported")
    assert set(response.headers["allow"].split(", ")) == allowed


def test_options(api: Api) -> None:
    assert api.request("OPTIONS", "").json()["resourceType"] == "CapabilityStatement"
    response = api.request("OPTIONS", "Patient/1")
    assert response.status_code == 204
    assert "PATCH" in response.headers["allow"]
    assert "POST" in api.request("OPTIONS", "Patient/1/$everything").headers["allow"]


def test_the_unforeseen_is_a_numbered_incident(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        try:
            raise KeyError("Okafor, Ada, born 1980")
        except KeyError as error:
            raise RuntimeError("patient Okafor") from error

    monkeypatch.setattr(api.app.api.service.record, "history", broken)
    with caplog.at_level(logging.DEBUG):
        response = api.get("Patient/Okafor/_history")
    assert response.status_code == 500
    issue = issues(response)[0]
    assert (issue["severity"], issue["code"]) == ("fatal", "exception")
    assert "Okafor" not in response.text
    [logged] = [line.getMessage() for line in caplog.records if line.name == "bedside.api"]
    number = issue["diagnostics"].split("incident ")[1].rstrip(".")
    assert number in logged
    assert "RuntimeError" in logged
    assert "KeyError" in logged
    assert "test_errors.py" in logged
    assert "Okafor" not in caplog.text.replace("Patient/Okafor", "")


@pytest.mark.parametrize(("error", "status"), [(StoreFull("full"), 507), (StoreBroken("gone"), 503)])
def test_trouble_of_the_store(api: Api, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int) -> None:
    def broken(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(api.app.api.service.record, "prepared", broken)
    response = api.post("Patient", {"resourceType": "Patient"})
    refused(response, status)
    assert ("retry-after" in response.headers) == (status == 503)


def test_a_read_that_fails_says_so(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise StoreBroken("The database is gone.")

    for name in ("record", "service.record"):
        target = api.app.api
        for part in name.split(".")[:-1]:
            target = getattr(target, part)
        monkeypatch.setattr(target.record, "read", broken)
    assert "The database is gone." in refused(api.get("Patient/1"), 503, "transient")


def test_too_many_waiting(make_api: Callable[..., Api]) -> None:
    api = make_api(max_waiting=1, threads=1)
    answers = api.together(*[("GET", "Patient/_history", None)] * 6)
    statuses = [answer.status_code for answer in answers]
    assert 200 in statuses
    assert 503 in statuses
    busy = next(answer for answer in answers if answer.status_code == 503)
    assert refused(busy, 503, "throttled")
    assert busy.headers["retry-after"]


def test_parameters_must_be_utf8(api: Api) -> None:
    refused(api.get("Patient?name=%ff"), 400)


@pytest.mark.parametrize("host", ["a b", "a/b", "a@b", "x?y", ""])
def test_a_host_that_is_none(api: Api, host: str) -> None:
    refused(api.get("Patient/_history", host=host), 400)
