"""Accidents: broken wrists and ankles, wounds, concussion, burns, and the one that ends in intensive care."""

from __future__ import annotations

from bedside.demo.body.effects import pulse, step
from bedside.demo.chart.chart import Chart
from bedside.demo.chart.core import Problem
from bedside.demo.clock import DAY, HOUR
from bedside.demo.courses.pathways import operation, ward_care
from bedside.demo.courses.registry import Facts, course


@course("fracture", Facts("emergency", (6, 85), 16, since=1.5, with_others=False))
def fracture(c: Chart) -> None:
    """A broken wrist or ankle: X-ray, cast and two visits; one that is displaced in an adult gets a plate."""
    wrist = c.chance(0.6)
    start = c.when(c.rng.uniform(0.05, 1.3)) + c.rng.randrange(0, 9) * HOUR
    displaced = c.age(start) >= 16 and c.chance(0.35)
    disease = c.problem("wrist-fracture" if wrist else "ankle-fracture", start - HOUR, resolved=start + 60 * DAY)
    picture = "wrist-xray" if wrist else "ankle-xray"
    c.body.push("pain", pulse(start - HOUR, 7, rise=0.5, half=70))
    door = c.emergency(
        start, "Fell on outstretched hand" if wrist else "Twisted ankle, cannot walk", problem=disease, hours=3
    )
    if door is None:
        return
    c.vitals(door.start + 300, "hr", "pain", *(("bp",) if c.age(start) > 12 else ()), visit=door)
    c.imaging(picture, door.start + 1800, _fracture_picture(wrist, displaced), visit=door, hours=0.5)
    if displaced:
        c.procedure("nerve-block", door.start + HOUR, visit=door, problem=disease, department="emergency")
        c.procedure("fracture-reduction", door.start + HOUR + 1800, visit=door, problem=disease, department="emergency")
        c.imaging(picture, door.start + 2 * HOUR + 900, "Position improved, still unstable.", visit=door, hours=0.3)
    c.procedure("cast", door.start + 2 * HOUR, visit=door, problem=disease, department="emergency")
    c.prescribe("paracetamol", door.start + HOUR, door.start + 10 * DAY, visit=door, problem=disease)
    c.letter(
        door.end,
        door,
        f"{'Distale radiusfractuur' if wrist else 'Enkelfractuur'}, {'operatie gepland' if displaced else 'gipsbehandeling'}.",
        "Opname volgt binnen een week." if displaced else "Controle gipspolikliniek na een week.",
    )
    if displaced:
        _fixation(c, disease, wrist, door.start + c.rng.randrange(3, 8) * DAY)
    for days, words in ((7, "Position unchanged."), (35, "Fracture is healing.")):
        if displaced and days == 7:
            continue
        visit = c.visit(door.start + days * DAY, "orthopaedics", problem=disease)
        if visit is not None:
            c.imaging(picture, visit.start - HOUR, words, visit=visit, hours=0.4)
            c.vitals(visit.start, "pain", visit=visit)


def _fracture_picture(wrist: bool, displaced: bool) -> str:
    if wrist:
        return f"Fracture of the distal radius, {'30 degrees dorsal angulation, shortened' if displaced else 'slight dorsal angulation'}."
    return "Bimalleolar fracture with subluxation of the talus." if displaced else "Weber B fracture, not displaced."


def _fixation(c: Chart, disease: Problem, wrist: bool, moment: int) -> None:
    """Plate and screws: the wrist in day surgery, the ankle with a night on the ward."""
    if wrist:
        stay = c.admit(
            c.morning(c.clinic(moment), 8, 30),
            0.4,
            "day-surgery",
            "Fracture of the wrist",
            problem=disease,
            source="elective",
        )
    else:
        stay = c.admit(
            c.morning(moment), 2.2, "orthopaedics", "Fracture of the ankle", problem=disease, source="elective"
        )
    done = operation(
        c,
        stay,
        "wrist-fixation" if wrist else "ankle-fixation",
        disease,
        None if stay is None else stay.start + HOUR,
        department="orthopaedics",
        pain=3,
        inflammation=1.2,
        blood_loss=0.15,
        spinal=not wrist,
    )
    if stay is None:
        return
    if done is not None:
        c.implant("Bone plate", "Radius plate" if wrist else "Fibula plate and screws", stay.start, done)
        c.imaging(
            "wrist-xray" if wrist else "ankle-xray",
            stay.start + 4 * HOUR,
            "Plate in place, anatomical position.",
            visit=stay,
            hours=0.3,
        )
    if wrist:
        c.vitals(stay.start + 4 * HOUR, "bp", "hr", "pain", visit=stay)
    else:
        ward_care(c, stay, labs=("fbc", "crp"), every=2)
    c.discharge(
        stay, "Osteosynthese met plaat en schroeven, ongecompliceerd.", "Wondcontrole na twee weken, foto na zes weken."
    )


