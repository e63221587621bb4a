"""What was written: the nodes that the CQL parser makes, before anything is known of types.

What CQL shares with FHIRPath (`Literal`, `IdentifierRef`, `Property`, `Indexer`, `FunctionRef`, `Current`, `Iteration`,
`Total`, `Null`, `NamedTypeSpecifier`, `Negate`, `Positive` and the operators with two operands) are the nodes of
`bedside.questions.tree`; here is the rest. Parentheses leave no node.
A literal's `value_type` is Boolean, Integer, Long, Decimal, String, Date, DateTime, Time, Quantity or Ratio.
"""

from __future__ import annotations

from typing import ClassVar

from bedside.questions.tree import BinaryExpression, NamedTypeSpecifier, Node

__all__ = ["NamedTypeSpecifier", "Node"]

# Types. A specifier is a NamedTypeSpecifier (shared with FHIRPath) or one of these.


class ListTypeSpecifier(Node, frozen=True):
    element: Node


class IntervalTypeSpecifier(Node, frozen=True):
    point: Node


class TupleTypeSpecifier(Node, frozen=True):
    elements: tuple[tuple[str, Node], ...]


class ChoiceTypeSpecifier(Node, frozen=True):
    alternatives: tuple[Node, ...]


# Values made of parts.


class IntervalSelector(Node, frozen=True):
    low: Node
    high: Node
    low_closed: bool
    high_closed: bool


class TupleSelector(Node, frozen=True):
    elements: tuple[tuple[str, Node], ...]


class InstanceSelector(Node, frozen=True):
    """`Quantity { value: 1 }`, `FHIR.Patient { ... }`."""

    class_type: NamedTypeSpecifier
    elements: tuple[tuple[str, Node], ...]


class ListSelector(Node, frozen=True):
    elements: tuple[Node, ...]
    element_type: Node | None = None


class QualifiedName(Node, frozen=True):
    """`name` or `Library.name`."""

    name: str
    library: str | None = None


class CodeSelector(Node, frozen=True):
    """`Code '8480-6' from "LOINC" display 'Systolic'`."""

    code: str
    system: QualifiedName
    display: str | None = None


class ConceptSelector(Node, frozen=True):
    codes: tuple[CodeSelector, ...]
    display: str | None = None


class ExternalConstant(Node, frozen=True):
    """`%name`."""

    name: str


# Operators. FHIRPath's with two operands are in `bedside.questions.tree`.


class Power(BinaryExpression, frozen=True):
    symbol: ClassVar[str] = "^"


class Intersect(BinaryExpression, frozen=True):
    symbol: ClassVar[str] = "intersect"


class Except(BinaryExpression, frozen=True):
    symbol: ClassVar[str] = "except"


class Unary(Node, frozen=True):
    """An operator with one operand and ELM's name: Not, Exists, Start, End, Width, Successor, Predecessor,
    SingletonFrom, PointFrom, Distinct, Flatten, DateFrom, TimeFrom, TimezoneFrom, TimezoneOffsetFrom,
    DateTimeComponentFrom, DurationOf, DifferenceOf.

    `precision` (`Year` ... `Millisecond`) goes with the last three.
    """

    name: str
    operand: Node
    precision: str | None = None


class BooleanTest(Node, frozen=True):
    """`operand is [not] null|true|false`; `value` is None for null."""

    operand: Node
    value: bool | None
    negated: bool = False


class Cast(Node, frozen=True):
    """`cast operand as type`."""

    operand: Node
    as_type: Node


class Is(Node, frozen=True):
    """`operand is type` for any type specifier."""

    operand: Node
    is_type: Node


class As(Node, frozen=True):
    """`operand as type` for any type specifier."""

    operand: Node
    as_type: Node


class Convert(Node, frozen=True):
    """`convert operand to type`, or to a unit (`'mg'` or a calendar word as `unit`)."""

    operand: Node
    to_type: Node | None = None
    unit: str | None = None


class Extent(Node, frozen=True):
    """`minimum Integer`, `maximum DateTime`; `name` is MinValue or MaxValue."""

    name: str
    of_type: NamedTypeSpecifier


class Between(Node, frozen=True):
    operand: Node
    low: Node
    high: Node
    properly: bool = False


class PrecisionBetween(Node, frozen=True):
    """`years between a and b` (DurationBetween), `difference in days between a and b` (DifferenceBetween)."""

    name: str
    precision: str
    low: Node
    high: Node


class Membership(Node, frozen=True):
    """`in` and `contains` with a precision (`in day of`); `name` is In or Contains. Without one they are shared."""

    name: str
    left: Node
    right: Node
    precision: str | None


