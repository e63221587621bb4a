"""Whatever text comes in, the parser answers soon, with a tree or with errors that have a place."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.questions.suites import SUITES

from bedside.questions.cql.parser import parse_expression, parse_library
from bedside.questions.cql.parser.words import KEYWORDS, PAIRS
from bedside.questions.errors import ParseError

LIBRARIES = [file.read_text() for file in sorted((SUITES / "measures" / "cql").glob("*.cql"))]
OWN = """\
library L version '1'
using FHIR version '4.0.1'
valueset "V": 'http://example.org/v'
parameter P Interval<DateTime>
context Patient
// tag
define "A": [Encounter: "V"] E with [Condition] C such that C.x starts 3 days or more before day of start E.y
  where E.y included in P return all Tuple { id: E.id, n: case when E.a then 1L else cast E.b as Integer end } sort by n desc
define fluent function f(x List<Choice<Integer, String>>): if x is not null then First(x) else '\\u0041'
"""
symbols = "-+*/&|<>=~().,[]{}%^:@$'\"`#!\\ \n0159.LTZ"
pieces = st.one_of(
    st.sampled_from(sorted(KEYWORDS | PAIRS.keys() | {"than", "that"})),
    st.sampled_from([*symbols, "->", "!=", "//", "/*", "*/", "@2014-01-01T", "@T12", "1.5", "'mg'", '"A B"', "$this"]),
    st.sampled_from(["a", "B", "Interval[", "List<", "define X:", "such that", "included in"]),
)
bytes_as_text = st.binary(max_size=60).map(lambda data: data.decode("latin-1"))
anything = st.one_of(st.text(max_size=40), bytes_as_text, st.lists(pieces, max_size=25).map(" ".join))
common = settings(max_examples=300, deadline=2_000, suppress_health_check=[HealthCheck.too_slow])


def _located(error: ParseError) -> bool:
    return 0 <= error.span.start <= error.span.end <= len(error.source) and bool(str(error)) and bool(error.excerpt())


def _error_of(text: str) -> ParseError | None:
    try:
        parse_expression(text)
    except ParseError as error:
        return error
    return None


@common
@given(anything)
def test_any_text_is_an_expression_or_an_error_with_a_place(text: str) -> None:
    error = _error_of(text)
    assert error is None or _located(error)


@common
@given(anything)
def test_any_text_is_read_as_a_library(text: str) -> None:
    _, errors = parse_library(text)
    assert all(map(_located, errors))


@st.composite
def mutations(draw: st.DrawFn) -> str:
    """A library in which a few characters are lost, doubled, moved or replaced."""
    text = draw(st.sampled_from([OWN, *LIBRARIES]))
    if len(text) > 4_000:
        start = draw(st.integers(0, len(text) - 4_000))
        text = text[start : start + 4_000]
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        length = draw(st.integers(0, 30))
        to = draw(st.integers(0, len(text)))
        match draw(st.integers(0, 3)):
            case 0:
                text = text[:at] + text[at + length :]
            case 1:
                text = text[:at] + draw(pieces) + text[at:]
            case 2:
                text = text[:to] + text[at : at + length] + text[to:]
            case 3:
                text = text[:at] + draw(pieces) + text[at + length :]
    return text


@common
@given(mutations())
def test_a_damaged_library_is_read_to_its_end(text: str) -> None:
    _, errors = parse_library(text)
    assert all(map(_located, errors))
    assert len(errors) <= 51


SIZE = 20_000


@pytest.mark.parametrize(
    "text",
    [
        "(" * SIZE,
        "(" * SIZE + "1" + ")" * SIZE,
        "[A: " * SIZE,
        "{" * SIZE,
        "{ a: " * SIZE,
        "Interval[" * SIZE,
        "List<" * SIZE,
        "a is " + "List<" * SIZE,
        "f(" * SIZE,
        "a[" * SIZE,
        "-" * SIZE,
        "not " * SIZE,
        "exists " * SIZE,
        "cast " * SIZE,
        "cast a as " * SIZE,
        "a between distinct " * SIZE,
        "if a then b else " * SIZE,
        "case when " * SIZE,
        "start of " * SIZE,
        "A X where " * SIZE,
        "A X, " * SIZE,
        "f(A X, " * SIZE,
        "A.b.c, " * SIZE,
        "A X where B Y, " * 90 + "a." * SIZE,
        "[A: " + "a." * SIZE,
        "[" + "a." * SIZE,
        "1 + " * SIZE,
        "a and " * SIZE,
        "a." * SIZE,
        "a starts " * SIZE,
        "a 3 days before " * SIZE,
        "define X: " * SIZE,
        "define X: a\n" * SIZE,
        "define\n" * SIZE,
        "defne X: a\n" * SIZE,
        "define X: (\n" * SIZE,
        "valueset " * SIZE,
        "// c\n" * SIZE + "define X: 1",
        "/*" * SIZE,
        "/* *" * SIZE,
        "'\\'" * SIZE,
        "'\n" * SIZE + "'",
        "\"\n'\n`\n" * SIZE,
        "\\" * SIZE,
        "'" + "\\" * SIZE,
        "#" * SIZE,
        "9" * SIZE,
        "0." + "0" * SIZE + "1",
        "x" * SIZE,
        "define " + "x" * SIZE + " 1",
        "@2014-01-01T12:00:00." + "9" * SIZE,
        " " * 2_000_001,
    ],
    ids=lambda text: text[:20],
)
def test_long_and_deep_text_takes_time_in_proportion(text: str) -> None:
    began = time.process_time()
    _, errors = parse_library(text)
    parse_library("define X: " + text)
    error = _error_of(text)
    assert error is None or _located(error)
    assert all(map(_located, errors))
    assert time.process_time() - began < 5
