"""The way in: a translated library becomes a `Program`, which makes sessions.

program = compile_library(library)
with_adults = program.session(world, context_id="7").evaluate("Adults")
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bedside.questions.cql import operators, tree
from bedside.questions.cql.run import (  # noqa: F401 - each enters the builders of its nodes
    casts,
    instances,
    loops,
    queries,
    references,
    retrieves,
    selectors,
)
from bedside.questions.cql.run import operators as _operators  # noqa: F401
from bedside.questions.cql.run.session import Session
from bedside.questions.cql.run.unit import Unit, unit_of
from bedside.questions.cql.world import World

operators.load_all()


class Program:
    """A compiled library. It holds no state of evaluations and may be used by several threads."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    @property
    def library(self) -> tree.Library:
        return self._unit.library

    def session(
        self,
        world: World,
        *,
        context_type: str = "Patient",
        context_id: str | None = None,
        parameters: Mapping[str, Any] | None = None,
        offset: int | None = None,
        limit: float | None = None,
    ) -> Session:
        """A session for one patient (`context_id`), or without one over all data.

        `parameters` are values by name (`Measurement Period`, or `Library.Measurement Period` for one library).
        `offset` (minutes east of UTC) is the zone of what has none, by default that of the world's clock. `limit` is
        how many seconds one call of the session may take.

        Raises EvaluationError for a parameter that is not there or of another type.
        """
        return Session(
            self._unit,
            world,
            context_type=context_type,
            context_id=context_id,
            parameters=parameters,
            offset=offset,
            limit=limit,
        )


def compile_library(library: tree.Library) -> Program:
    """The program of a translated library. Definitions are compiled when they are first needed, and then kept.

    A library that was compiled before, by its digest, is not compiled again; nor is one that several include.
    """
    return Program(unit_of(library))
