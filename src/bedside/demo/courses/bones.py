"""Bones: hip fracture, hip and knee replacement with what can go wrong, osteoporosis, scoliosis."""

from __future__ import annotations

from bedside.demo.body.effects import constant, pulse, step
from bedside.demo.chart.chart import Chart
from bedside.demo.chart.core import Visit
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
        c.imaging("dxa", after.start + 30 * DAY, "Low bone density of hip and lumbar spine.")
        c.score("bone-density", after.start + 30 * DAY, c.rng.uniform(-3.9, -2.5))
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
    if not stay.open and c.chance(0.08):
        _infection(c, stay, "heup" if hip else "knie")
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


def _infection(c: Chart, before: Visit, place: str) -> None:
    """An early infection of the prosthesis: opened and washed, the prosthesis stays, antibiotics for three months."""
    start = before.end + c.rng.randrange(10, 18) * DAY + 5 * HOUR
    trouble = c.problem("prosthetic-infection", start, severity="severe", resolved=start + 100 * DAY)
    c.body.push("inflammation", pulse(start - 2 * DAY, 5.2, rise=40, half=90))
    c.body.push("pain", pulse(start - 2 * DAY, 4, rise=30, half=90))
    door, stay = c.emergency_admission(
        start, 12, "orthopaedics", "Leaking wound and fever after joint replacement", problem=trouble
    )
    if door is not None:
        c.vitals(door.start + 240, "bp", "hr", "temp", "spo2", "pain", visit=door)
        c.labs(door.start + 600, "fbc", "crp", "renal", "lytes", visit=door, hours=0.8)
    if stay is None:
        return
    bug = c.rng.choice(("aureus", "epidermidis"))
    operation(c, stay, "prosthesis-debridement", trouble, stay.start + 5 * HOUR, pain=4, inflammation=1.5, blood_loss=0.5,
              antibiotic=False, note="Mobile parts exchanged, six tissue samples.")  # fmt: skip
    c.culture("wound", stay.start + 6 * HOUR, bug, visit=stay)
    drug = "flucloxacillin" if bug == "aureus" else "vancomycin"
    c.prescribe(drug, stay.start + 7 * HOUR, stay.end, visit=stay, problem=trouble, inpatient=True)
    c.prescribe(
        "rifampicin",
        stay.start + 5 * DAY,
        stay.start + 90 * DAY,
        visit=stay,
        problem=trouble,
        dose=450,
        frequency="2/d",
    )
    c.prescribe("ciprofloxacin", stay.end, stay.start + 90 * DAY, problem=trouble, dose=750)
    ward_care(c, stay, labs=("fbc", "renal", "lytes", "crp", "liver"), every=2)
    c.discharge(
        stay,
        f"Vroege infectie van de {place}prothese, debridement met behoud van de prothese.",
        "Drie maanden antibiotica, wekelijks CRP.",
    )
    for week in (1, 3, 6, 12):
        visit = c.visit(stay.end + week * 7 * DAY, "infectious", problem=trouble)
        if visit is not None:
            c.labs(visit.start - HOUR, "crp", "fbc", "liver", "renal", visit=visit)


@course("osteoporosis", Facts("endocrinology", (58, 88), 4, sex="female", since=4))
def osteoporosis(c: Chart) -> None:
    """Osteoporosis found after a fracture: bone density, causes looked for, tablets or a yearly infusion, DXA again."""
    start = c.when(c.rng.uniform(1, 4))
    spine = c.chance(0.45)
    broken = c.problem("vertebral-fracture" if spine else "wrist-fracture", start - 60 * DAY, resolved=start + 40 * DAY)
    c.body.push("pain", pulse(start - 60 * DAY, 6, rise=1, half=240))
    c.body.push("vitd", constant(-c.rng.uniform(8, 24)))
    disease = c.problem("osteoporosis", start)
    first = c.visit(start, "endocrinology", "Fracture clinic: bone density", problem=disease, first=True, minutes=40)
    if first is None:
        return
    density = c.rng.uniform(-3.8, -2.5)
    c.vitals(first.start, "bp", "height", "weight", "bmi", "pain", visit=first)
    c.labs(first.start, "bone", "fbc", "renal", "lytes", "thyroid", "alp", "esr", visit=first)
    c.imaging(
        "dxa", first.start - HOUR, f"T-score of the femoral neck {density:.1f}: osteoporosis.", visit=first, hours=0.5
    )
    c.score("bone-density", first.start, density, first)
    if spine:
        c.imaging(
            "spine-xray", first.start - 2 * HOUR, "Wedge fracture of L1, height loss 35%.", visit=first, hours=0.5
        )
    c.prescribe("calcium-d", first.start, visit=first, problem=disease)
    c.prescribe("colecalciferol", first.start, visit=first, problem=disease)
    infusion = c.chance(0.35)
    if not infusion:
        c.prescribe("alendronate", first.start, int(first.start + 5 * YEAR), visit=first, problem=disease)
    c.plan("Strong bones", first.start, ["Walk half an hour every day", "Four portions of dairy a day", "Loose rugs removed"], problem=disease,
           goals=[c.goal("No new fracture", first.start, problem=disease)], visit=first)  # fmt: skip
    c.letter(first.end + HOUR, first, f"Osteoporose na {'wervel' if spine else 'pols'}fractuur, laagste T-score {density:.1f}.",
             "Behandeling vijf jaar, valpreventie.")  # fmt: skip
    c.episode("endocrinology", disease, start)
    for index, visit in enumerate(follow_up(c, start + 120 * DAY, "endocrinology", disease, months=11, labs=("bone", "renal"),
                                            vitals=("height", "weight"), story="Osteoporose, geen nieuwe fracturen.")):  # fmt: skip
        if infusion:
            c.prescribe("zoledronate", visit.start + HOUR, visit.start + DAY, visit=visit, problem=disease)
        if index % 2 == 1:
            density += c.rng.uniform(0.0, 0.4)
            c.imaging("dxa", visit.start - HOUR, f"T-score {density:.1f}, better than before.", visit=visit, hours=0.5)
            c.score("bone-density", visit.start, density, visit)
    c.resolve(broken, start + 40 * DAY)