class Timing(Node, frozen=True):
    """`left phrase right`: `A starts 3 days or less before day of start B` and all its kin.

    `phrase` names the alternative of the grammar: Concurrent (same), Includes, IncludedIn (during), BeforeOrAfter,
    Within, Meets, Overlaps, Starts, Ends. `left_boundary` is Start or End for `starts`/`ends` before the phrase (None
    for `occurs` and nothing), `right_boundary` for `start`/`end` after it. `direction` is Before or After (also for
    `meets before`; None where it is not said; for Concurrent: Before, After for `or before`, `or after`).
    `inclusive`: `on or before`, `before or on`. `offset` is a Literal of a Quantity; `offset_qualifier` one of
    OrMore, OrLess, LessThan, MoreThan.
    """

    phrase: str
    left: Node
    right: Node
    left_boundary: str | None = None
    right_boundary: str | None = None
    precision: str | None = None
    direction: str | None = None
    inclusive: bool = False
    properly: bool = False
    offset: Node | None = None
    offset_qualifier: str | None = None


class If(Node, frozen=True):
    condition: Node
    then: Node
    otherwise: Node


class Case(Node, frozen=True):
    comparand: Node | None
    items: tuple[tuple[Node, Node], ...]
    otherwise: Node


class SetAggregate(Node, frozen=True):
    """`expand x per day`, `collapse x per (expression)`; `name` is Expand or Collapse.

    `per` is an expression, or None; a precision word is a Literal Quantity of one such unit.
    """

    name: str
    operand: Node
    per: Node | None = None


# Queries.


class Retrieve(Node, frozen=True):
    """`[context -> Type: code_path comparator terminology]`."""

    of_type: NamedTypeSpecifier
    context: Node | None = None
    code_path: str | None = None
    comparator: str | None = None
    terminology: Node | None = None


class AliasedSource(Node, frozen=True):
    source: Node
    alias: str


class Let(Node, frozen=True):
    name: str
    expression: Node


class Relationship(Node, frozen=True):
    """`with source such that condition`; with `without` the contrary."""

    source: AliasedSource
    such_that: Node
    without: bool = False


class Return(Node, frozen=True):
    """`distinct` is None where neither `all` nor `distinct` was written."""

    expression: Node
    distinct: bool | None = None


class Aggregate(Node, frozen=True):
    name: str
    expression: Node
    starting: Node | None = None
    distinct: bool | None = None


class SortBy(Node, frozen=True):
    """`expression` None: by the item itself."""

    expression: Node | None = None
    descending: bool = False


class Query(Node, frozen=True):
    """`from_keyword`: whether the query began with `from`, needed to print it back."""

    sources: tuple[AliasedSource, ...]
    lets: tuple[Let, ...] = ()
    relationships: tuple[Relationship, ...] = ()
    where: Node | None = None
    returns: Return | None = None
    aggregate: Aggregate | None = None
    sort: tuple[SortBy, ...] = ()
    from_keyword: bool = False


# A library.


class UsingDefinition(Node, frozen=True):
    name: str
    version: str | None = None
    alias: str | None = None


class IncludeDefinition(Node, frozen=True):
    """`name` keeps its qualifiers (`hl7.fhir.FHIRHelpers`); the local name is `alias`, else the last part."""

    name: str
    version: str | None = None
    alias: str | None = None


class Definition(Node, frozen=True, kw_only=True):
    """Base of what has a name and an access modifier. `comment` is the text of the comments just before it."""

    name: str
    public: bool = True
    comment: str = ""


class ParameterDefinition(Definition, frozen=True, kw_only=True):
    type: Node | None = None
    default: Node | None = None


class CodeSystemDefinition(Definition, frozen=True, kw_only=True):
    id: str
    version: str | None = None


class ValueSetDefinition(Definition, frozen=True, kw_only=True):
    id: str
    version: str | None = None
    code_systems: tuple[QualifiedName, ...] = ()


class CodeDefinition(Definition, frozen=True, kw_only=True):
    id: str
    code_system: QualifiedName
    display: str | None = None


class ConceptDefinition(Definition, frozen=True, kw_only=True):
    codes: tuple[QualifiedName, ...]
    display: str | None = None


class ContextDefinition(Node, frozen=True):
    name: str
    model: str | None = None


class ExpressionDefinition(Definition, frozen=True, kw_only=True):
    expression: Node


class FunctionDefinition(Definition, frozen=True, kw_only=True):
    """`expression` is None for an external function."""

    operands: tuple[tuple[str, Node], ...]
    expression: Node | None
    returns: Node | None = None
    fluent: bool = False


class LibraryDefinition(Node, frozen=True, kw_only=True):
    """A whole source text. `statements` are contexts, expressions and functions in their order.

    `comment` is the text of the comments before the word `library`.
    """

    name: str | None = None
    version: str | None = None
    comment: str = ""
    usings: tuple[UsingDefinition, ...] = ()
    includes: tuple[IncludeDefinition, ...] = ()
    parameters: tuple[ParameterDefinition, ...] = ()
    code_systems: tuple[CodeSystemDefinition, ...] = ()
    value_sets: tuple[ValueSetDefinition, ...] = ()
    codes: tuple[CodeDefinition, ...] = ()
    concepts: tuple[ConceptDefinition, ...] = ()
    statements: tuple[Node, ...] = ()
