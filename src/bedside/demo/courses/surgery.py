"""General, vascular and plastic surgery: appendix, gallbladder, hernia, bowel, obesity, leg arteries, hands, breasts."""

from __future__ import annotations

from bedside.demo.body.effects import constant, drift, pulse, ramp, step
from bedside.demo.chart.chart import Chart
from bedside.demo.chart.core import Problem
from bedside.demo.clock import DAY, HOUR, YEAR
from bedside.demo.courses.pathways import follow_up, operation, preoperative, ward_care
from bedside.demo.courses.registry import Facts, course


@course("appendicitis", Facts("surgery", (8, 55), 10, ward="surgery", admitted=0.3, since=2, with_others=False))
def appendicitis(c: Chart) -> None:
    """Appendicitis: pain that moves to the right, ultrasound, operation the same day."""
    start = c.principal(2.5, c.when(1.6))
    disease = c.problem("appendicitis", start - 10 * HOUR, resolved=start + 20 * DAY)
    c.body.push("inflammation", pulse(start - DAY, c.rng.uniform(4.2, 6.2), rise=26, half=34))
    c.body.push("pain", pulse(start - DAY, 6, rise=20, half=20))
    door, stay = c.emergency_admission(start, 2.5, "surgery" if c.age(start) >= 16 else "paediatrics", "Pain in the right lower abdomen",
                                       problem=disease, principal=True)  # fmt: skip
    if door is not None:
        c.vitals(door.start + 240, "hr", "temp", "spo2", "pain", "bp", visit=door)
        c.labs(door.start + 600, "fbc", "crp", "renal", "lytes", visit=door, hours=0.8)
        c.imaging(
            "us-abdomen", door.start + HOUR, "Appendix of 11 mm, not compressible: appendicitis.", visit=door, hours=0.5
        )
    if stay is None:
        return
    begin = stay.start + 2 * HOUR
    c.prescribe("cefuroxime", stay.start, stay.start + DAY, visit=stay, problem=disease, inpatient=True)
    c.prescribe("metronidazole", stay.start, stay.start + 2 * DAY, visit=stay, problem=disease, inpatient=True)
    operation(
        c,
        stay,
        "appendectomy",
        disease,
        begin,
        department="surgery",
        pain=3,
        inflammation=1.5,
        blood_loss=0.1,
        antibiotic=False,
    )
    c.pathology(
        begin + HOUR,
        "Appendix: acute phlegmonous appendicitis, no malignancy.",
        visit=stay,
        problem=disease,
        site="appendix",
        days=5,
    )
    ward_care(c, stay, labs=("fbc", "crp"), every=1)
    c.discharge(
        stay,
        "Laparoscopische appendectomie wegens acute appendicitis.",
        "Geen controle nodig, bij koorts contact opnemen.",
    )


@course("gallstones", Facts("surgery", (28, 78), 9, ward="surgery", admitted=0.25, since=2))
def gallstones(c: Chart) -> None:
    """Gallstones: colic, a planned operation, home the next day."""
    start = c.principal(1.3, c.when(1.6))
    disease = c.problem("gallstones", start - 150 * DAY)
    c.body.push("cholestasis", pulse(start - 120 * DAY, 1.1, rise=10, half=60))
    door = c.emergency(start - 120 * DAY, "Colic pain in the upper abdomen", problem=disease)
    if door is not None:
        c.vitals(door.start + 240, "bp", "hr", "temp", "pain", visit=door)
        c.labs(door.start + 600, "fbc", "crp", "liver", "lipase", visit=door, hours=0.8)
        c.imaging("us-abdomen", door.start + 2 * HOUR, "Several gallstones, wall not thickened.", visit=door, hours=0.5)
    first = c.visit(start - 60 * DAY, "surgery", problem=disease, first=True)
    if first is not None:
        c.letter(
            first.end + HOUR,
            first,
            "Symptomatische cholecystolithiasis.",
            "Op de lijst voor laparoscopische cholecystectomie.",
        )
    preoperative(c, start - 20 * DAY)
    stay = c.admit(
        start, 1.3, "surgery", "Removal of the gallbladder", problem=disease, source="elective", principal=True
    )
    done = operation(
        c,
        stay,
        "cholecystectomy",
        disease,
        None if stay is None else stay.start + 3 * HOUR,
        pain=3,
        inflammation=1.6,
        blood_loss=0.1,
    )
    if stay is None:
        return
    if done is not None:
        c.pathology(
            stay.start + 5 * HOUR,
            "Gallbladder: chronic cholecystitis, cholesterol stones.",
            visit=stay,
            problem=disease,
            site="gallbladder",
        )
        c.resolve(disease, stay.end)
    ward_care(c, stay, labs=("fbc", "liver"), every=2)
    c.discharge(stay, "Laparoscopische cholecystectomie, ongecompliceerd.", "Geen controle nodig.")


