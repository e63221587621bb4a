"""Brain: stroke with thrombolysis and rehabilitation, subarachnoid haemorrhage, tumours, hydrocephalus."""

from __future__ import annotations

from bedside.demo.body.effects import constant, pulse, ramp
from bedside.demo.chart.chart import Chart
from bedside.demo.chart.core import Problem, Visit
from bedside.demo.clock import DAY, HOUR, MINUTE, YEAR
from bedside.demo.courses.oncology import palliative, radiation
from bedside.demo.courses.pathways import follow_up, operation, preoperative, ward_care
from bedside.demo.courses.registry import Facts, course


@course("stroke", Facts("neurology", (52, 90), 10, ward="neurology", admitted=0.3, mortality=0.12, since=4))
def stroke(c: Chart) -> None:
    """Stroke: minutes count at the door, thrombolysis or thrombectomy, the stroke unit, years of prevention."""
    start = c.principal(6, c.when(c.rng.uniform(0.5, 4)))
    points = c.rng.randint(3, 19) if not c.dead else c.rng.randint(15, 24)
    to = "home" if points < 6 else "rehab" if c.age(start) < 78 else "long"
    attack = c.problem("stroke", start - 5 * HOUR, severity="severe" if points > 13 else "moderate")
    stay, points = acute_stroke(c, start, 6, attack, points, to, principal=True)
    if stay is None or c.dead:
        return
    rankin = 1 if points < 3 else 2 if points < 6 else 3 if points < 10 else 4
    for index, visit in enumerate(
        follow_up(
            c, stay.end + 42 * DAY, "neurology", attack, months=6, labs=("lipids", "glucose", "renal"), letters=0.5,
            story="Controle na herseninfarct: functioneren, stemming en risicofactoren besproken.",
        )
    ):  # fmt: skip
        rankin = max(0, rankin - (1 if index == 1 and c.chance(0.5) else 0))
        c.score("rankin", visit.start, rankin, visit)
        if index == 0:
            c.score("moca", visit.start + 600, c.rng.randint(17, 28), visit)
        if index == 1 and c.chance(0.3):
            low = c.problem("depression", visit.start, visit=visit, severity="moderate", note="After stroke")
            c.prescribe("sertraline", visit.start, visit=visit, problem=low)
        if index > 2:
            break


