"""Value sets that draw on one system whose concepts are numbered: who is in them is a selection of numbers, and what
a member looks like is read when somebody wants to see it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Protocol, overload, runtime_checkable

from bedside.terms.concepts import Designation
from bedside.terms.members import Active, Both, Entry, Listed, OfSystem, Rule, Union, Without
from bedside.terms.selection import Selection
from bedside.terms.sets import ListedSet


@runtime_checkable
class Numbered(Protocol):
    """A code system whose concepts have numbers from 0, in its own order, and lie elsewhere."""

    url: str
    version: str | None
    case_sensitive: bool

    def selected(self, codes: object) -> Selection | None:
        """The numbers of what `select` gave; None when it is not of this system."""

    def everything(self) -> Selection: ...
    def active(self) -> Selection: ...
    def abstract(self) -> Selection: ...

    def numbers_of(self, codes: Iterable[str]) -> Selection:
        """The numbers of codes; one that is not here is left out."""

    def codes_of(self, numbers: Iterable[int]) -> list[str]:
        """The codes of numbers."""

    def entries(self, numbers: Sequence[int]) -> Iterator[Entry]:
        """Concepts as members of a value set, in the order of the numbers."""

    def having_text(self, words: str, among: Selection) -> Selection:
        """Those of some concepts that a text filter lets through (`sets.matches`)."""


class LateEntry(Entry):
    """A member whose designations are read when they are wanted."""

    __slots__ = ("_read",)

    def __init__(
        self,
        system: str,
        version: str | None,
        code: str,
        display: str | None,
        read: Callable[[], Sequence[Designation]],
        abstract: bool,
        inactive: bool,
    ) -> None:
        self.system = system
        self.version = version
        self.code = code
        self.display = display
        self.abstract = abstract
        self.inactive = inactive
        self._read = read

    @property
    def designations(self) -> Sequence[Designation]:  # type: ignore[override]
        return self._read()


def selection_of(rule: Rule) -> tuple[Numbered, Selection] | None:
    """The one system that a rule draws on and its members there; None for a rule that is not of that kind."""
    match rule:
        case OfSystem(of, filters):
            return _of_system(of, filters)
        case Union(parts) | Both(parts):
            pieces = [selection_of(part) for part in parts]
            if not pieces or pieces[0] is None:
                return None
            system, found = pieces[0]
            for piece in pieces[1:]:
                if piece is None or piece[0] is not system:
                    return None
                found = found | piece[1] if isinstance(rule, Union) else found & piece[1]
            return system, found
        case Without(base, excluded):
            kept = selection_of(base)
            if kept is None:
                return None
            system, found = kept
            if isinstance(excluded, Listed):
                return (system, found - system.numbers_of(excluded.codes_of(system.url)))
            gone = selection_of(excluded)
            return None if gone is None or gone[0] is not system else (system, found - gone[1])
        case Active(base):
            kept = selection_of(base)
            return None if kept is None else (kept[0], kept[1] & kept[0].active())
    return None


def _of_system(system: object, filters: Iterable[object]) -> tuple[Numbered, Selection] | None:
    if not isinstance(system, Numbered):
        return None
    found = system.everything()
    for each in filters:
        own = system.selected(each)
        if own is None:
            return None
        found = found & own
    return system, found


class PackedSet(ListedSet):
    """The members of a value set of one numbered system: as `ListedSet`, in a tenth of the room."""

    partial: tuple[str, ...] = ()

    def __init__(self, system: Numbered, selection: Selection) -> None:
        self._system = system
        self._selection = selection
        self._url = system.url
        self._folds = not system.case_sensitive

    @cached_property
    def _codes(self) -> frozenset[str]:
        return frozenset(self._system.codes_of(self._selection))

    def __contains__(self, key: object) -> bool:
        system: str | None
        code: str
        system, code = key  # type: ignore[misc]
        if code in self._codes:
            return system == self._url
        return self._folds and system == self._url and code.upper() in self._codes

    def find(self, system: str | None, code: str) -> Entry | None:
        if (system, code) not in self:
            return None
        return next(self._system.entries(list(self._system.numbers_of([code]))), None)

    def has_code(self, code: str) -> bool:
        return (self._url, code) in self

    @property
    def folds(self) -> bool:
        return self._folds

    def systems(self) -> frozenset[str]:
        return frozenset((self._url,))

    def systems_of(self, code: str) -> list[str | None]:
        return [self._url] if (self._url, code) in self else []

    def codes(self) -> Mapping[str | None, Collection[str]]:
        return {self._url: self._codes}

    def members(self) -> Iterator[Entry]:
        return iter(Shown(self._system, list(self._selection)))

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        return (entry.coding() for entry in self.members())

    def __len__(self) -> int:
        return len(self._selection)

    def chosen(self, words: str | None, active_only: bool, for_user_interface: bool) -> Sequence[Entry]:
        found = self._selection
        if active_only:
            found = found & self._system.active()
        if for_user_interface:
            found = found - self._system.abstract()
        if words:
            found = self._system.having_text(words, found)
        return Shown(self._system, list(found))


class Shown(Sequence[Entry]):
    """Members by number, read when they are looked at; a slice of them is one, too."""

    _AT_ONCE = 2_000

    def __init__(self, system: Numbered, numbers: Sequence[int]) -> None:
        self._system = system
        self._numbers = numbers

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, at: int) -> Entry: ...
    @overload
    def __getitem__(self, at: slice) -> Shown: ...
    def __getitem__(self, at: int | slice) -> Entry | Shown:
        if isinstance(at, slice):
            return Shown(self._system, self._numbers[at])
        return next(self._system.entries([self._numbers[at]]))

    def __iter__(self) -> Iterator[Entry]:
        for start in range(0, len(self._numbers), self._AT_ONCE):
            yield from self._system.entries(self._numbers[start : start + self._AT_ONCE])
