"""`bedside load-terminology`: code systems that a hospital is licensed for, from their owners' files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bedside.cli.options import Data, DatabaseUrl, place_of, stop

if TYPE_CHECKING:
    from collections.abc import Callable

    from bedside.record.terminology.load.load import Progress, Report

EXAMPLE = "Example: bedside load-terminology SnomedCT_InternationalRF2.zip Loinc_2.77.zip --data data/record"


def load_terminology(
    paths: Annotated[
        list[Path],
        typer.Argument(help="Releases of SNOMED CT, LOINC, RxNorm, ICD-10 (ClaML, CM), ATC: folders, zips, files."),
    ],
    data: Data = None,
    database_url: DatabaseUrl = None,
    language: Annotated[
        str, typer.Option("--language", metavar="TAG", help="The language of displays, where a release has several.")
    ] = "en",
    version: Annotated[
        str | None, typer.Option("--version", metavar="VERSION", help="Where the files do not tell it.")
    ] = None,
    url: Annotated[
        str | None, typer.Option("--url", metavar="URL", help="The system's address, for a classification in ClaML.")
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Load also what is there already.")] = False,
) -> None:
    """Load code systems from their owners' files; each answers from the moment when it is whole.

    A load that was interrupted goes on where it was when it is started again. A server that runs need not be stopped.
    """
    place = place_of(data, database_url)
    for path in paths:
        if not path.exists():
            stop(f"there is no {path}.")
    if len(paths) > 1 and url:
        stop("--url is for one classification at a time.")
    from bedside.fhir.outcome import FhirError
    from bedside.record.terminology.load.load import load_terminology as load
    from bedside.record.terminology.load.reader import Wanted

    try:
        with _shown() as on_progress:
            reports = load(paths, place, wanted=Wanted(language, version, url), on_progress=on_progress, again=again)
    except FhirError as error:
        stop("; ".join(issue.message for issue in error.issues), 1)
    except KeyboardInterrupt:
        stop("interrupted. What was committed stays; the same command goes on from here.", 130)
    for report in reports:
        for line in summary(report):
            typer.echo(line)


@contextmanager
def _shown() -> Iterator[Callable[[Progress], None]]:
    """A bar for each stage, where there is a terminal to show it on."""
    from rich.console import Console
    from rich.progress import BarColumn, TaskID, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda progress: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"))
    with Bars(*columns, TimeRemainingColumn(), console=console, transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def show(progress: Progress) -> None:
            if progress.stage not in tasks:
                tasks[progress.stage] = bars.add_task(progress.stage, total=progress.total)
            bars.update(tasks[progress.stage], completed=progress.done, total=progress.total)

        yield show


def summary(report: Report) -> list[str]:
    """The account of a release, in lines for a person."""
    name = f"{report.title} ({report.url}|{report.version})"
    if report.known:
        return [f"{name} is there already (--again loads it)."]
    done = "replaced" if report.replaced else "loaded"
    languages = f" in {', '.join(report.languages)}" if report.languages else ""
    lines = [
        f"{name} {done}: {report.concepts:,} concepts, {report.designations:,} designations{languages},"
        f" {report.relationships:,} relationships and properties, {report.pairs:,} pairs above one another,"
        f" {report.lists:,} reference sets and lists.",
        f"It took {report.seconds:.1f} s ({report.rate:,.0f} concepts/s) and {report.memory:,.0f} MB of memory.",
    ]
    if report.resumed:
        lines.append("An earlier load that was interrupted has been taken up where it was.")
    return lines
