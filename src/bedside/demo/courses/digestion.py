"""Stomach, bowel and liver: inflammatory bowel disease, cirrhosis, coeliac disease, pancreatitis."""

from __future__ import annotations

from bedside.demo.body.effects import constant, drift, pulse, ramp, step, wave
from bedside.demo.chart.chart import Chart
from bedside.demo.clock import DAY, HOUR, YEAR
from bedside.demo.courses.pathways import follow_up, operation, ward_care
from bedside.demo.courses.registry import Facts, course


@course(
    "bowel-disease",
    Facts("gastroenterology", (17, 65), 8, ward="gastroenterology", admitted=0.3, since=5, with_others=False),
)
def bowel_disease(c: Chart) -> None:
    """Crohn's disease or ulcerative colitis: calprotectin and iron follow the flares and the drugs."""
    start = c.when(c.rng.uniform(1.5, 6))
    crohn = c.chance(0.55)
    disease = c.problem("crohn" if crohn else "ulcerative-colitis", start)
    c.body.push("bowel", step(start - 60 * DAY, 5.2, over=24 * 30))
    c.body.push("bowel", wave(start, 0.9, 1.4, c.rng.random()))
    c.body.push("inflammation", step(start - 60 * DAY, 2.2, over=24 * 30, end=start + 90 * DAY))
    c.body.push("iron", step(start - 120 * DAY, 0.7, over=24 * 60, end=start + 200 * DAY))
    c.body.push("weight", step(start - 90 * DAY, -6, over=24 * 60, end=start + 120 * DAY))
    first = c.visit(start, "gastroenterology", "Diarrhoea with blood for six weeks", problem=disease, first=True)
    if first is None:
        return
    c.vitals(first.start, "bp", "hr", "temp", "height", "weight", "bmi", visit=first)
    c.labs(first.start + 1200, "fbc", "crp", "alb", "iron", "vitamins", "calprotectin", "renal", visit=first)
    scope = c.visit(first.start + 9 * DAY, "gastroenterology", "Colonoscopy", problem=disease, minutes=60)
    if scope is not None:
        where = "terminal ileum and right colon" if crohn else "rectum and left colon"
        c.procedure("colonoscopy", scope.start, visit=scope, problem=disease, note=f"Inflammation of {where}.")
        c.pathology(scope.start + 1800, f"Biopsies of {where}: active chronic inflammation"
                    f"{' with granulomas, fits Crohn disease' if crohn else ' of the mucosa, fits ulcerative colitis'}. No dysplasia.",
                    visit=scope, problem=disease, site=where)  # fmt: skip
    c.prescribe(
        "budesonide-oral" if crohn else "mesalazine",
        start + 10 * DAY,
        start + 120 * DAY if crohn else None,
        problem=disease,
    )
    c.prescribe("ferrous-fumarate", start + 10 * DAY, start + 150 * DAY, problem=disease)
    c.episode("gastroenterology", disease, start)
    for index, visit in enumerate(follow_up(
        c, start + 60 * DAY, "gastroenterology", disease, months=4.5, labs=("fbc", "crp", "alb", "liver", "calprotectin"),
        vitals=("weight", "bp"), story="Ontlasting, pijn en vermoeidheid besproken.",
    )):  # fmt: skip
        c.score("mayo", visit.start, c.rng.randint(0, 5) if index > 2 else c.rng.randint(3, 8), visit)
        if index == 1:
            c.prescribe("azathioprine", visit.start, visit=visit, problem=disease)
        if index == 3:
            c.prescribe(c.rng.choice(("infliximab", "adalimumab")), visit.start, visit=visit, problem=disease)
    if c.bed is not None:
        begin = c.principal(8)
        c.body.push("bowel", pulse(begin - 10 * DAY, 3, rise=200, half=150))
        c.body.push("inflammation", pulse(begin - 6 * DAY, 4, rise=120, half=90))
        c.body.push("bleed", pulse(begin - 6 * DAY, 1.0, rise=120, half=200))
        _door, stay = c.emergency_admission(
            begin, 8, "gastroenterology", "Severe flare of bowel disease", problem=disease, principal=True
        )
        if stay is not None:
            c.prescribe(
                "methylprednisolone",
                stay.start + HOUR,
                stay.start + 4 * DAY,
                visit=stay,
                problem=disease,
                inpatient=True,
                dose=40,
            )
            c.imaging(
                "ct-abdomen",
                stay.start + 3 * HOUR,
                "Thickened wall of the colon, no abscess, no perforation.",
                visit=stay,
            )
            ward_care(c, stay, labs=("fbc", "crp", "renal", "lytes", "alb"), every=1)
            c.discharge(
                stay, "Opname wegens opvlamming, goede respons op corticosteroïden.", "Afbouwschema prednisolon."
            )


