"""Children: growing up, asthma, bronchiolitis, cystic fibrosis, leukaemia."""

from __future__ import annotations

from bedside.demo.body.effects import constant, drift, pulse, ramp, step
from bedside.demo.chart.chart import Chart
from bedside.demo.chart.core import Problem
from bedside.demo.clock import DAY, HOUR, YEAR
from bedside.demo.courses.blood import fever, nadir
from bedside.demo.courses.lungs import spirometry
from bedside.demo.courses.pathways import follow_up, ward_care
from bedside.demo.courses.registry import Facts, course


@course("growing", Facts("paediatrics", (0.3, 13), 16, since=8, with_others=False))
def growing(c: Chart) -> None:
    """A child that is followed for its growth, along one centile, with an ear infection here and there."""
    start = c.person.birth + c.rng.randrange(20, 60) * DAY
    score = c.rng.choice((-1.6, -1.2, -0.5, 0.2, 1.0, 1.5))
    c.body.set_trait("height", score)
    c.body.set_trait("weight", score * 0.8)
    reason = c.problem("well-child", start, note="Followed for growth")
    step_months = 2.5
    moment = start
    while moment < c.until + 60 * DAY:
        age = c.age(moment)
        visit = c.visit(moment, "paediatrics", "Growth and development", problem=reason, first=moment == start)
        if visit is not None:
            keys = (
                ("length", "weight", "head")
                if age < 2
                else ("height", "weight", "bmi")
                if age > 2
                else ("height", "weight")
            )
            c.vitals(visit.start, *keys, visit=visit)
            if c.chance(0.12):
                c.letter(
                    visit.end + HOUR, visit, "Groei langs eigen lijn, normale ontwikkeling.", "Controle volgens schema."
                )
            if age > 1 and c.chance(0.15):
                c.labs(visit.start + 1200, "fbc", "thyroid", "crea", "egfr", visit=visit)
        step_months = 2.5 if age < 1 else 5 if age < 4 else 11
        moment += int(step_months * 30.4 * DAY)
    for _ in range(c.rng.randrange(0, 3)):
        begin = c.person.birth + int((c.end - c.person.birth) * c.rng.uniform(0.3, 0.95))
        door = c.emergency(begin, "Fever and earache", department="paediatrics", hours=2.5)
        if door is not None:
            c.body.push("inflammation", pulse(begin - 8 * HOUR, 3.4, rise=8, half=24))
            c.vitals(door.start + 300, "temp", "hr", "rr", "spo2", "weight", visit=door)
            c.prescribe("amoxicillin", door.start + HOUR, door.start + 7 * DAY, visit=door)


@course("child-asthma", Facts("paediatrics", (4, 17), 5, ward="paediatrics", admitted=0.15, since=4, with_others=False))
def child_asthma(c: Chart) -> None:
    """Asthma of a child: attacks in autumn, inhaler with a spacer, lung function, growth that is kept an eye on."""
    start = max(c.person.birth + int(3.2 * YEAR), c.when(c.rng.uniform(1, 4)))
    disease = c.problem("asthma", start)
    c.body.push("eos", constant(0.25))
    first = c.visit(start, "paediatrics", problem=disease, first=True)
    if first is not None:
        c.vitals(first.start, "height", "weight", "spo2", visit=first)
        c.prescribe("fluticasone-inh", first.start, visit=first, problem=disease)
        c.prescribe("salbutamol", first.start, visit=first, problem=disease)
        c.letter(
            first.end + HOUR,
            first,
            "Astma bij een kind met atopie; inhalatie met voorzetkamer geoefend.",
            "Controle na drie maanden.",
        )
    for visit in follow_up(c, start + 90 * DAY, "paediatrics", disease, months=5, vitals=("height", "weight", "spo2")):
        if c.age(visit.start) > 6 and visit.kind == "ambulatory":
            spirometry(c, visit.start, c.rng.uniform(0.82, 1.02), 0.82, visit)
            c.score("asthma-control", visit.start, c.rng.randint(16, 25), visit)
    attacks = [start + int((c.end - start) * c.rng.uniform(0.1, 0.9))] if c.bed is None else [c.principal(2)]
    for begin in attacks:
        c.body.push("hypoxia", pulse(begin - 5 * HOUR, 5, rise=5, half=16))
        door, stay = c.emergency_admission(
            begin, 2, "paediatrics", "Asthma attack", problem=disease, principal=c.bed is not None
        )
        if door is not None:
            c.vitals(door.start + 200, "hr", "rr", "spo2", visit=door)
        if stay is not None:
            c.prescribe("prednisolone", stay.start, stay.start + 3 * DAY, visit=stay, problem=disease, inpatient=True)
            ward_care(c, stay, labs=("fbc",), every=9, rounds=4, monitor=("hr", "rr", "spo2", "temp"))
            c.discharge(
                stay,
                "Astma-aanval, goed herstel op salbutamol en prednisolon.",
                "Onderhoudsbehandeling, controle over twee weken.",
            )


