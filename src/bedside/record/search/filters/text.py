"""Full-text queries of `_text` and `_content` (https://hl7.org/fhir/R4/search.html#content).

What a user types is never a syntax error: words (all must occur), "quoted phrases", `-word` for what must not occur,
`OR` between alternatives, and `word*` for what begins so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from bedside.fhir.outcome import Invalid
from bedside.record.fulltext import words
from bedside.record.search.conditions import Condition, InSet, either, every, not_
from bedside.record.search.sql import Sql
from bedside.record.session import Dialect

Column = Literal["narrative", "content"]

_PIECE = re.compile(r'(-?)(?:"([^"]*)"?|(\S+))')


@dataclass(frozen=True, slots=True)
class Term:
    """Words that follow one another; `prefix` when the last may go on."""

    words: tuple[str, ...]
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """One alternative: everything in `wanted` occurs, nothing in `unwanted`."""

    wanted: tuple[Term, ...]
    unwanted: tuple[Term, ...]


Query = tuple[Group, ...]


def parse_query(text: str) -> Query:
    """What a user typed. Raises `Invalid` (code `value`) only when there is no word in it."""
    groups: list[tuple[list[Term], list[Term]]] = [([], [])]
    for minus, phrase, plain in _PIECE.findall(text):
        if plain == "OR" and not minus:
            groups.append(([], []))
            continue
        if plain == "AND" and not minus:
            continue
        cut = tuple(words(phrase or plain))
        if cut:
            groups[-1][1 if minus else 0].append(Term(cut, plain.endswith("*")))
    found = tuple(Group(tuple(wanted), tuple(unwanted)) for wanted, unwanted in groups if wanted or unwanted)
    if not found:
        raise Invalid(f"{text!r} has no word to look for.", code="value")
    return found


def condition(dialect: Dialect, column: Column, query: Query) -> Condition:
    """The condition that a resource's text answers a query."""
    return either([_group(dialect, column, group) for group in query])


def _group(dialect: Dialect, column: Column, group: Group) -> Condition:
    if group.wanted:
        return _matches(dialect, column, group)
    # Nothing to look up: all but those with an unwanted word.
    return every([not_(_matches(dialect, column, Group((term,), ()))) for term in group.unwanted])


def _matches(dialect: Dialect, column: Column, group: Group) -> Condition:
    if dialect == "sqlite":
        wanted = " AND ".join(_fts5(term) for term in group.wanted)
        unwanted = "".join(f" NOT {_fts5(term)}" for term in group.unwanted)
        ask = f"{column} : (({wanted}){unwanted})"
        return InSet(Sql("SELECT f.rowid AS rid FROM fulltext f WHERE fulltext MATCH ?", (ask,)), live=False)
    ask = " & ".join([*(_tsquery(t) for t in group.wanted), *(f"!{_tsquery(t)}" for t in group.unwanted)])
    return InSet(Sql(f"SELECT f.rid FROM fulltext f WHERE f.{column} @@ CAST(? AS tsquery)", (ask,)), live=False)


def _fts5(term: Term) -> str:
    return f'"{" ".join(term.words)}"' + (" *" if term.prefix else "")


def _tsquery(term: Term) -> str:
    *first, last = term.words
    return "(" + " <-> ".join([*(f"'{w}'" for w in first), f"'{last}'" + (":*" if term.prefix else "")]) + ")"
