"""Women: pregnancy and birth with the child that comes of it, endometriosis, fibroids."""

from __future__ import annotations

from bedside.demo.body.effects import pulse, ramp, step
from bedside.demo.chart.chart import Chart
from bedside.demo.chart.core import Problem
from bedside.demo.clock import DAY, HOUR, MINUTE, WEEK
from bedside.demo.courses.newborns import born
from bedside.demo.courses.pathways import follow_up, operation, preoperative, ward_care
from bedside.demo.courses.registry import Facts, course

_VISITS = (9, 12, 16, 20, 24, 28, 31, 34, 36, 38, 39, 40)


@course(
    "pregnancy", Facts("obgyn", (21, 42), 22, sex="female", ward="maternity", admitted=0.25, since=3, with_others=False)
)
def pregnancy(c: Chart) -> None:
    """A pregnancy from the ninth week to the birth: visits, ultrasound, the birth, mother and child."""
    if c.bed is not None:
        birth = c.until - c.rng.randrange(8, 40) * HOUR
    elif c.chance(0.3):
        birth = c.until + c.rng.randrange(10, 200) * DAY
    else:
        birth = c.when(c.rng.uniform(0.15, 3.2)) + c.rng.randrange(-9, 12) * HOUR
    trouble = c.rng.choices(("", "diabetes", "preeclampsia"), (0.7, 0.16, 0.14))[0]
    weeks = c.rng.uniform(35.2, 37.5) if trouble == "preeclampsia" else c.rng.uniform(38, 41.4)
    start = birth - int(weeks * WEEK)
    if start + 9 * WEEK > c.end:
        start = c.end - 10 * WEEK
        birth = start + int(weeks * WEEK)
    c.pregnancies.append((start, birth))
    state = c.problem("pregnancy", start + 5 * WEEK, resolved=birth)
    c.body.push("weight", ramp(start + 12 * WEEK, birth, 12.5))
    c.body.push("weight", ramp(birth, birth + 4 * WEEK, -10))
    c.body.push("hb", ramp(start + 8 * WEEK, start + 26 * WEEK, -1.0))
    c.body.push("hb", ramp(birth, birth + 8 * WEEK, 0.95))
    c.body.push("gfr", step(start + 6 * WEEK, 25, over=24 * 40, end=birth))
    c.body.push("rate", ramp(start + 6 * WEEK, birth, 9))
    c.body.push("rate", ramp(birth, birth + 3 * WEEK, -9))
    if trouble == "preeclampsia":
        c.body.push("tone", ramp(start + 28 * WEEK, birth, 40))
        c.body.push("tone", ramp(birth, birth + 4 * WEEK, -38))
        c.body.push("hepatitis", pulse(birth - 4 * DAY, 1.2, rise=90, half=60))
        c.body.push("plt", pulse(birth - 4 * DAY, -90, rise=90, half=60))
        c.body.push("albuminuria", pulse(birth - 3 * WEEK, 3.6, rise=400, half=200))
    if trouble == "diabetes":
        c.body.push("sugar", step(start + 20 * WEEK, 2.6, over=24 * 30, end=birth))
    _antenatal(c, start, birth, state, trouble)
    if birth < c.end:
        _birth(c, start, birth, state, trouble)


