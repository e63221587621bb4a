"""Lists by place, membership and as sets, by appendix B of CQL 1.5.3; the order of sorting."""

from __future__ import annotations

import itertools
from functools import cmp_to_key
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from operator_calls import call, d, q

from bedside.questions.cql.operators import list_membership as membership
from bedside.questions.cql.operators import list_sets as sets
from bedside.questions.cql.operators import lists, order
from bedside.questions.cql.operators.elements import Elements, digest, same
from bedside.questions.cql.operators.equality import equal
from bedside.questions.cql.values import Code, Concept, Interval, Long, Ratio
from bedside.questions.data import DataNode, node_of
from bedside.questions.errors import EvaluationError
from bedside.questions.model import FHIR
from bedside.questions.values import Date, DateTime, Time

NOON, NOON_SHARP = Time.parse("12:00:00"), Time.parse("12:00:00.000")


def encounter(identifier: str | None, status: str = "finished") -> DataNode:
    resource = {"resourceType": "Encounter", "status": status, "type": [{"text": "visit"}]}
    node = node_of(resource | ({"id": identifier} if identifier else {}))
    assert isinstance(node, DataNode)
    return node


def test_places() -> None:
    assert lists.first([None, 1]) is None
    assert lists.last([1, 2]) == 2
    assert lists.first([]) is lists.last([]) is None
    assert [lists.indexer([1, 2], place) for place in (-1, 0, 1, 2)] == [None, 1, 2, None]
    assert lists.index_of([1, 3, 5, 7], 5) == 2
    assert lists.index_of([1, None], 4) == -1
    assert call("IndexOf", [1, None], None) is None
    assert call("First", None) is None


def test_counting_and_existing() -> None:
    assert lists.length(None) == lists.length([]) == 0
    assert lists.length([None, 1]) == 2
    assert lists.exists([None, 1]) is True
    assert lists.exists([None]) is lists.exists([]) is lists.exists(None) is False


def test_singleton_from() -> None:
    assert lists.singleton_from([1]) == 1
    assert lists.singleton_from([]) is None
    with pytest.raises(EvaluationError, match="it has 3"):
        lists.singleton_from([1, 3, 5])


FIVE = [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (lists.slice_(FIVE), FIVE),
        (lists.slice_(FIVE, 1), [2, 3, 4, 5]),
        (lists.slice_(FIVE, 1, 3), [2, 3]),
        (lists.slice_(FIVE, 1, None), [2, 3, 4, 5]),
        (lists.slice_(FIVE, -2), [4, 5]),
        (lists.slice_(FIVE, 1, -1), [2, 3, 4]),
        (lists.slice_(FIVE, 5), []),
        (lists.slice_(FIVE, -9), FIVE),
        (lists.slice_(FIVE, 4, 2), []),
        (lists.slice_(None, 1), None),
        (lists.skip(FIVE, 2), [3, 4, 5]),
        (lists.skip(FIVE, None), FIVE),
        (lists.skip(FIVE, -1), []),
        (lists.skip(None, 2), None),
        (lists.take(FIVE, 2), [1, 2]),
        (lists.take(FIVE, 9), FIVE),
        (lists.take(FIVE, None), []),
        (lists.take(FIVE, -1), []),
        (lists.take(None, 2), None),
        (lists.tail([1]), []),
        (lists.tail([]), []),
    ],
)
def test_parts(found: list[int] | None, expected: list[int] | None) -> None:
    assert found == expected


def test_no_list_is_changed() -> None:
    given_ = [3, 1, 3, None]
    for operation in (sets.distinct, lists.flatten, lists.tail, lambda each: sets.union(each, [9])):
        operation(given_)
    assert given_ == [3, 1, 3, None]


def test_flatten_and_times() -> None:
    assert lists.flatten([[1, 2], None, [], [None, 3]]) == [1, 2, None, 3]
    assert lists.times([{"a": 1}, {"a": 2}], [{"b": 3}]) == [{"a": 1, "b": 3}, {"a": 2, "b": 3}]
    with pytest.raises(EvaluationError, match="tuples"):
        lists.times([1], [2])