def acute_stroke(
    c: Chart, start: int, days: float, attack: Problem, points: int, to: str, *, principal: bool
) -> tuple[Visit | None, int]:
    """The first week: door, scan, treatment, stroke unit. Gives the stay and the NIHSS points at its end."""
    rhythm = c.chance(0.25)
    c.body.push("tone", pulse(start - 6 * HOUR, c.rng.uniform(18, 40), rise=1, half=50))
    c.body.push("sugar", pulse(start - 6 * HOUR, 1.8, rise=4, half=60))
    c.body.push("ldl", constant(0.15))
    c.body.push("coma", pulse(start - 5 * HOUR, max(0.0, (points - 8) / 3), rise=1, half=1200 if c.dead else 70))
    door, stay = c.emergency_admission(
        start,
        days,
        "neurology",
        "Sudden weakness of face and arm, cannot speak",
        problem=attack,
        to=to,
        principal=principal,
    )
    late = c.chance(0.4)
    if door is not None:
        c.vitals(door.start + 3 * MINUTE, "bp", "hr", "rr", "temp", "spo2", "gcs", visit=door)
        c.score("nihss", door.start + 6 * MINUTE, points, door)
        c.labs(door.start + 8 * MINUTE, "glucose", "coag", "fbc", "renal", "lytes", "troponin", visit=door, hours=0.5)
        c.imaging(
            "ct-head", door.start + 12 * MINUTE, "Early ischaemia in the territory of the left middle cerebral artery, "
            "no haemorrhage.", visit=door, why="Stroke, candidate for thrombolysis", hours=0.2,
        )  # fmt: skip
        c.ecg(door.start + 50 * MINUTE, "Atrial fibrillation." if rhythm else "Sinus rhythm.", door)
        if not late and c.on("apixaban", door.start) is None:
            treated = door.start + c.rng.randrange(22, 48) * MINUTE
            dose = round(0.9 * min(100.0, c.body.at(start).true("weight")))
            c.prescribe("alteplase", treated, door.end, visit=door, problem=attack, dose=dose, inpatient=True)
            c.procedure(
                "thrombolysis", treated, visit=door, problem=attack, department="neurology",
                note=f"Door to needle: {(treated - door.start) // MINUTE} minutes.",
            )  # fmt: skip
            points = max(0, points - c.rng.randint(2, 6)) if not c.dead else points
        if points > 8:
            c.imaging(
                "ct-angio",
                door.start + 25 * MINUTE,
                "Occlusion of the left middle cerebral artery (M1).",
                visit=door,
                hours=0.3,
            )
            done = c.procedure(
                "thrombectomy", door.start + 75 * MINUTE, visit=door, problem=attack, department="radiology",
                outcome="Reperfusion, TICI 2b",
            )  # fmt: skip
            points = max(1, points - c.rng.randint(3, 8)) if done is not None and not c.dead else points
    if stay is None:
        return None, points
    c.score("nihss", stay.start + DAY, points, stay)
    c.imaging(
        "ct-head", stay.start + 22 * HOUR, "Infarct in the left middle cerebral territory, no haemorrhage.", visit=stay
    )
    c.imaging(
        "us-carotid",
        stay.start + 2 * DAY,
        c.rng.choice(("", "", "Stenosis of 60% of the left carotid artery.")),
        visit=stay,
    )
    c.prescribe("atorvastatin", stay.start + DAY, visit=stay, problem=attack)
    if rhythm:
        found = c.problem("atrial-fibrillation", stay.start + 3 * DAY, visit=stay)
        c.prescribe("apixaban", stay.start + 4 * DAY, visit=stay, problem=found)
    else:
        c.prescribe("clopidogrel", stay.start + DAY, visit=stay, problem=attack)
    ward_care(c, stay, labs=("fbc", "renal", "lytes", "glucose"), every=2, rounds=4, prophylaxis=not rhythm)
    if c.dead and principal:
        c.flag("no-resuscitation", stay.start + DAY, visit=stay)
        c.prescribe("morphine-pump", max(stay.start, stay.end - 2 * DAY), visit=stay, inpatient=True)
        return stay, points
    if points > 0 and not stay.open:
        c.score("barthel", stay.end - 5 * HOUR, max(2, 20 - points), stay)
        c.score("nihss", stay.end - 5 * HOUR, points, stay)
    c.discharge(
        stay,
        f"Herseninfarct in het stroomgebied van de linker arteria cerebri media, NIHSS bij ontslag {points}.",
        "Bloeddruk onder 140 mmHg, statine, antitrombotica levenslang. Niet autorijden tot de controle.",
    )
    return stay, points


