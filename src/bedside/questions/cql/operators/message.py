"""Message: tell the caller something while the question runs on, or end it (ELM 24.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bedside.questions.cql.operators.registry import operator
from bedside.questions.errors import EvaluationError

if TYPE_CHECKING:
    from bedside.questions.cql.run.state import State

SEVERITIES = ("Trace", "Message", "Warning", "Error")


@operator("Message", "(T, Boolean, String, String, String) T", clause="24.1", nulls=True, state=True)
def message(
    state: State, source: Any, condition: bool | None, code: str | None, severity: str | None, text: str | None
) -> Any:
    """The source, as it is. When the condition is true, code and text go to the world's `message` (when it has one).

    Severity is Trace, Message (also for null and what is none of these), Warning, or Error, which raises
    EvaluationError.
    The source itself, which may be of a patient, is not handed on.
    """
    if condition is not True:
        return source
    level = next((each for each in SEVERITIES if severity is not None and each.lower() == severity.lower()), "Message")
    sink = state.world.message
    if sink is not None:
        sink(level, code or "", text or "")
    if level == "Error":
        told = ": ".join(part for part in (code, text) if part)
        raise EvaluationError(told or "the question ended itself with an error message")
    return source
