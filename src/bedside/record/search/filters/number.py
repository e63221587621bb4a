"""Numbers (https://hl7.org/fhir/R4/search.html#number), and the comparisons that quantities share.

An index row holds [low, high], a point unless the resource has a Range.
"""

from __future__ import annotations

from collections.abc import Callable

from bedside.record.parameters import Parameter
from bedside.record.search.conditions import Condition, Predicate, Ranged
from bedside.record.search.context import Context
from bedside.record.search.model import Match
from bedside.record.search.sql import Sql
from bedside.record.values import NumberValue, bounds_near, number_value, real

MODIFIERS: frozenset[str] = frozenset()


def read(parameter: Parameter, modifier: str | None, text: str) -> NumberValue:
    return number_value(text)


def condition(context: Context, match: Match) -> Condition:
    return Ranged("number", match.parameter.storage, tuple(compare(value) for value in match.values))


def compare(value: NumberValue, convert: Callable[[object], float] = real) -> Predicate:  # type: ignore[assignment]
    """The row's [low, high] against a search value, by its prefix (https://hl7.org/fhir/R4/search.html#prefix).

    `eq` holds when the precision of the search value contains the row, the others compare with its exact value.
    `convert` brings a bound to the unit of the rows.
    """
    exact = convert(value.value)
    low, high = convert(value.low), convert(value.high)
    match value.prefix:
        case "eq":
            return lambda x: Sql(f"{x}.low>=? AND {x}.low<? AND {x}.high<?", (low, high, high))
        case "ne":
            return lambda x: Sql(f"({x}.low<? OR {x}.high>=?)", (low, high))
        case "gt":
            return lambda x: Sql(f"{x}.high>?", (exact,))
        case "ge":
            return lambda x: Sql(f"{x}.high>=?", (exact,))
        case "lt":
            return lambda x: Sql(f"{x}.low<?", (exact,))
        case "le":
            return lambda x: Sql(f"{x}.low<=?", (exact,))
        case "sa":
            return lambda x: Sql(f"{x}.low>?", (exact,))
        case "eb":
            return lambda x: Sql(f"{x}.low<? AND {x}.high<?", (exact, exact))
        case "ap":
            near = tuple(convert(bound) for bound in bounds_near(value))
            return lambda x: Sql(f"{x}.low<=? AND {x}.high>=?", (near[1], near[0]))


def enters_by_key(value: NumberValue) -> bool:
    """Whether the comparison is a short range of the index, whose rows are in order of `low`."""
    return value.prefix in ("eq", "lt", "le", "sa", "eb", "ap")
