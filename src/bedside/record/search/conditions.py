"""Conditions on a candidate: each can be asked of a row at hand (`probe`), and some can name all that fulfil them
(`drive`).

A search is one condition that drives, walking an index in the order of the result, and the others probing each
candidate by an exact key. `clock_low` and `clock_high` say what a condition implies for a candidate's clock: the
ends of the walk.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from bedside.record.search.sql import Sql, all_of, among, any_of, found, negated, one_of, sql, union

_EXACT_PROBES = 8
"""Up to so many keys are probed one by one; more are looked up by the candidate's rid."""


@dataclass(frozen=True, slots=True)
class At:
    """How a candidate is named in SQL: its rid, its clock, and how deep the question is nested.

    `bounded` says that the walk already keeps to the clock bounds of the conditions.
    """

    rid: str
    clock: str
    depth: int = 0
    bounded: bool = False

    @property
    def alias(self) -> str:
        """A table alias that is free here."""
        return f"x{self.depth}"

    def inside(self, alias: str, rid: str = "rid", clock: str = "clock") -> At:
        """The candidate that a row of a nested query is."""
        return At(f"{alias}.{rid}", f"{alias}.{clock}", self.depth + 1)


@dataclass(frozen=True, slots=True)
class Ordered:
    """Index ranges, each of which holds its rows in (clock, rid) order: a table and the keys that lead into it.

    All are conditions on alias `d`; `whole` covers all ranges at once, without order.
    """

    table: str
    branches: tuple[Sql, ...]
    whole: Sql


@dataclass(frozen=True, slots=True)
class RidSet:
    """A query for rids, in no order, perhaps with duplicates.

    `cheap` when its first rows come at once; `live` when all are existing resources of the type.
    """

    select: Sql
    cheap: bool = True
    live: bool = True


Drive = Ordered | RidSet


class Condition:
    """Base of all. A subclass that is always true or never can say so, and then needs no SQL."""

    always: ClassVar[bool] = False
    never: ClassVar[bool] = False

    @property
    def clock_low(self) -> int | None:
        """No candidate below this clock can match."""
        return None

    @property
    def clock_high(self) -> int | None:
        """No candidate at or above this clock can match."""
        return None

    def probe(self, at: At) -> Sql:
        """True for a candidate that matches; empty when nothing needs to be asked."""
        raise NotImplementedError

    def drive(self) -> Drive | None:
        return None


class Always(Condition):
    always = True

    def probe(self, at: At) -> Sql:
        return Sql("1=1")


class Never(Condition):
    never = True

    def probe(self, at: At) -> Sql:
        return Sql("1=0")

    def drive(self) -> Drive:
        return RidSet(Sql("SELECT rid FROM resource WHERE 1=0"))


_KEY_COLUMNS = {"token": ("tp", "code", "sys"), "ref": ("target", "tp"), "uri": ("tp", "value")}
_MANY = {"token": "code", "ref": "target", "uri": "value"}
_OUR_OWN = frozenset(("tp",))  # columns whose values are written into the text


