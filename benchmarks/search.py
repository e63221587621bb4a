"""`search`: the searches that a chart makes, over a quarter of the data and over all of it."""

from __future__ import annotations

import argparse
import random
from urllib.parse import quote

from benchmarks import data
from benchmarks.http_load import Plan, Request, Result, measure
from benchmarks.report import Section
from benchmarks.server import Server, Store
from benchmarks.wire import Api

HELP = "token + date + sort, chains and _include over 1/4 and all of the data: p50 and p99"
EXAMPLE = "python -m benchmarks.run search --seconds 3 --connections 1"

HEIGHT = "http://loinc.org|8302-2"
#: What each query's p50 and p99 may be in milliseconds, over all of the data and one connection.
TARGETS = {
    "code + date + sort": (3.0, 15.0),
    "patient + code + date + sort": (3.0, 15.0),
    "chain: patient.identifier": (3.0, 15.0),
    "chain: subject:Patient.name": (3.0, 15.0),
    "_include of 100": (20.0, 20.0),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this command."""
    data.add_arguments(parser)
    parser.add_argument("--seconds", type=float, default=5, help="how long for each row (default: 5)")
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 8], help="(default: 1 8)")
    parser.add_argument("--engine", choices=("auto", "wrk", "asyncio"), default="auto")


def queries(api: Api, people: int = 100) -> dict[str, list[Request]]:
    """Each kind of query as many requests: the same question about different patients, names and dates."""
    patients = [entry["resource"] for page in api.pages("Patient?_count=100", 2) for entry in page.get("entry", [])]
    random.Random(615).shuffle(patients)
    patients = patients[:people]
    identifiers = [
        f"{found['system']}|{found['value']}" for patient in patients for found in patient.get("identifier", [])[:1]
    ]
    families = sorted({name["family"] for patient in patients for name in patient.get("name", [])[:1]})
    code = f"code={quote(HEIGHT)}"
    dates = [f"date=ge{year}-{month:02}-01" for year in range(2011, 2019) for month in (1, 4, 7, 10)]
    newest = "_sort=-date&_count=20"
    texts = {
        "code + date + sort": [f"Observation?{code}&{date}&{newest}" for date in dates],
        "patient + code + date + sort": [
            f"Observation?{code}&patient={patient['id']}&date=ge2010-01-01&{newest}" for patient in patients
        ],
        "chain: patient.identifier": [
            f"Observation?patient.identifier={quote(identifier)}&_count=20" for identifier in identifiers
        ],
        "chain: subject:Patient.name": [
            f"Encounter?subject:Patient.name={quote(family)}&_count=20" for family in families
        ],
        "_include of 100": [
            f"Observation?{code}&{date}&_count=100&_include=Observation:subject" for date in dates[:12]
        ],
    }
    return {name: [Request(f"/fhir/{text}") for text in some] for name, some in texts.items()}


def _entries(api: Api, requests: list[Request]) -> float:
    """How many entries an answer has on average; raises if none has any, for then nothing was searched."""
    some = requests[:10]
    found = sum(len(api.get(request.path).get("entry", [])) for request in some) / len(some)
    if not found:
        raise RuntimeError(f"nothing matches {some[0].path}")
    return found


def _measure(store: Store, options: argparse.Namespace) -> dict[tuple[str, int], tuple[float, Result]]:
    found = {}
    with Server(store) as server:
        api = server.api
        for name, requests in queries(api).items():
            entries = _entries(api, requests)
            for connections in options.connections:
                plan = Plan(
                    server.port, requests, connections=connections, seconds=options.seconds, warmup=len(requests)
                )
                found[name, connections] = entries, measure(plan, options.engine).require_success()
        api.close()
    return found


def run(options: argparse.Namespace) -> Section:
    """Measure each query on two stores, one with a quarter of the patients."""
    files = data.bundles(options.bundles)
    quarter = _measure(data.loaded(data.share(files, 4), "quarter"), options)
    full = _measure(data.loaded(files, "full"), options)
    rows, failures = [], []
    for (name, connections), (entries, result) in full.items():
        fewer, small = quarter[name, connections]
        rows.append(
            (name, str(connections), f"{fewer:.0f}", f"{small.p50:.2f}", f"{small.p99:.2f}", f"{entries:.0f}",
             f"{result.p50:.2f}", f"{result.p99:.2f}", f"{result.per_second:,.0f}", f"{result.p50 / small.p50:.2f}")
        )  # fmt: skip
        middle, slowest = TARGETS[name]
        if connections == 1 and result.p50 > middle:
            failures.append(f"{name}: p50 {result.p50:.1f} ms, wanted under {middle:.0f}")
        if connections == 1 and result.p99 > slowest:
            failures.append(f"{name}: p99 {result.p99:.1f} ms, wanted under {slowest:.0f}")
    engine = next(iter(full.values()))[1].engine
    return Section(
        "search",
        "Search, over a quarter of the data and over all of it",
        ("query", "connections", "1/4: entries", "1/4: p50 ms", "1/4: p99 ms", "entries", "p50 ms", "p99 ms",
         "requests/s", "growth of p50"),
        rows,
        [
            f"One worker, load from {engine} on the same machine; each row is the same question with many different "
            "patients, names or dates. Entries are the average of an answer's, includes with them.",
        ],
        failures,
    )  # fmt: skip
