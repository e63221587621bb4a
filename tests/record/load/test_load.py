"""What a data engineer gets from `load`: any shape of source, any order, nothing lost, everything accounted for."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import multiprocessing
import os
import signal
import tarfile
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from bedside.fhir import json
from bedside.record.load import Reject, Report, load
from bedside.record.record import open_record


def patient(number: int, **more: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", "id": f"p{number}", "name": [{"family": f"Family{number}"}], **more}


def observation(number: int, subject: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": f"o{number}",
        "status": "final",
        "code": {"text": "height"},
        "subject": {"reference": subject},
        **more,
    }


def ndjson(resources: list[dict[str, Any]]) -> bytes:
    return b"".join(json.encode(resource) + b"\n" for resource in resources)


def bundle(kind: str, entries: list[dict[str, Any]]) -> bytes:
    return json.encode({"resourceType": "Bundle", "type": kind, "entry": entries})


class Loaded:
    """A load and what it left behind."""

    def __init__(self, place: Path, *paths: Path, **options: Any) -> None:
        self.rejects: list[Reject] = []
        self.place = place
        self.report: Report = load(paths, str(place), processes=1, on_reject=self.rejects.append, **options)

    def counts(self) -> dict[str, int]:
        record = open_record(self.place)
        try:
            return record.counts()
        finally:
            record.close()

    def resource(self, name: str, id_: str) -> dict[str, Any]:
        record = open_record(self.place)
        try:
            stored = record.read(name, id_)
            assert stored is not None
            return stored.resource
        finally:
            record.close()


def test_references_may_lead_to_a_later_file(tmp_path: Path) -> None:
    source = tmp_path / "export"
    source.mkdir()
    (source / "a-Observation.ndjson").write_bytes(ndjson([observation(i, f"Patient/p{i}") for i in range(20)]))
    (source / "b-Patient.ndjson").write_bytes(ndjson([patient(i) for i in range(20)]))
    done = Loaded(tmp_path / "data", source)
    assert done.report.written == 40
    assert done.report.dangling == 0
    assert done.counts() == {"Patient": 20, "Observation": 20}
    record = open_record(tmp_path / "data")
    found = record.search("Observation", [("subject:Patient.family", "family7")])
    record.close()
    assert [stored.id for stored in found.matches] == ["o7"]


def test_conditional_references_wait_for_what_they_find(tmp_path: Path) -> None:
    doctor = {
        "resourceType": "Practitioner",
        "id": "d1",
        "identifier": [{"system": "urn:big", "value": "77"}],
    }
    source = tmp_path / "export"
    source.mkdir()
    seen = observation(1, "Patient/p1", performer=[{"reference": "Practitioner?identifier=urn:big|77"}])
    lost = observation(2, "Patient/p1", performer=[{"reference": "Practitioner?identifier=urn:big|99"}])
    (source / "a.json").write_bytes(
        bundle("transaction", [{"resource": seen, "request": {"method": "POST", "url": "Observation"}}])
    )
    (source / "b.json").write_bytes(
        bundle("transaction", [{"resource": lost, "request": {"method": "POST", "url": "Observation"}}])
    )
    (source / "c.ndjson").write_bytes(ndjson([patient(1)]))
    (source / "z.ndjson").write_bytes(ndjson([doctor]))
    done = Loaded(tmp_path / "data", source)
    assert done.resource("Observation", "o1")["performer"] == [{"reference": "Practitioner/d1"}]
    assert [(r.resource["id"], "Practitioner" in r.issues[0].message) for r in done.rejects] == [("o2", True)]


def test_urn_references_within_and_across_bundles(tmp_path: Path) -> None:
    first, second = "3f1c2b6e-8a49-4a1d-9d5e-0d1f5b9c0a01", "3f1c2b6e-8a49-4a1d-9d5e-0d1f5b9c0a02"
    person = {"resourceType": "Patient", "name": [{"family": "Vries"}]}
    seen = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "x"},
        "subject": {"reference": f"urn:uuid:{first}"},
    }
    post = {"method": "POST", "url": "x"}
    (tmp_path / "1.json").write_bytes(
        bundle("transaction", [{"fullUrl": f"urn:uuid:{second}", "resource": seen, "request": post}])
    )
    (tmp_path / "2.json").write_bytes(bundle("collection", [{"fullUrl": f"urn:uuid:{first}", "resource": person}]))
    done = Loaded(tmp_path / "data", tmp_path / "1.json", tmp_path / "2.json")
    assert done.rejects == []
    assert done.resource("Observation", second)["subject"]["reference"] == f"Patient/{first}"


def test_rejected_resources_are_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    source = tmp_path / "x.ndjson"
    lines = [
        json.encode(patient(1)),
        json.encode(patient(2, birthDate="12-03-1951")),
        b'{"resourceType": "Pati',
        b"[]",
        json.encode({"resourceType": "Ghost"}),
        json.encode(patient(3)),
    ]
    source.write_bytes(b"\n".join(lines))
    done = Loaded(tmp_path / "data", source)
    assert done.counts() == {"Patient": 2}
    rejects = {reject.place.rsplit(":", 1)[1]: reject for reject in done.rejects}
    assert sorted(rejects) == ["2", "3", "5"]
    assert rejects["2"].issues[0].path == "Patient.birthDate"
    line = json.decode(rejects["2"].line())
    assert line["outcome"]["resourceType"] == "OperationOutcome"
    assert line["resource"]["id"] == "p2"


def compressed(name: str, data: bytes) -> bytes:
    packers = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}
    for suffix, pack in packers.items():
        if name.endswith(suffix):
            return pack(data)
    return data


@pytest.mark.parametrize("name", ["a.ndjson", "a.ndjson.gz", "a.ndjson.bz2", "a.ndjson.xz", "a.jsonl"])
def test_lines_in_each_compression(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(compressed(name, ndjson([patient(i) for i in range(30)])))
    assert Loaded(tmp_path / "data", tmp_path / name).counts() == {"Patient": 30}


@pytest.mark.parametrize("name", ["a.zip", "a.tar", "a.tar.gz", "a.tar.xz", "a.tgz"])
def test_archives(tmp_path: Path, name: str) -> None:
    members = {
        "lines.ndjson": ndjson([patient(i) for i in range(10)]),
        "sub/one.json": json.encode(patient(11)),
        "sub/two.json.gz": gzip.compress(bundle("collection", [{"resource": patient(12)}])),
        "README.txt": b"not FHIR",
    }
    path = tmp_path / name
    if name.endswith(".zip"):
        with zipfile.ZipFile(path, "w") as archive:
            for member, data in members.items():
                archive.writestr(member, data)
    else:
        with tarfile.open(path, "w:" + ("xz" if "xz" in name else "gz" if "gz" in name else "")) as tar:
            for member, data in members.items():
                info = tarfile.TarInfo(member)
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
    assert Loaded(tmp_path / "data", path).counts() == {"Patient": 12}


def test_a_truncated_file_says_so_and_keeps_what_came_before(tmp_path: Path) -> None:
    whole = gzip.compress(ndjson([patient(i) for i in range(50_000)]))
    (tmp_path / "cut.ndjson.gz").write_bytes(whole[: len(whole) // 2])
    done = Loaded(tmp_path / "data", tmp_path / "cut.ndjson.gz")
    assert [broken.source for broken in done.report.broken] == [str(tmp_path / "cut.ndjson.gz")]
    assert "cut short" in done.report.broken[0].reason
    assert 10_000 < done.counts()["Patient"] < 50_000


def test_a_truncated_bundle_says_where(tmp_path: Path) -> None:
    (tmp_path / "cut.json").write_bytes(bundle("collection", [{"resource": patient(1)}])[:-20])
    (tmp_path / "good.json").write_bytes(json.encode(patient(2)))
    done = Loaded(tmp_path / "data", tmp_path / "cut.json", tmp_path / "good.json")
    assert done.counts() == {"Patient": 1}
    assert done.rejects[0].place == str(tmp_path / "cut.json")


def test_a_missing_file_and_one_of_another_kind(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    done = Loaded(tmp_path / "data", tmp_path / "nowhere.ndjson", tmp_path / "notes.txt")
    assert [broken.reason for broken in done.report.broken] == [
        "there is no such file",
        "its name does not say that it is JSON, NDJSON or an archive of those",
    ]


def test_loading_twice_changes_nothing(tmp_path: Path) -> None:
    source = tmp_path / "x.ndjson"
    source.write_bytes(ndjson([patient(i) for i in range(30)]))
    Loaded(tmp_path / "data", source)
    skipped = Loaded(tmp_path / "data", source)
    assert (skipped.report.skipped_parts, skipped.report.resources) == (1, 0)
    again = Loaded(tmp_path / "data", source, again=True)
    assert (again.report.written, again.report.unchanged) == (0, 30)


def test_deletions_and_conditions_in_a_bundle(tmp_path: Path) -> None:
    (tmp_path / "1.ndjson").write_bytes(ndjson([patient(1), patient(2, identifier=[{"system": "s", "value": "2"}])]))
    entries = [
        {"request": {"method": "DELETE", "url": "Patient/p1"}},
        {
            "resource": {"resourceType": "Patient", "identifier": [{"system": "s", "value": "2"}]},
            "request": {"method": "POST", "url": "Patient", "ifNoneExist": "identifier=s|2"},
        },
        {
            "resource": {"resourceType": "Patient", "identifier": [{"system": "s", "value": "3"}]},
            "request": {"method": "POST", "url": "Patient", "ifNoneExist": "identifier=s|3"},
        },
    ]
    (tmp_path / "2.json").write_bytes(bundle("transaction", entries))
    Loaded(tmp_path / "data", tmp_path / "1.ndjson")
    done = Loaded(tmp_path / "data", tmp_path / "2.json")
    assert (done.report.removed, done.report.unchanged, done.report.written) == (1, 1, 1)
    assert done.counts() == {"Patient": 2}


def test_dangling_references_are_counted(tmp_path: Path) -> None:
    (tmp_path / "x.ndjson").write_bytes(ndjson([observation(1, "Patient/nobody")]))
    done = Loaded(tmp_path / "data", tmp_path / "x.ndjson")
    assert done.report.dangling == 1
    assert done.report.dangling_examples == ["Patient/nobody"]
    assert done.counts() == {"Observation": 1}


def _load_slowly(source: str, place: str) -> None:
    os.setpgrp()
    load([Path(source)], place, processes=2)


@pytest.mark.slow
def test_a_killed_load_goes_on(tmp_path: Path) -> None:
    source = tmp_path / "x.ndjson"
    total = 60_000
    source.write_bytes(ndjson([patient(i) for i in range(total)]))
    place = tmp_path / "data"
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_load_slowly, args=(str(source), str(place)))
    process.start()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not _some_loaded(place):
        time.sleep(0.05)
    assert process.pid is not None
    os.killpg(process.pid, signal.SIGKILL)
    process.join()
    before = Loaded(place)
    kept = before.counts().get("Patient", 0)
    assert kept > 0
    rest = Loaded(place, source)
    assert rest.report.skipped_parts >= 1
    assert rest.counts() == {"Patient": total}
    record = open_record(place)
    versions = record.last_seq()
    record.close()
    assert versions == total, "no resource was written twice"


def _some_loaded(place: Path) -> bool:
    if not (place / "record.db").exists():
        return False
    try:
        record = open_record(place)
    except Exception:
        return False
    try:
        return bool(record.store.reader().rows("SELECT 1 FROM loaded LIMIT 1"))
    finally:
        record.close()
