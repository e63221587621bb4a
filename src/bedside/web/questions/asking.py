"""A question as it comes from the page: checked, and asked of one patient or of everybody's data.

The text may be a library, a single CQL expression, or a FHIRPath expression. What a reader gets back is always located
in what was typed, never in what was put around it.
"""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from bedside.fhir import definitions
from bedside.questions.cql import tree
from bedside.questions.cql.from_text import from_text
from bedside.questions.cql.parser import parse_expression, parse_library
from bedside.questions.cql.run.evidence import Evidence
from bedside.questions.cql.run.program import compile_library
from bedside.questions.cql.run.session import Session
from bedside.questions.cql.run.state import UNFILTERED
from bedside.questions.cql.typer import translate
from bedside.questions.cql.types import DataType
from bedside.questions.cql.walk import parameters_of
from bedside.questions.cql.world import Wanted, World
from bedside.questions.environment import Environment
from bedside.questions.errors import NOWHERE, ParseError, QuestionError, Span
from bedside.questions.expression import compile as compile_path
from bedside.record.libraries import Libraries, Shelf
from bedside.record.questions import RecordData, asking
from bedside.record.record import Record

Language = Literal["cql", "fhirpath"]

SECONDS = 10.0
"""How long all definitions of a question together may take on a page."""
LONGEST = 200_000
"""Characters of a question; what is longer is no page's business."""

_ANSWER = "Answer"
_STATEMENT = re.compile(
    r"(?:\s+|//[^\n]*|/\*.*?\*/)*(?:library|using|include|codesystem|valueset|code|concept|parameter|context|define|"
    r"public|private)\s+[\w\"]",
    re.DOTALL,
)
_FIRST_TYPE = re.compile(r"[\s(]*([A-Z][A-Za-z]+)")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is wrong with a text, or (a warning) worth a second look. Offsets are characters of the text."""

    sentence: str
    start: int
    end: int
    line: int
    column: int
    suggestion: str | None = None
    """What may stand at the place instead."""
    warning: bool = False
    place: str = ""
    """Another library, when the problem is in one that is included."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A parameter that a question has, as a field of a form."""

    name: str
    type: str
    default: str
    """As the author wrote it; empty when there is none."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What is known of a text before it is asked."""

    problems: tuple[Problem, ...] = ()
    parameters: tuple[Wish, ...] = ()
    library: tree.Library | None = None
    name: str | None = None

    @property
    def sound(self) -> bool:
        """Whether it can be asked."""
        return all(each.warning for each in self.problems)


