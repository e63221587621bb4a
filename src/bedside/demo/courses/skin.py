"""Skin: psoriasis, eczema of children and adults, melanoma, basal cell carcinoma, venous ulcers."""

from __future__ import annotations

from math import exp

from bedside.demo.body.effects import constant, drift, step
from bedside.demo.chart.chart import Chart
from bedside.demo.chart.core import Problem
from bedside.demo.clock import DAY, HOUR, YEAR
from bedside.demo.courses.oncology import palliative
from bedside.demo.courses.pathways import follow_up, operation, preoperative
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
        if index == 0 and area > 9:
            c.labs(visit.start, "fbc", "liver", "renal", visit=visit)
            c.prescribe("methotrexate", visit.start, visit=visit, problem=disease)
            c.prescribe("folic-acid-weekly", visit.start, visit=visit, problem=disease)
        if index == 2 and area > 6:
            c.stop(c.on("methotrexate", visit.start), visit.start, "Not effective enough")
            c.labs(visit.start, "fbc", "liver", "renal", visit=visit)
            c.prescribe("secukinumab", visit.start, visit=visit, problem=disease)
        falls = (0.25, 0.6) if c.on("secukinumab", visit.start - DAY) is not None else (0.7, 1.05)
        area = max(0.4, area * c.rng.uniform(*falls))
        if visit.kind != "virtual":
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


@course("adult-eczema", Facts("dermatology", (18, 60), 3, since=4, with_others=False))
def adult_eczema(c: Chart) -> None:
    """Severe eczema since childhood: ointments, a tablet for a while, dupilumab and the first full night in years."""
    start = c.when(c.rng.uniform(0.9, 4))
    disease = c.problem("eczema", c.person.birth + YEAR, remembered=True, severity="severe")
    c.problem("asthma", c.person.birth + 7 * YEAR, remembered=True)
    c.prescribe("salbutamol", start - 200 * DAY)
    c.body.push("eos", constant(c.rng.uniform(0.3, 0.7)))
    area = c.rng.uniform(18, 34)
    first = c.visit(start, "dermatology", "Itch day and night", problem=disease, first=True, minutes=30)
    if first is None:
        return
    c.vitals(first.start, "bp", "weight", visit=first)
    c.labs(first.start, "fbc", "diff", "renal", "liver", visit=first)
    c.score("eczema-area", first.start, area, first)
    c.prescribe("betamethasone-cream", first.start, visit=first, problem=disease)
    c.prescribe("tacrolimus-ointment", first.start, visit=first, problem=disease)
    if c.chance(0.4):
        c.culture("wound", first.start + 600, "aureus", visit=first)
        c.prescribe("doxycycline", first.start + 2 * DAY, first.start + 12 * DAY, visit=first, problem=disease)
    c.letter(
        first.end + HOUR,
        first,
        "Ernstig constitutioneel eczeem, onvoldoende effect van lokale therapie.",
        "Bij uitblijven van effect dupilumab.",
    )
    biological = False
    for index, visit in enumerate(follow_up(c, start + 70 * DAY, "dermatology", disease, months=4, vitals=("weight",),
                                            story="Eczeem en jeuk besproken, EASI bepaald.")):  # fmt: skip
        if index == 1 and area > 12:
            biological = c.prescribe("dupilumab", visit.start, visit=visit, problem=disease) is not None
        if biological and index == 2 and c.chance(0.25):
            c.prescribe("dexamethasone-eye", visit.start, visit.start + 14 * DAY, visit=visit)
        if visit.kind != "virtual":
            c.score("eczema-area", visit.start, area, visit)
        area = max(0.6, area * (c.rng.uniform(0.35, 0.7) if biological else c.rng.uniform(0.75, 1.0)))


def _stage(thickness: float) -> str:
    """T of TNM (8th edition) by Breslow thickness in mm, without ulceration."""
    if thickness < 0.8:
        return "pT1a"
    if thickness <= 1:
        return "pT1b"
    return "pT2a" if thickness <= 2 else "pT3a" if thickness <= 4 else "pT4a"


