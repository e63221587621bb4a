"""Heart and metabolism: diabetes with hypertension, heart failure, atrial fibrillation, myocardial infarction."""

from __future__ import annotations

from bedside.demo.body.effects import constant, drift, pulse, step
from bedside.demo.chart.chart import Chart
from bedside.demo.chart.core import Problem, Visit
from bedside.demo.clock import DAY, HOUR, MONTH, YEAR
from bedside.demo.courses.pathways import follow_up, ward_care
from bedside.demo.courses.registry import Facts, course


@course(
    "cardiometabolic",
    Facts("internal", (48, 84), 18, ward="internal", admitted=0.07, mortality=0.04, since=6, with_others=False),
)
def cardiometabolic(c: Chart) -> None:
    """Hypertension and type 2 diabetes: HbA1c answers to each drug and creeps up again, the kidneys slowly decline."""
    start = c.when(c.rng.uniform(2.5, 8))
    pressure = c.problem("hypertension", start - c.rng.randrange(1, 6) * YEAR, remembered=True)
    diabetes = c.problem("diabetes2", start - c.rng.randrange(0, 4) * YEAR - MONTH, remembered=True)
    fat = c.problem("hyperlipidaemia", start - YEAR, remembered=True)
    c.body.push("tone", constant(c.rng.uniform(24, 36)))
    c.body.push("glycaemia", constant(c.rng.uniform(30, 48)))
    c.body.push("glycaemia", drift(start, 2.2, 22))
    c.body.push("albuminuria", drift(start - 4 * YEAR, 0.22, 2.8))
    c.body.push("gfr", drift(start - 3 * YEAR, -c.rng.uniform(1.2, 4.0)))
    c.body.push("ldl", constant(0.25))
    c.body.push("bmi", constant(c.rng.uniform(3, 8)))
    first = c.visit(start, "internal", "Referred for diabetes and high blood pressure", problem=diabetes, first=True)
    if first is None:
        return
    c.episode("internal", diabetes, first.start)
    c.vitals(first.start + 4 * 60, "bp", "hr", "height", "weight", "bmi", visit=first)
    c.labs(first.start - HOUR, "hba1c", "glucose", "renal", "lytes", "lipids", "uacr", "liver", visit=first)
    metformin = c.prescribe("metformin", first.start, visit=first, problem=diabetes)
    c.prescribe(c.rng.choice(("enalapril", "perindopril", "losartan")), first.start, visit=first, problem=pressure)
    c.prescribe("atorvastatin", first.start, visit=first, problem=fat)
    c.letter(first.end + 3 * HOUR, first, "Nieuwe verwijzing wegens diabetes mellitus type 2 en hypertensie. Metformine, "
             "een RAS-remmer en een statine zijn gestart.", "Controle over drie maanden met laboratoriumonderzoek.")  # fmt: skip
    measure, target = c.limit(
        "59261-8", "Hemoglobin A1c/Hemoglobin.total in Blood by IFCC protocol", 53, "mmol/mol", "mmol/mol"
    )
    goals = [
        c.goal(
            "HbA1c below 53 mmol/mol", first.start, problem=diabetes, measure=measure, target=target, status="improving"
        ),
        c.goal("Walk half an hour every day", first.start, problem=diabetes),
    ]
    c.plan("Diabetes and blood pressure", first.start,
           ["Home glucose before breakfast, twice a week", "Yearly photograph of the retina", "Yearly check of the feet"],
           problem=diabetes, goals=goals, visit=first)  # fmt: skip
    ladder = [("amlodipine", pressure), ("empagliflozin", diabetes), ("gliclazide", diabetes), ("semaglutide", diabetes),
              ("glargine", diabetes), ("spironolactone", pressure)]  # fmt: skip
    c.rng.shuffle(ladder)
    for index, visit in enumerate(follow_up(
        c, first.start + 90 * DAY, "internal", diabetes, months=c.rng.choice((3, 4, 6)), reason="Diabetes check",
        labs=("hba1c", "glucose", "renal", "lytes"), story="HbA1c, bloeddruk en nierfunctie besproken.",
        plan="Leefstijl besproken; medicatie zie onder. Controle volgens afspraak.",
    )):  # fmt: skip
        if index % 3 == 1 and ladder:
            drug, why = ladder.pop()
            c.prescribe(drug, visit.start, visit=visit, problem=why)
        if index % 4 == 2:
            c.labs(visit.start - DAY, "lipids", "uacr", "fbc", visit=visit)
            _eyes(c, visit.start + 20 * DAY)
        if index == 4 and metformin is not None:
            c.change(metformin, visit.start, 1000, visit, 0.15)
        if c.body.at(visit.start).gfr < 55:
            c.problem("ckd3", visit.start, visit=visit, note="Diabetic and hypertensive kidney disease")
    if c.bed is not None or c.dead:
        _foot(c, diabetes)


