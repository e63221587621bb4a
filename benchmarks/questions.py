"""`questions`: CQL and a measure asked of the demo hospital over HTTP, one patient at a time and everybody at once."""

from __future__ import annotations

import argparse
import base64
import json
import os
import time
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

from benchmarks.http_load import Plan, Request, measure
from benchmarks.report import Section
from benchmarks.server import WORK, Server, Store, sqlite_store
from benchmarks.wire import Api

HELP = "questions over HTTP on the demo hospital: ms for one patient, patients/s for everybody"
EXAMPLE = "python -m benchmarks.run questions --patients 200"
TARGET = 15.0
"""Milliseconds that the median answer of $evaluate may take."""

QUESTION = """
library SeldomSeen version '1.0.0'
using FHIR version '4.0.1'
codesystem "LOINC": 'http://loinc.org'
valueset "Diabetes": 'http://bench.example/ValueSet/diabetes'
code "HbA1c": '59261-8' from "LOINC"
parameter "Measurement Period" Interval<DateTime>
context Patient
define "Adult": AgeInYearsAt(start of "Measurement Period") >= 18
define "Diabetic": exists [Condition: "Diabetes"]
define "Encounters": [Encounter] E where E.period during "Measurement Period"
define "Last Result":
  Last([Observation: "HbA1c"] O where O.effective during "Measurement Period" sort by (effective as FHIR.dateTime))
define "Initial Population": "Adult" and exists "Encounters"
define "Denominator": "Initial Population" and "Diabetic"
define "Numerator": "Last Result".value as FHIR.Quantity > 75 'mmol/mol'
define "Last Seen": Last("Encounters" E return start of E.period sort asc)
define "Not Seen For Half A Year": "Last Seen" is null or "Last Seen" before Now() - 6 months
"""
_POPULATIONS = ("initial-population", "denominator", "numerator")
_CQFM = "http://hl7.org/fhir/us/cqfmeasures/StructureDefinition/cqfm-"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this command."""
    parser.add_argument("--patients", type=int, default=200, help="patients of the hospital (default: 200)")
    parser.add_argument("--seconds", type=float, default=5, help="how long for each row (default: 5)")


def content() -> list[dict[str, Any]]:
    """The question as a Library, its value set, and a Measure over it."""
    populations = [
        {
            "id": code,
            "code": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/measure-population", "code": code}]},
            "criteria": {"language": "text/cql-identifier", "expression": code.replace("-", " ").title()},
        }
        for code in _POPULATIONS
    ]
    scoring = {"coding": [{"code": "proportion"}]}
    group = {
        "extension": [{"url": f"{_CQFM}scoring", "valueCodeableConcept": scoring}],
        "population": populations,
    }
    codes = [{"code": "44054006"}, {"code": "46635009"}]
    return [
        {
            "resourceType": "ValueSet",
            "id": "bench-diabetes",
            "url": "http://bench.example/ValueSet/diabetes",
            "status": "active",
            "compose": {"include": [{"system": "http://snomed.info/sct", "concept": codes}]},
        },
        {
            "resourceType": "Library",
            "id": "bench-seldom-seen",
            "url": "http://bench.example/Library/SeldomSeen",
            "name": "SeldomSeen",
            "version": "1.0.0",
            "status": "active",
            "type": {"coding": [{"code": "logic-library"}]},
            "content": [{"contentType": "text/cql", "data": base64.b64encode(QUESTION.encode()).decode()}],
        },
        {
            "resourceType": "Measure",
            "id": "bench-seldom-seen",
            "url": "http://bench.example/Measure/SeldomSeen",
            "status": "active",
            "library": ["http://bench.example/Library/SeldomSeen"],
            "group": [group],
        },
    ]


def hospital(patients: int) -> Store:
    """The demo hospital, generated at the first run."""
    from bedside.cli.environment import read_settings
    from bedside.cli.fill import fill

    store = sqlite_store(WORK / f"demo-{patients}")
    assert store.directory is not None
    fill(str(store.directory), patients, 1, read_settings(os.environ)[0], lambda done, total: None)
    return store


def questions(patients: list[str], period: str) -> dict[str, list[Request]]:
    """What is asked, of each patient in turn."""
    given = {
        "resourceType": "Parameters",
        "parameter": [{"name": "Measurement Period", "valuePeriod": dict(zip(("start", "end"), _year(), strict=True))}],
    }
    asked = json.dumps(given)

    def library(patient: str, *expressions: str) -> Request:
        named = "".join(f',{{"name": "expression", "valueString": "{each}"}}' for each in expressions)
        body = (
            f'{{"resourceType": "Parameters", "parameter": [{{"name": "subject", "valueString": "Patient/{patient}"}},'
            f'{{"name": "parameters", "resource": {asked}}}{named}]}}'
        )
        return Request("/fhir/Library/bench-seldom-seen/$evaluate", "POST", body)

    expression = quote("Count([Encounter] E where E.status = 'finished')")
    report = f"/fhir/Measure/bench-seldom-seen/$evaluate-measure?{period}&subject=Patient/"
    return {
        "Library/$evaluate, one definition": [library(each, "Not Seen For Half A Year") for each in patients],
        "Library/$evaluate, all definitions": [library(each) for each in patients],
        "Measure/$evaluate-measure of one patient": [Request(report + each) for each in patients],
        "$cql of one patient": [
            Request(f"/fhir/$cql?subject=Patient/{each}&expression={expression}") for each in patients
        ],
    }


def _year() -> tuple[str, str]:
    """The last twelve months."""
    end = date.today()
    return (end - timedelta(days=364)).isoformat(), end.isoformat()


def _put(api: Api, resources: list[dict[str, Any]]) -> None:
    for each in resources:
        answer = api.request("PUT", f"{each['resourceType']}/{each['id']}", each)
        if answer.status not in (200, 201):
            raise RuntimeError(f"{each['resourceType']}: {answer.status} {answer.body[:500].decode()}")


def run(options: argparse.Namespace) -> Section:
    """Ask each patient of the hospital, over one connection; then everybody at once."""
    store = hospital(options.patients)
    start, end = _year()
    period = f"periodStart={start}&periodEnd={end}"
    rows, failures = [], []
    with Server(store) as server:
        api = server.api
        _put(api, content())
        entries = [entry for page in api.pages("Patient?_count=500&_elements=id") for entry in page["entry"]]
        patients = [entry["resource"]["id"] for entry in entries]
        for name, requests in questions(patients, period).items():
            plan = Plan(server.port, requests, connections=1, seconds=options.seconds, warmup=20)
            found = measure(plan, "asyncio").require_success()
            rows.append((name, f"{found.requests:,}", f"{found.p50:.2f}", f"{found.p95:.2f}", f"{found.p99:.2f}"))
            if found.p50 > TARGET:
                failures.append(f"{name}: p50 {found.p50:.1f} ms, wanted under {TARGET:.0f}")
        before = time.perf_counter()
        report = api.get(f"Measure/bench-seldom-seen/$evaluate-measure?{period}")
        seconds = time.perf_counter() - before
        counted = {each["id"]: each["count"] for each in report["group"][0]["population"]}
        api.close()
    told = ", ".join(f"{name} {number}" for name, number in counted.items())
    return Section(
        "questions",
        "Questions over HTTP",
        ("question", "requests", "p50 ms", "p95 ms", "p99 ms"),
        rows,
        [
            f"{len(patients)} patients of the demo hospital on SQLite, each in its turn, over one connection.",
            f"A summary of all of them takes {seconds:.2f} s, {len(patients) / seconds:,.0f} patients/s ({told}).",
        ],
        failures,
    )
