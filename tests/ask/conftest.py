"""A record with the three patients of the tutorial, open for questions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

import bedside
from bedside.fhir import json
from bedside.record.model import Update
from bedside.record.record import Record, open_record

ROOT = Path(__file__).parents[2]
TUTORIAL = ROOT / "docs" / "tutorial"
NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)


def fill(record: Record) -> None:
    """Write the patients and the value set of the tutorial."""
    for each in (TUTORIAL / "patients.ndjson").read_bytes().splitlines():
        resource = json.decode(each)
        record.write(Update(resource["resourceType"], resource, id=resource["id"]))


@pytest.fixture(scope="session")
def tutorial_record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ask") / "record"
    record = open_record(folder)
    fill(record)
    record.close()
    return folder


@pytest.fixture
def asked(tutorial_record: Path) -> Iterator[bedside.OpenRecord]:
    with bedside.open(tutorial_record, now=NOW) as record:
        yield record
