"""and, or, xor, implies and not(): three-valued logic (FHIRPath N1, 6.5).

    and     true   false  {}        or      true   false  {}        implies  true   false  {}
    true    true   false  {}        true    true   true   true      true     true   false  {}
    false   false  false  false     false   true   false  {}        false    true   true   true
    {}      {}     false  {}        {}      true   {}     {}        {}       true   {}     {}

xor is {} as soon as one side is. The right side is not evaluated when the left one decides.
"""

from __future__ import annotations

from bedside.questions import tree
from bedside.questions.code import Code, Frame, Kind, function, truth
from bedside.questions.compiler import Compiler, builds
from bedside.questions.data import Item


@builds(tree.And)
def _and(compiler: Compiler, node: tree.And) -> Code:
    left, right = truth(compiler.compile(node.left)), truth(compiler.compile(node.right))

    def run(this: Item | None, frame: Frame) -> bool | None:
        one = left(this, frame)
        if one is False:
            return False
        other = right(this, frame)
        return other if one or other is False else None

    return Code(Kind.TRUTH, run)


@builds(tree.Or)
def _or(compiler: Compiler, node: tree.Or) -> Code:
    left, right = truth(compiler.compile(node.left)), truth(compiler.compile(node.right))

    def run(this: Item | None, frame: Frame) -> bool | None:
        one = left(this, frame)
        if one:
            return True
        other = right(this, frame)
        return other if one is False or other else None

    return Code(Kind.TRUTH, run)


@builds(tree.Xor)
def _xor(compiler: Compiler, node: tree.Xor) -> Code:
    left, right = truth(compiler.compile(node.left)), truth(compiler.compile(node.right))

    def run(this: Item | None, frame: Frame) -> bool | None:
        one, other = left(this, frame), right(this, frame)
        return None if one is None or other is None else one is not other

    return Code(Kind.TRUTH, run)


@builds(tree.Implies)
def _implies(compiler: Compiler, node: tree.Implies) -> Code:
    left, right = truth(compiler.compile(node.left)), truth(compiler.compile(node.right))

    def run(this: Item | None, frame: Frame) -> bool | None:
        one = left(this, frame)
        if one is False:
            return True
        other = right(this, frame)
        return other if one or other else None

    return Code(Kind.TRUTH, run)


@function("not", result="Boolean")
def _not(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
    given = truth(source)

    def run(this: Item | None, frame: Frame) -> bool | None:
        value = given(this, frame)
        return None if value is None else not value

    return Code(Kind.TRUTH, run)
