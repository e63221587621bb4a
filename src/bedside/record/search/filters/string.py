"""Strings (https://hl7.org/fhir/R4/search.html#string): by default what starts with the value, whatever its case and
accents."""

from __future__ import annotations

from bedside.fhir.outcome import Invalid
from bedside.record.parameters import Parameter
from bedside.record.search.conditions import Condition, Predicate, Ranged
from bedside.record.search.context import Context, after_prefix, like_pattern
from bedside.record.search.model import Match
from bedside.record.search.sql import Sql
from bedside.record.values import indexed, indexed_start, normalise, unescape

MODIFIERS = frozenset(("exact", "contains"))
_LONGEST = 4096


def read(parameter: Parameter, modifier: str | None, text: str) -> str:
    value = unescape(text)
    if not value or (modifier != "exact" and not normalise(value)):
        raise Invalid("write the text to look for.", code="value")
    if len(value) > _LONGEST:
        raise Invalid(f"text to look for may have up to {_LONGEST} characters.", code="value")
    return value


def condition(context: Context, match: Match) -> Condition:
    make = {"exact": exactly, "contains": _contains, None: _starts_with}[match.modifier]
    predicates = tuple(make(value) for value in match.values)
    return Ranged("string", match.parameter.storage, predicates, cheap=match.modifier != "contains")


def exactly(value: str) -> Predicate:
    norm = normalise(value)
    exact = "" if norm == value else value
    return lambda x: Sql(f"{x}.norm=? AND {x}.exact=?", (indexed(norm), indexed(exact)))


def _contains(value: str) -> Predicate:
    pattern = like_pattern(value)
    return lambda x: Sql(f"{x}.norm LIKE ? ESCAPE '\\'", (pattern,))


def _starts_with(value: str) -> Predicate:
    return starts_with(normalise(value), "norm")


def starts_with(norm: str, column: str) -> Predicate:
    norm = indexed_start(norm)
    end = after_prefix(norm)
    if end is None:
        return lambda x: Sql(f"{x}.{column}>=?", (norm,))
    return lambda x: Sql(f"{x}.{column}>=? AND {x}.{column}<?", (norm, end))
