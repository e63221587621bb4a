"""Infection: sepsis with cultures and intensive care, pyelonephritis, endocarditis, tuberculosis, HIV."""

from __future__ import annotations

from bedside.demo.body.effects import pulse, ramp, step
from bedside.demo.catalog.actions import ANTIBIOGRAMS, SUSCEPTIBILITY
from bedside.demo.catalog.drugs import FORMULARY
from bedside.demo.chart.chart import Chart
from bedside.demo.chart.core import Problem, Visit
from bedside.demo.clock import DAY, HOUR, MINUTE, YEAR
from bedside.demo.codes import SNOMED, coding, concept, local
from bedside.demo.courses.pathways import follow_up, operation, ward_care
from bedside.demo.courses.registry import Facts, course

_NARROWEST: dict[str, tuple[tuple[str, str], ...]] = {
    "e-coli": (("amoxiclav", "amoxiclav"), ("ceftriaxone", "ceftriaxone"), ("meropenem", "meropenem")),
    "klebsiella": (("amoxiclav", "amoxiclav"), ("ceftriaxone", "ceftriaxone"), ("meropenem", "meropenem")),
    "aureus": (("oxacillin", "flucloxacillin"), ("vancomycin", "vancomycin")),
    "pneumococcus": (("penicillin", "penicillin"), ("ceftriaxone", "ceftriaxone")),
    "enterococcus": (("vancomycin", "vancomycin"),),
}
"""For each bacterium what is given when it is susceptible, the narrowest first: test and drug."""
_POSITIVE = concept("Positive", coding(SNOMED, "10828004", "Positive"))
_NEGATIVE = concept("Negative", coding(SNOMED, "260385009", "Negative"))


def grow(
    c: Chart, kind: str, moment: int, organism: str, visit: Visit | None, *, resistant: str = ""
) -> frozenset[str]:
    """Takes a culture and gives what its isolate is susceptible to (nothing while the laboratory is still busy)."""
    before = len(c.out)
    c.culture(kind, moment, organism, visit=visit, resistant=resistant)
    names = {SUSCEPTIBILITY[drug][0]: drug for drug, _share in ANTIBIOGRAMS.get(organism, ())}
    return frozenset(
        names[found["code"]["coding"][0]["code"]]
        for found in c.out[before:]
        if found["resourceType"] == "Observation"
        and found["code"]["coding"][0]["code"] in names
        and found["interpretation"][0]["coding"][0]["code"] == "S"
    )


def antibiotics(
    c: Chart,
    stay: Visit,
    problem: Problem,
    start: int,
    end: int,
    *,
    blind: str,
    organism: str,
    susceptible: frozenset[str],
) -> None:
    """Treats blindly at first, and after two days with the narrowest drug that the culture allows."""
    first = c.prescribe(blind, start, visit=stay, problem=problem, inpatient=True)
    known = start + 2 * DAY + 3 * HOUR
    choice = next(
        (
            drug
            for test, drug in _NARROWEST.get(organism, ())
            if test in susceptible and FORMULARY[drug].allergy not in c.person.allergies
        ),
        "",
    )
    if not choice or known > min(stay.end, c.end) or (first is not None and first.drug.key == choice):
        c.stop(first, end)
        return
    c.stop(first, known, "Adjusted to the culture")
    c.prescribe(choice, known, end, visit=stay, problem=problem, inpatient=True)
    c.note(known, f"Culture known; {FORMULARY[choice].name} is the narrowest suitable antibiotic.", stay, problem)


