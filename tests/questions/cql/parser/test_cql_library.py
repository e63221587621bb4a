"""Reading libraries: every kind of definition, comments, and all errors of a library in one go."""

from __future__ import annotations

import pytest
from tests.questions.suites import suite

from bedside.questions.cql import syntax
from bedside.questions.cql.parser import parse_library
from bedside.questions.cql.syntax import NamedTypeSpecifier, QualifiedName
from bedside.questions.lexer import MAX_ERRORS
from bedside.questions.tree import IdentifierRef, Literal

WHOLE = """\
/*
 * @author: a nurse
 * @status: draft
 */
library hl7.diabetes."My Library" version '1.0.0'

using FHIR version '4.0.1' called F
include hl7.fhir.FHIRHelpers version '4.4' called H
include Common

codesystem "LOINC": 'http://loinc.org' version '2.7' // not of the next
// of SNOMED
private codesystem SNOMED: 'http://snomed.info/sct'
valueset V: 'http://example.org/v' version '1' codesystems { LOINC, H.Other }
code systolic: '8480-6' from "LOINC" display 'Systolic'
concept bp: { systolic, H.diastolic } display 'Blood pressure'
parameter Period Interval<DateTime> default Interval[@2020, @2021)
private parameter Limit default 5
parameter Bare

context F.Patient

define A: 1
define private B: A
define function after(a Integer, "when" List<F.Patient>) returns Boolean: external
define public fluent function f(): 'x'
context Unfiltered
"""


def test_every_kind_of_definition() -> None:
    library, errors = parse_library(WHOLE)
    assert errors == []
    assert (library.name, library.version) == ("hl7.diabetes.My Library", "1.0.0")
    assert library.comment == "@author: a nurse\n@status: draft"
    assert library.usings == (syntax.UsingDefinition("FHIR", "4.0.1", "F"),)
    assert library.includes == (
        syntax.IncludeDefinition("hl7.fhir.FHIRHelpers", "4.4", "H"),
        syntax.IncludeDefinition("Common"),
    )
    assert library.code_systems == (
        syntax.CodeSystemDefinition(name="LOINC", id="http://loinc.org", version="2.7"),
        syntax.CodeSystemDefinition(name="SNOMED", id="http://snomed.info/sct", public=False, comment="of SNOMED"),
    )
    assert library.value_sets == (
        syntax.ValueSetDefinition(
            name="V",
            id="http://example.org/v",
            version="1",
            code_systems=(QualifiedName("LOINC"), QualifiedName("Other", "H")),
        ),
    )
    assert library.codes == (
        syntax.CodeDefinition(name="systolic", id="8480-6", code_system=QualifiedName("LOINC"), display="Systolic"),
    )
    assert library.concepts == (
        syntax.ConceptDefinition(
            name="bp", codes=(QualifiedName("systolic"), QualifiedName("diastolic", "H")), display="Blood pressure"
        ),
    )
    period, limit, bare = library.parameters
    assert period.type == syntax.IntervalTypeSpecifier(NamedTypeSpecifier("DateTime"))
    assert isinstance(period.default, syntax.IntervalSelector)
    assert (limit.type, limit.default, limit.public) == (None, Literal(5, "Integer"), False)
    assert (bare.type, bare.default) == (None, None)
    assert library.statements == (
        syntax.ContextDefinition("Patient", "F"),
        syntax.ExpressionDefinition(name="A", expression=Literal(1, "Integer")),
        syntax.ExpressionDefinition(name="B", expression=IdentifierRef("A"), public=False),
        syntax.FunctionDefinition(
            name="after",
            operands=(
                ("a", NamedTypeSpecifier("Integer")),
                ("when", syntax.ListTypeSpecifier(NamedTypeSpecifier("Patient", "F"))),
            ),
            expression=None,
            returns=NamedTypeSpecifier("Boolean"),
        ),
        syntax.FunctionDefinition(name="f", operands=(), expression=Literal("x", "String"), fluent=True),
        syntax.ContextDefinition("Unfiltered"),
    )
    for each in (*library.codes, *library.statements):
        assert WHOLE[each.span.start :].startswith(("code", "define", "context"))
        assert WHOLE[each.span.end] == "\n"


def test_a_library_needs_no_heading() -> None:
    library, errors = parse_library("// first\ndefine A: 1")
    assert errors == []
    assert (library.name, library.comment) == (None, "")
    assert isinstance(library.statements[0], syntax.Definition)
    assert library.statements[0].comment == "first"
    assert parse_library("")[0] == parse_library("// nothing\n")[0] == syntax.LibraryDefinition()


def test_all_errors_come_at_once_and_what_is_right_stays() -> None:
    text = """\
library L verion '1'
usin FHIR
codesytem "X": 'x'
valueset "V" 'v'
define "A": [Condition: "A"
define "B": A X whre X.y > 5
define "C": (1 + 2
define "Good": 1
define "D": 'never closed
define "E": 1 # 2
define "F": 1 and
defin "Also good": 2
define "G": a b c
  + d
define "Last": 3
valueset "Late": 'late'
"""
    library, errors = parse_library(text)
    assert [(error.line, error.column) for error in errors] == [
        (1, 11),
        (2, 1),
        (3, 1),
        (4, 14),
        (6, 1),
        (6, 17),
        (8, 1),
        (9, 13),
        (10, 15),
        (12, 1),
        (12, 1),
        (13, 17),
        (16, 1),
    ]
    suggestions = [error.suggestion for error in errors if error.suggestion]
    assert suggestions == ["version", "using", "codesystem", "where", "define"]
    names = [each.name for each in library.statements if isinstance(each, syntax.Definition)]
    assert names == ["Good", "Also good", "Last"]
    assert [each.name for each in library.code_systems] == ["X"]
    assert [each.name for each in library.value_sets] == ["Late"]
    assert [each.name for each in library.usings] == ["FHIR"]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("define private 5: 1", "a name"),
        ("private define A: 1", "define private"),
        ("define fluent A: 1", "'function'"),
        ("define A 1", "':'"),
        ("define A: 1 2", "operator"),
        ("define day: 1", '"day" in double quotes'),
        ("code c: '1'", "'from'"),
        ("concept c: { }", "a name"),
        ("using", "too early"),
        ("define A: 1\nlibrary L", "only once"),
        ("define A: 1\nparameter P", "before every context"),
        ("include 'x'", "a name"),
        ("banana", "a definition"),
    ],
)
def test_errors_say_what_was_expected(text: str, word: str) -> None:
    _, errors = parse_library(text)
    assert len(errors) == 1
    assert word in str(errors[0])


def test_reading_ends_with_so_many_errors() -> None:
    _, errors = parse_library("define A: (\n" * 1000)
    assert len(errors) == MAX_ERRORS
    _, errors = parse_library("define A: #\n" * 1000)
    assert len(errors) == MAX_ERRORS


def test_the_libraries_of_the_measures_have_no_errors() -> None:
    files = sorted(suite("measures").glob("cql/*.cql"))
    assert files
    for file in files:
        library, errors = parse_library(file.read_text())
        assert errors == []
        assert library.name == file.stem
        assert library.statements
