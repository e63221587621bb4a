"""Accidents: broken wrists and ankles, wounds, concussion, and the one that ends in intensive care."""

from __future__ import annotations

from bedside.demo.body.effects import pulse, step
from bedside.demo.chart.chart import Chart
from bedside.demo.clock import DAY, HOUR
from bedside.demo.courses.pathways import operation, ward_care
from bedside.demo.courses.registry import Facts, course


@course("fracture", Facts("emergency", (6, 85), 9, since=1.5, with_others=False))
def fracture(c: Chart) -> None:
    """A broken wrist or ankle: X-ray, cast, two visits, done."""
    wrist = c.chance(0.6)
    start = c.when(c.rng.uniform(0.05, 1.3)) + c.rng.randrange(0, 9) * HOUR
    disease = c.problem("wrist-fracture" if wrist else "ankle-fracture", start - HOUR, resolved=start + 60 * DAY)
    picture = "wrist-xray" if wrist else "ankle-xray"
    c.body.push("pain", pulse(start - HOUR, 7, rise=0.5, half=70))
    door = c.emergency(
        start, "Fell on outstretched hand" if wrist else "Twisted ankle, cannot walk", problem=disease, hours=3
    )
    if door is None:
        return
    c.vitals(door.start + 300, "hr", "pain", *(("bp",) if c.age(start) > 12 else ()), visit=door)
    c.imaging(
        picture,
        door.start + 1800,
        "Fracture of the distal radius with slight dorsal angulation." if wrist else "Weber B fracture, not displaced.",
        visit=door,
        hours=0.5,
    )
    c.procedure("cast", door.start + 2 * HOUR, visit=door, problem=disease, department="emergency")
    c.prescribe("paracetamol", door.start + HOUR, door.start + 10 * DAY, visit=door, problem=disease)
    c.letter(
        door.end,
        door,
        f"{'Distale radiusfractuur' if wrist else 'Enkelfractuur'}, gipsbehandeling.",
        "Controle gipspolikliniek na een week.",
    )
    for days, words in ((7, "Position unchanged."), (35, "Fracture is healing.")):
        visit = c.visit(door.start + days * DAY, "orthopaedics", problem=disease)
        if visit is not None:
            c.imaging(picture, visit.start - HOUR, words, visit=visit, hours=0.4)
            c.vitals(visit.start, "pain", visit=visit)


@course("wound", Facts("emergency", (4, 75), 5, since=1, with_others=False))
def wound(c: Chart) -> None:
    """A cut hand: washed, stitched, tetanus."""
    start = c.when(c.rng.uniform(0.02, 0.9)) + c.rng.randrange(0, 9) * HOUR
    disease = c.problem("wound", start - HOUR, resolved=start + 14 * DAY, listed=False)
    door = c.emergency(start, "Cut in the hand", problem=disease, hours=2)
    if door is None:
        return
    c.vitals(door.start + 300, "hr", "pain", visit=door)
    c.procedure(
        "suture",
        door.start + HOUR,
        visit=door,
        problem=disease,
        department="emergency",
        note="Five stitches, tendons intact.",
    )
    if c.age(start) > 15:
        c.vaccinate("tetanus", door.start + HOUR, here=True)
    after = c.visit(start + 12 * DAY, "plastic", "Hand after injury", problem=disease)
    if after is not None:
        c.vitals(after.start, "pain", visit=after)


@course("concussion", Facts("emergency", (3, 60), 4, since=1, with_others=False))
def concussion(c: Chart) -> None:
    """A blow to the head: observed, CT when in doubt, home with advice."""
    start = c.when(c.rng.uniform(0.02, 0.8)) + c.rng.randrange(0, 9) * HOUR
    disease = c.problem("concussion", start - HOUR, resolved=start + 30 * DAY, listed=False)
    c.body.push("coma", pulse(start - HOUR, 1.4, rise=0.3, half=2))
    door = c.emergency(start, "Fell from a bicycle, short loss of consciousness", problem=disease, hours=5)
    if door is None:
        return
    for hours in (0.1, 1.5, 3, 4.5):
        c.vitals(door.start + int(hours * HOUR), "hr", "spo2", "gcs", visit=door)
    if c.chance(0.6):
        c.imaging("ct-head", door.start + HOUR, visit=door, hours=0.6)
    c.letter(
        door.end,
        door,
        "Licht traumatisch schedelhersenletsel, EMV-score 15 bij ontslag.",
        "Wekadvies niet nodig, rust op geleide van klachten.",
    )


