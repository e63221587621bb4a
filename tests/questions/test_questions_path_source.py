"""Generated walks find what the closures find, whatever shape the JSON has; constants are worked out once."""

from __future__ import annotations

from typing import Any

import pytest
from full_resources import all_types, full_resource
from hypothesis import given, settings
from hypothesis import strategies as st

from bedside.questions.constants import is_constant
from bedside.questions.data import DataNode
from bedside.questions.environment import Environment
from bedside.questions.errors import EvaluationError
from bedside.questions.expression import compile
from bedside.questions.model import FHIR, Type
from bedside.questions.parser import parse
from bedside.questions.path import WARM, make_plan
from bedside.questions.path_source import generated
from bedside.questions.units import UcumUnits


def paths_of(type_: Type, depth: int) -> list[tuple[str, ...]]:
    """All paths of up to `depth` steps from a type."""
    found: list[tuple[str, ...]] = []
    for name, member in type_.members.items():
        found.append((name,))
        if depth > 1:
            for child in member.types:
                found += [(name, *rest) for rest in paths_of(child, depth - 1)]
    return list(dict.fromkeys(found))


def walked(plan: Any, resource: Any) -> list[Any]:
    found: list[Any] = []
    plan(resource, None, found)
    return [(each.value, each.type, each.shadow) if each.__class__ is DataNode else each for each in found]


def same_walk(type_: Type, names: tuple[str, ...], resource: Any) -> None:
    reference = walked(make_plan(type_, names), resource)
    assert walked(generated(type_, names, plain=False), resource) == reference
    plain = [each[0] if isinstance(each, tuple) else each for each in reference]
    assert walked(generated(type_, names, plain=True), resource) == plain


@pytest.mark.parametrize("name", ["Patient", "Observation", "Bundle", "Task", "Questionnaire"])
def test_every_short_path_of_a_resource(name: str) -> None:
    type_ = FHIR[name]
    for variant in (0, 5, 9):
        resource = full_resource(name, variant)
        for names in paths_of(type_, 2):
            same_walk(type_, names, resource)


def test_a_path_of_every_resource_type() -> None:
    for name in all_types():
        resource = full_resource(name, 3)
        for member in FHIR[name].members:
            same_walk(FHIR[name], (member, "coding", "code"), resource)
            same_walk(FHIR[name], (member, "reference"), resource)


SHAPES: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from([None, "a", "b", 1, True]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["name", "given", "_given", "family", "_family", "period", "start", "id", "extension"]),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)
PATHS = [("name",), ("name", "given"), ("name", "family"), ("name", "period", "start"), ("name", "given", "extension")]


@settings(max_examples=300, deadline=None)
@given(st.fixed_dictionaries({"name": SHAPES}))
def test_misshapen_json_is_walked_alike(resource: dict[str, Any]) -> None:
    for names in PATHS:
        try:
            same_walk(FHIR["Patient"], names, resource)
        except (TypeError, AttributeError):
            # What the closures cannot walk, the generated function need not either.
            with pytest.raises((TypeError, AttributeError)):
                walked(make_plan(FHIR["Patient"], names), resource)


def test_an_expression_gives_the_same_before_and_after_it_is_warm() -> None:
    resource = {"resourceType": "Patient", "name": [{"given": ["Ada", None], "_given": [None, {"id": "x"}]}]}
    expression = compile("Patient.name.given")
    answers = [expression.evaluate(resource) for _ in range(3 * WARM)]
    assert all(each == ["Ada", None] for each in answers)


def test_the_same_path_on_another_type_leads_nowhere() -> None:
    expression = compile("Patient.name.given")
    for _ in range(2 * WARM):
        assert expression.evaluate({"resourceType": "Observation", "name": [{"given": ["no"]}]}) == []


CONSTANT = [
    "1 + 1",
    "@2020-01-01 + 1 year",
    "(1 | 2 | 3).where($this > 1)",
    "'a'.length() = 1",
    "(1 | 2).select($index)",
]
NOT_CONSTANT = [
    "1",
    "name",
    "$this",
    "now()",
    "today() > @2020",
    "%a = 1",
    "(1).trace('x')",
    "iif(id = 'a', 1, 2)",
    "exists()",
]


@pytest.mark.parametrize("text", CONSTANT)
def test_constant(text: str) -> None:
    assert is_constant(parse(text))


@pytest.mark.parametrize("text", NOT_CONSTANT)
def test_not_constant(text: str) -> None:
    assert not is_constant(parse(text))


def test_a_constant_error_is_told_every_time() -> None:
    expression = compile("(1 | 2).single()")
    for _ in range(3):
        with pytest.raises(EvaluationError, match="line 1"):
            expression.evaluate({"resourceType": "Patient"})


def test_constants_follow_the_units_of_the_environment() -> None:
    class Other(UcumUnits):
        """A table in which no unit is like another."""

        def compare(self, left: Any, unit: str, right: Any, other: str) -> int:
            raise ValueError(f"{unit} and {other} measure different things")

    expression = compile("1 'cm' = 10 'mm'")
    assert expression.evaluate(None) == [True]
    assert expression.evaluate(None, environment=Environment(units=Other())) == []
    assert expression.evaluate(None) == [True]


def test_what_a_caller_does_to_a_result_stays_with_the_caller() -> None:
    expression = compile("(1 | 2)")
    expression.nodes(None).append(3)
    expression.evaluate(None).append(4)
    assert expression.evaluate(None) == [1, 2]
