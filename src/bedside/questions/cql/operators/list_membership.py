"""Which elements a list has, and which lists have the elements of others (CQL 1.5.3, appendix B, "List Operators").

Elements are compared by `=`, only that null is equal to null. Where an element may be there or not, because of a date
that is not precise enough, the answer is null.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bedside.questions.cql.operators.elements import Elements, same
from bedside.questions.cql.operators.equality import equal
from bedside.questions.cql.operators.intervals import both
from bedside.questions.cql.operators.registry import operator

_LONG = 16
"""From how many comparisons on it pays to sort elements into drawers first."""


def has(items: Iterable[Any], element: Any) -> bool | None:
    """Whether an element is among the items."""
    unknown = False
    for item in items:
        found = same(item, element)
        if found:
            return True
        unknown |= found is None
    return None if unknown else False


@operator("Contains", "(List<T>, T) Boolean", clause="Lists, Contains", nulls=True)
def contains(items: list[Any] | None, element: Any) -> bool | None:
    """`list contains element`. False for a null list; for a null element whether there is a null in it."""
    return False if items is None else has(items, element)


@operator("In", "(T, List<T>) Boolean", clause="Lists, In", nulls=True)
def in_list(element: Any, items: list[Any] | None) -> bool | None:
    """`element in list`. False for a null list; for a null element whether there is a null in it."""
    return False if items is None else has(items, element)


def has_other(items: Iterable[Any], element: Any) -> bool | None:
    """Whether there is an element that is not this one. Nobody knows that of a null, unless null is what is sought."""
    unknown = False
    for item in items:
        if element is None or item is None:
            found = None if element is not None else item is None
        else:
            found = equal(item, element)
        if found is False:
            return True
        unknown |= found is None
    return None if unknown else False


@operator("ProperContains", "(List<T>, T) Boolean", clause="Lists, Properly Includes", nulls=True)
@operator("ProperIncludes", "(List<T>, T) Boolean", clause="Lists, Properly Includes", nulls=True)
def proper_contains(items: list[Any] | None, element: Any) -> bool | None:
    """`list properly includes element`: it has this and another one. Nulls as in `contains`."""
    return False if items is None else both(has(items, element), has_other(items, element))


@operator("ProperIn", "(T, List<T>) Boolean", clause="Lists, Properly Included In", nulls=True)
@operator("ProperIncludedIn", "(T, List<T>) Boolean", clause="Lists, Properly Included In", nulls=True)
def proper_in(element: Any, items: list[Any] | None) -> bool | None:
    """`element properly included in list`: the list has this and another one. Nulls as in `in_list`."""
    return proper_contains(items, element)


@operator("Includes", "(List<T>, List<T>) Boolean", clause="Lists, Includes")
def includes(left: list[Any], right: list[Any]) -> bool | None:
    """Every element of right is in left; null when a side is null."""
    quickly = Elements(left) if len(left) * len(right) > _LONG else None
    unknown = False
    for element in right:
        if quickly is not None and element in quickly:
            continue
        found = has(left, element)
        if found is False:
            return False
        unknown |= found is None
    return None if unknown else True


@operator("IncludedIn", "(List<T>, List<T>) Boolean", clause="Lists, Included In")
def included_in(left: list[Any], right: list[Any]) -> bool | None:
    """Every element of left is in right; null when a side is null."""
    return includes(right, left)


@operator("ProperIncludes", "(List<T>, List<T>) Boolean", clause="Lists, Properly Includes")
def proper_includes(left: list[Any], right: list[Any]) -> bool | None:
    """Left includes right and has an element that right does not have; null when a side is null."""
    included = includes(left, right)
    if included is False:
        return False
    back = includes(right, left)
    return both(included, None if back is None else not back)


@operator("ProperIncludedIn", "(List<T>, List<T>) Boolean", clause="Lists, Properly Included In")
def proper_included_in(left: list[Any], right: list[Any]) -> bool | None:
    """Right includes left and has an element that left does not have; null when a side is null."""
    return proper_includes(right, left)


operator("Includes", "(List<T>, T) Boolean", clause="Lists, Includes", nulls=True)(contains)
operator("IncludedIn", "(T, List<T>) Boolean", clause="Lists, Included In", nulls=True)(in_list)
