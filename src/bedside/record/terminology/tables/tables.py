"""The tables of one loaded system, read: concepts by code or number, sets of them, columns. Keeps what is asked often,
within bounds; the concepts themselves stay in the store."""

from __future__ import annotations

import threading
from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import compress
from typing import Any, Generic, TypeVar

from bedside.record.session import Session
from bedside.record.terminology.tables import packing
from bedside.record.terminology.tables.bodies import INACTIVE, PARENT, SHIFT, Body, Packer
from bedside.record.terminology.tables.packing import Numbers, numbers, unpacked
from bedside.terms.selection import Selection

_COLUMN_BYTES = 32_000_000
_SELECTIONS = 64
_FEW = 200
_AT_ONCE = 4_096

T = TypeVar("T")


class Kept(Generic[T]):
    """The values asked for last, up to so much weight. Safe to ask from several threads."""

    def __init__(self, most: int, weight: Callable[[T], int] = lambda value: 1) -> None:
        self._most = most
        self._weight = weight
        self._values: OrderedDict[Any, T] = OrderedDict()
        self._held = 0
        self._lock = threading.Lock()

    def get(self, key: Any, make: Callable[[], T]) -> T:
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        made = make()
        with self._lock:
            if key not in self._values:
                self._values[key] = made
                self._held += self._weight(made)
                while self._held > self._most and len(self._values) > 1:
                    _, gone = self._values.popitem(last=False)
                    self._held -= self._weight(gone)
        return made


@dataclass(frozen=True, slots=True)
class Row:
    """A concept as it lies in its table; `body` is packed."""

    number: int
    code: str
    flags: int
    display: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Property:
    """A column, opened. `targets` are numbers when `values` is None, else places in it; `groups` may be empty."""

    sources: Numbers
    targets: Numbers
    groups: Numbers
    type: str
    values: list[str] | None

    @property
    def weight(self) -> int:
        texts = sum(len(value) + 60 for value in self.values or ())
        return 4 * (len(self.sources) + len(self.targets) + len(self.groups)) + texts


@dataclass(frozen=True, slots=True)
class Members:
    """The rows of a reference set or list, opened: members in order, and places in the values of each further field."""

    members: Numbers
    fields: dict[str, tuple[Numbers, list[str]]]


