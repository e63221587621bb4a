"""`bedside reindex`: all index rows made again from the resources."""

from __future__ import annotations

from bedside.cli.options import Data, DatabaseUrl, place_of

EXAMPLE = "Example: bedside reindex --data data/record"


def reindex(data: Data = None, database_url: DatabaseUrl = None) -> None:
    """Make every index again from the resources, as after an upgrade that changes how something is indexed."""
    place = place_of(data, database_url)
    raise NotImplementedError(place)
