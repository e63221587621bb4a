"""The crash harness catches servers that lie, and passes one that does not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from benchmarks.crash import Outcome, crash
from benchmarks.server import sqlite_store

FAKE = Path(__file__).with_name("fake_server.py")


def _crash(directory: Path, fault: str, kills: int) -> Outcome:
    command = [sys.executable, str(FAKE), fault]
    return crash(sqlite_store(directory), kills=kills, clients=4, longest=0.4, seed=7, command=command)


def test_an_honest_server_passes(tmp_path: Path) -> None:
    outcome = _crash(tmp_path, "honest", 3)
    assert outcome.problems == []
    assert outcome.kills >= 3
    assert outcome.acknowledged > 20
    assert outcome.findings.checked >= outcome.acknowledged // 2
    assert outcome.restarts


@pytest.mark.parametrize(
    ("fault", "where"),
    [("forgetful", "lost"), ("torn", "halves"), ("blind", "wrong")],
)
def test_a_lying_server_is_caught(tmp_path: Path, fault: str, where: str) -> None:
    outcome = _crash(tmp_path, fault, 4)
    assert getattr(outcome.findings, where), outcome.problems


def test_refused_writes_are_surprises(tmp_path: Path) -> None:
    assert any("500" in surprise for surprise in _crash(tmp_path, "grumpy", 1).surprises)


def test_a_store_that_does_not_open_again_is_reported(tmp_path: Path) -> None:
    outcome = _crash(tmp_path, "broken", 3)
    assert outcome.kills == 1
    assert len(outcome.broken) == 1
    assert "not to my liking" in outcome.broken[0]
