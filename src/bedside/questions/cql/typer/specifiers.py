"""Types as written -> types (CQL 1.5, developers guide, "Type Specifiers")."""

from __future__ import annotations

from bedside.questions.cql import syntax
from bedside.questions.cql.models import SYSTEM
from bedside.questions.cql.typer.core import Silenced, Typer
from bedside.questions.cql.types import ChoiceType, DataType, IntervalType, ListType, NamedType, TupleType, choice
from bedside.questions.errors import CheckError
from bedside.questions.tree import NamedTypeSpecifier, Node


def read(typer: Typer, node: Node) -> DataType:
    """The type that a specifier names. Raises CheckError at the name that is of no type."""
    match node:
        case NamedTypeSpecifier():
            return named(typer, node)
        case syntax.ListTypeSpecifier():
            return ListType(read(typer, node.element))
        case syntax.IntervalTypeSpecifier():
            return IntervalType(read(typer, node.point))
        case syntax.TupleTypeSpecifier():
            return TupleType.of((name, read(typer, each)) for name, each in node.elements)
        case syntax.ChoiceTypeSpecifier():
            return choice(read(typer, each) for each in node.alternatives)
    raise CheckError("a type is needed here", span=node.span)


def named(typer: Typer, node: NamedTypeSpecifier) -> NamedType:
    """The type of a name: qualified by a model, else of the models that the library uses, the System model last.

    A name without model that several models have is of the one that the library names first.
    """
    name = node.name
    if node.namespace:
        first, _, rest = node.namespace.partition(".")
        model = SYSTEM if first == "System" else typer.models.get(first)
        if model is not None:
            found = model.find_type(f"{rest}.{name}" if rest else name)
            if found is not None:
                return found
            raise CheckError(
                f"the model {first} has no type {name!r}",
                span=node.span,
                suggestion=typer.nearest(first, name, lambda: (*model.type_names, *model.labels)),
            )
        for each in typer.models.values():  # A component: `Encounter.Participant`.
            found = each.find_type(f"{node.namespace}.{name}")
            if found is not None:
                return found
        if typer.models_missing:
            raise Silenced
        raise CheckError(
            f"there is no model {node.namespace!r}",
            span=node.span,
            suggestion=typer.nearest("model", node.namespace, lambda: ("System", *typer.models)),
        )
    models = (*typer.models.values(), SYSTEM)
    for each in models:
        found = each.find_type(name)
        if found is not None:
            return found
    if typer.models_missing:
        raise Silenced
    raise CheckError(
        f"there is no type {name!r}",
        span=node.span,
        suggestion=typer.nearest("", name, lambda: (n for each in models for n in (*each.type_names, *each.labels))),
    )


def alternatives(type_: DataType) -> tuple[DataType, ...]:
    """The alternatives of a choice; the type itself when it is none."""
    return type_.alternatives if isinstance(type_, ChoiceType) else (type_,)
