"""Where the outside suites are: `$BEDSIDE_SUITES`, or `../shared/data` beside the project. Tests skip without them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SUITES = Path(os.environ.get("BEDSIDE_SUITES", ROOT.parent / "shared" / "data"))


def suite(name: str) -> Path:
    """A folder or file of the suites; skips the test when it is not there."""
    path = SUITES / name
    if not path.exists():
        pytest.skip(f"the outside suite {name} is not at {SUITES}", allow_module_level=True)
    return path
