"""The other commands as processes, and what all commands have in common."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer

from bedside.cli.main import app
from bedside.record.record import open_record
from cli.support import bedside, ndjson

COMMANDS = sorted(typer.main.get_command(app).commands)  # type: ignore[attr-defined]

PATIENT = '{"resourceType":"Patient","id":"a","active":true}'
OBSERVATION = (
    '{"resourceType":"Observation","id":"o","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/a"}}'
)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example(command: str) -> None:
    done = bedside(command, "--help")
    assert done.returncode == 0
    assert f"Example: bedside {command} " in done.stdout


def test_no_command_shows_them_all() -> None:
    done = bedside()
    assert all(command in done.stdout + done.stderr for command in COMMANDS)
    assert bedside("sreve").returncode == 2


def test_load(place: str, tmp_path: Path) -> None:
    where = "--database-url" if place.startswith("postgresql") else "--data"
    good = ndjson(tmp_path / "good.ndjson", [OBSERVATION, PATIENT])
    bad = ndjson(tmp_path / "bad.ndjson", ['{"resourceType":"Patient","id":"b","gender":"f"}', "{"])
    rejects = tmp_path / "rejects.ndjson"
    done = bedside("load", str(good), str(bad), where, place, "--rejects", str(rejects), "--processes", "1")
    assert done.returncode == 0, done.stderr
    assert "2 resources written" in done.stdout
    assert f"2 resources rejected; they are in {rejects}" in done.stdout
    found = [json.loads(line) for line in rejects.read_text().splitlines()]
    assert all("bad.ndjson" in each["place"] for each in found)
    places = [each["outcome"]["issue"][0].get("expression") for each in found]
    assert ["Patient.gender"] in places
    record = open_record(place)
    assert [stored.id for stored in record.search("Observation", [("subject", "Patient/a")]).matches] == ["o"]
    record.close()
    again = bedside("load", str(good), where, place, "--processes", "1")
    assert "passed over" in again.stdout
    anyway = bedside("load", str(good), where, place, "--processes", "1", "--again")
    assert "0 resources written, 2 were there already" in anyway.stdout


def test_load_of_what_is_not_there(sqlite_place: str, tmp_path: Path) -> None:
    done = bedside("load", str(tmp_path / "nothing.ndjson"), "--data", sqlite_place)
    assert (done.returncode, "there is no" in done.stderr) == (2, True)
    (tmp_path / "cut.ndjson.gz").write_bytes(b"\x1f\x8b\x08\x00broken")
    done = bedside("load", str(tmp_path / "cut.ndjson.gz"), "--data", sqlite_place, "--processes", "1")
    assert done.returncode == 1
    assert "Could not be read: " in done.stdout
    assert "Traceback" not in done.stderr


def test_load_tells_of_references_that_lead_nowhere(sqlite_place: str, tmp_path: Path) -> None:
    path = ndjson(tmp_path / "o.ndjson", [OBSERVATION])
    done = bedside("load", str(path), "--data", sqlite_place, "--processes", "1")
    assert "1 references lead to what is not in the record, such as Patient/a." in done.stdout


def test_reindex(place: str, tmp_path: Path) -> None:
    where = "--database-url" if place.startswith("postgresql") else "--data"
    path = ndjson(tmp_path / "x.ndjson", [OBSERVATION, PATIENT])
    bedside("load", str(path), where, place, "--processes", "1")
    done = bedside("reindex", where, place)
    assert done.returncode == 0, done.stderr
    assert "2 resources indexed" in done.stdout
    record = open_record(place)
    assert [stored.id for stored in record.search("Observation", [("subject", "Patient/a")]).matches] == ["o"]
    record.close()
