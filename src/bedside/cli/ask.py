"""`bedside ask`: a question in CQL or FHIRPath, asked of one patient, of some, or of all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bedside.cli.options import Data, DatabaseUrl, place_of, stop

if TYPE_CHECKING:
    import datetime as dt

    from bedside.ask.record import OpenRecord

EXAMPLE = (
    "Example: bedside ask diabetes.cql --patient pat-000001 --explain"
    " · bedside ask -e 'Patient.name.given' --patient pat-000001"
    " · bedside ask diabetes.cql --all --define 'Poorly controlled'"
    " · bedside ask --interactive"
)


def ask(
    question: Annotated[
        str | None,
        typer.Argument(
            metavar="[QUESTION.cql]",
            help="A CQL file; or the canonical URL of a Library in the record, or Library/id.",
            show_default=False,
        ),
    ] = None,
    data: Data = None,
    database_url: DatabaseUrl = None,
    expression: Annotated[
        str | None, typer.Option("--expression", "-e", metavar="FHIRPATH", help="A FHIRPath expression instead.")
    ] = None,
    cql: Annotated[str | None, typer.Option("--cql", metavar="CQL", help="One expression of CQL instead.")] = None,
    patient: Annotated[str | None, typer.Option("--patient", metavar="ID", help="Of whom to ask.")] = None,
    patients: Annotated[
        Path | None, typer.Option("--patients", metavar="FILE", help="Of whom to ask: a file with an id on each line.")
    ] = None,
    everybody: Annotated[bool, typer.Option("--all", help="Ask of all patients.")] = False,
    define: Annotated[
        list[str] | None,
        typer.Option("--define", metavar="NAME", help="A definition to answer; may be repeated. Default: all of them."),
    ] = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option(
            "--parameter",
            metavar="NAME=VALUE",
            help="A parameter, as a literal of CQL, or a period such as 2026-01-01/2026-12-31; may be repeated.",
        ),
    ] = None,
    now: Annotated[
        str | None, typer.Option("--now", metavar="DATE", help="What the question takes for the present.")
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Tell why: the resources behind each answer, value sets, the typed tree.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON, exactly; of many a line for each.")] = False,
    interactive: Annotated[bool, typer.Option("--interactive", help="Ask at a prompt, with completion.")] = False,
) -> None:
    """Ask a question of the record, in CQL or FHIRPath. Nothing is written, and a server may be at work meanwhile.

    What a library includes is looked for beside its file, then in the record. Of many patients the answer is a count
    for each definition; those whom --define names are also listed.
    """
    given = [each for each in (question, expression, cql) if each is not None]
    if interactive:
        if given or everybody or patients is not None or explain or as_json or define:
            stop("--interactive goes with --patient, --parameter and --now alone.")
    elif len(given) != 1:
        stop("say what to ask: a file of CQL, -e with FHIRPath, or --cql with an expression; one of them.")
    if sum((patient is not None, patients is not None, everybody)) > 1:
        stop("--patient, --patients and --all exclude each other.")
    if explain and (everybody or patients is not None or expression is not None):
        stop("--explain tells why CQL answers as it does for one patient: use it with --patient.")
    if expression is not None and (define or parameter):
        stop("--define and --parameter belong to CQL; FHIRPath has neither.")
    place = place_of(data, database_url)
    parameters = _parameters(parameter or [])
    subjects = _ids(patients) if patients is not None else None
    with _record(place, now) as record:
        if interactive:
            from bedside.cli.ask_prompt import run

            run(record, patient, parameters)
            return
        from bedside.cli import ask_answers

        if expression is not None:
            failed = ask_answers.fhirpath(record, expression, patient, subjects, everybody, as_json)
        elif everybody or subjects is not None:
            asked = ask_answers.Many(given[0], subjects, define or None, parameters)
            failed = ask_answers.many(record, asked, as_json)
        else:
            asked_one = ask_answers.One(given[0], patient, define or None, parameters)
            failed = ask_answers.one(record, asked_one, explain=explain, as_json=as_json)
    if failed:
        raise typer.Exit(1)


def _parameters(given: list[str]) -> dict[str, str]:
    found = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not equals or not name.strip():
            stop(f"--parameter is NAME=VALUE, and {each!r} has no {'name' if equals else '='}.")
        found[name.strip().strip('"')] = value
    return found


def _ids(path: Path) -> list[str]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        stop(f"{path} cannot be read: {getattr(error, 'strerror', None) or 'it is no text in UTF-8'}.", 1)
    return [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]


def moment(text: str) -> dt.datetime:
    """The instant that `--now` says: a date or a dateTime of ISO 8601, in the zone of this machine unless it has one.

    Raises ValueError.
    """
    import datetime as dt

    from bedside.web.zone import local_zone

    found = dt.datetime.fromisoformat(text)
    if len(text) == 10:
        found = found.replace(hour=12)  # the whole day is meant, and noon lies in it in every zone that is near
    return found if found.tzinfo is not None else found.replace(tzinfo=local_zone())


@contextmanager
def _record(place: str, now: str | None) -> Iterator[OpenRecord]:
    """The record while it is asked; what goes wrong ends the command with a sentence, or all errors of the text."""
    from bedside.ask.errors import AskError, BadQuestion, told
    from bedside.ask.record import open as open_record
    from bedside.fhir.outcome import FhirError
    from bedside.questions.errors import QuestionError

    record: Any = None
    try:
        at = None if now is None else moment(now)
    except ValueError:
        stop(f"--now is a date such as 2026-11-22 or 2026-11-22T14:00:00+01:00, not {now!r}.")
    try:
        record = open_record(place, now=at)
        yield record
    except BadQuestion as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    except QuestionError as error:
        typer.echo(told(error, error.library or ""), err=True)
        for note in getattr(error, "__notes__", ()):
            typer.echo(f"    {note}", err=True)
        raise typer.Exit(1) from None
    except AskError as error:
        stop(str(error), 1)
    except FhirError as error:
        stop("; ".join(issue.message for issue in error.issues), 1)
    except KeyboardInterrupt:
        stop("interrupted.", 130)
    except BrokenPipeError:
        # Whoever read has seen enough. Python would complain once more when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        raise typer.Exit(0) from None
    finally:
        if record is not None:
            record.close()
