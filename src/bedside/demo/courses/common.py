"""What comes with age and with life, beside the main story: common conditions, vaccinations, family, messages."""

from __future__ import annotations

from bedside.demo.body.effects import constant, ramp
from bedside.demo.catalog.problems import CONCEPTS, PROBLEMS
from bedside.demo.catalog.scores import SCHEDULES
from bedside.demo.chart.chart import Chart
from bedside.demo.clock import DAY, HOUR, MONTH, YEAR, iso_date
from bedside.demo.codes import HL7, Json, coding, concept, quantity
from bedside.demo.hospital.region import PARTNERS

_WISHES = (
    "Ik wil graag weten wanneer ik weer mag autorijden.",
    "Kan de uitslag telefonisch besproken worden?",
    "Mijn dochter wil graag mee naar de afspraak.",
    "Ik heb meer last van bijwerkingen dan vorige keer.",
    "Mag ik de nieuwe tabletten met voedsel innemen?",
    "Kan de afspraak een week later? Dan ben ik op vakantie.",
    "Ik ben duizelig sinds de nieuwe medicijnen.",
)
_REPLIES = (
    "Dank voor uw bericht. Wij bespreken dit bij uw volgende afspraak.",
    "De uitslag is goed. U hoeft niets te veranderen.",
    "Het secretariaat belt u om een nieuwe afspraak te maken.",
    "Neem de tabletten 's avonds in. Blijft u klachten houden, bel ons dan.",
)
_FAMILY: tuple[tuple[str, float], ...] = (
    ("hypertension", 0.25), ("diabetes2", 0.2), ("coronary-disease", 0.2), ("breast-cancer", 0.1),
    ("colon-cancer", 0.08), ("stroke", 0.12), ("asthma", 0.1), ("depression", 0.1), ("alzheimer", 0.08),
)  # fmt: skip
_RELATIONS = (("MTH", "mother"), ("FTH", "father"), ("SIB", "sibling"))


def background(c: Chart, since: int) -> None:
    """Common conditions of adults, known and treated by the general practitioner before the hospital met them."""
    age = c.age(since)
    if age < 35:
        return
    known = max(c.person.birth + 30 * YEAR, since - c.rng.randrange(1, 9) * YEAR)
    old = min(1.0, (age - 35) / 45)
    if c.chance(0.08 + 0.42 * old):
        c.problem("hypertension", known, remembered=True)
        c.body.push("tone", ramp(known - YEAR, known, 17))
        _gp(c, since, c.rng.choice(("amlodipine", "enalapril", "losartan", "hydrochlorothiazide", "metoprolol")))
    if c.chance(0.04 + 0.14 * old):
        c.problem("diabetes2", known, remembered=True)
        c.body.push("glycaemia", ramp(known - YEAR, known, c.rng.uniform(14, 28)))
        c.body.push("bmi", constant(3))
        _gp(c, since, "metformin")
    if c.chance(0.05 + 0.25 * old):
        c.problem("hyperlipidaemia", known, remembered=True)
        c.body.push("ldl", constant(0.3))
        _gp(c, since, "simvastatin")
    if c.chance(0.02 + 0.05 * old):
        c.problem("hypothyroidism", known, remembered=True)
        _gp(c, since, "levothyroxine", 75)
    if c.person.smoking != "never" and c.chance(0.06 + 0.12 * old):
        c.problem("copd", known, remembered=True)
        c.body.push("hypoxia", constant(1.2))
        _gp(c, since, "tiotropium")
    if c.chance(0.03 + 0.12 * old):
        c.problem("knee-arthrosis", known, remembered=True)
    if c.person.sex == "female" and age > 65 and c.chance(0.15):
        c.problem("osteoporosis", known, remembered=True)
        _gp(c, since, "alendronate")
    if age > 75 and c.chance(0.25):
        c.body.push("gfr", ramp(known, since, -18))
        c.problem("ckd3", since, remembered=True)
    if age > 60 and c.chance(0.25):
        _gp(c, since, "pantoprazole")


def _gp(c: Chart, since: int, drug: str, dose: float | None = None) -> None:
    c.prescribe(drug, max(c.person.birth + DAY, since - c.rng.randrange(20, 300) * DAY), dose=dose)


def vaccinations(c: Chart) -> None:
    """The childhood programme for those born in its time, influenza and COVID-19 for those over sixty."""
    if c.age(c.until) < 19 and not c.chance(0.05):
        doses: dict[str, int] = {}
        for vaccine, years in SCHEDULES[c.person.town.country]:
            moment = c.person.birth + int((years + c.rng.uniform(0, 0.06)) * YEAR)
            doses[vaccine] = doses.get(vaccine, 0) + 1
            c.vaccinate(vaccine, moment, doses[vaccine])
    elif c.age(c.end) > 60:
        for back in range(4):
            if not c.chance(0.6):
                continue
            # The autumn campaign begins in the middle of October.
            year_start = c.until - (c.until % YEAR) - back * YEAR
            moment = year_start + int(c.rng.uniform(9.6, 11.0) * MONTH)
            if moment < c.end and c.age(moment) >= 60:
                c.vaccinate("influenza", moment)
                if c.chance(0.6):
                    c.vaccinate("covid", moment + c.rng.randrange(0, 12) * DAY)


