"""Tokens: codes, identifiers, booleans (https://hl7.org/fhir/R4/search.html#token)."""

from __future__ import annotations

from dataclasses import dataclass

from bedside.fhir.outcome import Invalid
from bedside.record.parameters import Parameter
from bedside.record.search.conditions import (
    At,
    Both,
    Condition,
    InSet,
    Never,
    Predicate,
    Ranged,
    RidSet,
    either,
    keyed,
    not_,
)
from bedside.record.search.context import Context
from bedside.record.search.filters import meaning
from bedside.record.search.filters.string import starts_with
from bedside.record.search.model import Match
from bedside.record.search.sql import Sql, all_of, among, found, one_of, sql, union
from bedside.record.values import indexed, normalise, split, unescape

MODIFIERS = frozenset(("not", "text", "of-type")) | meaning.MODIFIERS
_FEW_NAMES = 32
_OF_TYPE = 3  # rows of `type|value` lie so far behind the identifier's own (rows.py)


@dataclass(frozen=True, slots=True)
class Token:
    """`system` None: any; '': none. `code` None: any. For `:of-type`, `code` is `type|value`."""

    system: str | None
    code: str | None


def read(parameter: Parameter, modifier: str | None, text: str) -> Token | str | meaning.Meaning:
    """`code`, `system|code`, `|code`, `system|`; text for `:text`; `system|type|value` for `:of-type`."""
    if modifier in meaning.MODIFIERS:
        return meaning.read(parameter, modifier, text)
    parts = [unescape(part) for part in split(text, "|")]
    if modifier == "text":
        norm = normalise(unescape(text))
        if not norm:
            raise Invalid("write the text to look for.", code="value")
        return norm
    if modifier == "of-type":
        if len(parts) != 3 or not all(parts):
            raise Invalid(f"{text!r} is not an identifier of a type: write system|type|value.", code="value")
        return Token(parts[0], indexed(f"{parts[1]}|{parts[2]}"))
    if len(parts) == 1 and parts[0]:
        return Token(None, indexed(parts[0]))
    if len(parts) == 2 and any(parts):
        return Token(parts[0], indexed(parts[1]) or None)
    raise Invalid(
        rf"{text!r} is not a token: write code, system|code, |code or system| (with \| for a | in it).", code="value"
    )


def condition(context: Context, match: Match) -> Condition:
    parameter, values = match.parameter, match.values
    if match.modifier == "text":
        return either([_text(context, parameter, value) for value in values])
    if match.modifier in meaning.MODIFIERS:
        return meaning.condition(context, match)
    if match.modifier == "of-type":
        numbers = tuple(number + _OF_TYPE for number in parameter.storage)
        return tokens(context, values, numbers, None)
    found = tokens(context, values, parameter.storage, parameter.code_system)
    return not_(found) if match.modifier == "not" else found


def tokens(context: Context, values: tuple[Token, ...], numbers: tuple[int, ...], code_system: str | None) -> Condition:
    """A row under one of `numbers` that is one of the tokens. `code_system` is what the rows do not repeat."""
    keys: list[tuple[int, str, int]] = []
    others: list[Condition] = []
    for value in values:
        systems = None if value.system is None else _system_numbers(context, value.system, code_system)
        if value.code is None:
            if systems:
                others.append(Ranged("token", numbers, (_in_system(systems),), cheap=False))
            continue
        for tp in numbers:
            known = context.systems(tp, value.code) if systems is None else systems
            keys += [(tp, value.code, system) for system in known]
    return either([keyed("token", keys), *others])


def _system_numbers(context: Context, system: str, code_system: str | None) -> list[int]:
    number = context.name(system)
    found = [] if number is None else [number]
    if system and system == code_system:
        found.append(0)
    return found


def _in_system(systems: list[int]) -> Predicate:
    listed = ",".join(map(str, systems))
    return lambda x: Sql(f"{x}.sys IN ({listed})")


def _text(context: Context, parameter: Parameter, norm: str) -> Condition:
    """Displays and texts that start with `norm`."""
    numbers = parameter.text_numbers
    if not numbers:
        return Never()
    names = context.names_from(norm, _FEW_NAMES + 1)
    if len(names) <= _FEW_NAMES:
        return _labels(numbers, names)
    text = starts_with(norm, "text")("n")
    selects = [
        sql(f"SELECT l.rid FROM name n CROSS JOIN label l WHERE {{}} AND l.tp={tp} AND l.name=n.id", text)
        for tp in numbers
    ]
    return InSet(union(selects, distinct=False))


def _labels(numbers: tuple[int, ...], names: list[int]) -> Condition:
    """Labelled with one of these names: the whole key of a row is known."""
    if not names:
        return Never()

    def labelled(alias: str) -> Sql:
        return all_of([Sql(one_of(f"{alias}.tp", numbers)), among(f"{alias}.name", names)])

    def ask(at: At) -> Sql:
        x = at.alias
        return found(sql(f"SELECT 1 FROM label {x} WHERE {{}} AND {x}.rid={at.rid}", labelled(x)))

    return Both(ask, RidSet(sql("SELECT l.rid FROM label l WHERE {}", labelled("l"))))
