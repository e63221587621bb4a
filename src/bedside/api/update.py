"""update, update as create, and conditional update (R4 http.html#update, #upsert, #cond-update)."""

from __future__ import annotations

from bedside.api.create import body_of
from bedside.api.errors import require_type
from bedside.api.messages import Reply, Request
from bedside.api.preconditions import if_match, must_be_new
from bedside.api.service import Service
from bedside.api.written import written
from bedside.fhir.outcome import Invalid
from bedside.record.model import Update


async def interact(service: Service, request: Request) -> Reply:
    """PUT [base]/[type]/[id] or PUT [base]/[type]?condition: 200, or 201 when there was nothing.

    412 when If-Match is not the current version, when `If-None-Match: *` finds something, or when the condition
    finds several.
    """
    return written(request, await service.perform(request, to_write))


def to_write(request: Request) -> Update:
    """The write that a request for update, or an entry of a transaction, asks for."""
    name = require_type(request.type)
    query = None
    if request.id:
        request.refuse_parameters()
    else:
        query = request.condition()
        if not query:
            raise Invalid(f"PUT needs an id ({name}/[id]) or a condition ({name}?identifier=...).", code="required")
    return Update(
        name,
        body_of(request),
        request.id or None,
        query,
        if_match(request.headers),
        must_be_new(request.headers),
        request.full_url,
    )
