"""`load`: the process that reads the sources, hands their parts to the loading processes, and keeps the account."""

from __future__ import annotations

import multiprocessing
import multiprocessing.context
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field, replace
from pathlib import Path

from bedside.record.load import work
from bedside.record.load.parse import Block
from bedside.record.load.rejects import Reject
from bedside.record.load.sources import Broken, Part, parts
from bedside.record.load.work import Result
from bedside.record.model import Settings
from bedside.record.record import open_store
from bedside.record.session import Session


@dataclass(slots=True)
class Progress:
    """Where a load is: resources so far, those rejected, seconds since it began."""

    resources: int
    rejected: int
    seconds: float

    @property
    def rate(self) -> float:
        """Resources a second."""
        return self.resources / self.seconds if self.seconds else 0.0


@dataclass(slots=True)
class Report:
    """The account of a load. `dangling` counts references to what is neither here nor was loaded."""

    written: int = 0
    unchanged: int = 0
    removed: int = 0
    rejected: int = 0
    skipped_parts: int = 0
    seconds: float = 0.0
    dangling: int = 0
    dangling_examples: list[str] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)

    @property
    def resources(self) -> int:
        return self.written + self.unchanged

    @property
    def rate(self) -> float:
        """Resources a second."""
        return self.resources / self.seconds if self.seconds else 0.0


def load(
    paths: Iterable[Path],
    place: str,
    *,
    settings: Settings | None = None,
    processes: int | None = None,
    on_reject: Callable[[Reject], None] = lambda reject: None,
    on_progress: Callable[[Progress], None] = lambda progress: None,
    again: bool = False,
) -> Report:
    """Load files, folders and archives into the record at `place` (a directory or a `postgresql://` address).

    What was loaded by an earlier, killed run is passed over unless `again`. References may lead to what comes later
    in any file; those that lead nowhere at the end are counted in the report. Rejected resources are handed to
    `on_reject` while the rest goes on. Interrupting it loses nothing that was committed.
    """
    began = time.monotonic()
    # References are looked at when everything is there, so the order of the files does not matter.
    settings = replace(settings or Settings(), check_references=False)
    store = open_store(place)
    try:
        done = set() if again else {(s, p) for s, p in store.reader().rows("SELECT source, part FROM loaded")}
    finally:
        store.close()
    report = Report()
    run = _Run(report, on_reject, on_progress, began)
    count = processes or os.cpu_count() or 1
    # The store is closed while the processes start, so that none of them inherits a connection.
    with ProcessPoolExecutor(count, _context(), work.start, (place, settings)) as pool:
        try:
            run.feed(pool, count, parts(paths), done)
            run.settle(pool, count)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    store = open_store(place)
    try:
        report.dangling, report.dangling_examples = _dangling(store.reader())
    finally:
        store.close()
    report.seconds = time.monotonic() - began
    return report


def _context() -> multiprocessing.context.BaseContext:
    """How processes begin: as copies of this one, which costs nothing, where that is safe."""
    safe = sys.platform == "linux" and threading.active_count() == 1
    return multiprocessing.get_context("fork" if safe else "spawn")


class _Run:
    def __init__(
        self,
        report: Report,
        on_reject: Callable[[Reject], None],
        on_progress: Callable[[Progress], None],
        began: float,
    ) -> None:
        self.report = report
        self.on_reject = on_reject
        self.on_progress = on_progress
        self.began = began
        self.waiting: list[Block] = []

    def feed(
        self, pool: ProcessPoolExecutor, count: int, items: Iterator[Part | Broken], done: set[tuple[str, int]]
    ) -> None:
        """Keep every process busy and one part ahead, no more: memory stays small however large the sources."""
        running: set[Future[Result]] = set()
        for item in items:
            if isinstance(item, Broken):
                self.report.broken.append(item)
                continue
            if (item.source, item.number) in done:
                self.report.skipped_parts += 1
                continue
            running.add(pool.submit(work.do_part, item))
            if len(running) >= 2 * count:
                running = self._collect(running)
        while running:
            running = self._collect(running)

    def settle(self, pool: ProcessPoolExecutor, count: int) -> None:
        """Blocks that waited for others, until nothing more gets resolved; then what is left is rejected."""
        last = False
        while self.waiting:
            blocks, self.waiting = self.waiting, []
            size = max(1, len(blocks) // (4 * count))
            chunks = [blocks[i : i + size] for i in range(0, len(blocks), size)]
            running = {pool.submit(work.do_again, chunk, last) for chunk in chunks}
            while running:
                running = self._collect(running)
            last = len(self.waiting) == len(blocks)

    def _collect(self, running: set[Future[Result]]) -> set[Future[Result]]:
        ready, rest = wait(running, return_when=FIRST_COMPLETED)
        for future in ready:
            result = future.result()
            report = self.report
            report.written += result.written
            report.unchanged += result.unchanged
            report.removed += result.removed
            report.rejected += len(result.rejects)
            self.waiting += result.waiting
            for reject in result.rejects:
                self.on_reject(reject)
            self.on_progress(Progress(report.resources, report.rejected, time.monotonic() - self.began))
        return rest


def _dangling(session: Session) -> tuple[int, list[str]]:
    """References whose target is kept a place but never came: how many, and a few of the targets."""
    from bedside.record.parameters import Registry

    registry = Registry()
    targets = "SELECT rid FROM resource WHERE seq IS NULL"
    count = session.rows(f"SELECT count(*) FROM ref WHERE target IN ({targets})")[0][0]
    if not count:
        return 0, []
    found = session.rows(
        "SELECT type, id FROM resource WHERE seq IS NULL"
        " AND EXISTS (SELECT 1 FROM ref WHERE target = resource.rid) ORDER BY rid LIMIT 5"
    )
    return count, [f"{registry.type_name(number)}/{id_}" for number, id_ in found]
