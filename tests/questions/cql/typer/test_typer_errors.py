"""Every error has its place, says what was expected, and all of them come in one go."""

from __future__ import annotations

import pytest

from questions.cql.typer.typed import problems

FHIR = "using FHIR version '4.0.1'\ncontext Patient\n"
QICORE = "using QICore version '6.0.0'\ncontext Patient\n"


@pytest.mark.parametrize(
    ("source", "place", "problem", "hint"),
    [
        ("define A: 1 + true", (1, 11), "Add cannot take (Integer, Boolean)", "(Integer, Integer)"),
        ("define A: Coutn({1})", (1, 11), "no function 'Coutn'", "Count"),
        ("define Encounters: 1\ndefine B: Encuonters", (2, 11), "'Encuonters'", "Encounters"),
        ("define A: Tuple { name: 1 }.nmae", (1, 29), "no element of Tuple{name Integer} called 'nmae'", "name"),
        ("define A: Quantity { valu: 1.0 }", (1, 28), "no element of Quantity called 'valu'", "value"),
        ("define A: Tuple { a: 1, a: 2 }", (1, 11), "given twice", ""),
        ("define A: convert 'a' to Integr", (1, 26), "no type 'Integr'", "Integer"),
        ("define A: 5 as String", (1, 11), "a value of Integer can never be a String", ""),
        ("define A: Interval['a', 'b']", (1, 11), "an interval cannot go from String to String", "ordered"),
        ("define A: if 1 then 2 else 3", (1, 14), "this is a Integer", "a Boolean"),
        ("define A: case 1 when 'a' then 2 else 3 end", (1, 11), "cannot be compared with Integer", "Integer"),
        ("define A: minimum Boolean", (1, 11), "Boolean has no least value", "Integer"),
        ("define A: $this", (1, 11), "there is no $this here", ".where()"),
        ("define A: %context", (1, 11), "%context is an external constant", "parameter"),
        ("define A: (1).resolve()", (1, 11), ".resolve() is a function of FHIRPath", ""),
        ("define A: from ({1}) X, ({2}) X return X", (1, 25), "'X' is given twice", ""),
        ("define A: ({{1}}) X sort desc", (1, 26), "values of List<Integer> have no order", "Integer"),
        ("define A: (1) X sort desc", (1, 22), "only a list can be sorted", "a query over a list"),
        ("define A: ({Tuple { a: 1 }}) X sort by b", (1, 40), "no element of Tuple{a Integer} called 'b'", ""),
        ("valueset V: 'urn:v'\ndefine A: 5 in V", (2, 11), "a Integer cannot be in a ValueSet", "a code"),
        ("code C: 'c' from S", (1, 18), "no code system 'S'", ""),
        ("parameter P", (1, 1), "the parameter P has no type", "a type or a default"),
        ("parameter P Integer default 'a'", (1, 29), "this is a String", "a Integer"),
        ("define A: 1\ndefine A: 2", (2, 1), "A is defined twice", ""),
        ("define function f(): 1\ndefine function f(): 2", (2, 1), "f is defined twice for the same types", ""),
        ("define function f(x Integer): x\ndefine A: f('a')", (2, 11), "f cannot take (String)", "(Integer)"),
        ("define fluent function f(x Integer): x\ndefine A: f('a')", (2, 11), "f cannot take (String)", "(Integer)"),
        ("define function f(x Integer): x\ndefine A: (1).f()", (2, 11), "no method or fluent function 'f'", "fluent"),
        ("define A: 1\ndefine B: A()", (2, 11), "no function 'A'", "without parentheses"),
        ("define function f(x Integer): f(x)", (1, 31), "the function f calls itself", "returns"),
        ("define function f(x Integer): external", (1, 1), "external function f does not say its type", "returns"),
        ("define A: B\ndefine B: C\ndefine C: A", (3, 11), "A refers to itself: A -> B -> C -> A", ""),
        ("using FHRI version '4.0.1'", (1, 1), "there is no model FHRI", "FHIR"),
        ("using FHIR version '9.0.0'", (1, 1), "no version 9.0.0 of the model FHIR", "4.0.1"),
        ("using FHIR version '4.0.1'\ncontext Pateint", (2, 1), "no context 'Pateint'", "Patient"),
        (FHIR + "define A: [Conditon]", (3, 12), "no type 'Conditon'", "Condition"),
        (FHIR + "define A: [HumanName]", (3, 12), "FHIR.HumanName cannot be retrieved", "resources"),
        (FHIR + "define A: [Condition: cod in {'a'}]", (3, 11), "no element of FHIR.Condition called 'cod'", "code"),
        (FHIR + "define A: [Condition: code in 5]", (3, 31), "codes cannot be taken from Integer", "value set"),
        (FHIR + "define A: Patient.birthDat", (3, 19), "no element of FHIR.Patient called 'birthDat'", "birthDate"),
        (QICORE + "define A: [Encounter] E where E.perod is null", (3, 33), "'perod'", "period"),
        ("define A: AgeInYears()", (1, 11), "AgeInYears needs a model with patients", "using FHIR"),
        (
            "using FHIR version '4.0.1'\ncontext Unfiltered\ndefine A: AgeInYears()",
            (3, 11),
            "the context is Unfiltered",
            "context Patient",
        ),
    ],
)
def test_error(source: str, place: tuple[int, int], problem: str, hint: str) -> None:
    (found,) = problems(source)
    assert (found.line, found.column) == place
    assert problem in found.problem
    assert hint in f"{found.expected} {found.suggestion}"


def test_all_errors_come_in_one_go() -> None:
    found = problems(
        "define A: 1 + true\n"
        "define B: ({1}) X where X > 'a' return X.foo\n"
        "define C: { Tuple { a: Foo, b: Bar } }\n"
        "define function f(x Integer): x + 'a'\n"
    )
    assert [(each.line, each.define) for each in found] == [
        (1, "A"),
        (2, "B"),
        (2, "B"),
        (3, "C"),
        (3, "C"),
        (4, "f"),
    ]


def test_who_refers_to_a_faulty_definition_is_silent() -> None:
    (found,) = problems("define A: 1 + true\ndefine B: A + 1\ndefine function f(): A\ndefine C: f() + B")
    assert found.define == "A"


def test_a_missing_model_is_told_once() -> None:
    (found,) = problems("using Foo version '1'\ncontext Patient\ndefine A: [Condition] C where C.x as FHIR.string")
    assert "there is no model Foo" in found.problem


def test_a_function_with_an_unknown_type_is_told_once() -> None:
    (found,) = problems("define function f(x Integr): x\ndefine A: f(3)")
    assert found.suggestion == "Integer"


def test_errors_know_their_source() -> None:
    (found,) = problems("define A: 1 + true")
    assert found.excerpt() == "define A: 1 + true\n          ^^^^^^^^"
