"""Questions to start from, over codes that the demo hospital uses; each is a file in `examples/`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources

from bedside.web.languages import Words
from bedside.web.questions.asking import Language


@dataclass(frozen=True, slots=True)
class Example:
    """One question: its key in an address, what it asks in the reader's language, and its text."""

    key: str
    title: str
    language: Language
    text: str


def examples(words: Words) -> list[Example]:
    """All examples; whole libraries first, single expressions last."""
    _ = words.gettext
    titles = (
        ("diabetes.cql", _("Diabetes, HbA1c too high, and not seen for months")),
        ("potassium.cql", _("High potassium, and medicines that raise it")),
        ("kidneys.cql", _("Kidneys that got a quarter worse in two years")),
        ("admissions.cql", _("Admissions and days in bed in a year")),
        ("visits.cql", _("Contacts in the last year, counted in one line")),
        ("results.fhirpath", _("All potassium results, by a path")),
        ("name.fhirpath", _("The official name, by a path")),
    )
    return [
        Example(file.partition(".")[0], title, "fhirpath" if file.endswith(".fhirpath") else "cql", _text(file))
        for file, title in titles
    ]


@cache
def _text(file: str) -> str:
    return (resources.files("bedside.web.questions") / "examples" / file).read_text(encoding="utf-8")
