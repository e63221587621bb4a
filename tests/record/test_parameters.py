"""The registry of search parameters."""

from __future__ import annotations

from bedside.fhir import definitions
from bedside.record.parameters import Parameter, Registry


def told(found: dict[str, Parameter]) -> set[tuple[object, ...]]:
    return {(p.code, p.type, p.url, p.targets) for p in found.values()}


def test_what_is_listed_is_what_can_be_searched() -> None:
    quick, whole = Registry(), Registry()
    for name in definitions.resource_types():
        assert told(quick.listed(name)) == told(whole.for_type(name))


def test_parameters_that_look_at_the_same_elements_share_rows() -> None:
    observation = Registry().for_type("Observation")
    assert observation["patient"].storage == observation["subject"].storage
    assert observation["patient"].target_filter == "Patient"
    assert observation["combo-code"].storage == observation["code"].storage + observation["component-code"].storage
    assert [part.storage for part in observation["code-value-quantity"].at_root] == [
        observation["code"].storage,
        observation["value-quantity"].storage,
    ]


def test_every_type_has_numbers_of_its_own() -> None:
    registry = Registry()
    seen: dict[int, tuple[str, str]] = {}
    for name in definitions.resource_types():
        for (kind, _), number in registry.groups(name).items():
            assert registry.type_of(number) == name
            assert seen.setdefault(number, (name, kind)) == (name, kind)
