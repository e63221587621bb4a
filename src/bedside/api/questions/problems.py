"""A question that failed, and what `Message` said, as answers to a request."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bedside.fhir.outcome import FhirError, Severity, Unprocessable
from bedside.questions.errors import QuestionError
from bedside.record.problems import issue_of


class Failed(Unprocessable):
    """A question that failed on the data at hand. HTTP 422."""


def failed(error: QuestionError) -> FhirError:
    """An error of evaluation as the answer to a request."""
    return Failed([issue_of(error)])


def messages_outcome(messages: Iterable[tuple[str, str, str]]) -> dict[str, Any] | None:
    """What `Message` said during an evaluation, as an OperationOutcome; None when it said nothing."""
    severities: dict[str, Severity] = {"error": "error", "warning": "warning"}
    issues = [
        {
            "severity": severities.get(severity.lower(), "information"),
            "code": "informational",
            "details": {"text": code} if code else {"text": "Message"},
            "diagnostics": text or code or "Message",
        }
        for severity, code, text in messages
    ]
    return {"resourceType": "OperationOutcome", "issue": issues} if issues else None
