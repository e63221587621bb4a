"""How something works on the body over time: functions from a moment (seconds) to a number, added together.

Every effect is a pure function. A course of disease, a drug and an operation each add their own to a `Body`.

    >>> fever = pulse(0, 8.0, rise=6, half=48)
    >>> fever(0), fever(6 * 3600), round(fever(54 * 3600), 2)
    (0.0, 8.0, 4.0)
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp, sin

from bedside.demo.clock import HOUR, YEAR

Effect = Callable[[int], float]


def constant(value: float) -> Effect:
    """The same at every moment."""
    return lambda _moment: value


def step(start: int, value: float, end: int | None = None, over: float = 1.0) -> Effect:
    """`value` between two moments, reached in `over` hours and lost in as many."""
    rise = max(over, 0.01) * HOUR

    def effect(moment: int) -> float:
        if moment <= start:
            return 0.0
        share = min(1.0, (moment - start) / rise)
        if end is not None and moment > end:
            share *= max(0.0, 1.0 - (moment - end) / rise)
        return value * share

    return effect


def ramp(start: int, end: int, value: float) -> Effect:
    """From nothing at `start` in a straight line to `value` at `end`, and there it stays."""
    length = max(1, end - start)

    def effect(moment: int) -> float:
        if moment <= start:
            return 0.0
        return value if moment >= end else value * (moment - start) / length

    return effect


def drift(start: int, per_year: float, most: float | None = None) -> Effect:
    """A slow change: so much a year, to at most `most`."""

    def effect(moment: int) -> float:
        if moment <= start:
            return 0.0
        value = per_year * (moment - start) / YEAR
        if most is not None and abs(value) > abs(most):
            return most
        return value

    return effect


def pulse(start: int, peak: float, rise: float = 12, half: float = 48) -> Effect:
    """An acute event: to `peak` in `rise` hours, then halved every `half` hours."""
    top = start + int(rise * HOUR)
    length = max(1, top - start)
    decay = 0.693147 / (half * HOUR)

    def effect(moment: int) -> float:
        if moment <= start:
            return 0.0
        if moment <= top:
            return peak * (moment - start) / length
        return peak * exp(-decay * (moment - top))

    return effect


def wave(start: int, amplitude: float, period: float, phase: float = 0.0) -> Effect:
    """A slow up and down with a period in years, as in a disease that flares."""

    def effect(moment: int) -> float:
        return 0.0 if moment <= start else amplitude * sin(6.283185 * ((moment - start) / YEAR / period + phase))

    return effect