@course(
    "stroke-rehabilitation",
    Facts("rehabilitation", (44, 82), 5, ward="rehabilitation", admitted=0.6, since=2),
)
def stroke_rehabilitation(c: Chart) -> None:
    """After a large stroke: six weeks of clinical rehabilitation with its goals, then home and outpatient therapy."""
    start = c.principal(42, c.when(1.6))
    attack = c.problem("stroke", start - 8 * DAY, severity="severe")
    first, _points = acute_stroke(c, start - 7 * DAY, 6, attack, c.rng.randint(10, 18), "rehab", principal=False)
    begin = max(start, first.end + 3 * HOUR if first is not None else start)
    stay = c.admit(
        begin, 42, "rehabilitation", "Rehabilitation after stroke", problem=attack, source="elective", principal=True
    )
    if stay is None:
        return
    c.episode("rehabilitation", attack, stay.start)
    allied = [c.hospital.team(kind, "allied")[0] for kind in ("physiotherapist", "dietitian", "social-worker")]
    team = c.team("Rehabilitation team", [stay.doctor, *allied], stay.start, attack)
    goals = [
        c.goal("Walk indoors without help", stay.start, problem=attack, months=2, status="improving"),
        c.goal("Make coffee with one hand", stay.start, problem=attack, months=2),
        c.goal("Call my daughter myself", stay.start, problem=attack, months=2),
    ]
    c.plan(
        "Rehabilitation after stroke",
        stay.start + DAY,
        ["Physiotherapy every day", "Speech therapy four times a week", "Weekend leave from the third week"],
        problem=attack,
        goals=goals,
        team=team,
        visit=stay,
        end=stay.end if not stay.open else None,
    )
    day, ability = stay.start + DAY, c.rng.randint(5, 9)
    while day < min(stay.end, c.end):
        c.procedure("rehabilitation", day, visit=stay, problem=attack)
        if (day - stay.start) // DAY % 7 == 1:
            c.score("barthel", day + HOUR, ability, stay)
            ability = min(19, ability + c.rng.randint(1, 3))
        day += c.rng.choice((1, 1, 2)) * DAY
    ward_care(c, stay, labs=("fbc", "renal", "lytes"), every=14, rounds=1)
    c.discharge(stay, f"Klinische revalidatie na herseninfarct; Barthelindex {ability}.", "Poliklinische revalidatie.")
    for visit in follow_up(c, stay.end + 14 * DAY, "rehabilitation", attack, months=1, stop=stay.end + 200 * DAY,
                           vitals=("bp",), letters=0.2, story="Poliklinische revalidatie na beroerte."):  # fmt: skip
        c.procedure("rehabilitation", visit.start, visit=visit, problem=attack)
        c.score("rankin", visit.start + 50 * MINUTE, c.rng.choice((2, 3)), visit)


