"""Neurosurgery: meningioma, subdural haematoma, lumbar disc herniation."""

from __future__ import annotations

from bedside.demo.body.effects import constant, pulse, step
from bedside.demo.chart.chart import Chart
from bedside.demo.clock import DAY, HOUR
from bedside.demo.courses.oncology import radiation
from bedside.demo.courses.pathways import follow_up, operation, preoperative, ward_care
from bedside.demo.courses.registry import Facts, course


@course("meningioma", Facts("neurosurgery", (42, 78), 4, ward="neurosurgery", admitted=0.45, since=3))
def meningioma(c: Chart) -> None:
    """Meningioma: headache and a seizure, craniotomy, dexamethasone, MRI every year."""
    start = c.principal(6, c.when(2.5))
    disease = c.problem("meningioma", start - 40 * DAY)
    first = c.visit(
        start - 38 * DAY, "neurosurgery", "Headache, one seizure, tumour on MRI", problem=disease, first=True
    )
    if first is not None:
        c.imaging(
            "mri-brain", first.start - 4 * DAY, "Meningioma of 34 mm over the left convexity with oedema.", visit=None
        )
        c.prescribe("levetiracetam", first.start, visit=first, problem=disease)
        c.letter(first.end + HOUR, first, "Convexiteitsmeningeoom links, operatie-indicatie besproken.", "Craniotomie.")
    c.prescribe("dexamethasone", start - 5 * DAY, start + 9 * DAY, problem=disease)
    preoperative(c, start - 20 * DAY, asa=2)
    stay = c.admit(
        start,
        6,
        "neurosurgery",
        "Craniotomy for meningioma",
        problem=disease,
        source="elective",
        principal=True,
        icu=(0.4, 1.4),
    )
    if stay is None:
        return
    operation(c, stay, "craniotomy", disease, stay.start + 3 * HOUR, pain=4, inflammation=3, blood_loss=0.9)
    c.body.push("coma", pulse(stay.start + 5 * HOUR, 2, rise=1, half=12))
    c.pathology(
        stay.start + 7 * HOUR,
        "Meningioma, WHO grade 1, complete resection (Simpson II).",
        visit=stay,
        problem=disease,
        site="left convexity",
    )
    ward_care(c, stay, every=1, monitor=("bp", "hr", "temp", "spo2", "gcs"))
    c.discharge(
        stay,
        "Craniotomie wegens meningeoom, neurologisch intact.",
        "Hechtingen verwijderen na tien dagen, MRI over drie maanden.",
    )
    if c.chance(0.25):
        radiation(c, stay.end + 60 * DAY, disease, 10, "rest of a meningioma")
    for index, visit in enumerate(
        follow_up(
            c,
            stay.end + 90 * DAY,
            "neurosurgery",
            disease,
            months=9,
            vitals=("bp",),
            letters=0.5,
            story="Geen recidief.",
        )
    ):
        c.imaging(
            "mri-brain",
            visit.start - 5 * DAY,
            "No residual tumour." if index else "Changes after operation, no residual tumour.",
            visit=visit,
        )


@course("subdural", Facts("neurosurgery", (66, 92), 3, ward="neurosurgery", admitted=0.4, mortality=0.12, since=2))
def subdural(c: Chart) -> None:
    """Chronic subdural haematoma after a fall: burr holes, quick recovery."""
    start = c.principal(5, c.when(1.5))
    disease = c.problem("subdural-haematoma", start - DAY, resolved=start + 60 * DAY)
    c.body.push("coma", pulse(start - DAY, 2.2, rise=20, half=30 if not c.dead else 900))
    for therapy in c.therapies:
        if therapy.drug.atc.startswith("B01") and therapy.active(start):
            c.stop(therapy, start, "Intracranial bleeding")
    door, stay = c.emergency_admission(
        start, 5, "neurosurgery", "Confusion three weeks after a fall", problem=disease, principal=True
    )
    if door is not None:
        c.vitals(door.start + 200, "bp", "hr", "temp", "spo2", "gcs", visit=door)
        c.imaging(
            "ct-head",
            door.start + 900,
            "Subdural haematoma on the right, 19 mm, shift of the midline 7 mm.",
            visit=door,
            hours=0.4,
        )
        c.labs(door.start + 600, "fbc", "coag", "renal", "lytes", visit=door, hours=0.7)
    operation(
        c,
        stay,
        "burr-hole",
        disease,
        None if stay is None else stay.start + 3 * HOUR,
        pain=3,
        inflammation=1.5,
        blood_loss=0.2,
    )
    ward_care(c, stay, labs=("fbc", "coag", "lytes"), monitor=("bp", "hr", "temp", "spo2", "gcs"), prophylaxis=False)
    if stay is not None:
        c.discharge(
            stay,
            "Chronisch subduraal hematoom, ontlast via boorgaten.",
            "CT over vier weken, antistolling nog niet hervatten.",
        )
        c.imaging("ct-head", stay.end + 28 * DAY, "Small remainder of the haematoma, midline in place.")
        c.visit(stay.end + 30 * DAY, "neurosurgery", "After subdural haematoma", problem=disease)


@course("lumbar-hernia", Facts("neurosurgery", (26, 62), 5, since=2, with_others=False))
def lumbar_hernia(c: Chart) -> None:
    """Lumbar disc herniation: pain in the leg; half of them are operated."""
    start = c.when(c.rng.uniform(0.4, 2))
    disease = c.problem("lumbar-hernia", start)
    c.body.push("pain", step(start - 60 * DAY, 5, over=100, end=start + 80 * DAY))
    c.body.push("pain", constant(0.3))
    first = c.visit(start, "neurosurgery", "Pain in the left leg for ten weeks", problem=disease, first=True)
    if first is None:
        return
    c.vitals(first.start, "bp", "weight", "pain", visit=first)
    c.imaging(
        "mri-spine", first.start - 3 * DAY, "Disc herniation L5-S1 left with compression of the S1 root.", visit=None
    )
    c.prescribe("naproxen", first.start, first.start + 60 * DAY, visit=first, problem=disease)
    c.prescribe("tramadol", first.start, first.start + 60 * DAY, visit=first, problem=disease)
    if c.chance(0.5):
        preoperative(c, start + 15 * DAY, asa=1)
        stay = c.admit(start + 40 * DAY, 1.2, "neurosurgery", "Lumbar discectomy", problem=disease, source="elective")
        operation(c, stay, "discectomy", disease, pain=4, inflammation=1.4, blood_loss=0.15)
        ward_care(c, stay, every=9)
        c.discharge(
            stay, "Microdiscectomie L5-S1 links, direct minder beenpijn.", "Mobiliseren op geleide van klachten."
        )
    after = c.visit(start + 90 * DAY, "neurosurgery", problem=disease)
    if after is not None:
        c.vitals(after.start, "pain", visit=after)
        c.resolve(disease, after.start)
        c.letter(after.end + HOUR, after, "Klachten van het been grotendeels verdwenen.", "Geen verdere controle.")
