"""The order in which `sort` puts values: all values of a type in one line (CQL 1.5, author's guide, "Sorting").

Null comes before everything. Where `<` does not know, the order is still the same every time: what is known less
precisely comes first (@2012-01-01 before @2012-01-01T12), and quantities that do not compare go by their unit.
"""

from __future__ import annotations

from typing import Any

from bedside.questions import units
from bedside.questions.cql.operators import quantities
from bedside.questions.cql.operators.temporal import key
from bedside.questions.cql.values import Long, Ratio, Uncertainty
from bedside.questions.errors import EvaluationError
from bedside.questions.units import UCUM_UNITS
from bedside.questions.values import Date, DateTime, Quantity, Time

_TEMPORAL = frozenset({Date, DateTime, Time})


def before(left: Any, right: Any) -> int:
    """-1, 0 or 1: whether left comes before right. Raises EvaluationError for values that have no order."""
    if left is None or right is None:
        return (left is not None) - (right is not None)
    one, other = left.__class__, right.__class__
    if one in _TEMPORAL and other in _TEMPORAL and (one is Time) is (other is Time):
        first, second = key(left), key(right)
        places = (first[2], first[0]), (second[2], second[0])
        return (places[0] > places[1]) - (places[0] < places[1])
    if one is Quantity and other is Quantity:
        order = quantities.compare(left, right)
        return _by_unit(left, right) if order is None else order
    if one is Uncertainty or other is Uncertainty:
        bounds = [(each.low, each.high) if isinstance(each, Uncertainty) else (each, each) for each in (left, right)]
        return (bounds[0] > bounds[1]) - (bounds[0] < bounds[1])
    if one is Ratio or one is dict or one is list:
        raise EvaluationError(f"a {one.__name__} has no order to sort by")
    try:
        return (left > right) - (left < right)  # type: ignore[no-any-return]
    except TypeError:
        names = " and ".join("Integer" if each in (int, Long) else each.__name__ for each in (one, other))
        raise EvaluationError(f"{names} have no order to sort by") from None


def _by_unit(left: Quantity, right: Quantity) -> int:
    one, other = units.key(left, UCUM_UNITS), units.key(right, UCUM_UNITS)
    places = (one[0], str(one[2]), one[1]), (other[0], str(other[2]), other[1])
    return (places[0] > places[1]) - (places[0] < places[1])
