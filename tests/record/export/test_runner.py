"""The worker of a server: one job after the other, whatever dies, is cancelled or grows old."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bedside.record.errors import StoreBroken
from bedside.record.export import Job, Jobs, Request, Runner
from bedside.record.export.jobs import MOST_WAITING, SILENT, now
from bedside.record.export.place import folder_of, home_id, only_one
from bedside.record.export.runner import DAY
from bedside.record.export.work import PROGRESS
from bedside.record.record import Record, open_record
from record.samples import patient, put

EVERYTHING = Request("system")
Hold = Callable[[bytes], bytes]


class Gate:
    """Stops an export in the middle until it is opened."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.open = threading.Event()

    def __call__(self, body: bytes) -> bytes:
        self.reached.set()
        assert self.open.wait(20)
        return body


@pytest.fixture
def filled(record: Record, monkeypatch: pytest.MonkeyPatch) -> Record:
    monkeypatch.setattr("bedside.record.export.work._PAGE", 5)
    monkeypatch.setattr("bedside.record.export.work._KEEP_SECONDS", 0.0)
    monkeypatch.setattr("bedside.record.export.runner._IDLE_SECONDS", 0.05)
    monkeypatch.setattr("bedside.record.export.runner._LOOK_SECONDS", 0.0)
    record.write(*(put(patient(id=f"p{number}")) for number in range(20)))
    return record


@pytest.fixture
def worker(filled: Record, tmp_path: Path) -> Iterator[Callable[..., Runner]]:
    """Starts runners on the record; each may have a gate, or something else that meets every resource."""
    started: list[tuple[Runner, Hold | None]] = []

    def start(shape: Hold | None = None) -> Runner:
        folder = tmp_path / "exports"
        runner = Runner(filled.store, Jobs(filled.store), lambda: filled.extractor, folder, lambda request: shape, 7)
        runner.start()
        started.append((runner, shape))
        return runner

    yield start
    for runner, shape in started:
        if isinstance(shape, Gate):
            shape.open.set()
        runner.stop()


def accepted(jobs: Jobs, request: Request = EVERYTHING) -> Job:
    job = jobs.add(request)
    assert job is not None
    return job


