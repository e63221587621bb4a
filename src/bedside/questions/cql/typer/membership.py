"""`in`, `contains`, `includes`, `included in`, `union`, `intersect`, `except`: what they mean depends on whether the
operands are lists, intervals, value sets or single values (CQL 1.5, 09-b, "Interval Operators", "List Operators",
"Clinical Operators").
"""

from __future__ import annotations

from bedside.questions.cql import tree
from bedside.questions.cql.typer import convert
from bedside.questions.cql.typer.calls import call, unconverted
from bedside.questions.cql.typer.core import Typer, shown
from bedside.questions.cql.types import (
    ANY,
    CODE,
    CODE_SYSTEM,
    CONCEPT,
    STRING,
    VALUE_SET,
    ChoiceType,
    DataType,
    IntervalType,
    ListType,
    choice,
)
from bedside.questions.errors import CheckError, Span

VOCABULARIES: dict[DataType, str] = {VALUE_SET: "ValueSet", CODE_SYSTEM: "CodeSystem"}


def in_(
    typer: Typer,
    left: tree.Expression,
    right: tree.Expression,
    span: Span,
    *,
    precision: str | None = None,
    properly: bool = False,
) -> tree.Expression:
    """`left in right`: of a code in a value set or code system InValueSet or InCodeSystem, else In."""
    vocabulary = VOCABULARIES.get(right.type)
    if vocabulary is not None and precision is None and not properly:
        return in_vocabulary(typer, left, right, vocabulary, span)
    right = ranged(typer, right)
    return call(typer, "ProperIn" if properly else "In", (left, right), span, precision=precision)


def contains(
    typer: Typer,
    left: tree.Expression,
    right: tree.Expression,
    span: Span,
    *,
    precision: str | None = None,
    properly: bool = False,
) -> tree.Expression:
    vocabulary = VOCABULARIES.get(left.type)
    if vocabulary is not None and precision is None and not properly:
        return in_vocabulary(typer, right, left, vocabulary, span)
    left = ranged(typer, left)
    return call(typer, "ProperContains" if properly else "Contains", (left, right), span, precision=precision)


def includes(
    typer: Typer,
    left: tree.Expression,
    right: tree.Expression,
    span: Span,
    *,
    precision: str | None = None,
    properly: bool = False,
) -> tree.Expression:
    left, right = _lists(typer, ranged(typer, left), right)
    return call(typer, "ProperIncludes" if properly else "Includes", (left, right), span, precision=precision)


def included_in(
    typer: Typer,
    left: tree.Expression,
    right: tree.Expression,
    span: Span,
    *,
    precision: str | None = None,
    properly: bool = False,
) -> tree.Expression:
    left, right = _lists(typer, left, ranged(typer, right))
    return call(typer, "ProperIncludedIn" if properly else "IncludedIn", (left, right), span, precision=precision)


def ranged(typer: Typer, operand: tree.Expression) -> tree.Expression:
    """What an operand is as a list or an interval: a FHIR.Period as the interval that it converts to."""
    if isinstance(operand.type, (ListType, IntervalType)) or operand.type == ANY:
        return operand
    found = convert.system_type(typer, operand.type)
    return convert.to(typer, operand, found) if isinstance(found, IntervalType) else operand


def in_vocabulary(
    typer: Typer, left: tree.Expression, right: tree.Expression, vocabulary: str, span: Span
) -> tree.Expression:
    """A list passes when any of its codes is a member (AnyInValueSet).

    A string is compared by its code alone, which may be ambiguous; the specification wants that to be told at run time.
    """
    if isinstance(left.type, ListType):
        element = _coded(typer, left.type.element)
        if element is None:
            raise CheckError(
                f"a list of {shown(left.type.element)} cannot be in a {vocabulary}",
                span=span,
                expected="a list of codes",
            )
        left = convert.to(typer, left, ListType(element))
        return call(typer, f"AnyIn{vocabulary}", (left, right), span)
    found = _coded(typer, left.type)
    if found is None:
        raise CheckError(
            f"a {shown(left.type)} cannot be in a {vocabulary}", span=span, expected="a code, concept or string"
        )
    return call(typer, f"In{vocabulary}", (convert.to(typer, left, found), right), span)


def _coded(typer: Typer, type_: DataType) -> DataType | None:
    """The kind of code that a type is or becomes. Of a choice the richest one that it may be."""
    if type_ in (CODE, CONCEPT, STRING):
        return type_
    if type_ == ANY:
        return CODE
    for each in (CONCEPT, CODE, STRING):
        if isinstance(type_, ChoiceType) and each in type_.alternatives:
            return each
    for each in (CODE, CONCEPT, STRING):
        if convert.convertible(typer, type_, each):
            return each
    return None


def union(typer: Typer, left: tree.Expression, right: tree.Expression, span: Span) -> tree.Expression:
    """The union of lists of different types is a list of their choice (CQL 1.5, authors guide, "Choice Types")."""
    left, right = _lists(typer, left, right)
    if isinstance(left.type, ListType) and isinstance(right.type, ListType) and left.type != right.type:
        one, other = left.type.element, right.type.element
        if convert.subtype(typer, other, one):
            merged: DataType = left.type
        elif convert.subtype(typer, one, other):
            merged = right.type
        else:
            merged = ListType(choice((one, other)))
        return unconverted("Union", (left, right), (merged, merged), merged, span)
    return call(typer, "Union", (left, right), span)


def intersect(typer: Typer, left: tree.Expression, right: tree.Expression, span: Span) -> tree.Expression:
    return _narrow(typer, "Intersect", *_lists(typer, left, right), span)


def except_(typer: Typer, left: tree.Expression, right: tree.Expression, span: Span) -> tree.Expression:
    return _narrow(typer, "Except", *_lists(typer, left, right), span)


def _narrow(typer: Typer, name: str, left: tree.Expression, right: tree.Expression, span: Span) -> tree.Expression:
    """Of lists with different elements those of the left one are what may remain."""
    one, other = left.type, right.type
    if not isinstance(one, ListType) or not isinstance(other, ListType):
        return call(typer, name, (left, right), span)
    if convert.convertible(typer, other, one) or convert.convertible(typer, one, other):
        return call(typer, name, (left, right), span)
    merged = ListType(choice((one.element, other.element)))
    return unconverted(name, (left, right), (merged, merged), one, span)


def _lists(typer: Typer, left: tree.Expression, right: tree.Expression) -> tuple[tree.Expression, tree.Expression]:
    """A null takes the type of the other operand, and so does an interval of nulls."""
    if _untyped(left.type) and isinstance(right.type, (ListType, IntervalType)):
        left = convert.to(typer, left, right.type)
    elif _untyped(right.type) and isinstance(left.type, (ListType, IntervalType)):
        right = convert.to(typer, right, left.type)
    return left, right


def _untyped(type_: DataType) -> bool:
    return type_ in (ANY, IntervalType(ANY))
