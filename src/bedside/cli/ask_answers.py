"""What `bedside ask` prints: answers as tables and sentences for a person, or exactly as JSON."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import typer

from bedside.ask.answers import Answer, Answers
from bedside.ask.errors import NoSubject, told
from bedside.ask.explain import Explanation, UsedValueSet, because, described
from bedside.ask.question import ANSWER, Question
from bedside.ask.values import plain
from bedside.ask.words import answer as words_of
from bedside.ask.words import line
from bedside.cli.progress import progress
from bedside.fhir import json
from bedside.questions.cql.run.evidence import Evidence

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from bedside.ask.record import OpenRecord

_WIDTH = 110
"""Of output that goes to no terminal."""
_MOST_ROWS = 50


@dataclass(frozen=True, slots=True)
class One:
    """What is asked of one patient, or of nobody in particular."""

    question: str
    patient: str | None
    define: list[str] | None
    parameters: dict[str, str]


@dataclass(frozen=True, slots=True)
class Many:
    """What is asked of many; `patients` None are all."""

    question: str
    patients: list[str] | None
    define: list[str] | None
    parameters: dict[str, str]


def console() -> Console:
    """Where answers go; as wide as the terminal, or as a page."""
    from rich.console import Console

    found = Console(highlight=False, soft_wrap=False)
    return found if found.is_terminal else Console(highlight=False, width=_WIDTH)


def one(record: OpenRecord, asked: One, *, explain: bool, as_json: bool) -> bool:
    """Ask it of one patient and print the answer. True when something failed, which it never does without raising."""
    ready = record.question(asked.question, about="Patient" if asked.patient is not None else None)
    warn(ready)
    if explain:
        explanation = record.explain(ready, patient=asked.patient, define=asked.define, parameters=asked.parameters)
        answer = explanation.answer
    else:
        names: Sequence[str] | None = asked.define or ([ANSWER] if ready.is_expression else None)
        try:
            found: Any = record.ask(ready, patient=asked.patient, define=names, parameters=asked.parameters)
        except NoSubject as error:
            hint = " Name one with --patient, or ask of --all." if asked.patient is None else ""
            raise NoSubject(f"{error}{hint}") from None
        answer, explanation = found, None
    messages(answer)
    if as_json:
        typer.echo(json.encode(_exact(answer, explanation)).decode())
        return False
    screen = console()
    if asked.patient is not None and answer.subject is not None:
        resource = record.read(answer.subject)
        if resource is not None:
            screen.print(f"{line(resource, record.now)} [{answer.subject}]", markup=False)
            screen.print()
    if ready.is_expression:
        for each in words_of(answer[ANSWER], record.now):
            screen.print(each, markup=False)
    elif explanation is None:
        put(screen, _table(answer, record))
    if explanation is not None:
        explained(screen, explanation)
    return False


def put(screen: Console, table: Table) -> None:
    """A table without the blanks that fill its last column."""
    with screen.capture() as captured:
        screen.print(table)
    for each in captured.get().rstrip("\n").split("\n"):
        typer.echo(each.rstrip())


def _table(answer: Answer, record: OpenRecord) -> Any:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, value in answer.items():
        table.add_row(Text(name), Text("\n".join(words_of(value, record.now))))
    return table


def explained(screen: Console, explanation: Explanation) -> None:
    """Why, in sections: each answer with the resources behind it, the value sets, the trees."""
    from rich.text import Text

    def put(text: str, indent: int = 0, style: str = "") -> None:
        screen.print(Text(" " * indent + text, style=style), soft_wrap=True)

    for name, value in explanation.answer.items():
        if not explanation.question.is_expression:
            put(f"{name}: {'; '.join(words_of(value, explanation.now))}", style="bold")
        lines = list(because(explanation.evidence[name], explanation.now))
        for each in lines:
            put(each, 2)
        if not lines:
            put("no resource made it so", 2, "dim")
    if explanation.value_sets:
        screen.print()
        put("Value sets", style="bold")
        for used in explanation.value_sets:
            put(described(used), 2)
    for name in explanation.answer:
        screen.print()
        put(f"Tree of {name}" if not explanation.question.is_expression else "Tree", style="bold")
        for each in explanation.tree(name).split("\n"):
            put(each, 2)


def _exact(answer: Answer, explanation: Explanation | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {"patient": answer.patient}
    if answer.error is not None:
        return {**found, "error": str(answer.error)}
    found["answers"] = {name: plain(value) for name, value in answer.items()}
    if answer.said:
        found["messages"] = [each._asdict() for each in answer.said]
    if explanation is not None:
        found["evidence"] = {name: [_evidence(each) for each in some] for name, some in explanation.evidence.items()}
        found["valueSets"] = [_value_set(each) for each in explanation.value_sets]
        found["trees"] = {name: explanation.tree(name).split("\n") for name in answer}
    return found


def _evidence(each: Evidence) -> dict[str, Any]:
    return {
        "reference": each.reference,
        "library": each.library,
        "define": each.define,
        "retrieve": each.retrieve,
        "because": [_evidence(other) for other in each.because],
    }


def _value_set(used: UsedValueSet) -> dict[str, Any]:
    return {
        "name": used.name,
        "url": used.canonical,
        "version": used.version,
        "size": used.size,
        "known": used.known,
    }


# --- many patients


@dataclass(slots=True)
class _Tally:
    """What is told of a definition when many were asked."""

    there: int = 0
    true: int = 0
    false: int = 0

    unknown: int = 0

    def add(self, value: Any) -> None:
        self.unknown += value is None
        self.true += value is True
        self.false += value is False
        self.there += value is not None and value != []

    def __str__(self) -> str:
        if self.true or self.false:
            unknown = f", unknown for {self.unknown:,}" if self.unknown else ""
            return f"yes for {self.true:,}, no for {self.false:,}{unknown}"
        return f"{self.there:,} have one" if self.there else "none"


@dataclass(slots=True)
class _Rows:
    """Those who are listed: of definitions that are named, those for whom any yes-or-no one is true, or, when none is
    of that kind, those who have any value."""

    names: list[str]
    kept: list[Answer] = field(default_factory=list)
    count: int = 0

    def add(self, answer: Answer) -> None:
        if not self.names:
            return
        values = [answer.get(name) for name in self.names]
        yes_or_no = [value for value in values if isinstance(value, bool)]
        listed = any(yes_or_no) if yes_or_no else any(value is not None and value != [] for value in values)
        if listed:
            self.count += 1
            if len(self.kept) < _MOST_ROWS:
                self.kept.append(answer)


def many(record: OpenRecord, asked: Many, as_json: bool) -> bool:
    """Ask it of many and print the answers as they come (JSON) or what they come to. True when some failed."""
    ready = record.question(asked.question)
    warn(ready)
    began = time.monotonic()
    with progress("Asking") as shown:
        answers = record.ask_all(
            ready,
            patients=asked.patients,
            define=asked.define,
            parameters=asked.parameters,
            on_error="keep",
            on_progress=lambda done, total: shown(done, total or 0),
        )
        failed = list[Answer]()
        told_of = _tell(answers, failed, asked.define or [], as_json)
    if not as_json:
        _summary(console(), record, told_of, len(failed), time.monotonic() - began)
    if failed:
        first = failed[0]
        assert first.error is not None
        typer.echo(f"{len(failed):,} could not be answered; {first.subject} for one:", err=True)
        typer.echo(told(first.error, first.error.library or ""), err=True)
    return bool(failed)


def _tell(
    answers: Answers, failed: list[Answer], named: list[str], as_json: bool
) -> tuple[int, dict[str, _Tally], _Rows]:
    tallies = {column.name: _Tally() for column in answers.columns}
    rows, count = _Rows(named), 0
    for answer in answers:
        if answer.error is not None:
            failed.append(answer)
        if as_json:
            typer.echo(json.encode(_exact(answer)).decode())
            continue
        messages(answer)
        count += 1
        if answer.error is None:
            rows.add(answer)
            for name, value in answer.items():
                tallies[name].add(value)
    return count, tallies, rows


def _summary(
    screen: Console, record: OpenRecord, told_of: tuple[int, dict[str, _Tally], _Rows], failed: int, seconds: float
) -> None:
    from rich.table import Table
    from rich.text import Text

    count, tallies, rows = told_of
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="bold")
    table.add_column()
    for name, tally in tallies.items():
        table.add_row(Text(name), Text(str(tally)))
    put(screen, table)
    if rows.kept:
        listed = Table(box=None, padding=(0, 2, 0, 0))
        listed.add_column("patient", style="bold", no_wrap=True)
        for name in rows.names:
            listed.add_column(Text(name), overflow="fold")
        for answer in rows.kept:
            cells = ["; ".join(words_of(answer[name], record.now)) for name in rows.names]
            listed.add_row(Text(str(answer.patient)), *(Text(cell) for cell in cells))
        screen.print()
        put(screen, listed)
        if rows.count > len(rows.kept):
            screen.print(f"... and {rows.count - len(rows.kept):,} more; --json gives all of them.")
    screen.print()
    left = f", {failed:,} of them without an answer" if failed else ""
    typer.echo(f"{count:,} patients asked{left} ({seconds:.1f} s).")


# --- FHIRPath


def fhirpath(
    record: OpenRecord, expression: str, patient: str | None, ids: list[str] | None, everybody: bool, as_json: bool
) -> bool:
    """The items of an expression: one on each line, or as JSON; of many patients with the patient before them."""
    if patient is not None or not (everybody or ids is not None):
        items = record.fhirpath(expression, patient=patient)
        if as_json:
            typer.echo(json.encode([plain(item) for item in items]).decode())
        else:
            _items(items, record)
        return False
    for id_, items in record.fhirpath_all(expression, patients=ids):
        if as_json:
            typer.echo(json.encode({"patient": id_, "items": [plain(item) for item in items]}).decode())
        elif items:
            typer.echo(f"{id_}\t{'; '.join(words_of(items, record.now))}")
    return False


def _items(items: list[Any], record: OpenRecord) -> None:
    if not items:
        typer.echo("none")
    for item in items:
        for each in words_of(item, record.now):
            typer.echo(each)


# --- beside the answers


def warn(question: Question) -> None:
    """Warnings of the translation, on stderr."""
    for warning in question.warnings:
        typer.echo(f"warning: {told(question.placed(warning), question.name)}", err=True)


def messages(answer: Answer) -> None:
    """What `Message` said, on stderr."""
    for said in answer.said:
        code = f" ({said.code})" if said.code else ""
        typer.echo(f"{said.severity}{code}: {said.text}", err=True)


__all__ = ["Many", "One", "console", "explained", "fhirpath", "many", "messages", "one", "warn"]
