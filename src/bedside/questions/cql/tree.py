"""The typed tree: what a CQL library means, with ELM's node names (HL7 ELM R1, https://cql.hl7.org/elm.html).

Every expression knows its type; implicit conversions, chosen overloads and the targets of model mappings are written
out as nodes, so that running it needs no further decision. Nodes are immutable. `elm` writes the tree as ELM JSON.

Most of ELM's two hundred operators differ only in name, so they are one class: `Operator("Add", (left, right))`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bedside.questions.cql.types import ANY, DataType, NamedType
from bedside.questions.errors import NOWHERE, Span
from bedside.questions.nodes import Record


class Expression(Record, frozen=True, kw_only=True):
    """Base of all nodes. `span` is the place in the library's source; it takes no part in comparison."""

    type: DataType
    span: Span = NOWHERE


class Literal(Expression, frozen=True, kw_only=True):
    """A System value known when the library is read, Quantity and Ratio included (ELM: Literal, Quantity, Ratio)."""

    value: Any


class Null(Expression, frozen=True, kw_only=True):
    """`null`; the type is Any until a conversion (`As`) gives it another."""

    type: DataType = ANY


class Operator(Expression, frozen=True, kw_only=True):
    """An operator of ELM applied to operands.

    `overload` is the signature that was chosen, with the function that computes it. `precision` is a DateTimePrecision
    in ELM's words (`Year` ... `Millisecond`), None where none is said. `attributes` holds the rest of what ELM gives
    the node (`{"ordered": True}`).
    """

    name: str
    operands: tuple[Expression, ...]
    overload: Overload | None = None
    precision: str | None = None
    attributes: tuple[tuple[str, Any], ...] = ()


class Interval(Expression, frozen=True, kw_only=True):
    """`Interval[low, high)`. The closed flags are expressions only where a mapping makes them so."""

    low: Expression
    high: Expression
    low_closed: bool = True
    high_closed: bool = True
    low_closed_expression: Expression | None = None
    high_closed_expression: Expression | None = None


class List(Expression, frozen=True, kw_only=True):
    elements: tuple[Expression, ...]


class Tuple(Expression, frozen=True, kw_only=True):
    elements: tuple[tuple[str, Expression], ...]


class Instance(Expression, frozen=True, kw_only=True):
    """`Quantity { value: 1, unit: 'g' }`, `FHIR.Patient { ... }`: an instance of a class of a model."""

    class_type: NamedType
    elements: tuple[tuple[str, Expression], ...]


class If(Expression, frozen=True, kw_only=True):
    condition: Expression
    then: Expression
    otherwise: Expression


class Case(Expression, frozen=True, kw_only=True):
    """`case comparand when .. then .. else .. end`. With a comparand each `when` is compared with it by `equal`."""

    comparand: Expression | None
    items: tuple[tuple[Expression, Expression], ...]
    otherwise: Expression
    equal: Overload | None = None


class Is(Expression, frozen=True, kw_only=True):
    operand: Expression
    is_type: DataType


class As(Expression, frozen=True, kw_only=True):
    """`operand as type`: null when the value is not of the type, or with `strict` (`cast`) an error."""

    operand: Expression
    as_type: DataType
    strict: bool = False


class Property(Expression, frozen=True, kw_only=True):
    """A step `path` from a source. Of the FHIR model the path is one element name (`value`, never `valueQuantity`)."""

    source: Expression
    path: str


# References to what the library or an enclosing construct defines.


class AliasRef(Expression, frozen=True, kw_only=True):
    """A source of an enclosing query, by its alias."""

    name: str


class QueryLetRef(Expression, frozen=True, kw_only=True):
    name: str


class OperandRef(Expression, frozen=True, kw_only=True):
    """A parameter of the enclosing function."""

    name: str


class ExpressionRef(Expression, frozen=True, kw_only=True):
    """`library` is the local alias of an included library, None for this one; so for all references."""

    name: str
    library: str | None = None


class FunctionRef(Expression, frozen=True, kw_only=True):
    """A call of a function of a library. `function` names the overload by its operand types."""

    name: str
    operands: tuple[Expression, ...]
    signature: tuple[DataType, ...]
    library: str | None = None


class ParameterRef(Expression, frozen=True, kw_only=True):
    name: str
    library: str | None = None


class CodeSystemRef(Expression, frozen=True, kw_only=True):
    name: str
    library: str | None = None


class ValueSetRef(Expression, frozen=True, kw_only=True):
    name: str
    library: str | None = None


class CodeRef(Expression, frozen=True, kw_only=True):
    name: str
    library: str | None = None


class ConceptRef(Expression, frozen=True, kw_only=True):
    name: str
    library: str | None = None


class IdentifierRef(Expression, frozen=True, kw_only=True):
    """An element of the items being sorted, in `sort by` (the only place where it is left)."""

    name: str


# Queries.


class AliasedSource(Record, frozen=True, kw_only=True):
    """`expression alias`; `is_list` is False for a source that is a single value (then the query gives one)."""

    alias: str
    expression: Expression
    is_list: bool
    span: Span = NOWHERE


class Relationship(Record, frozen=True, kw_only=True):
    """`with source such that ...`, or with `without` the contrary."""

    source: AliasedSource
    such_that: Expression
    without: bool = False


class Return(Record, frozen=True, kw_only=True):
    expression: Expression
    distinct: bool = True


class Aggregate(Record, frozen=True, kw_only=True):
    """`aggregate all|distinct name starting .. : ..`; within `expression` the total is a QueryLetRef of `name`."""

    name: str
    expression: Expression
    starting: Expression
    distinct: bool = False


