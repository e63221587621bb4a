"""`bedside load`: files, folders and archives of FHIR JSON into the record."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bedside.cli.options import Data, DatabaseUrl, place_of, stop

if TYPE_CHECKING:
    from collections.abc import Callable

    from bedside.record.load import Progress, Reject, Report

EXAMPLE = "Example: bedside load export/ patients.ndjson.gz bundles.tar.xz --data data/record"


def load(
    paths: Annotated[list[Path], typer.Argument(help="NDJSON, bundles, folders, archives (gz bz2 xz zip tar).")],
    data: Data = None,
    database_url: DatabaseUrl = None,
    rejects: Annotated[
        Path,
        typer.Option("--rejects", metavar="FILE", help="Where rejected resources go, each with its reasons (NDJSON)."),
    ] = Path("rejected.ndjson"),
    processes: Annotated[
        int | None, typer.Option("--processes", metavar="N", min=1, help="Default: one for each core.")
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Load also what an earlier run has loaded.")] = False,
) -> None:
    """Load what other systems export. A load that was interrupted goes on where it was when it is started again."""
    place = place_of(data, database_url)
    for path in paths:
        if not path.exists():
            stop(f"there is no {path}.")
    from bedside.cli.environment import BadSetting, read_settings
    from bedside.fhir.outcome import FhirError
    from bedside.record.load import load as load_paths

    try:
        settings, _ = read_settings(os.environ)
        with _rejects_to(rejects) as on_reject, _shown() as on_progress:
            report = load_paths(
                paths,
                place,
                settings=settings,
                processes=processes,
                on_reject=on_reject,
                on_progress=on_progress,
                again=again,
            )
    except BadSetting as error:
        stop(str(error))
    except FhirError as error:
        stop("; ".join(issue.message for issue in error.issues), 1)
    except KeyboardInterrupt:
        stop("interrupted. What was committed stays; the same command goes on from here.", 130)
    for line in summary(report, rejects):
        typer.echo(line)
    if report.broken:
        raise typer.Exit(1)


@contextmanager
def _rejects_to(path: Path) -> Iterator[Callable[[Reject], None]]:
    """Appends rejected resources to a file that is made when there is the first."""
    opened = None

    def write(reject: Reject) -> None:
        nonlocal opened
        if opened is None:
            opened = path.open("ab")
        opened.write(reject.line())
        opened.flush()

    try:
        yield write
    finally:
        if opened is not None:
            opened.close()


@contextmanager
def _shown() -> Iterator[Callable[[Progress], None]]:
    """A line that tells how far the load is, where there is a terminal to show it on."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda progress: None
        return
    with console.status("Loading...") as status:

        def show(progress: Progress) -> None:
            rejected = f", {progress.rejected:,} rejected" if progress.rejected else ""
            status.update(f"{progress.resources:,} resources{rejected}, {progress.rate:,.0f} resources/s")

        yield show


def summary(report: Report, rejects: Path) -> list[str]:
    """The account of a load, in lines for a person."""
    lines = [
        f"{report.written:,} resources written, {report.unchanged:,} were there already"
        f" ({report.seconds:.1f} s, {report.rate:,.0f} resources/s)."
    ]
    if report.removed:
        lines.append(f"{report.removed:,} resources deleted, as their bundles say.")
    if report.skipped_parts:
        lines.append(f"{report.skipped_parts:,} parts were loaded before and passed over (--again loads them).")
    if report.rejected:
        lines.append(f"{report.rejected:,} resources rejected; they are in {rejects}, each with its reasons.")
    if report.dangling:
        examples = ", ".join(report.dangling_examples[:3])
        lines.append(f"{report.dangling:,} references lead to what is not in the record, such as {examples}.")
    lines += [f"Could not be read: {broken.source}: {broken.reason}" for broken in report.broken]
    return lines
