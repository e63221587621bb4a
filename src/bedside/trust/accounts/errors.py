"""Why somebody is not let in. Messages never say whether an account exists."""

from __future__ import annotations

from bedside.fhir.outcome import FhirError, IssueCode


class NotSignedIn(FhirError):
    """No session, or one that is over. HTTP 401."""

    status = 401
    code: IssueCode = "login"


class SignInRefused(FhirError):
    """Name, password, passkey or link are not right. HTTP 401."""

    status = 401
    code: IssueCode = "login"


class TooManyAttempts(FhirError):
    """Failed too often; `retry_after` seconds from now another attempt is looked at. HTTP 429."""

    status = 429
    code: IssueCode = "throttled"

    def __init__(self, retry_after: int) -> None:
        super().__init__("Too many attempts have failed. Wait a while and try again.")
        self.retry_after = retry_after


class WeakPassword(FhirError):
    """The new password breaks a rule; the message says which. HTTP 422."""

    status = 422
    code: IssueCode = "business-rule"


class AccountProblem(FhirError):
    """An account cannot be made or changed as asked. HTTP 422."""

    status = 422
    code: IssueCode = "business-rule"


class CrossSite(FhirError):
    """A browser sent this because another site told it to. HTTP 403."""

    status = 403
    code: IssueCode = "forbidden"
