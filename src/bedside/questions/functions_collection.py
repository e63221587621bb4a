"""where, select, repeat, ofType, first ... exclude, union, combine, iif, aggregate, sort: collections from collections.

(FHIRPath N1, 5.2 filtering and projection, 5.3 subsetting, 5.4 combining, 5.5.1 iif, 7 aggregates.)
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cmp_to_key
from typing import Any

from bedside.questions import tree
from bedside.questions.code import Code, Frame, Kind, Run, function, many, one, timed
from bedside.questions.compiler import Compiler, builds, type_cast, type_filter, type_specifier
from bedside.questions.data import Collection, Item, bounded, system_value
from bedside.questions.equality import compare_items, distinct, key_of
from bedside.questions.errors import EvaluationError
from bedside.questions.functions_existence import counts_items, criterion, indexed

MAX_REPEATED = 100_000
"""How many items `repeat` may find before it is taken to be endless."""


@function("where", 1, result="same", each=(0,), yields_many=True)
def _where(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
    given, holds = timed(many(source)), criterion(compiler, call.operand[0])
    if counts_items(call.operand[0]):

        def run(this: Item | None, frame: Frame) -> Collection:
            items = given(this, frame)
            kept = indexed(items, frame, lambda item: holds(item, frame))
            return [item for item, keep in zip(items, kept, strict=True) if keep]

        return Code(Kind.MANY, run)
    return Code(Kind.MANY, lambda this, frame: [item for item in given(this, frame) if holds(item, frame)])


@function("select", 1, result="first", each=(0,), yields_many=True)
def _select(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
    given, projection = timed(many(source)), many(compiler.compile(call.operand[0]))
    if counts_items(call.operand[0]):

        def run(this: Item | None, frame: Frame) -> Collection:
            parts = indexed(given(this, frame), frame, lambda item: projection(item, frame))
            return [item for part in parts for item in part]

        return Code(Kind.MANY, run)

    def run_plainly(this: Item | None, frame: Frame) -> Collection:
        return bounded([x for item in given(this, frame) for x in projection(item, frame)], "select()")

    return Code(Kind.MANY, run_plainly)


@function("repeat", 1, result="first", each=(0,), yields_many=True)
def _repeat(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
    """Every item that the projection leads to, over and over, each once."""
    given, projection = timed(many(source)), many(compiler.compile(call.operand[0]))

    def run(this: Item | None, frame: Frame) -> Collection:
        found: dict[Any, Item] = {}
        level = given(this, frame)
        while level:
            fresh: Collection = []
            for item in level:
                for each in projection(item, frame):
                    key = key_of(each, frame.units)
                    if key not in found:
                        found[key] = each
                        fresh.append(each)
            if len(found) > MAX_REPEATED:
                raise EvaluationError(f"repeat() has found more than {MAX_REPEATED} items and seems to be endless")
            level = fresh
        return list(found.values())

    return Code(Kind.MANY, run)


@function("ofType", 1, result="type", yields_many=True)
def _of_type(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
    return type_filter(source, compiler.types(type_specifier(call.operand[0], compiler.source)))


@function("as", 1, result="type")
def _as(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
    types = compiler.types(type_specifier(call.operand[0], compiler.source))
    return type_cast(source, types, compiler.as_filters)


@function("single", result="same", ordered_input=False)
def _single(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
    return Code(Kind.ONE, one(source))


@function("first", result="same", ordered_input=True)
def _first(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
    given = many(source)

    def run(this: Item | None, frame: Frame) -> Item | None:
        items = given(this, frame)
        return items[0] if items else None

    return Code(Kind.ONE, run)


@function("last", result="same", ordered_input=True)
def _last(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
    given = many(source)

    def run(this: Item | None, frame: Frame) -> Item | None:
        items = given(this, frame)
        return items[-1] if items else None

    return Code(Kind.ONE, run)


@function("tail", result="same", yields_many=True, ordered_input=True)
def _tail(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
    given = many(source)
    return Code(Kind.MANY, lambda this, frame: given(this, frame)[1:])


def _cut(
    compiler: Compiler, call: tree.FunctionRef, source: Code, slice_: Callable[[Collection, int], Collection]
) -> Code:
    given, number = many(source), one(compiler.compile(call.operand[0]))

    def run(this: Item | None, frame: Frame) -> Collection:
        count = system_value(number(this, frame))
        if count is None:
            return []
        if count.__class__ is not int:
            raise EvaluationError(f"{call.name}() needs a number of items", expected="an Integer")
        return slice_(given(this, frame), max(count, 0))

    return Code(Kind.MANY, run)


@function("skip", 1, result="same", yields_many=True, ordered_input=True)
def _skip(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
    return _cut(compiler, call, source, lambda items, count: items[count:])


@function("take", 1, result="same", yields_many=True, ordered_input=True)
def _take(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
    return _cut(compiler, call, source, lambda items, count: items[:count])


@function("intersect", 1, result="same", yields_many=True)
def _intersect(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
    given, other = many(source), many(compiler.compile(call.operand[0]))

    def run(this: Item | None, frame: Frame) -> Collection:
        keys = {key_of(item, frame.units) for item in other(this, frame)}
        return distinct([item for item in given(this, frame) if key_of(item, frame.units) in keys], frame.units)

    return Code(Kind.MANY, run)


@function("exclude", 1, result="same", yields_many=True)
def _exclude(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
    given, other = many(source), many(compiler.compile(call.operand[0]))

    def run(this: Item | None, frame: Frame) -> Collection:
        keys = {key_of(item, frame.units) for item in other(this, frame)}
        return [item for item in given(this, frame) if key_of(item, frame.units) not in keys]

    return Code(Kind.MANY, run)


def _union_of(parts: list[Callable[[Item | None, Frame], Collection]]) -> Code:
    def run(this: Item | None, frame: Frame) -> Collection:
        items: Collection = []
        for part in parts:
            items += part(this, frame)
        return distinct(items, frame.units)

    return Code(Kind.MANY, run)


@builds(tree.Union)
def _union_operator(compiler: Compiler, node: tree.Union) -> Code:
    """`a | b | c` as one union, not as a union of unions."""
    parts: list[tree.Node] = []
    left: tree.Node = node
    while isinstance(left, tree.Union):
        parts.append(left.right)
        left = left.left
    parts.append(left)
    return _union_of([many(compiler.compile(part)) for part in reversed(parts)])


@function("union", 1, result="both", yields_many=True)
def _union(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
    return _union_of([many(source), many(compiler.compile(call.operand[0]))])


@function("combine", 1, result="both", yields_many=True)
def _combine(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
    given, other = many(source), many(compiler.compile(call.operand[0]))
    return Code(Kind.MANY, lambda this, frame: bounded(given(this, frame) + other(this, frame), "combine()"))


@function("iif", 2, 3, result="branches", each=(0, 1, 2))
def _iif(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
    """Only the branch that is chosen is evaluated. An input of several items is an error."""
    given = one(source)
    condition = criterion(compiler, call.operand[0])
    branches = [many(compiler.compile(node)) for node in call.operand[1:]]

    def run(this: Item | None, frame: Frame) -> Collection:
        item = given(this, frame)
        if condition(item, frame):
            return branches[0](item, frame)
        return branches[1](item, frame) if len(branches) > 1 else []

    return Code(Kind.MANY, run)


@function("aggregate", 1, 2, result="first", each=(0,), yields_many=True)
def _aggregate(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
    given, step = timed(many(source)), many(compiler.compile(call.operand[0]))
    start = many(compiler.compile(call.operand[1])) if len(call.operand) > 1 else None

    def run(this: Item | None, frame: Frame) -> Collection:
        before = frame.total, frame.index
        total = start(this, frame) if start else []
        for index, item in enumerate(given(this, frame)):
            frame.total, frame.index = total, index
            total = step(item, frame)
        frame.total, frame.index = before
        return total

    return Code(Kind.MANY, run)


@function("sort", 0, 9, result="same", each=tuple(range(9)), yields_many=True)
def _sort(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
    """Ascending by the keys, descending by one with a minus before it. Items without a key come first in either."""
    given = many(source)
    keys: list[tuple[Run, int]] = []
    for node in call.operand or (tree.Current(),):
        inner, sign = (node.operand, -1) if isinstance(node, tree.Negate) else (node, 1)
        keys.append((one(compiler.compile(inner)), sign))

    def run(this: Item | None, frame: Frame) -> Collection:
        def order(left: tuple[Item, list[Any]], right: tuple[Item, list[Any]]) -> int:
            for one_key, other_key, (_, sign) in zip(left[1], right[1], keys, strict=True):
                if one_key is None or other_key is None:
                    if one_key is not other_key:
                        return -1 if one_key is None else 1
                    continue
                found = compare_items(one_key, other_key, frame.units)
                if found:
                    return found * sign
            return 0

        pairs = [(item, [key(item, frame) for key, _ in keys]) for item in given(this, frame)]
        return [item for item, _ in sorted(pairs, key=cmp_to_key(order))]

    return Code(Kind.MANY, run)
