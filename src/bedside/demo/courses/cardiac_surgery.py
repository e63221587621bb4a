"""Heart surgery and great vessels: bypass operation, aortic valve, aneurysm and arteries of the legs."""

from __future__ import annotations

from bedside.demo.body.effects import constant, pulse
from bedside.demo.chart.chart import Chart
from bedside.demo.clock import DAY, HOUR
from bedside.demo.courses.pathways import follow_up, operation, preoperative, ward_care
from bedside.demo.courses.registry import Facts, course


@course(
    "heart-operation",
    Facts("cardiothoracic", (52, 82), 6, ward="cardiothoracic", admitted=0.4, mortality=0.05, since=3),
)
def heart_operation(c: Chart) -> None:
    """Bypass operation or aortic valve replacement: a night in intensive care, drains out, home in a week."""
    start = c.principal(7, c.when(2.5))
    valve = c.chance(0.45)
    disease = c.problem("aortic-stenosis" if valve else "coronary-disease", start - 60 * DAY, severity="severe")
    first = c.visit(start - 45 * DAY, "cardiothoracic", problem=disease, first=True)
    if first is not None:
        c.vitals(first.start, "bp", "hr", "spo2", "height", "weight", "bmi", visit=first)
        c.imaging(
            "angiography",
            first.start - 10 * DAY,
            "No coronary stenoses." if valve else "Three-vessel disease with a stenosis of the left main stem.",
        )
        c.imaging(
            "echo",
            first.start - 12 * DAY,
            "Aortic valve area 0.7 cm2, mean gradient 52 mmHg." if valve else "Ejection fraction 50%.",
        )
        c.letter(first.end + HOUR, first, "Besproken in het hartteam; operatie-indicatie gesteld.", "Opname volgt.")
    preoperative(c, start - 16 * DAY, asa=3)
    stay = c.admit(
        start,
        7,
        "cardiothoracic",
        "Heart operation",
        problem=disease,
        source="elective",
        principal=True,
        icu=(0.35, 1.5),
    )
    if stay is None:
        return
    key = "valve-replacement" if valve else "cabg"
    done = operation(c, stay, key, disease, stay.start + 2 * HOUR, pain=5, inflammation=5.2, blood_loss=1.7)
    if valve:
        c.implant("Aortic valve prosthesis", "Valvula bioprosthesis 23 mm", stay.start, done)
    c.body.push("cardiac", pulse(stay.start + 3 * HOUR, 3.8, rise=10, half=26))
    c.procedure("transfusion", stay.start + 8 * HOUR, visit=stay, problem=disease, note="2 units of red cells")
    c.prescribe("aspirin", stay.start + DAY, visit=stay, problem=disease)
    c.prescribe("metoprolol", stay.start + DAY, visit=stay, problem=disease)
    c.prescribe("atorvastatin", stay.start + DAY, visit=stay, problem=disease)
    ward_care(c, stay, labs=("fbc", "renal", "lytes", "crp", "troponin"), every=1, rounds=4)
    if c.chance(0.3):
        c.problem("atrial-fibrillation", stay.start + 2 * DAY, visit=stay, resolved=stay.start + 12 * DAY)
    c.discharge(
        stay,
        "Aortaklepvervanging met bioprothese." if valve else "Coronaire bypassoperatie, drie grafts.",
        "Hartrevalidatie, zes weken niet tillen.",
    )
    for week in range(4):
        session = c.visit(stay.end + (30 + 8 * week) * DAY, "rehabilitation", "Cardiac rehabilitation", problem=disease)
        if session is not None:
            c.procedure("rehabilitation", session.start, visit=session)
            c.vitals(session.start, "bp", "hr", visit=session)
    for index, visit in enumerate(
        follow_up(c, stay.end + 45 * DAY, "cardiothoracic", disease, months=8, labs=("fbc", "renal", "lipids"))
    ):
        if valve and index % 2 == 1:
            c.imaging("echo", visit.start - DAY, "Good function of the valve prosthesis.", visit=visit)


@course("arteries", Facts("surgery", (58, 84), 5, ward="vascular", admitted=0.4, mortality=0.06, since=4))
def arteries(c: Chart) -> None:
    """An aneurysm of the aorta that grows to 56 mm and is repaired, with arteries of the legs to match."""
    c.person.smoking = "former" if c.chance(0.6) else "current"
    start = c.principal(3, c.when(2))
    disease = c.problem("aortic-aneurysm", start - 900 * DAY)
    legs = c.problem("peripheral-artery", start - 600 * DAY)
    c.body.push("tone", constant(10))
    c.body.push("ldl", constant(0.25))
    size = 45
    for back in (880, 620, 380, 160, 30):
        visit = c.visit(start - back * DAY, "surgery", "Aneurysm: ultrasound", problem=disease)
        if visit is not None:
            c.imaging(
                "us-abdomen",
                visit.start - HOUR,
                f"Aneurysm of the infrarenal aorta, {size} mm.",
                visit=visit,
                hours=0.4,
            )
            c.vitals(visit.start, "bp", "hr", visit=visit)
        size += 2 if back > 200 else 4
    c.prescribe("clopidogrel", start - 600 * DAY, problem=legs)
    c.prescribe("atorvastatin", start - 600 * DAY, problem=legs)
    preoperative(c, start - 18 * DAY, asa=3)
    stay = c.admit(
        start, 3, "vascular", "Endovascular repair of an aneurysm", problem=disease, source="elective", principal=True
    )
    if stay is None:
        return
    done = operation(
        c,
        stay,
        "aneurysm-repair",
        disease,
        stay.start + 3 * HOUR,
        department="surgery",
        pain=2,
        inflammation=2.4,
        blood_loss=0.4,
    )
    c.implant("Aortic endograft", "Aortaflex endograft", stay.start, done)
    ward_care(c, stay, every=1)
    c.discharge(
        stay, "Endovasculaire behandeling van een AAA van 56 mm.", "CT-angiografie na zes weken, daarna jaarlijks."
    )
    for visit in follow_up(c, stay.end + 42 * DAY, "surgery", disease, months=10, labs=("renal",)):
        c.imaging("ct-abdomen", visit.start - 2 * DAY, "Endograft in place, no endoleak.", visit=visit)
