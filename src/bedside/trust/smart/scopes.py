"""Scopes of SMART App Launch: read, written, narrowed and asked. Pure: text in, values out.

Version 2 (`patient/Observation.rs?category=laboratory`) is what a scope is here; version 1 (`patient/Observation.read`)
is another spelling of it. Section 3.0.2 of SMART App Launch 2.2, "Scopes and Launch Context".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import parse_qsl, quote

from bedside.fhir.definitions import is_resource_type

Level = Literal["patient", "user", "system"]
Query = frozenset[tuple[str, str]]
Interaction = Literal[
    "create", "read", "vread", "history-instance", "update", "patch", "delete",
    "search", "history-type", "history-system",
]  # fmt: skip

LETTER: dict[str, str] = {
    "create": "c",
    **dict.fromkeys(("read", "vread", "history-instance"), "r"),
    **dict.fromkeys(("update", "patch"), "u"),
    "delete": "d",
    **dict.fromkeys(("search", "history-type", "history-system"), "s"),
}
"""Which letter of a version 2 scope an interaction needs."""

CONTEXT = frozenset({"openid", "fhirUser", "profile", "launch", "launch/patient", "launch/encounter"})
REFRESH = frozenset({"offline_access", "online_access"})

_SCOPE = re.compile(r"(patient|user|system)/(\*|[A-Z][A-Za-z]*)\.(read|write|\*|(?=[cruds])c?r?u?d?s?)(?:\?(.+))?")
_V1 = {"read": "rs", "write": "cud", "*": "cruds"}
_V1_OF = {letters: word for word, letters in _V1.items()}
_PARAMETER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*(:[A-Za-z-]+)?")
# Parameters that shape an answer and say nothing about which resources are meant; a scope cannot be made of them.
_SHAPING = frozenset(
    {"_sort", "_count", "_include", "_revinclude", "_summary", "_elements", "_total", "_contained", "_containedType",
     "_format", "_pretty", "_has", "_filter", "_query", "_type", "_list"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scope:
    """Access to resources."""

    level: Level
    type: str
    """A resource type, or `*`."""
    letters: str
    """Some of `cruds`, in this order."""
    query: Query = frozenset()
    """Search parameters that a resource must match to be meant; empty: all of the type."""
    v1: bool = False
    """Whether it was spelled in version 1; it is spelled back so, because an app of version 1 reads nothing else."""

    def __str__(self) -> str:
        letters = _V1_OF[self.letters] if self.v1 and self.letters in _V1_OF and not self.query else self.letters
        query = "&".join(f"{name}={quote(value, safe='/:|,.-_~')}" for name, value in sorted(self.query))
        return f"{self.level}/{self.type}.{letters}{'?' + query if query else ''}"

    def covers(self, other: Scope) -> bool:
        """Whether whoever has this scope may have the other without getting more."""
        return (
            self.level == other.level
            and self.type in ("*", other.type)
            and set(other.letters) <= set(self.letters)
            and self.query <= other.query
        )

    def meet(self, other: Scope) -> Scope | None:
        """What both allow; None if that is nothing. A resource must then match the parameters of both."""
        if self.level != other.level or not (self.type == other.type or "*" in (self.type, other.type)):
            return None
        letters = "".join(letter for letter in self.letters if letter in other.letters)
        if not letters:
            return None
        kind = other.type if self.type == "*" else self.type
        return Scope(self.level, kind, letters, self.query | other.query, self.v1)


@dataclass(frozen=True, slots=True)
class Scopes:
    """The scopes of a request or a grant: access to resources, and words such as `openid` and `launch/patient`."""

    resources: tuple[Scope, ...] = ()
    words: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return " ".join((*sorted(self.words), *map(str, self.resources)))

    def levels(self) -> set[Level]:
        return {scope.level for scope in self.resources}

    def without(self, level: Level) -> Scopes:
        """The same without the scopes of one level."""
        return replace(self, resources=tuple(scope for scope in self.resources if scope.level != level))


def parse_scope(text: str) -> Scope | None:
    """One scope for resources; None for anything else, such as a type that R4 has not or letters out of order."""
    found = _SCOPE.fullmatch(text)
    if found is None:
        return None
    level, kind, letters, query_text = found.groups()
    if kind != "*" and not is_resource_type(kind):
        return None
    v1 = letters in _V1
    query: Query = frozenset()
    if query_text is not None:
        parsed = _query(query_text, any_type=kind == "*")
        if v1 or parsed is None:
            return None
        query = parsed
    return Scope(_LEVELS[level], kind, _V1.get(letters, letters), query, v1)


_LEVELS: dict[str, Level] = {"patient": "patient", "user": "user", "system": "system"}


def _query(text: str, *, any_type: bool) -> Query | None:
    try:
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True, max_num_fields=10)
    except ValueError:
        return None
    for name, value in pairs:
        # What every type has begins with an underscore: nothing else can be asked of `*`.
        fits = _PARAMETER.fullmatch(name) and (name.startswith("_") or not any_type)
        if not fits or not value or name.partition(":")[0] in _SHAPING:
            return None
    return frozenset(pairs)


def parse(text: str) -> Scopes:
    """The scopes of a space-separated list. What is not understood is left out, as RFC 6749, section 3.3, permits: the
    app sees in the answer what it got."""
    words, resources = set(), dict[Scope, None]()
    for part in text.split(" "):
        if part in CONTEXT or part in REFRESH:
            words.add(part)
        elif scope := parse_scope(part):
            resources[scope] = None
    return Scopes(tuple(resources), frozenset(words))


def narrow(asked: Scopes, allowed: Scopes) -> Scopes:
    """What of `asked` is within `allowed`: never more than either."""
    met = [both for one in asked.resources for other in allowed.resources if (both := one.meet(other))]
    kept = [
        scope
        for place, scope in enumerate(met)
        if not any(
            other.covers(scope) and (not scope.covers(other) or before < place)
            for before, other in enumerate(met)
            if before != place
        )
    ]
    return Scopes(tuple(kept), asked.words & allowed.words)


def within(asked: Scopes, granted: Scopes) -> bool:
    """Whether `asked` goes nowhere beyond `granted` (a refresh may only narrow: RFC 6749, section 6)."""
    return asked.words <= granted.words and all(
        any(one.covers(scope) for one in granted.resources) for scope in asked.resources
    )


@dataclass(frozen=True, slots=True)
class Way:
    """One ground on which scopes allow an interaction."""

    level: Level
    """`patient`: only of the grant's patient; `user`: what the person may; `system`: what the client may."""
    must_match: Query
    """Search parameters that a resource must match, all of them; empty: every resource of the type."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What scopes say about an interaction. Whoever asks must hold every resource to at least one of the ways."""

    ways: tuple[Way, ...]

    def __bool__(self) -> bool:
        return bool(self.ways)


def allows(
    scopes: Scopes, kind: str, interaction: Interaction, parameters: Sequence[tuple[str, str]] = ()
) -> Allowance:
    """The ways in which `scopes` allow `interaction` with resources of type `kind`; none: it is refused.

    `parameters` are those of a search, as sent. What the search itself asks for need not be checked again of each
    resource and is left out of the ways. Parameters of a scope whose name the search repeats with another value stay.
    """
    letter = LETTER[interaction]
    asked = frozenset(parameters) if interaction == "search" else frozenset()
    ways: dict[Way, None] = {}
    for scope in scopes.resources:
        if letter in scope.letters and scope.type in ("*", kind):
            ways[Way(scope.level, scope.query - asked)] = None
    free = {way.level for way in ways if not way.must_match}
    return Allowance(tuple(way for way in ways if not way.must_match or way.level not in free))
