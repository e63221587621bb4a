"""`terminology-load`: a synthetic SNOMED CT loaded from RF2, then asked: how fast, and in how much memory."""

from __future__ import annotations

import argparse
import dataclasses
import json
import multiprocessing
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import rf2
from benchmarks.report import Section

HELP = "loading a synthetic SNOMED CT of 350,000 concepts from RF2, and asking it"
EXAMPLE = "python -m benchmarks.run terminology-load --concepts 350000"
MEMORY = 300
"""Megabytes that a process which answers may hold."""
EXPANSION = 2.0
"""Seconds for all codes of an expansion of 100,000."""
MEMBERSHIP = 1000.0
"""Nanoseconds for one question of membership."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this command."""
    parser.add_argument("--concepts", type=int, default=350_000, help="concepts (default: 350,000)")
    parser.add_argument("--keep", type=Path, default=None, help="folder for the release and the record, to be kept")


def run(options: argparse.Namespace) -> Section:
    """Write the release, load it in one process, ask it in another."""
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        release = folder / f"release-{options.concepts}"
        if not release.exists():
            rf2.write(release, options.concepts)
        size = sum(file.stat().st_size for file in release.iterdir()) / 1e6
        place = folder / "record"
        with context.Pool(1) as pool:
            loaded = pool.apply(_load, (str(release), str(place)))
        disk = sum(file.stat().st_size for file in place.iterdir()) / 1e6
        with context.Pool(1) as pool:
            asked = pool.apply(_ask, (str(place),))
    rows = [
        ("release", f"{size:,.0f} MB of RF2: {loaded['concepts']:,} concepts, {loaded['designations']:,} descriptions,"
         f" {loaded['relationships']:,} relationships and properties"),
        ("load", f"{loaded['seconds']:.0f} s, {loaded['concepts'] / loaded['seconds']:,.0f} concepts/s,"
         f" {size / loaded['seconds']:.1f} MB/s"),
        ("processor time of the load", f"{loaded['processor']:.0f} s"),
        ("memory of the load, at its peak", f"{loaded['memory']:,.0f} MB"),
        ("closure", f"{loaded['pairs']:,} pairs of a concept and one above it"),
        ("record on disk", f"{disk:,.0f} MB"),
        *((name, told) for name, told in asked["rows"]),
        ("memory of the process that answered all this",
         f"{asked['before']:.0f} MB before, {asked['peak']:.0f} MB at the peak"),
    ]  # fmt: skip
    failures = list(asked["failures"])
    if asked["peak"] > MEMORY:
        failures.append(f"{asked['peak']:.0f} MB to answer, wanted under {MEMORY}")
    note = "One process, SQLite. All concepts are invented; the shape is that of a SNOMED CT release."
    return Section("terminology-load", "Licensed terminologies", ("", "measured"), rows, [note], failures)


def _load(release: str, place: str) -> dict[str, Any]:
    from bedside.record.terminology.load.load import load_terminology

    report = load_terminology([Path(release)], place, again=True)[0]
    found: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(report)))
    found["processor"] = time.process_time()
    return found


def _ask(place: str) -> dict[str, Any]:
    from bedside.record.record import open_record
    from bedside.terms.concepts import Filter
    from bedside.terms.expand import Asked, expand

    record = open_record(place)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    state = record.terminology.current()
    system = state.code_system("http://snomed.info/sct")
    assert system is not None
    count = len(system)
    codes = [rf2.concept(n * 37 % (count - 100)) for n in range(2_000)]
    rows: list[tuple[str, str]] = []
    failures: list[str] = []

    def note(name: str, seconds: float, what: str = "") -> None:
        rows.append((name, f"{_told(seconds)}{what}"))

    note("$lookup of a code, not asked before (median)", _median(system.find, codes))
    note("$subsumes of two codes (median)", _median(partial(system.subsumes, rf2.concept(1)), codes))
    sizes = {n: len(list(system.descendants(rf2.concept(n)))) for n in range(1, 60)}
    branch = min(sizes, key=lambda n: abs(sizes[n] - 100_000))
    wide = f"http://snomed.info/sct?fhir_vs=isa/{rf2.concept(branch)}"
    began = time.perf_counter()
    members = state.members(wide)
    total = len(members)
    listed = members.codes()["http://snomed.info/sct"]
    seconds = time.perf_counter() - began
    note(f"all codes of an is-a expansion of {total:,}", seconds)
    if seconds > EXPANSION:
        failures.append(f"{seconds:.1f} s for an expansion of {total:,}, wanted under {EXPANSION:.0f}")
    keys = [("http://snomed.info/sct", code) for code in (*codes, *list(listed)[:2_000])] * 50
    began = time.perf_counter()
    found = sum(key in members for key in keys)
    each = (time.perf_counter() - began) / len(keys)
    note("membership in it", each, f" ({found * 100 // len(keys)}% are members)")
    if each * 1e9 > MEMBERSHIP:
        failures.append(f"{each * 1e9:.0f} ns for membership, wanted under {MEMBERSHIP:.0f}")
    kept = state.find(wide)
    began = time.perf_counter()
    page = Asked(offset=max(0, total - 10_000), count=10_000)
    answer = expand(kept.resource, kept.listed(), kept.used, page)
    note("$expand of it, a page of 10,000 with displays", time.perf_counter() - began)
    began = time.perf_counter()
    whole = expand(kept.resource, kept.listed(), kept.used, Asked(most=total))
    note("$expand of all of it, with displays", time.perf_counter() - began)
    del whole
    word = (answer["expansion"]["contains"][0]["display"] or "x").split()[0]
    began = time.perf_counter()
    answer = expand(kept.resource, kept.listed(), kept.used, Asked(filter=word[:4], count=20))
    hits = answer["expansion"]["total"]
    note("$expand of it with a text filter, the first 20", time.perf_counter() - began, f" of {hits:,}")
    site, target = rf2.attribute(0), rf2.concept(branch)
    for name, text in (
        ("one attribute", f"<< {rf2.concept(branch)}: {site} = << {target}"),
        ("a role group of two", f"*: {{ {site} = << {target}, {rf2.attribute(1)} = * }}"),
        ("a reference set less a branch", f"^ {rf2.LIST} MINUS << {target}"),
        ("two words of a term", f'<< {rf2.concept(branch)} {{{{ term = "{word[:3]} of" }}}}'),
    ):
        began = time.perf_counter()
        size = sum(1 for _ in system.select(Filter("constraint", "=", text)))
        note(f"ECL: {name}", time.perf_counter() - began, f" ({size:,} concepts)")
    everything = state.members("http://snomed.info/sct?fhir_vs")
    began = time.perf_counter()
    everything.codes()
    note(f"all {len(everything):,} codes listed", time.perf_counter() - began)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    record.close()
    return {"rows": rows, "failures": failures, "before": before, "peak": peak}


def _told(seconds: float) -> str:
    if seconds < 1e-5:
        return f"{seconds * 1e9:.0f} ns"
    return f"{seconds * 1e3:.2f} ms" if seconds < 1 else f"{seconds:.2f} s"


def _median(call: Callable[[str], object], codes: list[str]) -> float:
    taken = []
    for code in codes:
        began = time.perf_counter()
        call(code)
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)
