"""$closure: the subsumption among the codes that a client uses, kept step by step
(https://hl7.org/fhir/R4/conceptmap-operation-closure.html, terminology-service.html#closure). No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from bedside.terms.errors import UnknownDefinition
from bedside.terms.lookup import found_in
from bedside.terms.systems import CodeSystem, Source

MOST = 10_000
"""So many concepts may one table have: a table is written whole with every step."""


class Member(NamedTuple):
    """A concept of the table, and the step in which it came."""

    system: str
    code: str
    step: int


class Relation(NamedTuple):
    """`special` is subsumed by `general`, both of `system`; and the step in which that became known."""

    system: str
    special: str
    general: str
    step: int


@dataclass(frozen=True, slots=True)
class Table:
    """What a client has told so far, after `step` steps."""

    name: str
    step: int = 0
    members: tuple[Member, ...] = ()
    relations: tuple[Relation, ...] = ()


def add(table: Table, concepts: Iterable[tuple[str, str]], source: Source) -> Table:
    """The table with more concepts, (system, code), one step later.

    Raises UnknownDefinition for a system and UnknownCode for a code that is not known; then nothing is added.
    """
    step = table.step + 1
    known = {(m.system, m.code) for m in table.members}
    members, relations = list(table.members), list(table.relations)
    systems: dict[str, CodeSystem] = {}
    for url, code in dict.fromkeys(concepts):
        if (url, code) in known:
            continue
        system = systems[url] if url in systems else source.code_system(url)
        if system is None:
            raise UnknownDefinition(f"No code system {url} is known here.")
        systems[url] = system
        found_in(system, code)
        for other in members:
            if other.system != url:
                continue
            if system.subsumes(other.code, code):
                relations.append(Relation(url, code, other.code, step))
            if system.subsumes(code, other.code):
                relations.append(Relation(url, other.code, code, step))
        members.append(Member(url, code, step))
        known.add((url, code))
    return Table(table.name, step, tuple(members), tuple(relations))


def since(relations: Sequence[Relation], step: int) -> list[Relation]:
    """What became known after a step."""
    return [each for each in relations if each.step > step]


def concept_map(table: Table, relations: Sequence[Relation]) -> dict[str, Any]:
    """Relations as the ConceptMap that the operation answers with: targets that are wider than their source."""
    groups: dict[str, dict[str, list[str]]] = {}
    for each in relations:
        groups.setdefault(each.system, {}).setdefault(each.special, []).append(each.general)
    found: dict[str, Any] = {
        "resourceType": "ConceptMap",
        "version": str(table.step),
        "name": table.name,
        "status": "active",
        "experimental": True,
    }
    if groups:
        found["group"] = [
            {
                "source": system,
                "target": system,
                "element": [
                    {"code": special, "target": [{"code": code, "equivalence": "subsumes"} for code in generals]}
                    for special, generals in elements.items()
                ],
            }
            for system, elements in groups.items()
        ]
    return found
