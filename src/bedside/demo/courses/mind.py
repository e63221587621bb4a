"""Mind: depression, bipolar disorder on lithium, psychosis, anorexia nervosa, alcohol dependence."""

from __future__ import annotations

from bedside.demo.body.effects import constant, pulse, ramp, step
from bedside.demo.chart.chart import Chart
from bedside.demo.chart.core import Problem, Visit
from bedside.demo.clock import DAY, HOUR, MINUTE, YEAR
from bedside.demo.courses.pathways import follow_up, ward_care
from bedside.demo.courses.registry import Facts, course

_CALM = ("bp", "hr", "temp")


def mood(c: Chart, moment: int, total: int, visit: Visit) -> None:
    """A filled in PHQ-9 and its total as a result, so that the trend can be drawn."""
    c.phq9(moment, total, visit)
    c.score("phq9", moment, total, visit)


def therapy(c: Chart, start: int, problem: Problem, sessions: int, words: str, every: int = 7) -> None:
    """A series of psychotherapy sessions at the clinic."""
    for number in range(sessions):
        visit = c.visit(start + number * every * DAY, "psychiatry", words, problem=problem, minutes=50)
        if visit is not None:
            c.procedure("psychotherapy", visit.start, visit=visit, problem=problem, note=f"Session {number + 1}")


@course("depression", Facts("psychiatry", (19, 82), 8, ward="psychiatry", admitted=0.2, since=4))
def depression(c: Chart) -> None:
    """Depression: PHQ-9 at every visit, an antidepressant that is changed, talking, sometimes admission and ECT."""
    low = 0.35 if c.bed is not None else 0.8
    start = c.when(c.rng.uniform(low, 0.5 if c.bed is not None else 4))
    disease = c.problem("depression", start, severity=c.rng.choice(("moderate", "moderate", "severe")))
    total = c.rng.randint(15, 23)
    c.body.push("weight", ramp(start - 60 * DAY, start, -3))
    c.body.push("weight", ramp(start + 60 * DAY, start + 200 * DAY, 3))
    first = c.visit(start, "psychiatry", "Low mood, does not sleep", problem=disease, first=True, minutes=60)
    if first is None:
        return
    mood(c, first.start - 20 * MINUTE, total, first)
    c.vitals(first.start, "bp", "hr", "height", "weight", visit=first)
    c.labs(first.start + HOUR, "fbc", "tsh", "vitamins", "glucose", "renal", "lytes", visit=first)
    c.episode("psychiatry", disease, first.start)
    drug = c.prescribe("sertraline", first.start, visit=first, problem=disease)
    c.plan(
        "Depression: what we agreed",
        first.start,
        ["Walk outside every morning", "Psychotherapy every week", "Safety plan: whom I call when it gets dark"],
        problem=disease,
        visit=first,
        goals=[c.goal("See friends again", first.start, problem=disease)],
    )
    begin = c.principal(42) if c.bed is not None else 0
    therapy(c, start + 21 * DAY, disease, 6 if begin else c.rng.randint(6, 10), "Cognitive behavioural therapy")
    hard = begin > 0 or c.chance(0.3)
    last = begin - 4 * DAY if begin else None if hard or start > c.end - YEAR else start + 2 * YEAR
    for index, visit in enumerate(
        follow_up(
            c, start + 35 * DAY, "psychiatry", disease, months=1.4 if hard else 2.2, vitals=("weight",), letters=0.15,
            stop=last,
            story="Stemming, slaap en activiteit besproken; geen suïcidaliteit.",
        )
    ):  # fmt: skip
        total += c.rng.randint(-2, 2) if hard and index < 3 else c.rng.randint(-5, 1)
        total = max(1, min(25, total))
        mood(c, visit.start - 15 * MINUTE, total, visit)
        if index == 1 and total > 12:
            drug = c.change(drug, visit.start, 100, visit)
        if index == 3 and total > 12:
            c.stop(drug, visit.start, "Not effective")
            drug = c.prescribe("venlafaxine", visit.start, visit=visit, problem=disease)
        if index == 5 and total > 14:
            c.prescribe("mirtazapine", visit.start, visit=visit, problem=disease)
        if total < 5 and index > 5 and not hard:
            c.stop(drug, visit.start, "In remission for a year")
            c.resolve(disease, visit.start)
            break
    if begin:
        _admission(c, disease, begin)


