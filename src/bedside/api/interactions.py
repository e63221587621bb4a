"""The table of the API: which interaction answers a method at a place (R4 http.html#operations)."""

from __future__ import annotations

from dataclasses import dataclass

from bedside.api import batch, capability, create, delete, history, patch, read, search, update, vread
from bedside.api.errors import WrongMethod, require_type
from bedside.api.messages import Reply, Request
from bedside.api.operations import Handler, Level
from bedside.api.query import Place, place
from bedside.api.service import Service
from bedside.fhir.outcome import NotFound


@dataclass(frozen=True, slots=True)
class Interaction:
    """What answers, and its code in a CapabilityStatement (several may share one code; None: it has none)."""

    code: str | None
    handler: Handler


TABLE: dict[Place, dict[str, Interaction]] = {
    "metadata": {"GET": Interaction(None, capability.interact)},
    "system": {
        "GET": Interaction("search-system", search.interact),
        "POST": Interaction("transaction", batch.interact),
    },
    "system-search": {"POST": Interaction("search-system", search.interact)},
    "system-history": {"GET": Interaction("history-system", history.interact)},
    "type": {
        "GET": Interaction("search-type", search.interact),
        "POST": Interaction("create", create.interact),
        "PUT": Interaction("update", update.interact),
        "PATCH": Interaction("patch", patch.interact),
        "DELETE": Interaction("delete", delete.interact),
    },
    "type-search": {"POST": Interaction("search-type", search.interact)},
    "type-history": {"GET": Interaction("history-type", history.interact)},
    "instance": {
        "GET": Interaction("read", read.interact),
        "PUT": Interaction("update", update.interact),
        "PATCH": Interaction("patch", patch.interact),
        "DELETE": Interaction("delete", delete.interact),
    },
    "instance-history": {"GET": Interaction("history-instance", history.interact)},
    "version": {"GET": Interaction("vread", vread.interact)},
    "compartment": {"GET": Interaction("search-type", search.interact)},
    "compartment-search": {"POST": Interaction("search-type", search.interact)},
}

_LEVELS: dict[str, Level] = {
    "system-operation": "system",
    "type-operation": "type",
    "instance-operation": "instance",
}


async def dispatch(service: Service, request: Request) -> Reply:
    """Answer a request. HEAD is answered as GET, and OPTIONS says what is possible. Raises FhirError."""
    at = place(request)
    if at in _LEVELS:
        return await _operation(service, request, _LEVELS[at])
    if at == "endpoint":
        endpoint = service.operations.endpoints.get(request.tail)
        if endpoint is None:
            raise NotFound(f"There is nothing at {'/'.join(request.path)!r}.")
        return await endpoint(service, request)
    methods = TABLE[at]
    interaction = methods.get("GET" if request.method == "HEAD" else request.method)
    if interaction is None:
        if request.type:
            require_type(request.type)
        allowed = _allowed(set(methods))
        if request.method != "OPTIONS":
            raise WrongMethod(request.method, allowed)
        if at == "system":
            return await capability.interact(service, request)
        return Reply(204, headers={"allow": ", ".join(sorted(allowed))})
    return await interaction.handler(service, request)


async def _operation(service: Service, request: Request, level: Level) -> Reply:
    if request.type:
        require_type(request.type)
    name = request.tail
    if request.method == "OPTIONS":
        methods = {
            method
            for each in service.operations.at(level, request.type)
            if each.name == name
            for method in each.methods
        }
        return Reply(204, headers={"allow": ", ".join(sorted(_allowed(methods)))})
    method = "GET" if request.method == "HEAD" else request.method
    return await service.operations.find(name, level, request.type, method).handler(service, request)


def _allowed(methods: set[str]) -> set[str]:
    """With what comes for free: HEAD beside GET, and OPTIONS."""
    return methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())


def codes(*places: Place) -> list[str]:
    """The interaction codes of some places, each once, in the order of the table."""
    found = (interaction.code for at in places for interaction in TABLE[at].values())
    return list(dict.fromkeys(code for code in found if code is not None))
