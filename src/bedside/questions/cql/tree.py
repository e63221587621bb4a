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


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """Base of all nodes. `span` is the place in the library's source; it takes no part in comparison."""

    type: DataType
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal(Expression):
    """A System value known when the library is read, Quantity and Ratio included (ELM: Literal, Quantity, Ratio)."""

    value: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Null(Expression):
    """`null`; the type is Any until a conversion (`As`) gives it another."""

    type: DataType = ANY


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator(Expression):
    """An operator of ELM applied to operands.

    `overload` is the signature that was chosen, with the function that computes it. `precision` is a DateTimePrecision
    in ELM's words (`Year` ... `Millisecond`), None where none is said. `attributes` holds the rest of what ELM gives
    the node (`{"ordered": True}`).
    """

    name: str
    operands: tuple[Expression, ...]
    overload: Overload | None = field(default=None, compare=False, repr=False)
    precision: str | None = None
    attributes: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval(Expression):
    """`Interval[low, high)`. The closed flags are expressions only where a mapping makes them so."""

    low: Expression
    high: Expression
    low_closed: bool = True
    high_closed: bool = True
    low_closed_expression: Expression | None = None
    high_closed_expression: Expression | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class List(Expression):
    elements: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuple(Expression):
    elements: tuple[tuple[str, Expression], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance(Expression):
    """`Quantity { value: 1, unit: 'g' }`, `FHIR.Patient { ... }`: an instance of a class of a model."""

    class_type: NamedType
    elements: tuple[tuple[str, Expression], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class If(Expression):
    condition: Expression
    then: Expression
    otherwise: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class Case(Expression):
    """`case comparand when .. then .. else .. end`. With a comparand each `when` is compared with it by `equal`."""

    comparand: Expression | None
    items: tuple[tuple[Expression, Expression], ...]
    otherwise: Expression
    equal: Overload | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Is(Expression):
    operand: Expression
    is_type: DataType


@dataclass(frozen=True, slots=True, kw_only=True)
class As(Expression):
    """`operand as type`: null when the value is not of the type, or with `strict` (`cast`) an error."""

    operand: Expression
    as_type: DataType
    strict: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Property(Expression):
    """A step `path` from a source. Of the FHIR model the path is one element name (`value`, never `valueQuantity`)."""

    source: Expression
    path: str


# References to what the library or an enclosing construct defines.


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasRef(Expression):
    """A source of an enclosing query, by its alias."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryLetRef(Expression):
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OperandRef(Expression):
    """A parameter of the enclosing function."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpressionRef(Expression):
    """`library` is the local alias of an included library, None for this one; so for all references."""

    name: str
    library: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionRef(Expression):
    """A call of a function of a library. `function` names the overload by its operand types."""

    name: str
    operands: tuple[Expression, ...]
    signature: tuple[DataType, ...]
    library: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterRef(Expression):
    name: str
    library: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeSystemRef(Expression):
    name: str
    library: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueSetRef(Expression):
    name: str
    library: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRef(Expression):
    name: str
    library: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConceptRef(Expression):
    name: str
    library: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifierRef(Expression):
    """An element of the items being sorted, in `sort by` (the only place where it is left)."""

    name: str


# Queries.


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasedSource:
    """`expression alias`; `is_list` is False for a source that is a single value (then the query gives one)."""

    alias: str
    expression: Expression
    is_list: bool
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Relationship:
    """`with source such that ...`, or with `without` the contrary."""

    source: AliasedSource
    such_that: Expression
    without: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    expression: Expression
    distinct: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate:
    """`aggregate all|distinct name starting .. : ..`; within `expression` the total is a QueryLetRef of `name`."""

    name: str
    expression: Expression
    starting: Expression
    distinct: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SortBy:
    """One key. `expression` None sorts by the item itself (ByDirection); an IdentifierRef is ELM's ByColumn.

    Within any other expression (ByExpression) the item is `Current`.
    """

    expression: Expression | None
    descending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Query(Expression):
    sources: tuple[AliasedSource, ...]
    lets: tuple[tuple[str, Expression], ...] = ()
    relationships: tuple[Relationship, ...] = ()
    where: Expression | None = None
    returns: Return | None = None
    aggregate: Aggregate | None = None
    sort: tuple[SortBy, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrieve(Expression):
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter(Expression):
    """`source.where(condition)`; within `condition` the item is `Current` with this scope."""

    source: Expression
    condition: Expression
    scope: str = "$this"


@dataclass(frozen=True, slots=True, kw_only=True)
class ForEach(Expression):
    """`source.select(element)`."""

    source: Expression
    element: Expression
    scope: str = "$this"


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat(Expression):
    """`source.repeat(element)`."""

    source: Expression
    element: Expression
    scope: str = "$this"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sort(Expression):
    source: Expression
    by: tuple[SortBy, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AggregateOver(Expression):
    """`source.aggregate(iteration, initial)`; within `iteration` the item is `Current`, the total is `Total`."""

    source: Expression
    iteration: Expression
    initial: Expression | None
    scope: str = "$this"


@dataclass(frozen=True, slots=True, kw_only=True)
class Current(Expression):
    """The item of the innermost Filter, ForEach, Repeat, AggregateOver or sort (`$this`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Iteration(Expression):
    """`$index`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Total(Expression):
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """Base of what a library defines. `public` is False for `private`."""

    name: str
    public: bool = True
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Using:
    """A model that the library speaks of; `alias` is its local name."""

    alias: str
    name: str
    version: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterDef(Definition):
    type: DataType
    default: Expression | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeSystemDef(Definition):
    id: str
    version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueSetDef(Definition):
    id: str
    version: str | None = None
    code_systems: tuple[CodeSystemRef, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeDef(Definition):
    id: str
    code_system: CodeSystemRef
    display: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConceptDef(Definition):
    codes: tuple[CodeRef, ...]
    display: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpressionDef(Definition):
    """`define name: expression` in a context (`Patient`, `Unfiltered`, ...). `Patient` itself is one, too."""

    context: str
    expression: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionDef(Definition):
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
