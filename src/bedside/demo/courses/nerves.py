"""Nerves: multiple sclerosis, epilepsy, Parkinson, motor neurone disease, Guillain-Barré, migraine."""

from __future__ import annotations

from bedside.demo.body.effects import constant, drift, pulse, ramp, step
from bedside.demo.chart.chart import Chart
from bedside.demo.chart.core import Problem, Visit
from bedside.demo.clock import DAY, HOUR, MINUTE, YEAR
from bedside.demo.courses.pathways import follow_up, ward_care
from bedside.demo.courses.registry import Facts, course


@course("ms", Facts("neurology", (22, 62), 6, sex="female", since=6, with_others=False))
def ms(c: Chart) -> None:
    """Multiple sclerosis: an attack, lesions on MRI, treatment that is stepped up after a new attack."""
    start = c.when(c.rng.uniform(1.5, 7))
    disease = c.problem("ms", start, stage="Relapsing remitting")
    first = c.visit(start - 12 * DAY, "neurology", "Blurred vision of one eye, tingling legs", first=True, minutes=40)
    if first is None:
        return
    c.vitals(first.start, "bp", "hr", "height", "weight", visit=first)
    c.labs(first.start + HOUR, "fbc", "diff", "renal", "liver", "vitamins", "vitd", "tsh", visit=first)
    c.imaging(
        "mri-brain",
        first.start + 3 * DAY,
        "Eight periventricular and juxtacortical lesions, one of which enhances. Typical of demyelination.",
        visit=first,
        why="Suspected demyelination",
    )
    c.body.push("csf-leuko", constant(6))
    day = c.admit(
        c.clinic(start - 5 * DAY), 0.25, "day-treatment", "Lumbar puncture", problem=disease, source="elective"
    )
    if day is not None:
        c.procedure("lumbar-puncture", day.start + HOUR, visit=day, problem=disease, department="neurology")
        c.labs(day.start + 100 * MINUTE, "csf", visit=day)
    c.episode("neurology", disease, start)
    disability = c.rng.choice((1.0, 1.5, 2.0, 2.5))
    c.score("edss", first.start, disability, first)
    nurse = c.hospital.team("nurse-specialist", "neurology")[0]
    team = c.team("Multiple sclerosis team", [first.doctor, nurse], start, disease)
    c.plan(
        "Living with multiple sclerosis",
        start,
        ["Call the nurse when symptoms last longer than a day", "MRI every year", "Exercise three times a week"],
        problem=disease,
        team=team,
        goals=[c.goal("Keep working three days a week", start, problem=disease)],
    )
    c.prescribe("dimethyl-fumarate", start + 20 * DAY, problem=disease)
    c.prescribe("colecalciferol", start + 20 * DAY, problem=disease)
    attack = start + int((c.end - start) * c.rng.uniform(0.25, 0.7)) if c.chance(0.6) else 0
    stepped = False
    for index, visit in enumerate(
        follow_up(
            c, start + 100 * DAY, "neurology", disease, months=6, labs=("fbc", "diff", "liver", "renal"),
            vitals=("bp", "weight"), story="Multipele sclerose, functioneren en therapie besproken.",
        )
    ):  # fmt: skip
        if attack and not stepped and visit.start > attack:
            stepped = True
            disability += 1.0
            _relapse(c, disease, attack)
            c.stop(c.on("dimethyl-fumarate", visit.start), visit.start, "New attack")
            _infusions(c, visit, disease)
        if visit.kind == "ambulatory":
            c.score("edss", visit.start, disability, visit)
        if index % 2 == 0:
            words = "One new lesion, no enhancement." if stepped and c.chance(0.3) else "No new lesions."
            c.imaging("mri-brain", visit.start - 4 * DAY, words, visit=visit, why="Yearly MRI")
        disability = min(8.0, disability + c.rng.choice((0.0, 0.0, 0.0, 0.5)))


def _relapse(c: Chart, disease: Problem, moment: int) -> None:
    """Three days of methylprednisolone in day treatment."""
    c.prescribe("methylprednisolone", moment, moment + 3 * DAY, problem=disease, inpatient=True)
    for number in range(3):
        stay = c.admit(
            c.clinic(moment + number * DAY),
            0.15,
            "day-treatment",
            "Methylprednisolone",
            problem=disease,
            source="elective",
        )
        if stay is not None:
            c.vitals(stay.start + 600, "bp", "hr", "temp", visit=stay)
            c.labs(stay.start + 900, "glucose", "k", visit=stay)


