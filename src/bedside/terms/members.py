"""Who is in a value set: a tree of rules, each of which can find one code and list all
(https://hl7.org/fhir/R4/valueset.html#compositions).

A rule gives the member, or None when the code is certainly no member; where nobody can tell it raises one of `DOUBT`
with the reason. So "yes" survives beside what is not known, and "no" is never said by mistake.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from bedside.fhir.outcome import FhirError
from bedside.terms.canonical import joined
from bedside.terms.concepts import Concept, Designation
from bedside.terms.errors import NotEnumerable, Unanswerable, Unresolved
from bedside.terms.systems import Codes, CodeSystem

DOUBT = (Unanswerable, Unresolved)
MOST = 1_000_000
"""So many members may one list have."""


class Entry:
    """One member of a value set."""

    __slots__ = ("abstract", "code", "designations", "display", "inactive", "system", "version")

    def __init__(
        self,
        system: str | None,
        version: str | None,
        code: str,
        display: str | None,
        designations: Sequence[Designation] = (),
        abstract: bool = False,
        inactive: bool = False,
    ) -> None:
        self.system = system
        self.version = version
        self.code = code
        self.display = display
        self.designations = designations
        self.abstract = abstract
        self.inactive = inactive

    def coding(self) -> dict[str, Any]:
        """As a FHIR Coding."""
        found = {"system": self.system, "version": self.version, "code": self.code, "display": self.display}
        return {name: value for name, value in found.items() if value is not None}


@dataclass(slots=True)
class Walk:
    """What is learned while members are listed."""

    most: int = MOST
    partial: list[str] = field(default_factory=list)
    """Why the list may lack members."""
    count: int = 0

    def doubt(self, reason: str) -> None:
        if reason not in self.partial:
            self.partial.append(reason)

    def step(self) -> None:
        self.count += 1
        if self.count > self.most:
            raise NotEnumerable(f"This value set has more than {self.most:,} codes, which is more than is listed here.")


class Rule(Protocol):
    """Some members."""

    def find(self, system: str, code: str) -> Entry | None:
        """The member; None when there is certainly none. Raises one of DOUBT when that is not known."""

    def entries(self, walk: Walk) -> Iterator[Entry]:
        """All members, perhaps some twice. Raises Unresolved or NotEnumerable."""

    def systems(self) -> frozenset[str]:
        """The code systems that members may come from."""

    def size(self) -> int:
        """No more members than this."""


def entry_of(system: CodeSystem, concept: Concept) -> Entry:
    return Entry(
        system.url,
        system.version,
        concept.code,
        concept.display,
        concept.designations,
        concept.abstract,
        concept.inactive,
    )


@dataclass(frozen=True)
class OfSystem:
    """All codes of a system, or those that fulfil every one of `filters`."""

    system: CodeSystem
    filters: tuple[Codes, ...] = ()

    def find(self, system: str, code: str) -> Entry | None:
        if system != self.system.url:
            return None
        concept = self.system.find(code)
        if concept is None:
            if self.system.content != "complete":
                raise Unanswerable(_only_part(self.system))
            return None
        return entry_of(self.system, concept) if all(concept.code in each for each in self.filters) else None

    def entries(self, walk: Walk) -> Iterator[Entry]:
        if self.system.content != "complete":
            if not len(self.system):
                raise Unresolved(_only_part(self.system))
            walk.doubt(_only_part(self.system))
        numbered = _numbered(self)
        if numbered is not None:
            for entry in numbered:
                walk.step()
                yield entry
            return
        if not self.filters:
            for concept in self.system:
                walk.step()
                yield entry_of(self.system, concept)
            return
        first, *others = self.filters
        for code in first:
            if all(code in each for each in others):
                found = self.system.find(code)
                if found is not None:
                    walk.step()
                    yield entry_of(self.system, found)

    def systems(self) -> frozenset[str]:
        return frozenset((self.system.url,))

    def size(self) -> int:
        return len(self.system) or sys.maxsize


def _numbered(rule: OfSystem) -> Iterator[Entry] | None:
    """The members where the system reads many at once; None where it does not."""
    from bedside.terms.packed import PackedSet, selection_of

    found = selection_of(rule)
    return None if found is None else PackedSet(*found).members()


def _only_part(system: CodeSystem) -> str:
    what = {
        "not-present": "has no content here",
        "fragment": "is only a fragment here",
        "example": "is only an example here",
    }
    return f"The code system {joined(system.url, system.version)} {what.get(system.content, 'is not whole here')}."


class Listed:
    """Codes that a value set names one by one. They are members whether or not the system itself is known."""

    def __init__(
        self, url: str, version: str | None, concepts: Sequence[Mapping[str, Any]], system: CodeSystem | None
    ) -> None:
        self._url = url
        self._version = version if version is not None or system is None else system.version
        self._system = system
        self._concepts = {each["code"]: each for each in concepts if each.get("code")}
        folds = system is not None and not system.case_sensitive
        self._folded = {code.casefold(): code for code in self._concepts} if folds else None

    def find(self, system: str, code: str) -> Entry | None:
        if system != self._url:
            return None
        found = self._concepts.get(code)
        if found is None and self._folded is not None:
            found = self._concepts.get(self._folded.get(code.casefold(), ""))
        return None if found is None else self._entry(found)

    def entries(self, walk: Walk) -> Iterator[Entry]:
        for each in self._concepts.values():
            walk.step()
            yield self._entry(each)

    def codes_of(self, url: str) -> list[str]:
        """The codes that are listed of a system."""
        return list(self._concepts) if url == self._url else []

    def _entry(self, listed: Mapping[str, Any]) -> Entry:
        code = listed["code"]
        concept = self._system.find(code) if self._system is not None else None
        designations = listed.get("designation", ())
        if concept is None:
            return Entry(self._url, self._version, code, listed.get("display"), designations)
        display = listed.get("display") or concept.display
        more = concept.designations if not designations else (*designations, *concept.designations)
        return Entry(self._url, self._version, code, display, more, concept.abstract, concept.inactive)

    def systems(self) -> frozenset[str]:
        return frozenset((self._url,))

    def size(self) -> int:
        return len(self._concepts)


class Given:
    """The expansion that came with a ValueSet resource. It may be a part of the whole, and then it says how large."""

    def __init__(self, name: str, expansion: Mapping[str, Any]) -> None:
        self._found: dict[tuple[str | None, str], Entry] = {}
        self._gather(expansion.get("contains", ()))
        total = expansion.get("total")
        self.problem: str | None = None
        if (total is not None and total > len(self._found)) or expansion.get("offset"):
            self.problem = f"Of the expansion of {name} only {len(self._found)} of {total or 'all'} codes are here."

    def _gather(self, contains: Sequence[Mapping[str, Any]]) -> None:
        for each in contains:
            if each.get("code"):
                found = Entry(
                    each.get("system"),
                    each.get("version"),
                    each["code"],
                    each.get("display"),
                    each.get("designation", ()),
                    each.get("abstract", False),
                    each.get("inactive", False),
                )
                self._found.setdefault((found.system, found.code), found)
            self._gather(each.get("contains", ()))

    def find(self, system: str, code: str) -> Entry | None:
        found = self._found.get((system, code))
        if found is None and self.problem is not None:
            raise Unanswerable(self.problem)
        return found

    def entries(self, walk: Walk) -> Iterator[Entry]:
        if self.problem is not None:
            walk.doubt(self.problem)
        for each in self._found.values():
            walk.step()
            yield each

    def systems(self) -> frozenset[str]:
        return frozenset(system for system, _ in self._found if system is not None)

    def size(self) -> int:
        return len(self._found)


@dataclass(frozen=True)
class Missing:
    """What would have to be known and is not. `system` limits it to the codes of one system."""

    problem: FhirError
    system: str | None = None

    def _error(self) -> Unresolved:
        return Unresolved(self.problem.issues, code=None)

    def find(self, system: str, code: str) -> Entry | None:
        if self.system is not None and system != self.system:
            return None
        raise self._error()

    def entries(self, walk: Walk) -> Iterator[Entry]:
        raise self._error()
        yield  # a generator, as the others are

    def systems(self) -> frozenset[str]:
        return frozenset() if self.system is None else frozenset((self.system,))

    def size(self) -> int:
        return sys.maxsize


@dataclass(frozen=True)
class Union:
    """In any of them."""

    parts: tuple[Rule, ...]

    def find(self, system: str, code: str) -> Entry | None:
        doubt: FhirError | None = None
        for part in self.parts:
            try:
                found = part.find(system, code)
            except DOUBT as error:
                doubt = doubt or error
            else:
                if found is not None:
                    return found
        if doubt is not None:
            raise doubt
        return None

    def entries(self, walk: Walk) -> Iterator[Entry]:
        for part in self.parts:
            yield from part.entries(walk)

    def systems(self) -> frozenset[str]:
        return frozenset().union(*(part.systems() for part in self.parts))

    def size(self) -> int:
        return min(sum(part.size() for part in self.parts), sys.maxsize)


@dataclass(frozen=True)
class Both:
    """In all of them: the conditions of one include. The first one tells what a member looks like."""

    parts: tuple[Rule, ...]

    def find(self, system: str, code: str) -> Entry | None:
        doubt: FhirError | None = None
        first: Entry | None = None
        for part in self.parts:
            try:
                found = part.find(system, code)
            except DOUBT as error:
                doubt = doubt or error
            else:
                if found is None:
                    return None
                first = first or found
        if doubt is not None:
            raise doubt
        return first

    def entries(self, walk: Walk) -> Iterator[Entry]:
        listed = next((part for part in self.parts if isinstance(part, Listed)), None)
        first = listed or min(self.parts, key=lambda part: part.size())
        others = [part for part in self.parts if part is not first]
        for entry in first.entries(walk):
            if all(_has(part, entry, walk) for part in others):
                yield entry

    def systems(self) -> frozenset[str]:
        return frozenset.intersection(*(part.systems() for part in self.parts))

    def size(self) -> int:
        return min(part.size() for part in self.parts)


@dataclass(frozen=True)
class Without:
    """In `base`, and not in `excluded`."""

    base: Rule
    excluded: Rule

    def find(self, system: str, code: str) -> Entry | None:
        found = self.base.find(system, code)
        if found is None or self.excluded.find(system, found.code) is not None:
            return None
        return found

    def entries(self, walk: Walk) -> Iterator[Entry]:
        return (entry for entry in self.base.entries(walk) if not _has(self.excluded, entry, walk))

    def systems(self) -> frozenset[str]:
        return self.base.systems()

    def size(self) -> int:
        return self.base.size()


def _has(rule: Rule, entry: Entry, walk: Walk) -> bool:
    """Whether a rule has a member; where only a part of a system is here, the list becomes a partial one."""
    try:
        return rule.find(entry.system or "", entry.code) is not None
    except Unanswerable as error:
        walk.doubt(error.issues[0].message)
        return False


@dataclass(frozen=True)
class Active:
    """Those that are still in use."""

    base: Rule

    def find(self, system: str, code: str) -> Entry | None:
        found = self.base.find(system, code)
        return None if found is None or found.inactive else found

    def entries(self, walk: Walk) -> Iterator[Entry]:
        return (entry for entry in self.base.entries(walk) if not entry.inactive)

    def systems(self) -> frozenset[str]:
        return self.base.systems()

    def size(self) -> int:
        return self.base.size()


@dataclass(frozen=True)
class Otherwise:
    """The definition; where it cannot answer here, the expansion that came with it."""

    definition: Rule
    given: Given

    def find(self, system: str, code: str) -> Entry | None:
        try:
            return self.definition.find(system, code)
        except DOUBT:
            return self.given.find(system, code)

    def entries(self, walk: Walk) -> Iterator[Entry]:
        own = Walk(walk.most)
        try:
            found = list(self.definition.entries(own))
        except Unresolved:
            return self.given.entries(walk)
        if own.partial and self.given.problem is None:
            return self.given.entries(walk)
        walk.partial += [each for each in own.partial if each not in walk.partial]
        return iter(found)

    def systems(self) -> frozenset[str]:
        return self.definition.systems() | self.given.systems()

    def size(self) -> int:
        return max(self.definition.size(), self.given.size())
