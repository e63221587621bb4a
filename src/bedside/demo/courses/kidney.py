"""Kidneys: chronic kidney disease, dialysis, and transplantation with everything that matching needs."""

from __future__ import annotations

from bedside.demo.body.effects import constant, pulse, ramp, step
from bedside.demo.chart.chart import Chart
from bedside.demo.chart.core import Problem, Visit
from bedside.demo.clock import DAY, HOUR, YEAR, iso
from bedside.demo.codes import concept, local
from bedside.demo.courses.pathways import follow_up, operation, preoperative, ward_care
from bedside.demo.courses.registry import Facts, course

_HLA = {
    "A": ("A*01", "A*02", "A*03", "A*11", "A*24", "A*26", "A*68"),
    "B": ("B*07", "B*08", "B*15", "B*35", "B*40", "B*44", "B*51"),
    "DR": ("DRB1*01", "DRB1*03", "DRB1*04", "DRB1*07", "DRB1*11", "DRB1*13", "DRB1*15"),
}
_LOCI = {
    locus: concept(f"HLA-{locus} type", local("immunogenetics", f"hla-{locus.lower()}", f"HLA-{locus} type"))
    for locus in _HLA
}
_BLOOD_GROUP = concept("Blood group", local("immunogenetics", "abo-rhd", "ABO and RhD blood group"))
_CROSSMATCH = concept(
    "Crossmatch with donor cells", local("immunogenetics", "crossmatch", "Crossmatch with donor cells")
)
_PRA = concept("Panel reactive antibodies", local("immunogenetics", "pra", "Panel reactive antibodies"))


def tissue_typing(c: Chart, moment: int, visit: Visit | None) -> None:
    """Blood group, HLA types and antibodies, as a transplant centre wants them before listing."""
    group = c.rng.choices(
        ("O positive", "A positive", "B positive", "AB positive", "O negative", "A negative"), (38, 36, 8, 3, 8, 7)
    )[0]
    c.finding(moment, _BLOOD_GROUP, {"text": group}, "laboratory", visit)
    for locus, types in _HLA.items():
        pair = sorted(c.rng.choices(types, k=2))
        c.finding(moment, _LOCI[locus], {"text": ", ".join(pair)}, "laboratory", visit)
    c.finding(moment, _PRA, {"text": c.rng.choice(("0%", "0%", "4%", "18%", "62%"))}, "laboratory", visit)


@course(
    "kidney-failure",
    Facts("nephrology", (34, 74), 6, ward="nephrology", admitted=0.25, mortality=0.08, since=7, with_others=False),
)
def kidney_failure(c: Chart) -> None:
    """From stage 3 to dialysis; most are listed, many are transplanted and live on tacrolimus."""
    years = c.rng.uniform(4, 7.5)
    start = c.when(years)
    cause = c.problem(
        c.rng.choice(("polycystic-kidney", "iga-nephropathy", "diabetes2")), start - 5 * YEAR, remembered=True
    )
    if cause.key == "diabetes2":
        c.body.push("glycaemia", constant(18))
    pressure = c.problem("hypertension", start - 4 * YEAR, remembered=True)
    stage3 = c.problem("ckd3", start - YEAR)
    failure = start + int(years * YEAR * c.rng.uniform(0.3, 0.6))
    healthy = c.body.at(start).gfr
    c.body.push("gfr", ramp(start - 6 * YEAR, start, 42 - healthy))
    c.body.push("gfr", ramp(start, failure, 8 - 42))
    c.body.push("tone", constant(22))
    c.body.push("albuminuria", constant(3.2))
    first = c.visit(start, "nephrology", problem=stage3, first=True)
    if first is None:
        return
    c.vitals(first.start, "bp", "hr", "height", "weight", visit=first)
    c.labs(first.start, "renal", "lytes", "bone", "fbc", "iron", "uacr", "lipids", visit=first)
    c.imaging("us-kidney", first.start + HOUR, "Enlarged kidneys with many cysts." if cause.key == "polycystic-kidney" else
              "Both kidneys 9 cm, bright cortex.", visit=first)  # fmt: skip
    c.episode("nephrology", stage3, first.start)
    for drug in ("losartan", "amlodipine", "atorvastatin", "furosemide"):
        c.prescribe(drug, first.start, visit=first, problem=pressure)
    for index, visit in enumerate(follow_up(c, start + 100 * DAY, "nephrology", stage3, months=4, stop=failure,
                                            labs=("renal", "lytes", "bone", "fbc"), story="Nierfunctie daalt langzaam.")):  # fmt: skip
        gfr = c.body.at(visit.start).gfr
        if gfr < 30:
            c.resolve(stage3, visit.start)
            c.problem("ckd4", visit.start, visit=visit)
        if gfr < 35 and index > 1:
            c.prescribe("darbepoetin", visit.start, visit=visit)
            c.prescribe("calcitriol", visit.start, visit=visit)
            c.prescribe("sevelamer", visit.start, visit=visit)
    if failure > c.end:
        return
    for problem in c.problems:
        if problem.key in ("ckd3", "ckd4"):
            c.resolve(problem, failure)
    stage5 = c.problem("ckd5", failure)
    _dialysis(c, failure, stage5)


