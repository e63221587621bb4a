"""An expression constraint as a tree (ECL 2.2). `at` is the position of a character in the source, from 0."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

MANY = 1 << 60
"""No upper bound of a cardinality."""


@dataclass(frozen=True, slots=True)
class Concept:
    """A concept by its code; the term beside it says nothing."""

    code: str
    at: int


@dataclass(frozen=True, slots=True)
class Anything:
    """`*`"""

    at: int


@dataclass(frozen=True, slots=True)
class Sub:
    """A focus with what stands before and behind it. `member` `^`, with `fields` what is taken of the member rows."""

    focus: Concept | Anything | Expression
    at: int
    operator: str | None = None
    member: bool = False
    fields: tuple[str, ...] | None = None
    filters: tuple[Filter, ...] = ()
    history: History | None = None


@dataclass(frozen=True, slots=True)
class Compound:
    operator: Literal["AND", "OR", "MINUS"]
    parts: tuple[Sub, ...]


@dataclass(frozen=True, slots=True)
class Refined:
    base: Sub
    refinement: Refinement


@dataclass(frozen=True, slots=True)
class Dotted:
    """The values of attributes, one attribute after the other."""

    base: Sub
    names: tuple[Sub, ...]


@dataclass(frozen=True, slots=True)
class Search:
    """Search terms, any of which may match: whole words begun so (`match`), or a pattern with `*` (`wild`)."""

    terms: tuple[tuple[Literal["match", "wild"], str], ...]


@dataclass(frozen=True, slots=True)
class Attribute:
    """`least` and `most` are its cardinality."""

    name: Sub
    operator: str
    value: Sub | Decimal | Search | bool
    at: int
    least: int = 1
    most: int = MANY
    reverse: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Attributes of one role group."""

    attributes: Refinement
    at: int
    least: int = 1
    most: int = MANY


@dataclass(frozen=True, slots=True)
class Several:
    """All (AND) or one (OR) of them."""

    operator: Literal["AND", "OR"]
    parts: tuple[Refinement, ...]


@dataclass(frozen=True, slots=True)
class Dialect:
    """A language reference set, and how a description is to be accepted in it: P, A, or either."""

    refset: str
    how: frozenset[str]


@dataclass(frozen=True, slots=True)
class Test:
    """One condition of a filter. `values`: texts, codes as Sub, search terms, dialects, by the name of the test."""

    name: str
    operator: str
    value: tuple[str, ...] | tuple[Dialect, ...] | Sub | Search | Decimal | bool
    at: int


@dataclass(frozen=True, slots=True)
class Filter:
    """`{{ kind ... }}`: D is of descriptions, C of concepts, M of members of reference sets."""

    kind: Literal["D", "C", "M"]
    tests: tuple[Test, ...]
    at: int


@dataclass(frozen=True, slots=True)
class History:
    """`{{ + HISTORY }}`: with those inactive concepts that stand for the same. `refsets` instead of a profile."""

    profile: Literal["MIN", "MOD", "MAX"]
    refsets: Expression | None
    at: int


Expression = Compound | Refined | Dotted | Sub
Refinement = Several | Attribute | Group
