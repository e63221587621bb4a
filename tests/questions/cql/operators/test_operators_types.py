"""Message, Children and Descendents, and the table of operators itself (ELM 22.4, 22.17, 24.1)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from operator_calls import NOON, call, d, q

from bedside.questions.cql.operators.registry import OVERLOADS
from bedside.questions.cql.run.state import State
from bedside.questions.cql.values import Code, Concept, Ratio
from bedside.questions.cql.world import World
from bedside.questions.data import DataNode
from bedside.questions.errors import EvaluationError
from bedside.questions.model import FHIR

CODE = Code("8480-6", "http://loinc.org")


class Told:
    """A world that remembers what it was told."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, str, str]] = []
        world = World(now=lambda: NOON.astimezone(dt.UTC), message=self._hear)
        self.state = State(world)

    def _hear(self, severity: str, code: str, text: str) -> None:
        self.messages.append((severity, code, text))


def test_a_message_is_told_and_the_source_goes_on() -> None:
    told = Told()
    source = [3, 4, 5]
    assert call("Message", source, True, "300", "Trace", "This is a trace", state=told.state) is source
    assert call("Message", 1, True, "100", None, "Test", state=told.state) == 1
    assert call("Message", None, True, None, "warning", None, state=told.state) is None
    assert told.messages == [("Trace", "300", "This is a trace"), ("Message", "100", "Test"), ("Warning", "", "")]


def test_without_the_condition_nothing_is_told() -> None:
    told = Told()
    assert call("Message", 1, False, "1", "Error", "No", state=told.state) == 1
    assert call("Message", 1, None, "1", "Error", "No", state=told.state) == 1
    assert told.messages == []


def test_an_error_is_told_and_ends_the_question() -> None:
    told = Told()
    with pytest.raises(EvaluationError, match="400: This is an error!"):
        call("Message", 4, True, "400", "Error", "This is an error!", state=told.state)
    assert told.messages == [("Error", "400", "This is an error!")]


def test_a_world_that_does_not_listen() -> None:
    deaf = State(World(now=lambda: NOON))
    assert call("Message", 1, True, "1", "Warning", "x", state=deaf) == 1
    with pytest.raises(EvaluationError):
        call("Message", 1, True, None, "Error", None, state=deaf)


NAME = DataNode({"family": "Chalmers", "given": ["Peter", "James"]}, FHIR["HumanName"])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (5, []),
        (q("5", "mg"), [d("5"), "mg"]),
        (CODE, ["8480-6", "http://loinc.org"]),
        (Concept((CODE,), "Systolic"), [CODE, "Systolic"]),
        ({"a": 1, "b": [2, 3], "c": None}, [1, 2, 3]),
        ([{"a": 1}, {"a": 2}], [1, 2]),
        ([], []),
    ],
)
def test_children(value: Any, expected: Any) -> None:
    assert call("Children", value) == expected


def test_descendents_go_all_the_way_down() -> None:
    ratio = Ratio(q("1", "mg"), q("2", "mL"))
    assert call("Descendents", {"r": ratio}) == [ratio, q("1", "mg"), q("2", "mL"), d("1"), "mg", d("2"), "mL"]
    assert [each.value for each in call("Descendents", NAME)] == ["Chalmers", "Peter", "James"]
    assert call("Descendents", None) is None


def test_to_list() -> None:
    assert call("ToList", 5) == [5]
    assert call("ToList", None) == []
    assert call("ToChars", "abc") == ["a", "b", "c"]


def test_every_overload_names_its_clause() -> None:
    families = ("logical", "nullological", "equality", "equivalence", "comparison", "points", "arithmetic", "boundary")
    families += ("string", "conversion", "convertible", "aggregate", "types", "message")
    modules = {f"bedside.questions.cql.operators.{family}" for family in families}
    mine = [each for all_ in OVERLOADS.values() for each in all_ if each.body.__module__ in modules]
    assert len(mine) > 200
    assert not [each.name for each in mine if not each.clause]


def test_no_signature_is_entered_twice() -> None:
    for name, overloads in OVERLOADS.items():
        signatures = [each.operands for each in overloads]
        assert len(signatures) == len(set(signatures)), name
