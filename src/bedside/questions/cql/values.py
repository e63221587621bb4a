"""Values at run time that FHIRPath does not have: intervals, codes, concepts, vocabularies, ratios and longs.

The rest is shared with FHIRPath: `bool`, `int`, `Decimal`, `str`, `Date`, `DateTime`, `Time`, `Quantity`; `None` is
null, a list is a Python list, a tuple a `dict`; an instance of a class of the FHIR model is a `DataNode`.
Whether two values are equal in CQL's sense is said by the operators `Equal` and `Equivalent`, not by Python's `==`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bedside.questions.values import Quantity


class Long(int):
    """System.Long: an integer of 64 bits. Operators of the signature with Long give one back."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Interval:
    """`Interval[low, high)`. A closed boundary of None is the least or greatest value of the point type, an open one
    is unknown (CQL 1.5, "Interval Values").

    `point` is the name of the System point type (`Integer`, `DateTime`, ...), so that `Interval[null, null]` knows its
    extremes; `Any` when even the type is not known.
    """

    low: Any
    high: Any
    low_closed: bool = True
    high_closed: bool = True
    point: str = "Any"


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """A number known only to lie between two, both included: `years between 2014 and @2015-03` (CQL 1.5, 5.5).

    Never leaves an expression: comparing gives true, false or null, anything else makes it null.
    """

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Ratio:
    numerator: Quantity
    denominator: Quantity


@dataclass(frozen=True, slots=True)
class Code:
    code: str
    system: str | None = None
    version: str | None = None
    display: str | None = None


@dataclass(frozen=True, slots=True)
class Concept:
    codes: tuple[Code, ...]
    display: str | None = None


@dataclass(frozen=True, slots=True)
class CodeSystem:
    id: str
    version: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class ValueSet:
    id: str
    version: str | None = None
    name: str | None = None
    code_systems: tuple[CodeSystem, ...] = ()
