"""Retrieves: `[Condition: code in "Diabetes"]` (CQL 1.5, authors guide, "Retrieve"; developers guide, "Retrieve")."""

from __future__ import annotations

from bedside.questions.cql import syntax, tree
from bedside.questions.cql.models import Model, TypeInfo
from bedside.questions.cql.typer import convert, mappings, specifiers
from bedside.questions.cql.typer.calls import call
from bedside.questions.cql.typer.core import Typer, listed, shown, types
from bedside.questions.cql.typer.membership import in_, union
from bedside.questions.cql.typer.properties import element
from bedside.questions.cql.types import (
    CODE,
    CODE_SYSTEM,
    CONCEPT,
    STRING,
    VALUE_SET,
    ChoiceType,
    DataType,
    ListType,
    NamedType,
)
from bedside.questions.errors import CheckError, did_you_mean

COMPARATORS = {"in": "in", "=": "=", "~": "~"}


@types(syntax.Retrieve)
def retrieve(typer: Typer, node: syntax.Retrieve) -> tree.Expression:
    """Resources of a type whose codes fit. Without a code path the type's primary one is meant.

    Where the primary code may also be a reference to a resource with the code (a medication), both ways count.
    """
    type_ = specifiers.named(typer, node.of_type)
    model = typer.models.get(type_.namespace)
    info = model.info(type_) if model is not None else None
    if model is None or info is None or not info.retrievable:
        known = [] if model is None else list(model.retrievable)
        raise CheckError(
            f"{type_} cannot be retrieved",
            span=node.of_type.span,
            expected="a type of resources",
            suggestion=did_you_mean(type_.name, known),
        )
    context = None if node.context is None else typer.type(node.context)
    if node.terminology is None:
        return _retrieve(model, info, node, context=context)
    path = node.code_path or info.primary_code_path
    if path is None:
        raise CheckError(
            f"{type_} has no primary code", span=node.span, expected="the path of a code: [Type: path in ...]"
        )
    probe = element(typer, tree.Null(type=type_), path, node.span)
    if probe is None and path != "id":
        known = list(model.elements(type_))
        raise CheckError(
            f"there is no element of {type_} called {path!r}", span=node.span, suggestion=did_you_mean(path, known)
        )
    terminology = typer.type(node.terminology)
    comparator, codes = _codes(typer, node, terminology)
    direct = _retrieve(model, info, node, context=context, path=path, comparator=comparator, codes=codes)
    if node.code_path is None and probe is not None and node.context is None:
        other = _through_reference(typer, model, info, node, path, probe.type, terminology)
        other = other or _by_value_set(typer, model, info, node, path, terminology)
        if other is not None:
            return union(typer, other, direct, node.span)
    return direct


def _retrieve(
    model: Model,
    info: TypeInfo,
    node: syntax.Retrieve,
    *,
    context: tree.Expression | None = None,
    path: str | None = None,
    comparator: str | None = None,
    codes: tree.Expression | None = None,
) -> tree.Retrieve:
    return tree.Retrieve(
        type=ListType(info.type),
        data_type=info.type,
        resource_type=info.target or info.fhir_type or info.type.name,
        template=info.identifier,
        code_property=path,
        comparator=comparator,
        codes=codes,
        context=context,
        span=node.span,
    )


def _codes(typer: Typer, node: syntax.Retrieve, terminology: tree.Expression) -> tuple[str, tree.Expression]:
    """The comparator and what to compare with: a value set, a code system, or a list of codes."""
    type_ = terminology.type
    if type_ in (VALUE_SET, CODE_SYSTEM):
        if node.comparator in (None, "in"):
            return "in", terminology
        raise CheckError(
            f"a code cannot be compared with a whole {shown(type_)} by {node.comparator}", span=node.span, expected="in"
        )
    if isinstance(type_, ListType):
        if not any(convert.convertible(typer, type_.element, each) for each in (CODE, CONCEPT, STRING)):
            raise CheckError(f"a list of {shown(type_.element)} is no list of codes", span=node.span)
        if isinstance(convert.system_type(typer, type_.element), NamedType):
            terminology = convert.to(typer, terminology, ListType(convert.system_type(typer, type_.element)))
        return node.comparator or "in", terminology
    if type_ == CONCEPT:
        codes = tree.Property(type=ListType(CODE), source=terminology, path="codes", span=terminology.span)
        return node.comparator or "~", codes
    if type_ in (CODE, STRING):
        return node.comparator or "~", call(typer, "ToList", (terminology,), terminology.span)
    for target in (CODE, CONCEPT):
        if convert.convertible(typer, type_, target):
            return _codes(typer, node, convert.to(typer, terminology, target))
    raise CheckError(
        f"codes cannot be taken from {shown(type_)}",
        span=node.terminology.span if node.terminology is not None else node.span,
        expected=listed(["a value set", "a code system", "a code", "a concept", "a list of codes"]),
    )


