"""Finding equal elements in lists, in time that grows with their length and not with its square.

Elements are compared by `=`, only that null is the same as null (CQL 1.5.3, appendix B, "List Operators"). Two elements
that are equal have the same `digest`, so that only elements of one digest need to be compared.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from decimal import Decimal
from typing import Any

from bedside.questions import units
from bedside.questions.cql.operators import intervals
from bedside.questions.cql.operators.equality import equal
from bedside.questions.cql.operators.temporal import HOUR, key
from bedside.questions.cql.values import Code, Concept, Interval, Long, Ratio, Uncertainty
from bedside.questions.data import DataNode, system_value
from bedside.questions.equality import freeze
from bedside.questions.errors import EvaluationError
from bedside.questions.units import UCUM_UNITS
from bedside.questions.values import Date, DateTime, Quantity, Time

_DECIDED = frozenset({str, int, Long, Decimal, type(None)})
"""Classes of which two elements are equal if and only if their digests are."""

_TEMPORAL = frozenset({Date, DateTime, Time})


def same(left: Any, right: Any) -> bool | None:
    """Whether two elements are equal; null is equal to null and to nothing else."""
    if left is None or right is None:
        return left is right
    return equal(left, right)


def digest(value: Any) -> Hashable:
    """What equal elements have in common."""
    kind = value.__class__
    if kind in _DECIDED:
        decided: Hashable = value
        return decided
    if kind is DataNode:
        return _digest_of_node(value)
    if kind is bool:
        return bool, value
    if kind in _TEMPORAL:
        precision, wall, instant = key(value)
        # Hours of different offsets may be the same hour only in the zone in which they are compared.
        return "time", precision, None if precision == HOUR else instant if precision > HOUR else wall
    if kind is Quantity:
        return units.key(value, UCUM_UNITS)
    if kind is Code:
        return "code", value.code, value.system
    if kind is Concept:
        return "concept", tuple(map(digest, value.codes))
    if kind is Interval:
        return "interval", _digest_of_bound(intervals.start(value)), _digest_of_bound(intervals.end(value))
    if kind is Ratio:
        return "ratio", digest(value.numerator), digest(value.denominator)
    if kind is list:
        return "list", tuple(map(digest, value))
    if kind is dict:
        return "tuple", frozenset((name, digest(each)) for name, each in value.items())
    return str(kind.__name__)


def _digest_of_bound(bound: Any) -> Hashable:
    return "uncertain" if bound.__class__ is Uncertainty else digest(bound)


def _digest_of_node(node: DataNode) -> Hashable:
    """A resource by its type and id, anything else by its content."""
    value = node.value
    if value.__class__ is dict:
        identifier, resource = value.get("id"), value.get("resourceType")
        if identifier is not None and resource is not None:
            return resource, identifier
    try:
        simple = system_value(node)
    except EvaluationError:
        simple = node
    if simple is not node:
        return digest(simple)
    return "node", freeze(value)


class Elements:
    """Elements in the order in which they came, each once."""

    __slots__ = ("_by_digest", "items")

    def __init__(self, items: Iterable[Any] = ()) -> None:
        self.items: list[Any] = []
        self._by_digest: dict[Hashable, list[Any]] = {}
        for item in items:
            self.add(item)

    def add(self, item: Any) -> bool:
        """Add an element unless there is an equal one; whether it was added."""
        held = self._by_digest.setdefault(digest(item), [])
        if held and (item.__class__ in _DECIDED or any(same(each, item) is True for each in held)):
            return False
        held.append(item)
        self.items.append(item)
        return True

    def __contains__(self, item: object) -> bool:
        """Whether there is an equal element; where that is not known, there is not."""
        held = self._by_digest.get(digest(item))
        return held is not None and (item.__class__ in _DECIDED or any(same(each, item) is True for each in held))
