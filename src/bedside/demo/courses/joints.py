"""Joints: rheumatoid arthritis, gout, lupus, spondyloarthritis, polymyalgia; worn hips and knees are in `bones`."""

from __future__ import annotations

from math import log, sqrt

from bedside.demo.body.effects import constant, pulse, ramp, step, wave
from bedside.demo.chart.chart import Chart
from bedside.demo.chart.core import Problem, Visit
from bedside.demo.clock import DAY, HOUR, YEAR
from bedside.demo.codes import SNOMED, coding, concept, local
from bedside.demo.courses.pathways import follow_up, ward_care
from bedside.demo.courses.registry import Facts, course

_HLA_B27 = concept("HLA-B27", local("observations", "hla-b27", "HLA-B27"))
_PRESENT = concept("Present", coding(SNOMED, "52101004", "Present"))
_ABSENT = concept("Absent", coding(SNOMED, "2667000", "Absent"))


def das28(c: Chart, moment: int) -> float:
    """DAS28-CRP that belongs to the inflammation of the moment: joints and complaints follow it, CRP is measured."""
    body = c.body.at(moment)
    burden = max(0.0, min(1.0, body.positive("inflammation") / 3.4 * c.rng.uniform(0.85, 1.15) - 0.08))
    tender, swollen, health = round(16 * burden), round(11 * burden), 8 + 65 * burden
    return 0.56 * sqrt(tender) + 0.28 * sqrt(swollen) + 0.36 * log(body.true("crp") + 1) + 0.014 * health + 0.96


@course("rheumatoid", Facts("rheumatology", (30, 80), 8, ward="internal", admitted=0.08, since=6))
def rheumatoid(c: Chart) -> None:
    """Rheumatoid arthritis: DAS28 and CRP fall on methotrexate, a biological for those who need it."""
    start = c.when(c.rng.uniform(1.5, 6))
    disease = c.problem("rheumatoid-arthritis", start)
    c.body.push("inflammation", step(start - 60 * DAY, c.rng.uniform(2.2, 3.4), over=24 * 30))
    c.body.push("inflammation", wave(start, 0.35, 1.1, c.rng.random()))
    c.body.push("rf", constant(c.rng.uniform(40, 160)))
    c.body.push("ccp", constant(c.rng.uniform(60, 300)))
    first = c.visit(
        start, "rheumatology", "Painful swollen hands, stiff in the morning", problem=disease, first=True, minutes=40
    )
    if first is None:
        return
    c.vitals(first.start, "bp", "hr", "height", "weight", visit=first)
    c.labs(first.start, "rheuma", "fbc", "crp", "renal", "liver", visit=first)
    c.imaging("hand-xray", first.start + HOUR, "Soft tissue swelling of the MCP joints, no erosions.", visit=first)
    c.score("das28", first.start, das28(c, first.start), first)
    c.prescribe("methotrexate", first.start, visit=first, problem=disease)
    c.prescribe("folic-acid-weekly", first.start, visit=first, problem=disease)
    c.prescribe("prednisolone-low", first.start, first.start + 150 * DAY, visit=first, problem=disease, dose=7.5)
    c.plan("Rheumatoid arthritis", first.start, ["Methotrexate once a week, folic acid the day after", "Blood test every three months",
           "Keep moving: hand exercises every day"], problem=disease, visit=first,
           goals=[c.goal("DAS28 below 2.6", first.start, problem=disease, status="improving")])  # fmt: skip
    c.letter(
        first.end + HOUR,
        first,
        "Seropositieve reumatoïde artritis. Methotrexaat met foliumzuur gestart.",
        "Laboratoriumcontrole na vier weken.",
    )
    c.episode("rheumatology", disease, start)
    _to_target(c, disease, start)
    if c.bed is not None:
        begin = c.principal(6)
        lungs = c.problem("pneumonia", begin, listed=False)
        c.body.push("inflammation", pulse(begin - DAY, 5, rise=20, half=60))
        _door, stay = c.emergency_admission(
            begin, 6, "internal", "Pneumonia while on methotrexate", problem=lungs, principal=True
        )
        if stay is not None:
            c.stop(c.on("methotrexate", stay.start), stay.start, "Paused during infection")
            c.imaging("chest-xray", stay.start + HOUR, "Consolidation in the right lower lobe.", visit=stay)
            c.prescribe("ceftriaxone", stay.start, visit=stay, problem=lungs, inpatient=True)
            ward_care(c, stay, every=1)


