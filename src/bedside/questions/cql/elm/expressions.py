"""Expressions as ELM. One function for each kind of node, found by the node's class."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from bedside.questions.cql import tree
from bedside.questions.cql.elm import literals
from bedside.questions.cql.elm.names import qualified, specifier, typed
from bedside.questions.cql.elm.operands import LISTS, OPERANDS
from bedside.questions.errors import NOWHERE, Span

Json = dict[str, Any]
Node = TypeVar("Node", bound=tree.Expression)


class Writer:
    """Writes expressions. `locate` gives the locator of a span; None writes none."""

    def __init__(
        self,
        *,
        types: bool,
        signatures: bool,
        locate: Callable[[Span], str] | None,
        code_systems: Mapping[str, str],
        conversions: str | None,
    ) -> None:
        self.types = types
        self.signatures = signatures
        self.locate = locate
        self.code_systems = code_systems
        self.conversions = conversions
        """The alias by which the library includes FHIRHelpers."""

    def write(self, node: tree.Expression) -> Json:
        found = WRITERS[type(node)](self, node)
        if self.locate is not None and node.span != NOWHERE:
            found["locator"] = self.locate(node.span)
        if self.types:
            found |= typed("result", node.type)
        return found

    def all(self, nodes: tuple[tree.Expression, ...]) -> list[Json]:
        return [self.write(each) for each in nodes]

    def library(self, alias: str | None) -> Json:
        if alias is None:
            return {}
        return {"libraryName": (self.conversions or alias) if alias == "FHIRHelpers" else alias}

    # Operators.

    def literal(self, node: tree.Literal) -> Json:
        return literals.literal(node.value, node.type, self.code_systems)

    def null(self, node: tree.Null) -> Json:
        return {"type": "Null"}

    def operator(self, node: tree.Operator) -> Json:
        found: Json = {"type": node.name, **dict(node.attributes)}
        if node.precision is not None:
            found["precision"] = node.precision
        if self.signatures and node.overload is not None:
            found["signature"] = [specifier(each.type) for each in node.operands]
        names = OPERANDS.get(node.name)
        if names is None:
            operands = self.all(node.operands)
            if operands:
                found["operand"] = operands[0] if len(operands) == 1 and node.name not in LISTS else operands
            return found
        for name, operand in zip(names, node.operands, strict=False):
            if name in ("valueset", "codesystem"):
                found |= self.vocabulary(name, operand)
            else:
                found[name] = self.write(operand)
        return found

    def vocabulary(self, name: str, operand: tree.Expression) -> Json:
        """InValueSet and its kin have a reference by its name, and anything else as an expression."""
        if isinstance(operand, (tree.ValueSetRef, tree.CodeSystemRef)):
            reference = self.write(operand)
            reference.pop("type")
            return {name: reference}
        return {f"{name}Expression": self.write(operand)}

    def interval(self, node: tree.Interval) -> Json:
        found: Json = {"type": "Interval", "low": self.write(node.low), "high": self.write(node.high)}
        for name, closed, expression in (
            ("lowClosed", node.low_closed, node.low_closed_expression),
            ("highClosed", node.high_closed, node.high_closed_expression),
        ):
            if expression is None:
                found[name] = closed
            else:
                found[f"{name}Expression"] = self.write(expression)
        return found

    def list_(self, node: tree.List) -> Json:
        return {"type": "List", "element": self.all(node.elements)}

    def tuple_(self, node: tree.Tuple) -> Json:
        return {"type": "Tuple", "element": self.elements(node.elements)}

    def elements(self, elements: tuple[tuple[str, tree.Expression], ...]) -> list[Json]:
        return [{"name": name, "value": self.write(each)} for name, each in elements]

    def instance(self, node: tree.Instance) -> Json:
        return {
            "type": "Instance",
            "classType": qualified(node.class_type),
            "element": self.elements(node.elements),
        }

    def if_(self, node: tree.If) -> Json:
        return {
            "type": "If",
            "condition": self.write(node.condition),
            "then": self.write(node.then),
            "else": self.write(node.otherwise),
        }

    def case(self, node: tree.Case) -> Json:
        found: Json = {"type": "Case"}
        if node.comparand is not None:
            found["comparand"] = self.write(node.comparand)
        found["caseItem"] = [{"when": self.write(when), "then": self.write(then)} for when, then in node.items]
        found["else"] = self.write(node.otherwise)
        return found

    def is_(self, node: tree.Is) -> Json:
        return {"type": "Is", "operand": self.write(node.operand), **typed("is", node.is_type)}

    def as_(self, node: tree.As) -> Json:
        return {
            "type": "As",
            "strict": node.strict,
            "operand": self.write(node.operand),
            **typed("as", node.as_type),
        }

    def property(self, node: tree.Property) -> Json:
        if isinstance(node.source, tree.AliasRef):
            return {"type": "Property", "path": node.path, "scope": node.source.name}
        return {"type": "Property", "path": node.path, "source": self.write(node.source)}

    # References.

    def local(self, node: tree.AliasRef | tree.QueryLetRef | tree.OperandRef | tree.IdentifierRef) -> Json:
        return {"type": type(node).__name__, "name": node.name}

    def reference(
        self,
        node: tree.ExpressionRef
        | tree.ParameterRef
        | tree.CodeSystemRef
        | tree.ValueSetRef
        | tree.CodeRef
        | tree.ConceptRef,
    ) -> Json:
        found = {"type": type(node).__name__, "name": node.name, **self.library(node.library)}
        return found | {"preserve": True} if isinstance(node, tree.ValueSetRef) else found

    def function(self, node: tree.FunctionRef) -> Json:
        found: Json = {"type": "FunctionRef", "name": node.name, **self.library(node.library)}
        if self.signatures:
            found["signature"] = [specifier(each) for each in node.signature]
        return found | {"operand": self.all(node.operands)}

    # Queries.

    def source(self, node: tree.AliasedSource) -> Json:
        found: Json = {"alias": node.alias, "expression": self.write(node.expression)}
        if self.locate is not None and node.span != NOWHERE:
            found["locator"] = self.locate(node.span)
        return found

    def query(self, node: tree.Query) -> Json:
        found: Json = {
            "type": "Query",
            "source": [self.source(each) for each in node.sources],
            "let": [{"identifier": name, "expression": self.write(each)} for name, each in node.lets],
            "relationship": [
                {
                    "type": "Without" if each.without else "With",
                    **self.source(each.source),
                    "suchThat": self.write(each.such_that),
                }
                for each in node.relationships
            ],
        }
        if node.where is not None:
            found["where"] = self.write(node.where)
        if node.returns is not None:
            found["return"] = {
                "distinct": node.returns.distinct,
                "expression": self.write(node.returns.expression),
            }
        if node.aggregate is not None:
            found["aggregate"] = {
                "identifier": node.aggregate.name,
                "distinct": node.aggregate.distinct,
                "expression": self.write(node.aggregate.expression),
                "starting": self.write(node.aggregate.starting),
            }
        if node.sort:
            found["sort"] = {"by": self.by(node.sort)}
        return found

    def by(self, keys: tuple[tree.SortBy, ...]) -> list[Json]:
        written: list[Json] = []
        for each in keys:
            direction = "desc" if each.descending else "asc"
            match each.expression:
                case None:
                    written.append({"type": "ByDirection", "direction": direction})
                case tree.IdentifierRef(name=name):
                    written.append({"type": "ByColumn", "direction": direction, "path": name})
                case expression:
                    by = {"type": "ByExpression", "direction": direction, "expression": self.write(expression)}
                    written.append(by)
        return written

    def retrieve(self, node: tree.Retrieve) -> Json:
        found: Json = {"type": "Retrieve", "dataType": qualified(node.data_type)}
        for name, value in (
            ("templateId", node.template),
            ("codeProperty", node.code_property),
            ("codeComparator", node.comparator),
            ("dateProperty", node.date_property),
        ):
            if value is not None:
                found[name] = value
        for name, expression in (("codes", node.codes), ("dateRange", node.date_range), ("context", node.context)):
            if expression is not None:
                found[name] = self.write(expression)
        return found

    # What FHIRPath-style calls become.

    def filter(self, node: tree.Filter) -> Json:
        return {
            "type": "Filter",
            "scope": node.scope,
            "source": self.write(node.source),
            "condition": self.write(node.condition),
        }

    def each(self, node: tree.ForEach | tree.Repeat) -> Json:
        return {
            "type": type(node).__name__,
            "scope": node.scope,
            "source": self.write(node.source),
            "element": self.write(node.element),
        }

    def sort(self, node: tree.Sort) -> Json:
        return {"type": "Sort", "source": self.write(node.source), "by": self.by(node.by)}

    def aggregate(self, node: tree.AggregateOver) -> Json:
        found: Json = {
            "type": "Aggregate",
            "scope": node.scope,
            "source": self.write(node.source),
            "iteration": self.write(node.iteration),
        }
        if node.initial is not None:
            found["initialValue"] = self.write(node.initial)
        return found

    def scoped(self, node: tree.Current | tree.Iteration | tree.Total) -> Json:
        return {"type": type(node).__name__, "scope": "$this"}


WRITERS: dict[type[tree.Expression], Callable[[Writer, Any], Json]] = {
    tree.Literal: Writer.literal,
    tree.Null: Writer.null,
    tree.Operator: Writer.operator,
    tree.Interval: Writer.interval,
    tree.List: Writer.list_,
    tree.Tuple: Writer.tuple_,
    tree.Instance: Writer.instance,
    tree.If: Writer.if_,
    tree.Case: Writer.case,
    tree.Is: Writer.is_,
    tree.As: Writer.as_,
    tree.Property: Writer.property,
    **dict.fromkeys((tree.AliasRef, tree.QueryLetRef, tree.OperandRef, tree.IdentifierRef), Writer.local),
    **dict.fromkeys(
        (
            *(tree.ExpressionRef, tree.ParameterRef, tree.CodeSystemRef),
            *(tree.ValueSetRef, tree.CodeRef, tree.ConceptRef),
        ),
        Writer.reference,
    ),
    tree.FunctionRef: Writer.function,
    tree.Query: Writer.query,
    tree.Retrieve: Writer.retrieve,
    tree.Filter: Writer.filter,
    tree.ForEach: Writer.each,
    tree.Repeat: Writer.each,
    tree.Sort: Writer.sort,
    tree.AggregateOver: Writer.aggregate,
    **dict.fromkeys((tree.Current, tree.Iteration, tree.Total), Writer.scoped),
}