@dataclass(frozen=True)
class Keyed(Condition):
    """A row of `token`, `ref` or `uri` with one of these keys. The whole key of each index row is then known: its
    leading columns from here, clock and rid from the candidate."""

    table: str
    keys: tuple[tuple[Any, ...], ...]

    def _key(self, alias: str, key: tuple[Any, ...]) -> Sql:
        columns = _KEY_COLUMNS[self.table]
        texts, values = [], []
        for column, value in zip(columns, key, strict=True):
            if column in _OUR_OWN:
                texts.append(f"{alias}.{column}={value}")
            else:
                texts.append(f"{alias}.{column}=?")
                values.append(value)
        return Sql(" AND ".join(texts), tuple(values))

    def probe(self, at: At) -> Sql:
        x = at.alias
        if len(self.keys) > _EXACT_PROBES:
            # The expression keeps the planner from entering by this column, which is the start of the other index.
            many = f"{x}.target+0" if self.table == "ref" else f"({x}.{_MANY[self.table]}||'')"
            own = sql(f"SELECT 1 FROM {self.table} {x} WHERE {x}.rid={at.rid} AND {{}}", self._together(x, many))
            return found(own)
        same = f"{x}.clock={at.clock} AND {x}.rid={at.rid}"
        return any_of(
            [found(sql(f"SELECT 1 FROM {self.table} {x} WHERE {{}} AND {same}", self._key(x, k))) for k in self.keys]
        )

    def _together(self, alias: str, many: str) -> Sql:
        """All keys at once. `many` is the SQL of the column in which they differ most."""
        groups: dict[tuple[Any, ...], list[Any]] = {}
        columns = _KEY_COLUMNS[self.table]
        differs = columns.index(_MANY[self.table])
        others = [f"{alias}.{c}" for c in columns if c != _MANY[self.table]]
        for key in self.keys:
            groups.setdefault(key[:differs] + key[differs + 1 :], []).append(key[differs])
        choices = [
            all_of([*(Sql(f"{c}={v}") for c, v in zip(others, rest, strict=True)), among(many, values)])
            for rest, values in groups.items()
        ]
        return any_of([Sql(f"({c.text})", c.values) for c in choices] if len(choices) > 1 else choices)

    def drive(self) -> Drive:
        whole = self._together("d", f"d.{_MANY[self.table]}")
        return Ordered(self.table, tuple(self._key("d", key) for key in self.keys), whole)


Predicate = Callable[[str], Sql]
"""From a table alias to a condition on its row."""


@dataclass(frozen=True)
class Ranged(Condition):
    """A row of one of `tps` in `table` for which one of `predicates` holds.

    `predicates` are asked of the candidate's own rows; `ranges`, when other, are what finds them all by the
    table's key.
    """

    table: str
    tps: tuple[int, ...]
    predicates: tuple[Predicate, ...]
    ranges: tuple[Predicate, ...] = ()
    cheap: bool = True

    def probe(self, at: At) -> Sql:
        x = at.alias
        holds = any_of([p(x) for p in self.predicates])
        return found(
            sql(
                f"SELECT 1 FROM {self.table} {x} WHERE {x}.rid={at.rid} AND {one_of(f'{x}.tp', self.tps)} AND {{}}",
                holds,
            )
        )

    def drive(self) -> Drive:
        selects = [
            sql(f"SELECT y.rid FROM {self.table} y WHERE y.tp={tp} AND {{}}", predicate("y"))
            for tp in self.tps
            for predicate in self.ranges or self.predicates
        ]
        return RidSet(union(selects, distinct=False), self.cheap)


@dataclass(frozen=True)
class InSet(Condition):
    """Among the rids of an uncorrelated query."""

    select: Sql
    cheap: bool = True
    live: bool = True

    def probe(self, at: At) -> Sql:
        return sql(f"{at.rid} IN ({{}})", self.select)

    def drive(self) -> Drive:
        return RidSet(self.select, self.cheap, self.live)


@dataclass(frozen=True)
class Rids(Condition):
    """One of these resources, of whatever type and perhaps deleted."""

    rids: tuple[int, ...]

    def probe(self, at: At) -> Sql:
        return among(at.rid, self.rids)

    def drive(self) -> Drive:
        return RidSet(sql("SELECT y.rid FROM resource y WHERE {}", among("y.rid", self.rids)), live=False)


@dataclass(frozen=True)
class Probe(Condition):
    """A condition that can only be asked of a candidate."""

    ask: Callable[[At], Sql]

    def probe(self, at: At) -> Sql:
        return self.ask(at)


@dataclass(frozen=True)
class Both(Condition):
    """A condition asked of a candidate by one query and of everybody by another."""

    ask: Callable[[At], Sql]
    everybody: Drive

    def probe(self, at: At) -> Sql:
        return self.ask(at)

    def drive(self) -> Drive:
        return self.everybody


