"""Tree to text: the shortest text that parses to the same tree.

Parentheses stand where precedence asks for them, and nowhere else. A name is put in backticks when it is no plain word
or is a word of the language. `parse(show(tree)) == tree` for every tree that the parser makes.
"""

from __future__ import annotations

import re

from bedside.questions import tree
from bedside.questions.parser import RESERVED
from bedside.questions.tree import Node
from bedside.questions.values import Date, DateTime, Quantity, SystemValue, Time

_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_STEP = 12
_ESCAPES = {"\\": "\\\\", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def show(node: Node) -> str:
    """The expression as text."""
    match node:
        case tree.Null():
            return "{}"
        case tree.Literal(value=value):
            return _literal(value)
        case tree.Current():
            return "$this"
        case tree.Iteration():
            return "$index"
        case tree.Total():
            return "$total"
        case tree.ParameterRef(name=name):
            return f"%{_name(name)}"
        case tree.IdentifierRef(name=name):
            return _name(name)
        case tree.Property(source=source, path=path):
            return f"{_within(source, _STEP)}.{_name(path)}"
        case tree.Indexer(source=source, index=index):
            return f"{_within(source, _STEP)}[{show(index)}]"
        case tree.FunctionRef(name=name, operand=operand, source=source):
            before = "" if source is None else _within(source, _STEP) + "."
            return f"{before}{_name(name)}({', '.join(show(each) for each in operand)})"
        case tree.NamedTypeSpecifier(name=name, namespace=namespace):
            return _name(name) if namespace is None else f"{_name(namespace)}.{_name(name)}"
        case tree.Is(operand=operand, is_type=specifier):
            return f"{_within(operand, tree.TYPE_PRECEDENCE)} is {show(specifier)}"
        case tree.As(operand=operand, as_type=specifier):
            return f"{_within(operand, tree.TYPE_PRECEDENCE)} as {show(specifier)}"
        case tree.UnaryExpression(operand=operand, symbol=symbol):
            return f"{symbol}{_within(operand, tree.SIGN_PRECEDENCE)}"
        case tree.BinaryExpression(left=left, right=right, symbol=symbol, precedence=precedence):
            return f"{_within(left, precedence)} {symbol} {_within(right, precedence + 1)}"
    raise TypeError(f"a {type(node).__name__} is no expression")


def _within(node: Node, least: int) -> str:
    """The text of an operand, in parentheses if it binds less tightly than needed."""
    text = show(node)
    return f"({text})" if _precedence(node) < least else text


def _precedence(node: Node) -> int:
    match node:
        case tree.BinaryExpression():
            return node.precedence
        case tree.Is() | tree.As():
            return tree.TYPE_PRECEDENCE
        case tree.UnaryExpression():
            return tree.SIGN_PRECEDENCE
    return _STEP


def _name(name: str) -> str:
    if _PLAIN_NAME.fullmatch(name) and name not in RESERVED:
        return name
    return f"`{_escaped(name, '`')}`"


def _escaped(text: str, quote: str) -> str:
    return "".join("\\" + char if char == quote else _ESCAPES.get(char, char) for char in text)


def _literal(value: SystemValue) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return f"'{_escaped(value, chr(39))}'"
        case Date():
            return f"@{value}"
        case Time():
            return f"@T{value}"
        case DateTime(hour=hour):
            return f"@{value}" if hour is not None else f"@{value}T"
        case Quantity(value=number, unit=unit, calendar=calendar):
            if not calendar:
                return f"{number:f} '{_escaped(unit, chr(39))}'"
            return f"{number:f} {unit}" + ("" if number == 1 else "s")
    return format(value, "f") if not isinstance(value, int) else str(value)