def _dialysis(c: Chart, failure: int, stage5: Problem) -> None:
    dependent = c.problem("dialysis", failure)
    access = c.admit(failure - 70 * DAY, 1.1, "vascular", "Arteriovenous fistula", problem=stage5, source="elective")
    operation(c, access, "fistula", stage5, department="surgery", pain=2, inflammation=1, blood_loss=0.1)
    screen = c.visit(failure + 20 * DAY, "nephrology", "Assessment for transplantation", problem=stage5)
    if screen is not None:
        tissue_typing(c, screen.start + HOUR, screen)
        request = c.new("ServiceRequest", "req")
        request.update(status="completed", intent="order", code={"text": "Waiting list for a kidney transplant"}, subject=c.subject,
                       authoredOn=iso(screen.start), requester=screen.doctor.reference, reasonReference=[stage5.ref])  # fmt: skip
        c.team("Transplant team", [screen.doctor, c.hospital.team("nurse-specialist", "transplant")[0],
                                   c.hospital.doctor("surgery", c.person.number)], screen.start, stage5)  # fmt: skip
    transplant = None
    if c.person.age(failure) < 70 and not c.dead and c.chance(0.75):
        transplant = failure + int(c.rng.uniform(0.4, 2.2) * YEAR)
        if c.bed is not None:
            transplant = c.principal(9)
            transplant = transplant if transplant > failure + 60 * DAY else failure + 61 * DAY
    last = min(c.end, transplant if transplant is not None else c.end)
    # Dialysis three times a week; only the sessions of the first weeks and the last three months are in this record.
    moment, count = failure, 0
    while moment < last:
        if moment < failure + 21 * DAY or moment > last - 80 * DAY:
            _session(c, moment, stage5, count)
            count += 1
        else:
            month = moment + 10 * DAY
            c.labs(month, "renal", "lytes", "bone", "fbc", "iron")
            c.vitals(month - HOUR, "bp", "weight")
            moment += 28 * DAY
        moment += (2 if count % 3 else 3) * DAY
    if transplant is not None and transplant < c.end:
        c.resolve(dependent, transplant)
        _transplantation(c, transplant, stage5)
    elif c.dead or c.bed is not None:
        start = c.principal(6)
        c.body.push("k", pulse(start - DAY, 1.6, rise=20, half=20))
        trouble = c.problem("hyperkalaemia", start, listed=False)
        _door, stay = c.emergency_admission(
            start, 6, "nephrology", "Weakness, potassium 7.1 mmol/L", problem=trouble, principal=True
        )
        ward_care(c, stay, labs=("renal", "lytes", "fbc", "mineral"), every=1)
        c.discharge(stay, "Opname wegens hyperkaliëmie bij gemiste dialyse.", "Dialyseschema hervat, dieetadvies.")


def _session(c: Chart, moment: int, stage5: Problem, count: int) -> None:
    start = c.clinic(moment)
    session = c.admit(start, 0.19, "dialysis", "Haemodialysis", problem=stage5, source="elective")
    if session is None:
        return
    c.procedure("haemodialysis", session.start, visit=session, problem=stage5)
    c.vitals(session.start + 600, "bp", "hr", "weight", visit=session)
    c.vitals(session.end - 1200, "bp", "hr", visit=session)
    if count % 6 == 0:
        c.labs(session.start + 300, "renal", "lytes", "mineral", "hb", visit=session)


