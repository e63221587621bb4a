"""Logic with three values, and the operators that ask for null (ELM 13 and 14)."""

from __future__ import annotations

from itertools import product

import pytest
from operator_calls import call, overload

TRUTHS = (True, False, None)
PAIRS = list(product(TRUTHS, repeat=2))
TRIPLES = list(product(TRUTHS, repeat=3))

AND = {(True, True): True, (True, False): False, (False, False): False, (True, None): None, (False, None): False}
OR = {(True, True): True, (True, False): True, (False, False): False, (True, None): True, (False, None): None}
XOR = {(True, True): False, (True, False): True, (False, False): False, (True, None): None, (False, None): None}


@pytest.mark.parametrize(("name", "table"), [("And", AND), ("Or", OR), ("Xor", XOR)])
@pytest.mark.parametrize("pair", PAIRS)
def test_truth_tables(name: str, table: dict[tuple[bool, bool | None], bool | None], pair: tuple) -> None:
    expected = table.get(pair, table.get(pair[::-1]))
    assert call(name, *pair) is expected


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (True, True, True),
        (True, False, False),
        (True, None, None),
        (False, True, True),
        (False, False, True),
        (False, None, True),
        (None, True, True),
        (None, False, None),
        (None, None, None),
    ],
)
def test_implies(left: bool | None, right: bool | None, expected: bool | None) -> None:
    assert call("Implies", left, right) is expected


@pytest.mark.parametrize("pair", PAIRS)
def test_de_morgan(pair: tuple) -> None:
    one, other = (call("Not", each) for each in pair)
    assert call("Not", call("And", *pair)) is call("Or", one, other)
    assert call("Not", call("Or", *pair)) is call("And", one, other)


@pytest.mark.parametrize("name", ["And", "Or", "Xor"])
@pytest.mark.parametrize("triple", TRIPLES)
def test_associative_and_commutative(name: str, triple: tuple) -> None:
    a, b, c = triple
    assert call(name, call(name, a, b), c) is call(name, a, call(name, b, c))
    assert call(name, a, b) is call(name, b, a)


@pytest.mark.parametrize("triple", TRIPLES)
def test_distributive_and_absorbing(triple: tuple) -> None:
    a, b, c = triple
    assert call("And", a, call("Or", b, c)) is call("Or", call("And", a, b), call("And", a, c))
    assert call("And", a, call("Or", a, b)) is a
    assert call("Or", a, call("And", a, b)) is a


@pytest.mark.parametrize("pair", PAIRS)
def test_implies_is_not_or(pair: tuple) -> None:
    assert call("Implies", *pair) is call("Or", call("Not", pair[0]), pair[1])


@pytest.mark.parametrize(("name", "decides"), [("And", False), ("Or", True), ("Implies", False)])
def test_the_right_operand_is_left_alone_when_the_left_decides(name: str, decides: bool) -> None:
    def never() -> bool:
        raise AssertionError("the right operand was evaluated")

    assert overload(name, True, True).body(lambda: decides, never) is (name != "And")


def test_tests_for_truth_never_answer_null() -> None:
    assert [call("IsNull", each) for each in (*TRUTHS, "", 0, [])] == [False, False, True, False, False, False]
    assert [call("IsTrue", each) for each in TRUTHS] == [True, False, False]
    assert [call("IsFalse", each) for each in TRUTHS] == [False, True, False]


def test_coalesce() -> None:
    assert call("Coalesce", None, 15, None) == 15
    assert call("Coalesce", None, None) is None
    assert call("Coalesce", "a", None, "b", None, "c") == "a"
    assert call("Coalesce", [None, None, "a"]) == "a"
    assert call("Coalesce", [None, None]) is None
    assert call("Coalesce", []) is None
    assert call("Coalesce", None, False) is False
