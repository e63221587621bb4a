"""`read`: reads by id over 32 connections on one worker."""

from __future__ import annotations

import argparse
import random

from benchmarks import data
from benchmarks.http_load import Plan, Request, Result, measure
from benchmarks.report import Section
from benchmarks.server import Server
from benchmarks.wire import Api

HELP = "read by id over 32 connections on one worker: requests/s and p99"
EXAMPLE = "python -m benchmarks.run read --seconds 5"
TARGET, SLOWEST = 8_000, 10.0
TYPES = ("Observation", "Encounter", "Condition", "Patient", "Claim")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this command."""
    data.add_arguments(parser)
    parser.add_argument("--seconds", type=float, default=10, help="how long for each row (default: 10)")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--engine", choices=("auto", "wrk", "asyncio"), default="auto")


def sample(api: Api, name: str, most: int) -> list[str]:
    """References to resources of a type, by paging through it, in random but repeatable order."""
    found = [
        f"{name}/{entry['resource']['id']}"
        for page in api.pages(f"{name}?_count=200", (most + 199) // 200)
        for entry in page.get("entry", [])
    ]
    random.Random(615).shuffle(found)
    return found[:most]


def requests(api: Api, each: int = 400) -> dict[str, list[Request]]:
    """Reads of a sample of each type, and of all together."""
    by_type = {name: [Request(f"/fhir/{path}") for path in sample(api, name, each)] for name in TYPES}
    mixed = [request for some in by_type.values() for request in some]
    random.Random(615).shuffle(mixed)
    return {"all together": mixed, **{name: some for name, some in by_type.items() if some}}


def row(name: str, result: Result) -> tuple[str, ...]:
    """One line of figures."""
    size = result.bytes / max(1, result.requests)
    return (
        name, f"{result.requests:,}", f"{size:,.0f}", f"{result.per_second:,.0f}", f"{result.p50:.2f}",
        f"{result.p95:.2f}", f"{result.p99:.2f}", f"{result.most:.1f}", f"{100 * result.client_cpu:.0f} %",
    )  # fmt: skip


def run(options: argparse.Namespace) -> Section:
    """Read a sample of each of five types, and a mixture, from the loaded store."""
    store = data.loaded(data.bundles(options.bundles), "full")
    rows, failures, engine = [], [], ""
    with Server(store) as server:
        api = server.api
        for name, some in requests(api).items():
            plan = Plan(server.port, some, connections=options.connections, seconds=options.seconds, warmup=len(some))
            result = measure(plan, options.engine).require_success()
            engine = result.engine
            rows.append(row(name, result))
            if name == "all together" and result.per_second < TARGET:
                failures.append(f"{result.per_second:,.0f} reads/s, wanted {TARGET:,}")
            if name == "all together" and result.p99 > SLOWEST:
                failures.append(f"p99 {result.p99:.1f} ms, wanted under {SLOWEST:.0f}")
        api.close()
    return Section(
        "read",
        "Read by id",
        ("type", "requests", "bytes", "requests/s", "p50 ms", "p95 ms", "p99 ms", "max ms", "client CPU"),
        rows,
        [f"{options.connections} connections, one worker, load from {engine} on the same machine."],
        failures,
    )
