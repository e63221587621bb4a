"""The items that an expression works on.

A value of the language itself is a plain Python value (`bool`, `int`, `Decimal`, `str` or one of `values`). Everything
that comes out of a resource is a `DataNode`: the JSON value as it stands in the resource, never copied, with its FHIR
type beside it. That keeps FHIR.string apart from System.String, lets `value` find `valueQuantity`, and leads from a
primitive to its id and extensions. Nodes are made only for the end of a path, not for the steps on the way (`path`).

A collection is a list of items. A collection that has been handed on is never changed again.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from bedside.questions.errors import EvaluationError
from bedside.questions.model import FHIR, TYPE_OF_VALUE, Type
from bedside.questions.values import Quantity

Item = Any
"""A DataNode or a System value. (Spelt as a union it would only make every closure cast.)"""

Collection = list[Item]

Sized = TypeVar("Sized", str, Collection)

MAX_ITEMS = 1_000_000
"""How many items a collection may grow to; a resource of 10 MB has fewer."""

MAX_TEXT = 1_000_000
"""How many characters a computed string may have."""


def bounded(grown: Sized, what: str) -> Sized:
    """A collection or string that an operation has made longer; EvaluationError when it is too long to be meant."""
    limit, unit = (MAX_TEXT, "characters") if grown.__class__ is str else (MAX_ITEMS, "items")
    if len(grown) > limit:
        raise EvaluationError(f"{what} makes more than {limit} {unit}")
    return grown


_SCALARS = frozenset({str, bool, int, Decimal})


class DataNode(msgspec.Struct, eq=False, gc=False):
    """A piece of a resource with its type.

    `value` is the JSON value; for a primitive that has only an id or extensions it is None. `shadow` is what stands
    beside a primitive under the name with an underscore (`_birthDate`), or None.

    Nodes are the commonest objects there are: a Struct is made in a third of the time of a class of Python's own.
    A node is never part of a cycle, so the garbage collector need not look at it.
    """

    value: Any
    type: Type
    shadow: Mapping[str, Any] | None = None

    def __repr__(self) -> str:
        return f"<{self.type}>"


def node_of(value: Any, context_type: str | None = None) -> Item:
    """An item from what a caller has: a resource, a data type together with its type's name, an item, or a plain value.

    Raises EvaluationError when the type is not to be found out.
    """
    if value.__class__ is not dict:
        if value.__class__ is DataNode or value.__class__ in TYPE_OF_VALUE:
            return value
        raise EvaluationError(f"a {type(value).__name__} is no item that an expression can be asked of")
    name = value.get("resourceType")
    if name is not None:
        found = FHIR.find(name) if name.__class__ is str else None
        if found is None or found.kind != "resource":
            raise EvaluationError(f"R4 has no resource type {name!r}")
        return DataNode(value, found)
    if context_type is None:
        raise EvaluationError("an object without resourceType needs its type: pass context_type to compile()")
    return DataNode(value, FHIR[context_type])


def system_value(item: Item) -> Item | None:
    """The System value of a FHIR primitive or Quantity; other items as they are; None for a primitive without value.

    This is the implicit conversion of the FHIR binding (https://hl7.org/fhir/R4/fhirpath.html#types).
    Raises EvaluationError for a value that its type does not allow, such as the date 2015-02-30.
    """
    if item.__class__ is not DataNode:
        return item
    type_, value = item.type, item.value
    if type_.plain and value.__class__ in _SCALARS:
        return value
    if value is None:
        return None
    if type_.convert is None and not type_.plain:
        return item
    try:
        if type_.convert is None:
            raise TypeError
        return type_.convert(value)
    except (ValueError, TypeError, ArithmeticError, AttributeError):
        raise EvaluationError(f"a {type_.name} in the data does not have the form of a {type_.name}") from None


def type_of(item: Item) -> Type:
    """The type of any item."""
    return item.type if item.__class__ is DataNode else TYPE_OF_VALUE[item.__class__]


def plain(item: Item) -> Any:
    """What a caller gets for an item: the JSON value of a piece of a resource, else the System value itself."""
    return item.value if item.__class__ is DataNode else item


def child_nodes(value: Any, shadow: Any, type_: Type) -> Collection:
    """The nodes of one property. `value` stands under its JSON name, `shadow` under that name with an underscore."""
    if type_.namespace == "System":
        return [] if value is None else [value]
    if type_.is_primitive:
        if isinstance(value, list) or isinstance(shadow, list):
            values = value if isinstance(value, list) else []
            shadows = shadow if isinstance(shadow, list) else []
            length = max(len(values), len(shadows))
            pairs = zip(_padded(values, length), _padded(shadows, length), strict=True)
            return [DataNode(each, type_, beside) for each, beside in pairs if each is not None or beside is not None]
        return [] if value is None and shadow is None else [DataNode(value, type_, shadow)]
    if value is None:
        return []
    values = value if isinstance(value, list) else [value]
    if type_.is_any_resource:
        return [DataNode(each, FHIR.of_resource(each)) for each in values if isinstance(each, Mapping)]
    return [DataNode(each, type_) for each in values if isinstance(each, Mapping)]


def _padded(values: list[Any], length: int) -> list[Any]:
    return values + [None] * (length - len(values))


def children_of(item: Item) -> Collection:
    """All immediate children of an item, in the order of the JSON (FHIRPath N1, 5.8.1)."""
    if item.__class__ is not DataNode:
        if item.__class__ is Quantity:
            return [item.value, item.unit]
        return []
    held = item.shadow if item.type.is_primitive else item.value
    if not isinstance(held, Mapping):
        return []
    properties = item.type.properties
    found: Collection = []
    for json, value in held.items():
        known = properties.get(json)
        if known is None:
            # A primitive that has a shadow only; what R4 does not know is passed over.
            name = json[1:]
            if json.startswith("_") and name not in held and name in properties:
                found += child_nodes(None, value, properties[name][1])
            continue
        type_ = known[1]
        kind = value.__class__
        if type_.is_primitive:
            if kind is not list and "_" + json not in held:
                if value is not None:
                    found.append(DataNode(value, type_))
                continue
        elif kind is dict and not type_.is_any_resource:
            found.append(DataNode(value, type_))
            continue
        found += child_nodes(value, held.get("_" + json), type_)
    return found
