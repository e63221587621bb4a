"""Nodes: equal when they say the same wherever they stood, hashed alike, never changed."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from bedside.questions import tree
from bedside.questions.cql import syntax
from bedside.questions.cql import tree as typed
from bedside.questions.cql.types import BOOLEAN, INTEGER
from bedside.questions.errors import Span
from bedside.questions.nodes import Record


def subclasses(of: type[Any]) -> list[type[Any]]:
    return [each for child in of.__subclasses__() for each in (child, *subclasses(child))]


def test_the_place_takes_no_part_in_comparison() -> None:
    here, there = tree.IdentifierRef("a", span=Span(0, 1)), tree.IdentifierRef("a", span=Span(5, 6))
    assert here == there
    assert hash(here) == hash(there)
    assert here != tree.IdentifierRef("b", span=Span(0, 1))


def test_a_node_is_not_another_that_has_the_same_fields() -> None:
    one, other = tree.Literal(1, "Integer"), tree.Literal(2, "Integer")
    assert tree.Add(one, other) != tree.Subtract(one, other)
    assert tree.Null() != tree.Current()
    assert tree.Null() == tree.Null()
    assert tree.Null() != 1


def test_the_type_of_a_typed_node_counts_and_its_overload_does_not() -> None:
    operands = (typed.Null(type=INTEGER),)
    body = typed.Overload("Not", (BOOLEAN,), BOOLEAN, bool)
    plain = typed.Operator(type=BOOLEAN, name="Not", operands=operands)
    assert plain == replace(plain, overload=body)
    assert plain != replace(plain, type=INTEGER)


def test_nodes_are_not_changed() -> None:
    node = tree.IdentifierRef("a")
    with pytest.raises(AttributeError):
        node.name = "b"  # type: ignore[misc]


def test_every_node_is_frozen_and_leaves_comparison_to_the_base() -> None:
    nodes = subclasses(Record)
    assert len(nodes) > 130
    assert {each.__module__ for each in nodes} >= {tree.__name__, syntax.__name__, typed.__name__}
    for each in nodes:
        config = each.__struct_config__
        assert (config.frozen, config.eq) == (True, False), each


def test_a_node_shows_what_it_says() -> None:
    assert repr(tree.Add(tree.Literal(1, "Integer"), tree.IdentifierRef("a", span=Span(3, 4)))) == (
        "Add(left=Literal(value=1, value_type='Integer'), right=IdentifierRef(name='a'))"
    )
