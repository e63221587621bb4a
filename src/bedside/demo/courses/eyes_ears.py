"""Eyes and ears: cataract, glaucoma, macular degeneration; tonsils, sinuses, cochlear implant."""

from __future__ import annotations

from bedside.demo.body.effects import pulse
from bedside.demo.chart.chart import Chart
from bedside.demo.chart.core import Visit
from bedside.demo.clock import DAY, HOUR
from bedside.demo.courses.pathways import follow_up, operation, preoperative, ward_care
from bedside.demo.courses.registry import Facts, course


def eyes(c: Chart, visit: Visit | None, right: float, left: float, pressure: float = 0) -> None:
    """Visual acuity of both eyes, and their pressure when it matters."""
    if visit is None:
        return
    c.score("acuity-right", visit.start, right, visit)
    c.score("acuity-left", visit.start, left, visit)
    if pressure:
        c.score("iop-right", visit.start, pressure + c.rng.uniform(-1.5, 1.5), visit)
        c.score("iop-left", visit.start, pressure + c.rng.uniform(-1.5, 1.5), visit)


@course("cataract", Facts("ophthalmology", (62, 90), 14, since=2))
def cataract(c: Chart) -> None:
    """Cataract: one eye and then the other, twenty minutes each."""
    start = c.when(c.rng.uniform(0.1, 1.5))
    disease = c.problem("cataract", start - 200 * DAY)
    eyes(c, c.visit(start - 50 * DAY, "ophthalmology", problem=disease, first=True), 0.4, 0.5, 16)
    for side, day in (("right", 0), ("left", 35)):
        stay = c.admit(
            c.clinic(start + day * DAY),
            0.15,
            "day-surgery",
            f"Cataract surgery, {side} eye",
            problem=disease,
            source="elective",
        )
        if stay is not None:
            done = c.procedure(
                "cataract-surgery",
                stay.start + HOUR,
                visit=stay,
                problem=disease,
                department="ophthalmology",
                outcome="Without complications",
            )
            c.implant("Intraocular lens", "Clara acrylic lens +21.5 D", stay.start, done)
            c.prescribe("dexamethasone-eye", stay.end, stay.end + 28 * DAY, visit=stay, problem=disease)
            c.vitals(stay.start + 600, "bp", "hr", visit=stay)
    after = c.visit(start + 70 * DAY, "ophthalmology", problem=disease)
    eyes(c, after, 0.9, 0.95, 15)
    if after is not None:
        c.resolve(disease, after.start)
        c.letter(
            after.end + HOUR,
            after,
            "Beide ogen ongecompliceerd geopereerd aan cataract.",
            "Nieuwe bril bij de opticien.",
        )


@course("glaucoma", Facts("ophthalmology", (50, 88), 8, since=5))
def glaucoma(c: Chart) -> None:
    """Glaucoma: pressure that falls with drops, fields every year."""
    start = c.when(c.rng.uniform(1.5, 5))
    disease = c.problem("glaucoma", start)
    first = c.visit(start, "ophthalmology", problem=disease, first=True)
    eyes(c, first, 0.9, 0.8, 27)
    c.prescribe("latanoprost", start, visit=first, problem=disease)
    pressure = 20.0
    for index, visit in enumerate(
        follow_up(
            c,
            start + 60 * DAY,
            "ophthalmology",
            disease,
            months=5,
            vitals=(),
            letters=0.2,
            story="Oogdruk en gezichtsvelden besproken.",
        )
    ):
        if index == 2 and c.chance(0.5):
            c.prescribe("timolol", visit.start, visit=visit, problem=disease)
            pressure = 16.5
        eyes(c, visit, 0.9, 0.8, pressure)
        if index % 2 == 1:
            c.imaging("oct", visit.start, "Thinning of the nerve fibre layer, no progression.", visit=visit, hours=0.5)


@course("macula", Facts("ophthalmology", (66, 94), 8, since=3))
def macula(c: Chart) -> None:
    """Wet macular degeneration: an injection every month or two, OCT each time."""
    start = c.when(c.rng.uniform(0.6, 2.5))
    disease = c.problem("macular-degeneration", start)
    sight = 0.3
    moment = start
    for number in range(12):
        visit = c.visit(
            moment, "ophthalmology", "Injection in the right eye" if number else "", problem=disease, first=number == 0
        )
        if visit is not None:
            eyes(c, visit, min(0.8, sight), 0.7)
            c.imaging("oct", visit.start, "Subretinal fluid." if number < 2 else "No fluid.", visit=visit, hours=0.3)
            c.procedure("intravitreal", visit.start + 900, visit=visit, problem=disease)
            c.prescribe(
                "aflibercept",
                visit.start + 600,
                visit.start + HOUR,
                visit=visit,
                problem=disease,
                inpatient=True,
                frequency="once",
            )
            sight += c.rng.uniform(-0.02, 0.08)
        elif moment > c.end:
            break
        moment += (30 if number < 3 else 60) * DAY


