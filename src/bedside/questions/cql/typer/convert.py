"""Bringing typed expressions to the types that are wanted: the typer's view of `conversions` and `converted`."""

from __future__ import annotations

from collections.abc import Iterable

from bedside.questions.cql import converted, tree
from bedside.questions.cql.conversions import (
    Conversion,
    ancestry,
    common_type,
    conversion,
    is_compatible,
    is_subtype,
    keeps,
    offered,
)
from bedside.questions.cql.typer import mappings
from bedside.questions.cql.typer.core import Typer, shown
from bedside.questions.cql.types import ANY, STRING, ChoiceType, DataType, IntervalType, ListType, NamedType
from bedside.questions.errors import CheckError


def to(typer: Typer, expression: tree.Expression, target: DataType) -> tree.Expression:
    """The expression as one of another type. Raises CheckError where there is no implicit conversion."""
    if expression.type == target:
        return expression
    how = conversion(expression.type, target)
    if how is None:
        raise CheckError(f"this is a {shown(expression.type)}", span=expression.span, expected=f"a {shown(target)}")
    return by(how, expression)


def by(how: Conversion, expression: tree.Expression) -> tree.Expression:
    """What a conversion makes of an expression; itself where no value is changed by it."""
    if not how.needed or widening(how):
        return expression
    if how.kind in ("cast", "from choice") and isinstance(expression, tree.Case):
        one = mappings.alternative(expression, how.target)
        if one is not None:
            return one
    return converted.apply(how, expression)


def widening(how: Conversion) -> bool:
    """Whether a conversion only says less of the type: a value of A is a value of Choice<A, B> as it is."""
    if not how.needed:
        return True
    if how.kind == "list":
        return all(map(widening, how.inner))
    return how.kind == "cast" and isinstance(how.target, ChoiceType) and how.source != ANY and keeps(how)


def convertible(typer: Typer, source: DataType, target: DataType) -> bool:
    return conversion(source, target) is not None


def subtype(typer: Typer, type_: DataType, other: DataType) -> bool:
    return is_subtype(type_, other)


def castable(typer: Typer, source: DataType, target: DataType) -> bool:
    """Whether `source as target` can ever give a value (CQL 1.5, 09-b, "As")."""
    if is_subtype(target, source) or is_compatible(source, target):
        return True
    if isinstance(source, ChoiceType):
        return any(castable(typer, each, target) for each in source.alternatives)
    if isinstance(target, ChoiceType):
        return any(castable(typer, source, each) for each in target.alternatives)
    match source, target:
        case (ListType(element=one), ListType(element=other)) | (IntervalType(point=one), IntervalType(point=other)):
            return castable(typer, one, other)
        case NamedType(), NamedType():  # Two profiles of one resource.
            return any(each != ANY and each in ancestry(source) for each in ancestry(target))
    return False


def common_or_choice(typer: Typer, types: Iterable[DataType]) -> DataType:
    """The type that all can be brought to, else the choice of them.

    An interval whose points may be of several types is taken as one of the points that the other intervals have.
    """
    given = tuple(types)
    points = [each.point for each in given if isinstance(each, IntervalType)]
    plain = [each for each in points if not isinstance(each, ChoiceType)]
    if (
        points
        and plain
        and len(plain) < len(points)
        and all(isinstance(each, IntervalType) or each == ANY for each in given)
    ):
        point = common_type(plain)
        if all(point in each.alternatives for each in points if isinstance(each, ChoiceType)):
            return IntervalType(point)
    return common_type(given)


def narrow(typer: Typer, types: Iterable[DataType]) -> DataType:
    """The type that all can be brought to, of a choice by picking; else the choice of them."""
    given = tuple(types)
    plain = [each for each in given if not isinstance(each, ChoiceType)]
    if plain:
        found = common_type(plain)
        if found != ANY and all(conversion(each, found) is not None for each in given):
            return found
    return common_type(given)


def common(typer: Typer, types: Iterable[DataType]) -> DataType | None:
    """The type that all can be brought to without a choice of ours, or None."""
    given = tuple(types)
    found = common_type(given)
    if isinstance(found, ChoiceType) and found not in given:
        plain = tuple(system_type(typer, each) for each in given)
        if plain == given:
            return None
        return common(typer, plain)
    return found


def system_type(typer: Typer, type_: DataType) -> DataType:
    """The System type that a model's type converts to: DateTime of FHIR.dateTime; else the type itself."""
    if isinstance(type_, NamedType) and type_.namespace == "System":
        return type_
    return next((target for target, _, _ in offered(type_)), type_)


def is_element(typer: Typer, container: DataType, type_: DataType) -> bool:
    """Whether a list of lists (or of intervals) has elements of this very type: then membership is meant."""
    return isinstance(container, ListType) and container.element != ANY and is_subtype(type_, container.element)


def listed(typer: Typer, expression: tree.Expression) -> tree.Expression:
    """A single value as the list of it, nothing for null; a list as it is."""
    if isinstance(expression.type, ListType):
        return expression
    for target, _, _ in offered(expression.type):
        if isinstance(target, ListType):  # The codes of a value set.
            return to(typer, expression, target)
    from bedside.questions.cql.typer.calls import call

    return call(typer, "ToList", (expression,), expression.span)


def text(value: str) -> tree.Literal:
    return tree.Literal(type=STRING, value=value)
