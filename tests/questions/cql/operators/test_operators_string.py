"""Strings and regular expressions (ELM 17)."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from operator_calls import call

from bedside.questions.cql.operators import regex
from bedside.questions.errors import EvaluationError

CASES: list[tuple[str, tuple[Any, ...], Any]] = [
    ("Concatenate", ("John", " Doe"), "John Doe"),
    ("Concatenate", ("John", None), None),
    ("Combine", (["A", "B", "C"],), "ABC"),
    ("Combine", (["A", None, "C"], " "), "A C"),
    ("Combine", (["A", "B"], None), "AB"),
    ("Combine", ([],), None),
    ("Combine", ([None],), None),
    ("Combine", (None, "-"), None),
    ("Split", ("A B C", " "), ["A", "B", "C"]),
    ("Split", ("A B C", ","), ["A B C"]),
    ("Split", ("a,b", None), ["a,b"]),
    ("Split", (None, ","), None),
    ("Split", ("a,,b", ","), ["a", "", "b"]),
    ("SplitOnMatches", ("a1b22c", r"\d+"), ["a", "b", "c"]),
    ("SplitOnMatches", ("abc", r"\d"), ["abc"]),
    ("SplitOnMatches", ("a-(b)-c", r"-(\W?)"), ["a", "b)", "c"]),
    ("SplitOnMatches", ("abc", ""), ["abc"]),
    ("SplitOnMatches", (None, ","), None),
    ("Length", ("ABCDE",), 5),
    ("Length", ("",), 0),
    ("Upper", ("aB",), "AB"),
    ("Lower", ("Ab",), "ab"),
    ("Indexer", ("ABCDE", 2), "C"),
    ("Indexer", ("ABCDE", 14), None),
    ("Indexer", ("ABCDE", -1), None),
    ("Indexer", ("ABCDE", None), None),
    ("PositionOf", ("B", "ABCDEDCBA"), 1),
    ("PositionOf", ("Z", "ABCDE"), -1),
    ("PositionOf", ("", "ABCDE"), 0),
    ("LastPositionOf", ("B", "ABCDEDCBA"), 7),
    ("LastPositionOf", ("XYZ", "ABCDE"), -1),
    ("LastPositionOf", ("", "ABCDE"), 5),
    ("Substring", ("ABCDE", 2), "CDE"),
    ("Substring", ("ABCDE", 2, 1), "C"),
    ("Substring", ("AB", 0, 3), "AB"),
    ("Substring", ("ABCDE", 1, None), "BCDE"),
    ("Substring", ("ABCDE", 14), None),
    ("Substring", ("AB", 2), None),
    ("Substring", ("AB", -1), None),
    ("Substring", ("", 0), ""),
    ("Substring", ("AB", None, 1), None),
    ("StartsWith", ("ABCDE", "ABC"), True),
    ("StartsWith", ("ABCDE", ""), True),
    ("StartsWith", ("ABCDE", None), None),
    ("EndsWith", ("ABC", "C"), True),
    ("EndsWith", ("ABC", "Z"), False),
    ("Matches", ("1,2three", r"\d,\d\w+"), True),
    ("Matches", ("1,2three", r"^\w+$"), False),
    ("Matches", ("http://fhir.org/Library/FHIR-ModelInfo|4.0.1", "Library"), True),
    ("Matches", ("ABC", "abc"), False),
    ("Matches", ("one\ntwo", "one.two"), True),
    ("Matches", ("Ärzte", r"^\w+$"), True),
    ("Matches", ("x", None), None),
    ("ReplaceMatches", ("ABCDE", "C", "XYZ"), "ABXYZDE"),
    ("ReplaceMatches", ("ABCDE", "XYZ", "123"), "ABCDE"),
    ("ReplaceMatches", ("ABCDE", "C", None), None),
    ("ReplaceMatches", ("Doe, John", r"(\w+), (\w+)", "$2 $1"), "John Doe"),
    ("ReplaceMatches", ("Doe, John", r"(?P<last>\w+), \w+", "${last}!"), "Doe!"),
    ("ReplaceMatches", ("a b", r"\s", r"\$"), "a$b"),
    ("ReplaceMatches", ("ab", "(a)|(b)", "[$1$2]"), "[a][b]"),
]


@pytest.mark.parametrize(("name", "operands", "expected"), CASES)
def test_strings(name: str, operands: tuple[Any, ...], expected: Any) -> None:
    assert call(name, *operands) == expected


@pytest.mark.parametrize(("pattern", "text"), [("(", "a"), ("a{2,1}", "a"), ("x" * 3000, "x")])
def test_what_is_no_regular_expression_is_an_error(pattern: str, text: str) -> None:
    with pytest.raises(EvaluationError, match="regular expression"):
        call("Matches", text, pattern)


def test_a_group_that_is_not_there_is_an_error() -> None:
    with pytest.raises(EvaluationError, match="no group 2"):
        call("ReplaceMatches", "abc", "(b)", "$2")
    with pytest.raises(EvaluationError, match="no group name"):
        call("ReplaceMatches", "abc", "(b)", "${name}")


def test_results_are_bounded() -> None:
    with pytest.raises(EvaluationError, match="more than"):
        call("ReplaceMatches", "a" * 1000, "a", "b" * 2000)


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        (r"(a+)+$", "a" * 3000 + "b", False),
        (r"^(\w+\s?)*$", "word " * 600 + "!", False),
        (r"(x+x+)+y", "x" * 2000, False),
        (r"^(\d+\.)*\d+$", "1.2.3." * 500 + "4", True),
        (r".*.*.*.*=.*", "a" * 2000, False),
        (r"(a|aa)+$", "a" * 2000 + "b", False),
    ],
)
def test_patterns_that_never_end_elsewhere_end_here(pattern: str, text: str, expected: bool) -> None:
    start = time.perf_counter()
    assert call("Matches", text, pattern) is expected
    assert time.perf_counter() - start < 5


def test_what_cannot_be_bounded_is_an_error() -> None:
    with pytest.raises(EvaluationError, match="may take too long"):
        call("Matches", "a" * 50, r"(a*)*\1b")
    assert call("Matches", "abab", r"^(ab)\1$") is True


# The automaton against `re`, which it has to agree with, groups and all ------------------------------------------------

characters = st.sampled_from(["a", "b", "c", r"\d", r"\w", r"\s", ".", "[ab]", "[^a]", "^", "$", r"\b", "1", " ", "\n"])
patterns = st.recursive(
    characters,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.lists(inner, min_size=1, max_size=3).map(lambda each: "(" + "|".join(each) + ")"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}"])).map(
            lambda pair: f"(?:{pair[0]}){pair[1]}"
        ),
    ),
    max_leaves=5,
)
texts = st.text(alphabet="abc1 \nB", max_size=8)


def _can_be_empty_in_a_loop(pattern: str) -> bool:
    """Engines differ in what groups hold after a turn that read nothing; such patterns prove nothing."""
    return any(re.fullmatch(part, "") for part in re.findall(r"\(\?:(.*?)\)[*+{]", pattern) if _valid(part))


def _valid(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


@given(patterns, texts)
def test_the_automaton_agrees_with_re(pattern: str, text: str) -> None:
    known = regex.pattern(pattern)
    assert known.automaton is not None
    found = list(known.automaton.matches(text))
    expected = [match.regs for match in re.compile(pattern, re.DOTALL).finditer(text)]
    assert bool(found) is bool(expected)
    if "*" not in pattern and "+" not in pattern and "{" not in pattern and "?" not in pattern:
        assert found == expected
    elif not _can_be_empty_in_a_loop(pattern):
        assert [match[0] for match in found] == [match[0] for match in expected]


@given(st.text(max_size=30), st.text(min_size=1, max_size=3))
def test_split_and_combine(text: str, separator: str) -> None:
    assert call("Combine", call("Split", text, separator), separator) == text


@given(st.text(max_size=20), st.integers(-2, 22), st.integers(0, 22))
def test_substring_agrees_with_indexer(text: str, start: int, length: int) -> None:
    found = call("Substring", text, start, length)
    characters = [call("Indexer", text, place) for place in range(start, start + length)]
    if found is None:
        assert start < 0 or start >= len(text)
    else:
        assert found == "".join(each for each in characters if each is not None)