class Tables:
    """One system. Numbers are those of its concepts, from 0."""

    def __init__(self, session: Callable[[], Session], system: int) -> None:
        self._session = session
        self.system = system
        self._base = system << SHIFT
        self._columns: Kept[Property | None] = Kept(_COLUMN_BYTES, lambda each: 0 if each is None else each.weight)
        self._below: Kept[Selection] = Kept(_SELECTIONS)
        self._rows: Kept[Row | None] = Kept(5_000)

    # --- the whole system

    def _of_system(self, code: str) -> bytes:
        rows = self._session().rows(
            "SELECT content FROM concept_column WHERE system=? AND kind='system' AND code=?", (self.system, code)
        )
        return bytes(rows[0][0]) if rows else b""

    @cached_property
    def flags(self) -> bytes:
        """The flags of every concept."""
        return packing.decompressed(self._of_system("flags"))

    @property
    def size(self) -> int:
        return len(self.flags)

    @cached_property
    def _packer(self) -> Packer:
        return Packer(self._of_system("dictionary"))

    @cached_property
    def _code_text(self) -> tuple[bytes, Numbers]:
        """All codes, one a line, and where each begins."""
        text = packing.decompressed(self._of_system("codes")) + b"\n"
        starts = array("I", [0])
        at = text.find(b"\n")
        while at >= 0:
            starts.append(at + 1)
            at = text.find(b"\n", at + 1)
        return text, starts

    def having(self, flag: int) -> Selection:
        """The concepts with a flag."""
        table = bytes(1 if value & flag else 0 for value in range(256))
        return Selection(self.flags.translate(table))

    @cached_property
    def active(self) -> Selection:
        """The concepts that are in use."""
        return Selection(self.flags.translate(bytes(0 if value & INACTIVE else 1 for value in range(256))))

    @cached_property
    def everything(self) -> Selection:
        return Selection.everything(self.size)

    # --- concepts

    def number(self, code: str) -> int | None:
        row = self.row(code)
        return None if row is None else row.number

    def row(self, code: str) -> Row | None:
        return self._rows.get(code, lambda: self._find(code))

    def _find(self, code: str) -> Row | None:
        rows = self._session().rows(
            "SELECT id, code, flags, display, body FROM concept WHERE system=? AND code=?", (self.system, code)
        )
        return self._row(rows[0]) if rows else None

    def _row(self, row: Sequence[Any]) -> Row:
        return Row(row[0] - self._base, row[1], row[2], row[3], bytes(row[4]))

    def rows(self, wanted: Sequence[int]) -> list[Row]:
        """Concepts by number, in the order of the numbers; those that have gone meanwhile are left out."""
        found: list[Row] = []
        for start in range(0, len(wanted), _AT_ONCE):
            some = wanted[start : start + _AT_ONCE]
            low, high = self._base + min(some), self._base + max(some)
            if high - low < 2 * len(some):
                rows = self._session().rows(
                    "SELECT id, code, flags, display, body FROM concept WHERE id BETWEEN ? AND ?", (low, high)
                )
            else:
                keys = [(self._base + number,) for number in some]
                rows = self._session().matching("concept", "id, code, flags, display, body", ("id",), keys)
            by_number = {row[0] - self._base: row for row in rows}
            found += [self._row(by_number[number]) for number in some if number in by_number]
        return found

    def body(self, row: Row) -> Body:
        return self._packer.unpack(row.body)

    def code(self, number: int) -> str:
        text, starts = self._code_text
        return text[starts[number] : starts[number + 1] - 1].decode()

    def codes(self, chosen: Iterable[int]) -> list[str]:
        """The codes of numbers."""
        text, starts = self._code_text
        return [text[starts[number] : starts[number + 1] - 1].decode() for number in chosen]

    # --- hierarchy

    def ancestors(self, number: int) -> Numbers:
        """The numbers of everything above a concept."""
        row = self._at(number)
        return numbers() if row is None else self.ancestors_of(row)

    def ancestors_of(self, row: Row) -> Numbers:
        """The same, of a concept that is at hand."""
        return unpacked(self.body(row).ancestors)

    def _at(self, number: int) -> Row | None:
        rows = self.rows([number])
        return rows[0] if rows else None

    def below(self, number: int) -> Selection:
        """Everything below a concept."""
        return self._below.get(number, lambda: Selection.of_runs(self.size, self.runs_below(number)))

    def runs_below(self, number: int) -> Iterable[tuple[int, int]]:
        """The same as half-open runs."""
        if not self.flags[number] & PARENT:
            return ()
        rows = self._session().rows("SELECT below FROM concept_below WHERE id=?", (self._base + number,))
        return packing.runs(bytes(rows[0][0])) if rows else ()

    def children(self, number: int) -> Numbers:
        if not self.flags[number] & PARENT:
            return numbers()
        rows = self._session().rows("SELECT children FROM concept_below WHERE id=?", (self._base + number,))
        return unpacked(packing.decompressed(bytes(rows[0][0]))) if rows else numbers()

    @cached_property
    def _edges(self) -> tuple[Numbers, Numbers]:
        """Every child and its parent."""
        column = packing.column(self._of_system("parent"))
        return unpacked(column.sources), unpacked(column.targets)

    def children_of(self, chosen: Selection) -> Selection:
        """The concepts directly below any of some."""
        if len(chosen) <= _FEW:
            return Selection.of(self.size, (child for number in chosen for child in self.children(number)))
        sources, targets = self._edges
        return Selection.of(self.size, compress(sources, map(chosen.mask.__getitem__, targets)))

    def parents_of(self, chosen: Selection) -> Selection:
        """The concepts directly above any of some."""
        sources, targets = self._edges
        return Selection.of(self.size, compress(targets, map(chosen.mask.__getitem__, sources)))

    def below_any(self, chosen: Selection) -> Selection:
        """The concepts below any of some."""
        if len(chosen) == 1:
            return self.below(next(iter(chosen)))
        if len(chosen) <= _FEW:
            return Selection.of_runs(self.size, (run for number in chosen for run in self.runs_below(number)))
        return self._reached(chosen, self.children_of)

    def above_any(self, chosen: Selection) -> Selection:
        """The concepts above any of some."""
        if len(chosen) <= _FEW:
            return Selection.of(self.size, (above for number in chosen for above in self.ancestors(number)))
        return self._reached(chosen, self.parents_of)

    def _reached(self, chosen: Selection, step: Callable[[Selection], Selection]) -> Selection:
        found = Selection.none(self.size)
        edge = step(chosen)
        while edge:
            found = found | edge
            edge = step(edge) - found
        return found

    # --- columns

    def property(self, code: str) -> Property | None:
        """The column of a property or an attribute; None when no concept has it."""
        return self._columns.get(code, lambda: self._property(code))

    def _property(self, code: str) -> Property | None:
        rows = self._session().rows(
            "SELECT content FROM concept_column WHERE system=? AND kind='property' AND code=?", (self.system, code)
        )
        if not rows:
            return None
        found = packing.column(bytes(rows[0][0]))
        return Property(
            unpacked(found.sources), unpacked(found.targets), unpacked(found.groups), found.type, found.values
        )

    @cached_property
    def property_codes(self) -> frozenset[str]:
        """The codes of all columns; one that ends in # has the literals of an attribute that also has concepts."""
        return frozenset(self._codes_of("property"))

    @cached_property
    def list_codes(self) -> frozenset[str]:
        """The codes of all reference sets and lists."""
        return frozenset(self._codes_of("members"))

    def _codes_of(self, kind: str) -> Iterable[str]:
        rows = self._session().rows("SELECT code FROM concept_column WHERE system=? AND kind=?", (self.system, kind))
        return (code for (code,) in rows)

    def members(self, code: str) -> Members | None:
        """The rows of a reference set or list; None when there is none of this code."""
        rows = self._session().rows(
            "SELECT content FROM concept_column WHERE system=? AND kind='members' AND code=?", (self.system, code)
        )
        if not rows:
            return None
        found = packing.fields(bytes(rows[0][0]))
        fields = {name: (unpacked(places), values) for name, (places, values) in found.fields.items()}
        return Members(unpacked(found.members), fields)

    # --- words

    def having_word(self, beginning: str) -> Selection:
        """The concepts of which a word of some text begins so."""
        rows = self._session().rows(
            "SELECT numbers FROM concept_word WHERE system=? AND word>=? AND word<?",
            (self.system, beginning, beginning + "\U0010ffff"),
        )
        mask = bytearray(self.size)
        for (content,) in rows:
            for number in unpacked(packing.decompressed(bytes(content))):
                mask[number] = 1
        return Selection(bytes(mask))

    def having_words(self, words: Sequence[str]) -> Selection:
        """The concepts that have every one of some words, begun so, perhaps in different texts."""
        found: Selection | None = None
        for word in sorted(set(words), key=len, reverse=True):
            own = self.having_word(word)
            found = own if found is None else found & own
            if not found:
                break
        return self.everything if found is None else found