def _transplantation(c: Chart, start: int, stage5: Problem) -> None:
    """The transplantation and the life after it: creatinine falls in days, tacrolimus is kept in its range."""
    stay = c.admit(start, 9, "nephrology", "Kidney transplantation", problem=stage5, principal=True, icu=None)
    if stay is None:
        return
    c.finding(stay.start + HOUR, _CROSSMATCH, {"text": "Negative"}, "laboratory", stay)
    present = c.body.at(start).gfr
    graft = c.rng.uniform(46, 68)
    c.body.push("gfr", ramp(stay.start + 12 * HOUR, stay.start + 7 * DAY, graft - present))
    c.body.push("albuminuria", step(stay.start, -2.2, over=24 * 20))
    done = operation(c, stay, "kidney-transplantation", stage5, stay.start + 5 * HOUR, department="surgery", blood_loss=0.8,
                     note="Donornier links in de fossa, warme ischemietijd 28 minuten.")  # fmt: skip
    if done is not None:
        done["reasonCode"] = [{"text": "Donor: deceased, HLA mismatch 1-1-1"}]
    c.problem("kidney-transplant", stay.start + 9 * HOUR, visit=stay)
    c.prescribe("basiliximab", stay.start + 3 * HOUR, stay.start + 4 * HOUR, visit=stay, inpatient=True)
    c.prescribe("methylprednisolone", stay.start + 3 * HOUR, stay.start + 3 * DAY, visit=stay, inpatient=True, dose=500)
    c.prescribe("tacrolimus", stay.start + 6 * HOUR, visit=stay)
    c.prescribe("mycophenolate", stay.start + 6 * HOUR, visit=stay)
    c.prescribe("prednisolone-low", stay.start + 3 * DAY, visit=stay, dose=10)
    c.prescribe("cotrimoxazole", stay.start + DAY, stay.start + 180 * DAY, visit=stay)
    c.prescribe("valganciclovir", stay.start + DAY, stay.start + 100 * DAY, visit=stay)
    c.body.push("tacrolimus", step(stay.start + 6 * HOUR, 10.8, over=48))
    c.body.push("tacrolimus", ramp(stay.start + 60 * DAY, stay.start + YEAR, -3.6))
    c.imaging("us-kidney", stay.start + 30 * HOUR, "Transplanted kidney well perfused, no hydronephrosis.", visit=stay)
    ward_care(c, stay, labs=("renal", "lytes", "fbc", "mineral", "tacrolimus", "crp"), every=1, rounds=4)
    c.discharge(
        stay, "Niertransplantatie, directe functie van het transplantaat.", "Poliklinische controle tweemaal per week."
    )
    present_problem = next(p for p in c.problems if p.key == "kidney-transplant")
    moment = stay.end
    for gap in (4, 4, 7, 7, 14, 14, 21, 28, 28, 45, 60):
        moment += gap * DAY
        _clinic(c, moment, present_problem)
    for visit in follow_up(c, moment + 80 * DAY, "nephrology", present_problem, months=3.5,
                           labs=("renal", "lytes", "fbc", "tacrolimus", "mineral"), story="Stabiele transplantaatfunctie."):  # fmt: skip
        if c.chance(0.15):
            c.labs(visit.start, "uacr", "lipids", "hba1c", visit=visit)


def _clinic(c: Chart, moment: int, problem: Problem) -> None:
    visit = c.visit(moment, "nephrology", "After kidney transplantation", problem=problem)
    if visit is not None:
        c.vitals(visit.start, "bp", "temp", "weight", visit=visit)
        c.labs(visit.start - HOUR, "renal", "lytes", "fbc", "tacrolimus", visit=visit)


@course("living-donor", Facts("nephrology", (30, 66), 2, since=2, with_others=False))
def living_donor(c: Chart) -> None:
    """Somebody who gives a kidney: healthy, examined thoroughly, one kidney fewer, followed for life."""
    start = c.when(c.rng.uniform(0.8, 2))
    first = c.visit(start, "nephrology", "Wants to give a kidney to a relative", first=True)
    if first is None:
        return
    c.vitals(first.start, "bp", "hr", "height", "weight", "bmi", visit=first)
    c.labs(first.start, "renal", "lytes", "fbc", "liver", "glucose", "hba1c", "uacr", "lipids", visit=first)
    tissue_typing(c, first.start + HOUR, first)
    c.imaging("ct-abdomen", first.start + 10 * DAY, "Two normal kidneys, one artery on each side.")
    preoperative(c, start + 40 * DAY, asa=1)
    stay = c.admit(start + 70 * DAY, 4, "urology", "Donation of a kidney", source="elective")
    if stay is not None:
        c.body.push("gfr", step(stay.start + 6 * HOUR, -30, over=40))
        c.body.push("gfr", ramp(stay.start + 5 * DAY, stay.start + 200 * DAY, 9))
        c.procedure("anaesthesia", stay.start + 3 * HOUR, visit=stay, department="anaesthesiology", minutes=200)
        ward_care(c, stay)
        c.discharge(
            stay,
            "Laparoscopische donornefrectomie links, ongecompliceerd.",
            "Controle na zes weken en daarna jaarlijks.",
        )
    for _visit in follow_up(
        c, start + 115 * DAY, "nephrology", None, months=9, reason="After donation of a kidney", labs=("renal", "uacr")
    ):
        pass
