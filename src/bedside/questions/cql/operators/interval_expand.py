"""Expand: the intervals, or the points, of one size within an interval (CQL 1.5.3, appendix B, "Expand").

    Interval[@2018-01-01, @2018-01-04] per 2 days   @2018-01-01 to -02, @2018-01-03 to -04
    Interval[@T10:00, @T12:30] per hour             @T10, @T11, @T12: what is finer than the steps is cut off
    Interval[@T10, @T10] per minute                 nothing: the minutes are not known
    Interval[10, 10] per 0.1                        10.0, 10.1 ... 10.9: a number stands for all of its last digit

An interval with a boundary of null gives nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from bedside.questions.cql.operators import durations, exact, intervals, quantities, temporal
from bedside.questions.cql.operators.interval_collapse import in_order
from bedside.questions.cql.operators.registry import operator
from bedside.questions.cql.values import Interval, Long
from bedside.questions.data import MAX_ITEMS
from bedside.questions.errors import EvaluationError
from bedside.questions.temporal import calendar_unit
from bedside.questions.values import DateTime, Quantity

Piece = tuple[Any, Any]
"""First and last point of one step."""


@operator("Expand", "(List<Interval<T>>) List<Interval<T>>", clause="Intervals, Expand")
def expand(operand: Sequence[Interval | None]) -> list[Interval]:
    """`expand X`: in steps of the coarsest precision of the boundaries; null of null, nulls in the list left out."""
    return expand_per(operand, None) or []


@operator("Expand", "(List<Interval<T>>, Quantity) List<Interval<T>>", clause="Intervals, Expand", nulls=True)
def expand_per(operand: Sequence[Interval | None] | None, per: Quantity | None) -> list[Interval] | None:
    """`expand X per day`: all intervals of one step within the intervals, by their starts, each once; null of null.

    Raises EvaluationError for a step that is not positive or does not fit the points, or too many intervals.
    """
    if operand is None:
        return None
    found: dict[Piece, Interval] = {}
    for each in in_order([each for each in operand if each is not None]):
        for piece in _pieces(each, per):
            if piece not in found:
                found[piece] = intervals.closed(*piece)
                _check_size(len(found))
    return list(found.values())


@operator("Expand", "(Interval<T>) List<T>", clause="Intervals, Expand")
def expand_interval(operand: Interval) -> list[Any]:
    """`expand X` of one interval: its points in steps of the coarser precision of its boundaries; null of null."""
    return expand_interval_per(operand, None) or []


@operator("Expand", "(Interval<T>, Quantity) List<T>", clause="Intervals, Expand", nulls=True)
def expand_interval_per(operand: Interval | None, per: Quantity | None) -> list[Any] | None:
    """`expand X per day` of one interval: where each step starts; null of null. Errors as for `expand_per`."""
    if operand is None:
        return None
    found: list[Any] = []
    for first, _ in _pieces(operand, per):
        found.append(first)
        _check_size(len(found))
    return found


def _check_size(size: int) -> None:
    if size > MAX_ITEMS:
        raise EvaluationError(f"expand makes more than {MAX_ITEMS} intervals")


def _pieces(interval: Interval, per: Quantity | None) -> Iterator[Piece]:
    if per is not None and per.value <= 0:
        raise EvaluationError(f"expand cannot go in steps of {per}", expected="a positive quantity")
    if interval.low is None or interval.high is None:
        return iter(())
    low, high = intervals.start(interval), intervals.end(interval)
    if isinstance(low, temporal.Temporal):
        return _periods(interval, low, high, per)
    if isinstance(low, Quantity):
        return _quantities(interval, low, high, per)
    if per is not None and (per.unit != "1" or per.calendar):
        raise EvaluationError(f"steps of {per} do not fit numbers", expected="a step without a unit")
    digits = min(_digits(interval.low), _digits(interval.high))
    steps = _numbers(Decimal(low), Decimal(high), digits, None if per is None else per.value)
    if isinstance(low, int):
        kind = Long if isinstance(low, Long) else int
        return ((_as_kind(first, kind), _as_kind(last, kind)) for first, last in steps)
    return steps


def _digits(value: Any) -> int:
    return exact.fraction_digits(value) if isinstance(value, Decimal) else 0


def _as_kind(value: Decimal, kind: type[int]) -> int | Decimal:
    """Integers stay Integers as long as the steps are whole."""
    return value if exact.fraction_digits(value) else kind(value)


def _numbers(low: Decimal, high: Decimal, digits: int, step: Decimal | None) -> Iterator[tuple[Decimal, Decimal]]:
    """First and last number of each step, with the digits of the step. `digits`: how far the boundaries are known."""
    step = Decimal(1).scaleb(-digits) if step is None else step.normalize(exact.CONTEXT)
    unit = Decimal(1).scaleb(-exact.fraction_digits(step))
    known_to = Decimal(1).scaleb(-digits)
    first = low.quantize(unit, ROUND_FLOOR, exact.CONTEXT)
    end = high.quantize(unit, ROUND_FLOOR, exact.CONTEXT)
    if unit < known_to:
        end = exact.CONTEXT.add(end, exact.CONTEXT.subtract(known_to, unit))
    while True:
        following = exact.CONTEXT.add(first, step)
        last = exact.CONTEXT.subtract(following, unit)
        if last > end:
            return
        yield first, last.quantize(unit, context=exact.CONTEXT)
        first = following.quantize(unit, context=exact.CONTEXT)


def _quantities(interval: Interval, low: Quantity, high: Quantity, per: Quantity | None) -> Iterator[Piece]:
    """In the unit of the steps; a step without a unit counts in that of the lower boundary."""
    if per is None or (per.unit == "1" and not per.calendar):
        per = Quantity(per.value if per else Decimal(0), low.unit, low.calendar)
    numbers = quantities.value_in(low, per), quantities.value_in(high, per)
    if numbers[0] is None or numbers[1] is None:
        raise EvaluationError(f"steps of {per} do not fit quantities in {low.unit}")
    digits = min(_digits(interval.low.value), _digits(interval.high.value))
    unit, calendar = per.unit, per.calendar
    for first, last in _numbers(numbers[0], numbers[1], digits, per.value or None):
        yield Quantity(first, unit, calendar), Quantity(last, unit, calendar)


def _periods(interval: Interval, low: Any, high: Any, per: Quantity | None) -> Iterator[Piece]:
    """In steps of calendar periods; nothing when the boundaries are coarser than these."""
    if per is None:
        coarsest = min(temporal.precision_of(interval.low), temporal.precision_of(interval.high))
        per = durations.quantity_of(temporal.WORDS[coarsest])
    unit = calendar_unit(per)
    wanted = temporal.PRECISIONS["Day" if unit == "week" else unit.capitalize()]
    if min(temporal.precision_of(low), temporal.precision_of(high)) < wanted:
        return
    first, end = temporal.cut(low, wanted), temporal.cut(high, wanted)
    if isinstance(first, DateTime) and isinstance(end, DateTime) and first.offset is not None:
        end = temporal.normalized(end, first.offset)
    period = durations.quantity_of(temporal.WORDS[wanted])
    count = int(per.value) * (7 if unit == "week" else 1)
    if count < 1:
        raise EvaluationError(f"expand cannot go in steps of {per}", expected="one period or more")
    start, number = first, 0
    while True:
        number += count
        last = _later(first, period, number - 1)
        # A Time that has come round to the morning is before the one that it was counted from.
        if last is None or temporal.compare(last, start) == -1 or temporal.compare(last, end) not in (-1, 0):
            return
        yield start, last
        following = _later(first, period, number)
        if following is None or temporal.compare(following, start) != 1:
            return
        start = following


def _later(value: temporal.Temporal, period: Quantity, number: int) -> temporal.Temporal | None:
    """The value so many periods later; None after the year 9999."""
    try:
        return durations.add(value, replace(period, value=Decimal(number)))
    except EvaluationError:
        return None
