"""What a search asks for, after parsing and before any SQL. All of it is immutable and knows no database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from bedside.record.parameters import Parameter

Total = Literal["none", "estimate", "accurate"]


@dataclass(frozen=True, slots=True)
class Match:
    """A parameter of the type itself, and values of which one must match. What a value is depends on the
    parameter's type; see `filters`. `:missing` has one value, a bool."""

    parameter: Parameter
    modifier: str | None
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Chain:
    """`subject:Patient.name=x`: a reference, and for each type it may lead to what must hold there
    (R4 search.html#chaining)."""

    parameter: Parameter
    targets: tuple[tuple[str, Filter], ...]


@dataclass(frozen=True, slots=True)
class Has:
    """`_has:Observation:patient:code=x`: a resource of `type` refers to this one by `parameter` and matches `inner`
    (R4 search.html#has)."""

    type: str
    parameter: Parameter
    inner: Filter


@dataclass(frozen=True, slots=True)
class Member:
    """In a compartment: referred to it by one of `parameters`, or the resource itself where `itself`."""

    parameters: tuple[Parameter, ...]
    compartment: tuple[str, str]
    itself: bool


Filter = Match | Chain | Has | Member


@dataclass(frozen=True, slots=True)
class Leg:
    """One resource type of a search, and what must hold for it, all of it."""

    type: str
    filters: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class SortKey:
    """One `_sort` key: the parameter for each type that is searched, by type."""

    code: str
    descending: bool
    parameters: tuple[Parameter, ...]


@dataclass(frozen=True, slots=True)
class Include:
    """One `_include` or `_revinclude` (R4 search.html#revinclude).

    `source` is the type that holds the reference, None for `*`. `parameter` None is every reference parameter.
    """

    reverse: bool
    iterate: bool
    source: str | None
    parameter: Parameter | None
    target: str | None


@dataclass(frozen=True, slots=True)
class Search:
    """A whole search.

    `count` is the size of a page; 0 asks for the total only. `query` are the filters as they were written, in
    order, which together with the sort identify the search that a cursor belongs to.
    """

    legs: tuple[Leg, ...]
    query: tuple[tuple[str, str], ...]
    sort: tuple[SortKey, ...] = ()
    count: int = 50
    total: Total | None = None
    cursor: str | None = None
    includes: tuple[Include, ...] = ()
    summary: str | None = None
    elements: tuple[str, ...] = ()
    self_params: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()
    needs_text: bool = False
    """The full-text index must have caught up before this is run."""
