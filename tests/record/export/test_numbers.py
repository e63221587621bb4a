"""The set of numbers behaves like a set of numbers, in little room, and notices damage."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedside.record.export.numbers import Damaged, Numbers, runs

NUMBERS = st.sets(st.one_of(st.integers(0, 300), st.integers(0, 1 << 40), st.integers(65_530, 65_545)))


@given(NUMBERS, st.integers(-1, 1 << 20))
def test_is_a_set_in_order(numbers: set[int], start: int) -> None:
    found = Numbers(numbers)
    assert list(found) == sorted(numbers)
    assert len(found) == len(numbers)
    assert bool(found) == bool(numbers)
    assert list(found.after(start)) == sorted(number for number in numbers if number > start)
    for number in (*numbers, start + 1):
        assert (number in found) == (number in numbers)
    assert list(Numbers.decode(found.encode())) == sorted(numbers)


def test_adding_twice_changes_nothing() -> None:
    assert list(Numbers([7, 7, 7])) == [7]


def test_ten_million_are_about_a_megabyte() -> None:
    numbers = Numbers(range(0, 10_000_000, 100))
    assert len(numbers.encode()) < 1_400_000


@pytest.mark.parametrize("damage", [lambda b: b[:-1], lambda b: b"x" + b, lambda b: b"", lambda b: b[:-1] + b"\x01"])
def test_damage_is_noticed(damage: object) -> None:
    encoded = Numbers([1, 2, 3]).encode()
    with pytest.raises(Damaged):
        Numbers.decode(damage(encoded))  # type: ignore[operator]


def test_runs() -> None:
    assert list(runs(range(5), 2)) == [[0, 1], [2, 3], [4]]
    assert list(runs([], 2)) == []
