"""Literals and selectors: values made of what is written (CQL 1.5, authors guide, "Values")."""

from __future__ import annotations

from collections.abc import Iterable

from bedside.questions import tree as shared
from bedside.questions.cql import syntax, tree, values
from bedside.questions.cql.typer import convert, specifiers
from bedside.questions.cql.typer.core import Silenced, Typer, shown, types, unknown
from bedside.questions.cql.typer.properties import elements_of
from bedside.questions.cql.types import (
    ANY,
    CODE,
    CONCEPT,
    DATE,
    DATETIME,
    DECIMAL,
    INTEGER,
    LONG,
    QUANTITY,
    TIME,
    DataType,
    IntervalType,
    ListType,
    TupleType,
    system,
)
from bedside.questions.errors import CheckError


@types(shared.Literal)
def literal(typer: Typer, node: shared.Literal) -> tree.Expression:
    """The parser has seen to it that a number is in the range of its type."""
    return tree.Literal(type=system(node.value_type), value=as_value(node.value, node.value_type), span=node.span)


def as_value(value: object, value_type: str) -> object:
    return values.Long(value) if value_type == "Long" and isinstance(value, int) else value


@types(shared.Null)
def null(typer: Typer, node: shared.Null) -> tree.Expression:
    return tree.Null(span=node.span)


@types(syntax.IntervalSelector)
def interval(typer: Typer, node: syntax.IntervalSelector) -> tree.Expression:
    """Both boundaries are brought to one point type (CQL 1.5, authors guide, "Interval Values")."""
    low, high = typer.all((node.low, node.high))
    point = convert.common(typer, (low.type, high.type))
    if point is None or isinstance(point, (ListType, TupleType, IntervalType)) or not _is_point(point):
        raise CheckError(
            f"an interval cannot go from {shown(low.type)} to {shown(high.type)}",
            span=node.span,
            expected="two points of one ordered type: Integer, Long, Decimal, Quantity, Date, DateTime or Time",
        )
    low, high = convert.to(typer, low, point), convert.to(typer, high, point)
    return tree.Interval(
        type=IntervalType(point),
        low=low,
        high=high,
        low_closed=node.low_closed,
        high_closed=node.high_closed,
        span=node.span,
    )


POINTS = frozenset((INTEGER, LONG, DECIMAL, QUANTITY, DATE, DATETIME, TIME, ANY))


def _is_point(type_: DataType) -> bool:
    return all(each in POINTS for each in specifiers.alternatives(type_))


@types(syntax.ListSelector)
def list_(typer: Typer, node: syntax.ListSelector) -> tree.Expression:
    """The element type is the written one, else the common type of the elements, else a choice of theirs."""
    declared = specifiers.read(typer, node.element_type) if node.element_type is not None else None
    elements = typer.all(node.elements)
    if declared is None:
        element: DataType = convert.common_or_choice(typer, [each.type for each in elements]) if elements else ANY
    else:
        element = declared
    return tree.List(
        type=ListType(element),
        elements=tuple(convert.to(typer, each, element) for each in elements),
        span=node.span,
    )


@types(syntax.TupleSelector)
def tuple_(typer: Typer, node: syntax.TupleSelector) -> tree.Expression:
    _no_doubles((name for name, _ in node.elements), node)
    done = typer.all(each for _, each in node.elements)
    elements = tuple(zip((name for name, _ in node.elements), done, strict=True))
    return tree.Tuple(
        type=TupleType.of((name, each.type) for name, each in elements), elements=elements, span=node.span
    )


@types(syntax.InstanceSelector)
def instance(typer: Typer, node: syntax.InstanceSelector) -> tree.Expression:
    """Each element must be one of the class and fit its type (CQL 1.5, authors guide, "Structured Values")."""
    class_type = specifiers.named(typer, node.class_type)
    known = elements_of(typer, class_type)
    _no_doubles((name for name, _ in node.elements), node)
    elements: list[tuple[str, tree.Expression]] = []
    failed = False
    for name, each in node.elements:
        try:
            if name not in known:
                typer.report(unknown(f"element of {shown(class_type)} called", name, known, each.span))
                raise Silenced
            elements.append((name, _fitting(typer, typer.type(each), known[name])))
        except Silenced:
            failed = True
        except CheckError as error:
            typer.report(error, each.span)
            failed = True
    if failed:
        raise Silenced
    return tree.Instance(type=class_type, class_type=class_type, elements=tuple(elements), span=node.span)


def _fitting(typer: Typer, value: tree.Expression, wanted: DataType) -> tree.Expression:
    """An element that is a list takes a single value as the list of it, with a warning."""
    if (
        isinstance(wanted, ListType)
        and not convert.convertible(typer, value.type, wanted)
        and convert.convertible(typer, value.type, wanted.element)
    ):
        typer.warn(f"a {shown(value.type)} stands where a {shown(wanted)} is wanted", value.span)
        return tree.List(type=wanted, elements=(convert.to(typer, value, wanted.element),), span=value.span)
    return convert.to(typer, value, wanted)


def _no_doubles(names: Iterable[str], node: shared.Node) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise CheckError(f"the element {name!r} is given twice", span=node.span)
        seen.add(name)


@types(syntax.CodeSelector)
def code(typer: Typer, node: syntax.CodeSelector) -> tree.Expression:
    """`Code '8480-6' from "LOINC"`: known now, for the code system is a definition."""
    return tree.Literal(type=CODE, value=_code(typer, node), span=node.span)


def _code(typer: Typer, node: syntax.CodeSelector) -> values.Code:
    found = typer.definitions.code_system(node.system)
    return values.Code(node.code, found.id, found.version, node.display)


@types(syntax.ConceptSelector)
def concept(typer: Typer, node: syntax.ConceptSelector) -> tree.Expression:
    codes = tuple(_code(typer, each) for each in node.codes)
    return tree.Literal(type=CONCEPT, value=values.Concept(codes, node.display), span=node.span)


@types(syntax.ExternalConstant)
def external_constant(typer: Typer, node: syntax.ExternalConstant) -> tree.Expression:
    """`%name` means nothing in CQL: what comes from outside is a parameter."""
    raise CheckError(
        f"%{node.name} is an external constant, which CQL libraries do not have",
        span=node.span,
        expected=f"a parameter: parameter {node.name}",
    )