@course(
    "polytrauma",
    Facts("orthopaedics", (18, 70), 5, ward="icu", admitted=0.45, mortality=0.1, since=2, with_others=False),
)
def polytrauma(c: Chart) -> None:
    """A road accident: trauma team, femur nail, weeks in intensive care and on the ward, rehabilitation."""
    days = c.rng.uniform(16, 26)
    start = c.principal(days, c.when(1.6))
    disease = c.problem("multiple-trauma", start - 2 * HOUR, severity="severe")
    leg = c.problem("femur-fracture", start - 2 * HOUR)
    c.problem("rib-fracture", start - 2 * HOUR, resolved=start + 80 * DAY)
    head = c.problem("brain-injury", start - 2 * HOUR)
    c.problem("pneumothorax", start - 2 * HOUR, resolved=start + 8 * DAY, listed=False)
    c.body.push("bleed", pulse(start - 2 * HOUR, 3.4, rise=5, half=260))
    c.body.push("muscle", pulse(start - 2 * HOUR, 3, rise=20, half=60))
    c.body.push("hypoxia", pulse(start - 2 * HOUR, 5, rise=3, half=110))
    c.body.push("coma", pulse(start - 2 * HOUR, 9, rise=0.5, half=150 if not c.dead else 900))
    c.body.push("inflammation", pulse(start, 5.6, rise=60, half=130))
    c.body.push("pain", step(start - 2 * HOUR, 4, over=1, end=start + 20 * DAY))
    door, stay = c.emergency_admission(start, days, "orthopaedics", "Road accident, brought by helicopter", problem=disease,
                                       to="rehab", principal=True, icu=(0.0, days * 0.6))  # fmt: skip
    if door is not None:
        c.vitals(door.start + 60, "bp", "hr", "rr", "spo2", "gcs", "temp", visit=door)
        c.labs(door.start + 200, "fbc", "coag", "gas", "renal", "lytes", "ck", "fibrinogen", visit=door, hours=0.4)
        c.imaging(
            "ct-head", door.start + 900, "Contusion of the left frontal lobe, no mass effect.", visit=door, hours=0.3
        )
        c.imaging(
            "ct-body",
            door.start + 1000,
            "Left pneumothorax, five broken ribs, fracture of the left femur, small splenic laceration.",
            visit=door,
            hours=0.4,
        )
        c.procedure(
            "transfusion",
            door.start + 1200,
            visit=door,
            problem=disease,
            department="emergency",
            note="4 red cells, 4 plasma, 1 platelets",
        )
    if stay is None:
        return
    c.procedure("intubation", stay.start + 900, visit=stay, department="intensive-care")
    icu = stay.icu or (stay.start, stay.start)
    long = min(icu[1], c.end) - stay.start - 40 * HOUR
    if long > HOUR:
        c.procedure("ventilation", stay.start + HOUR, visit=stay, department="intensive-care", minutes=long // 60)
    done = operation(
        c,
        stay,
        "femur-nail",
        leg,
        stay.start + 3 * HOUR,
        department="orthopaedics",
        pain=3,
        inflammation=2,
        blood_loss=0.8,
    )
    c.implant("Intramedullary nail", "Femora nail 380 mm", stay.start, done)
    c.prescribe("propofol", stay.start + HOUR, stay.start + 6 * DAY, visit=stay, problem=head, inpatient=True)
    c.prescribe("norepinephrine", stay.start + HOUR, stay.start + 3 * DAY, visit=stay, problem=disease, inpatient=True)
    c.prescribe("oxycodone", stay.start + 8 * DAY, stay.end, visit=stay, inpatient=True)
    lungs = c.problem("pneumonia", stay.start + 6 * DAY, visit=stay, resolved=stay.start + 16 * DAY, listed=False)
    c.body.push("inflammation", pulse(stay.start + 5 * DAY, 4.5, rise=30, half=60))
    c.culture("sputum", stay.start + 6 * DAY, "pseudomonas", visit=stay)
    c.prescribe("piptazo", stay.start + 6 * DAY, stay.start + 13 * DAY, visit=stay, problem=lungs, inpatient=True)
    ward_care(c, stay, every=2, rounds=4, monitor=("bp", "hr", "rr", "temp", "spo2", "gcs"))
    c.discharge(
        stay,
        "Hoogenergetisch trauma met schedelhersenletsel, ribfracturen en femurfractuur.",
        "Klinische revalidatie, controle traumatologie over zes weken.",
    )
    second = c.admit(
        stay.end + 3 * HOUR, 24, "rehabilitation", "Rehabilitation after injury", problem=head, source="transfer"
    )
    if second is not None:
        for day in range(2, 22, 3):
            c.procedure("rehabilitation", c.morning(second.start + day * DAY, 10), visit=second, problem=head)
        c.score("barthel", second.start + DAY, 8, second)
        c.score("barthel", second.end - DAY, 17, second)
        ward_care(c, second, labs=("fbc", "lytes"), every=10, rounds=1)
        c.discharge(
            second,
            "Revalidatie na multitrauma, zelfstandig lopend met kruk.",
            "Poliklinische revalidatie tweemaal per week.",
        )
    for week in range(8):
        session = c.visit(
            stay.end + (40 + 11 * week) * DAY, "rehabilitation", "Rehabilitation", problem=head, minutes=45
        )
        if session is not None:
            c.procedure("rehabilitation", session.start, visit=session)


@course(
    "spinal-cord", Facts("rehabilitation", (22, 74), 4, ward="rehabilitation", admitted=0.7, since=2, with_others=False)
)
def spinal_cord(c: Chart) -> None:
    """Rehabilitation in hospital after an incomplete spinal cord injury."""
    start = c.principal(60, c.when(1.5))
    disease = c.problem("spinal-cord-injury", start - 20 * DAY, severity="moderate")
    stay = c.admit(
        start,
        60,
        "rehabilitation",
        "Rehabilitation after spinal cord injury",
        problem=disease,
        source="transfer",
        principal=True,
    )
    if stay is None:
        return
    c.prescribe("baclofen", stay.start, visit=stay, problem=disease)
    c.prescribe("pregabalin", stay.start + 5 * DAY, visit=stay, problem=disease)
    team = c.team(
        "Rehabilitation team",
        [stay.doctor, *c.hospital.team("physiotherapist", "allied")[:2], c.hospital.team("social-worker", "allied")[0]],
        stay.start,
        disease,
    )
    c.plan("Rehabilitation", stay.start, ["Transfers alone", "Wheelchair training", "House adapted"], problem=disease, team=team, visit=stay,
           goals=[c.goal("Get into the car without help", stay.start, problem=disease)])  # fmt: skip
    day = 1
    while stay.start + day * DAY < stay.end:
        c.procedure("rehabilitation", c.morning(stay.start + day * DAY, 10), visit=stay, problem=disease)
        if day % 14 == 1:
            c.score("barthel", c.morning(stay.start + day * DAY, 15), min(18, 5 + day // 5), stay)
        day += 2
    ward_care(c, stay, labs=("fbc", "renal", "lytes"), every=20, rounds=1, monitor=("bp", "hr"))
    c.discharge(
        stay,
        "Klinische revalidatie na incomplete dwarslaesie.",
        "Poliklinische nazorg, jaarlijkse controle blaas en huid.",
    )
    for _session in range(4):
        visit = c.visit(stay.end + (30 + 60 * _session) * DAY, "rehabilitation", problem=disease)
        if visit is not None:
            c.score("barthel", visit.start, 17, visit)
