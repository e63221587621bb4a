"""`terminology`: membership, expansion and search by value sets, on generated systems of up to 100,000 codes."""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bedside.record.model import Update
from bedside.record.record import Record, open_record
from bedside.terms.compose import Composer
from bedside.terms.expand import Asked, expand
from bedside.terms.r4 import R4Source
from bedside.terms.resource_system import ResourceSystem
from bedside.terms.sets import ListedSet, listed
from benchmarks.report import Section

HELP = "membership in and expansion of value sets of 100,000 codes, and search by them"
EXAMPLE = "python -m benchmarks.run terminology --codes 100000"
MEMBERSHIP = 1000.0
"""Nanoseconds that one question of membership may take in a set of 100,000 codes."""

SYSTEM, SET = "http://systems.example/large", "http://sets.example/large"
_ASKED = 200_000
_BRANCHES = 4  # children of each concept


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this command."""
    parser.add_argument("--codes", type=int, default=100_000, help="codes of the largest system (default: 100,000)")
    parser.add_argument("--observations", type=int, default=20_000, help="resources to search (default: 20,000)")


def code_system(size: int) -> dict[str, Any]:
    """A hierarchy of `size` codes, four children each, with displays."""
    concepts = [
        {"code": _code(n), "display": f"Finding {n} of the {_WORDS[n % len(_WORDS)]}"}
        | ({"property": [{"code": "parent", "valueCode": _code((n - 1) // _BRANCHES)}]} if n else {})
        for n in range(size)
    ]
    return {"resourceType": "CodeSystem", "id": "large", "url": SYSTEM, "version": "1", "status": "active",
            "content": "complete", "hierarchyMeaning": "is-a", "property": [{"code": "parent", "type": "code"}],
            "concept": concepts}  # fmt: skip


_WORDS = ("heart", "lung", "liver", "kidney", "spleen", "brain", "bone", "skin", "eye", "ear", "blood")


def _code(number: int) -> str:
    return str(10_000_000 + number * 7)


def value_set(size: int) -> dict[str, Any]:
    """A value set that lists `size` codes one by one."""
    compose = {"include": [{"system": SYSTEM, "concept": [{"code": _code(n)} for n in range(size)]}]}
    name = f"s{size}"
    return {"resourceType": "ValueSet", "id": name, "url": f"{SET}-{size}", "status": "active", "compose": compose}


def members(resource: dict[str, Any]) -> ListedSet:
    """The set, listed without a code system at hand."""
    return listed(Composer(R4Source()).rule(resource))


def membership(found: ListedSet, size: int, *, hits: bool) -> float:
    """Nanoseconds for one `(system, code) in members`, the loop around it included."""
    pick = random.Random(615)
    keys = [(SYSTEM, _code(pick.randrange(size)) if hits else f"x{pick.randrange(size)}") for _ in range(_ASKED)]
    times = []
    for _ in range(5):
        started = time.perf_counter()
        for key in keys:
            key in found  # noqa: B015
        times.append((time.perf_counter() - started) / len(keys) * 1e9)
    return min(times)


def seconds(action: Callable[[], object], times: int = 3) -> float:
    """The median duration of an action."""
    found = []
    for _ in range(times):
        started = time.perf_counter()
        action()
        found.append(time.perf_counter() - started)
    return statistics.median(found)


def fill(record: Record, size: int, observations: int) -> None:
    """A code system, value sets on it, and observations of 2,000 of its codes and as many others."""
    record.write(Update("CodeSystem", code_system(size), "large"))
    for some in (1_000, size):
        record.write(Update("ValueSet", value_set(some), f"s{some}"))
    pick = random.Random(1)
    codes = [_code(n) for n in pick.sample(range(size), min(2_000, size))] + [f"other-{n}" for n in range(2_000)]
    for start in range(0, observations, 1_000):
        batch = [
            {
                "resourceType": "Observation",
                "id": f"o{n}",
                "status": "final",
                "effectiveDateTime": f"20{pick.randrange(10, 25)}-01-01",
                "code": {"coding": [{"system": SYSTEM, "code": pick.choice(codes)}]},
            }
            for n in range(start, min(start + 1_000, observations))
        ]
        record.write(*[Update("Observation", each, each["id"]) for each in batch])


def _search(record: Record, name: str, value: str) -> tuple[float, int]:
    query = [(name, value), ("_count", "50")]
    found = record.search("Observation", [*query, ("_total", "accurate")])
    return seconds(lambda: record.search("Observation", query), 9), found.total or 0


def run(options: argparse.Namespace) -> Section:
    """All of it, in this process, on a record in a temporary folder."""
    rows: list[tuple[str, ...]] = []
    failures = []
    for size in (100, 10_000, options.codes):
        found = members(value_set(size))
        hit, miss = membership(found, size, hits=True), membership(found, size, hits=False)
        rows.append((f"membership among {size:,} codes", f"{hit:.0f} ns", f"{miss:.0f} ns for a code that is none"))
        if max(hit, miss) > MEMBERSHIP:
            failures.append(f"membership takes {max(hit, miss):.0f} ns, wanted under {MEMBERSHIP:.0f}")
    resource = value_set(options.codes)
    tracemalloc.start()
    kept = members(resource)
    size = tracemalloc.get_traced_memory()[0] / 1e6
    tracemalloc.stop()
    taken = seconds(lambda: members(resource))
    rows.append((f"list {options.codes:,} codes", f"{taken * 1e3:.0f} ms", f"{size:.0f} MB beside the definition"))
    composer = Composer(R4Source())
    composer.rule(resource)

    def shown(**asked: Any) -> int:
        total: int = expand(resource, kept, composer.used, Asked(**asked))["expansion"]["total"]
        return total

    page = seconds(lambda: shown(offset=options.codes // 2, count=100), 9)
    rows.append(("`$expand`: one page of 100 in its middle", f"{page * 1e3:.1f} ms", ""))
    _hierarchy(options.codes, rows)
    with tempfile.TemporaryDirectory() as folder:
        record = open_record(Path(folder))
        try:
            fill(record, options.codes, options.observations)
            _searches(record, options, rows)
        finally:
            record.close()
    return Section(
        "terminology",
        "Terminology",
        ("what", "time", "notes"),
        rows,
        [f"In one process, on generated definitions; searches see {options.observations:,} observations in SQLite."],
        failures,
    )


def _hierarchy(size: int, rows: list[tuple[str, ...]]) -> None:
    definition = code_system(size)
    made = seconds(lambda: ResourceSystem(definition))
    rows.append((f"read a CodeSystem of {size:,} concepts", f"{made * 1e3:.0f} ms", "once, when it is first asked for"))
    system = ResourceSystem(definition)
    top = _code(1)
    started = time.perf_counter()
    below = system.descendants(top)
    took = time.perf_counter() - started
    rows.append((f"`is-a` with {len(below):,} descendants", f"{took * 1e3:.1f} ms", "the first time, then kept"))
    pick = random.Random(2)
    pairs = [(_code(pick.randrange(size)), _code(pick.randrange(size))) for _ in range(20_000)]

    def ask() -> None:
        for general, special in pairs:
            system.subsumes(general, special)

    ask()
    rows.append(("subsumption of two codes", f"{seconds(ask) / len(pairs) * 1e6:.1f} us", "hierarchy nine levels deep"))


def _searches(record: Record, options: argparse.Namespace, rows: list[tuple[str, ...]]) -> None:
    current = seconds(lambda: record.terminology.current(), 99)
    rows.append(("look whether a definition changed", f"{current * 1e6:.0f} us", "with every request"))
    for size in (1_000, options.codes):
        url = f"{SET}-{size}"
        started = time.perf_counter()
        record.search("Observation", [("code:in", url), ("_count", "50")])
        first = time.perf_counter() - started
        took, total = _search(record, "code:in", url)
        note = f"{total:,} match; {first * 1e3:.0f} ms when the set is new"
        rows.append((f"search `code:in` {size:,} codes", f"{took * 1e3:.1f} ms", note))
    took, total = _search(record, "code:not-in", f"{SET}-{options.codes}")
    rows.append((f"search `code:not-in` {options.codes:,} codes", f"{took * 1e3:.1f} ms", f"{total:,} match"))
    took, total = _search(record, "code:below", f"{SYSTEM}|{_code(1)}")
    rows.append(("search `code:below` a code", f"{took * 1e3:.1f} ms", f"{total:,} match"))
