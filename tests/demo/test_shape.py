"""The hospital as data: deterministic, valid, complete in itself."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest

from bedside.demo import generate
from bedside.fhir import json
from bedside.fhir.check import check
from bedside.fhir.references import references

from .conftest import Demo, Resource


def digest(patients: int, **options: Any) -> list[str]:
    return [sha256(json.encode(block)).hexdigest() for block in generate(patients=patients, **options)]


def test_same_arguments_give_the_same_bytes() -> None:
    assert digest(9) == digest(9)


def test_a_patient_is_the_same_however_many_there_are() -> None:
    few, many = digest(4), digest(9)
    assert few[:5] == many[:5], "the institution and patients 1 to 4"


def test_another_seed_gives_other_people() -> None:
    one, other = digest(3), digest(3, seed=2)
    assert all(a != b for a, b in zip(one[:-1], other[:-1], strict=True)), "all but the groups"


def test_until_moves_the_end_of_the_record() -> None:
    when = date(2024, 3, 5)
    blocks = list(generate(patients=6, until=when))
    starts = [r["period"]["start"] for block in blocks for r in block if r["resourceType"] == "Encounter"]
    assert starts
    assert max(starts) <= "2024-03-05T14:30"
    assert digest(2, until=when) == digest(2, until="2024-03-05")


@pytest.mark.parametrize("until", [datetime(2026, 1, 1, 12, 0), "yesterday"])
def test_until_must_be_a_moment(until: Any) -> None:
    with pytest.raises(ValueError, match=r"zone|Invalid isoformat"):
        next(generate(patients=1, until=until))


def test_a_hospital_without_patients_is_an_institution() -> None:
    assert len(list(generate(patients=0))) == 1
    with pytest.raises(ValueError, match="cannot have -1"):
        next(generate(patients=-1))


def test_every_resource_is_valid(demo: Demo) -> None:
    wrong = [(f"{r['resourceType']}/{r['id']}", issue.path, issue.message) for r in demo.all for issue in check(r)]
    assert wrong == []


def test_ids_are_unique_and_every_reference_points_back(demo: Demo) -> None:
    seen: set[str] = set()
    dangling = []
    for block in demo.blocks:
        own = [f"{r['resourceType']}/{r['id']}" for r in block]
        assert len(set(own)) == len(own)
        assert seen.isdisjoint(own)
        seen.update(own)
        for resource in block:
            for link in references(resource):
                if link.value["reference"] not in seen:
                    dangling.append((resource["id"], link.value["reference"]))
    assert dangling == []


def test_everything_says_that_it_is_synthetic(demo: Demo) -> None:
    tag = ("https://bedside.example/tags", "demo")
    for resource in demo.all:
        assert [(t["system"], t["code"]) for t in resource["meta"]["tag"]] == [tag]
        assert "profile" not in resource["meta"]


def walk(value: Any) -> Any:
    yield value
    if isinstance(value, dict):
        for item in value.values():
            yield from walk(item)
    elif isinstance(value, list):
        for item in value:
            yield from walk(item)


def test_nothing_is_shared_between_resources(demo: Demo) -> None:
    """What one reader changes must not change what another sees."""
    some: list[Resource] = demo.lives[0] + demo.lives[1] + demo.institution[:300]
    parts = [id(part) for r in some for part in walk(r) if isinstance(part, dict | list)]
    assert len(parts) == len(set(parts))


def test_numbers_are_exact_and_codes_are_whole(demo: Demo) -> None:
    for resource in demo.all:
        for part in walk(resource):
            assert not isinstance(part, float)
            if isinstance(part, dict) and "system" in part and "code" in part and "value" not in part:
                assert part["code"]
                assert part.get("display"), part
    values = [r["valueQuantity"]["value"] for r in demo.by_type["Observation"] if "valueQuantity" in r]
    assert any(isinstance(value, Decimal) and str(value).endswith("0") for value in values), "5.0 stays 5.0"


def test_every_local_code_is_published(demo: Demo) -> None:
    published = {
        (system["url"], concept["code"], concept["display"])
        for system in demo.by_type["CodeSystem"]
        for concept in system["concept"]
    }
    used = {
        (part["system"], each["code"], each["display"])
        for resource in demo.all
        for part in walk(resource)
        if isinstance(part, dict) and str(part.get("system", "")).startswith("https://scheldemond.example/codes/")
        for each in part.get("concept", [part])  # a value set names the system once
    }
    assert used <= published


def test_units_are_ucum(demo: Demo) -> None:
    from bedside.terms.ucum import parse

    codes = {
        part["code"]
        for resource in demo.all
        for part in walk(resource)
        if isinstance(part, dict) and part.get("system") == "http://unitsofmeasure.org"
    }
    assert len(codes) > 40
    for code in sorted(codes):
        parse(code)


def test_size(demo: Demo) -> None:
    sizes = sorted(len(block) for block in demo.lives)
    assert 100 <= sum(sizes) / len(sizes) <= 330, "each course once: heavier than the usual mix"
    assert sizes[-1] > 2000
    assert sizes[0] >= 5


def test_many_kinds_of_resource(demo: Demo) -> None:
    wanted = {
        word
        for line in (
            "Patient RelatedPerson Practitioner PractitionerRole Organization Location HealthcareService",
            "Endpoint Schedule Slot Appointment Encounter EpisodeOfCare Condition Procedure Observation",
            "DiagnosticReport Specimen ImagingStudy ServiceRequest Medication MedicationRequest",
            "MedicationAdministration MedicationStatement Immunization AllergyIntolerance CarePlan CareTeam",
            "Goal Consent Coverage DocumentReference Composition QuestionnaireResponse Questionnaire",
            "FamilyMemberHistory Task Communication Flag Device ClinicalImpression Provenance Group",
            "CodeSystem ValueSet Library Measure",
        )
        for word in line.split()
    }
    assert wanted <= set(demo.by_type)