@course(
    "subarachnoid",
    Facts("neurosurgery", (38, 74), 4, ward="neurosurgery", admitted=0.5, mortality=0.2, since=3),
)
def subarachnoid(c: Chart) -> None:
    """Subarachnoid haemorrhage: thunderclap headache, coiling, weeks of watching for spasm and water on the brain."""
    start = c.principal(18, c.when(2))
    bleeding = c.problem("subarachnoid", start - 4 * HOUR, resolved=start + 90 * DAY, severity="severe")
    deep = c.rng.uniform(7, 10) if c.dead else c.rng.uniform(0.5, 5)
    c.body.push("coma", pulse(start - 5 * HOUR, deep, rise=1, half=2500 if c.dead else 70))
    c.body.push("tone", pulse(start - 5 * HOUR, 32, rise=1, half=60))
    c.body.push("pain", pulse(start - 5 * HOUR, 8, rise=1, half=110))
    c.body.push("na", pulse(start + 3 * DAY, -7, rise=60, half=90))
    c.body.push("csf-leuko", pulse(start - 5 * HOUR, 60, rise=10, half=200))
    door, stay = c.emergency_admission(
        start, 18, "neurosurgery", "Worst headache ever, vomiting, drowsy", problem=bleeding, to="rehab" if deep > 3 else "home",
        icu=(0.02, c.rng.uniform(4, 9)), principal=True,
    )  # fmt: skip
    if door is not None:
        c.vitals(door.start + 240, "bp", "hr", "rr", "temp", "spo2", "gcs", "pain", visit=door)
        c.labs(door.start + 500, "fbc", "coag", "renal", "lytes", "glucose", "troponin", visit=door, hours=0.7)
        c.imaging(
            "ct-head",
            door.start + 20 * MINUTE,
            "Blood in the basal cisterns, ventricles slightly widened.",
            visit=door,
            hours=0.3,
        )
        c.imaging(
            "ct-angio",
            door.start + 35 * MINUTE,
            "Aneurysm of 7 mm of the anterior communicating artery.",
            visit=door,
            hours=0.5,
        )
    if stay is None:
        return
    coil = c.procedure(
        "coiling",
        stay.start + 15 * HOUR,
        visit=stay,
        problem=bleeding,
        department="radiology",
        outcome="Aneurysm closed",
    )
    c.implant("Aneurysm coils", "Spiralix platinum coils", stay.start + 15 * HOUR, coil)
    c.procedure("anaesthesia", stay.start + 14 * HOUR, visit=stay, department="anaesthesiology", minutes=190)
    c.prescribe("nimodipine", stay.start + HOUR, stay.start + 21 * DAY, visit=stay, problem=bleeding, frequency="4/d")
    c.prescribe("saline", stay.start, stay.start + 10 * DAY, visit=stay, problem=bleeding, inpatient=True)
    if deep > 2.5:
        water = c.problem("hydrocephalus", stay.start + DAY, visit=stay, resolved=stay.start + 14 * DAY, listed=False)
        c.procedure("ventricular-drain", stay.start + 5 * HOUR, visit=stay, problem=water)
    c.problem("hyponatraemia", stay.start + 5 * DAY, visit=stay, resolved=stay.start + 12 * DAY, listed=False)
    c.imaging("ct-head", stay.start + 6 * DAY, "Less blood, no infarct, ventricles of normal width.", visit=stay)
    ward_care(
        c, stay, labs=("fbc", "renal", "lytes"), every=1, rounds=4, monitor=("bp", "hr", "rr", "temp", "spo2", "gcs")
    )
    if c.dead:
        c.flag("no-resuscitation", max(stay.start, stay.end - 2 * DAY), visit=stay)
        return
    c.discharge(
        stay,
        "Subarachnoïdale bloeding uit een aneurysma van de arteria communicans anterior, gecoild.",
        "Nimodipine afmaken. MR-angiografie na zes maanden. Revalidatie voor vermoeidheid en geheugen.",
    )
    for visit in follow_up(c, stay.end + 42 * DAY, "neurosurgery", bleeding, months=6, stop=stay.end + 2 * YEAR,
                           vitals=("bp",), story="Moe en prikkelbaar, verder goed hersteld."):  # fmt: skip
        c.score("rankin", visit.start, c.rng.choice((1, 1, 2)), visit)
        c.score("moca", visit.start + 600, c.rng.randint(21, 29), visit)


@course(
    "meningioma",
    Facts("neurosurgery", (40, 80), 3, sex="female", ward="neurosurgery", admitted=0.35, since=4),
)
def meningioma(c: Chart) -> None:
    """Meningioma: a seizure, a mass on MRI, craniotomy, and pictures every year."""
    begin = c.principal(6, c.when(2.5))
    disease = c.problem("meningioma", begin - 40 * DAY)
    door = c.emergency(begin - 40 * DAY, "First seizure", hours=5)
    if door is not None:
        c.vitals(door.start + 300, "bp", "hr", "temp", "spo2", "gcs", visit=door)
        c.labs(door.start + 900, "glucose", "lytes", "fbc", "renal", visit=door, hours=1)
        c.imaging(
            "ct-head", door.start + HOUR, "Extra-axial mass of 4 cm, right frontal, with oedema.", visit=door, hours=0.7
        )
        c.prescribe("levetiracetam", door.start + 3 * HOUR, visit=door, problem=disease)
    first = c.visit(
        begin - 30 * DAY, "neurosurgery", "Mass of the right frontal lobe", problem=disease, first=True, minutes=40
    )
    if first is not None:
        c.imaging(
            "mri-brain",
            first.start - DAY,
            "Enhancing dural mass of 41 mm, right frontal: meningioma.",
            why="Mass on CT",
        )
        c.letter(
            first.end + HOUR, first, "Meningeoom rechts frontaal met epilepsie.", "Craniotomie binnen enkele weken."
        )
    preoperative(c, begin - 20 * DAY)
    stay = c.admit(
        begin,
        6,
        "neurosurgery",
        "Removal of meningioma",
        problem=disease,
        source="elective",
        icu=(0.35, 1.1),
        principal=True,
    )
    _craniotomy(c, stay, disease, "Meningioma, WHO grade 1.", "right frontal meninges")
    if stay is None:
        return
    c.discharge(stay, "Craniotomie en verwijdering van een meningeoom, ongecompliceerd.", "Hechtingen na tien dagen.")
    for index, visit in enumerate(follow_up(c, stay.end + 45 * DAY, "neurosurgery", disease, months=9, vitals=("bp",),
                                            story="Geen klachten na verwijdering van het meningeoom.")):  # fmt: skip
        c.imaging(
            "mri-brain", visit.start - 2 * DAY, "No residual or recurrent tumour.", visit=visit, why="After meningioma"
        )
        if index == 1:
            c.stop(c.on("levetiracetam", visit.start), visit.start, "No seizures for a year")


