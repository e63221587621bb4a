"""FHIRHelpers as the models describe it: the conversions from FHIR to the System types, without a source.

Models name its functions in their mappings and conversions, and the interpreter has them in Python. So a library need
not include FHIRHelpers, and where it does, the source is read only when something else of it is called.
"""

from __future__ import annotations

from functools import cache

from bedside.questions.cql import models, tree
from bedside.questions.cql.types import ANY, BOOLEAN, STRING, VALUE_SET, DataType, ListType, NamedType

NAME = "FHIRHelpers"


@cache
def library() -> tree.Library:
    """The functions that the FHIR model and the mappings of the others name, as external ones."""
    functions: dict[str, list[tree.FunctionDef]] = {}

    def enter(name: str, operands: tuple[tuple[str, DataType], ...], result: DataType) -> None:
        functions.setdefault(name, []).append(
            tree.FunctionDef(name=name, context="Unfiltered", operands=operands, result=result, expression=None)
        )

    seen: set[tuple[str, DataType]] = set()
    for each in models.load("FHIR").conversions:
        name = each.function.rpartition(".")[2]
        if (name, each.source) not in seen:
            seen.add((name, each.source))
            enter(name, (("value", each.source),), each.target)
    enter("ToValueSet", (("uri", STRING),), VALUE_SET)
    for each in ("Reference", "reference"):
        kind = models.load("FHIR").find_type(each)
        if kind is not None:
            enter("reference", (("reference", kind),), kind)
            break
    return tree.Library(
        name=NAME,
        version="4.4.000",
        usings=(tree.Using(alias="FHIR", name="FHIR", version="4.0.1"),),
        functions={name: tuple(found) for name, found in functions.items()},
    )


__all__ = ["ANY", "BOOLEAN", "NAME", "ListType", "NamedType", "library"]
