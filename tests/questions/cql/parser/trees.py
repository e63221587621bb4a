"""Syntax trees of the whole grammar for property tests: every node that the parser can make, with names of all kinds."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from bedside.questions import tree
from bedside.questions.cql import syntax
from bedside.questions.cql.parser.comments import as_comment, comment_in
from bedside.questions.cql.parser.words import KEYWORDS, PAIRS
from bedside.questions.cql.values import Long, Ratio
from bedside.questions.tree import Literal, Node
from bedside.questions.values import CALENDAR_UNITS, Date, DateTime, Quantity, Time

PRECISIONS = [unit.capitalize() for unit in CALENDAR_UNITS]
Trees = st.SearchStrategy[Any]

# Names are more often plain than not, so that keywords stand where they are taken for operators if anything is wrong.
names = st.one_of(
    st.sampled_from(["A", "B", "E", "Encounter", "code", "start", "end", "Heart Rate"]),
    st.sampled_from(sorted(KEYWORDS | PAIRS.keys())),
    st.sampled_from(["", "a.b", 'it"s', "back\\slash", "`", "ä", "than", "a[0]", "new\nline", "//"]),
)
texts = st.one_of(st.sampled_from(["", "mg", "it's", "\\", "day", "a\tb", "/*", '"']), st.text(max_size=5))
booleans = st.booleans()
precisions = st.none() | st.sampled_from(PRECISIONS)
boundaries = st.sampled_from([None, None, "Start", "End"])
directions = st.sampled_from(["Before", "After"])

# Literals -------------------------------------------------------------------------------------------------------------

decimals = st.decimals(min_value=0, max_value=10**12, places=4, allow_nan=False)
amounts = st.one_of(st.integers(0, 10**6).map(Decimal), decimals)
quantities = st.one_of(
    st.builds(Quantity, amounts, texts),
    st.builds(Quantity, amounts, st.sampled_from(CALENDAR_UNITS), st.just(True)),
)
days = st.dates().map(lambda d: Date(d.year, d.month, d.day))
dates = st.one_of(days, days.map(lambda d: Date(d.year, d.month)), days.map(lambda d: Date(d.year)))
seconds = st.one_of(
    st.integers(0, 59).map(Decimal), st.decimals(min_value=0, max_value=Decimal("59.999"), places=3, allow_nan=False)
)
times = st.one_of(
    st.builds(Time, st.integers(0, 23)),
    st.builds(Time, st.integers(0, 23), st.integers(0, 59)),
    st.builds(Time, st.integers(0, 23), st.integers(0, 59), seconds),
)
zones = st.none() | st.integers(-14 * 60, 14 * 60)


@st.composite
def date_times(draw: st.DrawFn) -> DateTime:
    day = draw(dates)
    time = draw(times) if day.day is not None and draw(booleans) else None
    clock = (None, None, None) if time is None else (time.hour, time.minute, time.second)
    return DateTime(day.year, day.month, day.day, *clock, draw(zones))


quantity_literals = quantities.map(lambda value: Literal(value, "Quantity"))
literals: Trees = st.one_of(
    st.sampled_from([0, 1, 5, 2**31 - 1, -(2**31)]).map(lambda value: Literal(value, "Integer")),
    st.sampled_from([0, 2**63 - 1, -(2**63)]).map(lambda value: Literal(Long(value), "Long")),
    decimals.map(lambda value: Literal(value, "Decimal")),
    texts.map(lambda value: Literal(value, "String")),
    booleans.map(lambda value: Literal(value, "Boolean")),
    dates.map(lambda value: Literal(value, "Date")),
    times.map(lambda value: Literal(value, "Time")),
    date_times().map(lambda value: Literal(value, "DateTime")),
    quantity_literals,
    st.builds(Ratio, quantities, quantities).map(lambda value: Literal(value, "Ratio")),
)

# Types ----------------------------------------------------------------------------------------------------------------

named_types = st.builds(tree.NamedTypeSpecifier, names, st.none() | names)


def _types(inner: Trees) -> Trees:
    some = st.lists(inner, min_size=1, max_size=3).map(tuple)
    typed = st.lists(st.tuples(names, inner), min_size=1, max_size=2).map(tuple)
    return st.one_of(
        st.builds(syntax.ListTypeSpecifier, inner),
        st.builds(syntax.IntervalTypeSpecifier, inner),
        st.builds(syntax.ChoiceTypeSpecifier, some),
        st.builds(syntax.TupleTypeSpecifier, typed),
    )


types = st.recursive(named_types, _types, max_leaves=3)

# Expressions ----------------------------------------------------------------------------------------------------------

qualified = st.builds(syntax.QualifiedName, names, st.none() | names)
displays = st.none() | texts
codes = st.builds(syntax.CodeSelector, texts, qualified, displays)
references = st.builds(tree.IdentifierRef, names)
paths = st.one_of(references, st.builds(tree.Property, references, names))

leaves: Trees = st.one_of(
    references,
    references,
    literals,
    st.sampled_from([tree.Null(), tree.Current(), tree.Iteration(), tree.Total(), syntax.ListSelector(())]),
    st.builds(syntax.ExternalConstant, names),
    st.builds(syntax.Extent, st.sampled_from(["MinValue", "MaxValue"]), named_types),
    codes,
    st.builds(syntax.ConceptSelector, st.lists(codes, min_size=1, max_size=2).map(tuple), displays),
    st.builds(syntax.Retrieve, named_types, st.none() | paths),
)

BINARY = [
    *(tree.Multiply, tree.Divide, tree.TruncatedDivide, tree.Modulo, tree.Add, tree.Subtract, tree.Concatenate),
    *(tree.Union, tree.Less, tree.LessOrEqual, tree.Greater, tree.GreaterOrEqual, tree.Equal, tree.NotEqual),
    *(tree.Equivalent, tree.NotEquivalent, tree.In, tree.Contains, tree.And, tree.Or, tree.Xor, tree.Implies),
    *(syntax.Power, syntax.Intersect, syntax.Except),
]
UNARY = [
    *("Not", "Exists", "Start", "End", "Width", "Successor", "Predecessor", "SingletonFrom", "PointFrom", "Distinct"),
    *("Flatten", "DateFrom", "TimeFrom", "TimezoneFrom", "TimezoneOffsetFrom"),
]
WITH_PRECISION = ["DateTimeComponentFrom", "DurationOf", "DifferenceOf"]
QUALIFIERS = [None, "OrMore", "OrLess", "LessThan", "MoreThan"]


@st.composite
def timings(draw: st.DrawFn, inner: Trees) -> Node:
    phrase = draw(
        st.sampled_from(
            [
                *("Concurrent", "Includes", "IncludedIn", "BeforeOrAfter", "Within", "Meets", "Overlaps"),
                *("Starts", "Ends"),
            ]
        )
    )
    parts: dict[str, Any] = {"left": draw(inner), "right": draw(inner)}
    if phrase != "Within":
        parts["precision"] = draw(precisions)
    if phrase in ("Concurrent", "IncludedIn", "BeforeOrAfter", "Within"):
        parts["left_boundary"] = draw(boundaries)
    if phrase in ("Concurrent", "Includes", "BeforeOrAfter", "Within"):
        parts["right_boundary"] = draw(boundaries)
    if phrase in ("Concurrent", "Meets", "Overlaps"):
        parts["direction"] = draw(st.none() | directions)
    if phrase in ("Includes", "IncludedIn", "Within"):
        parts["properly"] = draw(booleans)
    if phrase == "Within":
        parts["offset"] = draw(quantity_literals)
    if phrase == "BeforeOrAfter":
        parts |= {"direction": draw(directions), "inclusive": draw(booleans)}
        parts["offset"] = draw(st.none() | quantity_literals)
        if parts["offset"] is not None:
            parts["offset_qualifier"] = draw(st.sampled_from(QUALIFIERS))
    return syntax.Timing(phrase, **parts)


@st.composite
def retrieves(draw: st.DrawFn, inner: Trees) -> Node:
    terminology = draw(inner)
    if draw(booleans):
        return syntax.Retrieve(draw(named_types), draw(st.none() | paths), terminology=terminology)
    path = draw(st.sampled_from(["code", "a.b", "value.x[0]", "when", "odd path", "a[0].b", "in"]))
    comparator = draw(st.sampled_from(["in", "=", "~"]))
    return syntax.Retrieve(draw(named_types), draw(st.none() | paths), path, comparator, terminology)


@st.composite
def queries(draw: st.DrawFn, inner: Trees) -> Node:
    sources = st.builds(syntax.AliasedSource, inner, names)
    parts: dict[str, Any] = {}
    if draw(booleans):
        parts["lets"] = tuple(draw(st.lists(st.builds(syntax.Let, names, inner), max_size=2)))
    if draw(booleans):
        relationship = st.builds(syntax.Relationship, sources, inner, booleans)
        parts["relationships"] = tuple(draw(st.lists(relationship, max_size=2)))
    if draw(booleans):
        parts["where"] = draw(inner)
    distinct = st.sampled_from([None, True, False])
    match draw(st.integers(0, 2)):
        case 0:
            parts["returns"] = draw(st.builds(syntax.Return, inner, distinct))
        case 1:
            parts["aggregate"] = draw(st.builds(syntax.Aggregate, names, inner, st.none() | inner, distinct))
    match draw(st.integers(0, 2)):
        case 0:
            parts["sort"] = (syntax.SortBy(None, draw(booleans)),)
        case 1:
            items = st.lists(st.builds(syntax.SortBy, inner, booleans), min_size=1, max_size=2)
            parts["sort"] = tuple(draw(items))
    several = tuple(draw(st.lists(sources, min_size=1, max_size=2)))
    return syntax.Query(several, from_keyword=draw(booleans), **parts)


def _more(inner: Trees) -> Trees:
    some = st.lists(inner, max_size=3).map(tuple)
    elements = st.lists(st.tuples(names, inner), max_size=2).map(tuple)
    whens = st.lists(st.tuples(inner, inner), min_size=1, max_size=2).map(tuple)
    one_precision = st.sampled_from(PRECISIONS)
    binary = st.one_of([st.builds(node, inner, inner) for node in BINARY])
    return st.one_of(
        binary,
        binary,
        timings(inner),
        timings(inner),
        queries(inner),
        queries(inner),
        retrieves(inner),
        st.builds(tree.Property, inner, names),
        st.builds(tree.Indexer, inner, inner),
        st.builds(tree.FunctionRef, names, some, st.none() | inner),
        st.builds(tree.Negate, inner),
        st.builds(tree.Positive, inner),
        st.builds(syntax.Unary, st.sampled_from(UNARY), inner),
        st.builds(syntax.Unary, st.sampled_from(WITH_PRECISION), inner, one_precision),
        st.builds(syntax.BooleanTest, inner, st.sampled_from([None, True, False]), booleans),
        st.builds(syntax.Cast, inner, types),
        st.builds(syntax.Is, inner, types),
        st.builds(syntax.As, inner, types),
        st.builds(syntax.Convert, inner, types),
        st.builds(syntax.Convert, inner, st.none(), texts),
        st.builds(syntax.Between, inner, inner, inner, booleans),
        st.builds(
            syntax.PrecisionBetween,
            st.sampled_from(["DurationBetween", "DifferenceBetween"]),
            one_precision,
            inner,
            inner,
        ),
        st.builds(syntax.Membership, st.sampled_from(["In", "Contains"]), inner, inner, one_precision),
        st.builds(syntax.If, inner, inner, inner),
        st.builds(syntax.Case, st.none() | inner, whens, inner),
        st.builds(syntax.SetAggregate, st.sampled_from(["Expand", "Collapse"]), inner, st.none() | inner),
        st.builds(syntax.IntervalSelector, inner, inner, booleans, booleans),
        st.builds(syntax.TupleSelector, elements),
        st.builds(syntax.InstanceSelector, named_types, elements),
        st.builds(syntax.ListSelector, some, st.none() | types),
    )


expressions = st.recursive(leaves, _more, max_leaves=10)

# Libraries ------------------------------------------------------------------------------------------------------------

versions = st.none() | texts
comments = st.text("ab @:*/\n", max_size=12).map(lambda text: comment_in(as_comment(text), first=True))
heads = {"name": names, "comment": comments}
operands = st.lists(st.tuples(names, types), max_size=2).map(tuple)
dotted = st.lists(names, min_size=1, max_size=3).map(".".join)


def _lists(items: Trees) -> Trees:
    return st.lists(items, max_size=2).map(tuple)


statements = st.one_of(
    st.builds(syntax.ContextDefinition, names, st.none() | names),
    st.builds(syntax.ExpressionDefinition, **heads, public=booleans, expression=expressions),
    st.builds(
        syntax.FunctionDefinition,
        **heads,
        public=booleans,
        operands=operands,
        expression=st.none() | expressions,
        returns=st.none() | types,
        fluent=booleans,
    ),
)
libraries = st.builds(
    syntax.LibraryDefinition,
    name=dotted,
    version=versions,
    comment=comments,
    usings=_lists(st.builds(syntax.UsingDefinition, dotted, versions, st.none() | names)),
    includes=_lists(st.builds(syntax.IncludeDefinition, dotted, versions, st.none() | names)),
    parameters=_lists(
        st.builds(
            syntax.ParameterDefinition,
            **heads,
            public=booleans,
            type=st.none() | types,
            default=st.none() | expressions,
        )
    ),
    code_systems=_lists(st.builds(syntax.CodeSystemDefinition, **heads, public=booleans, id=texts, version=versions)),
    value_sets=_lists(
        st.builds(
            syntax.ValueSetDefinition,
            **heads,
            public=booleans,
            id=texts,
            version=versions,
            code_systems=_lists(qualified),
        )
    ),
    codes=_lists(
        st.builds(syntax.CodeDefinition, **heads, public=booleans, id=texts, code_system=qualified, display=displays)
    ),
    concepts=_lists(
        st.builds(
            syntax.ConceptDefinition,
            **heads,
            public=booleans,
            codes=st.lists(qualified, min_size=1, max_size=2).map(tuple),
            display=displays,
        )
    ),
    statements=_lists(statements),
)
