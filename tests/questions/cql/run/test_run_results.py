"""Answers as Python values and as JSON."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from bedside.fhir import json
from bedside.questions.cql.run.results import to_json, to_python
from bedside.questions.cql.values import Code, Long
from bedside.questions.values import Quantity
from questions.cql.run.asking import answer

ZONE = dt.timezone(dt.timedelta(hours=2))


@pytest.mark.parametrize(
    ("expression", "python", "text"),
    [
        ("1", 1, "1"),
        ("null", None, "null"),
        ("5L", 5, "5"),
        ("1.50", Decimal("1.50"), "1.50"),
        ("@2026-01-02", dt.date(2026, 1, 2), '"2026-01-02"'),
        ("@2026-01", "2026-01", '"2026-01"'),
        ("@2026-01-02T10:30", dt.datetime(2026, 1, 2, 10, 30, tzinfo=ZONE), '"2026-01-02T10:30+02:00"'),
        (
            "@2026-01-02T10:30:01.250Z",
            dt.datetime(2026, 1, 2, 10, 30, 1, 250_000, dt.UTC),
            '"2026-01-02T10:30:01.250Z"',
        ),
        ("@2026-01-02T10", "2026-01-02T10+02:00", '"2026-01-02T10+02:00"'),
        ("@T10:30", dt.time(10, 30), '"10:30"'),
        ("5.0 'mg'", Quantity(Decimal("5.0"), "mg"), '{"value":5.0,"unit":"mg"}'),
        ("{ 1, null }", [1, None], "[1,null]"),
        ("Tuple { a: 1, b: { @2026-01-02 } }", {"a": 1, "b": [dt.date(2026, 1, 2)]}, '{"a":1,"b":["2026-01-02"]}'),
        ("Patient.birthDate", "1960-06-05", '"1960-06-05"'),
        ("Patient.name[1]", {"family": "Byron", "given": ["Ada"]}, '{"family":"Byron","given":["Ada"]}'),
    ],
)
def test_values_in_both_forms(expression: str, python: Any, text: str) -> None:
    value = answer(expression)
    found = to_python(value)
    assert found == python
    assert found.__class__ is python.__class__
    assert json.encode(to_json(value)).decode() == text


def test_intervals_and_codes_stay_as_they_are_in_python_and_are_objects_in_json() -> None:
    assert to_json(answer("Interval[1, 5)")) == {"low": 1, "lowClosed": True, "high": 5, "highClosed": False}
    assert to_json(answer("Code { code: 'x', system: 'y' }")) == {"code": "x", "system": "y"}
    assert to_json(answer("Concept { codes: { Code { code: 'x' } } }")) == {"codes": [{"code": "x"}]}
    assert to_python(answer("Code { code: 'x' }")) == Code("x")
    assert to_json(answer("1 'g':2 'mL'")) == {
        "numerator": {"value": Decimal(1), "unit": "g"},
        "denominator": {"value": Decimal(2), "unit": "mL"},
    }


def test_a_long_is_an_int_outside() -> None:
    assert to_python(Long(3)).__class__ is int


def test_what_is_no_value_is_refused() -> None:
    with pytest.raises(TypeError, match="no value of CQL"):
        to_json(object())
