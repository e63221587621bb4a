"""What can go wrong with the store itself, as opposed to with a request."""

from __future__ import annotations

from bedside.fhir.outcome import FhirError, IssueCode


class StoreError(FhirError):
    """The store could not do its part; the request may be right. Base of the errors below."""


class StoreFull(StoreError):
    """No room left on disk. HTTP 507."""

    status = 507
    code: IssueCode = "no-store"


class StoreBusy(StoreError):
    """A lock was not given in time. HTTP 503."""

    status = 503
    code: IssueCode = "lock-error"


class StoreBroken(StoreError):
    """The database is out of reach or damaged; what was acknowledged before is not affected. HTTP 503."""

    status = 503
    code: IssueCode = "transient"
