"""Steps through a resource: a whole path such as `name.where(...)`'s `name`, or `code.coding.system`, is one closure.

The types along a path are known as soon as the type at its start is. So the first item of a type makes a *plan* for
that type: nested functions that know the JSON names and walk plain dictionaries, and wrap a `DataNode` around what is
at the end only. Later items of the type find the plan in a dictionary. A choice (`value[x]`) goes on by the property
that is there, and `contained` or `Bundle.entry.resource` by the `resourceType`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bedside.questions.data import Collection, DataNode, Item, child_nodes
from bedside.questions.model import FHIR, Member, Type
from bedside.questions.values import Quantity

Plan = Callable[[Any, Any, Collection], None]
"""Takes the value and shadow of an item and appends to the collection what lies at the end of the path."""

WARM = 16
"""How often a path is walked from items of a type before a function is generated for it."""


class Path:
    """The children reached by several names in a row. `rooted`: the first name may be the type of the item itself."""

    __slots__ = ("names", "plans", "rooted")

    def __init__(self, names: Sequence[str], *, rooted: bool) -> None:
        self.names = tuple(names)
        self.rooted = rooted
        self.plans: dict[Type, Plan] = {}

    def of_item(self, item: Item, found: Collection) -> None:
        """Append what the path leads to from one item."""
        if item.__class__ is DataNode:
            plan = self.plans.get(item.type)
            if plan is None:
                plan = self.plans[item.type] = self._plan_for(item.type)
            plan(item.value, item.shadow, found)
        elif item.__class__ is Quantity and len(self.names) == 1 and self.names[0] in ("value", "unit"):
            found.append(getattr(item, self.names[0]))

    def steps_from(self, type_: Type) -> tuple[str, ...]:
        """The names that lead on from an item of a type: without the first when that is the name of the type itself."""
        if self.rooted and any(self.names[0] == each.name for each in type_.ancestors):
            return self.names[1:]
        return self.names

    def _plan_for(self, type_: Type) -> Plan:
        """Closures at first; a function in their stead when the path has been walked some times."""
        names = self.steps_from(type_)
        plan = make_plan(type_, names)
        if plan is nowhere or not names or type_.namespace != "FHIR":
            return plan
        return warming(plan, lambda: self._generate(type_, names))

    def _generate(self, type_: Type, names: tuple[str, ...]) -> None:
        from bedside.questions.path_source import generated  # it is made of what is here

        self.plans[type_] = generated(type_, names, plain=False)


def warming(plan: Plan, warm: Callable[[], None]) -> Plan:
    """The plan, which calls `warm` once when it has been used `WARM` times."""
    left = WARM

    def walk(value: Any, shadow: Any, found: Collection) -> None:
        nonlocal left
        left -= 1
        if not left:
            warm()
        plan(value, shadow, found)

    return walk


def make_plan(type_: Type, names: tuple[str, ...]) -> Plan:
    """The walk from an item of a known type along the names. Unknown names lead nowhere."""
    if not names:
        return lambda value, shadow, found: found.append(DataNode(value, type_, shadow))
    if type_.is_any_resource:
        # An abstract type at the start of a path can only be a resource of a type that R4 does not know.
        type_ = FHIR["Resource"]
    member = type_.members.get(names[0])
    if member is None:
        return nowhere
    if type_.is_primitive:
        return _from_primitive(member, names)
    if len(member.choices) > 1:
        return _choice(member, names[1:])
    return follow(*member.choices[0], names[1:])


def follow(json: str, type_: Type, names: tuple[str, ...]) -> Plan:
    """The walk from an object to its property `json`, which has the type, and on along the names."""
    return _onward(json, type_, names) if names else _last(json, type_)


def nowhere(value: Any, shadow: Any, found: Collection) -> None:
    """The walk along names that the type does not have."""


def _from_primitive(member: Member, names: tuple[str, ...]) -> Plan:
    """From a primitive to its value (a System value), or to its id or extensions, which stand in the shadow."""
    if member.name == "value":
        if len(names) > 1:
            return nowhere

        def system(value: Any, shadow: Any, found: Collection) -> None:
            if value is not None:
                found.append(value)

        return system
    json, child = member.choices[0]
    inner = follow(json, child, names[1:])

    def into_shadow(value: Any, shadow: Any, found: Collection) -> None:
        if shadow.__class__ is dict:
            inner(shadow, None, found)

    return into_shadow


def _last(json: str, type_: Type) -> Plan:
    """The last step: wraps what stands under one property."""
    if type_.namespace == "System":

        def system(value: Any, shadow: Any, found: Collection) -> None:
            each = value.get(json)
            if each is not None:
                found.append(each)

        return system
    if type_.is_primitive:
        shadow_name = "_" + json

        def primitive(value: Any, shadow: Any, found: Collection) -> None:
            each = value.get(json)
            if each.__class__ is list and shadow_name not in value:
                found.extend([DataNode(one, type_) for one in each if one is not None])
            elif shadow_name in value:
                found += child_nodes(each, value.get(shadow_name), type_)
            elif each is not None:
                found.append(DataNode(each, type_))

        return primitive
    if type_.is_any_resource:

        def resource(value: Any, shadow: Any, found: Collection) -> None:
            found += child_nodes(value.get(json), None, type_)

        return resource

    def complex_(value: Any, shadow: Any, found: Collection) -> None:
        each = value.get(json)
        if each.__class__ is list:
            found.extend([DataNode(one, type_) for one in each if one.__class__ is dict])
        elif each.__class__ is dict:
            found.append(DataNode(each, type_))

    return complex_


def _onward(json: str, type_: Type, names: tuple[str, ...]) -> Plan:
    """A step on the way: goes straight on to the rest of the path."""
    if type_.is_any_resource:
        rest_of = Path(names, rooted=False)

        def resource(value: Any, shadow: Any, found: Collection) -> None:
            each = value.get(json)
            for one in each if each.__class__ is list else (each,):
                if isinstance(one, Mapping):
                    rest_of.of_item(DataNode(one, FHIR.of_resource(one)), found)

        return resource
    rest = make_plan(type_, names)
    if rest is nowhere:
        return nowhere
    if type_.is_primitive:
        # Extensions of a primitive stand beside it: in the same order when it repeats, with null for none.

        def primitive(value: Any, shadow: Any, found: Collection) -> None:
            for node in child_nodes(value.get(json), value.get("_" + json), type_):
                rest(node.value, node.shadow, found)

        return primitive

    def complex_(value: Any, shadow: Any, found: Collection) -> None:
        each = value.get(json)
        if each.__class__ is dict:
            rest(each, None, found)
        elif each.__class__ is list:
            for one in each:
                if one.__class__ is dict:
                    rest(one, None, found)

    return complex_


def _choice(member: Member, names: tuple[str, ...]) -> Plan:
    """A choice element: at most one of its properties is there, and its name says the type."""
    ways: list[tuple[str, str, Plan]] = []
    for json, type_ in member.choices:
        way = follow(json, type_, names)
        if way is not nowhere:
            ways.append((json, "_" + json if type_.is_primitive else json, way))
    if not ways:
        return nowhere

    def choice(value: Any, shadow: Any, found: Collection) -> None:
        for json, shadow_name, way in ways:
            if json in value or shadow_name in value:
                way(value, None, found)
                return

    return choice
