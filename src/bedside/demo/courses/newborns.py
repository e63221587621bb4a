"""Newborns: the child of a mother in this record, and children born too soon."""

from __future__ import annotations

from random import Random

from bedside.demo.body.effects import constant, pulse, ramp, step
from bedside.demo.catalog.scores import SCHEDULES
from bedside.demo.chart.chart import Chart
from bedside.demo.chart.core import Visit, reference
from bedside.demo.clock import DAY, HOUR, MINUTE, YEAR
from bedside.demo.courses.pathways import follow_up
from bedside.demo.courses.registry import Facts, course
from bedside.demo.hospital.model import ward_reference
from bedside.demo.people.names import Name, draw_given
from bedside.demo.people.person import Person, Relative


def born(mother: Chart, birth: int, stay: Visit, weeks: float) -> Chart | None:
    """The chart of a child that is born in this hospital; it is linked to the mother in both directions."""
    if birth >= mother.end:
        return None
    rng = Random(f"{mother.seed}/{mother.person.id}/child")
    parent = mother.person
    sex = rng.choice(("male", "female"))
    father = next((r for r in parent.relatives if r.code in ("HUSB", "DOMPART")), None)
    family = father.name.family if father is not None and rng.random() < 0.6 else parent.name.family
    person = Person(
        number=parent.number,
        id=f"{parent.id}-c1",
        sex=sex,
        birth=birth,
        name=Name(draw_given(rng, parent.origin, sex, 2024), "", family),
        origin=parent.origin,
        town=parent.town,
        address=parent.address,
        language="nl",
        marital="S",
        phone=parent.phone,
        smoking="never",
        relatives=[Relative("MTH", "mother", parent.name, "female", parent.phone)],
    )
    if father is not None:
        person.relatives.append(Relative("FTH", "father", father.name, father.sex, father.phone))
    child = Chart(mother.hospital, person, mother.until, seed=mother.seed)
    child.register(birth)
    link = child.family_refs[0]
    mother.patient["link"] = [{"other": link, "type": "seealso"}]
    _first_days(child, birth, stay, weeks, rng)
    for vaccine, years in SCHEDULES[parent.town.country]:
        child.vaccinate(vaccine, birth + int((years + rng.uniform(0, 0.05)) * YEAR))
    for months in (2, 12, 24):
        visit = (
            child.visit(birth + months * 30 * DAY, "paediatrics", "Growth and development")
            if rng.random() < 0.3
            else None
        )
        if visit is not None:
            child.vitals(visit.start, "length", "weight", "head", visit=visit)
    return child


def _first_days(c: Chart, birth: int, stay: Visit, weeks: float, rng: Random) -> None:
    c.body.push("early", constant(max(0.0, 39.5 - weeks) * 7 / 365.25))
    c.body.push("weight", pulse(birth, -0.22, rise=60, half=60))
    resource = c._encounter("inpatient", "obgyn", birth, None if stay.open else stay.end, "Born in this hospital")
    resource["hospitalization"] = {"admitSource": {"coding": [{
        "system": "http://terminology.hl7.org/CodeSystem/admit-source", "code": "born", "display": "Born in hospital"}]}}  # fmt: skip
    place = {"location": ward_reference("maternity"), "status": "active" if stay.open else "completed"}
    resource["location"] = [place]
    visit = Visit(
        reference(resource),
        birth,
        min(stay.end, c.end),
        "obgyn",
        "inpatient",
        stay.doctor,
        resource,
        "maternity",
        0,
        stay.open,
    )
    c.stays.append(visit)
    c.problem("birth", birth, visit=visit, listed=False)
    early = c.rng.random() < 0.06
    c.score("apgar1", min(c.end, birth + MINUTE), rng.choice((7, 8, 9)) if not early else 5, visit)
    c.score("apgar5", min(c.end, birth + 5 * MINUTE), rng.choice((9, 10, 10)) if not early else 8, visit)
    c.vitals(min(c.end, birth + HOUR), "temp", "hr", "rr", "spo2", "length", "weight", "head", visit=visit)
    c.score("birth-weight", min(c.end, birth + 10 * MINUTE), 1000 * c.body.at(birth + MINUTE).true("weight"), visit)
    for day in (1, 2, 3):
        moment = c.morning(birth + day * DAY, 9)
        if birth < moment < visit.end:
            c.vitals(moment, "temp", "weight", visit=visit)
    if rng.random() < 0.12 and birth + 2 * DAY < visit.end:
        c.body.push("bili", pulse(birth, 215, rise=60, half=50))
        yellow = c.problem("neonatal-jaundice", birth + 40 * HOUR, visit=visit, resolved=birth + 6 * DAY, listed=False)
        c.labs(birth + 40 * HOUR, "bili", visit=visit)
        c.procedure("phototherapy-newborn", birth + 42 * HOUR, visit=visit, problem=yellow, minutes=300)


