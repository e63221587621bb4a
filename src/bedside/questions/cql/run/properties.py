"""Steps into a value: elements of resources, of tuples, of intervals and of System values (CQL 1.5, "Property").

A step into a resource is made once for each type and name and kept; each closure has the few steps that it needs.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from bedside.questions.cql import tree
from bedside.questions.cql.run.compiler import Compiler, Frame, Run, Scope, builds
from bedside.questions.cql.run.primitives import system_value
from bedside.questions.cql.types import IntervalType, ListType, TupleType
from bedside.questions.cql.values import Code, CodeSystem, Concept, Interval, Ratio, ValueSet
from bedside.questions.data import DataNode, child_nodes
from bedside.questions.errors import EvaluationError
from bedside.questions.model import FHIR, Member, Type
from bedside.questions.values import Quantity

Step = Callable[[DataNode], Any]
"""From a piece of a resource to what is under one name: a node, a list of nodes, a System value, or None."""


@builds(tree.Property)
def _property(compiler: Compiler, node: tree.Property, scope: Scope) -> Run:
    type_, path = node.source.type, node.path
    if path == "value" and isinstance(node.source, tree.Property):
        fused = _value_of_element(compiler, node.source, scope)
        if fused is not None:
            return fused
    source = compiler.compile(node.source, scope)
    if isinstance(type_, TupleType):

        def of_tuple(frame: Frame) -> Any:
            value = source(frame)
            return None if value is None else value.get(path)

        return of_tuple
    if isinstance(type_, ListType):
        return _of_each(source, path)
    if isinstance(type_, IntervalType):
        name = _ATTRIBUTES.get(path, path)
        return lambda frame: getattr(source(frame), name, None)
    return _of_node(source, path)


def _of_node(source: Run, path: str) -> Run:
    steps: dict[Type, Step] = {}

    def run(frame: Frame) -> Any:
        value = source(frame)
        if value is None:
            return None
        if value.__class__ is not DataNode:
            return of_value(value, path, frame[0].offset)
        step = steps.get(value.type)
        if step is None:
            if path == "value" and value.type.is_primitive:
                return system_value(value, frame[0].offset)
            step = steps[value.type] = step_of(value.type, path)
        return step(value)

    return run


def _of_each(source: Run, path: str) -> Run:
    """A step from each item of a list, flattened as FHIRPath has it (CQL 1.5, "Path Traversal")."""

    def run(frame: Frame) -> list[Any] | None:
        values = source(frame)
        if values is None:
            return None
        found: list[Any] = []
        for each in values:
            if each is not None:
                value = of_value(each, path, frame[0].offset)
                if value.__class__ is list:
                    found += value
                elif value is not None:
                    found.append(value)
        return found

    return run


def _value_of_element(compiler: Compiler, element: tree.Property, scope: Scope) -> Run | None:
    """`x.status.value` without a node for the status in between, where the status is a plain string."""
    if isinstance(element.source.type, ListType | TupleType | IntervalType):
        return None
    return plain_text(compiler, element, scope, lambda value, offset: of_value(value, "value", offset))


def plain_text(compiler: Compiler, element: tree.Property, scope: Scope, otherwise: Callable[[Any, int], Any]) -> Run:
    """The text of an element such as `status`; `otherwise` converts what is not such an element (value, offset)."""
    source, path = compiler.compile(element.source, scope), element.path
    properties: dict[Type, str | None] = {}

    def run(frame: Frame) -> Any:
        value = source(frame)
        if value is None:
            return None
        if value.__class__ is DataNode:
            name = properties.get(value.type, "")
            if name == "":
                name = properties[value.type] = _text_property(value.type, path)
            if name is not None:
                text = value.value.get(name)
                if text is None or text.__class__ is str:
                    return text
        inner = of_value(value, path, frame[0].offset)
        return None if inner is None else otherwise(inner, frame[0].offset)

    return run


@cache
def _text_property(type_: Type, path: str) -> str | None:
    """The JSON name of a single element whose JSON value is its System value and a string; None for others."""
    member = type_.members.get(path)
    if member is None or type_.is_primitive or member.many or len(member.choices) != 1:
        return None
    json, child = member.choices[0]
    text = child.is_primitive and child.name not in ("date", "dateTime", "instant", "time", "decimal")
    return json if text else None


_ATTRIBUTES = {"lowClosed": "low_closed", "highClosed": "high_closed", "codesystems": "code_systems"}
_ELEMENTS: dict[type, frozenset[str]] = {
    Quantity: frozenset({"value", "unit"}),
    Ratio: frozenset({"numerator", "denominator"}),
    Code: frozenset({"code", "system", "version", "display"}),
    Concept: frozenset({"codes", "display"}),
    CodeSystem: frozenset({"id", "version", "name"}),
    ValueSet: frozenset({"id", "version", "name", "codesystems"}),
    Interval: frozenset({"low", "high", "lowClosed", "highClosed"}),
}


def of_value(value: Any, path: str, offset: int) -> Any:
    """A step from a value of any type; None where the type has no such element."""
    kind = value.__class__
    if kind is DataNode:
        if path == "value" and value.type.is_primitive:
            return system_value(value, offset)
        return step_of(value.type, path)(value)
    if kind is dict:
        return value.get(path)
    if path in _ELEMENTS.get(kind, ()):
        found = getattr(value, _ATTRIBUTES.get(path, path))
        return list(found) if found.__class__ is tuple else found
    if kind is list:
        return [one for each in value if each is not None and (one := of_value(each, path, offset)) is not None]
    # An element that is a System value in the resource itself (`Element.id`) is its own value.
    return value if path == "value" else None


def _nothing(node: DataNode) -> Any:
    return None


@cache
def step_of(type_: Type, path: str) -> Step:
    """The step from nodes of a type to the element of that name; one that leads nowhere when it has none."""
    if type_.is_any_resource:
        type_ = FHIR["Resource"]
    member = type_.members.get(path)
    if member is None:
        return _nothing
    if type_.is_primitive:
        inner = _into(member)

        def into_shadow(node: DataNode) -> Any:
            shadow = node.shadow
            return inner(DataNode(shadow if shadow.__class__ is dict else {}, type_))

        return into_shadow
    return _into(member)


def _into(member: Member) -> Step:
    if len(member.choices) > 1:
        return _choice(member)
    json, child = member.choices[0]
    return _many(json, child) if member.many else _single(json, child)


def _many(json: str, child: Type) -> Step:
    shadow = "_" + json

    def step(node: DataNode) -> Any:
        held = _object(node)
        value = held.get(json)
        if value is None and shadow not in held:
            return []
        if value.__class__ is list and not child.is_primitive and not child.is_any_resource:
            return [DataNode(each, child) for each in value]
        return child_nodes(value, held.get(shadow), child)

    return step


def _single(json: str, child: Type) -> Step:
    if child.namespace == "System":
        return lambda node: _object(node).get(json)
    if child.is_any_resource:

        def resource(node: DataNode) -> Any:
            value = _object(node).get(json)
            return DataNode(value, FHIR.of_resource(value)) if value.__class__ is dict else None

        return resource
    if not child.is_primitive:

        def complex_(node: DataNode) -> Any:
            value = _object(node).get(json)
            return None if value is None else DataNode(value, child)

        return complex_
    shadow = "_" + json

    def primitive(node: DataNode) -> Any:
        held = _object(node)
        value, beside = held.get(json), held.get(shadow)
        return None if value is None and beside is None else DataNode(value, child, beside)

    return primitive


def _choice(member: Member) -> Step:
    """A choice is the property that is there; its name says the type."""
    ways = [(json, "_" + json, _single(json, child)) for json, child in member.choices]

    def step(node: DataNode) -> Any:
        held = _object(node)
        for json, shadow, way in ways:
            if json in held or shadow in held:
                return way(node)
        return None

    return step


def _object(node: DataNode) -> Any:
    held = node.value
    if held.__class__ is not dict:
        raise EvaluationError(f"a {node.type.name} in the data does not have the form of a {node.type.name}")
    return held
