"""Lives that make sense: what must hold in every chart, whatever the course."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from bedside.demo.cast import cast
from bedside.demo.hospital.departments import DEPARTMENTS, SPECIALTIES, WARDS

from .conftest import UNTIL, Demo, Resource, moment

ADMINISTRATIVE = {"Patient", "Coverage", "RelatedPerson", "Consent", "Flag", "Group"}
"""May be written, or go on, after death."""
PLANNED = {"Appointment", "Slot", "Goal", "CarePlan", "Task", "Coverage", "Consent"}
"""May point to the future."""


def moments(resource: Resource) -> Iterator[tuple[str, datetime]]:
    """Every dateTime in a resource with its path; dates of a day only count from noon."""

    def walk(value: Any, path: str) -> Iterator[tuple[str, datetime]]:
        if isinstance(value, dict):
            for key, item in value.items():
                if key not in ("extension", "meta", "text", "identifier", "content", "_birthDate"):
                    yield from walk(item, f"{path}.{key}")
        elif isinstance(value, list):
            for item in value:
                yield from walk(item, path)
        elif isinstance(value, str) and len(value) == 25 and value[4] == "-" and value[10] == "T":
            yield path, moment(value)

    yield from walk(resource, resource["resourceType"])


def test_nothing_happens_before_birth(demo: Demo) -> None:
    for patient, own in demo.patients():
        born = patient["birthDate"]
        for resource in own:
            for path, when in moments(resource):
                assert when.isoformat()[:10] >= born, (patient["id"], resource["id"], path)


def test_nothing_happens_after_death(demo: Demo) -> None:
    died = 0
    for patient, own in demo.patients():
        if "deceasedDateTime" not in patient:
            continue
        died += 1
        death = moment(patient["deceasedDateTime"])
        assert death < UNTIL
        for resource in own:
            if resource["resourceType"] in ADMINISTRATIVE | {"Goal"}:
                continue
            for path, when in moments(resource):
                assert when <= death, (patient["id"], resource["id"], path)
            assert resource.get("status") not in ("active", "in-progress", "booked", "requested"), resource["id"]
    assert died >= 3


def test_only_plans_lie_in_the_future(demo: Demo) -> None:
    for patient, own in demo.patients():
        for resource in own:
            if resource["resourceType"] in PLANNED:
                continue
            for path, when in moments(resource):
                if path in (
                    "MedicationRequest.dispenseRequest.validityPeriod.end",
                    "ServiceRequest.occurrenceDateTime",
                ):
                    continue
                assert when <= UNTIL, (patient["id"], resource["id"], path)


def test_periods_run_forwards(demo: Demo) -> None:
    def walk(value: Any) -> Iterator[dict[str, Any]]:
        if isinstance(value, dict):
            if "start" in value and "end" in value:
                yield value
            for item in value.values():
                yield from walk(item)
        elif isinstance(value, list):
            for item in value:
                yield from walk(item)

    for resource in demo.all:
        for period in walk(resource):
            if len(str(period["start"])) == 25:
                assert moment(period["start"]) <= moment(period["end"]), (resource["id"], period)


def test_what_belongs_to_an_encounter_lies_in_it(demo: Demo) -> None:
    """Results and what a ward gives carry a time within their encounter (blood is drawn up to a week before)."""
    for resource in demo.all:
        link = resource.get("encounter") or (
            resource.get("context") if resource["resourceType"] == "MedicationAdministration" else None
        )
        kind = resource["resourceType"]
        if link is None or kind not in ("Observation", "MedicationAdministration", "Procedure", "ClinicalImpression"):
            continue
        encounter = demo.by_reference[link["reference"]]
        start = moment(encounter["period"]["start"])
        end = moment(encounter["period"].get("end", UNTIL.isoformat()))
        text = resource.get("effectiveDateTime") or resource.get("effectivePeriod", resource.get("performedPeriod"))
        when = moment(text if isinstance(text, str) else text["start"])
        before = timedelta(days=9) if encounter["class"]["code"] in ("AMB", "VR", "SS") else timedelta(hours=12)
        assert start - before <= when <= end + timedelta(hours=12), (resource["id"], encounter["id"])


def test_admissions_of_one_person_do_not_overlap(demo: Demo) -> None:
    for patient, own in demo.patients():
        stays = sorted(
            (moment(r["period"]["start"]), moment(r["period"].get("end", UNTIL.isoformat())), r["id"])
            for r in own
            if r["resourceType"] == "Encounter" and r["class"]["code"] in ("IMP", "SS")
        )
        for (_, end, one), (start, _, other) in itertools.pairwise(stays):
            assert end <= start, (patient["id"], one, other)


def test_the_beds_of_an_admission_follow_one_another(demo: Demo) -> None:
    for encounter in demo.by_type["Encounter"]:
        if encounter["class"]["code"] != "IMP" or "period" not in encounter["location"][0]:
            continue
        places = encounter["location"]
        assert places[0]["period"]["start"] == encounter["period"]["start"]
        assert places[-1]["period"].get("end") == encounter["period"].get("end")
        for one, other in itertools.pairwise(places):
            assert one["period"]["end"] == other["period"]["start"]


def test_nobody_shares_a_bed_today(demo: Demo) -> None:
    beds: Counter[str] = Counter()
    for encounter in demo.by_type["Encounter"]:
        if encounter["status"] == "in-progress":
            assert "end" not in encounter["period"]
            now = [p for p in encounter["location"] if p["status"] == "active"]
            assert len(now) == 1
            beds.update(p["location"]["reference"] for p in now if "bed-" in p["location"]["reference"])
    assert len(beds) >= 8
    assert max(beds.values()) == 1


def test_the_cast_gives_each_bed_once_and_never_more_than_there_are() -> None:
    roles = list(cast(6000))
    beds = [role.bed for role in roles if role.bed is not None]
    assert len(beds) == len(set(beds))
    assert all(1 <= bed.number <= WARDS[bed.ward].beds for bed in beds)
    thousand = sum(1 for role in roles[:1000] if role.bed is not None)
    assert 90 <= thousand <= 180
    assert not [role for role in roles if role.dies and role.bed is not None]
    assert 0.02 < sum(role.dies for role in roles) / len(roles) < 0.12


def test_somebody_is_in_hospital_today_in_many_wards(demo: Demo) -> None:
    today = UNTIL.date().isoformat()
    assert [r for r in demo.by_type["DiagnosticReport"] if r.get("issued", "").startswith(today)]
    wards = {
        place["location"]["reference"].split("/bed-")[1][:-3]
        for encounter in demo.by_type["Encounter"]
        if encounter["status"] == "in-progress"
        for place in encounter["location"]
        if place["status"] == "active" and "bed-" in place["location"]["reference"]
    }
    assert len(wards) >= 6
    booked = [a for a in demo.by_type["Appointment"] if a["status"] == "booked"]
    assert len(booked) > 20
    assert all(moment(a["start"]) > UNTIL - timedelta(minutes=40) for a in booked)


def number(quantity: Any) -> float:
    return float(quantity["value"])


def test_interpretation_agrees_with_the_reference_range(demo: Demo) -> None:
    seen: Counter[str] = Counter()
    for observation in demo.by_type["Observation"]:
        for part in [observation, *observation.get("component", [])]:
            if "referenceRange" not in part:
                continue
            limits = part["referenceRange"][0]
            value = part["valueQuantity"]
            code = part["interpretation"][0]["coding"][0]["code"]
            seen[code] += 1
            low = "low" in limits and number(value) < number(limits["low"])
            high = "high" in limits and number(value) > number(limits["high"])
            assert code in (("L", "LL") if low else ("H", "HH") if high else ("N",)), observation["id"]
            for limit in (limits.get("low"), limits.get("high")):
                assert limit is None or limit["code"] == value["code"]
    assert set(seen) == {"N", "L", "H", "LL", "HH"}
    assert 0.55 < seen["N"] / sum(seen.values()) < 0.95


def test_egfr_follows_from_creatinine_and_ldl_from_the_other_lipids(demo: Demo) -> None:
    from bedside.demo.body.formulas import egfr

    people = {f"Patient/{p['id']}": p for p in demo.by_type["Patient"]}
    pairs = 0
    for report in demo.by_type["DiagnosticReport"]:
        found = {r["code"]["text"]: r for r in (demo.by_reference[x["reference"]] for x in report.get("result", []))}
        if {"eGFR", "Creatinine"} <= set(found):
            person = people[report["subject"]["reference"]]
            born = datetime.fromisoformat(person["birthDate"] + "T12:00:00+01:00")
            age = (moment(report["effectiveDateTime"]) - born).days / 365.25
            if age < 18.1:
                continue
            rate = egfr(number(found["Creatinine"]["valueQuantity"]), person["gender"], age, 170)
            printed = found["eGFR"]["valueQuantity"]
            assert abs(min(rate, 90) - number(printed)) <= 1 or printed.get("comparator") == ">"
            pairs += 1
        if {"Cholesterol", "LDL cholesterol", "HDL cholesterol", "Triglycerides"} <= set(found):
            total, bad, good, fat = (
                number(found[k]["valueQuantity"])
                for k in ("Cholesterol", "LDL cholesterol", "HDL cholesterol", "Triglycerides")
            )
            assert abs(total - good - fat / 2.2 - bad) < 0.07 or bad <= 0.3
    assert pairs > 200


FEMALE = {"77386006", "398254007", "11687002", "129103003", "95315005"}
MALE = {"399068003", "266569009"}


def test_conditions_suit_the_sex(demo: Demo) -> None:
    people = {f"Patient/{p['id']}": p["gender"] for p in demo.by_type["Patient"]}
    for condition in demo.by_type["Condition"]:
        code = condition["code"]["coding"][0]["code"]
        if code in FEMALE or code in MALE:
            assert people[condition["subject"]["reference"]] == ("female" if code in FEMALE else "male")
    for observation in demo.by_type["Observation"]:
        if observation["code"]["text"] == "PSA":
            assert people[observation["subject"]["reference"]] == "male"


def test_ages_suit_the_illness(demo: Demo) -> None:
    adults = {"44054006", "84114007", "49436004", "13645005", "26929004", "399068003", "193570009", "254837009"}
    people = {f"Patient/{p['id']}": p for p in demo.by_type["Patient"]}
    for condition in demo.by_type["Condition"]:
        if condition["code"]["coding"][0]["code"] in adults:
            born = int(people[condition["subject"]["reference"]]["birthDate"][:4])
            assert int(condition["onsetDateTime"][:4]) - born >= 22, condition["id"]


def codes_of(demo: Demo, resource: Resource) -> list[str]:
    """The ATC codes of a prescription or administration, also through the formulary."""
    concept = resource.get("medicationCodeableConcept")
    if concept is None:
        concept = demo.by_reference[resource["medicationReference"]["reference"]]["code"]
    return [c["code"] for c in concept["coding"] if c["system"] == "http://www.whocc.no/atc"]


@pytest.mark.parametrize(
    ("substance", "forbidden"), [("373270004", "J01C"), ("387406002", "J01E"), ("16403005", "M01A")]
)
def test_nobody_gets_what_they_are_allergic_to(demo: Demo, substance: str, forbidden: str) -> None:
    allergic = {
        a["patient"]["reference"]
        for a in demo.by_type["AllergyIntolerance"]
        if a["code"]["coding"][0]["code"] == substance
    }
    for kind in ("MedicationRequest", "MedicationAdministration", "MedicationStatement"):
        for resource in demo.by_type[kind]:
            if resource["subject"]["reference"] in allergic:
                assert not any(code.startswith(forbidden) for code in codes_of(demo, resource)), resource["id"]


def test_some_people_are_allergic_to_penicillin() -> None:
    """So that the test above tests something; the rest of a larger cast is drawn, not generated."""
    from random import Random

    from bedside.demo.people.person import draw_person

    people = [draw_person(Random(f"1/person/{n}"), n, "female", (30, 60), 1_800_000_000) for n in range(300)]
    assert 10 < sum("penicillin" in p.allergies for p in people) < 40


def test_pregnant_women_get_nothing_that_harms_the_child(demo: Demo) -> None:
    harmful = ("C09", "C10", "L04AX03", "N03AG", "B01AA", "J01MA", "J01AA", "M01A", "L01", "N05AN")
    pregnancies = {
        c["subject"]["reference"]: (c["onsetDateTime"][:10], c.get("abatementDateTime", "9999"))
        for c in demo.by_type["Condition"]
        if c["code"]["coding"][0]["code"] == "77386006"
    }
    assert len(pregnancies) >= 2
    for request in demo.by_type["MedicationRequest"]:
        period = pregnancies.get(request["subject"]["reference"])
        if period is not None and period[0] <= request["authoredOn"] < period[1]:
            assert not any(code.startswith(harmful) for code in codes_of(demo, request)), request["id"]


def test_metformin_stops_when_the_kidneys_fail(demo: Demo) -> None:
    last: dict[str, tuple[str, float]] = {}
    for observation in demo.by_type["Observation"]:
        if observation["code"]["text"] == "eGFR":
            who = observation["subject"]["reference"]
            last[who] = max(
                last.get(who, ("", 0.0)), (observation["effectiveDateTime"], number(observation["valueQuantity"]))
            )
    for request in demo.by_type["MedicationRequest"]:
        if request["status"] == "active" and "A10BA02" in codes_of(demo, request):
            assert last.get(request["subject"]["reference"], ("", 90.0))[1] >= 22, request["id"]


def test_27_specialties_each_with_staff_and_patients(demo: Demo) -> None:
    assert len(SPECIALTIES) == 27
    parent = {f"Organization/org-{d.key}": d.parent or d.key for d in DEPARTMENTS.values()}
    doctors: Counter[str] = Counter()
    residents: Counter[str] = Counter()
    for role in demo.by_type["PractitionerRole"]:
        home = parent.get(role["organization"]["reference"])
        if home is not None and "doctor" in str(role["code"]):
            (residents if "Resident" in role["code"][0]["text"] else doctors)[home] += 1
    patients: dict[str, set[str]] = defaultdict(set)
    first_forty = [resource for block in demo.lives[:40] for resource in block]  # a small hospital has them all
    for resource in first_forty:
        links = [resource.get("serviceProvider"), *resource.get("performer", [])]
        for link in links:
            home = parent.get(link["reference"]) if isinstance(link, dict) and "reference" in link else None
            if home is not None and "subject" in resource:
                patients[home].add(resource["subject"]["reference"])
        for performer in resource.get("performer", []):
            home = parent.get(performer.get("onBehalfOf", {}).get("reference"))
            if home is not None:
                patients[home].add(resource["subject"]["reference"])
    for specialty in SPECIALTIES:
        assert doctors[specialty.key] >= 3, specialty.key
        assert residents[specialty.key] >= 2, specialty.key
        assert patients[specialty.key], specialty.key


def test_trends_are_smooth(demo: Demo) -> None:
    """Two results of the same person on consecutive days rarely lie far apart."""
    for name, most in (("Haemoglobin", 1.6), ("Sodium", 7), ("HbA1c", 14), ("Height", 2.1)):
        series: dict[str, list[tuple[datetime, float]]] = defaultdict(list)
        for observation in demo.by_type["Observation"]:
            if observation["code"]["text"] == name:
                series[observation["subject"]["reference"]].append(
                    (moment(observation["effectiveDateTime"]), number(observation["valueQuantity"]))
                )
        jumps, pairs = 0, 0
        for points in series.values():
            points.sort()
            for (one, a), (other, b) in itertools.pairwise(points):
                if other - one < timedelta(days=3):
                    pairs += 1
                    jumps += abs(a - b) > most
        assert pairs == 0 or jumps / pairs < 0.03, (name, jumps, pairs)


def test_children_grow(demo: Demo) -> None:
    grown = 0
    for patient, own in demo.patients():
        heights = sorted(
            (r["effectiveDateTime"], number(r["valueQuantity"]))
            for r in own
            if r["resourceType"] == "Observation" and r["code"]["text"] in ("Height", "Length")
        )
        if patient["birthDate"] > "2012" and len(heights) > 3:
            grown += 1
            assert heights[-1][1] >= heights[0][1], patient["id"]
            assert all(b[1] >= a[1] - 1.6 for a, b in itertools.pairwise(heights)), patient["id"]
    assert grown >= 5


def test_mother_and_child_know_each_other(demo: Demo) -> None:
    children = [p for p in demo.by_type["Patient"] if p["id"].endswith("-c1")]
    assert children
    for child in children:
        mother = demo.by_reference[f"Patient/{child['id'][:-3]}"]
        related = demo.by_reference[mother["link"][0]["other"]["reference"]]
        assert related["patient"]["reference"] == f"Patient/{child['id']}"
        assert related["relationship"][0]["coding"][0]["code"] == "MTH"
        assert child["birthDate"] > mother["birthDate"][:4]
        weights = [
            number(o["valueQuantity"])
            for o in demo.by_type["Observation"]
            if o["subject"]["reference"] == f"Patient/{child['id']}" and o["code"]["text"].startswith("Birth weight")
        ]
        assert weights
        assert 1200 < weights[0] < 5200


def test_phq9_adds_up(demo: Demo) -> None:
    forms = [f for f in demo.by_type["QuestionnaireResponse"] if f["questionnaire"].endswith("phq-9")]
    assert forms
    points = {"LA6568-5": 0, "LA6569-3": 1, "LA6570-1": 2, "LA6571-9": 3}
    for form in forms:
        *items, total = form["item"]
        assert sum(points[i["answer"][0]["valueCoding"]["code"]] for i in items) == total["answer"][0]["valueInteger"]


def test_coma_scores_add_up(demo: Demo) -> None:
    scores = [o for o in demo.by_type["Observation"] if o["code"]["text"] == "GCS"]
    assert scores
    for score in scores:
        parts = [int(number(c["valueQuantity"])) for c in score["component"]]
        assert sum(parts) == number(score["valueQuantity"])
        assert all(1 <= part <= most for part, most in zip(parts, (4, 5, 6), strict=True))


def test_letters_are_readable(demo: Demo) -> None:
    from base64 import b64decode
    from hashlib import sha1

    letters = demo.by_type["DocumentReference"]
    assert len(letters) > 50
    languages = Counter()
    for letter in letters:
        attachment = letter["content"][0]["attachment"]
        raw = b64decode(attachment["data"])
        assert len(raw) == attachment["size"]
        assert sha1(raw).digest() == b64decode(attachment["hash"])
        text = raw.decode()
        languages[attachment["language"]] += 1
        assert "None" not in text
        assert len(text) > 60
    assert languages["nl"] > languages["en"]


def test_results_have_values_that_a_body_can_have(demo: Demo) -> None:
    """Wide limits, beyond which a formula or an effect is wrong rather than the patient ill."""
    limits = {
        "Potassium": (2.0, 8.0), "Sodium": (110, 165), "Haemoglobin": (2.5, 15), "Creatinine": (8, 1500),
        "Temperature": (34, 41.5), "Heart rate": (28, 230), "Oxygen saturation": (60, 100), "HbA1c": (20, 150),
        "Leukocytes": (0, 120), "Platelets": (1, 1200), "CRP": (0, 550), "pH": (6.8, 7.7), "Weight": (0.4, 190),
        "Height": (40, 210), "BMI": (11, 60), "Albumin": (10, 55), "TSH": (0, 100), "INR": (0.7, 9),
        "Bilirubin": (0, 700), "Pain": (0, 10), "Calcium": (1.4, 3.6), "Glucose": (1.5, 45), "Lactate": (0.2, 15),
        "Breathing rate": (5, 90), "Bicarbonate": (3, 45), "NT-proBNP": (5, 70000), "Troponin T (hs)": (1, 12000),
    }  # fmt: skip
    for observation in demo.by_type["Observation"]:
        low, high = limits.get(observation["code"]["text"], (None, None))
        if low is not None and "valueQuantity" in observation:
            assert low <= number(observation["valueQuantity"]) <= high, (observation["id"], observation["code"]["text"])
        if observation["code"]["text"] == "Blood pressure":
            upper, lower = (number(c["valueQuantity"]) for c in observation["component"])
            assert 15 < lower < upper < 260, observation["id"]
