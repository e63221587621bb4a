"""`is`, `as` and `cast`: what type a value has when the question is run (CQL 1.5, appendix B, "Type Operators").

A piece of a resource knows its FHIR type, so a profile of QICore is told apart by the resource type behind it only:
which of several profiles a resource was meant for is a matter of what was retrieved.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bedside.questions.cql import models, tree
from bedside.questions.cql.run.compiler import Compiler, Frame, Run, Scope, builds
from bedside.questions.cql.run.selectors import CLASS_OF_SYSTEM, point_name
from bedside.questions.cql.types import (
    ANY,
    ChoiceType,
    DataType,
    IntervalType,
    ListType,
    NamedType,
    TupleType,
)
from bedside.questions.cql.values import CodeSystem, Interval, ValueSet
from bedside.questions.data import DataNode
from bedside.questions.errors import EvaluationError, UnsupportedError
from bedside.questions.model import FHIR, Type

Test = Callable[[Any], bool]
"""Whether a value, which is not None, has a type."""


def fhir_type(type_: NamedType) -> Type | None:
    """The R4 type behind a type of a model; None for one of System."""
    try:
        name = models.load(type_.namespace).fhir_type(type_)
    except KeyError:
        name = None
    if name is None:
        return None
    return FHIR.find(name)


def tester(type_: DataType) -> Test:
    """The test for a type. Raises UnsupportedError for a type whose values cannot be told."""
    match type_:
        case NamedType(namespace="System", name=name):
            return _test_of_system(name)
        case NamedType():
            fhir = fhir_type(type_)
            if fhir is None:
                raise UnsupportedError(f"values of the type {type_} cannot be told from others")
            return lambda value: value.__class__ is DataNode and fhir in value.type.ancestors
        case ListType(element=element):
            each_is = tester(element)
            return lambda value: value.__class__ is list and all(each is None or each_is(each) for each in value)
        case IntervalType(point=point):
            return _test_of_interval(point)
        case ChoiceType(alternatives=alternatives):
            tests = [tester(each) for each in alternatives]
            return lambda value: any(test(value) for test in tests)
        case TupleType(elements=elements):
            parts = [(name, tester(each)) for name, each in elements]
            return lambda value: (
                value.__class__ is dict
                and all(name in value and (value[name] is None or test(value[name])) for name, test in parts)
            )
    raise UnsupportedError(f"values of the type {type_} cannot be told from others")


def _test_of_system(name: str) -> Test:
    if name == "Any":
        return lambda value: True
    if name == "Vocabulary":
        return lambda value: isinstance(value, ValueSet | CodeSystem)
    class_ = CLASS_OF_SYSTEM.get(name)
    if class_ is None:
        raise UnsupportedError(f"there is no type System.{name}")
    return lambda value: value.__class__ is class_


def _test_of_interval(point: DataType) -> Test:
    names = {
        each.name
        for each in (point.alternatives if isinstance(point, ChoiceType) else (point,))
        if isinstance(each, NamedType)
    }
    if "Any" in names:
        return lambda value: value.__class__ is Interval
    return lambda value: value.__class__ is Interval and (value.point in names or value.point == "Any")


@builds(tree.Is)
def _is(compiler: Compiler, node: tree.Is, scope: Scope) -> Run:
    """Null is of no type: the answer is false."""
    operand, test = compiler.compile(node.operand, scope), tester(node.is_type)

    def run(frame: Frame) -> bool:
        value = operand(frame)
        return value is not None and test(value)

    return run


@builds(tree.As)
def _as(compiler: Compiler, node: tree.As, scope: Scope) -> Run:
    """The value when it has the type, else null, or an error with `cast`."""
    operand, type_ = compiler.compile(node.operand, scope), node.as_type
    if node.operand.type == type_ or type_ == ANY or isinstance(node.operand, tree.Null):
        return operand
    test = tester(type_)
    if isinstance(type_, IntervalType) and node.operand.type == IntervalType(ANY):
        operand = _of_points(operand, point_name(type_))
    if node.strict:

        def strict(frame: Frame) -> Any:
            value = operand(frame)
            if value is None or test(value):
                return value
            raise EvaluationError(f"the value is no {type_}")

        return strict

    def run(frame: Frame) -> Any:
        value = operand(frame)
        return value if value is not None and test(value) else None

    return run


def _of_points(operand: Run, point: str) -> Run:
    """An interval that did not know what its points are, `Interval[null, null]`, learns it by the cast."""

    def run(frame: Frame) -> Any:
        value = operand(frame)
        return replace(value, point=point) if value is not None and value.point == "Any" else value

    return run
