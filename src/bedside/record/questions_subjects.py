"""Whom a question is asked of when it is asked of many: everybody, a group, or the patients of a practitioner."""

from __future__ import annotations

from collections.abc import Iterator

from bedside.fhir.outcome import Invalid, NotSupported
from bedside.record.parameters import Registry
from bedside.record.questions import RecordData
from bedside.record.rows import split_reference
from bedside.record.search.sql import one_of
from bedside.record.session import Session

_STEP = 1000


def everybody(session: Session, registry: Registry, type_name: str = "Patient") -> Iterator[str]:
    """The ids of all resources of a type, in the order in which they came, some at a time."""
    last = 0
    while True:
        rows = session.rows(
            f"SELECT rid, id FROM resource WHERE type=? AND clock IS NOT NULL AND rid>? ORDER BY rid LIMIT {_STEP}",
            (registry.type_number(type_name), last),
        )
        yield from (id_ for _, id_ in rows)
        if len(rows) < _STEP:
            return
        last = rows[-1][0]


def count(session: Session, registry: Registry, type_name: str = "Patient") -> int:
    """How many resources of a type there are."""
    sql = "SELECT count(*) FROM resource WHERE type=? AND clock IS NOT NULL"
    found: int = session.rows(sql, (registry.type_number(type_name),))[0][0]
    return found


def patients_of(session: Session, registry: Registry, practitioner: str) -> list[str]:
    """The ids of the patients whose general practitioner this is (`Practitioner/1`, an organisation or a role).

    Raises Invalid for what is not a reference to something here.
    """
    target = split_reference(practitioner)
    rows = (
        []
        if target is None
        else session.rows(
            "SELECT rid FROM resource WHERE type=? AND id=? AND clock IS NOT NULL",
            (registry.type_number(target[0]), target[1]),
        )
    )
    if not rows:
        raise Invalid(f"There is no {practitioner!r} whose patients could be looked for.", code="not-found")
    parameter = registry.get("Patient", "general-practitioner")
    assert parameter is not None
    found = session.rows(
        "SELECT DISTINCT r.id FROM ref d CROSS JOIN resource r WHERE d.target=?"
        f" AND {one_of('d.tp', parameter.storage)}"
        " AND r.rid=d.rid ORDER BY r.id",
        (rows[0][0],),
    )
    return [id_ for (id_,) in found]


def members_of(data: RecordData, group: dict[str, object], type_name: str = "Patient") -> list[str]:
    """The ids of the members of a Group, those of groups within it included; who has left is left out.

    Raises NotSupported for a group that is described by characteristics instead of listing its members.
    """
    if group.get("actual") is not True and not group.get("member"):
        raise NotSupported(f"Group/{group.get('id')} describes its members and does not list them.")
    found: dict[str, None] = {}
    waiting, seen = [group], {group.get("id")}
    while waiting:
        members = waiting.pop().get("member")
        for member in members if isinstance(members, list) else ():
            target = split_reference(member.get("entity", {}).get("reference", ""))
            if member.get("inactive") is True or target is None:
                continue
            if target[0] == type_name:
                found[target[1]] = None
            elif target[0] == "Group" and target[1] not in seen:
                seen.add(target[1])
                inner = data.resolve(f"Group/{target[1]}")
                waiting += [] if inner is None else [inner]
    return list(found)
