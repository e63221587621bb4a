"""The operators of CQL, one file a family. Each overload is a plain function of values, entered with its signature.

    @operator("Add", "(Integer, Integer) Integer", clause="16.2")
    def add_integers(left: int, right: int) -> int | None: ...

The typer chooses among `OVERLOADS[name]` by the types of the operands; the interpreter calls what was chosen.
Clauses are those of CQL 1.5.3, logical specification (https://cql.hl7.org/04-logicalspecification.html), which is where
ELM says what each operator means; appendix B says the same by CQL's names.
"""

from __future__ import annotations

import importlib

FAMILIES = (
    "logical",
    "nullological",
    "equality",
    "equivalence",
    "comparison",
    "points",
    "arithmetic",
    "boundary",
    "string",
    "conversion",
    "convertible",
    "aggregate",
    "types",
    "message",
    "datetime",
    "datetime_arithmetic",
    "datetime_comparison",
    "interval_points",
    "interval_relations",
    "interval_sets",
    "interval_collapse",
    "interval_expand",
    "lists",
    "list_membership",
    "list_sets",
    "clinical",
)
"""The modules that enter operators, in the order in which their overloads stand in the table."""


def load_all() -> None:
    """Fill the table of operators: import every family. Doing it again does nothing."""
    for family in FAMILIES:
        importlib.import_module(f"{__name__}.{family}")
