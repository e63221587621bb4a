"""defineVariable: what it names, how far the name reaches, and what it costs those who do not use it."""

from __future__ import annotations

from typing import Any

import pytest

from bedside.questions.errors import EvaluationError
from bedside.questions.expression import compile
from bedside.questions.functions_variables import scoped
from bedside.questions.parser import parse

PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "name": [{"family": "Lovelace", "given": ["Ada", "Augusta"]}, {"family": "King", "given": ["Ada"]}],
}


def evaluate(text: str, **variables: Any) -> list[Any]:
    return compile(text).evaluate(PATIENT, variables=variables)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("defineVariable('n', name.first()).select(%n.family)", ["Lovelace"]),
        ("name.defineVariable('all').first().select(%all.count())", [2]),
        ("name.defineVariable('last', last()).select(%last.family & '!')", ["King!", "King!"]),
        ("name.defineVariable('ks', where(family = 'King')).select(%ks.given).count()", [2]),
        ("name.select(defineVariable('f', family).given.select($this & ' ' & %f))",
         ["Ada Lovelace", "Augusta Lovelace", "Ada King"]),
        ("name.where(defineVariable('g', given).exists(%g.count() > 1)).family", ["Lovelace"]),
        ("defineVariable('a', 1).defineVariable('b', %a + 1).select(%a + %b)", [3]),
        ("defineVariable('none', {}).select(%none.exists())", [False]),
    ],
)  # fmt: skip
def test_defined(text: str, expected: list[Any]) -> None:
    assert evaluate(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "defineVariable('a', 1).active | %a",
        "name.select(defineVariable('f', family)).select(%f)",
        "(defineVariable('a', 1).exists() and true).select(%a)",
        "iif(defineVariable('a', 1).exists(), %a, 0)",
    ],
)
def test_out_of_reach(text: str) -> None:
    with pytest.raises(EvaluationError, match="there is no constant %"):
        evaluate(text)


@pytest.mark.parametrize("text", ["defineVariable('a').defineVariable('a')", "defineVariable('resource')",
                                  "defineVariable('vs-x')", "defineVariable('ucum', 1)"])  # fmt: skip
def test_a_name_has_one_meaning(text: str) -> None:
    with pytest.raises(EvaluationError, match="is defined already") as caught:
        evaluate(text)
    assert caught.value.span.end > 0


def test_variables_of_the_caller_are_not_overwritten() -> None:
    with pytest.raises(EvaluationError, match="%mine is defined already"):
        evaluate("defineVariable('mine', 2).select(%mine)", mine=1)
    assert evaluate("defineVariable('yours', 2).select(%mine + %yours)", mine=1) == [3]


def test_each_evaluation_starts_without_variables() -> None:
    expression = compile("defineVariable('a', name.family).select(%a)")
    assert expression.evaluate(PATIENT) == expression.evaluate(PATIENT) == ["Lovelace", "King"]


def test_an_expression_without_variables_is_left_as_it_is() -> None:
    tree = parse("name.where(use = 'official').given | name.family")
    assert scoped(tree) is tree


def test_a_name_is_needed() -> None:
    with pytest.raises(EvaluationError, match="needs a name"):
        evaluate("defineVariable({})")
