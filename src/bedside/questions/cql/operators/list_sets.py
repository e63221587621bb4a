"""Lists as sets: distinct, union, intersect, except (CQL 1.5.3, appendix B, "List Operators").

Elements are compared by `=`, null is equal to null, and each comes once, in the order in which it first came.
"""

from __future__ import annotations

from typing import Any

from bedside.questions.cql.operators.elements import Elements
from bedside.questions.cql.operators.registry import operator

_TWO = "(List<T>, List<T>) List<T>"


@operator("Distinct", "(List<T>) List<T>", clause="Lists, Distinct")
def distinct(operand: list[Any]) -> list[Any]:
    """`distinct X`: without later repetitions; null of null."""
    return operand if len(operand) < 2 else Elements(operand).items


@operator("Union", _TWO, clause="Lists, Union", nulls=True)
def union(left: list[Any] | None, right: list[Any] | None) -> list[Any]:
    """`left union right`: what is in either. A null side counts as empty."""
    found = Elements(left or ())
    for item in right or ():
        found.add(item)
    return found.items


@operator("Intersect", _TWO, clause="Lists, Intersect")
def intersect(left: list[Any], right: list[Any]) -> list[Any]:
    """`left intersect right`: what is in both; null when a side is null."""
    there = Elements(right)
    return Elements(item for item in left if item in there).items


@operator("Except", _TWO, clause="Lists, Except", nulls=True)
def except_(left: list[Any] | None, right: list[Any] | None) -> list[Any] | None:
    """`left except right`: what is in the left only; null of a null left, a null right counts as empty."""
    if left is None:
        return None
    there = Elements(right or ())
    return Elements(item for item in left if item not in there).items
