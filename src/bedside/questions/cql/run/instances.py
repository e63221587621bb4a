"""Instances of classes: `Quantity { value: 1, unit: 'g' }`, `FHIR.Patient { ... }` (CQL 1.5, "Classes").

An instance of a class of a FHIR model is a `DataNode` like any piece of a resource, over JSON that is made here.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from bedside.questions.cql import tree
from bedside.questions.cql.run.casts import fhir_type
from bedside.questions.cql.run.compiler import Compiler, Frame, Run, Scope, builds
from bedside.questions.cql.run.fhirhelpers import make_quantity
from bedside.questions.cql.to_fhir import element
from bedside.questions.cql.types import NamedType
from bedside.questions.cql.values import Code, CodeSystem, Concept, Interval, Ratio, ValueSet
from bedside.questions.data import DataNode
from bedside.questions.errors import EvaluationError, UnsupportedError
from bedside.questions.model import Type
from bedside.questions.values import CALENDAR_WORDS, Date, DateTime, Quantity, Time

Elements = dict[str, Any]


@builds(tree.Instance)
def _instance(compiler: Compiler, node: tree.Instance, scope: Scope) -> Run:
    elements = [(name, compiler.compile(each, scope)) for name, each in node.elements]
    make = _maker(node.class_type)

    def run(frame: Frame) -> Any:
        return make({name: each(frame) for name, each in elements})

    return run


def _maker(type_: NamedType) -> Callable[[Elements], Any]:
    if type_.namespace == "System":
        make = _SYSTEM.get(type_.name)
        if make is None:
            raise UnsupportedError(f"there are no instances of {type_}")
        return make
    fhir = fhir_type(type_)
    if fhir is None:
        raise UnsupportedError(f"there are no instances of {type_} here")
    return lambda elements: fhir_instance(fhir, elements)


def _quantity(elements: Elements) -> Quantity | None:
    value, unit = elements.get("value"), elements.get("unit")
    if value is None:
        return None
    if unit in CALENDAR_WORDS:
        return make_quantity(Decimal(value), CALENDAR_WORDS[unit])
    return Quantity(Decimal(value), unit or "1")


def _ratio(elements: Elements) -> Ratio | None:
    parts = elements.get("numerator"), elements.get("denominator")
    return None if None in parts else Ratio(*parts)  # type: ignore[arg-type]


def _code(elements: Elements) -> Code:
    return Code(elements.get("code"), elements.get("system"), elements.get("version"), elements.get("display"))  # type: ignore[arg-type]


_SYSTEM: dict[str, Callable[[Elements], Any]] = {
    "Quantity": _quantity,
    "Ratio": _ratio,
    "Code": _code,
    "Concept": lambda elements: Concept(
        tuple(each for each in elements.get("codes") or () if each is not None), elements.get("display")
    ),
    "CodeSystem": lambda elements: CodeSystem(elements["id"], elements.get("version"), elements.get("name")),
    "ValueSet": lambda elements: ValueSet(
        elements["id"],
        elements.get("version"),
        elements.get("name"),
        tuple(elements.get("codesystems") or ()),
    ),
}


def fhir_instance(type_: Type, elements: Elements) -> DataNode:
    """A piece of a resource made of its elements. EvaluationError for what does not fit."""
    if type_.is_primitive:
        return DataNode(to_json(elements.get("value")), type_)
    made: dict[str, Any] = {"resourceType": type_.name} if type_.kind == "resource" else {}
    for name, value in elements.items():
        if value is None:
            continue
        member = type_.members.get(name)
        if member is None:
            raise EvaluationError(f"{type_.name} has no element {name}")
        json, child = _way(member.choices, value)
        if member.many:
            values = value if value.__class__ is list else [value]
            made[json] = [to_json(each, child) for each in values if each is not None]
            shadows = [each.shadow if each.__class__ is DataNode else None for each in values]
            if any(shadows):
                made["_" + json] = shadows
        else:
            made[json] = to_json(value, child)
            if value.__class__ is DataNode and value.shadow:
                made["_" + json] = value.shadow
    return DataNode(made, type_)


def _way(choices: tuple[tuple[str, Type], ...], value: Any) -> tuple[str, Type]:
    """The property of a choice that takes a value of this type."""
    if len(choices) == 1:
        return choices[0]
    if value.__class__ is DataNode:
        for json, type_ in choices:
            if type_ is value.type:
                return json, type_
        for json, type_ in choices:
            if type_ in value.type.ancestors:
                return json, type_
    for json, type_ in choices:
        if type_.name in _FHIR_OF_CLASS.get(value.__class__, ()):
            return json, type_
    raise EvaluationError("a value does not fit the element that it is given for")


_FHIR_OF_CLASS: dict[type, tuple[str, ...]] = {
    bool: ("boolean",),
    int: ("integer", "positiveInt", "unsignedInt"),
    Decimal: ("decimal",),
    str: ("string", "code", "uri"),
    Date: ("date",),
    DateTime: ("dateTime", "instant"),
    Time: ("time",),
    Quantity: ("Quantity",),
    Ratio: ("Ratio",),
    Code: ("Coding",),
    Concept: ("CodeableConcept",),
    Interval: ("Period", "Range"),
}
"""The FHIR types that a System value may stand for in a choice."""


def to_json(value: Any, type_: Type | None = None) -> Any:
    """The JSON of a piece of a resource, or of a System value as FHIR writes it."""
    if value.__class__ is DataNode:
        return value.value
    if value.__class__ is list:
        return [to_json(each) for each in value]
    if value is None or value.__class__ in (bool, int, Decimal, str):
        return value
    if value.__class__ is Code and type_ is not None and type_.name == "CodeableConcept":
        value = Concept((value,))
    try:
        (json,) = element(value).values()
    except TypeError:
        raise EvaluationError("a value does not fit the element that it is given for") from None
    return json
