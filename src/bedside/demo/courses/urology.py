"""Urology: prostate cancer, benign enlargement, kidney stones, bladder cancer."""

from __future__ import annotations

from bedside.demo.body.effects import constant, drift, pulse, ramp, step
from bedside.demo.chart.chart import Chart
from bedside.demo.chart.core import Problem
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
    c.imaging(
        "mri-prostate",
        first.start + 4 * DAY,
        f"Lesion of {c.rng.randint(9, 19)} mm in the peripheral zone, PI-RADS {c.rng.choice((4, 4, 5))}.",
    )
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
        c.prescribe("leuprorelin", c.end - 295 * DAY, problem=disease)
        c.prescribe("enzalutamide", c.end - 280 * DAY, c.end - 70 * DAY, problem=disease)
        palliative(c, disease, "urology", "urology")
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
    trouble = c.rng.uniform(15, 28)
    c.score("urinary-symptoms", first.start, trouble, first)
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
        if stay is not None:
            c.pathology(stay.start + 4 * HOUR, "Prostate chips, 24 g: nodular hyperplasia, no malignancy.", visit=stay, problem=disease,
                        site="prostate")  # fmt: skip
            c.stop(c.on("tamsulosin", stay.end), stay.end, "Not needed after the operation")
            c.stop(c.on("dutasteride", stay.end), stay.end, "Not needed after the operation")
    for visit in follow_up(
        c, start + 100 * DAY, "urology", disease, months=8, labs=("psa",), vitals=(), stop=start + 900 * DAY
    ):
        trouble = max(2.0, trouble * c.rng.uniform(0.55, 0.95))
        c.score("urinary-symptoms", visit.start, trouble, visit)
        if visit.kind != "virtual":
            c.score("residual-urine", visit.start, c.rng.randint(10, 90), visit)


@course("kidney-stone", Facts("urology", (24, 70), 5, ward="urology", admitted=0.15, since=3))
def kidney_stone(c: Chart) -> None:
    """A kidney stone: colic at night, CT, ureteroscopy for the larger ones; with fever a stent and antibiotics first."""
    if c.bed is not None:
        _infected_stone(c)
        return
    start = c.when(c.rng.uniform(0.1, 2.6)) + c.rng.randrange(0, 12) * HOUR
    disease = c.problem("kidney-stone", start - 3 * HOUR)
    size = c.rng.choice((3, 4, 5, 6, 7, 8, 9))
    c.body.push("pain", pulse(start - 3 * HOUR, 8, rise=1, half=14))
    c.body.push("gfr", pulse(start - 3 * HOUR, -12, rise=10, half=100))
    door = c.emergency(start, "Colic in the left flank", problem=disease, hours=4)
    if door is None:
        return
    c.vitals(door.start + 200, "bp", "hr", "temp", "pain", visit=door)
    c.labs(door.start + 500, "fbc", "renal", "crp", "urate", "ca", visit=door, hours=0.8)
    c.imaging("ct-abdomen", door.start + HOUR, f"Stone of {size} mm in the left distal ureter, slight hydronephrosis.",
              visit=door, hours=0.5)  # fmt: skip
    c.prescribe("naproxen", door.start + HOUR, door.start + 14 * DAY, visit=door, problem=disease)
    c.prescribe("tamsulosin", door.start + HOUR, door.start + 28 * DAY, visit=door, problem=disease)
    c.letter(door.end, door, f"Koliek bij een uretersteen van {size} mm.", "Zeven urine, controle na twee weken.")
    first = c.visit(start + 14 * DAY, "urology", problem=disease, first=True)
    if first is not None and size > 5:
        _ureteroscopy(c, disease, start + 30 * DAY)
    last = c.visit(start + 80 * DAY, "urology", problem=disease)
    if last is not None:
        c.imaging("us-kidney", last.start - HOUR, visit=last, hours=0.4)
        c.resolve(disease, last.start)
    if c.chance(0.25):
        c.visit(start + 420 * DAY, "urology", "Stones: yearly check", problem=disease)


def _ureteroscopy(c: Chart, disease: Problem, moment: int) -> None:
    """The stone is taken out in day surgery."""
    stay = c.admit(
        c.morning(c.clinic(moment), 8, 30), 0.4, "day-surgery", "Ureteroscopy", problem=disease, source="elective"
    )
    done = operation(c, stay, "ureteroscopy", disease, None if stay is None else stay.start + HOUR, department="urology",
                     pain=2, inflammation=0.8, blood_loss=0.05)  # fmt: skip
    if stay is not None and done is not None:
        c.vitals(stay.start + 2 * HOUR + 900, "bp", "hr", "pain", visit=stay)
        c.discharge(stay, "Ureterorenoscopie, steen verwijderd.", "Veel drinken, controle met echo.")


