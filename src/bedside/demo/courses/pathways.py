"""What is done the same way whatever the illness: care on a ward, an operation, follow-up in clinic."""

from __future__ import annotations

from collections.abc import Iterator

from bedside.demo.body.effects import pulse
from bedside.demo.catalog.actions import ACTIONS
from bedside.demo.chart.chart import Chart
from bedside.demo.chart.core import PAPERLESS, Problem, Visit
from bedside.demo.clock import DAY, HOUR, MINUTE, at, clinic_time, day_of, dutch_date
from bedside.demo.codes import Json
from bedside.demo.hospital.departments import WARDS

HOME_LABS = ("fbc", "renal", "lytes")


def ward_care(
    c: Chart,
    stay: Visit | None,
    *,
    labs: tuple[str, ...] = ("fbc", "renal", "lytes", "crp"),
    every: float = 2,
    rounds: int = 2,
    scores: bool = True,
    prophylaxis: bool = True,
    monitor: tuple[str, ...] = ("bp", "hr", "rr", "temp", "spo2"),
) -> None:
    """The daily care of a stay: rounds of vital signs, blood every so many days, screening, simple medication.

    The part of the stay in intensive care has its own rhythm (`intensive_care`).
    """
    if stay is None:
        return
    last = min(stay.end, c.end)
    recent = stay.end > c.until - PAPERLESS
    adult = c.age(stay.start) >= 16
    c.labs(stay.start + 20 * MINUTE, *labs, visit=stay, hours=1.2)
    first, final = day_of(stay.start), day_of(last)
    hours = {1: (9,), 2: (8, 19), 3: (7, 14, 21), 4: (6, 12, 17, 22)}[rounds if recent else 1]
    icu = stay.icu or (0, 0)
    for day in range(first, final + 1):
        for hour in hours:
            moment = at(day, hour, c.rng.randrange(0, 30))
            if stay.start < moment < last and not icu[0] <= moment < icu[1]:
                c.vitals(moment, *monitor, visit=stay)
        days = day - first
        if days and days % max(1, round(every)) == 0:
            moment = at(day, 6, 45)
            if stay.start < moment < last and not icu[0] <= moment < icu[1]:
                c.labs(moment, *labs, visit=stay)
        if recent and adult and days % 3 == 1 and stay.start < at(day, 10) < last:
            c.vitals(at(day, 10), "pain", visit=stay)
        if adult and days % 4 == 0 and stay.start < at(day, 6, 30) < last:
            c.vitals(at(day, 6, 30), "weight", visit=stay)
    if stay.icu is not None:
        intensive_care(c, stay)
    c.reconcile(stay)
    if scores and adult and recent:
        _screening(c, stay)
    if prophylaxis and adult and WARDS[stay.ward].kind != "day":
        if c.on("apixaban", stay.start) is None and c.on("acenocoumarol", stay.start) is None:
            c.prescribe("nadroparin", stay.start + 3 * HOUR, stay.end, visit=stay, inpatient=True)
        c.prescribe("paracetamol", stay.start + 2 * HOUR, stay.end, visit=stay, inpatient=True)
    if stay.open:
        nurse = c.hospital.team("nurse", stay.ward)[c.person.number % 4]
        c.task("Prepare discharge: medication list, transport, family informed", stay.start + 20 * HOUR,
               c.until + DAY, nurse, visit=stay)  # fmt: skip


def _screening(c: Chart, stay: Visit) -> None:
    """Nursing assessment on the first day: falls, nutrition, skin; above 70 delirium and frailty."""
    moment = stay.start + 4 * HOUR
    if moment > c.end:
        return
    age = c.age(stay.start)
    c.score("malnutrition", moment, c.rng.choice((0, 0, 0, 1, 1, 2, 3)), stay)
    c.score("pressure-ulcer", moment, c.rng.randint(12, 22) if age > 65 else c.rng.randint(17, 23), stay)
    if age > 70:
        c.score("delirium-scale", moment, c.rng.choice((0, 0, 1, 1, 2, 4)), stay)
        if c.chance(0.5):
            c.flag("falls", stay.start, stay.end, stay)
    if age > 70 and c.chance(0.35) and stay.start > c.until - PAPERLESS:
        c.flag("delirium", stay.start, stay.end, stay)


def intensive_care(c: Chart, stay: Visit) -> None:
    """Monitoring in intensive care: every hour circulation and breathing, every four hours the rest, blood gases."""
    if stay.icu is None:
        return
    start, end = stay.icu
    end = min(end, c.end)
    recent = stay.end > c.until - PAPERLESS
    monitor = f"device-monitor-icu-{stay.icu_bed:02d}"
    step = HOUR if recent else 4 * HOUR
    moment, hour = start - start % HOUR + HOUR, 0
    child = c.age(start) < 1
    while moment < end:
        c.vitals(moment, "bp", "hr", "rr", "spo2", visit=stay, device=monitor if not child else "")
        if hour % 4 == 0 or not recent:
            c.vitals(moment + 5 * MINUTE, "temp", *(("fio2",) if child else ("gcs", "fio2", "urine")), visit=stay)
        if hour % 6 == 2 or not recent:
            c.labs(moment + 10 * MINUTE, "gas", "glucose", visit=stay, hours=0.1)
        if hour % 24 == 3:
            c.labs(moment + 15 * MINUTE, "fbc", "renal", "lytes", "mineral", "liver", "coag", "crp", visit=stay)
        moment += step
        hour += step // HOUR


