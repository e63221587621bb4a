"""The operations of terminology, as rows of the table of operations. What answers them is imported when one is called:
a server that only keeps records starts without it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from bedside.api.messages import Reply, Request
from bedside.api.operations import Handler, Level, Operation
from bedside.api.service import Service
from bedside.record.model import Resource
from bedside.record.record import Record

if TYPE_CHECKING:
    from bedside.api.terminology.inputs import Inputs

    Answer = Callable[[Record, Request, Inputs], Resource]

_DEFINITIONS = "http://hl7.org/fhir/OperationDefinition/"


@cache
def _module(name: str) -> Any:
    return import_module(f"bedside.api.terminology.{name}")


def _handler(module: str, answer: str, known: str, alone: str | None) -> Handler:
    async def interact(service: Service, request: Request) -> Reply:
        """Read the input here, work out the answer in a thread."""
        code = await service.run(_module, module)
        inputs = _module("inputs").read(request, getattr(code, known), alone=alone)
        function: Answer = getattr(code, answer)
        return Reply(200, await service.run(function, service.record, request, inputs))

    return interact


def _operation(
    type_name: str,
    name: str,
    place: str,
    known: str,
    *levels: Level,
    alone: str | None = None,
    methods: tuple[str, ...] = ("GET", "POST"),
) -> Operation:
    """`place` is module.function, `known` the name of its parameters in that module."""
    module, _, answer = place.partition(".")
    handler = _handler(module, answer, known, alone)
    return Operation(
        name, f"{_DEFINITIONS}{type_name}-{name}", handler, frozenset(levels), (type_name,), frozenset(methods)
    )


OPERATIONS = (
    _operation("ValueSet", "expand", "value_sets.expand", "EXPAND", "type", "instance", alone="valueSet"),
    _operation("ValueSet", "validate-code", "value_sets.validate_code", "VALIDATE", "type", "instance"),
    _operation("CodeSystem", "lookup", "code_systems.lookup", "LOOKUP", "type"),
    _operation("CodeSystem", "validate-code", "code_systems.validate_code", "VALIDATE", "type", "instance"),
    _operation("CodeSystem", "subsumes", "code_systems.subsumes", "SUBSUMES", "type", "instance"),
    _operation("ConceptMap", "translate", "concept_maps.translate", "TRANSLATE", "type", "instance"),
    _operation("ConceptMap", "closure", "concept_maps.closure_table", "CLOSURE", "system", methods=("POST",)),
    _operation("NamingSystem", "preferred-id", "concept_maps.preferred_id", "PREFERRED", "type"),
)
