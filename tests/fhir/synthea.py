"""Resources of a public synthetic data set, for tests that want many and realistic ones; absent, they skip."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bedside.fhir import json

_SHARED = Path(os.environ.get("BEDSIDE_SUITES", Path(__file__).parents[3] / "shared" / "data"))
ARCHIVE = _SHARED / "record" / "synthea-615.tar.xz"


def resources(patients: int) -> Iterator[dict[str, Any]]:
    """The resources of the first patients' bundles; skips the test when the archive is not there."""
    if not ARCHIVE.is_file():
        pytest.skip(f"{ARCHIVE} is absent (set BEDSIDE_SUITES to the folder that has record/{ARCHIVE.name})")
    with tarfile.open(ARCHIVE, "r|xz") as archive:
        for member in archive:
            handle = archive.extractfile(member) if member.name.endswith(".json") else None
            if handle is None:
                continue
            for entry in json.decode(handle.read())["entry"]:
                yield entry["resource"]
            patients -= 1
            if not patients:
                return