@course("hernia", Facts("surgery", (20, 82), 8, sex="male", since=1.5))
def hernia(c: Chart) -> None:
    """Inguinal hernia: day surgery."""
    start = c.when(c.rng.uniform(0.2, 1.4))
    disease = c.problem("inguinal-hernia", start - 100 * DAY)
    first = c.visit(start - 50 * DAY, "surgery", problem=disease, first=True)
    if first is not None:
        c.vitals(first.start, "bp", "hr", "weight", visit=first)
    preoperative(c, start - 18 * DAY)
    stay = c.admit(
        c.morning(c.clinic(start), 8, 30), 0.3, "day-surgery", "Hernia repair", problem=disease, source="elective"
    )
    operation(
        c,
        stay,
        "hernia-repair",
        disease,
        None if stay is None else stay.start + HOUR,
        pain=3,
        inflammation=0.8,
        blood_loss=0.05,
        spinal=c.chance(0.5),
    )
    if stay is not None:
        c.vitals(stay.start + 4 * HOUR, "bp", "hr", "pain", visit=stay)
        c.resolve(disease, stay.end)
        c.discharge(stay, "Liesbreukcorrectie met mat in dagbehandeling.", "Twee weken niet zwaar tillen.")


@course("carpal-tunnel", Facts("plastic", (35, 75), 8, since=1.5))
def carpal_tunnel(c: Chart) -> None:
    """Carpal tunnel syndrome: release under local anaesthetic."""
    start = c.when(c.rng.uniform(0.2, 1.3))
    disease = c.problem("carpal-tunnel", start - 60 * DAY)
    first = c.visit(start - 30 * DAY, "plastic", "Tingling fingers at night", problem=disease, first=True)
    if first is not None:
        c.vitals(first.start, "bp", "pain", visit=first)
        c.letter(
            first.end + HOUR,
            first,
            "Carpaletunnelsyndroom rechts, bevestigd met EMG.",
            "Operatie onder lokale verdoving.",
        )
    visit = c.visit(start, "plastic", "Carpal tunnel release", problem=disease, minutes=40)
    if visit is not None:
        c.procedure("carpal-release", visit.start, visit=visit, problem=disease)
        c.resolve(disease, visit.start + 20 * DAY)
    c.visit(start + 12 * DAY, "plastic", "Stitches out")


