"""URIs, compared as they are written (https://hl7.org/fhir/R4/search.html#uri)."""

from __future__ import annotations

from bedside.fhir.outcome import Invalid
from bedside.record.parameters import Parameter
from bedside.record.search.conditions import Condition, Predicate, Ranged, keyed
from bedside.record.search.context import Context, after_prefix
from bedside.record.search.model import Match
from bedside.record.search.sql import Sql
from bedside.record.values import indexed, indexed_start, unescape

MODIFIERS = frozenset(("above", "below"))


def read(parameter: Parameter, modifier: str | None, text: str) -> str:
    value = unescape(text)
    if not value:
        raise Invalid("write a URI.", code="value")
    return value


def condition(context: Context, match: Match) -> Condition:
    numbers = match.parameter.storage
    if match.modifier == "below":
        return Ranged("uri", numbers, tuple(_starts_with(value) for value in match.values))
    if match.modifier == "above":
        wanted = [indexed(above) for value in match.values for above in _ancestors(value)]
        return keyed("uri", [(tp, above) for above in wanted for tp in numbers])
    return uris(context, match.values, numbers)


def uris(context: Context, values: tuple[str, ...], numbers: tuple[int, ...]) -> Condition:
    """Exactly one of these; a canonical without a version also finds every version of it (`url|version`)."""
    keys = [(tp, indexed(value)) for value in values for tp in numbers]
    for value in values:
        if "|" not in value:
            for tp in numbers:
                keys += [(tp, found) for found in context.uri_values(tp, value + "|", value + "}")]
    return keyed("uri", keys)


def _starts_with(prefix: str) -> Predicate:
    prefix = indexed_start(prefix)
    end = after_prefix(prefix)
    if end is None:
        return lambda x: Sql(f"{x}.value>=?", (prefix,))
    return lambda x: Sql(f"{x}.value>=? AND {x}.value<?", (prefix, end))


def _ancestors(uri: str) -> list[str]:
    """The URI and those above it in the path, each with and without its final slash."""
    scheme, mark, rest = uri.partition("://")
    if not mark:
        return [uri]
    found = [uri]
    parts = rest.rstrip("/").split("/")
    for size in range(len(parts), 0, -1):
        path = scheme + mark + "/".join(parts[:size])
        found += [path, path + "/"]
    return list(dict.fromkeys(found))