@course(
    "cirrhosis",
    Facts(
        "gastroenterology",
        (42, 74),
        7,
        ward="gastroenterology",
        admitted=0.3,
        mortality=0.2,
        since=4,
        with_others=False,
    ),
)
def cirrhosis(c: Chart) -> None:
    """Cirrhosis: albumin falls, bilirubin and INR rise; ascites, varices, a bleeding, encephalopathy."""
    start = c.when(c.rng.uniform(1.5, 5))
    disease = c.problem("cirrhosis", start, stage="Child-Pugh B")
    if c.chance(0.6):
        c.problem("alcohol", start - 8 * YEAR, remembered=True)
    c.body.push("liver", constant(2.8))
    c.body.push("liver", drift(start - YEAR, 0.45, 4.5))
    if c.dead:
        c.body.push("liver", ramp(c.end - 60 * DAY, c.end, 3.0))
    first = c.visit(
        start, "gastroenterology", "Tired, swollen abdomen, abnormal liver tests", problem=disease, first=True
    )
    if first is None:
        return
    c.vitals(first.start, "bp", "hr", "temp", "height", "weight", visit=first)
    c.labs(first.start, "liver", "synthesis", "fbc", "renal", "lytes", "afp", "iron", visit=first)
    c.imaging(
        "us-abdomen",
        first.start + 2 * HOUR,
        "Irregular liver, enlarged spleen, moderate ascites. No focal lesion.",
        visit=first,
    )
    c.problem("ascites", start, visit=first)
    c.prescribe("spironolactone", start, visit=first, problem=disease, dose=100)
    c.prescribe("furosemide", start + 20 * DAY, problem=disease)
    scope = c.visit(start + 30 * DAY, "gastroenterology", "Gastroscopy", problem=disease, minutes=40)
    if scope is not None:
        c.procedure(
            "gastroscopy", scope.start, visit=scope, problem=disease, note="Varices grade II without red spots."
        )
        c.problem("varices", scope.start, visit=scope)
        c.prescribe("propranolol", scope.start, visit=scope, problem=disease)
    for index, visit in enumerate(follow_up(
        c, start + 80 * DAY, "gastroenterology", disease, months=4, labs=("liver", "synthesis", "fbc", "renal", "lytes"),
        story="Levercirrose, Child-Pughscore besproken.",
    )):  # fmt: skip
        if index % 2 == 0:
            c.imaging("us-abdomen", visit.start + HOUR, "Cirrhosis, no focal lesion.", visit=visit)
            c.labs(visit.start + HOUR, "afp", visit=visit)
        if index == 2:
            c.problem("encephalopathy", visit.start, visit=visit)
            c.prescribe("lactulose", visit.start, visit=visit, problem=disease)
            c.prescribe("rifaximin", visit.start + 40 * DAY, visit=visit, problem=disease)
    if c.bed is not None or c.dead:
        begin = c.principal(8)
        c.body.push("bleed", pulse(begin - 8 * HOUR, 2.6, rise=8, half=200))
        c.body.push("inflammation", pulse(begin - DAY, 3.5, rise=30, half=90))
        _door, stay = c.emergency_admission(
            begin, 8, "gastroenterology", "Vomiting blood", problem=disease, principal=True, icu=(0, 1.6)
        )
        if stay is not None:
            c.procedure("gastroscopy", stay.start + HOUR, visit=stay, problem=disease, department="gastroenterology")
            c.procedure(
                "banding",
                stay.start + 2 * HOUR,
                visit=stay,
                problem=disease,
                department="gastroenterology",
                outcome="Bleeding stopped",
            )
            c.procedure("transfusion", stay.start + HOUR, visit=stay, problem=disease, note="2 units of red cells")
            c.procedure("paracentesis", stay.start + 30 * HOUR, visit=stay, problem=disease)
            c.prescribe("ceftriaxone", stay.start, stay.start + 5 * DAY, visit=stay, inpatient=True)
            c.prescribe("pantoprazole", stay.start, stay.end, visit=stay, inpatient=True)
            ward_care(c, stay, labs=("fbc", "renal", "lytes", "liver", "synthesis"), every=1, prophylaxis=False)
            c.discharge(
                stay,
                "Varicesbloeding bij levercirrose, behandeld met bandligatie en antibiotica.",
                "Herhaling bandligatie over drie weken.",
            )


