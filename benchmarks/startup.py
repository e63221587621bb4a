"""`startup`: from the start of the process to its first answer, on the loaded store."""

from __future__ import annotations

import argparse
import statistics

from benchmarks import data
from benchmarks.report import Section
from benchmarks.server import Server

HELP = "seconds from starting `bedside serve` on the loaded store to its first 200"
EXAMPLE = "python -m benchmarks.run startup --times 5"
TARGET = 1.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this command."""
    data.add_arguments(parser)
    parser.add_argument("--times", type=int, default=7, help="how often to start (default: 7)")


def run(options: argparse.Namespace) -> Section:
    """Start and stop the server several times; the first start is shown apart, for its files may be cold."""
    store = data.loaded(data.bundles(options.bundles), "full")
    rows, failures = [], []
    for path, what in (("/fhir/metadata", "capability statement"), ("/fhir/Patient?_count=1", "one search")):
        seconds = []
        for _ in range(options.times):
            server = Server(store)
            seconds.append(server.start(path=path))
            server.stop()
        middle = statistics.median(seconds)
        rows.append((what, f"{seconds[0]:.2f}", f"{middle:.2f}", f"{max(seconds):.2f}"))
        if middle > TARGET:
            failures.append(f"{middle:.2f} s to the first answer ({what}), wanted {TARGET:.0f} s")
    columns = ("first answer", "first start (s)", "median (s)", "slowest (s)")
    return Section("startup", "Start", columns, rows, [f"{options.times} starts each."], failures)