@course(
    "sepsis",
    Facts("intensive-care", (38, 88), 8, ward="icu", admitted=0.45, mortality=0.2, since=3),
)
def sepsis(c: Chart) -> None:
    """Septic shock: cultures and antibiotics within the hour, intensive care, kidneys that stop and come back."""
    start = c.principal(12, c.when(2.2))
    source, organism, sample = c.rng.choice(
        (
            ("urinary tract", "e-coli", "urine"),
            ("urinary tract", "klebsiella", "urine"),
            ("lungs", "pneumococcus", "sputum"),
            ("bile ducts", "e-coli", "blood"),
            ("skin", "aureus", "wound"),
        )
    )
    shock = c.problem("septic-shock", start, resolved=start + 14 * DAY, note=f"Source: {source}")
    slow = 2500.0 if c.dead else 62.0
    c.body.push("inflammation", pulse(start - 22 * HOUR, c.rng.uniform(7.6, 9.3), rise=24, half=slow))
    c.body.push("gfr", pulse(start - 12 * HOUR, -c.rng.uniform(28, 62), rise=30, half=2500 if c.dead else 120))
    c.body.push("hypoxia", pulse(start - 12 * HOUR, c.rng.uniform(2.5, 5), rise=18, half=slow))
    c.body.push("coma", pulse(start - 8 * HOUR, 2.4, rise=8, half=40))
    ill = c.rng.uniform(3.2, 6.5)
    door, stay = c.emergency_admission(
        start, 12, "internal", "Fever, shivering, drowsy", problem=shock, icu=(0.02, ill), principal=True
    )
    if stay is None:
        return
    resistant = c.rng.choice(("", "", "", "ceftriaxone", "amoxiclav")) if organism in ("e-coli", "klebsiella") else ""
    taken = stay.start - 80 * MINUTE if door is not None else stay.start
    susceptible = grow(c, "blood", taken, organism, door or stay, resistant=resistant)
    if sample != "blood":
        c.culture(sample, taken + 10 * MINUTE, organism, visit=door or stay, resistant=resistant)
    if door is not None:
        c.vitals(door.start + 5 * MINUTE, "bp", "hr", "rr", "temp", "spo2", "gcs", visit=door)
        c.labs(
            door.start + 15 * MINUTE, "fbc", "diff", "renal", "lytes", "crp", "pct", "liver", "coag", "gas",
            visit=door, hours=0.7,
        )  # fmt: skip
        c.imaging("chest-xray", door.start + 50 * MINUTE, _chest(source), visit=door, hours=0.8)
        c.score("early-warning", door.start + 6 * MINUTE, c.rng.randint(7, 12), door)
        c.prescribe("saline", door.start + 20 * MINUTE, stay.start, visit=door, problem=shock, inpatient=True)
    blind = "flucloxacillin" if organism == "aureus" else "ceftriaxone"
    antibiotics(
        c, stay, shock, stay.start, stay.start + 10 * DAY, blind=blind, organism=organism, susceptible=susceptible
    )
    c.prescribe("gentamicin", stay.start, stay.start + DAY, visit=stay, problem=shock, inpatient=True)
    c.problem("aki", start, resolved=start + 25 * DAY, visit=stay, severity="severe", listed=False)
    c.note(stay.start + HOUR, f"Septic shock, source {source}. Lactate raised, needs a vasopressor.", stay, shock)
    _critical(c, stay, shock)
    ward_care(c, stay, labs=("fbc", "renal", "lytes", "crp"), every=1)
    if c.dead:
        c.flag("no-resuscitation", max(stay.start, stay.end - DAY), visit=stay)
        return
    c.discharge(
        stay,
        f"Septische shock met bloedkweek positief, uitgaande van: {source}. Behandeld op de intensive care met "
        "vasopressie en antibiotica op geleide van de kweek; nierfunctie herstellende.",
        "Controle nierfunctie over een week, polikliniek nazorg intensive care over acht weken.",
    )
    for visit in follow_up(c, stay.end + 50 * DAY, "infectious", shock, months=4, stop=stay.end + 260 * DAY,
                           labs=("renal", "fbc"), story="Herstelt van septische shock, conditie nog beperkt."):  # fmt: skip
        c.score("barthel", visit.start, c.rng.randint(16, 20), visit)


def _chest(source: str) -> str:
    return "Consolidation in the left lower lobe." if source == "lungs" else "No infiltrate, normal heart size."


def _critical(c: Chart, stay: Visit, shock: Problem) -> None:
    """What intensive care adds: lines, a vasopressor, often a ventilator, and the daily score of organ failure."""
    if stay.icu is None:
        return
    begin, end = stay.icu
    c.procedure("central-line", begin + HOUR, visit=stay, department="intensive-care")
    pressor = begin + int((end - begin) * 0.6)
    c.prescribe("norepinephrine", begin + HOUR, pressor, visit=stay, problem=shock, inpatient=True)
    # A formulary effect builds up over weeks; a vasopressor works at once.
    c.body.push("tone", step(begin + HOUR, 14, end=pressor, over=1))
    if c.chance(0.5):
        length = min(end, c.end) - begin - 3 * HOUR
        if length > 6 * HOUR:
            c.procedure("intubation", begin + 2 * HOUR, visit=stay, department="intensive-care")
            hours = int(length * 0.6) // HOUR
            c.procedure("ventilation", begin + 2 * HOUR, visit=stay, department="intensive-care", minutes=60 * hours)
            c.prescribe("propofol", begin + 2 * HOUR, begin + (2 + hours) * HOUR, visit=stay, inpatient=True)
    day, points = begin + 8 * HOUR, c.rng.randint(8, 12)
    while day < min(end, c.end):
        c.score("sofa", day, points, stay)
        points = min(20, points + 1) if c.dead else max(0, points - c.rng.choice((1, 2, 3)))
        day += DAY


