"""A record as a data scientist has it: `bedside.open(...)`, and then questions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, overload

from bedside.ask import parameters, paths
from bedside.ask.answers import Answer, Answers, Column, Progress, Said
from bedside.ask.errors import NoRecord, NoSubject
from bedside.ask.explain import Explanation, value_sets
from bedside.ask.question import ANSWER, Question, Sources, read_question
from bedside.ask.values import exact
from bedside.questions.cql.run.evidence import Evidence
from bedside.questions.cql.run.session import Session
from bedside.questions.cql.run.state import UNFILTERED
from bedside.questions.cql.world import World
from bedside.questions.errors import QuestionError
from bedside.record.errors import StoreBroken
from bedside.record.libraries import Libraries, cql_of
from bedside.record.questions import RecordData, asking
from bedside.record.questions_subjects import count, everybody
from bedside.record.record import Record, open_record
from bedside.web.zone import local_zone

Defines = str | Sequence[str] | None
Parameters = Mapping[str, Any]
OnError = Literal["raise", "keep"]

_NOTHING: Parameters = {}
_PROGRESS_EVERY = 25
SECONDS = 30.0
"""How long one definition may take for one patient, unless the caller says otherwise."""


def open(place: str | Path = "data/record", *, now: dt.datetime | None = None) -> OpenRecord:
    """Open a record to ask it: a directory, or the address of a PostgreSQL database (`postgresql://...`).

    Nothing is ever written: a directory is opened for reading, beside a server that may be at work on it. `now` is
    what questions take for the present; by default it is the clock of this machine.

    Raises NoRecord when there is none at the place, or it cannot be read.
    """
    try:
        return OpenRecord(open_record(place, read_only=True), now=now)
    except StoreBroken as error:
        raise NoRecord("; ".join(issue.message for issue in error.issues)) from None


class OpenRecord:
    """A record that is open for questions. Close it when done, or use it with `with`.

    Values come back exact (see `bedside.ask.values`); resources are dicts, not to be changed.
    """

    def __init__(self, record: Record, *, now: dt.datetime | None = None) -> None:
        if now is not None and now.tzinfo is None:
            now = now.replace(tzinfo=local_zone())
        self._record = record
        self._libraries = Libraries(record)
        self._fixed = now

    def close(self) -> None:
        """Close the record. May be called twice."""
        self._record.close()

    def __enter__(self) -> OpenRecord:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def now(self) -> dt.datetime:
        """What questions take for the present."""
        return self._fixed if self._fixed is not None else dt.datetime.now(local_zone())

    @property
    def patients(self) -> int:
        """How many patients there are."""
        return count(self._record.store.reader(), self._record.registry)

    # --- questions

    def question(
        self, given: str | Path | Question, *, about: str | None = "Patient", folder: Path | None = None
    ) -> Question:
        """A question made ready once, to be asked often: a `.cql` file, a text of CQL, an expression, the canonical URL
        of a Library of the record, or `Library/id`. An expression is about one `Patient`, or with None about all data.

        Libraries that it includes are looked for beside the file (or in `folder`), then in the record.

        Raises BadQuestion with every error of the text, each with line, column and caret.
        """
        if isinstance(given, Question):
            return given
        return read_question(given, self._libraries.current(), self._stored, about=about, folder=folder)

    def sources(self, folder: Path | None = None) -> Sources:
        """Where included libraries come from: the files of a folder, then the record."""
        return Sources(folder, self._libraries.current())

    @overload
    def ask(
        self,
        question: str | Path | Question,
        *,
        patient: str | None = ...,
        define: Sequence[str],
        parameters: Parameters = ...,
        limit: float = ...,
    ) -> Answer: ...
    @overload
    def ask(
        self,
        question: str | Path | Question,
        *,
        patient: str | None = ...,
        define: str | None = ...,
        parameters: Parameters = ...,
        limit: float = ...,
    ) -> Any: ...
    def ask(
        self,
        question: str | Path | Question,
        *,
        patient: str | None = None,
        define: Defines = None,
        parameters: Parameters = _NOTHING,
        limit: float = SECONDS,
    ) -> Any:
        """The answer for one patient (an id, or a reference such as `Practitioner/7`), or of a question about all data.

            record.ask("diabetes.cql", patient="123", define="Poorly controlled")    # True
            record.ask("diabetes.cql", patient="123")                                # Answer, a mapping by definition
            record.ask("Count([Encounter])", patient="123")                          # 4

        One value for one `define` and for an expression; else an Answer with the definitions named, or all public ones.
        `parameters` are Python values, or text as on the command line. `limit` is in seconds for each definition.

        Raises BadQuestion, NoSubject, AskError, and EvaluationError when the data does not fit the question.
        """
        ready = self.question(question, about="Patient" if patient is not None else None)
        names = _names(ready, define, with_subject=patient is not None)
        with self._asking(ready, names, patient, parameters, limit) as asked:
            answer = _answer(asked, names)
        if ready.is_expression and define is None:
            return answer[ANSWER]
        return answer[define] if isinstance(define, str) else answer

    def ask_all(
        self,
        question: str | Path | Question,
        *,
        patients: Iterable[str] | None = None,
        define: Defines = None,
        parameters: Parameters = _NOTHING,
        limit: float = SECONDS,
        on_error: OnError = "raise",
        on_progress: Progress | None = None,
    ) -> Answers:
        """The answers for all patients, or for those whose ids are given, as a stream that needs little memory.

            record.ask_all("diabetes.cql", define="Poorly controlled").count("Poorly controlled")
            record.ask_all("diabetes.cql").to_pandas()

        With `on_error="keep"` a patient on whose data the question fails has an Answer with `error`; otherwise the
        error is raised. `on_progress` gets how many are done, and how many there are.
        """
        ready = self.question(question)
        names = _names(ready, define, with_subject=True)
        ready.context_of(names)
        given = None if patients is None else [_subject(each)[1] for each in patients]
        columns = tuple(Column(name, ready.definition(name).expression.type) for name in names)

        def ask() -> Iterator[Answer]:
            return self._stream(ready, names, given, parameters, limit, on_error, on_progress)

        return Answers(columns, ask)

    def evidence(
        self,
        question: str | Path | Question,
        *,
        patient: str,
        define: str | None = None,
        parameters: Parameters = _NOTHING,
        limit: float = SECONDS,
    ) -> list[Evidence]:
        """The resources that made a definition (or an expression) true, or that are in its list; each with the retrieve
        that found it, and `because`: the resources that made it pass. None when it is false, null or empty."""
        ready = self.question(question)
        name = define if define is not None else _names(ready, None, with_subject=True)[-1]
        with self._asking(ready, [name], patient, parameters, limit) as asked:
            return asked.session.evidence(name)

    def explain(
        self,
        question: str | Path | Question,
        *,
        patient: str | None = None,
        define: Defines = None,
        parameters: Parameters = _NOTHING,
        limit: float = SECONDS,
    ) -> Explanation:
        """Why: the answers with the resources behind each, the value sets used, and the typed tree. `print` it."""
        ready = self.question(question, about="Patient" if patient is not None else None)
        names = _names(ready, define, with_subject=patient is not None)
        with self._asking(ready, names, patient, parameters, limit) as asked:
            answer = _answer(asked, names)
            evidence = {name: asked.session.evidence(name) for name in names}
            state = self._record.terminology.current(asked.data.session)
            used = value_sets(ready, names, state)
        return Explanation(ready, answer, evidence, used, asked.now)

    # --- FHIRPath, and the record itself

    def fhirpath(
        self, expression: str, *, patient: str | None = None, of: str | Mapping[str, Any] | None = None
    ) -> list[Any]:
        """The items that a FHIRPath expression gives, exact: of a patient, or of another resource (`of`, a reference
        such as `Observation/7` or a dict), or of nothing.

            record.fhirpath("Patient.name.given", patient="123")
            record.fhirpath("Observation.value.ofType(Quantity).value", patient="123")

        An expression that begins with another type of resource is asked of each such resource of the patient.
        Raises BadQuestion for what cannot be right for the type, NoSubject, EvaluationError.
        """
        with asking(self._record) as data:
            state = self._record.terminology.current(data.session)
            data.terminology = state.for_questions()
            environment = paths.environment(data, state.for_paths(), self.now)
            if patient is not None:
                self._require(data, patient)
                return paths.of_patient(expression, data, _subject(patient), environment)
            if isinstance(of, str):
                found = data.resolve(of)
                if found is None:
                    raise NoSubject(f"There is no {of} in the record.")
                of = found
            return paths.of_resource(expression, of, environment)

    def fhirpath_all(
        self, expression: str, *, patients: Iterable[str] | None = None
    ) -> Iterator[tuple[str, list[Any]]]:
        """Id and items of all patients, or of those whose ids are given, one after the other. Raises as `fhirpath`."""
        with asking(self._record) as data:
            state = self._record.terminology.current(data.session)
            data.terminology = state.for_questions()
            environment = paths.environment(data, state.for_paths(), self.now)
            for each in patients if patients is not None else everybody(data.session, self._record.registry):
                subject = _subject(each)
                yield subject[1], paths.of_patient(expression, data, subject, environment)

    def read(self, type_name: str, id_: str | None = None) -> dict[str, Any] | None:
        """The current version of a resource as a dict; None when there is none. `read("Patient", "1")` or
        `read("Patient/1")`. Raises KeyError for a type that R4 does not have."""
        if id_ is None:
            type_name, _, id_ = type_name.partition("/")
        stored = self._record.read(type_name, id_)
        return None if stored is None or stored.deleted else stored.resource

    def search(self, type_name: str, **criteria: Any) -> Iterator[dict[str, Any]]:
        """The resources that a FHIR search finds, as dicts, page after page.

            record.search("Observation", patient="1", code="http://loinc.org|59261-8", _sort="-date")

        A parameter with a modifier or chain goes into a dict: `**{"code:in": url, "subject:Patient.name": "Ada"}`;
        several values of one parameter, all of which must hold, are a list. Raises FhirError for a search that is not
        understood.
        """
        query = [
            (name, str(value))
            for name, some in criteria.items()
            for value in (some if isinstance(some, list | tuple) else [some])
        ]
        cursor: str | None = None
        while True:
            page = [*query, ("_page", cursor)] if cursor is not None else query
            found = self._record.search(type_name, page, strict=True)
            yield from (each.resource for each in found.matches)
            cursor = found.next
            if cursor is None:
                return

    # --- inside

    def _stored(self, id_: str) -> str | None:
        stored = self._record.read("Library", id_)
        return None if stored is None or stored.deleted else cql_of(stored.resource) or ""

    @contextmanager
    def _asking(
        self, question: Question, names: Sequence[str], subject: str | None, given: Parameters, limit: float
    ) -> Iterator[_Asked]:
        """A session for one subject, or for all data; errors in it get their place in the author's text."""
        context = question.context_of(names)
        if context != UNFILTERED and subject is None:
            about = next(name for name in names if question.definition(name).context == context)
            what = "The expression" if about == ANSWER else repr(about)
            raise NoSubject(f"{what} is about one {context}, and none is named.")
        if subject is not None and context not in (UNFILTERED, _subject(subject)[0]):
            raise NoSubject(f"The question is about one {context}, and {subject} is none.")
        with self._world() as (data, world, said):
            if subject is not None:
                self._require(data, subject)
            kind, id_ = _subject(subject) if subject is not None else (UNFILTERED, None)
            try:
                now = world.now()
                values = parameters.bound(question.library, given, _minutes(now))
                session = question.program.session(
                    world, context_type=kind, context_id=id_, parameters=values, limit=limit
                )
                yield _Asked(session, data, None if id_ is None else f"{kind}/{id_}", said, now)
            except QuestionError as error:
                raise question.placed(error) from None

    @contextmanager
    def _world(self) -> Iterator[tuple[RecordData, World, list[Said]]]:
        said: list[Said] = []
        now = self.now
        with asking(self._record) as data:
            terminology = self._record.terminology.current(data.session).for_questions(
                lambda sentence: said.append(Said("warning", "incomplete-value-set", sentence))
            )
            data.terminology = terminology
            yield data, World(data, terminology, lambda: now, lambda *told: said.append(Said(*told))), said

    def _stream(
        self,
        question: Question,
        names: Sequence[str],
        given: Sequence[str] | None,
        with_parameters: Parameters,
        limit: float,
        on_error: OnError,
        on_progress: Progress | None,
    ) -> Iterator[Answer]:
        kind = question.context_of(names)
        kind = "Patient" if kind == UNFILTERED else kind
        with self._world() as (data, world, said):
            registry = self._record.registry
            total = len(given) if given is not None else count(data.session, registry, kind)
            values = parameters.bound(question.library, with_parameters, _minutes(world.now()))
            session: Session | None = None
            ids = given if given is not None else everybody(data.session, registry, kind)
            for done, id_ in enumerate(ids, 1):
                if given is not None:
                    self._require(data, f"{kind}/{id_}")
                if session is None:
                    session = question.program.session(
                        world, context_type=kind, context_id=id_, parameters=values, limit=limit
                    )
                else:
                    session = session.for_context(id_)
                said.clear()
                asked = _Asked(session, data, f"{kind}/{id_}", said, world.now())
                try:
                    answer = _answer(asked, names)
                except QuestionError as error:
                    error = question.placed(error)
                    if on_error == "raise":
                        error.add_note(f"asked of {kind}/{id_}")
                        raise error from None
                    answer = Answer(asked.subject, {}, tuple(said), error)
                if on_progress is not None and (done % _PROGRESS_EVERY == 0 or done == total):
                    on_progress(done, total)
                yield answer

    def _require(self, data: RecordData, subject: str) -> None:
        reference = "/".join(_subject(subject))
        if data.resolve(reference) is None:
            raise NoSubject(f"There is no {reference} in the record.")


