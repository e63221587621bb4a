"""Every failure as a reply: the one place where errors become an OperationOutcome (R4 http.html#Status-Codes)."""

from __future__ import annotations

import difflib
import logging
import traceback
import uuid
from collections.abc import Iterable

from bedside.api.messages import Reply
from bedside.fhir import definitions
from bedside.fhir.outcome import FhirError, Invalid, Issue, MethodNotAllowed, NotFound, operation_outcome

log = logging.getLogger("bedside.api")

RETRY_AFTER = "2"


class WrongMethod(MethodNotAllowed):
    """HTTP 405, with the methods that would do, for the Allow header."""

    def __init__(self, method: str, allowed: Iterable[str]) -> None:
        self.allowed = ", ".join(sorted(allowed))
        super().__init__(f"{method} has no meaning here; what can be done is {self.allowed}.")


class Disconnected(Exception):
    """The client went away before it had sent its request; there is nobody to answer."""


def failure(error: Exception) -> Reply:
    """The reply to a request that raised `error`.

    What was not foreseen becomes 500 with an incident number, under which the log tells where it happened: types
    and lines of code only, because messages may quote a resource.
    """
    if not isinstance(error, FhirError):
        return _unforeseen(error)
    reply = Reply(error.status, error.outcome())
    if isinstance(error, MethodNotAllowed):
        # Without a list it is the record that refuses an update which would create.
        reply.headers["allow"] = getattr(error, "allowed", "DELETE, GET, HEAD, OPTIONS, PATCH")
    elif error.status == 503:
        reply.headers["retry-after"] = RETRY_AFTER
    elif error.status == 415:
        reply.headers["accept-patch"] = "application/json-patch+json"
    return reply


def _unforeseen(error: Exception) -> Reply:
    incident = uuid.uuid4().hex[:12]
    log.error("incident %s: %s", incident, _where(error))
    message = f"Something went wrong here, and it is not your request. The log tells more under incident {incident}."
    return Reply(500, operation_outcome([Issue("fatal", "exception", None, message)]))


def _where(error: BaseException) -> str:
    """The chain of errors with the lines of code they passed, without their messages."""
    parts = []
    current: BaseException | None = error
    while current is not None:
        frames = traceback.extract_tb(current.__traceback__)
        steps = " > ".join(f"{frame.name} ({frame.filename}:{frame.lineno})" for frame in frames)
        parts.append(f"{type(current).__module__}.{type(current).__name__} in {steps or 'no frame'}")
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return "; caused by ".join(parts)


def unknown_type(name: str) -> NotFound:
    """HTTP 404 for what is no resource type, with the nearest name there is."""
    return NotFound(f"{name!r} is not a resource type of R4.{suggest(name, definitions.resource_types())}")


def suggest(name: str, known: Iterable[str]) -> str:
    """` Did you mean X?` for the known name nearest to one that is not known; empty when none is near."""
    by_lower = {each.lower(): each for each in known}
    near = difflib.get_close_matches(name.lower(), list(by_lower), 1, 0.6)
    return f" Did you mean {by_lower[near[0]]}?" if near else ""


def require_type(name: str) -> str:
    """The name, if it is a resource type; NotFound otherwise."""
    if not definitions.is_resource_type(name):
        raise unknown_type(name)
    return name


def empty_body() -> Invalid:
    """HTTP 400 for a body that is missing."""
    return Invalid("A body was expected, and there is none.", code="required")
