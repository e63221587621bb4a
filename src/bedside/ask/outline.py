"""The typed tree of a definition for a person: a line for each node, with its type and its place in the source.

Greater: Boolean                              3:14
  ToQuantity (FHIRHelpers): Quantity          3:14
    Property value: FHIR.Quantity             3:14
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bedside.questions.cql import tree
from bedside.questions.cql.types import DataType
from bedside.questions.errors import NOWHERE, line_and_column

_PLACE = 76
_DEEPEST = 60
_INNER = (tree.AliasedSource, tree.Relationship, tree.Return, tree.Aggregate, tree.SortBy)


def outline(expression: tree.Expression, source: str) -> str:
    """The tree of an expression as indented lines. Types of the System model are written without `System.`."""
    return "\n".join(_lines(expression, source, 0, ""))


def _lines(node: Any, source: str, depth: int, label: str) -> Iterator[str]:
    head = f"{'  ' * depth}{label}{_named(node)}"
    if isinstance(node, tree.Expression):
        head += f": {type_text(node.type)}"
    if depth > _DEEPEST:
        yield f"{head} ..."
        return
    span = getattr(node, "span", NOWHERE)
    if span is not NOWHERE and source:
        line, column = line_and_column(source, span.start)
        head = f"{head.ljust(_PLACE)} {line}:{column}"
    yield head
    for name, child in _children(node):
        yield from _lines(child, source, depth + 1, name)


def _children(node: Any) -> Iterator[tuple[str, Any]]:
    """The nodes right below, with what they are to the node where their order does not say it."""
    for name in node.__struct_fields__:
        label = _LABELS.get((type(node).__name__, name), "")
        yield from _of_field(getattr(node, name), label)


def _of_field(value: Any, label: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, (tree.Expression, *_INNER)):
        yield label, value
    elif isinstance(value, tuple):
        for each in value:
            if isinstance(each, tuple) and len(each) == 2 and isinstance(each[0], str):
                yield from _of_field(each[1], f"{each[0]} = ")
            else:
                yield from _of_field(each, label)


_LABELS = {
    ("If", "condition"): "if ",
    ("If", "then"): "then ",
    ("If", "otherwise"): "else ",
    ("Case", "comparand"): "case ",
    ("Case", "otherwise"): "else ",
    ("Query", "where"): "where ",
    ("Query", "lets"): "let ",
    ("Relationship", "such_that"): "such that ",
    ("Aggregate", "starting"): "starting ",
    ("Retrieve", "codes"): "codes ",
    ("Retrieve", "date_range"): "during ",
    ("Retrieve", "context"): "of ",
    ("Interval", "low"): "low ",
    ("Interval", "high"): "high ",
}


def _named(node: Any) -> str:
    """What a node is, with what it says beside its operands."""
    kind = type(node).__name__
    match node:
        case tree.Operator():
            return node.name if node.precision is None else f"{node.name} ({node.precision.lower()})"
        case tree.Literal():
            return f"Literal {_literal(node.value)}"
        case tree.Property():
            return f"Property {node.path}"
        case tree.Is():
            return f"Is {type_text(node.is_type)}"
        case tree.As():
            return f"{'Cast' if node.strict else 'As'} {type_text(node.as_type)}"
        case tree.Instance():
            return f"Instance {type_text(node.class_type)}"
        case tree.Interval():
            return f"Interval {'[' if node.low_closed else '('}{']' if node.high_closed else ')'}"
        case tree.Retrieve():
            codes = f" by {node.code_property} {node.comparator or 'in'}" if node.codes is not None else ""
            return f"Retrieve {node.data_type.name}{codes}"
        case tree.FunctionRef():
            return f"{node.name} ({node.library or 'this library'})"
        case tree.AliasedSource():
            return f"Source {node.alias}"
        case tree.Relationship():
            return "Without" if node.without else "With"
        case tree.Return():
            return "Return" if node.distinct else "Return all"
        case tree.Aggregate():
            return f"Aggregate {node.name}"
        case tree.SortBy():
            return "Sort descending" if node.descending else "Sort ascending"
    name = getattr(node, "name", None)
    if isinstance(name, str):
        library = getattr(node, "library", None)
        return f"{kind} {library}.{name}" if library else f"{kind} {name}"
    return kind


def _literal(value: Any) -> str:
    if isinstance(value, str):
        return f"'{value}'"
    return str(value).lower() if isinstance(value, bool) else str(value)


def type_text(type_: DataType) -> str:
    """A type as a person writes it: `List<FHIR.Condition>`, `Interval<DateTime>`."""
    return str(type_).replace("System.", "")


__all__ = ["outline", "type_text"]
