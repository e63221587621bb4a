"""Choosing how a search is run: which index drives, in what order it is walked, and how far.

An ordered drive (a token, a reference) yields candidates in the order of the result, so it stops when the page is
full. A set (a string, a number) must be read whole and sorted, so it is worth it when it is small. Where several could
drive, a count that stops at a few hundred decides; and among long walks the one that reaches further back in as many
rows, for it is the rarer one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bedside.record.search.conditions import Condition, Drive, Ordered, tightest_high, tightest_low
from bedside.record.search.context import Context
from bedside.record.search.sort import CLOCK, ID, SEQ, WALKABLE, Key, Order, Position
from bedside.record.search.sql import NOTHING, Sql, all_of, sql, union
from bedside.record.values import MIN

_CAP = 500
"""Counts stop here: what is smaller is read whole."""
_WALK = 4000
"""So many candidates are asked in order before a set that would answer for sure is read whole."""
_BRANCHES = 16
"""Up to so many ranges are walked side by side; more are read whole and sorted."""
_LARGE = 20_000
"""Where the second count stops, which decides how to go on after a walk in vain."""


@dataclass(frozen=True, slots=True)
class Driver:
    """Tables that yield candidates as alias `d` (with `rid` and `clock`), once each or in `distinct` branches.

    `known` names the columns that hold a key of an order; `sorted_by` is the key in whose order the rows come, with
    `rid` as the column that decides among equals. `by_rowid`: SQLite cannot enter this index in the middle of rows
    with one clock, so a walk that begins or ends there is made of several.
    """

    source: Sql
    branches: tuple[Sql, ...]
    known: dict[str, str] = field(default_factory=dict)
    sorted_by: str | None = None
    implied: Condition | None = None
    rid: str = "d.rid"
    by_rowid: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """One way to run the search. With `walk`, only so many candidates are asked, so that too few results mean that
    the next attempt must be made, unless the driver is `complete` and had no more."""

    driver: Driver
    walk: int | None = None
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Question:
    """What one leg asks, with the part of the timeline that is left: clocks in [low, high)."""

    type: int
    conditions: tuple[Condition, ...]
    low: int | None
    high: int | None

    def asked(self, driver: Driver) -> list[Condition]:
        return [c for c in self.conditions if c is not driver.implied]


def question(type_number: int, conditions: Sequence[Condition]) -> Question:
    return Question(type_number, tuple(conditions), tightest_low(conditions), tightest_high(conditions))


def within(low: int | None, high: int | None) -> Sql:
    """The bounds of a walk."""
    if low is not None and high == low + 1:
        return Sql("d.clock=?", (low,))
    return all_of(
        [
            NOTHING if low is None else Sql("d.clock>=?", (low,)),
            NOTHING if high is None else Sql("d.clock<?", (high,)),
        ]
    )


def everything(asked: Question) -> Driver:
    """All live resources of the type, newest first."""
    return Driver(
        Sql("resource d"),
        (Sql(f"d.type={asked.type} AND d.clock IS NOT NULL"),),
        {CLOCK: "d.clock", ID: "d.id", SEQ: "d.seq"},
        CLOCK,
        by_rowid=True,
    )


def _driver(asked: Question, condition: Condition, drive: Drive) -> Driver:
    if isinstance(drive, Ordered):
        if len(drive.branches) <= _BRANCHES:
            return Driver(Sql(f"{drive.table} d"), drive.branches, {CLOCK: "d.clock"}, CLOCK, condition)
        whole = sql(f"(SELECT DISTINCT d.clock, d.rid FROM {drive.table} d WHERE {{}}) d", drive.whole)
        return Driver(whole, (Sql("1=1"),), {CLOCK: "d.clock"}, None, condition)
    return Driver(
        sql("(SELECT DISTINCT rid FROM ({}) w) s CROSS JOIN resource d", drive.select),
        (Sql(f"d.rid=s.rid AND d.type={asked.type} AND d.clock IS NOT NULL"),),
        {CLOCK: "d.clock", ID: "d.id", SEQ: "d.seq"},
        None,
        condition,
    )


@dataclass(frozen=True, slots=True)
class _Source:
    driver: Driver
    sample: Sql
    """A query for the clocks of its first `_CAP` rows; for a set, of any rows."""
    whole: Sql
    """A query for all its rows."""
    ordered: bool
    cheap: bool


def _sources(asked: Question, descending: bool) -> list[_Source]:
    found = []
    bounds = within(asked.low, asked.high)
    direction = "DESC" if descending else "ASC"
    newest_first = f" ORDER BY d.clock {direction}, d.rid {direction} LIMIT {_CAP}"
    for condition in asked.conditions:
        drive = condition.drive()
        if drive is None:
            continue
        driver = _driver(asked, condition, drive)
        if isinstance(drive, Ordered):
            whole = sql(f"SELECT d.clock FROM {drive.table} d WHERE {{}}", all_of([drive.whole, bounds]))
            ordered = len(drive.branches) == 1
            sample = sql(f"SELECT clock FROM ({{}}{newest_first}) o", whole) if ordered else whole
            found.append(_Source(driver, sample, whole, driver.sorted_by == CLOCK, True))
        else:
            whole_set = sql("SELECT 0 AS clock FROM ({}) o", drive.select)
            found.append(_Source(driver, whole_set, whole_set, False, drive.cheap))
    if asked.low is not None and asked.low > MIN:
        driver = everything(asked)
        walk = sql("SELECT d.clock FROM resource d WHERE {}", all_of([*driver.branches, bounds]))
        first = sql(f"SELECT clock FROM ({{}}{newest_first}) o", walk)
        found.append(_Source(driver, first, walk, True, True))
    return found


def _measure(context: Context, queries: Sequence[Sql], cap: int, descending: bool) -> list[tuple[int, int]]:
    """For each query for clocks how many rows it has, up to the cap, and how far they reach."""
    if not queries:
        return []
    columns = f"count(*) AS found, {'min' if descending else 'max'}(clock) AS reach"
    pieces = [
        sql(f"SELECT {i} AS source, {columns} FROM (SELECT clock FROM ({{}}) m LIMIT {cap}) n", query)
        for i, query in enumerate(queries)
    ]
    return [(count, reached or 0) for _, count, reached in sorted(context.session.rows(*union(pieces, distinct=False)))]


def _rarest(sources: Sequence[_Source], measures: Sequence[tuple[int, int]], descending: bool) -> int | None:
    """The ordered source whose first rows reach furthest."""
    ordered = [i for i, s in enumerate(sources) if s.ordered]
    sign = 1 if descending else -1
    return min(ordered, key=lambda i: sign * measures[i][1], default=None)


def _smallest(sources: Sequence[_Source], measures: Sequence[tuple[int, int]]) -> Driver | None:
    """The driver with the fewest rows, when they are few enough to be read whole."""
    best = min(range(len(sources)), key=lambda i: measures[i][0], default=None)
    return sources[best].driver if best is not None and measures[best][0] < _CAP else None


def small(context: Context, asked: Question, order: Order) -> Driver | None:
    """A driver with so few rows that they may be sorted in any order, where that is worth finding out."""
    cheap = [s for s in _sources(asked, order.descending) if s.cheap]
    if len(cheap) < 2:
        return None
    return _smallest(cheap, _measure(context, [s.sample for s in cheap], _CAP, order.descending))


def attempts(context: Context, asked: Question, order: Order, position: Position | None) -> Iterator[Attempt]:
    """Ways to run the search, the most promising first; the last one always answers."""
    descending = order.descending
    sources = _sources(asked, descending)
    by_clock = order.leading in (CLOCK, None) and not (order.keys and order.keys[0].nullable)
    if by_clock and len(sources) == 1 and sources[0].ordered:
        yield Attempt(sources[0].driver)
        return
    cheap = [s for s in sources if s.cheap]
    measures = _measure(context, [s.sample for s in cheap], _CAP, descending)
    small = _smallest(cheap, measures)
    if small is not None:
        yield Attempt(small)
        return
    best = _rarest(cheap, measures, descending)
    if not by_clock:
        yield from _out_of_order(asked, order, position, sources, None if best is None else cheap[best].driver)
        return
    walk = everything(asked) if best is None else cheap[best].driver
    sets = [s for s in cheap if not s.ordered]
    if sets:
        yield Attempt(walk, _WALK)
        rivals = sets if best is None else [cheap[best], *sets]
        sizes = _measure(context, [s.whole for s in rivals], _LARGE, descending)
        yield Attempt(rivals[min(range(len(rivals)), key=lambda i: sizes[i][0])].driver)
        return
    dear = [s for s in sources if not s.cheap]
    if best is None and dear:
        yield Attempt(walk, _WALK)
        yield Attempt(dear[0].driver)
        return
    yield Attempt(walk)


def _out_of_order(
    asked: Question, order: Order, position: Position | None, sources: Sequence[_Source], rare: Driver | None
) -> Iterator[Attempt]:
    """An order that no condition's index has: walk the index of the first key, or sort all that match."""
    walk = _key_walk(asked, order.keys[0], position)
    sets = [s.driver for s in sources if not s.ordered]
    last = rare or (sets[0] if sets else None)
    if walk is not None:
        complete = not order.keys[0].nullable
        if last is None and complete:
            yield Attempt(walk)
            return
        yield Attempt(walk, None if last is None else _WALK, complete)
    yield Attempt(last or everything(asked))


