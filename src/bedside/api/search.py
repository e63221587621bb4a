"""search (R4 http.html#search) of a type, of everything, and of a compartment, by GET and by POST."""

from __future__ import annotations

from typing import cast

from bedside.api import bundles
from bedside.api.errors import require_type
from bedside.api.messages import Parameters, Reply, Request
from bedside.api.negotiate import require_form
from bedside.api.query import parse_query
from bedside.api.service import Service
from bedside.api.summary import Subset, Summary
from bedside.fhir import definitions
from bedside.fhir.outcome import NotFound
from bedside.record.model import SearchResult

CURSOR = "_page"


async def interact(service: Service, request: Request) -> Reply:
    """GET [base]/[type]?..., [base]?... or [base]/[compartment]/[id]/[type]?..., or the same with POST and _search.

    A POST takes the parameters of its form and of its address together (R4 search.html#Introduction); links in the
    answer are always for GET.
    """
    parameters = request.query
    if request.method == "POST":
        parameters = [*parameters, *form(request)]
    name, compartment = _scope(request)
    strict = (request.prefer.handling or service.settings.handling) == "strict"
    result = await service.run(
        service.record.search,
        name,
        parameters,
        strict=strict,
        compartment=compartment,
        default_count=service.settings.default_count,
        max_count=service.settings.max_count,
        base=request.base,
    )
    path = "/".join(part for part in request.path if part != "_search")
    return await page(service, request, result, path, parameters)


async def page(service: Service, request: Request, result: SearchResult, path: str, parameters: Parameters) -> Reply:
    """A page of results as a bundle. Encoding happens in a thread where parts of resources must be cut out."""
    at = next((value for key, value in parameters if key == CURSOR), None)
    own = [pair for pair in result.self_params if pair[0] != CURSOR] + request.shape
    links = bundles.page_links(request.base, path, own, CURSOR, at=at, after=result.next, before=result.previous)
    count_only = result.summary == "count"
    summary = "false" if count_only or result.summary is None else result.summary
    subset = Subset(cast("Summary", summary), result.elements)
    if subset.whole:
        content = bundles.searchset(result, request.base, links, subset, count_only=count_only)
    else:
        content = await service.run(bundles.searchset, result, request.base, links, subset)
    return Reply(200, content=content)


def _scope(request: Request) -> tuple[str | None, tuple[str, str] | None]:
    """The type to search (None: all) and the compartment to search in (None: no compartment).

    R4 http.html#vsearch: `Patient/23/Condition` searches the Conditions of a patient, `Patient/23/*` everything.
    """
    if not request.id:
        return (require_type(request.type) if request.type else None), None
    require_type(request.type)
    if request.type not in definitions.compartments():
        known = ", ".join(definitions.compartments())
        raise NotFound(f"{request.type} is no compartment; there are {known}.", code="not-supported")
    compartment = (request.type, request.id)
    if request.tail == "*":
        return None, compartment
    return require_type(request.tail), compartment


def form(request: Request) -> Parameters:
    """The parameters in the body of a POST. Raises UnsupportedMediaType, or Invalid for what is not UTF-8."""
    if not request.body:
        return []
    require_form(request.headers.get("content-type", ""))
    return parse_query(request.body)