@course("prematurity", Facts("paediatrics", (0.01, 2.6), 6, ward="nicu", admitted=0.65, since=2.6, with_others=False))
def prematurity(c: Chart) -> None:
    """Born at 26 to 32 weeks: incubator, surfactant, caffeine, weight day by day, home around the due date."""
    weeks = c.rng.uniform(26.5, 31.8)
    c.person.allergies.clear()
    length = (38 - weeks) * 7
    if c.bed is not None and c.until - c.person.birth > length * DAY:
        c.person.birth = c.until - int(length * c.rng.uniform(0.15, 0.8)) * DAY - c.rng.randrange(24) * HOUR
        c.body.birth = c.person.birth
        _new_birth(c)
    birth = c.person.birth
    early = (39.5 - weeks) * 7 / 365.25
    c.body.push("early", constant(early))
    disease = c.problem("prematurity", birth, note=f"Born at {int(weeks)} weeks and {int(weeks % 1 * 7)} days")
    lungs = c.problem("respiratory-distress", birth, resolved=birth + 12 * DAY)
    stay = c.admit(birth, length, "nicu", "Born too soon", problem=disease, source="birth", principal=True)
    if stay is None:
        return
    c.body.push("hypoxia", pulse(birth, 4.2, rise=2, half=24 * 6))
    c.body.push("bili", pulse(birth, 150, rise=70, half=70))
    c.body.push("hb", ramp(birth + 5 * DAY, birth + 50 * DAY, -2.2))
    c.body.push("inflammation", step(birth + 11 * DAY, 3.4, over=20, end=birth + 14 * DAY))
    c.score("apgar1", birth + MINUTE, c.rng.randint(3, 6), stay)
    c.score("apgar5", birth + 5 * MINUTE, c.rng.randint(6, 8), stay)
    c.score("birth-weight", birth + 10 * MINUTE, 1000 * c.body.at(birth + 600).true("weight"), stay)
    c.procedure("intubation", birth + 20 * MINUTE, visit=stay, problem=lungs)
    c.prescribe("surfactant", birth + 30 * MINUTE, birth + HOUR, visit=stay, problem=lungs, inpatient=True)
    c.prescribe("caffeine", birth + 5 * HOUR, birth + 35 * DAY, visit=stay, problem=disease, inpatient=True)
    c.prescribe("cefotaxime", birth + 11 * DAY, birth + 17 * DAY, visit=stay, inpatient=True)
    c.culture("blood", birth + 11 * DAY, "epidermidis" if c.chance(0.5) else "", visit=stay)
    c.imaging(
        "chest-xray", birth + 2 * HOUR, "Ground-glass lungs: respiratory distress syndrome.", visit=stay, hours=0.5
    )
    day = 0
    last = min(stay.end, c.end)
    while birth + day * DAY < last:
        base = birth + day * DAY
        for hour in range(0, 24, 3 if day < 14 else 6):
            moment = base + hour * HOUR + 20 * MINUTE
            if moment < last:
                c.vitals(moment, "hr", "rr", "spo2", visit=stay)
                if hour % 12 == 0:
                    c.vitals(moment, "temp", "weight", *(("fio2",) if day < 20 else ()), visit=stay)
        if day % 7 == 0:
            c.vitals(base + 10 * HOUR, "length", "head", visit=stay)
        if day < 6 or day % 7 == 0 or day == 11:
            c.labs(base + 6 * HOUR, "fbc", "bili", "lytes", "glucose", "crp", visit=stay)
        day += 1
    c.discharge(
        stay,
        f"Prematuriteit bij {int(weeks)} weken, IRDS, verdenking late-onset sepsis; goede groei.",
        "Controle ontwikkeling op gecorrigeerde leeftijd van 3, 6, 12 en 24 maanden.",
    )
    for _visit in follow_up(c, stay.end + 30 * DAY, "paediatrics", disease, months=4, vitals=("length", "weight", "head"), letters=0.4, stop=birth + 3 * YEAR,
                           story="Groei en ontwikkeling op gecorrigeerde leeftijd besproken."):  # fmt: skip
        pass


def _new_birth(c: Chart) -> None:
    """The birth of this child has been moved so that the stay fits: what was written before is written again."""
    c.out.clear()
    c._counts.clear()
    c.register(c.person.birth)
