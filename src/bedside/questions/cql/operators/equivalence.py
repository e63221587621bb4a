"""When two values are equivalent (`~`, `!~`): every type, at any depth, and never null (ELM 12.2).

    null        equivalent to null only
    strings     but for case and for the kind of white space
    decimals    rounded to the digits of the less precise one, and so the values of quantities
    dates       equal, and of the same precision
    ratios      1:100 ~ 10:1000
    codes       by code and system, to the letter; concepts when they share a code
    the rest    as for equality, with equivalence of what is in it

(CQL 1.5.3, appendix B, "Equivalent", also under "Clinical Operators".)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from bedside.questions.cql.operators import exact, intervals, quantities, temporal
from bedside.questions.cql.operators.equality import DATES, NUMBERS, as_quantities, comparable_points, equal_numbers
from bedside.questions.cql.operators.registry import operator
from bedside.questions.cql.values import Code, CodeSystem, Concept, Interval, Ratio, Uncertainty, ValueSet
from bedside.questions.data import DataNode, system_value
from bedside.questions.values import Date, DateTime, Quantity, Time


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
        return one in NUMBERS and other in NUMBERS and equal_numbers(left, right) is True
    if one in NUMBERS and other in NUMBERS:
        return equivalent_decimals(Decimal(left), Decimal(right))
    if one in DATES and other in DATES:
        return temporal.compare(left, right) == 0
    if one is Code and other is Concept:
        return any(equivalent_codes(left, each) for each in right.codes)
    if one is Concept and other is Code:
        return any(equivalent_codes(each, right) for each in left.codes)
    pair = as_quantities(left, right)
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
    if not comparable_points(left, right):
        return False
    starts = intervals.start(left), intervals.start(right)
    return _equivalent_bounds(*starts) and _equivalent_bounds(intervals.end(left), intervals.end(right))


def _equivalent_bounds(left: intervals.Bound, right: intervals.Bound) -> bool:
    """An unknown boundary is like null: equivalent to the same unknown one."""
    if left.__class__ is Uncertainty or right.__class__ is Uncertainty:
        return bool(left == right)
    return equivalent(left, right)


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
