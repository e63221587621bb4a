"""The registry of courses, and what the cast must know of each."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from bedside.demo.chart.chart import Chart
from bedside.demo.hospital.departments import DEPARTMENTS, WARDS

Course = Callable[[Chart], None]


class Facts(NamedTuple):
    """For whom a course is: its specialty, ages at `until`, sex, and how often it is the main story."""

    specialty: str
    """The department (or section) that it belongs to."""
    ages: tuple[float, float]
    weight: int = 4
    """People per cycle of the cast (about 270) for whom this is the main story; at least one."""
    sex: str = ""
    """`male`, `female`, or empty for both."""
    ward: str = ""
    """The ward of its admission; empty: nobody is admitted for it today."""
    admitted: float = 0.0
    """The share that lies in that ward at `until`."""
    mortality: float = 0.0
    """The share that has died of it before `until`."""
    since: float = 5.0
    """Years for which the hospital has known its people, about."""
    with_others: bool = True
    """Whether common conditions of age (hypertension, diabetes, ...) may be added to it."""


class Registered(NamedTuple):
    """A course with its key and facts."""

    key: str
    facts: Facts
    play: Course


COURSES: dict[str, Registered] = {}


def course(key: str, facts: Facts) -> Callable[[Course], Course]:
    """Registers a function as the course `key`.

    Raises ValueError for a key that is taken, an unknown department or ward, or shares that are no shares.
    """
    if key in COURSES:
        raise ValueError(f"There is already a course {key!r}.")
    if facts.specialty not in DEPARTMENTS:
        raise ValueError(f"{key}: there is no department {facts.specialty!r}.")
    if facts.ward and facts.ward not in WARDS:
        raise ValueError(f"{key}: there is no ward {facts.ward!r}.")
    if not (0 <= facts.admitted + facts.mortality <= 1) or (facts.admitted and not facts.ward):
        raise ValueError(f"{key}: admitted needs a ward, and with mortality it is at most 1.")

    def register(play: Course) -> Course:
        COURSES[key] = Registered(key, facts, play)
        return play

    return register
