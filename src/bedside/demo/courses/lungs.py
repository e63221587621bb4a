"""Lungs: COPD with exacerbations, asthma of adults and children, pneumonia, pulmonary embolism, sleep apnoea."""

from __future__ import annotations

from bedside.demo.body.effects import constant, drift, pulse, step
from bedside.demo.chart.chart import Chart
from bedside.demo.chart.core import Problem, Visit
from bedside.demo.clock import DAY, HOUR, YEAR
from bedside.demo.courses.pathways import follow_up, ward_care
from bedside.demo.courses.registry import Facts, course


def spirometry(c: Chart, moment: int, share: float, ratio: float, visit: Visit) -> None:
    """Lung function: FEV1 as a share of what is predicted (from height, age and sex), and FEV1/FVC."""
    cm = c.body.at(moment).true("height")
    age = max(8.0, c.age(moment))
    predicted = 0.043 * cm - 0.029 * age - 2.49 if c.person.sex == "male" else 0.0395 * cm - 0.025 * age - 2.6
    if age < 18:
        predicted = 0.00000213 * cm**2.8
    fev1 = max(0.35, predicted * share * c.rng.uniform(0.97, 1.03))
    c.procedure("spirometry", moment, visit=visit)
    c.score("fev1", moment, fev1, visit)
    c.score("fvc", moment, fev1 / ratio, visit)
    c.score("fev1-fvc", moment, ratio * 100, visit)


@course("copd", Facts("pulmonology", (55, 86), 10, ward="pulmonology", admitted=0.3, mortality=0.12, since=5))
def copd(c: Chart) -> None:
    """COPD: FEV1 falls with the years, winters bring exacerbations with carbon dioxide and prednisolone."""
    c.person.smoking = "former" if c.chance(0.7) else "current"
    start = c.when(c.rng.uniform(2, 6))
    disease = c.problem("copd", start - YEAR, stage=c.rng.choice(("GOLD 2", "GOLD 3", "GOLD 3", "GOLD 4")))
    c.body.push("hypoxia", constant(2.4))
    c.body.push("hypoxia", drift(start, 0.25, 2.5))
    c.body.push("co2", drift(start, 0.12, 1.2))
    first = c.visit(start, "pulmonology", problem=disease, first=True)
    if first is None:
        return
    share = c.rng.uniform(0.38, 0.62)
    c.vitals(first.start + 240, "bp", "hr", "rr", "spo2", "height", "weight", "bmi", visit=first)
    spirometry(c, first.start + 600, share, 0.48, first)
    c.imaging("chest-xray", first.start + HOUR, "Hyperinflation with flattened diaphragms, no infiltrate.", visit=first)
    c.prescribe("indacaterol-glyco", first.start, visit=first, problem=disease)
    c.prescribe("salbutamol", first.start, visit=first, problem=disease)
    c.episode("pulmonology", disease, first.start)
    c.plan("COPD action plan", first.start, ["Start prednisolone when more breathless for two days", "Stop smoking together",
           "Physiotherapy twice a week"], problem=disease, visit=first,
           goals=[c.goal("Walk to the market without stopping", first.start, problem=disease)])  # fmt: skip
    for index, visit in enumerate(follow_up(
        c, first.start + 180 * DAY, "pulmonology", disease, months=6, vitals=("spo2", "hr", "weight"),
        story="COPD, klachten en inhalatietechniek besproken.",
    )):  # fmt: skip
        if visit.kind == "ambulatory":
            spirometry(c, visit.start, share * (1 - 0.02 * index), 0.47, visit)
        if index == 1:
            c.prescribe("formoterol-beclo", visit.start, visit=visit, problem=disease)
        if index == 3:
            c.score("walking", visit.start, c.rng.uniform(220, 420), visit)
        if index == 4 and share < 0.45:
            c.prescribe("oxygen", visit.start, visit=visit, problem=disease)
    for back in range(int((c.end - first.start) / YEAR)):
        if c.chance(0.3):
            exacerbation(c, disease, c.end - back * YEAR - c.rng.randrange(30, 330) * DAY, principal=False)
    if c.bed is not None or c.dead:
        exacerbation(c, disease, c.principal(8), principal=True)


