"""`$everything`: the whole compartment of a patient or an encounter, and what it refers to
(https://hl7.org/fhir/R4/patient-operation-everything.html, encounter-operation-everything.html)."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bedside.fhir import definitions
from bedside.fhir.outcome import Invalid, NotSupported
from bedside.record.model import SearchResult
from bedside.record.parameters import NO_CLOCK, Registry
from bedside.record.search.compartment import parameters_of
from bedside.record.search.context import Context
from bedside.record.search.fetch import chunks, fetch
from bedside.record.search.query import CURSOR
from bedside.record.search.sql import among, one_of
from bedside.record.session import Session
from bedside.record.values import MAX, MIN, date_value

_SHAPE = frozenset(("_format", "_pretty"))
_ROUNDS = 6
"""So far are references to the outside followed: a prescription's role, its practitioner, their organisation."""

Place = tuple[int, int, int]
"""Where a resource stands in the answer: 0 the record's own, 1 what it refers to; then its clock and rid, falling."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    types: frozenset[int] | None = None
    since: int | None = None
    start: int = MIN
    end: int = MAX
    count: int | None = None
    after: Place | None = None
    understood: tuple[tuple[str, str], ...] = ()


def everything(
    session: Session,
    registry: Registry,
    type_name: str,
    id_: str,
    parameters: Sequence[tuple[str, str]],
    *,
    max_count: int = 1000,
) -> SearchResult:
    """All that belongs to a Patient or Encounter, newest first, itself at the head; behind it (`included`) what it
    refers to, and what that refers to: practitioners, organisations, locations, medications.

    `start` and `end` keep what is dated within these days, and what has no date; `_since` what was written since;
    `_type` some types; `_count` cuts pages, without it there is one. Other patients and what is theirs are never
    part of it. Raises `Invalid` for a parameter that cannot be read. A resource that does not exist gives nothing.
    """
    wanted = _read(registry, parameters, max_count)
    with session.snapshot():
        return _everything(Context(session, registry), type_name, id_, wanted)


def _read(registry: Registry, parameters: Sequence[tuple[str, str]], max_count: int) -> _Wanted:
    found: dict[str, object] = {}
    understood: list[tuple[str, str]] = []
    types: set[int] = set()
    for name, text in parameters:
        if name in _SHAPE:
            continue
        if name != "_type" and name in found:
            raise Invalid(f"{name} is given twice.", code="value")
        match name:
            case "start" | "end":
                value = date_value(text)
                found[name] = value.low if name == "start" else value.high
            case "_since":
                found["since"] = date_value(text).low
            case "_type":
                for each in text.split(","):
                    if not definitions.is_resource_type(each):
                        raise Invalid(f"_type: {each!r} is not a resource type.", code="value")
                    types.add(registry.type_number(each))
                found["types"] = frozenset(types)
            case "_count":
                if not text.isascii() or not text.isdecimal() or len(text) > 9:
                    raise Invalid(f"_count={text}: write a whole number.", code="value")
                found["count"] = min(int(text), max_count)
            case _ if name == CURSOR:
                found["after"] = _decode(text)
                continue
            case _:
                raise NotSupported(
                    f"$everything has no parameter {name!r}; it takes start, end, _since, _type and _count."
                )
        understood.append((name, text))
    return _Wanted(**found, understood=tuple(understood))  # type: ignore[arg-type]


def _everything(context: Context, type_name: str, id_: str, wanted: _Wanted) -> SearchResult:
    rids = context.rids((type_name,), id_, live=True)
    if not rids:
        return SearchResult([], total=0, self_params=list(wanted.understood))
    own = _compartment(context, type_name, rids[0])
    members = [rids[0], *(rid for rid in own if rid != rids[0])]
    patients = set(rids) if type_name == "Patient" else set(_subjects(context, rids[0]))
    outside = _referred(context, members, patients)
    places = _places(context, [(0, rid) for rid in members] + [(1, rid) for rid in outside], wanted)
    if rids[0] in places:
        section, _, rid = places[rids[0]]
        places[rid] = (section, MAX, rid)  # itself first
    if wanted.start > MIN or wanted.end < MAX:
        dated_elsewhere = _outside_of_time(context, [rid for rid in members if rid != rids[0]], wanted)
        places = {rid: place for rid, place in places.items() if rid not in dated_elsewhere}
    ordered = sorted(places.values(), key=_falling)
    rest = [place for place in ordered if wanted.after is None or _falling(place) > _falling(wanted.after)]
    page = rest if wanted.count is None else rest[: wanted.count]
    return SearchResult(
        matches=fetch(context, [rid for section, _, rid in page if section == 0]),
        included=fetch(context, [rid for section, _, rid in page if section == 1]),
        total=len(ordered),
        next=_encode(page[-1]) if page and len(page) < len(rest) else None,
        self_params=list(wanted.understood),
    )


def _falling(place: Place) -> Place:
    return (place[0], -place[1], -place[2])


def _numbers(context: Context, name: str) -> frozenset[int]:
    """The numbers of all references by which something belongs to the compartment of a `name`."""
    return frozenset(
        tp
        for each in definitions.compartment(name)
        for parameter in parameters_of(context.registry, name, each)
        for tp in parameter.storage
    )


def _compartment(context: Context, name: str, rid: int) -> list[int]:
    numbers = _numbers(context, name)
    rows = context.session.rows("SELECT tp, rid FROM ref WHERE target=?", (rid,))
    return list(dict.fromkeys(source for tp, source in rows if tp in numbers))


def _subjects(context: Context, rid: int) -> list[int]:
    """The patients that a resource belongs to."""
    numbers = sorted(_numbers(context, "Patient"))
    rows = context.session.rows(
        f"SELECT t.rid FROM ref f CROSS JOIN resource t WHERE f.rid=? AND {one_of('f.tp', numbers)}"
        f" AND t.rid=f.target AND t.type={context.registry.type_number('Patient')}",
        (rid,),
    )
    return [target for (target,) in rows]


def _referred(context: Context, members: Sequence[int], patients: set[int]) -> list[int]:
    """What members refer to, and what that refers to, but for other patients and what is theirs."""
    seen = set(members)
    found: list[int] = []
    fresh: Sequence[int] = members
    for _ in range(_ROUNDS):
        targets = dict.fromkeys(t for some in chunks(fresh) for t in _targets(context, some))
        new = [rid for rid in targets if rid not in seen]
        seen.update(new)
        fresh = _ours(context, new, patients)
        if not fresh:
            break
        found += fresh
    return found


def _targets(context: Context, rids: Sequence[int]) -> Iterable[int]:
    wanted = among("f.rid", rids)
    rows = context.session.rows(
        f"SELECT DISTINCT f.target FROM ref f CROSS JOIN resource t WHERE {wanted.text}"
        " AND t.rid=f.target AND t.clock IS NOT NULL",
        wanted.values,
    )
    return [target for (target,) in rows]


def _ours(context: Context, rids: Sequence[int], patients: set[int]) -> list[int]:
    """Those that are nobody's, or of one of `patients`."""
    kind = context.registry.type_number("Patient")
    numbers = sorted(_numbers(context, "Patient"))
    theirs: set[int] = set()
    ours: set[int] = set(patients)
    for some in chunks(rids):
        wanted = among("r.rid", some)
        rows = context.session.rows(
            f"SELECT r.rid FROM resource r WHERE {wanted.text} AND r.type={kind}", wanted.values
        )
        theirs.update(rid for (rid,) in rows if rid not in patients)
        wanted = among("f.rid", some)
        rows = context.session.rows(
            f"SELECT f.rid, t.rid FROM ref f CROSS JOIN resource t WHERE {wanted.text} AND {one_of('f.tp', numbers)}"
            f" AND t.rid=f.target AND t.type={kind}",
            wanted.values,
        )
        for rid, patient in rows:
            (ours if patient in patients else theirs).add(rid)
    return [rid for rid in rids if rid in ours or rid not in theirs]


