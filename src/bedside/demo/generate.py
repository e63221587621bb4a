"""Making the hospital: first the institution, then one whole life after another, and last the groups of people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from random import Random
from typing import Any

from bedside.demo.cast import Role, cast
from bedside.demo.chart.chart import Chart
from bedside.demo.clock import DAY, HOUR, MINUTE, YEAR, moment_of
from bedside.demo.codes import TAG, Json
from bedside.demo.courses import common, load
from bedside.demo.hospital.build import institution
from bedside.demo.hospital.model import ORGANIZATION, Hospital, hospital
from bedside.demo.people.person import draw_person
from bedside.demo.questions import questions
from bedside.fhir import json

Block = list[dict[str, Any]]

UNTIL = "2026-11-19T14:30:00+01:00"
"""The moment at which the record ends unless told otherwise: a Thursday afternoon."""


def generate(*, patients: int = 1000, seed: int = 1, until: date | datetime | str = UNTIL) -> Iterator[Block]:
    """The teaching hospital, block by block: lists of resources that belong together, as plain dicts.

    The first block is the institution with its questions, then comes one block for each patient (with the children that she bears,
    who are patients too, on top of `patients`), and last a block of groups. Every reference is literal and points
    to a resource of the same or an earlier block. The same arguments give the same bytes, and patient n is the
    same whatever `patients` is. `until` is where the record ends: a date, an aware datetime or ISO 8601 text.

    Raises ValueError for a negative number of patients and for an `until` without a zone.
    """
    if patients < 0:
        raise ValueError(f"A hospital cannot have {patients} patients.")
    end = moment_of(until)
    load()  # also the codes that courses add to the local systems, which the institution publishes
    place = hospital(seed)
    yield own([*institution(place, end), *questions()])
    groups: dict[str, list[str]] = {}
    for role in cast(patients):
        block = life(place, role, end, seed)
        for resource in block:
            if resource["resourceType"] == "Condition":
                for coding in resource["code"]["coding"][:1]:
                    members = groups.setdefault(coding["code"], [])
                    if not members or members[-1] != resource["subject"]["reference"]:
                        members.append(resource["subject"]["reference"])
        yield block
    if patients:
        yield own(_groups(groups, patients))


def own(block: list[Json]) -> Block:
    """A deep copy in which nothing is shared: what one reader changes, no other resource sees."""
    copy: Block = json.decode(json.encode(block))
    return copy


def life(place: Hospital, role: Role, until: int, seed: int) -> Block:
    """The whole life of one patient: all resources, the Patient first."""
    number = role.number
    facts = role.course.facts
    rng = Random(f"{seed}/person/{number}")
    sex = facts.sex or ("female" if rng.random() < 0.51 else "male")
    death = None
    if role.dies:
        back = rng.uniform(0.1, min(3.0, facts.since))
        death = (until - int(back * YEAR)) // MINUTE * MINUTE - rng.randrange(24) * HOUR
    person = draw_person(rng, number, sex, facts.ages, until if death is None else death)
    chart = Chart(place, person, until, seed=seed, death=death, bed=role.bed)
    since = max(person.birth, chart.end - int(facts.since * YEAR * chart.rng.uniform(0.8, 1.2)))
    chart.register(min(since, chart.end - DAY) if since > person.birth else person.birth)
    common.vaccinations(chart)
    if facts.with_others:
        common.background(chart, since)
    role.course.play(chart)
    common.everyday(chart, since)
    return own(chart.finish())


def _groups(groups: dict[str, list[str]], patients: int) -> list[Json]:
    """Groups with members: everybody (as `$export` of a Group wants), and people who share a diagnosis."""
    named = [
        (
            "demo-everybody",
            "All patients of the demonstration",
            [f"Patient/pat-{n:06d}" for n in range(1, patients + 1)],
        )
    ]
    for key, name, code in (
        ("demo-diabetes", "Patients with type 2 diabetes", "44054006"),
        ("demo-heart-failure", "Patients with heart failure", "84114007"),
        ("demo-breast-cancer", "Patients with breast cancer", "254837009"),
        ("demo-pregnant", "Patients who are or were pregnant", "77386006"),
    ):
        if groups.get(code):
            named.append((key, name, groups[code]))
    return [
        {
            "resourceType": "Group",
            "id": key,
            "meta": TAG,
            "active": True,
            "type": "person",
            "actual": True,
            "name": name,
            "quantity": len(members),
            "managingEntity": {"reference": ORGANIZATION["reference"]},
            "member": [{"entity": {"reference": member}} for member in members],
        }
        for key, name, members in named
    ]
