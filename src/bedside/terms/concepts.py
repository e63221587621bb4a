"""Concepts as all code systems give them, wherever their content lies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

Designation = Mapping[str, Any]
"""`value`, and perhaps `language` and `use` (a coding), as in CodeSystem.concept.designation."""
Value = str | bool | int | Decimal | Mapping[str, Any]

INACTIVE = frozenset(("inactive", "retired"))
"""Values of a `status` property that make a concept inactive (R4 codesystem.html#status)."""


class Property(NamedTuple):
    """One property of a concept. `type` is the suffix of `value[x]`: Code, Coding, String, Integer, Boolean, ..."""

    code: str
    value: Value
    type: str = "String"


@dataclass(slots=True, eq=False)  # not frozen only because a hundred thousand are made at once
class Concept:
    """One concept of one version of a code system, never changed. `parents` and `children` are codes of the same
    system."""

    code: str
    display: str | None = None
    abstract: bool = False
    """Not for use in a record: only a heading (`notSelectable`)."""
    inactive: bool = False
    definition: str | None = None
    designations: tuple[Designation, ...] = ()
    properties: tuple[Property, ...] = ()
    parents: tuple[str, ...] = ()
    children: tuple[str, ...] = ()


class Filter(NamedTuple):
    """One condition of ValueSet.compose.include.filter; `op` as in http://hl7.org/fhir/filter-operator."""

    property: str
    op: str
    value: str
