"""`bedside demo`: a living teaching hospital, generated at the first start and served at each."""

from __future__ import annotations

import os
import shlex
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bedside.cli.options import DatabaseUrl, is_address, place_of, stop
from bedside.cli.serve import Port

if TYPE_CHECKING:
    from bedside.record.record import Record

EXAMPLE = "Example: bedside demo --patients 200 --seed 7 --data data/small"

DEFAULT_DATA = Path("data/demo")

QUESTION = "https://scheldemond.example/Library/ManyMedicines"
"""A question that the hospital comes with."""


def demo(
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="DIR", help=f"Directory of the demonstration. Default: {DEFAULT_DATA}."),
    ] = None,
    database_url: DatabaseUrl = None,
    patients: Annotated[int, typer.Option("--patients", metavar="N", min=1, help="How many patients it has.")] = 1000,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Another seed gives another hospital.")] = 1,
    port: Port = 8000,
) -> None:
    """Generate the teaching hospital, unless it is there already, and serve it on this machine.

    The same number of patients and the same seed give the same hospital. A start that was interrupted goes on.
    """
    place = place_of(data, database_url, DEFAULT_DATA)
    _fill(place, patients, seed)
    from bedside.cli.server import run

    run(place, "127.0.0.1", port, announce=lambda url, record: things_to_try(url, record, place))


def _fill(place: str, patients: int, seed: int) -> None:
    from bedside.cli.environment import BadSetting, read_settings
    from bedside.cli.fill import NotTheDemo, fill
    from bedside.cli.progress import progress
    from bedside.fhir.outcome import FhirError

    began = time.monotonic()
    try:
        settings, _ = read_settings(os.environ)
        with progress(f"A teaching hospital with {patients:,} patients") as shown:
            report = fill(place, patients, seed, settings, shown)
    except (BadSetting, NotTheDemo) as error:
        stop(str(error))
    except FhirError as error:
        stop("; ".join(issue.message for issue in error.issues), 1)
    except KeyboardInterrupt:
        stop("interrupted. The same command goes on from here.", 130)
    if report is not None:
        seconds = time.monotonic() - began
        typer.echo(f"{report.resources:,} resources of {patients:,} patients generated and loaded in {seconds:.0f} s.")


def things_to_try(url: str, record: Record, place: str) -> list[str]:
    """What to do first, with ids that are in this record, which is at `place`."""
    patient, code, name = _example(record)
    return [
        "",
        "Three things to try:",
        f"  The hospital in a browser: {url}/",
        "  A question of everybody (who has many medicines over 75):",
        f"    {_command()} ask {QUESTION} --all {_where(place)}",
        f"  How a value went ({name}):",
        f"    curl '{url}/fhir/Observation?patient={patient}&code={code}&_sort=-date&_count=3&_pretty=true'",
        "",
    ]


def _command() -> str:
    """This command as it was called, so that the next line works where it is not on the path."""
    called = sys.argv[0]
    return shlex.quote(called) if Path(called).name == "bedside" else "bedside"


def _where(place: str) -> str:
    """The option that names this record; an address may hold a password, and is not repeated."""
    return "--database-url postgresql://..." if is_address(place) else f"--data {shlex.quote(place)}"


def _example(record: Record) -> tuple[str, str, str]:
    """A patient, and code and name of something that was measured several times: the latest such in this hospital."""
    latest = record.search("Observation", [("category", "laboratory"), ("_sort", "-date"), ("_count", "50")]).matches
    for stored in latest:
        observation = stored.resource
        patient = observation["subject"]["reference"].partition("/")[2]
        coding = observation["code"]["coding"][0]
        query = [("patient", patient), ("code", coding["code"]), ("_count", "3")]
        if "valueQuantity" in observation and len(record.search("Observation", query).matches) == 3:
            return patient, coding["code"], observation["code"].get("text") or coding.get("display", "")
    patients = record.search("Patient", [("_count", "1")]).matches
    return patients[0].id, "8867-4", "heart rate"
