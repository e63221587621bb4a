"""`$everything` of patients and encounters, and searches within compartments."""

from __future__ import annotations

from typing import Any

import pytest

from bedside.fhir.outcome import FhirError
from bedside.record.model import Update
from bedside.record.record import Record
from bedside.record.search import parse

from .test_include import of, put, to


@pytest.fixture
def hospital(unchecked: Record) -> Record:
    put(
        unchecked,
        of("Patient", "1", generalPractitioner=[to("Practitioner/1")]),
        of("Patient", "2"),
        of("Practitioner", "1"),
        of("Practitioner", "2"),
        of("PractitionerRole", "1", practitioner=to("Practitioner/2"), organization=to("Organization/1")),
        of("Organization", "1"),
        of("Organization", "2"),
        of("Medication", "1"),
        of("Encounter", "1", subject=to("Patient/1"), period={"start": "2020-01-01", "end": "2020-01-03"}),
        of("Encounter", "2", subject=to("Patient/2"), period={"start": "2020-01-01"}),
        of("Observation", "1", subject=to("Patient/1"), effectiveDateTime="2020-01-02", encounter=to("Encounter/1")),
        of("Observation", "2", subject=to("Patient/1"), effectiveDateTime="2021-06-01", performer=[to("PractitionerRole/1")]),
        of("Observation", "3", subject=to("Patient/2"), effectiveDateTime="2021-06-01", performer=[to("Patient/1")]),
        of("Observation", "4", subject=to("Patient/2"), effectiveDateTime="2021-06-02"),
        of("MedicationRequest", "1", subject=to("Patient/1"), medicationReference=to("Medication/1"), encounter=to("Encounter/1")),
        of("Group", "1", type="person", actual=True, member=[{"entity": to("Patient/1")}, {"entity": to("Patient/2")}]),
        of("DiagnosticReport", "1", subject=to("Patient/1"), result=[to("Observation/4"), to("Observation/1")]),
    )  # fmt: skip
    return unchecked


def everything(record: Record, name: str, id_: str, *pairs: tuple[str, str]) -> tuple[set[str], set[str]]:
    """What is the record's own, and what comes along, over all pages."""
    own: list[str] = []
    others: list[str] = []
    cursor: list[tuple[str, str]] = []
    while True:
        result = record.everything(name, id_, [*pairs, *cursor])
        own += [s.reference for s in result.matches]
        others += [s.reference for s in result.included]
        if result.next is None:
            assert len(own + others) == len(set(own + others)) == result.total
            return set(own), set(others)
        cursor = [("_page", result.next)]


OWN = {
    "Patient/1", "Encounter/1", "Observation/1", "Observation/2", "Observation/3", "MedicationRequest/1", "Group/1",
    "DiagnosticReport/1",
}  # fmt: skip
OTHERS = {"Practitioner/1", "Practitioner/2", "PractitionerRole/1", "Organization/1", "Medication/1"}


@pytest.mark.parametrize("count", [None, 1, 3, 100])
def test_a_patient_with_all_that_is_theirs(hospital: Record, count: int | None) -> None:
    pairs = [] if count is None else [("_count", str(count))]
    assert everything(hospital, "Patient", "1", *pairs) == (OWN, OTHERS)


def test_the_patient_comes_first_and_the_rest_newest_first(hospital: Record) -> None:
    found = [s.reference for s in hospital.everything("Patient", "1").matches]
    assert found[0] == "Patient/1"
    assert found.index("Observation/2") < found.index("Observation/1")


def test_an_encounter_brings_its_patient_and_not_the_patient_s_other_data(hospital: Record) -> None:
    own, others = everything(hospital, "Encounter", "1")
    assert own == {"Encounter/1", "Observation/1", "MedicationRequest/1"}
    assert others == {"Patient/1", "Practitioner/1", "Medication/1"}


