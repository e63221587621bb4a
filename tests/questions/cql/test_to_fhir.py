"""CQL values as FHIR parameters, and back (Using CQL with FHIR, "FHIR Type Mapping")."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from bedside.fhir import json
from bedside.fhir.check import check
from bedside.questions.cql import types as t
from bedside.questions.cql.from_fhir import Misfit, type_of, value_of
from bedside.questions.cql.to_fhir import ABSENT, CQL_TYPE, EMPTY_LIST, EMPTY_TUPLE, parameters
from bedside.questions.cql.types import DataType, IntervalType, ListType, TupleType, parse_type
from bedside.questions.cql.values import Code, Concept, Interval, Long, Ratio, ValueSet
from bedside.questions.data import DataNode
from bedside.questions.model import FHIR
from bedside.questions.values import Date, DateTime, Quantity, Time

MG = Quantity(Decimal("5.40"), "mg")
ADDRESS = TupleType.of([("street", t.STRING), ("number", t.INTEGER)])

BOTH_WAYS: list[tuple[Any, DataType]] = [
    (True, t.BOOLEAN),
    (-5, t.INTEGER),
    (Long(1 << 40), t.LONG),
    (Decimal("10.00"), t.DECIMAL),
    ("text", t.STRING),
    (Date(2024, 2), t.DATE),
    (DateTime(2024, 1, 1, 10, 30, Decimal("0.250"), 120), t.DATETIME),
    (Time(10, 30, Decimal("15")), t.TIME),
    (MG, t.QUANTITY),
    (Quantity(Decimal(3), "week", True), t.QUANTITY),
    (Ratio(MG, Quantity(Decimal(1), "mL")), t.RATIO),
    (Code("a", "http://example.org/s", "1", "An a"), t.CODE),
    (Concept((Code("a", "s"), Code("b", "s")), "either"), t.CONCEPT),
    (Interval(1, 5, True, True, "Integer"), IntervalType(t.INTEGER)),
    (Interval(Decimal("1.5"), None, True, True, "Decimal"), IntervalType(t.DECIMAL)),
    (Interval(Date(2024, 1, 1), Date(2024, 1, 31), True, True, "Date"), IntervalType(t.DATE)),
    (Interval(Time(10, 30, Decimal(0)), Time(11, 0, Decimal(0)), True, True, "Time"), IntervalType(t.TIME)),
    (Interval(MG, None, True, True, "Quantity"), IntervalType(t.QUANTITY)),
    ([1, 2, None], ListType(t.INTEGER)),
    ([], ListType(t.INTEGER)),
    ([[1, 2], [], [3]], ListType(ListType(t.INTEGER))),
    (None, t.BOOLEAN),
    (None, ListType(t.BOOLEAN)),
    ({"number": 3, "street": None}, ADDRESS),
    ([{"number": 3, "street": "Mauritskade"}, {"number": 4, "street": "Dam"}], ListType(ADDRESS)),
    ({"inner": [{"number": 1, "street": "x"}]}, TupleType.of([("inner", ListType(ADDRESS))])),
]


def through(value: Any, type_: DataType) -> list[dict[str, Any]]:
    """The parameters of a value, after a way over the wire."""
    sent = {"resourceType": "Parameters", "parameter": parameters("x", value, type_)}
    found: list[dict[str, Any]] = json.decode_object(json.encode(sent))["parameter"]
    return found


@pytest.mark.parametrize(("value", "type_"), BOTH_WAYS, ids=str)
def test_there_and_back(value: Any, type_: DataType) -> None:
    sent = through(value, type_)
    assert check({"resourceType": "Parameters", "parameter": sent}) == []
    assert all(each["extension"] == [{"url": CQL_TYPE, "valueString": str(type_)}] for each in sent)
    assert value_of(sent, type_, 0) == value
    # What can be seen from the value alone is a type that takes the same value.
    if value is not None and "Tuple" not in str(type_):
        assert type_of(sent) == type_


def test_what_is_absent_is_said() -> None:
    def said(value: Any) -> str:
        [one] = parameters("x", value)
        [extension] = one["_valueBoolean"]["extension"]
        return str(extension["url"])

    assert said(None) == ABSENT
    assert said([]) == EMPTY_LIST
    assert said({}) == EMPTY_TUPLE


def test_open_ends_move_inwards() -> None:
    [one] = parameters("x", Interval(1, 5, False, False, "Integer"))
    assert one["valueRange"] == {"low": {"value": 2}, "high": {"value": 4}}
    year = Interval(
        DateTime(2025, 1, 1, 0, 0, Decimal("0.000"), 0),
        DateTime(2026, 1, 1, 0, 0, Decimal("0.000"), 0),
        True,
        False,
        "DateTime",
    )
    [one] = parameters("x", year)
    assert one["valuePeriod"] == {"start": "2025-01-01T00:00:00.000Z", "end": "2025-12-31T23:59:59.999Z"}
    [one] = parameters("x", Interval(None, Date(2025, 1, 2), True, False, "Date"))
    assert one["valuePeriod"] == {"end": "2025-01-01"}


def test_pieces_of_resources() -> None:
    patient = {"resourceType": "Patient", "id": "1", "birthDate": "1970-01-01"}
    contact = {"relationship": [{"text": "mother"}], "name": {"family": "Vries"}, "gender": "female"}
    assert parameters("x", DataNode(patient, FHIR["Patient"])) == [{"name": "x", "resource": patient}]
    shadow = {"extension": [{"url": "http://example.org/e", "valueString": "s"}]}
    assert parameters("x", DataNode("1970-01-01", FHIR["date"], shadow)) == [
        {"name": "x", "valueDate": "1970-01-01", "_valueDate": shadow}
    ]
    assert parameters("x", DataNode({"family": "Vries"}, FHIR["HumanName"])) == [
        {"name": "x", "valueHumanName": {"family": "Vries"}}
    ]
    [backbone] = parameters("x", DataNode(contact, FHIR["Patient.contact"]))
    assert backbone == {
        "name": "x",
        "part": [
            {"name": "relationship", "valueCodeableConcept": {"text": "mother"}},
            {"name": "name", "valueHumanName": {"family": "Vries"}},
            {"name": "gender", "valueCode": "female"},
        ],
    }
    assert check({"resourceType": "Parameters", "parameter": [backbone]}) == []
    [canonical] = parameters("x", ValueSet("http://example.org/vs", "2"))
    assert canonical["valueCanonical"] == "http://example.org/vs|2"


@pytest.mark.parametrize(
    ("given", "wanted", "says"),
    [
        ([{"name": "x", "valueString": "5"}], "Integer", "Integer is wanted, not valueString"),
        ([{"name": "x", "valueInteger": 5}, {"name": "x", "valueInteger": 6}], "Integer", "given 2 times"),
        ([{"name": "x", "valueDate": "2024-13-01"}], "Date", "Date is wanted"),
        ([{"name": "x", "valuePeriod": {"start": "yesterday"}}], "Interval<DateTime>", "DateTime is wanted"),
        ([{"name": "x", "part": []}], "Integer", "not parts"),
        (
            [{"name": "x", "resource": {"resourceType": "Patient"}}],
            "FHIR.Observation",
            "Observation is wanted, not a resource",
        ),
        ([{"name": "x", "valueQuantity": {"value": 1, "comparator": "<"}}], "Quantity", "Quantity is wanted"),
        ([{"name": "x", "valueInteger": 1 << 31}], "Integer", "Integer is wanted"),
    ],
)
def test_what_does_not_fit_is_told(given: list[dict[str, Any]], wanted: str, says: str) -> None:
    with pytest.raises(Misfit) as error:
        value_of(given, parse_type(wanted), 0)
    assert says in str(error.value)


def test_a_concept_of_nothing_is_still_valid() -> None:
    for value in (Concept(()), Concept((), "in words")):
        assert check({"resourceType": "Parameters", "parameter": through(value, t.CONCEPT)}) == []


def test_times_without_a_zone_get_one() -> None:
    period = [{"name": "x", "valuePeriod": {"start": "2024-01-01", "end": "2024-12-31T23:59:59+01:00"}}]
    found = value_of(period, IntervalType(t.DATETIME), -300)
    assert (found.low.offset, found.high.offset) == (-300, 60)


def test_choices_take_the_first_that_fits() -> None:
    either = t.choice([t.QUANTITY, t.STRING])
    assert value_of([{"name": "x", "valueString": "s"}], either, 0) == "s"
    with pytest.raises(Misfit):
        value_of([{"name": "x", "valueBoolean": True}], either, 0)