def _admission(c: Chart, disease: Problem, start: int) -> None:
    """Admission with a severe depression: rest, nortriptyline, electroconvulsive therapy twice a week."""
    c.body.push("weight", ramp(start - 40 * DAY, start, -4))
    stay = c.admit(
        start, 42, "psychiatry", "Severe depression, no longer eats", problem=disease, source="elective", principal=True
    )
    if stay is None:
        return
    c.note(stay.start + 2 * HOUR, "Severe depression with psychomotor retardation. Voluntary admission.", stay, disease)
    c.ecg(stay.start + DAY, "Sinus rhythm, QTc 412 ms.", stay)
    mood(c, stay.start + 3 * HOUR, c.rng.randint(22, 26), stay)
    c.prescribe("nortriptyline", stay.start + 2 * DAY, visit=stay, problem=disease)
    c.prescribe("lorazepam", stay.start, stay.start + 14 * DAY, visit=stay, inpatient=True)
    day, total, number = stay.start + 8 * DAY, 24, 1
    while day < min(stay.end, c.end) and number < 11:
        c.procedure("anaesthesia", day, visit=stay, department="anaesthesiology", minutes=15)
        c.procedure("ect", day + 4 * MINUTE, visit=stay, problem=disease, minutes=8, note=f"Session {number}")
        if number % 2 == 0:
            total = max(6, total - c.rng.randint(1, 5))
            mood(c, day + DAY, total, stay)
        number, day = number + 1, day + (3 if number % 2 else 4) * DAY
    ward_care(c, stay, labs=("fbc", "lytes", "renal"), every=7, rounds=1, monitor=_CALM, prophylaxis=False)


@course("bipolar", Facts("psychiatry", (24, 70), 5, ward="psychiatry", admitted=0.2, since=7))
def bipolar(c: Chart) -> None:
    """Bipolar disorder: lithium for years with its levels, thyroid and kidneys, and a mania that breaks through."""
    start = c.when(c.rng.uniform(3, 8))
    disease = c.problem("bipolar", max(c.person.birth + 17 * YEAR, start - 3 * YEAR), remembered=True)
    first = c.visit(
        start, "psychiatry", "Bipolar disorder, wants to restart treatment", problem=disease, first=True, minutes=60
    )
    if first is None:
        return
    c.body.push("gfr", ramp(start, start + 9 * YEAR, -c.rng.uniform(8, 26)))
    c.vitals(first.start, "bp", "hr", "height", "weight", visit=first)
    c.labs(first.start + HOUR, "renal", "lytes", "thyroid", "ca", "fbc", "glucose", "lipids", visit=first)
    c.ecg(first.start + 2 * HOUR, "Sinus rhythm, QTc 405 ms.", first)
    c.episode("psychiatry", disease, first.start)
    lithium = c.prescribe("lithium", first.start + 3 * DAY, visit=first, problem=disease)
    if lithium is None:
        c.prescribe("quetiapine", first.start + 3 * DAY, visit=first, problem=disease)
    for days in (10, 17, 31):
        c.labs(c.clinic(start + days * DAY), *(("lithium", "renal", "lytes") if lithium else ("glucose",)))
    c.plan(
        "Staying well with bipolar disorder",
        first.start,
        [
            "Lithium level every three to six months",
            "Drink enough in hot weather, no NSAIDs",
            "Early signs: I call the clinic",
        ],
        problem=disease,
        visit=first,
    )
    begin = c.principal(24) if c.bed is not None else 0
    if not begin and c.chance(0.5):
        mania(c, disease, start + int((c.end - start) * c.rng.uniform(0.2, 0.9)), principal=False)
    if lithium is not None and c.person.sex == "female" and c.chance(0.6):
        thyroid = c.problem("hypothyroidism", start + 500 * DAY, note="On lithium")
        c.body.push("thyroid", ramp(start + 200 * DAY, start + 500 * DAY, -0.25))
        c.body.push("thyroid", ramp(start + 510 * DAY, start + 600 * DAY, 0.29))
        c.prescribe("levothyroxine", start + 505 * DAY, problem=thyroid, dose=75)
    for index, visit in enumerate(
        follow_up(
            c, start + 60 * DAY, "psychiatry", disease, months=3.5, vitals=("bp", "weight"), letters=0.1,
            story="Stemming stabiel, lithiumspiegel en nierfunctie besproken.", stop=begin - 4 * DAY if begin else None,
        )
    ):  # fmt: skip
        if c.on("lithium", visit.start - 6 * DAY) is not None:
            c.labs(visit.start - 5 * DAY + HOUR, "lithium", "renal", "lytes", visit=visit)
        if index % 3 == 2:
            c.labs(visit.start - 5 * DAY + HOUR, "thyroid", "ca", visit=visit)
        c.score("mania", visit.start, c.rng.choice((0, 1, 2, 3, 6)), visit)
        mood(c, visit.start - 15 * MINUTE, c.rng.choice((1, 2, 3, 5, 8, 11)), visit)
    if begin:
        mania(c, disease, begin, principal=True)


