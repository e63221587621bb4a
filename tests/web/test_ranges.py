"""High, low, critical, or nothing to say."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from bedside.web import languages
from bedside.web.readable.ranges import flag
from web.samples import INTERPRETATION

EN = languages.words("en")


def holder(value: str | None = None, low: str | None = None, high: str | None = None, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = dict(more)
    if value is not None:
        found["valueQuantity"] = {"value": Decimal(value), "code": "mmol/L"}
    limits = {
        name: {"value": Decimal(limit), "code": "mmol/L"} for name, limit in (("low", low), ("high", high)) if limit
    }
    if limits:
        found["referenceRange"] = [limits]
    return found


def interpreted(*codes: str) -> list[dict[str, Any]]:
    return [{"coding": [{"system": INTERPRETATION, "code": code} for code in codes]}]


@pytest.mark.parametrize(
    ("codes", "arrow", "level"),
    [
        (("H",), "↑", "attention"),
        (("HH",), "↑↑", "danger"),
        (("L",), "↓", "attention"),
        (("LL",), "↓↓", "danger"),
        (("A",), "!", "attention"),
        (("H", "AA"), "!!", "danger"),  # the worst of several
    ],
)
def test_what_the_laboratory_says(codes: tuple[str, ...], arrow: str, level: str) -> None:
    found = flag(EN, holder("5.6", interpretation=interpreted(*codes)))
    assert found is not None
    assert (found.arrow, found.level) == (arrow, level)
    assert found.word


def test_normal_by_the_laboratory_is_not_overruled_by_a_range() -> None:
    assert flag(EN, holder("5.6", "3.5", "5.0", interpretation=interpreted("N"))) is None


@pytest.mark.parametrize(
    ("value", "low", "high", "arrow"),
    [
        ("5.6", "3.5", "5.0", "↑"),
        ("5.0", "3.5", "5.0", None),
        ("5.00", "3.5", "5.0", None),
        ("3.4", "3.5", "5.0", "↓"),
        ("3.4", None, "5.0", None),
        ("0", "0.1", None, "↓"),
    ],
)
def test_outside_the_reference_range(value: str, low: str | None, high: str | None, arrow: str | None) -> None:
    found = flag(EN, holder(value, low, high))
    assert (found.arrow if found else None) == arrow


def test_what_cannot_be_compared_is_not_flagged() -> None:
    other_unit = holder("5.6", "3.5", "5.0")
    other_unit["referenceRange"][0]["high"]["code"] = "mg/dL"
    assert flag(EN, other_unit) is None
    below = holder("5.6", "3.5", "5.0")
    below["valueQuantity"]["comparator"] = "<"  # somewhere below 5.6, perhaps normal
    assert flag(EN, below) is None
    for_others = holder("5.6", "3.5", "5.0")
    for_others["referenceRange"][0]["appliesTo"] = [{"text": "pregnant"}]
    assert flag(EN, for_others) is None
    two = holder("5.6", "3.5", "5.0")
    two["referenceRange"].append({"low": {"value": 4, "code": "mmol/L"}})
    assert flag(EN, two) is None


def test_words_are_in_the_readers_language() -> None:
    found = flag(languages.words("nl"), holder("5.6", "3.5", "5.0"))
    assert found is not None
    assert found.word == "hoog"
