"""capabilities (R4 http.html#capabilities): a CapabilityStatement made from what is implemented.

Interactions come from the table of interactions, operations from the table of operations, search parameters and what
can be included from the record's registry (custom parameters too), conditional behaviour from the settings.
"""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from bedside.api.bundles import instant
from bedside.api.messages import Reply, Request
from bedside.fhir import definitions, json
from bedside.fhir.outcome import Invalid, NotSupported
from bedside.record.model import Resource
from bedside.record.parameters import Parameter, Registry

if TYPE_CHECKING:
    from bedside.api.service import Service

_FORMATS = ["application/fhir+json", "json"]
_PATCHES = ["application/json-patch+json"]
_EVERY_TYPE = ("_id", "_lastUpdated", "_tag", "_profile", "_security", "_source", "_text", "_content", "_list")
_STARTED = datetime.now(UTC)

# The statement of a registry, without what depends on the request; made once for each registry.
_made: WeakKeyDictionary[Registry, Resource] = WeakKeyDictionary()


async def interact(service: Service, request: Request) -> Reply:
    """GET [base]/metadata, or OPTIONS [base]. `mode=full` is the default; `mode=terminology` tells about codes."""
    request.refuse_parameters("mode")
    mode = request.parameter("mode")
    if mode == "terminology":
        return await _terminology(service, request)
    if mode == "normative":
        raise NotSupported(f"mode={mode} is not answered here; without it you get the whole statement.")
    if mode not in (None, "full"):
        raise Invalid(f"mode must be full, normative or terminology, not {mode!r}.", code="value")
    registry = service.record.registry
    statement = _made.get(registry)
    if statement is None:
        statement = _made[registry] = await service.run(_statement, service, registry)
    own = {
        "resourceType": "CapabilityStatement",
        "id": "bedside",
        "url": f"{request.base}/metadata",
        **statement,
        "implementation": {"description": "Bedside", "url": request.base},
    }
    return Reply(200, content=json.encode(own))


async def _terminology(service: Service, request: Request) -> Reply:
    from bedside.api.terminology.capabilities import statement

    found = await service.run(statement, service.record, instant(_STARTED))
    url = f"{request.base}/metadata?mode=terminology"
    own = {"resourceType": "TerminologyCapabilities", "id": "bedside", "url": url}
    return Reply(200, {**own, **found, "implementation": {"description": "Bedside", "url": request.base}})


def _statement(service: Service, registry: Registry) -> Resource:
    instantiates = list(service.operations.instantiates)
    return {
        "version": version("bedside"),
        "name": "Bedside",
        "title": "Bedside: the record of a university medical centre",
        "status": "active",
        "date": instant(_STARTED),
        "kind": "instance",
        **({"instantiates": instantiates} if instantiates else {}),
        "software": {"name": "Bedside", "version": version("bedside")},
        "fhirVersion": definitions.FHIR_VERSION,
        "format": _FORMATS,
        "patchFormat": _PATCHES,
        "rest": [_rest(service, registry)],
    }


def _rest(service: Service, registry: Registry) -> Resource:
    from bedside.api.interactions import codes

    at_system = [*codes("system", "system-search", "system-history"), "batch"]
    into = _references(registry)
    rest: Resource = {
        "mode": "server",
        "resource": [_resource(service, registry, name, into) for name in definitions.resource_types()],
        "interaction": [{"code": code} for code in dict.fromkeys(at_system)],
        "searchParam": [_search_parameter(p) for p in _common(registry)],
        "compartment": [
            f"http://hl7.org/fhir/CompartmentDefinition/{name.lower()}" for name in definitions.compartments()
        ],
    }
    operations = [_operation(each) for each in service.operations.at("system", "")]
    if operations:
        rest["operation"] = operations
    return rest


def _resource(service: Service, registry: Registry, name: str, into: dict[str, list[str]]) -> Resource:
    from bedside.api.interactions import codes

    interactions = codes("type", "type-history", "instance", "instance-history", "version")
    checked = ["enforced"] if service.record.settings.check_references else []
    parameters = registry.listed(name).values()
    includes = sorted(f"{name}:{p.code}" for p in parameters if p.type == "reference")
    found: Resource = {
        "type": name,
        "profile": f"http://hl7.org/fhir/StructureDefinition/{name}",
        "interaction": [{"code": code} for code in interactions],
        "versioning": "versioned",
        "readHistory": True,
        "updateCreate": service.record.settings.update_creates,
        "conditionalCreate": True,
        "conditionalRead": "full-support",
        "conditionalUpdate": True,
        "conditionalDelete": service.settings.conditional_delete,
        "referencePolicy": ["literal", "logical", "local", *checked],
        "searchInclude": ["*", *includes],
        "searchRevInclude": ["*", *into.get(name, [])],
        "searchParam": [_search_parameter(p) for p in sorted(parameters, key=lambda p: p.code)],
    }
    operations = {each.name: each for level in ("type", "instance") for each in service.operations.at(level, name)}
    if operations:
        found["operation"] = [_operation(each) for each in operations.values()]
    return found


def _references(registry: Registry) -> dict[str, list[str]]:
    """Type -> `Observation:subject` and every other reference parameter that may lead to it."""
    found: dict[str, list[str]] = {}
    for source in definitions.resource_types():
        for parameter in registry.listed(source).values():
            if parameter.type == "reference":
                for target in parameter.targets or definitions.resource_types():
                    found.setdefault(target, []).append(f"{source}:{parameter.code}")
    return {target: sorted(codes) for target, codes in found.items()}


def _common(registry: Registry) -> list[Parameter]:
    """The parameters that every type has."""
    parameters = registry.listed("Patient")
    return [parameters[code] for code in _EVERY_TYPE if code in parameters]


def _search_parameter(parameter: Parameter) -> Resource:
    return {"name": parameter.code, "definition": parameter.url, "type": parameter.type}


def _operation(operation: Any) -> Resource:
    return {"name": operation.name, "definition": operation.definition}
