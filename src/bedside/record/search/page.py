"""One page of a search: the statement that finds it, the phases it may have, and the cursor of the next."""

from __future__ import annotations

import base64
import binascii
import functools
import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace

from bedside.fhir.outcome import Invalid
from bedside.record.parameters import NO_CLOCK
from bedside.record.search.conditions import At
from bedside.record.search.context import Context
from bedside.record.search.drive import Attempt, Driver, Question, attempts, small, within
from bedside.record.search.model import Search
from bedside.record.search.sort import CLOCK, Key, Order, Position
from bedside.record.search.sql import NOTHING, Sql, all_of, join, sql

_VERSION = 1
_D = At("d.rid", "d.clock", bounded=True)


def page(context: Context, asked: Question, order: Order, position: Position | None, limit: int) -> list[Position]:
    """The first `limit` results behind a position, in order: their keys, and the rid last."""
    found: list[Position] = []
    phases = _phases(asked, order, position)
    if len(phases) > 1 and (driver := small(context, asked, order)) is not None:
        return _rows(context, statement(driver, asked, order, position, None, limit))
    for part, phase, start, absent in phases:
        rows = _first_full(context, part, phase, start, limit - len(found))
        found += [(None, *row) for row in rows] if absent else rows
        if len(found) >= limit:
            break
    return found


def _phases(
    asked: Question, order: Order, position: Position | None
) -> list[tuple[Question, Order, Position | None, bool]]:
    """An order by the main date is two walks: first what has a date, then what has none (its clock is NO_CLOCK)."""
    if order.leading != CLOCK or not order.keys[0].nullable:
        return [(asked, order, position, False)]
    first, *rest = order.keys
    dated = Order((Key(CLOCK, first.descending, False, "d.clock"), *rest), order.descending)
    undated = Order(tuple(rest), order.descending)
    found: list[tuple[Question, Order, Position | None, bool]] = []
    if position is None or position[0] is not None:
        low = NO_CLOCK + 1 if asked.low is None else max(asked.low, NO_CLOCK + 1)
        found.append((replace(asked, low=low), dated, position, False))
    if asked.low is None or asked.low <= NO_CLOCK:
        start = position[1:] if position is not None and position[0] is None else None
        found.append((replace(asked, low=NO_CLOCK, high=NO_CLOCK + 1), undated, start, True))
    return found


def _first_full(
    context: Context, asked: Question, order: Order, position: Position | None, limit: int
) -> list[Position]:
    rows: list[Position] = []
    for attempt in attempts(context, asked, order, position):
        edge = None if attempt.walk is None else _edge(context, attempt, asked, order, position)
        rows = _rows(context, statement(attempt.driver, asked, order, position, edge, limit))
        if len(rows) >= limit or (attempt.walk is not None and edge is None and attempt.complete):
            break
    return rows


def _rows(context: Context, query: Sql) -> list[Position]:
    return [tuple(row) for row in context.session.rows(*query)]


def _edge(
    context: Context, attempt: Attempt, asked: Question, order: Order, position: Position | None
) -> Position | None:
    """Where a walk of so many candidates ends; None when there are not so many."""
    assert attempt.walk is not None
    branches = attempt.driver.branches
    each = attempt.walk // len(branches)
    found: list[Position] = []
    for branch in branches:
        alone = replace(attempt.driver, branches=(branch,))
        nothing = replace(asked, conditions=())
        found += _rows(context, statement(alone, nothing, order, position, None, 1, skip=each))
    return min(found, key=functools.cmp_to_key(order.compare), default=None)


def statement(
    driver: Driver,
    asked: Question,
    order: Order,
    position: Position | None,
    edge: Position | None,
    limit: int,
    *,
    skip: int = 0,
) -> Sql:
    """The SQL that finds the first results behind a position, perhaps only as far as an edge."""
    if driver.sorted_by is not None and driver.sorted_by == order.leading:
        order = order.present()
    columns = order.columns(driver.known)
    low, high = _left(asked, order, position)
    probes = [condition.probe(_D) for condition in asked.asked(driver)]
    if driver.by_rowid and order.clock_only:
        stretches = order.stretches(position, edge)
    else:
        behind = NOTHING if position is None else order.after(position, columns, driver.rid)
        stretches = [all_of([behind, NOTHING if edge is None else order.until(edge, columns, driver.rid)])]
    names = "".join(f"{column} AS k{i}," for i, column in enumerate(columns))
    ordered = order.clause(columns, driver.rid)
    several = len(driver.branches) * len(stretches) > 1
    end = f"{ordered} LIMIT {limit + skip if several else limit}" + (f" OFFSET {skip}" if skip and not several else "")
    parts = [
        sql(
            f"SELECT {names}d.rid AS rid FROM {{}} WHERE {{}}{end}",
            driver.source,
            all_of([branch, within(low, high), stretch, *probes]),
        )
        for branch in driver.branches
        for stretch in stretches
    ]
    if not several:
        return parts[0]
    together = join(" UNION ", [Sql(f"SELECT * FROM ({p.text}) b", p.values) for p in parts])
    keys = [f"u.k{i}" for i in range(len(columns))]
    offset = f" OFFSET {skip}" if skip else ""
    return sql(f"SELECT * FROM ({{}}) u{order.clause(keys, 'u.rid')} LIMIT {limit}{offset}", together)


def _left(asked: Question, order: Order, position: Position | None) -> tuple[int | None, int | None]:
    """The clock bounds that the position does not imply, so that the index is entered where the page begins."""
    if position is None or order.leading != CLOCK:
        return asked.low, asked.high
    return (asked.low, None) if order.keys[0].descending else (None, asked.high)


def merge(pages: list[list[Position]], order: Order, limit: int) -> list[Position]:
    """Pages of several types as one."""
    together = [position for page in pages for position in page]
    return sorted(together, key=functools.cmp_to_key(order.compare))[:limit]


# --- cursors


def _identity(search: Search) -> str:
    """What a position belongs to: a cursor of another search would make no sense."""
    legs = [leg.type for leg in search.legs]
    sort = [[key.code, key.descending] for key in search.sort]
    text = json.dumps([legs if len(legs) < 10 else len(legs), sort, sorted(search.query)])
    return hashlib.blake2s(text.encode(), digest_size=6).hexdigest()


def encode_cursor(search: Search, position: Position) -> str:
    """An opaque text from which the page behind `position` can be found."""
    text = json.dumps([_VERSION, _identity(search), *position], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(search: Search, cursor: str, keys: Sequence[Key]) -> Position:
    """The position in a cursor of a search with these keys. Raises `Invalid` for one that is damaged, of another
    search, or made up."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        found = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, UnicodeError, RecursionError):
        found = None
    if not isinstance(found, list) or len(found) != len(keys) + 3 or found[0] != _VERSION:
        raise Invalid("The link to this page is damaged or of another version; start the search again.", code="value")
    if found[1] != _identity(search):
        raise Invalid("The link to this page belongs to another search; start the search again.", code="value")
    position = tuple(found[2:])
    whole = [value for value in position if isinstance(value, int)]
    fits = all(key.holds(value) for key, value in zip(keys, position, strict=False)) and type(position[-1]) is int
    if (
        not fits
        or any(abs(value) >= 1 << 63 for value in whole)
        or any("\0" in v for v in position if isinstance(v, str))
    ):
        raise Invalid("The link to this page is damaged; start the search again.", code="value")
    return position
