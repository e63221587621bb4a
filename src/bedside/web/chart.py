"""The geometry of charts: numbers to rectangles. Templates draw them as SVG, with a table behind each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 1200, 100
_LEAST = 1.5  # an interval with anything in it can be seen


@dataclass(frozen=True, slots=True)
class Rect:
    """One bar in the units of the drawing, with the words that appear when one points at it."""

    x: float
    y: float
    width: float
    height: float
    tip: str


def bars(counts: Sequence[tuple[str, int]]) -> list[Rect]:
    """Bars of equal width from a common zero, for (words, count); an empty interval has no bar."""
    most = max((count for _, count in counts), default=0)
    if not most:
        return []
    step = WIDTH / len(counts)
    found = []
    for place, (words, count) in enumerate(counts):
        if count:
            height = max(count * (HEIGHT - 2) / most, _LEAST)
            x, width = place * step + step * 0.08, step * 0.84
            found.append(Rect(round(x, 2), round(HEIGHT - height, 2), round(width, 2), round(height, 2), words))
    return found
