"""Old age: dementia, falls and frailty, delirium, too many medicines, the last phase with its plan."""

from __future__ import annotations

from bedside.demo.body.effects import constant, drift, pulse, ramp, step
from bedside.demo.chart.chart import Chart
from bedside.demo.chart.core import Problem, Visit
from bedside.demo.clock import DAY, HOUR, MINUTE, YEAR
from bedside.demo.courses.pathways import follow_up, ward_care
from bedside.demo.courses.registry import Facts, course


def assessment(c: Chart, visit: Visit, *, frailty: int, barthel: int) -> None:
    """A comprehensive geriatric assessment: body, memory, function, nutrition and medicines in one visit."""
    c.procedure("geriatric-assessment", visit.start, visit=visit)
    c.score("frailty-scale", visit.start + 20 * MINUTE, frailty, visit)
    c.score("barthel", visit.start + 25 * MINUTE, barthel, visit)
    c.score("malnutrition", visit.start + 30 * MINUTE, c.rng.choice((0, 1, 1, 2)), visit)
    c.score("gait-speed", visit.start + 35 * MINUTE, max(0.25, 1.15 - 0.12 * frailty + c.rng.uniform(-0.1, 0.1)), visit)
    c.vitals(visit.start + 40 * MINUTE, "bp", "hr", "height", "weight", "bmi", visit=visit)
    c.labs(visit.start + HOUR, "fbc", "renal", "lytes", "ca", "glucose", "tsh", "vitamins", "vitd", "alb", visit=visit)


def wishes(c: Chart, moment: int, problem: Problem, visit: Visit | None = None) -> None:
    """A conversation about what still helps and what does not, with the agreement that follows."""
    c.procedure(
        "advance-care", moment, visit=visit, problem=problem, department="" if visit is not None else "geriatrics"
    )
    c.flag(
        "no-resuscitation", moment, visit=visit, words="No resuscitation, no intensive care; hospital only if it helps"
    )


@course("dementia", Facts("geriatrics", (70, 95), 8, ward="geriatrics", admitted=0.08, mortality=0.15, since=4))
def dementia(c: Chart) -> None:
    """Dementia: memory that fades in MMSE and MoCA over the years, the carer, the move to a nursing home."""
    start = c.when(c.rng.uniform(1, 5.5))
    kind = c.rng.choice(("alzheimer", "alzheimer", "vascular-dementia"))
    before = c.problem("mild-cognitive", start - 9 * 30 * DAY, remembered=True)
    disease = c.problem(kind, start + 20 * DAY, severity="mild")
    c.resolve(before, start + 20 * DAY)
    c.body.push("weight", drift(start, -1.1, -9))
    mmse, moca, frailty = c.rng.randint(21, 26), c.rng.randint(17, 22), 4
    first = c.visit(start, "geriatrics", "Forgetful, lost the way home", first=True, minutes=75)
    if first is None:
        return
    assessment(c, first, frailty=frailty, barthel=19)
    c.score("mmse", first.start + 45 * MINUTE, mmse, first)
    c.score("moca", first.start + 50 * MINUTE, moca, first)
    scan = (
        "Atrophy of both hippocampi."
        if kind == "alzheimer"
        else "Lacunar infarcts and white matter disease, Fazekas 3."
    )
    c.imaging("mri-brain", first.start + 9 * DAY, scan, visit=first, why="Memory complaints")
    talk = c.visit(start + 20 * DAY, "geriatrics", "Diagnosis", problem=disease, minutes=40)
    if talk is not None:
        c.letter(
            talk.end + 2 * HOUR,
            talk,
            f"Dementie ({'ziekte van Alzheimer' if kind == 'alzheimer' else 'vasculair'}), MMSE {mmse}, MoCA {moca}. "
            "Diagnose besproken met patiënt en mantelzorger.",
            "Casemanager dementie, rijgeschiktheid besproken, over een half jaar controle.",
        )
        c.plan(
            "Living with dementia",
            talk.start,
            ["Case manager visits every month", "Day centre twice a week", "Respite for the carer", "No more driving"],
            problem=disease,
            visit=talk,
            goals=[c.goal("Stay in my own house as long as possible", talk.start, problem=disease)],
        )
        if kind == "alzheimer":
            c.prescribe("donepezil", talk.start, visit=talk, problem=disease)
    begin = c.principal(9) if c.bed is not None or c.dead else 0
    decline = c.rng.uniform(0.8, 2.2)
    for index, visit in enumerate(
        follow_up(
            c, start + 190 * DAY, "geriatrics", disease, months=6.5, vitals=("bp", "weight"), letters=0.4,
            stop=begin - 4 * DAY if begin else None,
            story="Dementie, functioneren, gedrag en belasting van de mantelzorger besproken.",
        )
    ):  # fmt: skip
        mmse = max(3, round(mmse - decline * c.rng.uniform(0.4, 1.5)))
        frailty = min(7, frailty + (1 if index % 2 else 0))
        if visit.kind == "ambulatory":
            c.score("mmse", visit.start + 10 * MINUTE, mmse, visit)
            c.score("frailty-scale", visit.start + 20 * MINUTE, frailty, visit)
            if mmse > 14:
                c.score("moca", visit.start + 15 * MINUTE, max(2, mmse - c.rng.randint(3, 5)), visit)
        if mmse < 18 and c.on("memantine", visit.start) is None and kind == "alzheimer":
            c.prescribe("memantine", visit.start, visit=visit, problem=disease)
        if mmse < 15 and frailty > 5:
            wishes(c, visit.start + HOUR, disease, visit)
            break
    if begin:
        _confused(c, disease, begin, days=9)


