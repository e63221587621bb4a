"""What a person reads when something went wrong: what happened, what is safe, what to do."""

from __future__ import annotations

import logging
import traceback
import uuid
from typing import TYPE_CHECKING

from starlette.responses import Response

from bedside.fhir.outcome import FhirError, NotFound

if TYPE_CHECKING:
    from bedside.web.shell import Visit

log = logging.getLogger("bedside.web")


class NoPage(NotFound):
    """There is no page at this address. HTTP 404."""


def page(visit: Visit, error: Exception) -> Response:
    """The page about an error. What was not foreseen gets an incident number, under which the log says where it
    happened; never what it was about, because messages may quote a resource."""
    if isinstance(error, FhirError):
        sentences = [issue.message for issue in error.issues]
        return visit.render("error.html", status=error.status, code=error.status, sentences=sentences, incident=None)
    incident = uuid.uuid4().hex[:12]
    log.error("incident %s: %s", incident, _where(error))
    return visit.render("error.html", status=500, code=500, sentences=[], incident=incident)


def _where(error: BaseException) -> str:
    """Types and lines of code of a chain of errors, without their messages."""
    parts = []
    current: BaseException | None = error
    while current is not None:
        frames = traceback.extract_tb(current.__traceback__)[-8:]
        steps = " > ".join(f"{frame.name} ({frame.filename}:{frame.lineno})" for frame in frames)
        parts.append(f"{type(current).__module__}.{type(current).__name__} in {steps or 'no frame'}")
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return "; caused by ".join(parts)