def _antenatal(c: Chart, start: int, birth: int, state: Problem, trouble: str) -> None:
    c.episode("obgyn", state, start + 8 * WEEK, birth + 6 * WEEK)
    c.prescribe("folic-acid", start + 5 * WEEK, start + 12 * WEEK, problem=state)
    for index, week in enumerate(_VISITS):
        moment = start + week * WEEK
        if moment > birth - 3 * DAY:
            break
        visit = c.visit(moment, "obgyn", problem=state, first=index == 0, minutes=40 if index == 0 else 15)
        if visit is None:
            continue
        real = (visit.start - start) / WEEK
        c.vitals(visit.start, "bp", "weight", *(("height",) if index == 0 else ()), visit=visit)
        c.score("gestation", visit.start, int(real), visit)
        c.score("fetal-heart", visit.start + 120, c.rng.uniform(122, 156), visit)
        if real >= 20:
            c.score(
                "fundal-height",
                visit.start + 180,
                real + c.rng.uniform(-2, 2) - (2 if trouble == "preeclampsia" else 0),
                visit,
            )
        if index == 0:
            c.answer("antenatal", visit.start - 2 * DAY, {"first-pregnancy": c.chance(0.45), "folic-acid": True, "home-situation": c.chance(0.96),
                     "wishes": c.rng.choice(("Badbevalling", "Pijnstilling indien mogelijk", "Mijn moeder erbij", "Geen"))}, visit)  # fmt: skip
            c.labs(visit.start + 1200, "fbc", "glucose", "tsh", visit=visit)
            c.imaging(
                "us-obstetric",
                visit.start + 900,
                f"Intrauterine pregnancy of {int(real)} weeks, heartbeat present.",
                visit=visit,
                hours=0.5,
            )
        if week in (20, 31):
            c.imaging("us-obstetric", visit.start + 900, f"{int(real)} weeks: normal anatomy, growth on the 45th centile." if trouble != "preeclampsia" or week == 20
                      else f"{int(real)} weeks: growth on the 8th centile.", visit=visit, hours=0.5)  # fmt: skip
        if week == 28:
            c.labs(visit.start - HOUR, "fbc", "glucose", visit=visit)
            if trouble == "diabetes":
                sugar = c.problem("gestational-diabetes", visit.start, visit=visit, resolved=birth)
                c.prescribe("aspart", visit.start + 7 * DAY, birth, visit=visit, problem=sugar, dose=6, effect=0.3)
        if week == 34 and trouble == "preeclampsia":
            high = c.problem("preeclampsia", visit.start, visit=visit, resolved=birth + 20 * DAY)
            c.prescribe("labetalol", visit.start, birth + 20 * DAY, visit=visit, problem=high)
            c.labs(visit.start + HOUR, "fbc", "renal", "liver", "uacr", "ldh", visit=visit)


def _birth(c: Chart, start: int, birth: int, state: Problem, trouble: str) -> None:
    section = c.chance(0.55 if trouble == "preeclampsia" else 0.2)
    days = 3.2 if section else 1.6
    arrival = birth - c.rng.randrange(3, 14) * HOUR
    stay = c.admit(
        arrival,
        days,
        "maternity",
        "Labour" if not section else "Caesarean section",
        problem=state,
        source="elective",
        principal=c.bed is not None,
    )
    if stay is None:
        return
    moment = birth
    c.vitals(stay.start + 600, "bp", "hr", "temp", visit=stay)
    c.labs(stay.start + 900, "fbc", *(("renal", "liver", "ldh") if trouble == "preeclampsia" else ()), visit=stay)
    hour = stay.start + HOUR
    while hour < moment:
        c.score("fetal-heart", hour, c.rng.uniform(118, 158), stay)
        hour += 2 * HOUR
    if section:
        c.procedure("spinal", moment - 30 * MINUTE, visit=stay, department="anaesthesiology", minutes=70)
        c.prescribe("cefazolin", moment - 40 * MINUTE, moment, visit=stay, inpatient=True, frequency="once")
        c.procedure(
            "caesarean",
            moment - 10 * MINUTE,
            visit=stay,
            problem=state,
            note="Indication: fetal distress" if not trouble else "Indication: pre-eclampsia",
        )
        c.body.push("pain", pulse(moment, 6, rise=3, half=40))
    else:
        c.procedure(
            "delivery", moment - 30 * MINUTE, visit=stay, problem=state, note="Spontaneous birth, placenta complete."
        )
    c.prescribe("oxytocin", moment, moment + HOUR, visit=stay, inpatient=True)
    c.body.push("bleed", pulse(moment, 1.1 if section else 0.6, rise=10, half=300))
    c.body.push("inflammation", pulse(moment, 1.8, rise=16, half=36))
    for day in range(1, 5):
        evening = c.morning(moment + day * DAY, 8)
        if evening < min(stay.end, c.end):
            c.vitals(evening, "bp", "hr", "temp", visit=stay)
    c.prescribe("paracetamol", moment + HOUR, stay.end, visit=stay, inpatient=True)
    if section:
        c.prescribe("nadroparin", moment + 6 * HOUR, stay.end, visit=stay, inpatient=True)
    c.labs(c.morning(moment + DAY, 7), "hb", visit=stay)
    c.discharge(
        stay,
        f"{'Sectio caesarea' if section else 'Spontane partus'} bij {int((birth - start) / WEEK)} weken.",
        "Kraamzorg thuis, nacontrole over zes weken.",
    )
    child = born(c, moment, stay, (birth - start) / WEEK)
    if child is not None:
        c.children.append(child)
    after = c.visit(moment + 42 * DAY, "obgyn", "Six weeks after birth")
    if after is not None:
        c.vitals(after.start, "bp", "weight", visit=after)
        c.labs(after.start - HOUR, "fbc", *(("glucose",) if trouble == "diabetes" else ()), visit=after)


