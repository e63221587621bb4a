"""The one tree of a question: immutable nodes with the names of ELM, HL7's Expression Logical Model.

A few names need a word. `IdentifierRef` is the first identifier of a path (`Patient` or `name` in `name.given`);
`Property` is every later step. `Current`, `Iteration` and `Total` are `$this`, `$index` and `$total`;
`ParameterRef` is an external constant such as `%resource`; `Positive` is a leading plus sign, which ELM drops.
Parentheses leave no node: the shape of the tree says it, and the printer puts them back where they are needed.

Two nodes are equal when they say the same, wherever they stand: the span takes no part in comparison.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from bedside.questions.errors import NOWHERE, Span
from bedside.questions.nodes import Record
from bedside.questions.values import SystemValue


class Node(Record, frozen=True, kw_only=True):
    """Base of all nodes; `span` is the range of the source text from which the node came."""

    span: Span = NOWHERE


class Null(Node, frozen=True):
    """The empty collection, `{}`."""


class Literal(Node, frozen=True):
    """A value written out: `true`, `1`, `1.50`, `'text'`, `@2015-02`, `@T14:30`, `4 days`, `10 'mg'`.

    Decimals keep their written precision. `value_type` is part of the node so that `1` and `1.0` and `true` differ.
    """

    value: SystemValue
    value_type: str


class IdentifierRef(Node, frozen=True):
    """First identifier of a path: the type of the context (`Patient`) or an element of it (`name`)."""

    name: str


class Property(Node, frozen=True):
    """A step: the children called `path` of every item of `source`."""

    source: Node
    path: str


class Indexer(Node, frozen=True):
    """`source[index]`, counted from 0."""

    source: Node
    index: Node


class FunctionRef(Node, frozen=True):
    """A call. `source` is what stands before the dot, None for a call on the current item (`exists()`, `today()`)."""

    name: str
    operand: tuple[Node, ...]
    source: Node | None = None


class Current(Node, frozen=True):
    """`$this`: the item at which the enclosing function is, or the whole input outside any."""


class Iteration(Node, frozen=True):
    """`$index`: how many items came before the current one."""


class Total(Node, frozen=True):
    """`$total`: what `aggregate` has gathered so far."""


class ParameterRef(Node, frozen=True):
    """External constant, `%name`."""

    name: str


class NamedTypeSpecifier(Node, frozen=True):
    """Name of a type after `is` and `as`: `Quantity`, `System.String`, `FHIR.Patient`."""

    name: str
    namespace: str | None = None


class Is(Node, frozen=True):
    """`operand is Type`."""

    operand: Node
    is_type: NamedTypeSpecifier


class As(Node, frozen=True):
    """`operand as Type`."""

    operand: Node
    as_type: NamedTypeSpecifier


class UnaryExpression(Node, frozen=True):
    """Base of the signs."""

    operand: Node
    symbol: ClassVar[str] = ""


class Negate(UnaryExpression, frozen=True):
    symbol: ClassVar[str] = "-"


class Positive(UnaryExpression, frozen=True):
    symbol: ClassVar[str] = "+"


class BinaryExpression(Node, frozen=True):
    """Base of all operators with two operands. A higher `precedence` binds more tightly (FHIRPath N1, 6.8)."""

    left: Node
    right: Node
    symbol: ClassVar[str] = ""
    precedence: ClassVar[int] = 0


class Multiply(BinaryExpression, frozen=True):
    symbol: ClassVar[str] = "*"
    precedence: ClassVar[int] = 10


class Divide(BinaryExpression, frozen=True):
    symbol: ClassVar[str] = "/"
    precedence: ClassVar[int] = 10


class TruncatedDivide(BinaryExpression, frozen=True):
    symbol: ClassVar[str] = "div"
    precedence: ClassVar[int] = 10


class Modulo(BinaryExpression, frozen=True):
    symbol: ClassVar[str] = "mod"
    precedence: ClassVar[int] = 10


class Add(BinaryExpression, frozen=True):
    symbol: ClassVar[str] = "+"
    precedence: ClassVar[int] = 9


class Subtract(BinaryExpression, frozen=True):
    symbol: ClassVar[str] = "-"
    precedence: ClassVar[int] = 9


class Concatenate(BinaryExpression, frozen=True):
    symbol: ClassVar[str] = "&"
    precedence: ClassVar[int] = 9


# `is` and `as` (precedence 8) stand between addition and union. They are not binary: their right side is a type.


class Union(BinaryExpression, frozen=True):
    symbol: ClassVar[str] = "|"
    precedence: ClassVar[int] = 7


class Less(BinaryExpression, frozen=True):
    symbol: ClassVar[str] = "<"
    precedence: ClassVar[int] = 6


class LessOrEqual(BinaryExpression, frozen=True):
    symbol: ClassVar[str] = "<="
    precedence: ClassVar[int] = 6


class Greater(BinaryExpression, frozen=True):
    symbol: ClassVar[str] = ">"
    precedence: ClassVar[int] = 6


class GreaterOrEqual(BinaryExpression, frozen=True):
    symbol: ClassVar[str] = ">="
    precedence: ClassVar[int] = 6


class Equal(BinaryExpression, frozen=True):
    symbol: ClassVar[str] = "="
    precedence: ClassVar[int] = 5


class NotEqual(BinaryExpression, frozen=True):
    symbol: ClassVar[str] = "!="
    precedence: ClassVar[int] = 5


class Equivalent(BinaryExpression, frozen=True):
    symbol: ClassVar[str] = "~"
    precedence: ClassVar[int] = 5


class NotEquivalent(BinaryExpression, frozen=True):
    symbol: ClassVar[str] = "!~"
    precedence: ClassVar[int] = 5


class In(BinaryExpression, frozen=True):
    symbol: ClassVar[str] = "in"
    precedence: ClassVar[int] = 4


class Contains(BinaryExpression, frozen=True):
    symbol: ClassVar[str] = "contains"
    precedence: ClassVar[int] = 4


class And(BinaryExpression, frozen=True):
    symbol: ClassVar[str] = "and"
    precedence: ClassVar[int] = 3


class Or(BinaryExpression, frozen=True):
    symbol: ClassVar[str] = "or"
    precedence: ClassVar[int] = 2


class Xor(BinaryExpression, frozen=True):
    symbol: ClassVar[str] = "xor"
    precedence: ClassVar[int] = 2


class Implies(BinaryExpression, frozen=True):
    symbol: ClassVar[str] = "implies"
    precedence: ClassVar[int] = 1


TYPE_PRECEDENCE = 8
SIGN_PRECEDENCE = 11

BINARY_OPERATORS: dict[str, type[BinaryExpression]] = {
    node.symbol: node
    for node in (
        *(Multiply, Divide, TruncatedDivide, Modulo, Add, Subtract, Concatenate, Union),
        *(Less, LessOrEqual, Greater, GreaterOrEqual, Equal, NotEqual, Equivalent, NotEquivalent),
        *(In, Contains, And, Or, Xor, Implies),
    )
}


def children(node: Node) -> Iterator[Node]:
    """The nodes directly below a node, in the order of the source text (the source of a call before its arguments)."""
    match node:
        case FunctionRef(operand=operand, source=source):
            if source is not None:
                yield source
            yield from operand
        case _:
            for name in node.__struct_fields__:
                value = getattr(node, name)
                if isinstance(value, Node):
                    yield value


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, parents first. Needs no recursion, whatever the height."""
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(list(children(node))))


def height(node: Node) -> tuple[int, Node]:
    """Number of nodes on the longest way down, and the node at its end."""
    best, lowest = 0, node
    stack = [(1, node)]
    while stack:
        level, each = stack.pop()
        if level > best:
            best, lowest = level, each
        stack.extend((level + 1, child) for child in children(each))
    return best, lowest
