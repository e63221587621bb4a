"""What evaluation needs to know of an edition of SNOMED CT. Concepts are numbers; sets of them are selections."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, Protocol, TypeAlias

from bedside.terms.selection import Selection

Numbers: TypeAlias = "array[int]"


class Description(NamedTuple):
    """An active description. `accept`: P (preferred) or A (acceptable), then the language reference set."""

    text: str
    language: str
    type: str
    module: str
    time: str
    accept: Sequence[str]


class Rows(Protocol):
    """The relationships of one attribute type, a row each: parallel lists.

    `targets` are numbers of concepts when `values` is None, and places in `values` otherwise. `groups` is empty when
    all are 0. `type` is Code, Decimal, String or Boolean.
    """

    @property
    def sources(self) -> Numbers: ...
    @property
    def targets(self) -> Numbers: ...
    @property
    def groups(self) -> Numbers: ...
    @property
    def type(self) -> str: ...
    @property
    def values(self) -> list[str] | None: ...


class MemberRows(Protocol):
    """The active rows of a reference set: its members, and for each further field places in the field's values."""

    @property
    def members(self) -> Numbers: ...
    @property
    def fields(self) -> dict[str, tuple[Numbers, list[str]]]: ...


class Ontology(Protocol):
    """One edition."""

    @property
    def size(self) -> int:
        """How many concepts it has."""

    @property
    def everything(self) -> Selection:
        """All concepts, inactive ones too."""

    @property
    def active(self) -> Selection: ...
    @property
    def defined(self) -> Selection:
        """The concepts that are sufficiently defined."""

    def number(self, code: str) -> int | None:
        """The number of a concept; None when it is not here."""

    def codes(self, numbers: Iterable[int]) -> list[str]: ...
    def children(self, of: Selection) -> Selection: ...
    def parents(self, of: Selection) -> Selection: ...
    def descendants(self, of: Selection) -> Selection: ...
    def ancestors(self, of: Selection) -> Selection: ...

    def attribute_types(self) -> Iterable[str]:
        """The codes of the attributes that some relationship is of."""

    def attribute(self, code: str) -> Sequence[Rows]:
        """The relationships of an attribute: those with concepts and those with literals apart."""

    def stated(self, name: str) -> Rows | None:
        """`moduleId` or `effectiveTime` of every concept, as literals."""

    def refsets(self) -> Iterable[str]:
        """The codes of the reference sets that have members that are concepts."""

    def refset(self, code: str) -> MemberRows | None: ...

    def described(
        self, among: Selection, words: Sequence[Sequence[str]] | None, holds: Callable[[Description], bool]
    ) -> Selection:
        """Those of some concepts with a description that fulfils `holds`. `words`, where given, are lists of word
        beginnings: such a description has all of one of the lists."""