class SortBy(Record, frozen=True, kw_only=True):
    """One key. `expression` None sorts by the item itself (ByDirection); an IdentifierRef is ELM's ByColumn.

    Within any other expression (ByExpression) the item is `Current`.
    """

    expression: Expression | None
    descending: bool = False


class Query(Expression, frozen=True, kw_only=True):
    sources: tuple[AliasedSource, ...]
    lets: tuple[tuple[str, Expression], ...] = ()
    relationships: tuple[Relationship, ...] = ()
    where: Expression | None = None
    returns: Return | None = None
    aggregate: Aggregate | None = None
    sort: tuple[SortBy, ...] = ()


class Retrieve(Expression, frozen=True, kw_only=True):
    """`[Condition: code in "Diabetes"]`. `type` is a list of `data_type`.

    `data_type` is the type as the model knows it; `resource_type` the FHIR resource to be read (`Condition`) and
    `template` the profile that the model asks for, if any. `codes` is a list of codes, a ValueSetRef or a code;
    `comparator` is `in`, `=` or `~`. `id_element` and `context` are set for a retrieve in another context
    (`[Patient -> ...]`). `include_negation`-like filters of a model are ordinary `Query` nodes around it.
    """

    data_type: NamedType
    resource_type: str
    template: str | None = None
    code_property: str | None = None
    comparator: str | None = None
    codes: Expression | None = None
    date_property: str | None = None
    date_range: Expression | None = None
    context: Expression | None = None


# What FHIRPath-style calls become.


class Filter(Expression, frozen=True, kw_only=True):
    """`source.where(condition)`; within `condition` the item is `Current` with this scope."""

    source: Expression
    condition: Expression
    scope: str = "$this"


class ForEach(Expression, frozen=True, kw_only=True):
    """`source.select(element)`."""

    source: Expression
    element: Expression
    scope: str = "$this"


class Repeat(Expression, frozen=True, kw_only=True):
    """`source.repeat(element)`."""

    source: Expression
    element: Expression
    scope: str = "$this"


class Sort(Expression, frozen=True, kw_only=True):
    source: Expression
    by: tuple[SortBy, ...]


class AggregateOver(Expression, frozen=True, kw_only=True):
    """`source.aggregate(iteration, initial)`; within `iteration` the item is `Current`, the total is `Total`."""

    source: Expression
    iteration: Expression
    initial: Expression | None
    scope: str = "$this"


class Current(Expression, frozen=True, kw_only=True):
    """The item of the innermost Filter, ForEach, Repeat, AggregateOver or sort (`$this`)."""


class Iteration(Expression, frozen=True, kw_only=True):
    """`$index`."""


class Total(Expression, frozen=True, kw_only=True):
    """`$total`."""


# Operators: what can be chosen, and how it is computed.


@dataclass(frozen=True, slots=True, eq=False)
class Overload:
    """One signature of an operator.

    `body` computes it from the operands' values, in order. Unless `nulls` is true it is never called with a None and
    None among the operands gives None. With `precision` it takes `precision=` (`Year` ... `Millisecond` or None), with
    `state` it gets the running `State` as its first argument. `lazy`: the body gets functions of no arguments instead
    of values, so that it may leave an operand alone (`and`, `Coalesce`).
    """

    name: str
    operands: tuple[DataType, ...]
    result: DataType
    body: Callable[..., Any]
    nulls: bool = False
    precision: bool = False
    state: bool = False
    lazy: bool = False
    clause: str = ""


# A library.


class Definition(Record, frozen=True, kw_only=True):
    """Base of what a library defines. `public` is False for `private`."""

    name: str
    public: bool = True
    span: Span = NOWHERE


class Using(Record, frozen=True, kw_only=True):
    """A model that the library speaks of; `alias` is its local name."""

    alias: str
    name: str
    version: str | None


class ParameterDef(Definition, frozen=True, kw_only=True):
    type: DataType
    default: Expression | None = None


class CodeSystemDef(Definition, frozen=True, kw_only=True):
    id: str
    version: str | None = None


class ValueSetDef(Definition, frozen=True, kw_only=True):
    id: str
    version: str | None = None
    code_systems: tuple[CodeSystemRef, ...] = ()


class CodeDef(Definition, frozen=True, kw_only=True):
    id: str
    code_system: CodeSystemRef
    display: str | None = None


class ConceptDef(Definition, frozen=True, kw_only=True):
    codes: tuple[CodeRef, ...]
    display: str | None = None


class ExpressionDef(Definition, frozen=True, kw_only=True):
    """`define name: expression` in a context (`Patient`, `Unfiltered`, ...). `Patient` itself is one, too."""

    context: str
    expression: Expression


class FunctionDef(Definition, frozen=True, kw_only=True):
    """`define function name(operands): expression`; `expression` None for an external one."""

    context: str
    operands: tuple[tuple[str, DataType], ...]
    result: DataType
    expression: Expression | None
    fluent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """A translated library. `includes` maps local aliases to the libraries themselves; definitions keep their order."""

    name: str | None
    version: str | None = None
    usings: tuple[Using, ...] = ()
    includes: Mapping[str, Library] = field(default_factory=dict)
    parameters: Mapping[str, ParameterDef] = field(default_factory=dict)
    code_systems: Mapping[str, CodeSystemDef] = field(default_factory=dict)
    value_sets: Mapping[str, ValueSetDef] = field(default_factory=dict)
    codes: Mapping[str, CodeDef] = field(default_factory=dict)
    concepts: Mapping[str, ConceptDef] = field(default_factory=dict)
    expressions: Mapping[str, ExpressionDef] = field(default_factory=dict)
    functions: Mapping[str, tuple[FunctionDef, ...]] = field(default_factory=dict)
    source: str = field(default="", compare=False, repr=False)
    digest: str = ""
    """SHA-256 of the source and of the digests of what it includes: the key under which it is kept."""