def mania(c: Chart, disease: Problem, start: int, *, principal: bool) -> None:
    """Admission with mania: the tablets were left, the level is low, an antipsychotic on top."""
    c.body.push("lithium", step(start - 20 * DAY, -0.45, over=48, end=start + 4 * DAY))
    c.body.push("rate", pulse(start - 6 * DAY, 14, rise=90, half=200))
    door, stay = c.emergency_admission(
        start, 24, "psychiatry", "Has not slept for four nights, spends all money", problem=disease, principal=principal
    )
    if door is not None:
        c.vitals(door.start + 900, "bp", "hr", "temp", visit=door)
        c.labs(door.start + HOUR, "lithium", "renal", "lytes", "glucose", "fbc", visit=door)
    if stay is None:
        return
    c.note(
        stay.start + HOUR, "Manic episode after stopping lithium. Admission with consent of the patient.", stay, disease
    )
    c.prescribe("olanzapine", stay.start, stay.start + 120 * DAY, visit=stay, problem=disease, dose=15)
    c.prescribe("lorazepam", stay.start, stay.start + 10 * DAY, visit=stay, problem=disease, inpatient=True)
    day, points = stay.start + 4 * HOUR, c.rng.randint(26, 38)
    while day < min(stay.end, c.end):
        c.score("mania", day, points, stay)
        points, day = max(3, points - c.rng.randint(2, 8)), day + 4 * DAY
    ward_care(c, stay, labs=("renal", "lytes", "lithium"), every=6, rounds=1, monitor=_CALM, prophylaxis=False)
    c.discharge(
        stay, "Manische episode na staken van lithium; hersteld op lithium en olanzapine.", "Controle over een week."
    )


