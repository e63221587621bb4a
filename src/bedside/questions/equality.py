"""When two items, or two collections, are the same: `=`, `~`, the keys of `distinct`, and the order of `<`.

    =   item by item and in order; {} when a side is empty; unknown for times whose precision leaves it open
    ~   in any order; case and white space of strings do not count; decimals to the coarser precision; never unknown

(FHIRPath N1, 6.1 and 6.2; https://hl7.org/fhir/R4/fhirpath.html for FHIR primitives and quantities.)
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from bedside.questions import temporal, units
from bedside.questions.data import Collection, DataNode, Item, children_of, system_value, type_of
from bedside.questions.errors import EvaluationError
from bedside.questions.numbers import NUMBERS, fraction_digits
from bedside.questions.units import Units
from bedside.questions.values import Date, DateTime, Quantity, Time

_NUMBERS = frozenset({int, Decimal})
_TEMPORAL = frozenset({Date, DateTime, Time})
_DATES = frozenset({Date, DateTime})


def equal_items(left: Item, right: Item, table: Units) -> bool | None:
    """`=` of two items. Items of types that have nothing to do with each other are not equal.

    None, unknown, when a side is a primitive without a value, and for times and quantities that do not compare.
    """
    left, right = system_value(left), system_value(right)
    if left is None or right is None:
        return None
    one, other = left.__class__, right.__class__
    if one is DataNode or other is DataNode:
        return one is other and same_json(left.value, right.value)
    if one is other and one not in _TEMPORAL and one is not Quantity:
        return bool(left == right)
    if one in _NUMBERS and other in _NUMBERS:
        return bool(left == right)
    if one in _TEMPORAL and other in _TEMPORAL:
        if (one is Time) != (other is Time):
            return False
        order = temporal.compare(left, right)
        return None if order is None else order == 0
    if one is Quantity or other is Quantity:
        pair = _both_quantities(left, right)
        if pair is None:
            return False
        order = units.compare(*pair, table)
        return None if order is None else order == 0
    return False


def _both_quantities(left: Item, right: Item) -> tuple[Quantity, Quantity] | None:
    """Numbers convert to quantities without a unit (FHIRPath N1, 5.5)."""
    one, other = _as_quantity(left), _as_quantity(right)
    return None if one is None or other is None else (one, other)


def _as_quantity(item: Item) -> Quantity | None:
    if isinstance(item, Quantity):
        return item
    if isinstance(item, int | Decimal) and not isinstance(item, bool):
        return Quantity(Decimal(item))
    return None


def equal(left: Collection, right: Collection, table: Units) -> bool | None:
    """`=` of two collections; None when it cannot be known."""
    if not left or not right:
        return None
    if len(left) != len(right):
        return False
    unknown = False
    for one, other in zip(left, right, strict=True):
        same = equal_items(one, other, table)
        if same is False:
            return False
        unknown |= same is None
    return None if unknown else True


def equivalent_items(left: Item, right: Item, table: Units) -> bool:
    """`~` of two items."""
    left, right = system_value(left), system_value(right)
    one, other = left.__class__, right.__class__
    if left is None or right is None:
        return left is right
    if one is DataNode or other is DataNode:
        return one is other and _equivalent_children(left, right, table)
    if one is str and other is str:
        return _folded(left) == _folded(right)
    if one in _NUMBERS and other in _NUMBERS:
        return _equivalent_numbers(Decimal(left), Decimal(right))
    if one in _TEMPORAL and other in _TEMPORAL:
        return temporal.equivalent(left, right)
    if one is Quantity or other is Quantity:
        pair = _both_quantities(left, right)
        return pair is not None and units.equivalent(*pair, table)
    return one is other and bool(left == right)


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _equivalent_numbers(left: Decimal, right: Decimal) -> bool:
    """Both rounded to the precision of the less precise one, trailing zeros not counted."""
    digits = min(fraction_digits(left.normalize()), fraction_digits(right.normalize()))
    step = Decimal(1).scaleb(-digits)
    return NUMBERS.quantize(left, step) == NUMBERS.quantize(right, step)


def _equivalent_children(left: DataNode, right: DataNode, table: Units) -> bool:
    """Complex items: children of the same name are equivalent, in any order; ids do not count."""
    if type_of(left) is not type_of(right) and left.type.name != right.type.name:
        return False
    names = (set(left.value) | set(right.value)) - {"id"}
    for name in names:
        one, other = left.value.get(name), right.value.get(name)
        if one is other:
            continue
        ones = children_of(DataNode({name: one}, left.type))
        others = children_of(DataNode({name: other}, right.type))
        if not equivalent(ones, others, table):
            return False
    return True


def equivalent(left: Collection, right: Collection, table: Units) -> bool:
    """`~` of two collections."""
    if len(left) != len(right):
        return False
    remaining = list(right)
    for one in left:
        for index, other in enumerate(remaining):
            if equivalent_items(one, other, table):
                del remaining[index]
                break
        else:
            return False
    return True


def compare_items(left: Item, right: Item, table: Units) -> int | None:
    """-1, 0 or 1 for `<` and its kin; None when it cannot be known.

    Raises EvaluationError for items of types that have no order, or none with each other (FHIRPath N1, 6.2).
    """
    original = left, right
    left, right = system_value(left), system_value(right)
    if left is None or right is None:
        return None
    one, other = left.__class__, right.__class__
    if (one is other and one is str) or (one in _NUMBERS and other in _NUMBERS):
        return (left > right) - (left < right)  # type: ignore[no-any-return]
    if (one in _DATES and other in _DATES) or one is other is Time:
        return temporal.compare(left, right)
    pair = _both_quantities(left, right)
    if pair is not None:
        return units.compare(*pair, table)
    raise EvaluationError(f"{type_of(original[0])!r} and {type_of(original[1])!r} have no order")


def same_json(left: Any, right: Any) -> bool:
    """Whether two JSON values are the same. Python alone takes `true` for 1; what it finds different is different."""
    return left is right or (left == right and freeze(left) == freeze(right))


def freeze(value: Any) -> Any:
    """A hashable stand-in for JSON: equal JSON has equal ones, whatever the order of properties."""
    if value.__class__ is dict:
        return frozenset((name, freeze(each)) for name, each in value.items())
    if value.__class__ is list:
        return tuple(freeze(each) for each in value)
    return (bool, value) if value.__class__ is bool else value


def key_of(item: Item, table: Units) -> Any:
    """A hashable stand-in for an item: two items with the same key are equal by `=`, and the other way round.

    Times of different precision, whose equality is unknown, have different keys and so stay apart.
    """
    if item.__class__ is DataNode and item.type.plain and item.value.__class__ is str:
        return item.value
    if item.__class__ is DataNode and item.value is None:
        return ("shadow", freeze(item.shadow))
    item = system_value(item)
    kind = item.__class__
    if kind is str:
        return item
    if kind is bool:
        return (bool, item)
    if kind is DataNode:
        return freeze(item.value)
    if kind in _DATES:
        return ("date", temporal.precision_parts(item), temporal.sort_key(item), getattr(item, "offset", None) is None)
    if kind is Quantity:
        return units.key(item, table)
    return item


def distinct(items: Collection, table: Units) -> Collection:
    """The items without later repetitions, in order."""
    if len(items) < 2:
        return items
    seen: dict[Any, Item] = {}
    for item in items:
        seen.setdefault(key_of(item, table), item)
    return items if len(seen) == len(items) else list(seen.values())
