"""Errors as values: issues, the exceptions that carry them, and the OperationOutcome they become.

Near the core an error is a `FhirError` with an HTTP status and a list of issues; the API turns it into one
OperationOutcome in one place (https://hl7.org/fhir/R4/operationoutcome.html, https://hl7.org/fhir/R4/http.html).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, NamedTuple

Severity = Literal["fatal", "error", "warning", "information"]

# http://hl7.org/fhir/issue-type, the code system that OperationOutcome.issue.code is bound to.
IssueCode = Literal[
    "invalid", "structure", "required", "value", "invariant",
    "security", "login", "unknown", "expired", "forbidden", "suppressed",
    "processing", "not-supported", "duplicate", "multiple-matches", "not-found", "deleted", "too-long",
    "code-invalid", "extension", "too-costly", "business-rule", "conflict",
    "transient", "lock-error", "no-store", "exception", "timeout", "incomplete", "throttled",
    "informational",
]  # fmt: skip


class Issue(NamedTuple):
    """One thing that is wrong, or worth knowing."""

    severity: Severity
    code: IssueCode
    path: str | None
    """FHIRPath of the element, as in `Patient.contact[0].name.given[1]`; None when it is about no element."""
    message: str
    """A sentence for a person. It may quote a value of the resource, so it must not be logged."""


class FhirError(Exception):
    """A request that cannot be done, with the reasons; base of the errors below.

    `status` is the HTTP status that answers it, `issues` are the reasons, at least one.
    """

    status: int = 500
    code: IssueCode = "exception"

    def __init__(self, problem: str | Iterable[Issue], *, code: IssueCode | None = None, path: str | None = None):
        """`problem` is a sentence, or ready issues. `code` and `path` go with a sentence."""
        if isinstance(problem, str):
            self.issues = [Issue("error", code or self.code, path, problem)]
        else:
            self.issues = list(problem)
        super().__init__("; ".join(issue.message for issue in self.issues))

    def outcome(self) -> dict[str, Any]:
        """The OperationOutcome that tells a client about it."""
        return operation_outcome(self.issues)


class Invalid(FhirError):
    """The request cannot be understood: not JSON, not a resource, a malformed parameter. HTTP 400."""

    status = 400
    code: IssueCode = "invalid"


class Unprocessable(FhirError):
    """The resource is understood but breaks a rule that the record enforces. HTTP 422."""

    status = 422
    code: IssueCode = "processing"


class NotFound(FhirError):
    """No such resource, version or endpoint. HTTP 404."""

    status = 404
    code: IssueCode = "not-found"


class Gone(FhirError):
    """The resource was deleted. HTTP 410."""

    status = 410
    code: IssueCode = "deleted"


class Forbidden(FhirError):
    """Understood and refused. HTTP 403."""

    status = 403
    code: IssueCode = "forbidden"


class MethodNotAllowed(FhirError):
    """This interaction does not exist here. HTTP 405."""

    status = 405
    code: IssueCode = "not-supported"


class NotAcceptable(FhirError):
    """The client asks for a format that is not spoken here. HTTP 406."""

    status = 406
    code: IssueCode = "not-supported"


class Conflict(FhirError):
    """The change would contradict what is in the record, such as a reference to what it deletes. HTTP 409."""

    status = 409
    code: IssueCode = "conflict"


class PreconditionFailed(FhirError):
    """A stale If-Match, or a condition that matches several resources. HTTP 412."""

    status = 412
    code: IssueCode = "conflict"


class MultipleMatches(PreconditionFailed):
    """A condition that should select one resource selects several. HTTP 412."""

    code: IssueCode = "multiple-matches"


class TooLarge(FhirError):
    """More content than is accepted. HTTP 413."""

    status = 413
    code: IssueCode = "too-long"


class UnsupportedMediaType(FhirError):
    """The body is in a format that is not read here. HTTP 415."""

    status = 415
    code: IssueCode = "not-supported"


class NotSupported(FhirError):
    """R4 has it and this server does not: a parameter, a modifier, an operation. HTTP 400."""

    status = 400
    code: IssueCode = "not-supported"


class TooCostly(FhirError):
    """The answer would take more than a server should give to one request. HTTP 403, as R4 advises."""

    status = 403
    code: IssueCode = "too-costly"


class Unavailable(FhirError):
    """The store cannot be reached or is full just now; trying again may help. HTTP 503."""

    status = 503
    code: IssueCode = "transient"


def operation_outcome(issues: Iterable[Issue]) -> dict[str, Any]:
    """The issues as an OperationOutcome resource.

    A path becomes `expression`, the sentence becomes `diagnostics`. No issue at all becomes one informational
    "All OK", for the resource must have an issue.
    """
    found: list[dict[str, Any]] = []
    for issue in issues:
        entry: dict[str, Any] = {"severity": issue.severity, "code": issue.code, "diagnostics": issue.message}
        if issue.path:
            entry["expression"] = [issue.path]
        found.append(entry)
    if not found:
        found.append({"severity": "information", "code": "informational", "diagnostics": "All OK"})
    return {"resourceType": "OperationOutcome", "issue": found}


# FHIRPath keywords that are also names of elements; they are written between backticks in a path.
_KEYWORDS = {"and", "as", "contains", "div", "implies", "in", "is", "mod", "or", "xor", "true", "false"}


def step(path: str, name: str) -> str:
    """The FHIRPath location of the element `name` of what is at `path`: `Patient.name`."""
    return f"{path}.`{name}`" if name in _KEYWORDS else f"{path}.{name}"