def _infected_stone(c: Chart) -> None:
    """An obstructed and infected kidney: an emergency in urology, drained within hours; the stone waits."""
    start = c.principal(5)
    disease = c.problem("kidney-stone", start - 20 * HOUR)
    infection = c.problem("pyelonephritis", start, listed=False)
    c.body.push("inflammation", pulse(start - DAY, 6.4, rise=30, half=36))
    c.body.push("gfr", pulse(start - DAY, -25, rise=24, half=60))
    c.body.push("pain", pulse(start - 20 * HOUR, 7, rise=2, half=20))
    door, stay = c.emergency_admission(
        start, 5, "urology", "Flank pain, fever and shivering", problem=disease, principal=True
    )
    if door is not None:
        c.vitals(door.start + 200, "bp", "hr", "rr", "temp", "spo2", "pain", visit=door)
        c.labs(door.start + 500, "fbc", "renal", "lytes", "crp", "lactate", visit=door, hours=0.7)
        c.imaging("ct-abdomen", door.start + HOUR, "Stone of 9 mm in the right proximal ureter, hydronephrosis, stranding.",
                  visit=door, hours=0.5)  # fmt: skip
    if stay is None:
        return
    c.culture("blood", stay.start + 600, "e-coli", visit=stay)
    c.culture("urine", stay.start + 900, "e-coli", visit=stay)
    c.prescribe("ceftriaxone", stay.start, visit=stay, problem=infection, inpatient=True)
    c.procedure("ureteral-stent", stay.start + 2 * HOUR, visit=stay, problem=disease, outcome="Pus drained")
    ward_care(c, stay, every=1, rounds=4)
    c.appointment(c.clinic(c.until + 21 * DAY), 30, "urology", "Ureteroscopy: planning", booked=True)


@course("bladder-cancer", Facts("urology", (54, 86), 5, ward="urology", admitted=0.25, mortality=0.1, since=4))
def bladder_cancer(c: Chart) -> None:
    """Blood in the urine: cystoscopy, resection, BCG in the bladder, and the camera every three months for years."""
    c.person.smoking = "current" if c.chance(0.35) else "former"
    treat = c.principal(2) if c.bed is not None else c.when(c.rng.uniform(1.2, 3.6))
    start = treat - 24 * DAY
    bleeding = c.problem("haematuria", start - 12 * DAY, resolved=treat + 30 * DAY)
    c.body.push("iron", step(start - 60 * DAY, 0.3, over=900, end=treat + 60 * DAY))
    first = c.visit(start, "urology", "Red urine without pain", problem=bleeding, first=True)
    if first is None:
        return
    high = c.dead or c.chance(0.55)
    disease = c.problem("bladder-cancer", start, visit=first, stage="pT1 high grade" if high else "pTa low grade")
    c.vitals(first.start, "bp", "hr", "weight", visit=first)
    c.labs(first.start - HOUR, "fbc", "renal", "iron", visit=first)
    c.procedure(
        "cystoscopy",
        first.start + 600,
        visit=first,
        problem=bleeding,
        outcome="Papillary tumour of 2 cm on the left wall",
    )
    c.imaging(
        "ct-abdomen",
        first.start + 5 * DAY,
        "Thickening of the bladder wall on the left, upper tract without abnormalities.",
    )
    preoperative(c, treat - 10 * DAY)
    stay = c.admit(
        treat, 2, "urology", "Resection of a bladder tumour", problem=disease, source="elective", principal=True
    )
    done = operation(c, stay, "bladder-resection", disease, None if stay is None else stay.start + 3 * HOUR, pain=2,
                     inflammation=1.0, blood_loss=0.4, spinal=True)  # fmt: skip
    if stay is not None and done is not None:
        c.prescribe(
            "mitomycin", stay.start + 8 * HOUR, stay.start + 9 * HOUR, visit=stay, problem=disease, inpatient=True
        )
        c.pathology(stay.start + 5 * HOUR, f"Urothelial carcinoma, {'pT1 high grade, muscle free' if high else 'pTa low grade'}.",
                    visit=stay, problem=disease, site="bladder", days=6)  # fmt: skip
    ward_care(c, stay, every=1)
    c.discharge(stay, "Transurethrale resectie van een blaastumor.", "Uitslag over een week op de polikliniek.")
    if high:
        _instillations(c, disease, treat + 35 * DAY)
    if c.dead:
        c.imaging("ct-body", c.end - 150 * DAY, "Enlarged iliac lymph nodes, metastases in lungs and liver.")
        palliative(c, disease, "urology", "urology")
    for visit in follow_up(c, treat + 100 * DAY, "urology", disease, months=3.3 if high else 6, vitals=("bp",),
                           stop=c.end - 170 * DAY if c.dead else None,
                           story="Cystoscopie verricht."):  # fmt: skip
        if visit.kind == "virtual":
            continue
        again = c.chance(0.08)
        c.procedure(
            "cystoscopy",
            visit.start,
            visit=visit,
            problem=disease,
            outcome="Small recurrence, coagulated" if again else "No recurrence",
        )
        if again:
            c.pathology(
                visit.start + 300,
                "Bladder: urothelial carcinoma, pTa low grade.",
                visit=visit,
                problem=disease,
                site="bladder",
            )


def _instillations(c: Chart, disease: Problem, start: int) -> None:
    """BCG in the bladder: six weeks in a row, then three weeks at three and at six months."""
    for begin, number in ((0, 6), (90, 3), (180, 3)):
        for week in range(number):
            visit = c.visit(
                start + (begin + 7 * week) * DAY, "urology", "BCG instillation", problem=disease, minutes=30
            )
            if visit is None:
                continue
            if week == 0:
                c.prescribe("bcg", visit.start, visit.start + 7 * number * DAY, visit=visit, problem=disease)
            c.procedure("bladder-instillation", visit.start, visit=visit, problem=disease)
            c.vitals(visit.start, "temp", visit=visit)
