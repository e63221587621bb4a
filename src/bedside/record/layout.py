"""The columns of the tables that the record writes row by row, in order.

The schema proper is schema.py; this repeats only names, so that a server that finds its database in order does not
spend a quarter of its start-up importing SQLAlchemy. A test holds the two together.
"""

COLUMNS: dict[str, tuple[str, ...]] = {
    "resource": ("rid", "type", "id", "seq", "version", "clock"),
    "version": ("seq", "rid", "version", "type", "updated", "method", "body"),
    "token": ("tp", "code", "sys", "clock", "rid"),
    "label": ("tp", "name", "rid"),
    "ref": ("target", "tp", "clock", "rid"),
    "uri": ("tp", "value", "clock", "rid"),
    "string": ("tp", "norm", "rid", "exact"),
    "date": ("tp", "low", "high", "rid"),
    "number": ("tp", "low", "high", "rid"),
    "quantity": ("tp", "dim", "low", "high", "rid", "sys", "code", "unit"),
    "composite": ("tp", "code", "sys", "part", "dim", "low", "high", "code2", "sys2", "element", "rid"),
    "position": ("tp", "latitude", "longitude", "rid"),
    "name": ("id", "text"),
    "loaded": ("source", "part", "resources"),
    "code_system": ("id", "url", "version", "kind", "state", "source", "detail"),
    "concept": ("id", "system", "code", "flags", "display", "body"),
    "concept_below": ("id", "children", "below"),
    "concept_word": ("system", "word", "numbers"),
    "concept_column": ("system", "kind", "code", "content"),
}

INDEX_TABLES = ("token", "label", "ref", "uri", "string", "date", "number", "quantity", "composite", "position")

STRICT_TABLES = ("resource", "version")
"""Where a row whose key is already there is a fault; an index may be told of a row twice."""
