"""Running a search on a session: page, total, bodies, inclusions."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from bedside.fhir.outcome import Invalid, NotSupported
from bedside.record.model import SearchResult
from bedside.record.parameters import Registry
from bedside.record.search import total
from bedside.record.search.chain import conditions
from bedside.record.search.context import Context, Lookups
from bedside.record.search.drive import Question, question
from bedside.record.search.fetch import fetch
from bedside.record.search.include import included
from bedside.record.search.model import Leg, Search
from bedside.record.search.page import decode_cursor, encode_cursor, merge, page
from bedside.record.search.query import parse
from bedside.record.search.sort import Order, Position, order_of
from bedside.record.session import Dialect, Row, Session

if TYPE_CHECKING:
    from bedside.record.terminology.state import State


def run(
    session: Session,
    registry: Registry,
    search: Search,
    *,
    lookups: Lookups | None = None,
    terminology: Callable[[], State] | None = None,
) -> SearchResult:
    """The page that a search asks for, all of it from one state of the record.

    `lookups` are what this store's searches may remember from one to the next, `terminology` gives what codes mean to
    `:in` and its like. A search with `needs_text` wants
    `fulltext.catch_up` before it. Raises `Invalid` for a cursor that is not of this search.
    """
    with session.snapshot():
        return _run(Context(session, registry, lookups, terminology), search)


def _run(context: Context, search: Search) -> SearchResult:
    legs = _questions(context, search)
    order = order_of(context.registry, search, 0)
    position = None if search.cursor is None else decode_cursor(search, search.cursor, order.keys)
    found: list[Position] = []
    if search.count:
        found = _page(context, search, legs, position, search.count + 1)
    more = len(found) > search.count > 0
    found = found[: search.count]
    matches = [row[-1] for row in found]
    others = included(context, [_rid(m) for m in matches], search.includes) if search.includes and matches else []
    return SearchResult(
        matches=fetch(context, [_rid(m) for m in matches]),
        included=fetch(context, others),
        total=_total(context, search, legs, len(found) if position is None and search.count and not more else None),
        next=encode_cursor(search, found[-1]) if more else None,
        self_params=list(search.self_params),
        warnings=[*search.warnings, *dict.fromkeys(context.warnings)],
        summary=search.summary,
        elements=search.elements,
    )


def _rid(value: Any) -> int:
    return int(value)


def _questions(context: Context, search: Search) -> list[tuple[Order, Question]]:
    """The legs that can have results, each with its conditions compiled."""
    found = []
    for index, leg in enumerate(search.legs):
        number = context.registry.type_number(leg.type)
        if len(search.legs) > 1 and number not in context.types_present:
            continue
        asked = question(number, conditions(context, leg.type, leg.filters))
        if not any(condition.never for condition in asked.conditions):
            found.append((order_of(context.registry, search, index), asked))
    return found


def _page(
    context: Context, search: Search, legs: Sequence[tuple[Order, Question]], position: Position | None, limit: int
) -> list[Position]:
    pages = [page(context, asked, order, position, limit) for order, asked in legs]
    return pages[0] if len(pages) == 1 else merge(pages, order_of(context.registry, search, 0), limit)


def _total(context: Context, search: Search, legs: Sequence[tuple[Order, Question]], known: int | None) -> int | None:
    """The total that was asked for, or that a first page which is the last one gives for nothing."""
    if search.total == "none" and search.count:
        return None
    if known is not None:
        return known
    if search.total == "accurate" or search.count == 0:
        return sum(total.accurate(context, asked) for _, asked in legs)
    if search.total == "estimate":
        return sum(total.estimate(context, asked) for _, asked in legs)
    return None


def find_rids(
    session: Session,
    registry: Registry,
    type_name: str,
    query: str,
    *,
    limit: int | None = None,
    terminology: Callable[[], State] | None = None,
) -> list[int]:
    """The resources that a condition selects, for conditional writes and references
    (https://hl7.org/fhir/R4/http.html#ccreate).

    Sees what the session itself has written and not committed. Gives at most `limit`, or all. Raises `Invalid` for
    an empty condition and for anything in it that is no filter, unknown parameters included.
    """
    pairs = parse_qsl(query.lstrip("?"), keep_blank_values=True)
    if not pairs:
        raise Invalid("The condition is empty; it must be a search such as identifier=system|value.")
    search = parse(registry, type_name, pairs, strict=True)
    if len(search.query) != len(pairs):
        extra = next(name for name, _ in pairs if name not in {known for known, _ in search.query})
        raise Invalid(f"{extra} says nothing about which resource is meant, so it cannot be part of a condition.")
    if search.needs_text:
        raise NotSupported("_text and _content cannot be part of a condition: their index follows the writes.")
    context = Context(session, registry, terminology=terminology)
    legs = _questions(context, search)
    if not legs:
        return []
    order, asked = legs[0]
    size = 1000 if limit is None else limit
    found: list[int] = []
    position: Position | None = None
    while True:
        rows = page(context, asked, order, position, size)
        found += [_rid(row[-1]) for row in rows]
        if limit is not None or len(rows) < size:
            return found
        position = rows[-1]


class _Traced:
    """A session that writes down what it is asked."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.dialect: Dialect = session.dialect
        self.asked: list[tuple[str, Sequence[Any], int, float]] = []

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        started = time.perf_counter()
        found = self.session.rows(sql, values)
        self.asked.append((sql, values, len(found), time.perf_counter() - started))
        return found

    def run(self, sql: str, values: Sequence[Any] = ()) -> None:
        self.session.run(sql, values)

    def matching(self, table: str, columns: str, key: Sequence[str], wanted: Sequence[Row]) -> list[Row]:
        return self.session.matching(table, columns, key, wanted)

    def snapshot(self) -> Any:
        return self.session.snapshot()


def explain(
    session: Session, registry: Registry, search: Search, *, terminology: Callable[[], State] | None = None
) -> str:
    """How a search is run, for people: every statement with its values, rows, time, and the database's plan."""
    traced = _Traced(session)
    run(traced, registry, search, terminology=terminology)
    lines: list[str] = []
    for text, values, rows, seconds in traced.asked:
        lines += [text, f"  values {list(values)!r}", f"  {rows} rows in {seconds * 1e6:.0f} us"]
        prefix = "EXPLAIN QUERY PLAN " if session.dialect == "sqlite" else "EXPLAIN "
        lines += [f"  | {row[-1]}" for row in session.rows(prefix + text, values)]
    return "\n".join(lines)


__all__ = ["Leg", "explain", "find_rids", "run"]