def _eyes(c: Chart, moment: int) -> None:
    visit = c.visit(moment, "ophthalmology", "Diabetes: screening of the retina")
    if visit is not None:
        for side in ("right", "left"):
            c.score(f"acuity-{side}", visit.start, c.rng.choice((0.8, 0.9, 1.0, 1.0)), visit)


def _foot(c: Chart, diabetes: Problem) -> None:
    """Admission with an infected foot."""
    start = c.principal(9)
    infection = c.problem("cellulitis", start, listed=False)
    c.body.push("inflammation", pulse(start - 2 * DAY, 5.5, rise=40, half=70))
    c.body.push("sugar", pulse(start - 2 * DAY, 4, rise=30, half=90))
    _door, stay = c.emergency_admission(start, 9, "internal", "Infected foot ulcer", problem=infection, principal=True)
    if stay is None:
        return
    c.culture("wound", start, "aureus", visit=stay)
    c.prescribe("flucloxacillin", start, stay.end, visit=stay, problem=infection, inpatient=True)
    c.prescribe("aspart", start, stay.end, visit=stay, problem=diabetes, inpatient=True)
    ward_care(c, stay, labs=("fbc", "renal", "lytes", "crp", "glucose"))
    c.discharge(stay, "Opname wegens een geïnfecteerd voetulcus bij diabetes; behandeld met antibiotica en wondzorg.",
                "Controle polikliniek interne geneeskunde en wondverpleegkundige over twee weken.")  # fmt: skip


@course(
    "heart-failure",
    Facts("cardiology", (58, 90), 12, ward="cardiology", admitted=0.3, mortality=0.15, since=4),
)
def heart_failure(c: Chart) -> None:
    """Heart failure with reduced ejection fraction: four drugs, decompensations, potassium on spironolactone."""
    start = c.when(c.rng.uniform(1.5, 6))
    failure = c.problem("heart-failure", start, stage="NYHA III", severity="moderate")
    c.body.push("congestion", step(start - 20 * DAY, c.rng.uniform(5.0, 6.5), over=24 * 12))
    c.body.push("congestion", drift(start + 200 * DAY, 0.25, 3))
    c.body.push("gfr", drift(start - 2 * YEAR, -c.rng.uniform(2, 4.5)))
    c.body.push("gfr", constant(-18))
    first = c.visit(start, "cardiology", "Breathless on exertion, swollen ankles", problem=failure, first=True)
    if first is None:
        return
    fraction = c.rng.uniform(22, 38)
    c.vitals(first.start + 4 * 60, "bp", "hr", "spo2", "height", "weight", "bmi", visit=first)
    c.labs(first.start - HOUR, "ntprobnp", "renal", "lytes", "fbc", "iron", "thyroid", visit=first)
    c.ecg(first.start + 10 * 60, "Sinus rhythm, left bundle branch block.", first)
    c.imaging("echo", first.start + 2 * DAY, f"Dilated left ventricle, ejection fraction {fraction:.0f}%. Moderate mitral "
              "regurgitation.", why="Suspected heart failure")  # fmt: skip
    c.score("lvef", first.start + 2 * DAY, fraction)
    c.episode("cardiology", failure, first.start)
    for index, (drug, dose) in enumerate(
        (("furosemide", None), ("bisoprolol", 2.5), ("sacubitril-valsartan", 50), ("empagliflozin", None))
    ):
        c.prescribe(drug, first.start + index * 12 * DAY, visit=first, problem=failure, dose=dose)
    c.prescribe("spironolactone", first.start + 60 * DAY, problem=failure)
    nurse = c.hospital.team("nurse-specialist", "cardiology")[0]
    team = c.team("Heart failure team", [first.doctor, nurse], first.start, failure)
    measure, target = c.limit("29463-7", "Body weight", round(c.body.at(start).true("weight") - 2), "kg", "kg")
    goal = c.goal("Weight without fluid", first.start, problem=failure, measure=measure, target=target, months=3)
    c.plan("Living with heart failure", first.start,
           ["Weigh yourself every morning", "At most 1.5 litres to drink a day", "Call when 2 kg heavier in three days"],
           problem=failure, goals=[goal], team=team, visit=first)  # fmt: skip
    for index, visit in enumerate(follow_up(
        c, first.start + 28 * DAY, "cardiology", failure, months=3.2, reason="Heart failure clinic",
        labs=("ntprobnp", "renal", "lytes"), vitals=("bp", "hr", "spo2", "weight"),
        story="Hartfalen, gewicht en klachten besproken.", plan="Titratie van de medicatie op geleide van kalium en nierfunctie.",
    )):  # fmt: skip
        if index == 2:
            c.change(c.on("bisoprolol", visit.start), visit.start, 5, visit)
        if index == 3:
            c.imaging("echo", visit.start + HOUR, f"Ejection fraction improved to {fraction + 8:.0f}%.", visit=visit)
            c.score("lvef", visit.start + HOUR, fraction + 8, visit)
    if fraction < 30 and c.chance(0.6):
        implant = c.visit(first.start + 330 * DAY, "cardiology", "Implantation of a defibrillator", minutes=240)
        if implant is not None:
            done = c.procedure("icd-implant", implant.start + HOUR, visit=implant, problem=failure)
            c.implant("Implantable cardioverter defibrillator", "Pulsara ICD", implant.start, done)
    for _ in range(c.rng.choice((0, 1, 1, 2))):
        _decompensation(
            c, failure, c.rng.randrange(first.start + 90 * DAY, max(first.start + 91 * DAY, c.end)), principal=False
        )
    if c.bed is not None or c.dead:
        _decompensation(c, failure, c.principal(9), principal=True)