@course("falls", Facts("geriatrics", (74, 96), 5, mortality=0.08, since=3))
def falls(c: Chart) -> None:
    """Falls and frailty: pressure that drops on standing, strength, vitamin D, pills that go, fewer falls."""
    start = c.when(c.rng.uniform(0.8, 3))
    disease = c.problem("frailty", start)
    pressure = c.problem("orthostatic-hypotension", start)
    c.body.push("vitd", constant(-18))
    for number in range(c.rng.choice((1, 2))):
        moment = start - (25 + 60 * number) * DAY - c.rng.randrange(9) * HOUR
        c.body.push("pain", pulse(moment, 5, rise=1, half=60))
        door = c.emergency(moment, "Fell at home", hours=5)
        if door is not None:
            c.vitals(door.start + 600, "bp", "hr", "temp", "spo2", "gcs", "pain", visit=door)
            c.labs(door.start + 900, "fbc", "renal", "lytes", "glucose", "ck", visit=door)
            c.imaging(c.rng.choice(("ct-head", "hip-xray")), door.start + HOUR, visit=door, why="Fall", hours=1)
            c.prescribe("paracetamol", door.start + HOUR, door.start + 14 * DAY, visit=door)
    old = [
        c.prescribe(drug, start - 900 * DAY) for drug in ("temazepam", c.rng.choice(("solifenacin", "amitriptyline")))
    ]
    first = c.visit(start, "geriatrics", "Falls again and again", problem=disease, first=True, minutes=75)
    if first is None:
        return
    frailty, bone = c.rng.choice((5, 5, 6)), c.rng.uniform(2.5, 3.5)
    begin = c.principal(7) if c.dead else 0
    assessment(c, first, frailty=frailty, barthel=c.rng.randint(14, 18))
    c.score("mmse", first.start + 50 * MINUTE, c.rng.randint(23, 29), first)
    c.body.push("tone", pulse(first.start + 62 * MINUTE, -24, rise=0.05, half=0.12))
    c.vitals(first.start + 66 * MINUTE, "bp", "hr", visit=first)
    c.ecg(first.start + 70 * MINUTE, "Sinus rhythm, first degree AV block.", first)
    c.imaging("dxa", first.start + 20 * DAY, f"T-score -{bone:.1f} at the femoral neck: osteoporosis.", why="Falls")
    c.score("bone-density", first.start + 20 * DAY, -bone)
    for therapy in old:
        c.stop(therapy, first.start + HOUR, "Raises the risk of falling")
    c.prescribe("calcium-d", first.start, visit=first, problem=disease)
    bones = c.problem("osteoporosis", first.start + 20 * DAY)
    c.prescribe("alendronate", first.start + 21 * DAY, problem=bones)
    c.flag("falls", first.start)
    c.plan(
        "Fewer falls",
        first.start,
        [
            "Stand up in two steps",
            "Exercise class for balance twice a week",
            "Occupational therapist looks at the house",
        ],
        problem=disease,
        visit=first,
        goals=[c.goal("Walk to the baker with the walker", first.start, problem=disease, status="improving")],
    )
    c.letter(
        first.end + HOUR,
        first,
        "Valanalyse: orthostatische hypotensie, spierzwakte en valrisicoverhogende medicatie.",
        "Medicatie afgebouwd, fysiotherapie, vitamine D en alendronaat.",
    )
    for visit in follow_up(c, start + 80 * DAY, "geriatrics", pressure, months=5, labs=("renal", "vitd"), vitals=("bp", "weight"),
                           stop=begin - 4 * DAY if begin else None, story="Minder gevallen sinds de vorige controle."):  # fmt: skip
        if visit.kind == "ambulatory":
            c.score("gait-speed", visit.start + 600, c.rng.uniform(0.5, 0.8), visit)
            c.score("frailty-scale", visit.start + 900, frailty, visit)
    if begin:
        _confused(c, disease, begin, days=7)


