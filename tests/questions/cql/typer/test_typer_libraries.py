"""Libraries: includes, versions, circles, what is private, fluent functions of others, and what is kept."""

from __future__ import annotations

import pytest

from bedside.questions.cql import tree
from bedside.questions.cql.typer import Kept, translate
from questions.cql.typer.typed import library, problems, said, translated, type_of

COMMON = """library Common version '1.0'
codesystem "LOINC": 'http://loinc.org'
code "Pulse": '8867-4' from "LOINC"
parameter Since default @2020-01-01
define Answer: 42
define private Secret: 43
define fluent function twice(n Integer): n * 2
define fluent function twice(s String): s + s
define function plain(n Integer): n
"""


def test_everything_of_an_included_library() -> None:
    found = library(
        """library Mine
        include Common version '1.0' called C
        code "Systolic": '8480-6' from C."LOINC"
        define A: C.Answer + C.plain(1)
        define B: C."Pulse" ~ "Systolic"
        define D: C.Since
        define E: (2).twice()
        define F: ('a').twice()
        define G: C.twice(3)""",
        {"Common": COMMON},
    )
    said_of = {name: said(each.expression) for name, each in found.expressions.items()}
    assert said_of["A"] == "Add(Answer, C.plain(1))"
    assert said_of["E"] == "C.twice(2)"
    assert str(found.expressions["F"].expression.type) == "System.String"
    assert str(found.expressions["D"].expression.type) == "System.Date"
    assert found.includes["C"].version == "1.0"


@pytest.mark.parametrize(
    ("use", "problem", "hint"),
    [
        ("Common.Secret", "Secret is private to the library Common", ""),
        ("Common.Anser", "no definition in the library Common called 'Anser'", "Answer"),
        ("Common.plane(1)", "no function in the library Common called 'plane'", "plain"),
        ("Common.Answer()", "no function in the library Common called 'Answer'", "without parentheses"),
        ("Common", "'Common' is a library, not a value", "Common.name"),
    ],
)
def test_what_an_included_library_does_not_give(use: str, problem: str, hint: str) -> None:
    (found,) = problems(f"library Mine include Common define A: {use}", {"Common": COMMON})
    assert problem in found.problem
    assert hint in f"{found.expected} {found.suggestion}"


def test_a_library_that_is_not_there() -> None:
    (found,) = problems("library Mine include Gone version '2' define A: Gone.X + 1")
    assert found.problem == "there is no library Gone version '2'"


def test_errors_of_an_included_library_are_told_with_its_name() -> None:
    inner, outer = problems("library Mine include Bad define A: Bad.X", {"Bad": "library Bad define X: 1 + true"})
    assert (inner.library, inner.define, inner.column) == ("Bad", "X", 23)
    assert (outer.library, outer.problem) == ("Mine", "the library Bad has errors")


def test_libraries_in_a_circle() -> None:
    sources = {"B": "library B include C define X: C.X", "C": "library C include A define X: A.X"}
    found = problems("library A include B define X: B.X", sources)
    assert found[0].library == "C"
    assert found[0].problem == "the library A includes itself: A -> B -> C -> A"


def test_another_version_than_wanted_is_a_warning() -> None:
    found = translated("library Mine include Common version '9' define A: Common.Answer", {"Common": COMMON})
    assert found.library is not None
    (warning,) = found.warnings
    assert "wanted in version 9, and there is version 1.0" in warning.problem


def test_another_library_than_wanted_is_an_error() -> None:
    (found,) = problems("library Mine include Other define A: 1", {"Other": COMMON})
    assert "what is given for Other is the library Common" in found.problem


def test_a_namespace_before_the_name() -> None:
    found = library("library Mine include org.example.Common define A: Common.Answer", {"Common": COMMON})
    assert list(found.includes) == ["Common"]


def test_definitions_in_any_order() -> None:
    found = library("define A: B + f(C)\ndefine B: C * 2.0\ndefine C: 1\ndefine function f(n Integer): n + B")
    assert {name: str(each.expression.type) for name, each in found.expressions.items()} == {
        "A": "System.Decimal",
        "B": "System.Decimal",
        "C": "System.Integer",
    }


def test_a_chain_of_definitions_may_be_long() -> None:
    chain = "\n".join(f"define D{number}: D{number + 1} + 1" for number in range(200))
    assert type_of("D0", before=f"{chain}\ndefine D200: 1") == "Integer"


