"""`bedside demo`: the hospital is made once, whatever happens meanwhile, and served."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from bedside.cli.fill import Mark, NotTheDemo, fill, read_mark
from bedside.demo.generate import generate
from bedside.record.model import Create, Settings
from bedside.record.record import open_record, open_store
from cli.support import COMMAND, Serving, bedside, clean_environment

PATIENTS = 2


def fill_it(place: str, patients: int = PATIENTS, seed: int = 1) -> Any:
    return fill(place, patients, seed, Settings(), lambda done, total: None)


def mark(place: str) -> Mark | None:
    store = open_store(place)
    try:
        return read_mark(store)
    finally:
        store.close()


@pytest.mark.slow
def test_made_once_and_served_again(tmp_path: Path) -> None:
    arguments = ("demo", "--data", str(tmp_path), "--patients", str(PATIENTS), "--port", "0")
    with Serving(*arguments, wait=180) as server:
        assert re.search(r"[0-9,]+ resources of 2 patients generated and loaded", server.output)
        assert "Three things to try:" in server.output
        assert "OPEN" in server.output
        addresses = re.findall(r"curl '([^']+)'", server.output)
        assert len(addresses) == 1
        for address in addresses:
            answer = httpx.get(address)
            assert answer.status_code == 200
            assert len(answer.json()["entry"]) >= 3
        [asked] = re.findall(r"bedside (ask \S+ --all --data \S+)", server.output)
        done = bedside(*asked.split())
        assert done.returncode == 0, done.stderr
        assert re.search(r"^Many medicines +yes for \d, no for \d", done.stdout, re.MULTILINE)
        assert httpx.get(f"{server.url}/").status_code == 200
        assert httpx.get(f"{server.url}/fhir/Patient?_summary=count").json()["total"] >= PATIENTS
        assert server.end() == 0
    with Serving(*arguments) as server:
        assert "generated" not in server.output
        assert "Three things to try:" in server.output
    assert not (tmp_path / "generated").exists()


@pytest.mark.slow
def test_interrupted_and_started_again(tmp_path: Path) -> None:
    """Whenever it was interrupted, the second start completes it, and everything is there once."""
    arguments = [*COMMAND, "demo", "--data", str(tmp_path), "--patients", str(PATIENTS), "--port", "0"]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=clean_environment())
    deadline = time.monotonic() + 60
    while not (tmp_path / "generated").exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    process.wait(60)
    found = mark(str(tmp_path))
    assert found is not None
    assert not found.complete
    assert fill_it(str(tmp_path)) is not None
    assert mark(str(tmp_path)) == Mark(PATIENTS, 1, complete=True)
    expected = {(r["resourceType"], r["id"]) for block in generate(patients=PATIENTS, seed=1) for r in block}
    record = open_record(tmp_path)
    assert sum(record.counts().values()) == len(expected)
    assert record.last_seq() == len(expected)
    record.close()


def test_another_record_is_left_alone(sqlite_place: str) -> None:
    record = open_record(sqlite_place)
    record.write(Create({"resourceType": "Patient"}))
    record.close()
    with pytest.raises(NotTheDemo, match="was not made by `bedside demo`"):
        fill_it(sqlite_place)
    done = bedside("demo", "--data", sqlite_place, "--port", "0")
    assert done.returncode == 2
    assert "name another place with --data" in done.stderr


@pytest.mark.slow
def test_another_hospital_is_not_mixed_in(tmp_path: Path) -> None:
    place = str(tmp_path)
    assert fill_it(place, patients=1) is not None
    assert fill_it(place, patients=1) is None
    for patients, seed in ((2, 1), (1, 2)):
        with pytest.raises(NotTheDemo, match="holds the hospital of 1 patients with seed 1"):
            fill_it(place, patients=patients, seed=seed)


@pytest.mark.slow
def test_on_postgresql(postgresql_place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert fill_it(postgresql_place, patients=1) is not None
    assert fill_it(postgresql_place, patients=1) is None
    assert not (tmp_path / "data" / "generated").exists()
