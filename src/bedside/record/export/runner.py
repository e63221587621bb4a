"""The worker of exports: writes the files, keeps the progress, goes on where a killed process stopped."""

from __future__ import annotations

import logging
import os
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO

from bedside.fhir import definitions, json
from bedside.fhir.outcome import FhirError, Invalid
from bedside.record.errors import StoreError
from bedside.record.export.jobs import File, Job, Jobs
from bedside.record.export.select import PAGE, Found, Selection, Wanted
from bedside.record.extract import Extractor
from bedside.record.model import Resource
from bedside.record.search import find_rids
from bedside.record.session import Store

log = logging.getLogger(__name__)

PER_FILE = 100_000
Shape = Callable[[Resource, tuple[str, ...]], Resource]
"""Keeps only some elements of a resource (`_elements`)."""


class Cancelled(Exception):
    """The job was cancelled while it ran, or the process is to stop."""


class Export:
    """One job at work. `folder` is where its files go."""

    def __init__(
        self,
        store: Store,
        extractor: Extractor,
        job: Job,
        folder: Path,
        shape: Shape,
        keep: Callable[[Job], bool],
    ) -> None:
        self.job = job
        self.detail = job.detail
        self.request = job.detail.request
        self.folder = folder
        self.shape = shape
        self.keep = keep
        self.session = store.reader()
        self.select = Selection(self.session, extractor, until=self.detail.until, since=self.request.since)
        self.registry = extractor.registry

    def run(self) -> None:
        """Write everything that is not written yet. Raises Cancelled, FhirError, OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        patients = self._patients()
        for type_name in self._types(patients is not None):
            if type_name in self.detail.done:
                continue
            self._type(type_name, patients)
            self.detail.done.append(type_name)
            self.detail.position = 0
            self._progress()

    def _types(self, of_patients: bool) -> list[str]:
        names = [
            self.registry.type_name(number)
            for (number,) in self.session.rows("SELECT DISTINCT type FROM version ORDER BY type")
        ]
        if of_patients:
            compartment = definitions.compartment("Patient")
            names = [name for name in names if name == "Patient" or name in compartment]
        return [name for name in names if not self.request.types or name in self.request.types]

    def _patients(self) -> list[int] | None:
        """The patients of the export by rid, ascending; None for a system export."""
        if self.request.level == "system":
            return None
        if self.request.level == "group":
            rids = set(self._members(self.request.group or ""))
        else:
            rids = set(self.select.all_patients())
        if self.request.patients:
            chosen = {self.select.rid("Patient", id_) for id_ in self.request.patients}
            rids &= {rid for rid in chosen if rid is not None}
        return sorted(rids)

    def _members(self, group: str) -> Iterator[int]:
        number = self.registry.type_number("Group")
        rows = self.session.rows(
            "SELECT v.body FROM resource r JOIN version v ON v.seq = r.seq WHERE r.type=? AND r.id=?", (number, group)
        )
        if not rows or rows[0][0] is None:
            raise Invalid(f"There is no Group/{group}.", code="not-found")
        from bedside.record import bodies

        for member in json.decode(bodies.decompress(rows[0][0])).get("member", ()):
            text = member.get("entity", {}).get("reference", "")
            if not member.get("inactive") and text.startswith("Patient/"):
                rid = self.select.rid("Patient", text.split("/")[1])
                if rid is not None:
                    yield rid

    def _wanted(self, type_name: str) -> Wanted:
        queries = [query for name, query in self.request.type_filters if name == type_name]
        if not queries:
            return lambda rid: True
        rids: set[int] = set()
        for query in queries:
            rids.update(find_rids(self.session, self.registry, type_name, query, limit=None))
        return rids.__contains__

    def _type(self, type_name: str, patients: Sequence[int] | None) -> None:
        wanted = self._wanted(type_name)
        if patients is None:
            found: Iterable[Found] = self.select.of_type(type_name, self.detail.position, wanted)
        else:
            found = self.select.of_patients(type_name, patients, self.detail.position, wanted)
        deleted: list[str] = []
        writer = _Writer(self.folder, type_name, self.detail.files, fresh=self.detail.position == 0)
        with writer:
            since_kept = 0
            for one in found:
                if one.body is None:
                    deleted.append(one.id)
                else:
                    if since_kept >= PAGE and one.position != self.detail.position:
                        # Everything up to the position before this one is on disk.
                        writer.sync()
                        self._progress()
                        since_kept = 0
                    writer.write(self._shaped(one.body))
                    self.detail.written += 1
                    since_kept += 1
                self.detail.position = one.position
            writer.sync()
        if patients is not None and self.request.since is not None:
            deleted += self.select.deleted_of_patients(type_name, patients)
        if deleted:
            with _Writer(self.folder, type_name, self.detail.files, fresh=True, deleted=True) as gone:
                gone.write(_deletions(type_name, deleted))
                gone.sync()

    def _shaped(self, body: bytes) -> bytes:
        if not self.request.elements:
            return body
        return json.encode(self.shape(json.decode(body), self.request.elements))

    def _progress(self) -> None:
        if not self.keep(self.job):
            raise Cancelled


class _Writer:
    """The files of one type, each of at most PER_FILE lines; picks up a file that was left unfinished."""

    def __init__(self, folder: Path, type_name: str, files: list[File], *, fresh: bool, deleted: bool = False) -> None:
        self.folder = folder
        self.type = type_name
        self.files = files
        self.deleted = deleted
        self._stream: IO[bytes] | None = None
        mine = [file for file in files if file.type == type_name and file.deleted == deleted]
        if fresh:
            for file in mine:
                files.remove(file)
            self._number = 0
        else:
            self._number = len(mine)
            if mine:
                self._open(mine[-1])

    def _open(self, file: File) -> None:
        path = self.folder / file.name
        path.touch()
        self._file = file
        self._stream = path.open("r+b")
        # What was written after the last progress was kept is written again.
        self._stream.truncate(file.size)
        self._stream.seek(file.size)

    def write(self, line: bytes) -> None:
        if self._stream is None or self._file.count >= PER_FILE:
            self._close()
            self._number += 1
            end = ".deleted" if self.deleted else ""
            file = File(self.type, f"{self.type}{end}.{self._number}.ndjson", deleted=self.deleted)
            self.files.append(file)
            self._open(file)
        assert self._stream is not None
        self._file.size += self._stream.write(line + b"\n")
        self._file.count += 1

    def sync(self) -> None:
        if self._stream is not None:
            self._stream.flush()
            os.fsync(self._stream.fileno())

    def _close(self) -> None:
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def __enter__(self) -> _Writer:
        return self

    def __exit__(self, *problem: object) -> None:
        self._close()


def _deletions(type_name: str, ids: Sequence[str]) -> bytes:
    """A transaction bundle of deletions, as the manifest's `deleted` files hold them."""
    entries = [{"request": {"method": "DELETE", "url": f"{type_name}/{id_}"}} for id_ in ids]
    return json.encode({"resourceType": "Bundle", "type": "transaction", "entry": entries})