@course("psychosis", Facts("psychiatry", (18, 55), 5, ward="psychiatry", admitted=0.35, since=5, with_others=False))
def psychosis(c: Chart) -> None:
    """Psychosis: the first episode, a drug and its weight, relapse, for some clozapine with its weekly counts."""
    low, high = (0.3, 0.6) if c.bed is not None and c.chance(0.5) else (1.2, 5)
    start = max(c.when(c.rng.uniform(low, high)), c.person.birth + 17 * YEAR)
    lasting = c.chance(0.6)
    disease = c.problem("schizophrenia" if lasting else "psychosis", start, severity="severe")
    first = c.visit(start, "psychiatry", "Hears voices, feels followed", problem=disease, first=True, minutes=60)
    if first is None:
        return
    points = c.rng.randint(78, 105)
    c.vitals(first.start, "bp", "hr", "height", "weight", "bmi", visit=first)
    c.labs(first.start + HOUR, "fbc", "renal", "liver", "glucose", "hba1c", "lipids", "tsh", visit=first)
    c.imaging("mri-brain", first.start + 20 * DAY, visit=first, why="First psychosis")
    c.score("psychosis-scale", first.start, points, first)
    c.episode("psychiatry", disease, first.start)
    worker = c.hospital.team("social-worker", "allied")[0]
    team = c.team("Early psychosis team", [first.doctor, worker], first.start, disease)
    c.plan(
        "Back to school or work",
        first.start,
        ["Medication as agreed", "Family meetings every month", "Job coach", "Yearly check of weight, sugar and fat"],
        problem=disease,
        team=team,
        visit=first,
        goals=[c.goal("Work again two days a week", first.start, problem=disease)],
    )
    drug = c.prescribe(
        c.rng.choice(("olanzapine", "risperidone", "aripiprazole")), first.start, visit=first, problem=disease
    )
    severe = lasting and c.chance(0.45)
    begin = c.principal(30) if c.bed is not None else 0
    if not begin and c.chance(0.35):
        _crisis(c, disease, c.principal(30, start + 100 * DAY))
    for index, visit in enumerate(
        follow_up(
            c, start + 21 * DAY, "psychiatry", disease, months=2.5, vitals=("bp", "hr", "weight", "bmi"), letters=0.12,
            story="Psychotische klachten, medicatie en dagbesteding besproken.", stop=begin - 4 * DAY if begin else None,
        )
    ):  # fmt: skip
        points = max(34, points + c.rng.randint(-16, 6)) if not severe or index > 4 else points + c.rng.randint(-5, 3)
        c.score("psychosis-scale", visit.start, points, visit)
        if index % 4 == 3:
            c.labs(visit.start - HOUR, "glucose", "hba1c", "lipids", visit=visit)
        if index == 4 and severe:
            c.stop(drug, visit.start, "Not effective")
            c.prescribe("clozapine", visit.start, visit=visit, problem=disease)
            for week in range(1, 19):
                c.labs(c.clinic(visit.start + week * 7 * DAY), "counts")
    if begin:
        _crisis(c, disease, begin)


def _crisis(c: Chart, disease: Problem, start: int) -> None:
    """Admission with a psychotic crisis."""
    c.body.push("rate", pulse(start - 4 * DAY, 10, rise=60, half=150))
    door, stay = c.emergency_admission(
        start, 30, "psychiatry", "Frightened, shouting, brought by the police", problem=disease, principal=True
    )
    if door is not None:
        c.vitals(door.start + 1200, "bp", "hr", "temp", visit=door)
        c.labs(door.start + HOUR, "glucose", "renal", "lytes", "ethanol", "fbc", visit=door)
        c.prescribe("lorazepam", door.start + 900, door.end, visit=door, problem=disease, inpatient=True)
    if stay is None:
        return
    c.prescribe("haloperidol", stay.start, stay.start + 9 * DAY, visit=stay, problem=disease, dose=2, inpatient=True)
    day, points = stay.start + DAY, c.rng.randint(88, 112)
    while day < min(stay.end, c.end):
        c.score("psychosis-scale", day, points, stay)
        points, day = max(45, points - c.rng.randint(3, 15)), day + 7 * DAY
    ward_care(c, stay, labs=("fbc", "glucose", "renal"), every=10, rounds=1, monitor=_CALM, prophylaxis=False)
    c.discharge(stay, "Opname wegens psychotische decompensatie.", "Huisbezoek door het wijkteam binnen drie dagen.")


