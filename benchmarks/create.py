"""`create`: durable creates of single resources by many clients, on both stores."""

from __future__ import annotations

import argparse
import json
from typing import Any

from benchmarks.http_load import Plan, Request, measure
from benchmarks.report import Section
from benchmarks.server import WORK, Server, fresh_store

HELP = "durable single creates (Observations) by 32 clients on SQLite and PostgreSQL: creates/s"
EXAMPLE = "python -m benchmarks.run create --count 2000 --stores sqlite"
TARGET = 3_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this command."""
    parser.add_argument("--count", type=int, default=30_000, help="how many to create (default: 30000)")
    parser.add_argument("--clients", type=int, default=32, help="connections (default: 32)")
    parser.add_argument("--workers", type=int, default=1, help="server processes (default: 1)")
    parser.add_argument("--stores", nargs="+", choices=("sqlite", "postgresql"), default=["sqlite", "postgresql"])


def observation(number: int, patient: str) -> dict[str, Any]:
    """A vital sign as a ward sends it: body weight with category, code, subject, time and value."""
    minute, day, month = number % 60, number // 60 % 28 + 1, number // 1680 % 12 + 1
    coding = {"system": "http://loinc.org", "code": "29463-7", "display": "Body Weight"}
    category = "http://terminology.hl7.org/CodeSystem/observation-category"
    return {
        "resourceType": "Observation",
        "status": "final",
        "category": [{"coding": [{"system": category, "code": "vital-signs"}]}],
        "code": {"coding": [coding], "text": "Body Weight"},
        "subject": {"reference": patient},
        "effectiveDateTime": f"2026-{month:02}-{day:02}T08:{minute:02}:00+01:00",
        "issued": f"2026-{month:02}-{day:02}T08:{minute:02}:30.000+01:00",
        "valueQuantity": {
            "value": 50 + number % 400 / 10,
            "unit": "kg",
            "system": "http://unitsofmeasure.org",
            "code": "kg",
        },
    }


def run(options: argparse.Namespace) -> Section:
    """Create on a fresh store each, then count what is there."""
    rows, failures = [], []
    for kind in options.stores:
        with fresh_store(kind, WORK / f"create-{kind}") as store, Server(store, workers=options.workers) as server:
            api = server.api
            made = api.request("POST", "Patient", {"resourceType": "Patient", "name": [{"family": "Create"}]})
            if made.status != 201:
                raise RuntimeError(f"POST Patient: {made.status} {made.body[:500]!r}")
            patient = f"Patient/{json.loads(made.body)['id']}"
            bodies = [json.dumps(observation(number, patient)) for number in range(2000)]
            requests = [Request("/fhir/Observation", "POST", body) for body in bodies]
            warmup = min(500, options.count // 10)
            plan = Plan(
                server.port, requests, connections=options.clients, total=options.count, seconds=120, warmup=warmup
            )
            result = measure(plan, "asyncio").require_success()
            found = api.total("Observation")
            api.close()
            if found != result.requests + warmup:
                raise RuntimeError(f"{result.requests + warmup} creates were acknowledged, {found} are there")
            if result.per_second < TARGET:
                failures.append(f"{result.per_second:,.0f} creates/s on {store.kind}, wanted {TARGET:,}")
            rows.append(
                (store.kind, f"{result.requests:,}", f"{result.per_second:,.0f}", f"{result.p50:.1f}",
                 f"{result.p95:.1f}", f"{result.p99:.1f}", f"{result.most:.0f}", f"{100 * result.client_cpu:.0f} %")
            )  # fmt: skip
    return Section(
        "create",
        "Durable single creates",
        ("store", "creates", "creates/s", "p50 ms", "p95 ms", "p99 ms", "max ms", "client CPU"),
        rows,
        [
            f"{options.clients} clients, {options.workers} server process; each 201 is sent after the commit is "
            "on disk (SQLite synchronous=FULL, PostgreSQL fsync and synchronous_commit on).",
            "The client shares the machine's cores; its share of one core is in the last column.",
            "Checked: the store holds exactly as many as were acknowledged.",
        ],
        failures,
    )
