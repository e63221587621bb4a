"""What FHIRPath-style calls become: filter, select, repeat, aggregate and sort with `$this` (CQL 1.5, "FHIRPath")."""

from __future__ import annotations

from typing import Any

from bedside.questions.cql import tree
from bedside.questions.cql.operators.registry import OVERLOADS
from bedside.questions.cql.run.compiler import Compiler, Frame, Run, Scope, builds
from bedside.questions.cql.run.sorting import sorter
from bedside.questions.cql.run.state import MAX_ITEMS
from bedside.questions.cql.types import ListType
from bedside.questions.errors import EvaluationError


def _items(compiler: Compiler, source: tree.Expression, scope: Scope) -> Run:
    """The items of a source; a single value counts as a list of one."""
    run = compiler.compile(source, scope)
    if isinstance(source.type, ListType):
        return run

    def as_list(frame: Frame) -> list[Any] | None:
        value = run(frame)
        if value is None:
            return None
        return value if value.__class__ is list else [value]

    return as_list


@builds(tree.Filter)
def _filter(compiler: Compiler, node: tree.Filter, scope: Scope) -> Run:
    source, inner = _items(compiler, node.source, scope), scope.binding("this", "index")
    this, index = inner.slot("this"), inner.slot("index")
    condition = compiler.compile(node.condition, inner)
    is_list = isinstance(node.type, ListType)

    def run(frame: Frame) -> Any:
        items = source(frame)
        if items is None:
            return None
        frame[0].effort.spend(len(items))
        found = []
        for position, item in enumerate(items):
            frame[this], frame[index] = item, position
            if condition(frame) is True:
                found.append(item)
        return found if is_list else (found[0] if found else None)

    return run


@builds(tree.ForEach)
def _for_each(compiler: Compiler, node: tree.ForEach, scope: Scope) -> Run:
    source, inner = _items(compiler, node.source, scope), scope.binding("this", "index")
    this, index = inner.slot("this"), inner.slot("index")
    element = compiler.compile(node.element, inner)
    is_list = isinstance(node.type, ListType)

    def run(frame: Frame) -> Any:
        items = source(frame)
        if items is None:
            return None
        frame[0].effort.spend(len(items))
        found = []
        for position, item in enumerate(items):
            frame[this], frame[index] = item, position
            found.append(element(frame))
        return found if is_list else (found[0] if found else None)

    return run


@builds(tree.Repeat)
def _repeat(compiler: Compiler, node: tree.Repeat, scope: Scope) -> Run:
    """What the element leads to, again and again, as long as something new comes (ELM, "Repeat")."""
    source, inner = _items(compiler, node.source, scope), scope.binding("this", "index")
    this, index = inner.slot("this"), inner.slot("index")
    element = compiler.compile(node.element, inner)

    def run(frame: Frame) -> list[Any] | None:
        waiting = source(frame)
        if waiting is None:
            return None
        found: list[Any] = []
        distinct = distinct_items()
        while waiting:
            frame[0].effort.spend(len(waiting))
            produced: list[Any] = []
            for position, item in enumerate(waiting):
                frame[this], frame[index] = item, position
                value = element(frame)
                if value.__class__ is list:
                    produced += value
                elif value is not None:
                    produced.append(value)
            before = len(found)
            found = distinct([*found, *produced])
            if len(found) > MAX_ITEMS:
                raise EvaluationError(f"repeat finds more than {MAX_ITEMS} items")
            waiting = found[before:]
        return found

    return run


def distinct_items() -> Any:
    """The body of `Distinct`: the items without those equal to an earlier one."""
    return OVERLOADS["Distinct"][0].body


@builds(tree.AggregateOver)
def _aggregate(compiler: Compiler, node: tree.AggregateOver, scope: Scope) -> Run:
    source, inner = _items(compiler, node.source, scope), scope.binding("this", "index", "total")
    this, index, total = inner.slot("this"), inner.slot("index"), inner.slot("total")
    iteration = compiler.compile(node.iteration, inner)
    initial = compiler.compile(node.initial, scope) if node.initial is not None else (lambda frame: None)

    def run(frame: Frame) -> Any:
        items = source(frame)
        value = initial(frame)
        if items is None:
            return value
        frame[0].effort.spend(len(items))
        for position, item in enumerate(items):
            frame[this], frame[index], frame[total] = item, position, value
            value = iteration(frame)
        return value

    return run


@builds(tree.Sort)
def _sort(compiler: Compiler, node: tree.Sort, scope: Scope) -> Run:
    source, sort = compiler.compile(node.source, scope), sorter(compiler, node.by, scope)

    def run(frame: Frame) -> list[Any] | None:
        items = source(frame)
        return None if items is None else sort(frame, items)

    return run
