"""Operators with their own syntax, other than timing phrases and queries (CQL 1.5, authors guide and 09-b)."""

from __future__ import annotations

from decimal import Decimal

from bedside.questions import tree as shared
from bedside.questions.cql import syntax, tree
from bedside.questions.cql.typer import convert, extents, specifiers
from bedside.questions.cql.typer.calls import call, negated
from bedside.questions.cql.typer.core import Typer, shown, types
from bedside.questions.cql.typer.membership import contains, except_, in_, intersect, union
from bedside.questions.cql.types import (
    BOOLEAN,
    DECIMAL,
    INTEGER,
    QUANTITY,
    STRING,
    IntervalType,
    ListType,
)
from bedside.questions.errors import CheckError, Span
from bedside.questions.values import Quantity

PLAIN: dict[type[shared.Node], str] = {
    shared.Add: "Add",
    shared.Subtract: "Subtract",
    shared.Multiply: "Multiply",
    shared.Divide: "Divide",
    shared.TruncatedDivide: "TruncatedDivide",
    shared.Modulo: "Modulo",
    syntax.Power: "Power",
    shared.Less: "Less",
    shared.LessOrEqual: "LessOrEqual",
    shared.Greater: "Greater",
    shared.GreaterOrEqual: "GreaterOrEqual",
    shared.Equal: "Equal",
    shared.Equivalent: "Equivalent",
    shared.And: "And",
    shared.Or: "Or",
    shared.Xor: "Xor",
    shared.Implies: "Implies",
}


@types(*PLAIN)
def plain(typer: Typer, node: shared.BinaryExpression) -> tree.Expression:
    """A chain (`a or b or c ...`) may be long, so that it is followed to its left end without recursion."""
    chain = [node]
    while type(chain[-1].left) in PLAIN:
        chain.append(chain[-1].left)  # type: ignore[arg-type]
    operands = typer.all([chain[-1].left, *(each.right for each in reversed(chain))])
    found = operands[0]
    for each, right in zip(reversed(chain), operands[1:], strict=True):
        found = _operator(typer, each, found, right)
    return found


def _operator(
    typer: Typer, node: shared.BinaryExpression, left: tree.Expression, right: tree.Expression
) -> tree.Expression:
    name = PLAIN[type(node)]
    if name == "Add" and STRING in (left.type, right.type):
        # `+` on strings is Concatenate (CQL 1.5, 09-b, "Concatenate").
        name = "Concatenate"
    return call(typer, name, (left, right), node.span)


@types(shared.NotEqual, shared.NotEquivalent)
def unequal(typer: Typer, node: shared.BinaryExpression) -> tree.Expression:
    left, right = typer.all((node.left, node.right))
    name = "Equal" if isinstance(node, shared.NotEqual) else "Equivalent"
    return negated(typer, call(typer, name, (left, right), node.span))


@types(shared.Concatenate)
def concatenate(typer: Typer, node: shared.Concatenate) -> tree.Expression:
    """`a & b` takes null as the empty string (CQL 1.5, 09-b, "Concatenate")."""
    left, right = typer.all((node.left, node.right))
    empty = convert.text("")
    return call(
        typer,
        "Concatenate",
        tuple(call(typer, "Coalesce", (convert.to(typer, each, STRING), empty), node.span) for each in (left, right)),
        node.span,
    )


@types(shared.Union)
def unions(typer: Typer, node: shared.Union) -> tree.Expression:
    """A chain of unions becomes a tree of them that is as low as can be, for there may be hundreds."""
    nodes: list[shared.Node] = []
    current: shared.Node = node
    while isinstance(current, shared.Union):
        nodes.append(current.right)
        current = current.left
    operands = list(typer.all([current, *reversed(nodes)]))
    while len(operands) > 1:
        pairs = [
            union(typer, left, right, node.span) for left, right in zip(operands[::2], operands[1::2], strict=False)
        ]
        operands = pairs + operands[len(pairs) * 2 :]
    return operands[0]


@types(syntax.Intersect, syntax.Except)
def set_operator(typer: Typer, node: shared.BinaryExpression) -> tree.Expression:
    left, right = typer.all((node.left, node.right))
    return (intersect if isinstance(node, syntax.Intersect) else except_)(typer, left, right, node.span)


@types(shared.In, shared.Contains)
def membership(typer: Typer, node: shared.BinaryExpression) -> tree.Expression:
    left, right = typer.all((node.left, node.right))
    return (in_ if isinstance(node, shared.In) else contains)(typer, left, right, node.span)


@types(syntax.Membership)
def membership_of(typer: Typer, node: syntax.Membership) -> tree.Expression:
    left, right = typer.all((node.left, node.right))
    return (in_ if node.name == "In" else contains)(typer, left, right, node.span, precision=node.precision)


