"""The operations of terminology, as rows of the table of operations."""

from __future__ import annotations

from collections.abc import Callable

from bedside.api.messages import Reply, Request
from bedside.api.operations import Handler, Level, Operation
from bedside.api.service import Service
from bedside.api.terminology import code_systems, concept_maps, value_sets
from bedside.api.terminology.inputs import Inputs, read
from bedside.record.model import Resource
from bedside.record.record import Record

Answer = Callable[[Record, Request, Inputs], Resource]
_DEFINITIONS = "http://hl7.org/fhir/OperationDefinition/"


def _handler(answer: Answer, known: frozenset[str], alone: str | None) -> Handler:
    async def interact(service: Service, request: Request) -> Reply:
        """Read the input here, work out the answer in a thread."""
        inputs = read(request, known, alone=alone)
        return Reply(200, await service.run(answer, service.record, request, inputs))

    return interact


def _operation(
    type_name: str,
    name: str,
    answer: Answer,
    known: frozenset[str],
    *levels: Level,
    alone: str | None = None,
    methods: tuple[str, ...] = ("GET", "POST"),
) -> Operation:
    definition = f"{_DEFINITIONS}{type_name}-{name}"
    handler = _handler(answer, known, alone)
    return Operation(name, definition, handler, frozenset(levels), (type_name,), frozenset(methods))


OPERATIONS = (
    _operation("ValueSet", "expand", value_sets.expand, value_sets.EXPAND, "type", "instance", alone="valueSet"),
    _operation("ValueSet", "validate-code", value_sets.validate_code, value_sets.VALIDATE, "type", "instance"),
    _operation("CodeSystem", "lookup", code_systems.lookup, code_systems.LOOKUP, "type"),
    _operation("CodeSystem", "validate-code", code_systems.validate_code, code_systems.VALIDATE, "type", "instance"),
    _operation("CodeSystem", "subsumes", code_systems.subsumes, code_systems.SUBSUMES, "type", "instance"),
    _operation("ConceptMap", "translate", concept_maps.translate, concept_maps.TRANSLATE, "type", "instance"),
    _operation("ConceptMap", "closure", concept_maps.closure_table, concept_maps.CLOSURE, "system", methods=("POST",)),
    _operation("NamingSystem", "preferred-id", concept_maps.preferred_id, concept_maps.PREFERRED, "type"),
)