def exacerbation(c: Chart, disease: Problem, start: int, *, principal: bool) -> None:
    """An admission with an acute exacerbation of COPD."""
    flare = c.problem("copd-exacerbation", start, resolved=start + 12 * DAY, listed=False)
    worse = c.dead and principal
    half = 1500 if worse else 60
    c.body.push("hypoxia", pulse(start - 2 * DAY, 5.0, rise=40, half=half))
    c.body.push("co2", pulse(start - 2 * DAY, 2.2, rise=40, half=half))
    c.body.push("acid", pulse(start - DAY, -0.07, rise=20, half=24 if not worse else half))
    c.body.push("inflammation", pulse(start - 3 * DAY, 4.2, rise=50, half=70))
    door, stay = c.emergency_admission(start, 8 if principal else c.rng.uniform(4, 9), "pulmonology",
                                       "Increasing breathlessness and green sputum", problem=flare, principal=principal)  # fmt: skip
    if door is not None:
        c.vitals(door.start + 240, "bp", "hr", "rr", "temp", "spo2", visit=door)
        c.labs(door.start + 900, "gas", visit=door, hours=0.2)
    if stay is None:
        return
    c.imaging("chest-xray", stay.start + 600, "Emphysema, no infiltrate.", visit=stay, hours=1)
    c.culture("sputum", stay.start + HOUR, c.rng.choice(("haemophilus", "pneumococcus", "")), visit=stay)
    c.prescribe("prednisolone", stay.start + HOUR, stay.start + 7 * DAY, visit=stay, problem=flare, inpatient=True)
    c.prescribe("ipratropium", stay.start + HOUR, stay.end, visit=stay, problem=flare, inpatient=True)
    c.prescribe("oxygen", stay.start, stay.end, visit=stay, problem=flare, inpatient=True)
    c.prescribe("amoxicillin", stay.start + 2 * HOUR, stay.start + 6 * DAY, visit=stay, problem=flare, inpatient=True)
    for hours in (5, 24):
        c.labs(stay.start + hours * HOUR, "gas", visit=stay, hours=0.2)
    ward_care(c, stay)
    c.discharge(stay, "Opname wegens exacerbatie COPD, behandeld met prednisolon, vernevelen en zuurstof.",
                "Prednisolonkuur afmaken, controle longpolikliniek over vier weken, fysiotherapie.")  # fmt: skip
    if stay.end + 28 * DAY < c.end + 60 * DAY:
        c.visit(stay.end + 28 * DAY, "pulmonology", "After admission", problem=disease)


@course("asthma", Facts("pulmonology", (18, 60), 8, since=4))
def asthma(c: Chart) -> None:
    """Asthma: controlled on inhalers, an attack now and then."""
    start = c.when(c.rng.uniform(1, 5))
    disease = c.problem("asthma", max(c.person.birth + 3 * YEAR, start - 6 * YEAR), remembered=True)
    c.body.push("eos", constant(0.25))
    first = c.visit(start, "pulmonology", problem=disease, first=True)
    if first is None:
        return
    c.vitals(first.start, "bp", "hr", "spo2", "height", "weight", visit=first)
    spirometry(c, first.start + 600, c.rng.uniform(0.68, 0.9), 0.68, first)
    c.labs(first.start + HOUR, "fbc", "diff", visit=first)
    c.prescribe("formoterol-beclo", first.start, visit=first, problem=disease)
    c.prescribe("salbutamol", first.start, visit=first, problem=disease)
    c.letter(first.end + HOUR, first, "Astma met variabele luchtwegobstructie; inhalatiemedicatie aangepast.")
    for visit in follow_up(c, start + 150 * DAY, "pulmonology", disease, months=7, vitals=("spo2", "hr"),
                           story="Astma redelijk onder controle."):  # fmt: skip
        c.score("asthma-control", visit.start, c.rng.randint(15, 25), visit)
        if visit.kind == "ambulatory":
            spirometry(c, visit.start, c.rng.uniform(0.78, 0.97), 0.73, visit)
    if c.chance(0.35):
        attack = start + int((c.end - start) * c.rng.uniform(0.2, 0.8))
        c.body.push("hypoxia", pulse(attack, 4, rise=3, half=8))
        door = c.emergency(attack + 3 * HOUR, "Asthma attack, not relieved by inhaler", problem=disease, hours=5)
        if door is not None:
            c.vitals(door.start + 300, "hr", "rr", "spo2", "bp", visit=door)
            c.vitals(door.start + 3 * HOUR, "hr", "rr", "spo2", visit=door)
            c.prescribe("prednisolone", door.start + HOUR, door.start + 6 * DAY, visit=door, problem=disease)


