"""`bedside export` as a person runs it, what comes of it when it is loaded, and servers that die at it."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bedside.fhir import json as exact
from bedside.record.export import read_progress
from bedside.record.load import load
from bedside.record.model import Create, Delete
from bedside.record.record import Record, open_record
from cli import support
from cli.support import Serving, bedside, clean_environment
from record.samples import content, observation, patient, put

ASYNC = {"prefer": "respond-async", "accept": "application/fhir+json"}
JSON = {"content-type": "application/fhir+json"}
HALTING = (sys.executable, "-m", "cli.halting")


def where(place: str) -> tuple[str, str]:
    return ("--database-url" if place.startswith("postgresql") else "--data"), place


@pytest.fixture
def filled(place: str) -> Iterator[str]:
    """A record with 200 patients, 200 observations with exact numbers, other content, and deletions."""
    record = open_record(place)
    record.write(*(put(patient(str(number), id=f"p{number}")) for number in range(200)))
    for number in range(200):
        value = exact.decode(f'{{"value":{number}.{"0" * (number % 5)}1}}')
        record.write(put({**observation(f"Patient/p{number}"), "id": f"o{number}", "valueQuantity": value}))
    record.write(Create({"resourceType": "Binary", "contentType": "text/plain", "data": "aGVsbG8="}))
    group = [{"entity": {"reference": f"Patient/p{number}"}} for number in range(3)]
    record.write(put({"resourceType": "Group", "id": "g", "type": "person", "actual": True, "member": group}))
    record.write(Delete("Observation", "o199"))
    record.close()
    return place  # type: ignore[return-value]


def manifest(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "MANIFEST").read_text())
    return found


def lines(folder: Path) -> list[bytes]:
    """Every resource in the files that the manifest names."""
    found = []
    for file in manifest(folder)["output"]:
        some = (folder / file["url"]).read_bytes().splitlines()
        assert len(some) == file["count"]
        found += some
    return found


def contents(record: Record) -> dict[str, Any]:
    """All that is in a record, without the record's own meta; numbers as they are written."""
    found = {}
    for name, _ in record.counts().items():
        cursor: list[tuple[str, str]] = []
        while True:
            page = record.search(name, cursor, max_count=1000, default_count=1000)
            found.update({stored.reference: exact.encode(content(stored)) for stored in page.matches})
            if page.next is None:
                break
            cursor = [("_page", page.next)]
    return found