def _infusions(c: Chart, visit: Visit, disease: Problem) -> None:
    """Ocrelizumab every half year, given in day treatment."""
    moment = visit.start + 21 * DAY
    while moment < c.end:
        stay = c.admit(c.clinic(moment), 0.25, "day-treatment", "Ocrelizumab", problem=disease, source="elective")
        if stay is not None:
            c.prescribe("ocrelizumab", stay.start + HOUR, stay.end, visit=stay, problem=disease, inpatient=True)
            c.vitals(stay.start + 600, "bp", "hr", "temp", visit=stay)
        moment += 182 * DAY


@course("epilepsy", Facts("neurology", (17, 72), 6, ward="neurology", admitted=0.12, since=5))
def epilepsy(c: Chart) -> None:
    """Epilepsy: a first seizure, EEG and MRI, a drug that is raised or changed until the seizures stop."""
    low = 0.4 if c.bed is not None else 0.9
    start = c.when(c.rng.uniform(low, 5))
    disease = c.problem("epilepsy", start, stage=c.rng.choice(("Focal", "Generalised")))
    c.body.push("ck", pulse(start - 7 * DAY, 420, rise=8, half=40))
    door = c.emergency(start - 7 * DAY, "First seizure", hours=5)
    if door is not None:
        c.vitals(door.start + 300, "bp", "hr", "rr", "temp", "spo2", "gcs", visit=door)
        c.labs(door.start + 900, "glucose", "lytes", "mineral", "renal", "ck", "fbc", visit=door, hours=1)
        c.imaging("ct-head", door.start + HOUR, visit=door, why="First seizure", hours=1)
    first = c.visit(start, "neurology", "After a first seizure", problem=disease, first=True, minutes=40)
    if first is None:
        return
    c.vitals(first.start, "bp", "hr", "height", "weight", visit=first)
    c.procedure("eeg", first.start + 2 * HOUR, visit=first, problem=disease, outcome="Sharp waves, left temporal")
    c.imaging("mri-brain", first.start + 9 * DAY, c.rng.choice(("", "Sclerosis of the left hippocampus.")), visit=first)
    choice = "valproate" if c.person.sex == "male" and c.chance(0.5) else "levetiracetam"
    drug = c.prescribe(choice, first.start, visit=first, problem=disease)
    c.letter(
        first.end + 3 * HOUR,
        first,
        "Epilepsie op basis van aanval en eeg; uitleg gegeven, rijontzegging van zes maanden besproken.",
        "Start anti-epilepticum, controle na twee maanden.",
    )
    per_month = c.rng.randint(1, 4)
    begin = c.principal(6) if c.bed is not None else 0
    for index, visit in enumerate(
        follow_up(
            c, start + 60 * DAY, "neurology", disease, months=c.rng.choice((4, 6)), labs=("lytes", "liver", "fbc"),
            vitals=("weight",), story="Epilepsie, aanvalsfrequentie en bijwerkingen besproken.",
            stop=begin - 4 * DAY if begin else None,
        )
    ):  # fmt: skip
        c.score("seizures", visit.start, per_month, visit)
        if choice == "valproate":
            c.labs(visit.start - 2 * DAY, "valproate", visit=visit)
        if per_month and index == 1:
            drug = c.change(drug, visit.start, 1000 if choice == "levetiracetam" else 750, visit, 0.25)
        if per_month and index == 3:
            c.prescribe("lamotrigine", visit.start, visit=visit, problem=disease)
        per_month = max(0, per_month - c.rng.choice((0, 1, 1, 2)))
    if begin:
        _status(c, disease, begin)


def _status(c: Chart, disease: Problem, start: int) -> None:
    """Admission with a seizure that did not stop."""
    status = c.problem("status-epilepticus", start - HOUR, resolved=start + DAY, listed=False)
    c.body.push("coma", pulse(start - 4 * HOUR, 8, rise=1, half=16))
    c.body.push("muscle", pulse(start - 4 * HOUR, 2.3, rise=12, half=40))
    c.body.push("inflammation", pulse(start - 4 * HOUR, 2.2, rise=14, half=30))
    door, stay = c.emergency_admission(
        start, 6, "neurology", "Seizure that does not stop", problem=status, principal=True
    )
    if door is not None:
        c.vitals(door.start + 180, "bp", "hr", "rr", "temp", "spo2", "gcs", visit=door)
        c.labs(door.start + 300, "glucose", "lytes", "gas", "mineral", "ck", visit=door, hours=0.5)
        c.prescribe("midazolam", door.start + 240, door.start + HOUR, visit=door, problem=status, inpatient=True)
        c.imaging("ct-head", door.start + HOUR, visit=door, why="Status epilepticus", hours=0.7)
    if stay is None:
        return
    c.procedure("eeg", stay.start + 4 * HOUR, visit=stay, problem=disease, outcome="Slowing, no seizure activity")
    ward_care(c, stay, labs=("fbc", "renal", "lytes", "ck"), monitor=("bp", "hr", "rr", "temp", "spo2", "gcs"))