@course(
    "scoliosis",
    Facts("orthopaedics", (12.5, 19), 3, sex="female", ward="orthopaedics", admitted=0.3, since=4, with_others=False),
)
def scoliosis(c: Chart) -> None:
    """Scoliosis of a growing girl: the angle twice a year, a brace, and for curves beyond 45 degrees an operation."""
    surgery = c.principal(6, c.when(1.5, 0.05))
    worse = c.bed is not None or c.chance(0.4)
    latest = surgery - 200 * DAY if worse else c.end - 200 * DAY
    start = min(latest, max(c.person.birth + 10 * YEAR, surgery - c.rng.randrange(500, 900) * DAY))
    disease = c.problem("scoliosis", start)
    angle, rise = c.rng.uniform(20, 30), (c.rng.uniform(16, 22) if worse else c.rng.uniform(1, 6))
    first = c.visit(start, "orthopaedics", "One shoulder blade stands out", problem=disease, first=True)
    if first is None:
        return
    final = surgery if worse else c.end

    def cobb(moment: int) -> float:
        return angle + rise * min(1.0, (moment - start) / max(DAY, final - start))

    def picture(visit: Visit) -> None:
        degrees = round(cobb(visit.start))
        c.vitals(visit.start, "height", "weight", visit=visit)
        c.imaging(
            "spine-xray", visit.start - HOUR, f"Right thoracic curve of {degrees} degrees.", visit=visit, hours=0.4
        )
        c.score("cobb", visit.start, degrees, visit)

    picture(first)
    brace = c.visit(start + 40 * DAY, "orthopaedics", "Fitting of the brace", problem=disease, minutes=40)
    if brace is not None:
        c.procedure("brace", brace.start, visit=brace, problem=disease, note="To be worn 20 hours a day.")
    for visit in follow_up(c, start + 180 * DAY, "orthopaedics", disease, months=5.5, vitals=(), stop=surgery - 60 * DAY if worse else None,
                           story="Scoliose, hoek gemeten. Brace wordt gedragen."):  # fmt: skip
        picture(visit)
    if not worse:
        return
    preoperative(c, surgery - 30 * DAY, asa=1)
    stay = c.admit(
        surgery,
        6,
        "orthopaedics",
        "Correction of scoliosis",
        problem=disease,
        source="elective",
        principal=True,
        icu=(0.4, 1.3),
    )
    if stay is None:
        return
    done = operation(c, stay, "spinal-fusion", disease, stay.start + HOUR, pain=6, inflammation=3.6, blood_loss=1.6,
                     note=f"Fusion T4 to L1, spinal cord signals unchanged, curve {cobb(surgery):.0f} to 18 degrees.")  # fmt: skip
    c.implant("Spinal rods and pedicle screws", "Columna fusion system", stay.start, done)
    c.prescribe("paracetamol", stay.start + 8 * HOUR, stay.end, visit=stay, inpatient=True)
    ward_care(c, stay, labs=("fbc", "lytes", "crp"), every=1, rounds=4)
    c.discharge(
        stay,
        "Posterieure scoliosecorrectie T4 tot L1, neurologisch intact.",
        "Zes maanden niet sporten, controle met foto.",
    )
    for visit in follow_up(
        c, stay.end + 42 * DAY, "orthopaedics", disease, months=6, vitals=("height", "pain"), letters=0.15
    ):
        c.imaging(
            "spine-xray", visit.start - HOUR, "Rods in place, residual curve of 18 degrees.", visit=visit, hours=0.4
        )
        c.score("cobb", visit.start, 18, visit)