def preoperative(c: Chart, moment: int, asa: int = 2) -> Visit | None:
    """The anaesthetist's outpatient assessment some weeks before a planned operation."""
    visit = c.visit(moment, "anaesthesiology", "Assessment before anaesthesia", minutes=20)
    if visit is None:
        return None
    c.score("asa", visit.start + 10 * MINUTE, asa, visit)
    c.vitals(visit.start + 5 * MINUTE, "bp", "hr", "spo2", "height", "weight", "bmi", visit=visit)
    c.labs(visit.start - HOUR, *HOME_LABS, "glucose", visit=visit)
    if c.age(moment) > 60:
        c.ecg(visit.start + 15 * MINUTE, "Sinus rhythm, no acute abnormalities.", visit)
    if c.age(moment) > 15:
        c.answer("preoperative", visit.start - 3 * DAY, {
            "anaesthesia-problems": c.chance(0.08),
            "exercise": c.chance(0.8),
            "smoking": c.person.smoking == "current",
            "loose-teeth": c.chance(0.2),
            "worries": c.rng.choice(("None", "The pain afterwards", "Waking up during the operation", "Nausea")),
        })  # fmt: skip
    return visit


def operation(
    c: Chart,
    stay: Visit | None,
    key: str,
    problem: Problem | None,
    start: int | None = None,
    *,
    department: str = "",
    pain: float = 5.0,
    inflammation: float = 2.5,
    blood_loss: float = 0.6,
    spinal: bool = False,
    antibiotic: bool = True,
    note: str = "",
) -> Json | None:
    """An operation during a stay: anaesthesia, antibiotic, the procedure, its effect on the body, and its report."""
    if stay is None:
        return None
    who = department or stay.department
    begin = start if start is not None else max(stay.start + 2 * HOUR, at(day_of(stay.start), 11))
    minutes = ACTIONS[key].minutes
    if begin + minutes * MINUTE > min(c.end, stay.end):
        return None
    if antibiotic:
        c.prescribe("cefazolin", begin - 30 * MINUTE, begin, visit=stay, inpatient=True, frequency="once")
    kind = "spinal" if spinal else "anaesthesia"
    c.procedure(kind, begin - 25 * MINUTE, visit=stay, department="anaesthesiology", minutes=minutes + 40)
    done = c.procedure(
        key, begin, visit=stay, problem=problem, department=who, outcome="Completed without complications", note=note
    )
    c.body.push("inflammation", pulse(begin, inflammation, rise=36, half=60))
    c.body.push("pain", pulse(begin, pain, rise=8, half=50))
    c.body.push("bleed", pulse(begin, blood_loss, rise=6, half=290))
    c.prescribe("morphine", begin + 2 * HOUR, begin + 2 * DAY, visit=stay, inpatient=True)
    item = ACTIONS[key]
    if begin > c.until - PAPERLESS:
        doctor = c.hospital.doctor(who, c.person.number)
        text = (
            f"Operatieverslag\n\nDatum: {dutch_date(begin)}\nOperateur: {doctor.display}\nIngreep: {item.dutch}\n"
            f"Anesthesie: {'spinaal' if spinal else 'algeheel'}\nDuur: {minutes} minuten\n\n"
            f"Time-out uitgevoerd. {'Antibiotische profylaxe gegeven. ' if antibiotic else ''}"
            f"Ongecompliceerd verloop, bloedverlies {int(80 + blood_loss * 500)} ml. {note}\n"
        )
        c.later(begin, lambda: None if begin + 3 * HOUR > c.end else _report(c, begin + 3 * HOUR, text, stay))
    return done


def _report(c: Chart, moment: int, text: str, stay: Visit) -> None:
    c.document("operation", moment, text, stay, title="Operatieverslag")


def follow_up(
    c: Chart,
    start: int,
    department: str,
    problem: Problem | None,
    *,
    months: float,
    reason: str = "",
    labs: tuple[str, ...] = (),
    vitals: tuple[str, ...] = ("bp", "hr", "weight"),
    stop: int | None = None,
    jitter: float = 0.12,
    letters: float = 0.25,
    story: str = "Stabiel beeld, geen nieuwe klachten.",
    plan: str = "Beleid ongewijzigd, controle volgens afspraak.",
) -> Iterator[Visit]:
    """Regular visits from `start` on, and one appointment after `until`; each visit that takes place is yielded."""
    moment = start
    step = int(months * 30.44 * DAY)
    limit = stop if stop is not None else c.until + int(months * 31 * DAY) + DAY
    while moment < limit:
        if moment > c.end and (c.dead or stop is not None):
            return
        if c.chance(0.04) and moment < c.end:
            c.missed(moment, department, reason or "Follow-up")
        elif (visit := c.visit(moment, department, reason, problem=problem, virtual=c.chance(0.12))) is not None:
            if visit.kind == "virtual":
                vitals_now: tuple[str, ...] = ()
            else:
                vitals_now = vitals
            if vitals_now:
                c.vitals(visit.start + 5 * MINUTE, *vitals_now, visit=visit)
            if labs:
                taken = clinic_time(c.rng, visit.start - 5 * DAY) if c.chance(0.5) else visit.start - 50 * MINUTE
                if taken < visit.start:
                    c.labs(taken, *labs, visit=visit)
            if c.chance(letters):
                c.letter(visit.end + 2 * HOUR, visit, story, plan)
            yield visit
        if moment > c.until:
            return
        moment += int(step * c.rng.uniform(1 - jitter, 1 + jitter))