@course("wound", Facts("emergency", (4, 75), 10, since=1, with_others=False))
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


@course("concussion", Facts("emergency", (3, 60), 8, since=1, with_others=False))
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
    Facts("orthopaedics", (18, 70), 3, ward="icu", admitted=0.45, mortality=0.1, since=2, with_others=False),
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
        c.score("injury-severity", door.start + 2 * HOUR, c.rng.choice((22, 25, 27, 29, 34, 38)), door)
        c.procedure(
            "chest-drain",
            door.start + 700,
            visit=door,
            problem=disease,
            department="emergency",
            outcome="Air, 150 mL of blood",
        )
        c.prescribe("tranexamic-acid", door.start + 400, door.start + DAY, visit=door, problem=disease, inpatient=True)
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


@course("burns", Facts("plastic", (17, 74), 3, ward="gynaecology", admitted=0.3, since=1.5, with_others=False))
def burns(c: Chart) -> None:
    """Burns of an adult: hot oil or fire, on the ward of plastic surgery."""
    _burned(
        c,
        c.rng.choice((5, 8, 10, 14, 18, 24)),
        "gynaecology",
        c.rng.choice(("Burn with hot oil", "Burn at a barbecue")),
    )


@course("scald", Facts("plastic", (1.2, 7), 2, ward="paediatrics", admitted=0.3, since=1.1, with_others=False))
def scald(c: Chart) -> None:
    """A small child and a cup of hot tea, on the children's ward."""
    _burned(c, c.rng.choice((4, 6, 8, 9, 12)), "paediatrics", "Scald with hot tea")


def _burned(c: Chart, area: int, ward: str, reason: str) -> None:
    """Fluids by the surface burned, dressings, intensive care for the largest, a graft, months of scar care."""
    start = c.principal(9, c.when(0.9))
    large = area > 15
    disease = c.problem(
        "burn",
        start - 3 * HOUR,
        severity="severe" if large else "moderate",
        note=f"{area}% of the body surface, partly deep",
    )
    c.body.push("pain", pulse(start - 3 * HOUR, 7, rise=0.5, half=90))
    c.body.push("inflammation", pulse(start - 2 * HOUR, 2.6 + 0.12 * area, rise=40, half=100))
    c.body.push("alb", pulse(start - 2 * HOUR, -0.35 * area, rise=24, half=120))
    door, stay = c.emergency_admission(
        start,
        9,
        ward,
        reason,
        problem=disease,
        principal=True,
        icu=(0.0, 3.0) if large else None,
    )
    if door is not None:
        c.vitals(door.start + 200, "hr", "temp", "spo2", "pain", *(("bp",) if c.age(start) > 12 else ()), visit=door)
        c.score("burned-area", door.start + 600, area, door)
        c.procedure("wound-care", door.start + HOUR, visit=door, problem=disease, department="plastic")
        c.prescribe("morphine", door.start + 600, visit=door, problem=disease, inpatient=True, end=door.start + 3 * DAY)
    if c.age(start) > 12:
        c.vaccinate("tetanus", start, here=True)
    if stay is None:
        return
    weight = c.body.at(stay.start).true("weight")
    litres = 4 * weight * area / 1000
    c.note(
        stay.start + HOUR,
        f"Burn of {area}%. Fluids by the Parkland formula: {litres:.1f} litres in the first 24 hours.",
        stay,
        disease,
    )
    c.prescribe(
        "saline", stay.start, stay.start + 2 * DAY, visit=stay, problem=disease, inpatient=True, frequency="3/d"
    )
    c.prescribe("silver-sulfadiazine", stay.start, stay.end, visit=stay, problem=disease, inpatient=True)
    if large and stay.icu is not None:
        c.procedure("central-line", stay.start + 2 * HOUR, visit=stay, department="intensive-care")
    for day in (1, 2, 3, 6, 7, 8):
        moment = c.morning(stay.start + day * DAY, 14)
        if moment < stay.end:
            c.procedure("wound-care", moment, visit=stay, problem=disease, department="plastic")
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
        note="Graft from the thigh, taken well." if not stay.open else "Graft from the thigh.",
    )
    c.culture("wound", stay.start + 2 * DAY, c.rng.choice(("aureus", "pseudomonas", "", "")), visit=stay)
    ward_care(c, stay, labs=("fbc", "crp", "lytes", "alb"), every=2)
    c.discharge(
        stay,
        f"Brandwonden {area}% TVLO, deels diep; gesplitste huidtransplantatie.",
        "Littekenspreekuur, drukkleding.",
    )
    for days in (7, 21, 60, 150):
        visit = c.visit(stay.end + days * DAY, "plastic", "Scar after burn", problem=disease)
        if visit is not None:
            c.vitals(visit.start, "pain", visit=visit)
            if days < 30:
                c.procedure("wound-care", visit.start, visit=visit, problem=disease)


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
