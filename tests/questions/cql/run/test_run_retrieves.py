"""Retrieves: what is asked of the data, and which resources of which profile come back."""

from __future__ import annotations

from typing import Any

import pytest

from bedside.questions.cql.run.memory import MemoryData
from bedside.questions.cql.world import DateRange, Wanted
from bedside.questions.errors import UnsupportedError
from questions.cql.run.asking import HEADER, SNOMED, answer, asked, condition, ids, patient, world

MICROSECONDS_A_DAY = 86_400_000_000


def wanted(expression: str, **more: Any) -> list[Wanted]:
    """What an expression asks of the data."""
    at = world()
    found: list[Wanted] = []
    retrieve = at.data.retrieve  # type: ignore[union-attr]
    at.data.retrieve = lambda each: found.append(each) or retrieve(each)  # type: ignore
    asked(f"define Answer: {expression}", at=at, **more).evaluate("Answer")
    return found


def test_a_retrieve_asks_for_the_patients_resources_by_value_set_and_by_code() -> None:
    (one,) = wanted('[Condition: "Diabetes"]')
    assert (one.resource_type, one.context_type, one.context_id) == ("Condition", "Patient", "1")
    assert (one.code_path, one.value_set, one.codes) == ("code", "http://example.org/ValueSet/diabetes", None)
    (one,) = wanted('[Condition: code ~ "Asthma"]')
    assert (one.value_set, one.codes) == (None, frozenset({(SNOMED, "195967001")}))
    (one,) = wanted("[Condition]")
    assert (one.code_path, one.value_set, one.codes) == (None, None, None)


def test_without_a_patient_everybodys_are_asked_for() -> None:
    (one,) = wanted("[Condition]", of=None, header=HEADER.replace("context Patient", "context Unfiltered"))
    assert one.context_id is None


def test_codes_that_are_null_fit_nothing_and_nothing_is_asked() -> None:
    assert wanted("[Condition: code in (null as List<Code>)]") == []


def test_a_value_set_that_is_not_known_is_an_error_by_its_name() -> None:
    header = HEADER.replace("ValueSet/diabetes", "ValueSet/unknown")
    with pytest.raises(UnsupportedError, match="ValueSet/unknown is not known"):
        answer('[Condition: "Diabetes"]', header=header)


def day(number: int) -> int:
    """Microseconds at the start of a day of January 2026 (UTC)."""
    return (20_454 + number - 1) * MICROSECONDS_A_DAY


JANUARY = "Interval[@2026-01-01T00:00:00.000Z, @2026-01-31T23:59:59.999Z]"


@pytest.mark.parametrize(
    "where",
    [
        f"E.period during {JANUARY}",
        f"E.status = 'finished' and E.period overlaps day of {JANUARY}",
        f"start of E.period during day of {JANUARY} and E.status = 'finished'",
        f"E.period starts during {JANUARY}",
    ],
)
def test_a_date_that_every_result_must_fit_is_handed_down_with_a_day_to_spare(where: str) -> None:
    (one,) = wanted(f"[Encounter] E where {where}")
    assert one.date_path == "period"
    assert one.date_range == DateRange(day(0), day(33) - 1_000)


@pytest.mark.parametrize(
    "where",
    [
        f"E.period during {JANUARY} or E.status = 'finished'",
        f"not (E.period during {JANUARY})",
        f"E.period before {JANUARY}",
        "E.period during E.period",
    ],
)
def test_a_date_that_not_every_result_must_fit_is_not_handed_down(where: str) -> None:
    (one,) = wanted(f"[Encounter] E where {where}")
    assert (one.date_path, one.date_range) == (None, None)


def test_what_the_data_gives_too_much_the_query_leaves_out() -> None:
    assert ids(answer(f"[Encounter] E where E.period during {JANUARY}")) == ["e1"]


def test_a_retrieve_in_the_context_of_another_patient() -> None:
    resources = [patient("1", "1960-06-05"), patient("2", "1930-06-05"), condition("c", "2", "44054006", "2000")]
    header = HEADER.replace("context Patient", "context Unfiltered\ndefine Mother: First([Patient] P where P.id = '2')")
    found = answer('[Mother -> "Condition"]', header=header + "\ncontext Patient\n", at=world(resources))
    assert ids(found) == ["c"]


