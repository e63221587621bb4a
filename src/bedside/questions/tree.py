"""The one tree of a question: immutable nodes with the names of ELM, HL7's Expression Logical Model.

A few names need a word. `IdentifierRef` is the first identifier of a path (`Patient` or `name` in `name.given`);
`Property` is every later step. `Current`, `Iteration` and `Total` are `$this`, `$index` and `$total`;
`ParameterRef` is an external constant such as `%resource`; `Positive` is a leading plus sign, which ELM drops.
Parentheses leave no node: the shape of the tree says it, and the printer puts them back where they are needed.

Two nodes are equal when they say the same, wherever they stand: the span takes no part in comparison.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import ClassVar

from bedside.questions.errors import NOWHERE, Span
from bedside.questions.values import SystemValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """Base of all nodes; `span` is the range of the source text from which the node came."""

    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Null(Node):
    """The empty collection, `{}`."""


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A value written out: `true`, `1`, `1.50`, `'text'`, `@2015-02`, `@T14:30`, `4 days`, `10 'mg'`.

    Decimals keep their written precision. `value_type` is part of the node so that `1` and `1.0` and `true` differ.
    """

    value: SystemValue
    value_type: str


@dataclass(frozen=True, slots=True)
class IdentifierRef(Node):
    """First identifier of a path: the type of the context (`Patient`) or an element of it (`name`)."""

    name: str


@dataclass(frozen=True, slots=True)
class Property(Node):
    """A step: the children called `path` of every item of `source`."""

    source: Node
    path: str


@dataclass(frozen=True, slots=True)
class Indexer(Node):
    """`source[index]`, counted from 0."""

    source: Node
    index: Node


@dataclass(frozen=True, slots=True)
class FunctionRef(Node):
    """A call. `source` is what stands before the dot, None for a call on the current item (`exists()`, `today()`)."""

    name: str
    operand: tuple[Node, ...]
    source: Node | None = None


@dataclass(frozen=True, slots=True)
class Current(Node):
    """`$this`: the item at which the enclosing function is, or the whole input outside any."""


@dataclass(frozen=True, slots=True)
class Iteration(Node):
    """`$index`: how many items came before the current one."""


@dataclass(frozen=True, slots=True)
class Total(Node):
    """`$total`: what `aggregate` has gathered so far."""


@dataclass(frozen=True, slots=True)
class ParameterRef(Node):
    """External constant, `%name`."""

    name: str


@dataclass(frozen=True, slots=True)
class NamedTypeSpecifier(Node):
    """Name of a type after `is` and `as`: `Quantity`, `System.String`, `FHIR.Patient`."""

    name: str
    namespace: str | None = None


@dataclass(frozen=True, slots=True)
class Is(Node):
    """`operand is Type`."""

    operand: Node
    is_type: NamedTypeSpecifier


@dataclass(frozen=True, slots=True)
class As(Node):
    """`operand as Type`."""

    operand: Node
    as_type: NamedTypeSpecifier


@dataclass(frozen=True, slots=True)
class UnaryExpression(Node):
    """Base of the signs."""

    operand: Node
    symbol: ClassVar[str] = ""


@dataclass(frozen=True, slots=True)
class Negate(UnaryExpression):
    symbol: ClassVar[str] = "-"


@dataclass(frozen=True, slots=True)
class Positive(UnaryExpression):
    symbol: ClassVar[str] = "+"


@dataclass(frozen=True, slots=True)
class BinaryExpression(Node):
    """Base of all operators with two operands. A higher `precedence` binds more tightly (FHIRPath N1, 6.8)."""

    left: Node
    right: Node
    symbol: ClassVar[str] = ""
    precedence: ClassVar[int] = 0


@dataclass(frozen=True, slots=True)
class Multiply(BinaryExpression):
    symbol: ClassVar[str] = "*"
    precedence: ClassVar[int] = 10


@dataclass(frozen=True, slots=True)
class Divide(BinaryExpression):
    symbol: ClassVar[str] = "/"
    precedence: ClassVar[int] = 10


@dataclass(frozen=True, slots=True)
class TruncatedDivide(BinaryExpression):
    symbol: ClassVar[str] = "div"
    precedence: ClassVar[int] = 10


@dataclass(frozen=True, slots=True)
class Modulo(BinaryExpression):
    symbol: ClassVar[str] = "mod"
    precedence: ClassVar[int] = 10


@dataclass(frozen=True, slots=True)
class Add(BinaryExpression):
    symbol: ClassVar[str] = "+"
    precedence: ClassVar[int] = 9


@dataclass(frozen=True, slots=True)
class Subtract(BinaryExpression):
    symbol: ClassVar[str] = "-"
    precedence: ClassVar[int] = 9


@dataclass(frozen=True, slots=True)
class Concatenate(BinaryExpression):
    symbol: ClassVar[str] = "&"
    precedence: ClassVar[int] = 9


# `is` and `as` (precedence 8) stand between addition and union. They are not binary: their right side is a type.


@dataclass(frozen=True, slots=True)
class Union(BinaryExpression):
    symbol: ClassVar[str] = "|"
    precedence: ClassVar[int] = 7


@dataclass(frozen=True, slots=True)
class Less(BinaryExpression):
    symbol: ClassVar[str] = "<"
    precedence: ClassVar[int] = 6


@dataclass(frozen=True, slots=True)
class LessOrEqual(BinaryExpression):
    symbol: ClassVar[str] = "<="
    precedence: ClassVar[int] = 6


@dataclass(frozen=True, slots=True)
class Greater(BinaryExpression):
    symbol: ClassVar[str] = ">"
    precedence: ClassVar[int] = 6


@dataclass(frozen=True, slots=True)
class GreaterOrEqual(BinaryExpression):
    symbol: ClassVar[str] = ">="
    precedence: ClassVar[int] = 6


@dataclass(frozen=True, slots=True)
class Equal(BinaryExpression):
    symbol: ClassVar[str] = "="
    precedence: ClassVar[int] = 5


@dataclass(frozen=True, slots=True)
class NotEqual(BinaryExpression):
    symbol: ClassVar[str] = "!="
    precedence: ClassVar[int] = 5


@dataclass(frozen=True, slots=True)
class Equivalent(BinaryExpression):
    symbol: ClassVar[str] = "~"
    precedence: ClassVar[int] = 5


@dataclass(frozen=True, slots=True)
class NotEquivalent(BinaryExpression):
    symbol: ClassVar[str] = "!~"
    precedence: ClassVar[int] = 5


@dataclass(frozen=True, slots=True)
class In(BinaryExpression):
    symbol: ClassVar[str] = "in"
    precedence: ClassVar[int] = 4


@dataclass(frozen=True, slots=True)
class Contains(BinaryExpression):
    symbol: ClassVar[str] = "contains"
    precedence: ClassVar[int] = 4


@dataclass(frozen=True, slots=True)
class And(BinaryExpression):
    symbol: ClassVar[str] = "and"
    precedence: ClassVar[int] = 3


@dataclass(frozen=True, slots=True)
class Or(BinaryExpression):
    symbol: ClassVar[str] = "or"
    precedence: ClassVar[int] = 2


@dataclass(frozen=True, slots=True)
class Xor(BinaryExpression):
    symbol: ClassVar[str] = "xor"
    precedence: ClassVar[int] = 2


@dataclass(frozen=True, slots=True)
class Implies(BinaryExpression):
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
            for each in fields(node):
                value = getattr(node, each.name)
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
