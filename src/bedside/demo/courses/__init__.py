"""Courses of disease: each plays one illness, or one phase of life, in a chart.

A course is a function of a `Chart`, registered with the facts that the cast needs to find somebody for it:

    from bedside.demo.courses.registry import Facts, course

    @course("gout", Facts(specialty="rheumatology", ages=(40, 85), weight=6))
    def gout(c: Chart) -> None:
        start = c.when(4)
        visit = c.visit(start, "rheumatology", first=True)
        disease = c.problem("gout", start, visit=visit)
        c.body.push("urate", constant(0.2))
        c.labs(start, "urate", "renal", visit=visit)
        c.prescribe("allopurinol", start, visit=visit, problem=disease)

To add a department's people, write such functions in a module here, or in the department's own `demo.py`, and
import that module before `generate` is called (`MODULES` below lists those that always are). What a course does
to the body goes through `c.body.push`; what it measures is then right by itself, also in the other courses of the
same person. `c.when` and `c.principal` keep everything inside the record; see `bedside.demo.chart.core`.
"""

from __future__ import annotations

from importlib import import_module

MODULES: tuple[str, ...] = (
    "cardiology",
    "cardiac_surgery",
    "lungs",
    "digestion",
    "kidney",
    "blood",
    "oncology",
    "hormones",
    "infection",
    "emergency",
    "nerves",
    "brain",
    "mind",
    "old_age",
    "joints",
    "bones",
    "trauma",
    "surgery",
    "urology",
    "skin",
    "eyes_ears",
    "women",
    "children",
    "newborns",
    "genetics",
    "pain",
)
"""The modules of this package that hold courses, in the order in which the cast is filled."""


def load() -> None:
    """Imports every module of courses, so that the registry is complete."""
    for name in MODULES:
        import_module(f"{__name__}.{name}")