@course(
    "pneumonia",
    Facts("pulmonology", (25, 90), 6, ward="acute", admitted=0.5, mortality=0.08, since=3),
)
def pneumonia(c: Chart) -> None:
    """Pneumonia from the community: fever, CRP that rises and falls, antibiotics, home within a week."""
    start = c.principal(6, c.when(2.5))
    lungs = c.problem("pneumonia", start - DAY, resolved=start + 21 * DAY)
    half = 2000 if c.dead else 40
    c.body.push("inflammation", pulse(start - 2 * DAY, c.rng.uniform(6, 8.2), rise=44, half=half))
    c.body.push("hypoxia", pulse(start - 2 * DAY, c.rng.uniform(3, 5.5), rise=44, half=half))
    door, stay = c.emergency_admission(
        start, 6, "acute", "Fever, cough, pain on breathing", problem=lungs, principal=True
    )
    if door is not None:
        c.vitals(door.start + 240, "bp", "hr", "rr", "temp", "spo2", visit=door)
        c.labs(door.start + 900, "fbc", "renal", "lytes", "crp", "liver", "gas", visit=door, hours=0.8)
        c.imaging(
            "chest-xray", door.start + HOUR, "Consolidation in the right lower lobe: pneumonia.", visit=door, hours=0.7
        )
        c.culture("blood", door.start + 1000, c.rng.choice(("pneumococcus", "", "")), visit=door)
    if stay is None:
        return
    c.prescribe("penicillin" if c.age(start) < 70 else "ceftriaxone", stay.start, stay.start + 4 * DAY, visit=stay,
                problem=lungs, inpatient=True)  # fmt: skip
    c.prescribe("oxygen", stay.start, stay.start + 3 * DAY, visit=stay, problem=lungs, inpatient=True)
    ward_care(c, stay, every=1)
    c.prescribe("amoxicillin", stay.start + 4 * DAY, stay.start + 8 * DAY, visit=stay, problem=lungs)
    c.discharge(stay, "Opname wegens community-acquired pneumonie rechts onder, goed herstel op antibiotica.",
                "Antibioticum afmaken, controle-thoraxfoto over zes weken.")  # fmt: skip
    after = c.visit(stay.end + 42 * DAY, "pulmonology", "After pneumonia", problem=lungs)
    if after is not None:
        c.imaging("chest-xray", after.start - HOUR, "Infiltrate has gone.", visit=after, hours=0.5)
        c.vitals(after.start, "bp", "hr", "spo2", visit=after)


@course("embolism", Facts("pulmonology", (30, 80), 4, since=3))
def embolism(c: Chart) -> None:
    """Pulmonary embolism: D-dimer, CT, anticoagulant for half a year."""
    start = c.principal(2, c.when(2.5))
    clot = c.problem("pulmonary-embolism", start, resolved=start + 200 * DAY)
    c.body.push("hypoxia", pulse(start - DAY, 3.2, rise=10, half=60))
    c.body.push("ddimer", pulse(start - DAY, 2600, rise=12, half=90))
    c.body.push("rate", pulse(start - DAY, 18, rise=8, half=60))
    door, stay = c.emergency_admission(start, 2, "acute", "Sudden breathlessness", problem=clot, principal=True)
    if door is not None:
        c.vitals(door.start + 240, "bp", "hr", "rr", "temp", "spo2", visit=door)
        c.labs(door.start + 900, "ddimer", "fbc", "renal", "troponin", "gas", visit=door, hours=0.8)
        c.imaging(
            "ct-pa",
            door.start + 2 * HOUR,
            "Segmental pulmonary emboli on both sides, no strain of the right heart.",
            visit=door,
            hours=0.8,
        )
    if stay is None:
        return
    c.prescribe("apixaban", stay.start, stay.start + 190 * DAY, visit=stay, problem=clot)
    c.flag("anticoagulant", stay.start, stay.start + 190 * DAY)
    ward_care(c, stay, labs=("fbc", "renal"))
    c.discharge(stay, "Longembolie, gestart met apixaban.", "Behandeling zes maanden, controle over drie maanden.")
    for _visit in follow_up(c, stay.end + 85 * DAY, "pulmonology", clot, months=3, stop=stay.end + 220 * DAY,
                            labs=("fbc", "renal")):  # fmt: skip
        pass


@course("sleep-apnoea", Facts("pulmonology", (35, 70), 3, since=3))
def sleep_apnoea(c: Chart) -> None:
    """Obstructive sleep apnoea: a night's recording, a mask, better days."""
    start = c.when(c.rng.uniform(1, 3))
    disease = c.problem("sleep-apnoea", start, severity="moderate")
    c.problem("obesity", start - 2 * YEAR, remembered=True)
    c.body.push("bmi", constant(c.rng.uniform(6, 11)))
    c.body.push("tone", constant(8))
    c.body.push("tone", step(start + 60 * DAY, -5, over=500))
    first = c.visit(start, "pulmonology", "Snoring and sleepiness", problem=disease, first=True)
    if first is None:
        return
    c.vitals(first.start, "bp", "hr", "spo2", "height", "weight", "bmi", visit=first)
    c.labs(first.start, "hba1c", "lipids", "thyroid", visit=first)
    c.letter(
        first.end + 15 * DAY,
        first,
        "Slaapregistratie: AHI 32 per uur. CPAP-behandeling gestart.",
        "Controle na zes weken.",
    )
    for _visit in follow_up(
        c, start + 45 * DAY, "pulmonology", disease, months=8, vitals=("bp", "weight"), letters=0.1
    ):
        pass
