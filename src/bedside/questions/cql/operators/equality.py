"""When two values are equal (`=`, `!=`): every type, at any depth (ELM 12.1, 12.7).

Equality is by value, and null where it cannot be known: a side is null, dates have different precision, units do not go
together. Lists are compared element by element; in them, and in structures, null is equal to null.

Operands of different types are not equal, but for numbers among themselves, a Date and a DateTime, and a piece of a
FHIR resource and the value that it stands for (CQL 1.5.3, appendix B, "Equal").
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from bedside.questions.cql.operators import exact, intervals, quantities, temporal
from bedside.questions.cql.operators.registry import operator
from bedside.questions.cql.values import (
    Code,
    CodeSystem,
    Concept,
    Interval,
    Long,
    Ratio,
    Uncertainty,
    ValueSet,
)
from bedside.questions.data import DataNode, system_value
from bedside.questions.values import Date, DateTime, Quantity, Time

Truth = bool | None

NUMBERS = frozenset({int, Long, Decimal, Uncertainty})
DATES = frozenset({Date, DateTime})


@operator("Equal", "(Boolean, Boolean) Boolean", "(String, String) Boolean", clause="12.1")
def equal_simple(left: Any, right: Any) -> bool:
    """Null when a side is null."""
    return bool(left == right)


@operator(
    "Equal",
    "(Integer, Integer) Boolean",
    "(Long, Long) Boolean",
    "(Decimal, Decimal) Boolean",
    clause="12.1",
)
def equal_numbers(left: Any, right: Any) -> Truth:
    """Zeros at the end of a Decimal do not count. Null when a side is null, and where ranges leave it open."""
    if left.__class__ is Uncertainty or right.__class__ is Uncertainty:
        one, other = exact.bounds(left), exact.bounds(right)
        if one[1] < other[0] or other[1] < one[0]:
            return False
        return True if one[0] == one[1] == other[0] == other[1] else None
    return bool(left == right)


@operator("Equal", "(Date, Date) Boolean", "(DateTime, DateTime) Boolean", "(Time, Time) Boolean", clause="12.1")
def equal_temporal(left: temporal.Temporal, right: temporal.Temporal) -> Truth:
    """Null when a side is null, and where one has a component that the other lacks and all before are the same."""
    order = temporal.compare(left, right)
    return None if order is None else order == 0


@operator("Equal", "(Quantity, Quantity) Boolean", clause="12.1")
def equal_quantities(left: Quantity, right: Quantity) -> Truth:
    """1 'cm' = 0.01 'm'. Null when a side is null, or the units do not go together."""
    order = quantities.compare(left, right)
    return None if order is None else order == 0


@operator("Equal", "(T, T) Boolean", clause="12.1")
def equal(left: Any, right: Any) -> Truth:
    """Equality of any two values. Null when a side is null, and where it cannot be known."""
    if left is None or right is None:
        return None
    kind = left.__class__
    if kind is right.__class__:
        same = _EQUAL.get(kind)
        return bool(left == right) if same is None else same(left, right)
    return _equal_mixed(left, right)


def _equal_mixed(left: Any, right: Any) -> Truth:
    one, other = left.__class__, right.__class__
    if one in NUMBERS and other in NUMBERS:
        return equal_numbers(left, right)
    if one in DATES and other in DATES:
        return equal_temporal(left, right)
    if one is Quantity or other is Quantity:
        pair = as_quantities(left, right)
        if pair is not None:
            return equal_quantities(*pair)
    if one is DataNode or other is DataNode:
        first, second = system_value(left), system_value(right)
        if first is None or second is None:
            return None
        return equal(first, second) if first is not left or second is not right else False
    return False


def as_quantities(left: Any, right: Any) -> tuple[Quantity, Quantity] | None:
    """A number stands for a quantity with the unit '1' (ELM 22.28)."""
    if isinstance(left, Quantity):
        other = _as_quantity(right)
        return None if other is None else (left, other)
    if isinstance(right, Quantity):
        one = _as_quantity(left)
        return None if one is None else (one, right)
    return None


def _as_quantity(value: Any) -> Quantity | None:
    return Quantity(Decimal(value)) if value.__class__ in (int, Long, Decimal) else None


def _equal_lists(left: list[Any], right: list[Any]) -> Truth:
    if len(left) != len(right):
        return False
    unknown = False
    for one, other in zip(left, right, strict=True):
        if one is None and other is None:
            continue
        same = equal(one, other)
        if same is False:
            return False
        unknown |= same is None
    return None if unknown else True


def _equal_elements(pairs: Iterable[tuple[Any, Any]]) -> Truth:
    """Elements in their order, until one is not equal: that one decides. Null on both sides is equal."""
    for one, other in pairs:
        if one is None and other is None:
            continue
        same = equal(one, other)
        if same is not True:
            return same
    return True


def _equal_tuples(left: Mapping[str, Any], right: Mapping[str, Any]) -> Truth:
    """In the order of their names: `{ Id: null, Name: 'John' } = { Id: 1, Name: 'James' }` is null."""
    if left.keys() != right.keys():
        return False
    decides: str | None = None
    answer: Truth = True
    for name, value in left.items():
        other = right[name]
        if value is None and other is None:
            continue
        same = equal(value, other)
        if same is not True and (decides is None or name < decides):
            decides, answer = name, same
    return answer


def _equal_codes(left: Code, right: Code) -> Truth:
    return _equal_elements(
        (
            (left.code, right.code),
            (left.system, right.system),
            (left.version, right.version),
            (left.display, right.display),
        )
    )


def _equal_concepts(left: Concept, right: Concept) -> Truth:
    return _equal_elements(((list(left.codes), list(right.codes)), (left.display, right.display)))


def _equal_vocabularies(left: CodeSystem | ValueSet, right: CodeSystem | ValueSet) -> Truth:
    """By id and version; the name is only for people (CQL 1.5.3, appendix B, "Vocabulary")."""
    return _equal_elements(((left.id, right.id), (left.version, right.version)))


def _equal_ratios(left: Ratio, right: Ratio) -> Truth:
    """1:8 is not 2:16."""
    return _all_known((equal_quantities(left.numerator, right.numerator), _denominators(left, right)))


def _denominators(left: Ratio, right: Ratio) -> Truth:
    return equal_quantities(left.denominator, right.denominator)


def _equal_intervals(left: Interval, right: Interval) -> Truth:
    """By where they start and end: `Interval[1, 3] = Interval[1, 4)`."""
    if not comparable_points(left, right):
        return False
    return intervals.equal(left, right)


_POINT_KINDS = {"Integer": "number", "Long": "number", "Decimal": "number", "Date": "date", "DateTime": "date"}


def comparable_points(left: Interval, right: Interval) -> bool:
    """Whether two intervals have points of types that compare with each other, as far as these are known."""
    one, other = intervals.point_type(left), intervals.point_type(right)
    return one == other or "Any" in (one, other) or _POINT_KINDS.get(one, one) == _POINT_KINDS.get(other, other)


def _all_known(parts: Iterable[Truth]) -> Truth:
    unknown = False
    for part in parts:
        if part is False:
            return False
        unknown |= part is None
    return None if unknown else True


def _equal_nodes(left: DataNode, right: DataNode) -> Truth:
    """Pieces of resources: primitives by value, with what stands beside them; all else by its JSON."""
    if left.value is right.value and left.shadow is right.shadow and left.value is not None:
        return True
    if left.type.is_primitive and right.type.is_primitive:
        if left.shadow != right.shadow:
            return False
        one, other = system_value(left), system_value(right)
        if one is None and other is None:
            return True
        return equal(one, other)
    return bool(left.value == right.value)


_EQUAL: dict[type, Callable[[Any, Any], Truth]] = {
    Uncertainty: equal_numbers,
    Date: equal_temporal,
    DateTime: equal_temporal,
    Time: equal_temporal,
    Quantity: equal_quantities,
    Ratio: _equal_ratios,
    Interval: _equal_intervals,
    Code: _equal_codes,
    Concept: _equal_concepts,
    CodeSystem: _equal_vocabularies,
    ValueSet: _equal_vocabularies,
    list: _equal_lists,
    dict: _equal_tuples,
    DataNode: _equal_nodes,
}
"""How two values of one class are compared; what is not here by Python's `==`."""


@operator("NotEqual", "(T, T) Boolean", clause="12.7")
def not_equal(left: Any, right: Any) -> Truth:
    """The contrary of `equal`; null where that is null."""
    same = equal(left, right)
    return None if same is None else not same
