"""Bulk export as a client meets it: kick-off, polling, the manifest, the files, cancelling (Bulk Data Access 2)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.support import BASE, JSON, Api, issues, refused
from bedside.fhir import json
from bedside.record.export.jobs import MOST_WAITING

ASYNC = {"prefer": "respond-async", "accept": JSON}
LENIENT = {"prefer": "respond-async, handling=lenient", "accept": JSON}


@pytest.fixture
def api(make_api: Callable[..., Api], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Api:
    """An API with exports; the thread that makes them looks often for something to do."""
    monkeypatch.setattr("bedside.record.export.runner._LOOK_SECONDS", 0.0)
    return make_api(export_folder=str(tmp_path / "exports"))


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """While it is not set, exports stand still after their selection."""
    opened = threading.Event()
    begin = "bedside.record.export.work.Export._write"

    from bedside.record.export.work import Export

    write = Export._write

    def wait(self: Export, *arguments: Any) -> None:
        while not opened.wait(0.01):
            self.alive()
        write(self, *arguments)

    monkeypatch.setattr(begin, wait)
    return opened


def folder(api: Api) -> Path:
    assert api.app._export is not None
    return api.app._export.folder


def begin(api: Api, path: str, body: Any = None, **headers: str) -> str:
    """Kick off; gives the address to poll."""
    response = api.request("GET" if body is None else "POST", path, body, **(headers or ASYNC))
    assert response.status_code == 202, response.text
    issues(response)
    return response.headers["content-location"]


def ready(api: Api, status: str) -> httpx.Response:
    """Poll until it is no longer in progress."""
    deadline = time.monotonic() + 20
    while True:
        response = api.get(status, accept="application/json")
        if response.status_code != 202:
            return response
        assert len(response.headers["x-progress"]) < 100
        assert 1 <= int(response.headers["retry-after"]) <= 60
        assert response.content == b""
        assert time.monotonic() < deadline
        time.sleep(0.02)


def export(api: Api, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
    """An export from start to end; gives its manifest."""
    response = ready(api, begin(api, path, body, **headers))
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    found: dict[str, Any] = json.decode_object(response.content)
    return found


def resources(api: Api, manifest: dict[str, Any], kind: str = "output") -> list[dict[str, Any]]:
    found = []
    for file in manifest[kind]:
        response = api.get(file["url"])
        assert response.status_code == 200
        assert response.headers["content-type"] == "application/fhir+ndjson"
        lines = [json.decode_object(line) for line in response.content.splitlines()]
        assert len(lines) == file["count"]
        assert {line["resourceType"] for line in lines} == {file["type"]}
        found += lines
    return found


def ids(api: Api, manifest: dict[str, Any]) -> set[str]:
    return {f"{each['resourceType']}/{each['id']}" for each in resources(api, manifest)}


def put(api: Api, reference: str, **elements: Any) -> None:
    kind, id_ = reference.split("/")
    response = api.put(reference, {"resourceType": kind, "id": id_, **elements})
    assert response.status_code in (200, 201), response.text


def height(api: Api, id_: str, subject: str, **more: Any) -> None:
    put(api, f"Observation/{id_}", status="final", code={"text": "x"}, subject={"reference": subject}, **more)


@pytest.fixture
def ward(api: Api) -> Api:
    """Two patients, one observation each, a doctor, and a group with one of the patients."""
    put(api, "Practitioner/doctor")
    for id_ in ("a", "b"):
        put(api, f"Patient/{id_}", gender={"a": "female", "b": "male"}[id_])
        performer = [{"reference": "Practitioner/doctor"}]
        height(api, f"o{id_}", f"Patient/{id_}", performer=performer, valueQuantity={"value": Decimal("7.20")})
    put(api, "Group/g", type="person", actual=True, member=[{"entity": {"reference": "Patient/a"}}])
    return api


EVERYTHING = {"Practitioner/doctor", "Patient/a", "Patient/b", "Observation/oa", "Observation/ob", "Group/g"}


def test_the_whole_system(ward: Api) -> None:
    status = begin(ward, "$export?_outputFormat=ndjson")
    assert status.startswith(f"{BASE}/$export-status/")
    response = ready(ward, status)
    manifest = response.json()
    assert manifest.keys() == {"transactionTime", "request", "requiresAccessToken", "output", "deleted", "error"}
    assert manifest["request"] == f"{BASE}/$export?_outputFormat=ndjson"
    assert manifest["requiresAccessToken"] is False
    assert manifest["deleted"] == manifest["error"] == []
    assert manifest["transactionTime"] == ward.get("Group/g").json()["meta"]["lastUpdated"]
    assert sorted(file["type"] for file in manifest["output"]) == ["Group", "Observation", "Patient", "Practitioner"]
    assert ids(ward, manifest) == EVERYTHING
    expires = parsedate_to_datetime(response.headers["expires"]) - datetime.now(UTC)
    assert timedelta(days=6, hours=23) < expires <= timedelta(days=7)
    found = {each["id"]: each for each in resources(ward, manifest)}
    assert found["oa"] == json.decode(ward.get("Observation/oa").content)
    assert str(found["oa"]["valueQuantity"]["value"]) == "7.20"


def test_patients_and_groups(ward: Api) -> None:
    put(ward, "Organization/elsewhere")
    assert ids(ward, export(ward, "Patient/$export")) == EVERYTHING
    of_a = {"Patient/a", "Observation/oa", "Practitioner/doctor", "Group/g"}
    assert ids(ward, export(ward, "Group/g/$export")) == of_a
    assert ids(ward, export(ward, "Group/g/$export?_type=Patient,Observation")) == {"Patient/a", "Observation/oa"}


def parameters(**values: Any) -> dict[str, Any]:
    """A Parameters resource; a list gives a parameter several times."""
    found = []
    for name, value in values.items():
        for each in value if isinstance(value, list) else [value]:
            key = "valueReference" if isinstance(each, dict) else "valueString"
            found.append({"name": name, key: each})
    return {"resourceType": "Parameters", "parameter": found}


def test_posted_parameters(ward: Api) -> None:
    chosen = parameters(patient=[{"reference": "Patient/b"}], _type=["Patient", "Observation"])
    manifest = export(ward, "Patient/$export", chosen)
    assert ids(ward, manifest) == {"Patient/b", "Observation/ob"}
    assert manifest["request"] == f"{BASE}/Patient/$export"
    chosen = parameters(patient=[{"reference": f"{BASE}/Patient/a"}, {"reference": "Patient/b"}], _type="Patient")
    assert ids(ward, export(ward, "Patient/$export", chosen)) == {"Patient/a", "Patient/b"}
    since = {"name": "_since", "valueInstant": "2090-01-01T00:00:00Z"}
    assert export(ward, "$export", {"resourceType": "Parameters", "parameter": [since]})["output"] == []
    assert ids(ward, export(ward, "$export", {"resourceType": "Parameters"})) == EVERYTHING
    chosen = parameters(patient={"reference": "Patient/b"})
    assert "not a member" in refused(ward.post("Group/g/$export", chosen, **ASYNC), 400, "not-found")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"resourceType": "Patient"}, "is a Parameters resource"),
        ({"resourceType": "Parameters", "parameter": {}}, "is an array"),
        ({"resourceType": "Parameters", "parameter": [{"valueString": "x"}]}, "object with a name"),
        (parameters(patient={"display": "somebody"}), "must be one simple value"),
        ({"resourceType": "Parameters", "parameter": [{"name": "_type", "valueBoolean": True}]}, "one simple value"),
        ({"resourceType": "Parameters", "parameter": [{"name": "_type"}]}, "one simple value"),
        ({"resourceType": "Parameters", "parameter": [{"name": "other", "valueBoolean": True}]}, "`other` is not"),
        (parameters(patient={"reference": "Practitioner/doctor"}), "not a reference such as Patient/123"),
        (parameters(patient={"reference": "Patient/none"}), "no Patient/none"),
        (b"{", "not valid JSON"),
    ],
)
def test_posted_parameters_that_are_wrong(ward: Api, body: Any, said: str) -> None:
    assert said in refused(ward.post("Patient/$export", body, **ASYNC), 400)


def test_a_body_that_is_no_fhir(ward: Api) -> None:
    refused(ward.post("$export", b"_type=Patient", content_type="application/x-www-form-urlencoded", **ASYNC), 415)


def test_filters_as_the_specification_writes_them(ward: Api) -> None:
    put(ward, "Patient/c", gender="female", birthDate="1950-01-01")
    filters = "Patient%3Fgender%3Dmale,Patient%3Fgender%3Dfemale%26birthdate%3Dlt1960-01-01"
    assert ids(ward, export(ward, f"$export?_type=Patient&_typeFilter={filters}")) == {"Patient/b", "Patient/c"}
    repeated = "_typeFilter=Patient%3Fgender%3Dmale&_typeFilter=Patient%3F_id%3Dc,Observation%3F_id%3Doa"
    found = ids(ward, export(ward, f"$export?{repeated}"))
    assert found == {"Patient/b", "Patient/c", "Observation/oa", "Practitioner/doctor", "Group/g"}
    late = "Observation%3F_lastUpdated%3Dgt2090-01-01T00:00:00%2B02:00"
    assert ids(ward, export(ward, f"$export?_type=Observation&_typeFilter={late}")) == set()


def test_elements(ward: Api) -> None:
    found = resources(ward, export(ward, "$export?_elements=Patient.gender,id&_type=Patient,Observation"))
    by_id = {each["id"]: each for each in found}
    assert by_id["a"].keys() == {"resourceType", "id", "meta", "gender"}
    assert by_id["oa"].keys() == {"resourceType", "id", "meta", "status", "code"}
    assert [tag["code"] for tag in by_id["a"]["meta"]["tag"]] == ["SUBSETTED"]


def test_since_with_what_was_deleted(ward: Api) -> None:
    first = export(ward, "$export")
    ward.delete("Observation/ob")
    put(ward, "Patient/a", gender="other")
    second = export(ward, f"$export?_since={first['transactionTime']}")
    assert ids(ward, second) == {"Patient/a"}
    (file,) = second["deleted"]
    assert (file["type"], file["count"]) == ("Bundle", 1)
    (bundle,) = resources(ward, second, "deleted")
    assert bundle == {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [{"request": {"method": "DELETE", "url": "Observation/ob"}}],
    }
    third = export(ward, f"$export?_since={second['transactionTime']}")
    assert third["output"] == third["deleted"] == []
    zoned = first["transactionTime"].replace("Z", "%2B00:00")
    assert ids(ward, export(ward, f"Group/g/$export?_since={zoned}")) == {"Patient/a"}


def test_changes_after_the_kick_off_stay_out(ward: Api, gate: threading.Event) -> None:
    before = {name: ward.get(name).content for name in EVERYTHING}
    status = begin(ward, "$export")
    deadline = time.monotonic() + 20
    while "%" not in ward.get(status).headers["x-progress"]:  # until it has looked at the record
        assert time.monotonic() < deadline
    put(ward, "Patient/a", gender="other")
    put(ward, "Patient/new")
    ward.delete("Observation/ob")
    gate.set()
    manifest = ready(ward, status).json()
    lines = b"".join(ward.get(file["url"]).content for file in manifest["output"]).splitlines()
    assert sorted(lines) == sorted(before.values())
    after = export(ward, f"$export?_since={manifest['transactionTime']}")
    assert ids(ward, after) == {"Patient/a", "Patient/new"}
    assert len(after["deleted"]) == 1


def test_the_kick_off_asks_for_headers(ward: Api) -> None:
    assert "Prefer: respond-async" in refused(ward.get("$export", accept=JSON), 400)
    assert "Prefer: respond-async" in refused(ward.get("$export", prefer="respond-sync", accept=JSON), 400)
    refused(ward.get("$export", prefer="respond-async", accept="application/fhir+xml"), 406)
    refused(ward.get("$export", prefer="respond-async", accept="application/fhir+ndjson"), 406)
    assert ward.get("$export", prefer="respond-async").status_code == 202
    assert ward.get("$export", prefer='respond-async; wait=10, handling="strict"').status_code == 202
    assert ward.request("HEAD", "$export", **ASYNC).status_code == 400
    for path in ("Observation/$export", "Group/$export", "Patient/a/$export"):
        refused(ward.get(path, **ASYNC), 404, "not-supported")
    refused(ward.get("Group/none/$export", **ASYNC), 404, "not-found")
    refused(ward.request("PUT", "$export", {}, **ASYNC), 405)


def test_not_within_a_batch(ward: Api) -> None:
    bundle = {"resourceType": "Bundle", "type": "batch", "entry": [{"request": {"method": "GET", "url": "$export"}}]}
    (entry,) = ward.post("", bundle, prefer="respond-async").json()["entry"]
    assert entry["response"]["status"].startswith("400")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("$export?_typ=Patient", "Did you mean _type?"),
        ("$export?includeAssociatedData=LatestProvenanceResources", "`includeAssociatedData` is not supported"),
        ("$export?_outputFormat=application/vnd.apache.parquet", "_outputFormat=application/vnd.apache.parquet is not"),
        ("$export?_type=Patient,Patiant", "'Patiant' is not a resource type of R4. Did you mean Patient?"),
        ("$export?_typeFilter=Patient%3Fgander%3Dmale", "Did you mean 'gender'?"),
        ("$export?_typeFilter=Patient%3F_sort%3Dname", "`_sort` does not choose resources"),
        ("$export?_elements=Patient.gander", "Did you mean gender?"),
    ],
)
def test_what_is_not_supported(ward: Api, path: str, said: str) -> None:
    """An error by name, told at once; a lenient client gets the rest, and the same words as a warning in a file."""
    assert said in refused(ward.get(path, **ASYNC), 400)
    assert said in refused(ward.get(path, prefer="respond-async, handling=strict"), 400)
    response = ward.get(path, **LENIENT)
    assert response.status_code == 202
    assert [issue["severity"] for issue in issues(response)] == ["information", "warning"]
    manifest = ready(ward, response.headers["content-location"]).json()
    assert "Patient/a" in ids(ward, manifest)
    (file,) = manifest["error"]
    (outcome,) = resources(ward, manifest, "error")
    assert (file["type"], file["count"]) == ("OperationOutcome", 1)
    assert outcome["issue"][0]["severity"] == "warning"
    assert said in outcome["issue"][0]["diagnostics"]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("$export?_since=2024-01-01", "write an instant with its zone"),
        ("$export?patient=Patient/a", "in the Parameters of a POST"),
        ("Patient/$export?patient=Patient/a", "in the Parameters of a POST"),
        ("Patient/$export?_type=Practitioner", "belongs to a patient"),
        ("$export?_typeFilter=gender%3Dmale", "write a search"),
    ],
)
def test_what_would_let_out_more_than_was_asked_for(ward: Api, path: str, said: str) -> None:
    for headers in (ASYNC, LENIENT):
        assert said in refused(ward.get(path, **headers), 400)


def test_all_that_is_wrong_is_told_at_once(ward: Api) -> None:
    response = ward.get("$export?_since=x&_foo=1&_type=Patiant,Patient", **ASYNC)
    assert len(issues(response)) == 3


def test_cancelled_while_it_runs(ward: Api, gate: threading.Event) -> None:
    status = begin(ward, "$export")
    waiting = begin(ward, "$export?_type=Patient")
    deadline = time.monotonic() + 20
    while "%" not in ward.get(status).headers["x-progress"]:
        assert time.monotonic() < deadline
    assert ward.get(waiting).headers["x-progress"] == "waiting; exports before it: 1"
    assert ward.delete(status).status_code == 202
    assert "no such export" in refused(ward.get(status), 404, "not-found")
    refused(ward.delete(status), 404, "not-found")
    gate.set()
    assert ready(ward, waiting).status_code == 200
    left = {path.name for path in folder(ward).iterdir() if path.is_dir()}
    assert left == {waiting.rpartition("/")[2]}


def test_removed_when_it_is_done(ward: Api) -> None:
    status = begin(ward, "$export")
    manifest = ready(ward, status).json()
    url = manifest["output"][0]["url"]
    assert ward.delete(status).status_code == 202
    refused(ward.get(status), 404, "not-found")
    refused(ward.get(url), 404, "not-found")
    assert [path for path in folder(ward).iterdir() if path.is_dir()] == []


def test_the_end_of_the_server_is_not_the_end_of_the_export(
    ward: Api, make_api: Callable[..., Api], tmp_path: Path, gate: threading.Event
) -> None:
    status = begin(ward, "$export")
    ward.app.close()
    gate.set()
    other = make_api(export_folder=str(tmp_path / "exports"))
    assert ids(other, ready(other, status).json()) == EVERYTHING


def test_a_failure_is_told(ward: Api, gate: threading.Event) -> None:
    first = begin(ward, "$export")
    second = begin(ward, "Group/g/$export")
    ward.delete("Group/g")
    gate.set()
    assert ready(ward, first).status_code == 200
    assert "no Group/g" in refused(ready(ward, second), 500, "processing")
    assert ward.delete(second).status_code == 202
    refused(ward.get(second), 404)


def test_names_that_are_none(ward: Api) -> None:
    for path in ("$export-status/%00", "$export-status", "$export-status/a/b", "$export-file/%00/x", "$export-file"):
        refused(ward.get(path), 404)
    refused(ward.get("Group/%00/$export", **ASYNC), 404)
    chosen = parameters(patient={"reference": "Patient/\0"})
    assert "not a reference such as" in refused(ward.post("Patient/$export", chosen, **ASYNC), 400)


def test_too_many_at_once(ward: Api, gate: threading.Event) -> None:
    for _ in range(MOST_WAITING):
        begin(ward, "$export")
    response = ward.get("$export", **ASYNC)
    refused(response, 429, "throttled")
    assert int(response.headers["retry-after"]) > 0


def test_files_on_the_wire(ward: Api) -> None:
    manifest = export(ward, "$export?_type=Patient")
    url = manifest["output"][0]["url"]
    plain = ward.get(url)
    assert plain.headers["content-length"] == str(len(plain.content))
    packed = ward.get(url, accept_encoding="gzip", accept="application/fhir+ndjson")
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content  # the client has unpacked it
    assert ward.get(url, accept_encoding="gzip;q=0").headers.get("content-encoding") is None
    head = ward.request("HEAD", url)
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(plain.content)))
    job = url.rpartition("/")[0]
    for path in (job, f"{job}/Observation.1.ndjson", f"{job}/.progress", f"{job}/..%2f.home", f"{job}/x/y"):
        refused(ward.get(path), 404)
    refused(ward.get(f"{BASE}/$export-file/nothing/Patient.1.ndjson"), 404)
    refused(ward.delete(url), 405)
    refused(ward.post(f"{BASE}/$export-status/nothing", {}), 405)


def test_files_in_many_blocks(ward: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bedside.api.export._BLOCK", 7)
    url = export(ward, "$export?_type=Patient")["output"][0]["url"]
    plain = ward.get(url)
    assert plain.headers["content-length"] == str(len(plain.content))
    assert ward.get(url, accept_encoding="gzip").content == plain.content


def test_attachments_can_be_followed(ward: Api) -> None:
    put(ward, "Binary/scan", contentType="text/plain", data="aGVsbG8=")
    attachment = {"contentType": "text/plain", "url": "Binary/scan"}
    put(
        ward,
        "DocumentReference/d",
        status="current",
        subject={"reference": "Patient/a"},
        content=[{"attachment": attachment}],
    )
    (found,) = resources(ward, export(ward, "Patient/$export?_type=DocumentReference"))
    url = found["content"][0]["attachment"]["url"]
    assert url == f"{BASE}/Binary/scan"
    assert ward.get(url, accept="text/plain").content == b"hello"


def test_the_capability_statement_tells_of_it(ward: Api, make_api: Callable[..., Api]) -> None:
    statement = ward.get("metadata").json()
    assert statement["instantiates"] == ["http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data"]
    base = "http://hl7.org/fhir/uv/bulkdata/OperationDefinition"
    rest = statement["rest"][0]
    assert {"name": "export", "definition": f"{base}/export"} in rest["operation"]
    of_type = {each["type"]: each.get("operation", []) for each in rest["resource"]}
    assert {"name": "export", "definition": f"{base}/patient-export"} in of_type["Patient"]
    assert {"name": "export", "definition": f"{base}/group-export"} in of_type["Group"]
    without = make_api()
    assert "instantiates" not in without.get("metadata").json()
    refused(without.get("$export", **ASYNC), 404)


def test_a_folder_that_cannot_be_made(make_api: Callable[..., Api], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    api = make_api(export_folder=str(tmp_path / "file" / "exports"))
    assert "cannot be made" in refused(api.get("$export", **ASYNC), 503, "no-store")