def _key_walk(asked: Question, key: Key, position: Position | None) -> Driver | None:
    """The index that is in the order of a key. It leaves out what has no value, so a full page is an answer and a
    page that is not full is none, unless every resource has a value."""
    if key.column == ID:
        return everything(asked)
    if key.column == SEQ:
        return Driver(
            # The clock of what is not current is missing; a join would be planned for all versions at once.
            Sql(
                "(SELECT v.seq, v.rid, (SELECT c.clock FROM resource c WHERE c.rid=v.rid AND c.seq=v.seq) AS clock"
                f" FROM version v WHERE v.type={asked.type}) d"
            ),
            (Sql("d.clock IS NOT NULL"),),
            {SEQ: "d.seq", CLOCK: "d.clock"},
            SEQ,
        )
    parameter = key.parameter
    if parameter is None or parameter.type not in WALKABLE or len(parameter.storage) != 1:
        return None
    if position is not None and position[0] is None:
        return None
    table, column, second = WALKABLE[parameter.type]
    beats = ">" if key.descending else "<"
    return Driver(
        Sql(f"{table} s CROSS JOIN resource d"),
        (
            Sql(
                f"s.tp={parameter.storage[0]} AND d.rid=s.rid AND (SELECT 1 FROM {table} o WHERE o.rid=s.rid"
                f" AND o.tp=s.tp AND (o.{column},o.{second}){beats}(s.{column},s.{second}) LIMIT 1) IS NULL"
            ),
        ),
        {key.column: f"s.{column}", CLOCK: "d.clock", ID: "d.id", SEQ: "d.seq"},
        key.column,
        rid="s.rid",
    )
