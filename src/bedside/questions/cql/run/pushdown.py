"""From the condition of a query to what a retrieve may leave out: an element that must meet an interval.

Only conditions that every result must fulfil count (the parts of an `and`), of the form `A.path during X`, where the
interval does not depend on the item. The range handed down is a day wider on both sides than the interval, for the
condition may speak of days in another zone.
"""

from __future__ import annotations

from collections.abc import Iterator

from bedside.questions.cql import tree
from bedside.questions.cql.operators.temporal import key, span
from bedside.questions.cql.run.compiler import Compiler
from bedside.questions.cql.types import DATE, DATETIME, IntervalType
from bedside.questions.cql.values import Interval
from bedside.questions.cql.world import DateRange
from bedside.questions.values import Date, DateTime

_WITHIN = frozenset({"In", "IncludedIn", "ProperIncludedIn", "ProperIn", "Overlaps", "Starts", "Ends"})
"""Operators of which the left must have a point in common with the right."""

_CONVERSIONS = frozenset({"ToInterval", "ToDateTime", "ToDate", "ToValue"})
_POINTS = frozenset({"Start", "End", "DateFrom", "ToDateTime", "ToDate"})
_MARGIN_MS = 86_400_000
_EPOCH_MS = 719_163 * 86_400_000
"""1970-01-01 on the scale of `key`, which counts from the day 0 of Python's calendar."""


def wanted_dates(compiler: Compiler, alias: str, where: tree.Expression | None) -> tuple[str, tree.Expression] | None:
    """The path of an element of the alias and the interval that it must meet; None where the condition says none."""
    for each in _conjuncts(where):
        if not isinstance(each, tree.Operator) or each.name not in _WITHIN or len(each.operands) != 2:
            continue
        left, right = each.operands
        if right.type not in (IntervalType(DATETIME), IntervalType(DATE)) or compiler.free.of(right):
            continue
        path = _path(left, alias)
        if path is not None:
            return path, right
    return None


def _conjuncts(node: tree.Expression | None) -> Iterator[tree.Expression]:
    if isinstance(node, tree.Operator) and node.name == "And":
        for each in node.operands:
            yield from _conjuncts(each)
    elif node is not None:
        yield node


def _path(node: tree.Expression, alias: str) -> str | None:
    """`period` of `FHIRHelpers.ToInterval(A.period)`, `start of A.period` or `A.authoredOn.value`."""
    match node:
        case tree.Operator(name=name, operands=(inner,)) if name in _POINTS:
            return _path(inner, alias)
        case tree.FunctionRef(name=name, operands=(inner,)) if name in _CONVERSIONS and node.library is not None:
            return _path(inner, alias)
        case tree.As(operand=inner):
            return _path(inner, alias)
        case tree.Property(source=tree.Property() as inner, path="value"):
            return _path(inner, alias)
        case tree.Property(source=tree.AliasRef(name=name), path=path) if name == alias:
            return path
    return None


def date_range(interval: Interval | None) -> DateRange | None:
    """The instants that an interval may mean, with a day to spare on both sides."""
    if interval is None:
        return None
    return DateRange(_instant(interval.low, -1), _instant(interval.high, 1))


def _instant(boundary: object, side: int) -> int | None:
    if not isinstance(boundary, Date | DateTime):
        return None
    _, wall, instant = key(boundary)
    milliseconds = span(boundary)[0 if side < 0 else 1] + instant - wall + side * _MARGIN_MS
    return (milliseconds - _EPOCH_MS) * 1000
