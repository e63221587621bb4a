"""Old age: dementia, falls and frailty, delirium, the last phase of life."""

from __future__ import annotations

from bedside.demo.body.effects import drift, pulse
from bedside.demo.chart.chart import Chart
from bedside.demo.clock import DAY, HOUR, YEAR
from bedside.demo.courses.oncology import palliative
from bedside.demo.courses.pathways import follow_up, ward_care
from bedside.demo.courses.registry import Facts, course


@course("dementia", Facts("geriatrics", (70, 93), 6, mortality=0.2, since=4))
def dementia(c: Chart) -> None:
    """Alzheimer's disease: MMSE falls two to three points a year, care grows, the family carries."""
    start = c.when(c.rng.uniform(1.5, 4.5))
    disease = c.problem("alzheimer", start, severity="mild")
    first = c.visit(
        start, "geriatrics", "Forgetful, lost the way in the village", problem=disease, first=True, minutes=60
    )
    if first is None:
        return
    points = c.rng.uniform(20, 25)
    c.score("mmse", first.start + 1200, points, first)
    c.vitals(first.start, "bp", "hr", "weight", visit=first)
    c.labs(first.start, "fbc", "tsh", "vitamins", "renal", "lytes", "glucose", visit=first)
    c.imaging("mri-brain", first.start + 9 * DAY, "Atrophy of the medial temporal lobes (Scheltens 3), no other cause.")
    c.prescribe("rivastigmine", first.start + 20 * DAY, problem=disease)
    c.letter(
        first.end + HOUR,
        first,
        "Dementie bij de ziekte van Alzheimer. Casemanager ingeschakeld; mantelzorg besproken.",
        "Controle halfjaarlijks.",
    )
    c.plan(
        "Living with dementia",
        first.start,
        ["Case manager once a month", "Day care two days a week", "Daughter receives letters"],
        problem=disease,
        visit=first,
    )
    for visit in follow_up(
        c,
        start + 170 * DAY,
        "geriatrics",
        disease,
        months=6,
        vitals=("weight", "bp"),
        letters=0.4,
        story="Geheugen en dagelijks functioneren besproken.",
    ):
        c.score(
            "mmse", visit.start, max(4, points - 2.6 * (visit.start - start) / YEAR + c.rng.uniform(-0.8, 0.8)), visit
        )
    if c.dead:
        lungs = c.problem("pneumonia", c.end - 6 * DAY)
        c.body.push("inflammation", pulse(c.end - 6 * DAY, 6, rise=40, half=900))
        _door, stay = c.emergency_admission(
            c.principal(4), 4, "geriatrics", "Pneumonia, does not drink", problem=lungs, principal=True
        )
        if stay is not None:
            c.flag("no-resuscitation", stay.start)
            c.prescribe("morphine-pump", stay.start + DAY, visit=stay, inpatient=True)
            ward_care(c, stay, labs=("renal", "lytes"), every=9, rounds=1)


@course("frailty", Facts("geriatrics", (78, 98), 8, ward="geriatrics", admitted=0.5, mortality=0.15, since=3))
def frailty(c: Chart) -> None:
    """Falls and frailty: a clinic for falls, medicines taken away, an admission with delirium on an infection."""
    start = c.principal(12, c.when(1.5))
    disease = c.problem("frailty", start - 200 * DAY)
    c.body.push("gfr", drift(start - 4 * YEAR, -3, -20))
    clinic = c.visit(start - 160 * DAY, "geriatrics", "Falls clinic", problem=disease, first=True, minutes=60)
    if clinic is not None:
        c.vitals(clinic.start, "bp", "hr", "height", "weight", "bmi", visit=clinic)
        c.score("frailty-scale", clinic.start, c.rng.randint(4, 7), clinic)
        c.labs(clinic.start, "fbc", "renal", "lytes", "vitd", "glucose", visit=clinic)
        c.imaging("dxa", clinic.start + 6 * DAY, "T-score of the femoral neck -2.7: osteoporosis.")
        c.score("bone-density", clinic.start + 6 * DAY, -2.7)
        c.prescribe("colecalciferol", clinic.start, visit=clinic)
        c.flag("falls", clinic.start)
        c.letter(
            clinic.end + HOUR,
            clinic,
            "Recidiverend vallen; medicatie gesaneerd, fysiotherapie gestart.",
            "Vitamine D, valpreventie thuis.",
        )
    infection = c.problem("uti", start, resolved=start + 14 * DAY, listed=False)
    delirium = c.problem("delirium", start + 10 * HOUR, resolved=start + 9 * DAY)
    half = 60 if not c.dead else 900
    c.body.push("inflammation", pulse(start - DAY, 5, rise=24, half=half))
    c.body.push("na", pulse(start - DAY, -9, rise=30, half=90))
    c.body.push("coma", pulse(start, 1.4, rise=12, half=60 if not c.dead else 900))
    _door, stay = c.emergency_admission(start, 12, "geriatrics", "Fall at home, confused", problem=infection,
                                        to=c.rng.choice(("home", "long", "rehab")), principal=True)  # fmt: skip
    if stay is None:
        return
    c.imaging("ct-head", stay.start + HOUR, visit=stay)
    c.imaging("hip-xray", stay.start + HOUR, visit=stay)
    c.culture("urine", stay.start + 1200, c.rng.choice(("e-coli", "klebsiella")), visit=stay)
    c.prescribe("ceftriaxone", stay.start + HOUR, stay.start + 6 * DAY, visit=stay, problem=infection, inpatient=True)
    c.prescribe(
        "haloperidol", stay.start + 12 * HOUR, stay.start + 6 * DAY, visit=stay, problem=delirium, inpatient=True
    )
    for day in range(10):
        c.score(
            "delirium-scale",
            stay.start + day * DAY + 9 * HOUR if day else stay.start + 9 * HOUR,
            max(0, 7 - day + c.rng.randint(-1, 1)),
            stay if stay.start + day * DAY + 9 * HOUR < stay.end else None,
        )
    c.note(
        stay.start + 3 * HOUR,
        "Delirium on a urinary infection in a frail person. Family stays overnight, glasses and hearing aids on.",
        stay,
        delirium,
    )
    ward_care(c, stay, labs=("fbc", "renal", "lytes", "crp"), every=2)
    c.discharge(
        stay,
        "Delier bij urineweginfectie, na val. Hersteld, mobiliteit verminderd.",
        "Geriatrische revalidatie, controle valpolikliniek.",
    )
    after = c.visit(stay.end + 50 * DAY, "geriatrics", "After admission", problem=disease)
    if after is not None:
        c.vitals(after.start, "bp", "weight", visit=after)
        c.score("frailty-scale", after.start, c.rng.randint(5, 7), after)


@course("last-phase", Facts("palliative", (60, 92), 4, mortality=0.6, since=1.5))
def last_phase(c: Chart) -> None:
    """Advanced heart or lung disease for which cure is no longer the aim."""
    disease = c.problem(c.rng.choice(("copd", "heart-failure")), c.when(1.4), severity="severe", stage="end stage")
    c.body.push("hypoxia", drift(disease.onset, 2, 4))
    c.prescribe("oxygen", disease.onset + 100 * DAY, problem=disease)
    palliative(c, disease, "palliative", "internal")
