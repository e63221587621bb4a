"""References (https://hl7.org/fhir/R4/search.html#reference): by `Type/id`, id, or URL; by identifier."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bedside.fhir import definitions
from bedside.fhir.outcome import Invalid
from bedside.record.parameters import Parameter
from bedside.record.rows import split_reference
from bedside.record.search.conditions import Condition, either, keyed
from bedside.record.search.context import Context
from bedside.record.search.filters import token, uri
from bedside.record.search.filters.token import Token
from bedside.record.search.model import Match
from bedside.record.values import unescape

_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")


@dataclass(frozen=True, slots=True)
class Local:
    """A resource of this record: an id, and the types it may have."""

    types: tuple[str, ...]
    id: str


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A URL, as it is written in the reference or canonical."""

    url: str


def target_types(parameter: Parameter) -> tuple[str, ...]:
    """The types that a reference parameter may lead to."""
    if parameter.target_filter is not None:
        return (parameter.target_filter,)
    return parameter.targets or definitions.resource_types()


def read(parameter: Parameter, modifier: str | None, text: str) -> Local | Elsewhere | Token:
    """`Type/id`, `id`, a URL; with a type as modifier an id of that type; with `:identifier` a token."""
    if modifier == "identifier":
        found = token.read(parameter, None, text)
        assert isinstance(found, Token)
        return found
    value = unescape(text)
    allowed = (modifier,) if modifier is not None else target_types(parameter)
    if _ID.fullmatch(value):
        return Local(allowed, value)
    target = split_reference(value)
    if target is not None:
        name, id_ = target
        if modifier is not None and name != modifier:
            raise Invalid(f"{value!r} is not a reference to {modifier}.", code="value")
        return Local((name,) if name in allowed else (), id_)
    if not value or (modifier is not None):
        kind = modifier or allowed[0]
        raise Invalid(f"{text!r} is not a reference: write {kind}/id, an id, or a URL.", code="value")
    return Elsewhere(value)


def condition(context: Context, match: Match) -> Condition:
    parameter = match.parameter
    if match.modifier == "identifier":
        return token.tokens(context, match.values, parameter.identifier_numbers, None)
    targets = context.rids_of([(value.types, value.id) for value in match.values if isinstance(value, Local)])
    urls = tuple(value.url for value in match.values if isinstance(value, Elsewhere) and _fits(parameter, value.url))
    found = [refers_to(parameter.storage, targets)]
    if urls:
        found.append(uri.uris(context, urls, parameter.storage))
    return either(found)


def _fits(parameter: Parameter, url: str) -> bool:
    """Whether what is elsewhere can be of the one type that a parameter filters for: its URL tells."""
    return parameter.target_filter is None or parameter.target_filter in url.split("/")


def refers_to(numbers: tuple[int, ...], targets: list[int]) -> Condition:
    """A reference under one of `numbers` to one of these resources."""
    return keyed("ref", [(target, tp) for target in targets for tp in numbers])