@dataclass(frozen=True)
class ClockBetween(Condition):
    """A condition on the type's main date: ends for the walk, and `rest` for what the clock alone does not tell."""

    low: int | None
    high: int | None
    rest: Callable[[At], Sql] | None

    @property
    def clock_low(self) -> int | None:
        return self.low

    @property
    def clock_high(self) -> int | None:
        return self.high

    def probe(self, at: At) -> Sql:
        pieces: list[Sql] = []
        if not at.bounded:
            if self.low is not None:
                pieces.append(Sql(f"{at.clock}>=?", (self.low,)))
            if self.high is not None:
                pieces.append(Sql(f"{at.clock}<?", (self.high,)))
        if self.rest is not None:
            pieces.append(self.rest(at))
        return all_of(pieces)


@dataclass(frozen=True)
class Not(Condition):
    condition: Condition

    def probe(self, at: At) -> Sql:
        return negated(self.condition.probe(At(at.rid, at.clock, at.depth)))


@dataclass(frozen=True)
class Every(Condition):
    """All of them."""

    conditions: tuple[Condition, ...]

    @property
    def clock_low(self) -> int | None:
        return tightest_low(self.conditions)

    @property
    def clock_high(self) -> int | None:
        return tightest_high(self.conditions)

    def probe(self, at: At) -> Sql:
        return all_of([c.probe(at) for c in self.conditions])

    def drive(self) -> Drive | None:
        """The first that can drive in order, with the others asked of each row."""
        for first in self.conditions:
            drive = first.drive()
            if isinstance(drive, Ordered):
                asked = [c.probe(At("d.rid", "d.clock")) for c in self.conditions if c is not first]
                branches = tuple(all_of([branch, *asked]) for branch in drive.branches)
                return Ordered(drive.table, branches, all_of([drive.whole, *asked]))
        return None


@dataclass(frozen=True)
class Either(Condition):
    """One of them."""

    conditions: tuple[Condition, ...]

    def probe(self, at: At) -> Sql:
        plain = At(at.rid, at.clock, at.depth)
        return any_of([Sql(f"({p.text})", p.values) for p in (c.probe(plain) for c in self.conditions)])

    def drive(self) -> Drive | None:
        drives = [c.drive() for c in self.conditions]
        ordered = [d for d in drives if isinstance(d, Ordered)]
        if len(ordered) == len(drives) and len({d.table for d in ordered}) == 1:
            whole = any_of([Sql(f"({d.whole.text})", d.whole.values) for d in ordered])
            return Ordered(ordered[0].table, tuple(b for d in ordered for b in d.branches), whole)
        selects = [as_rids(d) for d in drives if d is not None]
        if len(selects) < len(drives):
            return None
        sets = [d for d in drives if isinstance(d, RidSet)]
        return RidSet(union(selects, distinct=False), all(d.cheap for d in sets), all(d.live for d in sets))


def as_rids(drive: Drive) -> Sql:
    """What drives, as a query for rids without order."""
    if isinstance(drive, RidSet):
        return drive.select
    return sql(f"SELECT d.rid FROM {drive.table} d WHERE {{}}", drive.whole)


def tightest_low(conditions: Sequence[Condition]) -> int | None:
    return max((c.clock_low for c in conditions if c.clock_low is not None), default=None)


def tightest_high(conditions: Sequence[Condition]) -> int | None:
    return min((c.clock_high for c in conditions if c.clock_high is not None), default=None)


def every(conditions: Sequence[Condition]) -> Condition:
    """The conjunction, simplified."""
    kept = [c for c in conditions if not c.always]
    if any(c.never for c in kept):
        return Never()
    return kept[0] if len(kept) == 1 else Every(tuple(kept)) if kept else Always()


def either(conditions: Sequence[Condition]) -> Condition:
    """The disjunction, simplified."""
    kept = [c for c in conditions if not c.never]
    if any(c.always for c in kept):
        return Always()
    return kept[0] if len(kept) == 1 else Either(tuple(kept)) if kept else Never()


def not_(condition: Condition) -> Condition:
    """The negation, simplified."""
    if condition.always:
        return Never()
    return Always() if condition.never else Not(condition)


def keyed(table: str, keys: Sequence[tuple[Any, ...]]) -> Condition:
    """One of these keys, simplified."""
    return Keyed(table, tuple(dict.fromkeys(keys))) if keys else Never()
