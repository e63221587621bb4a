"""Calling the bodies of operators, and those operators that are cheaper as closures of their own.

What an overload says of itself (nulls, state, precision, lazy) is settled when the closure is made. Closures for each
number of operands are written once as text and compiled: a call then evaluates its operands and calls the body, with
nothing in between.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from bedside.questions.cql import tree
from bedside.questions.cql.operators import exact
from bedside.questions.cql.operators.registry import OVERLOADS
from bedside.questions.cql.operators.temporal import OutOfRange
from bedside.questions.cql.run.compiler import Compiler, Frame, Mode, Run, Scope, builds
from bedside.questions.cql.run.evidence import is_true, observed_operator, settled
from bedside.questions.cql.types import BOOLEAN, STRING, ListType
from bedside.questions.errors import UnsupportedError

Inline = Callable[[Compiler, tree.Operator, Scope], Run | None]
INLINE: dict[str, Inline] = {}
"""Operators with closures of their own; a builder may give None to leave it to the overload."""


def inline(*names: str) -> Callable[[Inline], Inline]:
    def enter(build: Inline) -> Inline:
        INLINE.update(dict.fromkeys(names, build))
        return build

    return enter


@builds(tree.Operator)
def _operator(compiler: Compiler, node: tree.Operator, scope: Scope) -> Run:
    build = INLINE.get(node.name)
    run = None if build is None else build(compiler, node, scope)
    if run is None:
        run = call(overload_of(node), _compiled(compiler, node, scope), node.precision)
    return observed_operator(node.name, run) if compiler.mode is Mode.OBSERVING else run


def overload_of(node: tree.Operator) -> tree.Overload:
    """The overload that was chosen; of an operator that has only one for so many operands, that one."""
    if node.overload is not None:
        return node.overload
    fitting = [each for each in OVERLOADS.get(node.name, ()) if len(each.operands) == len(node.operands)]
    if len(fitting) == 1:
        return fitting[0]
    raise UnsupportedError(f"the operator {node.name} cannot be run here")


def call(overload: tree.Overload, operands: list[Run], precision: str | None) -> Run:
    """The closure that evaluates the operands and calls the body as the overload wants it."""
    make = _maker(len(operands), overload.nulls, overload.state, overload.precision, overload.lazy)
    return make(overload.body, precision, *operands)  # type: ignore[no-any-return]


@cache
def _maker(count: int, nulls: bool, state: bool, precision: bool, lazy: bool) -> Callable[..., Any]:
    names = [f"a{i}" for i in range(count)]
    given = (["frame[0]"] if state else []) + [f"lambda: {name}(frame)" if lazy else f"v_{name}" for name in names]
    if precision:
        given.append("precision=precision")
    lines = [f"def make({', '.join(['body', 'precision', *names])}):", "    def run(frame):"]
    if not lazy:
        for name in names:
            lines.append(f"        v_{name} = {name}(frame)")
            if not nulls:
                lines += [f"        if v_{name} is None:", "            return None"]
    result = f"return body({', '.join(given)})"
    if lazy:
        lines.append(f"        {result}")
    else:
        # What a body cannot do with a number that is only known to lie in a range is null. Costs nothing until then.
        values = ", ".join(f"v_{name}" for name in names)
        lines += ["        try:", f"            {result}", "        except (TypeError, AttributeError):"]
        lines += [f"            if uncertain({values}):", "                return None", "            raise"]
    lines.append("    return run")
    space: dict[str, Any] = {"uncertain": exact.uncertain}
    exec("\n".join(lines), space)
    return space["make"]  # type: ignore[no-any-return]


def _compiled(compiler: Compiler, node: tree.Operator, scope: Scope) -> list[Run]:
    return [compiler.compile(each, scope) for each in node.operands]


_OF_BOUNDARIES = frozenset({"Start", "End"})
_SAME_MOMENT = frozenset({"DateFrom", "ToDate", "ToDateTime"})


@inline("Add", "Subtract")
def _moved(compiler: Compiler, node: tree.Operator, scope: Scope) -> Run | None:
    """`end of X + 1 day`: null where X never ends, and so `within 1 day after end of X` is false and not an error."""
    bound = node.operands[0]
    while isinstance(bound, tree.Operator) and bound.name in _SAME_MOMENT:
        bound = bound.operands[0]
    if not isinstance(bound, tree.Operator) or bound.name not in _OF_BOUNDARIES:
        return None
    add = call(overload_of(node), _compiled(compiler, node, scope), node.precision)

    def run(frame: Frame) -> Any:
        try:
            return add(frame)
        except OutOfRange:
            return None

    return run


# Three-valued logic (CQL 1.5, appendix B, "Logical Operators"). What the first operand decides, the second need not.


@inline("And")
def _and(compiler: Compiler, node: tree.Operator, scope: Scope) -> Run:
    left, right = _compiled(compiler, node, scope)

    def run(frame: Frame) -> bool | None:
        one = left(frame)
        if one is False:
            return False
        other = right(frame)
        if other is False:
            return False
        return None if one is None or other is None else True

    return run


@inline("Or")
def _or(compiler: Compiler, node: tree.Operator, scope: Scope) -> Run:
    left, right = _compiled(compiler, node, scope)
    if compiler.mode is Mode.OBSERVING:
        left, right = settled(left, is_true), settled(right, is_true)

    def run(frame: Frame) -> bool | None:
        one = left(frame)
        if one is True:
            return True
        other = right(frame)
        if other is True:
            return True
        return None if one is None or other is None else False

    return run


@inline("Implies")
def _implies(compiler: Compiler, node: tree.Operator, scope: Scope) -> Run:
    left, right = _compiled(compiler, node, scope)

    def run(frame: Frame) -> bool | None:
        one = left(frame)
        if one is False:
            return True
        other = right(frame)
        if other is True:
            return True
        return None if one is None or other is None else False

    return run


@inline("Not")
def _not(compiler: Compiler, node: tree.Operator, scope: Scope) -> Run:
    (operand,) = _compiled(compiler, node, scope)

    def run(frame: Frame) -> bool | None:
        value = operand(frame)
        return None if value is None else not value

    return run


@inline("IsNull")
def _is_null(compiler: Compiler, node: tree.Operator, scope: Scope) -> Run:
    (operand,) = _compiled(compiler, node, scope)
    return lambda frame: operand(frame) is None


@inline("IsTrue")
def _is_true(compiler: Compiler, node: tree.Operator, scope: Scope) -> Run:
    (operand,) = _compiled(compiler, node, scope)
    return lambda frame: operand(frame) is True


@inline("IsFalse")
def _is_false(compiler: Compiler, node: tree.Operator, scope: Scope) -> Run:
    (operand,) = _compiled(compiler, node, scope)
    return lambda frame: operand(frame) is False


@inline("Coalesce")
def _coalesce(compiler: Compiler, node: tree.Operator, scope: Scope) -> Run | None:
    """The first that is not null; of a single list operand the first of its elements (appendix B, "Coalesce")."""
    operands = _compiled(compiler, node, scope)
    if len(operands) == 1:
        (of_list,) = operands

        def first(frame: Frame) -> Any:
            return next((each for each in of_list(frame) or () if each is not None), None)

        return first if isinstance(node.operands[0].type, ListType) else of_list

    def run(frame: Frame) -> Any:
        for operand in operands:
            value = operand(frame)
            if value is not None:
                return value
        return None

    return run


@inline("Exists")
def _exists(compiler: Compiler, node: tree.Operator, scope: Scope) -> Run | None:
    """Whether a list has an element that is not null (appendix B, "Exists"): null for a list is an empty one."""
    if not isinstance(node.operands[0].type, ListType):
        return None
    (operand,) = _compiled(compiler, node, scope)

    def run(frame: Frame) -> bool:
        values = operand(frame)
        if not values:
            return False
        return values[0] is not None or any(each is not None for each in values)

    return run


@inline("Equal")
def _equal(compiler: Compiler, node: tree.Operator, scope: Scope) -> Run | None:
    """Of strings and Booleans: Python's equality, null when a side is. (An Integer may be an Uncertainty.)"""
    left, right = node.operands
    if left.type != right.type or left.type not in (STRING, BOOLEAN):
        return None
    one, other = compiler.compile(left, scope), compiler.compile(right, scope)
    if isinstance(right, tree.Literal):
        constant = right.value

        def with_constant(frame: Frame) -> bool | None:
            value = one(frame)
            return None if value is None else bool(value == constant)

        return with_constant

    def run(frame: Frame) -> bool | None:
        a = one(frame)
        if a is None:
            return None
        b = other(frame)
        return None if b is None else bool(a == b)

    return run


@inline("In")
def _in_literals(compiler: Compiler, node: tree.Operator, scope: Scope) -> Run | None:
    """`status in { 'final', 'amended' }`: one look into a set."""
    if len(node.operands) != 2:
        return None
    item, among = node.operands
    if not isinstance(among, tree.List) or item.type != STRING or node.overload is None:
        return None
    if not all(isinstance(each, tree.Literal) and each.value.__class__ is str for each in among.elements):
        return None
    members = frozenset(each.value for each in among.elements if isinstance(each, tree.Literal))
    operand, slow = compiler.compile(item, scope), call(node.overload, _compiled(compiler, node, scope), node.precision)

    def run(frame: Frame) -> bool | None:
        value = operand(frame)
        return slow(frame) if value is None else value in members

    return run
