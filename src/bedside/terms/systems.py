"""What a code system is to the rest of this room, wherever its content lies: in a CodeSystem resource, in tables that
a loader filled, or in a grammar (UCUM, language tags)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal, Protocol

from bedside.terms.concepts import Concept, Filter
from bedside.terms.errors import NotEnumerable

Content = Literal["not-present", "example", "fragment", "complete", "supplement"]
Resource = Mapping[str, Any]


class Codes(Protocol):
    """Some codes of one system."""

    def __contains__(self, code: object) -> bool: ...

    def __iter__(self) -> Iterator[str]:
        """In the order of the system. Raises NotEnumerable when there is no end to them."""


class CodeSystem(Protocol):
    """One version of a code system. Immutable, and safe to ask from any thread."""

    @property
    def url(self) -> str: ...
    @property
    def version(self) -> str | None: ...
    @property
    def name(self) -> str | None: ...
    @property
    def content(self) -> Content:
        """What is here of it. Of `complete` a code that is not found does not exist; of others nobody knows."""

    @property
    def case_sensitive(self) -> bool: ...
    @property
    def value_set(self) -> str | None:
        """The canonical URL of the value set of all its codes, where it has one."""

    @property
    def language(self) -> str | None:
        """The language of the displays."""

    def __len__(self) -> int:
        """How many concepts are here; 0 for a grammar."""

    def find(self, code: str) -> Concept | None:
        """The concept with this code. None: not here (which for `complete` means that there is none)."""

    def __iter__(self) -> Iterator[Concept]:
        """All concepts, in the order of the system. Raises NotEnumerable when there is no end to them."""

    def select(self, wanted: Filter) -> Codes:
        """The codes that fulfil a filter (R4 valueset.html#compositions). Unresolved for one it does not know."""

    def subsumes(self, general: str, special: str) -> bool | None:
        """Whether a code is the other or an ancestor of it; None when that is not known."""

    def ancestors(self, code: str) -> Iterable[str]:
        """All codes above a code, without itself; empty for a system without hierarchy."""

    def descendants(self, code: str) -> Iterable[str]:
        """All codes below a code, without itself."""


class Source(Protocol):
    """Finds definitions by canonical URL. `version` None: the newest."""

    def code_system(self, url: str, version: str | None = None) -> CodeSystem | None:
        """None when nothing is known of it. One that is known by name only has `content` not-present."""

    def value_set(self, url: str, version: str | None = None) -> Resource | None:
        """A ValueSet, implicit ones included."""

    def concept_map(self, url: str, version: str | None = None) -> Resource | None: ...

    def concept_maps(self) -> Iterable[Resource]:
        """Every ConceptMap, the newest version of each."""


class Matching:
    """Codes that fulfil a predicate, of a system without end or with an order of its own."""

    def __init__(self, holds: Callable[[str], bool], every: Callable[[], Iterator[str]] | None = None) -> None:
        self._holds = holds
        self._every = every

    def __contains__(self, code: object) -> bool:
        return isinstance(code, str) and self._holds(code)

    def __iter__(self) -> Iterator[str]:
        if self._every is None:
            raise NotEnumerable("The codes of this system are made by a grammar; nobody can list them.")
        return (code for code in self._every() if self._holds(code))


def is_whole(system: CodeSystem) -> bool:
    """Whether a code that the system does not find does not exist."""
    return system.content == "complete"
