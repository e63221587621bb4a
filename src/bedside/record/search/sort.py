"""The order of results (https://hl7.org/fhir/R4/search.html#sort) and where in it a page begins.

Keys are compared left to right; what has no value for a key comes last in either direction. The rid decides what is
left, so the order is total and a page can begin exactly behind the last resource of the one before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bedside.record.parameters import NO_CLOCK, Parameter, Registry
from bedside.record.search.model import Search, SortKey
from bedside.record.search.sql import Sql, all_of, any_of, one_of

KeyValue = str | int | float | None
Position = tuple[KeyValue, ...]
"""The keys of a result, and its rid at the end."""

CLOCK, SEQ, ID = "clock", "seq", "id"
_UNIQUE = frozenset((SEQ, ID))


@dataclass(frozen=True, slots=True)
class Key:
    """One key. `column` is CLOCK, SEQ, ID or the code of a parameter; `expression` gives it for a candidate `d`."""

    column: str
    descending: bool
    nullable: bool
    expression: str
    parameter: Parameter | None = None

    def holds(self, value: object) -> bool:
        """Whether this can be a value of the key."""
        if value is None:
            return self.nullable
        if self.parameter is None:
            return type(value) is (str if self.column == ID else int)
        match self.parameter.type:
            case "date":
                return type(value) is int
            case "number" | "quantity":
                return type(value) in (int, float)
            case _:
                return type(value) is str


@dataclass(frozen=True, slots=True)
class Order:
    """The keys for one resource type, and which way the final rid runs."""

    keys: tuple[Key, ...]
    descending: bool

    @property
    def leading(self) -> str | None:
        """The column of the first key, None when there is only the rid."""
        return self.keys[0].column if self.keys else None

    @property
    def clock_only(self) -> bool:
        return self._pair and self.keys[0].column == CLOCK

    def present(self) -> Order:
        """The order among those that have a value for the first key."""
        return replace(self, keys=(replace(self.keys[0], nullable=False), *self.keys[1:]))

    def columns(self, known: dict[str, str]) -> list[str]:
        """SQL for each key, where `known` names columns that the driving table has at hand."""
        return [known.get(key.column, key.expression) for key in self.keys]

    def clause(self, columns: Sequence[str], rid: str) -> str:
        """` ORDER BY` over the SQL of the keys and the rid."""
        if self.keys and self.keys[0].column in _UNIQUE:
            return f" ORDER BY {columns[0]}{' DESC' if self.keys[0].descending else ''}"
        terms = []
        for key, column in zip(self.keys, columns, strict=True):
            if key.nullable:
                terms.append(f"{column} IS NULL")
            terms.append(f"{column} DESC" if key.descending else column)
        terms.append(f"{rid} DESC" if self.descending else rid)
        return " ORDER BY " + ", ".join(terms)

    @property
    def _pair(self) -> bool:
        """One key that always has a value, and the rid, both in one direction: compared as a pair."""
        keys = self.keys
        return len(keys) == 1 and not keys[0].nullable and keys[0].descending == self.descending

    def after(self, position: Position, columns: Sequence[str], rid: str) -> Sql:
        """What comes behind a position, in a form whose first comparison an index can begin at."""
        keys = self.keys
        if keys and keys[0].column in _UNIQUE:
            return Sql(f"{columns[0]}{'<' if keys[0].descending else '>'}?", (position[0],))
        if self._pair:
            return Sql(f"({columns[0]},{rid}){'<' if self.descending else '>'}(?,?)", position)
        alternatives = []
        for size in range(len(keys) + 1):
            same = [_equal(c, v) for c, v in zip(columns[:size], position[:size], strict=True)]
            if size == len(keys):
                behind = Sql(f"{rid}{'<' if self.descending else '>'}?", (position[-1],))
            else:
                behind = _behind(keys[size], columns[size], position[size])
            if behind:
                both = all_of([*same, behind])
                alternatives.append(Sql(f"({both.text})", both.values))
        found = any_of(alternatives)
        if keys and not keys[0].nullable:
            begin = Sql(f"{columns[0]}{'<=' if keys[0].descending else '>='}?", (position[0],))
            return all_of([begin, found])
        return found

    def until(self, edge: Position, columns: Sequence[str], rid: str) -> Sql:
        """What does not come behind an edge, or behind all that shares its first key; that key has a value."""
        if not self.keys:
            return Sql(f"{rid}{'>=' if self.descending else '<='}?", (edge[-1],))
        first = self.keys[0]
        if self._pair and first.column not in _UNIQUE:
            return Sql(f"({columns[0]},{rid}){'>=' if self.descending else '<='}(?,?)", (edge[0], edge[-1]))
        return Sql(f"{columns[0]}{'>=' if first.descending else '<='}?", (edge[0],))

    def stretches(self, position: Position | None, edge: Position | None) -> list[Sql]:
        """The walk in (clock, rid) order from behind a position to an edge, cut so that each part begins and ends
        at a clock, or lies within one."""
        behind, ahead = ("<", ">") if self.descending else (">", "<")
        if position is not None and edge is not None and position[0] == edge[0]:
            return [
                Sql(f"d.clock=? AND d.rid{behind}? AND d.rid{ahead}=?", (position[0], position[-1], edge[-1])),
            ]
        found: list[Sql] = []
        between: list[Sql] = []
        if position is not None:
            found.append(Sql(f"d.clock=? AND d.rid{behind}?", (position[0], position[-1])))
            between.append(Sql(f"d.clock{behind}?", (position[0],)))
        if edge is not None:
            found.append(Sql(f"d.clock=? AND d.rid{ahead}=?", (edge[0], edge[-1])))
            between.append(Sql(f"d.clock{ahead}?", (edge[0],)))
        return [*found, all_of(between)]

    def compare(self, a: Position, b: Position) -> int:
        """-1, 0 or 1 as `a` comes before, at or after `b`."""
        for key, x, y in zip(self.keys, a, b, strict=False):
            if x != y:
                if x is None or y is None:
                    return 1 if x is None else -1
                return (-1 if x < y else 1) * (-1 if key.descending else 1)  # type: ignore[operator]
        x, y = a[-1], b[-1]
        return 0 if x == y else (-1 if x < y else 1) * (-1 if self.descending else 1)  # type: ignore[operator]


def _equal(column: str, value: KeyValue) -> Sql:
    return Sql(f"{column} IS NULL") if value is None else Sql(f"{column}=?", (value,))


def _behind(key: Key, column: str, value: KeyValue) -> Sql:
    if value is None:
        return Sql("")  # nothing is behind "no value" but more of the same
    beyond = Sql(f"{column}{'<' if key.descending else '>'}?", (value,))
    return any_of([beyond, Sql(f"{column} IS NULL")]) if key.nullable else beyond


def order_of(registry: Registry, search: Search, leg: int) -> Order:
    """The order for one leg of a search: as asked, or newest first by the type's main date."""
    if not search.sort:
        return Order((Key(CLOCK, True, False, "d.clock"),), True)
    return Order(tuple(_key(registry, key, leg) for key in search.sort), search.sort[0].descending)


