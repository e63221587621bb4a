"""Urology: prostate cancer, benign enlargement, kidney stones."""

from __future__ import annotations

from bedside.demo.body.effects import constant, drift, pulse, ramp
from bedside.demo.chart.chart import Chart
from bedside.demo.clock import DAY, HOUR, YEAR
from bedside.demo.courses.oncology import palliative, radiation
from bedside.demo.courses.pathways import follow_up, operation, preoperative, ward_care
from bedside.demo.courses.registry import Facts, course


@course(
    "prostate-cancer", Facts("urology", (54, 86), 8, sex="male", ward="urology", admitted=0.2, mortality=0.08, since=5)
)
def prostate_cancer(c: Chart) -> None:
    """Prostate cancer: PSA that rises, biopsy, operation or radiation with hormones, PSA for years."""
    treat = c.principal(3) if c.bed is not None else c.when(c.rng.uniform(1, 4))
    start = treat - 75 * DAY
    grade = c.rng.choice((6, 7, 7, 8))
    disease = c.problem("prostate-cancer", start, stage=f"cT2N0M0, Gleason {grade}")
    c.body.push("psa", ramp(start - 5 * YEAR, start, c.rng.uniform(1.4, 2.4)))
    first = c.visit(start - 10 * DAY, "urology", "PSA has risen", first=True)
    if first is None:
        return
    c.vitals(first.start, "bp", "hr", "weight", visit=first)
    c.labs(first.start - 3 * DAY, "psa", "renal", visit=first)
    biopsy = c.visit(start, "urology", "Biopsies of the prostate", minutes=40)
    if biopsy is not None:
        c.procedure("biopsy-prostate", biopsy.start, visit=biopsy, problem=disease)
        c.pathology(
            biopsy.start,
            f"Prostate biopsies: adenocarcinoma, Gleason {grade}, in 4 of 12 cores.",
            visit=biopsy,
            problem=disease,
            site="prostate",
        )
    if c.bed is not None or c.chance(0.5):
        preoperative(c, treat - 20 * DAY)
        stay = c.admit(
            treat,
            3,
            "urology",
            "Radical prostatectomy",
            problem=disease,
            source="elective",
            principal=c.bed is not None,
        )
        done = operation(
            c,
            stay,
            "prostatectomy",
            disease,
            None if stay is None else stay.start + 3 * HOUR,
            pain=3,
            inflammation=2.2,
            blood_loss=0.5,
        )
        if stay is not None and done is not None:
            c.pathology(
                stay.start + 7 * HOUR,
                f"Prostate: adenocarcinoma, Gleason {grade}, pT2, margins free.",
                visit=stay,
                problem=disease,
                days=7,
            )
            c.body.push("psa", ramp(stay.start + 6 * HOUR, stay.start + 40 * DAY, -5))
        ward_care(c, stay, every=1)
        c.discharge(
            stay, "Robotgeassisteerde radicale prostatectomie.", "Katheter na tien dagen verwijderen, PSA na zes weken."
        )
    else:
        radiation(c, treat, disease, 20, "prostate")
        c.prescribe("leuprorelin", treat - 20 * DAY, int(treat + 1.5 * YEAR), problem=disease)
        c.body.push("psa", ramp(treat - 20 * DAY, treat + 150 * DAY, -3))
    if c.dead:
        c.body.push("psa", drift(c.end - 2 * YEAR, 3.6))
        c.imaging("pet-ct", c.end - 300 * DAY, "Multiple bone metastases.")
        palliative(c, disease, "urology", "urology")
        return
    for _visit in follow_up(
        c, treat + 90 * DAY, "urology", disease, months=5, labs=("psa",), vitals=("weight",), story="PSA besproken."
    ):
        pass


@course("prostate", Facts("urology", (55, 88), 7, sex="male", since=3))
def prostate(c: Chart) -> None:
    """Benign enlargement of the prostate: tablets, and for some an operation."""
    start = c.when(c.rng.uniform(0.8, 3))
    disease = c.problem("prostate-hyperplasia", start)
    c.body.push("psa", constant(0.7))
    first = c.visit(start, "urology", "Weak stream, up four times a night", problem=disease, first=True)
    if first is None:
        return
    c.score("residual-urine", first.start, c.rng.randint(60, 220), first)
    c.labs(first.start, "psa", "renal", visit=first)
    c.prescribe("tamsulosin", first.start, visit=first, problem=disease)
    c.prescribe("dutasteride", first.start + 90 * DAY, problem=disease)
    if c.chance(0.35):
        begin = start + 200 * DAY
        preoperative(c, begin - 20 * DAY)
        stay = c.admit(begin, 1.5, "urology", "Transurethral prostatectomy", problem=disease, source="elective")
        operation(c, stay, "turp", disease, pain=2, inflammation=1.2, blood_loss=0.5, spinal=True)
        ward_care(c, stay, every=4)
        c.discharge(stay, "TUR-prostaat, goede mictie na verwijderen van de katheter.", "Controle na zes weken.")
    for visit in follow_up(
        c, start + 100 * DAY, "urology", disease, months=8, labs=("psa",), vitals=(), stop=start + 900 * DAY
    ):
        c.score("residual-urine", visit.start, c.rng.randint(10, 90), visit)


@course("kidney-stone", Facts("urology", (24, 70), 8, since=2))
def kidney_stone(c: Chart) -> None:
    """A kidney stone: colic at night, CT, ureteroscopy for the larger ones."""
    start = c.when(c.rng.uniform(0.1, 1.8)) + c.rng.randrange(0, 12) * HOUR
    disease = c.problem("kidney-stone", start - 3 * HOUR)
    c.body.push("pain", pulse(start - 3 * HOUR, 8, rise=1, half=14))
    door = c.emergency(start, "Colic in the left flank", problem=disease, hours=4)
    if door is None:
        return
    c.vitals(door.start + 200, "bp", "hr", "temp", "pain", visit=door)
    c.labs(door.start + 500, "fbc", "renal", "crp", "urate", "ca", visit=door, hours=0.8)
    c.imaging(
        "ct-abdomen",
        door.start + HOUR,
        "Stone of 7 mm in the left distal ureter, slight hydronephrosis.",
        visit=door,
        hours=0.5,
    )
    c.prescribe("naproxen", door.start + HOUR, door.start + 14 * DAY, visit=door, problem=disease)
    c.prescribe("tamsulosin", door.start + HOUR, door.start + 28 * DAY, visit=door, problem=disease)
    first = c.visit(start + 14 * DAY, "urology", problem=disease, first=True)
    if first is not None and c.chance(0.5):
        stay = c.admit(
            c.clinic(start + 30 * DAY), 0.35, "day-surgery", "Ureteroscopy", problem=disease, source="elective"
        )
        done = operation(
            c,
            stay,
            "ureteroscopy",
            disease,
            None if stay is None else stay.start + HOUR,
            department="urology",
            pain=2,
            inflammation=0.8,
            blood_loss=0.05,
        )
        if stay is not None and done is not None:
            c.discharge(stay, "Ureterorenoscopie, steen verwijderd.", "Veel drinken, controle met echo.")
    last = c.visit(start + 80 * DAY, "urology", problem=disease)
    if last is not None:
        c.imaging("us-kidney", last.start - HOUR, visit=last, hours=0.4)
        c.resolve(disease, last.start)
