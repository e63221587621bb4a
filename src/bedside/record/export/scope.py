"""Whose resources an export of patients holds: the members of a group, or patients that were named."""

from __future__ import annotations

import msgspec

from bedside.fhir import dates, json
from bedside.fhir.outcome import Invalid, Issue, NotFound, Unprocessable
from bedside.record import bodies
from bedside.record.export.numbers import Numbers
from bedside.record.export.request import ID, Request
from bedside.record.model import Resource
from bedside.record.parameters import Registry
from bedside.record.rows import split_reference
from bedside.record.session import Session


def patients(session: Session, registry: Registry, request: Request) -> Numbers | None:
    """The patients of an export, by rid, deleted ones among them; None when it holds all there are.

    Raises NotFound or Unprocessable for a group that cannot be exported.
    """
    if request.level == "system" or (request.level == "patient" and request.patients is None):
        return None
    named = None if request.patients is None else Numbers(_rids(session, registry, request.patients))
    if request.group is None:
        return named
    members = Numbers(_rids(session, registry, _members(session, registry, request.group)))
    return members if named is None else Numbers(rid for rid in named if rid in members)


def check(session: Session, registry: Registry, request: Request, *, lenient: bool = False) -> Request:
    """The request without patients that cannot be exported, when the client is lenient; it is warned of each.

    Raises Invalid when patients are named that are not there or not in the group, NotFound or Unprocessable for the
    group itself.
    """
    allowed = None
    if request.group is not None:
        allowed = _members(session, registry, request.group)
    if request.patients is None:
        return request
    number = registry.type_number("Patient")
    wanted = [(number, id_) for id_ in request.patients]
    rows = session.matching("resource", "id, clock", ("type", "id"), wanted)
    there = {id_ for id_, clock in rows if clock is not None}
    issues = []
    for id_ in request.patients:
        if id_ not in there:
            issues.append(Issue("error", "not-found", None, f"patient: there is no Patient/{id_}."))
        elif allowed is not None and id_ not in allowed:
            issues.append(
                Issue("error", "not-found", None, f"patient: Patient/{id_} is not a member of Group/{request.group}.")
            )
    if not issues:
        return request
    if not lenient:
        raise Invalid(issues)
    kept = tuple(id_ for id_ in request.patients if id_ in there and (allowed is None or id_ in allowed))
    warnings = (*request.warnings, *(issue.message for issue in issues))
    return msgspec.structs.replace(request, patients=kept, warnings=warnings)


def _rids(session: Session, registry: Registry, ids: set[str] | tuple[str, ...]) -> list[int]:
    number = registry.type_number("Patient")
    rows = session.matching("resource", "rid", ("type", "id"), [(number, id_) for id_ in ids])
    return [rid for (rid,) in rows]


def _members(session: Session, registry: Registry, group: str) -> set[str]:
    """The ids of the patients in a group now, those of groups within it included (R4 group.html)."""
    found: set[str] = set()
    seen = {group}
    waiting = [group]
    now = dates.now()
    while waiting:
        id_ = waiting.pop()
        resource = _group(session, registry, id_) if ID.fullmatch(id_) else None
        if resource is None:
            if id_ == group:
                raise NotFound(f"There is no Group/{group}.")
            continue
        if id_ == group and resource.get("actual") is False:
            raise Unprocessable(f"Group/{group} describes a kind of people; it has no members to export.")
        for member in resource.get("member", ()):
            low, high = dates.period_interval(member.get("period", {}))
            target = split_reference(member.get("entity", {}).get("reference", ""))
            if target is None or member.get("inactive") is True or not low <= now < high:
                continue
            if target[0] == "Patient":
                found.add(target[1])
            elif target[0] == "Group" and target[1] not in seen:
                seen.add(target[1])
                waiting.append(target[1])
    return found


def _group(session: Session, registry: Registry, id_: str) -> Resource | None:
    rows = session.rows(
        "SELECT v.body FROM resource r JOIN version v ON v.seq = r.seq"
        " WHERE r.type=? AND r.id=? AND r.clock IS NOT NULL",
        (registry.type_number("Group"), id_),
    )
    return json.decode_object(bodies.decompress(rows[0][0])) if rows else None
