"""Hormones: type 1 diabetes, Graves' disease, hypothyroidism."""

from __future__ import annotations

from bedside.demo.body.effects import constant, pulse, ramp, step, wave
from bedside.demo.chart.chart import Chart
from bedside.demo.clock import DAY, HOUR, MONTH, YEAR
from bedside.demo.courses.pathways import follow_up, ward_care
from bedside.demo.courses.registry import Facts, course


@course("diabetes1", Facts("endocrinology", (14, 50), 6, ward="internal", admitted=0.12, since=5, with_others=False))
def diabetes1(c: Chart) -> None:
    """Type 1 diabetes: ketoacidosis at the start, insulin, a sensor, HbA1c that goes up and down."""
    start = c.principal(3, c.when(c.rng.uniform(1.5, 5)))
    disease = c.problem("diabetes1", start)
    trouble = c.problem("ketoacidosis", start, resolved=start + 3 * DAY, listed=False)
    department = "endocrinology" if c.age(start) >= 18 else "paediatrics"
    c.body.push("glycaemia", ramp(start - 90 * DAY, start, 75))
    c.body.push("glycaemia", ramp(start, start + 120 * DAY, -30))
    c.body.push("glycaemia", wave(start + 120 * DAY, 4, 1.3, c.rng.random()))
    c.body.push("sugar", pulse(start - 2 * DAY, 13, rise=44, half=9))
    c.body.push("acid", pulse(start - DAY, -0.2, rise=22, half=7))
    c.body.push("hco3", pulse(start - DAY, -13, rise=22, half=9))
    door, stay = c.emergency_admission(start, 3, "internal" if c.age(start) >= 18 else "paediatrics",
                                       "Thirst, weight loss, vomiting", problem=trouble, principal=True)  # fmt: skip
    if door is not None:
        c.vitals(door.start + 240, "bp", "hr", "rr", "temp", "spo2", visit=door)
        c.labs(door.start + 500, "glucose", "gas", "renal", "lytes", "hba1c", visit=door, hours=0.5)
    if stay is None:
        return
    c.prescribe("saline", stay.start, stay.start + DAY, visit=stay, inpatient=True, frequency="4/d")
    c.prescribe("potassium", stay.start, stay.start + 2 * DAY, visit=stay, inpatient=True)
    for hours in (3, 6, 12, 18):
        c.labs(stay.start + hours * HOUR, "glucose", "gas", "lytes", visit=stay, hours=0.3)
    c.prescribe(
        "glargine", stay.start + 20 * HOUR, visit=stay, problem=disease, dose=c.rng.randrange(12, 26), effect=0.5
    )
    c.prescribe("aspart", stay.start + 20 * HOUR, visit=stay, problem=disease, dose=c.rng.randrange(4, 9), effect=0.5)
    ward_care(c, stay, labs=("glucose", "renal", "lytes"), every=1, prophylaxis=False)
    c.discharge(
        stay,
        "Ketoacidose bij nieuwe diabetes mellitus type 1, insulinetherapie ingesteld.",
        "Diabetesverpleegkundige dagelijks bereikbaar, controle over een week.",
    )
    c.episode(department, disease, start)
    measure, target = c.limit(
        "59261-8", "Hemoglobin A1c/Hemoglobin.total in Blood by IFCC protocol", 53, "mmol/mol", "mmol/mol"
    )
    c.plan("Type 1 diabetes", stay.end, ["Sensor worn day and night", "Insulin by counting carbohydrates", "Glucagon at home"], problem=disease,
           goals=[c.goal("HbA1c below 53 mmol/mol", start, problem=disease, measure=measure, target=target)])  # fmt: skip
    for index, visit in enumerate(follow_up(c, stay.end + 20 * DAY, department, disease, months=3.5, labs=("hba1c", "glucose"),
                                            vitals=("weight", "bp", "height"), story="Sensorgegevens besproken.")):  # fmt: skip
        if index % 4 == 3:
            c.labs(visit.start - HOUR, "lipids", "uacr", "renal", "tsh", visit=visit)


@course("graves", Facts("endocrinology", (22, 62), 5, since=4, with_others=False))
def graves(c: Chart) -> None:
    """Graves' disease: TSH suppressed, free T4 high; thiamazole and levothyroxine for a year and a half."""
    start = c.when(c.rng.uniform(1, 4))
    disease = c.problem("graves", start)
    c.body.push("thyroid", ramp(start - 120 * DAY, start - 10 * DAY, c.rng.uniform(0.8, 1.2)))
    c.body.push("thyroid", ramp(start, start + 50 * DAY, -0.95))
    c.body.push("rate", ramp(start - 120 * DAY, start - 10 * DAY, 26))
    c.body.push("rate", ramp(start, start + 50 * DAY, -26))
    c.body.push("weight", step(start - 90 * DAY, -5, over=2000, end=start + 60 * DAY))
    first = c.visit(start, "endocrinology", "Palpitations, weight loss, tremor", problem=disease, first=True)
    if first is None:
        return
    c.vitals(first.start, "bp", "hr", "temp", "height", "weight", visit=first)
    c.labs(first.start, "thyroid", "tpo", "fbc", "diff", "liver", visit=first)
    c.prescribe("thiamazole", first.start, first.start + 540 * DAY, visit=first, problem=disease)
    c.prescribe("propranolol", first.start, first.start + 45 * DAY, visit=first, problem=disease)
    c.prescribe("levothyroxine", first.start + 45 * DAY, first.start + 540 * DAY, problem=disease)
    c.letter(
        first.end + HOUR,
        first,
        "Ziekte van Graves. Thiamazol gestart; patiënt geïnstrueerd bij koorts of keelpijn bloedbeeld te laten bepalen.",
        "Block-and-replace gedurende 18 maanden.",
    )
    for _visit in follow_up(
        c,
        start + 40 * DAY,
        "endocrinology",
        disease,
        months=2.5,
        labs=("thyroid", "fbc"),
        vitals=("hr", "bp", "weight"),
    ):
        pass


@course("hypothyroidism", Facts("endocrinology", (25, 80), 4, sex="female", since=4))
def hypothyroidism(c: Chart) -> None:
    """Hypothyroidism: TSH high, comes down on levothyroxine in two steps."""
    start = c.when(c.rng.uniform(1, 4))
    disease = c.problem("hypothyroidism", start)
    known = any(t.drug.key == "levothyroxine" for t in c.therapies)
    c.body.push("thyroid", ramp(start - YEAR, start, -0.62))
    c.body.push("thyroid", ramp(start + 10 * DAY, start + 70 * DAY, 0.36))
    c.body.push("thyroid", ramp(start + 100 * DAY, start + 160 * DAY, 0.24))
    c.body.push("tpo", constant(420))
    c.body.push("ldl", step(start - YEAR, 0.2, over=4000, end=start + 160 * DAY))
    first = c.visit(start, "endocrinology", "Tired, cold, gaining weight", problem=disease, first=True)
    if first is None:
        return
    c.vitals(first.start, "bp", "hr", "height", "weight", visit=first)
    c.labs(first.start, "thyroid", "tpo", "lipids", "fbc", visit=first)
    if not known:
        tablet = c.prescribe("levothyroxine", first.start + DAY, visit=first, problem=disease, dose=50)
        c.change(tablet, first.start + 95 * DAY, 100)
    for _visit in follow_up(
        c, start + 3 * MONTH, "endocrinology", disease, months=6, labs=("thyroid",), vitals=("hr", "weight")
    ):
        pass
