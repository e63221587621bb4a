"""Solid tumours: breast, colon and lung (prostate is in `urology`): biopsy, stage, surgery, cycles, radiation, follow-up."""

from __future__ import annotations

from bedside.demo.body.effects import drift, ramp, step
from bedside.demo.chart.chart import Chart
from bedside.demo.chart.core import Problem
from bedside.demo.clock import DAY, HOUR, YEAR
from bedside.demo.courses.blood import cycle, fever, nadir
from bedside.demo.courses.pathways import follow_up, operation, preoperative, ward_care
from bedside.demo.courses.registry import Facts, course


def radiation(c: Chart, start: int, problem: Problem, fractions: int, what: str) -> None:
    """A course of radiotherapy: first visit, fractions on working days (every one a visit), a letter at the end."""
    first = c.visit(start, "radiotherapy", f"Radiotherapy: {what}", problem=problem, first=True)
    if first is None:
        return
    c.imaging("ct-body", first.start + HOUR, "CT for planning of radiotherapy.", visit=first, hours=1)
    moment = start + 12 * DAY
    last = None
    for number in range(fractions):
        visit = c.visit(
            moment, "radiotherapy", f"Radiotherapy, fraction {number + 1} of {fractions}", problem=problem, minutes=15
        )
        if visit is not None:
            c.procedure("radiotherapy", visit.start, visit=visit, problem=problem, minutes=12)
            last = visit
            moment = visit.start
        moment += DAY
    if last is not None:
        c.letter(
            last.end + HOUR,
            last,
            f"Radiotherapie ({what}) afgerond: {fractions} fracties van 2,67 Gy.",
            "Controle over zes weken.",
        )


def palliative(c: Chart, problem: Problem, department: str, ward: str = "oncology") -> None:
    """The last months: what matters to the patient is written down, pain is treated, the last admission or home."""
    start = max(c.person.birth + YEAR, c.end - c.rng.randrange(50, 120) * DAY)
    phase = c.problem("palliative", start)
    c.body.push("pain", ramp(start, c.end, 4))
    c.body.push("weight", ramp(start - 60 * DAY, c.end, -9))
    c.body.push("inflammation", ramp(start, c.end, 3.2))
    talk = c.visit(start, "palliative", "What matters now", problem=phase, first=True, minutes=50)
    if talk is not None:
        c.letter(talk.end + HOUR, talk, "Gesprek over wensen en grenzen met patiënt en naasten. Geen reanimatie, geen IC-opname. "
                 "Voorkeur om thuis te overlijden.", "Zo nodig morfinepomp; palliatief team bereikbaar.")  # fmt: skip
        c.plan("Care in the last phase", talk.start, ["Pain under control", "Hospital bed at home", "Palliative team can be called at night"],
               problem=phase, goals=[c.goal("Be at home with the family", talk.start, problem=phase)], visit=talk)  # fmt: skip
    c.flag("no-resuscitation", start)
    c.prescribe("oxycodone", start, problem=phase)
    c.prescribe("macrogol", start, problem=phase)
    for visit in follow_up(c, start + 14 * DAY, department, problem, months=0.7, vitals=("weight",), letters=0.1):
        c.score("ecog", visit.start, 3, visit)
        c.vitals(visit.start, "pain", visit=visit)
    if c.chance(0.45):
        begin = c.principal(5)
        _door, stay = c.emergency_admission(
            begin, 5, ward, "Pain and breathlessness, cannot stay at home", problem=problem, principal=True
        )
        if stay is not None:
            c.prescribe("morphine-pump", stay.start + HOUR, visit=stay, problem=phase, inpatient=True)
            c.prescribe("midazolam", stay.start + DAY, visit=stay, problem=phase, inpatient=True)
            ward_care(c, stay, labs=("renal", "lytes"), every=9, rounds=1, prophylaxis=False)


