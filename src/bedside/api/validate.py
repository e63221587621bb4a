"""$validate (R4 resource-operation-validate.html), as far as structure goes: everything that a write would refuse."""

from __future__ import annotations

from typing import Any

from bedside.api.errors import require_type
from bedside.api.messages import Reply, Request
from bedside.api.negotiate import require_fhir
from bedside.api.operations import Operation
from bedside.api.service import Service
from bedside.fhir.check import check
from bedside.fhir.outcome import Invalid, Issue, NotSupported, operation_outcome


async def interact(service: Service, request: Request) -> Reply:
    """POST [base]/[type]/$validate or .../[id]/$validate with a resource, or GET of a resource that is there.

    The answer is 200 with an OperationOutcome of all issues, whatever they are. Profiles are not looked at, and
    asking for one is refused (400) rather than passed over.
    """
    name = require_type(request.type)
    request.refuse_parameters("mode", "profile")
    mode, profile = request.parameter("mode"), request.parameter("profile")
    resource: Any = None
    if request.body or request.content is not None:
        if not request.nested:
            require_fhir(request.headers.get("content-type", ""))
        resource = request.resource()
        if resource.get("resourceType") == "Parameters" and name != "Parameters":
            resource, mode, profile = _unwrapped(resource, mode, profile)
    if profile is not None:
        raise NotSupported("Profiles are not checked here; leave the profile out to check the structure.")
    if resource is None:
        if not request.id:
            raise Invalid("There is no resource to validate.", code="required")
        resource = (await service.current(name, request.id)).resource
    if mode not in (None, "create", "update"):
        raise NotSupported(f"The mode {mode!r} is not supported; there are create and update.")
    issues = await service.run(check, resource, expect_type=name)
    if request.id and resource.get("id") != request.id:
        issues = [*issues, Issue("error", "value", f"{name}.id", f"The address names {name}/{request.id}.")]
    return Reply(200, operation_outcome(issues))


def _unwrapped(parameters: dict[str, Any], mode: str | None, profile: str | None) -> tuple[Any, str | None, str | None]:
    """Resource, mode and profile out of a Parameters resource."""
    resource = None
    for parameter in parameters.get("parameter", []):
        match parameter.get("name"):
            case "resource":
                resource = parameter.get("resource")
            case "mode":
                mode = parameter.get("valueCode", mode)
            case "profile":
                profile = parameter.get("valueUri") or parameter.get("valueCanonical") or profile
    return resource, mode, profile


OPERATIONS = (
    Operation(
        "validate",
        "http://hl7.org/fhir/OperationDefinition/Resource-validate",
        interact,
        frozenset(("type", "instance")),
    ),
)
