"""Quantities (https://hl7.org/fhir/R4/search.html#quantity): a number with a unit.

A UCUM unit is compared in canonical units, so that 5.4 mg finds 0.0054 g; any other unit by its code.
"""

from __future__ import annotations

from decimal import Decimal

from bedside.record.parameters import Parameter
from bedside.record.search.conditions import Condition, Never, Predicate, Ranged, either
from bedside.record.search.context import Context
from bedside.record.search.filters.number import compare, enters_by_key
from bedside.record.search.model import Match
from bedside.record.search.sql import Sql, sql
from bedside.record.values import QuantityValue, indexed, quantity_value, real
from bedside.terms import ucum

MODIFIERS: frozenset[str] = frozenset()
UCUM = "http://unitsofmeasure.org"


def read(parameter: Parameter, modifier: str | None, text: str) -> QuantityValue:
    return quantity_value(text)


def condition(context: Context, match: Match) -> Condition:
    found: list[Condition] = []
    for value in match.values:
        predicate = comparison(context, value)
        if predicate is None:
            found.append(Never())
        else:
            cheap = enters_by_key(value.number)
            found.append(Ranged("quantity", match.parameter.storage, (predicate,), cheap=cheap))
    return either(found)


def comparison(context: Context, value: QuantityValue, *, code: str = "code", system: str = "sys") -> Predicate | None:
    """The condition on a row of quantities; None when no row can fulfil it.

    `code` and `system` are the columns of the unit as written; in composite rows they are `code2` and `sys2`, where
    the code stands in for a missing one by the unit's text.
    """
    if value.code is None:
        return _with(Sql("{x}.dim=0"), compare(value.number))
    if value.system is None:
        unit = "{x}." + code + "=?"
        if code == "code":
            unit = f"({unit} OR {{x}}.unit=?)"
        return _with(Sql("{x}.dim=0 AND " + unit, (indexed(value.code),) * unit.count("?")), compare(value.number))
    if value.system == UCUM and ucum.is_valid(value.code):
        dimension = context.name("c|" + ucum.canonical(Decimal(1), value.code)[1])
        if dimension is None:
            return None
        return _with(Sql(f"{{x}}.dim={dimension}"), compare(value.number, lambda bound: _canonical(bound, value.code)))
    number = context.name(value.system)
    if number is None:
        return None
    unit = f"{{x}}.dim=0 AND {{x}}.{system}={number} AND {{x}}.{code}=?"
    return _with(Sql(unit, (indexed(value.code),)), compare(value.number))


def _with(unit: Sql, compared: Predicate) -> Predicate:
    return lambda x: sql("{} AND {}", unit._replace(text=unit.text.replace("{x}", x)), compared(x))


def _canonical(bound: object, code: str | None) -> float:
    assert isinstance(bound, Decimal)
    assert code is not None
    return real(ucum.canonical(bound, code)[0])
