"""Literals, lists, tuples and intervals, and the two conditionals (CQL 1.5, author's guide, "Values")."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from bedside.questions.cql import tree
from bedside.questions.cql.operators.intervals import NoPoints, make
from bedside.questions.cql.run.compiler import Compiler, Frame, Run, Scope, builds
from bedside.questions.cql.run.operators import call, inline, overload_of
from bedside.questions.cql.types import DataType, IntervalType, NamedType
from bedside.questions.cql.values import Code, CodeSystem, Concept, Interval, Long, Ratio, ValueSet
from bedside.questions.errors import EvaluationError
from bedside.questions.values import Date, DateTime, Quantity, Time


@builds(tree.Null)
def _null(compiler: Compiler, node: tree.Null, scope: Scope) -> Run:
    return lambda frame: None


@builds(tree.Literal)
def _literal(compiler: Compiler, node: tree.Literal, scope: Scope) -> Run:
    """A DateTime written without an offset has that of the session (CQL 1.5, appendix B, "DateTime")."""
    value = node.value
    if value.__class__ is not DateTime or value.offset is not None:
        return lambda frame: value
    by_offset: dict[int, DateTime] = {}

    def in_zone(frame: Frame) -> DateTime:
        offset = frame[0].offset
        known = by_offset.get(offset)
        if known is None:
            known = by_offset[offset] = replace(value, offset=offset)
        return known

    return in_zone


@builds(tree.List)
def _list(compiler: Compiler, node: tree.List, scope: Scope) -> Run:
    elements = [compiler.compile(each, scope) for each in node.elements]
    return lambda frame: [each(frame) for each in elements]


@builds(tree.Tuple)
def _tuple(compiler: Compiler, node: tree.Tuple, scope: Scope) -> Run:
    elements = [(name, compiler.compile(each, scope)) for name, each in node.elements]
    return lambda frame: {name: each(frame) for name, each in elements}


@builds(tree.Interval)
def _interval(compiler: Compiler, node: tree.Interval, scope: Scope) -> Run:
    """`Interval[low, high]`: an error when it ends before it starts (CQL 1.5, author's guide, "Interval Values")."""
    low, high = compiler.compile(node.low, scope), compiler.compile(node.high, scope)
    # What is written `Interval[null, null]` has no points, so that nothing is its least or its greatest one.
    points_known = not (isinstance(node.low, tree.Null) and isinstance(node.high, tree.Null))
    point = point_name(node.type) if points_known else "Any"
    if node.low_closed_expression is not None or node.high_closed_expression is not None:
        return _interval_with_flags(compiler, node, scope, low, high, point)
    low_closed, high_closed = node.low_closed, node.high_closed
    return lambda frame: make(low(frame), high(frame), low_closed, high_closed, point)


@inline("Expand")
def _expand(compiler: Compiler, node: tree.Operator, scope: Scope) -> Run | None:
    """`expand { Interval[1, days] }`, as measures number the days of a stay: of a stay of no day there is nothing to
    expand. An interval that ends before it starts is an error everywhere else.
    """
    listed, *others = node.operands
    if not isinstance(listed, tree.List) or not any(isinstance(each, tree.Interval) for each in listed.elements):
        return None
    elements = [_or_nothing(compiler.compile(each, scope), each) for each in listed.elements]
    operands = [lambda frame: [each(frame) for each in elements], *(compiler.compile(each, scope) for each in others)]
    return call(overload_of(node), operands, node.precision)


def _or_nothing(run: Run, node: tree.Expression) -> Run:
    if not isinstance(node, tree.Interval):
        return run

    def interval(frame: Frame) -> Interval | None:
        try:
            return run(frame)  # type: ignore[no-any-return]
        except NoPoints:
            return None

    return interval


def _is_bare_null(node: tree.Expression) -> bool:
    """Whether it is `null` without a type that the author gave it: a conversion has the span of what it converts."""
    if isinstance(node, tree.As) and node.span == node.operand.span:
        node = node.operand
    return isinstance(node, tree.Null)


def _interval_with_flags(compiler: Compiler, node: tree.Interval, scope: Scope, low: Run, high: Run, point: str) -> Run:
    def flag(expression: tree.Expression | None, otherwise: bool) -> Run:
        return (lambda frame: otherwise) if expression is None else compiler.compile(expression, scope)

    low_closed = flag(node.low_closed_expression, node.low_closed)
    high_closed = flag(node.high_closed_expression, node.high_closed)

    def run(frame: Frame) -> Interval:
        closed = low_closed(frame) is True, high_closed(frame) is True
        return make(low(frame), high(frame), *closed, point)

    return run


def point_name(type_: DataType) -> str:
    """The System point type of an interval type, `Any` for what has none."""
    if isinstance(type_, IntervalType) and isinstance(type_.point, NamedType) and type_.point.namespace == "System":
        return type_.point.name
    return "Any"


POINT_OF_CLASS: dict[type, str] = {
    int: "Integer",
    Long: "Long",
    Decimal: "Decimal",
    Quantity: "Quantity",
    Date: "Date",
    DateTime: "DateTime",
    Time: "Time",
}
"""The name of the point type by the class of a boundary."""

CLASS_OF_SYSTEM: dict[str, type] = {
    "Boolean": bool,
    "String": str,
    "Ratio": Ratio,
    "Code": Code,
    "Concept": Concept,
    "CodeSystem": CodeSystem,
    "ValueSet": ValueSet,
    **{name: class_ for class_, name in POINT_OF_CLASS.items()},
}
"""The Python class of the values of each System type."""


@builds(tree.If)
def _if(compiler: Compiler, node: tree.If, scope: Scope) -> Run:
    """`if`: an unknown condition counts as false (CQL 1.5, appendix B, "If")."""
    condition, then, otherwise = (compiler.compile(each, scope) for each in (node.condition, node.then, node.otherwise))
    return lambda frame: then(frame) if condition(frame) is True else otherwise(frame)


@builds(tree.Case)
def _case(compiler: Compiler, node: tree.Case, scope: Scope) -> Run:
    """`case`: the first item whose condition is true, or whose value equals the comparand ("Case")."""
    items = [(compiler.compile(when, scope), compiler.compile(then, scope)) for when, then in node.items]
    otherwise = compiler.compile(node.otherwise, scope)
    if node.comparand is None:

        def by_condition(frame: Frame) -> Any:
            for when, then in items:
                if when(frame) is True:
                    return then(frame)
            return otherwise(frame)

        return by_condition
    comparand = compiler.compile(node.comparand, scope)
    if node.equal is None:
        raise EvaluationError("a case with a comparand needs an equality")
    equal, nulls = node.equal.body, node.equal.nulls
    state_first, by_precision = node.equal.state, node.equal.precision

    def by_value(frame: Frame) -> Any:
        value = comparand(frame)
        for when, then in items:
            other = when(frame)
            if (value is None or other is None) and not nulls:
                continue
            arguments = (frame[0], value, other) if state_first else (value, other)
            if (equal(*arguments, precision=None) if by_precision else equal(*arguments)) is True:
                return then(frame)
        return otherwise(frame)

    return by_value
