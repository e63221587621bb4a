"""empty, exists, all, allTrue and its kin, count, distinct, subsetOf: questions about a whole collection (N1, 5.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bedside.questions import tree
from bedside.questions.code import Code, Frame, Kind, Run, function, many, timed, truth
from bedside.questions.compiler import Compiler
from bedside.questions.data import Collection, Item, system_value, type_of
from bedside.questions.equality import distinct, key_of
from bedside.questions.errors import EvaluationError


def counts_items(node: tree.Node) -> bool:
    """Whether `$index` stands in an argument, so that the loop has to keep it."""
    return any(isinstance(each, tree.Iteration) for each in tree.walk(node))


def criterion(compiler: Compiler, node: tree.Node) -> Run:
    """An argument that is a condition on one item."""
    return truth(compiler.compile(node))


def indexed(items: Collection, frame: Frame, wanted: Callable[[Item], Any]) -> list[Any]:
    """Apply to every item with `$index` set, and set it back afterwards."""
    before = frame.index
    results = []
    for frame.index, item in enumerate(items):
        results.append(wanted(item))
    frame.index = before
    return results


@function("empty", result="Boolean")
def _empty(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
    if source.kind is not Kind.MANY:
        run = source.run
        return Code(Kind.TRUTH, lambda this, frame: run(this, frame) is None)
    given = source.run
    return Code(Kind.TRUTH, lambda this, frame: not given(this, frame))


@function("exists", 0, 1, result="Boolean", each=(0,))
def _exists(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
    given = many(source)
    if not call.operand:
        return Code(Kind.TRUTH, lambda this, frame: bool(given(this, frame)))
    given = timed(given)
    holds = criterion(compiler, call.operand[0])
    if counts_items(call.operand[0]):
        return Code(
            Kind.TRUTH,
            lambda this, frame: any(indexed(given(this, frame), frame, lambda item: holds(item, frame))),
        )

    def run(this: Item | None, frame: Frame) -> bool:
        for item in given(this, frame):  # noqa: SIM110 - a loop is faster than any() over a generator
            if holds(item, frame):
                return True
        return False

    return Code(Kind.TRUTH, run)


@function("all", 1, result="Boolean", each=(0,))
def _all(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
    given, holds = timed(many(source)), criterion(compiler, call.operand[0])
    if counts_items(call.operand[0]):
        return Code(
            Kind.TRUTH,
            lambda this, frame: all(indexed(given(this, frame), frame, lambda item: holds(item, frame))),
        )

    def run(this: Item | None, frame: Frame) -> bool:
        for item in given(this, frame):  # noqa: SIM110
            if not holds(item, frame):
                return False
        return True

    return Code(Kind.TRUTH, run)


def _over_booleans(name: str, decide: Callable[[list[bool]], bool]) -> None:
    @function(name, accepts=("Boolean",), result="Boolean")
    def build(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
        given = many(source)

        def boolean(item: Item) -> bool:
            value = system_value(item)
            if not isinstance(value, bool):
                raise EvaluationError(f"{name}() cannot work with a {type_of(item)!r}", expected="a Boolean")
            return value

        return Code(Kind.TRUTH, lambda this, frame: decide([boolean(item) for item in given(this, frame)]))


_over_booleans("allTrue", all)
_over_booleans("anyTrue", any)
_over_booleans("allFalse", lambda values: not any(values))
_over_booleans("anyFalse", lambda values: not all(values))


@function("count", result="Integer")
def _count(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
    given = many(source)
    return Code(Kind.ONE, lambda this, frame: len(given(this, frame)))


@function("distinct", result="same", yields_many=True)
def _distinct(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
    given = many(source)
    return Code(Kind.MANY, lambda this, frame: distinct(given(this, frame), frame.units))


@function("isDistinct", result="Boolean")
def _is_distinct(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
    given = many(source)

    def run(this: Item | None, frame: Frame) -> bool:
        items = given(this, frame)
        return len(distinct(items, frame.units)) == len(items)

    return Code(Kind.TRUTH, run)


def _subset(small: Collection, large: Collection, frame: Frame) -> bool:
    keys = {key_of(item, frame.units) for item in large}
    return all(key_of(item, frame.units) in keys for item in small)


@function("subsetOf", 1, result="Boolean")
def _subset_of(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
    given, other = many(source), many(compiler.compile(call.operand[0]))
    return Code(Kind.TRUTH, lambda this, frame: _subset(given(this, frame), other(this, frame), frame))


@function("supersetOf", 1, result="Boolean")
def _superset_of(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
    given, other = many(source), many(compiler.compile(call.operand[0]))
    return Code(Kind.TRUTH, lambda this, frame: _subset(other(this, frame), given(this, frame), frame))
