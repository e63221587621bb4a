"""Clinical genetics: a family with BRCA1, a family with Lynch syndrome, a child with a syndrome."""

from __future__ import annotations

from bedside.demo.body.effects import constant
from bedside.demo.chart.chart import Chart
from bedside.demo.clock import DAY, HOUR, YEAR
from bedside.demo.courses.common import relative
from bedside.demo.courses.pathways import follow_up
from bedside.demo.courses.registry import Facts, course


@course("brca", Facts("genetics", (26, 58), 5, sex="female", since=3, with_others=False))
def brca(c: Chart) -> None:
    """A BRCA1 variant in the family: counselling, the test, surveillance every year."""
    start = c.when(c.rng.uniform(0.8, 3))
    first = c.visit(start, "genetics", "Breast cancer in the family", first=True, minutes=60)
    if first is None:
        return
    relative(c, first.start, "MTH", "mother", "breast-cancer", 44)
    relative(c, first.start, "MAUNT", "maternal aunt", "breast-cancer", 51)
    c.genetics(
        first.start + HOUR,
        ("HGNC:1100", "BRCA1"),
        "c.68_69del",
        "Pathogenic variant in BRCA1, heterozygous.",
        visit=first,
    )
    c.letter(
        first.end + DAY,
        first,
        "Erfelijkheidsonderzoek gestart wegens mammacarcinoom in de familie.",
        "Uitslag over zes weken.",
    )
    result = c.visit(start + 55 * DAY, "genetics", "Result of the test", minutes=45)
    if result is None:
        return
    carrier = c.problem("brca1", result.start, visit=result)
    c.message(
        result.end + 3 * DAY,
        "Mijn zus wil zich ook laten testen. Hoe gaat dat?",
        from_patient=True,
        department="genetics",
    )
    for visit in follow_up(
        c, start + 120 * DAY, "surgery", carrier, months=11, reason="Surveillance of the breasts", vitals=("weight",)
    ):
        c.imaging("mammography", visit.start - HOUR, "BI-RADS 1: no abnormalities.", visit=visit, hours=0.5)


@course("lynch", Facts("genetics", (28, 66), 3, since=4))
def lynch(c: Chart) -> None:
    """Lynch syndrome: a colonoscopy every two years finds a polyp in time."""
    start = c.when(c.rng.uniform(2, 4))
    first = c.visit(start, "genetics", "Bowel cancer in the family", first=True, minutes=60)
    if first is None:
        return
    relative(c, first.start, "FTH", "father", "colon-cancer", 48)
    c.genetics(
        first.start + HOUR,
        ("HGNC:7127", "MLH1"),
        "c.1852_1854del",
        "Pathogenic variant in MLH1, heterozygous: Lynch syndrome.",
        visit=first,
    )
    result = c.visit(start + 55 * DAY, "genetics", "Result of the test", minutes=45)
    if result is None:
        return
    syndrome = c.problem("lynch", result.start, visit=result)
    moment = start + 150 * DAY
    while moment < c.until + 90 * DAY:
        scope = c.visit(moment, "gastroenterology", "Colonoscopy for surveillance", problem=syndrome, minutes=60)
        if scope is not None:
            c.procedure("colonoscopy", scope.start, visit=scope, problem=syndrome)
            if c.chance(0.4):
                c.pathology(
                    scope.start,
                    "Tubular adenoma with low-grade dysplasia, completely removed.",
                    visit=scope,
                    problem=syndrome,
                    site="ascending colon",
                )
        moment += int(1.9 * YEAR)


@course("syndrome", Facts("genetics", (1, 17), 4, since=6, with_others=False))
def syndrome(c: Chart) -> None:
    """A child with a syndrome: one diagnosis, many doctors, growth and heart watched."""
    key = c.rng.choice(("down", "neurofibromatosis", "marfan"))
    start = max(c.person.birth + 40 * DAY, c.when(5))
    disease = c.problem(key, c.person.birth + (3 * DAY if key == "down" else 30 * DAY))
    c.body.set_trait("height", 1.8 if key == "marfan" else -1.8 if key == "down" else -0.6)
    if key == "down":
        c.body.push("thyroid", constant(-0.12))
    first = c.visit(start, "genetics", problem=disease, first=True, minutes=60)
    if first is None:
        return
    gene = {
        "neurofibromatosis": (("HGNC:7765", "NF1"), "c.2041C>T"),
        "marfan": (("HGNC:3603", "FBN1"), "c.4588C>T"),
    }.get(key)
    if gene is not None:
        c.genetics(first.start, gene[0], gene[1], f"Pathogenic variant in {gene[0][1]}, heterozygous.", visit=first)
    c.team(
        "Team around the child",
        [
            first.doctor,
            c.hospital.doctor("paediatrics", c.person.number),
            c.hospital.doctor("cardiology", c.person.number),
        ],
        first.start,
        disease,
    )
    for index, visit in enumerate(
        follow_up(c, start + 60 * DAY, "paediatrics", disease, months=5, vitals=("height", "weight"), letters=0.3)
    ):
        if index % 2 == 0:
            c.labs(visit.start + HOUR, "thyroid", "fbc", visit=visit)
        if index % 3 == 1 and key != "neurofibromatosis":
            c.imaging(
                "echo",
                visit.start + 2 * HOUR,
                "Small ventricular septal defect, no change." if key == "down" else "Aortic root 32 mm, stable.",
                visit=visit,
            )
