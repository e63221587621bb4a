"""Bones and joints that are operated: hip fracture, hip and knee replacement."""

from __future__ import annotations

from bedside.demo.body.effects import pulse, step
from bedside.demo.chart.chart import Chart
from bedside.demo.clock import DAY, HOUR, YEAR
from bedside.demo.courses.pathways import follow_up, operation, preoperative, ward_care
from bedside.demo.courses.registry import Facts, course


@course("hip-fracture", Facts("orthopaedics", (68, 96), 8, ward="orthopaedics", admitted=0.45, mortality=0.12, since=2))
def hip_fracture(c: Chart) -> None:
    """A broken hip: operated within a day, delirium looms, osteoporosis treated, a third goes to rehabilitation."""
    start = c.principal(8, c.when(1.4))
    disease = c.problem("hip-fracture", start - 4 * HOUR, resolved=start + 200 * DAY)
    c.body.push("pain", pulse(start - 4 * HOUR, 7, rise=1, half=60))
    c.body.push("bleed", pulse(start - 4 * HOUR, 0.9, rise=20, half=260))
    if c.dead:
        c.body.push("inflammation", step(c.end - 3 * DAY, 6, over=24))
    door, stay = c.emergency_admission(start, 8, "orthopaedics", "Fell at home, cannot stand", problem=disease,
                                       to=c.rng.choice(("home", "rehab", "rehab", "long")), principal=True)  # fmt: skip
    if door is not None:
        c.vitals(door.start + 240, "bp", "hr", "temp", "spo2", "pain", visit=door)
        c.imaging("hip-xray", door.start + 1800, "Displaced fracture of the left femoral neck.", visit=door, hours=0.5)
        c.labs(door.start + 900, "fbc", "renal", "lytes", "coag", "glucose", visit=door, hours=0.8)
        c.procedure("nerve-block", door.start + HOUR, visit=door, department="emergency", problem=disease)
    if stay is None:
        return
    done = operation(
        c,
        stay,
        "hip-hemiarthroplasty",
        disease,
        stay.start + c.rng.randrange(10, 22) * HOUR,
        pain=3,
        inflammation=3.4,
        blood_loss=1.0,
        spinal=True,
    )
    c.implant("Hip prosthesis", "Coxa hemiprosthesis", stay.start, done)
    c.score("barthel", stay.start + 3 * DAY, c.rng.randint(6, 13), stay)
    ward_care(c, stay, labs=("fbc", "renal", "lytes", "crp"), every=2)
    c.problem("osteoporosis", stay.start, visit=stay)
    c.prescribe("calcium-d", stay.start + 2 * DAY, visit=stay)
    c.prescribe("alendronate", stay.start + 5 * DAY, visit=stay)
    c.discharge(
        stay,
        "Mediale collumfractuur links, kophalsprothese.",
        "Belast mobiliseren, botdichtheidsmeting, controle na zes weken.",
    )
    after = c.visit(stay.end + 42 * DAY, "orthopaedics", "After hip fracture", problem=disease)
    if after is not None:
        c.imaging("hip-xray", after.start - HOUR, "Prosthesis in good position.", visit=after, hours=0.5)
        c.vitals(after.start, "pain", visit=after)
    for week in range(4):
        session = c.visit(
            stay.end + (20 + 10 * week) * DAY, "rehabilitation", "Walking after hip fracture", problem=disease
        )
        if session is not None:
            c.procedure("rehabilitation", session.start, visit=session)


@course("joint-replacement", Facts("orthopaedics", (55, 85), 9, ward="orthopaedics", admitted=0.2, since=3))
def joint_replacement(c: Chart) -> None:
    """A worn hip or knee: waiting, the operation, two days in hospital, scores that tell if it helped."""
    hip = c.chance(0.55)
    start = c.principal(2.5, c.when(2))
    disease = c.problem("hip-arthrosis" if hip else "knee-arthrosis", start - 2 * YEAR, remembered=True)
    c.body.push("pain", step(start - YEAR, 4.2, over=3000, end=start + 50 * DAY))
    first = c.visit(start - 120 * DAY, "orthopaedics", problem=disease, first=True)
    if first is not None:
        c.vitals(first.start, "bp", "height", "weight", "bmi", "pain", visit=first)
        c.imaging(
            "hip-xray" if hip else "knee-xray",
            first.start - HOUR,
            "Severe loss of joint space, osteophytes.",
            visit=first,
            hours=0.5,
        )
        c.score("hip-score", first.start, c.rng.randint(25, 45), first)
        c.letter(
            first.end + HOUR,
            first,
            f"{'Coxartrose' if hip else 'Gonartrose'}, conservatief uitbehandeld.",
            "Op de wachtlijst voor een prothese.",
        )
    preoperative(c, start - 25 * DAY)
    stay = c.admit(start, 2.5, "orthopaedics", "Joint replacement", problem=disease, source="elective", principal=True)
    if stay is None:
        return
    key = "hip-replacement" if hip else "knee-replacement"
    done = operation(
        c, stay, key, disease, stay.start + 3 * HOUR, pain=4, inflammation=3.2, blood_loss=0.9, spinal=c.chance(0.6)
    )
    c.implant(
        "Hip prosthesis" if hip else "Knee prosthesis",
        "Coxa total hip" if hip else "Genua total knee",
        stay.start,
        done,
    )
    c.prescribe("oxycodone", stay.start + 8 * HOUR, stay.start + 10 * DAY, visit=stay, problem=disease)
    ward_care(c, stay, labs=("fbc", "crp", "lytes"), every=1)
    c.discharge(
        stay, f"Totale {'heup' if hip else 'knie'}prothese, ongecompliceerd.", "Fysiotherapie, controle na zes weken."
    )
    for index, visit in enumerate(
        follow_up(
            c, stay.end + 42 * DAY, "orthopaedics", disease, months=6, vitals=("pain",), stop=stay.end + 500 * DAY
        )
    ):
        c.score("hip-score", visit.start, min(98, c.rng.randint(62, 75) + 10 * index), visit)
        if index == 0:
            c.resolve(disease, visit.start)
            c.imaging(
                "hip-xray" if hip else "knee-xray",
                visit.start - HOUR,
                "Prosthesis in good position.",
                visit=visit,
                hours=0.5,
            )