@course("reconstruction", Facts("plastic", (36, 66), 3, sex="female", ward="gynaecology", admitted=0.3, since=3))
def reconstruction(c: Chart) -> None:
    """Breast reconstruction with the patient's own tissue, after an earlier mastectomy."""
    start = c.principal(5, c.when(1.5))
    earlier = c.problem("breast-cancer", start - 900 * DAY, resolved=start - 500 * DAY, remembered=True)
    disease = c.problem("breast-absence", start - 880 * DAY, remembered=True)
    first = c.visit(start - 90 * DAY, "plastic", problem=disease, first=True, minutes=40)
    if first is not None:
        c.vitals(first.start, "bp", "height", "weight", "bmi", visit=first)
        c.imaging("ct-abdomen", first.start + 10 * DAY, "Good perforators on both sides of the umbilicus.")
    preoperative(c, start - 25 * DAY, asa=2)
    stay = c.admit(start, 5, "gynaecology", "Breast reconstruction", problem=disease, source="elective", principal=True)
    operation(
        c,
        stay,
        "breast-reconstruction",
        disease,
        None if stay is None else stay.start + HOUR,
        department="plastic",
        pain=4,
        inflammation=3,
        blood_loss=1.0,
    )
    ward_care(c, stay, every=1, rounds=4)
    if stay is not None:
        c.discharge(stay, "Borstreconstructie met DIEP-lap, vitale lap.", "Wondcontrole over een week.")
        c.visit(stay.end + 9 * DAY, "plastic", "Wound", problem=disease)
        c.visit(stay.end + 90 * DAY, "plastic", "After reconstruction", problem=disease)
        c.body.push("pain", step(stay.end, 1, over=10, end=stay.end + 60 * DAY))
    if earlier.ref and first is not None:
        c.letter(
            first.end + HOUR,
            first,
            "Wens tot reconstructie na mastectomie wegens mammacarcinoom.",
            "Akkoord voor DIEP-lapreconstructie.",
        )


@course("diverticulitis", Facts("surgery", (48, 86), 5, ward="surgery", admitted=0.35, mortality=0.1, since=2))
def diverticulitis(c: Chart) -> None:
    """A perforated sigmoid: operation at night, a stoma, some days of intensive care, and for most the bowel joined again."""
    start = c.principal(10, c.when(1.6))
    disease = c.problem("diverticulitis", start - 8 * HOUR, severity="severe", resolved=start + 60 * DAY)
    slow = 2000.0 if c.dead else 70.0
    c.body.push("inflammation", pulse(start - 30 * HOUR, c.rng.uniform(6.3, 7.8), rise=34, half=slow))
    c.body.push("gfr", pulse(start - 12 * HOUR, -c.rng.uniform(15, 35), rise=24, half=90 if not c.dead else 2000))
    c.body.push("pain", pulse(start - 30 * HOUR, 8, rise=20, half=26))
    door, stay = c.emergency_admission(start, 10, "surgery", "Severe pain in the left lower abdomen, fever", problem=disease, principal=True,
                                       icu=(0.2, c.rng.uniform(1.5, 3.5)))  # fmt: skip
    if door is not None:
        c.vitals(door.start + 240, "bp", "hr", "rr", "temp", "spo2", "pain", visit=door)
        c.labs(door.start + 600, "fbc", "crp", "renal", "lytes", "gas", "coag", visit=door, hours=0.6)
        c.imaging("ct-abdomen", door.start + HOUR, "Free air and fluid, thickened sigmoid with diverticula: perforation, Hinchey III.",
                  visit=door, hours=0.5)  # fmt: skip
    if stay is None:
        return
    c.prescribe("ceftriaxone", stay.start, stay.start + 7 * DAY, visit=stay, problem=disease, inpatient=True)
    c.prescribe("metronidazole", stay.start, stay.start + 7 * DAY, visit=stay, problem=disease, inpatient=True)
    done = operation(c, stay, "hartmann", disease, stay.start + HOUR, department="surgery", pain=5, inflammation=1.8, blood_loss=0.7,
                     antibiotic=False, note="Purulent peritonitis, washed; end colostomy on the left.")  # fmt: skip
    if done is not None:
        c.pathology(stay.start + 4 * HOUR, "Sigmoid: diverticulitis with perforation, no malignancy.", visit=stay, problem=disease,
                    site="sigmoid", days=6)  # fmt: skip
        c.culture("wound", stay.start + 2 * HOUR, "e-coli", visit=stay)
        c.problem("colostomy", stay.start + 3 * HOUR, visit=stay)
    if stay.icu is not None:
        c.prescribe(
            "norepinephrine", stay.icu[0] + HOUR, stay.icu[0] + 30 * HOUR, visit=stay, problem=disease, inpatient=True
        )
        c.body.push("tone", step(stay.icu[0] + HOUR, 12, end=stay.icu[0] + 30 * HOUR))
    ward_care(c, stay, labs=("fbc", "renal", "lytes", "crp"), every=1)
    if c.dead:
        c.flag("no-resuscitation", max(stay.start, stay.end - DAY), visit=stay)
        return
    c.discharge(
        stay,
        "Geperforeerde diverticulitis, Hartmannprocedure met eindstandig colostoma.",
        "Stomaverpleegkundige, coloscopie na zes weken.",
    )
    _joined_again(c, disease, stay.end)