@course(
    "endometriosis",
    Facts("obgyn", (22, 45), 5, sex="female", ward="gynaecology", admitted=0.15, since=3, with_others=False),
)
def endometriosis(c: Chart) -> None:
    """Endometriosis: years of pain, laparoscopy, better months."""
    start = c.principal(1.6, c.when(2))
    disease = c.problem("endometriosis", start - 200 * DAY)
    c.body.push("pain", step(start - 900 * DAY, 5, over=9000, end=start + 40 * DAY))
    first = c.visit(start - 150 * DAY, "obgyn", problem=disease, first=True)
    if first is not None:
        c.vitals(first.start, "bp", "weight", "pain", visit=first)
        c.imaging("us-abdomen", first.start + HOUR, "Cyst of 4 cm in the left ovary, fits endometriosis.", visit=first)
        c.prescribe("naproxen", first.start, visit=first, problem=disease)
        c.letter(
            first.end + HOUR,
            first,
            "Verdenking endometriose, laparoscopie gepland.",
            "Hormonale behandeling besproken.",
        )
    preoperative(c, start - 20 * DAY, asa=1)
    stay = c.admit(
        start, 1.6, "gynaecology", "Laparoscopy for endometriosis", problem=disease, source="elective", principal=True
    )
    operation(
        c,
        stay,
        "laparoscopy-endometriosis",
        disease,
        None if stay is None else stay.start + 2 * HOUR,
        pain=4,
        inflammation=1.5,
        blood_loss=0.2,
    )
    ward_care(c, stay, every=4)
    if stay is not None:
        c.pathology(stay.start + 5 * HOUR, "Peritoneum: endometriosis.", visit=stay, problem=disease)
        c.discharge(stay, "Laparoscopische excisie van endometriose.", "Controle na acht weken.")
        for _visit in follow_up(c, stay.end + 56 * DAY, "obgyn", disease, months=6, vitals=("pain",)):
            pass


@course("fibroids", Facts("obgyn", (38, 54), 5, sex="female", ward="gynaecology", admitted=0.25, since=2))
def fibroids(c: Chart) -> None:
    """Fibroids with heavy bleeding: iron, and for many a hysterectomy."""
    start = c.principal(2.3, c.when(1.8))
    disease = c.problem("fibroids", start - 200 * DAY)
    c.body.push("iron", step(start - 700 * DAY, 0.9, over=5000, end=start + 60 * DAY))
    first = c.visit(start - 120 * DAY, "obgyn", "Heavy periods", problem=disease, first=True)
    if first is not None:
        c.vitals(first.start, "bp", "hr", "height", "weight", visit=first)
        c.labs(first.start, "fbc", "iron", "tsh", visit=first)
        c.imaging(
            "us-abdomen", first.start + HOUR, "Enlarged uterus with several fibroids, the largest 7 cm.", visit=first
        )
        c.prescribe("ferrous-fumarate", first.start, first.start + 200 * DAY, visit=first, problem=disease)
    preoperative(c, start - 20 * DAY)
    stay = c.admit(start, 2.3, "gynaecology", "Hysterectomy", problem=disease, source="elective", principal=True)
    done = operation(
        c,
        stay,
        "hysterectomy",
        disease,
        None if stay is None else stay.start + 3 * HOUR,
        pain=4,
        inflammation=2,
        blood_loss=0.5,
    )
    if stay is not None:
        if done is not None:
            c.pathology(
                stay.start + 6 * HOUR, "Uterus 480 g with leiomyomas, no malignancy.", visit=stay, problem=disease
            )
            c.resolve(disease, stay.end)
        ward_care(c, stay, every=1)
        c.discharge(stay, "Laparoscopische hysterectomie wegens myomen.", "Controle na zes weken.")
        c.visit(stay.end + 42 * DAY, "obgyn", "After operation")