@course("parkinson", Facts("neurology", (56, 88), 6, ward="neurology", admitted=0.08, mortality=0.05, since=7))
def parkinson(c: Chart) -> None:
    """Parkinson's disease: levodopa helps for years, the dose rises, pressure falls on standing."""
    start = c.when(c.rng.uniform(1.5, 9))
    disease = c.problem("parkinson", start)
    c.body.push("tone", drift(start, -1.6, -14))
    c.body.push("weight", drift(start, -0.7, -6))
    first = c.visit(start, "neurology", "Tremor of one hand, slower", problem=disease, first=True, minutes=40)
    if first is None:
        return
    begin = c.principal(8) if c.bed is not None or c.dead else 0
    motor, stage = c.rng.randint(14, 24), 1.5
    c.vitals(first.start, "bp", "hr", "height", "weight", visit=first)
    c.score("parkinson-motor", first.start + 600, motor, first)
    c.score("hoehn-yahr", first.start + 600, stage, first)
    c.imaging("mri-brain", first.start + 14 * DAY, "No other cause of parkinsonism.", visit=first)
    c.episode("neurology", disease, first.start)
    c.letter(
        first.end + 2 * HOUR,
        first,
        "Ziekte van Parkinson, start levodopa.",
        "Fysiotherapie met ervaring met parkinson.",
    )
    levodopa = c.prescribe("levodopa", first.start + DAY, visit=first, problem=disease)
    if c.age(start) < 68:
        c.prescribe("pramipexole", first.start + 200 * DAY, problem=disease)
    for index, visit in enumerate(
        follow_up(
            c, start + 80 * DAY, "neurology", disease, months=5.5, vitals=("bp", "hr", "weight"),
            story="Ziekte van Parkinson, motoriek, slaap en stemming besproken.",
            stop=begin - 4 * DAY if begin else None,
        )
    ):  # fmt: skip
        if index == 0:
            motor -= 6
        motor += c.rng.choice((0, 1, 1, 2))
        if index % 3 == 2 and stage < 4:
            stage += 0.5
        if visit.kind == "ambulatory":
            c.score("parkinson-motor", visit.start + 300, motor, visit)
            c.score("hoehn-yahr", visit.start + 300, stage, visit)
        if index == 4:
            levodopa = c.change(levodopa, visit.start, 187.5, visit)
        if index == 7:
            c.prescribe("rasagiline", visit.start, visit=visit, problem=disease)
        if index == 9:
            c.score("moca", visit.start, c.rng.randint(19, 26), visit)
            c.prescribe("rivastigmine", visit.start, visit=visit, problem=disease)
    c.visit(start + 200 * DAY, "rehabilitation", "Parkinson: walking, speech, daily life", problem=disease, minutes=45)
    if begin:
        _aspiration(c, disease, "neurology", begin)