def _to_target(c: Chart, disease: Problem, start: int) -> None:
    """Treat to target: when DAS28 stays above 3.2, a biological; when that fails for half a year, another one."""
    high = 0
    for index, visit in enumerate(follow_up(
        c, start + 45 * DAY, "rheumatology", disease, months=3.6, labs=("fbc", "crp", "liver", "renal"),
        vitals=("bp", "weight"), story="Ziekteactiviteit bepaald met DAS28.",
    )):  # fmt: skip
        activity = das28(c, visit.start)
        if visit.kind != "virtual":
            c.score("das28", visit.start, activity, visit)
        high = high + 1 if activity > 3.2 else 0
        if index >= 2 and high >= 2:
            high = 0
            if c.on("adalimumab", visit.start) is None and c.on("tocilizumab", visit.start) is None:
                c.labs(visit.start + HOUR, "hb", "alb", visit=visit)
                c.imaging(
                    "chest-xray", visit.start + HOUR, "No signs of tuberculosis.", visit=visit, why="Before biological"
                )
                c.prescribe("adalimumab", visit.start + 7 * DAY, visit=visit, problem=disease)
            elif (old := c.on("adalimumab", visit.start)) is not None:
                c.stop(old, visit.start, "Not effective enough")
                c.prescribe("tocilizumab", visit.start + 14 * DAY, visit=visit, problem=disease)
        if index % 5 == 4:
            c.imaging(
                "hand-xray",
                visit.start - HOUR,
                c.rng.choice(("No new erosions.", "One erosion of MCP 2, unchanged.")),
                visit=visit,
            )


@course("gout", Facts("rheumatology", (42, 84), 5, sex="male", since=3))
def gout(c: Chart) -> None:
    """Gout: a hot toe, crystals, allopurinol stepped up until urate is below 0.36; sometimes one more attack."""
    start = c.when(c.rng.uniform(0.6, 3))
    disease = c.problem("gout", start)
    c.body.push("urate", constant(0.19))
    c.body.push("inflammation", pulse(start - 2 * DAY, 3.2, rise=24, half=70))
    c.body.push("pain", pulse(start - 2 * DAY, 6.5, rise=12, half=60))
    first = c.visit(start, "rheumatology", "Hot, painful big toe", problem=disease, first=True)
    if first is None:
        return
    c.vitals(first.start, "bp", "temp", "weight", "pain", visit=first)
    c.labs(first.start, "urate", "crp", "renal", "fbc", visit=first)
    c.procedure("joint-aspiration", first.start + 600, visit=first, problem=disease, outcome="Urate crystals seen")
    c.prescribe("colchicine", first.start, first.start + 180 * DAY, visit=first, problem=disease)
    if c.prescribe("allopurinol", first.start + 20 * DAY, problem=disease, dose=100, effect=0.45) is None:
        c.prescribe("febuxostat", first.start + 20 * DAY, problem=disease)
    c.letter(first.end + HOUR, first, "Jicht, aangetoond met kristallen.", "Urinezuur verlagen tot onder 0,36 mmol/l.")
    again = start + c.rng.randrange(60, 200) * DAY
    if c.chance(0.35):
        c.body.push("inflammation", pulse(again - DAY, 2.8, rise=24, half=60))
        attack = c.visit(again, "rheumatology", "New attack of gout", problem=disease)
        if attack is not None:
            c.vitals(attack.start, "temp", "pain", visit=attack)
            c.prescribe("prednisolone", attack.start, attack.start + 7 * DAY, visit=attack, problem=disease)
    steps = {100: (200, -0.2), 200: (300, 0.0), 300: (400, 0.25)}
    dose = 100
    for visit in follow_up(c, start + 60 * DAY, "rheumatology", disease, months=2.5, labs=("urate", "renal"), vitals=("bp",),
                           stop=start + 700 * DAY, story="Urinezuur besproken, geen nieuwe aanval."):  # fmt: skip
        drug = c.on("allopurinol", visit.start)
        if drug is not None and dose in steps and c.body.at(visit.start).true("urate") > 0.36:
            dose, effect = steps[dose]
            c.change(drug, visit.start, dose, visit, effect)


