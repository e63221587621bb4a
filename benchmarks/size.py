"""`size`: what the loaded store takes on the disk, against the raw JSON."""

from __future__ import annotations

import argparse

from benchmarks import data
from benchmarks.report import Section

HELP = "size of the loaded store against the raw JSON, by file"
EXAMPLE = "python -m benchmarks.run size"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this command."""
    data.add_arguments(parser)


def run(options: argparse.Namespace) -> Section:
    """Measure the store of the whole set, loading it first if need be."""
    files = data.bundles(options.bundles)
    expected = data.content(files)
    store = data.loaded(files, "full")
    assert store.directory is not None
    size = data.stored(store.directory)
    rows = [
        (str(file.relative_to(store.directory)), f"{file.stat().st_size / 1e6:,.1f}", _share(file.stat().st_size, size))
        for file in sorted(store.directory.rglob("*"))
        if file.is_file()
    ]
    rows.append(("all files", f"{size / 1e6:,.1f}", "100 %"))
    rows.append(("raw JSON", f"{expected.raw / 1e6:,.1f}", _share(expected.raw, size)))
    short = [f"{size / expected.raw:.2f} times the raw JSON, wanted at most 1"] if size > expected.raw else []
    return Section("size", "Size of the store", ("file", "MB", "share"), rows, [], short)


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %"