@dataclass(frozen=True, slots=True)
class Result:
    """The answer of one definition: its value, or why there is none."""

    name: str
    type: DataType | None
    value: Any = None
    evidence: tuple[Evidence, ...] = ()
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a question."""

    checked: Checked
    results: tuple[Result, ...] = ()
    said: tuple[tuple[str, str, str], ...] = ()
    """What `Message` told: severity, code, text."""
    milliseconds: float = 0.0
    wrong: Mapping[str, str] = field(default_factory=dict)
    """Parameters whose value cannot be read, with the reason."""
    needs_patient: bool = False


def is_library(text: str) -> bool:
    """Whether a text has statements, and is not one expression."""
    return _STATEMENT.match(text) is not None


class Asker:
    """Checks and asks questions over one record. May be used from several threads."""

    def __init__(self, record: Record, seconds: float = SECONDS) -> None:
        self._record = record
        self._libraries = Libraries(record)
        self._seconds = seconds

    def shelf(self) -> Shelf:
        """The libraries of the record as they are now."""
        return self._libraries.current()

    def check(self, text: str, language: Language) -> Checked:
        """Everything that can be said of a text without data. Never raises for what is wrong with it."""
        if not text.strip():
            return Checked()
        if len(text) > LONGEST:
            return Checked((Problem(f"A question may have {LONGEST:,} characters, and this has more.", 0, 0, 1, 1),))
        return self._check_path(text) if language == "fhirpath" else self._check_cql(text, "Patient")

    def ask(self, text: str, language: Language, patient: str | None, given: Mapping[str, str]) -> Answer:
        """The answer for a patient (an id that is in the record), or without one of everybody's data."""
        checked = self.check(text, language)
        if not checked.sound or not text.strip():
            return Answer(checked)
        began = time.perf_counter()
        if language == "fhirpath":
            results = self._ask_path(text, patient)
            return Answer(checked, results, (), _since(began))
        if patient is None and not is_library(text):
            checked = self._check_cql(text, UNFILTERED)
        if checked.library is None:
            return Answer(checked)
        return self._ask_cql(text, checked, patient, given, began)

    # --- CQL

    def _check_cql(self, text: str, context: str) -> Checked:
        source, head = text, ""
        if not is_library(text):
            try:
                parse_expression(text)
            except ParseError as error:
                return Checked((_problem(error, text, "", text),))
            head = f"using FHIR version '4.0.1'\ncontext {context}\ndefine \"{_ANSWER}\":\n"
            source = f"{head}{text}\n"
        found = translate(source, libraries=self.shelf().source)
        problems = [_problem(each, source, head, text) for each in found.problems]
        problems += [_problem(each, source, head, text, warning=True) for each in found.warnings]
        problems.sort(key=lambda each: (bool(each.place), each.start))
        definition, _ = parse_library(source)
        return Checked(tuple(problems), _wishes(found.library), found.library, definition.name)

    def _ask_cql(
        self, text: str, checked: Checked, patient: str | None, given: Mapping[str, str], began: float
    ) -> Answer:
        library = checked.library
        assert library is not None
        head = "" if is_library(text) else library.source[: library.source.rindex(text)]
        names = [each.name for each in library.expressions.values() if each.public and each.name != each.context]
        if patient is None:
            everybody = [name for name in names if library.expressions[name].context == UNFILTERED]
            if not everybody:
                return Answer(checked, needs_patient=bool(names))
            names = everybody
        program = compile_library(library)
        said: list[tuple[str, str, str]] = []
        now = dt.datetime.now().astimezone()
        with asking(self._record) as data:
            data.terminology = terminology = self._record.terminology.current(data.session).for_questions(
                lambda sentence: said.append(("warning", "incomplete-value-set", sentence))
            )
            world = World(data, terminology, lambda: now, lambda *told: said.append(told))
            values, wrong = _values(library, given, now)
            if wrong:
                return Answer(checked, wrong=wrong)
            kind = UNFILTERED if patient is None else "Patient"
            try:
                session = program.session(
                    world, context_type=kind, context_id=patient, parameters=values, limit=self._seconds
                )
            except QuestionError as error:
                return Answer(checked, (Result("", None, problem=_problem(error, library.source, head, text)),))
            until = time.monotonic() + self._seconds
            results = tuple(_result(session, library, name, until, head, text) for name in names)
        return Answer(checked, results, tuple(said), _since(began))

    # --- FHIRPath

    def _check_path(self, text: str) -> Checked:
        try:
            compile_path(text, context_type=_type_of(text), strict=True)
        except QuestionError as error:
            error.source = error.source or text
            return Checked((_problem(error, text, "", text),))
        return Checked()

    def _ask_path(self, text: str, patient: str | None) -> tuple[Result, ...]:
        type_name = _type_of(text)
        now = dt.datetime.now().astimezone()
        with asking(self._record) as data:
            state = self._record.terminology.current(data.session)
            data.terminology = state.for_questions()
            until = time.monotonic() + self._seconds
            around = Environment(references=data, terminology=state.for_paths(), now=lambda: now, until=until)
            found: list[Any] = []
            try:
                compiled = compile_path(text, context_type=type_name, strict=True)
                for resource in _inputs(data, type_name, patient):
                    found += compiled.nodes(resource, environment=around)
                    if time.monotonic() > until:
                        raise QuestionError(f"the question takes longer than {self._seconds:g} seconds")
            except QuestionError as error:
                return (Result("", None, problem=_problem(error, text, "", text)),)
        return (Result("", None, found),)