@course("delirium", Facts("geriatrics", (76, 97), 5, ward="geriatrics", admitted=0.6, mortality=0.15, since=2))
def delirium(c: Chart) -> None:
    """Delirium: suddenly confused with an infection; the cause is treated, family stays, the nights get calm again."""
    start = c.principal(9, c.when(1.6))
    frail = c.problem("frailty", start - 300 * DAY, remembered=True)
    _confused(c, frail, start, days=9)
    after = c.visit(start + 60 * DAY, "geriatrics", "After delirium", problem=frail, minutes=40)
    if after is not None:
        c.vitals(after.start, "bp", "hr", "weight", visit=after)
        c.score("mmse", after.start + 600, c.rng.randint(19, 27), after)
        c.score("moca", after.start + 900, c.rng.randint(16, 25), after)
        c.letter(
            after.end + HOUR,
            after,
            "Delier volledig hersteld; geheugen getest.",
            "Bij opname: verhoogd risico op een delier.",
        )
    for visit in follow_up(c, start + 240 * DAY, "geriatrics", frail, months=6, vitals=("bp", "weight")):
        c.score("frailty-scale", visit.start + 600, c.rng.choice((5, 6, 6)), visit)


def _confused(c: Chart, disease: Problem, start: int, *, days: float) -> None:
    """Admission of an old person who is confused by a urinary infection or pneumonia."""
    urinary = c.chance(0.5)
    cause = c.problem("uti" if urinary else "pneumonia", start - DAY, resolved=start + 14 * DAY, listed=False)
    slow = 2000.0 if c.dead else 45.0
    c.body.push("inflammation", pulse(start - 30 * HOUR, c.rng.uniform(4.6, 6.4), rise=30, half=slow))
    c.body.push("hypoxia", pulse(start - 30 * HOUR, 0.8 if urinary else 3.4, rise=30, half=slow))
    c.body.push("gfr", pulse(start - 2 * DAY, -c.rng.uniform(10, 25), rise=40, half=max(80.0, slow)))
    c.body.push("na", pulse(start - 2 * DAY, c.rng.choice((-7, 6)), rise=40, half=60))
    c.body.push("coma", pulse(start - DAY, c.rng.uniform(0.7, 2.2), rise=20, half=slow))
    door, stay = c.emergency_admission(
        start, days, "geriatrics", "Suddenly confused, sees people who are not there", problem=cause, principal=True,
        to=c.rng.choice(("home", "home", "long")),
    )  # fmt: skip
    if door is not None:
        c.vitals(door.start + 400, "bp", "hr", "rr", "temp", "spo2", "gcs", visit=door)
        c.labs(door.start + 900, "fbc", "renal", "lytes", "crp", "glucose", "ca", visit=door)
        c.imaging(
            "chest-xray",
            door.start + HOUR,
            "" if urinary else "Infiltrate in the left lower lobe.",
            visit=door,
            hours=1,
        )
        c.imaging("ct-head", door.start + 80 * MINUTE, "Age-related atrophy, no haemorrhage.", visit=door, hours=1)
        c.culture("urine", door.start + 50 * MINUTE, "e-coli" if urinary else "", visit=door)
    if stay is None:
        return
    confusion = c.problem("delirium", stay.start, visit=stay, resolved=stay.start + 8 * DAY, listed=False)
    c.note(
        stay.start + HOUR,
        "Delirium with an infection. Cause treated, fluids, glasses and hearing aids, family stays.",
        stay,
        confusion,
    )
    c.flag("delirium", stay.start, stay.end, stay)
    if urinary:
        c.prescribe("ceftriaxone", stay.start, stay.start + 6 * DAY, visit=stay, problem=cause, inpatient=True)
    else:
        c.prescribe("amoxiclav", stay.start, stay.start + 6 * DAY, visit=stay, problem=cause, inpatient=True)
        c.prescribe("oxygen", stay.start, stay.start + 4 * DAY, visit=stay, problem=cause, inpatient=True)
    c.prescribe("saline", stay.start, stay.start + 3 * DAY, visit=stay, inpatient=True)
    c.prescribe(
        "haloperidol", stay.start + 6 * HOUR, stay.start + 5 * DAY, visit=stay, problem=confusion, inpatient=True
    )
    day, points = stay.start + 5 * HOUR, c.rng.randint(6, 11)
    while day < min(stay.end, c.end):
        c.score("delirium-scale", day, points, stay)
        points, day = (
            max(0, points - c.rng.choice((-1, 0, 1, 2))) if not c.dead else min(13, points + 1),
            day + 8 * HOUR,
        )
    ward_care(c, stay, labs=("fbc", "renal", "lytes", "crp"), every=2, rounds=3, scores=False)
    c.score("frailty-scale", stay.start + DAY, 6, stay)
    c.score("barthel", stay.start + DAY, c.rng.randint(6, 13), stay)
    if c.dead:
        wishes(c, min(stay.start + 2 * DAY, stay.end - 2 * HOUR), disease, stay)
        c.prescribe("morphine-pump", max(stay.start, stay.end - DAY), visit=stay, inpatient=True)
        return
    c.discharge(
        stay,
        f"Delier bij een {'urineweginfectie' if urinary else 'pneumonie'} op hoge leeftijd, hersteld na behandeling.",
        "Verhoogd risico op een delier bij een volgende opname. Controle geriatrie over zes tot acht weken.",
    )