@types(shared.Positive)
def positive(typer: Typer, node: shared.Positive) -> tree.Expression:
    """`+x` is x, for whatever can be negated."""
    operand = typer.type(node.operand)
    call(typer, "Negate", (operand,), node.span)
    return operand


@types(shared.Negate)
def negate(typer: Typer, node: shared.Negate) -> tree.Expression:
    return call(typer, "Negate", (typer.type(node.operand),), node.span)


@types(syntax.Unary)
def unary(typer: Typer, node: syntax.Unary) -> tree.Expression:
    operand = typer.type(node.operand)
    match node.name:
        case "DurationOf" | "DifferenceOf":
            between = node.name.removesuffix("Of") + "Between"
            ends = tuple(call(typer, name, (operand,), node.span) for name in ("Start", "End"))
            return call(typer, between, ends, node.span, precision=node.precision)
        case "TimezoneFrom":
            typer.warn("`timezone from` is CQL 1.2; since 1.3 it is `timezoneoffset from`", node.span)
            return call(typer, "TimezoneOffsetFrom", (operand,), node.span)
        case "Exists" if not isinstance(operand.type, ListType):
            operand = convert.listed(typer, operand)
        case "Not":
            return negated(typer, operand, node.span)
    return call(typer, node.name, (operand,), node.span, precision=node.precision)


@types(syntax.BooleanTest)
def boolean_test(typer: Typer, node: syntax.BooleanTest) -> tree.Expression:
    operand = typer.type(node.operand)
    name = {None: "IsNull", True: "IsTrue", False: "IsFalse"}[node.value]
    if node.value is not None:
        operand = convert.to(typer, operand, BOOLEAN)
    found = call(typer, name, (operand,), node.span)
    return negated(typer, found) if node.negated else found


@types(syntax.Between)
def between(typer: Typer, node: syntax.Between) -> tree.Expression:
    """Of a point two comparisons, of an interval inclusion (CQL 1.5, authors guide, "Comparison Operators")."""
    operand, low, high = typer.all((node.operand, node.low, node.high))
    if isinstance(operand.type, IntervalType):
        point = convert.common_or_choice(typer, (low.type, high.type))
        interval = tree.Interval(
            type=IntervalType(point),
            low=convert.to(typer, low, point),
            high=convert.to(typer, high, point),
            span=node.span,
        )
        return call(typer, "ProperIncludedIn" if node.properly else "IncludedIn", (operand, interval), node.span)
    above, below = ("Greater", "Less") if node.properly else ("GreaterOrEqual", "LessOrEqual")
    tests = call(typer, above, (operand, low), node.span), call(typer, below, (operand, high), node.span)
    return call(typer, "And", tests, node.span)


@types(syntax.PrecisionBetween)
def precision_between(typer: Typer, node: syntax.PrecisionBetween) -> tree.Expression:
    low, high = typer.all((node.low, node.high))
    return call(typer, node.name, (low, high), node.span, precision=node.precision)


@types(syntax.Extent)
def extent(typer: Typer, node: syntax.Extent) -> tree.Expression:
    """`minimum T` and `maximum T`; an error for a type that has none (CQL 1.5, 09-b, "Minimum", "Maximum")."""
    type_ = specifiers.named(typer, node.of_type)
    found = extents.EXTENTS.get(type_)
    if found is None:
        raise CheckError(
            f"{shown(type_)} has no {'least' if node.name == 'MinValue' else 'greatest'} value",
            span=node.span,
            expected="Integer, Long, Decimal, Quantity, Date, DateTime or Time",
        )
    return tree.Literal(type=type_, value=found[node.name != "MinValue"], span=node.span)


@types(syntax.SetAggregate)
def set_aggregate(typer: Typer, node: syntax.SetAggregate) -> tree.Expression:
    """`expand` and `collapse`; without `per` the second operand is null (CQL 1.5, 09-b, "Expand", "Collapse")."""
    nodes = (node.operand,) if node.per is None else (node.operand, node.per)
    operand, *rest = typer.all(nodes)
    per = rest[0] if rest else None
    return expand_or_collapse(typer, node.name, operand, per, node.span)


def expand_or_collapse(
    typer: Typer, name: str, operand: tree.Expression, per: tree.Expression | None, span: Span
) -> tree.Expression:
    if per is None:
        per = tree.Null(type=QUANTITY, span=span)
    if isinstance(per, tree.Literal) and per.type in (DECIMAL, INTEGER):
        per = tree.Literal(type=QUANTITY, value=Quantity(Decimal(per.value), "1"), span=per.span)
    return call(typer, name, (operand, convert.to(typer, per, QUANTITY)), span)


@types(shared.Indexer)
def indexer(typer: Typer, node: shared.Indexer) -> tree.Expression:
    """`list[i]` and `string[i]`, both counted from 0 (CQL 1.5, 09-b, "Indexer")."""
    source, index = typer.all((node.source, node.index))
    return call(typer, "Indexer", (source, index), node.span)
