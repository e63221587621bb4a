"""`memory`: what the server holds after starting, after reading and after searching the loaded store."""

from __future__ import annotations

import argparse

from benchmarks import data, read, search
from benchmarks.http_load import Plan, Request, measure
from benchmarks.report import Section
from benchmarks.server import Server

HELP = "memory of the server after start, reads and searches over the loaded store"
EXAMPLE = "python -m benchmarks.run memory --seconds 3"
TARGET = 300


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this command."""
    data.add_arguments(parser)
    parser.add_argument("--seconds", type=float, default=5, help="how long each kind of load lasts (default: 5)")
    parser.add_argument("--connections", type=int, default=32)


def run(options: argparse.Namespace) -> Section:
    """Load the server with reads, then with every query of the search benchmark, and look after each."""
    store = data.loaded(data.bundles(options.bundles), "full")
    rows = []
    with Server(store) as server:
        api = server.api

        def note(when: str) -> float:
            held = server.memory()
            rows.append((when, f"{held.resident:.0f}", f"{held.proportional:.0f}", f"{held.peak:.0f}"))
            return held.peak

        def press(requests: list[Request]) -> None:
            plan = Plan(server.port, requests, connections=options.connections, seconds=options.seconds)
            measure(plan).require_success()

        note("after start")
        press(read.requests(api)["all together"])
        note("after reads by id")
        for requests in search.queries(api).values():
            press(requests)
        peak = note("after searches")
        api.close()
    short = [f"{peak:.0f} MB at the peak, wanted under {TARGET}"] if peak > TARGET else []
    columns = ("", "resident MB", "proportional MB", "peak MB")
    note_ = f"One worker; {options.connections} connections, {options.seconds:g} s for the reads and for each query."
    return Section("memory", "Memory", columns, rows, [note_], short)
