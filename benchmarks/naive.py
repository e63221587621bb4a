"""The baseline of the load benchmark: what an afternoon's loader into SQLite does on the same machine.

It checks nothing, resolves nothing and indexes ten arbitrary values of each resource in one table; but it is as
durable (WAL, synchronous=FULL) and commits every hundred resources.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

BATCH = 100
ROWS = 10


def _values(node: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _values(value, f"{path}.{key}")
    elif isinstance(node, list):
        for value in node:
            yield from _values(value, path)
    elif node is not None:
        yield path, str(node)[:200]


def _resources(files: Sequence[Path]) -> Iterator[dict[str, Any]]:
    for file in files:
        for entry in json.loads(file.read_bytes())["entry"]:
            yield entry["resource"]


def load(files: Sequence[Path], database: Path, most: int) -> tuple[int, float]:
    """Load at most `most` resources into a new file; how many, and in how many seconds."""
    for suffix in ("", "-wal", "-shm"):
        Path(f"{database}{suffix}").unlink(missing_ok=True)
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE resource (id INTEGER PRIMARY KEY, type TEXT, body TEXT)")
    connection.execute("CREATE TABLE value (resource INTEGER, path TEXT, value TEXT)")
    connection.execute("CREATE INDEX value_path ON value (path, value, resource)")
    number = 0
    started = time.perf_counter()
    resources = islice(_resources(files), most)
    while batch := list(islice(resources, BATCH)):
        connection.execute("BEGIN")
        for resource in batch:
            number += 1
            name = resource["resourceType"]
            connection.execute(
                "INSERT INTO resource VALUES (?, ?, ?)", (number, name, json.dumps(resource, separators=(",", ":")))
            )
            rows = [(number, path, value) for path, value in islice(_values(resource, name), ROWS)]
            connection.executemany("INSERT INTO value VALUES (?, ?, ?)", rows)
        connection.execute("COMMIT")
    seconds = time.perf_counter() - started
    connection.close()
    return number, seconds
