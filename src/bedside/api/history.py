"""history of a resource, of a type and of everything (R4 http.html#history), newest first and paged."""

from __future__ import annotations

from bedside.api import bundles
from bedside.api.errors import require_type
from bedside.api.messages import Reply, Request
from bedside.api.service import Service
from bedside.fhir import dates
from bedside.fhir.outcome import Invalid, NotFound

_CURSOR = "_page"


async def interact(service: Service, request: Request) -> Reply:
    """GET [base]/[type]/[id]/_history, [base]/[type]/_history or [base]/_history.

    `_since` is an instant, `_at` a date or time of which the versions current then are shown, `_count` the size of
    a page. 404 for the history of what never was.
    """
    request.refuse_parameters("_since", "_at", "_count", _CURSOR)
    name = require_type(request.type) if request.type else None
    since, at, page = request.parameter("_since"), request.parameter("_at"), request.parameter(_CURSOR)
    count = page_size(request, service.settings.default_count, service.settings.max_count)
    found = await service.run(
        service.record.history,
        name,
        request.id or None,
        since=None if since is None else dates.search_interval(since)[0],
        at=None if at is None else dates.search_interval(at),
        count=count,
        cursor=page,
        total=bool(request.id) or count == 0,
    )
    if request.id and not found.versions and await service.find(request.type, request.id) is None:
        raise NotFound(f"There is no {request.type}/{request.id}.")
    own = [(key, value) for key, value in request.query if key in ("_since", "_at", "_count")] + request.shape
    links = bundles.page_links(request.base, "/".join(request.path), own, _CURSOR, at=page, after=found.next)
    return Reply(200, content=bundles.history(found.versions, found.total, request.base, links))


def page_size(request: Request, default: int, most: int) -> int:
    """`_count`, no more than the server gives at once. Raises Invalid when it is no number."""
    text = request.parameter("_count")
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Invalid(f"_count must be a number of resources, not {text!r}.", code="value")
    return min(int(text), most)
