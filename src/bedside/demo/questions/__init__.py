"""Questions that the demo hospital comes with: Libraries in CQL, the value sets they use, and measures over them.

They are the same whatever the patients, the seed and the end of the record. Each text is a file in `cql/`, whose name
is the name of its library; what they are called is in `libraries.py`, their codes are composed of the catalogue in
`value_sets.py`, and `measures.py` says which definitions count as what.
"""

from __future__ import annotations

from bedside.demo.codes import Json
from bedside.demo.questions.libraries import libraries
from bedside.demo.questions.measures import measures
from bedside.demo.questions.value_sets import value_sets

__all__ = ["questions"]


def questions() -> list[Json]:
    """ValueSet, Library and Measure resources, in such an order that each uses only earlier ones."""
    return [*value_sets(), *libraries(), *measures()]
