"""A record that is opened for reading only."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bedside.record.errors import StoreBroken
from bedside.record.model import Create
from bedside.record.record import open_record

PATIENT = {"resourceType": "Patient", "gender": "other"}


def test_it_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(StoreBroken, match="no record"):
        open_record(tmp_path / "here", read_only=True)
    assert list(tmp_path.iterdir()) == []


def test_it_refuses_writes_and_sees_those_of_others(tmp_path: Path) -> None:
    writing = open_record(tmp_path)
    reading = open_record(tmp_path, read_only=True)
    try:
        [outcome] = writing.write(Create(dict(PATIENT)))
        assert outcome.stored is not None
        found = reading.read("Patient", outcome.stored.id)
        assert found is not None
        assert found.resource["gender"] == "other"
        with pytest.raises(StoreBroken):
            reading.write(Create(dict(PATIENT)))
        assert reading.counts() == {"Patient": 1}
        assert reading.search("Patient", [("gender", "other")]).matches[0].id == outcome.stored.id
    finally:
        reading.close()
        writing.close()


def test_a_folder_that_may_only_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = open_record(tmp_path / "record")
    record.write(Create(dict(PATIENT)))
    record.close()
    (tmp_path / "record").chmod(0o555)
    # Whoever runs the tests may be allowed to write everywhere.
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    try:
        reading = open_record(tmp_path / "record", read_only=True)
        assert reading.counts() == {"Patient": 1}
        reading.close()
    finally:
        (tmp_path / "record").chmod(0o755)
    assert [each.name for each in (tmp_path / "record").iterdir()] == ["record.db"]


def test_a_record_of_an_older_version_is_left_alone(tmp_path: Path) -> None:
    record = open_record(tmp_path)
    session = record.store.writer()
    session.begin()
    session.run("UPDATE alembic_version SET version_num='0001'")
    session.commit()
    record.store.close_session(session)
    record.close()
    with pytest.raises(StoreBroken, match="older Bedside"):
        open_record(tmp_path, read_only=True)
