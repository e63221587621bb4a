"""read (R4 http.html#read): the current version of a resource, or 304 when the client has it already."""

from __future__ import annotations

from bedside.api import binary
from bedside.api.errors import require_type
from bedside.api.messages import Reply, Request
from bedside.api.preconditions import not_modified
from bedside.api.service import Service
from bedside.api.summary import check_elements, parse_subset
from bedside.record.model import Stored


async def interact(service: Service, request: Request) -> Reply:
    """GET [base]/[type]/[id], with `_summary` or `_elements`; 404 when it never was, 410 when it was deleted."""
    stored = await service.current(require_type(request.type), request.id)
    return shown(request, stored)


def shown(request: Request, stored: Stored) -> Reply:
    """One version as this request wants to see it: not at all (304), in part, raw, or whole."""
    request.refuse_parameters("_summary", "_elements")
    if not_modified(request.headers, stored):
        return Reply(304, stored=stored)
    subset = parse_subset(request.parameter("_summary"), request.parameter("_elements"))
    reply = Reply(200, content=stored.body, stored=stored)
    if not subset.whole:
        check_elements(stored.type, subset.elements)
        assert stored.body is not None
        reply.content = subset.encoded(stored.body)
    elif stored.type == "Binary" and not request.nested and binary.wants_raw(request, stored):
        return binary.raw(stored)
    return reply
