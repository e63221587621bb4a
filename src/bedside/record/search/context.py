"""What turning a search into SQL needs to know from the database: numbers of names, resources and instants."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from bedside.fhir import dates
from bedside.record.parameters import Parameter, Registry
from bedside.record.search.sql import among
from bedside.record.session import Session
from bedside.record.values import indexed, indexed_start, normalise

if TYPE_CHECKING:
    from bedside.record.terminology.state import State

LONG = dates.DAY
"""Intervals longer than this have an index of their own (`date_long`); all others end soon after they start."""
_MOST_LONG = 1000
_MOST_VALUES = 64
_FEW_IDS = 4
_FIRST_TEXT, _LAST_TEXT = 0xD800, 0xDFFF  # code points that are no text
_REMEMBERED = 100_000


class Lookups:
    """What may be remembered between searches of one store: numbers of names, which never change."""

    def __init__(self) -> None:
        self.names: dict[str, int] = {"": 0}


class Context:
    """One search on one session. `now` is the instant that `ap` on dates is relative to."""

    def __init__(
        self,
        session: Session,
        registry: Registry,
        lookups: Lookups | None = None,
        terminology: Callable[[], State] | None = None,
    ) -> None:
        self.session = session
        self.registry = registry
        self.lookups = lookups or Lookups()
        self.warnings: list[str] = []
        """What the client should know about the answer."""
        self._terminology = terminology
        self._codes: dict[int, list[str] | None] = {}
        self._seqs: dict[int, int] = {}

    @cached_property
    def terminology(self) -> State | None:
        """What codes mean, as of now; None where the search was not given it."""
        return None if self._terminology is None else self._terminology()

    @cached_property
    def now(self) -> int:
        return dates.now()

    def name(self, text: str) -> int | None:
        """The number of a system URI, canonical unit or text; None when the record has never seen it."""
        text = indexed(text)
        known = self.lookups.names
        number = known.get(text)
        if number is None:
            found = self.session.rows("SELECT id FROM name WHERE text=?", (text,))
            if not found:
                return None
            if len(known) > _REMEMBERED:
                known.clear()
                known[""] = 0
            number = known[text] = found[0][0]
        return number

    def rids(self, types: Iterable[str], id_: str, *, live: bool = False) -> list[int]:
        """The numbers of `Type/id` for these types: what is referred to may be gone, unless `live` is asked."""
        numbers = [self.registry.type_number(name) for name in types]
        if not numbers:
            return []
        alive = " AND clock IS NOT NULL" if live else ""
        wanted = among("type", numbers)
        return [
            rid
            for (rid,) in self.session.rows(
                f"SELECT rid FROM resource WHERE {wanted.text} AND id=?{alive}", (*wanted.values, id_)
            )
        ]

    def names_from(self, prefix: str, most: int) -> list[int]:
        """The numbers of up to `most` names that start with a text."""
        prefix = indexed_start(prefix)
        end = after_prefix(prefix)
        upper, values = ("", (prefix,)) if end is None else (" AND text<?", (prefix, end))
        rows = self.session.rows(f"SELECT id FROM name WHERE text>=?{upper} LIMIT {most}", values)
        return [number for (number,) in rows]

    def rids_of(self, wanted: Sequence[tuple[Iterable[str], str]], *, live: bool = False) -> list[int]:
        """The numbers of many resources, each by the types it may have and its id."""
        if len(wanted) <= _FEW_IDS:
            return [rid for types, id_ in wanted for rid in self.rids(types, id_, live=live)]
        keys = [(self.registry.type_number(name), id_) for types, id_ in wanted for name in types]
        rows = self.session.matching("resource", "rid, clock", ("type", "id"), keys)
        return [rid for rid, clock in rows if clock is not None or not live]

    def systems(self, tp: int, code: str) -> list[int]:
        """The systems that a code occurs with, by hopping through the index; at most 64 of them."""
        return self._distinct("sys", "token", f"tp={tp} AND code=?", (code,), "", ())

    def codes(self, tp: int, most: int) -> list[str] | None:
        """All codes of a token parameter, by hopping through the index; None when there are more than `most`."""
        if tp not in self._codes:
            found = self._distinct("code", "token", f"tp={tp}", (), most=most + 1)
            self._codes[tp] = found if len(found) <= most else None
        return self._codes[tp]

    def uri_values(self, tp: int, low: str, high: str) -> list[str]:
        """The distinct URIs in [low, high); at most 64 of them."""
        return self._distinct("value", "uri", f"tp={tp}", (), " AND value>=?", (low,), " AND value<?", (high,))

    def _distinct(
        self,
        column: str,
        table: str,
        where: str,
        values: Sequence[object],
        start: str = "",
        first: Sequence[object] = (),
        end: str = "",
        last: Sequence[object] = (),
        most: int = _MOST_VALUES,
    ) -> list:  # type: ignore[type-arg]
        found = self.session.rows(
            f"WITH RECURSIVE hop(value) AS (SELECT min({column}) FROM {table} WHERE {where}{start}{end}"
            f" UNION ALL SELECT (SELECT min({column}) FROM {table} WHERE {where} AND {column}>hop.value{end})"
            f" FROM hop WHERE hop.value IS NOT NULL)"
            f" SELECT value FROM hop WHERE value IS NOT NULL LIMIT {most}",
            (*values, *first, *last, *values, *last),
        )
        return [value for (value,) in found]

    def first_low(self, tp: int, instant: int) -> int | None:
        """No interval that holds `instant` starts before this; None when that cannot be said cheaply."""
        count, low = self.session.rows(
            "SELECT count(*), min(low) FROM (SELECT low FROM date"
            f" WHERE tp={tp} AND high>? AND low<? AND high-low>{LONG} LIMIT {_MOST_LONG}) x",
            (instant, instant),
        )[0]
        if count == _MOST_LONG:
            return None
        return instant - LONG if low is None else min(low, instant - LONG)

    def seq_at(self, instant: int) -> int:
        """The first `seq` written at or after an instant. Instants never decrease along the feed, so halve."""
        found = self._seqs.get(instant)
        if found is None:
            found = self._seqs[instant] = self._halve(instant)
        return found

    def _halve(self, instant: int) -> int:
        low, high = 1, self._last_seq + 1
        while low < high:
            middle = (low + high) // 2
            seq, updated = self.session.rows(
                "SELECT seq, updated FROM version WHERE seq>=? ORDER BY seq LIMIT 1", (middle,)
            )[0]
            if updated < instant:
                low = seq + 1
            else:
                high = middle
        return low

    @cached_property
    def _last_seq(self) -> int:
        last: int = self.session.rows("SELECT coalesce(max(seq), 0) FROM version")[0][0]
        return last

    @cached_property
    def types_present(self) -> frozenset[int]:
        """The numbers of the types that have a live resource."""
        found = self.session.rows(
            "WITH RECURSIVE hop(value) AS (SELECT min(type) FROM resource WHERE clock IS NOT NULL"
            " UNION ALL SELECT (SELECT min(type) FROM resource WHERE clock IS NOT NULL AND type>hop.value)"
            " FROM hop WHERE hop.value IS NOT NULL) SELECT value FROM hop WHERE value IS NOT NULL"
        )
        return frozenset(number for (number,) in found)

    def is_clock(self, parameter: Parameter) -> bool:
        """Whether a date parameter is the one that index rows carry as their clock."""
        clock = self.registry.clock_parameter(parameter.base)
        return clock is not None and clock.storage == parameter.storage


def after_prefix(prefix: str) -> str | None:
    """The smallest text above everything that starts with `prefix`, in code point order; None when there is none."""
    while prefix:
        point = ord(prefix[-1]) + 1
        if _FIRST_TEXT <= point <= _LAST_TEXT:
            point = _LAST_TEXT + 1
        if point <= 0x10FFFF:
            return prefix[:-1] + chr(point)
        prefix = prefix[:-1]
    return None


def like_pattern(text: str) -> str:
    r"""A LIKE pattern (ESCAPE '\') for text that contains `text`, normalised."""
    escaped = normalise(text).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
