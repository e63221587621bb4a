"""$everything of a Patient or an Encounter (R4 patient-operation-everything.html): its whole compartment, paged."""

from __future__ import annotations

from bedside.api.errors import require_type
from bedside.api.messages import Parameters, Reply, Request
from bedside.api.negotiate import media_type, require_fhir
from bedside.api.operations import Operation
from bedside.api.search import form, page
from bedside.api.service import Service
from bedside.fhir.outcome import Invalid


async def interact(service: Service, request: Request) -> Reply:
    """GET or POST [base]/Patient/[id]/$everything, with `start`, `end`, `_since`, `_type` and `_count`."""
    name = require_type(request.type)
    await service.current(name, request.id)
    parameters = request.query
    if request.method == "POST":
        parameters = [*parameters, *posted(request)]
    result = await service.run(service.record.everything, name, request.id, parameters)
    return await page(service, request, result, "/".join(request.path), parameters)


def posted(request: Request) -> Parameters:
    """The parameters of a POST: a Parameters resource of simple values, or a form."""
    if not request.body and request.content is None:
        return []
    if media_type(request.headers.get("content-type", "")) == "application/x-www-form-urlencoded":
        return form(request)
    if not request.nested:
        require_fhir(request.headers.get("content-type", ""))
    resource = request.resource()
    if resource.get("resourceType") != "Parameters":
        raise Invalid("The input of an operation is a Parameters resource.", code="structure", path="resourceType")
    found = []
    for index, parameter in enumerate(resource.get("parameter", [])):
        values = [value for key, value in parameter.items() if key.startswith("value")]
        if len(values) != 1 or isinstance(values[0], dict | list | bool):
            raise Invalid("This parameter must be one simple value.", path=f"Parameters.parameter[{index}]")
        found.append((str(parameter.get("name", "")), str(values[0])))
    return found


OPERATIONS = tuple(
    Operation(
        "everything",
        f"http://hl7.org/fhir/OperationDefinition/{name}-everything",
        interact,
        frozenset(("instance",)),
        (name,),
    )
    for name in ("Patient", "Encounter")
)
