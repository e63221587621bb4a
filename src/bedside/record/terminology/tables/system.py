"""A loaded system as a `bedside.terms.systems.CodeSystem`: its concepts stay in the store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from functools import partial
from itertools import islice
from typing import Any

from bedside.record.session import Session
from bedside.record.terminology.tables.bodies import ABSTRACT, DEFINED, INACTIVE, PARENT, Body, Term, Value
from bedside.record.terminology.tables.select import select
from bedside.record.terminology.tables.tables import Kept, Row, Tables
from bedside.terms.concepts import Concept, Designation, Filter, Property
from bedside.terms.errors import Unresolved
from bedside.terms.members import Entry
from bedside.terms.packed import LateEntry
from bedside.terms.selection import Selection
from bedside.terms.sets import matches, plain
from bedside.terms.snomed import DIALECTS, SYNONYM, preferences
from bedside.terms.systems import Codes, Content

_AT_ONCE = 2_000
_PREFERRED = {"system": "http://terminology.hl7.org/CodeSystem/hl7TermMaintInfra", "code": "preferredForLanguage"}


class LoadedSystem:
    """One version of a system. May be asked from any thread."""

    content: Content = "complete"

    def __init__(
        self, session: Callable[[], Session], number: int, url: str, version: str | None, detail: dict[str, Any]
    ) -> None:
        self.url = url
        self.version = version
        self.kind: str = detail["kind"]
        self.name: str | None = detail.get("title")
        self.language: str | None = detail.get("language")
        self.value_set: str | None = detail.get("value_set")
        self.case_sensitive: bool = detail.get("case_sensitive", True)
        self.refsets: dict[str, str] = DIALECTS | detail.get("refsets", {})
        self.known_properties = frozenset((*detail.get("properties", ()), *detail.get("types", ())))
        best = preferences(self.language or "en")
        self._dialect = DIALECTS.get(best[0]) if best else None
        self.tables = Tables(session, number)
        self._count = int(detail["concepts"])
        self._concepts: Kept[Concept | None] = Kept(2_000)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Concept]:
        for start in range(0, self._count, _AT_ONCE):
            for row in self.tables.rows(range(start, min(start + _AT_ONCE, self._count))):
                yield self.concept(row)

    def find(self, code: str) -> Concept | None:
        return self._concepts.get(code, lambda: self._find(code))

    def _find(self, code: str) -> Concept | None:
        row = self.row(code)
        if row is None:
            return None
        children = self.tables.codes(self.tables.children(row.number)) if row.flags & PARENT else ()
        return self.concept(row, tuple(children))

    def row(self, code: str) -> Row | None:
        """The concept as it lies in the store. Of systems that ignore case all codes are in capitals."""
        if not code or len(code) > 1_000:
            return None
        row = self.tables.row(code)
        return self.tables.row(code.upper()) if row is None and not self.case_sensitive else row

    def concept(self, row: Row, children: tuple[str, ...] = ()) -> Concept:
        """A row as a concept."""
        body = self.tables.body(row)
        return Concept(
            row.code,
            row.display or None,
            bool(row.flags & ABSTRACT),
            bool(row.flags & INACTIVE),
            body.definition or None,
            self.designations(row, body),
            tuple(self._properties(row, body.values)),
            tuple(body.parents),
            children,
        )

    def concepts(self, chosen: Iterable[int]) -> Iterator[Concept]:
        """Concepts by number, without their children."""
        wanted = list(chosen)
        for start in range(0, len(wanted), _AT_ONCE):
            for row in self.tables.rows(wanted[start : start + _AT_ONCE]):
                yield self.concept(row)

    def _properties(self, row: Row, values: Sequence[Value]) -> Iterator[Property]:
        if self.kind == "snomed":
            yield Property("sufficientlyDefined", bool(row.flags & DEFINED), "Boolean")
        for each in values:
            value = Decimal(each.value) if each.type == "Decimal" else each.value
            yield Property(each.code, value, each.type)

    def designations(self, row: Row, body: Body | None = None) -> tuple[Designation, ...]:
        """The words of a concept, those that are preferred in a language first."""
        found: dict[int, list[Designation]] = {0: [], 1: [], 2: []}
        for term in (body or self.tables.body(row)).terms:
            designation = _designation(term)
            is_preferred = any(each[0] == "P" for each in term.accept) and term.use.endswith(SYNONYM)
            found[1 if is_preferred else 2].append(designation)
            for each in term.accept if is_preferred else ():
                tag = self.refsets.get(each[1:], "")
                if each[0] == "P" and "-" in tag:
                    found[0].append({"language": tag, "use": _PREFERRED, "value": term.text})
        unique = {(d["language"], d["value"]): d for d in found[0]}
        own = sorted(unique.values(), key=lambda d: d["language"] != self._dialect)  # the displays' own comes first
        return (*own, *found[1], *found[2])

    # --- what `terms.packed.Numbered` asks for

    def selected(self, codes: object) -> Selection | None:
        return codes.selection if isinstance(codes, Chosen) and codes.system is self else None

    def everything(self) -> Selection:
        return self.tables.everything

    def active(self) -> Selection:
        return self.tables.active

    def abstract(self) -> Selection:
        return self.tables.having(ABSTRACT)

    def numbers_of(self, codes: Iterable[str]) -> Selection:
        rows = (self.row(code) for code in codes)
        return Selection.of(self.tables.size, (row.number for row in rows if row is not None))

    def codes_of(self, numbers: Iterable[int]) -> list[str]:
        return self.tables.codes(numbers)

    def entries(self, numbers: Sequence[int]) -> Iterator[Entry]:
        for row in self.tables.rows(numbers):
            yield LateEntry(
                self.url,
                self.version,
                row.code,
                row.display or None,
                partial(self.designations, row),
                bool(row.flags & ABSTRACT),
                bool(row.flags & INACTIVE),
            )

    def having_text(self, words: str, among: Selection) -> Selection:
        wanted = plain(words).split()
        found = self.tables.having_words(wanted) & among
        if len(wanted) < 2:
            return found
        # All words are somewhere; whether they are in one text only the texts tell.
        rows = (row for some in _batches(found) for row in self.tables.rows(some))
        return Selection.of(self.tables.size, (row.number for row in rows if matches(self._texts(row), words)))

    def _texts(self, row: Row) -> str:
        texts = [row.code, row.display, *(term.text for term in self.tables.body(row).terms)]
        return "\n".join(plain(text) for text in texts)

    def select(self, wanted: Filter) -> Codes:
        return Chosen(self, select(self, wanted))

    def subsumes(self, general: str, special: str) -> bool | None:
        """R4 codesystem-operation-subsumes.html."""
        upper, lower = self.row(general), self.row(special)
        if upper is None or lower is None:
            return None
        return upper.number == lower.number or upper.number in self.tables.ancestors_of(lower)

    def ancestors(self, code: str) -> frozenset[str]:
        row = self.row(code)
        return frozenset(() if row is None else self.tables.codes(self.tables.ancestors_of(row)))

    def descendants(self, code: str) -> frozenset[str]:
        row = self.row(code)
        if row is None or not row.flags & PARENT:
            return frozenset()
        runs = self.tables.runs_below(row.number)
        return frozenset(code for low, high in runs for code in self.tables.codes(range(low, high)))


def _batches(numbers: Iterable[int]) -> Iterator[list[int]]:
    found = iter(numbers)
    while some := list(islice(found, _AT_ONCE)):
        yield some


class Chosen:
    """The codes of a selection: `terms.systems.Codes`."""

    def __init__(self, system: LoadedSystem, selection: Selection) -> None:
        self.system = system
        self.selection = selection

    def __contains__(self, code: object) -> bool:
        row = self.system.row(code) if isinstance(code, str) else None
        return row is not None and row.number in self.selection

    def __iter__(self) -> Iterator[str]:
        return iter(self.system.tables.codes(self.selection))


def _designation(term: Term) -> Designation:
    found: dict[str, Any] = {"value": term.text}
    if term.language:
        found["language"] = term.language
    if term.use:
        system, _, code = term.use.rpartition("|")
        found["use"] = {"system": system, "code": code}
    return found


def unknown(system: LoadedSystem, code: str) -> Unresolved:
    """The error of a filter that starts from a code that is not there."""
    return Unresolved(f"{system.url} has no code {code!r}, which a filter starts from.")
