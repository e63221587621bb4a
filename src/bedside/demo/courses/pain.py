"""Pain medicine and anaesthesiology: chronic pain, with a tired body and a life around it."""

from __future__ import annotations

from bedside.demo.body.effects import constant, pulse
from bedside.demo.chart.chart import Chart
from bedside.demo.clock import DAY, HOUR
from bedside.demo.courses.pathways import follow_up
from bedside.demo.courses.registry import Facts, course


@course("chronic-pain", Facts("pain", (30, 82), 5, since=3))
def chronic_pain(c: Chart) -> None:
    """Chronic back pain: tablets, nerve blocks that help for a while, learning to live with it."""
    start = c.when(c.rng.uniform(0.8, 3))
    disease = c.problem("chronic-pain", start - 300 * DAY, remembered=True)
    c.problem("low-back-pain", start - 600 * DAY, remembered=True)
    c.body.push("pain", constant(c.rng.uniform(5, 7)))
    first = c.visit(start, "pain", problem=disease, first=True, minutes=40)
    if first is None:
        return
    c.vitals(first.start, "bp", "weight", "pain", visit=first)
    c.imaging("mri-spine", first.start - 30 * DAY, "Degenerative changes L4-S1, no compression.")
    c.prescribe("pregabalin", first.start, visit=first, problem=disease)
    c.prescribe("nortriptyline", first.start + 60 * DAY, problem=disease, dose=25)
    c.plan("Living with pain", first.start, ["Graded activity with the physiotherapist", "No increase of opioids"], problem=disease, visit=first,
           goals=[c.goal("Garden for half an hour", first.start, problem=disease)])  # fmt: skip
    for index, visit in enumerate(
        follow_up(
            c,
            start + 60 * DAY,
            "pain",
            disease,
            months=4,
            vitals=("pain",),
            story="Pijnscore en dagelijks functioneren besproken.",
        )
    ):
        if index % 2 == 1:
            c.procedure("nerve-block", visit.start + HOUR, visit=visit, problem=disease, department="anaesthesiology")
            c.body.push("pain", pulse(visit.start + HOUR, -2.5, rise=4, half=24 * 30))