def _joined_again(c: Chart, disease: Problem, home: int) -> None:
    """Half a year later: a colonoscopy, and the stoma closed in those who are fit enough."""
    nurse = c.visit(home + 12 * DAY, "surgery", "Stoma nurse", problem=disease)
    if nurse is not None:
        c.vitals(nurse.start, "weight", "pain", visit=nurse)
    scope = c.visit(home + 60 * DAY, "gastroenterology", "Colonoscopy through the stoma", problem=disease, minutes=50)
    if scope is not None:
        c.procedure("colonoscopy", scope.start, visit=scope, problem=disease, note="Diverticula, no polyps or tumour.")
    if c.age(home) > 80 or not c.chance(0.7):
        c.visit(home + 200 * DAY, "surgery", "Stoma, no operation wanted", problem=disease)
        return
    begin = home + c.rng.randrange(150, 240) * DAY
    preoperative(c, begin - 25 * DAY, asa=3)
    second = c.admit(c.morning(begin), 6, "surgery", "Closure of the stoma", problem=disease, source="elective")
    done = operation(
        c,
        second,
        "stoma-reversal",
        disease,
        None if second is None else second.start + HOUR,
        pain=4,
        inflammation=2.8,
        blood_loss=0.4,
    )
    if second is None:
        return
    for stoma in c.problems:
        if stoma.key == "colostomy" and done is not None:
            c.resolve(stoma, second.start + 4 * HOUR)
    ward_care(c, second, every=2)
    c.discharge(second, "Opheffen van het colostoma, naad intact.", "Controle na zes weken.")
    c.visit(second.end + 42 * DAY, "surgery", "After closure of the stoma", problem=disease)


