"""Filling an empty record with the teaching hospital: generated, loaded by every core, resumed when interrupted."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bedside.cli.options import is_address
from bedside.demo.generate import generate
from bedside.fhir import json
from bedside.record.load import Report, load
from bedside.record.model import Settings
from bedside.record.record import open_store
from bedside.record.session import Store

_MARK = "demo"
_FILE_BYTES = 4_000_000

OnProgress = Callable[[int, int], None]


class NotTheDemo(ValueError):
    """The record holds something else than the hospital that was asked for; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What a record says about the hospital in it."""

    patients: int
    seed: int
    complete: bool


def fill(place: str, patients: int, seed: int, settings: Settings, on_progress: OnProgress) -> Report | None:
    """Make the record at `place` hold the hospital of so many patients and this seed; None when it does already.

    `on_progress` gets blocks generated (the institution, each patient, the groups) and their total. Raises NotTheDemo
    when the record holds other things, and RuntimeError when a generated resource is rejected.
    """
    store = open_store(place)
    try:
        mark = read_mark(store)
        if mark is None and store.reader().rows("SELECT 1 FROM version LIMIT 1"):
            raise NotTheDemo(f"The record at {place} was not made by `bedside demo`; name another place with --data.")
        if mark is not None and (mark.patients, mark.seed) != (patients, seed):
            raise NotTheDemo(
                f"{place} holds the hospital of {mark.patients:,} patients with seed {mark.seed};"
                " ask for that one, or name another place with --data."
            )
        if mark is not None and mark.complete:
            return None
        _write_mark(store, Mark(patients, seed, complete=False))
        folder = Path("data" if is_address(place) else place) / "generated"
        folder.mkdir(parents=True, exist_ok=True)
        try:
            report = _load(_files(folder, patients, seed, on_progress), place, settings)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        _write_mark(store, Mark(patients, seed, complete=True))
        return report
    finally:
        store.close()


def _load(files: Iterable[Path], place: str, settings: Settings) -> Report:
    rejected: list[str] = []
    report = load(files, place, settings=settings, on_reject=lambda reject: rejected.append(str(reject.issues[0])))
    if rejected or report.dangling:
        found = rejected[0] if rejected else f"a reference to {report.dangling_examples[0]}"
        raise RuntimeError(f"The generated hospital is not valid FHIR: {found}")
    return report


def _files(folder: Path, patients: int, seed: int, on_progress: OnProgress) -> Iterator[Path]:
    """The hospital as NDJSON files of some megabytes, each there until the next is asked for.

    Their places, sizes and times follow from the arguments alone, so that a load which was interrupted knows those
    that it has had.
    """
    total = patients + 2
    for number, (blocks, lines) in enumerate(_chunks(generate(patients=patients, seed=seed))):
        path = folder / f"{patients}-{seed}-{number:05}.ndjson"
        path.write_bytes(lines)
        os.utime(path, ns=(0, 0))
        yield path
        path.unlink()
        on_progress(min(blocks, total), total)


def _chunks(blocks: Iterable[list[dict[str, Any]]]) -> Iterator[tuple[int, bytes]]:
    """Blocks so far, and the lines of some megabytes of them."""
    lines: list[bytes] = []
    size = count = 0
    for count, block in enumerate(blocks, 1):
        for resource in block:
            lines.append(json.encode(resource) + b"\n")
            size += len(lines[-1])
        if size >= _FILE_BYTES:
            yield count, b"".join(lines)
            lines, size = [], 0
    if lines:
        yield count, b"".join(lines)


def read_mark(store: Store) -> Mark | None:
    """The hospital that a record says it holds; None when it says nothing."""
    rows = store.reader().rows("SELECT value FROM setting WHERE key=?", (_MARK,))
    return Mark(**json.decode(rows[0][0])) if rows else None


def _write_mark(store: Store, mark: Mark) -> None:
    session = store.writer()
    try:
        session.begin()
        session.upsert("setting", [(_MARK, json.encode(asdict(mark)).decode())])
        session.commit()
    finally:
        store.close_session(session)