def _through_reference(
    typer: Typer,
    model: Model,
    info: TypeInfo,
    node: syntax.Retrieve,
    path: str,
    type_: DataType,
    terminology: tree.Expression,
) -> tree.Expression | None:
    """`[MedicationRequest] MR with [Medication] M such that M is what MR refers to and M.code in ...`."""
    if not isinstance(type_, ChoiceType) or not any(
        isinstance(each, NamedType) and each.name == "Reference" for each in type_.alternatives
    ):
        return None
    if not any(convert.convertible(typer, each, CONCEPT) for each in type_.alternatives):
        return None
    other = model.find_type(path[:1].upper() + path[1:])
    other_info = model.info(other) if other is not None else None
    if other is None or other_info is None or not other_info.retrievable or other_info.primary_code_path is None:
        return None
    span = node.span
    mine = tree.AliasRef(type=info.type, name="$resource", span=span)
    theirs = tree.AliasRef(type=other, name="$referenced", span=span)
    fhir = NamedType("FHIR", "Reference")
    link = tree.Property(type=fhir, source=mine, path=path, span=span)
    reference = tree.Property(type=NamedType("FHIR", "string"), source=link, path="reference", span=span)
    text = tree.Property(type=STRING, source=reference, path="value", span=span)
    last = call(typer, "Last", (call(typer, "Split", (text, convert.text("/")), span),), span)
    key = tree.Property(type=NamedType("FHIR", "id"), source=theirs, path="id", span=span)
    same = call(typer, "Equal", (tree.Property(type=STRING, source=key, path="value", span=span), last), span)
    code = element(typer, theirs, other_info.primary_code_path, span)
    assert code is not None
    if terminology.type in (VALUE_SET, CODE_SYSTEM) or isinstance(terminology.type, ListType):
        fits = in_(typer, code, terminology, span)
    else:
        fits = call(typer, "Equivalent", (code, terminology), span)
    relationship = tree.Relationship(
        source=tree.AliasedSource(
            alias="$referenced", expression=_retrieve(model, other_info, node), is_list=True, span=span
        ),
        such_that=call(typer, "And", (same, fits), span),
    )
    return tree.Query(
        type=ListType(info.type),
        sources=(
            tree.AliasedSource(alias="$resource", expression=_retrieve(model, info, node), is_list=True, span=span),
        ),
        relationships=(relationship,),
        span=span,
    )


def _by_value_set(
    typer: Typer, model: Model, info: TypeInfo, node: syntax.Retrieve, path: str, terminology: tree.Expression
) -> tree.Expression | None:
    """What was not done may be told by a whole value set: `[ProcedureNotDone] P where P.code is this value set`."""
    span = node.span
    alias = tree.AliasRef(type=info.type, name="$resource", span=span)
    code = element(typer, alias, path, span)
    told = None if code is None else mappings.alternative(code, VALUE_SET)
    if told is None or terminology.type != VALUE_SET:
        return None
    ids = tuple(tree.Property(type=STRING, source=each, path="id", span=span) for each in (told, terminology))
    return tree.Query(
        type=ListType(info.type),
        sources=(
            tree.AliasedSource(alias="$resource", expression=_retrieve(model, info, node), is_list=True, span=span),
        ),
        where=call(typer, "Equal", ids, span),
        span=span,
    )
