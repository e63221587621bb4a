"""The type of every kind of expression, and the conversions that are written out for it."""

from __future__ import annotations

import pytest

from questions.cql.typer.typed import expression, said, type_of


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ("1", "Integer"),
        ("1L", "Long"),
        ("1.0", "Decimal"),
        ("'a'", "String"),
        ("@2012", "Date"),
        ("@2012T", "DateTime"),
        ("@T10", "Time"),
        ("5 'mg'", "Quantity"),
        ("1 'mg' : 2 'L'", "Ratio"),
        ("null", "Any"),
        ("1 + 2.0", "Decimal"),
        ("1 + 2L", "Long"),
        ("1 / 2", "Decimal"),
        ("5 'mg' * 2", "Quantity"),
        ("@2012 + 1 year", "Date"),
        ("'a' + 'b'", "String"),
        ("'a' & null", "String"),
        ("{1, 2}", "List<Integer>"),
        ("{1, 2.0, null}", "List<Decimal>"),
        ("{1, 'a'}", "List<Choice<Integer, String>>"),
        ("{}", "List<Any>"),
        ("List<Decimal>{1}", "List<Decimal>"),
        ("Interval[1, 2.0]", "Interval<Decimal>"),
        ("Interval[@2012, null]", "Interval<Date>"),
        ("Tuple { b: 1, a: 'x' }", "Tuple{a String, b Integer}"),
        ("Tuple { a: 1 }.a", "Integer"),
        ("{ Tuple { a: 1 } }.a", "List<Integer>"),
        ("{ Tuple { a: { 1 } } }.a", "List<Integer>"),
        ("Interval[1, 2].low", "Integer"),
        ("Interval[1, 2].lowClosed", "Boolean"),
        ("Quantity { value: 1, unit: 'g' }.value", "Decimal"),
        ("if true then 1 else 2.0", "Decimal"),
        ("if true then 1 else null", "Integer"),
        ("if true then 1 else 'a'", "Choice<Integer, String>"),
        ("case when true then 1 else 2L end", "Long"),
        ("case 1 when 2.0 then 'a' else null end", "String"),
        ("null as Interval<Date>", "Interval<Date>"),
        ("1 is Integer", "Boolean"),
        ("convert 1 to String", "String"),
        ("convert '1' to Integer", "Integer"),
        ("convert 5 'mg' to 'g'", "Quantity"),
        ("Coalesce(null, 1, 2.0)", "Decimal"),
        ("Coalesce({1, 2})", "Integer"),
        ("First({1})", "Integer"),
        ("Sum({1.0})", "Decimal"),
        ("Count({1.0})", "Integer"),
        ("singleton from {'a'}", "String"),
        ("flatten {{1}}", "List<Integer>"),
        ("distinct {1}", "List<Integer>"),
        ("collapse {Interval[1, 2]}", "List<Interval<Integer>>"),
        ("expand {Interval[1, 2]} per 1", "List<Interval<Integer>>"),
        ("{1} union {'a'}", "List<Choice<Integer, String>>"),
        ("{1} union {2.0}", "List<Choice<Decimal, Integer>>"),
        ("{1} except {'a'}", "List<Integer>"),
        ("{1} intersect {2}", "List<Integer>"),
        ("Interval[1, 2] union Interval[2, 3]", "Interval<Integer>"),
        ("null union {1}", "List<Integer>"),
        ("minimum Integer", "Integer"),
        ("start of Interval[@2012, @2013]", "Date"),
        ("width of Interval[1.0, 2.0]", "Decimal"),
        ("duration in days of Interval[@2012, @2013]", "Integer"),
        ("date from @2012-01-01T10", "Date"),
        ("month from @2012-01-01", "Integer"),
        ("successor of @2012", "Date"),
        ("{'a'}[0]", "String"),
        ("'abc'[0]", "String"),
        ("Now()", "DateTime"),
        ("Tail({1})", "List<Integer>"),
        ("Skip({1}, 1)", "List<Integer>"),
        ("Take({1}, 1)", "List<Integer>"),
        ("Message('a', true, 'c', 'Trace', 'm')", "String"),
    ],
)
def test_type(text: str, type_: str) -> None:
    assert type_of(text) == type_


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("1 + 2.0", "Add(ToDecimal(1), 2.0)"),
        ("1 = null", "Equal(1, (null as Integer))"),
        ("1 != 2", "Not(Equal(1, 2))"),
        ("1 !~ 2", "Not(Equivalent(1, 2))"),
        ("1 is not null", "Not(IsNull(1))"),
        ("true is not false", "Not(IsFalse(true))"),
        ("1 between 0 and 2", "And(GreaterOrEqual(1, 0), LessOrEqual(1, 2))"),
        ("1 properly between 0 and 2", "And(Greater(1, 0), Less(1, 2))"),
        ("Interval[1, 2] between 0 and 3", "IncludedIn([1, 2], [0, 3])"),
        ("'a' & 'b'", "Concatenate(Coalesce('a', ''), Coalesce('b', ''))"),
        ("if true then 1 else null", "if true then 1 else (null as Integer)"),
        ("Take({1}, 2)", "Slice({1}, 0, Coalesce(2, 0))"),
        ("Interval[1, 2.0]", "[ToDecimal(1), 2.0]"),
        ("convert 3 days to hours", "ConvertQuantity(3 days, 'h')"),
        ("exists {1}", "Exists({1})"),
        ("exists 1", "Exists(ToList(1))"),
        ("{1} union {2} union {3} union {4}", "Union(Union({1}, {2}), Union({3}, {4}))"),
        ("years between @2012 and @2013T", "DurationBetween of Year(ToDateTime(2012), 2013)"),
    ],
)
def test_tree(text: str, tree: str) -> None:
    assert said(expression(text)) == tree


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("({1, 2}).where($this > 1)", "{1, 2}.where(Greater($this, 1))"),
        ("({1, 2}).exists($this > 1)", "Exists({1, 2}.where(Greater($this, 1)))"),
        ("({1, 2}).all($this > 1)", "AllTrue({1, 2}.select(Greater($this, 1)))"),
        ("(5).empty()", "Not(Exists(ToList(5)))"),
        ("({1}).first()", "First({1})"),
        ("({1}).count()", "Count({1})"),
        ("({1}).tail()", "Slice({1}, 1, null)"),
        ("({1}).union({2})", "Union({1}, {2})"),
        ("({1}).exclude({2})", "Except({1}, {2})"),
        ("('abc').substring(1)", "Substring('abc', 1)"),
        ("('abc').contains('b')", "GreaterOrEqual(PositionOf('b', 'abc'), 0)"),
        ("(1).toString()", "ToString(1)"),
        ("(true).not()", "Not(true)"),
        ("(4.0).sqrt()", "Power(4.0, 0.5)"),
        ("(5).iif(true, 1, 2.0)", "if true then ToDecimal(1) else 2.0"),
        ("({1}).select($index)", "{1}.select($index).where(Not(IsNull($this)))"),
    ],
)
def test_methods(text: str, tree: str) -> None:
    assert said(expression(text)) == tree


def test_of_type_narrows() -> None:
    assert type_of("({1, 'a'}).ofType(Integer)") == "List<Integer>"


def test_aggregate_method_knows_its_total() -> None:
    assert type_of("({1, 2}).aggregate($this + $total, 0)") == "Integer"
    assert type_of("({1, 2}).aggregate($this + $total, 0.5)") == "Decimal"


def test_a_long_chain_needs_no_depth() -> None:
    found = expression(" or ".join(["true"] * 900))
    assert said(found).startswith("Or(" * 899)


def test_a_long_chain_of_unions_is_a_low_tree() -> None:
    depth, deepest = 0, 0
    for char in said(expression(" union ".join(["{1}"] * 512))):
        depth += {"(": 1, ")": -1}.get(char, 0)
        deepest = max(depth, deepest)
    assert deepest == 9