@course("obesity-surgery", Facts("surgery", (24, 62), 4, ward="surgery", admitted=0.1, since=4, with_others=False))
def obesity_surgery(c: Chart) -> None:
    """A gastric bypass: months of preparation, two days in hospital, a third of the weight gone, vitamins for life."""
    surgery = c.principal(2.2, c.when(2.6))
    start = surgery - c.rng.randrange(170, 260) * DAY
    disease = c.problem("obesity", start - 8 * YEAR, remembered=True, severity="severe")
    c.body.push("bmi", constant(c.rng.uniform(16, 22)))
    c.body.push("tone", constant(12))
    sugar = c.chance(0.35)
    if sugar:
        c.problem("diabetes2", start - 3 * YEAR, remembered=True)
        c.body.push("glycaemia", constant(c.rng.uniform(22, 34)))
        c.prescribe("metformin", start - 200 * DAY)
    first = c.visit(start, "surgery", "Wants an operation for obesity", problem=disease, first=True, minutes=40)
    if first is None:
        return
    c.vitals(first.start, "bp", "hr", "height", "weight", "bmi", visit=first)
    c.labs(first.start, "fbc", "renal", "liver", "lipids", "hba1c", "iron", "vitamins", "vitd", "thyroid", visit=first)
    c.plan("Before and after the bypass", first.start, ["Six meals a day, small", "Dietitian every month", "Swim twice a week", "Stop smoking"],
           problem=disease, goals=[c.goal("Lose 30 kg", first.start, problem=disease, months=24, status="improving")], visit=first)  # fmt: skip
    screen = c.visit(start + 40 * DAY, "psychiatry", "Assessment before obesity surgery", minutes=45)
    if screen is not None:
        c.phq9(screen.start, c.rng.randint(1, 8), screen)
    preoperative(c, surgery - 25 * DAY)
    stay = c.admit(surgery, 2.2, "surgery", "Gastric bypass", problem=disease, source="elective", principal=True)
    done = operation(
        c,
        stay,
        "gastric-bypass",
        disease,
        None if stay is None else stay.start + 3 * HOUR,
        pain=3,
        inflammation=2,
        blood_loss=0.2,
    )
    ward_care(c, stay, labs=("fbc", "crp"), every=1)
    if stay is None:
        return
    c.discharge(
        stay, "Laparoscopische gastric bypass, ongecompliceerd.", "Vloeibaar dieet twee weken, levenslang vitamines."
    )
    if done is None:
        return
    for days, loss in ((90, -6.0), (365, -6.5), (600, -1.5)):
        c.body.push("bmi", ramp(stay.end, stay.end + days * DAY, loss * c.rng.uniform(0.85, 1.1)))
    c.body.push("bmi", drift(stay.end + 2 * YEAR, 0.4, 2))
    c.body.push("tone", ramp(stay.end, stay.end + 300 * DAY, -9))
    c.body.push("iron", drift(stay.end, 0.12, 0.4))
    if sugar:
        c.body.push("glycaemia", ramp(stay.end, stay.end + 150 * DAY, -16))
        c.stop(c.on("metformin", stay.end), stay.end + 40 * DAY, "No longer needed")
    c.prescribe("multivitamin", stay.end, problem=disease)
    c.prescribe("calcium-d", stay.end, problem=disease)
    c.prescribe("ursodeoxycholate", stay.end, stay.end + 180 * DAY, problem=disease)
    c.prescribe("pantoprazole", stay.end, stay.end + 90 * DAY, problem=disease)
    for visit in follow_up(c, stay.end + 45 * DAY, "surgery", disease, months=5, vitals=("bp", "weight"),
                           labs=("fbc", "iron", "vitamins", "vitd", "hba1c", "renal"), story="Gewichtsverlies volgens verwachting."):  # fmt: skip
        if c.body.at(visit.start).true("ferritin") < 15:
            c.prescribe("ferrous-fumarate", visit.start, visit.start + 120 * DAY, visit=visit, problem=disease)