@course("melanoma", Facts("dermatology", (30, 80), 6, mortality=0.1, since=4))
def melanoma(c: Chart) -> None:
    """Melanoma: Breslow thickness decides all else: margin, sentinel node, immunotherapy, how often the skin is seen."""
    start = c.when(c.rng.uniform(1.6, 2.4) if c.dead else c.rng.uniform(0.8, 4))
    thickness = round(c.rng.uniform(2.2, 4.6) if c.dead else 0.3 * exp(c.rng.uniform(0, 2.3)), 1)
    site = c.rng.choice(("back", "upper arm", "lower leg", "shoulder"))
    dutch = {"back": "de rug", "upper arm": "de bovenarm", "lower leg": "het onderbeen", "shoulder": "de schouder"}[
        site
    ]
    first = c.visit(start - 8 * DAY, "dermatology", "Mole that changed", first=True)
    if first is None:
        return
    disease = c.problem("melanoma", max(start, first.end), stage=f"{_stage(thickness)}N0M0")
    c.procedure("skin-excision", first.start, visit=first, problem=disease, outcome="Diagnostic excision, margin 2 mm")
    kind = "superficial spreading" if thickness < 2 else "nodular"
    c.pathology(first.start, f"Skin of the {site}: {kind} melanoma, Breslow {thickness:.1f} mm, no ulceration, {_stage(thickness)}.",
                visit=first, problem=disease, site=site)  # fmt: skip
    c.score("breslow", first.start + 4 * DAY, thickness)
    margin = 1 if thickness <= 2 else 2
    node = False
    if thickness > 0.8 and c.age(start) < 78:
        node = _sentinel(c, disease, start + 24 * DAY, site)
    else:
        again = c.visit(start + 20 * DAY, "dermatology", "Wider excision", problem=disease, minutes=45)
        if again is not None:
            c.procedure("skin-excision", again.start, visit=again, problem=disease, outcome=f"Margin {margin} cm")
            c.pathology(again.start, "Scar, no residual melanoma.", visit=again, problem=disease, site=site)
    told = c.visit(start + 42 * DAY, "dermatology", "Result", problem=disease)
    if told is not None:
        c.letter(
            told.end + HOUR,
            told,
            f"Melanoom van {dutch}, Breslow {thickness:.1f} mm, re-excisie met marge {margin} cm zonder restafwijking."
            + (" Metastase in de schildwachtklier." if node else ""),
            "Eenmalige controle en instructie zelfonderzoek."
            if thickness < 0.8
            else "Controle volgens schema, zelfonderzoek van de huid.",
        )
    c.episode("dermatology", disease, start)
    if node or c.dead:
        _immunotherapy(c, disease, start + 75 * DAY)
    if c.dead:
        c.imaging("pet-ct", c.end - 210 * DAY, "Metastases in lungs, liver and subcutis.", why="Melanoma")
        c.imaging("mri-brain", c.end - 120 * DAY, "Three metastases, the largest 14 mm.")
        c.body.push("ldh", drift(c.end - 210 * DAY, 600))
        palliative(c, disease, "oncology", "oncology")
    stop = c.end - 215 * DAY if c.dead else start + 420 * DAY if thickness < 0.8 else None
    for _visit in follow_up(c, start + 130 * DAY, "dermatology", disease, months=3.5 if thickness > 1 else 6, vitals=(), letters=0.2,
                            stop=stop, story="Huid geheel nagekeken, geen verdachte afwijkingen."):  # fmt: skip
        pass


def _sentinel(c: Chart, disease: Problem, moment: int, site: str) -> bool:
    """Wider excision with the sentinel node in day surgery, by the plastic surgeon; whether the node is involved."""
    preoperative(c, moment - 10 * DAY)
    stay = c.admit(
        c.morning(c.clinic(moment), 8),
        0.4,
        "day-surgery",
        "Sentinel node and wider excision",
        problem=disease,
        source="elective",
    )
    done = operation(c, stay, "sentinel-node", disease, None if stay is None else stay.start + HOUR, department="plastic",
                     pain=2.5, inflammation=0.8, blood_loss=0.05)  # fmt: skip
    if stay is None or done is None:
        return False
    c.procedure("skin-excision", stay.start + 2 * HOUR + 600, visit=stay, problem=disease, department="plastic")
    c.vitals(stay.start + 5 * HOUR, "bp", "hr", "pain", visit=stay)
    node = c.dead or c.chance(0.2)
    c.pathology(
        stay.start + 2 * HOUR,
        f"Scar of the {site} without residual melanoma. Sentinel node: {'metastasis of 1.6 mm' if node else 'no metastasis'}.",
        visit=stay,
        problem=disease,
        days=8,
    )
    c.discharge(
        stay, "Re-excisie met schildwachtklierprocedure, ongecompliceerd.", "Uitslag na twee weken, hechtingen uit."
    )
    return node