def test_a_function_may_call_itself_when_it_says_its_type() -> None:
    found = library("define function f(n Integer) returns Integer: if n < 1 then 0 else f(n - 1)\ndefine A: f(3)")
    assert str(found.functions["f"][0].result) == "System.Integer"


def test_overloads_are_chosen_by_the_operands() -> None:
    source = "define function f(n Decimal): 'd'\ndefine function f(n Quantity): 1\ndefine A: f(1)\ndefine B: f(1 'g')"
    found = library(source).expressions
    assert str(found["A"].expression.type) == "System.String"
    assert said(found["A"].expression) == "f(ToDecimal(1))"
    assert str(found["B"].expression.type) == "System.Integer"


def test_an_own_function_goes_before_the_systems() -> None:
    found = library("define function Count(n Integer): 'own'\ndefine A: Count(1)\ndefine B: Count({1})").expressions
    assert isinstance(found["A"].expression, tree.FunctionRef)
    assert isinstance(found["B"].expression, tree.Operator)


def test_an_external_function_is_known_by_its_type() -> None:
    found = library("define function outside(n Integer) returns String: external\ndefine A: outside(1) + '!'")
    assert found.functions["outside"][0].expression is None


def test_contexts_bring_a_definition() -> None:
    found = library(
        "using FHIR version '4.0.1'\ncontext Practitioner\ndefine A: Practitioner.name\n"
        "context Unfiltered\ndefine B: A\ndefine C: [Encounter]\ncontext Patient\ndefine D: C\ndefine E: Patient"
    ).expressions
    assert {name: each.context for name, each in found.items()} == {
        "Practitioner": "Practitioner",
        "Patient": "Patient",
        "A": "Practitioner",
        "B": "Unfiltered",
        "C": "Unfiltered",
        "D": "Patient",
        "E": "Patient",
    }
    assert said(found["Patient"].expression) == "SingletonFrom([Patient])"
    assert str(found["E"].expression.type) == "FHIR.Patient"


def test_one_patients_definition_is_a_list_when_seen_from_outside() -> None:
    found = library(
        "using FHIR version '4.0.1'\ncontext Patient\ndefine A: 1\ncontext Unfiltered\ndefine B: A\ndefine C: Sum(B)"
    ).expressions
    assert str(found["B"].expression.type) == "List<System.Integer>"


def test_without_a_context_nothing_is_of_one_patient() -> None:
    assert library("define A: 1").expressions["A"].context == "Unfiltered"


def test_fhirhelpers_needs_no_include_and_no_source() -> None:
    for include in ("", "include FHIRHelpers version '4.0.1'\n", "include FHIRHelpers version '4.4.000' called FH\n"):
        source = f"using FHIR version '4.0.1'\n{include}context Patient\ndefine A: Patient.active and true"
        assert said(library(source).expressions["A"].expression) == "And(FHIRHelpers.ToBoolean(Patient.active), true)"


def test_a_function_of_fhirhelpers_that_the_models_do_not_name_is_in_its_source() -> None:
    helpers = "library FHIRHelpers version '4.4.000' using FHIR version '4.0.1' define function Own(n Integer): n"
    source = "library L using FHIR version '4.0.1' include FHIRHelpers define A: FHIRHelpers.Own(1)"
    assert str(library(source, {"FHIRHelpers": helpers}).expressions["A"].expression.type) == "System.Integer"
    (found,) = problems(source)
    assert "'Own'" in found.problem


# What is kept.


def test_the_same_text_is_translated_once() -> None:
    cache: Kept = Kept()
    one = translate("define A: 1", cache=cache)
    assert translate("define A: 1", cache=cache) is one
    assert translate("define A: 2", cache=cache) is not one


def test_a_change_of_an_include_changes_who_includes_it() -> None:
    cache: Kept = Kept()
    source = "library Mine include Other define A: Other.X"
    whole = translate(source, libraries=lambda *_: "library Other define X: 1", cache=cache)
    decimal = translate(source, libraries=lambda *_: "library Other define X: 1.0", cache=cache)
    assert whole.library is not None
    assert decimal.library is not None
    assert str(whole.library.expressions["A"].expression.type) == "System.Integer"
    assert str(decimal.library.expressions["A"].expression.type) == "System.Decimal"
    assert whole.library.digest != decimal.library.digest


def test_what_is_kept_is_bounded() -> None:
    cache: Kept = Kept(most=2)
    for number in range(5):
        translate(f"define A: {number}", cache=cache)
    assert len(cache) == 2
