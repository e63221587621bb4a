"""Parameters that are not an element of the resource: `_id`, `_lastUpdated`, `_list`, `near`, and full text."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from bedside.fhir import json
from bedside.fhir.outcome import Invalid, NotSupported
from bedside.record import bodies
from bedside.record.parameters import Parameter
from bedside.record.rows import split_reference
from bedside.record.search.conditions import At, Both, Condition, InSet, Never, Rids, RidSet, either, not_
from bedside.record.search.context import Context
from bedside.record.search.filters import text as text_query
from bedside.record.search.model import Match
from bedside.record.search.sql import Sql, any_of, found, sql, union
from bedside.record.values import DateValue, date_value, split, unescape

MODIFIERS: dict[str, frozenset[str]] = {"_id": frozenset(("not",))}
"""By code; those not listed take none."""

_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_EARTH_KM = 6371.0088
_DEFAULT_KM = 50.0
_UNITS_KM = {"km": 1.0, "m": 0.001, "[mi_i]": 1.609344, "mi": 1.609344, "[mi_us]": 1.609347219, "[nmi_i]": 1.852}


@dataclass(frozen=True, slots=True)
class Near:
    """Within so many kilometres of a point (https://hl7.org/fhir/R4/location.html#positional)."""

    latitude: float
    longitude: float
    kilometres: float


def read(parameter: Parameter, modifier: str | None, text: str) -> Any:
    match parameter.code:
        case "_id":
            if not _ID.fullmatch(text):
                raise Invalid(f"{text!r} is no id: ids have up to 64 letters, digits, - and .", code="value")
            return text
        case "_lastUpdated":
            return date_value(text)
        case "_text" | "_content":
            return text_query.parse_query(unescape(text))
        case "_list":
            return _read_list(text)
        case _:
            return _read_near(text)


def _read_list(text: str) -> str:
    if text.startswith("$"):
        raise NotSupported(f"the functional list {text} is not kept here; name a List by its id.")
    target = split_reference(text)
    if target is not None and target[0] == "List":
        return target[1]
    if not _ID.fullmatch(text):
        raise Invalid(f"{text!r} is not the id of a List.", code="value")
    return text


def _read_near(text: str) -> Near:
    parts = split(text, "|")
    try:
        if not 2 <= len(parts) <= 4:
            raise ValueError
        latitude, longitude = float(parts[0]), float(parts[1])
        distance = float(parts[2]) if len(parts) > 2 and parts[2] else None
        unit = _UNITS_KM[parts[3] if len(parts) > 3 and parts[3] else "km"]
        kilometres = _DEFAULT_KM if distance is None else distance * unit
        if not (-90 <= latitude <= 90 and -180 <= longitude <= 180 and kilometres >= 0):
            raise ValueError
    except (ValueError, KeyError):
        raise Invalid(
            f"{text!r} is not a place: write latitude|longitude|distance|unit in degrees and"
            f" {', '.join(_UNITS_KM)}, as in 52.37|4.9|10|km.",
            code="value",
        ) from None
    return Near(latitude, longitude, kilometres)


def condition(context: Context, match: Match) -> Condition:
    base = match.parameter.base
    match match.parameter.code:
        case "_id":
            rids = context.rids_of([((base,), id_) for id_ in match.values], live=True)
            found_ids: Condition = Rids(tuple(rids)) if rids else Never()
            return not_(found_ids) if match.modifier == "not" else found_ids
        case "_lastUpdated":
            return _last_updated(context, base, match.values)
        case "_text" | "_content":
            column: text_query.Column = "narrative" if match.parameter.code == "_text" else "content"
            return either([text_query.condition(context.session.dialect, column, query) for query in match.values])
        case "_list":
            return _in_lists(context, match.values)
        case _:
            return InSet(union([_near(match.parameter, value) for value in match.values], distinct=False))


def _last_updated(context: Context, base: str, values: tuple[DateValue, ...]) -> Condition:
    """Instants never decrease along `seq`, so a date becomes a range of `seq`."""
    ranges = [_seq_range(context, value) for value in values]

    def inside(column: str) -> Sql:
        return any_of([Sql(text.replace("{}", column), numbers) for text, numbers in ranges])

    def ask(at: At) -> Sql:
        x = at.alias
        return found(sql(f"SELECT 1 FROM resource {x} WHERE {x}.rid={at.rid} AND {{}}", inside(f"{x}.seq")))

    # A version in the range may have been followed by another, so what the version belongs to is asked again.
    number = context.registry.type_number(base)
    everybody = sql(
        f"SELECT v.rid FROM version v WHERE v.type={number} AND {{}}"
        " AND (SELECT c.seq FROM resource c WHERE c.rid=v.rid)=v.seq",
        inside("v.seq"),
    )
    return Both(ask, RidSet(everybody, live=False))


def _seq_range(context: Context, value: DateValue) -> tuple[str, tuple[int, ...]]:
    """The condition on a `seq`, written `{}`."""
    at = context.seq_at
    match value.prefix:
        case "eq":
            return "({}>=? AND {}<?)", (at(value.low), at(value.high))
        case "ne":
            return "({}<? OR {}>=?)", (at(value.low), at(value.high))
        case "gt" | "sa":
            return "{}>=?", (at(value.high),)
        case "lt" | "eb":
            return "{}<?", (at(value.low),)
        case "ge":
            return "{}>=?", (at(value.low),)
        case "le":
            return "{}<?", (at(value.high),)
        case "ap":
            first, after = value.near(context.now)
            return "({}>=? AND {}<?)", (at(first), at(after))


def _in_lists(context: Context, ids: tuple[str, ...]) -> Condition:
    """What the entries of these Lists refer to, without those that are marked as deleted."""
    targets: list[tuple[tuple[str], str]] = []
    for id_ in ids:
        rows = context.session.rows(
            "SELECT v.body FROM resource r CROSS JOIN version v"
            " WHERE r.type=? AND r.id=? AND r.clock IS NOT NULL AND v.seq=r.seq",
            (context.registry.type_number("List"), id_),
        )
        for (body,) in rows:
            for entry in json.decode(bodies.decompress(body)).get("entry", ()):
                target = split_reference(entry.get("item", {}).get("reference", ""))
                if target is not None and not entry.get("deleted"):
                    targets.append(((target[0],), target[1]))
    rids = context.rids_of(targets, live=True)
    return Rids(tuple(dict.fromkeys(rids))) if rids else Never()


def _near(parameter: Parameter, place: Near) -> Sql:
    """Great-circle distance by the haversine formula, after a band of latitudes that the index can enter."""
    angle = place.kilometres / _EARTH_KM
    band = math.degrees(angle)
    half = math.sin(min(angle, math.pi) / 2) ** 2
    tps = parameter.storage
    piece = (
        f"SELECT p.rid FROM position p WHERE p.tp={tps[0]} AND p.latitude>=? AND p.latitude<=?"
        " AND sin(radians(p.latitude-?)/2)*sin(radians(p.latitude-?)/2)"
        "+cos(radians(p.latitude))*?*sin(radians(p.longitude-?)/2)*sin(radians(p.longitude-?)/2)<=?"
    )
    return Sql(
        piece,
        (
            *(place.latitude - band, place.latitude + band),
            *(place.latitude, place.latitude),
            *(math.cos(math.radians(place.latitude)), place.longitude, place.longitude, half),
        ),
    )
