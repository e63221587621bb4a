"""What is printed is read as what it was: for trees of the whole grammar, and the libraries and cases at hand."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from tests.questions.cql.parser.trees import expressions, libraries
from tests.questions.suites import suite

from bedside.questions.cql.library_printer import show_definition, show_library
from bedside.questions.cql.parser import parse_expression, parse_library
from bedside.questions.cql.printer import show
from bedside.questions.cql.syntax import LibraryDefinition
from bedside.questions.tree import Node


@pytest.fixture
def deep() -> Iterator[None]:
    """Comparing trees of several hundred levels needs more of Python's stack than it allows by default."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(20_000)
    yield
    sys.setrecursionlimit(before)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(expressions)
def test_an_expression_is_read_as_it_was_printed(node: Node) -> None:
    assert parse_expression(show(node)) == node


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(libraries)
def test_a_library_is_read_as_it_was_printed(library: LibraryDefinition) -> None:
    again, errors = parse_library(show_library(library))
    assert errors == []
    assert again == library


@pytest.mark.usefixtures("deep")
def test_the_libraries_at_hand_are_read_as_they_were_printed() -> None:
    files = [*suite("measures").glob("cql/*.cql"), *suite("cohort-queries").rglob("*.cql")]
    assert len(files) > 30
    for file in files:
        assert _again(file) == [], file.name


def _again(file: Path) -> list[object]:
    library, errors = parse_library(file.read_text())
    again, more = parse_library(show_library(library))
    return [*errors, *more] if again == library else ["differs"]


@pytest.mark.parametrize(
    "text",
    [
        "a + b * c - (d - e)",
        "(a or b) and not c",
        "not (a = b)",
        "(not a) is null",
        "(if a then b else c) + 1",
        "1 + if a then b else c",
        "(cast a as Integer) union b",
        "(distinct a) union b",
        "Count([Encounter] E where E.status = 'finished')",
        "{ ([Encounter] E), 1 }",
        "{ [Encounter] E where a, 1 }",
        "A X where (B Y) return X",
        "from ({ 1, 2 }) A, [Encounter] E return all A",
        'Tuple { id: 1, "day": null }',
        "A starts 3 days or more on or before day of start B",
        "([Encounter]).status",
        "(convert a to Quantity).value",
        "convert a to 'mg'",
        "-(-2147483648)[0]",
        "[Encounter: (code in x)]",
    ],
)
def test_text_in_the_printed_form_stays_as_it_is(text: str) -> None:
    assert show(parse_expression(text)) == text


def test_a_library_in_the_printed_form_stays_as_it_is() -> None:
    text = """\
// @author: a nurse
library Diabetes version '1.0'

using FHIR version '4.0.1'

include fhir.Helpers version '2' called H

private codesystem LOINC: 'http://loinc.org' version '2'

// tag
//
// more
valueset Visits: 'http://example.org/v' codesystems { LOINC, H."X Y" }

code c: '1' from LOINC display 'one'

concept both: { c, H.d }

private parameter Period Interval<DateTime> default Interval[@2020, @2021)

context Patient

define private "First Visit":
  First([Encounter: Visits] E sort by start of period)

define fluent function late(e FHIR.Encounter, n List<Choice<Integer, Decimal>>) returns Boolean:
  external
"""
    library, errors = parse_library(text)
    assert errors == []
    assert show_library(library) == text


def test_what_is_no_expression_or_definition_is_refused() -> None:
    with pytest.raises(TypeError):
        show(Node())
    with pytest.raises(TypeError):
        show_definition(Node())
