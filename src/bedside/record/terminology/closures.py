"""Closure tables of clients, kept in the record as tagged ConceptMaps: durable, with history, the same in every process
(https://hl7.org/fhir/R4/conceptmap-operation-closure.html)."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from bedside.fhir.outcome import Conflict, Invalid, NotFound, PreconditionFailed, TooCostly
from bedside.record.model import Resource, Stored, Update
from bedside.record.terminology.definitions import CLOSURE
from bedside.terms.closure import MOST, Member, Relation, Table, add, concept_map, since

if TYPE_CHECKING:
    from bedside.record.record import Record

_STEP = "https://bedside.example/fhir/StructureDefinition/closure-step"
_ATTEMPTS = 8
_LONGEST_NAME = 200


def closure(
    record: Record, name: str, concepts: Sequence[tuple[str, str]] = (), version: str | None = None
) -> Resource:
    """One step of a closure table; gives the ConceptMap for the client.

    With a name alone a table is begun, or begun again. With `concepts`, (system, code), the answer holds what they add.
    With `version` it holds all that was added after that version. Raises NotFound (404) for a table that was never
    begun, and for an unknown system or code; Invalid for a version that cannot be.
    """
    if not name or len(name) > _LONGEST_NAME:
        raise Invalid(f"The name of a closure table has 1 to {_LONGEST_NAME} characters.", code="value")
    if concepts and version is not None:
        raise Invalid("Give concepts to go on, or a version to be told again what came after it; not both.")
    if not concepts and version is None:
        return concept_map(_begin(record, name), ())
    if version is not None:
        table = _present(record.read("ConceptMap", _id(name)), name)
        return concept_map(table, since(table.relations, _number(version, table)))
    return _go_on(record, name, concepts)


def _id(name: str) -> str:
    return "closure-" + blake2b(name.encode(), digest_size=16).hexdigest()


def _begin(record: Record, name: str) -> Table:
    table = Table(name)
    record.write(Update("ConceptMap", _as_resource(table), _id(name)))
    return table


def _go_on(record: Record, name: str, concepts: Sequence[tuple[str, str]]) -> Resource:
    for _ in range(_ATTEMPTS):
        stored = record.read("ConceptMap", _id(name))
        table = _present(stored, name)
        assert stored is not None
        grown = add(table, concepts, record.terminology.current())
        if len(grown.members) > MOST:
            raise TooCostly(f"A closure table may have up to {MOST:,} concepts.")
        try:
            record.write(Update("ConceptMap", _as_resource(grown), _id(name), if_match=stored.version))
        except PreconditionFailed:
            continue  # another request of the client was quicker
        return concept_map(grown, since(grown.relations, table.step))
    raise Conflict(f"The closure table {name!r} is being changed by too many requests at once; try again.")


def _present(stored: Stored | None, name: str) -> Table:
    if stored is None or stored.body is None:
        raise NotFound(f"There is no closure table {name!r}; begin one by calling $closure with its name alone.")
    return _as_table(stored.resource, name)


def _number(version: str, table: Table) -> int:
    if not version.isdecimal() or int(version) > table.step:
        raise Invalid(f"{version!r} is no version of this closure table, which is at {table.step}.", code="value")
    return int(version)


def _as_resource(table: Table) -> Resource:
    """Every concept is an element, with its step; what it is subsumed by are the targets, with theirs."""
    targets: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for each in table.relations:
        target = {"extension": [_step(each.step)], "code": each.general, "equivalence": "subsumes"}
        targets.setdefault((each.system, each.special), []).append(target)
    groups: dict[str, list[dict[str, Any]]] = {}
    for member in table.members:
        element: dict[str, Any] = {"extension": [_step(member.step)], "code": member.code}
        if (member.system, member.code) in targets:
            element["target"] = targets[(member.system, member.code)]
        groups.setdefault(member.system, []).append(element)
    found: Resource = {
        "resourceType": "ConceptMap",
        "id": _id(table.name),
        "meta": {"tag": [{"system": CLOSURE[0], "code": CLOSURE[1], "display": "A client's closure table"}]},
        "version": str(table.step),
        "name": table.name,
        "status": "active",
        "experimental": True,
    }
    if groups:
        found["group"] = [{"source": url, "target": url, "element": elements} for url, elements in groups.items()]
    return found


def _as_table(resource: Resource, name: str) -> Table:
    members: list[Member] = []
    relations: list[Relation] = []
    for group in resource.get("group", ()):
        system = group["source"]
        for element in group["element"]:
            members.append(Member(system, element["code"], _step_of(element)))
            for target in element.get("target", ()):
                relations.append(Relation(system, element["code"], target["code"], _step_of(target)))
    return Table(name, int(resource.get("version", "0")), tuple(members), tuple(relations))


def _step(number: int) -> dict[str, Any]:
    return {"url": _STEP, "valueInteger": number}


def _step_of(element: Resource) -> int:
    return next((int(each["valueInteger"]) for each in element.get("extension", ()) if each.get("url") == _STEP), 0)