@course("claudication", Facts("surgery", (56, 86), 5, ward="vascular", admitted=0.35, mortality=0.06, since=4))
def claudication(c: Chart) -> None:
    """Arteries of the legs: walking under supervision first, a balloon later; for some a foot that does not heal."""
    c.person.smoking = "current" if c.chance(0.5) else "former"
    start = c.when(c.rng.uniform(1.5, 4))
    disease = c.problem("peripheral-artery", start, stage="Fontaine IIb")
    c.body.push("ldl", constant(0.3))
    c.body.push("tone", constant(12))
    index, metres = c.rng.uniform(0.55, 0.75), c.rng.uniform(90, 200)
    first = c.visit(start, "surgery", "Pain in the calf when walking", problem=disease, first=True)
    if first is None:
        return
    c.vitals(first.start, "bp", "hr", "weight", visit=first)
    c.labs(first.start - HOUR, "lipids", "renal", "hba1c", "fbc", visit=first)
    c.score("ankle-brachial", first.start, index, first)
    c.score("walking", first.start, metres, first)
    c.imaging(
        "us-leg",
        first.start + HOUR,
        "Occlusion of 8 cm of the left superficial femoral artery.",
        visit=first,
        hours=0.6,
    )
    c.prescribe("clopidogrel", first.start, visit=first, problem=disease)
    c.stop(c.on("simvastatin", first.start), first.start, "Replaced by atorvastatin")
    c.prescribe("atorvastatin", first.start, visit=first, problem=disease)
    c.letter(
        first.end + HOUR,
        first,
        "Claudicatio intermittens links, enkel-armindex verlaagd.",
        "Looptraining, stoppen met roken, clopidogrel en statine.",
    )
    for week in range(5):
        session = c.visit(
            start + (20 + 12 * week) * DAY, "rehabilitation", "Supervised walking", problem=disease, minutes=30
        )
        if session is not None:
            metres *= c.rng.uniform(1.05, 1.2)
            c.procedure("walking-exercise", session.start, visit=session, problem=disease)
            c.score("walking", session.start, min(480, metres), session)
    if c.chance(0.4):
        day = c.admit(
            c.morning(c.clinic(start + 180 * DAY), 8, 30),
            0.4,
            "day-surgery",
            "Balloon in the leg artery",
            problem=disease,
            source="elective",
        )
        if day is not None:
            c.procedure(
                "leg-angioplasty", day.start + HOUR, visit=day, problem=disease, outcome="Good flow to the foot"
            )
            c.vitals(day.start + 4 * HOUR, "bp", "hr", "pain", visit=day)
            c.discharge(
                day,
                "Dotterbehandeling van de arteria femoralis superficialis.",
                "Controle met enkel-armindex na zes weken.",
            )
            index = min(0.98, index + 0.25)
    for visit in follow_up(
        c, start + 230 * DAY, "surgery", disease, months=10, labs=("lipids", "renal"), vitals=("bp",)
    ):
        index = max(0.4, index - c.rng.uniform(0, 0.04))
        c.score("ankle-brachial", visit.start, index, visit)
    if c.bed is not None or c.dead:
        _threatened_leg(c)


def _threatened_leg(c: Chart) -> None:
    """A black toe: wound cultured, a bypass to the knee, the toe removed."""
    start = c.principal(9)
    foot = c.problem("foot-ulcer", start - 20 * DAY, stage="Fontaine IV")
    c.body.push("inflammation", pulse(start - 4 * DAY, 4.2, rise=80, half=90 if not c.dead else 1500))
    c.body.push("pain", pulse(start - 10 * DAY, 5.5, rise=100, half=200))
    stay = c.admit(start, 9, "vascular", "Painful foot with a black toe", problem=foot, principal=True)
    if stay is None:
        return
    c.culture("wound", stay.start + HOUR, "aureus", visit=stay)
    c.score("ankle-brachial", stay.start + 2 * HOUR, 0.31, stay)
    c.imaging(
        "us-leg", stay.start + 3 * HOUR, "Occluded femoral artery, open popliteal artery below the knee.", visit=stay
    )
    c.prescribe("flucloxacillin", stay.start + 2 * HOUR, stay.end, visit=stay, problem=foot, inpatient=True)
    c.prescribe("oxycodone", stay.start + 2 * HOUR, stay.end, visit=stay, problem=foot, inpatient=True)
    operation(
        c,
        stay,
        "leg-bypass",
        foot,
        c.morning(stay.start + DAY, 9),
        department="surgery",
        pain=4,
        inflammation=2.4,
        blood_loss=0.7,
    )
    moment = c.morning(stay.start + 4 * DAY, 13)
    if moment < stay.end:
        c.procedure("toe-amputation", moment, visit=stay, problem=foot, department="surgery")
    ward_care(c, stay, every=1)
    c.discharge(
        stay,
        "Kritieke ischemie, femoropopliteale bypass en teenamputatie.",
        "Wondpolikliniek wekelijks, duplex na zes weken.",
    )
    for days in (8, 20, 42):
        visit = c.visit(stay.end + days * DAY, "surgery", "Wound of the foot", problem=foot)
        if visit is not None:
            c.procedure("wound-care", visit.start, visit=visit, problem=foot)
