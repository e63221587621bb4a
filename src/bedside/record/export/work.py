"""An export at work in a folder: select once, then write page after page, and remember in the folder how far it is.

The folder holds the files, `.selection` (the versions that belong to the export) and `.progress` (the request, what
is on disk for good). A process that is killed leaves at most some lines behind the recorded sizes; whoever goes on
cuts them off, so nothing is there twice and nothing is missing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from bedside.fhir import json
from bedside.fhir.outcome import Invalid, Issue, operation_outcome
from bedside.record import bodies
from bedside.record.export.files import Broken, File, Files, replace_file
from bedside.record.export.numbers import Damaged, Numbers, runs
from bedside.record.export.request import Request
from bedside.record.export.select import select
from bedside.record.extract import Extractor
from bedside.record.session import Session

PROGRESS, SELECTION = ".progress", ".selection"
_PAGE = 500
_PAGE_BYTES = 4 << 20
_KEEP_SECONDS = 1.0

Shape = Callable[[bytes], bytes]
"""Changes an encoded resource on its way into the file."""
Shaper = Callable[[Request], Shape | None]


class Progress(msgspec.Struct, omit_defaults=True):
    """How far an export is. Everything up to the version `position` is in the files."""

    request: Request
    until: int = 0
    instant: int = 0
    """transactionTime, in microseconds since the epoch."""
    total: int = 0
    """How many versions there are to write, deletions included."""
    written: int = 0
    position: int = 0
    files: list[File] = []
    complete: bool = False


_progress = msgspec.json.Decoder(Progress)  # made while one thread imports; see the end of fhir/schema.py


def read_progress(folder: Path) -> Progress | None:
    """How far the export in a folder is; None when none was begun, or what is there cannot be read."""
    try:
        return _progress.decode((folder / PROGRESS).read_bytes())
    except (FileNotFoundError, NotADirectoryError, msgspec.DecodeError):
        return None


class Export:
    """One request, worked off in one folder that holds nothing else."""

    def __init__(
        self,
        session: Session,
        extractor: Extractor,
        request: Request,
        folder: Path,
        *,
        shape: Shape | None = None,
        alive: Callable[[], None] = lambda: None,
        on_progress: Callable[[Progress], None] = lambda progress: None,
    ) -> None:
        """`alive` is called between pages; what it raises ends the work, which may be taken up later."""
        self.session = session
        self.extractor = extractor
        self.request = request
        self.folder = folder
        self.shape = shape
        self.alive = alive
        self.on_progress = on_progress

    def run(self) -> Progress:
        """Write what is not written yet, and return the account of it all. Raises FhirError and OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        begun = self._begun()
        if begun is not None and begun[0].complete:
            return begun[0]
        progress, selection, files = begun or self._begin()
        try:
            self._write(progress, selection, files)
        finally:
            files.close()
        (self.folder / SELECTION).unlink(missing_ok=True)
        return progress

    def _begun(self) -> tuple[Progress, Numbers, Files] | None:
        """What an earlier run left, when all of it is still there and fits this record and this request."""
        progress = read_progress(self.folder)
        if progress is None or progress.request != self.request or not self._same_record(progress):
            return None
        try:
            files = Files(self.folder, progress.files)
            if progress.complete:
                return progress, Numbers(), files
            return progress, Numbers.decode((self.folder / SELECTION).read_bytes()), files
        except (Broken, Damaged, FileNotFoundError):
            return None

    def _same_record(self, progress: Progress) -> bool:
        if not progress.until:
            return True
        found = self.session.rows("SELECT updated FROM version WHERE seq=?", (progress.until,))
        return found == [(progress.instant,)]

    def _begin(self) -> tuple[Progress, Numbers, Files]:
        for path in self.folder.iterdir():
            if path.name in (PROGRESS, SELECTION) or path.suffix in (".ndjson", ".new"):
                path.unlink()
        selected = select(self.session, self.extractor, self.request, self.alive)
        replace_file(self.folder / SELECTION, selected.versions.encode())
        files = Files(self.folder)
        if self.request.warnings:
            issues = (Issue("warning", "not-supported", None, text) for text in self.request.warnings)
            files.write("error", "OperationOutcome", [json.encode(operation_outcome([issue])) for issue in issues])
        progress = Progress(self.request, selected.until, selected.instant, len(selected.versions))
        self._keep(progress, files)
        return progress, selected.versions, files

    def _write(self, progress: Progress, selection: Numbers, files: Files) -> None:
        kept = time.monotonic()
        for page in runs(selection.after(progress.position), _PAGE):
            self._alive(progress, files)
            deleted: list[int] = []
            for batch in self._batches(page, deleted):
                for type_name, lines in self._lines(batch).items():
                    files.write("output", type_name, lines)
            if deleted:
                files.write("deleted", "Bundle", [self._deletions(deleted)])
            progress.position = page[-1]
            progress.written += len(page)
            if time.monotonic() - kept >= _KEEP_SECONDS:
                self._keep(progress, files)
                kept = time.monotonic()
            self.on_progress(progress)
        files.files.sort(key=lambda file: file.type)
        progress.complete = True
        self._keep(progress, files)
        self.on_progress(progress)

    def _alive(self, progress: Progress, files: Files) -> None:
        try:
            self.alive()
        except BaseException:
            with suppress(OSError):  # whoever ended it may have removed the folder
                self._keep(progress, files)
            raise

    def _keep(self, progress: Progress, files: Files) -> None:
        """First the lines, then the word that they are there."""
        files.sync()
        progress.files = files.files
        replace_file(self.folder / PROGRESS, msgspec.json.encode(progress))

    def _batches(self, page: Sequence[int], deleted: list[int]) -> Iterator[dict[int, int]]:
        """seq -> number of the type, for versions that are small enough together; deletions are put into `deleted`."""
        rows = self.session.matching("version", "seq, type, rid, length(body)", ("seq",), [(seq,) for seq in page])
        if len(rows) != len(page):
            raise Invalid("Versions that belong to this export are not in the record any more.")
        batch: dict[int, int] = {}
        size = 0
        for seq, number, rid, length in sorted(rows):
            if length is None:
                deleted.append(rid)
                continue
            if batch and size + length > _PAGE_BYTES:
                yield batch
                batch, size = {}, 0
            batch[seq] = number
            size += length
        if batch:
            yield batch

    def _lines(self, batch: dict[int, int]) -> dict[str, list[bytes]]:
        """Type -> its resources, in the order of their versions."""
        rows = self.session.matching("version", "seq, body", ("seq",), [(seq,) for seq in batch])
        packed: dict[int, bytes] = dict(rows)
        found: dict[str, list[bytes]] = {}
        name_of = self.extractor.registry.type_name
        for seq, number in batch.items():
            body = bodies.decompress(packed[seq])
            found.setdefault(name_of(number), []).append(body if self.shape is None else self.shape(body))
        return found

    def _deletions(self, rids: Sequence[int]) -> bytes:
        """Deletions as a transaction, in the order they were made (export.html#response---complete-status)."""
        rows = self.session.matching("resource", "rid, type, id", ("rid",), [(rid,) for rid in rids])
        places: dict[Any, str] = {
            rid: f"{self.extractor.registry.type_name(number)}/{id_}" for rid, number, id_ in rows
        }
        entries = [{"request": {"method": "DELETE", "url": places[rid]}} for rid in rids]
        return json.encode({"resourceType": "Bundle", "type": "transaction", "entry": entries})
