"""Blood: acute leukaemia with chemotherapy and stem cell transplantation, lymphoma, iron deficiency."""

from __future__ import annotations

from bedside.demo.body.effects import constant, pulse, ramp, step
from bedside.demo.chart.chart import Chart
from bedside.demo.chart.core import Problem, Visit
from bedside.demo.clock import DAY, HOUR, YEAR
from bedside.demo.courses.kidney import tissue_typing
from bedside.demo.courses.pathways import follow_up, ward_care
from bedside.demo.courses.registry import Facts, course


def nadir(c: Chart, start: int, depth: float, low: float = 10, back: float = 9) -> None:
    """Marrow production after chemotherapy: falls to `1 - depth` after `low` days and returns `back` days later."""
    c.body.push("marrow", ramp(start + 2 * DAY, start + int(low * DAY), depth))
    c.body.push("marrow", ramp(start + int((low + 2) * DAY), start + int((low + back) * DAY), -depth))


def fever(c: Chart, stay: Visit, moment: int) -> None:
    """Fever in neutropenia: cultures, broad antibiotics, protective isolation."""
    if moment > min(stay.end, c.end):
        return
    trouble = c.problem("febrile-neutropenia", moment, visit=stay, resolved=moment + 6 * DAY, listed=False)
    c.body.push("inflammation", pulse(moment - 6 * HOUR, c.rng.uniform(4, 6.2), rise=14, half=60))
    c.culture("blood", moment, c.rng.choice(("epidermidis", "e-coli", "", "")), visit=stay)
    c.prescribe("piptazo", moment + HOUR, moment + 7 * DAY, visit=stay, problem=trouble, inpatient=True)
    c.vitals(moment + 300, "bp", "hr", "rr", "temp", "spo2", visit=stay)
    c.labs(moment + 600, "counts", "crp", "lactate", "renal", visit=stay)


@course(
    "leukaemia",
    Facts("haematology", (22, 66), 4, ward="haematology", admitted=0.4, mortality=0.2, since=3, with_others=False),
)
def leukaemia(c: Chart) -> None:
    """Acute myeloid leukaemia: induction, consolidation, transplantation from a donor, the long way back."""
    conditioning = c.principal(24) if c.bed is not None or c.dead else 0
    start = conditioning - c.rng.randrange(120, 170) * DAY if conditioning else c.when(c.rng.uniform(1, 3))
    start = max(start, c.person.birth + 15 * YEAR)
    disease = c.problem("aml", start, stage="ELN intermediate risk")
    c.body.push("marrow", step(start - 20 * DAY, 0.75, over=24 * 14, end=start + 26 * DAY))
    c.body.push("blasts", step(start - 20 * DAY, 28, over=24 * 15, end=start + 3 * DAY))
    c.body.push("turnover", step(start - 20 * DAY, 0.9, over=24 * 12, end=start + 4 * DAY))
    c.emergency(start - 5 * HOUR, "Tired, bruises, fever")
    first = c.admit(start, 27, "haematology", "New acute leukaemia: induction", problem=disease)
    if first is None:
        return
    c.episode("haematology", disease, start)
    c.procedure("marrow-biopsy", start + 20 * HOUR, visit=first, problem=disease)
    c.pathology(start + 20 * HOUR, "Bone marrow: 64% myeloid blasts. Acute myeloid leukaemia. NPM1 wild type, FLT3 negative.",
                visit=first, problem=disease, specimen="marrow", site="iliac crest")  # fmt: skip
    c.procedure("central-line", start + 26 * HOUR, visit=first, department="anaesthesiology")
    _chemo_stay(c, first, disease, ("idarubicin", "cytarabine"), depth=0.2, fever_day=12)
    tissue_typing(c, start + 4 * DAY, first)
    second = c.admit(
        start + 48 * DAY, 6, "haematology", "Consolidation chemotherapy", problem=disease, source="elective"
    )
    if second is not None:
        nadir(c, second.start, 0.85)
        _chemo_stay(c, second, disease, ("cytarabine",), depth=0.0, fever_day=0)
    for days in (60, 64, 68, 75):
        _counts(c, start + days * DAY, disease)
    begin = conditioning or start + 130 * DAY
    stay = c.admit(
        begin,
        24,
        "haematology",
        "Allogeneic stem cell transplantation",
        problem=disease,
        source="elective",
        principal=True,
    )
    if stay is None:
        return
    _transplant(c, stay, disease)


