"""When two values are equal (`=`) and when they are equivalent (`~`): every type, at any depth.

    =   by value; null where it cannot be known (a side is null, dates of different precision, units that do not go
        together); lists element by element, in them null is equal to null
    ~   never null: null ~ null; strings but for case and kind of white space; decimals rounded to the less precise;
        codes by code and system, concepts when they share a code

(ELM 12.1 and 12.2; CQL 1.5.3, appendix B, "Clinical Operators".) Operands of different types are not equal, but for
numbers among themselves, a Date and a DateTime, and a piece of a FHIR resource and the value that it stands for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from bedside.questions.cql.operators import exact, quantities, temporal
from bedside.questions.cql.operators.points import max_value, min_value, predecessor, successor
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
from bedside.questions.errors import EvaluationError
from bedside.questions.values import Date, DateTime, Quantity, Time

Truth = bool | None

_NUMBERS = frozenset({int, Long, Decimal, Uncertainty})
_DATES = frozenset({Date, DateTime})


# Equal ---------------------------------------------------------------------------------------------------------------


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
    if one in _NUMBERS and other in _NUMBERS:
        return equal_numbers(left, right)
    if one in _DATES and other in _DATES:
        return equal_temporal(left, right)
    if one is Quantity or other is Quantity:
        pair = _as_quantities(left, right)
        if pair is not None:
            return equal_quantities(*pair)
    if one is DataNode or other is DataNode:
        first, second = system_value(left), system_value(right)
        if first is None or second is None:
            return None
        return equal(first, second) if first is not left or second is not right else False
    return False


def _as_quantities(left: Any, right: Any) -> tuple[Quantity, Quantity] | None:
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
    """Elements in their order, until one is not equal: that one decides. Null on both sides is equal.

    So `{ Id: null, Name: 'John' } = { Id: 1, Name: 'James' }` is null.
    """
    for one, other in pairs:
        if one is None and other is None:
            continue
        same = equal(one, other)
        if same is not True:
            return same
    return True


def _equal_tuples(left: Mapping[str, Any], right: Mapping[str, Any]) -> Truth:
    if left.keys() != right.keys():
        return False
    return _equal_elements((value, right[name]) for name, value in left.items())


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
    if left.point != right.point and "Any" not in (left.point, right.point):
        return False
    return _all_known((equal(_start(left), _start(right)), equal(_end(left), _end(right))))


def _all_known(parts: Iterable[Truth]) -> Truth:
    unknown = False
    for part in parts:
        if part is False:
            return False
        unknown |= part is None
    return None if unknown else True


def _start(interval: Interval) -> Any:
    """The first point, None when it is not known (ELM 19.29)."""
    low = interval.low
    if low is None:
        return min_value(interval.point) if interval.low_closed else None
    return low if interval.low_closed else _stepped(successor, low)


def _end(interval: Interval) -> Any:
    """The last point, None when it is not known (ELM 19.4)."""
    high = interval.high
    if high is None:
        return max_value(interval.point) if interval.high_closed else None
    return high if interval.high_closed else _stepped(predecessor, high)


def _stepped(step: Callable[[Any], Any], value: Any) -> Any:
    try:
        return step(value)
    except EvaluationError:
        return None


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


# Equivalent ----------------------------------------------------------------------------------------------------------


@operator("Equivalent", "(Code, Code) Boolean", clause="12.2", nulls=True)
def equivalent_codes(left: Code | None, right: Code | None) -> bool:
    """Same code and same system, to the letter; version and display do not count. Null ~ null."""
    if left is None or right is None:
        return left is right
    return left.code == right.code and left.system == right.system


@operator("Equivalent", "(Concept, Concept) Boolean", clause="12.2", nulls=True)
def equivalent_concepts(left: Concept | None, right: Concept | None) -> bool:
    """They share a code; the display does not count. Null ~ null."""
    if left is None or right is None:
        return left is right
    others = right.codes
    return any(equivalent_codes(one, other) for one in left.codes for other in others)


@operator("Equivalent", "(T, T) Boolean", clause="12.2", nulls=True)
def equivalent(left: Any, right: Any) -> bool:
    """Equivalence of any two values. True for two nulls, false for one."""
    if left is None or right is None:
        return left is right
    kind = left.__class__
    if kind is right.__class__:
        same = _EQUIVALENT.get(kind)
        return bool(left == right) if same is None else same(left, right)
    return _equivalent_mixed(left, right)


def _equivalent_mixed(left: Any, right: Any) -> bool:
    one, other = left.__class__, right.__class__
    if one is Uncertainty or other is Uncertainty:
        return one in _NUMBERS and other in _NUMBERS and equal_numbers(left, right) is True
    if one in _NUMBERS and other in _NUMBERS:
        return equivalent_decimals(Decimal(left), Decimal(right))
    if one in _DATES and other in _DATES:
        return temporal.compare(left, right) == 0
    if one is Code and other is Concept:
        return any(equivalent_codes(left, each) for each in right.codes)
    if one is Concept and other is Code:
        return any(equivalent_codes(each, right) for each in left.codes)
    pair = _as_quantities(left, right)
    if pair is not None:
        return quantities.equivalent(*pair)
    if one is DataNode or other is DataNode:
        first, second = system_value(left), system_value(right)
        return (first is not left or second is not right) and equivalent(first, second)
    return False


_WHITE_SPACE = re.compile(r"\s")


def folded(text: str) -> str:
    """What of a string counts in equivalence: every white space is a space, and there is no upper case."""
    return _WHITE_SPACE.sub(" ", text.casefold())


def _equivalent_strings(left: str, right: str) -> bool:
    return left == right or folded(left) == folded(right)


def equivalent_decimals(left: Decimal, right: Decimal) -> bool:
    """Equal when both are rounded to the digits of the less precise one, zeros at the end not counted."""
    if left == right:
        return True
    digits = min(
        exact.fraction_digits(left.normalize(exact.CONTEXT)), exact.fraction_digits(right.normalize(exact.CONTEXT))
    )
    step = Decimal(1).scaleb(-digits)
    return left.quantize(step, context=exact.CONTEXT) == right.quantize(step, context=exact.CONTEXT)


def _equivalent_temporal(left: temporal.Temporal, right: temporal.Temporal) -> bool:
    """Where equality is not known they are not equivalent."""
    return temporal.compare(left, right) == 0


def _equivalent_ratios(left: Ratio, right: Ratio) -> bool:
    """1:100 ~ 10:1000: the crosswise products are the same."""
    one = quantities.multiply(left.numerator, right.denominator)
    other = quantities.multiply(right.numerator, left.denominator)
    if one is not None and other is not None and quantities.compare(one, other) is not None:
        return quantities.compare(one, other) == 0
    return quantities.equivalent(left.numerator, right.numerator) and quantities.equivalent(
        left.denominator, right.denominator
    )


def _equivalent_lists(left: list[Any], right: list[Any]) -> bool:
    return len(left) == len(right) and all(map(equivalent, left, right))


def _equivalent_tuples(left: Mapping[str, Any], right: Mapping[str, Any]) -> bool:
    return left.keys() == right.keys() and all(equivalent(value, right[name]) for name, value in left.items())


def _equivalent_intervals(left: Interval, right: Interval) -> bool:
    if left.point != right.point and "Any" not in (left.point, right.point):
        return False
    return equivalent(_start(left), _start(right)) and equivalent(_end(left), _end(right))


def _equivalent_vocabularies(left: CodeSystem | ValueSet, right: CodeSystem | ValueSet) -> bool:
    return left.id == right.id and left.version == right.version


def _equivalent_nodes(left: DataNode, right: DataNode) -> bool:
    if left.value is right.value and left.value is not None:
        return True
    if left.type.is_primitive and right.type.is_primitive:
        return equivalent(system_value(left), system_value(right))
    return _equivalent_json(left.value, right.value)


def _equivalent_json(left: Any, right: Any) -> bool:
    """Complex pieces of resources: like tuples, element by element."""
    if left.__class__ is dict and right.__class__ is dict:
        return all(_equivalent_json(left.get(name), right.get(name)) for name in {**left, **right})
    if left.__class__ is list and right.__class__ is list:
        return len(left) == len(right) and all(map(_equivalent_json, left, right))
    return equivalent(left, right)


_EQUIVALENT: dict[type, Callable[[Any, Any], bool]] = {
    str: _equivalent_strings,
    Decimal: equivalent_decimals,
    Date: _equivalent_temporal,
    DateTime: _equivalent_temporal,
    Time: _equivalent_temporal,
    Uncertainty: lambda left, right: equal_numbers(left, right) is True,
    Quantity: quantities.equivalent,
    Ratio: _equivalent_ratios,
    Interval: _equivalent_intervals,
    Code: equivalent_codes,
    Concept: equivalent_concepts,
    CodeSystem: _equivalent_vocabularies,
    ValueSet: _equivalent_vocabularies,
    list: _equivalent_lists,
    dict: _equivalent_tuples,
    DataNode: _equivalent_nodes,
}


@operator("NotEquivalent", "(T, T) Boolean", clause="12.2", nulls=True)
def not_equivalent(left: Any, right: Any) -> bool:
    """The contrary of `equivalent`."""
    return not equivalent(left, right)