@course(
    "lupus",
    Facts("rheumatology", (20, 55), 4, sex="female", ward="internal", admitted=0.15, since=5, with_others=False),
)
def lupus(c: Chart) -> None:
    """Lupus: skin and joints, complement that falls in a flare; in some the kidneys, with biopsy and mycophenolate."""
    start = c.when(c.rng.uniform(1.5, 5))
    disease = c.problem("lupus", start)
    phase = c.rng.random()
    c.body.push("inflammation", step(start - 60 * DAY, 1.6, over=500))
    c.body.push("lymph", constant(-0.7))
    c.body.push("dsdna", constant(c.rng.uniform(40, 120)))
    c.body.push("dsdna", wave(start, 30, 1.7, phase))
    c.body.push("c3", step(start - 90 * DAY, -0.5, over=500))
    c.body.push("c3", wave(start, -0.18, 1.7, phase))
    c.body.push("c4", step(start - 90 * DAY, -0.13, over=500))
    c.body.push("albuminuria", wave(start, 0.6, 1.7, phase))
    first = c.visit(start, "rheumatology", "Joint pain, rash in the sun", problem=disease, first=True, minutes=40)
    if first is None:
        return
    c.vitals(first.start, "bp", "hr", "temp", "weight", visit=first)
    c.labs(first.start, "fbc", "diff", "renal", "uacr", "crp", "esr", "dsdna", "c3", "c4", visit=first)
    c.score("lupus-activity", first.start, c.rng.randint(8, 14), first)
    c.prescribe("hydroxychloroquine", first.start, visit=first, problem=disease)
    c.prescribe("prednisolone-low", first.start, first.start + YEAR, visit=first, problem=disease)
    c.visit(start + 150 * DAY, "ophthalmology", "Retina: start of hydroxychloroquine", problem=disease)
    c.episode("rheumatology", disease, start)
    kidney = c.principal(5) if c.bed is not None else start + c.rng.randrange(120, 700) * DAY
    if (c.bed is not None or c.chance(0.3)) and kidney < c.end - 20 * DAY * (c.bed is None):
        _nephritis(c, kidney)
    for index, visit in enumerate(follow_up(
        c, start + 60 * DAY, "rheumatology", disease, months=3.5, labs=("fbc", "diff", "renal", "uacr", "dsdna", "c3", "c4"),
        vitals=("bp", "weight"), story="Lupus: huid, gewrichten, urine en complement besproken.",
    )):  # fmt: skip
        c.score(
            "lupus-activity",
            visit.start,
            c.rng.randint(0, 4) + (3 if c.body.at(visit.start).true("c3") < 0.75 else 0),
            visit,
        )
        if index == 4 and c.chance(0.3):
            c.prescribe("belimumab", visit.start, visit=visit, problem=disease)