@course(
    "anorexia",
    Facts("psychiatry", (16, 32), 3, sex="female", ward="psychiatry", admitted=0.45, since=3, with_others=False),
)
def anorexia(c: Chart) -> None:
    """Anorexia nervosa: weight, potassium and pulse go down; refeeding with phosphate watched; weight comes back."""
    start = c.when(c.rng.uniform(0.3, 0.4) if c.bed is not None else c.rng.uniform(0.9, 2.6))
    disease = c.problem("anorexia-nervosa", start, severity="severe")
    usual = c.body.at(start)
    lowest = c.rng.uniform(13.9, 16.2) * (usual.true("height") / 100) ** 2
    loss = min(-5.0, lowest - usual.true("weight"))
    begin = c.principal(40) if c.bed is not None else start + 50 * DAY
    c.body.push("weight", ramp(start - 250 * DAY, begin, loss))
    c.body.push("weight", ramp(begin + 6 * DAY, begin + 400 * DAY, -loss * 0.75))
    c.body.push("rate", ramp(start - 250 * DAY, begin, -21))
    c.body.push("rate", ramp(begin + 10 * DAY, begin + 120 * DAY, 18))
    c.body.push("tone", ramp(start - 250 * DAY, begin, -14))
    c.body.push("tone", ramp(begin + 10 * DAY, begin + 120 * DAY, 12))
    c.body.push("fever", ramp(start - 250 * DAY, begin, -0.6))
    c.body.push("fever", ramp(begin + 5 * DAY, begin + 60 * DAY, 0.6))
    c.body.push("k", pulse(start - 30 * DAY, -0.7, rise=500, half=1500))
    c.body.push("phos", pulse(begin + DAY, -0.35, rise=60, half=60))
    first = c.visit(start, "psychiatry", "Eats less and less, runs every day", problem=disease, first=True, minutes=60)
    if first is not None:
        c.vitals(first.start, "bp", "hr", "temp", "height", "weight", "bmi", visit=first)
        c.labs(first.start + HOUR, "fbc", "renal", "lytes", "mineral", "glucose", "liver", "tsh", visit=first)
        c.ecg(first.start + 2 * HOUR, "Sinus bradycardia, QTc 428 ms.", first)
        c.plan(
            "Getting well from anorexia", first.start, ["Three meals and three snacks", "Weighed twice a week", "No sport below BMI 17"],
            problem=disease, visit=first, goals=[c.goal("Back to dancing", first.start, problem=disease)],
        )  # fmt: skip
    stay = c.admit(
        begin, 40, "psychiatry", "Underweight, refeeding", problem=disease, source="elective", principal=True
    )
    if stay is not None:
        c.procedure("tube-feeding", stay.start + 5 * HOUR, visit=stay, problem=disease)
        c.prescribe("thiamine", stay.start + HOUR, stay.start + 14 * DAY, visit=stay, problem=disease, inpatient=True)
        c.prescribe("potassium", stay.start + HOUR, stay.start + 12 * DAY, visit=stay, problem=disease, inpatient=True)
        for day in range(1, 10):
            if stay.start + day * DAY < min(stay.end, c.end):
                c.labs(stay.start + day * DAY, "mineral", "lytes", "glucose", visit=stay)
        ward_care(
            c,
            stay,
            labs=("renal", "lytes", "mineral"),
            every=7,
            rounds=2,
            monitor=("bp", "hr", "temp"),
            prophylaxis=False,
        )
        c.discharge(
            stay,
            "Opname wegens ernstig ondergewicht bij anorexia nervosa, hervoeding zonder complicaties.",
            "Dagbehandeling.",
        )
    therapy(c, max(begin + 55 * DAY, start + 20 * DAY), disease, 8, "Family based therapy", 14)
    for visit in follow_up(c, begin + 60 * DAY, "psychiatry", disease, months=1.5, vitals=("hr", "bp", "weight", "bmi"),
                           letters=0.15, story="Gewicht en eetpatroon besproken."):  # fmt: skip
        if c.chance(0.4):
            c.labs(visit.start + HOUR, "lytes", "mineral", visit=visit)


