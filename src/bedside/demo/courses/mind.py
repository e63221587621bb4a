"""Mind: depression followed with PHQ-9, bipolar disorder on lithium."""

from __future__ import annotations

from bedside.demo.body.effects import pulse
from bedside.demo.chart.chart import Chart
from bedside.demo.clock import DAY, HOUR
from bedside.demo.courses.pathways import follow_up, ward_care
from bedside.demo.courses.registry import Facts, course


@course("depression", Facts("psychiatry", (19, 72), 8, ward="psychiatry", admitted=0.35, since=3))
def depression(c: Chart) -> None:
    """Depression: PHQ-9 falls with treatment, a relapse for some, admission and ECT for a few."""
    admission = c.principal(40) if c.bed is not None else 0
    start = admission - 80 * DAY if admission else c.when(c.rng.uniform(0.5, 3))
    disease = c.problem("depression", start - 30 * DAY, severity=c.rng.choice(("moderate", "severe")))
    first = c.visit(start, "psychiatry", "Low mood, no sleep", problem=disease, first=True, minutes=60)
    if first is None:
        return
    points = c.rng.randint(16, 24)
    floor = c.rng.randint(2, 8) if c.bed is None else 20
    pace = c.rng.uniform(0.72, 0.86)
    _mood(c, first.start - DAY, points)
    c.vitals(first.start, "bp", "hr", "weight", visit=first)
    c.labs(first.start + HOUR, "fbc", "tsh", "renal", "lytes", "vitamins", visit=first)
    drug = c.prescribe(c.rng.choice(("sertraline", "citalopram")), first.start, visit=first, problem=disease)
    c.plan("Getting better from depression", first.start, ["Talk with the psychologist every week", "Walk every morning", "Who to call in a crisis is on the fridge"],
           problem=disease, goals=[c.goal("Work two mornings a week again", first.start, problem=disease, status="improving")], visit=first)  # fmt: skip
    c.episode("psychiatry", disease, start)
    moment, value = start + 21 * DAY, float(points)
    for index in range(14):
        visit = c.visit(moment, "psychiatry", problem=disease, minutes=45, virtual=c.chance(0.25))
        value = floor + (value - floor) * pace + c.rng.uniform(-1, 1.2)
        if visit is not None:
            _mood(c, visit.start - DAY, round(value), visit)
            if index == 3:
                c.change(drug, visit.start, 100 if drug is not None and drug.drug.key == "sertraline" else 40, visit)
            if index in (2, 7):
                c.letter(
                    visit.end + HOUR,
                    visit,
                    "Depressieve stoornis, beloop gevolgd met PHQ-9.",
                    "Gesprekken en medicatie voortzetten.",
                )
        elif moment > c.end:
            break
        moment += (21 if index < 6 else 45) * DAY
    if value < 6 and moment < c.end and c.bed is None:
        c.resolve(disease, moment)
    if c.bed is None:
        return
    stay = c.admit(
        admission,
        40,
        "psychiatry",
        "Severe depression, does not eat or drink",
        problem=disease,
        source="elective",
        principal=True,
    )
    if stay is None:
        return
    c.prescribe("mirtazapine", stay.start + DAY, visit=stay, problem=disease)
    c.prescribe("lorazepam", stay.start, stay.end, visit=stay, problem=disease, inpatient=True)
    for number in range(8):
        treatment = stay.start + (4 + number * 3) * DAY
        c.procedure("ect", c.morning(treatment, 8, 30), visit=stay, problem=disease)
        c.phq9(treatment + DAY, max(6, 24 - 2 * number), stay)
    ward_care(c, stay, labs=("fbc", "renal", "lytes"), every=12, rounds=1, prophylaxis=False, monitor=("bp", "hr"))


def _mood(c: Chart, moment: int, points: int, visit: object = None) -> None:
    """PHQ-9: the form as the patient filled it in, and its total as an observation."""
    del visit
    total = max(0, min(27, points))
    c.phq9(moment, total)
    c.score("phq9", moment, total)


@course("bipolar", Facts("psychiatry", (24, 70), 5, ward="psychiatry", admitted=0.25, since=6))
def bipolar(c: Chart) -> None:
    """Bipolar disorder on lithium: level, kidneys and thyroid every quarter."""
    start = c.when(c.rng.uniform(2, 6))
    disease = c.problem("bipolar", max(c.person.birth + 18 * 365 * DAY, start - 1500 * DAY), remembered=True)
    first = c.visit(start, "psychiatry", problem=disease, first=True, minutes=60)
    if first is None:
        return
    c.labs(first.start, "renal", "lytes", "tsh", "fbc", visit=first)
    c.prescribe("lithium", first.start, visit=first, problem=disease)
    for _visit in follow_up(c, start + 30 * DAY, "psychiatry", disease, months=3.5, labs=("lithium", "renal", "lytes", "tsh"), vitals=("weight", "bp"),
                            letters=0.15, story="Stemming stabiel."):  # fmt: skip
        pass
    if c.bed is not None:
        begin = c.principal(25)
        c.body.push("rate", pulse(begin, 14, rise=5, half=200))
        _door, stay = c.emergency_admission(begin, 25, "psychiatry", "Mania", problem=disease, principal=True)
        if stay is not None:
            c.prescribe("olanzapine", stay.start, visit=stay, problem=disease)
            c.prescribe("lorazepam", stay.start, stay.end, visit=stay, problem=disease, inpatient=True)
            ward_care(
                c, stay, labs=("renal", "lytes", "lithium"), every=7, rounds=1, prophylaxis=False, monitor=("bp", "hr")
            )
