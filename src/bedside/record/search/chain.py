"""Chains, `_has` and compartments: conditions on other resources that are reached over references.

What a chain leads to is looked up first when it is not much: `subject:Patient.name=x` becomes "subject is one of these
patients". Otherwise the inner search becomes a nested question about each candidate.
"""

from __future__ import annotations

from bedside.record.parameters import Parameter
from bedside.record.search.conditions import (
    At,
    Both,
    Condition,
    Every,
    Never,
    Rids,
    RidSet,
    as_rids,
    either,
    every,
)
from bedside.record.search.context import Context
from bedside.record.search.filters.compile import compile_match
from bedside.record.search.filters.reference import refers_to
from bedside.record.search.model import Chain, Filter, Has, Match, Member
from bedside.record.search.sql import Sql, all_of, found, one_of, sql

_FEW = 500
"""Up to so many inner resources are looked up before the outer search."""
_ROWS = 1000
"""Up to so many resources that refer somewhere are looked up before what they refer to."""


def compile_filter(context: Context, type_name: str, wanted: Filter) -> Condition:
    """A filter on resources of a type as a condition."""
    match wanted:
        case Match():
            return compile_match(context, wanted)
        case Chain():
            present = [
                (name, inner)
                for name, inner in wanted.targets
                if len(wanted.targets) == 1 or context.registry.type_number(name) in context.types_present
            ]
            return either([_chain(context, wanted.parameter, name, inner) for name, inner in present])
        case Has():
            return _has(context, type_name, wanted)
        case Member():
            return _member(context, wanted)


def conditions(context: Context, type_name: str, filters: tuple[Filter, ...]) -> list[Condition]:
    """All filters of a type, flat, so that each can drive; a single Never when nothing can match."""
    found: list[Condition] = []
    for wanted in filters:
        condition = every([compile_filter(context, type_name, wanted)])
        if condition.never:
            return [Never()]
        if isinstance(condition, Every):
            found += condition.conditions
        elif not condition.always:
            found.append(condition)
    return found


def _live(context: Context, alias: str, type_name: str) -> str:
    return f"{alias}.type={context.registry.type_number(type_name)} AND {alias}.clock IS NOT NULL"


def _all_of_type(context: Context, type_name: str, condition: Condition) -> Sql:
    """A query for the live resources of a type that fulfil a condition, duplicates possible."""
    drive = condition.drive()
    live = _live(context, "t", type_name)
    if drive is None:
        return sql(f"SELECT t.rid FROM resource t WHERE {live} AND {{}}", condition.probe(At("t.rid", "t.clock")))
    if isinstance(drive, RidSet) and not drive.live:
        return sql(f"SELECT t.rid FROM ({{}}) s CROSS JOIN resource t WHERE t.rid=s.rid AND {live}", drive.select)
    return as_rids(drive)


def _few(context: Context, select: Sql, most: int) -> list[int] | None:
    """The rids that a query gives, when it gives no more than `most` rows; None when it does."""
    found = context.session.rows(f"SELECT x.rid FROM ({select.text}) x LIMIT {most + 1}", select.values)
    return None if len(found) > most else list(dict.fromkeys(rid for (rid,) in found))


def _chain(context: Context, parameter: Parameter, target: str, inner: Filter) -> Condition:
    condition = compile_filter(context, target, inner)
    if condition.never:
        return Never()
    select = _all_of_type(context, target, condition)
    drivable = condition.drive() is not None
    rids = _few(context, select, _FEW) if drivable else None
    if rids is not None:
        return refers_to(parameter.storage, rids)
    tps = parameter.storage

    def ask(at: At) -> Sql:
        x, t = at.alias, f"t{at.depth}"
        inside = all_of([Sql(_live(context, t, target)), condition.probe(at.inside(t))])
        return found(
            sql(
                f"SELECT 1 FROM ref {x} CROSS JOIN resource {t}"
                f" WHERE {x}.rid={at.rid} AND {one_of(f'{x}.tp', tps)} AND {t}.rid={x}.target AND {{}}",
                inside,
            )
        )

    everybody = sql(
        f"SELECT y.rid FROM ({{}}) i CROSS JOIN ref y WHERE y.target=i.rid AND {one_of('y.tp', tps)}", select
    )
    return Both(ask, RidSet(everybody, cheap=False))


def _has(context: Context, type_name: str, wanted: Has) -> Condition:
    condition = compile_filter(context, wanted.type, wanted.inner)
    if condition.never:
        return Never()
    tps = wanted.parameter.storage
    select = _all_of_type(context, wanted.type, condition)
    referred = sql(
        f"SELECT y.target AS rid FROM ({{}}) i CROSS JOIN ref y WHERE y.rid=i.rid AND {one_of('y.tp', tps)}", select
    )
    if condition.drive() is not None and _few(context, select, _ROWS) is not None:
        rows = context.session.rows(f"SELECT DISTINCT x.rid FROM ({referred.text}) x", referred.values)
        return Rids(tuple(rid for (rid,) in rows)) if rows else Never()

    def ask(at: At) -> Sql:
        x = at.alias
        inside = condition.probe(at.inside(x))
        return found(
            sql(f"SELECT 1 FROM ref {x} WHERE {x}.target={at.rid} AND {one_of(f'{x}.tp', tps)} AND {{}}", inside)
        )

    return Both(ask, RidSet(referred, cheap=False, live=False))


def _member(context: Context, wanted: Member) -> Condition:
    """In the compartment of one resource (https://hl7.org/fhir/R4/compartmentdefinition.html)."""
    name, id_ = wanted.compartment
    rids = context.rids((name,), id_)
    if not rids:
        return Never()
    numbers = tuple(dict.fromkeys(tp for parameter in wanted.parameters for tp in parameter.storage))
    found: list[Condition] = [refers_to(numbers, rids)] if numbers else []
    if wanted.itself:
        found.append(Rids(tuple(rids)))
    return either(found)
