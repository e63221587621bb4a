"""`_include` and `_revinclude`: what comes along, once each, and how far it is followed."""

from __future__ import annotations

from typing import Any

import pytest

from bedside.fhir.outcome import FhirError
from bedside.record.model import Update
from bedside.record.record import Record


def put(record: Record, *resources: dict[str, Any]) -> None:
    record.write(*[Update(r["resourceType"], r, r["id"]) for r in resources])


def of(name: str, id_: str, /, **more: Any) -> dict[str, Any]:
    return {"resourceType": name, "id": id_, **more}


def to(reference: str) -> dict[str, str]:
    return {"reference": reference}


@pytest.fixture
def hospital(unchecked: Record) -> Record:
    put(
        unchecked,
        of("Organization", "1", partOf=to("Organization/2")),
        of("Organization", "2", partOf=to("Organization/3")),
        of("Organization", "3"),
        of("Practitioner", "1"),
        of("Patient", "1", generalPractitioner=[to("Practitioner/1"), to("Organization/1")], managingOrganization=to("Organization/1")),
        of("Patient", "2", link=[{"other": to("Patient/1"), "type": "seealso"}]),
        of("Group", "1"),
        of("Observation", "1", status="final", code={}, subject=to("Patient/1"), performer=[to("Practitioner/1")]),
        of("Observation", "2", status="final", code={}, subject=to("Group/1")),
        of("Observation", "3", status="final", code={}, subject=to("Patient/404"), performer=[to("Patient/1")]),
        of("Provenance", "1", target=[to("Observation/1"), to("Patient/1")], recorded="2020-01-01T00:00:00Z"),
        of("Questionnaire", "a", url="http://q", version="1", status="active"),
        of("Questionnaire", "b", url="http://q", version="2", status="active"),
        of("QuestionnaireResponse", "1", questionnaire="http://q|1", status="completed"),
        of("QuestionnaireResponse", "2", questionnaire="http://q", status="completed"),
    )  # fmt: skip
    return unchecked


def included(record: Record, name: str, *pairs: tuple[str, str]) -> list[str]:
    """What comes along, sorted; nothing twice, and nothing that matches."""
    result = record.search(name, pairs, strict=True)
    found = [stored.reference for stored in result.included]
    assert len(found) == len(set(found))
    assert not set(found) & {stored.reference for stored in result.matches}
    return sorted(found)


@pytest.mark.parametrize(
    ("name", "pairs", "expected"),
    [
        ("Observation", [("_include", "Observation:subject")], ["Group/1", "Patient/1"]),
        ("Observation", [("_include", "Observation:subject:Patient")], ["Patient/1"]),
        ("Observation", [("_include", "Observation:patient")], ["Patient/1"]),
        ("Observation", [("_include", "Observation:performer:Patient")], ["Patient/1"]),
        ("Observation", [("_id", "1"), ("_include", "Observation:*")], ["Patient/1", "Practitioner/1"]),
        ("Observation", [("_id", "1"), ("_include", "*")], ["Patient/1", "Practitioner/1"]),
        ("Observation", [("_include", "Patient:organization")], []),
        ("Patient", [("_id", "1"), ("_include", "Patient:organization")], ["Organization/1"]),
        (
            "Patient",
            [("_id", "1"), ("_include", "Patient:organization"), ("_include:iterate", "Organization:partof")],
            ["Organization/1", "Organization/2", "Organization/3"],
        ),
        (
            "Observation",
            [
                ("_id", "1"),
                ("_include", "Observation:patient"),
                ("_include:iterate", "Patient:general-practitioner:Organization"),
            ],
            ["Organization/1", "Patient/1"],
        ),
        ("Patient", [("_include", "Patient:link")], []),
        ("Patient", [("_id", "1"), ("_revinclude", "Patient:link")], ["Patient/2"]),
        ("Patient", [("_id", "1"), ("_revinclude", "Observation:subject")], ["Observation/1"]),
        ("Patient", [("_id", "1"), ("_revinclude", "Observation:*")], ["Observation/1", "Observation/3"]),
        (
            "Patient",
            [("_id", "1"), ("_revinclude", "*")],
            ["Observation/1", "Observation/3", "Patient/2", "Provenance/1"],
        ),
        ("Group", [("_revinclude", "Observation:patient")], []),
        (
            "Patient",
            [("_id", "1"), ("_revinclude", "Observation:subject"), ("_revinclude:iterate", "Provenance:target")],
            ["Observation/1", "Provenance/1"],
        ),
        (
            "Group",
            [("_revinclude", "Observation:subject"), ("_revinclude:iterate", "Provenance:target")],
            ["Observation/2"],
        ),
        (
            "QuestionnaireResponse",
            [("_id", "1"), ("_include", "QuestionnaireResponse:questionnaire")],
            ["Questionnaire/a"],
        ),
        (
            "QuestionnaireResponse",
            [("_id", "2"), ("_include", "QuestionnaireResponse:questionnaire")],
            ["Questionnaire/b"],
        ),
    ],
)
def test_inclusions(hospital: Record, name: str, pairs: list[tuple[str, str]], expected: list[str]) -> None:
    assert included(hospital, name, *pairs) == expected


def test_what_is_included_belongs_to_its_page(hospital: Record) -> None:
    asked = [("_sort", "_id"), ("_count", "1"), ("_include", "Observation:subject")]
    first = hospital.search("Observation", asked)
    assert [s.reference for s in first.included] == ["Patient/1"]
    second = hospital.search("Observation", [*asked, ("_page", str(first.next))])
    assert [s.reference for s in second.included] == ["Group/1"]


def test_what_was_deleted_is_not_included(hospital: Record) -> None:
    from bedside.record.model import Delete

    hospital.write(Delete("Patient", "1"))
    assert included(hospital, "Observation", ("_include", "Observation:subject")) == ["Group/1"]
    assert included(hospital, "Patient", ("_revinclude", "Observation:subject")) == []


def test_circles_end(unchecked: Record) -> None:
    put(
        unchecked,
        of("Organization", "1", partOf=to("Organization/2")),
        of("Organization", "2", partOf=to("Organization/1")),
    )
    assert included(unchecked, "Organization", ("_id", "1"), ("_include:iterate", "Organization:partof")) == [
        "Organization/2"
    ]


def test_references_may_begin_with_the_server_s_own_address(hospital: Record) -> None:
    base = "https://fhir.example/fhir"
    for text, expected in ((f"{base}/Patient/1", ["1"]), ("https://else.example/fhir/Patient/1", [])):
        found = hospital.search("Observation", [("subject", text)], base=base).matches
        assert [stored.id for stored in found] == expected
    chained = hospital.search("Provenance", [("target:Observation.subject", f"{base}/Patient/1")], base=base)
    assert len(chained.matches) == 1


def test_a_search_has_limits(hospital: Record) -> None:
    many = ",".join(map(str, range(1001)))
    assert hospital.search("Observation", [("subject", many.rpartition(",")[0])]).total == 3
    for pairs in (
        [("subject", many)],
        [("date", ",".join(["2020"] + [f"20{i:02}-01" for i in range(100)]))],
        [("_id", "1")] * 101,
    ):
        with pytest.raises(FhirError) as error:
            hospital.search("Observation", pairs)
        assert error.value.issues[0].code == "too-costly"
