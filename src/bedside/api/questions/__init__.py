"""Questions over FHIR: CQL and measures that the record answers.

A server that nobody asks a question starts without the language: what answers is imported with the first question.
"""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from bedside.api.messages import Reply, Request
from bedside.api.operations import Level, Operation, Operations
from bedside.api.settings import ApiSettings
from bedside.fhir.outcome import Issue
from bedside.record.model import Write
from bedside.record.record import Record

if TYPE_CHECKING:
    from bedside.api.questions.questions import Questions
    from bedside.api.service import Service

__all__ = ["Asking"]

_SYSTEM: frozenset[Level] = frozenset(("system",))
_TYPE: frozenset[Level] = frozenset(("type",))
_INSTANCE: frozenset[Level] = frozenset(("instance",))
_BOTH = _TYPE | _INSTANCE
_ANY_METHOD = frozenset(("GET", "POST"))
_GET = frozenset(("GET",))


class _Row(NamedTuple):
    """One operation: its name, its definition, where it may be called, and `module.function` of this folder."""

    name: str
    definition: str
    levels: frozenset[Level]
    type: str | None
    answered_by: str
    methods: frozenset[str] = _ANY_METHOD
    media: tuple[str, ...] = ()


_CQL = "http://hl7.org/fhir/uv/cql/OperationDefinition"
_R4 = "http://hl7.org/fhir/OperationDefinition"

TABLE = (
    _Row("cql", f"{_CQL}/cql-cql", _SYSTEM, None, "cql.evaluate"),
    _Row("evaluate", f"{_CQL}/cql-library-evaluate", _BOTH, "Library", "library.evaluate"),
    _Row(
        "elm",
        "https://bedside.example/OperationDefinition/Library-elm",
        _INSTANCE,
        "Library",
        "library.elm",
        _GET,
        ("application/elm+json",),
    ),
    _Row(
        "data-requirements",
        "http://hl7.org/fhir/uv/crmi/OperationDefinition/crmi-data-requirements",
        _BOTH,
        "Library",
        "requirements.of_library",
    ),
    _Row("evaluate-measure", f"{_R4}/Measure-evaluate-measure", _BOTH, "Measure", "measure.evaluate_measure"),
    _Row("evaluate", "http://hl7.org/fhir/uv/deqm/OperationDefinition/evaluate", _TYPE, "Measure", "measure.evaluate"),
    _Row("data-requirements", f"{_R4}/Measure-data-requirements", _BOTH, "Measure", "requirements.of_measure"),
    _Row("collect-data", f"{_R4}/Measure-collect-data", _BOTH, "Measure", "exchange.collect"),
    _Row("submit-data", f"{_R4}/Measure-submit-data", _BOTH, "Measure", "exchange.submit", frozenset(("POST",))),
)


class Asking:
    """The questions of a server: its operations, and the check of Libraries before they are saved."""

    def __init__(self, record: Record, settings: ApiSettings) -> None:
        self._record = record
        self._settings = settings
        self._lock = threading.Lock()
        self._questions: Questions | None = None

    def operations(self) -> Operations:
        """$cql, and the operations of Library and Measure."""
        return Operations(
            Operation(
                row.name,
                row.definition,
                self._handler(row.answered_by),
                row.levels,
                None if row.type is None else (row.type,),
                row.methods,
                row.media,
            )
            for row in TABLE
        )

    def examine(self, writes: Sequence[Write]) -> list[Issue]:
        """What is wrong with the CQL of Libraries that are to be written. Raises Unprocessable where it is refused."""
        from bedside.api.questions.saving import examine

        return examine(self.questions(), writes)

    def questions(self) -> Questions:
        """What the operations share; made when it is first asked for."""
        with self._lock:
            if self._questions is None:
                from bedside.api.questions.questions import Questions

                self._questions = Questions(self._record, self._settings)
            return self._questions

    def _handler(self, place: str) -> Callable[[Service, Request], Awaitable[Reply]]:
        async def handle(service: Service, request: Request) -> Reply:
            return await service.run(self._answer, place, request)

        return handle

    def _answer(self, place: str, request: Request) -> Reply:
        from bedside.api.questions.questions import answer

        module, _, name = place.partition(".")
        function = getattr(import_module(f"{__name__}.{module}"), name)
        return answer(self.questions(), function, request)
