"""= != ~ !~ < <= > >= in contains: comparison and membership (FHIRPath N1, 6.1, 6.2 and 6.4).

The rules are in `equality`; here is only what is worth knowing when compiling: an empty side makes the result empty,
except for `~`, `!~` and an empty collection to look into.
"""

from __future__ import annotations

from collections.abc import Callable

from bedside.questions import tree
from bedside.questions.code import Code, Frame, Kind, Run, many, one
from bedside.questions.compiler import Compiler, builds
from bedside.questions.data import Collection, DataNode, Item
from bedside.questions.equality import compare_items, equal, equal_items, equivalent, key_of


@builds(tree.Equal)
def _equal(compiler: Compiler, node: tree.Equal) -> Code:
    if isinstance(node.right, tree.Literal) and isinstance(node.right.value, str):
        return Code(Kind.TRUTH, _equal_to_text(many(compiler.compile(node.left)), node.right.value))
    return Code(Kind.TRUTH, _equality(compiler, node.left, node.right))


@builds(tree.NotEqual)
def _not_equal(compiler: Compiler, node: tree.NotEqual) -> Code:
    same = _equality(compiler, node.left, node.right)

    def run(this: Item | None, frame: Frame) -> bool | None:
        value = same(this, frame)
        return None if value is None else not value

    return Code(Kind.TRUTH, run)


def _equality(compiler: Compiler, left_node: tree.Node, right_node: tree.Node) -> Callable[..., bool | None]:
    left, right = compiler.compile(left_node), compiler.compile(right_node)
    if Kind.MANY not in (left.kind, right.kind):
        first, second = left.run, right.run

        def of_items(this: Item | None, frame: Frame) -> bool | None:
            item, other = first(this, frame), second(this, frame)
            return None if item is None or other is None else equal_items(item, other, frame.units)

        return of_items
    ones, others = many(left), many(right)

    def of_collections(this: Item | None, frame: Frame) -> bool | None:
        return equal(ones(this, frame), others(this, frame), frame.units)

    return of_collections


def _equal_to_text(left: Callable[[Item | None, Frame], Collection], text: str) -> Callable[..., bool | None]:
    """The commonest comparison of all: a code or a system with a literal."""
    literal = [text]

    def run(this: Item | None, frame: Frame) -> bool | None:
        items = left(this, frame)
        if len(items) == 1:
            item = items[0]
            if item.__class__ is DataNode and item.type.plain and item.value is not None:
                return bool(item.value == text)
        return equal(items, literal, frame.units)

    return run


@builds(tree.Equivalent)
def _equivalent(compiler: Compiler, node: tree.Equivalent) -> Code:
    left, right = many(compiler.compile(node.left)), many(compiler.compile(node.right))
    return Code(Kind.TRUTH, lambda this, frame: equivalent(left(this, frame), right(this, frame), frame.units))


@builds(tree.NotEquivalent)
def _not_equivalent(compiler: Compiler, node: tree.NotEquivalent) -> Code:
    left, right = many(compiler.compile(node.left)), many(compiler.compile(node.right))
    return Code(Kind.TRUTH, lambda this, frame: not equivalent(left(this, frame), right(this, frame), frame.units))


def _ordering(compiler: Compiler, node: tree.BinaryExpression, holds: Callable[[int], bool]) -> Code:
    left, right = one(compiler.compile(node.left)), one(compiler.compile(node.right))

    def run(this: Item | None, frame: Frame) -> bool | None:
        item, other = left(this, frame), right(this, frame)
        if item is None or other is None:
            return None
        order = compare_items(item, other, frame.units)
        return None if order is None else holds(order)

    return Code(Kind.TRUTH, run)


@builds(tree.Less)
def _less(compiler: Compiler, node: tree.Less) -> Code:
    return _ordering(compiler, node, lambda order: order < 0)


@builds(tree.LessOrEqual)
def _less_or_equal(compiler: Compiler, node: tree.LessOrEqual) -> Code:
    return _ordering(compiler, node, lambda order: order <= 0)


@builds(tree.Greater)
def _greater(compiler: Compiler, node: tree.Greater) -> Code:
    return _ordering(compiler, node, lambda order: order > 0)


@builds(tree.GreaterOrEqual)
def _greater_or_equal(compiler: Compiler, node: tree.GreaterOrEqual) -> Code:
    return _ordering(compiler, node, lambda order: order >= 0)


def _membership(element: Run, collection: Callable[[Item | None, Frame], Collection]) -> Code:
    """Empty for an empty element, false for an empty collection (N1, 6.4)."""

    def run(this: Item | None, frame: Frame) -> bool | None:
        item = element(this, frame)
        if item is None:
            return None
        items, units = collection(this, frame), frame.units
        if len(items) > 8:
            wanted = key_of(item, units)
            return any(key_of(each, units) == wanted for each in items)
        return any(equal_items(item, each, units) for each in items)

    return Code(Kind.TRUTH, run)


@builds(tree.In)
def _in(compiler: Compiler, node: tree.In) -> Code:
    return _membership(one(compiler.compile(node.left)), many(compiler.compile(node.right)))


@builds(tree.Contains)
def _contains(compiler: Compiler, node: tree.Contains) -> Code:
    return _membership(one(compiler.compile(node.right)), many(compiler.compile(node.left)))
