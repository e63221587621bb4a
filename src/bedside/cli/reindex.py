"""`bedside reindex`: every index made again from the resources."""

from __future__ import annotations

import time

import typer

from bedside.cli.options import Data, DatabaseUrl, place_of, stop

EXAMPLE = "Example: bedside reindex --data data/record"


def reindex(data: Data = None, database_url: DatabaseUrl = None) -> None:
    """Make every index again from the resources, as after an upgrade that changes what is indexed.

    Reads by id go on meanwhile; searches and writes wait. One that was interrupted goes on where it was.
    """
    place = place_of(data, database_url)
    from bedside.cli.progress import progress
    from bedside.fhir.outcome import FhirError
    from bedside.record.record import open_store
    from bedside.record.reindex import reindex as rebuild

    began = time.monotonic()
    try:
        store = open_store(place)
        try:
            with progress("Indexing") as shown:
                count = rebuild(store, shown)
        finally:
            store.close()
    except FhirError as error:
        stop("; ".join(issue.message for issue in error.issues), 1)
    except KeyboardInterrupt:
        stop("interrupted. Start it again: it goes on from here, and the record waits for it.", 130)
    seconds = time.monotonic() - began
    typer.echo(f"{count:,} resources indexed ({seconds:.1f} s).")
