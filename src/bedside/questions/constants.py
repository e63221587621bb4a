"""Parts of an expression that no data and no environment can change are worked out once: `@2020-01-01 + 1 year`."""

from __future__ import annotations

from typing import Any

from bedside.questions import tree
from bedside.questions.code import FUNCTIONS, Code, Frame
from bedside.questions.data import Item
from bedside.questions.tree import Node
from bedside.questions.units import UCUM_UNITS

_OF_THE_WORLD = frozenset(
    {
        *("now", "today", "timeOfDay", "trace", "resolve", "memberOf", "subsumes", "subsumedBy", "conformsTo"),
        *("elementDefinition", "slice", "checkModifiers", "defineVariable"),
    }
)
"""Functions whose result depends on more than their input, or that do more than give a result."""


def is_constant(node: Node, *, inside: bool = False) -> bool:
    """Whether a node has the same value whatever is evaluated. A literal by itself is not worth the trouble.

    `inside` an argument that is evaluated for every item of a constant collection, the item is constant too.
    """
    return not isinstance(node, tree.Literal | tree.Null) and _constant(node, inside)


def _constant(node: Node, inside: bool) -> bool:
    match node:
        case tree.Literal() | tree.Null():
            return True
        case tree.Current() | tree.IdentifierRef() | tree.Iteration() | tree.Total():
            return inside
        case tree.ParameterRef():
            return False
        case tree.FunctionRef(name=name, operand=operand, source=source):
            function = FUNCTIONS.get(name)
            if (
                function is None
                or name in _OF_THE_WORLD
                or not (inside if source is None else _constant(source, inside))
            ):
                return False
            if name in ("is", "as", "ofType"):
                return True
            return all(_constant(each, inside or at in function.each) for at, each in enumerate(operand))
        case _:
            return all(_constant(each, inside) for each in tree.children(node) if not _is_type(each))


def _is_type(node: Node) -> bool:
    return isinstance(node, tree.NamedTypeSpecifier)


def once(code: Code) -> Code:
    """The code, run the first time only. An error is not kept; units of another table are computed with each time."""
    run = code.run
    kept: list[Any] = []

    def run_once(this: Item | None, frame: Frame) -> Any:
        if kept and frame.units is UCUM_UNITS:
            return kept[0]
        value = run(this, frame)
        if frame.units is UCUM_UNITS:
            kept.append(value)
        return value

    return Code(code.kind, run_once)
