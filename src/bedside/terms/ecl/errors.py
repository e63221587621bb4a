"""What can be wrong with an expression constraint."""

from __future__ import annotations

from bedside.fhir.outcome import IssueCode
from bedside.terms.errors import Unresolved


class EclError(Unresolved):
    """An expression constraint that cannot be read or answered. `position` is that of a character, from 0. HTTP 422."""

    code: IssueCode = "invalid"

    def __init__(self, message: str, position: int) -> None:
        super().__init__(f"Expression constraint, character {position + 1}: {message}")
        self.position = position


class EclUnsupported(EclError):
    """It is right, and asks for what is not done here; the message names it."""

    code: IssueCode = "not-supported"
