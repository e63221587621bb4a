"""The static check: what it refuses, where, with which help, and what it leaves to the data."""

from __future__ import annotations

import pytest

from bedside.questions.check import check_types
from bedside.questions.errors import CheckError, ParseError
from bedside.questions.expression import compile


@pytest.mark.parametrize(
    ("text", "context", "column", "words"),
    [
        ("name.givn", "Patient", 1, ["HumanName has no element givn", "did you mean given"]),
        ("Patient.nam.given", "Patient", 1, ["Patient has no element nam", "name"]),
        ("Observation.valueQuantity.unit", "Observation", 1, ["value.ofType(Quantity)"]),
        ("Encounter.status", "Patient", 1, ["asked of a Patient, not of a Encounter"]),
        ("(value as Period).unit", "Observation", 1, ["Period has no element unit"]),
        ("value.ofType(Quantty)", "Observation", 14, ["no type Quantty", "Quantity"]),
        ("value is Foo", "Observation", 10, ["no type Foo"]),
        ("name.where(use = 'x').frist()", "Patient", 1, ["no function frist()", "first()"]),
        ("name.where()", "Patient", 1, ["0 arguments", "1 argument"]),
        ("name.substring(1)", "Patient", 1, ["substring() cannot work with a HumanName", "String"]),
        ("birthDate + 5", "Patient", 1, ["'+' cannot work with Date and Integer"]),
        ("birthDate > 5", "Patient", 1, ["'>' cannot compare Date and Integer"]),
        ("-gender", "Patient", 1, ["sign '-'", "String"]),
        ("children().first()", "Patient", 1, ["order"]),
        ("descendants()[0]", "Patient", 1, ["order"]),
        ("name.where('x')", "Patient", 12, ["condition", "Boolean"]),
        ("iif(1, 2)", "Patient", 5, ["condition"]),
        ("active.ofType(1)", "Patient", 15, ["not the name of a type"]),
        ("name.all(given.exists() and famly.exists())", "Patient", 29, ["family"]),
        ("contact.name.period.start.foo", "Patient", 1, ["dateTime has no element foo"]),
        ("%resource.foo", "Patient", 1, ["Patient has no element foo"]),
        ("item.item.answer.bar", "QuestionnaireResponse", 1, ["no element bar"]),
        ("repeat(item).linkid", "Questionnaire", 1, ["linkId"]),
    ],
)
def test_what_is_refused(text: str, context: str, column: int, words: list[str]) -> None:
    errors = check_types(text, context)
    assert len(errors) == 1
    assert errors[0].column == column
    for word in words:
        assert word in str(errors[0])
    with pytest.raises(CheckError):
        compile(text, context_type=context, strict=True)


@pytest.mark.parametrize(
    ("text", "context"),
    [
        ("name.given | name.family", "Patient"),
        ("contained.anything.at.all", "Patient"),
        ("entry.resource.name.given", "Bundle"),
        ("entry.resource.ofType(Patient).name.given", "Bundle"),
        ("subject.resolve().name", "Observation"),
        ("birthDate.extension('x').value.unit", "Patient"),
        ("name.period.start + 5 days > today()", "Patient"),
        ("%other.thing", "Patient"),
        ("value.value * 2 > 3", "Observation"),
        ("descendants().linkId", "Questionnaire"),
        ("repeat(item).linkId", "Questionnaire"),
        ("Patient.name", "DomainResource"),
        ("Resource.id | DomainResource.text.status", "Patient"),
        ("name.sort(-family, given.first()).first().use", "Patient"),
        ("(1 | 2).aggregate($this + $total, 0) + 1", "Patient"),
        ("name.select(given.first() & ' ' & family).join(', ').upper()", "Patient"),
        ("relationship.coding.code", "Patient.contact"),
        ("type().name", "Patient"),
        ("birthDate.value", "Patient"),
        ("{}.foo + 1", "Patient"),
        ("iif(active, name, contact.name).family", "Patient"),
    ],
)
def test_what_is_right_or_left_to_the_data(text: str, context: str) -> None:
    assert check_types(text, context) == []
    compile(text, context_type=context, strict=True)


def test_all_errors_come_at_once_in_order() -> None:
    errors = check_types("nam.given and name.givn = 5.foo()", "Patient")
    assert [error.column for error in errors] == [1, 15, 27]


def test_names_are_checked_without_strict_too() -> None:
    with pytest.raises(CheckError, match=r"exists\(\)"):
        compile("name.exist()")
    with pytest.raises(CheckError, match="Quantity"):
        compile("value as Quantiy")
    with pytest.raises(ParseError):
        compile("name.", context_type="Patient", strict=True)
    assert compile("nam").evaluate({"resourceType": "Patient"}) == []


def test_strict_needs_a_type() -> None:
    with pytest.raises(ValueError, match="context_type"):
        compile("name", strict=True)
    with pytest.raises(KeyError):
        check_types("name", "Patiently")


def test_compiled_expressions_are_kept() -> None:
    assert compile("name.given") is compile("name.given")