def test_there_and_back_again(filled: str, tmp_path: Path) -> None:
    """What is exported and loaded elsewhere is the same, to the last digit; then changes and deletions follow."""
    out = tmp_path / "out"
    done = bedside("export", *where(filled), "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert "401 resources of 4 types in 4 files" in done.stdout
    assert {path.name for path in out.iterdir()} == {
        *("MANIFEST", "Binary.1.ndjson", "Group.1.ndjson", "Observation.1.ndjson", "Patient.1.ndjson")
    }
    report = load([out], str(tmp_path / "copy"), processes=1)
    assert (report.written, report.rejected, report.dangling, report.broken) == (401, 0, 0, [])
    original, copy = open_record(filled), open_record(tmp_path / "copy")
    before = contents(original)
    assert contents(copy) == before
    assert b'"value":4.00001}' in before["Observation/o4"]
    original.write(put(patient("Changed", id="p0")), put(patient("New", id="new")))
    original.write(Delete("Observation", "o1"), Delete("Observation", "o2"))
    copy.close()
    since = manifest(out)["transactionTime"]
    done = bedside("export", *where(filled), "--out", str(tmp_path / "later"), "--since", since)
    assert "2 resources of 1 type in 1 file in" in done.stdout
    assert "2 deletions" in done.stdout
    report = load([tmp_path / "later"], str(tmp_path / "copy"), processes=1)
    assert (report.written, report.removed, report.rejected) == (2, 2, 0)
    copy = open_record(tmp_path / "copy")
    assert contents(copy) == contents(original) != before
    original.close()
    copy.close()


@pytest.mark.parametrize(
    ("arguments", "count", "request_"),
    [
        (["--type", "Patient"], 200, "bedside export --type Patient"),
        (["--type", "Patient", "--type", "Group"], 201, "bedside export --type Patient,Group"),
        (["--group", "g", "--type", "Patient,Observation"], 6, "bedside export --type Patient,Observation --group g"),
        (["--patient", "p7"], 2, "bedside export --patient p7"),
        (["--patient", "p7", "--patient", "Patient/p9"], 4, "bedside export --patient p7 --patient p9"),
        (["--all-patients"], 400, "bedside export --all-patients"),
        (["--group", "g", "--patient", "p1", "--type", "Patient"], 1, None),
        (["--type-filter", "Patient?family=11", "--type-filter", "Patient?family=7", "--type", "Patient"], 22, None),
        (["--since", "2090-01-01T00:00:00Z"], 0, "bedside export --since 2090-01-01T00:00:00.000Z"),
    ],
)
def test_parts(filled: str, tmp_path: Path, arguments: list[str], count: int, request_: str | None) -> None:
    done = bedside("export", *where(filled), "--out", str(tmp_path / "out"), *arguments)
    assert done.returncode == 0, done.stderr
    assert len(lines(tmp_path / "out")) == count
    if request_ is not None:
        assert manifest(tmp_path / "out")["request"] == request_


def test_elements(filled: str, tmp_path: Path) -> None:
    bedside("export", *where(filled), "--out", str(tmp_path / "out"), "--type", "Patient", "--elements", "id")
    assert all(json.loads(line).keys() == {"resourceType", "id", "meta"} for line in lines(tmp_path / "out"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--type", "Patiant"], "Did you mean Patient?"),
        (["--since", "yesterday"], "write an instant with its zone"),
        (["--type-filter", "Patient?gander=male"], "gander"),
        (["--patient", "nobody"], "there is no Patient/nobody"),
        (["--group", "none"], "There is no Group/none"),
        (["--elements", "Patient.gander"], "Did you mean gender?"),
    ],
)
def test_what_is_wrong(filled: str, tmp_path: Path, arguments: list[str], said: str) -> None:
    done = bedside("export", *where(filled), "--out", str(tmp_path / "out"), *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_folders_that_are_not_free(sqlite_place: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert bedside("export", "--data", sqlite_place, "--out", str(out)).returncode == 0
    done = bedside("export", "--data", sqlite_place, "--out", str(out))
    assert (done.returncode, "holds an export that is finished" in done.stderr) == (2, True)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "Patient.1.ndjson").write_text("mine")
    done = bedside("export", "--data", sqlite_place, "--out", str(tmp_path / "mine"))
    assert (done.returncode, "is not empty" in done.stderr) == (2, True)
    assert (tmp_path / "mine" / "Patient.1.ndjson").read_text() == "mine"
    (tmp_path / "file").write_text("")
    done = bedside("export", "--data", sqlite_place, "--out", str(tmp_path / "file" / "out"))
    assert (done.returncode, "cannot be written" in done.stderr) == (1, True)


def test_no_record_is_made_by_asking_for_one(tmp_path: Path) -> None:
    done = bedside("export", "--data", str(tmp_path / "none"), "--out", str(tmp_path / "out"))
    assert (done.returncode, "there is no record" in done.stderr) == (1, True)
    assert list(tmp_path.iterdir()) == []


def environment(pages: int, seconds: int = 600) -> dict[str, str]:
    """In which an export halts after so many pages of 20 resources."""
    halting = {"EXPORT_PAGES": str(pages), "EXPORT_HALT": str(seconds)}
    return clean_environment() | halting | {"PYTHONPATH": str(Path(__file__).parents[1])}


def until(condition: Any, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def written(folder: Path) -> int:
    progress = read_progress(folder)
    return progress.written if progress is not None else 0


def halted(out: Path, arguments: tuple[str, ...], pages: int, seconds: int = 600) -> subprocess.Popen[str]:
    """An export as a process that has done some pages and then halts."""
    there = written(out)
    process = subprocess.Popen(
        [*HALTING, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(pages, seconds),
    )
    # The first is kept before any page is written, unless the export was begun before.
    until(lambda: written(out) >= there + 20 * (pages - 1))
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_the_same_command_goes_on(filled: str, tmp_path: Path, number: int) -> None:
    out = tmp_path / "out"
    arguments = ("export", *where(filled), "--out", str(out))
    # Ctrl-C is heard at the next page; being killed needs no hearing.
    process = halted(out, arguments, 15, 2 if number == signal.SIGINT else 600)
    process.send_signal(number)
    _, errors = process.communicate(timeout=30)
    if number == signal.SIGINT:
        assert (process.returncode, "The same command goes on from here" in errors) == (130, True)
        assert "Traceback" not in errors
    assert not (out / "MANIFEST").exists()
    other = bedside(*arguments, "--type", "Patient")
    assert (other.returncode, "asked for in other words" in other.stderr) == (2, True)
    record = open_record(filled)
    record.write(put(patient("Later", id="p0")))
    record.close()
    done = bedside(*arguments)
    assert done.returncode == 0, done.stderr
    assert re.search(r"^[23]\d\d of them were there from a run that was interrupted", done.stdout, re.MULTILINE)
    found = lines(out)
    assert len(found) == len({json.loads(line)["id"] for line in found}) == 401
    assert not any(b'"family":"Later"' in line for line in found)


def test_two_at_once_in_one_folder(filled: str, tmp_path: Path) -> None:
    arguments = ("export", *where(filled), "--out", str(tmp_path / "out"))
    process = halted(tmp_path / "out", arguments, 2)
    second = bedside(*arguments)
    assert (second.returncode, "another process" in second.stderr) == (1, True)
    process.kill()
    process.wait()
    assert bedside(*arguments).returncode == 0


@pytest.mark.slow
def test_servers_that_are_killed_in_the_middle(filled: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """kill -9 a serving process during an export, again and again: the next one goes on, and all of it comes out."""
    exports = tmp_path / "exports"
    serve = ("serve", "--open", *where(filled), "--port", "0")
    monkeypatch.setattr(support, "COMMAND", HALTING)
    status, job = "", Path()
    for attempt, pages in enumerate((1, 4, 1, 7)):
        there = written(job)
        halting = environment(pages) | {"BEDSIDE_EXPORT_FOLDER": str(exports)}
        with Serving(*serve, **halting) as server:
            if not attempt:
                answer = httpx.get(f"{server.url}/fhir/$export", headers=ASYNC)
                assert answer.status_code == 202, answer.text
                status = answer.headers["content-location"].partition("/fhir/")[2]
            until(lambda: list(exports.rglob("*/.progress")))
            job = next(exports.rglob("*/.progress")).parent
            wanted = there + 20 * (pages - 1)
            until(lambda job=job, wanted=wanted: written(job) >= wanted)  # type: ignore[misc]
            answer = httpx.get(f"{server.url}/fhir/{status}")
            assert answer.status_code == 202
            assert answer.headers["x-progress"] == f"{100 * written(job) // 401}% ({written(job)} of 401 resources)"
            changed = {"resourceType": "Patient", "id": "later"}
            answer = httpx.put(f"{server.url}/fhir/Patient/later", json=changed, headers=JSON)
            assert answer.status_code in (200, 201)
            server.process.kill()
            server.process.wait()
    assert 0 < written(job) < 401
    monkeypatch.undo()
    with Serving(*serve, BEDSIDE_EXPORT_FOLDER=str(exports)) as server:
        until(lambda: httpx.get(f"{server.url}/fhir/{status}").status_code == 200)
        listed = httpx.get(f"{server.url}/fhir/{status}").json()
        found = []
        for file in listed["output"]:
            some = httpx.get(file["url"]).content.splitlines()
            assert len(some) == file["count"]
            found += some
        names = {(json.loads(line)["resourceType"], json.loads(line)["id"]) for line in found}
        assert len(found) == len(names) == 401
        assert ("Patient", "later") not in names
        assert httpx.delete(f"{server.url}/fhir/{status}").status_code == 202
        assert server.end() == 0
    assert list(exports.rglob("*.ndjson")) == []
