"""`fhirpath`: our FHIRPath beside fhirpath.js and fhirpathpy, expression by expression."""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
from collections import defaultdict
from collections.abc import Iterable
from contextlib import ExitStack
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from bedside.fhir import json as fhir_json
from bedside.fhir.definitions import invariants, is_subtype, search_parameters
from benchmarks import data, peers
from benchmarks.peers.workers import Worker
from benchmarks.report import Section, Skipped

HELP = "FHIRPath: microseconds an evaluation, beside fhirpath.js (npm) and fhirpathpy (PyPI)"
EXAMPLE = "python -m benchmarks.run fhirpath --rounds 3"

TIMES_FASTER_THAN_PYTHON = 20.0
TIMES_SLOWER_THAN_JAVASCRIPT = 3.0
PER_TYPE = 6
"""Resources of each type that an expression is asked of, from different patients."""

Case = dict[str, Any]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this command."""
    data.add_arguments(parser)
    parser.add_argument("--rounds", type=int, default=7, help="how often each engine has its turn (default: 7)")
    parser.add_argument("--milliseconds", type=float, default=1.0, help="for one expression in one round (default: 1)")
    parser.add_argument("--each", type=Path, help="write the figures of every expression to this file (JSON)")


def run(options: argparse.Namespace) -> Section:
    """All engines compile all expressions once, then take turns in evaluating them; the medians of the rounds count."""
    node, script, library = peers.node(), peers.script("fhirpath_worker.mjs"), peers.pypi()
    resources, cases = _work(options.bundles)
    work = peers.SCRATCH / "fhirpath.json"
    work.write_bytes(fhir_json.encode({"resources": resources, "cases": cases}))
    driver = str(peers.HERE / "fhirpath_worker.py")
    commands = {
        "bedside": [sys.executable, driver, "bedside", str(work)],
        "fhirpath.js": [node, str(script), str(work)],
        "fhirpathpy": [sys.executable, driver, "fhirpathpy", str(work)],
    }
    environment = peers.environment(PYTHONPATH=str(library))
    with ExitStack() as stack:
        workers = {
            name: stack.enter_context(Worker(command, environment, peers.SCRATCH / f"{name}.log"))
            for name, command in commands.items()
        }
        found = {name: worker.ask(do="check") for name, worker in workers.items()}
        comparable = [
            number
            for number in range(len(cases))
            if None is not found["bedside"][number] == found["fhirpath.js"][number] == found["fhirpathpy"][number]
        ]
        rounds: dict[str, list[list[float]]] = defaultdict(list)
        for _ in range(options.rounds + 1):  # The first round only warms up.
            for name, worker in workers.items():
                seconds = options.milliseconds / 1000
                rounds[name].append(worker.ask(do="time", cases=comparable, seconds=seconds))
    times = {name: [statistics.median(each) for each in zip(*some[1:], strict=True)] for name, some in rounds.items()}
    if options.each:
        _write(options.each, cases, comparable, times)
    return _section(cases, comparable, times, found)


def _work(chosen: Path | None) -> tuple[list[Any], list[Case]]:
    """Resources, and the expressions that are asked of them."""
    by_type: dict[str, list[int]] = defaultdict(list)
    resources: list[Any] = []
    for path in data.bundles(chosen)[:40]:
        taken: set[str] = set()
        for entry in fhir_json.decode(path.read_bytes())["entry"]:
            name = entry["resource"]["resourceType"]
            if name not in taken and len(by_type[name]) < PER_TYPE:
                taken.add(name)
                by_type[name].append(len(resources))
                resources.append(entry["resource"])
    cases: dict[tuple[str, tuple[int, ...]], Case] = {}

    def add(kind: str, expression: str, given: Iterable[int]) -> None:
        numbers = tuple(given)
        cases.setdefault((expression, numbers), {"kind": kind, "expression": expression, "resources": numbers})

    for name, numbers in sorted(by_type.items()):
        for parameter in search_parameters():
            if parameter.expression and any(is_subtype(name, base) for base in parameter.base):
                add("search", parameter.expression, numbers)
        for each in invariants(name):
            if "." not in each.path:
                add("invariant", each.expression, numbers)
    _add_suite(resources, add)
    return resources, list(cases.values())


def _add_suite(resources: list[Any], add: Any) -> None:
    """The valid cases of the official tests that have an input."""
    path = data.suites() / "fhirpath-r4" / "tests-fhir-r4.xml"
    if not path.exists():
        raise Skipped(f"{path} is not here: set BEDSIDE_SUITES to the suites folder")
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "questions"))
    suite = import_module("fhirpath_suite")

    @cache
    def number(source: Path) -> int:
        resources.append(suite.read_input(source))
        return len(resources) - 1

    for case in suite.read_cases(path):
        if case.input is not None and case.invalid is None:
            add("official test", case.expression, [number(case.input)])


def _section(
    cases: list[Case], comparable: list[int], times: dict[str, list[float]], found: dict[str, list[int | None]]
) -> Section:
    ours = times["bedside"]
    rows = []
    ratios = {
        name: [other / own for own, other in zip(ours, times[name], strict=True)]
        for name in ("fhirpathpy", "fhirpath.js")
    }
    kinds = ("search", "invariant", "official test", "all")
    for kind in kinds:
        some = [at for at, number in enumerate(comparable) if kind in (cases[number]["kind"], "all")]
        of_python, of_javascript = ([ratios[name][at] for at in some] for name in ratios)
        rows.append(
            (
                kind,
                f"{len(some)}",
                *(f"{statistics.median(times[name][at] for at in some):.1f}" for name in times),
                f"{_mean(of_python):.1f} ({min(of_python):.1f})",
                f"{1 / _mean(of_javascript):.2f} ({1 / min(of_javascript):.1f})",
            )
        )
    python, javascript = _mean(ratios["fhirpathpy"]), 1 / _mean(ratios["fhirpath.js"])
    worst = sorted(range(len(comparable)), key=lambda at: ratios["fhirpath.js"][at])[:8]
    notes = [
        "Each engine has the same JSON in memory and compiles an expression once. Search expressions and invariants of "
        f"R4 are asked of up to {PER_TYPE} resources of their type, the official tests' valid expressions of their "
        "input. "
        f"Of {len(cases)} expressions, the {len(comparable)} count for which all three find the same number of items "
        f"({_unable(found)}).",
        "Engines take turns; a figure is the median of the rounds. Times are medians over the expressions; ratios are "
        "geometric means over the expressions, with the worst expression in parentheses.",
        "Slowest beside fhirpath.js: "
        + "; ".join(
            f"`{_short(cases[comparable[at]]['expression'])}` {ours[at]:.1f} us, "
            f"{1 / ratios['fhirpath.js'][at]:.1f} times"
            for at in worst
        )
        + ".",
    ]
    failures = []
    if python < TIMES_FASTER_THAN_PYTHON:
        failures.append(f"{python:.1f} times as fast as fhirpathpy, wanted {TIMES_FASTER_THAN_PYTHON:.0f}")
    if javascript > TIMES_SLOWER_THAN_JAVASCRIPT:
        failures.append(f"{javascript:.1f} times the time of fhirpath.js, wanted {TIMES_SLOWER_THAN_JAVASCRIPT:.0f}")
    columns = (
        *("expressions", "count", "bedside us", "fhirpath.js us", "fhirpathpy us"),
        *("times faster than fhirpathpy", "time relative to fhirpath.js"),
    )
    return Section("fhirpath", "FHIRPath beside its peers", columns, rows, notes, failures)


def _mean(ratios: Iterable[float]) -> float:
    return math.exp(statistics.fmean(map(math.log, ratios)))


def _unable(found: dict[str, list[int | None]]) -> str:
    return ", ".join(f"{name} cannot do {some.count(None)}" for name, some in found.items())


def _short(expression: str) -> str:
    text = " ".join(expression.split())
    return text if len(text) <= 70 else text[:67] + "..."


def _write(path: Path, cases: list[Case], comparable: list[int], times: dict[str, list[float]]) -> None:
    figures = [
        {"kind": cases[number]["kind"], "expression": cases[number]["expression"]}
        | {name: round(some[at], 2) for name, some in times.items()}
        for at, number in enumerate(comparable)
    ]
    path.write_text(json.dumps(figures, indent=1))
