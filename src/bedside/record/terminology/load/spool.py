"""Rows put aside on disk until all rows of a concept are together: memory stays small however large the release."""

from __future__ import annotations

import marshal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_KEPT = 2_000
_LENGTH = 8

Row = tuple[Any, ...]


class Spool:
    """Rows in buckets; each bucket is read back at once. Made of temporary files that only this process reads."""

    def __init__(self, folder: Path, name: str, buckets: int) -> None:
        self._paths = [folder / f"{name}-{number:04}" for number in range(buckets)]
        self._rows: list[list[Row]] = [[] for _ in range(buckets)]
        self.count = 0

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, bucket: int, row: Row) -> None:
        """Put a row aside: a tuple of texts, whole numbers and booleans."""
        rows = self._rows[bucket]
        rows.append(row)
        if len(rows) >= _KEPT:
            self._write(bucket)

    def _write(self, bucket: int) -> None:
        rows = self._rows[bucket]
        self.count += len(rows)
        data = marshal.dumps(rows)
        with self._paths[bucket].open("ab") as file:
            file.write(len(data).to_bytes(_LENGTH))
            file.write(data)
        rows.clear()

    def rows(self, bucket: int) -> Iterator[Row]:
        """All rows of a bucket, in the order in which they came; the bucket is empty afterwards."""
        path = self._paths[bucket]
        if path.exists():
            with path.open("rb") as file:
                while length := file.read(_LENGTH):
                    yield from marshal.loads(file.read(int.from_bytes(length)))
            path.unlink()
        yield from self._rows[bucket]
        self._rows[bucket] = []


def folder() -> tempfile.TemporaryDirectory[str]:
    """A temporary folder for spools. Its place is the system's (TMPDIR)."""
    return tempfile.TemporaryDirectory(prefix="bedside-terminology-")
