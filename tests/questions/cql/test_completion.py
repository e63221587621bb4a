"""Completion: at `|` of a text, what may be written."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedside.questions.cql.completion import Completion, complete

HEAD = """using FHIR version '4.0.1'
include Common version '1' called Common
codesystem "LOINC": 'http://loinc.org'
valueset "Diabetes": 'https://example.org/diabetes'
code "HbA1c": '59261-8' from "LOINC"
parameter "Measurement Period" Interval<DateTime>
context Patient
define "Conditions": [Condition]
define Plain: Tuple { first: 1, "last one": 'x' }
"""
COMMON = "library Common version '1'\nusing FHIR version '4.0.1'\ncontext Patient\ndefine \"Old\": AgeInYears() > 70\n"


def libraries(name: str, version: str | None) -> str | None:
    return COMMON if name == "Common" else None


def at(text: str) -> tuple[str, Completion]:
    """The completion at `|`, and the characters that it replaces."""
    place = (HEAD + text).index("|")
    source = (HEAD + text).replace("|", "", 1)
    found = complete(source, place, libraries=libraries)
    return source[found.start : found.end], found


def names(text: str) -> list[str]:
    return [each.text for each in at(text)[1].suggestions]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("define X: [Condi|", ["Condition"]),
        ("define X: [Observation: |]", ['"Diabetes"', '"HbA1c"']),
        ('define X: [Observation: "Hb|"]', ['"HbA1c"']),
        ("define X: [Observation: code in |]", ['"Diabetes"', '"HbA1c"']),
        ("define X: Patient.birth|", ["birthDate"]),
        ("define X: Patient.name[0].giv|", ["given"]),
        ('define X: (First("Conditions").code).cod|', ["coding"]),
        ('define X: "Measurement Period".lo|', ["low", "lowClosed"]),
        ("define X: Plain.|", ["first", '"last one"']),
        ("define X: Common.|", ["Old"]),
        ('define X: "Con|', ['"Conditions"']),
        ("define X: AgeInYearsA|", ["AgeInYearsAt("]),
        ("define X: [Condition] C where C.onse|", ["onset"]),
        ('define X: "Conditions" C where C.recorde|\ndefine Y: 1', ["recordedDate", "recorder"]),
        ("define X: exis|", ["exists"]),
    ],
)
def test_what_may_be_written_comes_first(text: str, first: list[str]) -> None:
    assert names(text)[: len(first)] == first


def test_mistakes_elsewhere_do_not_matter() -> None:
    wrong = 'define Bad: "Conditons" C where C.x is null\ndefine Worse: [Nothing] and\n'
    assert names(wrong + 'define X: "Conditions" C where C.abate|') == ["abatement"]
    assert names('define X: "Conditions" C where C.abate|\n' + wrong) == ["abatement"]


def test_a_name_in_quotes_is_replaced_with_its_quotes() -> None:
    assert at('define X: [Observation: "Hb|"]')[0] == '"Hb"'
    assert at('define X: [Observation: "Hb|')[0] == '"Hb'
    assert at("define X: Patient.bir|")[0] == "bir"


def test_types_are_told() -> None:
    [found] = [each for each in at("define X: Patient.birthDat|")[1].suggestions if each.text == "birthDate"]
    assert (found.kind, found.detail) == ("element", "date")
    [found] = [each for each in at('define X: "Condit|')[1].suggestions if each.text == '"Conditions"']
    assert (found.kind, found.detail) == ("definition", "List<Condition>")


@pytest.mark.parametrize("text", ["define X: 'Con|", "// Con|", "/* Con| */", "define X: 5.|"])
def test_nothing_is_completed_in_texts_comments_and_numbers(text: str) -> None:
    found = names(text)
    assert "Condition" not in found
    assert '"Conditions"' not in found or text.endswith("5.|")
    assert "value" not in found


@given(st.text(alphabet=st.sampled_from("define X:[]\"'./*\n()C aw,{}\\"), max_size=60), st.integers(0, 60))
def test_any_text_is_survived(text: str, place: int) -> None:
    found = complete(text, place)
    assert 0 <= found.start <= found.end <= len(text)


def test_a_long_text_is_completed_quickly() -> None:
    long = HEAD + "".join(f'define D{n}: "Conditions" C where C.onset is not null\n' for n in range(300))
    source = long + "define X: D1.co"
    complete(source, len(source))
    began = time.perf_counter()
    assert [each.text for each in complete(source, len(source)).suggestions][:1] == ["code"]
    assert time.perf_counter() - began < 1
