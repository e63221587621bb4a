"""Addresses: what a path below the base is about, and what its parameters are."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal
from urllib.parse import parse_qsl

from bedside.api.messages import Parameters, Request
from bedside.fhir.outcome import Invalid, NotFound

Place = Literal[
    "system", "metadata", "endpoint", "system-history", "system-search", "system-operation",
    "type", "type-history", "type-search", "type-operation",
    "instance", "instance-history", "version", "instance-operation", "compartment", "compartment-search",
]  # fmt: skip

_SHAPE = frozenset(("_format", "_pretty"))


def parse_query(text: str | bytes) -> Parameters:
    """The parameters of a query or form, in order; empty values stay. Raises Invalid when they are not UTF-8."""
    if not text:
        return []
    try:
        plain = text if isinstance(text, str) else text.decode("ascii")
        return parse_qsl(plain, keep_blank_values=True, errors="strict", max_num_fields=2000)
    except UnicodeError:
        raise Invalid("The parameters are not percent-encoded UTF-8.") from None
    except ValueError:
        raise Invalid("These are too many parameters.", code="too-long") from None


def take_shape(parameters: Parameters) -> tuple[Parameters, Parameters]:
    """Parameters without those that only shape the answer (`_format`, `_pretty`), and those."""
    if not any(name in _SHAPE for name, _ in parameters):
        return parameters, []
    own = [pair for pair in parameters if pair[0] not in _SHAPE]
    return own, [pair for pair in parameters if pair[0] in _SHAPE]


@lru_cache(1024)
def split_path(path: str) -> tuple[str, ...]:
    """The segments of a decoded path below the base; empty ones are dropped."""
    return tuple(part for part in path.split("/") if part)


def place(request: Request) -> Place:
    """What a request is about; fills its `type`, `id` and `tail`. Raises NotFound for a path with no meaning."""
    path = request.path
    if not path:
        return "system"
    first = path[0]
    if first[0] in "_$" or first == "metadata":
        return _system_place(request, first)
    request.type = first
    match path[1:]:
        case ():
            return "type"
        case ("_history",):
            return "type-history"
        case ("_search",):
            return "type-search"
        case (name,) if name[0] == "$":
            request.tail = name[1:]
            return "type-operation"
        case (id_,):
            request.id = id_
            return "instance"
        case (id_, "_history"):
            request.id = id_
            return "instance-history"
        case (id_, "_history", version):
            request.id, request.tail = id_, version
            return "version"
        case (id_, name) if name[0] == "$":
            request.id, request.tail = id_, name[1:]
            return "instance-operation"
        case (id_, name):
            request.id, request.tail = id_, name
            return "compartment"
        case (id_, name, "_search"):
            request.id, request.tail = id_, name
            return "compartment-search"
    raise NotFound(f"There is nothing at {'/'.join(path)!r}.")


def _system_place(request: Request, first: str) -> Place:
    if first == "metadata" and len(request.path) == 1:
        return "metadata"
    if len(request.path) == 1:
        if first == "_history":
            return "system-history"
        if first == "_search":
            return "system-search"
        if first[0] == "$":
            request.tail = first[1:]
            return "system-operation"
    if first[0] in "_$":
        request.tail = first
        return "endpoint"
    raise NotFound(f"There is nothing at {'/'.join(request.path)!r}.")