@course(
    "bronchiolitis", Facts("paediatrics", (0.15, 1.6), 5, ward="paediatrics", admitted=0.45, since=1, with_others=False)
)
def bronchiolitis(c: Chart) -> None:
    """Bronchiolitis of an infant: oxygen, a tube for feeding, home in four days."""
    start = c.principal(4, c.person.birth + 30 * DAY)
    disease = c.problem("bronchiolitis", start - 2 * DAY, resolved=start + 14 * DAY)
    c.body.push("hypoxia", pulse(start - 2 * DAY, 5.2, rise=50, half=40))
    c.body.push("inflammation", pulse(start - 2 * DAY, 2.6, rise=40, half=40))
    door, stay = c.emergency_admission(
        start, 4, "paediatrics", "Breathless infant, does not drink", problem=disease, principal=True
    )
    if door is not None:
        c.vitals(door.start + 200, "temp", "hr", "rr", "spo2", "weight", visit=door)
    if stay is None:
        return
    c.prescribe("oxygen", stay.start, stay.start + 3 * DAY, visit=stay, problem=disease, inpatient=True)
    c.flag("isolation", stay.start, stay.end, stay, "Droplet isolation: RS virus")
    ward_care(c, stay, labs=("fbc", "crp", "lytes"), every=3, rounds=4, monitor=("hr", "rr", "spo2", "temp"))
    c.discharge(
        stay, "Bronchiolitis (RS-virus), zuurstof en sondevoeding, volledig hersteld.", "Controle bij de huisarts."
    )


@course("fibrosis", Facts("paediatrics", (3, 18), 3, ward="paediatrics", admitted=0.25, since=8, with_others=False))
def fibrosis(c: Chart) -> None:
    """Cystic fibrosis: every three months weight, lung function, sputum; a fortnight of antibiotics some winters."""
    start = max(c.person.birth + 60 * DAY, c.when(6))
    disease = c.problem("cystic-fibrosis", c.person.birth + 30 * DAY)
    c.body.set_trait("weight", -1.0)
    c.body.push("hypoxia", drift(start, 0.12, 1.5))
    for index, visit in enumerate(
        follow_up(c, start, "paediatrics", disease, months=3.2, vitals=("height", "weight", "spo2"), letters=0.2)
    ):
        if c.age(visit.start) > 6 and visit.kind == "ambulatory":
            spirometry(c, visit.start, 0.92 - 0.008 * index, 0.78, visit)
        if index % 2 == 0:
            c.culture("sputum", visit.start, c.rng.choice(("pseudomonas", "aureus", "haemophilus", "")), visit=visit)
        if index % 4 == 0:
            c.labs(visit.start + HOUR, "fbc", "liver", "crp", "glucose", visit=visit)
    begin = c.principal(12)
    c.body.push("inflammation", pulse(begin - 4 * DAY, 3, rise=60, half=100))
    stay = c.admit(
        begin, 12, "paediatrics", "Exacerbation of cystic fibrosis", problem=disease, source="elective", principal=True
    )
    if stay is not None:
        c.prescribe("cefotaxime", stay.start, stay.end, visit=stay, problem=disease, inpatient=True)
        ward_care(c, stay, labs=("fbc", "crp", "crea", "egfr"), every=4, monitor=("hr", "rr", "spo2", "temp"))


@course(
    "child-leukaemia", Facts("paediatrics", (3, 15), 3, ward="paediatrics", admitted=0.3, since=3, with_others=False)
)
def child_leukaemia(c: Chart) -> None:
    """Acute lymphoblastic leukaemia of a child: induction in hospital, two years of treatment, school in between."""
    start = (
        c.principal(21) if c.bed is not None else max(c.person.birth + int(1.5 * YEAR), c.when(c.rng.uniform(0.5, 2.4)))
    )
    disease = c.problem("all", start, stage="medium risk")
    c.body.push("marrow", step(start - 20 * DAY, 0.7, over=24 * 14, end=start + 30 * DAY))
    c.body.push("blasts", step(start - 20 * DAY, 22, over=24 * 15, end=start + 5 * DAY))
    _door, stay = c.emergency_admission(
        start, 21, "paediatrics", "Pale, bruises, fever", problem=disease, principal=c.bed is not None
    )
    if stay is None:
        return
    c.procedure("marrow-biopsy", stay.start + DAY, visit=stay, problem=disease)
    c.pathology(
        stay.start + DAY,
        "Bone marrow: 88% lymphoblasts, precursor B. ETV6-RUNX1 positive.",
        visit=stay,
        problem=disease,
        specimen="marrow",
    )
    c.procedure("lumbar-puncture", stay.start + DAY, visit=stay, problem=disease, note="No blasts in the fluid.")
    c.prescribe("prednisolone", stay.start + DAY, stay.start + 28 * DAY, visit=stay, problem=disease, inpatient=True)
    c.prescribe("ondansetron", stay.start + DAY, stay.end, visit=stay, inpatient=True)
    fever(c, stay, stay.start + 9 * DAY)
    for day in (2, 5, 8, 12):
        c.procedure("transfusion", stay.start + day * DAY, visit=stay, problem=disease, note="Platelets, 10 mL/kg")
    ward_care(
        c, stay, labs=("counts", "renal", "lytes", "crp"), every=1, rounds=4, monitor=("hr", "rr", "temp", "spo2")
    )
    c.discharge(stay, "ALL, inductietherapie, remissie op dag 33.", "Protocol vervolgen, bij koorts direct komen.")
    _maintenance(c, stay.end, disease)


def _maintenance(c: Chart, start: int, disease: Problem) -> None:
    moment = start + 10 * DAY
    for number in range(26):
        visit = c.visit(moment, "paediatrics", "Blood count and chemotherapy", problem=disease)
        if visit is not None:
            c.labs(visit.start - 1800, "counts", "alt", visit=visit)
            c.vitals(visit.start, "temp", "weight", "height", visit=visit)
            if number % 4 == 0:
                c.procedure("chemotherapy", visit.start + HOUR, visit=visit, problem=disease)
                nadir(c, visit.start, 0.4)
        elif moment > c.end:
            break
        moment += 26 * DAY
    c.body.push("marrow", ramp(start, start + 60 * DAY, 0.15))
    c.body.push("marrow", ramp(start + 2 * YEAR, start + 3 * YEAR, -0.15))
