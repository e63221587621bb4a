"""Short visits to the emergency department: a fever, a chest pain that is not the heart."""

from __future__ import annotations

from bedside.demo.body.effects import pulse
from bedside.demo.chart.chart import Chart
from bedside.demo.clock import DAY, HOUR
from bedside.demo.courses.registry import Facts, course


@course("fever", Facts("emergency", (1, 70), 10, since=1.5, with_others=False))
def fever(c: Chart) -> None:
    """Fever that brings somebody to the emergency department and is gone in two days."""
    start = c.when(c.rng.uniform(0.02, 1.2)) + c.rng.randrange(0, 10) * HOUR
    disease = c.problem("viral-infection", start, resolved=start + 5 * DAY, listed=False)
    c.body.push("inflammation", pulse(start - 10 * HOUR, c.rng.uniform(2.8, 4.5), rise=12, half=26))
    door = c.emergency(start, "Fever and headache", problem=disease, hours=3)
    if door is None:
        return
    adult = c.age(start) > 16
    c.vitals(door.start + 240, "hr", "rr", "temp", "spo2", *(("bp",) if adult else ()), visit=door)
    if c.chance(0.7):
        c.labs(door.start + 900, "fbc", "crp", *(("renal", "lytes") if adult else ()), visit=door, hours=0.8)
    c.prescribe("paracetamol", door.start + HOUR, door.start + 4 * DAY, visit=door, problem=disease)
    c.letter(
        door.end,
        door,
        "Koorts zonder focus, waarschijnlijk viraal. Ontslag met instructies.",
        "Bij sufheid of kortademigheid terugkomen.",
    )


@course("chest-pain", Facts("emergency", (28, 82), 10, since=2))
def chest_pain(c: Chart) -> None:
    """Chest pain: ECG and two troponins without change, home in five hours."""
    start = c.when(c.rng.uniform(0.02, 1.6)) + c.rng.randrange(0, 12) * HOUR
    disease = c.problem("chest-pain", start - 3 * HOUR, resolved=start + 2 * DAY, listed=False)
    c.body.push("pain", pulse(start - 3 * HOUR, 4, rise=1, half=6))
    door = c.emergency(start, "Pressing pain in the chest", problem=disease, hours=5)
    if door is None:
        return
    c.vitals(door.start + 180, "bp", "hr", "rr", "spo2", "temp", "pain", visit=door)
    c.ecg(door.start + 300, "Sinus rhythm, no ischaemia.", door)
    c.labs(door.start + 600, "troponin", "fbc", "renal", "lytes", "glucose", visit=door, hours=0.8)
    c.labs(door.start + 3 * HOUR, "troponin", visit=door, hours=0.8)
    c.imaging("chest-xray", door.start + 2 * HOUR, visit=door, hours=0.5)
    c.letter(
        door.end,
        door,
        "Thoracale pijn, geen aanwijzingen voor een acuut coronair syndroom.",
        "Bij herhaling contact opnemen met de huisarts.",
    )