def _decompensation(c: Chart, failure: Problem, start: int, *, principal: bool) -> None:
    c.body.push(
        "congestion",
        pulse(start - 5 * DAY, c.rng.uniform(3.2, 5), rise=110, half=55 if not (c.dead and principal) else 900),
    )
    _door, stay = c.emergency_admission(start, c.rng.uniform(5, 10) if not principal else 9, "cardiology",
                                        "Decompensated heart failure", problem=failure, principal=principal)  # fmt: skip
    if stay is None:
        return
    c.note(stay.start + HOUR, "Decompensated heart failure with fluid overload, probably after a respiratory infection. "
           "Intravenous diuretics, daily weight, fluid restriction.", stay, failure)  # fmt: skip
    c.imaging(
        "chest-xray", stay.start + HOUR, "Enlarged heart, pulmonary congestion, small pleural effusions.", visit=stay
    )
    c.prescribe(
        "bumetanide",
        stay.start + HOUR,
        min(stay.end, stay.start + 4 * DAY),
        visit=stay,
        problem=failure,
        inpatient=True,
    )
    c.prescribe("potassium", stay.start + 2 * DAY, stay.end, visit=stay, inpatient=True)
    ward_care(c, stay, labs=("renal", "lytes", "ntprobnp", "fbc"), monitor=("bp", "hr", "rr", "spo2", "temp", "weight"))
    if c.dead and principal:
        c.flag("no-resuscitation", stay.start + DAY, visit=stay)
        return
    c.discharge(stay, "Opname wegens decompensatio cordis, ontwaterd met intraveneuze diuretica.",
                "Dagelijks wegen, vochtbeperking 1,5 liter. Controle hartfalenpolikliniek binnen twee weken.")  # fmt: skip


@course("atrial-fibrillation", Facts("cardiology", (52, 86), 8, since=4))
def atrial_fibrillation(c: Chart) -> None:
    """Atrial fibrillation: found with palpitations, rate control, apixaban, now and then a cardioversion."""
    start = c.when(c.rng.uniform(1, 5))
    rhythm = c.problem("atrial-fibrillation", start)
    c.body.push("rate", step(start - 3 * DAY, c.rng.uniform(28, 45), over=6))
    door = c.emergency(start - 7 * DAY, "Palpitations since this morning", problem=rhythm)
    if door is not None:
        c.vitals(door.start + 300, "bp", "hr", "rr", "temp", "spo2", visit=door)
        c.ecg(door.start + 900, "Atrial fibrillation, ventricular rate 124/min, no ischaemia.", door)
        c.labs(door.start + 1200, "renal", "lytes", "thyroid", "troponin", "fbc", visit=door)
        c.prescribe("metoprolol", door.start + HOUR, visit=door, problem=rhythm)
    blood = c.prescribe("apixaban", start - 7 * DAY + 2 * HOUR, visit=door, problem=rhythm,
                        dose=2.5 if c.age(start) > 80 else None)  # fmt: skip
    if blood is not None:
        c.flag("anticoagulant", blood.start)
    first = c.visit(start, "cardiology", problem=rhythm, first=True)
    if first is not None:
        c.imaging("echo", first.start + HOUR, "Normal left ventricular function, left atrium enlarged.", visit=first)
        c.letter(first.end + 2 * HOUR, first, "Atriumfibrilleren, CHA2DS2-VASc-score besproken; antistolling gestart.",
                 "Frequentiecontrole met een bètablokker, apixaban levenslang.")  # fmt: skip
    if c.chance(0.4):
        day = c.admit(start + 50 * DAY, 0.4, "ccu", "Cardioversion", problem=rhythm, source="elective")
        if day is not None:
            c.procedure("cardioversion", day.start + HOUR, visit=day, problem=rhythm, outcome="Sinus rhythm")
            c.body.push(
                "rate", step(day.start + 2 * HOUR, -22, over=1, end=day.start + c.rng.randrange(100, 900) * DAY)
            )
    for _visit in follow_up(c, start + 180 * DAY, "cardiology", rhythm, months=9, labs=("renal", "lytes", "fbc"),
                            story="Geen bloedingen, geen palpitaties."):  # fmt: skip
        pass


