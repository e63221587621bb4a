"""Why an answer is what it is: the resources behind it, the value sets that it looked into, and the typed tree."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bedside.ask.answers import Answer
from bedside.ask.outline import outline, type_text
from bedside.ask.question import Question
from bedside.ask.words import answer as words_of
from bedside.ask.words import line
from bedside.fhir.outcome import FhirError
from bedside.questions.cql import tree
from bedside.questions.cql.run.evidence import Evidence
from bedside.questions.cql.walk import reached
from bedside.record.terminology import State
from bedside.terms.sets import ListedSet


@dataclass(frozen=True, slots=True)
class UsedValueSet:
    """A value set that a question refers to, as the record has it now.

    `size` is the number of its codes, None where they cannot be listed or the set is not known; `known` is False for a
    value set that is not in the record.
    """

    name: str
    canonical: str
    version: str | None
    size: int | None
    known: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why the definitions of a question are what they are for one subject. As text: readable, for a terminal."""

    question: Question
    answer: Answer
    evidence: dict[str, list[Evidence]]
    """By definition: the resources that made it true or that are in its list; none when it is false, null or empty."""
    value_sets: tuple[UsedValueSet, ...]
    now: dt.datetime

    def tree(self, define: str) -> str:
        """The typed tree of a definition as text: a line for each node, with its type and its line and column."""
        definition = self.question.definition(define)
        return outline(definition.expression, self.question.library.source)

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        for name, value in self.answer.items():
            type_ = type_text(self.question.definition(name).expression.type)
            yield f"{name} ({type_}): {'; '.join(words_of(value, self.now))}"
            for each in because(self.evidence[name], self.now):
                yield f"  {each}"
        if self.value_sets:
            yield "Value sets"
            for used in self.value_sets:
                yield f"  {described(used)}"
        for name in self.answer:
            yield f"Tree of {name}"
            for each in self.tree(name).split("\n"):
                yield f"  {each}"


def because(evidence: Iterable[Evidence], now: dt.datetime, depth: int = 0) -> Iterator[str]:
    """Evidence in words: each resource with its reference, what was asked for when it was found, and below it the
    resources that made it pass."""
    for each in evidence:
        found = f" by {each.retrieve}" if each.retrieve else ""
        where = f' in "{each.define}"' if each.define else ""
        yield f"{'  ' * depth}{line(each.resource, now)} [{each.reference}]{found}{where}"
        yield from because(each.because, now, depth + 1)


def described(used: UsedValueSet) -> str:
    """A value set on one line: its name, canonical, version and size."""
    version = f" version {used.version}" if used.version else ""
    if not used.known:
        return f'"{used.name}" {used.canonical}: not in the record'
    size = "codes cannot be listed" if used.size is None else f"{used.size:,} {'code' if used.size == 1 else 'codes'}"
    return f'"{used.name}" {used.canonical}{version}: {size}'


def value_sets(question: Question, names: Sequence[str], terminology: State) -> tuple[UsedValueSet, ...]:
    """The value sets that definitions use, through all that they build on, each once."""
    found: dict[str, UsedValueSet] = {}
    for home, node in reached(question.library, names):
        if not isinstance(node, tree.ValueSetRef):
            continue
        other = home if node.library is None else home.includes.get(node.library)
        known = None if other is None else other.value_sets.get(node.name)
        if known is not None and known.id not in found:
            found[known.id] = _used(known, terminology)
    return tuple(found.values())


def _used(known: tree.ValueSetDef, terminology: State) -> UsedValueSet:
    canonical = known.id if known.version is None else f"{known.id}|{known.version}"
    try:
        value_set = terminology.find(canonical)
    except FhirError:
        return UsedValueSet(known.name, known.id, known.version, None, known=False)
    version: Any = value_set.resource.get("version")
    members = value_set.members()
    size = len(members) if isinstance(members, ListedSet) else None
    return UsedValueSet(known.name, known.id, version, size, known=True)


__all__ = ["Explanation", "UsedValueSet", "because", "described", "value_sets"]
