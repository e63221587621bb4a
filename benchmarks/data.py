"""The set that Bedside is judged on: synthea-615, one Synthea bundle a patient, and a quarter of it for the curve.

The archive is read from the suites folder (`BEDSIDE_SUITES`, or ../shared/data beside the repository) and unpacked
once into the work folder. `--bundles DIR` of the commands takes any other folder of bundles.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import tarfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.server import WORK, Server, Store, bedside, sqlite_store


def suites() -> Path:
    """The folder of outside data."""
    beside = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
    return Path(os.environ.get("BEDSIDE_SUITES", beside))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The option that every command over loaded data has."""
    parser.add_argument("--bundles", type=Path, help="a folder of JSON bundles (default: synthea-615, unpacked)")


def bundles(chosen: Path | None = None) -> list[Path]:
    """The bundles' files, sorted by name. Raises `RuntimeError` when there are none."""
    folder = chosen or _unpacked()
    files = sorted(folder.glob("*.json"))
    if not files:
        raise RuntimeError(f"no *.json in {folder}")
    return files


def _unpacked() -> Path:
    target = WORK / "synthea-615"
    if target.exists():
        return target
    archive = suites() / "record" / "synthea-615.tar.xz"
    if not archive.exists():
        raise RuntimeError(f"{archive} is not here: set BEDSIDE_SUITES to the suites folder, or give --bundles")
    partial = WORK / "synthea-615.partial"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    with tarfile.open(archive) as packed:
        packed.extractall(partial, filter="data")
    inner = partial / "bundles"
    (inner if inner.is_dir() else partial).rename(target)
    shutil.rmtree(partial, ignore_errors=True)
    return target


def share(files: Sequence[Path], every: int) -> list[Path]:
    """One of `every` patients' bundles, the same ones each time, and all bundles of hospitals and practitioners."""
    common = [file for file in files if file.name.startswith(("hospital", "practitioner"))]
    patients = [file for file in files if file not in common]
    return common + patients[::every]


@dataclass(frozen=True)
class Content:
    """What is in some bundles: how many resources, how many different ones by type, and the bytes of the JSON.

    Synthea repeats an Organization or a Practitioner, with its id, in the bundle of each patient who was there; a
    record holds it once.
    """

    resources: int
    different: Counter[str]
    raw: int


def content(files: Sequence[Path]) -> Content:
    """Count the resources of bundles."""
    seen: set[tuple[str, str]] = set()
    resources = raw = 0
    for file in files:
        text = file.read_bytes()
        raw += len(text)
        bundle: Any = json.loads(text)
        for entry in bundle["entry"]:
            resources += 1
            seen.add((entry["resource"]["resourceType"], entry["resource"].get("id", f"#{resources}")))
    return Content(resources, Counter(name for name, _ in seen), raw)


def stored(directory: Path) -> int:
    """Bytes of all files under a data directory."""
    return sum(file.stat().st_size for file in directory.rglob("*") if file.is_file())


def load(files: Sequence[Path], store: Store, timeout: float = 1800) -> float:
    """Run `bedside load` over the files; the seconds it took. Raises `RuntimeError` with its last words."""
    folder = files[0].parent
    whole = sorted(folder.glob("*.json")) == sorted(files)
    paths = [str(folder)] if whole else [str(file) for file in files]
    rejects = WORK / "rejected.ndjson"
    rejects.unlink(missing_ok=True)
    command = [*bedside(), "load", *paths, *store.options, "--rejects", str(rejects)]
    started = time.perf_counter()
    ended = subprocess.run(command, capture_output=True, text=True, timeout=timeout)
    if ended.returncode:
        raise RuntimeError(f"bedside load ended with {ended.returncode}: {(ended.stdout + ended.stderr)[-2000:]}")
    return time.perf_counter() - started


def check_loaded(server: Server, expected: Content) -> dict[str, tuple[int, int]]:
    """Types whose number in the record differs from the bundles', as (expected, found)."""
    api = server.api
    found = {name: api.total(name) for name in expected.different}
    return {name: (n, found[name]) for name, n in expected.different.items() if found[name] != n}


def loaded(files: Sequence[Path], name: str) -> Store:
    """A store under the work folder with these bundles in it, loaded now unless an earlier run left it there."""
    directory = WORK / name
    mark = WORK / f"{name}.json"
    wanted = {"files": len(files), "bytes": sum(file.stat().st_size for file in files)}
    if mark.exists() and directory.exists() and json.loads(mark.read_text()) == wanted:
        return sqlite_store(directory)
    mark.unlink(missing_ok=True)
    store = sqlite_store(directory, fresh=True)
    load(files, store)
    mark.write_text(json.dumps(wanted))
    return store


def remember(files: Sequence[Path], name: str) -> None:
    """Note that the store `name` holds these bundles, so that `loaded` finds it."""
    wanted = {"files": len(files), "bytes": sum(file.stat().st_size for file in files)}
    (WORK / f"{name}.json").write_text(json.dumps(wanted))
