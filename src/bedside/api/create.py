"""create and conditional create (R4 http.html#create, #ccreate)."""

from __future__ import annotations

from bedside.api import binary
from bedside.api.errors import require_type
from bedside.api.messages import Reply, Request
from bedside.api.negotiate import require_fhir
from bedside.api.service import Service
from bedside.api.written import written
from bedside.fhir.outcome import Invalid
from bedside.record.model import Create, Resource


async def interact(service: Service, request: Request) -> Reply:
    """POST [base]/[type]: 201, or 200 when `If-None-Exist` finds the resource, 412 when it finds several."""
    return written(request, await service.perform(request, to_write))


def to_write(request: Request) -> Create:
    """The write that a request for create, or an entry of a transaction, asks for."""
    require_type(request.type)
    request.refuse_parameters()
    condition = request.headers.get("if-none-exist")
    if condition is not None:
        # R4 has the search parameters only; many clients write the type and a question mark before them.
        before, mark, after = condition.strip().partition("?")
        if mark and before in ("", request.type, f"{request.base}/{request.type}"):
            condition = after
        if not condition.strip():
            raise Invalid("If-None-Exist is empty; it must be a search such as identifier=system|value.")
    return Create(body_of(request), condition, request.full_url)


def body_of(request: Request) -> Resource:
    """The resource to write, of the type that the address names."""
    if request.type == "Binary":
        resource = binary.from_body(request)
    else:
        if not request.nested:
            require_fhir(request.headers.get("content-type", ""))
        resource = request.resource()
    found = resource.get("resourceType")
    if found != request.type:
        said = f"a {found}" if found else "of no type (resourceType)"
        raise Invalid(f"The address is for {request.type}, but the resource is {said}.", path="resourceType")
    return resource
