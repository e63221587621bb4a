"""Bedside: the open working system of a university medical centre, on one FHIR R4 record.

    import bedside

    record = bedside.open("data/record")
    record.ask("diabetes.cql", patient="123", define="Poorly controlled")

Everything below is imported when it is first used: `import bedside` alone costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bedside.ask.answers import Answer, Answers, Said
    from bedside.ask.errors import AskError, BadQuestion, MissingPackage, NoRecord, NoSubject
    from bedside.ask.explain import Explanation, UsedValueSet
    from bedside.ask.question import Question
    from bedside.ask.record import OpenRecord, open
    from bedside.ask.values import plain, simple, to_date, to_datetime
    from bedside.questions.cql.run.evidence import Evidence
    from bedside.questions.cql.values import Code, Concept, Interval, Ratio
    from bedside.questions.errors import EvaluationError, QuestionError
    from bedside.questions.values import Date, DateTime, Quantity, Time

_HOMES = {
    "bedside.ask.answers": ("Answer", "Answers", "Said"),
    "bedside.ask.errors": ("AskError", "BadQuestion", "MissingPackage", "NoRecord", "NoSubject"),
    "bedside.ask.explain": ("Explanation", "UsedValueSet"),
    "bedside.ask.question": ("Question",),
    "bedside.ask.record": ("OpenRecord", "open"),
    "bedside.ask.values": ("plain", "simple", "to_date", "to_datetime"),
    "bedside.questions.cql.run.evidence": ("Evidence",),
    "bedside.questions.cql.values": ("Code", "Concept", "Interval", "Ratio"),
    "bedside.questions.errors": ("EvaluationError", "QuestionError"),
    "bedside.questions.values": ("Date", "DateTime", "Quantity", "Time"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Answer", "Answers", "AskError", "BadQuestion", "Code", "Concept", "Date", "DateTime", "EvaluationError",
    "Evidence", "Explanation", "Interval", "MissingPackage", "NoRecord", "NoSubject", "OpenRecord", "Quantity",
    "Question", "QuestionError", "Ratio", "Said", "Time", "UsedValueSet", "open", "plain", "simple", "to_date",
    "to_datetime",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'bedside' has no attribute {name!r}")
    from importlib import import_module

    found = globals()[name] = getattr(import_module(home), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