def _aspiration(c: Chart, disease: Problem, ward: str, start: int) -> None:
    """Admission with pneumonia after choking; the last one for those who die."""
    lungs = c.problem("aspiration-pneumonia", start - DAY, resolved=start + 20 * DAY, listed=False)
    half = 2000.0 if c.dead else 45.0
    c.body.push("inflammation", pulse(start - 30 * HOUR, c.rng.uniform(5.5, 7), rise=30, half=half))
    c.body.push("hypoxia", pulse(start - 30 * HOUR, c.rng.uniform(3, 4.5), rise=30, half=half))
    door, stay = c.emergency_admission(
        start, 8, ward, "Fever and rattling after choking", problem=lungs, principal=True
    )
    if door is not None:
        c.vitals(door.start + 300, "bp", "hr", "rr", "temp", "spo2", visit=door)
        c.labs(door.start + 600, "fbc", "renal", "lytes", "crp", "gas", visit=door, hours=0.8)
        c.imaging("chest-xray", door.start + HOUR, "Infiltrate in the right lower lobe.", visit=door, hours=0.7)
    if stay is None:
        return
    c.note(stay.start + HOUR, "Aspiration pneumonia; swallowing is no longer safe.", stay, disease)
    c.culture("sputum", stay.start + HOUR, c.rng.choice(("", "klebsiella")), visit=stay)
    c.prescribe("amoxiclav", stay.start, stay.start + 7 * DAY, visit=stay, problem=lungs, inpatient=True)
    c.prescribe("oxygen", stay.start, stay.start + 5 * DAY, visit=stay, problem=lungs, inpatient=True)
    ward_care(c, stay)
    if c.dead:
        c.flag("no-resuscitation", stay.start + HOUR, visit=stay)
        c.prescribe("morphine-pump", max(stay.start, stay.end - 2 * DAY), visit=stay, inpatient=True)
        return
    c.discharge(stay, "Aspiratiepneumonie, behandeld met antibiotica.", "Logopedie, aangepaste voeding.")


@course("als", Facts("neurology", (46, 78), 3, mortality=0.45, since=2, with_others=False))
def als(c: Chart) -> None:
    """Motor neurone disease: strength and breath fall month by month; a team, aids, and what is wanted in time."""
    start = c.when(c.rng.uniform(0.8, 1.9))
    disease = c.problem("als", start)
    c.body.push("weight", ramp(start - 100 * DAY, start + 700 * DAY, -14))
    c.body.push("co2", ramp(start + 150 * DAY, start + 800 * DAY, 2.4))
    c.body.push("muscle", constant(0.7))
    first = c.visit(start, "neurology", "Weak hand, stumbling speech", first=True, minutes=45)
    if first is None:
        return
    c.vitals(first.start, "bp", "hr", "height", "weight", visit=first)
    c.labs(first.start + HOUR, "fbc", "ck", "tsh", "renal", "liver", "vitamins", visit=first)
    c.procedure(
        "electromyography", first.start + 2 * HOUR, visit=first, problem=disease, outcome="Denervation in three regions"
    )
    c.imaging("mri-brain", first.start + 5 * DAY, visit=first)
    c.prescribe("riluzole", first.start + 14 * DAY, problem=disease)
    c.episode("neurology", disease, first.start)
    allied = [c.hospital.team(kind, "allied")[0] for kind in ("physiotherapist", "dietitian", "social-worker")]
    rehabilitation = c.hospital.doctor("rehabilitation", c.person.number)
    team = c.team("Motor neurone disease team", [first.doctor, rehabilitation, *allied], first.start, disease)
    goals = [c.goal("Stay at home with the family", first.start, problem=disease)]
    c.plan(
        "Living with ALS",
        first.start,
        ["Team visit every two to three months", "Communication aid in time", "Talk about breathing and feeding early"],
        problem=disease,
        goals=goals,
        team=team,
        visit=first,
    )
    points, vital = c.rng.randint(38, 43), c.rng.uniform(0.85, 1.0)
    full = 3.3 if c.person.sex == "female" else 4.5
    for visit in follow_up(c, start + 60 * DAY, "rehabilitation", disease, months=2.5, vitals=("weight", "hr"),
                           story="ALS-teamconsult: arm-handfunctie, slikken en ademhaling beoordeeld."):  # fmt: skip
        points, vital = max(6, points - c.rng.randint(1, 4)), vital * c.rng.uniform(0.9, 0.97)
        c.score("alsfrs", visit.start, points, visit)
        if visit.kind == "ambulatory":
            c.procedure("spirometry", visit.start + 600, visit=visit)
            c.score("fvc", visit.start + 600, full * vital, visit)
        if vital < 0.6 and c.on("oxygen", visit.start) is None and c.chance(0.5):
            c.procedure(
                "home-ventilation", visit.start + 3 * HOUR, visit=visit, problem=disease, department="pulmonology"
            )
            c.body.push("co2", step(visit.start + 4 * HOUR, -0.5, over=24))
            vital = 0.6
        if points < 24 and not any(p.key == "palliative" for p in c.problems):
            phase = c.problem("palliative", visit.start, visit=visit)
            c.procedure("advance-care", visit.start + HOUR, visit=visit, problem=phase)
            c.flag("no-resuscitation", visit.start + HOUR)
            if c.chance(0.5):
                c.procedure(
                    "gastrostomy", visit.start + 5 * HOUR, visit=visit, problem=disease, department="gastroenterology"
                )


