"""Codes in value sets and code systems, and what is asked where nobody knows (CQL 1.5.3, appendix B)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

import pytest
from operator_calls import state

from bedside.questions.cql.operators import clinical
from bedside.questions.cql.run.state import State
from bedside.questions.cql.values import Code, CodeSystem, Concept, ValueSet
from bedside.questions.cql.world import MemberSet, World
from bedside.questions.errors import EvaluationError, UnsupportedError

LOINC, SNOMED = "http://loinc.org", "http://snomed.info/sct"


class Members:
    def __init__(self, *keys: tuple[str, str]) -> None:
        self.keys = keys

    def __contains__(self, key: object) -> bool:
        return key in self.keys

    def has_code(self, code: str) -> bool:
        found = [each for each in self.keys if each[1] == code]
        if len(found) > 1:
            raise LookupError(code)
        return bool(found)

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        return ({"system": system, "code": code, "display": code.upper()} for system, code in self.keys)

    def __len__(self) -> int:
        return len(self.keys)


class Book:
    """A terminology of two value sets, and of one code system in which `a` is above `b`."""

    def value_set(self, canonical: str, code_systems: Collection[str] = ()) -> MemberSet | None:
        known = {"urn:bp": Members((LOINC, "a"), (SNOMED, "b")), "urn:twice|2": Members((LOINC, "x"), (SNOMED, "x"))}
        return known.get(canonical)

    def in_code_system(self, code: str, canonical: str) -> bool | None:
        return code in ("a", "b") if canonical == LOINC else None

    def subsumes(self, system: str, general: str, special: str) -> bool | None:
        return (general, special) == ("a", "b") if system == LOINC else None


PRESSURE, TWICE, MISSING = ValueSet("urn:bp"), ValueSet("urn:twice", "2", "Twice"), ValueSet("urn:none")
A, B, OTHER = Code("a", LOINC), Code("b", LOINC), Code("b", SNOMED)


@pytest.fixture
def here() -> State:
    found = state()
    found.world = World(terminology=Book(), now=found.world.now)
    return found


def test_in_value_set(here: State) -> None:
    assert clinical.code_in_value_set(here, A, PRESSURE) is True
    assert clinical.code_in_value_set(here, B, PRESSURE) is False
    assert clinical.code_in_value_set(here, Code("a"), PRESSURE) is False
    assert clinical.concept_in_value_set(here, Concept((B, OTHER)), PRESSURE) is True
    assert clinical.concept_in_value_set(here, Concept(()), PRESSURE) is False
    assert clinical.string_in_value_set(here, "b", PRESSURE) is True
    assert clinical.any_in_value_set(here, [B, None, OTHER], PRESSURE) is True
    assert clinical.any_in_value_set(here, [Concept((B,)), None], PRESSURE) is False
    assert clinical.any_in_value_set(here, ["q", "a"], PRESSURE) is True
    assert [each.code for each in clinical.expand_value_set(here, PRESSURE)] == ["a", "b"]


def test_a_null_code_is_in_nothing(here: State) -> None:
    assert clinical.code_in_value_set(here, None, MISSING) is False
    assert clinical.concept_in_value_set(here, None, MISSING) is False
    assert clinical.string_in_value_set(here, None, MISSING) is False
    assert clinical.any_in_value_set(here, None, MISSING) is False
    assert clinical.in_code_system(here, None, CodeSystem("urn:none")) is False


def test_a_string_that_several_systems_have_is_ambiguous(here: State) -> None:
    with pytest.raises(EvaluationError, match="Twice has the code 'x' in several"):
        clinical.string_in_value_set(here, "x", TWICE)
    assert clinical.code_in_value_set(here, Code("x", SNOMED), TWICE) is True


def test_in_code_system(here: State) -> None:
    loinc = CodeSystem(LOINC)
    assert clinical.in_code_system(here, A, loinc) is True
    assert clinical.in_code_system(here, Code("z", LOINC), loinc) is False
    assert clinical.in_code_system(here, OTHER, loinc) is False
    assert clinical.in_code_system(here, Concept((OTHER, B)), loinc) is True
    assert clinical.in_code_system(here, "b", loinc) is True
    assert clinical.any_in_code_system(here, ["z", None, "a"], loinc) is True
    assert clinical.any_in_code_system(here, [], loinc) is False


def test_subsumes(here: State) -> None:
    assert clinical.subsumes(here, A, B) is clinical.subsumed_by(here, B, A) is True
    assert clinical.subsumes(here, B, A) is False
    assert clinical.subsumes(here, A, A) is True
    assert clinical.subsumes(here, A, OTHER) is False
    assert clinical.concept_subsumes(here, Concept((OTHER, A)), Concept((B,))) is True
    assert clinical.concept_subsumed_by(here, Concept((A,)), Concept((B,))) is False
    with pytest.raises(EvaluationError, match="not known"):
        clinical.subsumes(here, Code("a", SNOMED), OTHER)


@pytest.mark.parametrize(
    "ask",
    [
        lambda here: clinical.code_in_value_set(here, A, MISSING),
        lambda here: clinical.any_in_value_set(here, [], MISSING),
        lambda here: clinical.expand_value_set(here, MISSING),
        lambda here: clinical.in_code_system(here, "a", CodeSystem("urn:none")),
        lambda here: clinical.code_in_value_set(here, A, None),
    ],
)
def test_what_is_not_known_is_an_error_and_never_false(here: State, ask: Callable[[State], Any]) -> None:
    with pytest.raises(EvaluationError, match=r"urn:none|null"):
        ask(here)


def test_without_terminology_nothing_is_said() -> None:
    with pytest.raises(UnsupportedError, match="urn:bp"):
        clinical.code_in_value_set(state(), A, PRESSURE)
    with pytest.raises(UnsupportedError, match="loinc"):
        clinical.subsumes(state(), A, B)