@course(
    "breast-cancer",
    Facts("surgery", (36, 82), 9, sex="female", ward="oncology", admitted=0.12, mortality=0.1, since=5),
)
def breast_cancer(c: Chart) -> None:
    """Breast cancer: lump, biopsy, operation, chemotherapy, radiation, hormones; years of yearly mammograms."""
    low = 0.25 if c.bed is not None else 1.2
    start = c.when(c.rng.uniform(low, low + (0.15 if c.bed is not None else 3.8)))
    hormonal = c.chance(0.75)
    her2 = c.chance(0.2)
    stage = c.rng.choice(("pT1cN0M0", "pT2N0M0", "pT2N1M0", "pT1bN0M0"))
    disease = c.problem(
        "breast-cancer",
        start,
        stage=f"{stage}, ER {'positive' if hormonal else 'negative'}, HER2 {'positive' if her2 else 'negative'}",
    )
    side = c.rng.choice(("left", "right"))
    first = c.visit(start - 5 * DAY, "surgery", f"Lump in the {side} breast", first=True)
    if first is None:
        return
    c.vitals(first.start, "bp", "hr", "height", "weight", visit=first)
    c.imaging(
        "mammography",
        first.start + HOUR,
        f"BI-RADS 5: spiculated mass of 19 mm in the {side} breast.",
        visit=first,
        hours=1,
    )
    c.procedure("biopsy-breast", first.start + 2 * HOUR, visit=first, problem=disease, department="radiology")
    c.pathology(first.start + 2 * HOUR, f"Biopsy of the {side} breast: invasive carcinoma NST, Bloom-Richardson grade 2. ER "
                f"{'95%' if hormonal else '0%'}, HER2 {'3+' if her2 else '1+'}, Ki-67 18%.", visit=first, problem=disease, site=f"{side} breast")  # fmt: skip
    c.labs(first.start + 3 * HOUR, "fbc", "renal", "liver", "ca153", visit=first)
    c.episode("surgery", disease, first.start)
    c.team("Breast team", [first.doctor, c.hospital.doctor("oncology", c.person.number), c.hospital.doctor("radiotherapy", c.person.number),
                           c.hospital.team("nurse-specialist", "oncology")[0]], first.start, disease)  # fmt: skip
    talk = c.visit(start + 6 * DAY, "surgery", "Result and plan", problem=disease, minutes=40)
    if talk is not None:
        c.letter(talk.end + 2 * HOUR, talk, f"Mammacarcinoom {'links' if side == 'left' else 'rechts'}; besproken in het multidisciplinair overleg.",
                 "Operatie, aanvullende behandeling volgens uitslag.")  # fmt: skip
    preoperative(c, start + 12 * DAY)
    sparing = c.chance(0.65)
    stay = c.admit(
        start + 24 * DAY, 1.2 if sparing else 2.2, "gynaecology", "Breast operation", problem=disease, source="elective"
    )
    operation(
        c, stay, "lumpectomy" if sparing else "mastectomy", disease, department="surgery", pain=3, inflammation=1.4
    )
    if stay is not None:
        c.pathology(stay.start + 5 * HOUR, f"Invasive carcinoma NST, 21 mm, margins free, sentinel node {'positive' if 'N1' in stage else 'negative'}. {stage}.",
                    visit=stay, problem=disease, site=f"{side} breast", days=6)  # fmt: skip
        ward_care(c, stay, every=6)
        c.discharge(
            stay, "Operatie wegens mammacarcinoom, ongecompliceerd beloop.", "Uitslag en vervolgbeleid over tien dagen."
        )
    chemo = "N1" in stage or not hormonal or her2 or c.bed is not None
    after = start + 50 * DAY
    if chemo:
        for number in range(6):
            drugs = (
                ("doxorubicin", "cyclophosphamide")
                if number < 3
                else ("paclitaxel", "carboplatin")
                if not her2
                else ("paclitaxel", "trastuzumab")
            )
            cycle(c, after + 21 * number * DAY, disease, "oncology", number + 1, drugs, depth=0.7)
        after += 140 * DAY
    if c.bed is not None:
        _complication(c)
    if sparing and c.bed is None:
        radiation(c, after, disease, 15, "breast after operation")
    if hormonal:
        c.prescribe("letrozole" if c.age(start) > 52 else "tamoxifen", after + 30 * DAY, problem=disease)
    if c.dead:
        c.body.push("tumour", ramp(c.end - YEAR, c.end, 3))
        c.imaging("ct-body", c.end - 200 * DAY, "Multiple metastases in liver and bones.")
        palliative(c, disease, "oncology")
        return
    for index, visit in enumerate(follow_up(c, after + 90 * DAY, "oncology", disease, months=5, labs=("ca153", "liver"), vitals=("weight", "bp"),
                                            story="Geen aanwijzingen voor recidief.")):  # fmt: skip
        if index % 2 == 0:
            c.imaging(
                "mammography", visit.start - 3 * DAY, "BI-RADS 2: scar tissue, no suspicion of recurrence.", visit=visit
            )


