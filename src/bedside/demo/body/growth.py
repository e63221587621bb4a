"""How children grow: median weight, height and head circumference by age and sex, and the spread around them.

The medians are rounded and smoothed by hand to the order of magnitude of Dutch and WHO growth charts; a child
keeps its own standard deviation score, so that its points follow one centile line.
"""

from __future__ import annotations

from bisect import bisect_right
from math import exp

_MONTHS = (0, 1, 2, 3, 4, 6, 9, 12, 15, 18, 24, 36, 48, 60, 72, 84, 96, 108, 120, 132, 144, 156, 168, 180, 192,
           204, 216, 240)  # fmt: skip
_WEIGHT = {
    "male": (3.5, 4.5, 5.6, 6.4, 7.0, 7.9, 9.0, 9.8, 10.5, 11.1, 12.3, 14.6, 16.8, 18.9, 21.2, 23.7, 26.4, 29.3,
             32.6, 36.3, 40.8, 46.3, 52.5, 58.6, 63.8, 67.9, 70.8, 74.0),
    "female": (3.4, 4.2, 5.1, 5.8, 6.4, 7.3, 8.3, 9.1, 9.8, 10.4, 11.7, 14.1, 16.4, 18.6, 20.9, 23.4, 26.2, 29.4,
               33.1, 37.4, 42.3, 47.3, 51.7, 55.2, 57.8, 59.6, 61.0, 63.0),
}  # fmt: skip
_HEIGHT = {
    "male": (50.5, 54.7, 58.4, 61.4, 63.9, 67.8, 72.3, 76.1, 79.4, 82.5, 88.0, 97.2, 104.8, 111.8, 118.3, 124.5,
             130.5, 136.2, 141.7, 147.2, 153.6, 161.0, 168.6, 174.8, 178.9, 181.3, 182.6, 183.3),
    "female": (50.0, 53.8, 57.3, 60.0, 62.3, 66.0, 70.5, 74.4, 77.8, 81.0, 86.6, 96.0, 103.8, 110.8, 117.2, 123.4,
               129.4, 135.4, 141.5, 147.9, 154.2, 159.9, 164.1, 166.9, 168.5, 169.4, 169.9, 170.4),
}  # fmt: skip
_HEAD = {
    "male": (35.0, 37.4, 39.2, 40.6, 41.7, 43.4, 45.1, 46.2, 47.0, 47.6, 48.5, 49.7, 50.4, 51.0, 51.4, 51.8, 52.2,
             52.6, 53.0, 53.4, 53.8, 54.3, 54.8, 55.3, 55.7, 56.0, 56.3, 56.5),
    "female": (34.4, 36.6, 38.3, 39.6, 40.6, 42.3, 43.9, 45.0, 45.8, 46.4, 47.4, 48.6, 49.4, 50.0, 50.5, 50.9, 51.3,
               51.7, 52.1, 52.5, 52.9, 53.3, 53.7, 54.0, 54.3, 54.5, 54.7, 54.9),
}  # fmt: skip


def _interpolate(table: tuple[float, ...], months: float) -> float:
    if months <= 0:
        return table[0]
    if months >= _MONTHS[-1]:
        return table[-1]
    i = bisect_right(_MONTHS, months)
    share = (months - _MONTHS[i - 1]) / (_MONTHS[i] - _MONTHS[i - 1])
    return table[i - 1] + share * (table[i] - table[i - 1])


def weight(sex: str, years: float, score: float) -> float:
    """Body weight in kg of a child (to 20 years) with this standard deviation score.

    Before birth (negative age: a child born early) weight follows the intra-uterine curve, about 200 g a week.
    """
    if years < 0:
        return max(0.45, _WEIGHT[sex][0] * exp(0.12 * score) + years * 365.25 / 7 * 0.2)
    spread = 0.115 if years < 6 else 0.135
    return _interpolate(_WEIGHT[sex], years * 12) * exp(spread * score)


def height(sex: str, years: float, score: float) -> float:
    """Length or height in cm of a child (to 20 years) with this standard deviation score."""
    if years < 0:
        return max(28.0, _HEIGHT[sex][0] + years * 365.25 / 7 * 1.05)
    return _interpolate(_HEIGHT[sex], years * 12) * (1 + 0.039 * score)


def head(sex: str, years: float, score: float) -> float:
    """Head circumference in cm of a child with this standard deviation score."""
    if years < 0:
        return max(21.0, _HEAD[sex][0] + years * 365.25 / 7 * 0.8)
    return _interpolate(_HEAD[sex], years * 12) * (1 + 0.03 * score)