def family_history(c: Chart, moment: int) -> None:
    """Up to two relatives with what they had, asked at the first visit."""
    if c.age(moment) < 20 or not c.chance(0.3) or moment > c.end:
        return
    for code, words in c.rng.sample(_RELATIONS, 2 if c.chance(0.3) else 1):
        key = c.rng.choices([k for k, _ in _FAMILY], [w for _, w in _FAMILY])[0]
        relative(c, moment, code, words, key, c.rng.randint(42, 76))


def relative(c: Chart, moment: int, code: str, words: str, key: str, age: int) -> None:
    """A FamilyMemberHistory: somebody in the family who had something at some age."""
    if moment > c.end:
        return
    found = c.new("FamilyMemberHistory", "fam")
    found["status"] = "completed"
    found["patient"] = c.subject
    found["date"] = iso_date(moment)
    found["relationship"] = concept(words.capitalize(), coding(HL7 + "v3-RoleCode", code, words))
    female = code == "MTH" or (code not in ("FTH", "BRO") and (key == "breast-cancer" or c.chance(0.5)))
    sex = "female" if female else "male"
    found["sex"] = concept(sex.capitalize(), coding("http://hl7.org/fhir/administrative-gender", sex, sex.capitalize()))
    onset: Json = quantity(age, "a", "a")
    found["condition"] = [{"code": CONCEPTS[key], "onsetAge": onset}]


def _referred(c: Chart) -> None:
    """A letter of referral from a partner hospital for some, and one in English for a second opinion abroad."""
    visits = [visit for visit in c.visits if visit.kind in ("ambulatory", "inpatient")]
    if not visits or not c.chance(0.22):
        return
    first = min(visits, key=lambda visit: visit.start)
    name = next((PROBLEMS[p.key].dutch for p in c.problems if p.ref), "onbegrepen klachten")
    c.referral(
        first.start - c.rng.randrange(3, 20) * DAY,
        c.rng.choice(PARTNERS[:5]),
        f"Graag uw beoordeling en overname van behandeling in verband met {name}.",
    )
    if c.chance(0.12):
        last = visits[-1]
        words = next((PROBLEMS[p.key].display.lower() for p in c.problems if p.ref), "this problem")
        c.letter(
            last.end + DAY,
            last,
            f"We would be grateful for your second opinion on the treatment of {words}.",
            "The images are available through our archive. We discuss your answer with the patient.",
            kind="referral",
            language="en",
        )


def everyday(c: Chart, since: int) -> None:
    """Small things of recent months: messages, forms, a task for the team, an interpreter where one is needed."""
    family_history(c, since + HOUR)
    _referred(c)
    if c.person.language not in ("nl", "en", "fr", "pap") and c.chance(0.6):
        c.flag("interpreter", since)
    recent = [visit for visit in c.visits if visit.end > c.until - 240 * DAY and visit.kind == "ambulatory"]
    for visit in recent[-3:]:
        if c.age(visit.start) < 17:
            continue
        if c.chance(0.3):
            moment = visit.end + c.rng.randrange(1, 12) * DAY + 2 * HOUR
            c.message(moment, c.rng.choice(_WISHES), from_patient=True, department=visit.department)
            c.message(moment + 26 * HOUR, c.rng.choice(_REPLIES), from_patient=False, department=visit.department)
        if c.chance(0.25):
            c.answer("experience", visit.end + 2 * DAY, {
                "listened": c.rng.randint(6, 10), "informed": c.rng.randint(5, 10), "recommend": c.rng.randint(6, 10),
                "better": c.rng.choice(("Niets", "De wachttijd", "Parkeren is duur", "Eerder bericht over de uitslag")),
            }, visit)  # fmt: skip
        if c.chance(0.2):
            c.answer("visit-preparation", visit.start - 2 * DAY, {
                "most-important": c.rng.choice(_WISHES), "since-last": c.rng.randint(3, 9), "medicines": c.chance(0.9),
            })  # fmt: skip
        if c.chance(0.25):
            doctor = c.hospital.doctor(visit.department, c.person.number)
            c.task(
                c.rng.choice(("Look at the results and tell the patient", "Call the patient about the plan")),
                visit.end,
                visit.end + c.rng.randrange(5, 60) * DAY,
                doctor,
                visit=visit,
            )
