"""Queries (CQL 1.5, authors guide, "Queries"; developers guide, "Multi-Source Queries" and "Aggregate Queries")."""

from __future__ import annotations

from collections.abc import Sequence

from bedside.questions.cql import syntax, tree
from bedside.questions.cql.typer import convert
from bedside.questions.cql.typer.core import Scope, Silenced, Typer, types
from bedside.questions.cql.typer.sorting import sort_items
from bedside.questions.cql.types import ANY, BOOLEAN, CODE, VALUE_SET, DataType, ListType, TupleType
from bedside.questions.errors import CheckError, Span


@types(syntax.Query)
def query(typer: Typer, node: syntax.Query) -> tree.Expression:
    """A query gives a list unless none of its sources is one; then it gives one item.

    Several sources without `return` or `aggregate` give distinct tuples of one item of each.
    """
    scope = Scope()
    typer.scopes.append(scope)
    try:
        sources = _sources(typer, node, scope)
        lets = _lets(typer, node, scope)
        failed = False
        relationships: list[tree.Relationship] = []
        for each in node.relationships:
            try:
                relationships.append(_relationship(typer, each))
            except Silenced:
                failed = True
        where = returns = aggregate = None
        try:
            where = None if node.where is None else convert.to(typer, typer.type(node.where), BOOLEAN)
        except Silenced:
            failed = True
        except CheckError as error:
            typer.report(error, node.span)
            failed = True
        is_list = any(source.is_list for source in sources)
        item = _item(sources)
        if node.aggregate is not None:
            aggregate = _aggregate(typer, node.aggregate)
        elif node.returns is not None:
            expression = typer.type(node.returns.expression)
            returns = tree.Return(expression=expression, distinct=node.returns.distinct is not False)
            item = expression.type
        elif len(sources) > 1:
            returns = tree.Return(expression=_all_sources(sources, node.span), distinct=True)
        if failed:
            raise Silenced
    finally:
        typer.scopes.pop()
    if aggregate is not None:
        type_ = aggregate.expression.type
    else:
        type_ = ListType(item) if is_list else item
    sort: tuple[tree.SortBy, ...] = ()
    if node.sort:
        if aggregate is not None or not is_list:
            raise CheckError("only a list can be sorted", span=node.sort[0].span, expected="a query over a list")
        sort = sort_items(typer, node.sort, item)
    return tree.Query(
        type=type_,
        sources=tuple(sources),
        lets=tuple(lets),
        relationships=tuple(relationships),
        where=where,
        returns=returns,
        aggregate=aggregate,
        sort=sort,
        span=node.span,
    )


def _sources(typer: Typer, node: syntax.Query, scope: Scope) -> list[tree.AliasedSource]:
    """Sources do not see one another's aliases; each is typed in the scope outside."""
    typer.scopes.pop()
    try:
        expressions = typer.all(each.source for each in node.sources)
    finally:
        typer.scopes.append(scope)
    sources = []
    for each, expression in zip(node.sources, expressions, strict=True):
        source = _source(typer, each, expression)
        sources.append(source)
        alias = tree.AliasRef(type=item_type(source.expression.type), name=each.alias)
        _name(typer, scope, each.alias, alias, each.span)
    return sources


def _source(typer: Typer, node: syntax.AliasedSource, expression: tree.Expression) -> tree.AliasedSource:
    """A value set as a source is the list of its codes."""
    if expression.type == VALUE_SET:
        expression = convert.to(typer, expression, ListType(CODE))
    is_list = isinstance(expression.type, ListType)
    return tree.AliasedSource(alias=node.alias, expression=expression, is_list=is_list, span=node.span)


def item_type(type_: DataType) -> DataType:
    return type_.element if isinstance(type_, ListType) else type_


def _name(typer: Typer, scope: Scope, name: str, meaning: tree.Expression, span: Span) -> None:
    if name in scope.names:
        raise CheckError(f"the name {name!r} is given twice in this query", span=span)
    if typer.find(name) is not None or name in typer.definitions.named or name in typer.definitions.expressions:
        typer.warn(f"{name!r} hides what has this name outside", span)
    scope.names[name] = meaning


def _item(sources: Sequence[tree.AliasedSource]) -> DataType:
    if len(sources) == 1:
        return item_type(sources[0].expression.type)
    return TupleType.of((each.alias, item_type(each.expression.type)) for each in sources)


def _all_sources(sources: Sequence[tree.AliasedSource], span: Span) -> tree.Tuple:
    elements = tuple(
        (each.alias, tree.AliasRef(type=item_type(each.expression.type), name=each.alias, span=span))
        for each in sources
    )
    return tree.Tuple(type=_item(sources), elements=elements, span=span)


def _lets(typer: Typer, node: syntax.Query, scope: Scope) -> list[tuple[str, tree.Expression]]:
    lets: list[tuple[str, tree.Expression]] = []
    failed = False
    for each in node.lets:
        try:
            expression = typer.type(each.expression)
        except Silenced:
            failed = True
            continue
        lets.append((each.name, expression))
        _name(typer, scope, each.name, tree.QueryLetRef(type=expression.type, name=each.name), each.span)
    if failed:
        raise Silenced
    return lets


def _relationship(typer: Typer, node: syntax.Relationship) -> tree.Relationship:
    expression = typer.type(node.source.source)
    source = _source(typer, node.source, expression)
    scope = Scope()
    with typer.inside(scope):
        alias = tree.AliasRef(type=item_type(source.expression.type), name=source.alias)
        _name(typer, scope, source.alias, alias, node.source.span)
        try:
            such_that = convert.to(typer, typer.type(node.such_that), BOOLEAN)
        except CheckError as error:
            typer.report(error, node.such_that.span)
            raise Silenced from None
    return tree.Relationship(source=source, such_that=such_that, without=node.without)


def _aggregate(typer: Typer, node: syntax.Aggregate) -> tree.Aggregate:
    """The total has the type of `starting`; where the expression has a wider one, or nothing says where to start,
    that of the expression.
    """
    starting = tree.Null(span=node.span) if node.starting is None else typer.type(node.starting)
    expression = _aggregated(typer, node, starting.type)
    if expression.type not in (starting.type, ANY) and convert.convertible(typer, starting.type, expression.type):
        wider = _aggregated(typer, node, expression.type)
        if wider.type == expression.type:
            expression, starting = wider, convert.to(typer, starting, expression.type)
    if starting.type != ANY:
        expression = convert.to(typer, expression, starting.type)
    return tree.Aggregate(name=node.name, expression=expression, starting=starting, distinct=bool(node.distinct))


def _aggregated(typer: Typer, node: syntax.Aggregate, total: DataType) -> tree.Expression:
    scope = Scope()
    with typer.inside(scope):
        _name(typer, scope, node.name, tree.QueryLetRef(type=total, name=node.name), node.span)
        return typer.type(node.expression)
