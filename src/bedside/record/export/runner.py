"""The worker of exports: a thread that works off jobs, goes on with what a killed process left, and clears away.

Of all processes that share a folder one works at a time, on one job at a time, oldest first.
"""

from __future__ import annotations

import logging
import shutil
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from bedside.fhir.outcome import FhirError
from bedside.record.errors import StoreError
from bedside.record.export.jobs import Job, Jobs, now
from bedside.record.export.place import home_id, only_one
from bedside.record.export.work import Export, Shaper
from bedside.record.extract import Extractor
from bedside.record.session import Store

log = logging.getLogger(__name__)

_IDLE_SECONDS = 2.0
_SWEEP_SECONDS = 600.0
_LOOK_SECONDS = 0.5
_SIGN_SECONDS = 15.0
_LONGEST_REST = 0.05
_LONGEST_WAIT = 60.0
DAY = 86_400_000_000


class Stopped(Exception):
    """The job was cancelled or taken over, or the process is to end."""


class Runner(threading.Thread):
    """Works off the export jobs of a record in a folder."""

    def __init__(
        self, store: Store, jobs: Jobs, extractor: Callable[[], Extractor], folder: Path, shaper: Shaper, keep_days: int
    ) -> None:
        """`keep_days`: so long are the files of a finished export kept."""
        super().__init__(name="bedside-export", daemon=True)
        self._store = store
        self._jobs = jobs
        self._extractor = extractor
        self._folder = folder
        self._shaper = shaper
        self.keep_days = keep_days
        self._wake = threading.Event()
        self._stopped = False
        self._swept = float("-inf")

    def wake(self) -> None:
        """There is something to do, or to stop doing."""
        self._wake.set()

    def stop(self) -> None:
        """Stop after the page at work; the job goes on at the next start."""
        self._stopped = True
        self._wake.set()
        if self.is_alive():
            self.join()

    def folder(self, id_: str) -> Path:
        """Where the files of a job are."""
        return self._folder / id_

    def forget(self, id_: str) -> None:
        """Remove the files of a job that was removed."""
        shutil.rmtree(self.folder(id_), ignore_errors=True)

    def expires(self, job: Job) -> int:
        """When the files of a finished job will be removed, in microseconds since the epoch."""
        return job.detail.finished + self.keep_days * DAY

    def run(self) -> None:
        wait = _IDLE_SECONDS
        while not self._stopped:
            try:
                self._round()
                wait = _IDLE_SECONDS
            except (StoreError, OSError) as error:
                log.warning("exports have to wait: %s", type(error).__name__)
                wait = min(2 * wait, _LONGEST_WAIT)
            except Exception as error:
                log.error("the worker of exports met what it did not foresee: %s", _where(error))
                wait = min(2 * wait, _LONGEST_WAIT)
            # Jobs that other processes accepted, or left behind, are noticed within some seconds.
            self._wake.wait(wait)
            self._wake.clear()

    def _round(self) -> None:
        sweep = time.monotonic() - self._swept > _SWEEP_SECONDS
        if not (self._jobs.waiting() or (sweep and self._folder.exists())):
            return
        with only_one(self._folder) as mine:
            if not mine:
                return
            if sweep:
                self._swept = time.monotonic()
                self._sweep()
            while not self._stopped and (job := self._jobs.claim(home_id(self._folder))) is not None:
                self._one(job)

    def _sweep(self) -> None:
        """Remove what has expired, and folders that belong to no job."""
        jobs = self._jobs.all()
        for job in jobs:
            if job.detail.finished and self.expires(job) < now():
                self._jobs.remove(job.id)
        kept = {job.id for job in self._jobs.all()}
        for path in self._folder.iterdir():
            if path.is_dir() and path.name not in kept:
                shutil.rmtree(path, ignore_errors=True)

    def _one(self, job: Job) -> None:
        """Work on a job until it is done or cannot be. Raises StoreError; then it goes on later."""
        folder = self.folder(job.id)
        # A connection of its own: what it caches while it reads the whole record is freed with it.
        session = self._store.writer()
        try:
            watch = _Watch(self, self._jobs, job)
            shape = self._shaper(job.request)
            done = Export(session, self._extractor(), job.request, folder, shape=shape, alive=watch).run()
        except Stopped:
            if self._jobs.get(job.id) is None:
                self.forget(job.id)
            return
        except StoreError:
            raise
        except (FhirError, OSError) as error:
            reason = f"The files cannot be written: {error.strerror}." if isinstance(error, OSError) else str(error)
            job.state, job.detail.problem = "failed", reason
        except Exception as error:
            log.error("an export failed: %s", _where(error))
            job.state, job.detail.problem = "failed", "The export failed, for a reason that the server's log tells."
        else:
            job.state, job.detail.instant, job.detail.files = "done", done.instant, done.files
        finally:
            self._store.close_session(session)
        job.detail.finished = now()
        if not self._jobs.keep(job) or job.state == "failed":
            self.forget(job.id)

    @property
    def stopped(self) -> bool:
        return self._stopped


class _Watch:
    """Called between pages: raises Stopped when the job is not to go on, gives signs of life, and rests as long as was
    worked, for the same process answers requests, and they come first."""

    def __init__(self, runner: Runner, jobs: Jobs, job: Job) -> None:
        self._runner = runner
        self._jobs = jobs
        self._job = job
        self._looked = self._signed = self._rested = time.monotonic()

    def __call__(self) -> None:
        if self._runner.stopped:
            raise Stopped
        moment = time.monotonic()
        if moment - self._signed >= _SIGN_SECONDS:
            self._signed = self._looked = moment
            if not self._jobs.keep(self._job):
                raise Stopped
        elif moment - self._looked >= _LOOK_SECONDS:
            self._looked = moment
            if self._jobs.get(self._job.id) is None:
                raise Stopped
        time.sleep(min(moment - self._rested, _LONGEST_REST))
        self._rested = time.monotonic()


def _where(error: BaseException) -> str:
    """The error and the lines of code it passed, without its message, which may quote a resource."""
    frames = traceback.extract_tb(error.__traceback__)
    steps = " > ".join(f"{frame.name} ({frame.filename}:{frame.lineno})" for frame in frames)
    return f"{type(error).__name__} in {steps}"
