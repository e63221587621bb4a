"""Laws of the structural check: generated resources pass, and the quick yes is never wrong."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from bedside.fhir import json
from bedside.fhir.check import check, check_thoroughly
from bedside.fhir.definitions import resource_types
from bedside.fhir.quick import is_plain, plain_references
from bedside.fhir.references import references

from .strategies import resources

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


@given(resources())
@settings(max_examples=300, suppress_health_check=SLOW, deadline=None)
def test_a_generated_resource_is_valid_and_survives_json(resource: dict[str, Any]) -> None:
    assert check_thoroughly(resource) == []
    assert check(resource) == []
    encoded = json.encode(resource)
    again = json.decode(encoded)
    assert again == resource
    assert json.encode(again) == encoded


@given(resources())
@settings(max_examples=300, suppress_health_check=SLOW, deadline=None)
def test_the_quick_check_meets_the_references_that_a_search_for_them_finds(resource: dict[str, Any]) -> None:
    met = plain_references(resource)
    if met is None:
        assert not is_plain(resource)
        return
    found = [(id(link.value), link.element.targets) for link in references(resource)]
    assert sorted((id(value), targets) for value, targets in met) == sorted(found)


@pytest.mark.parametrize("name", resource_types())
def test_every_type_can_be_generated_and_is_valid(name: str) -> None:
    @given(resources(name))
    @settings(max_examples=4, suppress_health_check=SLOW, deadline=None, database=None)
    def valid(resource: dict[str, Any]) -> None:
        assert check(resource, expect_type=name) == []

    @given(resources(name, depth=0))
    @settings(max_examples=4, suppress_health_check=SLOW, deadline=None, database=None)
    def plain(resource: dict[str, Any]) -> None:
        assert is_plain(resource)

    valid()
    plain()


# What a client might get wrong, and what is merely unusual: each replaces a value somewhere in a resource.
ODDITIES: list[Any] = [
    None, True, False, 0, -1, 1, 2**31, Decimal("1.0"), Decimal("NaN"), 1.5, "", " ", "x", "a b", "a  b", " a", "true",
    "1", "2024", "2024-02-30", "2024-02-29", "2024-01-01T00:00:00", "2024-01-01T00:00:00Z", "2024-13", "24:00:00",
    "12:00:00", "a\x00b", "a\x0bb", "a\u00a0b", "é", "http://a b", "Patient/1", "Patient/", "Foo/1", "#x", "#",
    "urn:oid:9", "urn:uuid:ABC", "final", "active", "<div>x</div>", "<div><script></script></div>", "YQ==", "YQ=", [],
    {}, [None], [[]], [{}], {"id": "x"}, {"url": "http://x"}, {"extension": [{"url": "http://x", "valueCode": "y"}]},
    {"coding": [{"code": "active"}]}, {"reference": "Patient/1"}, {"reference": "Patient/1", "type": "Group"},
    {"type": "Patient"}, {"resourceType": "Patient"}, {"value": 1, "comparator": "<"}, {"text": "x"},
]  # fmt: skip


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every (container, key) inside a resource."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield value, key
        yield from places(inner)


@given(resources(), st.data())
@settings(max_examples=300, suppress_health_check=SLOW, deadline=None)
def test_what_the_quick_check_accepts_the_thorough_one_accepts_too(
    resource: dict[str, Any], data: st.DataObject
) -> None:
    mutant = copy.deepcopy(resource)
    for _ in range(data.draw(st.integers(1, 2))):
        container, key = data.draw(st.sampled_from(list(places(mutant))))
        action = data.draw(st.sampled_from(["replace", "remove", "add", "double"]))
        if action == "remove":
            del container[key]
        elif action == "double" and isinstance(container, dict):
            container[f"_{key}" if data.draw(st.booleans()) else f"{key}Boolean"] = container[key]
        elif action == "add" and isinstance(container, dict):
            names = ["valueString", "value", "extension", "contained", "id", "_status", "deceasedDateTime", "type"]
            container[data.draw(st.sampled_from(names))] = copy.deepcopy(data.draw(st.sampled_from(ODDITIES)))
        else:
            alike = [o for o in ODDITIES if o.__class__ is container[key].__class__]
            pool = alike if alike and data.draw(st.booleans()) else ODDITIES
            container[key] = copy.deepcopy(data.draw(st.sampled_from(pool)))
        if not list(places(mutant)):
            break
    note(str(mutant))
    issues = check_thoroughly(mutant)
    if is_plain(mutant):
        assert issues == []
    assert check(mutant) == issues


def grafted(chance: Random, one: Any, other: Any) -> Any:
    """Two values of the same type in one: mostly legal, but with two choices or without what is required."""
    if isinstance(one, list) and isinstance(other, list):
        return [grafted(chance, one[0], other[0]), *one[1:], *other[1:]]
    if not isinstance(one, dict) or not isinstance(other, dict):
        return chance.choice([one, other])
    both = {**other, **one}
    both.update((key, grafted(chance, one[key], other[key])) for key in one if key in other)
    return {key: value for key, value in both.items() if chance.random() < 0.9}


@given(st.sampled_from(["MedicationRequest", "Condition", "Observation", "Group", *resource_types()]), st.data())
@settings(max_examples=200, suppress_health_check=SLOW, deadline=None)
def test_grafts_of_two_resources_are_judged_alike(name: str, data: st.DataObject) -> None:
    one, other = data.draw(resources(name, depth=2)), data.draw(resources(name, depth=2))
    for seed in range(10):
        graft = grafted(Random(seed), one, other)
        issues = check_thoroughly(graft)
        if is_plain(graft):
            assert issues == [], graft
        assert check(graft) == issues


@given(
    st.recursive(
        st.sampled_from(ODDITIES),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "id", "resourceType"]), inner)
        ),
    )
)
@settings(deadline=None)
def test_anything_at_all_is_answered_with_issues_not_with_an_exception(value: Any) -> None:
    issues = check(value)
    assert issues or (isinstance(value, dict) and value.get("resourceType") in resource_types())