def until(condition: Callable[[], object], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def finished(jobs: Jobs, job: Job) -> Job:
    def state() -> str | None:
        found = jobs.get(job.id)
        return found.state if found else None

    until(lambda: state() in ("done", "failed"))
    found = jobs.get(job.id)
    assert found is not None
    return found


def lines(runner: Runner, job: Job) -> int:
    return sum(len(path.read_bytes().splitlines()) for path in runner.folder(job.id).glob("*.ndjson"))


def test_jobs_are_done_in_order(filled: Record, worker: Callable[..., Runner]) -> None:
    jobs = Jobs(filled.store)
    queue = [accepted(jobs) for _ in range(3)]
    assert [jobs.before(job) for job in queue] == [0, 1, 2]
    runner = worker()
    done = [finished(jobs, job) for job in queue]
    assert [job.state for job in done] == ["done"] * 3
    assert [lines(runner, job) for job in done] == [20, 20, 20]
    assert sorted(done, key=lambda job: job.detail.finished) == done
    assert all(job.detail.files[0].count == 20 for job in done)
    assert not jobs.waiting()


def test_one_at_a_time_of_all_processes(filled: Record, worker: Callable[..., Runner]) -> None:
    jobs = Jobs(filled.store)
    first_gate, second_gate = Gate(), Gate()
    worker(first_gate)
    first = accepted(jobs)
    assert first_gate.reached.wait(20)
    worker(second_gate)
    second = accepted(jobs)
    assert not second_gate.reached.wait(0.5)
    state = jobs.get(second.id)
    assert state is not None
    assert state.state == "accepted"
    first_gate.open.set()
    second_gate.open.set()
    assert finished(jobs, first).state == finished(jobs, second).state == "done"


def test_too_many_are_refused(filled: Record) -> None:
    jobs = Jobs(filled.store)
    added = [jobs.add(EVERYTHING) for _ in range(MOST_WAITING + 1)]
    assert [job is None for job in added] == [False] * MOST_WAITING + [True]


def test_stopping_leaves_the_rest_for_later(filled: Record, worker: Callable[..., Runner]) -> None:
    jobs = Jobs(filled.store)
    gate = Gate()
    runner = worker(gate)
    job = accepted(jobs)
    assert gate.reached.wait(20)
    stopping = threading.Thread(target=runner.stop)
    stopping.start()
    gate.open.set()
    stopping.join(20)
    left = jobs.get(job.id)
    assert left is not None
    assert left.state == "running"
    assert (runner.folder(job.id) / PROGRESS).exists()
    filled.write(put(patient(id="later")))
    runner = worker()
    assert finished(jobs, job).state == "done"
    assert lines(runner, job) == 20  # as of the time when it began


def test_cancelled_while_it_runs(filled: Record, worker: Callable[..., Runner]) -> None:
    jobs = Jobs(filled.store)
    gate = Gate()
    runner = worker(gate)
    job, following = accepted(jobs), accepted(jobs)
    assert gate.reached.wait(20)
    assert jobs.remove(job.id)
    assert not jobs.remove(job.id)
    gate.open.set()
    assert finished(jobs, following).state == "done"
    assert jobs.get(job.id) is None
    assert not runner.folder(job.id).exists()


def test_cancelled_while_it_waits(filled: Record, worker: Callable[..., Runner]) -> None:
    jobs = Jobs(filled.store)
    job, following = accepted(jobs), accepted(jobs)
    jobs.remove(job.id)
    runner = worker()
    assert finished(jobs, following).state == "done"
    assert not runner.folder(job.id).exists()


def test_files_taken_away_while_it_runs(filled: Record, worker: Callable[..., Runner]) -> None:
    """As when another process cancels it."""
    jobs = Jobs(filled.store)
    gate = Gate()
    runner = worker(gate)
    job = accepted(jobs)
    assert gate.reached.wait(20)
    jobs.remove(job.id)
    runner.forget(job.id)
    gate.open.set()
    following = accepted(jobs)
    assert finished(jobs, following).state == "done"
    assert not runner.folder(job.id).exists()


def test_a_failure_is_told_and_leaves_no_files(filled: Record, worker: Callable[..., Runner]) -> None:
    jobs = Jobs(filled.store)
    job = accepted(jobs, Request("group", group="none"))
    runner = worker()
    done = finished(jobs, job)
    assert (done.state, done.detail.problem) == ("failed", "There is no Group/none.")
    assert not runner.folder(job.id).exists()


def test_what_was_not_foreseen_is_told_without_its_words(
    filled: Record, worker: Callable[..., Runner], caplog: pytest.LogCaptureFixture
) -> None:
    jobs = Jobs(filled.store)

    def broken(body: bytes) -> bytes:
        raise ValueError(f"secret {body!r}")

    worker(broken)
    done = finished(jobs, accepted(jobs))
    assert done.detail.problem == "The export failed, for a reason that the server's log tells."
    assert "ValueError in" in caplog.text
    assert "secret" not in caplog.text


def test_a_full_disk_is_told(filled: Record, worker: Callable[..., Runner], monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("bedside.record.export.files.Files.sync", full)
    jobs = Jobs(filled.store)
    runner = worker()
    done = finished(jobs, accepted(jobs))
    assert (done.state, done.detail.problem) == ("failed", "The files cannot be written: No space left on device.")
    until(lambda: not runner.folder(done.id).exists())


def test_a_store_out_of_reach_is_waited_for(filled: Record, worker: Callable[..., Runner]) -> None:
    jobs = Jobs(filled.store)
    failures = iter([True, True, False])

    def shape(body: bytes) -> bytes:
        if next(failures, False):
            raise StoreBroken("gone for a moment")
        return body

    runner = worker(shape)
    job = accepted(jobs)
    assert finished(jobs, job).state == "done"
    assert lines(runner, job) == 20


def test_expired_jobs_and_stray_folders_are_cleared_away(
    filled: Record, worker: Callable[..., Runner], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bedside.record.export.runner._SWEEP_SECONDS", 0.1)
    jobs = Jobs(filled.store)
    runner = worker()
    job = finished(jobs, accepted(jobs))
    assert runner.expires(job) == job.detail.finished + 7 * DAY
    stray = runner.folder("stray")
    stray.mkdir()
    until(lambda: not stray.exists())
    assert runner.folder(job.id).exists()
    runner.keep_days = 0
    until(lambda: jobs.get(job.id) is None)
    until(lambda: not runner.folder(job.id).exists())


def test_another_server_takes_over_only_from_a_silent_one(filled: Record) -> None:
    jobs = Jobs(filled.store)
    job = accepted(jobs)
    assert jobs.claim("here") is not None
    assert jobs.claim("there") is None
    again = jobs.claim("here")
    assert again is not None
    again.detail.alive = now() - SILENT - 1
    from bedside.record.export.jobs import _update

    jobs._locked(lambda session: _update(session, again))
    taken = jobs.claim("there")
    assert taken is not None
    assert taken.id == job.id
    assert not jobs.keep(again)  # the first is told that it lost it
    taken.state = "done"
    assert jobs.keep(taken)


def test_records_do_not_share_a_folder(filled: Record, tmp_path: Path, place: str) -> None:
    folder = tmp_path / "shared"
    own = folder_of(filled.store, folder)
    assert own.parent == folder
    assert folder_of(filled.store, folder) == own
    other = open_record(tmp_path / "other")
    assert folder_of(other.store, folder) != own
    assert folder_of(other.store, tmp_path / "other" / "exports") == tmp_path / "other" / "exports"
    other.close()


def test_the_lock_of_a_folder(tmp_path: Path) -> None:
    with only_one(tmp_path / "x") as first, only_one(tmp_path / "x") as second:
        assert (first, second) == (True, False)
        assert home_id(tmp_path / "x") == home_id(tmp_path / "x")
    with only_one(tmp_path / "x") as again:
        assert again
    assert (tmp_path / "x").stat().st_mode & 0o077 == 0
