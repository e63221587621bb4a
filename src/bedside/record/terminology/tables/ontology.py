"""A loaded edition of SNOMED CT as expression constraints ask it: `bedside.terms.ecl.ontology.Ontology`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from bedside.record.terminology.tables.bodies import DEFINED
from bedside.record.terminology.tables.tables import Members, Property
from bedside.terms.ecl.ontology import Description
from bedside.terms.selection import Selection

if TYPE_CHECKING:
    from bedside.record.terminology.tables.system import LoadedSystem

_AT_ONCE = 2_000
_NO_ATTRIBUTES = frozenset(("moduleId", "effectiveTime"))


class TableOntology:
    """Reads the tables of a system."""

    def __init__(self, system: LoadedSystem) -> None:
        self._tables = system.tables

    @property
    def size(self) -> int:
        return self._tables.size

    @property
    def everything(self) -> Selection:
        return self._tables.everything

    @property
    def active(self) -> Selection:
        return self._tables.active

    @property
    def defined(self) -> Selection:
        return self._tables.having(DEFINED)

    def number(self, code: str) -> int | None:
        return self._tables.number(code)

    def codes(self, numbers: Iterable[int]) -> list[str]:
        return self._tables.codes(numbers)

    def children(self, of: Selection) -> Selection:
        return self._tables.children_of(of)

    def parents(self, of: Selection) -> Selection:
        return self._tables.parents_of(of)

    def descendants(self, of: Selection) -> Selection:
        return self._tables.below_any(of)

    def ancestors(self, of: Selection) -> Selection:
        return self._tables.above_any(of)

    def attribute_types(self) -> Iterable[str]:
        return {code.rstrip("#") for code in self._tables.property_codes} - _NO_ATTRIBUTES

    def attribute(self, code: str) -> Sequence[Property]:
        found = (self._tables.property(each) for each in (code, f"{code}#"))
        return [each for each in found if each is not None]

    def stated(self, name: str) -> Property | None:
        return self._tables.property(name)

    def refsets(self) -> Iterable[str]:
        return self._tables.list_codes

    def refset(self, code: str) -> Members | None:
        return self._tables.members(code)

    def described(
        self, among: Selection, words: Sequence[Sequence[str]] | None, holds: Callable[[Description], bool]
    ) -> Selection:
        tables = self._tables
        if words is not None:
            having = Selection.none(tables.size)
            for each in words:
                having = having | tables.having_words(each)
            among = among & having
        return Selection.of(tables.size, self._described(among, holds))

    def _described(self, among: Selection, holds: Callable[[Description], bool]) -> Iterator[int]:
        tables = self._tables
        numbers = iter(among)
        while some := list(islice(numbers, _AT_ONCE)):
            for row in tables.rows(some):
                for term in tables.body(row).terms:
                    kind = term.use.rpartition("|")[2]
                    if holds(Description(term.text, term.language, kind, term.module, term.time, term.accept)):
                        yield row.number
                        break
