"""`load`: how fast `bedside load` takes the whole set in, against the naive loader in the same run."""

from __future__ import annotations

import argparse

from benchmarks import data, naive
from benchmarks.report import Section
from benchmarks.server import WORK, Server, sqlite_store

HELP = "load synthea-615 into a fresh store: resources/s, store size, ratio to a naive loader"
EXAMPLE = "python -m benchmarks.run load --naive 20000"
TARGET = 10_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this command."""
    data.add_arguments(parser)
    parser.add_argument("--every", type=int, default=1, help="take one of so many patients (default: all)")
    parser.add_argument("--naive", type=int, default=40_000, help="resources for the naive loader (default: 40000)")


def run(options: argparse.Namespace) -> Section:
    """Load, check every type's count through the API, measure the store, then run the baseline."""
    files = data.share(data.bundles(options.bundles), options.every)
    expected = data.content(files)
    name = "full" if options.every == 1 else f"part-{options.every}"
    store = sqlite_store(WORK / name, fresh=True)
    seconds = data.load(files, store)
    assert store.directory is not None
    size = data.stored(store.directory)
    with Server(store) as server:
        wrong = data.check_loaded(server, expected)
    if wrong:
        raise RuntimeError(f"the record does not hold what was loaded (expected, found): {wrong}")
    data.remember(files, name)
    plain, plain_seconds = naive.load(files, WORK / "naive.db", options.naive)
    plain_size = (WORK / "naive.db").stat().st_size
    rate, plain_rate = expected.resources / seconds, plain / plain_seconds
    failures = []
    if rate < TARGET:
        failures.append(f"{rate:,.0f} resources/s, wanted {TARGET:,}")
    if size > expected.raw:
        failures.append(f"the store is {size / expected.raw:.2f} times the raw JSON, wanted at most 1")
    return Section(
        "load",
        "Loading",
        ("", "resources", "seconds", "resources/s", "bytes per resource"),
        [
            _row("bedside load", expected.resources, seconds, size),
            _row("naive loader", plain, plain_seconds, plain_size),
            ("raw JSON", f"{expected.resources:,}", "", "", f"{expected.raw / expected.resources:,.0f}"),
        ],
        [
            f"{rate / plain_rate:.2f} times the naive loader of the same run (unchecked, ten index rows a resource, "
            f"the same durability; see benchmarks/naive.py).",
            f"Store {size / 1e6:,.1f} MB, raw JSON {expected.raw / 1e6:,.1f} MB: {size / expected.raw:.2f} times.",
            f"Checked: the API counts {expected.different.total():,} different resources, type by type as many as the "
            "bundles have (an Organization or Practitioner that several bundles repeat is one).",
        ],
        failures,
    )


def _row(name: str, resources: int, seconds: float, size: int) -> tuple[str, ...]:
    return name, f"{resources:,}", f"{seconds:.1f}", f"{resources / seconds:,.0f}", f"{size / resources:,.0f}"
