"""`_include` and `_revinclude` (https://hl7.org/fhir/R4/search.html#revinclude): what results refer to, and what refers
to them. Both are read from the index of references; no body is decoded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bedside.fhir.outcome import TooCostly
from bedside.record.parameters import Parameter
from bedside.record.search.context import Context
from bedside.record.search.fetch import chunks
from bedside.record.search.filters.reference import target_types
from bedside.record.search.model import Include
from bedside.record.search.sql import among, one_of

_MOST = 20_000
_ROUNDS = 50


def included(context: Context, matches: Sequence[int], includes: Sequence[Include]) -> list[int]:
    """The resources to send along with these matches, without the matches, each once, in the order they are found.

    Those with `:iterate` are followed from what they find, until nothing new comes. Raises `TooCostly` for more than
    20,000 resources.
    """
    seen = dict.fromkeys(matches)
    fresh: list[int] = list(matches)
    first = True
    for _ in range(_ROUNDS):
        asked = [include for include in includes if first or include.iterate]
        found = [rid for include in asked for rid in _one(context, fresh, include)]
        fresh = [rid for rid in dict.fromkeys(found) if rid not in seen]
        seen.update(dict.fromkeys(fresh))
        first = False
        if len(seen) - len(matches) > _MOST:
            raise TooCostly(f"This would include more than {_MOST} resources; ask for fewer results or inclusions.")
        if not fresh:
            break
    return list(seen)[len(dict.fromkeys(matches)) :]


def _one(context: Context, rids: Sequence[int], include: Include) -> Iterable[int]:
    found: dict[int, None] = {}
    for some in chunks(rids):
        rows = _referring(context, some, include) if include.reverse else _referred(context, some, include)
        found.update(dict.fromkeys(rows))
    return found


def _numbers(context: Context, include: Include, alias: str) -> str:
    """The condition on the number of a reference: those of the parameter, or every one that a parameter has."""
    registry = context.registry
    if include.parameter is not None:
        return one_of(f"{alias}.tp", include.parameter.storage)
    if include.source is not None:
        numbers = [tp for p in registry.for_type(include.source).values() if p.type == "reference" for tp in p.storage]
        return one_of(f"{alias}.tp", sorted(set(numbers))) if numbers else "1=0"
    return f"{alias}.tp<>{registry.link_number('Account')}*({alias}.tp/{registry.link_number('Account')})"


def _target(context: Context, include: Include, alias: str) -> str:
    names = {include.target} if include.target is not None else None
    if include.parameter is not None and include.parameter.target_filter is not None:
        allowed = {include.parameter.target_filter}
        names = allowed if names is None else names & allowed
    if names is None:
        return ""
    numbers = sorted(context.registry.type_number(name) for name in names)
    return f" AND {one_of(f'{alias}.type', numbers)}" if numbers else " AND 1=0"


def _referred(context: Context, rids: Sequence[int], include: Include) -> list[int]:
    wanted = among("f.rid", rids)
    rows = context.session.rows(
        "SELECT DISTINCT t.rid FROM ref f CROSS JOIN resource t"
        f" WHERE {wanted.text} AND {_numbers(context, include, 'f')}"
        f" AND t.rid=f.target AND t.clock IS NOT NULL{_target(context, include, 't')} ORDER BY t.rid",
        wanted.values,
    )
    return [rid for (rid,) in rows] + _canonical(context, rids, include)


def _referring(context: Context, rids: Sequence[int], include: Include) -> list[int]:
    wanted = among("f.target", rids)
    source = "" if include.source is None else f" AND s.type={context.registry.type_number(include.source)}"
    rows = context.session.rows(
        "SELECT DISTINCT f.rid FROM ref f CROSS JOIN resource t CROSS JOIN resource s"
        f" WHERE {wanted.text} AND {_numbers(context, include, 'f')} AND t.rid=f.target{_target(context, include, 't')}"
        f" AND s.rid=f.rid AND s.clock IS NOT NULL{source} ORDER BY f.rid",
        wanted.values,
    )
    return [rid for (rid,) in rows]


def _canonical(context: Context, rids: Sequence[int], include: Include) -> list[int]:
    """What canonical references (`url` or `url|version`) of a parameter name, where it is in the record."""
    parameter = include.parameter
    if parameter is None:
        return []
    wanted = among("u.rid", rids)
    rows = context.session.rows(
        f"SELECT DISTINCT u.value FROM uri u WHERE {wanted.text} AND {one_of('u.tp', parameter.storage)}", wanted.values
    )
    found: list[int] = []
    for (value,) in rows:
        found += by_canonical(context, parameter, value, include.target)
    return found


def by_canonical(context: Context, parameter: Parameter, value: str, target: str | None) -> list[int]:
    """The resources with a canonical URL: of that version, or of the highest when it names none."""
    url, _, version = value.partition("|")
    found: list[int] = []
    for name in target_types(parameter):
        if target is not None and name != target:
            continue
        own = context.registry.get(name, "url")
        if own is None or not own.storage:
            continue
        versions = context.registry.get(name, "version")
        rows = context.session.rows(
            f"SELECT u.rid FROM uri u WHERE {one_of('u.tp', own.storage)} AND u.value=? ORDER BY u.rid DESC", (url,)
        )
        candidates = [rid for (rid,) in rows]
        if version and versions is not None and versions.storage and candidates:
            chosen = among("k.rid", candidates)
            rows = context.session.rows(
                f"SELECT k.rid FROM token k WHERE {chosen.text} AND {one_of('k.tp', versions.storage)}"
                " AND (k.code||'')=?",
                (*chosen.values, version),
            )
            found += [rid for (rid,) in rows]
        else:
            found += candidates[:1]
    return found