class _Asked:
    """One session while it is open."""

    def __init__(
        self, session: Session, data: RecordData, subject: str | None, said: list[Said], now: dt.datetime
    ) -> None:
        self.session, self.data, self.subject, self.said, self.now = session, data, subject, said, now


def _answer(asked: _Asked, names: Sequence[str]) -> Answer:
    values = {name: exact(asked.session.evaluate(name)) for name in names}
    return Answer(asked.subject, values, tuple(asked.said))


def _names(question: Question, define: Defines, *, with_subject: bool) -> list[str]:
    """The definitions that are meant: those that are named, else all that are public and can be answered."""
    if isinstance(define, str):
        define = [define]
    if define is not None:
        for name in define:
            question.definition(name)
        return list(dict.fromkeys(define))
    names = question.defines
    if with_subject:
        return list(names)
    unfiltered = [name for name in names if question.definition(name).context == UNFILTERED]
    return unfiltered or list(names)


def _subject(text: str) -> tuple[str, str]:
    """Type and id of `Patient/1` or of the id alone."""
    kind, slash, id_ = text.strip().rstrip("/").rpartition("/")
    return (kind.rpartition("/")[2], id_) if slash else ("Patient", id_)


def _minutes(moment: dt.datetime) -> int:
    between = moment.utcoffset()
    assert between is not None
    return int(between.total_seconds()) // 60


__all__ = ["OpenRecord", "open"]
