"""`cql`: one patient and one warm measure, our CQL beside cql-execution."""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bedside.fhir import json as fhir_json
from benchmarks import data, peers
from benchmarks.peers.workers import Worker
from benchmarks.report import Section, Skipped

HELP = "CQL: milliseconds for one patient and one measure, beside cql-execution (npm)"
EXAMPLE = "python -m benchmarks.run cql --rounds 3"

TIMES_FASTER = 3.0
TARGET_MS = {"CMS122FHIRDiabetesAssessGreaterThan9Percent": 5.0}
TESTS = Path(__file__).resolve().parent.parent / "tests"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this command."""
    parser.add_argument("--rounds", type=int, default=9, help="how often each engine has its turn (default: 9)")


def run(options: argparse.Namespace) -> Section:
    """Both engines evaluate the populations of each measure for each patient, in turns; the medians count."""
    folder = data.suites() / "measures"
    if not folder.exists():
        raise Skipped(f"{folder} is not here: set BEDSIDE_SUITES to the suites folder")
    elm = elm_folder(folder)
    sys.path[:0] = [str(TESTS)]
    from questions.cql.measures import Measures  # type: ignore[import-not-found]

    measures = Measures(folder)
    work = peers.SCRATCH / "cql.json"
    work.write_bytes(fhir_json.encode(_work(measures, elm)))
    commands = {
        "bedside": [sys.executable, str(peers.HERE / "cql_worker.py"), str(folder), str(TESTS)],
        "cql-execution": [peers.node(), str(peers.script("cql_worker.mjs")), str(work)],
    }
    rows, failures, shortest = [], [], []
    with ExitStack() as stack:
        workers = {
            name: stack.enter_context(Worker(command, peers.environment(), peers.SCRATCH / f"{name}.log"))
            for name, command in commands.items()
        }
        for measure in measures.names:
            populations = [each for group in measures.groups(measure) for each in group["population"]]
            wanted = list(dict.fromkeys(each["criteria"]["expression"] for each in populations))
            checked = {
                name: worker.ask(do="check", measure=measure, expressions=wanted) for name, worker in workers.items()
            }
            same = sum(one == other for one, other in zip(*checked.values(), strict=True))
            times = _timed(workers, measure, wanted, options.rounds)
            ours, theirs = (statistics.median(each) for each in times.values())
            ratio = theirs / ours
            rows.append(
                (
                    measure,
                    f"{len(times['bedside'])}",
                    f"{ours:.2f}",
                    f"{max(times['bedside']):.2f}",
                    f"{theirs:.2f}",
                    f"{max(times['cql-execution']):.2f}",
                    f"{ratio:.1f}",
                    f"{same}",
                )
            )
            shortest.append(ratio)
            if ratio < TIMES_FASTER:
                failures.append(f"{ratio:.1f} times as fast on {measure}, wanted {TIMES_FASTER:g}")
            if ours > TARGET_MS.get(measure, ours):
                failures.append(f"{ours:.1f} ms on {measure}, wanted under {TARGET_MS[measure]:g}")
    notes = [
        "From the parsed bundle of one patient in memory to all population criteria of the measure, with libraries and "
        "value sets loaded. Engines take turns; a patient's time is the median of the rounds, the columns are the "
        "median and the slowest of the patients.",
        f"cql-execution {peers.NPM['cql-execution']} with cql-exec-fhir {peers.NPM['cql-exec-fhir']} runs the ELM of "
        f"@cqframework/cql {peers.NPM['@cqframework/cql']}. The last column counts the "
        "patients for whom both find as many members of every population.",
    ]
    columns = (
        *("measure", "patients", "bedside ms", "slowest", "cql-execution ms", "slowest", "times faster"),
        "same answers",
    )
    return Section("cql", "One patient, one measure", columns, rows, notes, failures)


def elm_folder(measures: Path) -> Path:
    """The measures' libraries as the reference translator writes them: from the suites, or translated now."""
    ready = measures / "elm-translated"
    if ready.exists():
        return ready
    target = peers.SCRATCH / "elm"
    sources = sorted(path.stem for path in (measures / "cql").glob("*.cql"))
    if sorted(path.stem for path in target.glob("*.json")) == sources:
        return target
    target.mkdir(parents=True, exist_ok=True)
    script = TESTS / "questions" / "cql" / "elm_reference.mjs"
    models, libraries = str(data.suites() / "modelinfo"), str(measures / "cql")
    command = [peers.node(), str(script), models, libraries, str(target), libraries]
    done = subprocess.run(command, cwd=peers.npm(), capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        raise Skipped(f"the reference translator failed: {done.stderr.strip()[-300:]}")
    return target


def _work(measures: Any, elm: Path) -> dict[str, Any]:
    value_sets: dict[str, Any] = {}
    for path in (measures.folder / "valueset").glob("*.json"):
        if "manifest" not in path.name:
            found = fhir_json.decode(path.read_bytes())
            contains = found.get("expansion", {}).get("contains", ())
            codes = [{"code": each["code"], "system": each["system"]} for each in contains]
            value_sets.setdefault(found["url"], {})[found.get("version", "")] = codes
    return {
        "elm": str(elm),
        "valueSets": value_sets,
        "measures": {
            name: [
                {
                    "bundle": case.bundle,
                    "start": case.report["period"]["start"][:10] + "T00:00:00.000+00:00",
                    "end": case.report["period"]["end"][:10] + "T23:59:59.999+00:00",
                }
                for case in measures.cases(name)
            ]
            for name in measures.names
        },
    }


def _timed(workers: dict[str, Worker], measure: str, wanted: list[str], rounds: int) -> dict[str, list[float]]:
    """Milliseconds for each patient, by engine."""
    found: dict[str, list[list[float]]] = {name: [] for name in workers}
    for _ in range(rounds + 2):  # Two rounds warm up.
        for name, worker in workers.items():
            found[name].append(worker.ask(do="time", measure=measure, expressions=wanted))
    return {name: [statistics.median(each) for each in zip(*some[2:], strict=True)] for name, some in found.items()}
