"""Elements of lists by their place, parts of lists, and lists of lists (CQL 1.5.3, appendix B, "List Operators").

Places count from 0. No list that has been handed in is ever changed.
"""

from __future__ import annotations

from typing import Any

from bedside.questions.cql.operators.elements import same
from bedside.questions.cql.operators.registry import operator
from bedside.questions.data import MAX_ITEMS
from bedside.questions.errors import EvaluationError


@operator("Exists", "(List<T>) Boolean", clause="Lists, Exists", nulls=True)
def exists(operand: list[Any] | None) -> bool:
    """`exists X`: there is an element that is not null; false of null."""
    if not operand:
        return False
    return operand[0] is not None or any(item is not None for item in operand)


@operator("First", "(List<T>) T", clause="Lists, First")
def first(operand: list[Any]) -> Any:
    """The first element; null of null and of an empty list."""
    return operand[0] if operand else None


@operator("Last", "(List<T>) T", clause="Lists, Last")
def last(operand: list[Any]) -> Any:
    """The last element; null of null and of an empty list."""
    return operand[-1] if operand else None


@operator("Indexer", "(List<T>, Integer) T", clause="Lists, Indexer")
def indexer(operand: list[Any], index: int) -> Any:
    """`X[index]`: null when a side is null, and beyond either end."""
    return operand[index] if 0 <= index < len(operand) else None


@operator("IndexOf", "(List<T>, T) Integer", clause="Lists, IndexOf")
def index_of(operand: list[Any], element: Any) -> int:
    """Where the element first is, -1 when it is not there; null when a side is null."""
    for place, item in enumerate(operand):
        if same(item, element):
            return place
    return -1


@operator("Length", "(List<T>) Integer", clause="Lists, Length", nulls=True)
def length(operand: list[Any] | None) -> int:
    """How many elements there are, nulls among them; 0 of null."""
    return 0 if operand is None else len(operand)


@operator("SingletonFrom", "(List<T>) T", clause="Lists, Singleton From")
def singleton_from(operand: list[Any]) -> Any:
    """`singleton from X`: the only element; null of null and of an empty list.

    Raises EvaluationError for a list of several elements.
    """
    if len(operand) > 1:
        raise EvaluationError(f"singleton from needs a list of one element; it has {len(operand)}")
    return operand[0] if operand else None


@operator(
    "Slice",
    "(List<T>) List<T>",
    "(List<T>, Integer) List<T>",
    "(List<T>, Integer, Integer) List<T>",
    clause="Lists, Slice, Skip, Tail and Take",
    nulls=True,
)
def slice_(operand: list[Any] | None, start: int | None = None, stop: int | None = None) -> list[Any] | None:
    """The elements from `start` to just before `stop`; null of null.

    A null start is 0, a null stop the end; negative ones count from the end. Beyond the ends there is nothing.
    """
    return None if operand is None else operand[start:stop]


@operator("Skip", "(List<T>, Integer) List<T>", clause="Lists, Skip", nulls=True)
def skip(operand: list[Any] | None, number: int | None) -> list[Any] | None:
    """All but the first elements; null of null. A null number skips nothing, a negative one leaves nothing."""
    if operand is None:
        return None
    return [] if number is not None and number < 0 else operand[number:]


@operator("Take", "(List<T>, Integer) List<T>", clause="Lists, Take", nulls=True)
def take(operand: list[Any] | None, number: int | None) -> list[Any] | None:
    """The first elements; null of null. A null, zero or negative number takes nothing."""
    return None if operand is None else operand[: max(number or 0, 0)]


@operator("Tail", "(List<T>) List<T>", clause="Lists, Tail")
def tail(operand: list[Any]) -> list[Any]:
    """All but the first element; null of null."""
    return operand[1:]


@operator("Flatten", "(List<List<T>>) List<T>", clause="Lists, Flatten")
def flatten(operand: list[Any]) -> list[Any]:
    """The elements of all lists in a list; null of null. A null among the lists has no elements.

    What is no list stands for itself, so that a list of mixed elements can be flattened, too.
    """
    found: list[Any] = []
    for each in operand:
        if each.__class__ is list:
            found.extend(each)
        elif each is not None:
            found.append(each)
        if len(found) > MAX_ITEMS:
            raise EvaluationError(f"flatten makes more than {MAX_ITEMS} elements")
    return found


@operator("Times", "(List<T>, List<S>) List<Any>", clause="ELM, Times")
def times(left: list[Any], right: list[Any]) -> list[Any]:
    """Every tuple of the left joined with every tuple of the right; null when a side is null.

    Raises EvaluationError for what are no tuples, and for more than a million of them.
    """
    if len(left) * len(right) > MAX_ITEMS:
        raise EvaluationError(f"times makes more than {MAX_ITEMS} tuples")
    if not all(each.__class__ is dict for each in (*left, *right)):
        raise EvaluationError("times joins tuples only", expected="two lists of tuples")
    return [{**one, **other} for one in left for other in right]