@pytest.mark.parametrize(
    ("items", "element", "expected"),
    [
        ([1, 3, 5, 7], 5, True),
        ([1, 3, 5, 7], 4, False),
        ([1, 3], None, False),
        (["a", None], None, True),
        ([None, "b"], "a", False),
        ([d("1.0")], d("1.00"), True),
        ([q("1", "cm")], q("0.01", "m"), True),
        ([NOON_SHARP], NOON, None),
        ([NOON_SHARP, NOON], NOON, True),
        ([[1, 2]], [1, 2], True),
        (None, 1, False),
    ],
)
def test_contains_and_in(items: list[Any] | None, element: Any, expected: bool | None) -> None:
    assert membership.contains(items, element) is expected
    assert membership.in_list(element, items) is expected


@pytest.mark.parametrize(
    ("items", "element", "expected"),
    [
        (None, "a", False),
        ([], "a", False),
        (["a"], "a", False),
        (["a", "a"], "a", False),
        (["a", "b"], "a", True),
        (["a", "b"], "c", False),
        (["a", None], "a", None),
        (["a", "b", None], "a", True),
        ([None], None, False),
        ([None, None], None, False),
        (["s", None], None, True),
        (["s", "u"], None, False),
        ([NOON, Time(20)], NOON, True),
        ([NOON_SHARP, Time(20)], NOON, None),
    ],
)
def test_proper_contains(items: list[Any] | None, element: Any, expected: bool | None) -> None:
    assert membership.proper_contains(items, element) is expected
    assert membership.proper_in(element, items) is expected


@pytest.mark.parametrize(
    ("left", "right", "included", "properly"),
    [
        ([], [], True, False),
        ([None], [None], True, False),
        ([1, 2, 3], [], True, True),
        ([1, 2, 3], [2, 2], True, True),
        ([1, 2, 3], [3, 2, 1], True, False),
        ([1, 2, 3], [4], False, False),
        ([1, 2, 3], [2, None], False, False),
        ([NOON_SHARP, Time(20)], [NOON], None, None),
        (list(range(100)), list(range(0, 100, 7)), True, True),
    ],
)
def test_includes(left: list[Any], right: list[Any], included: bool | None, properly: bool | None) -> None:
    assert membership.includes(left, right) is membership.included_in(right, left) is included
    assert membership.proper_includes(left, right) is membership.proper_included_in(right, left) is properly


def test_sets() -> None:
    assert sets.distinct([1, 1, None, 2, None]) == [1, None, 2]
    assert sets.distinct([True, 1, d("1.0")]) == [True, 1]
    assert sets.union([1, 2], [2, None, 3]) == [1, 2, None, 3]
    assert sets.union(None, [4, 4]) == [4]
    assert sets.union(None, None) == []
    assert sets.intersect([None, 1, 3, 3, 5], [None, 3, 5, 7]) == [None, 3, 5]
    assert sets.except_([1, 3, 5, 7, 7, None], [1, 3, None]) == [5, 7]
    assert sets.except_([1, 4], None) == [1, 4]
    assert sets.except_(None, [1]) is None
    assert call("Intersect", [1], None) is None
    assert call("Distinct", None) is None


def test_what_may_or_may_not_be_equal_is_kept_apart() -> None:
    assert sets.distinct([NOON, NOON_SHARP]) == [NOON, NOON_SHARP]
    assert sets.except_([NOON], [NOON_SHARP]) == [NOON]


def test_resources_are_told_apart_by_what_is_in_them() -> None:
    one, again, other = encounter("1"), encounter("1"), encounter("1", "planned")
    nameless = encounter(None)
    assert [
        each is kept
        for each, kept in zip(
            sets.distinct([one, again, other, nameless, encounter(None)]), [one, other, nameless], strict=True
        )
    ] == [True] * 3
    assert sets.union([one], [again]) == [one]
    assert membership.contains([one], again) is True
    assert membership.contains([one], other) is False


