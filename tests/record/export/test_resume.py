"""An export that stops in the middle goes on where it was: nothing is there twice, nothing is missing."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from bedside.record.export import Export, Progress, read_progress
from bedside.record.export.work import PROGRESS, SELECTION
from bedside.record.model import Delete
from bedside.record.record import Record
from record.export.exported import Exported, export, request
from record.export.slow_export import start
from record.samples import observation, patient, put, update


class Stop(Exception):
    """Stands for whatever ends a process in order."""


@pytest.fixture
def filled(record: Record) -> Record:
    """300 patients, 300 observations in between, and deletions."""
    for number in range(0, 300, 10):
        ids = range(number, number + 10)
        record.write(*(put(patient(str(i), id=f"p{i}")) for i in ids))
        record.write(*(put({**observation(f"Patient/p{i}"), "id": f"o{i}"}) for i in ids))
        record.write(Delete("Observation", f"o{number + 3}"))
    return record


def contents(found: Exported) -> dict[str, bytes]:
    return {file.name: (found.folder / file.name).read_bytes() for file in found.progress.files}


ASKED: dict[str, Any] = {"since": "1990-01-01T00:00:00Z"}


def begin(record: Record, folder: Path, pages: int, *, suddenly: bool = False) -> None:
    """Do some pages of an export, then stop: in order, or so that nothing more is kept, as when the power fails."""
    left = pages

    def stop(*_: Progress) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise Stop

    how: dict[str, Any] = {"on_progress" if suddenly else "alive": stop}
    with pytest.raises(Stop):
        export(record, folder, **how, **ASKED)


@pytest.mark.parametrize("suddenly", [False, True])
@pytest.mark.parametrize("keep_seconds", [0.0, 1000.0])
def test_stopped_after_any_page(
    filled: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keep_seconds: float, suddenly: bool
) -> None:
    """Also when progress is kept so seldom that what is on disk is far ahead of it."""
    monkeypatch.setattr("bedside.record.export.work._PAGE", 37)
    monkeypatch.setattr("bedside.record.export.work._KEEP_SECONDS", keep_seconds)
    monkeypatch.setattr("bedside.record.export.files.MOST_LINES", 50)
    whole = export(filled, tmp_path / "whole", **ASKED)
    assert len(whole.ids()) == 570
    assert len(whole.deleted()) == 30
    for pages in range(0, 17, 2):
        folder = tmp_path / str(pages)
        begin(filled, folder, pages, suddenly=suddenly)
        if 2 < pages < 14:
            begin(filled, folder, 1, suddenly=suddenly)
        done = export(filled, folder, **ASKED)
        assert contents(done) == contents(whole)
        assert done.progress.written == done.progress.total == 600


def test_what_is_written_meanwhile_stays_out(filled: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bedside.record.export.work._PAGE", 37)
    whole = export(filled, tmp_path / "whole", **ASKED)
    begin(filled, tmp_path / "out", 6)
    update(filled, patient("Later", id="p299"))
    update(filled, patient("New", id="new"))
    filled.write(Delete("Observation", "o299"))
    done = export(filled, tmp_path / "out", **ASKED)
    assert contents(done) == contents(whole)
    assert done.progress.instant == whole.progress.instant


@pytest.mark.parametrize("moment", range(5))
def test_killed(filled: Record, place: str, tmp_path: Path, moment: int) -> None:
    """kill -9 at random moments, as often as it takes."""
    choose = random.Random(moment)
    folder = tmp_path / "out"
    kills = 0
    while kills < 4:
        process = start(place, folder)
        assert process.stdout is not None
        for _ in range(choose.randint(1, 6)):
            if not process.stdout.readline():
                break
        if process.poll() is None:
            process.kill()
            kills += 1
        process.wait()
        progress = read_progress(folder)
        if progress is not None and progress.complete:
            break
    assert kills
    done = export(filled, folder)
    whole = export(filled, tmp_path / "whole")
    assert contents(done) == contents(whole)
    assert len(done.ids()) == 570


def stopped(record: Record, folder: Path) -> Progress:
    begin(record, folder, 6)
    progress = read_progress(folder)
    assert progress is not None
    assert 0 < progress.written < progress.total
    return progress


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bedside.record.export.work._PAGE", 37)
    monkeypatch.setattr("bedside.record.export.work._KEEP_SECONDS", 0.0)


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("damage", ["missing", "short", "no selection", "selection", "progress"])
def test_what_was_damaged_is_begun_anew(filled: Record, tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "out"
    progress = stopped(filled, folder)
    file = folder / progress.files[0].name
    match damage:
        case "missing":
            file.unlink()
        case "short":
            file.write_bytes(file.read_bytes()[:-1])
        case "no selection":
            (folder / SELECTION).unlink()
        case "selection":
            (folder / SELECTION).write_bytes(b"nothing")
        case "progress":
            (folder / PROGRESS).write_bytes(b'{"request":')
    update(filled, patient("Later", id="new"))
    done = export(filled, folder, **ASKED)
    assert "Patient/new" in done.ids()
    assert len(done.ids()) == 571
    assert done.progress.total == 601


@pytest.mark.usefixtures("small_pages")
def test_another_request_is_not_mixed_with_it(filled: Record, tmp_path: Path) -> None:
    stopped(filled, tmp_path)
    done = export(filled, tmp_path, types=["Patient"])
    assert len(done.ids()) == 300
    assert [path.name for path in tmp_path.glob("*.ndjson")] == ["Patient.1.ndjson"]


@pytest.mark.usefixtures("small_pages")
def test_another_record_is_not_mixed_with_it(filled: Record, tmp_path: Path) -> None:
    from bedside.record.record import open_record

    stopped(filled, tmp_path / "out")
    other = open_record(tmp_path / "other")
    for number in range(700):
        other.write(put(patient(id=f"x{number}")))
    done = export(other, tmp_path / "out", **ASKED)
    assert len(done.ids()) == 700
    other.close()


def test_what_is_done_is_not_done_again(filled: Record, tmp_path: Path) -> None:
    first = export(filled, tmp_path, **ASKED)
    before = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    update(filled, patient(id="new"))
    asked = request(filled, **ASKED)
    again = Export(filled.store.reader(), filled.extractor, asked, tmp_path).run()
    assert again == first.progress
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before
    assert not (tmp_path / SELECTION).exists()