def _inputs(data: RecordData, type_name: str, patient: str | None) -> Sequence[dict[str, Any] | None]:
    """The resources that a path is asked of: the patient, or the patient's resources of the type that it names."""
    if patient is None:
        return [None]
    if type_name == "Patient":
        return [data.resolve(f"Patient/{patient}")]
    return list(data.retrieve(Wanted(type_name, "Patient", patient)))


def _type_of(text: str) -> str:
    """The type of resource that a path begins with; Patient when it begins with none."""
    match = _FIRST_TYPE.match(text)
    return match[1] if match is not None and definitions.is_resource_type(match[1]) else "Patient"


def _result(session: Session, library: tree.Library, name: str, until: float, head: str, text: str) -> Result:
    """One definition, within what is left of the time."""
    type_ = library.expressions[name].expression.type
    session.state.effort.limit = max(until - time.monotonic(), 0.001)
    try:
        value = session.evaluate(name)
        evidence = () if value is None else tuple(session.evidence(name))
    except QuestionError as error:
        return Result(name, type_, problem=_problem(error, library.source, head, text))
    return Result(name, type_, value, evidence)


def _wishes(library: tree.Library | None) -> tuple[Wish, ...]:
    if library is None:
        return ()
    found: dict[str, Wish] = {}
    for name, each in parameters_of(library).items():
        if "." in name and name.rpartition(".")[2] in found:
            continue
        span = None if each.default is None else each.default.span
        default = "" if span is None or name not in library.parameters else library.source[span.start : span.end]
        found[name] = Wish(name, type_words(each.type), default)
    return tuple(found.values())


def _values(library: tree.Library, given: Mapping[str, str], now: dt.datetime) -> tuple[dict[str, Any], dict[str, str]]:
    """The values of parameters that were filled in, and what is wrong with those that cannot be read."""
    declared = parameters_of(library)
    between = now.utcoffset() or dt.timedelta()
    values, wrong = {}, {}
    for name, text in given.items():
        known = declared.get(name)
        if known is None or not text.strip():
            continue
        try:
            values[name] = from_text(text, known.type, int(between.total_seconds()) // 60)
        except QuestionError as error:
            wrong[name] = _sentence(error.problem)
        except (ValueError, ArithmeticError) as error:
            wrong[name] = _sentence(str(error))
    return values, wrong


def _problem(error: QuestionError, source: str, head: str, text: str, *, warning: bool = False) -> Problem:
    """An error with its place in the text that was typed."""
    sentence = f"{error.problem}; expected {error.expected}" if error.expected else error.problem
    sentence = _sentence(sentence)
    if error.source and error.source not in (source, text):
        where = f"{error.library or ''} {error.line}:{error.column}".strip()
        return Problem(sentence, 0, 0, 1, 1, None, warning, where)
    span = error.span
    if error.source == source and error.source != text:
        span = Span(max(span.start - len(head), 0), max(span.end - len(head), 0))
    start = min(span.start, len(text))
    if error.suggestion and "." in text[start : span.end] and "." not in error.suggestion:
        # FHIRPath places an unknown element at the path that leads to it; only its last name is wrong.
        start = text.rindex(".", start, span.end) + 1
    end = min(max(span.end, start), len(text))
    before = text[:start]
    line, column = before.count("\n") + 1, start - (before.rfind("\n") + 1) + 1
    suggestion = None if error.span is NOWHERE else _replacement(error.suggestion, text[start:end])
    return Problem(sentence, start, end, line, column, suggestion, warning)


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _replacement(suggestion: str | None, there: str) -> str | None:
    """A suggested name in the quotes that the place has, or needs."""
    if suggestion is None:
        return None
    if there[:1] in ('"', "`") and suggestion[:1] not in ('"', "`"):
        return f"{there[0]}{suggestion}{there[0]}"
    return suggestion


def type_words(type_: DataType) -> str:
    """A type as its author writes it: `List<Condition>`, `Interval<DateTime>`."""
    return str(type_).replace("System.", "").replace("FHIR.", "").replace("QICore.", "").replace("USCore.", "")


def _since(began: float) -> float:
    return (time.perf_counter() - began) * 1000


__all__ = ["Answer", "Asker", "Checked", "Language", "Problem", "Result", "Wish", "is_library", "type_words"]