@course("pyelonephritis", Facts("infectious", (19, 84), 4, sex="female", ward="internal", admitted=0.25, since=2))
def pyelonephritis(c: Chart) -> None:
    """Pyelonephritis: fever and flank pain, urine and blood cultures, from the vein to tablets, home."""
    start = c.principal(4, c.when(1.5))
    infection = c.problem("pyelonephritis", start, resolved=start + 14 * DAY)
    c.body.push("inflammation", pulse(start - 30 * HOUR, c.rng.uniform(5, 6.4), rise=34, half=38))
    c.body.push("pain", pulse(start - 30 * HOUR, 5, rise=20, half=30))
    door, stay = c.emergency_admission(
        start, 4, "internal", "Fever with pain in the flank", problem=infection, principal=True
    )
    if stay is None:
        return
    resistant = c.rng.choice(("", "", "amoxiclav", "ceftriaxone"))
    susceptible = grow(c, "urine", stay.start - 30 * MINUTE, "e-coli", door or stay, resistant=resistant)
    c.culture(
        "blood", stay.start - 25 * MINUTE, c.rng.choice(("", "", "e-coli")), visit=door or stay, resistant=resistant
    )
    if door is not None:
        c.vitals(door.start + 300, "bp", "hr", "rr", "temp", "spo2", "pain", visit=door)
        c.labs(door.start + 600, "fbc", "diff", "renal", "lytes", "crp", "lactate", visit=door, hours=0.8)
    antibiotics(
        c, stay, infection, stay.start, stay.end, blind="ceftriaxone", organism="e-coli", susceptible=susceptible
    )
    c.imaging("us-kidney", stay.start + 20 * HOUR, visit=stay)
    ward_care(c, stay, every=1)
    oral = next((d for d in ("ciprofloxacin", "cotrimoxazole") if d in susceptible), "")
    if oral and not stay.open:
        c.prescribe(oral, stay.end, stay.end + 7 * DAY, visit=stay, problem=infection)
    c.discharge(
        stay, "Pyelonefritis, goed herstel op antibiotica.", "Antibioticum afmaken; bij koorts contact opnemen."
    )
    c.visit(stay.end + 30 * DAY, "infectious", "After pyelonephritis", problem=infection, virtual=True)


