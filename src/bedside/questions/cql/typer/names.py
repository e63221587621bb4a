"""Bare names: what an identifier stands for, from the innermost scope outwards (CQL 1.5, authors guide, "Identifiers"
and "Scope").
"""

from __future__ import annotations

from bedside.questions import tree as shared
from bedside.questions.cql import tree
from bedside.questions.cql.typer.core import Scope, Typer, types, unknown
from bedside.questions.cql.typer.properties import element, names_of
from bedside.questions.cql.types import INTEGER
from bedside.questions.errors import CheckError, Span


@types(shared.IdentifierRef)
def identifier(typer: Typer, node: shared.IdentifierRef) -> tree.Expression:
    """An alias, a let, an operand, an element of the item in `sort by` and `.where()`, or a definition."""
    found = local(typer, node.name, node.span)
    if found is None:
        found = typer.definitions.reference(typer, node.name, node.span)
    if found is not None:
        return found
    if node.name in typer.definitions.includes:
        raise CheckError(f"{node.name!r} is a library, not a value", span=node.span, expected=f"{node.name}.name")
    raise unknown("definition, alias or operand", node.name, known_names(typer), node.span)


def local(typer: Typer, name: str, span: Span) -> tree.Expression | None:
    """What a name stands for within the definition."""
    for scope in typer.visible():
        if name in scope.names:
            return _at(scope.names[name], span)
        item = _item(scope, span)
        if item is not None:
            found = element(typer, item, name, span)
            if found is not None:
                return found
    return None


def _item(scope: Scope, span: Span) -> tree.Expression | None:
    if scope.item is not None:
        return scope.item
    return None if scope.this is None else tree.Current(type=scope.this, span=span)


def _at(meaning: tree.Expression, span: Span) -> tree.Expression:
    """The same reference at another place."""
    match meaning:
        case tree.AliasRef():
            return tree.AliasRef(type=meaning.type, name=meaning.name, span=span)
        case tree.QueryLetRef():
            return tree.QueryLetRef(type=meaning.type, name=meaning.name, span=span)
        case tree.OperandRef():
            return tree.OperandRef(type=meaning.type, name=meaning.name, span=span)
    return meaning


def known_names(typer: Typer) -> list[str]:
    """All names that could stand here."""
    names = [*typer.definitions.names(), *typer.definitions.includes]
    for scope in typer.visible():
        names += scope.names
        item = scope.item.type if scope.item is not None else scope.this
        if item is not None:
            names += names_of(typer, item)
    return names


@types(shared.Current)
def current(typer: Typer, node: shared.Current) -> tree.Expression:
    """`$this`, within the arguments of `.where()` and its like and in `sort by`."""
    for scope in typer.visible():
        if scope.item is not None:
            return scope.item
        if scope.this is not None:
            return tree.Current(type=scope.this, span=node.span)
    raise CheckError("there is no $this here", span=node.span, expected="a place within .where(), .select() or sort by")


@types(shared.Iteration)
def iteration(typer: Typer, node: shared.Iteration) -> tree.Expression:
    if any(scope.index for scope in typer.visible()):
        return tree.Iteration(type=INTEGER, span=node.span)
    raise CheckError("there is no $index here", span=node.span, expected="a place within .where() or .select()")


@types(shared.Total)
def total(typer: Typer, node: shared.Total) -> tree.Expression:
    for scope in typer.visible():
        if scope.total is not None:
            return tree.Total(type=scope.total, span=node.span)
    raise CheckError("there is no $total here", span=node.span, expected="a place within .aggregate()")