def _complication(c: Chart) -> None:
    """The admission of today: fever after chemotherapy."""
    begin = c.principal(6)
    nadir(c, begin - 8 * DAY, 0.85, low=8, back=8)
    trouble = c.problem("febrile-neutropenia", begin, listed=False)
    _door, stay = c.emergency_admission(
        begin, 6, "oncology", "Fever during chemotherapy", problem=trouble, principal=True
    )
    if stay is not None:
        fever(c, stay, stay.start + 900)
        ward_care(c, stay, labs=("counts", "crp", "renal", "lytes"), every=1, rounds=4)
        c.discharge(stay, "Febriele neutropenie tijdens chemotherapie.", "Volgende kuur na herstel.")


@course(
    "colon-cancer",
    Facts("surgery", (50, 84), 8, ward="surgery", admitted=0.3, mortality=0.15, since=4),
)
def colon_cancer(c: Chart) -> None:
    """Colon cancer: screening or anaemia, colonoscopy, resection, CAPOX, CEA every three months."""
    surgery = c.principal(6) if c.bed is not None else c.when(c.rng.uniform(1, 3.5)) + 30 * DAY
    start = surgery - c.rng.randrange(28, 45) * DAY
    stage = c.rng.choice(("pT3N0M0", "pT3N1M0", "pT2N0M0", "pT4aN1M0"))
    disease = c.problem("colon-cancer", start, stage=stage)
    c.body.push("tumour", step(start - 200 * DAY, 1.3, over=3000, end=surgery + 10 * DAY))
    c.body.push("iron", step(start - 200 * DAY, 0.7, over=3000, end=surgery + 120 * DAY))
    scope = c.visit(
        start, "gastroenterology", "Positive screening test: colonoscopy", problem=disease, minutes=60, first=True
    )
    if scope is None:
        return
    c.procedure("colonoscopy", scope.start, visit=scope, problem=disease, note="Circumferential tumour in the sigmoid.")
    c.pathology(scope.start + HOUR, "Biopsy of sigmoid: adenocarcinoma, moderately differentiated, mismatch repair proficient.",
                visit=scope, problem=disease, site="sigmoid colon")  # fmt: skip
    c.labs(scope.start - HOUR, "fbc", "iron", "renal", "liver", "cea", visit=scope)
    c.imaging("ct-body", start + 5 * DAY, "Tumour of the sigmoid, no metastases in liver or lungs.")
    preoperative(c, start + 12 * DAY, asa=2)
    stay = c.admit(
        surgery, 6, "surgery", "Resection of the colon", problem=disease, source="elective", principal=c.bed is not None
    )
    operation(c, stay, "colectomy", disease, pain=5, inflammation=4.4, blood_loss=0.9)
    if stay is not None:
        c.pathology(stay.start + 6 * HOUR, f"Sigmoid: adenocarcinoma, {stage}, 0 to 2 of 18 lymph nodes positive, margins free.",
                    visit=stay, problem=disease, days=6, site="sigmoid colon")  # fmt: skip
        ward_care(c, stay, labs=("fbc", "renal", "lytes", "crp"), every=1)
        c.discharge(
            stay,
            "Laparoscopische sigmoïdresectie wegens coloncarcinoom, ongecompliceerd.",
            "Uitslag pathologie over tien dagen, bespreking in MDO.",
        )
    if "N1" in stage and c.bed is None:
        for number in range(4):
            cycle(c, surgery + (38 + 21 * number) * DAY, disease, "oncology", number + 1, ("oxaliplatin",), depth=0.5)
            c.prescribe(
                "capecitabine", surgery + (38 + 21 * number) * DAY, surgery + (52 + 21 * number) * DAY, problem=disease
            )
    if c.dead:
        c.body.push("tumour", drift(c.end - YEAR, 4))
        c.body.push("cholestasis", ramp(c.end - 200 * DAY, c.end, 1.6))
        palliative(c, disease, "oncology", "oncology")
        return
    for index, visit in enumerate(follow_up(c, surgery + 100 * DAY, "surgery", disease, months=4, labs=("cea", "fbc"), vitals=("weight", "bp"),
                                            story="Controle na darmkanker, CEA bepaald.")):  # fmt: skip
        if index % 3 == 2:
            c.imaging("ct-body", visit.start - 4 * DAY, visit=visit)


