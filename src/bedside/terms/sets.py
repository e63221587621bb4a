"""A value set as its members: listed once, then asked millions of times."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from typing import Any

from bedside.terms.errors import NotEnumerable, Unanswerable
from bedside.terms.members import MOST, Entry, Rule, Walk
from bedside.terms.systems import Source

_REMEMBERED = 100_000
_BETWEEN = re.compile(r"[\W_]+")


class ListedSet:
    """The members of a value set, in order, each once.

    `partial` says why there may be more; then "not found" means "not known". Implements `MemberSet` of the questions.
    """

    __slots__ = ("__dict__", "_by_system", "_folded", "partial")

    def __init__(self, entries: Iterator[Entry], partial: list[str], folding: frozenset[str] = frozenset()) -> None:
        by_system: dict[str | None, dict[str, Entry]] = {}
        for entry in entries:
            codes = by_system.get(entry.system)
            if codes is None:
                codes = by_system[entry.system] = {}
            codes.setdefault(entry.code, entry)
        self._by_system = by_system
        self.partial = tuple(partial)
        """Filled while the entries were read."""
        self._folded = {
            system: {code.casefold(): entry for code, entry in codes.items()}
            for system, codes in by_system.items()
            if system in folding
        }

    @property
    def complete(self) -> bool:
        """Whether a code that is not found is certainly no member."""
        return not self.partial

    def __contains__(self, key: object) -> bool:
        """Whether (system, code) is a member."""
        system: str | None
        code: str
        system, code = key  # type: ignore[misc]
        codes = self._by_system.get(system)
        if codes is None:
            return False
        if code in codes:
            return True
        return system in self._folded and code.casefold() in self._folded[system]

    def find(self, system: str | None, code: str) -> Entry | None:
        """The member. Raises Unanswerable when only a part of the set is known and the code is not in that part."""
        found = self._by_system.get(system, {}).get(code)
        if found is None and system in self._folded:
            found = self._folded[system].get(code.casefold())
        if found is None and self.partial:
            raise Unanswerable(" ".join(self.partial))
        return found

    def has_code(self, code: str) -> bool:
        """Whether the code is a member under any system. LookupError when it is one under several (CQL, In)."""
        found = sum(code in codes for codes in self._by_system.values())
        if found > 1:
            raise LookupError(f"{code!r} is a code of several systems in this value set; say which is meant.")
        return found == 1

    asked = False
    """Whether its members cannot be listed."""

    @property
    def folds(self) -> bool:
        """Whether the codes of one of its systems ignore case."""
        return bool(self._folded)

    def systems(self) -> frozenset[str]:
        """The systems that members are of."""
        return frozenset(system for system in self._by_system if system is not None)

    def systems_of(self, code: str) -> list[str | None]:
        """The systems in which the code is a member."""
        return [system for system, codes in self._by_system.items() if code in codes]

    def codes(self) -> Mapping[str | None, Collection[str]]:
        """The codes of the members by system."""
        return self._by_system

    def members(self) -> Iterator[Entry]:
        """The members, system by system in the order in which these first appear."""
        return chain.from_iterable(codes.values() for codes in self._by_system.values())

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        return (entry.coding() for entry in self.members())

    def __len__(self) -> int:
        return sum(len(codes) for codes in self._by_system.values())

    def chosen(self, words: str | None, active_only: bool, for_user_interface: bool) -> Sequence[Entry]:
        """Those members that an expansion shows, in order: `words` is its text filter."""
        found = list(self.members())
        if words:
            found = [entry for entry, text in zip(found, self.texts, strict=True) if matches(text, words)]
        if active_only:
            found = [entry for entry in found if not entry.inactive]
        if for_user_interface:
            found = [entry for entry in found if not entry.abstract]
        return found

    @cached_property
    def texts(self) -> list[str]:
        """For each member, in order, its words as a text filter sees them."""
        return [searchable(entry) for entry in self.members()]


class AskedSet:
    """A value set whose members nobody can list, or of which a part is not known: each code is asked of its rule.

    `in` raises one of `members.DOUBT` for a code of which nobody can tell.
    """

    complete = True
    asked = True
    folds = False
    partial: tuple[str, ...] = ()

    def __init__(self, rule: Rule, why: Exception) -> None:
        self._rule = rule
        self._why = why
        self._known: dict[tuple[str | None, str], bool] = {}

    def __contains__(self, key: object) -> bool:
        system: str | None
        code: str
        found: bool | None = self._known.get(key)  # type: ignore[call-overload]
        if found is None:
            system, code = key  # type: ignore[misc]
            if len(self._known) > _REMEMBERED:
                self._known.clear()
            found = self._known[(system, code)] = self.find(system, code) is not None
        return found

    def find(self, system: str | None, code: str) -> Entry | None:
        return None if system is None else self._rule.find(system, code)

    def has_code(self, code: str) -> bool:
        found = len(self.systems_of(code))
        if found > 1:
            raise LookupError(f"{code!r} is a code of several systems in this value set; say which is meant.")
        return found == 1

    def systems(self) -> frozenset[str]:
        return self._rule.systems()

    def systems_of(self, code: str) -> list[str | None]:
        return [system for system in self._rule.systems() if (system, code) in self]

    def codes(self) -> Mapping[str | None, Collection[str]]:
        raise self._why

    def members(self) -> Iterator[Entry]:
        raise self._why

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        raise self._why

    def __len__(self) -> int:
        raise self._why


def listed(rule: Rule, most: int = MOST, folding: frozenset[str] = frozenset()) -> ListedSet:
    """All members of a rule. Raises NotEnumerable or Unresolved. `folding` are systems that ignore case."""
    walk = Walk(most)
    found = ListedSet(rule.entries(walk), [], folding)
    found.partial = tuple(walk.partial)
    return found


def member_set(rule: Rule, folding: frozenset[str] = frozenset()) -> ListedSet | AskedSet:
    """The members, listed where that is possible."""
    from bedside.terms.errors import Unresolved

    try:
        packed = packed_set(rule)
        return listed(rule, folding=folding) if packed is None else packed
    except (NotEnumerable, Unresolved) as error:
        return AskedSet(rule, error.with_traceback(None))


def packed_set(rule: Rule) -> ListedSet | None:
    """The members of a rule that draws on one numbered system alone; None for any other."""
    from bedside.terms.packed import PackedSet, selection_of

    found = selection_of(rule)
    return None if found is None else PackedSet(*found)


def folding_systems(source: Source, rule: Rule) -> frozenset[str]:
    """The systems of a rule whose codes ignore case."""
    found = set()
    for url in rule.systems():
        system = source.code_system(url)
        if system is not None and not system.case_sensitive:
            found.add(url)
    return frozenset(found)


def plain(text: str) -> str:
    """A text without case and accents, its words apart by single spaces, with one in front."""
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return f" {_BETWEEN.sub(' ', text.casefold()).strip()}"


def searchable(entry: Entry) -> str:
    """Code, display and designations of a member, for a text filter."""
    texts = [entry.code, entry.display or "", *(d.get("value", "") for d in entry.designations)]
    return "\n".join(plain(text) for text in texts if text)


def matches(text: str, wanted: str) -> bool:
    """Whether each word that is wanted begins a word of one text of `searchable`.

    R4 leaves to the server what a text filter means (valueset-operation-expand.html, `filter`).
    """
    words = [f" {word}" for word in plain(wanted).split()]
    return any(all(word in line for word in words) for line in text.split("\n"))
