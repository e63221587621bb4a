"""Options that several commands have, and the way a command ends when it cannot go on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NoReturn

import typer

DEFAULT_DATA = Path("data/record")

Data = Annotated[
    Path | None,
    typer.Option(
        "--data",
        envvar="BEDSIDE_DATA",
        help=f"Directory of the record (SQLite). Default: {DEFAULT_DATA}.",
        metavar="DIR",
    ),
]
DatabaseUrl = Annotated[
    str | None,
    typer.Option(
        "--database-url",
        envvar="BEDSIDE_DATABASE_URL",
        help="Address of a PostgreSQL database to use instead.",
        metavar="postgresql://...",
        show_envvar=True,
    ),
]


def place_of(data: Path | None, database_url: str | None, default: Path = DEFAULT_DATA) -> str:
    """Where the record is: a directory or an address. Ends the command when both are named, or the address is none."""
    if database_url is None:
        return str(data if data is not None else default)
    if data is not None:
        stop("Give --data or --database-url, not both: a record is in one place.")
    if not is_address(database_url):
        stop("--database-url is an address such as postgresql://user@host/database.")
    return database_url


def is_address(place: str) -> bool:
    """True for the address of a database, False for a directory."""
    return place.startswith(("postgresql://", "postgres://"))


def stop(sentence: str, code: int = 2) -> NoReturn:
    """End the command with a sentence on stderr. Code 2: it was called wrongly; 1: it could not be done."""
    typer.echo(f"bedside: {sentence}", err=True)
    raise typer.Exit(code)
