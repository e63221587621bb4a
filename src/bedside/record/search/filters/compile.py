"""From a parameter with values to a condition: the dispatch by type, and `:missing`, which all types share."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from bedside.fhir.outcome import Invalid
from bedside.record.parameters import Parameter
from bedside.record.search.conditions import At, Condition, InSet, Never, Probe, either, every, not_
from bedside.record.search.context import Context
from bedside.record.search.filters import composite, date, number, quantity, reference, special, string, token, uri
from bedside.record.search.model import Match
from bedside.record.search.sql import Sql, any_of, found, one_of, union

_KINDS: dict[str, ModuleType] = {
    "composite": composite,
    "date": date,
    "number": number,
    "quantity": quantity,
    "reference": reference,
    "special": special,
    "string": string,
    "token": token,
    "uri": uri,
}
_TABLES = {
    "date": ("date",),
    "number": ("number",),
    "quantity": ("quantity",),
    "reference": ("ref", "uri"),
    "string": ("string",),
    "token": ("token",),
    "uri": ("uri",),
}
SPECIAL = frozenset(("_id", "_lastUpdated", "_text", "_content", "_list"))


def module(parameter: Parameter) -> ModuleType:
    return special if parameter.code in SPECIAL else _KINDS[parameter.type]


def modifiers(parameter: Parameter) -> frozenset[str]:
    """The modifiers that a parameter takes, but for types of references."""
    if parameter.code in SPECIAL or parameter.type == "special":
        return special.MODIFIERS.get(parameter.code, frozenset())
    if parameter.type == "reference":
        return frozenset(("missing", "identifier"))
    found: frozenset[str] = _KINDS[parameter.type].MODIFIERS
    return found | {"missing"}


def read(parameter: Parameter, modifier: str | None, text: str) -> Any:
    """One value as it is written, unescaped and typed. Raises `Invalid` with code `value`."""
    if modifier == "missing":
        if text not in ("true", "false"):
            raise Invalid(f"{text!r} is neither true nor false.", code="value")
        return text == "true"
    return module(parameter).read(parameter, modifier, text)


def compile_match(context: Context, match: Match) -> Condition:
    if match.modifier == "missing":
        present = _present(context, match.parameter)
        return either([not_(present) if missing else present for missing in match.values])
    found: Condition = module(match.parameter).condition(context, match)
    return found


def _present(context: Context, parameter: Parameter) -> Condition:
    """Something was indexed for the parameter (https://hl7.org/fhir/R4/search.html#missing)."""
    if parameter.type == "composite":
        whole = [every([_present(context, part) for part in parameter.at_root])] if parameter.at_root else []
        pairs = [Sql(f"SELECT k.rid FROM composite k WHERE k.tp={tp}") for tp in parameter.storage]
        return either([*whole, *([InSet(union(pairs, distinct=False), cheap=False)] if pairs else [])])
    places = [(table, parameter.storage) for table in _TABLES[parameter.type]]
    if parameter.type == "reference":
        places.append(("token", parameter.identifier_numbers))
    wanted = parameter.target_filter
    target = None if wanted is None else context.registry.type_number(wanted)

    def ask(at: At) -> Sql:
        x = at.alias
        if target is not None:
            # An alias for some of the targets: only a reference whose target is known to be one of them counts.
            own = f"{x}.rid={at.rid} AND {one_of(f'{x}.tp', parameter.storage)}"
            its = f"t{x}.rid={x}.target AND t{x}.type={target}"
            here = Sql(f"SELECT 1 FROM ref {x} CROSS JOIN resource t{x} WHERE {own} AND {its}")
            elsewhere = Sql(f"SELECT 1 FROM uri {x} WHERE {own} AND {x}.value LIKE ?", (f"%/{wanted}/%",))
            return any_of([found(here), found(elsewhere)])
        return any_of(
            [
                found(Sql(f"SELECT 1 FROM {table} {x} WHERE {x}.rid={at.rid} AND {one_of(f'{x}.tp', numbers)}"))
                for table, numbers in places
            ]
        )

    return Probe(ask) if parameter.storage else Never()