@course(
    "infarction",
    Facts("cardiology", (44, 84), 8, ward="ccu", admitted=0.3, mortality=0.1, since=4),
)
def infarction(c: Chart) -> None:
    """ST-elevation infarction: door to balloon, stent, troponin curve, and years of secondary prevention."""
    start = c.principal(4, c.when(c.rng.uniform(0.5, 6)))
    attack = c.problem("stemi", start - 2 * HOUR, resolved=start + 30 * DAY)
    disease = c.problem("coronary-disease", start)
    c.body.push("cardiac", pulse(start - 3 * HOUR, c.rng.uniform(4.8, 6.0), rise=14, half=24))
    c.body.push("muscle", pulse(start - 3 * HOUR, 2.2, rise=14, half=20))
    c.body.push("ldl", constant(0.3))
    c.body.push("pain", pulse(start - 2 * HOUR, 6, rise=1, half=5))
    c.body.push("congestion", pulse(start, 2, rise=10, half=200))
    door, stay = c.emergency_admission(start, 4, "ccu", "Crushing chest pain", problem=attack, principal=True)
    if door is not None:
        c.vitals(door.start + 240, "bp", "hr", "rr", "spo2", "pain", visit=door)
        c.ecg(door.start + 420, "ST elevation in leads II, III and aVF: acute inferior infarction.", door)
        c.labs(door.start + 600, "troponin", "ck", "renal", "lytes", "fbc", "glucose", "lipids", visit=door, hours=0.8)
        c.prescribe("aspirin", door.start + 900, visit=door, problem=disease)
        c.prescribe("ticagrelor", door.start + 900, door.start + YEAR, visit=door, problem=disease)
    if stay is None:
        return
    vessel = c.rng.choice(("right coronary artery", "left anterior descending artery", "circumflex artery"))
    c.imaging(
        "angiography",
        stay.start + 600,
        f"Occlusion of the {vessel}, opened and stented. Good flow afterwards.",
        visit=stay,
        hours=1,
    )
    pci = c.procedure("pci", stay.start + 900, visit=stay, problem=attack, outcome="TIMI 3 flow")
    c.implant("Coronary stent", "Vasoflex drug-eluting stent", stay.start, pci)
    for hours in (6, 12, 24):
        c.labs(stay.start + hours * HOUR, "troponin", "ck", visit=stay)
    ward_care(c, stay, labs=("renal", "lytes", "fbc"), every=1, rounds=4)
    for drug in ("metoprolol", "atorvastatin", "perindopril"):
        c.prescribe(drug, stay.start + DAY, visit=stay, problem=disease)
    c.imaging("echo", stay.start + 2 * DAY, "Hypokinesia of the inferior wall, ejection fraction 48%.", visit=stay)
    c.discharge(stay, f"Acuut myocardinfarct, primaire PCI met stent ({vessel}).",
                "Hartrevalidatie, stoppen met roken, dubbele plaatjesremming gedurende een jaar.")  # fmt: skip
    _rehabilitation(c, stay)
    for _visit in follow_up(c, stay.end + 40 * DAY, "cardiology", disease, months=6, labs=("lipids", "renal", "lytes"),
                            story="Geen angineuze klachten na het infarct."):  # fmt: skip
        pass


def _rehabilitation(c: Chart, stay: Visit) -> None:
    if c.chance(0.6):
        for week in range(5):
            session = c.visit(stay.end + (28 + 9 * week) * DAY, "rehabilitation", "Cardiac rehabilitation")
            if session is not None:
                c.procedure("rehabilitation", session.start, visit=session)
                c.vitals(session.start, "bp", "hr", visit=session)