def _nephritis(c: Chart, start: int) -> None:
    """A flare in the kidneys: albumin in urine, a biopsy, methylprednisolone for three days, mycophenolate."""
    disease = c.problem("lupus-nephritis", start, stage="Class IV")
    c.body.push("albuminuria", ramp(start - 40 * DAY, start, 4.6))
    c.body.push("albuminuria", ramp(start + 10 * DAY, start + 300 * DAY, -3.8))
    c.body.push("gfr", ramp(start - 30 * DAY, start, -26))
    c.body.push("gfr", ramp(start + 10 * DAY, start + 200 * DAY, 19))
    c.body.push("tone", ramp(start - 30 * DAY, start, 14))
    stay = c.admit(
        start, 5, "internal", "Lupus with protein in the urine", problem=disease, source="elective", principal=True
    )
    if stay is None:
        return
    c.labs(stay.start + HOUR, "uacr", "dsdna", "c3", "c4", "synthesis", visit=stay)
    if (
        c.procedure("biopsy-kidney", stay.start + 20 * HOUR, visit=stay, problem=disease, department="nephrology")
        is not None
    ):
        c.pathology(stay.start + 21 * HOUR, "Kidney biopsy: diffuse proliferative lupus nephritis, class IV, low chronicity.",
                    visit=stay, problem=disease, site="kidney", days=2)  # fmt: skip
    c.prescribe(
        "methylprednisolone",
        stay.start + DAY,
        stay.start + 4 * DAY,
        visit=stay,
        problem=disease,
        inpatient=True,
        dose=500,
    )
    c.prescribe("mycophenolate", stay.start + 2 * DAY, visit=stay, problem=disease)
    c.prescribe("losartan", stay.start + 2 * DAY, visit=stay, problem=disease)
    c.prescribe("cotrimoxazole", stay.start + 2 * DAY, stay.start + 180 * DAY, visit=stay, problem=disease)
    ward_care(c, stay, labs=("fbc", "renal", "lytes", "uacr"), every=1)
    c.discharge(
        stay,
        "Lupusnefritis klasse IV, behandeld met methylprednisolon en mycofenolaat.",
        "Afbouw prednisolon, controle na twee weken.",
    )
    c.visit(stay.end + 14 * DAY, "nephrology", problem=disease, first=True)


@course("spondyloarthritis", Facts("rheumatology", (20, 56), 4, since=5, with_others=False))
def spondyloarthritis(c: Chart) -> None:
    """Axial spondyloarthritis: back pain at night, MRI, exercise and naproxen, a biological; uveitis in some."""
    start = c.when(c.rng.uniform(1.2, 5))
    disease = c.problem("spondylitis", start)
    activity = c.rng.uniform(5.0, 7.6)
    c.body.push("inflammation", step(start - YEAR, c.rng.uniform(1.2, 2.4), over=3000))
    c.body.push("pain", step(start - YEAR, activity - 0.5, over=3000))
    first = c.visit(
        start, "rheumatology", "Back pain at night, stiff until noon", problem=disease, first=True, minutes=40
    )
    if first is None:
        return
    c.vitals(first.start, "bp", "height", "weight", "pain", visit=first)
    c.labs(first.start, "fbc", "crp", "esr", "renal", "liver", visit=first)
    c.finding(first.start, _HLA_B27, _PRESENT if c.chance(0.85) else _ABSENT, "laboratory", first)
    c.imaging(
        "mri-sacroiliac",
        first.start + 12 * DAY,
        "Bone marrow oedema of both sacroiliac joints, active sacroiliitis.",
        visit=first,
    )
    c.score("basdai", first.start, activity, first)
    c.prescribe("naproxen", first.start, visit=first, problem=disease)
    c.prescribe("omeprazole", first.start, visit=first)
    c.plan("Living with spondyloarthritis", first.start, ["Exercise in a group, every week", "Stretch every morning", "Stop smoking"],
           problem=disease, visit=first)  # fmt: skip
    c.letter(
        first.end + DAY,
        first,
        "Inflammatoire rugpijn, verdenking axiale spondyloartritis.",
        "MRI, naproxen en oefentherapie.",
    )
    c.episode("rheumatology", disease, start)
    if c.chance(0.25):
        _uveitis(c, start + c.rng.randrange(100, 900) * DAY)
    biological = False
    for index, visit in enumerate(follow_up(
        c, start + 60 * DAY, "rheumatology", disease, months=5, labs=("crp", "fbc", "renal", "liver"), vitals=("pain", "weight"),
        story="Rugklachten en ochtendstijfheid besproken.",
    )):  # fmt: skip
        if index == 0:
            activity *= c.rng.uniform(0.45, 0.95)
            c.body.push("pain", step(visit.start, activity * -0.25, over=300))
        elif index > 0 and activity > 4 and not biological:
            biological = (
                c.prescribe(c.rng.choice(("adalimumab", "etanercept")), visit.start, visit=visit, problem=disease)
                is not None
            )
            c.body.push("pain", step(visit.start, -2.2, over=900))
        elif biological:
            activity = max(1.0, activity * c.rng.uniform(0.55, 0.95))
        c.score("basdai", visit.start, max(0.4, activity + c.rng.uniform(-0.5, 0.5)), visit)


