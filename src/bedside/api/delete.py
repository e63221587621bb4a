"""delete and conditional delete (R4 http.html#delete, #3.1.0.7.1). What is deleted stays in the history."""

from __future__ import annotations

from functools import partial

from bedside.api.errors import require_type
from bedside.api.messages import Reply, Request
from bedside.api.preconditions import if_match
from bedside.api.service import Service
from bedside.api.written import deleted
from bedside.fhir.outcome import Invalid
from bedside.record.model import Delete


async def interact(service: Service, request: Request) -> Reply:
    """DELETE [base]/[type]/[id] or DELETE [base]/[type]?condition: 204, also when there was nothing to delete.

    409 while other resources refer to it; 412 for a stale If-Match, or for a condition that finds several where
    the settings allow only one.
    """
    return deleted(request, await service.perform(request, partial(to_write, service)))


def to_write(service: Service, request: Request) -> Delete:
    """The write that a request for delete, or an entry of a transaction, asks for."""
    name = require_type(request.type)
    version = if_match(request.headers)
    if request.id:
        request.refuse_parameters()
        return Delete(name, request.id, if_match=version, full_url=request.full_url)
    query = request.condition()
    if not query:
        raise Invalid(
            f"DELETE needs an id ({name}/[id]) or a condition ({name}?identifier=...); it never deletes a whole type.",
            code="required",
        )
    if version is not None:
        raise Invalid("If-Match goes with the id of a resource, not with a condition.")
    multiple = service.settings.conditional_delete == "multiple"
    return Delete(name, query=query, multiple=multiple, full_url=request.full_url)
