"""Tokens by what their codes mean: `:in`, `:not-in`, `:above`, `:below`
(https://hl7.org/fhir/R4/search.html#modifiers).

The codes that are wanted are few or very many, but the codes that the record has for a parameter are never many:
thousands where a value set has a hundred thousand. So of many codes those that occur are found first, by hopping
through the index from code to code, and only these become keys.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bedside.fhir.outcome import FhirError, Invalid, Issue, TooCostly, Unprocessable
from bedside.record.parameters import Parameter
from bedside.record.search.conditions import At, Condition, Never, RidSet, either, keyed, not_
from bedside.record.search.context import Context
from bedside.record.search.model import Match
from bedside.record.search.sql import Sql, found, sql, union
from bedside.record.values import indexed, split, unescape
from bedside.terms.canonical import joined
from bedside.terms.errors import UnknownDefinition

if TYPE_CHECKING:  # what most searches do not need is not imported for them
    from bedside.record.terminology.state import State
    from bedside.terms.sets import AskedSet, ListedSet
    from bedside.terms.systems import CodeSystem

MODIFIERS = frozenset(("in", "not-in", "above", "below"))
_FEW = 64
"""Up to so many codes are keys as they are, whether they occur or not."""
_HOPS = 20_000
"""So many codes of one parameter are hopped through; with more the wanted codes are looked up one by one."""
_KEYS = 1000
"""More keys than these are handed to the database as one list."""

Key = tuple[int, str, int]


@dataclass(frozen=True, slots=True)
class Meaning:
    """A value set for `:in` and `:not-in`, a system and a code for `:above` and `:below`."""

    system: str
    code: str


def read(parameter: Parameter, modifier: str, text: str) -> Meaning:
    """`[canonical]` or `ValueSet/[id]`; `[system]|[code]`, or a code where the parameter tells its system."""
    if modifier in ("in", "not-in"):
        value_set = unescape(text)
        if not value_set:
            raise Invalid("write the URL of a value set, or ValueSet/ and its id.", code="value")
        return Meaning("", value_set)
    parts = [unescape(part) for part in split(text, "|")]
    if len(parts) == 1 and parts[0] and parameter.code_system:
        return Meaning(parameter.code_system, parts[0])
    if len(parts) != 2 or not all(parts):
        raise Invalid(f"{text!r} is no code with its system: write system|code.", code="value")
    return Meaning(parts[0], parts[1])


def condition(context: Context, match: Match) -> Condition:
    """Raises Invalid (400, `not-found`) for what is not known: an empty answer would say that there is nobody."""
    state = context.terminology
    if state is None:
        raise Unprocessable(f"A condition cannot use :{match.modifier} here: there is no terminology.")
    parameter = match.parameter
    parts: list[Condition] = []
    for value in match.values:
        try:
            parts.append(_one(context, state, parameter, match.modifier or "", value))
        except UnknownDefinition as error:
            raise _about(parameter, match.modifier, Invalid, error, "not-found") from None
        except TooCostly as error:
            raise _about(parameter, match.modifier, TooCostly, error, "too-costly") from None
    together = either(parts)
    return not_(together) if match.modifier == "not-in" else together


def _about(parameter: Parameter, modifier: str | None, kind: type[FhirError], error: FhirError, code: str) -> FhirError:
    message = "; ".join(issue.message for issue in error.issues)
    return kind([Issue("error", code, None, f"Search parameter '{parameter.code}:{modifier}': {message}")])  # type: ignore[arg-type]


def _one(context: Context, state: State, parameter: Parameter, modifier: str, value: Meaning) -> Condition:
    if modifier in ("in", "not-in"):
        members = _members(state, value.code)
        if members.partial:
            if modifier == "not-in":
                raise Unprocessable(f"Who is not in {value.code} cannot be told: {' '.join(members.partial)}")
            context.warnings.append(f"{value.code}: {' '.join(members.partial)} There may be more.")
        return _of_members(context, parameter, members)
    system = state.code_system(value.system)
    if system is None:
        raise UnknownDefinition(f"no code system {value.system} is known here")
    codes = _hierarchy(system, value.code, up=modifier == "above")
    return _of_codes(context, parameter, {system.url: codes})


def _members(state: State, name: str) -> ListedSet | AskedSet:
    if name.startswith("ValueSet/") and name.count("/") == 1:
        resource = state.resource("ValueSet", name.removeprefix("ValueSet/"))
        if resource is None:
            raise UnknownDefinition(f"there is no {name}")
        return state.stored(resource).members()
    return state.members(name)


def _hierarchy(system: CodeSystem, code: str, *, up: bool) -> frozenset[str]:
    """A code with all that is above or below it. Raises UnknownDefinition for one that is not known."""
    concept = system.find(code)
    if concept is None:
        raise UnknownDefinition(f"{joined(system.url, system.version)} has no code {code!r}")
    others = system.ancestors(concept.code) if up else system.descendants(concept.code)
    return frozenset((concept.code, *others))


def _of_members(context: Context, parameter: Parameter, members: ListedSet | AskedSet) -> Condition:
    if members.asked or members.folds:
        return _of_keys(context, _asked(context, parameter, members))
    return _of_codes(context, parameter, {system or "": codes for system, codes in members.codes().items()})


def _of_codes(context: Context, parameter: Parameter, wanted: dict[str, Iterable[str]]) -> Condition:
    """Rows with one of the codes of one of the systems."""
    sets = {
        system: codes if isinstance(codes, frozenset | dict) else frozenset(codes) for system, codes in wanted.items()
    }
    systems = {system: numbers for system in sets if (numbers := system_numbers(context, system, parameter))}
    few = sum(len(sets[system]) for system in systems) <= _FEW
    keys: list[Key] = []
    for tp in parameter.storage:
        for system, numbers in systems.items():
            codes = [indexed(code) for code in sets[system]] if few else _present(context, tp, sets[system], numbers)
            keys += [(tp, code, number) for code in codes for number in numbers]
    return _of_keys(context, keys)


def system_numbers(context: Context, system: str, parameter: Parameter) -> list[int]:
    """The numbers under which rows hold a system; a `code` has rows that do not repeat what all of them have."""
    number = context.name(system)
    numbers = [] if number is None else [number]
    return [*numbers, 0] if system and system == parameter.code_system else numbers


def _present(context: Context, tp: int, wanted: Collection[str], numbers: list[int]) -> list[str]:
    """Those of many codes that occur under a parameter."""
    occurring = context.codes(tp, _HOPS)
    if occurring is not None:
        return [code for code in occurring if code in wanted]
    listed = ",".join(map(str, numbers))
    rows = context.session.rows(
        f"SELECT w.value FROM ({_values(context)}) w WHERE (SELECT 1 FROM token t WHERE t.tp={tp} AND t.code=w.value"
        f" AND t.sys IN ({listed}) LIMIT 1) IS NOT NULL",
        (_packed(context, [indexed(code) for code in wanted]),),
    )
    return [code for (code,) in rows]


def _asked(context: Context, parameter: Parameter, members: ListedSet | AskedSet) -> Iterator[Key]:
    """Keys of the codes that occur and are members, each asked: where nobody can list the members."""
    systems = members.systems()
    for tp in parameter.storage:
        occurring = context.codes(tp, _HOPS)
        if occurring is None:
            raise TooCostly("there are too many different codes to ask whether each is in this value set")
        for system in systems:
            numbers = system_numbers(context, system, parameter)
            for code in occurring if numbers else ():
                present = frozenset(context.systems(tp, code)).intersection(numbers)
                if present and (system, code) in members:
                    yield from ((tp, code, number) for number in present)


def _of_keys(context: Context, keys: Iterable[Key]) -> Condition:
    listed = list(dict.fromkeys(keys))
    if len(listed) <= _KEYS:
        return keyed("token", listed)
    groups: dict[tuple[int, int], list[str]] = {}
    for tp, code, number in listed:
        groups.setdefault((tp, number), []).append(code)
    pieces = tuple((tp, number, _packed(context, codes)) for (tp, number), codes in groups.items())
    return Many(pieces, _values(context)) if pieces else Never()


def _values(context: Context) -> str:
    """A query for the texts of a list that is one value."""
    if context.session.dialect == "sqlite":
        return "SELECT value FROM json_each(?)"
    return "SELECT value FROM unnest(CAST(? AS text[])) AS value"


def _packed(context: Context, codes: list[str]) -> object:
    """The list as that one value."""
    from bedside.fhir import json

    return json.encode(codes).decode() if context.session.dialect == "sqlite" else codes


@dataclass(frozen=True)
class Many(Condition):
    """A row of `token` with one of very many codes: (parameter, system, codes as one value), in one query for each."""

    pieces: tuple[tuple[int, int, object], ...]
    values: str

    def probe(self, at: At) -> Sql:
        x = at.alias
        asked = [
            found(
                Sql(
                    f"SELECT 1 FROM token {x} WHERE {x}.rid={at.rid} AND {x}.tp={tp} AND {x}.sys={number}"
                    f" AND ({x}.code||'') IN ({self.values})",
                    (codes,),
                )
            )
            for tp, number, codes in self.pieces
        ]
        return sql("(" + " OR ".join("{}" for _ in asked) + ")", *asked)

    def drive(self) -> RidSet:
        selects = [
            Sql(f"SELECT y.rid FROM token y WHERE y.tp={tp} AND y.sys={number} AND y.code IN ({self.values})", (codes,))
            for tp, number, codes in self.pieces
        ]
        return RidSet(union(selects, distinct=False), cheap=False)
