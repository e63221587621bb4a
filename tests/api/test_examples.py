"""The examples in the documents answer what the documents say."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
import examples  # noqa: E402

DOCUMENTS = [
    path
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
    if examples.BLOCK.search(path.read_text())
]

# What differs from one run to the next: instants, dates of HTTP, ids of bundles and of what was created, positions.
VARIES = (
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z"), "INSTANT"),
    (re.compile(r"last-modified: .*"), "last-modified: DATE"),
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"), "UUID"),
    (re.compile(r"_page=[\w-]+"), "_page=POSITION"),
    (re.compile(r"\(\d+\.\d s(?:, [\d,]+ resources/s)?\)"), "(SECONDS)"),
)


def steady(text: str) -> str:
    for pattern, word in VARIES:
        text = pattern.sub(word, text)
    return text


@pytest.fixture
def hospital() -> Iterator[examples.Hospital]:
    if shutil.which("curl") is None or shutil.which("bash") is None:
        pytest.skip("the examples are commands for bash, some of curl, and one of these is not here")
    with examples.hospital() as place:
        yield place


@pytest.mark.slow
@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_document(path: Path, hospital: examples.Hospital) -> None:
    text = path.read_text()
    now = examples.refresh(text, hospital)
    assert steady(now) == steady(text), f"run .venv/bin/python scripts/examples.py {path.relative_to(ROOT)}"