@course(
    "endocarditis",
    Facts("infectious", (38, 82), 3, ward="internal", admitted=0.4, mortality=0.15, since=3),
)
def endocarditis(c: Chart) -> None:
    """Endocarditis: three blood cultures, a vegetation, six weeks of antibiotics, sometimes a new valve."""
    start = c.principal(40, c.when(2))
    infection = c.problem("endocarditis", start, resolved=start + 60 * DAY, severity="severe")
    organism = c.rng.choice(("aureus", "aureus", "enterococcus"))
    c.body.push("inflammation", pulse(start - 8 * DAY, c.rng.uniform(5.2, 6.4), rise=190, half=3000 if c.dead else 190))
    c.body.push("congestion", step(start - 5 * DAY, c.rng.uniform(1.5, 3.5), over=150, end=start + 40 * DAY))
    c.body.push("hb", step(start - 20 * DAY, -1.4, over=400, end=start + 40 * DAY))
    door, stay = c.emergency_admission(
        start, 40, "internal", "Fever for a week, night sweats, new murmur", problem=infection, principal=True
    )
    if stay is None:
        return
    if door is not None:
        c.vitals(door.start + 300, "bp", "hr", "rr", "temp", "spo2", visit=door)
        c.labs(door.start + 600, "fbc", "renal", "lytes", "crp", "esr", "ntprobnp", "liver", visit=door, hours=1)
        c.ecg(door.start + 900, "Sinus tachycardia, PR interval 210 ms.", door)
    susceptible = grow(c, "blood", stay.start + 10 * MINUTE, organism, stay)
    c.imaging("echo", stay.start + 20 * HOUR, "Mild aortic regurgitation, no certain vegetation.", visit=stay)
    c.imaging(
        "echo-oesophagus", stay.start + 2 * DAY, "Vegetation of 11 mm on the aortic valve, moderate regurgitation.",
        visit=stay,
    )  # fmt: skip
    blind = "flucloxacillin" if organism == "aureus" else "vancomycin"
    antibiotics(
        c, stay, infection, stay.start + HOUR, stay.start + 42 * DAY, blind=blind, organism=organism,
        susceptible=susceptible,
    )  # fmt: skip
    if c.on("vancomycin", stay.start + 3 * DAY) is not None:
        c.body.push("vancomycin", step(stay.start + DAY, c.rng.uniform(13, 19), over=40, end=stay.start + 42 * DAY))
        for day in (3, 6, 10, 17, 24, 31):
            if stay.start + day * DAY < min(stay.end, c.end):
                c.labs(stay.start + day * DAY, "vancomycin", "renal", visit=stay)
    c.procedure("central-line", stay.start + 3 * DAY, visit=stay, department="anaesthesiology", note="PICC line.")
    for day in (3, 5):
        c.culture("blood", min(stay.start + day * DAY, stay.end - HOUR), "", visit=stay)
    if c.chance(0.35):
        operation(
            c, stay, "valve-replacement", infection, stay.start + 9 * DAY, department="cardiothoracic", pain=6,
            inflammation=3, blood_loss=1.2, note="Vegetation removed, biological valve.",
        )  # fmt: skip
    ward_care(c, stay, every=4, rounds=2)
    if c.dead:
        return
    c.discharge(
        stay,
        "Infectieuze endocarditis van de aortaklep, zes weken intraveneus behandeld.",
        "Antibioticaprofylaxe bij tandheelkundige ingrepen. Echocardiografie over drie maanden.",
    )
    for index, visit in enumerate(follow_up(c, stay.end + 28 * DAY, "infectious", infection, months=3,
                                            stop=stay.end + YEAR, labs=("fbc", "crp", "renal"))):  # fmt: skip
        if index == 1:
            c.imaging("echo", visit.start - DAY, "Mild aortic regurgitation, no vegetation.")


# Made here and not in the course: the institution publishes local codes before the first patient comes in.
_RAPID = concept("Tuberculosis PCR in sputum", local("observations", "tb-pcr", "Tuberculosis PCR in sputum"))
_SMEAR = concept("Acid-fast bacilli in sputum", local("observations", "afb", "Acid-fast bacilli in sputum"))


