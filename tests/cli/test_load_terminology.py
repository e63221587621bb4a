"""`bedside load-terminology` as a process."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from bedside.record.record import open_record, open_store
from benchmarks import rf2
from cli.support import COMMAND, bedside, clean_environment
from record.terminology import releases
from record.terminology.rf2_release import ARM, injuries

SCT = "http://snomed.info/sct"


def test_load_terminology(place: str, tmp_path: Path) -> None:
    where = "--database-url" if place.startswith("postgresql") else "--data"
    snomed, atc = injuries().zip(tmp_path / "SnomedCT_Invented.zip"), releases.atc(tmp_path)
    done = bedside("load-terminology", str(snomed), str(atc), where, place)
    assert done.returncode == 0, done.stderr
    assert "SNOMED CT (http://snomed.info/sct|" in done.stdout
    assert "loaded: 26 concepts, 56 designations in en, nl" in done.stdout
    assert "(http://www.whocc.no/atc|2024) loaded: 6 concepts" in done.stdout
    record = open_record(place)
    assert len(record.terminology.current().members(f"{SCT}?fhir_vs=isa/{ARM}")) == 3
    assert [system.url for system in record.terminology.current().loaded()] == [SCT, "http://www.whocc.no/atc"]
    record.close()
    again = bedside("load-terminology", str(snomed), where, place)
    assert "is there already (--again loads it)." in again.stdout
    anyway = bedside("load-terminology", str(snomed), where, place, "--again")
    assert "replaced: 26 concepts" in anyway.stdout


def test_what_cannot_be_loaded(sqlite_place: str, tmp_path: Path) -> None:
    nothing = bedside("load-terminology", str(tmp_path / "nothing.zip"), "--data", sqlite_place)
    assert (nothing.returncode, "there is no" in nothing.stderr) == (2, True)
    (tmp_path / "notes.txt").write_text("x")
    unknown = bedside("load-terminology", str(tmp_path / "notes.txt"), "--data", sqlite_place)
    assert (unknown.returncode, "no terminology that is known here" in unknown.stderr) == (1, True)
    assert "Traceback" not in unknown.stderr
    path = tmp_path / "own.xml"
    path.write_text(releases.CLAML.replace("ICD-10-GM", "Our own"))
    unnamed = bedside("load-terminology", str(path), "--data", sqlite_place)
    assert (unnamed.returncode, "name it by --url" in unnamed.stderr) == (1, True)
    named = bedside("load-terminology", str(path), "--data", sqlite_place, "--url", "http://hospital.example/own")
    assert named.returncode == 0
    several = bedside("load-terminology", str(path), str(path), "--url", "http://x.example", "--data", sqlite_place)
    assert several.returncode == 2


def test_a_killed_load_goes_on(sqlite_place: str, tmp_path: Path) -> None:
    """Killed as by a power cut while it writes, and started again by the same command."""
    count = 12_000
    release = rf2.write(tmp_path / "release", count)
    arguments = ("load-terminology", str(release), "--data", sqlite_place)
    process = subprocess.Popen([*COMMAND, *arguments], env=clean_environment(), stdout=subprocess.DEVNULL)
    store = open_store(sqlite_place)
    try:
        deadline = time.monotonic() + 120
        while not store.reader().rows("SELECT 1 FROM loaded LIMIT 1"):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.005)
        process.kill()
        process.wait()
    finally:
        store.close()
    record = open_record(sqlite_place)
    state = record.terminology.current()
    assert not list(state.loaded())
    done = bedside(*arguments)
    assert done.returncode == 0, done.stderr
    assert "has been taken up where it was" in done.stdout
    members = record.terminology.current().members(f"{SCT}?fhir_vs")
    assert len(members) == count + 41
    assert all((SCT, rf2.concept(number)) in members for number in range(0, count, 97))
    record.close()