@course("coeliac", Facts("gastroenterology", (6, 45), 3, since=3, with_others=False))
def coeliac(c: Chart) -> None:
    """Coeliac disease: iron deficiency that mends on a diet without gluten."""
    start = c.when(c.rng.uniform(1, 3))
    disease = c.problem("coeliac", start)
    c.body.push("iron", step(start - YEAR, 0.8, over=5000, end=start + 250 * DAY))
    c.body.push("hepatitis", step(start - YEAR, 0.5, over=3000, end=start + 150 * DAY))
    department = "gastroenterology" if c.age(start) >= 18 else "paediatrics"
    first = c.visit(start, department, "Tired, anaemia", problem=disease, first=True)
    if first is None:
        return
    c.vitals(first.start, "height", "weight", visit=first)
    c.labs(first.start, "fbc", "iron", "vitamins", "liver", visit=first)
    scope = c.visit(start + 20 * DAY, "gastroenterology", "Gastroscopy", minutes=40)
    if scope is not None:
        c.procedure("gastroscopy", scope.start, visit=scope, problem=disease)
        c.pathology(
            scope.start,
            "Duodenum: villous atrophy, Marsh 3a. Fits coeliac disease.",
            visit=scope,
            problem=disease,
            site="duodenum",
        )
    c.prescribe("ferrous-fumarate", start, start + 180 * DAY, visit=first, problem=disease)
    for _visit in follow_up(c, start + 100 * DAY, department, disease, months=9, labs=("fbc", "iron", "liver"),
                            vitals=("height", "weight"), story="Klachtenvrij op glutenvrij dieet."):  # fmt: skip
        pass


@course("pancreatitis", Facts("gastroenterology", (30, 75), 4, ward="gastroenterology", admitted=0.4, since=3))
def pancreatitis(c: Chart) -> None:
    """Acute pancreatitis on gallstones: lipase, fluids, and the gallbladder out afterwards."""
    start = c.principal(6, c.when(2))
    disease = c.problem("pancreatitis", start, resolved=start + 30 * DAY)
    stones = c.problem("gallstones", start)
    c.body.push("lipase", pulse(start - 10 * HOUR, 1600, rise=10, half=30))
    c.body.push("inflammation", pulse(start - 10 * HOUR, 5.6, rise=40, half=60))
    c.body.push("cholestasis", pulse(start - DAY, 1.7, rise=24, half=70))
    c.body.push("pain", pulse(start - 10 * HOUR, 7, rise=6, half=40))
    door, stay = c.emergency_admission(
        start, 6, "gastroenterology", "Severe pain in the upper abdomen", problem=disease, principal=True
    )
    if door is not None:
        c.vitals(door.start + 240, "bp", "hr", "rr", "temp", "spo2", "pain", visit=door)
        c.labs(door.start + 600, "lipase", "liver", "fbc", "renal", "lytes", "crp", "mineral", visit=door, hours=0.8)
    if stay is None:
        return
    c.imaging("us-abdomen", stay.start + 3 * HOUR, "Gallstones, bile duct 6 mm, swollen pancreas.", visit=stay)
    c.prescribe("saline", stay.start, stay.start + 3 * DAY, visit=stay, inpatient=True, frequency="3/d")
    c.prescribe("morphine", stay.start, stay.start + 3 * DAY, visit=stay, inpatient=True)
    ward_care(c, stay, labs=("fbc", "renal", "lytes", "crp", "liver", "lipase"), every=1)
    c.discharge(stay, "Acute biliaire pancreatitis, mild beloop.", "Cholecystectomie binnen twee weken.")
    second = c.admit(
        stay.end + 14 * DAY, 1.2, "surgery", "Planned removal of the gallbladder", problem=stones, source="elective"
    )
    if second is not None:
        done = operation(c, second, "cholecystectomy", stones)
        if done is not None:
            c.resolve(stones, second.end)
        ward_care(c, second, every=5)
        c.discharge(second, "Laparoscopische cholecystectomie, ongecompliceerd.", "Geen controle nodig.")
