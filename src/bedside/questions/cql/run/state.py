"""What stays the same during one session: the clock, the zone, the world, the context, and what is known already.

Operators that say `state=True` get the `State` and use `now`, `today`, `time`, `offset` and `world` of it; the rest is
the interpreter's own.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from bedside.questions.cql.world import Wanted, World
from bedside.questions.errors import EvaluationError, UnsupportedError
from bedside.questions.values import Date, DateTime, Time

UNFILTERED = "Unfiltered"
"""The context of definitions that see all data (CQL 1.5, 2.3, "Context"). `Population` is its name in CQL 1.2."""

STEPS_BETWEEN_CLOCKS = 20_000
"""How many items are visited and functions called between two looks at the clock, when run time is limited."""

MAX_ITEMS = 1_000_000
"""How many items a query may make."""

MAX_CALLS = 150
"""How deep functions may call each other; each level takes several of Python's."""


class Effort:
    """What a session may still take: time, and calls that are nested in each other. Its states share it."""

    __slots__ = ("budget", "calls", "deadline", "limit")

    def __init__(self, limit: float | None) -> None:
        self.limit = limit
        self.restart()

    def restart(self) -> None:
        """Let the time limit count from now."""
        self.calls = 0
        self.budget = STEPS_BETWEEN_CLOCKS
        self.deadline = None if self.limit is None else time.monotonic() + self.limit

    def spend(self, steps: int) -> None:
        """Count steps of work. Raises EvaluationError when the time is over."""
        self.budget -= steps
        if self.budget < 0:
            self.budget = STEPS_BETWEEN_CLOCKS
            if self.deadline is not None and time.monotonic() > self.deadline:
                raise EvaluationError(f"the question takes longer than {self.limit:g} seconds")


class State:
    """One session's state.

    `now` is the instant of the session as a DateTime to the millisecond with `offset` minutes east of UTC; `today` and
    `time` are its parts (CQL 1.5, B.15: all of them are the same throughout one evaluation). `results` holds the
    values of definitions by their compiled objects.
    """

    __slots__ = (
        "context_id",
        "context_type",
        "effort",
        "members",
        "now",
        "offset",
        "parameters",
        "passed",
        "results",
        "retrieved",
        "time",
        "today",
        "trail",
        "trails",
        "unfiltered",
        "world",
    )

    def __init__(
        self,
        world: World,
        *,
        context_type: str = UNFILTERED,
        context_id: str | None = None,
        offset: int | None = None,
        limit: float | None = None,
    ) -> None:
        self.world = world
        self.context_type = context_type
        self.context_id = context_id
        instant = world.now()
        if instant.tzinfo is None:
            raise ValueError("the world's clock needs a zone")
        if offset is not None:
            instant = instant.astimezone(dt.timezone(dt.timedelta(minutes=offset)))
        self._set_clock(instant)
        self.parameters: Mapping[Any, Any] = {}
        self.results: dict[Any, Any] = {}
        self.retrieved: dict[Any, list[Any]] = {}
        self.unfiltered: State = self
        self.members: dict[str, list[State]] = {}
        self.trail: list[Any] = []
        self.trails: dict[Any, list[Any]] = {}
        self.passed: list[Any] = []
        self.effort = Effort(limit)

    def _set_clock(self, instant: dt.datetime) -> None:
        between = instant.utcoffset()
        assert between is not None
        self.offset = int(between.total_seconds()) // 60
        second = Decimal(instant.second * 1000 + instant.microsecond // 1000).scaleb(-3)
        self.today = Date(instant.year, instant.month, instant.day)
        self.time = Time(instant.hour, instant.minute, second)
        self.now = DateTime(instant.year, instant.month, instant.day, instant.hour, instant.minute, second, self.offset)

    def of_context(self, context_type: str, context_id: str | None) -> State:
        """A state with the same clock, world, parameters and limits for another context."""
        other = object.__new__(State)
        for name in ("world", "now", "today", "time", "offset", "parameters", "effort", "unfiltered"):
            setattr(other, name, getattr(self, name))
        other.context_type, other.context_id = context_type, context_id
        other.results, other.retrieved, other.members, other.trails = {}, {}, {}, {}
        other.trail, other.passed = [], []
        return other

    def everybody(self, context_type: str) -> list[State]:
        """The states of all members of a context: every patient for `Patient`."""
        known = self.members.get(context_type)
        if known is None:
            data = self.world.data
            if data is None:
                raise UnsupportedError("there is no data here to ask for everybody")
            ids = [each["id"] for each in data.retrieve(Wanted(context_type)) if "id" in each]
            known = self.members[context_type] = [self.of_context(context_type, each) for each in ids]
        return known