def _key(registry: Registry, key: SortKey, leg: int) -> Key:
    parameter = key.parameters[leg]
    if key.code == "_id":
        return Key(ID, key.descending, False, "(SELECT k.id FROM resource k WHERE k.rid=d.rid)")
    if key.code == "_lastUpdated":
        return Key(SEQ, key.descending, False, "(SELECT k.seq FROM resource k WHERE k.rid=d.rid)")
    clock = registry.clock_parameter(parameter.base)
    if clock is not None and clock.storage == parameter.storage:
        return Key(CLOCK, key.descending, True, f"NULLIF(d.clock,{NO_CLOCK})")
    if not parameter.storage:
        return Key(key.code, key.descending, True, "NULL", parameter)
    return Key(key.code, key.descending, True, _EXPRESSIONS[parameter.type](parameter, key.descending), parameter)


def _least(table: str, column: str) -> Callable[[Parameter, bool], str]:
    """Of several values the one that comes first counts: the least ascending, the greatest descending."""

    def expression(parameter: Parameter, descending: bool) -> str:
        pick = "max" if descending else "min"
        return f"(SELECT {pick}(k.{column}) FROM {table} k WHERE k.rid=d.rid AND {one_of('k.tp', parameter.storage)})"

    return expression


def _quantity(parameter: Parameter, descending: bool) -> str:
    """In canonical units where the unit has one, as written otherwise."""
    pick = "max" if descending else "min"
    rows = f"FROM quantity k WHERE k.rid=d.rid AND {one_of('k.tp', parameter.storage)}"
    return f"coalesce((SELECT {pick}(k.low) {rows} AND k.dim<>0),(SELECT {pick}(k.low) {rows}))"


def _reference(parameter: Parameter, descending: bool) -> str:
    """By the id of the target."""
    pick = "max" if descending else "min"
    rows = f"FROM ref k CROSS JOIN resource t WHERE k.rid=d.rid AND {one_of('k.tp', parameter.storage)}"
    return f"(SELECT {pick}(t.id) {rows} AND t.rid=k.target)"


_EXPRESSIONS: dict[str, Callable[[Parameter, bool], str]] = {
    "date": _least("date", "low"),
    "number": _least("number", "low"),
    "quantity": _quantity,
    "reference": _reference,
    "string": _least("string", "norm"),
    "token": _least("token", "code"),
    "uri": _least("uri", "value"),
}
WALKABLE = {
    "date": ("date", "low", "high"),
    "number": ("number", "low", "high"),
    "string": ("string", "norm", "exact"),
    "token": ("token", "code", "sys"),
    "uri": ("uri", "value", "clock"),
}
"""Types of parameters whose index is in the order of the values: its table, the column they are ordered by, and the
column that tells two rows of one resource with the same value apart."""
