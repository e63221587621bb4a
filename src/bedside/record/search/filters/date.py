"""Dates (https://hl7.org/fhir/R4/search.html#date): intervals against intervals.

The search value is [low, high), a row is [tl, th). The type's main date is also every index row's clock, which lets
a walk in clock order end early; then rows need only be looked at where the clock does not settle the question.
"""

from __future__ import annotations

from collections.abc import Callable

from bedside.record.parameters import Parameter
from bedside.record.search.conditions import At, ClockBetween, Condition, Predicate, Ranged
from bedside.record.search.context import Context
from bedside.record.search.model import Match
from bedside.record.search.sql import Sql, any_of, found, one_of, sql
from bedside.record.search.sql import value as bind
from bedside.record.values import MIN, DateValue, date_value

MODIFIERS: frozenset[str] = frozenset()


def read(parameter: Parameter, modifier: str | None, text: str) -> DateValue:
    return date_value(text)


def condition(context: Context, match: Match) -> Condition:
    if context.is_clock(match.parameter):
        return _by_clock(context, match.parameter, match.values)
    predicates = tuple(compare(value, context.now) for value in match.values)
    ranges = tuple(_range(context, match.parameter, value) for value in match.values)
    return Ranged("date", match.parameter.storage, predicates, ranges)


def compare(value: DateValue, now: int) -> Predicate:
    """A row's [low, high) against a search value, by its prefix (https://hl7.org/fhir/R4/search.html#prefix)."""
    low, high = value.low, value.high
    match value.prefix:
        case "eq":
            return lambda x: Sql(f"{x}.low>=? AND {x}.low<? AND {x}.high<=?", (low, high, high))
        case "ne":
            return lambda x: Sql(f"({x}.low<? OR {x}.high>?)", (low, high))
        case "gt":
            return lambda x: Sql(f"{x}.high>?", (high,))
        case "lt":
            return lambda x: Sql(f"{x}.low<?", (low,))
        case "ge":
            return lambda x: Sql(f"({x}.low>=? OR {x}.high>?)", (low, high))
        case "le":
            return lambda x: Sql(f"{x}.low<? AND ({x}.low<? OR {x}.high<=?)", (high, low, high))
        case "sa":
            return lambda x: Sql(f"{x}.low>=?", (high,))
        case "eb":
            return lambda x: Sql(f"{x}.low<? AND {x}.high<=?", (low, low))
        case "ap":
            first, last = value.near(now)
            return lambda x: Sql(f"{x}.low<? AND {x}.high>?", (last, first))


def _least_low(context: Context, parameter: Parameter, value: DateValue) -> int | None:
    """The smallest low that a matching row may have, where rows that reach far are few."""
    match value.prefix:
        case "eq" | "sa":
            return value.low if value.prefix == "eq" else value.high
        case "gt" | "ge":
            instant = value.high if value.prefix == "gt" else value.low
        case "ap":
            instant = value.near(context.now)[0]
        case _:
            return None
    lows = [context.first_low(tp, instant) for tp in parameter.storage]
    return None if None in lows else min(low for low in lows if low is not None)


def _range(context: Context, parameter: Parameter, value: DateValue) -> Predicate:
    """The comparison with a bound on `low`, by which the index is entered."""
    compared = compare(value, context.now)
    least = _least_low(context, parameter, value) if value.prefix in ("gt", "ge", "ap") else None
    if least is None:
        return compared
    return lambda x: sql(f"{x}.low>={{}} AND {{}}", bind(least), compared(x))


def _by_clock(context: Context, parameter: Parameter, values: tuple[DateValue, ...]) -> Condition:
    lows, highs = [], []
    for value in values:
        least = _least_low(context, parameter, value)
        # Below MIN lie the resources that have no date at all.
        lows.append(MIN if least is None else least)
        highs.append(_least_high(context, value))
    rests = [_rest(context, parameter, value) for value in values]
    if len(values) == 1:
        rest = rests[0]
        return ClockBetween(lows[0], highs[0], rest)
    bounded = [ClockBetween(low, high, rest) for low, high, rest in zip(lows, highs, rests, strict=True)]

    def one(at: At) -> Sql:
        plain = At(at.rid, at.clock, at.depth)
        return any_of([Sql(f"({p.text})", p.values) for p in (b.probe(plain) for b in bounded)])

    highest = None if None in highs else max(high for high in highs if high is not None)
    return ClockBetween(min(lows), highest, one)


def _least_high(context: Context, value: DateValue) -> int | None:
    """No matching row has a low at or above this."""
    match value.prefix:
        case "lt" | "eb":
            return value.low
        case "eq" | "le":
            return value.high
        case "ap":
            return value.near(context.now)[1]
        case _:
            return None


def _rest(context: Context, parameter: Parameter, value: DateValue) -> Callable[[At], Sql] | None:
    """What must be asked of a candidate whose clock is within the bounds; None when that settles it.

    The clock is the low of the row, and there is one row.
    """
    compared = compare(value, context.now)

    def look(at: At) -> Sql:
        x = at.alias
        own = f"{x}.rid={at.rid} AND {one_of(f'{x}.tp', parameter.storage)}"
        return found(sql(f"SELECT 1 FROM date {x} WHERE {own} AND {{}}", compared(x)))

    def settled_above(at: At, instant: int) -> Sql:
        return sql(f"({at.clock}>={{}} OR {{}})", bind(instant), look(at))

    match value.prefix:
        case "lt" | "sa":
            return None
        case "gt":
            return lambda at: settled_above(at, value.high)
        case "ge":
            return lambda at: settled_above(at, value.low)
        case "le":
            return lambda at: sql(f"({at.clock}<{{}} OR {{}})", bind(value.low), look(at))
        case _:
            return look
