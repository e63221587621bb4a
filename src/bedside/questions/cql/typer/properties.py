"""Steps: `source.name` on classes, tuples, intervals, choices and lists (CQL 1.5, authors guide, "Structured Values";
developers guide, "Path Traversal").
"""

from __future__ import annotations

from bedside.questions import tree as shared
from bedside.questions.cql import tree
from bedside.questions.cql.models import SYSTEM, Element
from bedside.questions.cql.typer import mappings
from bedside.questions.cql.typer.core import Typer, name_span, shown, types, unknown
from bedside.questions.cql.types import (
    BOOLEAN,
    ChoiceType,
    DataType,
    IntervalType,
    ListType,
    NamedType,
    TupleType,
    choice,
)
from bedside.questions.errors import CheckError, Span

THIS = "$this"


@types(shared.Property)
def step(typer: Typer, node: shared.Property) -> tree.Expression:
    """`source.name`; of an included library it is what that defines."""
    library = typer.definitions.library_named(typer, node.source)
    if library is not None:
        try:
            return typer.definitions.reference_in(library, node.path, node.span)
        except CheckError as error:
            error.span = name_span(typer.source, node.span, node.path)
            raise
    source = typer.type(node.source)
    found = element(typer, source, node.path, node.span)
    if found is not None:
        return found
    span = name_span(typer.source, node.span, node.path)
    raise unknown(f"element of {shown(source.type)} called", node.path, names_of(typer, source.type), span)


def element(typer: Typer, source: tree.Expression, name: str, span: Span) -> tree.Expression | None:
    """The step to an element of what the source is, with the model's mapping written out; None when there is none."""
    match source.type:
        case NamedType() as type_:
            found = declared(typer, type_, name)
            return None if found is None else read(source, name, found, type_, typer, span)
        case TupleType(elements):
            of = dict(elements).get(name)
            return None if of is None else tree.Property(type=of, source=source, path=name, span=span)
        case IntervalType(point):
            of = {"low": point, "high": point, "lowClosed": BOOLEAN, "highClosed": BOOLEAN}.get(name)
            return None if of is None else tree.Property(type=of, source=source, path=name, span=span)
        case ListType(item):
            return _of_each(typer, source, item, name, span)
        case ChoiceType(alternatives):
            return _of_choice(typer, source, alternatives, name, span)
    return None


def read(
    source: tree.Expression, name: str, found: Element, owner: NamedType, typer: Typer, span: Span
) -> tree.Expression:
    if found.target is None:
        return tree.Property(type=found.type, source=source, path=name, span=span)
    model = typer.models.get(owner.namespace)
    fhir_type = model.fhir_type(owner) if model is not None else None
    return mappings.expand(source, name, found.type, found.target, fhir_type, span)


def declared(typer: Typer, type_: NamedType, name: str) -> Element | None:
    """What the model says of an element of a type."""
    if type_.namespace == "System":
        return SYSTEM.element(type_, name) if type_ in SYSTEM_TYPES else None
    model = typer.models.get(type_.namespace)
    return None if model is None else model.element(type_, name)


SYSTEM_TYPES = frozenset(NamedType("System", name) for name in SYSTEM.type_names)


def elements_of(typer: Typer, type_: NamedType) -> dict[str, DataType]:
    """All elements of a class with their types."""
    model = SYSTEM if type_.namespace == "System" else typer.models.get(type_.namespace)
    return {} if model is None else {name: each.type for name, each in model.elements(type_).items()}


def names_of(typer: Typer, type_: DataType) -> list[str]:
    """The names that a step from this type may have."""
    match type_:
        case NamedType():
            return list(elements_of(typer, type_))
        case TupleType(elements):
            return [name for name, _ in elements]
        case IntervalType():
            return ["low", "high", "lowClosed", "highClosed"]
        case ListType(item):
            return names_of(typer, item)
        case ChoiceType(alternatives):
            return [name for each in alternatives for name in names_of(typer, each)]
    return []


def _of_each(typer: Typer, source: tree.Expression, item: DataType, name: str, span: Span) -> tree.Expression | None:
    """`list.name` is `list X where X.name is not null return all X.name`, flattened where that gives lists."""
    this = tree.AliasRef(type=item, name=THIS, span=span)
    value = element(typer, this, name, span)
    if value is None:
        return None
    from bedside.questions.cql.typer.calls import call, negated

    known = negated(typer, call(typer, "IsNull", (value,), span))
    query = tree.Query(
        type=ListType(value.type),
        sources=(tree.AliasedSource(alias=THIS, expression=source, is_list=True, span=span),),
        where=known,
        returns=tree.Return(expression=value, distinct=False),
        span=span,
    )
    return call(typer, "Flatten", (query,), span) if isinstance(value.type, ListType) else query


def _of_choice(
    typer: Typer, source: tree.Expression, alternatives: tuple[DataType, ...], name: str, span: Span
) -> tree.Expression | None:
    """An element of a choice is that of whichever alternative has it; null where the value's has none.

    Alternatives that read the element in the same way share one node; where they differ a Case asks for the type.
    """
    ways: dict[tuple[str | None, bool], list[tuple[DataType, Element | None]]] = {}
    for each in alternatives:
        if isinstance(each, NamedType):
            found = declared(typer, each, name)
            if found is not None:
                key = (found.target, isinstance(found.type, ListType))
                ways.setdefault(key, []).append((each, found))
        else:
            probe = element(typer, tree.Null(type=each), name, span)
            if probe is not None:
                key = (None, isinstance(probe.type, ListType))
                ways.setdefault(key, []).append((each, Element(name, probe.type)))
    if not ways:
        return None
    results: list[tuple[list[DataType], tree.Expression]] = []
    for group in ways.values():
        merged = _merged([found.type for _, found in group if found is not None])
        owner, found = group[0]
        assert found is not None
        shared_element = Element(name, merged, found.target)
        if isinstance(owner, NamedType):
            value = read(source, name, shared_element, owner, typer, span)
        else:
            value = tree.Property(type=merged, source=source, path=name, span=span)
        results.append(([each for each, _ in group], value))
    if len(results) == 1:
        return results[0][1]
    type_ = choice(value.type for _, value in results)
    items = tuple(
        (tree.Is(type=BOOLEAN, operand=source, is_type=each, span=span), value)
        for owners, value in results
        for each in owners
    )
    return tree.Case(type=type_, comparand=None, items=items, otherwise=tree.Null(type=type_, span=span), span=span)


def _merged(found: list[DataType]) -> DataType:
    """One type of several, of lists the list of their choice."""
    if all(isinstance(each, ListType) for each in found):
        return ListType(choice(each.element for each in found if isinstance(each, ListType)))
    if any(isinstance(each, ListType) for each in found):
        raise CheckError("the element is a list in some of the alternatives only")
    return choice(found)
