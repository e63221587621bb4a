"""Export jobs: what was asked, how far each is, which files it made; kept in the record, so they outlive a restart."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Literal

import msgspec

from bedside.record.session import Session, Store, WriteSession

State = Literal["accepted", "running", "done", "failed", "cancelled"]
Level = Literal["system", "patient", "group"]

_KIND = "export"
_LEASE = 30_000_000  # microseconds after which a job whose process fell silent is taken over


class Request(msgspec.Struct, frozen=True, omit_defaults=True):
    """What to export (https://hl7.org/fhir/uv/bulkdata/STU2/export.html#query-parameters)."""

    level: Level
    types: tuple[str, ...] = ()
    """Resource types; empty for all that the level has."""
    group: str | None = None
    patients: tuple[str, ...] = ()
    """Ids of patients to which the export is limited; empty for all of the level."""
    since: int | None = None
    """Only what changed after this instant, in microseconds."""
    type_filters: tuple[tuple[str, str], ...] = ()
    """(type, search query): a resource of that type is exported when any query of the type finds it."""
    elements: tuple[str, ...] = ()
    url: str = ""
    """The address of the kick-off request, for the manifest."""


class File(msgspec.Struct, omit_defaults=True):
    """One file of a finished or running export."""

    type: str
    name: str
    count: int = 0
    size: int = 0
    deleted: bool = False


class Detail(msgspec.Struct, omit_defaults=True):
    """Everything about a job that its row does not hold in columns."""

    request: Request
    until: int = 0
    """`seq` of the last commit that belongs to the export."""
    instant: int = 0
    """When that was: transactionTime."""
    files: list[File] = []
    done: list[str] = []
    """Types that are complete."""
    position: int = 0
    """How far the type now at work is: the last seq, or the last patient."""
    written: int = 0
    expected: int = 0
    problem: str = ""
    heartbeat: int = 0


class Job(msgspec.Struct):
    """An export, as it stands."""

    id: str
    state: State
    created: int
    detail: Detail


class Jobs:
    """The export jobs of a record."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, request: Request) -> Job:
        """Accept an export; what is in the record now is what it will hold."""
        job = Job(str(uuid.uuid4()), "accepted", _now(), Detail(request))

        def insert(session: WriteSession) -> None:
            last = session.rows("SELECT seq, updated FROM version ORDER BY seq DESC LIMIT 1")
            job.detail.until, job.detail.instant = last[0] if last else (0, job.created)
            session.run(
                "INSERT INTO job (id, kind, state, created, detail) VALUES (?,?,?,?,?)",
                (job.id, _KIND, job.state, job.created, _text(job.detail)),
            )

        self._locked(insert)
        return job

    def get(self, id_: str) -> Job | None:
        return _job(self._store.reader(), id_)

    def active(self) -> list[Job]:
        """Jobs that are not finished, oldest first."""
        rows = self._store.reader().rows(
            "SELECT id FROM job WHERE kind=? AND state IN ('accepted', 'running') ORDER BY created", (_KIND,)
        )
        return [job for (id_,) in rows if (job := self.get(id_)) is not None]

    def claim(self) -> Job | None:
        """Take a job that nobody works on; None when there is none."""
        taken: list[Job] = []

        def take(session: WriteSession) -> None:
            for (id_,) in session.rows(
                "SELECT id FROM job WHERE kind=? AND state IN ('accepted', 'running') ORDER BY created", (_KIND,)
            ):
                job = _job(session, id_)
                if job is not None and _now() - job.detail.heartbeat > _LEASE:
                    job.state, job.detail.heartbeat = "running", _now()
                    _update(session, job)
                    taken.append(job)
                    return

        self._locked(take)
        return taken[0] if taken else None

    def save(self, job: Job) -> bool:
        """Keep the progress of a claimed job. False when it was cancelled meanwhile; then nothing is changed."""
        going_on = True

        def keep(session: WriteSession) -> None:
            nonlocal going_on
            now = _job(session, job.id)
            going_on = now is not None and now.state == "running"
            if going_on:
                job.detail.heartbeat = _now()
                _update(session, job)

        self._locked(keep)
        return going_on

    def release(self, job: Job) -> None:
        """Give a claimed job back unfinished, so that another process, or the next start, goes on with it."""
        job.detail.heartbeat = 0

        def keep(session: WriteSession) -> None:
            now = _job(session, job.id)
            if now is not None and now.state == "running":
                _update(session, job)

        self._locked(keep)

    def cancel(self, id_: str) -> bool:
        """Stop a job, or forget a finished one. False when there is none."""
        found = False

        def mark(session: WriteSession) -> None:
            nonlocal found
            job = _job(session, id_)
            if job is not None and job.state != "cancelled":
                found = True
                session.run("UPDATE job SET state='cancelled' WHERE id=?", (id_,))

        self._locked(mark)
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


def _now() -> int:
    return time.time_ns() // 1000


def _text(detail: Detail) -> str:
    return msgspec.json.encode(detail).decode()


def _job(session: Session, id_: str) -> Job | None:
    rows = session.rows("SELECT state, created, detail FROM job WHERE id=? AND kind=?", (id_, _KIND))
    if not rows:
        return None
    state, created, detail = rows[0]
    return Job(id_, state, created, msgspec.json.decode(detail, type=Detail))


def _update(session: WriteSession, job: Job) -> None:
    session.run("UPDATE job SET state=?, detail=? WHERE id=?", (job.state, _text(job.detail), job.id))
