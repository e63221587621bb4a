"""Skin: psoriasis, eczema of children, melanoma, basal cell carcinoma."""

from __future__ import annotations

from bedside.demo.body.effects import constant
from bedside.demo.chart.chart import Chart
from bedside.demo.clock import DAY, HOUR, YEAR
from bedside.demo.courses.pathways import follow_up
from bedside.demo.courses.registry import Facts, course


@course("psoriasis", Facts("dermatology", (18, 75), 8, since=4))
def psoriasis(c: Chart) -> None:
    """Psoriasis: ointment, light, a biological; PASI falls."""
    start = c.when(c.rng.uniform(1, 4))
    disease = c.problem("psoriasis", max(c.person.birth + 10 * YEAR, start - 5 * YEAR), remembered=True)
    c.body.push("inflammation", constant(0.5))
    first = c.visit(start, "dermatology", problem=disease, first=True)
    if first is None:
        return
    area = c.rng.uniform(7, 18)
    c.score("pasi", first.start, area, first)
    c.prescribe("calcipotriol", first.start, visit=first, problem=disease)
    if area > 11:
        for number in range(9):
            light = c.visit(
                start + (20 + 5 * number) * DAY, "dermatology", "Light therapy", problem=disease, minutes=15
            )
            if light is not None:
                c.procedure("phototherapy", light.start, visit=light, problem=disease)
    for index, visit in enumerate(
        follow_up(
            c,
            start + 90 * DAY,
            "dermatology",
            disease,
            months=6,
            vitals=("weight",),
            story="Huidafwijkingen afgenomen.",
        )
    ):
        if index == 1 and area > 12:
            c.labs(visit.start, "fbc", "liver", "renal", visit=visit)
            c.prescribe("secukinumab", visit.start, visit=visit, problem=disease)
        area = max(0.4, area * c.rng.uniform(0.5, 0.85))
        c.score("pasi", visit.start, area, visit)


@course("eczema", Facts("dermatology", (1, 16), 7, since=3, with_others=False))
def eczema(c: Chart) -> None:
    """Atopic eczema in a child: ointment, advice, growing out of it."""
    start = c.when(c.rng.uniform(0.4, 2))
    disease = c.problem("eczema", max(c.person.birth + 60 * DAY, start - YEAR), remembered=True)
    c.body.push("eos", constant(0.3))
    first = c.visit(start, "dermatology", problem=disease, first=True)
    if first is None:
        return
    c.vitals(first.start, "height", "weight", visit=first)
    c.prescribe("betamethasone-cream", first.start, visit=first, problem=disease)
    c.letter(
        first.end + HOUR,
        first,
        "Constitutioneel eczeem, matig ernstig. Uitleg aan ouders over vet zalven.",
        "Hormoonzalf volgens afbouwschema.",
    )
    for _visit in follow_up(
        c, start + 50 * DAY, "dermatology", disease, months=5, vitals=("weight",), stop=start + 900 * DAY
    ):
        pass


@course("melanoma", Facts("dermatology", (30, 80), 8, since=4))
def melanoma(c: Chart) -> None:
    """Melanoma: excision, Breslow thickness, the skin looked at twice a year."""
    start = c.when(c.rng.uniform(0.8, 4))
    disease = c.problem("melanoma", start, stage=c.rng.choice(("pT1a", "pT1a", "pT2a", "pT3a")))
    first = c.visit(start - 8 * DAY, "dermatology", "Mole that changed", first=True)
    if first is None:
        return
    c.procedure("biopsy-skin", first.start, visit=first, problem=disease)
    thickness = c.rng.uniform(0.3, 2.4)
    c.pathology(
        first.start,
        f"Skin of the back: superficial spreading melanoma, Breslow {thickness:.1f} mm, no ulceration.",
        visit=first,
        problem=disease,
        site="back",
    )
    c.score("breslow", first.start + 4 * DAY, thickness)
    again = c.visit(start + 14 * DAY, "dermatology", "Wider excision", problem=disease, minutes=45)
    if again is not None:
        c.procedure("skin-excision", again.start, visit=again, problem=disease, outcome="Margin 1 cm")
        c.letter(
            again.end + 6 * DAY,
            again,
            f"Melanoom van de rug, Breslow {thickness:.1f} mm, re-excisie zonder restafwijking.",
            "Controle elke zes maanden.",
        )
    for _visit in follow_up(c, start + 120 * DAY, "dermatology", disease, months=6, vitals=(), letters=0.2):
        pass


@course("basal-cell", Facts("dermatology", (55, 92), 10, since=2))
def basal_cell(c: Chart) -> None:
    """Basal cell carcinoma of the face: biopsy and excision, or imiquimod."""
    start = c.when(c.rng.uniform(0.2, 1.8))
    disease = c.problem("basal-cell", start)
    first = c.visit(start, "dermatology", "Spot on the nose that does not heal", problem=disease, first=True)
    if first is None:
        return
    c.procedure("biopsy-skin", first.start, visit=first, problem=disease)
    c.pathology(
        first.start, "Skin of the nose: nodular basal cell carcinoma.", visit=first, problem=disease, site="nose"
    )
    if c.chance(0.25):
        c.prescribe("imiquimod", first.start + 14 * DAY, first.start + 56 * DAY, problem=disease)
    else:
        again = c.visit(start + 28 * DAY, "dermatology", "Excision", problem=disease, minutes=40)
        if again is not None:
            c.procedure("skin-excision", again.start, visit=again, problem=disease)
            c.pathology(
                again.start, "Nodular basal cell carcinoma, margins free.", visit=again, problem=disease, site="nose"
            )
            c.resolve(disease, again.start)
    c.visit(start + 150 * DAY, "dermatology", problem=disease)
