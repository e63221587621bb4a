"""Reading CQL: precedence, phrases, literals, names, and the bounds of what is read."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from tests.questions.suites import suite

from bedside.questions import tree
from bedside.questions.cql import syntax
from bedside.questions.cql.parser import parse_expression
from bedside.questions.cql.parser.expressions import MAX_HEIGHT
from bedside.questions.cql.syntax import NamedTypeSpecifier, Timing
from bedside.questions.cql.values import Long, Ratio
from bedside.questions.errors import ParseError
from bedside.questions.parser import MAX_DEPTH
from bedside.questions.tree import IdentifierRef, Literal, Node
from bedside.questions.values import Date, DateTime, Quantity, Time

SENTENCES = Path(__file__).with_name("grammar-sentences.txt")
A, B, X = IdentifierRef("A"), IdentifierRef("B"), IdentifierRef("X")
DAYS = Literal(Quantity(Decimal(3), "day", calendar=True), "Quantity")


def _sentences() -> list[tuple[str, str]]:
    lines = [line for line in SENTENCES.read_text().splitlines() if not line.startswith("#")]
    return list(zip(lines[::2], (line.removeprefix("= ") for line in lines[1::2]), strict=True))


def test_sentences_are_understood_as_the_grammar_orders_its_alternatives() -> None:
    sentences = _sentences()
    assert len(sentences) == 360
    for text, understood in sentences:
        if understood == "(rejected)":
            with pytest.raises(ParseError):
                parse_expression(text)
        else:
            assert parse_expression(text) == parse_expression(understood), text


@pytest.mark.parametrize(
    ("loose", "explicit"),
    [
        ("a or b and c", "a or (b and c)"),
        ("a implies b or c", "a implies (b or c)"),
        ("not a = b", "(not a) = b"),
        ("exists A union B", "(exists A) union B"),
        ("a union b intersect c", "(a union b) intersect c"),
        ("a = b before c", "a = (b before c)"),
        ("a before b < c", "a before (b < c)"),
        ("a in b = c", "a in (b = c)"),
        ("2 ^ 3 ^ 2", "(2 ^ 3) ^ 2"),
        ("-2 ^ 2", "(-2) ^ 2"),
        ("start of a.b + 1", "(start of (a.b)) + 1"),
        ("distinct a union b", "distinct (a union b)"),
        ("if a then b else c + d and e", "if a then b else ((c + d) and e)"),
        ("A union B X where X.y and z", "A union (B X where (X.y and z))"),
        ("a between b and c and d", "(a between b and c) and d"),
        ("a properly between b and c", "a properly between (b) and (c)"),
        ("years between a and b > 5", "(years between a and b) > 5"),
        ("cast a as B as C", "cast (a as B) as C"),
        ("cast a as B and cast c as D", "(cast a as B) and (cast c as D)"),
        ("cast a as B same as c", "(cast a as B) same as c"),
        ("a between distinct b and c and d", "a between (distinct (b and c)) and d"),
        ("a is not null and b is List<Integer>", "(a is not null) and (b is List<Integer>)"),
        ("maximum Integer.f()", "(maximum Integer).f()"),
    ],
)
def test_precedence(loose: str, explicit: str) -> None:
    assert parse_expression(loose) == parse_expression(explicit)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A same day as B", Timing("Concurrent", A, B, precision="Day")),
        ("A starts same or before end B", Timing("Concurrent", A, B, "Start", "End", direction="Before")),
        ("A properly includes day of start B", Timing("Includes", A, B, None, "Start", "Day", properly=True)),
        ("A during B", Timing("IncludedIn", A, B)),
        ("A ends properly included in day of B", Timing("IncludedIn", A, B, "End", None, "Day", properly=True)),
        ("A occurs before B", Timing("BeforeOrAfter", A, B, direction="Before")),
        ("A on or before B", Timing("BeforeOrAfter", A, B, direction="Before", inclusive=True)),
        ("A after or on day of B", Timing("BeforeOrAfter", A, B, None, None, "Day", "After", inclusive=True)),
        (
            "A starts 3 days or less before day of end B",
            Timing("BeforeOrAfter", A, B, "Start", "End", "Day", "Before", offset=DAYS, offset_qualifier="OrLess"),
        ),
        (
            "A less than 3 days after B",
            Timing("BeforeOrAfter", A, B, direction="After", offset=DAYS, offset_qualifier="LessThan"),
        ),
        ("A ends within 3 days of start B", Timing("Within", A, B, "End", "Start", offset=DAYS)),
        ("A meets before B", Timing("Meets", A, B, direction="Before")),
        ("A overlaps day of B", Timing("Overlaps", A, B, precision="Day")),
        ("A starts B", Timing("Starts", A, B)),
        ("A ends day of B", Timing("Ends", A, B, precision="Day")),
        ("A before start of B", Timing("BeforeOrAfter", A, syntax.Unary("Start", B), direction="Before")),
        ("A before start", Timing("BeforeOrAfter", A, IdentifierRef("start"), direction="Before")),
        ("A in day of B", syntax.Membership("In", A, B, "Day")),
        ("A contains B", tree.Contains(A, B)),
    ],
)
def test_timing_phrases(text: str, expected: Node) -> None:
    assert parse_expression(text) == expected
    assert parse_expression(text.replace(" ", "  \n")) == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2147483647", 2**31 - 1),
        ("-2147483648", -(2**31)),
        ("9223372036854775807L", Long(2**63 - 1)),
        ("-9223372036854775808L", Long(-(2**63))),
        ("007", 7),
        ("1.50", Decimal("1.50")),
        ("9999999999999999999999999999.99999999", Decimal("9999999999999999999999999999.99999999")),
        ("5.999999999 'g'", Quantity(Decimal("5.999999999"), "g")),
        ("4 months", Quantity(Decimal(4), "month", calendar=True)),
        ("1:128", Ratio(Quantity(Decimal(1)), Quantity(Decimal(128)))),
        ("5 'mg' : 10 'mL'", Ratio(Quantity(Decimal(5), "mg"), Quantity(Decimal(10), "mL"))),
        ("'it\\'s \\u0041\\n'", "it's A\n"),
        ("@2014", Date(2014)),
        ("@2014-01-25", Date(2014, 1, 25)),
        ("@2014T", DateTime(2014)),
        ("@2014-01T", DateTime(2014, 1)),
        ("@2014-01-25T-05:00", DateTime(2014, 1, 25, offset=-300)),
        ("@2014TZ", DateTime(2014, offset=0)),
        ("@2014-01-25T14:30:14.5Z", DateTime(2014, 1, 25, 14, 30, Decimal("14.500"), 0)),
        ("@T12:00:00.10000", Time(12, 0, Decimal("0.100"))),
        ("@T12", Time(12)),
    ],
)
def test_literals(text: str, value: object) -> None:
    node = parse_expression(text)
    assert isinstance(node, Literal)
    assert node.value == value
    assert type(node.value) is type(value)
    if isinstance(value, Decimal | DateTime | Time):
        assert str(node.value) == str(value)


@pytest.mark.parametrize(
    ("text", "column", "word"),
    [
        ("2147483648", 1, "2147483648L"),
        ("-2147483649", 2, "2147483649"),
        ("- 2147483648.f()", 3, "2147483648"),
        ("9223372036854775808L", 1, "Long"),
        ("9" * 5000, 1, "..."),
        ("0.000000001", 1, "8 digits"),
        ("10000000000000000000000000000.0", 1, "28 digits"),
        ("@2014-02-30", 1, "no day 30"),
        ("@2014-01T12", 1, "no whole day"),
        ("@T24:00", 1, "hour 24"),
        ("@2014-01-01T00+15:00", 1, "zone"),
        ("$that", 1, "$index"),
        ("a.", 3, "too early"),
        ("a.when", 3, '"when" in double quotes'),
        ("day", 4, "'from'"),
        ("[A].b", 4, "'.'"),
        ("1 + exists A", 5, "parentheses"),
        ("f(a) X where X", 6, "in parentheses"),
        ("A X whre X.y", 5, "did you mean where?"),
        ("A unon B", 3, "did you mean union?"),
        ("exsts [A: b]", 1, "did you mean exists?"),
        ("A X return X.y where X.z", 16, "in their order"),
        ("A starts properly includes B", 19, "'during'"),
        ("if a then b", 12, "'else'"),
        ("Interval[1, 2", 14, "']' or ')'"),
        ("a is not Integer", 10, "'null'"),
        ("cast a", 7, "'as'"),
        ("A X return distinct", 20, "too early"),
        ('Code { "x" }', 12, "':'"),
        ("'abc", 1, "closing quote"),
        ("a /* b", 3, "not closed"),
        ("", 1, "too early"),
    ],
)
def test_errors_say_where_and_what(text: str, column: int, word: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse_expression(text)
    assert caught.value.column == column
    assert word in str(caught.value)
    assert "^" in caught.value.excerpt()


def test_names_and_keywords() -> None:
    assert parse_expression("date from start of end.code") == syntax.Unary(
        "DateFrom", syntax.Unary("Start", tree.Property(IdentifierRef("end"), "code"))
    )
    assert parse_expression("contains contains contains") == tree.Contains(
        IdentifierRef("contains"), IdentifierRef("contains")
    )
    assert parse_expression('"and" and `or`') == tree.And(IdentifierRef("and"), IdentifierRef("or"))
    assert parse_expression("a.exists(b).where()") == tree.FunctionRef(
        "where", (), tree.FunctionRef("exists", (IdentifierRef("b"),), IdentifierRef("a"))
    )
    assert parse_expression("A on") == syntax.Query((syntax.AliasedSource(A, "on"),))
    assert parse_expression("%code") == parse_expression("%'code'") == syntax.ExternalConstant("code")


def test_braces_are_lists_tuples_or_instances() -> None:
    one = Literal(1, "Integer")
    assert parse_expression("{}") == parse_expression("List { }") == syntax.ListSelector(())
    assert parse_expression("{ 1 }") == syntax.ListSelector((one,))
    assert parse_expression("List<code> { }") == syntax.ListSelector((), NamedTypeSpecifier("code"))
    assert parse_expression("{:}") == parse_expression("Tuple { : }") == syntax.TupleSelector(())
    assert parse_expression("{ a: 1 }") == syntax.TupleSelector((("a", one),))
    assert parse_expression("FHIR.Patient.Contact { a: 1 }") == syntax.InstanceSelector(
        NamedTypeSpecifier("Patient.Contact", "FHIR"), (("a", one),)
    )
    assert parse_expression("Code { : }") == syntax.InstanceSelector(NamedTypeSpecifier("Code"), ())
    code = syntax.CodeSelector("1", syntax.QualifiedName("c", "L"), "one")
    assert parse_expression("Concept { Code '1' from L.c display 'one' }") == syntax.ConceptSelector((code,))


def test_retrieves() -> None:
    kind = NamedTypeSpecifier("Observation", "FHIR")
    assert parse_expression("[FHIR.Observation]") == syntax.Retrieve(kind)
    assert parse_expression("[p.q -> FHIR.Observation: A]") == syntax.Retrieve(
        kind, tree.Property(IdentifierRef("p"), "q"), terminology=A
    )
    assert parse_expression("[FHIR.Observation: component[0].code ~ A]") == syntax.Retrieve(
        kind, None, "component[0].code", "~", A
    )
    assert parse_expression("[FHIR.Observation: B in day of A]") == syntax.Retrieve(
        kind, terminology=syntax.Membership("In", B, A, "Day")
    )


def test_queries() -> None:
    text = """from A a, (B) b let l: a.x, m: 1 with [C] c such that c.y without X d such that true where a.z
        aggregate distinct R starting 5: R + 1 sort by u desc, v"""
    node = parse_expression(text)
    assert isinstance(node, syntax.Query)
    assert [(each.source, each.alias) for each in node.sources] == [(A, "a"), (B, "b")]
    assert [each.name for each in node.lets] == ["l", "m"]
    assert [(each.source.alias, each.without) for each in node.relationships] == [("c", False), ("d", True)]
    assert node.aggregate is not None
    assert node.aggregate.starting == Literal(5, "Integer")
    assert node.aggregate.distinct is True
    assert [(each.expression, each.descending) for each in node.sort] == [
        (IdentifierRef("u"), True),
        (IdentifierRef("v"), False),
    ]
    assert node.from_keyword
    assert parse_expression("X A sort descending") == syntax.Query(
        (syntax.AliasedSource(X, "A"),), sort=(syntax.SortBy(None, descending=True),)
    )
    call = parse_expression("f(X A sort by u, v + 1, [C] c)")
    assert isinstance(call, tree.FunctionRef)
    assert len(call.operand) == 2


def test_spans_lead_back_to_the_text() -> None:
    text = "  exists ( [A: B] X where X.y[0] starts 3 days before B )  or f(1.5 'mg')"
    for node in _nodes(parse_expression(text)):
        part = text[node.span.start : node.span.end]
        if isinstance(
            node, Literal | tree.BinaryExpression | tree.FunctionRef | Timing | syntax.Retrieve | syntax.Query
        ):
            assert parse_expression(part) == node


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for field in node.__struct_fields__:
        value = getattr(node, field)
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, Node):
                yield from _nodes(each)


def test_what_is_within_the_bounds_is_read() -> None:
    assert parse_expression("(" * (MAX_DEPTH - 1) + "1" + ")" * (MAX_DEPTH - 1)) == Literal(1, "Integer")
    parse_expression("a" + " or a" * (MAX_HEIGHT - 1))
    for text in ("a" + " or a" * MAX_HEIGHT, "a" + ".a" * MAX_HEIGHT, "a" + " is null" * MAX_HEIGHT):
        with pytest.raises(ParseError, match="levels high"):
            parse_expression(text)
    with pytest.raises(ParseError, match="levels deep"):
        parse_expression("(" * MAX_DEPTH)


CONTRADICTED = {
    "FloorIntegerGreaterThanMaxInteger": "2147483648 is no Integer; the same literal must be refused in the cases of Ceiling",
    "FloorIntegerLessThanMinInteger": "-2147483649 is no Integer; the same literal must be refused in the cases of Ceiling",
}
SYNTAX = {"Ceiling(2147483648)", "Ceiling(-2147483649)", "hours between @T06Z and @T07:00:00Z", "@T24:59:59.999"}


def test_the_expressions_of_cql_tests_are_read() -> None:
    space = "{http://hl7.org/fhirpath/tests}"
    count, refused = 0, set()
    for file in sorted(suite("cql-tests/tests/cql").glob("*.xml")):
        for case in ElementTree.parse(file).iter(f"{space}test"):
            expression = case.find(f"{space}expression")
            assert expression is not None
            text = expression.text or ""
            count += 1
            try:
                parse_expression(text)
            except ParseError:
                refused.add(text)
                assert expression.get("invalid") not in (None, "false") or case.get("name") in CONTRADICTED
    assert count == 1823
    assert refused >= SYNTAX
    assert len(refused) == 19
