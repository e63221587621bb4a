"""`if`, `case`, type tests, casts and explicit conversions (CQL 1.5, authors guide, "Conditional Expressions"; 09-b,
"Type Operators").
"""

from __future__ import annotations

from bedside.questions import tree as shared
from bedside.questions.cql import syntax, tree
from bedside.questions.cql.typer import convert, specifiers
from bedside.questions.cql.typer.calls import call
from bedside.questions.cql.typer.core import Silenced, Typer, shown, types
from bedside.questions.cql.types import ANY, BOOLEAN, QUANTITY, STRING, ChoiceType, DataType, NamedType
from bedside.questions.errors import CheckError


@types(syntax.If)
def if_(typer: Typer, node: syntax.If) -> tree.Expression:
    condition, then, otherwise = typer.all((node.condition, node.then, node.otherwise))
    type_ = convert.common_or_choice(typer, (then.type, otherwise.type))
    return tree.If(
        type=type_,
        condition=convert.to(typer, condition, BOOLEAN),
        then=convert.to(typer, then, type_),
        otherwise=convert.to(typer, otherwise, type_),
        span=node.span,
    )


@types(syntax.Case)
def case(typer: Typer, node: syntax.Case) -> tree.Expression:
    """With a comparand each `when` is compared with it as by `=`."""
    parts = [each for item in node.items for each in item]
    heads = [] if node.comparand is None else [node.comparand]
    done = list(typer.all([*heads, *parts, node.otherwise]))
    comparand = done.pop(0) if heads else None
    otherwise = done.pop()
    whens, thens = done[::2], done[1::2]
    equal: tree.Overload | None = None
    if comparand is None:
        whens = [convert.to(typer, each, BOOLEAN) for each in whens]
    else:
        compared = convert.common(typer, [comparand.type, *(each.type for each in whens)])
        if compared is None:
            raise CheckError(
                f"the cases cannot be compared with {shown(comparand.type)}",
                span=node.span,
                expected=shown(comparand.type),
            )
        comparand = convert.to(typer, comparand, compared)
        whens = [convert.to(typer, each, compared) for each in whens]
        if whens:
            test = call(typer, "Equal", (comparand, whens[0]), node.span)
            equal = test.overload if isinstance(test, tree.Operator) else None
    type_ = convert.common_or_choice(typer, [*(each.type for each in thens), otherwise.type])
    return tree.Case(
        type=type_,
        comparand=comparand,
        items=tuple((when, convert.to(typer, then, type_)) for when, then in zip(whens, thens, strict=True)),
        otherwise=convert.to(typer, otherwise, type_),
        equal=equal,
        span=node.span,
    )


@types(syntax.Is, shared.Is)
def is_(typer: Typer, node: syntax.Is | shared.Is) -> tree.Expression:
    operand = typer.type(node.operand)
    type_ = specifiers.read(typer, node.is_type)
    return tree.Is(type=BOOLEAN, operand=operand, is_type=type_, span=node.span)


@types(syntax.As, shared.As)
def as_(typer: Typer, node: syntax.As | shared.As) -> tree.Expression:
    operand = typer.type(node.operand)
    type_ = specifiers.read(typer, node.as_type)
    return cast(typer, operand, type_, node, strict=False)


@types(syntax.Cast)
def cast_(typer: Typer, node: syntax.Cast) -> tree.Expression:
    operand = typer.type(node.operand)
    type_ = specifiers.read(typer, node.as_type)
    return cast(typer, operand, type_, node, strict=True)


def cast(typer: Typer, operand: tree.Expression, type_: DataType, node: shared.Node, *, strict: bool) -> tree.As:
    """`operand as type`. A cast that can never succeed is an error (CQL 1.5, 09-b, "As")."""
    if not convert.castable(typer, operand.type, type_):
        raise CheckError(f"a value of {shown(operand.type)} can never be a {shown(type_)}", span=node.span)
    return tree.As(type=type_, operand=operand, as_type=type_, strict=strict, span=node.span)


CONVERTIBLE = ("Boolean", "Integer", "Long", "Decimal", "String", "Date", "DateTime", "Time", "Quantity", "Ratio")
"""The types with an operator `ToX`; Concept and List are reached otherwise."""


_UCUM = {"year": "a", "month": "mo", "week": "wk", "day": "d", "hour": "h", "minute": "min", "second": "s"}
UCUM_OF_CALENDAR = {word: code for one, code in {**_UCUM, "millisecond": "ms"}.items() for word in (one, one + "s")}
"""A calendar word after `convert ... to` names the UCUM unit (CQL 1.5, authors guide, "Quantities")."""


@types(syntax.Convert)
def convert_(typer: Typer, node: syntax.Convert) -> tree.Expression:
    """`convert x to T` is the operator ToT, `convert x to 'mg'` ConvertQuantity (CQL 1.5, 09-b, "Convert")."""
    operand = typer.type(node.operand)
    if node.unit is not None:
        unit = tree.Literal(type=STRING, value=UCUM_OF_CALENDAR.get(node.unit, node.unit), span=node.span)
        return call(typer, "ConvertQuantity", (convert.to(typer, operand, QUANTITY), unit), node.span)
    if node.to_type is None:
        raise Silenced
    return to_type(typer, operand, specifiers.read(typer, node.to_type), node)


def to_type(typer: Typer, operand: tree.Expression, target: DataType, node: shared.Node) -> tree.Expression:
    """An explicit conversion: the implicit one where there is one, else the operator that is named for the type."""
    if operand.type == target:
        return operand
    if operand.type == ANY and isinstance(operand, tree.Null):
        return convert.to(typer, operand, target)
    if isinstance(target, NamedType) and target.namespace == "System":
        if target.name in CONVERTIBLE:
            found = call(typer, "To" + target.name, (operand,), node.span, attempt=True)
            if found is not None:
                return found
        elif target.name == "Concept":
            return call(typer, "ToConcept", (operand,), node.span)
    if convert.convertible(typer, operand.type, target) and not isinstance(operand.type, ChoiceType):
        return convert.to(typer, operand, target)
    raise CheckError(f"{shown(operand.type)} cannot be converted to {shown(target)}", span=node.span)
