"""`bedside export`: the record, or a part of it, as NDJSON files in a folder."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bedside.cli.options import Data, DatabaseUrl, is_address, place_of, stop

if TYPE_CHECKING:
    from bedside.fhir.outcome import FhirError
    from bedside.record.export import Level, Progress, Request, Words
    from bedside.record.session import Store

EXAMPLE = "Example: bedside export --data data/record --out export --type Patient,Observation"

MANIFEST = "MANIFEST"
"""Written last, as JSON: without it an export is not finished. Its name keeps `bedside load` from reading it."""


def export(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the files; it must be new or empty.")],
    data: Data = None,
    database_url: DatabaseUrl = None,
    type_: Annotated[
        list[str] | None,
        typer.Option("--type", metavar="TYPE", help="Only these resource types, separated by commas."),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="INSTANT", help="Only what changed after; deletions are told too."),
    ] = None,
    type_filter: Annotated[
        list[str] | None,
        typer.Option("--type-filter", metavar="QUERY", help="Of a type, only what a search finds, or another one."),
    ] = None,
    patient: Annotated[
        list[str] | None, typer.Option("--patient", metavar="ID", help="Only what belongs to these patients.")
    ] = None,
    group: Annotated[
        str | None, typer.Option("--group", metavar="ID", help="Only what belongs to the members of a Group.")
    ] = None,
    all_patients: Annotated[
        bool, typer.Option("--all-patients", help="Only what belongs to patients, and what that refers to.")
    ] = False,
    elements: Annotated[
        list[str] | None,
        typer.Option("--elements", metavar="NAME", help="Only these elements and mandatory ones."),
    ] = None,
) -> None:
    """Export the record as it is now. An export that was interrupted goes on when the same command is run again."""
    place = place_of(data, database_url)
    if not is_address(place) and not (Path(place) / "record.db").exists():
        stop(f"there is no record at {place}.", 1)
    from bedside.cli.environment import BadSetting, read_settings
    from bedside.fhir.outcome import FhirError
    from bedside.record.export import Words
    from bedside.record.record import open_store

    level: Level = "group" if group else "patient" if patient or all_patients else "system"
    words = Words(type_ or [], [since] if since else [], type_filter or [], elements or [], patient or None)
    try:
        settings, _ = read_settings(os.environ)
        store = open_store(place, cache_megabytes=settings.cache_megabytes)
        try:
            _export(store, level, words, group, out)
        finally:
            store.close()
    except BadSetting as error:
        stop(str(error))
    except FhirError as error:
        stop(_sentences(error), 1)
    except OSError as error:
        stop(f"{out} cannot be written: {error.strerror or error}. When it can, the same command goes on.", 1)
    except KeyboardInterrupt:
        stop("interrupted. The same command goes on from here.", 130)


def _sentences(error: FhirError) -> str:
    return " ".join(issue.message for issue in error.issues)


def _export(store: Store, level: Level, words: Words, group: str | None, out: Path) -> None:
    from bedside.api.export import shaper
    from bedside.fhir.outcome import FhirError
    from bedside.record.custom import load_registry
    from bedside.record.errors import StoreError
    from bedside.record.export import Export, build, check
    from bedside.record.export.place import only_one
    from bedside.record.extract import Extractor

    session = store.reader()
    extractor = Extractor(load_registry(session))
    try:
        request = check(session, extractor.registry, build(extractor.registry, level, words, group=group))
    except StoreError:
        raise
    except FhirError as error:
        stop(_sentences(error))
    if (out / MANIFEST).exists():
        stop(f"{out} holds an export that is finished ({MANIFEST} tells of what). Choose another folder.")
    with only_one(out) as mine:
        if not mine:
            stop(f"another process is exporting into {out}.", 1)
        there = _there(out, request)
        began = time.monotonic()
        with _interruptible() as alive, _shown(there) as on_progress:
            shape = shaper(request)
            work = Export(session, extractor, request, out, shape=shape, alive=alive, on_progress=on_progress)
            progress = work.run()
        _finish(out, progress)
    for line in summary(progress, there, time.monotonic() - began, out):
        typer.echo(line)


def _there(out: Path, request: Request) -> int:
    """How many resources an interrupted run of the same export has left in the folder. Ends the command when the
    folder holds anything else."""
    from bedside.fhir import dates
    from bedside.record.export import read_progress

    progress = read_progress(out)
    if progress is None:
        if any(not path.name.startswith(".") for path in out.iterdir()):
            stop(f"{out} is not empty. Choose another folder, so that nothing is mixed up.")
        return 0
    if progress.request != request:
        stop(
            f"{out} holds an unfinished export that was asked for in other words, of {dates.instant(progress.instant)}."
            " Run that command again, or choose another folder."
        )
    return progress.written


def _finish(out: Path, progress: Progress) -> None:
    """Write the manifest, after which nothing tells of how it was made."""
    from bedside.fhir import dates, json
    from bedside.record.export.files import replace_file
    from bedside.record.export.work import PROGRESS

    def listed(kind: str) -> list[dict[str, object]]:
        return [
            {"type": file.type, "url": file.name, "count": file.count} for file in progress.files if file.kind == kind
        ]

    manifest = {
        "transactionTime": dates.instant(progress.instant),
        "request": _in_words(progress.request),
        "requiresAccessToken": False,
        "output": listed("output"),
        "deleted": listed("deleted"),
        "error": [],
    }
    replace_file(out / MANIFEST, json.encode_pretty(manifest) + b"\n")
    (out / PROGRESS).unlink()
    (out / ".lock").unlink()


def _in_words(request: Request) -> str:
    """The command that asks for this, without the record and the folder."""
    from bedside.fhir import dates

    parts = ["bedside export"]
    parts += [f"--type {','.join(request.types)}"] if request.types else []
    parts += [f"--since {dates.instant(request.since)}"] if request.since is not None else []
    parts += [f"--type-filter '{name}?{query}'" for name, query in request.filters]
    parts += [f"--patient {id_}" for id_ in request.patients or ()]
    parts += [f"--group {request.group}"] if request.group else []
    parts += ["--all-patients"] if request.level == "patient" and request.patients is None else []
    parts += [f"--elements {','.join(request.elements)}"] if request.elements else []
    return " ".join(parts)


@contextmanager
def _interruptible() -> Iterator[Callable[[], None]]:
    """Within it, Ctrl-C is heard at the next page, so that all that is written counts; a second one at once."""
    interrupted = False

    def hear(number: int, frame: object) -> None:
        nonlocal interrupted
        if interrupted:
            raise KeyboardInterrupt
        interrupted = True

    def alive() -> None:
        if interrupted:
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, hear)
    try:
        yield alive
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _shown(there: int) -> Iterator[Callable[[Progress], None]]:
    """A line that tells how far the export is, where there is a terminal to show it on."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda progress: None
        return
    began = time.monotonic()
    with console.status("Looking up what belongs to the export...") as status:

        def show(progress: Progress) -> None:
            rate = (progress.written - there) / max(time.monotonic() - began, 0.001)
            status.update(f"{progress.written:,} of {progress.total:,} resources, {rate:,.0f} resources/s")

        yield show


def summary(progress: Progress, there: int, seconds: float, out: Path) -> list[str]:
    """The account of an export, in lines for a person."""
    from bedside.fhir import dates

    files = [file for file in progress.files if file.kind == "output"]
    count = sum(file.count for file in files)
    rate = (progress.written - there) / seconds if seconds else 0.0
    types = len({file.type for file in files})
    lines = [
        f"{_counted(count, 'resource')} of {_counted(types, 'type')} in {_counted(len(files), 'file')} in {out}"
        f" ({seconds:.1f} s, {rate:,.0f} resources/s)."
    ]
    if there:
        lines.append(f"{there:,} of them were there from a run that was interrupted.")
    if progress.total > count:
        lines.append(f"{_counted(progress.total - count, 'deletion')} in files called deleted.")
    instant = dates.instant(progress.instant)
    lines.append(f"This is the record as of {instant}. What changes later: --since {instant}")
    return lines


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
