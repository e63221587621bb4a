"""What terminology cannot answer, by name. All are `FhirError`s, so the API can tell a client as they are."""

from __future__ import annotations

from bedside.fhir.outcome import FhirError, IssueCode, NotFound, TooCostly, Unprocessable

__all__ = [
    "Cyclic",
    "NotEnumerable",
    "Unanswerable",
    "UnknownCode",
    "UnknownDefinition",
    "Unresolved",
    "VersionConflict",
    "reason",
]


class UnknownDefinition(NotFound):
    """No value set, code system or concept map has this canonical URL (and version) here. HTTP 404."""


class UnknownCode(NotFound):
    """The code system is known and has no such code. HTTP 404."""


class Unresolved(Unprocessable):
    """A definition leans on something that is not here: content of a code system, another value set. HTTP 422."""

    code: IssueCode = "not-found"


class Unanswerable(Unprocessable):
    """Neither yes nor no would be true: what is here of the code system or value set is only a part. HTTP 422."""

    code = "incomplete"


class Cyclic(Unprocessable):
    """A value set that includes itself, directly or not (R4 valueset.html#compositions). HTTP 422."""


class VersionConflict(Unprocessable):
    """A version that the request forbids (`check-system-version`), or that is not the one that is known. HTTP 422."""

    code = "business-rule"


class NotEnumerable(TooCostly):
    """Codes without end, or more than one answer can hold (R4 `too-costly`). HTTP 403."""


def reason(error: FhirError) -> str:
    """What an error says, as one sentence or several."""
    return " ".join(issue.message for issue in error.issues)