# Profiles

QICORE = """library Asked version '1'
using QICore version '6.0.0'
context Patient
"""
BASE = "http://hl7.org/fhir/us/qicore/StructureDefinition/"


def request(identifier: str, *profiles: str, **more: Any) -> dict[str, Any]:
    meta = {"meta": {"profile": list(profiles)}} if profiles else {}
    return {
        "resourceType": "MedicationRequest",
        "id": identifier,
        "subject": {"reference": "Patient/1"},
        "status": "active",
        "intent": "order",
        **meta,
        **more,
    }


def of_type(name: str, *resources: dict[str, Any]) -> list[str]:
    return ids(answer(f"[{name}]", header=QICORE, at=world([patient("1", "1960-06-05"), *resources])))


def test_a_resource_is_of_the_profile_that_it_claims() -> None:
    given = [
        request("done", BASE + "qicore-medicationrequest"),
        request("not-done", BASE + "qicore-medicationnotrequested|6.0.0", doNotPerform=True),
    ]
    assert of_type("MedicationRequest", *given) == ["done"]
    assert of_type("MedicationNotRequested", *given) == ["not-done"]


def test_one_that_claims_none_of_the_model_counts_for_all_but_negations_are_kept_apart() -> None:
    given = [
        request("plain"),
        request("foreign", "http://example.org/StructureDefinition/ours"),
        request("prohibited", doNotPerform=True),
    ]
    assert of_type("MedicationRequest", *given) == ["plain", "foreign"]
    assert of_type("MedicationNotRequested", *given) == ["prohibited"]


def test_a_status_tells_a_negation_that_is_not_tagged() -> None:
    task = {"resourceType": "Task", "for": {"reference": "Patient/1"}, "intent": "order"}
    given = [{**task, "id": "r", "status": "rejected"}, {**task, "id": "c", "status": "completed"}]
    assert of_type("TaskRejected", *given) == ["r"]
    assert of_type("Task", *given) == ["r", "c"]


def test_a_special_vital_sign_is_a_vital_sign() -> None:
    pressure = {
        "resourceType": "Observation",
        "id": "bp",
        "status": "final",
        "subject": {"reference": "Patient/1"},
        "meta": {"profile": ["http://hl7.org/fhir/us/core/StructureDefinition/us-core-blood-pressure"]},
    }
    assert of_type('"USCoreVitalSignsProfile"', pressure) == ["bp"]
    assert of_type('"USCoreBloodPressureProfile"', pressure) == ["bp"]
    assert of_type('"USCoreSmokingStatusProfile"', pressure) == []


# Memory


def test_everything_of_a_bundle_with_one_patient_is_that_patients() -> None:
    stray = condition("stray", "nobody", "44054006", "2019")
    bundle = {"entry": [{"resource": patient("1", "1960-06-05")}, {"resource": stray}]}
    question = Wanted("Condition", "Patient", "1")
    assert list(MemoryData.of_bundle(bundle).retrieve(question)) == [stray]
    assert list(MemoryData([patient("1", "1960-06-05"), stray]).retrieve(question)) == []


def test_references_by_full_url_lead_to_the_patient() -> None:
    own = condition("own", "x", "44054006", "2019")
    own["subject"]["reference"] = "urn:uuid:0"
    bundle = {
        "entry": [
            {"fullUrl": "urn:uuid:0", "resource": patient("1", "1960-06-05")},
            {"fullUrl": "urn:uuid:1", "resource": patient("2", "1960-06-05")},
            {"resource": own},
        ]
    }
    data = MemoryData.of_bundle(bundle)
    assert list(data.retrieve(Wanted("Condition", "Patient", "1"))) == [own]
    assert list(data.retrieve(Wanted("Condition", "Patient", "2"))) == []
    assert data.resolve("urn:uuid:1") == patient("2", "1960-06-05")
