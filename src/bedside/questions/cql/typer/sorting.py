"""`sort`: by the item itself, by an element of it, or by an expression of its elements (CQL 1.5, authors guide,
"Sorting"; developers guide).
"""

from __future__ import annotations

from collections.abc import Sequence

from bedside.questions import tree as shared
from bedside.questions.cql import syntax, tree
from bedside.questions.cql.typer import extents
from bedside.questions.cql.typer.core import Scope, Silenced, Typer, shown, unknown
from bedside.questions.cql.typer.properties import element, elements_of
from bedside.questions.cql.types import (
    ANY,
    BOOLEAN,
    CODE,
    CONCEPT,
    STRING,
    ChoiceType,
    DataType,
    IntervalType,
    ListType,
    NamedType,
    TupleType,
)
from bedside.questions.errors import CheckError


def sort_items(typer: Typer, nodes: Sequence[syntax.SortBy], item: DataType) -> tuple[tree.SortBy, ...]:
    """The keys of a sort of items of this type. Errors of all keys are told."""
    keys: list[tree.SortBy] = []
    failed = False
    for node in nodes:
        try:
            keys.append(_key(typer, node, item))
        except Silenced:
            failed = True
        except CheckError as error:
            typer.report(error, node.span)
            failed = True
    if failed:
        raise Silenced
    return tuple(keys)


def _key(typer: Typer, node: syntax.SortBy, item: DataType) -> tree.SortBy:
    if node.expression is None:
        _check_ordered(item, node)
        return tree.SortBy(expression=None, descending=node.descending)
    current = tree.Current(type=item, span=node.span)
    if isinstance(node.expression, shared.IdentifierRef):
        # ELM's ByColumn; an element that a mapping reads becomes an expression, for a column is only a name.
        name = node.expression.name
        found = element(typer, current, name, node.expression.span)
        if found is None:
            raise unknown(f"element of {shown(item)} called", name, _names(typer, item), node.expression.span)
        _check_ordered(found.type, node)
        if isinstance(found, tree.Property) and found.source is current:
            found = tree.IdentifierRef(type=found.type, name=name, span=node.expression.span)
        return tree.SortBy(expression=found, descending=node.descending)
    with typer.inside(Scope(item=current, this=item, barrier=not _inside_function(typer))):
        expression = typer.type(node.expression)
    _check_ordered(expression.type, node)
    return tree.SortBy(expression=expression, descending=node.descending)


def _inside_function(typer: Typer) -> bool:
    return bool(typer.scopes)


def _names(typer: Typer, item: DataType) -> list[str]:
    if isinstance(item, TupleType):
        return [name for name, _ in item.elements]
    return list(elements_of(typer, item)) if isinstance(item, NamedType) else []


ORDERED = frozenset((*extents.EXTENTS, STRING, ANY))


def _check_ordered(type_: DataType, node: shared.Node) -> None:
    """What has no order cannot be sorted. A choice may turn out to be of one ordered type."""
    if isinstance(type_, (ListType, IntervalType, TupleType)) or type_ in (BOOLEAN, CODE, CONCEPT):
        raise CheckError(
            f"values of {shown(type_)} have no order",
            span=node.span,
            expected="Integer, Long, Decimal, Quantity, Date, DateTime, Time or String",
        )
    if isinstance(type_, ChoiceType):
        return