def _places(context: Context, rids: Sequence[tuple[int, int]], wanted: _Wanted) -> dict[int, Place]:
    """Where each stands, of those that are there and of the wanted types and times of writing."""
    section = {rid: number for number, rid in reversed(rids)}
    since = None if wanted.since is None else context.seq_at(wanted.since)
    found: dict[int, Place] = {}
    for some in chunks(list(section)):
        chosen = among("r.rid", some)
        rows = context.session.rows(
            f"SELECT r.rid, r.type, r.seq, r.clock FROM resource r WHERE {chosen.text} AND r.clock IS NOT NULL",
            chosen.values,
        )
        for rid, kind, seq, clock in rows:
            if (wanted.types is None or kind in wanted.types) and (since is None or seq >= since):
                found[rid] = (section[rid], max(clock, NO_CLOCK), rid)
    return found


def _outside_of_time(context: Context, rids: Sequence[int], wanted: _Wanted) -> set[int]:
    """Those whose main date lies outside of the wanted days; one without a date is never outside."""
    clocks = sorted(
        tp
        for name in definitions.resource_types()
        if context.registry.type_number(name) in context.types_present
        and (clock := context.registry.clock_parameter(name)) is not None
        for tp in clock.storage
    )
    found: set[int] = set()
    if not clocks:
        return found
    for some in chunks(rids):
        chosen = among("d.rid", some)
        rows = context.session.rows(
            f"SELECT d.rid FROM date d WHERE {chosen.text} AND {one_of('d.tp', clocks)} AND (d.low>=? OR d.high<=?)",
            (*chosen.values, wanted.end, wanted.start),
        )
        found.update(rid for (rid,) in rows)
    return found


def _encode(place: Place) -> str:
    return base64.urlsafe_b64encode(json.dumps(place, separators=(",", ":")).encode()).decode().rstrip("=")


def _decode(text: str) -> Place:
    try:
        found = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
        if isinstance(found, list) and len(found) == 3 and all(type(number) is int for number in found):
            return (found[0], found[1], found[2])
    except (binascii.Error, ValueError, UnicodeError):
        pass
    raise Invalid("The link to this page is damaged; start again.", code="value")