@course("polypharmacy", Facts("geriatrics", (75, 93), 4, since=4))
def polypharmacy(c: Chart) -> None:
    """Too many medicines: low sodium, dizziness, a review with the pharmacist, one drug after the other stopped."""
    start = c.when(c.rng.uniform(0.7, 2.5))
    pressure = c.problem("hypertension", start - 9 * YEAR, remembered=True)
    c.body.push("tone", constant(16))
    c.body.push("gfr", constant(-16))
    known = {
        key: c.prescribe(key, start - c.rng.randrange(300, 1300) * DAY)
        for key in ("hydrochlorothiazide", "amlodipine", "losartan", "metoprolol", "simvastatin", "pantoprazole",
                    "citalopram", "temazepam", "solifenacin", "tramadol", "macrogol")
    }  # fmt: skip
    c.body.push("na", step(start - 40 * DAY, -5, over=700, end=start + 5 * DAY))
    harm = c.problem("polypharmacy", start, resolved=start + 400 * DAY)
    low = c.problem("hyponatraemia", start, resolved=start + 60 * DAY, listed=False)
    first = c.visit(start, "geriatrics", "Dizzy, tired, eleven medicines", problem=harm, first=True, minutes=75)
    if first is None:
        return
    assessment(c, first, frailty=4, barthel=c.rng.randint(16, 20))
    pharmacist = c.hospital.team("pharmacist", "pharmacy")[c.person.number % 4]
    c.team("Medication review", [first.doctor, pharmacist], first.start, harm)
    c.procedure("medication-review", first.start + 65 * MINUTE, visit=first, problem=harm,
                note="Together with the hospital pharmacist: eleven medicines, four without a reason any more.")  # fmt: skip
    c.stop(known["hydrochlorothiazide"], first.start + HOUR, "Low sodium")
    c.stop(known["temazepam"], first.start + 40 * DAY, "Tapered: risk of falling")
    c.task("Call about sleep and blood pressure", first.end, first.end + 14 * DAY, pharmacist, visit=first)
    c.letter(
        first.end + 2 * HOUR,
        first,
        "Polyfarmacie met hyponatriëmie en duizeligheid; medicatiebeoordeling met de ziekenhuisapotheker.",
        "Hydrochloorthiazide gestaakt, temazepam afbouwen, daarna solifenacine en tramadol heroverwegen.",
    )
    c.labs(c.clinic(start + 9 * DAY), "lytes", "renal")
    drop = ["pantoprazole", "tramadol", "solifenacin"]
    for index, visit in enumerate(
        follow_up(
            c, start + 45 * DAY, "geriatrics", harm if not low.resolved else pressure, months=4, labs=("lytes", "renal"),
            vitals=("bp", "hr", "weight"), stop=None if start > c.end - YEAR else start + 2 * YEAR,
            story="Medicatie opnieuw doorgenomen, minder duizelig.",
        )
    ):  # fmt: skip
        if drop:
            c.stop(known[drop.pop()], visit.start, "No longer needed")
        if index == 2:
            c.score("frailty-scale", visit.start, 4, visit)


