"""General and plastic surgery: appendicitis, gallstones, hernia, carpal tunnel, burns, breast reconstruction."""

from __future__ import annotations

from bedside.demo.body.effects import pulse, step
from bedside.demo.chart.chart import Chart
from bedside.demo.clock import DAY, HOUR
from bedside.demo.courses.pathways import operation, preoperative, ward_care
from bedside.demo.courses.registry import Facts, course


@course("appendicitis", Facts("surgery", (8, 55), 8, ward="surgery", admitted=0.3, since=2, with_others=False))
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


@course("gallstones", Facts("surgery", (28, 78), 7, ward="surgery", admitted=0.25, since=2))
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


@course("hernia", Facts("surgery", (20, 82), 5, sex="male", since=1.5))
def hernia(c: Chart) -> None:
    """Inguinal hernia: day surgery."""
    start = c.when(c.rng.uniform(0.2, 1.4))
    disease = c.problem("inguinal-hernia", start - 100 * DAY)
    first = c.visit(start - 50 * DAY, "surgery", problem=disease, first=True)
    if first is not None:
        c.vitals(first.start, "bp", "hr", "weight", visit=first)
    preoperative(c, start - 18 * DAY)
    stay = c.admit(c.clinic(start), 0.3, "day-surgery", "Hernia repair", problem=disease, source="elective")
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


@course("carpal-tunnel", Facts("plastic", (35, 75), 5, since=1.5))
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


@course("burns", Facts("plastic", (2, 70), 4, ward="gynaecology", admitted=0.3, since=1.5, with_others=False))
def burns(c: Chart) -> None:
    """Burns of 8% of the skin: dressings, a graft, therapy for the scar."""
    start = c.principal(8, c.when(1.2))
    disease = c.problem("burn", start - 3 * HOUR, severity="moderate")
    c.body.push("pain", pulse(start - 3 * HOUR, 7, rise=0.5, half=90))
    c.body.push("inflammation", pulse(start, 3.6, rise=40, half=100))
    child = c.age(start) < 16
    door, stay = c.emergency_admission(
        start,
        8,
        "paediatrics" if child and c.bed is None else "gynaecology",
        "Scald with hot water" if child else "Burn with hot oil",
        problem=disease,
        principal=True,
    )
    if door is not None:
        c.vitals(door.start + 200, "hr", "temp", "spo2", "pain", visit=door)
        c.prescribe("morphine", door.start + 600, visit=door, problem=disease, inpatient=True, end=door.start + 3 * DAY)
    if stay is None:
        return
    operation(
        c,
        stay,
        "skin-graft",
        disease,
        c.morning(stay.start + 4 * DAY, 10),
        department="plastic",
        pain=3,
        inflammation=1.2,
        blood_loss=0.4,
    )
    c.culture("wound", stay.start + 2 * DAY, c.rng.choice(("aureus", "")), visit=stay)
    ward_care(c, stay, labs=("fbc", "crp", "lytes"), every=3)
    c.discharge(
        stay, "Brandwonden 8% TVLO, deels diep; gesplitste huidtransplantatie.", "Littekenspreekuur, drukkleding."
    )
    for days in (14, 45, 120):
        visit = c.visit(stay.end + days * DAY, "plastic", "Scar after burn", problem=disease)
        if visit is not None:
            c.vitals(visit.start, "pain", visit=visit)


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
