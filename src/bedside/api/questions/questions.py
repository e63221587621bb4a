"""What the operations that ask questions share: the record, its libraries, and how long a question may take."""

from __future__ import annotations

from collections.abc import Callable

from bedside.api.messages import Reply, Request
from bedside.api.questions.problems import failed
from bedside.api.service import present
from bedside.api.settings import ApiSettings
from bedside.questions.errors import QuestionError
from bedside.questions.measure.definition import Definition
from bedside.record.libraries import Libraries
from bedside.record.model import Stored
from bedside.record.record import Record


class Questions:
    """One for each server. May be used from several threads."""

    def __init__(self, record: Record, settings: ApiSettings) -> None:
        self.record = record
        self.libraries = Libraries(record)
        self.limit = float(settings.question_seconds)
        self.refuse = settings.check_cql == "refuse"
        self.measures: dict[tuple[str, int], Definition] = {}
        """Measures that were read, by id and version."""

    def stored(self, name: str, id_: str) -> Stored:
        """The current version of a resource. Raises NotFound or Gone."""
        return present(self.record.read(name, id_), name, id_)


def answer(questions: Questions, function: Callable[[Questions, Request], Reply], request: Request) -> Reply:
    """The reply of one operation. It is encoded here, in a thread: a report of many subjects is large."""
    try:
        reply = function(questions, request)
    except QuestionError as error:
        raise failed(error) from None
    if reply.resource is not None:
        reply.content, reply.resource = reply.encoded(), None
    return reply
