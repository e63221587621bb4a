"""`bedside serve`: the record behind the FHIR API and the pages."""

from __future__ import annotations

from typing import Annotated

import typer

from bedside.cli.options import Data, DatabaseUrl, place_of, stop

EXAMPLE = "Example: bedside serve --open --data data/record --port 8000"

Port = Annotated[
    int, typer.Option("--port", metavar="PORT", min=0, max=65535, help="Port to listen on; 0 takes a free one.")
]

_NOT_OPEN = (
    "there is no sign-in yet, so the server would be open to everyone who can reach it."
    " Say --open to serve it so, on this machine only."
)


def serve(
    data: Data = None,
    database_url: DatabaseUrl = None,
    host: Annotated[
        str, typer.Option("--host", metavar="ADDRESS", help="Address to listen on; only this machine's own.")
    ] = "127.0.0.1",
    port: Port = 8000,
    workers: Annotated[
        int, typer.Option("--workers", metavar="N", min=1, max=64, help="Processes that share the port.")
    ] = 1,
    open_: Annotated[bool, typer.Option("--open", help="Serve without sign-in, to this machine only.")] = False,
) -> None:
    """Serve the record: the FHIR API under /fhir, pages under /."""
    place = place_of(data, database_url)
    if not open_:
        stop(_NOT_OPEN)
    from bedside.cli.server import run

    run(place, host, port, workers)