@course("last-phase", Facts("palliative", (68, 96), 4, ward="geriatrics", admitted=0.1, mortality=0.6, since=1.5))
def last_phase(c: Chart) -> None:
    """The last phase of heart failure: what matters is written down, burdens are eased, mostly at home."""
    start = c.when(c.rng.uniform(0.35, 0.9))
    failure = c.problem("heart-failure", start - 5 * YEAR, stage="NYHA IV", severity="severe", remembered=True)
    phase = c.problem("palliative", start)
    c.body.push("congestion", step(start - 3 * YEAR, 3.2, over=9000))
    c.body.push("congestion", ramp(start, start + 300 * DAY, 2.2))
    c.body.push("gfr", ramp(start - 3 * YEAR, start + 300 * DAY, -34))
    c.body.push("weight", ramp(start, start + 300 * DAY, -6))
    c.body.push("tone", constant(-12))
    c.body.push("pain", ramp(start - 60 * DAY, start + 200 * DAY, 4.5))
    for drug in ("bumetanide", "bisoprolol", "simvastatin"):
        c.prescribe(drug, start - 500 * DAY, problem=failure)
    first = c.visit(start, "palliative", "What matters now", problem=phase, first=True, minutes=60)
    if first is None:
        return
    wishes(c, first.start + 5 * MINUTE, phase, first)
    burden = c.rng.randint(35, 60)
    c.score("symptom-burden", first.start + 10 * MINUTE, burden, first)
    c.score("frailty-scale", first.start + 15 * MINUTE, 7, first)
    c.vitals(first.start + 20 * MINUTE, "bp", "hr", "spo2", "weight", "pain", visit=first)
    c.labs(first.start + 40 * MINUTE, "renal", "lytes", "ntprobnp", "fbc", visit=first)
    c.stop(c.on("simvastatin", first.start), first.start, "No longer of use")
    c.prescribe("oxycodone", first.start, visit=first, problem=phase, dose=5)
    c.prescribe("macrogol", first.start, visit=first, problem=phase)
    social = c.hospital.team("social-worker", "allied")[0]
    cardiologist = c.hospital.doctor("cardiology", c.person.number)
    team = c.team("Palliative team", [first.doctor, cardiologist, social], first.start, phase)
    goals = [
        c.goal("Die at home, with the window open", first.start, problem=phase),
        c.goal(
            "See the grandchild born in spring",
            first.start,
            problem=phase,
            status=c.rng.choice(("achieved", "in-progress")),
        ),
    ]
    c.plan(
        "Care in the last phase",
        first.start,
        [
            "Breathlessness: morphine, fan, calm",
            "District nurse twice a day, volunteer at night",
            "Palliative team can be called day and night",
            "Defibrillator and resuscitation: not wanted",
        ],
        problem=phase,
        goals=goals,
        team=team,
        visit=first,
    )
    c.letter(
        first.end + 2 * HOUR,
        first,
        "Gesprek over de laatste fase met patiënt en familie: comfort staat voorop, thuis overlijden heeft de voorkeur.",
        "Niet reanimeren, geen intensive care. Zo nodig morfine; palliatief team dag en nacht bereikbaar.",
    )
    begin = c.principal(5) if c.bed is not None or (c.dead and c.chance(0.4)) else 0
    for visit in follow_up(c, start + 14 * DAY, "palliative", phase, months=1, vitals=("pain", "spo2"), letters=0.1,
                           stop=begin - 4 * DAY if begin else None):  # fmt: skip
        burden = max(10, min(90, burden + c.rng.randint(-12, 9)))
        c.score("symptom-burden", visit.start, burden, visit)
    c.message(
        start + 30 * DAY,
        "Mijn vader slaapt slecht en is benauwd in de nacht. Wat kunnen wij doen?",
        from_patient=True,
        department="palliative",
    )
    c.message(
        start + 30 * DAY + 5 * HOUR,
        "De verpleegkundige komt vandaag langs; geef nu een extra dosis morfine.",
        from_patient=False,
        department="palliative",
    )
    if begin:
        _door, stay = c.emergency_admission(
            begin, 5, "geriatrics", "Breathless, family exhausted", problem=failure, principal=True, to="hosp"
        )
        if stay is not None:
            c.prescribe("morphine-pump", stay.start + HOUR, visit=stay, problem=phase, inpatient=True)
            c.prescribe("midazolam", stay.start + DAY, visit=stay, problem=phase, inpatient=True)
            ward_care(c, stay, labs=("renal", "lytes"), every=9, rounds=1, scores=False, prophylaxis=False)