def _craniotomy(c: Chart, stay: Visit | None, disease: Problem, verdict: str, site: str) -> None:
    """The operation itself, dexamethasone against swelling, tissue, the scan of the day after."""
    if stay is None:
        return
    c.prescribe(
        "dexamethasone", stay.start + HOUR, stay.start + 8 * DAY, visit=stay, problem=disease, dose=4, frequency="2/d"
    )
    c.prescribe("pantoprazole", stay.start + HOUR, stay.start + 9 * DAY, visit=stay)
    done = operation(c, stay, "craniotomy", disease, stay.start + 3 * HOUR, pain=4, inflammation=2.2, blood_loss=0.8)
    if done is not None:
        c.pathology(stay.start + 6 * HOUR, verdict, visit=stay, problem=disease, site=site, days=7)
        c.body.push("coma", pulse(stay.start + 6 * HOUR, 1.6, rise=1, half=9))
        c.imaging(
            "mri-brain",
            stay.start + 2 * DAY,
            "Postoperative changes, no haemorrhage, no residual enhancement.",
            visit=stay,
        )
    ward_care(c, stay, labs=("fbc", "lytes", "renal"), every=2, rounds=4, monitor=("bp", "hr", "temp", "spo2", "gcs"))


@course("glioblastoma", Facts("neurosurgery", (46, 76), 3, mortality=0.55, since=1.5, with_others=False))
def glioblastoma(c: Chart) -> None:
    """Glioblastoma: headache and a hand that fails, operation, radiation with temozolomide, growth, the last phase."""
    start = c.when(c.rng.uniform(0.7, 1.4))
    disease = c.problem(
        "glioblastoma", start, stage="WHO grade 4, IDH wild type, MGMT " + c.rng.choice(("methylated", "unmethylated"))
    )
    first = c.visit(start - 3 * DAY, "neurology", "Headache, clumsy left hand", first=True, minutes=30)
    if first is not None:
        c.vitals(first.start, "bp", "hr", "height", "weight", "gcs", visit=first)
        c.labs(first.start + HOUR, "fbc", "renal", "liver", "glucose", visit=first)
        c.imaging(
            "mri-brain",
            first.start + 2 * HOUR,
            "Ring-enhancing mass of 38 mm, right parietal, with oedema.",
            visit=first,
        )
    stay = c.admit(start + 8 * DAY, 6, "neurosurgery", "Removal of a brain tumour", problem=disease, source="elective")
    _craniotomy(c, stay, disease, "Glioblastoma, IDH wild type, WHO grade 4.", "right parietal lobe")
    c.discharge(stay, "Craniotomie wegens een hoog-gradig glioom.", "Bespreking in het neuro-oncologisch overleg.")
    c.episode("neurosurgery", disease, start)
    c.prescribe("levetiracetam", start + 8 * DAY, problem=disease)
    radiation(c, start + 36 * DAY, disease, 30, "brain")
    c.prescribe("temozolomide", start + 48 * DAY, start + 90 * DAY, problem=disease)
    c.body.push("marrow", ramp(start + 60 * DAY, start + 95 * DAY, 0.25))
    c.body.push("marrow", ramp(start + 110 * DAY, start + 150 * DAY, -0.25))
    for number in range(6):
        moment = start + (120 + 28 * number) * DAY
        visit = c.visit(moment, "oncology", f"Temozolomide, cycle {number + 1}", problem=disease)
        if visit is not None:
            c.labs(visit.start - DAY, "counts", "liver", "renal", visit=visit)
            c.vitals(visit.start, "bp", "weight", visit=visit)
            c.score("ecog", visit.start, c.rng.choice((0, 1, 1, 2)), visit)
            c.prescribe("temozolomide", visit.start, visit.start + 5 * DAY, visit=visit, problem=disease, dose=320)
            c.prescribe("ondansetron", visit.start, visit.start + 5 * DAY, visit=visit, problem=disease)
            if number % 3 == 2:
                c.imaging("mri-brain", visit.start - 3 * DAY, "Stable enhancement along the cavity.", visit=visit)
    if c.dead:
        c.imaging("mri-brain", c.end - 70 * DAY, "Clear growth, crossing the midline.")
        c.body.push("coma", ramp(c.end - 25 * DAY, c.end, 7))
        c.prescribe("dexamethasone", c.end - 65 * DAY, problem=disease)
        palliative(c, disease, "oncology", "neurosurgery")


