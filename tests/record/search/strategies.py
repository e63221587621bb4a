"""Hypothesis strategies: one parameter, a few resources that hold a value for it or do not, and queries on it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from .pools import (
    CODES,
    DATES,
    DAYS,
    FAR,
    NUMBERS,
    PERIOD_ENDS,
    PREFIXES,
    SEARCH_DATES,
    SEARCH_NUMBERS,
    SYSTEMS,
    UCUM,
    UNIT_SYSTEMS,
    UNITS,
    URLS,
    WORDS,
    escape,
)  # fmt: skip

Strategy = st.SearchStrategy[Any]
one = st.sampled_from


def few(items: Strategy, most: int = 2) -> Strategy:
    return st.lists(items, min_size=1, max_size=most)


def optional(**fields: Strategy) -> Strategy:
    """An object with some of these fields, never empty."""
    return st.fixed_dictionaries({}, optional=fields).filter(bool)


coding = optional(system=one(SYSTEMS), code=one(CODES), display=one(WORDS))
concept = optional(coding=few(coding), text=one(WORDS))
identifier = optional(system=one(SYSTEMS), value=one(CODES), type=st.fixed_dictionaries({"coding": few(coding)}))
decimal = one(NUMBERS).map(Decimal)
quantity = st.one_of(
    st.fixed_dictionaries({"value": decimal}, optional={"unit": one(UNITS), "comparator": one(["<", ">="])}),
    st.fixed_dictionaries({"value": decimal, "system": one(UNIT_SYSTEMS), "code": one(UNITS)}),
)
period = optional(start=one(DATES[:8]), end=one(PERIOD_ENDS))
reference = optional(
    reference=st.one_of(st.builds("{}/{}".format, one(["Patient", "Group"]), one("123")), one(FAR)),
    identifier=optional(system=one(SYSTEMS), value=one(CODES)),
)
probability = st.one_of(
    st.fixed_dictionaries({"probabilityDecimal": decimal}),
    st.lists(decimal, min_size=2, max_size=2).map(
        lambda pair: {"probabilityRange": {"low": {"value": min(pair)}, "high": {"value": max(pair)}}}
    ),
    st.builds(lambda end, value: {"probabilityRange": {end: {"value": value}}}, one(["low", "high"]), decimal),
)
component = st.fixed_dictionaries({"code": concept}, optional={"valueQuantity": quantity})

_CODE, _SYSTEM = one(CODES).map(escape), one(SYSTEMS).map(escape)
TOKEN = st.one_of(_CODE, st.builds("{}|{}".format, _SYSTEM, _CODE), _CODE.map("|{}".format), _SYSTEM.map("{}|".format))
OF_TYPE = st.builds("{}|{}|{}".format, _SYSTEM, _CODE, _CODE)
DATE = st.builds("{}{}".format, one(PREFIXES), one(SEARCH_DATES))
NUMBER = st.builds("{}{}".format, one(PREFIXES), one(SEARCH_NUMBERS))
QUANTITY = st.builds("{}|{}|{}".format, NUMBER, one([UCUM, UCUM, "http://units.example", ""]), one(UNITS)) | NUMBER
TEXT = one([*WORDS, "ev", "M", "mull", "b", "ø"]).map(escape)
REFERENCE = st.one_of(one("123"), st.builds("{}/{}".format, one(["Patient", "Group"]), one("123")), one(FAR[:1]))
URI = one(URLS).map(escape)

# parameter -> type of resource, the fields that hold its value, and what is asked: modifier -> values
ASKED: dict[str, tuple[str, Strategy, dict[str, Strategy]]] = {
    "code": ("Observation", st.fixed_dictionaries({"code": concept}), {"": TOKEN, "not": TOKEN, "text": TEXT}),
    "identifier": ("Patient", st.fixed_dictionaries({"identifier": few(identifier)}), {"": TOKEN, "not": TOKEN, "of-type": OF_TYPE}),
    "active": ("Patient", st.fixed_dictionaries({"active": st.booleans()}), {"": one(["true", "false"]), "not": one(["true", "false"])}),
    "value-string": ("Observation", st.fixed_dictionaries({"valueString": one(WORDS)}), {"": TEXT, "exact": TEXT, "contains": TEXT}),
    "birthdate": ("Patient", st.fixed_dictionaries({"birthDate": one(DAYS)}), {"": DATE}),
    "date": (
        "Observation",
        st.one_of(st.fixed_dictionaries({"effectiveDateTime": one(DATES)}), st.fixed_dictionaries({"effectivePeriod": period})),
        {"": DATE},
    ),
    "probability": ("RiskAssessment", st.fixed_dictionaries({"prediction": few(probability)}), {"": NUMBER}),
    "value-quantity": ("Observation", st.fixed_dictionaries({"valueQuantity": quantity}), {"": QUANTITY}),
    "subject": ("Observation", st.fixed_dictionaries({"subject": reference}), {"": REFERENCE, "Patient": one("123"), "identifier": TOKEN}),
    "patient": ("Observation", st.fixed_dictionaries({"subject": reference}), {"": one("123")}),
    "url": ("ValueSet", st.fixed_dictionaries({"url": one(URLS)}), {"": URI, "below": URI, "above": one(["http://x.example/a/b/c", "http://x.example/a"])}),
    "_profile": ("Patient", st.fixed_dictionaries({"meta": st.fixed_dictionaries({"profile": few(one(URLS))})}), {"": URI}),
    "combo-code-value-quantity": (
        "Observation",
        st.fixed_dictionaries({"code": concept}, optional={"valueQuantity": quantity, "component": few(component)}),
        {"": st.builds("{}${}".format, TOKEN, QUANTITY)},
    ),
}  # fmt: skip


@st.composite
def case(draw: st.DrawFn, code: str) -> tuple[list[dict[str, Any]], str, list[tuple[str, str]]]:
    """A few resources, their type, and questions that are asked one by one."""
    name, holding, asked = ASKED[code]
    needed = {"code": {"text": "x"}} if name == "Observation" else {}
    fields = draw(st.lists(st.one_of(holding, holding, st.just({})), min_size=1, max_size=5))
    resources = [{"resourceType": name, "id": str(i), **needed, **has} for i, has in enumerate(fields)]
    questions = []
    for modifier in draw(st.lists(one([*asked, "missing"]), min_size=1, max_size=4)):
        value = one(["true", "false"]) if modifier == "missing" else asked[modifier]
        text = ",".join(draw(st.lists(value, min_size=1, max_size=1 if modifier == "missing" else 2)))
        questions.append((f"{code}:{modifier}" if modifier else code, text))
    return resources, name, questions