class Runner(threading.Thread):
    """Works through the export jobs of a record, one at a time, in the background of a server."""

    def __init__(
        self, store: Store, jobs: Jobs, extractor: Callable[[], Extractor], folder: Path, shape: Shape
    ) -> None:
        super().__init__(name="bedside-export", daemon=True)
        self._store = store
        self._jobs = jobs
        self._extractor = extractor
        self._folder = folder
        self._shape = shape
        self._wake = threading.Event()
        self._stopped = False

    def wake(self) -> None:
        self._wake.set()

    def stop(self) -> None:
        """Stop after the page at work; the job goes on at the next start."""
        self._stopped = True
        self._wake.set()
        if self.is_alive():
            self.join()

    def run(self) -> None:
        while not self._stopped:
            try:
                job = self._jobs.claim() if self._jobs.active() else None
            except StoreError:
                job = None
            if job is None:
                # Jobs of other processes, or those left behind, are noticed within some seconds.
                self._wake.wait(5.0)
                self._wake.clear()
            else:
                self._one(job)

    def _one(self, job: Job) -> None:
        folder = self.folder(job.id)
        export = Export(self._store, self._extractor(), job, folder, self._shape, self._keep)
        try:
            export.run()
            job.state = "done"
        except Cancelled:
            now = self._jobs.get(job.id)
            if now is None or now.state == "cancelled":
                shutil.rmtree(folder, ignore_errors=True)
            else:
                self._jobs.release(job)
            return
        except (FhirError, OSError) as error:
            job.state = "failed"
            job.detail.problem = str(error) if isinstance(error, FhirError) else f"The files cannot be written: {error}"
        except Exception:
            log.exception("an export failed")
            job.state = "failed"
            job.detail.problem = "The export failed; the server's log says why."
        if not self._jobs.save(job):
            shutil.rmtree(folder, ignore_errors=True)

    def _keep(self, job: Job) -> bool:
        return self._jobs.save(job) and not self._stopped

    def folder(self, id_: str) -> Path:
        """Where the files of a job are."""
        return self._folder / id_

    def forget(self, id_: str) -> None:
        """Remove the files of a job that is finished."""
        shutil.rmtree(self.folder(id_), ignore_errors=True)


def run_now(
    store: Store, extractor: Extractor, job: Job, folder: Path, shape: Shape, keep: Callable[[Job], bool]
) -> list[File]:
    """Do a job at once, in this thread, as the command line does."""
    Export(store, extractor, job, folder, shape, keep).run()
    return job.detail.files
