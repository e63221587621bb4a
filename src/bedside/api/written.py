"""The reply to a write: status, Location and what `Prefer: return` asks for (R4 http.html#ops)."""

from __future__ import annotations

from collections.abc import Sequence

from bedside.api.messages import Reply, Request
from bedside.fhir.outcome import Issue, operation_outcome
from bedside.record.model import Effect, Outcome

_SENTENCES = {
    Effect.CREATED: "{} was created as version {}.",
    Effect.UPDATED: "{} was changed; it is now version {}.",
    Effect.UNCHANGED: "{} is as it was, version {}; the content is the same.",
    Effect.EXISTED: "{} matches the condition and is as it was, version {}.",
    Effect.DELETED: "{} was deleted; the deletion is version {}.",
}


def written(request: Request, outcome: Outcome) -> Reply:
    """201 when a resource was made, 200 when it was changed or was already so.

    Location names the version (on 200 it is Content-Location). The body is the resource unless the client prefers
    less; an entry of a bundle gets none unless it is preferred.
    """
    stored = outcome.stored
    assert stored is not None, "only a deletion can leave nothing"
    reply = Reply(201 if outcome.effect is Effect.CREATED else 200, stored=stored, located=True)
    wanted = request.prefer.returns or ("minimal" if request.nested else "representation")
    if wanted == "representation":
        reply.content = stored.body
    elif wanted == "OperationOutcome":
        reply.resource = told(outcome, request.notes)
    return reply


def deleted(request: Request, outcome: Outcome) -> Reply:
    """204, or 200 with an OperationOutcome for a client that prefers one. The ETag is that of the deletion."""
    stored = outcome.stored if outcome.deleted == 1 else None
    if request.prefer.returns == "OperationOutcome":
        return Reply(200, told(outcome), stored=stored)
    return Reply(204, stored=stored)


def told(outcome: Outcome, notes: Sequence[Issue] = ()) -> dict[str, object]:
    """What a write did, as an OperationOutcome, with what was noticed meanwhile."""
    stored = outcome.stored
    if outcome.deleted > 1:
        sentence = f"{outcome.deleted} resources were deleted."
    elif stored is None or outcome.effect is Effect.NOTHING:
        sentence = "There was nothing to delete."
    else:
        sentence = _SENTENCES[outcome.effect].format(stored.reference, stored.version)
    return operation_outcome([Issue("information", "informational", None, sentence), *notes])
