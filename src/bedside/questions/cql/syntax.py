"""What was written: the nodes that the CQL parser makes, before anything is known of types.

What CQL shares with FHIRPath (`Literal`, `IdentifierRef`, `Property`, `Indexer`, `FunctionRef`, `Current`, `Iteration`,
`Total`, `Null`, `NamedTypeSpecifier`, `Negate`, `Positive` and the operators with two operands) are the nodes of
`bedside.questions.tree`; here is the rest. Parentheses leave no node.
A literal's `value_type` is Boolean, Integer, Long, Decimal, String, Date, DateTime, Time, Quantity or Ratio.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bedside.questions.tree import BinaryExpression, NamedTypeSpecifier, Node

__all__ = ["NamedTypeSpecifier", "Node"]

# Types. A specifier is a NamedTypeSpecifier (shared with FHIRPath) or one of these.


@dataclass(frozen=True, slots=True)
class ListTypeSpecifier(Node):
    element: Node


@dataclass(frozen=True, slots=True)
class IntervalTypeSpecifier(Node):
    point: Node


@dataclass(frozen=True, slots=True)
class TupleTypeSpecifier(Node):
    elements: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class ChoiceTypeSpecifier(Node):
    alternatives: tuple[Node, ...]


# Values made of parts.


@dataclass(frozen=True, slots=True)
class IntervalSelector(Node):
    low: Node
    high: Node
    low_closed: bool
    high_closed: bool


@dataclass(frozen=True, slots=True)
class TupleSelector(Node):
    elements: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class InstanceSelector(Node):
    """`Quantity { value: 1 }`, `FHIR.Patient { ... }`."""

    class_type: NamedTypeSpecifier
    elements: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class ListSelector(Node):
    elements: tuple[Node, ...]
    element_type: Node | None = None


@dataclass(frozen=True, slots=True)
class QualifiedName(Node):
    """`name` or `Library.name`."""

    name: str
    library: str | None = None


@dataclass(frozen=True, slots=True)
class CodeSelector(Node):
    """`Code '8480-6' from "LOINC" display 'Systolic'`."""

    code: str
    system: QualifiedName
    display: str | None = None


@dataclass(frozen=True, slots=True)
class ConceptSelector(Node):
    codes: tuple[CodeSelector, ...]
    display: str | None = None


@dataclass(frozen=True, slots=True)
class ExternalConstant(Node):
    """`%name`."""

    name: str


# Operators. FHIRPath's with two operands are in `bedside.questions.tree`.


@dataclass(frozen=True, slots=True)
class Power(BinaryExpression):
    symbol: ClassVar[str] = "^"


@dataclass(frozen=True, slots=True)
class Intersect(BinaryExpression):
    symbol: ClassVar[str] = "intersect"


@dataclass(frozen=True, slots=True)
class Except(BinaryExpression):
    symbol: ClassVar[str] = "except"


@dataclass(frozen=True, slots=True)
class Unary(Node):
    """An operator with one operand and ELM's name: Not, Exists, Start, End, Width, Successor, Predecessor,
    SingletonFrom, PointFrom, Distinct, Flatten, DateFrom, TimeFrom, TimezoneFrom, TimezoneOffsetFrom,
    DateTimeComponentFrom, DurationOf, DifferenceOf.

    `precision` (`Year` ... `Millisecond`) goes with the last three.
    """

    name: str
    operand: Node
    precision: str | None = None


@dataclass(frozen=True, slots=True)
class BooleanTest(Node):
    """`operand is [not] null|true|false`; `value` is None for null."""

    operand: Node
    value: bool | None
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Cast(Node):
    """`cast operand as type`."""

    operand: Node
    as_type: Node


@dataclass(frozen=True, slots=True)
class Is(Node):
    """`operand is type` for any type specifier."""

    operand: Node
    is_type: Node


@dataclass(frozen=True, slots=True)
class As(Node):
    """`operand as type` for any type specifier."""

    operand: Node
    as_type: Node


@dataclass(frozen=True, slots=True)
class Convert(Node):
    """`convert operand to type`, or to a unit (`'mg'` or a calendar word as `unit`)."""

    operand: Node
    to_type: Node | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Extent(Node):
    """`minimum Integer`, `maximum DateTime`; `name` is MinValue or MaxValue."""

    name: str
    of_type: NamedTypeSpecifier


@dataclass(frozen=True, slots=True)
class Between(Node):
    operand: Node
    low: Node
    high: Node
    properly: bool = False


@dataclass(frozen=True, slots=True)
class PrecisionBetween(Node):
    """`years between a and b` (DurationBetween), `difference in days between a and b` (DifferenceBetween)."""

    name: str
    precision: str
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class Membership(Node):
    """`in` and `contains` with a precision (`in day of`); `name` is In or Contains. Without one they are shared."""

    name: str
    left: Node
    right: Node
    precision: str | None


@dataclass(frozen=True, slots=True)
class Timing(Node):
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


@dataclass(frozen=True, slots=True)
class If(Node):
    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Case(Node):
    comparand: Node | None
    items: tuple[tuple[Node, Node], ...]
    otherwise: Node


@dataclass(frozen=True, slots=True)
class SetAggregate(Node):
    """`expand x per day`, `collapse x per (expression)`; `name` is Expand or Collapse.

    `per` is an expression, or None; a precision word is a Literal Quantity of one such unit.
    """

    name: str
    operand: Node
    per: Node | None = None


# Queries.


@dataclass(frozen=True, slots=True)
class Retrieve(Node):
    """`[context -> Type: code_path comparator terminology]`."""

    of_type: NamedTypeSpecifier
    context: Node | None = None
    code_path: str | None = None
    comparator: str | None = None
    terminology: Node | None = None


@dataclass(frozen=True, slots=True)
class AliasedSource(Node):
    source: Node
    alias: str


@dataclass(frozen=True, slots=True)
class Let(Node):
    name: str
    expression: Node


@dataclass(frozen=True, slots=True)
class Relationship(Node):
    """`with source such that condition`; with `without` the contrary."""

    source: AliasedSource
    such_that: Node
    without: bool = False


@dataclass(frozen=True, slots=True)
class Return(Node):
    """`distinct` is None where neither `all` nor `distinct` was written."""

    expression: Node
    distinct: bool | None = None


@dataclass(frozen=True, slots=True)
class Aggregate(Node):
    name: str
    expression: Node
    starting: Node | None = None
    distinct: bool | None = None


@dataclass(frozen=True, slots=True)
class SortBy(Node):
    """`expression` None: by the item itself."""

    expression: Node | None = None
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Query(Node):
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


@dataclass(frozen=True, slots=True)
class UsingDefinition(Node):
    name: str
    version: str | None = None
    alias: str | None = None


@dataclass(frozen=True, slots=True)
class IncludeDefinition(Node):
    """`name` keeps its qualifiers (`hl7.fhir.FHIRHelpers`); the local name is `alias`, else the last part."""

    name: str
    version: str | None = None
    alias: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition(Node):
    """Base of what has a name and an access modifier. `comment` is the text of the comments just before it."""

    name: str
    public: bool = True
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterDefinition(Definition):
    type: Node | None = None
    default: Node | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeSystemDefinition(Definition):
    id: str
    version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueSetDefinition(Definition):
    id: str
    version: str | None = None
    code_systems: tuple[QualifiedName, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeDefinition(Definition):
    id: str
    code_system: QualifiedName
    display: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConceptDefinition(Definition):
    codes: tuple[QualifiedName, ...]
    display: str | None = None


@dataclass(frozen=True, slots=True)
class ContextDefinition(Node):
    name: str
    model: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpressionDefinition(Definition):
    expression: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionDefinition(Definition):
    """`expression` is None for an external function."""

    operands: tuple[tuple[str, Node], ...]
    expression: Node | None
    returns: Node | None = None
    fluent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryDefinition(Node):
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
