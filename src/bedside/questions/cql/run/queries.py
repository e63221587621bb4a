"""Queries: sources, lets, relationships, where, return, aggregate and sort (CQL 1.5, author's guide, "Queries").

One loop a source, nested in the order in which they are written. For each combination of items the lets are computed
when they are first asked for, then every `with` and `without` and the `where` decide, in this order. A source that is a
single value is a list of one; when all are, the result is a single value. A null source has no items, and a query of
which all sources are null is null (https://jira.hl7.org/browse/FHIR-40225): what it returns is never asked of a null.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bedside.questions.cql import tree
from bedside.questions.cql.operators.registry import OVERLOADS
from bedside.questions.cql.run.compiler import UNSET, Compiler, Frame, Mode, Run, Scope, builds
from bedside.questions.cql.run.evidence import observed, observed_query
from bedside.questions.cql.run.pushdown import wanted_dates
from bedside.questions.cql.run.relationships import relationship
from bedside.questions.cql.run.retrieves import retrieve
from bedside.questions.cql.run.sorting import sorter
from bedside.questions.cql.run.state import MAX_ITEMS
from bedside.questions.errors import EvaluationError

Emit = Callable[[Frame, list[Any]], None]


class Source:
    """A source of a query: `items` gives its list, one of one for a single value, None for null."""

    __slots__ = ("alias", "items", "slot")

    def __init__(
        self, compiler: Compiler, source: tree.AliasedSource, scope: Scope, slot: int, where: tree.Expression | None
    ) -> None:
        self.alias = source.alias
        self.slot = slot
        run = _of_source(compiler, source, scope, where)
        self.items: Run = run if source.is_list else _alone(run)


def _alone(run: Run) -> Run:
    def items(frame: Frame) -> list[Any] | None:
        value = run(frame)
        return None if value is None else [value]

    return items


def _of_source(compiler: Compiler, source: tree.AliasedSource, scope: Scope, where: tree.Expression | None) -> Run:
    """A retrieve that is a source itself is told what the query wants of its dates."""
    expression = source.expression
    if isinstance(expression, tree.Retrieve) and expression.date_range is None and compiler.mode is Mode.PLAIN:
        wanted = wanted_dates(compiler, source.alias, where)
        if wanted is not None:
            return retrieve(compiler, expression, scope, wanted[0], compiler.compile(wanted[1], scope))
    return compiler.compile(expression, scope)


@builds(tree.Query)
def _query(compiler: Compiler, node: tree.Query, scope: Scope) -> Run:
    scope = scope.of_query()
    run = _unemptied(compiler, node, scope)
    if compiler.mode is Mode.OBSERVING:
        run = observed_query(run)
    kept = tuple(scope.emptied)
    if not kept:
        return run

    def emptying(frame: Frame) -> Any:
        for slot in kept:
            frame[slot] = UNSET
        return run(frame)

    return emptying


def _unemptied(compiler: Compiler, node: tree.Query, scope: Scope) -> Run:
    sources = []
    inner = scope
    for each in node.sources:
        before, inner = inner, inner.binding(f"alias {each.alias}")
        sources.append(Source(compiler, each, before, inner.slot(f"alias {each.alias}"), node.where))
    # The first source is evaluated once for the query, not once for each of its items.
    inner, lets = _lets(compiler, node, inner)
    condition = _condition(compiler, node, inner)
    single = not any(each.is_list for each in node.sources)
    if node.aggregate is not None:
        return _aggregate(compiler, node.aggregate, sources, lets, condition, inner)
    result = _result(compiler, node, sources, inner)
    simple = len(sources) == 1 and not lets and not single and compiler.mode is not Mode.OBSERVING
    rows = _filtered(sources[0], condition, result) if simple else _rows(compiler, sources, lets, condition, result)
    distinct = len(sources) > 1 if node.returns is None else node.returns.distinct
    if single:
        return _single(rows)
    return _finished(compiler, node, rows, distinct, scope)


def _lets(compiler: Compiler, node: tree.Query, scope: Scope) -> tuple[Scope, list[int]]:
    """A scope with the lets, and the slots to be emptied for each combination of items."""
    slots = []
    for name, expression in node.lets:
        run, slot = compiler.compile(expression, scope), scope.layout.slot()
        slots.append(slot)
        scope = scope.letting(name, _when_asked(run, slot))
    return scope, slots


def _when_asked(run: Run, slot: int) -> Run:
    def let(frame: Frame) -> Any:
        value = frame[slot]
        if value is UNSET:
            value = frame[slot] = run(frame)
        return value

    return let


def _condition(compiler: Compiler, node: tree.Query, scope: Scope) -> Run | None:
    """Whether a combination of items is wanted; None when all are."""
    tests = [relationship(compiler, each, node, scope) for each in node.relationships]
    if node.where is not None:
        tests.append(compiler.compile(node.where, scope))
    if len(tests) < 2:
        return tests[0] if tests else None
    return lambda frame: all(test(frame) is True for test in tests)


def _result(compiler: Compiler, node: tree.Query, sources: list[Source], scope: Scope) -> Run | None:
    """What a combination gives: what `return` says, else the item, or the tuple of items. None for the item itself."""
    if node.returns is not None:
        alias = node.returns.expression
        if len(sources) == 1 and isinstance(alias, tree.AliasRef) and alias.name == sources[0].alias:
            return None
        return compiler.compile(node.returns.expression, scope)
    if len(sources) == 1:
        return None
    slots = [(each.alias, each.slot) for each in sources]
    return lambda frame: {alias: frame[slot] for alias, slot in slots}


def _filtered(source: Source, condition: Run | None, result: Run | None) -> Run:
    """The loop of most queries: one source and no lets."""
    items_of, slot = source.items, source.slot
    if condition is None and result is None:
        return items_of

    def mapped(frame: Frame) -> list[Any] | None:
        items = items_of(frame)
        if items is None:
            return None
        frame[0].effort.spend(len(items))
        found = []
        for item in items:
            frame[slot] = item
            found.append(result(frame))  # type: ignore[misc]
        return found

    if condition is None:
        return mapped
    passes = condition

    def filtered(frame: Frame) -> list[Any] | None:
        items = items_of(frame)
        if items is None:
            return None
        if not items:
            return items  # type: ignore[no-any-return]
        frame[0].effort.spend(len(items))
        found = []
        for item in items:
            frame[slot] = item
            if passes(frame) is True:
                found.append(item if result is None else result(frame))
        return found

    return filtered


def _rows(compiler: Compiler, sources: list[Source], lets: list[int], condition: Run | None, result: Run | None) -> Run:
    """The loops of any query: the results of all combinations of items. A null source has no items; a query of which
    all sources are null is null.
    """
    aliases = [each.slot for each in sources]
    first = aliases[0]

    def emit(frame: Frame, found: list[Any]) -> None:
        for slot in lets:
            frame[slot] = UNSET
        if condition is not None and condition(frame) is not True:
            return
        found.append(frame[first] if result is None else result(frame))

    loop = observed(compiler, emit, aliases) if compiler.mode is Mode.OBSERVING else emit
    for source in reversed(sources[1:]):
        loop = _loop(source, loop)
    each_of_first, items_of_first, others = _each(sources[0], loop), sources[0].items, sources[1:]

    def rows(frame: Frame) -> list[Any] | None:
        items = items_of_first(frame)
        if items is None:
            frame[first] = None
            return None if all(other.items(frame) is None for other in others) else []
        found: list[Any] = []
        each_of_first(frame, items, found)
        return found

    return rows


def _loop(source: Source, inner: Emit) -> Emit:
    items_of, each = source.items, _each(source, inner)

    def loop(frame: Frame, found: list[Any]) -> None:
        each(frame, items_of(frame) or [], found)

    return loop


def _each(source: Source, inner: Emit) -> Callable[[Frame, list[Any], list[Any]], None]:
    slot = source.slot

    def loop(frame: Frame, items: list[Any], found: list[Any]) -> None:
        frame[0].effort.spend(len(items))
        for item in items:
            frame[slot] = item
            inner(frame, found)
        if len(found) > MAX_ITEMS:
            raise EvaluationError(f"a query makes more than {MAX_ITEMS} items")

    return loop


def _single(rows: Run) -> Run:
    def run(frame: Frame) -> Any:
        found = rows(frame)
        return found[0] if found else None

    return run


def _finished(compiler: Compiler, node: tree.Query, rows: Run, distinct: bool, scope: Scope) -> Run:
    """The rows without doubles, if so, and sorted."""
    if distinct:
        rows = _distinct(rows)
    if not node.sort:
        return rows
    unsorted, sort = rows, sorter(compiler, node.sort, scope)

    def run(frame: Frame) -> list[Any] | None:
        found = unsorted(frame)
        return None if found is None else sort(frame, found)

    return run


def _distinct(rows: Run) -> Run:
    body = OVERLOADS["Distinct"][0].body

    def run(frame: Frame) -> list[Any] | None:
        found = rows(frame)
        return found if found is None or len(found) < 2 else body(found)  # type: ignore[no-any-return]

    return run


def _aggregate(
    compiler: Compiler,
    node: tree.Aggregate,
    sources: list[Source],
    lets: list[int],
    condition: Run | None,
    scope: Scope,
) -> Run:
    """The total after the last combination of items; the combinations are found before the first is counted."""
    aliases = [(each.alias, each.slot) for each in sources]
    total = scope.layout.slot()
    counting = scope.letting(node.name, lambda frame: frame[total])
    expression = compiler.compile(node.expression, counting)
    starting = compiler.compile(node.starting, scope)
    rows = _rows(compiler, sources, lets, condition, lambda frame: {alias: frame[slot] for alias, slot in aliases})
    if node.distinct:
        rows = _distinct(rows)

    def run(frame: Frame) -> Any:
        found = rows(frame)
        if found is None:
            return None
        frame[total] = starting(frame)
        for row in found:
            for alias, slot in aliases:
                frame[slot] = row[alias]
            for slot in lets:
                frame[slot] = UNSET
            frame[total] = expression(frame)
        return frame[total]

    return run
