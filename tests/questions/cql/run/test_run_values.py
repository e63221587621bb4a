"""Properties, selectors, casts and FHIRHelpers: from pieces of resources to values."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from bedside.questions.cql.values import Code, Concept, Interval, Ratio
from bedside.questions.data import DataNode
from bedside.questions.errors import EvaluationError
from bedside.questions.values import Date, DateTime, Quantity, Time
from questions.cql.run.asking import LOINC, RESOURCES, answer, asked, patient, world


def observation(**more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": "o",
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": "1"}], "text": "one"},
        "subject": {"reference": "Patient/1"},
        **more,
    }


def of_observation(expression: str, **more: Any) -> Any:
    resources = [patient("1", "1960-06-05"), observation(**more)]
    return answer(f"singleton from ([Observation] O return all {expression})", at=world(resources))


QUANTITY = {"value": Decimal("7.20"), "unit": "mg", "system": "http://unitsofmeasure.org", "code": "mg"}


def test_a_primitive_is_a_node_and_its_value_a_system_value() -> None:
    birth = answer("Patient.birthDate")
    assert isinstance(birth, DataNode)
    assert birth.type.name == "date"
    assert answer("Patient.birthDate.value") == Date(1960, 6, 5)
    assert answer("Patient.gender.value") == "female"


def test_lists_are_walked_and_flattened() -> None:
    assert [each.value for each in answer("Patient.name.given")] == ["Ada", "Augusta", "Ada"]
    assert [[each.value for each in of] for of in answer("Patient.name N return all N.given")] == [
        ["Ada", "Augusta"],
        ["Ada"],
    ]


def test_a_list_that_is_not_there_is_empty_and_a_single_element_is_null() -> None:
    assert answer("Patient.address") == []
    assert answer("Patient.maritalStatus") is None
    assert answer("exists Patient.address") is False


def test_a_choice_is_found_by_the_property_that_is_there() -> None:
    assert of_observation("O.value", valueString="high").type.name == "string"
    assert of_observation("O.value.value", valueInteger=3) == 3
    assert of_observation("O.value is FHIR.Quantity", valueQuantity=QUANTITY) is True
    assert of_observation("O.value as FHIR.string", valueQuantity=QUANTITY) is None
    assert of_observation("O.value") is None


def test_extensions_of_a_primitive_stand_beside_it() -> None:
    shadow = {"extension": [{"url": "http://example.org/why", "valueCode": "unknown"}]}
    assert of_observation("O.status.extension.url.value", _status=shadow) == ["http://example.org/why"]
    assert of_observation("O.issued", _issued=shadow).value is None
    assert of_observation("O.issued.value", _issued=shadow) is None


def test_backbones_and_references() -> None:
    component = [{"code": {"text": "left"}, "valueInteger": 1}, {"code": {"text": "right"}, "valueInteger": 2}]
    assert (
        of_observation(
            "(O.component C where C.code.text = 'right' return C.value as integer)[0].value", component=component
        )
        == 2
    )
    assert of_observation("O.subject.reference.value") == "Patient/1"


@pytest.mark.parametrize(
    ("written", "offset", "expected"),
    [
        ("2026-01-10", None, DateTime(2026, 1, 10, offset=120)),
        ("2026-01-10", 0, DateTime(2026, 1, 10, offset=0)),
        ("2026-01-10T09:30:00-05:00", None, DateTime(2026, 1, 10, 9, 30, Decimal("0.000"), -300)),
        ("2026-01-10T09:30:00.5Z", None, DateTime(2026, 1, 10, 9, 30, Decimal("0.5"), 0)),
    ],
)
def test_a_date_time_has_the_zone_of_the_session_unless_it_has_its_own(
    written: str, offset: int | None, expected: DateTime
) -> None:
    """Its seconds are known to the millisecond: FHIR counts the fraction as digits of the second."""
    resources = [patient("1", "1960-06-05"), observation(effectiveDateTime=written)]
    session = asked("define Answer: First([Observation]).effective.value", at=world(resources), offset=offset)
    assert session.evaluate("Answer") == expected


def test_seconds_of_fhir_with_and_without_a_fraction_are_comparable() -> None:
    assert (
        of_observation(
            "O.issued during Interval[@2026-01-10T09:00:00.000Z, @2026-01-10T10:00:00.000Z]",
            issued="2026-01-10T10:00:00Z",
        )
        is True
    )


def test_a_value_that_its_type_does_not_allow_is_an_error_with_a_place() -> None:
    with pytest.raises(EvaluationError, match="a date in the data does not have the form of a date") as found:
        answer("Patient.birthDate.value", at=world([patient("1", "1960-02-30")]))
    assert (found.value.library, found.value.define) == ("Asked", "Answer")
    assert found.value.line > 1


def test_data_that_has_not_the_form_of_its_type_is_an_error_and_no_crash() -> None:
    with pytest.raises(EvaluationError, match="a CodeableConcept in the data"):
        of_observation("FHIRHelpers.ToConcept(O.code)", code={"coding": [None]})
    with pytest.raises(EvaluationError, match="a CodeableConcept in the data"):
        of_observation("O.code.text", code="x")
    with pytest.raises(EvaluationError, match="a Quantity in the data"):
        of_observation("FHIRHelpers.ToQuantity(O.value as Quantity)", valueQuantity={"value": "7"})


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ({"start": "2026-01-01", "end": "2026-02-01"}, ("2026-01-01", True, "2026-02-01", True)),
        ({"start": "2026-01-01"}, ("2026-01-01", True, None, True)),
        ({"end": "2026-02-01"}, (None, False, "2026-02-01", True)),
    ],
)
def test_a_period_without_a_start_is_open_and_without_an_end_it_goes_on(
    period: dict[str, str], expected: tuple[Any, ...]
) -> None:
    found = of_observation("FHIRHelpers.ToInterval(O.effective as Period)", effectivePeriod=period)

    def text(boundary: DateTime | None) -> str | None:
        return None if boundary is None else str(Date(boundary.year, boundary.month, boundary.day))

    assert (text(found.low), found.low_closed, text(found.high), found.high_closed) == expected
    assert found.point == "DateTime"


def test_quantities() -> None:
    assert of_observation("FHIRHelpers.ToQuantity(O.value as Quantity)", valueQuantity=QUANTITY) == Quantity(
        Decimal("7.20"), "mg"
    )
    weeks = {"value": 3, "system": "http://unitsofmeasure.org", "code": "wk"}
    assert of_observation("FHIRHelpers.ToQuantity(O.value as Quantity)", valueQuantity=weeks) == Quantity(
        Decimal(3), "week", True
    )
    assert of_observation("FHIRHelpers.ToQuantity(O.value as Quantity)", valueQuantity={"value": 3}) == Quantity(
        Decimal(3), "1"
    )
    assert of_observation("FHIRHelpers.ToQuantity(O.value as Quantity)", valueQuantity={"unit": "mg"}) is None


def test_a_quantity_with_a_comparator_is_an_interval_and_no_quantity() -> None:
    given = {**QUANTITY, "comparator": "<"}
    assert of_observation("FHIRHelpers.ToInterval(O.value as Quantity)", valueQuantity=given) == Interval(
        None, Quantity(Decimal("7.20"), "mg"), True, False, "Quantity"
    )
    with pytest.raises(EvaluationError, match="comparator"):
        of_observation("FHIRHelpers.ToQuantity(O.value as Quantity)", valueQuantity=given)


def test_a_quantity_in_a_unit_of_no_known_system_is_an_error() -> None:
    with pytest.raises(EvaluationError, match="unit"):
        of_observation(
            "FHIRHelpers.ToQuantity(O.value as Quantity)", valueQuantity={**QUANTITY, "system": "http://example.org"}
        )


def test_codes_concepts_ratios_and_ranges() -> None:
    assert of_observation("FHIRHelpers.ToConcept(O.code)") == Concept((Code("1", LOINC),), "one")
    assert of_observation("FHIRHelpers.ToCode(O.code.coding[0])") == Code("1", LOINC)
    ratio = {"numerator": QUANTITY, "denominator": {"value": 2}}
    assert of_observation("FHIRHelpers.ToRatio(O.value as Ratio)", valueRatio=ratio) == Ratio(
        Quantity(Decimal("7.20"), "mg"), Quantity(Decimal(2), "1")
    )
    limits = {"low": QUANTITY, "high": {**QUANTITY, "value": Decimal("9.5")}}
    assert of_observation("FHIRHelpers.ToInterval(O.value as Range)", valueRange=limits) == Interval(
        Quantity(Decimal("7.20"), "mg"), Quantity(Decimal("9.5"), "mg"), True, True, "Quantity"
    )


def test_implicit_conversions_are_those_of_fhirhelpers() -> None:
    assert of_observation("O.status = 'final' and O.code ~ \"HbA1c\"") is False
    assert of_observation("(O.value as Quantity) > 7 'mg'", valueQuantity=QUANTITY) is True
    assert of_observation("(O.value as time) = @T10:30:00.000", valueTime="10:30:00") is True
    assert of_observation("O.value as time", valueTime="10:30:00").value == "10:30:00"
    assert of_observation("(O.value as time).value", valueTime="10:30:00") == Time(10, 30, Decimal("0.000"))


def test_a_literal_without_an_offset_has_that_of_the_session() -> None:
    assert answer("@2026-01-10T09:30") == DateTime(2026, 1, 10, 9, 30, None, 120)
    assert answer("@2026-01-10T09:30", offset=-60) == DateTime(2026, 1, 10, 9, 30, None, -60)


def test_instances_of_system_types() -> None:
    assert answer("System.Quantity { value: 2.5, unit: 'mg' }") == Quantity(Decimal("2.5"), "mg")
    assert answer("System.Quantity { value: 2, unit: 'years' }") == Quantity(Decimal(2), "year", True)
    assert answer("Code { code: 'x', system: 'y' }") == Code("x", "y")
    assert answer("Concept { codes: { Code { code: 'x' } }, display: 'z' }") == Concept((Code("x"),), "z")


def test_instances_of_fhir_types_are_resources_like_any_other() -> None:
    made = answer(
        "FHIR.Observation { status: FHIR.ObservationStatus { value: 'final' },"
        " value: FHIR.Quantity { value: FHIR.decimal { value: 1.50 } },"
        " category: { FHIR.CodeableConcept { text: FHIR.string { value: 'lab' } } } }"
    )
    assert made.value == {
        "resourceType": "Observation",
        "status": "final",
        "valueQuantity": {"value": Decimal("1.50")},
        "category": [{"text": "lab"}],
    }
    assert made.type.name == "Observation"


def test_types_are_known_when_the_question_runs() -> None:
    mixed = "({ 1, 'a', @2020-01-01, Interval[1, 2], { 1 } } as List<Any>)"
    assert answer(f"{mixed} X return all X is Integer") == [True, False, False, False, False]
    assert answer(f"{mixed} X return all X as Interval<Integer>")[3] == Interval(1, 2, True, True, "Integer")
    assert answer(f"{mixed} X return all X as List<Integer>")[4] == [1]
    assert answer("null is Integer") is False


def test_a_strict_cast_of_another_type_is_an_error() -> None:
    with pytest.raises(EvaluationError, match="Integer"):
        answer("cast (('a' as Any)) as Integer")


def test_an_interval_cannot_end_before_it_starts() -> None:
    with pytest.raises(EvaluationError, match="before it starts"):
        answer("Interval[AgeInYears(), 3]")


def test_conditionals() -> None:
    assert answer("if null as Boolean then 1 else 2") == 2
    assert answer("case when null as Boolean then 1 when AgeInYears() > 5 then 2 else 3 end") == 2
    assert answer("case Patient.gender.value when 'male' then 1 when 'female' then 2 else 3 end") == 2
    assert answer("case (null as String) when 'male' then 1 else 3 end") == 3


def test_resources_are_not_changed() -> None:
    before = repr(RESOURCES)
    asked("define Answer: [Observation] O return O.code").evaluate_all()
    assert repr(RESOURCES) == before


def test_of_a_stay_of_no_day_there_are_no_days_to_expand() -> None:
    days = "days between @2026-03-01T08:00:00.000 and @2026-03-01T20:00:00.000"
    assert answer(f"(expand {{ Interval[1, {days}] }}) Day return end of Day") == []
    assert answer(f"expand {{ Interval[1, {days}], Interval[4, 4] }} per 1") == [Interval(4, 4, point="Integer")]
    with pytest.raises(EvaluationError):
        answer(f"Interval[1, {days}]")


def test_nothing_is_after_what_never_ends() -> None:
    ongoing = "Interval[@2026-03-01T08:00:00.000, null]"
    assert answer(f"end of {ongoing} + 1 day") is None
    assert answer(f"@2026-03-02T08:00:00.000 1 day or less after end of {ongoing}") is False
    assert answer(f"@2026-03-02T08:00:00.000 more than 1 day after end of {ongoing}") is not True
    assert answer("@2026-03-01T08:00:00.000 1 day or less before start of Interval[null, @2026-03-02]") is False
    with pytest.raises(EvaluationError):
        answer("@2026-03-01 + 8000 years")
