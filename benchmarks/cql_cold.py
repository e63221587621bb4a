"""`translate`: a new process reads, parses and types a measure with all of its libraries."""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys

from benchmarks import data, peers
from benchmarks.report import Section, Skipped

HELP = "CQL: milliseconds to parse and type CMS122 with its libraries in a new process"
EXAMPLE = "python -m benchmarks.run translate --times 5"

MEASURE = "CMS122FHIRDiabetesAssessGreaterThan9Percent"
TARGET_MS = 300.0

_PROGRAM = """
import json, sys, time
from pathlib import Path
wall, cpu = time.perf_counter(), time.process_time()
from bedside.questions.cql.typer import translate
imported = time.perf_counter(), time.process_time()
folder = Path(sys.argv[1])
used = set()
def library(name, version):
    path = folder / f"{name}.cql"
    if not path.exists():
        return None
    used.add(name)
    return path.read_text()
found = translate(library(sys.argv[2], None), libraries=library)
assert found.library is not None, found.problems
done = time.perf_counter(), time.process_time()
print(json.dumps([done[0] - imported[0], done[1] - imported[1], imported[0] - wall, imported[1] - cpu,
                  len(used), sum(len(library(each, None)) for each in used)]))
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this command."""
    parser.add_argument("--times", type=int, default=15, help="how many processes (default: 15)")


def run(options: argparse.Namespace) -> Section:
    """Start processes one after the other; the first one, whose modules may not be compiled yet, does not count."""
    folder = data.suites() / "measures" / "cql"
    if not folder.exists():
        raise Skipped(f"{folder} is not here: set BEDSIDE_SUITES to the suites folder")
    command = [sys.executable, "-c", _PROGRAM, str(folder), MEASURE]
    runs = []
    for _ in range(options.times + 1):
        done = subprocess.run(command, env=peers.environment(), capture_output=True, text=True, check=True, timeout=60)
        runs.append(json.loads(done.stdout))
    columns = list(zip(*runs[1:], strict=True))
    medians = [statistics.median(each) * 1000 for each in columns[:4]]
    whole = statistics.median(one + other for one, other in zip(columns[0], columns[2], strict=True)) * 1000
    rows = [
        ("parse and type", f"{medians[0]:.0f}", f"{medians[1]:.0f}", f"{max(columns[0]) * 1000:.0f}"),
        ("import our modules", f"{medians[2]:.0f}", f"{medians[3]:.0f}", f"{max(columns[2]) * 1000:.0f}"),
    ]
    libraries, characters = runs[0][4:]
    notes = [
        f"{options.times} new processes. CMS122 and the {libraries - 1} libraries that it uses have {characters:,} "
        "characters; the model information of QI-Core and FHIR is read in the same time, nothing is kept from one "
        "process to the next.",
        f"Import and translation together: {whole:.0f} ms.",
    ]
    failures = [f"{medians[0]:.0f} ms, wanted under {TARGET_MS:.0f}"] if medians[0] > TARGET_MS else []
    titles = ("", "median ms", "median ms of processor time", "slowest ms")
    return Section("translate", "Parse and type a measure, cold", titles, rows, notes, failures)
