"""Who plays what: which course is the main story of patient n, who lies in which bed today, and who has died.

Everything follows from n alone, so patient n is the same however many patients there are. The courses come round
in cycles: first each of them once (so that a small hospital already has every specialty), then again by weight.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from bedside.demo.chart.core import Bed
from bedside.demo.courses import load
from bedside.demo.courses.registry import COURSES, Registered
from bedside.demo.hospital.departments import WARDS


class Role(NamedTuple):
    """The part of one patient."""

    number: int
    course: Registered
    bed: Bed | None
    """The bed in which they lie at `until`; nobody else has it."""
    dies: bool


def cycle() -> list[str]:
    """One round of courses: each once, in order, and then interleaved by what is left of their weights."""
    load()
    seen: Counter[str] = Counter()
    ranks: dict[str, int] = {}
    for key, course in COURSES.items():
        ranks[key] = seen[course.facts.specialty]
        seen[course.facts.specialty] += 1
    keys = sorted(COURSES, key=lambda key: ranks[key])  # one course of every specialty, then the second ones, ...
    left = {key: COURSES[key].facts.weight - 1 for key in keys}
    total = sum(left.values())
    credit = dict.fromkeys(keys, 0.0)
    order = list(keys)
    for _ in range(total):
        for key in keys:
            credit[key] += left[key] / total
        best = max(keys, key=lambda key: credit[key])
        credit[best] -= 1
        order.append(best)
    return order


def _turn(share: float, k: int, phase: float) -> bool:
    """Whether number k (from 0) of a course is one of the fraction `share`: evenly spread, from `phase` (0 to 1) on."""
    return int(share * (k + 1) + phase) > int(share * k + phase)


def cast(patients: int) -> Iterator[Role]:
    """The roles of patients 1 to `patients`.

    Of the k-th person of a course the fractions admitted and dead are met as nearly as whole people allow; somebody
    for whose ward no bed is left is not admitted.
    """
    rounds = cycle()
    # Multiples of the golden ratio: each course starts elsewhere, so that small hospitals have inpatients too.
    phases = {key: 0.6180339887 * index % 1 for index, key in enumerate(COURSES)}
    played: Counter[str] = Counter()
    beds: Counter[str] = Counter()
    for number in range(1, patients + 1):
        course = COURSES[rounds[(number - 1) % len(rounds)]]
        facts = course.facts
        k = played[course.key]
        played[course.key] += 1
        bed = None
        if _turn(facts.admitted, k, phases[course.key]) and beds[facts.ward] < WARDS[facts.ward].beds:
            beds[facts.ward] += 1
            bed = Bed(facts.ward, beds[facts.ward])
        dies = bed is None and _turn(facts.mortality, k, 1 - phases[course.key])
        yield Role(number, course, bed, dies)