@course("hydrocephalus", Facts("neurosurgery", (64, 86), 2, since=3))
def hydrocephalus(c: Chart) -> None:
    """Normal pressure hydrocephalus: gait, memory and bladder; a tap that helps; a shunt; walking again."""
    start = c.when(c.rng.uniform(1, 3))
    disease = c.problem("normal-pressure", start)
    first = c.visit(start, "neurology", "Walks with small steps, forgets, loses urine", first=True, minutes=40)
    if first is None:
        return
    speed = c.rng.uniform(0.42, 0.6)
    c.vitals(first.start, "bp", "hr", "height", "weight", visit=first)
    c.score("gait-speed", first.start + 600, speed, first)
    c.score("moca", first.start + 900, c.rng.randint(16, 22), first)
    c.imaging("mri-brain", first.start + 6 * DAY, "Wide ventricles out of proportion to the sulci.", visit=first)
    day = c.admit(c.clinic(start + 20 * DAY), 0.3, "day-treatment", "Tap test", problem=disease, source="elective")
    if day is not None:
        c.procedure(
            "lumbar-puncture",
            day.start + HOUR,
            visit=day,
            problem=disease,
            department="neurology",
            note="40 mL removed.",
        )
        c.labs(day.start + 95 * MINUTE, "csf", visit=day)
        c.score("gait-speed", day.start + 4 * HOUR, speed * 1.35, day)
    preoperative(c, start + 40 * DAY, asa=3)
    stay = c.admit(start + 60 * DAY, 3, "neurosurgery", "Shunt", problem=disease, source="elective")
    done = operation(c, stay, "shunt", disease, pain=3.5, inflammation=1.5, blood_loss=0.2)
    if stay is None:
        return
    c.implant("Ventriculoperitoneal shunt", "Lumivalve adjustable valve", stay.start, done)
    c.imaging("ct-head", stay.start + DAY, "Drain in the right ventricle, no haemorrhage.", visit=stay)
    ward_care(c, stay)
    c.discharge(
        stay, "Ventriculoperitoneale drain wegens normaledrukhydrocefalus.", "Controle en klepinstelling na zes weken."
    )
    for visit in follow_up(c, stay.end + 42 * DAY, "neurosurgery", disease, months=6, vitals=("bp",)):
        c.score("gait-speed", visit.start, speed * c.rng.uniform(1.4, 1.8), visit)
        c.score("moca", visit.start + 600, c.rng.randint(20, 26), visit)
