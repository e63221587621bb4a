"""Timing phrases become the operators that the specification says they stand for."""

from __future__ import annotations

import pytest

from questions.cql.typer.typed import expression, library, problems, said

BEFORE = "parameter A Interval<DateTime>\nparameter B Interval<DateTime>\nparameter P DateTime\nparameter Q DateTime"


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("A same day as B", "SameAs of Day(A, B)"),
        ("A starts same day or before B", "SameOrBefore of Day(Start(A), B)"),
        ("A ends same or after start B", "SameOrAfter(End(A), Start(B))"),
        ("A includes B", "Includes(A, B)"),
        ("A includes day of start B", "Contains of Day(A, Start(B))"),
        ("A properly includes B", "ProperIncludes(A, B)"),
        ("A during B", "IncludedIn(A, B)"),
        ("P during day of B", "In of Day(P, B)"),
        ("A starts during B", "In(Start(A), B)"),
        ("A properly included in B", "ProperIncludedIn(A, B)"),
        ("P properly during B", "ProperIn(P, B)"),
        ("A before B", "Before(A, B)"),
        ("A starts before day of end B", "Before of Day(Start(A), End(B))"),
        ("A on or after B", "SameOrAfter(A, B)"),
        ("A before or on day of B", "SameOrBefore of Day(A, B)"),
        ("A occurs after B", "After(A, B)"),
        # An offset: the boundaries that face one another.
        ("A 3 days before B", "SameAs of Day(End(A), Subtract(Start(B), 3 days))"),
        ("A starts 3 days after end B", "SameAs of Day(Start(A), Add(End(B), 3 days))"),
        ("P 3 days or more before Q", "SameOrBefore(P, Subtract(Q, 3 days))"),
        ("P 3 days or more after day of Q", "SameOrAfter of Day(P, Add(Q, 3 days))"),
        ("P more than 3 days before Q", "Before(P, Subtract(Q, 3 days))"),
        ("P more than 3 days after Q", "After(P, Add(Q, 3 days))"),
        ("P 3 days or less before Q", "And(In(P, [Subtract(Q, 3 days), Q)), Not(IsNull(Q)))"),
        ("P 3 days or less after Q", "And(In(P, (Q, Add(Q, 3 days)]), Not(IsNull(Q)))"),
        ("P 3 days or less on or before Q", "And(In(P, [Subtract(Q, 3 days), Q]), Not(IsNull(Q)))"),
        ("P less than 3 days before Q", "In(P, (Subtract(Q, 3 days), Q))"),
        ("P less than 3 days on or after Q", "And(In(P, [Q, Add(Q, 3 days))), Not(IsNull(Q)))"),
        ("P 3 days or less before day of Q", "And(In of Day(P, [Subtract(Q, 3 days), Q)), Not(IsNull(Q)))"),
        ("P within 3 days of Q", "And(In(P, [Subtract(Q, 3 days), Add(Q, 3 days)]), Not(IsNull(Q)))"),
        ("A starts within 3 days of B", "In(Start(A), [Subtract(Start(B), 3 days), Add(End(B), 3 days)])"),
        ("P properly within 3 days of Q", "In(P, (Subtract(Q, 3 days), Add(Q, 3 days)))"),
        ("A meets B", "Meets(A, B)"),
        ("A meets before day of B", "MeetsBefore of Day(A, B)"),
        ("A overlaps after B", "OverlapsAfter(A, B)"),
        ("A starts B", "Starts(A, B)"),
        ("A ends day of B", "Ends of Day(A, B)"),
        ("P in day of B", "In of Day(P, B)"),
        ("B contains P", "Contains(B, P)"),
    ],
)
def test_phrase(text: str, tree: str) -> None:
    assert said(expression(text, before=BEFORE)) == tree


def test_lists_are_included_too() -> None:
    assert said(expression("{1} included in {1, 2}")) == "IncludedIn({1}, {1, 2})"
    assert said(expression("1 included in {1, 2}")) == "In(1, {1, 2})"
    assert said(expression("{{1}} includes {1}")) == "Contains({{1}}, {1})"


def test_a_date_is_compared_with_times_as_a_date_time() -> None:
    assert said(expression("@2012-01-01 during B", before=BEFORE)) == "In(ToDateTime(2012-01-01), B)"


def test_a_precision_where_there_is_none_is_an_error() -> None:
    (problem,) = problems("define E: Interval[1, 2] union Interval[3, 4]\ndefine F: { 1 } included in day of { 1 }")
    assert "no precision" in problem.problem
    assert problem.line == 2


def test_of_fhir_periods() -> None:
    found = library(
        "using FHIR version '4.0.1'\nparameter B Interval<DateTime>\ncontext Patient\n"
        "define E: [Encounter] X where X.period during B"
    )
    assert said(found.expressions["E"].expression) == (
        "([Encounter] X where IncludedIn(FHIRHelpers.ToInterval(X.period), B))"
    )
