"""One page of a search: the statement that finds it, the phases it may have, and the cursor of the next."""

from __future__ import annotations

import base64
import binascii
import functools
import hashlib
import json
from dataclasses import replace

from bedside.fhir.outcome import Invalid
from bedside.record.parameters import NO_CLOCK
from bedside.record.search.conditions import At
from bedside.record.search.context import Context
from bedside.record.search.drive import Attempt, Question, attempts, within
from bedside.record.search.model import Search
from bedside.record.search.sort import CLOCK, Key, Order, Position
from bedside.record.search.sql import Sql, all_of, join, sql

_VERSION = 1
_D = At("d.rid", "d.clock", bounded=True)


def page(context: Context, asked: Question, order: Order, position: Position | None, limit: int) -> list[Position]:
    """The first `limit` results behind a position, in order: their keys, and the rid last."""
    found: list[Position] = []
    for part, phase, start, absent in _phases(asked, order, position):
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
        found = statement(attempt, asked, order, position, limit)
        rows = [tuple(row) for row in context.session.rows(*found)]
        if len(rows) >= limit:
            break
    return rows


def statement(attempt: Attempt, asked: Question, order: Order, position: Position | None, limit: int) -> Sql:
    """The SQL of one attempt at a page."""
    driver = attempt.driver
    branches = [_branch(attempt, asked, branch, order, position, limit) for branch in driver.branches]
    if len(branches) == 1:
        return branches[0]
    names = [f"u.k{i}" for i in range(len(order.keys))]
    together = join(" UNION ", [Sql(f"SELECT * FROM ({b.text}) b", b.values) for b in branches])
    return sql(f"SELECT * FROM ({{}}) u{order.clause(names, 'u.rid')} LIMIT {limit}", together)


def _branch(attempt: Attempt, asked: Question, branch: Sql, order: Order, position: Position | None, limit: int) -> Sql:
    driver = attempt.driver
    columns = order.columns(driver.known)
    low, high = _left(asked, order, position)
    candidates = [branch, within(low, high)]
    behind = Sql("") if position is None else order.after(position, columns, "d.rid")
    probes = [condition.probe(_D) for condition in asked.asked(driver)]
    if attempt.walk is None or not any(probes):
        names = "".join(f"{column} AS k{i}," for i, column in enumerate(columns))
        return sql(
            f"SELECT {names}d.rid AS rid FROM {{}} WHERE {{}}{order.clause(columns, 'd.rid')} LIMIT {limit}",
            driver.source,
            all_of([*candidates, behind, *probes]),
        )
    names = "".join(f"{column} AS k{i}," for i, column in enumerate(columns))
    some = sql(
        f"SELECT {names}d.rid AS rid,d.clock AS clock FROM {{}} WHERE {{}}{order.clause(columns, 'd.rid')}"
        f" LIMIT {attempt.walk}",
        driver.source,
        all_of([*candidates, behind]),
    )
    keys = [f"d.k{i}" for i in range(len(columns))]
    return sql(
        f"SELECT {''.join(f'{k},' for k in keys)}d.rid FROM ({{}}) d"
        f" WHERE {{}}{order.clause(keys, 'd.rid')} LIMIT {limit}",
        some,
        all_of(probes),
    )


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


def decode_cursor(search: Search, cursor: str, keys: int) -> Position:
    """The position in a cursor with so many keys. Raises `Invalid` for one that is damaged or of another search."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        found = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, UnicodeError):
        found = None
    known = isinstance(found, list) and len(found) == keys + 3 and found[0] == _VERSION
    if not known or not isinstance(found[-1], int) or isinstance(found[-1], bool):
        raise Invalid("The link to this page is damaged or of another version; start the search again.", code="value")
    if found[1] != _identity(search):
        raise Invalid("The link to this page belongs to another search; start the search again.", code="value")
    position = tuple(found[2:])
    if any(isinstance(value, bool) or not isinstance(value, str | int | float | None) for value in position):
        raise Invalid("The link to this page is damaged; start the search again.", code="value")
    if any(isinstance(value, int) and abs(value) >= 1 << 63 for value in position):
        raise Invalid("The link to this page is damaged; start the search again.", code="value")
    return position
