"""`with` and `without`: whether a related item exists (CQL 1.5, author's guide, "Relationships").

A related source that does not depend on the items of the query is read once for the query. When its condition asks for
equal strings on both sides (`C.encounter = E.id`), its items are entered under that string, so that each item of the
query meets only those that can fit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from bedside.questions.cql import tree
from bedside.questions.cql.run.compiler import UNSET, Compiler, Frame, Mode, Run, Scope
from bedside.questions.cql.run.evidence import observed_relationship
from bedside.questions.cql.types import STRING

WORTH_ENTERING = 8
"""With fewer related items than this, trying them all is cheaper."""

Items = Callable[[Frame], list[Any]]


def relationship(compiler: Compiler, node: tree.Relationship, query: tree.Query, scope: Scope) -> Run:
    """Whether an item that fits is there, or with `without` that none is: true or false, never null."""
    alias = f"alias {node.source.alias}"
    inner = scope.binding(alias)
    slot = inner.slot(alias)
    such_that = compiler.compile(node.such_that, inner)
    items = _items(compiler, node.source, scope)
    if compiler.mode is Mode.OBSERVING:
        return observed_relationship(compiler, items, such_that, slot, node.without)
    own = {f"alias {each.alias}" for each in query.sources} | {f"let {name}" for name, _ in query.lets}
    if not compiler.free.of(node.source.expression) & own:
        items = _once(compiler, items, scope)
        keys = _equal_strings(compiler, node.such_that, alias, own)
        if keys is not None:
            here, there = (compiler.compile(each, inner) for each in keys)
            items = _entered(items, here, there, slot, scope)
    found = not node.without

    def run(frame: Frame) -> bool:
        related = items(frame)
        frame[0].effort.spend(len(related))
        for item in related:
            frame[slot] = item
            if such_that(frame) is True:
                return found
        return not found

    return run


def _items(compiler: Compiler, source: tree.AliasedSource, scope: Scope) -> Items:
    run, is_list = compiler.compile(source.expression, scope), source.is_list

    def items(frame: Frame) -> list[Any]:
        value = run(frame)
        if value is None:
            return []
        return value if is_list else [value]

    return items


def _once(compiler: Compiler, items: Items, scope: Scope) -> Items:
    """Read the related items once for the whole query, when the first item of the query asks for them."""
    slot = scope.layout.slot()
    scope.emptied.append(slot)

    def once(frame: Frame) -> list[Any]:
        known = frame[slot]
        if known is UNSET:
            known = frame[slot] = items(frame)
        return known  # type: ignore[no-any-return]

    return once


def _entered(items: Items, here: Run, there: Run, slot: int, scope: Scope) -> Items:
    """Only the related items whose string is that of the query's item."""
    place = scope.layout.slot()
    scope.emptied.append(place)

    def entered(frame: Frame) -> list[Any]:
        by_key = frame[place]
        if by_key is UNSET:
            every = items(frame)
            by_key = frame[place] = None if len(every) < WORTH_ENTERING else _by_key(frame, every, there, slot)
        if by_key is None:
            return items(frame)
        return by_key.get(here(frame), [])  # type: ignore[no-any-return]

    return entered


def _by_key(frame: Frame, items: list[Any], there: Run, slot: int) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for item in items:
        frame[slot] = item
        key = there(frame)
        if key is not None:
            found.setdefault(key, []).append(item)
    return found


def _equal_strings(
    compiler: Compiler, such_that: tree.Expression, alias: str, own: set[str]
) -> tuple[tree.Expression, tree.Expression] | None:
    """The two sides of an equality of strings that must hold: that of the query's item and that of the related one."""
    for each in _conjuncts(such_that):
        match each:
            case tree.Operator(name="Equal", operands=(left, right)) if left.type == right.type == STRING:
                for here, there in ((left, right), (right, left)):
                    of_here, of_there = compiler.free.of(here), compiler.free.of(there)
                    if alias in of_there and alias not in of_here and not of_there & own:
                        return here, there
    return None


def _conjuncts(node: tree.Expression) -> Iterator[tree.Expression]:
    if isinstance(node, tree.Operator) and node.name == "And":
        for each in node.operands:
            yield from _conjuncts(each)
    else:
        yield node