def test_types(hospital: Record) -> None:
    own, others = everything(hospital, "Patient", "1", ("_type", "Observation,Practitioner"))
    assert own == {"Observation/1", "Observation/2", "Observation/3"}
    assert others == {"Practitioner/1", "Practitioner/2"}


def test_dates_of_care_keep_what_has_no_date(hospital: Record) -> None:
    own, _ = everything(hospital, "Patient", "1", ("start", "2020-01-03"), ("end", "2020-12-31"))
    assert own == {"Patient/1", "Encounter/1", "MedicationRequest/1", "Group/1", "DiagnosticReport/1"}
    own, _ = everything(hospital, "Patient", "1", ("start", "2021-06"))
    assert {"Observation/2", "Observation/3"} <= own
    assert not {"Encounter/1", "Observation/1"} & own


def test_since(hospital: Record) -> None:
    before = hospital.everything("Patient", "1").matches
    last = max(stored.updated for stored in before)
    changed = of("Observation", "2", subject=to("Patient/1"), effectiveDateTime="2021-06-02")
    hospital.write(Update("Observation", changed, "2"))
    from bedside.fhir.dates import instant

    own, others = everything(hospital, "Patient", "1", ("_since", instant(last + 1)))
    assert (own, others) == ({"Observation/2"}, set())


def test_nobody_is_nothing(hospital: Record) -> None:
    assert everything(hospital, "Patient", "404") == (set(), set())


@pytest.mark.parametrize(
    "pair", [("start", "x"), ("_count", "-1"), ("_type", "Pateint"), ("name", "x"), ("_page", "zz")]
)
def test_what_cannot_be_read_is_refused(hospital: Record, pair: tuple[str, str]) -> None:
    with pytest.raises(FhirError) as error:
        hospital.everything("Patient", "1", [pair])
    assert error.value.status == 400


def within(record: Record, name: str | None, compartment: tuple[str, str], *pairs: tuple[str, str]) -> list[str]:
    result = record.search(name, pairs, compartment=compartment, strict=True)
    return sorted(stored.reference for stored in result.matches)


def test_compartments(hospital: Record) -> None:
    mine = ("Patient", "1")
    assert within(hospital, "Observation", mine) == ["Observation/1", "Observation/2", "Observation/3"]
    assert within(hospital, "Observation", mine, ("date", "2021")) == ["Observation/2", "Observation/3"]
    assert within(hospital, "Patient", mine) == ["Patient/1"]
    assert within(hospital, None, mine) == sorted(OWN)
    assert within(hospital, None, mine, ("_type", "Encounter,Group")) == ["Encounter/1", "Group/1"]
    assert within(hospital, "MedicationRequest", ("Encounter", "1")) == ["MedicationRequest/1"]
    assert within(hospital, "Observation", ("Patient", "404")) == []


def test_what_is_never_in_a_compartment_is_refused(hospital: Record) -> None:
    with pytest.raises(FhirError, match="never in the compartment"):
        parse(hospital.registry, "Organization", [], compartment=("Patient", "1"))


def shown(result: Any) -> list[str]:
    return [stored.reference for stored in result.matches]


def test_several_types_page_as_one(hospital: Record) -> None:
    whole = shown(hospital.search(None, [("_type", "Patient,Observation,Encounter")]))
    assert sorted(whole) == sorted(
        [f"Observation/{i}" for i in range(1, 5)] + ["Patient/1", "Patient/2", "Encounter/1", "Encounter/2"]
    )
    paged: list[str] = []
    cursor: list[tuple[str, str]] = []
    while True:
        result = hospital.search(None, [("_type", "Patient,Observation,Encounter"), ("_count", "3"), *cursor])
        paged += shown(result)
        if result.next is None:
            break
        cursor = [("_page", result.next)]
    assert paged == whole


def test_types_sort_together(hospital: Record) -> None:
    found = shown(hospital.search(None, [("_type", "Patient,Practitioner"), ("_sort", "-_id"), ("_total", "accurate")]))
    assert [reference.partition("/")[2] for reference in found] == ["2", "2", "1", "1"]
