"""Sorting by one or several keys, each in the order of `operators.order` (CQL 1.5, author's guide, "Sorting")."""

from __future__ import annotations

from collections.abc import Callable
from functools import cmp_to_key
from typing import Any

from bedside.questions.cql import tree
from bedside.questions.cql.operators.order import before
from bedside.questions.cql.operators.temporal import MILLISECOND, key
from bedside.questions.cql.run.compiler import Compiler, Frame, Run, Scope, builds
from bedside.questions.cql.run.fhirhelpers import to_value
from bedside.questions.cql.run.properties import of_value
from bedside.questions.data import DataNode
from bedside.questions.values import DateTime

Sorter = Callable[[Frame, list[Any]], list[Any]]


@builds(tree.IdentifierRef)
def _identifier(compiler: Compiler, node: tree.IdentifierRef, scope: Scope) -> Run:
    """An element of the item that is sorted."""
    slot, name = scope.slot("this"), node.name

    def run(frame: Frame) -> Any:
        item = frame[slot]
        return None if item is None else of_value(item, name, frame[0].offset)

    return run


def sorter(compiler: Compiler, keys: tuple[tree.SortBy, ...], scope: Scope) -> Sorter:
    """A function that gives the items of a list in the order of the keys; the list itself is left alone."""
    inner = scope.binding("this")
    slot = inner.slot("this")
    by = [
        (None if each.expression is None else compiler.compile(each.expression, inner), each.descending)
        for each in keys
    ]

    def sort(frame: Frame, items: list[Any]) -> list[Any]:
        ordered = list(items)
        if len(ordered) < 2:
            return ordered
        # The last key first: each pass keeps the order that later keys have made among equals.
        for expression, descending in reversed(by):
            values = []
            for item in ordered:
                frame[slot] = item
                value = item if expression is None else expression(frame)
                values.append(to_value(frame[0], value) if value.__class__ is DataNode else value)
            places = sorted(range(len(values)), key=_keys(values).__getitem__, reverse=descending)
            ordered = [ordered[place] for place in places]
        return ordered

    return sort


def _keys(values: list[Any]) -> list[Any]:
    """For each value what Python can sort by."""
    kinds = {value.__class__ for value in values}
    if kinds == {str} or kinds == {int}:
        return values
    if kinds == {DateTime}:
        found = [key(value) for value in values]
        if all(each[0] == MILLISECOND for each in found):
            return [each[2] for each in found]
    wrap = cmp_to_key(before)
    return [wrap(value) for value in values]
