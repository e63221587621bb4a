"""Measures over the record: which library and period, which subjects, one after the other, and the report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bedside.api.bundles import instant
from bedside.api.questions.data import Asked
from bedside.api.questions.evaluation import bound
from bedside.api.questions.inputs import Json
from bedside.api.questions.period import Period
from bedside.api.questions.problems import failed, messages_outcome
from bedside.api.questions.questions import Questions
from bedside.fhir import dates
from bedside.fhir.outcome import NotFound, Unprocessable
from bedside.questions.cql.run.evidence import Evidence
from bedside.questions.cql.run.session import Session
from bedside.questions.errors import QuestionError
from bedside.questions.measure import definition as measures
from bedside.questions.measure.checking import check_against
from bedside.questions.measure.definition import Definition
from bedside.questions.measure.membership import SubjectResult, evaluate
from bedside.questions.measure.report import About, individual, summary
from bedside.questions.measure.tally import Tally
from bedside.record.libraries import Logic, Shelf
from bedside.record.model import Stored

Progress = Callable[[int, int | None], None]
"""Called with how many subjects are done, and how many there are, where that is known."""

MESSAGES = "http://hl7.org/fhir/StructureDefinition/cqf-messages"
MESSAGES_ID = "messages"

_MOST_KEPT = 500
_PROGRESS_EVERY = 100


@dataclass(frozen=True, slots=True)
class Ready:
    """A measure with its library and period, ready to be asked of subjects."""

    definition: Definition
    logic: Logic
    parameters: dict[str, Any]
    offset: int
    limit: float

    def session(self, asked: Asked, subject: str) -> Session:
        """A session for one subject's id; others are made from it."""
        try:
            return self.logic.program.session(
                asked.world,
                context_type=self.definition.subject_type,
                context_id=subject,
                parameters=self.parameters,
                offset=self.offset,
                limit=self.limit,
            )
        except QuestionError as error:
            raise failed(error) from None


class Answers:
    """A session as `bedside.questions.measure` asks it. `since`: evidence that is older is left out."""

    def __init__(self, session: Session, logic: Logic, since: int | None = None) -> None:
        self._session = session
        self._library = logic.program.library
        self._since = since

    def evaluate(self, name: str) -> Any:
        """The value of a definition. Raises FhirError."""
        try:
            return self._session.evaluate(name)
        except QuestionError as error:
            raise failed(error) from None

    def call(self, name: str, arguments: list[Any]) -> Any:
        """The value of a function. Raises FhirError."""
        try:
            return self._session.call(name, arguments)
        except QuestionError as error:
            raise failed(error) from None

    def evidence(self, name: str) -> Iterable[Json]:
        """The resources behind a definition, and behind those that made them count."""
        if name not in self._library.expressions:
            return ()
        return [each for each in _resources(self._session.evidence(name)) if self._is_new(each)]

    def takes(self, name: str) -> int | None:
        """Operands of a function; None for a definition."""
        if name in self._library.expressions:
            return None
        overloads = self._library.functions.get(name)
        return len(overloads[0].operands) if overloads else None

    def _is_new(self, resource: Json) -> bool:
        updated = resource.get("meta", {}).get("lastUpdated")
        return self._since is None or updated is None or dates.interval(updated)[0] >= self._since


def _resources(evidence: Iterable[Evidence]) -> Iterator[Json]:
    for each in evidence:
        yield each.resource
        yield from _resources(each.because)


def read_measure(questions: Questions, stored: Stored) -> Definition:
    """A Measure as what it asks for, kept by its id and version. Raises Unprocessable."""
    key = (stored.id, stored.version)
    found = questions.measures.get(key)
    if found is None:
        found = measures.read(stored.resource)
        if len(questions.measures) >= _MOST_KEPT:
            questions.measures.clear()
        questions.measures[key] = found
    return found


def by_canonical(questions: Questions, canonical: str) -> Definition:
    """The Measure with a canonical URL, perhaps with `|version`; the latest written of several. Raises NotFound."""
    url, _, version = canonical.partition("|")
    query = [("url", url.replace(",", "\\,")), *([("version", version)] if version else [])]
    found = questions.record.search("Measure", query).matches
    if not found:
        raise NotFound(f"There is no Measure with the canonical URL {canonical}.")
    return read_measure(questions, max(found, key=lambda each: each.seq))


def ready(
    questions: Questions, shelf: Shelf, definition: Definition, period: Period, given: Mapping[str, Sequence[Json]]
) -> Ready:
    """A measure and its library, checked against each other. Raises FhirError that tells everything that is wrong."""
    logic = shelf.by_canonical(definition.library)
    issues = check_against(definition, logic.program.library)
    if issues:
        raise Unprocessable(issues)
    library = logic.program.library
    values = {**period.parameters(library), **bound(library, given, period.offset)}
    return Ready(definition, logic, values, period.offset, questions.limit)


def of_subjects(
    measure: Ready, asked: Asked, subjects: Iterable[str], *, evidence: bool, since: int | None = None
) -> Iterator[SubjectResult]:
    """The results of subjects, one after the other: nothing of a subject is kept when the next one begins."""
    first: Session | None = None
    for id_ in subjects:
        if first is None:
            first = session = measure.session(asked, id_)
        else:
            session = first.for_context(id_)
        answers = Answers(session, measure.logic, since)
        subject = f"{measure.definition.subject_type}/{id_}"
        yield evaluate(measure.definition, answers, subject, evidence=evidence)


def individual_report(measure: Ready, asked: Asked, subject: str, about: About, since: int | None = None) -> Json:
    """The report of one subject, with what was looked at."""
    [result] = of_subjects(measure, asked, [subject], evidence=True, since=since)
    return with_messages(individual(measure.definition, result, about), asked)


def summary_report(
    measure: Ready,
    asked: Asked,
    subjects: Iterable[str],
    about: About,
    *,
    listed: bool,
    total: int | None = None,
    on_progress: Progress = lambda done, total: None,
) -> Json:
    """The report of many subjects. `listed` says who they are, too."""
    tally = Tally(measure.definition, listed=listed)
    for done, result in enumerate(of_subjects(measure, asked, subjects, evidence=False), 1):
        tally.add(result)
        if done % _PROGRESS_EVERY == 0:
            on_progress(done, total)
    on_progress(tally.subjects, total)
    return with_messages(summary(tally, about), asked)


def with_messages(report: Json, asked: Asked) -> Json:
    """A report with what was said while it was made: an OperationOutcome in it, named by the extension cqf-messages."""
    told = messages_outcome(asked.messages)
    if told is None:
        return report
    report["contained"] = [*report.get("contained", ()), {**told, "id": MESSAGES_ID}]
    report["extension"] = [
        *report.get("extension", ()),
        {"url": MESSAGES, "valueReference": {"reference": f"#{MESSAGES_ID}"}},
    ]
    return report


def about(period: Period, now: dt.datetime, **more: str | None) -> About:
    """What a report says of itself."""
    return About(period=period.texts, date=instant(now.astimezone(dt.UTC)), **more)
