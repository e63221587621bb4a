"""Joints: rheumatoid arthritis, gout, lupus; hips and knees that wear out are in `bones`."""

from __future__ import annotations

from bedside.demo.body.effects import constant, pulse, step, wave
from bedside.demo.chart.chart import Chart
from bedside.demo.clock import DAY, HOUR, YEAR
from bedside.demo.courses.pathways import follow_up, ward_care
from bedside.demo.courses.registry import Facts, course


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
    activity = c.rng.uniform(4.6, 6.2)
    c.score("das28", first.start, activity, first)
    c.prescribe("methotrexate", first.start, visit=first, problem=disease)
    c.prescribe("folic-acid-weekly", first.start, visit=first, problem=disease)
    c.prescribe("prednisolone-low", first.start, first.start + 150 * DAY, visit=first, problem=disease, dose=7.5)
    c.letter(
        first.end + HOUR,
        first,
        "Seropositieve reumatoïde artritis. Methotrexaat met foliumzuur gestart.",
        "Laboratoriumcontrole na vier weken.",
    )
    c.episode("rheumatology", disease, start)
    biological = c.chance(0.4)
    for index, visit in enumerate(follow_up(c, start + 45 * DAY, "rheumatology", disease, months=4, labs=("fbc", "crp", "liver", "renal"), vitals=("bp", "weight"),
                                            story="Ziekteactiviteit bepaald met DAS28.")):  # fmt: skip
        activity = max(1.6, activity * (0.82 if index < 4 else 1.0) + c.rng.uniform(-0.25, 0.25))
        if biological and index == 3:
            c.prescribe("adalimumab", visit.start, visit=visit, problem=disease)
        c.score("das28", visit.start, activity, visit)
    if c.bed is not None:
        begin = c.principal(6)
        lungs = c.problem("pneumonia", begin, listed=False)
        c.body.push("inflammation", pulse(begin - DAY, 5, rise=20, half=60))
        _door, stay = c.emergency_admission(
            begin, 6, "internal", "Pneumonia while on methotrexate", problem=lungs, principal=True
        )
        if stay is not None:
            c.prescribe("ceftriaxone", stay.start, visit=stay, problem=lungs, inpatient=True)
            ward_care(c, stay, every=1)


@course("gout", Facts("rheumatology", (42, 84), 5, sex="male", since=3))
def gout(c: Chart) -> None:
    """Gout: a hot toe, urate, allopurinol."""
    start = c.when(c.rng.uniform(0.6, 3))
    disease = c.problem("gout", start)
    c.body.push("urate", constant(0.19))
    c.body.push("inflammation", pulse(start - 2 * DAY, 3.2, rise=24, half=70))
    first = c.visit(start, "rheumatology", "Hot, painful big toe", problem=disease, first=True)
    if first is None:
        return
    c.vitals(first.start, "bp", "temp", "weight", "pain", visit=first)
    c.labs(first.start, "urate", "crp", "renal", "fbc", visit=first)
    c.prescribe("colchicine", first.start, first.start + 60 * DAY, visit=first, problem=disease)
    c.prescribe("allopurinol", first.start + 20 * DAY, problem=disease, dose=100)
    for index, visit in enumerate(
        follow_up(
            c,
            start + 60 * DAY,
            "rheumatology",
            disease,
            months=4,
            labs=("urate", "renal"),
            vitals=("bp",),
            stop=start + 700 * DAY,
        )
    ):
        if index == 0:
            c.change(c.on("allopurinol", visit.start), visit.start, 300, visit)


@course("lupus", Facts("rheumatology", (20, 55), 3, sex="female", since=5, with_others=False))
def lupus(c: Chart) -> None:
    """Lupus: skin and joints, blood and urine watched every three months."""
    start = c.when(c.rng.uniform(1.5, 5))
    disease = c.problem("lupus", start)
    c.body.push("inflammation", step(start - 60 * DAY, 1.6, over=500))
    c.body.push("lymph", constant(-0.7))
    c.body.push("albuminuria", wave(start, 0.9, 1.7, c.rng.random()))
    first = c.visit(start, "rheumatology", "Joint pain, rash in the sun", problem=disease, first=True, minutes=40)
    if first is None:
        return
    c.labs(first.start, "fbc", "diff", "renal", "uacr", "crp", "esr", visit=first)
    c.prescribe("hydroxychloroquine", first.start, visit=first, problem=disease)
    c.prescribe("prednisolone-low", first.start, first.start + YEAR, visit=first, problem=disease)
    for _visit in follow_up(
        c,
        start + 60 * DAY,
        "rheumatology",
        disease,
        months=4,
        labs=("fbc", "diff", "renal", "uacr"),
        vitals=("bp", "weight"),
    ):
        pass