@course(
    "lung-cancer",
    Facts("pulmonology", (52, 82), 6, ward="oncology", admitted=0.2, mortality=0.4, since=2.5),
)
def lung_cancer(c: Chart) -> None:
    """Lung cancer: a shadow, bronchoscopy, PET-CT, immunotherapy every three weeks; many die of it."""
    c.person.smoking = "former" if c.chance(0.6) else "current"
    start = c.when(c.rng.uniform(0.5, 2))
    disease = c.problem(
        "lung-cancer", start, stage=c.rng.choice(("cT2N2M0, stage IIIA", "cT2aN0M1b, stage IVA", "cT3N2M1c, stage IVB"))
    )
    c.body.push("hypoxia", drift(start, 0.8, 3))
    c.body.push("weight", drift(start - 120 * DAY, -4, -12))
    first = c.visit(start - 7 * DAY, "pulmonology", "Shadow on chest X-ray, coughing blood", first=True)
    if first is None:
        return
    c.vitals(first.start, "bp", "hr", "spo2", "height", "weight", visit=first)
    c.imaging("chest-xray", first.start - HOUR, "Mass of 4 cm in the right upper lobe.", visit=first, hours=0.5)
    c.imaging(
        "pet-ct",
        first.start + 4 * DAY,
        "FDG-avid mass in the right upper lobe, mediastinal nodes.",
        why="Suspected lung cancer",
    )
    scope = c.visit(start, "pulmonology", "Bronchoscopy", minutes=40)
    if scope is not None:
        c.procedure("bronchoscopy", scope.start, visit=scope, problem=disease)
        c.pathology(
            scope.start,
            "Bronchial biopsy: adenocarcinoma, TTF-1 positive, PD-L1 70%. No EGFR or ALK changes.",
            visit=scope,
            problem=disease,
            site="right upper lobe",
        )
    c.labs(start, "fbc", "renal", "lytes", "liver", "thyroid")
    c.episode("pulmonology", disease, start)
    moment = start + 24 * DAY
    for number in range(14):
        visit = c.admit(
            c.clinic(moment + number * 21 * DAY),
            0.13,
            "day-treatment",
            f"Immunotherapy {number + 1}",
            problem=disease,
            source="elective",
        )
        if visit is None:
            continue
        c.labs(visit.start - HOUR, "fbc", "renal", "lytes", "liver", "thyroid", visit=visit)
        c.vitals(visit.start, "bp", "hr", "spo2", "temp", "weight", visit=visit)
        c.prescribe(
            "pembrolizumab",
            visit.start + 600,
            visit.end + HOUR,
            visit=visit,
            problem=disease,
            inpatient=True,
            frequency="once",
        )
        if number % 4 == 3:
            c.imaging(
                "ct-body",
                visit.start - 3 * DAY,
                c.rng.choice(("Partial response.", "Stable disease.", "Stable disease.")),
                visit=visit,
            )
            c.letter(
                visit.end + HOUR,
                visit,
                "Immunotherapie voor longcarcinoom, goed verdragen.",
                "Voortzetten, CT na drie kuren.",
            )
    if c.bed is not None:
        begin = c.principal(7)
        c.body.push("hypoxia", step(begin - 2 * DAY, 2.5, over=30))
        lungs = c.problem("pneumonia", begin, listed=False)
        c.body.push("inflammation", step(begin - 2 * DAY, 5.5, over=30))
        _door, stay = c.emergency_admission(
            begin, 7, "oncology", "Fever and breathlessness", problem=lungs, principal=True
        )
        if stay is not None:
            c.prescribe("ceftriaxone", stay.start, visit=stay, problem=lungs, inpatient=True)
            c.prescribe("oxygen", stay.start, visit=stay, inpatient=True)
            c.culture("blood", stay.start + 600, visit=stay)
            ward_care(c, stay, every=1)
    if c.dead:
        palliative(c, disease, "pulmonology")
