"""What a question may ask of the world: data and terminology. Whoever asks the question hands these in.

Nothing in this room does I/O. All of it is optional; a question that needs what is missing fails by name.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

Resource = dict[str, Any]
CodeKey = tuple[str | None, str]
"""System and code."""


@dataclass(frozen=True, slots=True)
class DateRange:
    """Instants of UTC, in microseconds since 1970, both included; None is open."""

    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a retrieve asks for.

    `context_type` and `context_id` bound it to one patient (or practitioner, ...); None asks of everybody.
    `code_path` is the element that `codes` are compared with (`code`, `medication`, `type`); `codes` are keys of which
    one must be there, or `value_set` a canonical URL (perhaps with `|version`). Ids (`code_path` "id") come as codes
    without system. `date_path` and `date_range` bound an element in time; who answers may ignore them, for the question
    filters once more.
    """

    resource_type: str
    context_type: str | None = None
    context_id: str | None = None
    profile: str | None = None
    code_path: str | None = None
    codes: frozenset[CodeKey] | None = None
    value_set: str | None = None
    date_path: str | None = None
    date_range: DateRange | None = None


class Data(Protocol):
    """The resources that there are."""

    def retrieve(self, wanted: Wanted) -> Iterable[Resource]:
        """All resources that may fit; those that do not fit the codes must be left out, others may."""

    def resolve(self, reference: str) -> Resource | None:
        """The resource behind a literal reference (`Patient/1`), None when there is none."""


class MemberSet(Protocol):
    """The codes of an expanded value set."""

    def __contains__(self, key: object) -> bool:
        """Whether (system, code) is a member, in well under a microsecond."""

    def has_code(self, code: str) -> bool:
        """Whether the code is a member under any system. An ambiguous one raises LookupError."""

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        """The members as codings: `system`, `code`, `display`, `version`."""

    def __len__(self) -> int: ...


class Terminology(Protocol):
    """Knows value sets and code systems."""

    def value_set(self, canonical: str, code_systems: Collection[str] = ()) -> MemberSet | None:
        """The expansion of a value set (`url` or `url|version`), None for an unknown one. Cached by the answerer."""

    def in_code_system(self, code: str, canonical: str) -> bool | None:
        """Whether the system has the code; None when the system is not known."""

    def subsumes(self, system: str, general: str, special: str) -> bool | None:
        """Whether a code is the other or an ancestor of it; None when that is not known."""


def _now() -> dt.datetime:
    return dt.datetime.now().astimezone()


@dataclass(slots=True)
class World:
    """Everything around one or many evaluations. `now` must have a zone: it is also the zone of what has none."""

    data: Data | None = None
    terminology: Terminology | None = None
    now: Callable[[], dt.datetime] = field(default=_now)
    message: Callable[[str, str, str], None] | None = None
    """Takes severity, code and text of `Message`. It sees data of patients and must treat it so."""
