"""JSON Patch, case by case from RFC 6902, on resources with the things that go wrong: decimals, nulls, escapes."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

import pytest

from bedside.fhir import json
from bedside.fhir.outcome import Conflict, FhirError, Invalid, Unprocessable
from bedside.record.patch import apply_patch, same

PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "active": True,
    "name": [{"family": "Okafor", "given": ["Ada", "Ngozi"]}, {"text": "Ada"}],
    "multipleBirthInteger": 1,
    "a/b": 1,
    "m~n": 2,
}


@pytest.mark.parametrize(
    ("operation", "path", "expected"),
    [
        ({"op": "add", "path": "/gender", "value": "female"}, ["gender"], "female"),
        ({"op": "add", "path": "/active", "value": False}, ["active"], False),
        ({"op": "add", "path": "/name/0/given/1", "value": "B."}, ["name", 0, "given"], ["Ada", "B.", "Ngozi"]),
        ({"op": "add", "path": "/name/0/given/2", "value": "C."}, ["name", 0, "given"], ["Ada", "Ngozi", "C."]),
        ({"op": "add", "path": "/name/0/given/-", "value": "C."}, ["name", 0, "given"], ["Ada", "Ngozi", "C."]),
        ({"op": "replace", "path": "/name/0/given/0", "value": "Ade"}, ["name", 0, "given", 0], "Ade"),
        ({"op": "replace", "path": "/active", "value": None}, ["active"], None),
        ({"op": "remove", "path": "/name/0/given/0"}, ["name", 0, "given"], ["Ngozi"]),
        ({"op": "move", "from": "/name/1", "path": "/name/0"}, ["name", 0, "text"], "Ada"),
        ({"op": "move", "from": "/active", "path": "/active"}, ["active"], True),
        ({"op": "copy", "from": "/name/0/family", "path": "/name/1/family"}, ["name", 1, "family"], "Okafor"),
        ({"op": "replace", "path": "/a~1b", "value": 7}, ["a/b"], 7),
        ({"op": "replace", "path": "/m~0n", "value": 8}, ["m~n"], 8),
        ({"op": "test", "path": "/multipleBirthInteger", "value": Decimal("1.0")}, ["active"], True),
        ({"op": "add", "path": "/x", "value": 1, "ignored": "member"}, ["x"], 1),
    ],
)
def test_operation(operation: dict[str, Any], path: list[Any], expected: Any) -> None:
    before = copy.deepcopy(PATIENT)
    found: Any = apply_patch(PATIENT, [operation])
    for step in path:
        found = found[step]
    assert found == expected
    assert before == PATIENT


@pytest.mark.parametrize(
    ("operation", "error"),
    [
        ("add", Invalid),
        ({"path": "/active", "value": 1}, Invalid),
        ({"op": "spin", "path": "/active"}, Invalid),
        ({"op": "add", "path": "/active"}, Invalid),
        ({"op": "add", "value": 1}, Invalid),
        ({"op": "add", "path": "active", "value": 1}, Invalid),
        ({"op": "add", "path": "/a~2b", "value": 1}, Invalid),
        ({"op": "move", "path": "/active"}, Invalid),
        ({"op": "remove", "path": "/gender"}, Unprocessable),
        ({"op": "replace", "path": "/gender", "value": "male"}, Unprocessable),
        ({"op": "replace", "path": "/name/2", "value": {}}, Unprocessable),
        ({"op": "add", "path": "/name/3", "value": {}}, Unprocessable),
        ({"op": "add", "path": "/name/01", "value": {}}, Unprocessable),
        ({"op": "add", "path": "/name/-1", "value": {}}, Unprocessable),
        ({"op": "remove", "path": "/name/-"}, Unprocessable),
        ({"op": "add", "path": "/contact/0/gender", "value": "male"}, Unprocessable),
        ({"op": "add", "path": "/active/x", "value": 1}, Unprocessable),
        ({"op": "move", "from": "/name", "path": "/name/0"}, Unprocessable),
        ({"op": "remove", "path": ""}, Unprocessable),
        ({"op": "replace", "path": "", "value": []}, Unprocessable),
        ({"op": "test", "path": "/active", "value": 1}, Conflict),
        ({"op": "test", "path": "/name/0/given", "value": ["Ngozi", "Ada"]}, Conflict),
        ({"op": "remove", "path": "/name/" + "9" * 5000}, Unprocessable),
    ],
)
def test_refused(operation: Any, error: type[FhirError]) -> None:
    with pytest.raises(error):
        apply_patch(PATIENT, [operation])


def test_all_or_nothing_and_the_operation_is_named() -> None:
    before = copy.deepcopy(PATIENT)
    with pytest.raises(Unprocessable, match="Operation 1 of the patch"):
        apply_patch(PATIENT, [{"op": "remove", "path": "/active"}, {"op": "remove", "path": "/nothing"}])
    assert before == PATIENT


def test_values_are_copied() -> None:
    value = {"family": "New"}
    found = apply_patch(
        PATIENT,
        [{"op": "add", "path": "/name/-", "value": value}, {"op": "copy", "from": "/name/2", "path": "/name/-"}],
    )
    found["name"][2]["family"] = "Changed"
    assert value == {"family": "New"}
    assert found["name"][3] == {"family": "New"}


def test_precision_survives() -> None:
    observation = json.decode_object('{"valueQuantity": {"value": 7.20}}')
    found = apply_patch(observation, json.decode('[{"op": "add", "path": "/valueQuantity/unit", "value": "mmol/L"}]'))
    assert json.encode(found) == b'{"valueQuantity":{"value":7.20,"unit":"mmol/L"}}'


def test_sameness() -> None:
    assert same({"a": [1, None]}, {"a": [Decimal("1.00"), None]})
    assert not same(True, 1)
    assert not same("1", 1)
    assert not same({"a": 1}, {"a": 1, "b": None})