def _uveitis(c: Chart, moment: int) -> Visit | None:
    """A red, painful eye that comes with the disease."""
    visit = c.visit(moment, "ophthalmology", "Red painful eye", first=True)
    if visit is not None:
        eye = c.problem("uveitis", visit.start, visit=visit, resolved=visit.start + 30 * DAY, listed=False)
        c.score("acuity-right", visit.start, 0.6, visit)
        c.prescribe("dexamethasone-eye", visit.start, visit.start + 28 * DAY, visit=visit, problem=eye)
        again = c.visit(moment + 28 * DAY, "ophthalmology", problem=eye)
        if again is not None:
            c.score("acuity-right", again.start, 1.0, again)
    return visit


@course("polymyalgia", Facts("rheumatology", (58, 88), 4, since=3))
def polymyalgia(c: Chart) -> None:
    """Polymyalgia: stiff shoulders, an ESR of eighty, prednisolone tapered over a year and a half, bones protected."""
    start = c.when(c.rng.uniform(0.6, 2.8))
    disease = c.problem("polymyalgia", start)
    c.body.push("inflammation", step(start - 45 * DAY, c.rng.uniform(3, 4.2), over=500, end=start + 3 * DAY))
    c.body.push("esr", step(start - 45 * DAY, c.rng.uniform(20, 42), over=500, end=start + 3 * DAY))
    c.body.push("pain", step(start - 45 * DAY, 5.5, over=500, end=start + 2 * DAY))
    first = c.visit(start, "rheumatology", "Stiff painful shoulders and hips", problem=disease, first=True, minutes=30)
    if first is None:
        return
    c.vitals(first.start, "bp", "temp", "weight", "pain", visit=first)
    c.labs(first.start, "esr", "crp", "fbc", "renal", "glucose", "ck", "alp", visit=first)
    therapy = c.prescribe("prednisolone", first.start, visit=first, problem=disease, dose=15)
    c.prescribe("calcium-d", first.start, visit=first)
    c.prescribe("alendronate", first.start, visit=first)
    c.prescribe("pantoprazole", first.start, visit=first)
    c.imaging("dxa", first.start + 30 * DAY, visit=first)
    c.score("bone-density", first.start + 30 * DAY, c.rng.uniform(-2.3, -0.4))
    c.letter(
        first.end + HOUR,
        first,
        "Polymyalgia rheumatica, prednisolon 15 mg gestart met botbescherming.",
        "Bij hoofdpijn of visusklachten direct bellen.",
    )
    doses = [12.5, 10.0, 7.5, 5.0, 2.5]
    relapse = c.chance(0.35)
    for index, visit in enumerate(follow_up(
        c, start + 28 * DAY, "rheumatology", disease, months=2.2, labs=("esr", "crp", "glucose"), vitals=("bp", "weight", "pain"),
        stop=start + 620 * DAY, story="Polymyalgia rheumatica, afbouw van prednisolon.",
    )):  # fmt: skip
        therapy = c.on("prednisolone", visit.start)
        if therapy is None:
            continue
        if relapse and index == 3:
            c.body.push("inflammation", pulse(visit.start - 20 * DAY, 2.4, rise=300, half=160))
            doses.insert(0, 12.5)
        if doses:
            c.change(therapy, visit.start, doses.pop(0), visit, -0.25)
        else:
            c.stop(therapy, visit.start, "No complaints, tapered")
            c.resolve(disease, visit.start)