def _immunotherapy(c: Chart, disease: Problem, start: int) -> None:
    """Pembrolizumab every three weeks for a year; the thyroid is watched and in some gives out."""
    first = c.visit(start, "oncology", "Immunotherapy after melanoma", problem=disease, first=True, minutes=40)
    if first is None:
        return
    last = min(first.start + 360 * DAY, c.end - 215 * DAY) if c.dead else first.start + 360 * DAY
    c.prescribe("pembrolizumab", first.start + 7 * DAY, last, visit=first, problem=disease)
    failing = c.chance(0.2)
    if failing:
        c.body.push("thyroid", step(first.start + 110 * DAY, -0.45, over=24 * 25))
    for number in range(17):
        if start + (7 + 21 * number) * DAY > last:
            break
        visit = c.visit(
            start + (7 + 21 * number) * DAY, "oncology", f"Pembrolizumab, infusion {number + 1}", problem=disease
        )
        if visit is None:
            continue
        c.vitals(visit.start, "bp", "hr", "temp", "weight", visit=visit)
        c.labs(
            visit.start - DAY, "fbc", "renal", "liver", "ldh", *(("thyroid",) if number % 2 == 0 else ()), visit=visit
        )
        if failing and number == 8:
            c.problem("hypothyroidism", visit.start, visit=visit, note="Immune-related, during pembrolizumab")
            c.prescribe("levothyroxine", visit.start, visit=visit, problem=disease)
            c.body.push("thyroid", step(visit.start, 0.43, over=24 * 40))
        if number % 4 == 3:
            c.imaging("ct-body", visit.start - 3 * DAY, "No metastases.", visit=visit)


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


@course("venous-ulcer", Facts("dermatology", (58, 92), 4, since=3))
def venous_ulcer(c: Chart) -> None:
    """A venous ulcer: arteries measured first, then bandages every week until it closes, stockings, and it may return."""
    start = c.when(c.rng.uniform(0.3, 2.4))
    disease = c.problem("venous-ulcer", start - 60 * DAY, remembered=True)
    c.body.push("pain", step(start - 60 * DAY, 2.5, over=300, end=start + 150 * DAY))
    first = c.visit(
        start, "dermatology", "Wound of the lower leg that does not heal", problem=disease, first=True, minutes=40
    )
    if first is None:
        return
    area = c.rng.uniform(4, 16)
    c.vitals(first.start, "bp", "hr", "weight", "bmi", "height", "pain", visit=first)
    c.labs(first.start, "fbc", "crp", "glucose", "alb", visit=first)
    c.score("ankle-brachial", first.start, c.rng.uniform(0.92, 1.15), first)
    c.score("ulcer-area", first.start, area, first)
    c.imaging("us-leg", first.start + 6 * DAY, "Reflux of the great saphenous vein, deep veins open, arteries open.")
    c.plan("Healing of the leg ulcer", first.start, ["Bandages day and night", "Legs up when sitting", "Walk every hour"], problem=disease, visit=first,
           goals=[c.goal("A closed wound", first.start, problem=disease, months=6)])  # fmt: skip
    closed = _bandages(c, disease, first.start + 7 * DAY, area)
    if closed and c.chance(0.35):
        back = closed + c.rng.randrange(120, 400) * DAY
        again = c.problem("venous-ulcer", back)
        _bandages(c, again, back, c.rng.uniform(1.5, 5))


def _bandages(c: Chart, disease: Problem, start: int, area: float) -> int:
    """Compression until the ulcer is closed: the moment at which it is, or 0 while it is still open."""
    rate = c.rng.uniform(0.74, 0.9)
    moment = start
    for number in range(22):
        visit = c.visit(moment, "dermatology", "Wound and bandages", problem=disease, minutes=25)
        moment += c.rng.choice((10, 12, 14)) * DAY
        if visit is None:
            if moment > c.until:
                return 0
            continue
        area *= rate * c.rng.uniform(0.9, 1.1)
        if area < 0.3:
            c.score("ulcer-area", visit.start, 0, visit)
            c.resolve(disease, visit.start)
            c.letter(
                visit.end + HOUR,
                visit,
                "Ulcus cruris venosum genezen onder compressietherapie.",
                "Levenslang steunkousen klasse III.",
            )
            return visit.start
        c.score("ulcer-area", visit.start, area, visit)
        c.procedure("compression", visit.start, visit=visit, problem=disease)
        c.procedure("wound-care", visit.start + 300, visit=visit, problem=disease)
        if number % 3 == 0:
            c.vitals(visit.start, "pain", visit=visit)
        if number == 3 and c.chance(0.25):
            c.culture("wound", visit.start + 60, c.rng.choice(("pseudomonas", "aureus")), visit=visit)
            c.prescribe("clindamycin", visit.start, visit.start + 10 * DAY, visit=visit, problem=disease)
    return 0
