"""defineVariable: a name for what an expression has found so far (FHIRPath 3.0, "defineVariable"; not yet in N1).

A variable is known to the steps that follow in the same chain, and to what is inside their arguments. It ends with the
argument or the operand in which it was defined: `a.defineVariable('x') | b.select(%x)` is an error. So that expressions
without variables pay nothing, the ends are nodes of their own (`Scope`), put in only where a variable is defined below.
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from bedside.questions import tree
from bedside.questions.code import FUNCTIONS, Code, Frame, Kind, expecting, function, many, one
from bedside.questions.compiler import CONSTANTS, Compiler, builds
from bedside.questions.data import Collection, Item
from bedside.questions.errors import EvaluationError
from bedside.questions.tree import Node

_NAME = "defineVariable"
_RESERVED = frozenset({"context", "resource", "rootResource", *CONSTANTS})
_INPUT = "$input"
"""Where the frame keeps the input of a `defineVariable` whose value is asked of several items; no name has a `$`."""
_WITHOUT_INPUT = frozenset({"now", "today", "timeOfDay"})


class Scope(Node, frozen=True):
    """Variables that are defined inside end here."""

    inner: Node


class Input(Node, frozen=True):
    """The whole input of the `defineVariable` around."""


def scoped(node: Node) -> Node:
    """The tree with a `Scope` wherever the reach of variables ends; the tree itself when there are none."""
    return Scope(_inner(node), span=node.span) if _defines(node) else node


def _defines(node: Node) -> bool:
    return any(isinstance(each, tree.FunctionRef) and each.name == _NAME for each in tree.walk(node))


def _inner(node: Node) -> Node:
    """Chains stay open: what is defined in the source of a step is known to the step."""
    changed: dict[str, Any] = {}
    for name in node.__struct_fields__:
        value = getattr(node, name)
        chained = name == "source" or isinstance(node, tree.Is | tree.As)
        if isinstance(value, Node):
            changed[name] = _inner(value) if chained else scoped(value)
        elif isinstance(value, tuple) and value and isinstance(value[0], Node):
            changed[name] = tuple(map(scoped, value))
    return replace(node, **changed) if changed else node


@builds(Scope)
def _scope(compiler: Compiler, node: Scope) -> Code:
    code = compiler.compile(node.inner)
    run = code.run

    def run_scoped(this: Item | None, frame: Frame) -> Any:
        before = frame.variables
        try:
            return run(this, frame)
        finally:
            frame.variables = before

    return Code(code.kind, run_scoped)


@builds(Input)
def _input(compiler: Compiler, node: Input) -> Code:
    return Code(Kind.MANY, lambda this, frame: frame.variables[_INPUT])


@function(_NAME, 1, 2, result="same", each=(1,), yields_many=True)
def _define_variable(compiler: Compiler, call: tree.FunctionRef, source: Code) -> Code:
    """The input, unchanged. The value is the second argument asked of the input as a whole, or the input itself."""
    given, name = many(source), one(compiler.compile(call.operand[0]))
    take = expecting(("String",), f"argument 1 of {_NAME}()")
    of_item = of_many = None
    if len(call.operand) > 1:
        of_item = many(compiler.compile(call.operand[1]))
        of_many = many(compiler.compile(_of_input(call.operand[1])))

    def run(this: Item | None, frame: Frame) -> Collection:
        items = given(this, frame)
        item = name(this, frame)
        called = None if item is None else take(item)
        if called is None:
            raise EvaluationError(f"{_NAME}() needs a name", expected="a String")
        if called in frame.variables or called in _RESERVED or called.startswith(("vs-", "ext-")):
            raise EvaluationError(f"%{called} is defined already")
        if of_item is None or of_many is None:
            value = items
        elif len(items) < 2:
            value = of_item(items[0] if items else None, frame)
        else:
            before = frame.variables
            frame.variables = {**before, _INPUT: items}
            try:
                value = of_many(None, frame)
            finally:
                frame.variables = before
        frame.variables = {**frame.variables, called: value}
        return items

    return Code(Kind.MANY, run)


def _of_input(node: Node) -> Node:
    """The node with the whole input where it says `$this` or starts with a name or a function."""
    match node:
        case tree.Current():
            return Input(span=node.span)
        case tree.IdentifierRef(name=name):
            return tree.Property(Input(span=node.span), name, span=node.span)
        case tree.FunctionRef(name=name, operand=operand, source=source) if name not in _WITHOUT_INPUT:
            each = FUNCTIONS[name].each if name in FUNCTIONS else frozenset()
            typed = name in ("is", "as", "ofType")
            arguments = (one_ if at in each or typed else _of_input(one_) for at, one_ in enumerate(operand))
            whole = Input(span=node.span) if source is None else _of_input(source)
            return replace(node, operand=tuple(arguments), source=whole)
    changed: dict[str, Any] = {
        each: _of_input(value)
        for each in node.__struct_fields__
        if isinstance(value := getattr(node, each), Node) and not isinstance(value, tree.NamedTypeSpecifier)
    }
    return replace(node, **changed) if changed else node
