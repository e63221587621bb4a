"""Composites (https://hl7.org/fhir/R4/search.html#composite): values that belong together, joined by `$`.

Within a repeating element the pairs have rows of their own. On the resource as a whole a composite is the
conjunction of its components.
"""

from __future__ import annotations

from typing import Any

from bedside.fhir.outcome import Invalid
from bedside.record.parameters import Parameter
from bedside.record.search.conditions import Condition, InSet, Never, Predicate, either, every
from bedside.record.search.context import Context
from bedside.record.search.filters import date, number, quantity, reference, string, token, uri
from bedside.record.search.filters.token import Token
from bedside.record.search.model import Match
from bedside.record.search.sql import Sql, sql, union
from bedside.record.values import indexed, normalise, split

MODIFIERS: frozenset[str] = frozenset()

_KINDS = {
    "token": token,
    "string": string,
    "date": date,
    "number": number,
    "quantity": quantity,
    "uri": uri,
    "reference": reference,
}

Values = tuple[Any, ...]
"""One search value for each component."""


def read(parameter: Parameter, modifier: str | None, text: str) -> Values:
    parts = split(text, "$")
    components = parameter.components
    if len(parts) != len(components):
        raise Invalid(
            f"{text!r} has {len(parts)} parts and must have {len(components)}: write "
            + "$".join(f"[{c.parameter.code}]" for c in components)
            + r" (with \$ for a $ in a part).",
            code="value",
        )
    return tuple(
        _KINDS[c.parameter.type].read(c.parameter, None, part) for c, part in zip(components, parts, strict=True)
    )


def condition(context: Context, match: Match) -> Condition:
    return either(
        [c for values in match.values for c in (_at_root(context, match, values), _rows(context, match, values))]
    )


def _at_root(context: Context, match: Match, values: Values) -> Condition:
    parts = match.parameter.at_root
    if not parts:
        return Never()
    return every(
        [
            _KINDS[part.type].condition(context, Match(part, None, (value,)))
            for part, value in zip(parts, values, strict=True)
        ]
    )


def _rows(context: Context, match: Match, values: Values) -> Condition:
    """Rows of the first component paired with each of the others, in one repetition of the element."""
    parameter = match.parameter
    heads = _heads(context, values[0], parameter.components[0].parameter.code_system)
    tails = [
        _tail(context, component.parameter, value)
        for component, value in zip(parameter.components[1:], values[1:], strict=True)
    ]
    selects = []
    for tp in parameter.storage:
        for head in heads:
            # A value of several alternatives (a canonical quantity, a date) is one predicate already.
            if all(tail is not None for tail in tails):
                selects.append(_select(tp, head, [tail for tail in tails if tail is not None]))
    return InSet(union(selects, distinct=False)) if selects else Never()


def _select(tp: int, head: Sql, tails: list[Predicate]) -> Sql:
    tables, conditions = [], []
    for position, tail in enumerate(tails):
        c = f"c{position}"
        tables.append(f"composite {c}")
        own = sql(f"{c}.tp={tp} AND {{}} AND {c}.part={position + 2} AND {{}}", _of(head, c), tail(c))
        if position:
            same = " AND ".join(f"{c}.{column}=c0.{column}" for column in ("rid", "element", "code", "sys"))
            own = sql(f"{{}} AND {same}", own)
        conditions.append(own)
    joined = " AND ".join("{}" for _ in conditions)
    return sql(f"SELECT c0.rid FROM {' CROSS JOIN '.join(tables)} WHERE {joined}", *conditions)


def _of(piece: Sql, alias: str) -> Sql:
    return piece._replace(text=piece.text.replace("{x}", alias))


def _heads(context: Context, value: Any, code_system: str | None) -> list[Sql]:
    if isinstance(value, Token):
        return _token(context, value, code_system, "code", "sys")
    if isinstance(value, reference.Local):
        return [Sql("{x}.code=?", (f"{name}/{value.id}",)) for name in value.types]
    if isinstance(value, reference.Elsewhere):
        return [Sql("{x}.code=?", (indexed(value.url),))]
    raise NotImplementedError(f"a composite that begins with {type(value).__name__}")


def _token(context: Context, value: Token, code_system: str | None, code: str, system: str) -> list[Sql]:
    pieces = []
    if value.code is not None:
        pieces.append(Sql(f"{{x}}.{code}=?", (value.code,)))
    if value.system is not None:
        systems = [context.name(value.system)]
        if value.system and value.system == code_system:
            systems.append(0)
        known = [str(number) for number in systems if number is not None]
        if not known:
            return []
        pieces.append(Sql(f"{{x}}.{system} IN ({','.join(known)})"))
    return [Sql(" AND ".join(p.text for p in pieces), tuple(v for p in pieces for v in p.values))]


def _tail(context: Context, parameter: Parameter, value: Any) -> Predicate | None:
    """The condition on a composite row for a component after the first; None when no row can fulfil it."""
    match parameter.type:
        case "quantity":
            return quantity.comparison(context, value, code="code2", system="sys2")
        case "number":
            return number.compare(value)
        case "date":
            return date.compare(value, context.now)
        case "string":
            return string.starts_with(normalise(value), "code2")
        case "token":
            found = _token(context, value, parameter.code_system, "code2", "sys2")
        case "uri":
            found = [Sql("{x}.code2=?", (indexed(value),))]
        case _:
            found = _heads(context, value, None)
            found = [piece._replace(text=piece.text.replace(".code=", ".code2=")) for piece in found]
    if not found:
        return None
    return lambda x: sql("(" + " OR ".join("{}" for _ in found) + ")", *[_of(piece, x) for piece in found])
