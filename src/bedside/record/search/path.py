"""The names of search parameters: `code:modifier`, chains, and `_has` (https://hl7.org/fhir/R4/search.html)."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from bedside.fhir import definitions
from bedside.fhir.outcome import FhirError, Invalid, Issue, NotSupported
from bedside.record.parameters import Parameter, Registry
from bedside.record.search.filters import compile as kinds
from bedside.record.search.filters.reference import target_types
from bedside.record.search.model import Chain, Filter, Has, Match
from bedside.record.values import split

_DEPTH = 10
"""So many references may be followed by one parameter; more is a mistake or an attack."""
_MANY, _SEVERAL = 1000, 100
"""So many alternatives may a parameter have: where they are looked up by key, and where each is a comparison."""


class Unknown(NotSupported):
    """A parameter that the type does not have: an error or a warning, as the client prefers."""


def parse_filter(registry: Registry, type_name: str, name: str, text: str, base: str | None = None) -> Filter:
    """One parameter of a search on a type, as it stands in the URL (decoded).

    `base` is this server's own address: a reference that begins with it is local. Raises `Unknown` for a parameter
    that does not exist here, `NotSupported` for a modifier that does not fit, and `Invalid` for a value that cannot
    be read (code `value`) or for too many of them (`too-costly`); each says what to write instead.
    """
    try:
        return _Reader(registry, text, base).read(type_name, name, 0)
    except Unknown:
        raise
    except FhirError as error:
        message = "; ".join(issue.message for issue in error.issues)
        issue = Issue("error", error.issues[0].code, None, f"Search parameter {name!r}: {message}")
        raise type(error)([issue]) from error


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads names of parameters from left to right; the value belongs to the last."""

    registry: Registry
    text: str
    base: str | None

    def read(self, type_name: str, name: str, depth: int) -> Filter:
        if depth > _DEPTH:
            raise Invalid(f"this follows more than {_DEPTH} references.", code="too-costly")
        if "\0" in self.text:
            raise Invalid("a value may not contain the character U+0000.", code="value")
        if name.startswith("_has:"):
            return self._has(type_name, name, depth)
        first, dot, rest = name.partition(".")
        code, _, modifier = first.partition(":")
        parameter = find(self.registry, type_name, code)
        if dot:
            return self._chain(parameter, modifier or None, rest, depth)
        return self._match(parameter, modifier or None)

    def _match(self, parameter: Parameter, modifier: str | None) -> Match:
        _check_modifier(parameter, modifier)
        parts = list(dict.fromkeys(split(self.text, ",")))
        most = _MANY if parameter.type in ("token", "reference", "uri") and modifier != "text" else _SEVERAL
        if len(parts) > most:
            raise Invalid(f"{len(parts)} values are more than the {most} that this may have.", code="too-costly")
        if self.base is not None and (parameter.type == "reference" or modifier in ("in", "not-in")):
            parts = [part.removeprefix(f"{self.base}/") for part in parts]
        return Match(parameter, modifier, tuple(kinds.read(parameter, modifier, part) for part in parts))

    def _chain(self, parameter: Parameter, modifier: str | None, rest: str, depth: int) -> Chain:
        if parameter.type != "reference":
            raise Invalid(f"{parameter.code} is a {parameter.type}, so nothing can follow it; only references chain.")
        allowed = target_types(parameter)
        if modifier is not None:
            if modifier not in allowed:
                raise Invalid(f"{parameter.code} refers to {_listed(allowed)}, not to {modifier!r}.", code="value")
            allowed = (modifier,)
        found: list[tuple[str, Filter]] = []
        unknown: Unknown | None = None
        bad: FhirError | None = None
        for target in allowed:
            try:
                found.append((target, self.read(target, rest, depth + 1)))
            except Unknown as error:
                unknown = unknown or error
            except FhirError as error:
                bad = bad or error
        if found:
            return Chain(parameter, tuple(found))
        if bad is not None:
            raise bad
        if unknown is not None and len(allowed) == 1:
            raise unknown
        first = rest.partition(".")[0].partition(":")[0]
        raise Unknown(f"None of what {parameter.code} refers to ({_listed(allowed)}) has a parameter {first!r}.")

    def _has(self, type_name: str, name: str, depth: int) -> Has:
        parts = name.split(":", 3)
        if len(parts) != 4 or not all(parts):
            raise Invalid("write _has:Type:reference:parameter, as in _has:Observation:patient:code.")
        _, source, code, rest = parts
        if not definitions.is_resource_type(source):
            near = _suggest(source, definitions.resource_types())
            raise Invalid(f"{source!r} is not a resource type.{near}", code="value")
        parameter = find(self.registry, source, code)
        if parameter.type != "reference":
            raise Invalid(f"{source}.{code} is a {parameter.type} and not a reference.")
        allowed = target_types(parameter)
        if type_name not in allowed:
            raise Invalid(f"{source}.{code} never refers to {type_name}, but to {_listed(allowed)}.")
        return Has(source, parameter, self.read(source, rest, depth + 1))


def find(registry: Registry, type_name: str, code: str) -> Parameter:
    """The parameter of a type; `Unknown` with the nearest name otherwise."""
    found = registry.get(type_name, code)
    if found is None:
        raise Unknown(f"{type_name} has no search parameter {code!r}.{_suggest(code, registry.for_type(type_name))}")
    return found


def _suggest(code: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(code, list(known), 1, 0.6)
    return f" Did you mean {near[0]!r}?" if near else ""


def _check_modifier(parameter: Parameter, modifier: str | None) -> None:
    """R4 search.html#modifiers: a modifier that is not understood is always an error."""
    if modifier is None:
        return
    if parameter.type == "reference" and definitions.is_resource_type(modifier):
        allowed = target_types(parameter)
        if modifier not in allowed:
            raise Invalid(f"{parameter.code} never refers to {modifier}, but to {_listed(allowed)}.", code="value")
        return
    known = kinds.modifiers(parameter)
    if modifier in known:
        return
    takes = ", ".join(f":{each}" for each in sorted(known)) or "no modifier"
    more = " or a resource type" if parameter.type == "reference" else ""
    raise NotSupported(
        f"there is no modifier :{modifier} for {parameter.code}, which is a {parameter.type}; it takes {takes}{more}."
    )


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names[:6]) + (" and others" if len(names) > 6 else "")
