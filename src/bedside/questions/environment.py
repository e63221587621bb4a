"""What an expression may ask of the world outside the resource at hand. All of it is optional.

A question never does I/O. Whoever asks it hands in small objects that know the record, the terminology and the
profiles; what is missing makes the function that needs it fail by name.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from bedside.questions.units import UCUM_UNITS, Units


class References(Protocol):
    """Finds the resources that references point to."""

    def resolve(self, reference: str) -> dict[str, Any] | None:
        """The resource behind a literal reference or canonical (`Patient/1`), None when there is none."""


class Terminology(Protocol):
    """Knows codes. A coding has `system`, `code` and perhaps `version`; a system of None means a code on its own."""

    def member_of(self, coding: Mapping[str, Any], value_set: str) -> bool | None:
        """Whether the coding is in the value set with this canonical URL; None when that is not known."""

    def subsumes(self, general: Mapping[str, Any], special: Mapping[str, Any]) -> bool | None:
        """Whether the first coding is the second or an ancestor of it; None when that is not known."""


class Profiles(Protocol):
    """Knows profiles."""

    def conforms(self, resource: Mapping[str, Any], profile: str) -> bool | None:
        """Whether the resource conforms to the profile with this canonical URL; None for an unknown profile."""


TraceSink = Callable[[str, list[Any]], None]
"""Takes the name given to `trace()` and the items as plain values. It sees data of patients and must treat it so."""


def _local_now() -> dt.datetime:
    return dt.datetime.now().astimezone()


@dataclass(frozen=True, slots=True)
class Environment:
    """The world around one or many evaluations.

    `now` is asked at most once an evaluation, so that all parts of an expression see the same instant; it must
    have a zone (FHIRPath N1, 5.9).
    """

    references: References | None = None
    terminology: Terminology | None = None
    profiles: Profiles | None = None
    units: Units = UCUM_UNITS
    now: Callable[[], dt.datetime] = field(default=_local_now)
    trace: TraceSink | None = None
    until: float | None = None
    """When (`time.monotonic()`) an evaluation is given up with an EvaluationError; None: never."""


NOTHING = Environment()
"""An environment that offers the time and the units, and no more."""