def _chemo_stay(
    c: Chart, stay: Visit, disease: Problem, drugs: tuple[str, ...], *, depth: float, fever_day: int
) -> None:
    c.flag("protective", stay.start, stay.end, stay)
    for index, drug in enumerate(drugs):
        c.prescribe(
            drug,
            stay.start + (30 + index) * HOUR,
            stay.start + (3 if index == 0 else 7) * DAY,
            visit=stay,
            problem=disease,
            inpatient=True,
        )
    c.prescribe("ondansetron", stay.start + 29 * HOUR, stay.start + 8 * DAY, visit=stay, inpatient=True)
    c.prescribe("posaconazole", stay.start + 5 * DAY, stay.end, visit=stay, inpatient=True)
    c.prescribe("ciprofloxacin", stay.start + 3 * DAY, stay.start + 10 * DAY, visit=stay, inpatient=True)
    if depth:
        c.body.push("marrow", ramp(stay.start + 2 * DAY, stay.start + 7 * DAY, depth))
        c.body.push("marrow", ramp(stay.start + 20 * DAY, stay.start + 27 * DAY, -depth))
    if fever_day:
        fever(c, stay, stay.start + fever_day * DAY)
    day = stay.start + 8 * DAY
    while day < min(stay.end, c.end):
        if c.chance(0.5):
            c.procedure(
                "transfusion",
                day,
                visit=stay,
                problem=disease,
                note=c.rng.choice(("1 unit of platelets", "2 units of red cells")),
            )
        day += 2 * DAY
    ward_care(c, stay, labs=("counts", "renal", "lytes", "crp"), every=1, rounds=4, prophylaxis=False)
    c.discharge(
        stay,
        "Chemotherapie voor acute myeloïde leukemie, beloop met verwachte neutropenie.",
        "Controle dagbehandeling tweemaal per week.",
    )


def _counts(c: Chart, moment: int, disease: Problem) -> None:
    visit = c.visit(moment, "haematology", "Blood count", problem=disease)
    if visit is not None:
        c.labs(visit.start - 1800, "counts", "renal", "liver", visit=visit)
        c.vitals(visit.start, "bp", "temp", "weight", visit=visit)


def _transplant(c: Chart, stay: Visit, disease: Problem) -> None:
    graft = stay.start + 7 * DAY
    c.flag("protective", stay.start, stay.end, stay)
    c.prescribe("busulfan", stay.start + DAY, stay.start + 4 * DAY, visit=stay, problem=disease, inpatient=True)
    c.prescribe("fludarabine", stay.start + DAY, stay.start + 5 * DAY, visit=stay, problem=disease, inpatient=True)
    c.prescribe("ondansetron", stay.start + DAY, stay.start + 7 * DAY, visit=stay, inpatient=True)
    c.prescribe("tacrolimus", stay.start + 5 * DAY, stay.start + 190 * DAY, visit=stay, problem=disease, dose=3)
    c.body.push("tacrolimus", step(stay.start + 5 * DAY, 8.5, over=48, end=stay.start + 190 * DAY))
    c.body.push("marrow", ramp(stay.start + 2 * DAY, graft, 0.97))
    c.body.push("marrow", ramp(graft + 11 * DAY, graft + 45 * DAY, -0.78))
    c.body.push("marrow", ramp(graft + 45 * DAY, graft + 300 * DAY, -0.17))
    c.body.push("weight", ramp(stay.start, stay.start + 30 * DAY, -6))
    c.procedure(
        "marrow-transplantation",
        graft,
        visit=stay,
        problem=disease,
        note="Unrelated donor, HLA 10/10, peripheral blood stem cells.",
    )
    c.problem("marrow-transplant", graft, visit=stay)
    c.prescribe("posaconazole", stay.start + 6 * DAY, stay.end, visit=stay, inpatient=True)
    c.prescribe("valaciclovir", stay.start + 6 * DAY, stay.start + 360 * DAY, visit=stay)
    fever(c, stay, graft + 6 * DAY)
    for day in range(9, 24, 2):
        if c.chance(0.6):
            c.procedure("transfusion", stay.start + day * DAY, visit=stay, problem=disease, note="1 unit of platelets")
    ward_care(
        c, stay, labs=("counts", "renal", "lytes", "liver", "crp", "tacrolimus"), every=1, rounds=4, prophylaxis=False
    )
    c.discharge(
        stay,
        "Allogene stamceltransplantatie van een onverwante donor, ongecompliceerde repopulatie.",
        "Controle tweemaal per week, afstoting en graft-versus-hostziekte vroeg melden.",
    )
    status = next((p for p in c.problems if p.key == "marrow-transplant"), disease)
    if c.chance(0.4):
        skin = c.problem("gvhd", graft + 45 * DAY, resolved=graft + 120 * DAY, severity="mild")
        c.prescribe("prednisolone", graft + 45 * DAY, graft + 90 * DAY, problem=skin)
    moment = stay.end
    for gap in (4, 4, 7, 7, 7, 14, 14, 21, 28):
        moment += gap * DAY
        visit = c.visit(moment, "haematology", problem=status)
        if visit is not None:
            c.labs(visit.start - 1800, "counts", "renal", "lytes", "liver", "tacrolimus", visit=visit)
            c.vitals(visit.start, "bp", "temp", "weight", visit=visit)
    for _visit in follow_up(
        c,
        moment + 60 * DAY,
        "haematology",
        status,
        months=3,
        labs=("fbc", "diff", "renal", "liver"),
        story="Complete remissie, volledig donorchimerisme.",
    ):
        pass


