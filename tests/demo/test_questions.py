"""The questions that the hospital comes with: right, the same in every hospital, and of use in this one."""

from __future__ import annotations

import base64
import re
import statistics
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

import bedside
from api.support import Api
from bedside.api.settings import ApiSettings
from bedside.app import create_app
from bedside.ask.record import OpenRecord
from bedside.cli.fill import fill
from bedside.demo import generate
from bedside.demo.questions import questions
from bedside.fhir.check import check
from bedside.questions.cql.typer import translate
from bedside.record.model import Settings
from bedside.record.record import open_record

from .conftest import UNTIL, Demo, Resource

LIBRARIES = {each["name"]: each for each in questions() if each["resourceType"] == "Library"}
FINDINGS = (
    ("DiabetesReview", "Review due"),
    ("KidneyDosing", "Look at the doses"),
    ("AtrialFibrillation", "Look at the anticoagulation"),
    ("ManyMedicines", "Review the medicines"),
    ("Readmission", "Came back within 90 days"),
    ("EarlyWarning", "Needs a look"),
)
"""Each question with the definition that answers it."""


def text(library: Resource) -> str:
    return base64.b64decode(library["content"][0]["data"]).decode()


@pytest.mark.parametrize("name", LIBRARIES)
def test_a_library_translates_without_problems(name: str) -> None:
    def included(wanted: str, version: str | None) -> str | None:
        found = LIBRARIES.get(wanted)
        return text(found) if found is not None and version in (None, found["version"]) else None

    translation = translate(text(LIBRARIES[name]), libraries=included)
    assert translation.problems == ()
    assert tuple(translation.warnings) == ()
    assert text(LIBRARIES[name]).partition("\nlibrary ")[2].startswith(f"{name} version '1.0.0'\n")


def test_the_questions_are_the_same_in_every_hospital() -> None:
    for options in ({"patients": 0}, {"patients": 1, "seed": 5}, {"patients": 0, "until": "2024-03-01"}):
        institution = next(generate(**options))
        kinds = ("ValueSet", "Library", "Measure")
        assert [each for each in institution if each["resourceType"] in kinds] == questions()


def test_everything_that_a_question_names_is_there_and_is_used(demo: Demo) -> None:
    assert [issue for each in questions() for issue in check(each)] == []
    texts = "".join(text(each) for each in LIBRARIES.values())
    sets = {each["url"] for each in demo.by_type["ValueSet"]}
    assert set(re.findall(r"'(https://scheldemond\.example/ValueSet/[^']+)'", texts)) == sets
    codes = {
        (coding["system"], coding["code"])
        for resource in demo.all
        if resource["resourceType"] in ("Condition", "Observation", "Medication")
        for part in [resource, *resource.get("component", [])]
        for coding in part["code"]["coding"]
    }
    for each in demo.by_type["ValueSet"]:
        composed = {
            (include["system"], concept["code"])
            for include in each["compose"]["include"]
            for concept in include["concept"]
        }
        assert composed & codes, each["url"]
    for measure in demo.by_type["Measure"]:
        assert measure["library"][0].partition("|")[0] in {each["url"] for each in LIBRARIES.values()}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A record of 160 patients."""
    folder = tmp_path_factory.mktemp("questions") / "record"
    fill(str(folder), 160, 1, Settings(), lambda done, total: None)
    return folder


@pytest.fixture(scope="module")
def hospital(place: Path) -> Iterator[OpenRecord]:
    """That record, open for questions as of the moment at which it ends."""
    with bedside.open(place, now=UNTIL) as record:
        yield record


@pytest.fixture
def http(place: Path) -> Iterator[Api]:
    """The server of that record."""
    api = Api(create_app(open_record(place), ApiSettings()))
    yield api
    api.close()


@pytest.mark.slow
@pytest.mark.parametrize(("name", "define"), FINDINGS)
def test_each_question_finds_some_people_and_not_most(hospital: OpenRecord, name: str, define: str) -> None:
    answers = hospital.ask_all(f"https://scheldemond.example/Library/{name}", define=[define])
    found = [answer.patient for answer in answers if answer[define]]
    assert 1 <= len(found) <= 40


@pytest.mark.slow
def test_many_medicines_are_counted_as_by_hand(hospital: OpenRecord) -> None:
    """By way of the resources themselves: each substance in use once, on a ward by the formulary, elsewhere by code."""
    products = {f"Medication/{each['id']}": each for each in hospital.search("Medication", _count="300")}
    url = "https://scheldemond.example/Library/ManyMedicines"
    wards = 0
    for answer in hospital.ask_all(url, define=["How many"]):
        orders = hospital.search("MedicationRequest", patient=answer.patient, status="active", _count="300")
        atc: set[str] = set()
        for order in orders:
            wards += "medicationReference" in order
            concept = order.get("medicationCodeableConcept")
            concept = concept or products[order["medicationReference"]["reference"]]["code"]
            atc.update(coding["code"] for coding in concept["coding"])
        assert answer["How many"] == len(atc), answer.patient
    assert wards > 10


def report(http: Api, measure: str) -> Resource:
    answer = http.get(f"Measure/{measure}/$evaluate-measure?periodStart=2026-01-01&periodEnd=2026-12-31")
    assert answer.status_code == 200, answer.text
    group: Resource = answer.json()["group"][0]
    return group


def counts(group: Resource) -> dict[str, int]:
    return {each["code"]["coding"][0]["code"]: each["count"] for each in group["population"] if "count" in each}


@pytest.mark.slow
def test_the_length_of_stay_is_that_of_the_encounters(http: Api, hospital: OpenRecord) -> None:
    nights = []
    ended = 0
    for stay in hospital.search("Encounter", **{"class": "IMP", "status": "finished", "_count": "500"}):
        start, end = (datetime.fromisoformat(stay["period"][each]) for each in ("start", "end"))
        if end.year == 2026:
            ended += 1
            if stay["hospitalization"].get("dischargeDisposition", {"coding": [{}]})["coding"][0].get("code") != "exp":
                nights.append((end.date() - start.date()).days)
    group = report(http, "scheldemond-length-of-stay")
    assert counts(group)["measure-population"] == ended
    assert counts(group)["measure-population-exclusion"] == ended - len(nights)
    assert group["measureScore"]["value"] == statistics.median(nights)
    values = {each["value"]["text"]: counts(each)["measure-population"] for each in group["stratifier"][0]["stratum"]}
    assert set(values) == {"planned", "unplanned"}
    assert sum(values.values()) == ended


@pytest.mark.slow
def test_the_proportion_is_neither_nobody_nor_everybody(http: Api) -> None:
    group = report(http, "scheldemond-diabetes-control")
    found = counts(group)
    assert 0 < found["numerator"] < found["denominator"] - found["denominator-exclusion"]
    share = found["numerator"] / (found["denominator"] - found["denominator-exclusion"])
    assert group["measureScore"]["value"] == pytest.approx(share)


@pytest.mark.slow
def test_a_question_is_asked_of_one_patient_over_http(http: Api, hospital: OpenRecord) -> None:
    answers = hospital.ask_all("https://scheldemond.example/Library/EarlyWarning", define=["Score"])
    patient, score = next((each.patient, each["Score"]) for each in answers if each["Score"])
    query = f"subject=Patient/{patient}&expression=Score&timestamp=2026-11-19T14:30:00%2B01:00"
    answer = http.get(f"Library/scheldemond-early-warning/$evaluate?{query}")
    assert answer.json()["parameter"][0]["valueInteger"] == score
