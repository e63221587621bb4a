"""Reading expressions: precedence, literals, names, places of errors, bounds."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bedside.questions import tree
from bedside.questions.errors import ParseError
from bedside.questions.lexer import MAX_LENGTH, Kind, tokenize
from bedside.questions.parser import MAX_DEPTH, MAX_HEIGHT, parse
from bedside.questions.printer import show
from bedside.questions.tree import IdentifierRef, Literal, Node
from bedside.questions.values import Date, DateTime, Quantity, Time


def a(name: str) -> IdentifierRef:
    return IdentifierRef(name)


@pytest.mark.parametrize(
    ("loose", "explicit"),
    [
        ("a or b and c", "a or (b and c)"),
        ("a implies b or c", "a implies (b or c)"),
        ("a implies b implies c", "(a implies b) implies c"),
        ("a and b = c", "a and (b = c)"),
        ("a = b in c", "(a = b) in c"),
        ("a = b > c", "a = (b > c)"),
        ("a > b | c", "a > (b | c)"),
        ("a | b is C", "a | (b is C)"),
        ("a | b as C", "a | (b as C)"),
        ("a + b is C", "(a + b) is C"),
        ("a + b * c", "a + (b * c)"),
        ("a - b - c", "(a - b) - c"),
        ("a & b + c", "(a & b) + c"),
        ("-a * b", "(-a) * b"),
        ("-a.b[0]", "-(a.b[0])"),
        ("- -a", "-(-a)"),
        ("a.b(c).d[e]", "((a.b(c)).d)[e]"),
        ("a is B[0]", "(a is B)[0]"),
        ("a xor b or c", "(a xor b) or c"),
    ],
)
def test_precedence(loose: str, explicit: str) -> None:
    assert parse(loose) == parse(explicit)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("0", 0),
        ("007", 7),
        ("1.50", Decimal("1.50")),
        ("'it\\'s \\u0041\\n'", "it's A\n"),
        ("'\\ud83d\\ude00'", "😀"),
        ("'\\p\\3'", "p3"),
        ("@2015", Date(2015)),
        ("@2016-02-29", Date(2016, 2, 29)),
        ("@2015T", DateTime(2015)),
        ("@2015-02-04T14", DateTime(2015, 2, 4, 14)),
        ("@2015-02-04T14:34:28.120-05:30", DateTime(2015, 2, 4, 14, 34, Decimal("28.120"), -330)),
        ("@T14:34:28", Time(14, 34, Decimal(28))),
        ("4 days", Quantity(Decimal(4), "day", calendar=True)),
        ("1.0 year", Quantity(Decimal("1.0"), "year", calendar=True)),
        ("10 'mg/dL'", Quantity(Decimal(10), "mg/dL")),
    ],
)
def test_literals(text: str, value: object) -> None:
    node = parse(text)
    assert isinstance(node, Literal)
    assert node.value == value
    assert type(node.value) is type(value)
    if isinstance(value, Decimal):
        assert str(node.value) == str(value)


def test_paths_and_names() -> None:
    assert parse("a.div.b") == parse("a.`div`.b") == tree.Property(tree.Property(a("a"), "div"), "b")
    assert parse("contains.as.is.in") == tree.Property(tree.Property(tree.Property(a("contains"), "as"), "is"), "in")
    assert parse("a contains contains") == tree.Contains(a("a"), a("contains"))
    assert parse("%`vs-x` | %'y' | %z").left.right == tree.ParameterRef("y")  # type: ignore[attr-defined]
    assert parse("repeat($this)") == tree.FunctionRef("repeat", (tree.Current(),))
    assert parse("day | 1 day.year") == tree.Union(
        a("day"), tree.Property(Literal(Quantity(Decimal(1), "day", calendar=True), "Quantity"), "year")
    )
    assert parse("a // one\n/* two * */ .b") == parse("a.b")
    assert parse("{}") == tree.Null()


def test_spans_lead_back_to_the_text() -> None:
    text = "  Patient.name.where(use = 'official')[0] is HumanName"
    for node in tree.walk(parse(text)):
        part = text[node.span.start : node.span.end]
        if not isinstance(node, tree.NamedTypeSpecifier):
            assert parse(part) == node


@pytest.mark.parametrize(
    ("text", "line", "column", "word"),
    [
        ("", 1, 1, "too early"),
        ("2 + 2 /", 1, 8, "too early"),
        ("2 + 2 /* open", 1, 7, "not closed"),
        ("a.\n  b.(c)", 2, 5, "name"),
        ("a.true", 1, 3, "backticks"),
        ("and", 1, 1, "backticks"),
        ("'abc", 1, 1, "closing quote"),
        ("`abc", 1, 1, "backtick"),
        ('a."b"', 1, 3, '"b"'),
        ('"b"', 1, 1, "backticks"),
        ("(1", 1, 3, "')'"),
        ("f(1,", 1, 5, "too early"),
        ("a[1", 1, 4, "']'"),
        ("{1}", 1, 2, "'}'"),
        ("a b", 1, 3, "operator"),
        ("@2015-13", 1, 1, "month 13"),
        ("@2015-02-30", 1, 1, "no day 30"),
        ("@T25", 1, 1, "hour 25"),
        ("@2015-01-01T00:00+15:00", 1, 1, "zone"),
        ("2147483648", 1, 1, "2147483648.0"),
        ("9" * 5000, 1, 1, "greatest Integer"),
        ("a.$this", 1, 3, "dot"),
        ("$that", 1, 1, "$index"),
        ("'\\ud800'", 1, 1, "half a character"),
        ("a ! b", 1, 3, "!="),
        ("a is 5", 1, 6, "type"),
        ("a # b", 1, 3, "'#'"),
        ("a is B.C.d", 1, 9, "parentheses"),
    ],
)
def test_errors_say_where_and_what(text: str, line: int, column: int, word: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse(text)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert word in str(caught.value)
    assert "^" in caught.value.excerpt()


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100_000,
        "-" * 100_000 + "1",
        "f(" * 50_000 + ")" * 50_000,
        "a" + ".a" * 50_000,
        "1" + " + 1" * 40_000,
        "a" + "[0]" * 40_000,
        "a is B" * 20_000,
        "'" * 99_999,
        " " * (MAX_LENGTH + 1),
    ],
)
def test_bounds_are_errors_and_not_crashes(text: str) -> None:
    with pytest.raises(ParseError):
        parse(text)


def test_what_is_within_the_bounds_parses() -> None:
    assert parse("(" * (MAX_DEPTH - 1) + "1" + ")" * (MAX_DEPTH - 1)) == Literal(1, "Integer")
    assert tree.height(parse("a" + ".a" * (MAX_HEIGHT - 1)))[0] == MAX_HEIGHT
    with pytest.raises(ParseError):
        parse("a" + ".a" * MAX_HEIGHT)


def test_a_tree_is_immutable_and_can_be_a_key() -> None:
    node = parse("a.b")
    with pytest.raises(AttributeError):
        node.path = "c"  # type: ignore[attr-defined]
    assert {node: 1}[parse(" a . b ")] == 1


def test_walk_goes_parents_first_in_order_of_the_text() -> None:
    names = [n.name if isinstance(n, IdentifierRef) else type(n).__name__ for n in tree.walk(parse("f(a, b).c | d"))]
    assert names == ["Union", "Property", "FunctionRef", "a", "b", "d"]


def test_tokens_have_places() -> None:
    tokens = tokenize("a  <= 'b'")
    assert [(t.kind, t.text, t.start, t.end) for t in tokens] == [
        (Kind.NAME, "a", 0, 1),
        (Kind.SYMBOL, "<=", 3, 5),
        (Kind.STRING, "b", 6, 9),
        (Kind.END, "", 9, 9),
    ]


def test_printing_puts_parentheses_only_where_needed() -> None:
    text = "(a or b) and not(c) implies -(d + e) * f.`and` is System.Quantity"
    assert show(parse(f"(({text}))")) == text


def test_printing_refuses_what_is_no_expression() -> None:
    with pytest.raises(TypeError):
        show(Node())
