"""Explicit conversions, and whether they can be made (ELM 22.7 to 22.31)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from operator_calls import call, d, overload, q, state

from bedside.questions.cql.operators.equality import equal
from bedside.questions.cql.values import Code, Concept, Long, Ratio, Uncertainty
from bedside.questions.data import DataNode
from bedside.questions.model import FHIR
from bedside.questions.values import Date, DateTime, Time

HERE = state(60)
"""A request from a zone one hour east of UTC."""

CODE = Code("8480-6", "http://loinc.org", display="Systolic")

CASES: list[tuple[str, Any, Any]] = [
    ("ToBoolean", "y", True),
    ("ToBoolean", "NO", False),
    ("ToBoolean", "falsetto", None),
    ("ToBoolean", 1, True),
    ("ToBoolean", 2, None),
    ("ToBoolean", Long(0), False),
    ("ToBoolean", d("1.0"), True),
    ("ToBoolean", d("0.5"), None),
    ("ToInteger", "-25", -25),
    ("ToInteger", "+1", 1),
    ("ToInteger", "one", None),
    ("ToInteger", "1.0", None),
    ("ToInteger", "2147483648", None),
    ("ToInteger", " 1", None),
    ("ToInteger", "١", None),
    ("ToInteger", True, 1),
    ("ToInteger", Long(5), 5),
    ("ToInteger", Long(2**31), None),
    ("ToLong", "-1", Long(-1)),
    ("ToLong", "9223372036854775808", None),
    ("ToLong", 7, Long(7)),
    ("ToLong", False, Long(0)),
    ("ToDecimal", "-0.1", d("-0.1")),
    ("ToDecimal", "+25.5", d("25.5")),
    ("ToDecimal", "+-0.1", None),
    ("ToDecimal", ".5", None),
    ("ToDecimal", "1e3", None),
    ("ToDecimal", "0.123456789", d("0.12345679")),
    ("ToDecimal", True, d("1.0")),
    ("ToDecimal", 5, d("5")),
    ("ToDecimal", Long(5), d("5")),
    ("ToQuantity", d("0.1"), q("0.1")),
    ("ToQuantity", 13, q("13")),
    ("ToQuantity", "-0.1 'mg'", q("-0.1", "mg")),
    ("ToQuantity", "5.5'cm'", q("5.5", "cm")),
    ("ToQuantity", "4 days", q("4", "day")),
    ("ToQuantity", "4 'days'", q("4", "day")),
    ("ToQuantity", "4", q("4")),
    ("ToQuantity", "444 'cm", None),
    ("ToQuantity", "4 'nonsense'", None),
    ("ToQuantity", "4 fortnights", None),
    ("ToQuantity", Ratio(q("5", "mg"), q("2", "mL")), q("2.5", "mg.mL-1")),
    ("ToQuantity", Ratio(q("5", "mg"), q("0", "mL")), None),
    ("ToRatio", "1.0 'mg':2.0 'mg'", Ratio(q("1.0", "mg"), q("2.0", "mg"))),
    ("ToRatio", "1:128", Ratio(q("1"), q("128"))),
    ("ToRatio", "1.0 'mg';2.0 'mg'", None),
    ("ToRatio", "1.0 'mg'", None),
    ("ToConcept", CODE, Concept((CODE,), "Systolic")),
    ("ToConcept", [CODE, None], Concept((CODE,))),
    ("ToString", True, "true"),
    ("ToString", -5, "-5"),
    ("ToString", Long(10000), "10000"),
    ("ToString", d("18.55"), "18.55"),
    ("ToString", d("5"), "5.0"),
    ("ToString", d("0.00000001"), "0.00000001"),
    ("ToString", q("125", "cm"), "125 'cm'"),
    ("ToString", q("4", "day"), "4 days"),
    ("ToString", q("1", "day"), "1 day"),
    ("ToString", q("5"), "5 '1'"),
    ("ToString", Ratio(q("-0.1", "mg"), q("0.1", "mg")), "-0.1 'mg':0.1 'mg'"),
    ("ToString", Date(2012, 1), "2012-01"),
    ("ToString", DateTime.parse("2012-01-01T12:30:00.000-05:00"), "2012-01-01T12:30:00.000-05:00"),
    ("ToString", DateTime.parse("2012-01-01T12:30:00.5+00:00"), "2012-01-01T12:30:00.500+00:00"),
    ("ToString", DateTime.parse("2012-01-01T12:30:00+01:00"), "2012-01-01T12:30:00"),
    ("ToString", DateTime(2012, 1, 1, offset=60), "2012-01-01"),
    ("ToString", Time.parse("09:30:01.003"), "09:30:01.003"),
    ("ToString", Time.parse("09:30"), "09:30"),
    ("ToDate", "2014-01", Date(2014, 1)),
    ("ToDate", "2014-01-01T12:30:00", Date(2014, 1, 1)),
    ("ToDate", "2014-13", None),
    ("ToDate", "2014-02-30", None),
    ("ToDate", "2014/01/01", None),
    ("ToDate", DateTime.parse("2014-01-01T12:30Z"), Date(2014, 1, 1)),
    ("ToDateTime", "2014", DateTime(2014, offset=60)),
    ("ToDateTime", "2014-01-01T14:30:00.0Z", DateTime.parse("2014-01-01T14:30:00.000Z")),
    ("ToDateTime", "2014-01-01T14:30-07:00", DateTime.parse("2014-01-01T14:30-07:00")),
    ("ToDateTime", "2014-01-01T25", None),
    ("ToDateTime", "2014/01/01T12:05:05.955Z", None),
    ("ToDateTime", Date(2014, 1, 1), DateTime(2014, 1, 1, offset=60)),
    ("ToTime", "T14:30:00.0", Time.parse("14:30:00.000")),
    ("ToTime", "14:30", Time.parse("14:30")),
    ("ToTime", "T14:30:00.0+05:30", Time.parse("14:30:00.000")),
    ("ToTime", "T14-30-00.0", None),
    ("ToTime", "24:00", None),
]


@pytest.mark.parametrize(("name", "value", "expected"), CASES)
def test_conversions(name: str, value: Any, expected: Any) -> None:
    found = call(name, value, state=HERE)
    assert found == expected
    assert found.__class__ is expected.__class__


@pytest.mark.parametrize(("name", "value", "expected"), CASES)
def test_what_converts_says_so(name: str, value: Any, expected: Any) -> None:
    if name != "ToConcept":
        assert call(name.replace("To", "ConvertsTo", 1), value) is (expected is not None)


@pytest.mark.parametrize(
    ("target", "value", "expected"),
    [
        ("Boolean", True, True),
        ("Integer", d("1.0"), False),
        ("Integer", 5, True),
        ("Date", Time(12), False),
        ("DateTime", Date(2014), True),
        ("Time", "14:30", True),
        ("Quantity", q("1", "mg"), True),
        ("Ratio", 1, False),
        ("String", [1], False),
        ("String", {"x": 1}, False),
        ("Integer", None, None),
        ("Boolean", DataNode("true", FHIR["string"]), True),
        ("Integer", DataNode({"family": "x"}, FHIR["HumanName"]), False),
    ],
)
def test_converts_to(target: str, value: Any, expected: bool | None) -> None:
    assert call(f"ConvertsTo{target}", value) is expected


def test_a_range_may_be_compared_with_a_decimal() -> None:
    days = Uncertainty(1, 5)
    assert overload("ToDecimal", 1).body(days) == days
    assert overload("ToString", 1).body(days) is None
    assert overload("ToQuantity", 1).body(days) is None


# What holds for all values -------------------------------------------------------------------------------------------

moments = st.datetimes().map(
    lambda at: DateTime(
        at.year, at.month, at.day, at.hour, at.minute, d(f"{at.second}.{at.microsecond // 1000:03d}"), 0
    )
)
days = st.dates().map(lambda day: Date(day.year, day.month, day.day))
ratios = st.builds(
    lambda a, b, unit: Ratio(q(str(a), unit), q(str(b))),
    st.integers(1, 9),
    st.integers(1, 9),
    st.sampled_from(["mg", "day"]),
)
SOURCES = {
    "Boolean": st.booleans(),
    "Integer": st.integers(-(2**31), 2**31 - 1),
    "Long": st.integers(-(2**63), 2**63 - 1).map(Long),
    "Decimal": st.decimals(-(10**12), 10**12, places=8),
    "Quantity": st.builds(q, st.decimals(-99, 99, places=2).map(str), st.sampled_from(["mg", "day", "1", "m/s2"])),
    "Ratio": ratios,
    "Date": days,
    "DateTime": moments,
    "Time": st.times().map(lambda at: Time(at.hour, at.minute)),
}


@given(
    st.sampled_from(sorted(SOURCES)).flatmap(lambda name: st.tuples(st.just(name), SOURCES[name])),
    st.sampled_from([0, 60]),
)
def test_a_string_can_be_converted_back(case: tuple[str, Any], offset: int) -> None:
    name, value = case
    here = state(offset)
    back = call(f"To{name}", call("ToString", value, state=here), state=here)
    assert equal(back, value) is True


@given(st.text(max_size=12))
def test_no_text_makes_a_conversion_fail(text: str) -> None:
    for name in SOURCES:
        found = call(f"To{name}", text, state=HERE)
        assert call(f"ConvertsTo{name}", text) is (found is not None)
