"""What the operations that ask questions share: the record, its libraries, and how long a question may take."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from bedside.api.messages import Reply, Request
from bedside.api.questions.libraries import Libraries
from bedside.api.service import Service, present
from bedside.api.settings import ApiSettings
from bedside.fhir.outcome import FhirError
from bedside.questions.errors import QuestionError
from bedside.questions.measure.definition import Definition
from bedside.record.record import Record


class Questions:
    """One for each server. May be used from several threads."""

    def __init__(self, record: Record, settings: ApiSettings) -> None:
        self.record = record
        self.libraries = Libraries(record)
        self.limit = float(settings.question_seconds)
        self.check = settings.check_cql
        self.measures: dict[tuple[str, str], Definition] = {}
        """Measures that were read, by id and version."""

    def stored(self, name: str, id_: str) -> dict[str, Any]:
        """A resource of the record. Raises NotFound or Gone."""
        return present(self.record.read(name, id_), name, id_).resource


def handler(
    questions: Questions, function: Callable[[Questions, Request], Reply]
) -> Callable[[Service, Request], Awaitable[Reply]]:
    """A function that answers in a thread, as the handler of an operation."""

    async def handle(service: Service, request: Request) -> Reply:
        return await service.run(_answer, questions, function, request)

    return handle


def _answer(questions: Questions, function: Callable[[Questions, Request], Reply], request: Request) -> Reply:
    from bedside.api.questions.problems import failed

    try:
        reply = function(questions, request)
        if reply.resource is not None:
            # Encoded here, in the thread: a report of many subjects is large.
            reply.content, reply.resource = reply.encoded(), None
    except QuestionError as error:
        raise failed(error) from None
    return reply


__all__ = ["FhirError", "Questions", "handler"]