@course("alcohol-dependence", Facts("psychiatry", (32, 70), 4, ward="psychiatry", admitted=0.3, since=3))
def alcohol_dependence(c: Chart) -> None:
    """Alcohol dependence: detoxification with a scale, vitamins, relapse and months without; the blood tells."""
    start = c.principal(10, c.when(1.8))
    disease = c.problem("alcohol", start - 3 * YEAR, remembered=True)
    sober = start + c.rng.randrange(90, 500) * DAY
    c.body.push("mcv", step(start - 3 * YEAR, 9, over=9000, end=start + 20 * DAY))
    c.body.push("cholestasis", step(start - 3 * YEAR, 1.3, over=1400, end=start + 2 * DAY))
    c.body.push("hepatitis", step(start - 3 * YEAR, 0.8, over=700, end=start + 2 * DAY))
    c.body.push("mg", constant(-0.08))
    c.body.push("ethanol", pulse(start - 16 * HOUR, 4.2, rise=6, half=5))
    c.body.push("rate", pulse(start - 4 * HOUR, 24, rise=18, half=36))
    c.body.push("tone", pulse(start - 4 * HOUR, 22, rise=18, half=36))
    door, stay = c.emergency_admission(
        start, 10, "psychiatry", "Wants to stop drinking, trembling", problem=disease, principal=True
    )
    if door is not None:
        c.vitals(door.start + 600, "bp", "hr", "rr", "temp", "spo2", "gcs", visit=door)
        c.labs(door.start + 900, "ethanol", "fbc", "liver", "renal", "lytes", "mineral", "glucose", visit=door)
        c.score("alcohol-use", door.start + 2 * HOUR, c.rng.randint(22, 36), door)
    if stay is None:
        return
    if c.chance(0.3):
        severe = c.problem("withdrawal", stay.start + DAY, visit=stay, resolved=stay.start + 5 * DAY, listed=False)
        c.prescribe("haloperidol", stay.start + DAY, stay.start + 4 * DAY, visit=stay, problem=severe, inpatient=True)
    c.prescribe("chlordiazepoxide", stay.start, stay.start + 6 * DAY, visit=stay, problem=disease, inpatient=True)
    c.prescribe("thiamine", stay.start, stay.start + 90 * DAY, visit=stay, problem=disease)
    points = c.rng.randint(12, 22)
    for hours in (2, 8, 14, 20, 28, 36, 48, 60, 84):
        if stay.start + hours * HOUR < min(stay.end, c.end):
            c.score("withdrawal-scale", stay.start + hours * HOUR, points, stay)
            points = max(1, points - c.rng.randint(-1, 4))
    ward_care(c, stay, labs=("lytes", "mineral", "liver"), every=3, rounds=3, monitor=_CALM, prophylaxis=False)
    c.prescribe("naltrexone", stay.start + 8 * DAY, sober, visit=stay, problem=disease)
    c.discharge(
        stay, "Klinische detoxificatie van alcohol.", "Naltrexon, deelname aan een zelfhulpgroep, wekelijks contact."
    )
    c.body.push("cholestasis", step(sober, 0.8, over=1000, end=sober + 150 * DAY))
    therapy(c, stay.end + 10 * DAY, disease, 5, "Relapse prevention", 14)
    for visit in follow_up(c, stay.end + 21 * DAY, "psychiatry", disease, months=2.5, labs=("liver", "fbc"), vitals=("bp", "weight"),
                           letters=0.15, story="Alcoholgebruik, trek en slaap besproken."):  # fmt: skip
        low, high = (0, 7) if visit.start < sober else (4, 24)
        c.score("alcohol-use", visit.start, c.rng.randint(low, high), visit)
