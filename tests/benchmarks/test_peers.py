"""The harness that runs other engines beside ours: workers answer line by line, and what is missing is skipped."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from benchmarks.peers.workers import Worker
from benchmarks.report import Section, Skipped

from benchmarks import fhirpath, peers, run

CASES = {
    "resources": [{"resourceType": "Patient", "name": [{"given": ["Ada", "Eve"]}]}, {"resourceType": "Patient"}],
    "cases": [
        {"expression": "Patient.name.given", "resources": [0, 1]},
        {"expression": "name.given.resolve()", "resources": [0]},
        {"expression": "this is not FHIRPath", "resources": [0]},
    ],
}


@pytest.fixture
def worker(tmp_path: Path) -> Worker:
    work = tmp_path / "work.json"
    work.write_text(json.dumps(CASES))
    driver = str(peers.HERE / "fhirpath_worker.py")
    return Worker([sys.executable, driver, "bedside", str(work)], os.environ, tmp_path / "log")


def test_a_worker_checks_and_times(worker: Worker) -> None:
    with worker:
        assert worker.ask(do="check") == [2, None, None]
        (microseconds,) = worker.ask(do="time", cases=[0], seconds=0.001)
        assert 0 < microseconds < 10_000


def test_a_worker_that_dies_says_why(worker: Worker) -> None:
    with worker, pytest.raises(RuntimeError, match=r"a worker died: .*KeyError"):
        worker.ask(what="nothing that it knows")


def test_without_node_the_benchmark_is_skipped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(Skipped, match="node and npm are not installed"):
        peers.npm()
    assert run.main(["fhirpath"]) == 0
    assert "fhirpath is skipped: node and npm are not installed" in capsys.readouterr().err


def test_children_keep_their_compiled_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    found = peers.environment(PYTHONPATH="here")
    assert "PYTHONDONTWRITEBYTECODE" not in found
    assert found["PYTHONPATH"] == "here"


def test_the_section_tells_ratios_and_what_falls_short() -> None:
    cases = [{"kind": kind, "expression": kind} for kind in ("search", "invariant", "official test")]
    times = {"bedside": [1.0, 1.0, 4.0], "fhirpath.js": [1.0, 1.0, 1.0], "fhirpathpy": [10.0, 10.0, 10.0]}
    found: dict[str, list[int | None]] = {name: [1, 1, 1] for name in times}
    section: Section = fhirpath._section(cases, [0, 1, 2], times, found)
    assert section.rows[-1][1:] == ("3", "1.0", "1.0", "10.0", "6.3 (2.5)", "1.59 (4.0)")
    assert section.failures == ["6.3 times as fast as fhirpathpy, wanted 20"]