@course("tonsils", Facts("ent", (3, 14), 9, since=2, with_others=False))
def tonsils(c: Chart) -> None:
    """Tonsils out: a child, day surgery, ice cream."""
    start = c.when(c.rng.uniform(0.1, 1.5))
    disease = c.problem("tonsillitis", max(c.person.birth + 400 * DAY, start - 300 * DAY))
    first = c.visit(start - 40 * DAY, "ent", "Tonsillitis five times a year", problem=disease, first=True)
    if first is not None:
        c.vitals(first.start, "height", "weight", visit=first)
    stay = c.admit(c.clinic(start), 0.3, "day-surgery", "Tonsillectomy", problem=disease, source="elective")
    operation(
        c,
        stay,
        "tonsillectomy",
        disease,
        None if stay is None else stay.start + HOUR,
        department="ent",
        pain=4,
        inflammation=1,
        blood_loss=0.1,
        antibiotic=False,
    )
    if stay is not None:
        c.vitals(stay.start + 3 * HOUR, "hr", "spo2", "temp", visit=stay)
        c.prescribe("paracetamol", stay.start + 2 * HOUR, stay.start + 6 * DAY, visit=stay, problem=disease)
        c.resolve(disease, stay.end + 10 * DAY)
        c.discharge(
            stay,
            "Adenotonsillectomie in dagbehandeling, ongecompliceerd.",
            "Paracetamol op vaste tijden, bij nabloeding direct bellen.",
        )


@course("sinuses", Facts("ent", (22, 70), 5, since=3))
def sinuses(c: Chart) -> None:
    """Chronic sinusitis: spray, CT, endoscopic surgery."""
    start = c.when(c.rng.uniform(0.5, 2.5))
    disease = c.problem("sinusitis", start - 300 * DAY)
    first = c.visit(start, "ent", "Blocked nose, no smell", problem=disease, first=True)
    if first is None:
        return
    c.prescribe("mometasone-nose", first.start, visit=first, problem=disease)
    c.imaging("ct-head", first.start + 14 * DAY, "Opacification of both maxillary and ethmoid sinuses.")
    if c.chance(0.6):
        preoperative(c, start + 40 * DAY)
        stay = c.admit(
            start + 70 * DAY, 1.0, "gynaecology", "Endoscopic sinus surgery", problem=disease, source="elective"
        )
        operation(c, stay, "sinus-surgery", disease, department="ent", pain=2, inflammation=1, blood_loss=0.2)
        ward_care(c, stay, every=5)
        c.discharge(stay, "Endoscopische neusbijholteoperatie beiderzijds.", "Neus spoelen, controle over twee weken.")
    for _visit in follow_up(c, start + 100 * DAY, "ent", disease, months=6, vitals=(), stop=start + 600 * DAY):
        pass


@course("hearing", Facts("ent", (40, 85), 4, ward="gynaecology", admitted=0.1, since=3))
def hearing(c: Chart) -> None:
    """Severe hearing loss: a cochlear implant, and learning to hear with it."""
    start = c.principal(1.2, c.when(2))
    disease = c.problem("hearing-loss", start - 400 * DAY, severity="severe")
    first = c.visit(start - 120 * DAY, "ent", problem=disease, first=True, minutes=40)
    if first is not None:
        c.score("hearing-right", first.start, c.rng.uniform(78, 100), first)
        c.score("hearing-left", first.start, c.rng.uniform(78, 100), first)
        c.imaging("mri-brain", first.start + 10 * DAY, "Normal cochleae and nerves on both sides.")
        c.letter(
            first.end + HOUR,
            first,
            "Ernstig perceptief gehoorverlies beiderzijds, kandidaat voor cochleaire implantatie.",
            "Implantatie rechts.",
        )
    preoperative(c, start - 25 * DAY)
    stay = c.admit(
        start, 1.2, "gynaecology", "Cochlear implantation", problem=disease, source="elective", principal=True
    )
    done = operation(
        c,
        stay,
        "cochlear-implant",
        disease,
        None if stay is None else stay.start + 2 * HOUR,
        department="ent",
        pain=2,
        inflammation=1,
        blood_loss=0.1,
    )
    c.implant("Cochlear implant", "Audiona CI 24", start, done)
    ward_care(c, stay, every=5)
    if stay is None:
        return
    c.discharge(stay, "Cochleaire implantatie rechts.", "Aansluiten van de processor na vier weken.")
    c.body.push("pain", pulse(stay.start, 1, rise=5, half=50))
    for index, days in enumerate((28, 60, 120, 300)):
        visit = c.visit(stay.end + days * DAY, "ent", "Fitting of the implant", problem=disease)
        if visit is not None:
            c.score("hearing-right", visit.start, 42 - 5 * index, visit)