@course("lymphoma", Facts("haematology", (35, 78), 5, mortality=0.12, since=4))
def lymphoma(c: Chart) -> None:
    """Diffuse large B-cell lymphoma: six cycles of R-CHOP with a nadir each, then remission."""
    start = c.when(c.rng.uniform(0.9, 4))
    disease = c.problem("lymphoma", start, stage=c.rng.choice(("Ann Arbor II", "Ann Arbor III", "Ann Arbor IV")))
    c.body.push("turnover", step(start - 60 * DAY, 0.7, over=24 * 40, end=start + 50 * DAY))
    first = c.visit(start, "haematology", "Enlarged lymph nodes, night sweats", problem=disease, first=True)
    if first is None:
        return
    c.vitals(first.start, "bp", "hr", "temp", "height", "weight", visit=first)
    c.labs(first.start, "fbc", "diff", "ldh", "renal", "liver", "urate", visit=first)
    c.imaging("pet-ct", first.start + 4 * DAY, "FDG-avid lymph nodes in neck, mediastinum and abdomen.")
    c.pathology(
        first.start + 3 * DAY,
        "Lymph node: diffuse large B-cell lymphoma, germinal centre type, Ki-67 80%.",
        problem=disease,
        site="neck",
    )
    c.score("ecog", first.start, c.rng.choice((0, 1, 1)), first)
    for number in range(6):
        cycle(c, start + (14 + 21 * number) * DAY, disease, "haematology", number + 1,
              ("rituximab", "cyclophosphamide", "doxorubicin", "vincristine"), depth=0.72)  # fmt: skip
    c.imaging("pet-ct", start + 170 * DAY, "Complete metabolic remission (Deauville 2).")
    for _visit in follow_up(
        c, start + 190 * DAY, "haematology", disease, months=4, labs=("fbc", "ldh", "liver"), story="Complete remissie."
    ):
        pass


def cycle(
    c: Chart, moment: int, disease: Problem, department: str, number: int, drugs: tuple[str, ...], *, depth: float
) -> None:
    """One cycle of outpatient chemotherapy: counts before it, the drugs in day treatment, the nadir after it."""
    day = c.clinic(moment)
    stay = c.admit(day, 0.22, "day-treatment", f"Chemotherapy, cycle {number}", problem=disease, source="elective")
    if stay is None:
        return
    c.labs(stay.start - 20 * HOUR, "counts", "renal", "liver", visit=stay)
    c.vitals(stay.start + 600, "bp", "hr", "temp", "weight", visit=stay)
    c.procedure(
        "chemotherapy",
        stay.start + 1800,
        visit=stay,
        problem=disease,
        department=department,
        note=f"Cycle {number}: {', '.join(drugs)}",
    )
    for drug in drugs:
        c.prescribe(
            drug, stay.start + 1200, stay.end + HOUR, visit=stay, problem=disease, inpatient=True, frequency="once"
        )
    c.prescribe("ondansetron", stay.start, stay.start + 4 * DAY, visit=stay, problem=disease)
    nadir(c, stay.start, depth)
    c.labs(c.clinic(stay.start + 10 * DAY), "counts")
    if number > 1 and c.chance(0.12):
        start = stay.start + 9 * DAY + c.rng.randrange(20) * HOUR
        trouble = c.problem("febrile-neutropenia", start, resolved=start + 5 * DAY, listed=False)
        _door, bed = c.emergency_admission(start, 4, "internal", "Fever after chemotherapy", problem=trouble)
        if bed is not None:
            fever(c, bed, bed.start + 600)
            ward_care(c, bed, labs=("counts", "crp", "renal", "lytes"), every=1)
            c.discharge(
                bed,
                "Febriele neutropenie na chemotherapie, kweken negatief.",
                "Volgende kuur met uitstel van een week.",
            )


@course("iron-deficiency", Facts("internal", (18, 52), 4, sex="female", since=2, with_others=False))
def iron_deficiency(c: Chart) -> None:
    """Iron deficiency anaemia: ferritin and haemoglobin before and after iron."""
    start = c.when(c.rng.uniform(0.5, 2))
    disease = c.problem("iron-deficiency", start, resolved=start + 200 * DAY)
    c.body.push("iron", step(start - YEAR, 1.0, over=6000, end=start + 110 * DAY))
    c.body.push("iron", constant(0.1))
    first = c.visit(start, "internal", "Tired, heavy periods", problem=disease, first=True)
    if first is None:
        return
    c.vitals(first.start, "bp", "hr", "height", "weight", visit=first)
    c.labs(first.start, "fbc", "iron", "vitamins", "crp", "tsh", visit=first)
    c.prescribe("ferrous-fumarate", first.start, first.start + 170 * DAY, visit=first, problem=disease)
    for _visit in follow_up(
        c, start + 60 * DAY, "internal", disease, months=3, stop=start + 280 * DAY, labs=("fbc", "iron"), letters=0.5
    ):
        pass