@course("tuberculosis", Facts("infectious", (20, 72), 3, ward="pulmonology", admitted=0.3, since=2, with_others=False))
def tuberculosis(c: Chart) -> None:
    """Tuberculosis: weight loss and cough, isolation, four drugs for two months and two for four more."""
    start = c.principal(15, c.when(1.6))
    disease = c.problem("tuberculosis", start, resolved=start + 200 * DAY)
    c.body.push("inflammation", step(start - 100 * DAY, c.rng.uniform(3.2, 4.6), over=24 * 35, end=start + 12 * DAY))
    c.body.push("weight", ramp(start - 120 * DAY, start, -8))
    c.body.push("weight", ramp(start + 10 * DAY, start + 200 * DAY, 7))
    first = c.visit(start - 4 * DAY, "pulmonology", "Cough for two months, losing weight", first=True)
    if first is not None:
        c.vitals(first.start, "bp", "hr", "temp", "spo2", "height", "weight", visit=first)
        c.labs(first.start + HOUR, "fbc", "renal", "liver", "crp", "esr", "hiv-rna", visit=first)
        c.imaging("chest-xray", first.start + HOUR, "Cavity in the right upper lobe.", visit=first, hours=1)
    stay = c.admit(start, 15, "pulmonology", "Open tuberculosis", problem=disease, source="elective", principal=True)
    if stay is None:
        return
    c.flag("isolation", stay.start, stay.end, stay, "Airborne isolation: open tuberculosis")
    c.finding(stay.start + 3 * HOUR, _RAPID, _POSITIVE, "laboratory", stay)
    for day, value in ((0.2, _POSITIVE), (7, _POSITIVE if c.chance(0.4) else _NEGATIVE), (13, _NEGATIVE)):
        moment = stay.start + int(day * DAY)
        if moment < stay.end:
            c.finding(moment, _SMEAR, value, "laboratory", stay)
    begin = stay.start + 6 * HOUR
    for drug, months in (
        ("rifampicin", 6),
        ("isoniazid", 6),
        ("pyridoxine", 6),
        ("pyrazinamide", 2),
        ("ethambutol", 2),
    ):
        c.prescribe(drug, begin, begin + months * 30 * DAY, visit=stay, problem=disease)
    doctor = c.hospital.doctor("infectious", c.person.number)
    c.task(
        "Notify tuberculosis; contacts are traced by the public health service", begin, begin + DAY, doctor, visit=stay
    )
    ward_care(c, stay, labs=("fbc", "liver", "crp", "renal"), every=4, rounds=2)
    c.discharge(stay, "Open longtuberculose, ingesteld op vier middelen.", "Maandelijks leverenzymen en gewicht.")
    for visit in follow_up(c, stay.end + 14 * DAY, "infectious", disease, months=1, stop=begin + 215 * DAY,
                           labs=("fbc", "liver", "renal", "urate"), vitals=("bp", "weight"),
                           story="Tuberculose, medicatie wordt verdragen."):  # fmt: skip
        c.vitals(visit.start + 600, "temp", visit=visit)
    after = c.visit(begin + 240 * DAY, "pulmonology", "After treatment of tuberculosis", problem=disease)
    if after is not None:
        c.imaging("chest-xray", after.start - HOUR, "Scar in the right upper lobe.", visit=after, hours=0.5)


@course("hiv", Facts("infectious", (25, 72), 6, since=6))
def hiv(c: Chart) -> None:
    """HIV: found with some thousands of copies, one tablet a day, undetectable within months and for years."""
    start = c.when(c.rng.uniform(1.5, 7))
    infection = c.problem("hiv", start)
    c.body.push("hiv-rna", step(start - 2 * YEAR, c.rng.uniform(18_000, 160_000), over=24 * 35, end=start + 12 * DAY))
    c.body.push("cd4", step(start - 3 * YEAR, -c.rng.uniform(450, 720), over=24 * 420, end=start + 12 * DAY))
    first = c.visit(start, "infectious", "Positive HIV test", problem=infection, first=True, minutes=50)
    if first is None:
        return
    c.episode("infectious", infection, first.start)
    c.vitals(first.start, "bp", "hr", "temp", "height", "weight", "bmi", visit=first)
    c.labs(first.start + HOUR, "hiv", "fbc", "diff", "renal", "liver", "lipids", "glucose", visit=first)
    c.prescribe("bictegravir", first.start + 7 * DAY, visit=first, problem=infection)
    measure, target = c.limit("20447-9", "HIV 1 RNA [#/volume] (viral load) in Serum or Plasma by NAA with probe "
                              "detection", 50, "copies/mL", "{copies}/mL")  # fmt: skip
    goal = c.goal(
        "Undetectable virus",
        first.start,
        problem=infection,
        measure=measure,
        target=target,
        status="achieved",
        months=6,
    )
    c.plan(
        "Living with HIV", first.start, ["One tablet every day", "Undetectable is untransmittable", "Yearly influenza vaccination"],
        problem=infection, goals=[goal], visit=first,
    )  # fmt: skip
    c.vaccinate("pneumococcal", first.start + 60 * DAY, here=True)
    for days in (35, 95):
        early = c.visit(start + days * DAY, "infectious", "HIV: start of treatment", problem=infection)
        if early is not None:
            c.labs(early.start - DAY, "hiv", "renal", "liver", visit=early)
    if c.chance(0.2):
        lapse = start + int((c.end - start) * c.rng.uniform(0.4, 0.8))
        c.body.push("hiv-rna", step(lapse, c.rng.uniform(900, 9000), over=24 * 12, end=lapse + 60 * DAY))
    for visit in follow_up(c, start + 270 * DAY, "infectious", infection, months=6, labs=("hiv", "renal", "liver", "lipids"),
                           story="Hiv-infectie, therapietrouw besproken."):  # fmt: skip
        if c.chance(0.3):
            c.vaccinate("influenza", visit.start, here=True)
