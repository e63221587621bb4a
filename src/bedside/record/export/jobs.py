"""Export jobs: what was asked for and what became of it, kept in the record, so they outlive a restart.

How far a running job is stands in its folder (work.py); the row changes only when the job does, and as a sign of life.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Literal

import msgspec

from bedside.record.export.files import File
from bedside.record.export.request import Request
from bedside.record.session import Session, Store, WriteSession

State = Literal["accepted", "running", "done", "failed"]

_KIND = "export"
_ACTIVE = "kind='export' AND state IN ('accepted', 'running')"
SILENT = 120_000_000
"""Microseconds after which the job of a server that gives no sign of life may be begun anew by another."""

MOST_WAITING = 16
"""Jobs that may be unfinished at the same time; more are refused."""


class Detail(msgspec.Struct, omit_defaults=True):
    """Everything about a job that its row does not hold in columns. Instants are microseconds since the epoch."""

    request: Request
    home: str = ""
    """Which folder its files are in, by the folder's own id; empty until somebody works on it."""
    alive: int = 0
    """When whoever works on it last said so."""
    instant: int = 0
    """transactionTime, once it is done."""
    finished: int = 0
    files: list[File] = []
    problem: str = ""
    """Why it failed."""


_detail = msgspec.json.Decoder(Detail)  # made while one thread imports; see the end of fhir/schema.py


class Job(msgspec.Struct):
    """An export, as it stands."""

    id: str
    state: State
    created: int
    detail: Detail

    @property
    def request(self) -> Request:
        return self.detail.request


class Jobs:
    """The export jobs of a record. Every method may be called from any thread and any process."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, request: Request) -> Job | None:
        """Accept an export; None when too many are unfinished already."""
        job = Job(str(uuid.uuid4()), "accepted", now(), Detail(request))
        accepted = True

        def insert(session: WriteSession) -> None:
            nonlocal accepted
            accepted = session.rows(f"SELECT count(*) FROM job WHERE {_ACTIVE}")[0][0] < MOST_WAITING
            if accepted:
                session.run(
                    "INSERT INTO job (id, kind, state, created, detail) VALUES (?,?,?,?,?)",
                    (job.id, _KIND, job.state, job.created, _text(job.detail)),
                )

        self._locked(insert)
        return job if accepted else None

    def get(self, id_: str) -> Job | None:
        """A job; None when there never was one, or it was cancelled or has expired."""
        return _job(self._store.reader(), id_)

    def all(self) -> list[Job]:
        """Every job, oldest first."""
        return _jobs(self._store.reader(), f"kind='{_KIND}'")

    def waiting(self) -> bool:
        """Whether any job is not finished."""
        return bool(self._store.reader().rows(f"SELECT 1 FROM job WHERE {_ACTIVE} LIMIT 1"))

    def before(self, job: Job) -> int:
        """How many unfinished jobs were accepted before this one."""
        rows = self._store.reader().rows(f"SELECT count(*) FROM job WHERE {_ACTIVE} AND created < ?", (job.created,))
        count: int = rows[0][0]
        return count

    def claim(self, home: str) -> Job | None:
        """The oldest unfinished job that is free or was begun in the folder `home`, marked as being worked on there;
        None when there is none. Call it only as the one worker of that folder."""
        taken: list[Job] = []

        def take(session: WriteSession) -> None:
            for job in _jobs(session, _ACTIVE):
                detail = job.detail
                if detail.home in ("", home) or now() - detail.alive > SILENT:
                    job.state, detail.home, detail.alive = "running", home, now()
                    _update(session, job)
                    taken.append(job)
                    return

        self._locked(take)
        return taken[0] if taken else None

    def keep(self, job: Job) -> bool:
        """Write down the state of a job that was claimed, with a sign of life. False, and nothing is changed, when it
        was cancelled, or another server took it over."""
        mine = True
        job.detail.alive = now()

        def write(session: WriteSession) -> None:
            nonlocal mine
            found = _job(session, job.id)
            mine = found is not None and found.state == "running" and found.detail.home == job.detail.home
            if mine:
                _update(session, job)

        self._locked(write)
        return mine

    def remove(self, id_: str) -> bool:
        """Cancel or forget a job. False when there is none."""
        found = False

        def delete(session: WriteSession) -> None:
            nonlocal found
            found = bool(session.rows("SELECT 1 FROM job WHERE id=? AND kind=?", (id_, _KIND)))
            session.run("DELETE FROM job WHERE id=? AND kind=?", (id_, _KIND))

        self._locked(delete)
        return found

    def _locked(self, change: Callable[[WriteSession], None]) -> None:
        session = self._store.writer()
        try:
            session.begin()
            try:
                change(session)
                session.commit()
            except BaseException:
                session.rollback()
                raise
        finally:
            self._store.close_session(session)


def now() -> int:
    """Microseconds since the epoch."""
    return time.time_ns() // 1000


def _text(detail: Detail) -> str:
    return msgspec.json.encode(detail).decode()


def _jobs(session: Session, where: str) -> list[Job]:
    rows = session.rows(f"SELECT id, state, created, detail FROM job WHERE {where} ORDER BY created, id")
    return [Job(id_, state, created, _detail.decode(detail)) for id_, state, created, detail in rows]


def _job(session: Session, id_: str) -> Job | None:
    rows = session.rows("SELECT state, created, detail FROM job WHERE id=? AND kind=?", (id_, _KIND))
    if not rows:
        return None
    state, created, detail = rows[0]
    return Job(id_, state, created, _detail.decode(detail))


def _update(session: WriteSession, job: Job) -> None:
    session.run("UPDATE job SET state=?, detail=? WHERE id=?", (job.state, _text(job.detail), job.id))