@course("guillain-barre", Facts("neurology", (24, 78), 2, ward="neurology", admitted=0.5, since=2))
def guillain_barre(c: Chart) -> None:
    """Guillain-Barré: legs that give way, five days of immunoglobulin, breath watched, months of rehabilitation."""
    start = c.principal(16, c.when(1.8))
    disease = c.problem("guillain-barre", start - DAY, resolved=start + 300 * DAY, severity="severe")
    c.body.push("csf-protein", step(start - 5 * DAY, 1.1, over=60, end=start + 60 * DAY))
    c.body.push("rate", pulse(start - 2 * DAY, 14, rise=48, half=190))
    door, stay = c.emergency_admission(
        start, 16, "neurology", "Legs weaker by the day, tingling hands", problem=disease, to="rehab", principal=True
    )
    if door is not None:
        c.vitals(door.start + 300, "bp", "hr", "rr", "temp", "spo2", visit=door)
        c.labs(door.start + 600, "fbc", "renal", "lytes", "crp", "ck", "glucose", visit=door)
    if stay is None:
        return
    c.procedure("lumbar-puncture", stay.start + HOUR, visit=stay, problem=disease)
    c.labs(stay.start + 95 * MINUTE, "csf", visit=stay)
    c.procedure("electromyography", stay.start + 2 * DAY + HOUR, visit=stay, problem=disease, outcome="Demyelination")
    c.prescribe(
        "immunoglobulin", stay.start + 4 * HOUR, stay.start + 5 * DAY, visit=stay, problem=disease, inpatient=True
    )
    full = 3.2 if c.person.sex == "female" else 4.4
    day, share = stay.start + 6 * HOUR, 0.85
    while day < min(stay.end, c.end):
        c.score("fvc", day, full * share, stay)
        share = share - 0.07 if day < stay.start + 4 * DAY else min(1.0, share + 0.04)
        day += DAY
    ward_care(c, stay, labs=("fbc", "renal", "lytes"), every=3, rounds=4)
    c.discharge(stay, "Guillain-Barrésyndroom, behandeld met immunoglobulinen.", "Klinische revalidatie.")
    strength = 10
    for visit in follow_up(c, stay.end + 45 * DAY, "rehabilitation", disease, months=2, stop=stay.end + YEAR,
                           story="Herstel na Guillain-Barré zet door."):  # fmt: skip
        strength = min(20, strength + c.rng.randint(1, 4))
        c.score("barthel", visit.start, strength, visit)
        c.procedure("rehabilitation", visit.start, visit=visit)


@course("migraine", Facts("neurology", (18, 58), 5, sex="female", since=3, with_others=False))
def migraine(c: Chart) -> None:
    """Migraine: a diary of headache days, tablets for the attack, one preventive after the other until one works."""
    start = c.when(c.rng.uniform(0.8, 3.5))
    disease = c.problem("migraine", max(c.person.birth + 12 * YEAR, start - 6 * YEAR), remembered=True)
    first = c.visit(start, "neurology", "Migraine more and more often", problem=disease, first=True, minutes=30)
    if first is None:
        return
    days = c.rng.randint(9, 17)
    c.vitals(first.start, "bp", "hr", "height", "weight", visit=first)
    c.score("headache-days", first.start, days, first)
    c.prescribe("sumatriptan", first.start, visit=first, problem=disease)
    ladder = ["erenumab", "topiramate", c.rng.choice(("propranolol", "metoprolol"))]
    current = c.prescribe(ladder.pop(), first.start, visit=first, problem=disease)
    c.letter(
        first.end + HOUR,
        first,
        f"Migraine met {days} hoofdpijndagen per maand.",
        "Profylaxe gestart, hoofdpijndagboek.",
    )
    for visit in follow_up(c, start + 90 * DAY, "neurology", disease, months=4, vitals=("bp", "weight"),
                           story="Hoofdpijndagboek besproken."):  # fmt: skip
        works = c.chance(0.4)
        days = max(2, round(days * (c.rng.uniform(0.4, 0.6) if works else c.rng.uniform(0.85, 1.05))))
        c.score("headache-days", visit.start, days, visit)
        if days > 6 and ladder:
            c.stop(current, visit.start, "Not effective")
            current = c.prescribe(ladder.pop(), visit.start, visit=visit, problem=disease)
