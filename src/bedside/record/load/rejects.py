"""Resources that could not be loaded, each with its reasons, as lines that can be mended and loaded again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bedside.fhir import json
from bedside.fhir.outcome import FhirError, Issue, operation_outcome


@dataclass(slots=True)
class Reject:
    """`place` says where it stood: file and line, or file and entry. `resource` is None when it was not readable."""

    place: str
    resource: Any
    issues: list[Issue]

    @classmethod
    def of(cls, place: str, resource: Any, error: FhirError | str) -> Reject:
        issues = [Issue("error", "processing", None, error)] if isinstance(error, str) else error.issues
        return cls(place, resource, issues)

    def line(self) -> bytes:
        """One line of NDJSON: the place, the OperationOutcome, and the resource itself."""
        whole = {"place": self.place, "outcome": operation_outcome(self.issues), "resource": self.resource}
        return json.encode(whole) + b"\n"
