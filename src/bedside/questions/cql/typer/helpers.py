"""FHIRHelpers as the models describe it: the conversions from FHIR to the System types, without a source.

Models name its functions in their mappings and conversions, and the interpreter has them in Python. So a library need
not include FHIRHelpers, and where it does, the source is read only when something else of it is called.
"""

from __future__ import annotations

from functools import cache

from bedside.questions.cql import models, tree
from bedside.questions.cql.types import DataType, parse_type

NAME = "FHIRHelpers"


_OTHERS = (
    ("ToValueSet", "String", "ValueSet"),
    ("ToCalendarUnit", "String", "String"),
    ("ToQuantityIgnoringComparator", "FHIR.Quantity", "Quantity"),
    ("ToInterval", "FHIR.Quantity", "Interval<Quantity>"),
    ("reference", "String", "FHIR.Reference"),
    ("reference", "FHIR.Reference", "FHIR.Reference"),
    ("reference", "FHIR.Resource", "FHIR.Reference"),
    ("resolve", "String", "FHIR.Resource"),
    ("resolve", "FHIR.Reference", "FHIR.Resource"),
    ("extension", "FHIR.Element String", "List<FHIR.Extension>"),
    ("extension", "FHIR.DomainResource String", "List<FHIR.Extension>"),
    ("modifierExtension", "FHIR.BackboneElement String", "List<FHIR.Extension>"),
    ("modifierExtension", "FHIR.DomainResource String", "List<FHIR.Extension>"),
    ("hasValue", "FHIR.Element", "Boolean"),
    ("getValue", "FHIR.Element", "Any"),
    ("memberOf", "FHIR.code String", "Boolean"),
    ("memberOf", "FHIR.Coding String", "Boolean"),
    ("memberOf", "FHIR.CodeableConcept String", "Boolean"),
    ("subsumes", "FHIR.Coding FHIR.Coding", "Boolean"),
    ("subsumes", "FHIR.CodeableConcept FHIR.CodeableConcept", "Boolean"),
    ("subsumedBy", "FHIR.Coding FHIR.Coding", "Boolean"),
    ("subsumedBy", "FHIR.CodeableConcept FHIR.CodeableConcept", "Boolean"),
)
"""Functions that the interpreter has and no conversion names: name, operand types, result."""


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
    for name, sources, result in _OTHERS:
        types = [parse_type(each) for each in sources.split()]
        enter(name, tuple((f"operand{i}", each) for i, each in enumerate(types, 1)), parse_type(result))
    return tree.Library(
        name=NAME,
        version="4.4.000",
        usings=(tree.Using(alias="FHIR", name="FHIR", version="4.0.1"),),
        functions={name: tuple(found) for name, found in functions.items()},
    )


def is_helpers(name: str) -> bool:
    """Whether an included library is FHIRHelpers, with or without a namespace."""
    return name.rpartition(".")[2] == NAME