VALUES: list[Any] = [
    1, Long(1), d("1.0"), d("1.00"), d("2.5"), True, "a", "A", None,
    q("1", "cm"), q("0.01", "m"), q("1", "year"), q("12", "month"), q("1", "a"),
    Date(2014), Date(2014, 1), Date(2014, 1, 1), DateTime.parse("2014-01-01T"),
    DateTime.parse("2014-01-01T10:00:00.000+02:00"), DateTime.parse("2014-01-01T08:00:00.000Z"),
    DateTime.parse("2014-01-01T10+05:30"), DateTime.parse("2014-01-01T05+00:00"), NOON, NOON_SHARP,
    Code("1", "s"), Code("1", "s", display="one"), Concept((Code("1", "s"),)), Ratio(q("1"), q("2", "g")),
    Interval(1, 3, True, True, "Integer"), Interval(1, 4, True, False, "Integer"), Interval(None, 3, False, True, "Integer"),
    [1, None], [d("1.0"), None], {"a": 1}, {"a": d("1.0")}, {"a": None},
    encounter("1"), encounter("1"), encounter(None), encounter(None),
    DataNode("a", FHIR["code"]), DataNode("2014-01-01", FHIR["date"]),
]  # fmt: skip


def test_equal_values_have_one_digest() -> None:
    for one, other in itertools.combinations(VALUES, 2):
        if same(one, other):
            assert digest(one) == digest(other), (one, other)


NAMES = st.sampled_from([None, "a", "b", "c", "d"])


@given(st.lists(NAMES), st.lists(NAMES))
def test_sets_of_lists_are_sets(left: list[str | None], right: list[str | None]) -> None:
    assert set(sets.union(left, right)) == set(left) | set(right)
    assert set(sets.intersect(left, right)) == set(left) & set(right)
    assert set(sets.except_(left, right) or ()) == set(left) - set(right)
    assert membership.includes(left, right) is (set(left) >= set(right))
    assert membership.proper_includes(left, right) is (set(left) > set(right))
    for found in (sets.union(left, right), sets.intersect(left, right), sets.distinct(left)):
        assert len(found) == len(set(found))


@given(st.lists(st.sampled_from(VALUES), max_size=12))
def test_elements_are_the_first_of_each_kind(items: list[Any]) -> None:
    kept = Elements(items).items
    slowly: list[Any] = []
    for item in items:
        if not any(same(each, item) is True for each in slowly):
            slowly.append(item)
    assert len(kept) == len(slowly)
    assert all(one is other for one, other in zip(kept, slowly, strict=True))


# Sorting -------------------------------------------------------------------------------------------------------------


def test_null_is_first_and_what_is_known_less_precisely_before_what_is_in_it() -> None:
    dates = [DateTime.parse(each) for each in ("2012-10-05T10Z", "2012-01-01T", "2012-01-01T12Z", "2012-10-05T")]
    ordered = sorted([*dates, None], key=cmp_to_key(order.before))
    assert [str(each) for each in ordered] == [
        "None",
        "2012-01-01",
        "2012-01-01T12Z",
        "2012-10-05",
        "2012-10-05T10Z",
    ]


@pytest.mark.parametrize(
    ("left", "right"), [({"a": 1}, {"a": 2}), ("a", 1), ([1], [2]), (encounter("1"), encounter("2"))]
)
def test_what_has_no_order_is_an_error(left: Any, right: Any) -> None:
    with pytest.raises(EvaluationError, match="no order"):
        order.before(left, right)


QUANTITIES = [q("1", "cm"), q("0.5", "m"), q("3", "g"), q("1", "kg"), q("1", "year"), q("1", "day"), q("2", "month")]


@given(st.sampled_from(QUANTITIES), st.sampled_from(QUANTITIES), st.sampled_from(QUANTITIES))
def test_the_order_is_total_and_agrees_with_less(one: Any, two: Any, three: Any) -> None:
    assert order.before(one, two) == -order.before(two, one)
    if order.before(one, two) == order.before(two, three):
        assert order.before(one, three) == order.before(one, two)
    if equal(one, two) is True:
        assert order.before(one, two) == 0
