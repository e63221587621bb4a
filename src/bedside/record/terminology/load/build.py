"""From what the reader of a release tells to the tables: concepts first, then everything that is said of them."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from pathlib import Path

from bedside.record.terminology.load.errors import BrokenRelease
from bedside.record.terminology.load.hierarchy import Closure, numbered
from bedside.record.terminology.load.spool import Spool
from bedside.record.terminology.tables import bodies, packing
from bedside.record.terminology.tables.bodies import ABSTRACT, INACTIVE, MOST_CONCEPTS, PARENT, Body, Term, Value
from bedside.record.terminology.tables.packing import Numbers, numbers
from bedside.terms.sets import plain

_IN_BUCKET = 8_192
_SHOWN = 1_000
_LONGEST_WORD = 64
_TERM, _VALUE, _DEFINITION = range(3)

Display = Callable[[Sequence[Term]], str]


@dataclass(slots=True)
class About:
    """What a release says of itself. `properties`: code -> (type, description), as CodeSystem.property has them."""

    kind: str
    url: str
    version: str | None
    name: str
    title: str
    publisher: str | None = None
    copyright: str | None = None
    language: str = "en"
    """Of the displays."""
    hierarchy: str | None = "is-a"
    case_sensitive: bool = True
    value_set: str | None = None
    properties: dict[str, tuple[str, str]] = field(default_factory=dict)
    languages: list[str] = field(default_factory=list)
    """Of designations; filled while they are read."""
    refsets: dict[str, str] = field(default_factory=dict)
    """Language reference sets of SNOMED CT -> language tag."""


class _Column:
    __slots__ = ("groups", "places", "sources", "targets", "type", "values")

    def __init__(self, kind: str, literal: bool) -> None:
        self.type = kind
        self.sources = numbers()
        self.targets = numbers()
        self.groups = numbers()
        self.values: list[str] | None = [] if literal else None
        self.places: dict[str, int] = {}

    def place(self, value: str) -> int:
        found = self.places.get(value)
        if found is None:
            assert self.values is not None
            found = self.places[value] = len(self.values)
            self.values.append(value)
        return found


class _Members:
    __slots__ = ("fields", "members", "values")

    def __init__(self) -> None:
        self.members = numbers()
        self.fields: dict[str, Numbers] = {}
        self.values: dict[str, dict[str, int]] = {}


class Builder:
    """Takes a release in two passes: `concept` and `parent` for all, then `number`, then the rest in any order."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.codes: list[str] = []
        self.flags = bytearray()
        self._number: dict[str, int] = {}
        self.shown: dict[int, str] = {}
        """Displays by number, of the first concepts only: a small system is told whole in its resource."""
        self._children = numbers()
        self._parents = numbers()
        self._columns: dict[str, _Column] = {}
        self._members: dict[str, _Members] = {}
        self._words: dict[str, Numbers] = {}
        self.languages: dict[str, None] = {}
        self.designations = 0

    def __len__(self) -> int:
        return len(self.codes)

    # --- first pass

    def concept(self, code: str, flags: int = 0) -> int:
        """A concept; its place. One that came before stays as it was."""
        place = self._number.get(code)
        if place is None:
            place = self._number[code] = len(self.codes)
            if place >= MOST_CONCEPTS:
                raise BrokenRelease(f"There are more than {MOST_CONCEPTS:,} concepts, which is more than fits here.")
            self.codes.append(code)
            self.flags.append(flags)
        return place

    def find(self, code: str) -> int | None:
        """The place, or after `number` the number, of a concept that has come."""
        return self._number.get(code)

    def parent(self, child: int, parent: int) -> None:
        """`parent` is directly above `child`, both by place."""
        if child != parent:
            self._children.append(child)
            self._parents.append(parent)

    def number(self) -> None:
        """The end of the first pass: from here on concepts are known by number. BrokenRelease for a circle."""
        count = len(self.codes)
        self._once()
        new = numbered(count, self._children, self._parents)
        codes, flags = [""] * count, bytearray(count)
        for place, number in enumerate(new):
            codes[number] = self.codes[place]
            flags[number] = self.flags[place]
        self.codes, self.flags = codes, flags
        for code, place in self._number.items():
            self._number[code] = new[place]
        self._children = array("I", map(new.__getitem__, self._children))
        self._parents = array("I", map(new.__getitem__, self._parents))
        self.closure = Closure(count, self._children, self._parents, codes)
        for number in range(count):
            if self.closure.down.has(number):
                self.flags[number] |= PARENT
        self.spool = Spool(self._folder, "body", count // _IN_BUCKET + 1)

    def _once(self) -> None:
        """A relationship that is told twice counts once."""
        keys = sorted(set(map(int.__or__, map(int.__lshift__, self._children, repeat(32)), self._parents)))
        self._children = numbers(key >> 32 for key in keys)
        self._parents = numbers(key & 0xFFFFFFFF for key in keys)

    # --- second pass

    def display(self, number: int, text: str) -> None:
        """The display of a concept, where it is not chosen among its terms."""
        self.spool.add(number // _IN_BUCKET, (number, _TERM, text, None))

    def term(
        self,
        number: int,
        text: str,
        language: str = "",
        use: str = "",
        module: str = "",
        time: str = "",
        accept: Sequence[str] = (),
    ) -> None:
        """A designation."""
        self.designations += 1
        self.languages[language] = None
        row = (number, _TERM, text, language, use, module, time, tuple(accept))
        self.spool.add(number // _IN_BUCKET, row)

    def definition(self, number: int, text: str) -> None:
        self.spool.add(number // _IN_BUCKET, (number, _DEFINITION, text))

    def value(self, number: int, code: str, kind: str, value: str | int | bool, group: int = 0) -> None:
        """A property with a literal value; `kind` is the suffix of value[x], decimals are text."""
        self.spool.add(number // _IN_BUCKET, (number, _VALUE, code, kind, value, group))
        text = ("true" if value else "false") if isinstance(value, bool) else str(value)
        self.indexed(number, code, kind, text, group)

    def indexed(self, number: int, code: str, kind: str, text: str, group: int = 0) -> None:
        """A literal value for filters only, which a look-up does not show."""
        column = self._columns.get(code)
        if column is None:
            column = self._columns[code] = _Column(kind, literal=True)
        elif column.values is None:  # an attribute that has both concepts and literals: literals go beside
            return self.indexed(number, f"{code}#", kind, text, group)
        column.sources.append(number)
        column.targets.append(column.place(text))
        column.groups.append(group)
        return None

    def relation(self, number: int, code: str, target: int, group: int = 0) -> None:
        """A property whose value is a concept of the system."""
        self.spool.add(number // _IN_BUCKET, (number, _VALUE, code, "Code", self.codes[target], group))
        column = self._columns.get(code)
        if column is None:
            column = self._columns[code] = _Column("Code", literal=False)
        elif column.values is not None:
            literal, column = column, _Column("Code", literal=False)
            self._columns[code], self._columns[f"{code}#"] = column, literal
        column.sources.append(number)
        column.targets.append(target)
        column.groups.append(group)

    def member(self, group: str, number: int, fields: Mapping[str, str] | None = None) -> None:
        """A member of a reference set or list, with the further fields of its row."""
        found = self._members.get(group)
        if found is None:
            found = self._members[group] = _Members()
        row = len(found.members)
        found.members.append(number)
        for name, value in (fields or {}).items():
            known = found.values.setdefault(name, {"": 0})
            column = found.fields.setdefault(name, numbers(repeat(0, row)))
            column.extend(repeat(0, row - len(column)))
            column.append(known.setdefault(value, len(known)))

    # --- what becomes of it

    def bodies(self, display: Display) -> Iterator[list[tuple[int, str, int, str, bytes]]]:
        """Bucket by bucket the concepts in order: number, code, flags, display, body. Words are learned on the way."""
        for bucket in range(len(self.spool)):
            first = bucket * _IN_BUCKET
            count = min(_IN_BUCKET, len(self.codes) - first)
            gathered: list[Body] = [Body(terms=[], values=[]) for _ in range(count)]
            shown: dict[int, str] = {}
            for row in self.spool.rows(bucket):
                body = gathered[row[0] - first]
                if row[1] == _VALUE:
                    body.values.append(Value(row[2], row[3], row[4], row[5]))
                elif row[1] == _DEFINITION:
                    body.definition = row[2]
                elif row[3] is None:
                    shown.setdefault(row[0], row[2])
                else:
                    body.terms.append(Term(row[2], row[3], row[4], row[5], row[6], list(row[7])))
            yield [
                self._finished(first + place, body, shown.get(first + place), display)
                for place, body in enumerate(gathered)
            ]

    def _finished(
        self, number: int, body: Body, shown: str | None, display: Display
    ) -> tuple[int, str, int, str, bytes]:
        closure = self.closure
        body.parents = [self.codes[parent] for parent in closure.up.of(number)]
        body.ancestors = closure.ancestors[number]
        text = shown if shown is not None else display(body.terms)
        code = self.codes[number]
        if number < _SHOWN:
            self.shown[number] = text
        words = set(plain("\n".join([code, text, *(term.text for term in body.terms)])).split())
        for word in words:
            word = word[:_LONGEST_WORD]
            found = self._words.get(word)
            if found is None:
                found = self._words[word] = numbers()
            if not found or found[-1] != number:
                found.append(number)
        return number, code, self.flags[number], text, bodies.encode(body)

    def below(self) -> Iterator[tuple[int, bytes, bytes]]:
        """For each concept with children: number, children, everything below as runs."""
        down = self.closure.down
        for number, all_below in self.closure.below().items():
            yield number, packing.compressed(packing.packed(down.of(number))), packing.runs_of(all_below)

    def words(self) -> Iterator[tuple[str, bytes]]:
        """Each word with the concepts that have it."""
        for word in sorted(self._words):
            yield word, packing.compressed(packing.packed(self._words[word]))

    def columns(self) -> Iterator[tuple[str, str, bytes]]:
        """(kind, code, content) of every property, list of members, and of what holds for the whole system."""
        for code, column in self._columns.items():
            groups = column.groups if any(column.groups) else numbers()
            content = packing.Column(
                packing.packed(column.sources),
                packing.packed(column.targets),
                packing.packed(groups),
                column.type,
                column.values,
            )
            yield "property", code, packing.pack(content)
        for code, members in self._members.items():
            rows = len(members.members)
            for each in members.fields.values():
                each.extend(repeat(0, rows - len(each)))
            fields = {name: (packing.packed(each), list(members.values[name])) for name, each in members.fields.items()}
            yield "members", code, packing.pack(packing.Fields(packing.packed(members.members), fields))
        up = packing.Column(packing.packed(self._children), packing.packed(self._parents), b"", "Code")
        yield "system", "parent", packing.pack(up)
        yield "system", "flags", packing.compressed(bytes(self.flags))
        yield "system", "codes", packing.compressed("\n".join(self.codes).encode())

    def property_types(self) -> dict[str, str]:
        """The properties that some concept has, with the suffix of value[x]."""
        return {code.rstrip("#"): column.type for code, column in self._columns.items()}

    def relationships(self) -> int:
        """How many relationships and property values there are, those of the hierarchy included."""
        return len(self._children) + sum(len(column.sources) for column in self._columns.values())

    def lists(self) -> Iterable[str]:
        """The codes of reference sets and lists."""
        return self._members.keys()


def flags_of(*, inactive: bool = False, abstract: bool = False) -> int:
    """Flags of a concept."""
    return (INACTIVE if inactive else 0) | (ABSTRACT if abstract else 0)


def first_text(terms: Sequence[Term]) -> str:
    """The display where a release names none: the first term."""
    return terms[0].text if terms else ""
