"""Which type may stand where another is wanted, at what cost, and by what conversion (CQL 1.5, developers guide,
"Type Hierarchies", "Implicit Conversions", "Conversion Precedence").

A `Conversion` says how; `converted.apply` writes it into a tree, `resolution` weighs the costs of several. The levels
of cost and what they add up to are those of the reference translator, so that both choose the same overload:

    exact 0, subtype 1, compatible 2, cast 3, to a simple type 4, to a class 5,
    interval promotion 6, list demotion 7, interval demotion 8, list promotion 9

A conversion of a list, an interval or a choice adds the cost of what it does within. Conversions are not chained:
FHIR.integer becomes an Integer, not a Decimal.

Every type belongs to a model that can be loaded by its namespace, so that nothing here needs to be told the models.
All functions are pure and remember their answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from typing import Literal

from bedside.questions.cql import models
from bedside.questions.cql.types import (
    ANY,
    CODE,
    CONCEPT,
    DATE,
    DATETIME,
    DECIMAL,
    INTEGER,
    LONG,
    QUANTITY,
    SYSTEM_BASE,
    SYSTEM_ELEMENTS,
    VALUE_SET,
    ChoiceType,
    DataType,
    IntervalType,
    ListType,
    NamedType,
    TupleType,
    choice,
)

Kind = Literal[
    "exact",
    "subtype",
    "cast",
    "operator",
    "function",
    "list",
    "interval",
    "from choice",
    "to choice",
    "interval promotion",
    "list demotion",
    "interval demotion",
    "list promotion",
]

REMEMBERED = 1 << 16
"""Answers that are kept. Tuples have as many types as there are questions, so that not all can be."""

EXACT, SUBTYPE, COMPATIBLE, CAST, SIMPLE, COMPLEX = range(6)
INTERVAL_PROMOTION, LIST_DEMOTION, INTERVAL_DEMOTION, LIST_PROMOTION = range(6, 10)


@dataclass(frozen=True, slots=True)
class Conversion:
    """A way from `source` to `target`.

    `name` is the operator (`ToDecimal`) or the function (`FHIRHelpers.ToString`). `inner` converts the element of a
    list, the point of an interval, or the value to be promoted or demoted; for `from choice` the alternatives that can
    be converted, for `to choice` the first step. `operand` is the type that the operator or function is declared for:
    the source or a supertype of it. `exact` and `subtype` need nothing to be done.
    """

    kind: Kind
    source: DataType
    target: DataType
    cost: int = field(compare=False)
    name: str = ""
    inner: tuple[Conversion, ...] = ()
    operand: DataType = ANY

    @property
    def needed(self) -> bool:
        """False when a value of the source already is one of the target."""
        return self.kind not in ("exact", "subtype")


@dataclass(frozen=True, slots=True)
class Allowed:
    """Conversions between one and many, all off unless a translator option asks for them (CQL 1.5, developers guide,
    "List Promotion and Demotion", "Interval Promotion and Demotion")."""

    list_promotion: bool = False
    list_demotion: bool = False
    interval_promotion: bool = False
    interval_demotion: bool = False


STANDARD = Allowed()

SYSTEM_CONVERSIONS: dict[DataType, tuple[tuple[DataType, str], ...]] = {
    INTEGER: ((LONG, "ToLong"), (DECIMAL, "ToDecimal"), (QUANTITY, "ToQuantity")),
    LONG: ((DECIMAL, "ToDecimal"),),
    DECIMAL: ((QUANTITY, "ToQuantity"),),
    DATE: ((DATETIME, "ToDateTime"),),
    CODE: ((CONCEPT, "ToConcept"),),
    VALUE_SET: ((ListType(CODE), "ExpandValueSet"),),
}
"""The implicit conversions of the System types (CQL 1.5, authors guide, "Implicit Conversions")."""


def supertype(type_: DataType) -> DataType | None:
    """The direct supertype of a type; None for Any. Lists, intervals, tuples and choices are directly below Any."""
    if type_ == ANY:
        return None
    if isinstance(type_, NamedType):
        if type_.namespace == "System":
            return SYSTEM_BASE.get(type_, ANY)
        return models.load(type_.namespace).info(type_).base
    return ANY


@lru_cache(REMEMBERED)
def ancestry(type_: DataType) -> tuple[DataType, ...]:
    """The type itself, its supertype, and so on up to Any."""
    found, current = [type_], supertype(type_)
    while current is not None:
        found.append(current)
        current = supertype(current)
    return tuple(found)


@lru_cache(REMEMBERED)
def is_subtype(type_: DataType, other: DataType) -> bool:
    """Whether every value of the type is one of the other; each type is a subtype of itself and of Any.

    Lists and intervals vary with what they hold, tuples with each element. No type is a subtype of a choice: it is
    compatible with one.
    """
    if type_ == other or other == ANY:
        return True
    match type_, other:
        case NamedType(), _:
            return other in ancestry(type_)
        case ListType(element=inner), ListType(element=wanted):
            return is_subtype(inner, wanted)
        case IntervalType(point=inner), IntervalType(point=wanted):
            return is_subtype(inner, wanted)
        case TupleType(elements=mine), TupleType(elements=theirs):
            return len(mine) == len(theirs) and all(
                name == other_name and is_subtype(one, two)
                for (name, one), (other_name, two) in zip(mine, theirs, strict=True)
            )
    return False


@lru_cache(REMEMBERED)
def is_compatible(type_: DataType, other: DataType) -> bool:
    """Whether a value of the type may be used as one of the other by a cast alone (CQL 1.5, developers guide,
    "Type Compatibility"): null is compatible with every type, a type with a choice that has it, and a choice with each
    of its alternatives. Lists, intervals and tuples are compatible when what they hold is."""
    if is_subtype(type_, other) or type_ == ANY:
        return True
    match type_, other:
        case ChoiceType(alternatives=mine), ChoiceType(alternatives=theirs):
            return all(any(is_subtype(m, t) for t in theirs) for m in mine)
        case _, ChoiceType(alternatives=theirs):
            return any(is_subtype(type_, each) for each in theirs)
        case ChoiceType(alternatives=mine), _:
            return any(other == each or is_subtype(each, other) for each in mine)
        case ListType(element=inner), ListType(element=wanted):
            return is_compatible(inner, wanted)
        case IntervalType(point=inner), IntervalType(point=wanted):
            return is_compatible(inner, wanted)
        case TupleType(elements=mine), TupleType(elements=theirs):
            return [n for n, _ in mine] == [n for n, _ in theirs] and all(
                is_compatible(one, two) for (_, one), (_, two) in zip(mine, theirs, strict=True)
            )
    return False


def is_simple(type_: DataType) -> bool:
    """True for a System type without elements: Integer, not Quantity, not FHIR.integer."""
    return isinstance(type_, NamedType) and type_.namespace == "System" and type_ not in SYSTEM_ELEMENTS


@cache
def _offers(namespace: str) -> dict[DataType, tuple[tuple[DataType, str], ...]]:
    """The implicit conversions of a model, by the type that they start from."""
    if namespace == "System":
        return SYSTEM_CONVERSIONS
    found: dict[DataType, tuple[tuple[DataType, str], ...]] = {}
    for each in models.load(namespace).conversions:
        found[each.source] = (*found.get(each.source, ()), (each.target, each.function))
    return found


def offered(type_: DataType) -> Iterator[tuple[DataType, str, DataType]]:
    """Target, name and declared source of the conversions that a type has or inherits, the nearest first."""
    for above in ancestry(type_):
        if isinstance(above, NamedType):
            for target, name in _offers(above.namespace).get(above, ()):
                yield target, name, above


@lru_cache(REMEMBERED)
def conversion(source: DataType, target: DataType, allowed: Allowed = STANDARD) -> Conversion | None:
    """The best way from one type to another; None when there is no implicit one.

    The same type and a supertype give a conversion too, of which nothing is `needed`. Neither may have variables.
    """
    if source == target:
        return Conversion("exact", source, target, EXACT)
    if is_subtype(source, target):
        return Conversion("subtype", source, target, SUBTYPE)
    found = _structural(source, target, allowed)
    if found is not None and is_compatible(source, target):
        return replace(found, cost=COMPATIBLE)
    return found


def _structural(source: DataType, target: DataType, allowed: Allowed) -> Conversion | None:
    if source == ANY:
        return Conversion("cast", source, target, CAST)
    match source, target:
        case ListType(element=inner), ListType(element=wanted):
            return _within("list", source, target, inner, wanted, allowed)
        case IntervalType(point=inner), IntervalType(point=wanted):
            return _within("interval", source, target, inner, wanted, allowed)
    if is_compatible(source, target) or _is_part(target, source):
        return Conversion("cast", source, target, CAST)
    for to, name, operand in offered(source):
        if is_subtype(to, target):
            kind: Kind = "function" if "." in name else "operator"
            return Conversion(kind, source, to, SIMPLE if is_simple(to) else COMPLEX, name, (), operand)
    return _of_choice(source, target, allowed) or _of_number(source, target, allowed)


def _is_part(part: DataType, whole: DataType) -> bool:
    """Whether a choice has only alternatives of another: a cast to it drops the others."""
    return (
        isinstance(part, ChoiceType)
        and isinstance(whole, ChoiceType)
        and set(part.alternatives) <= set(whole.alternatives)
    )


def _within(
    kind: Kind, source: DataType, target: DataType, inner: DataType, wanted: DataType, allowed: Allowed
) -> Conversion | None:
    """A list or an interval is converted when what it holds can be."""
    found = conversion(inner, wanted, allowed)
    if found is None:
        return None
    return Conversion(kind, source, target, (SIMPLE if is_simple(wanted) else COMPLEX) + found.cost, "", (found,))


def _of_choice(source: DataType, target: DataType, allowed: Allowed) -> Conversion | None:
    """From a choice, every alternative that can be converted is; to a choice, the nearest alternative is taken."""
    if isinstance(source, ChoiceType):
        ways = tuple(c for each in source.alternatives if (c := conversion(each, target, allowed)) is not None)
        if ways:
            return Conversion("from choice", source, target, CAST + min(each.cost for each in ways), "", ways)
    elif isinstance(target, ChoiceType):
        ways = tuple(c for each in target.alternatives if (c := conversion(source, each, allowed)) is not None)
        if ways:
            best = min(ways, key=lambda each: each.cost)
            return Conversion("to choice", source, target, CAST + best.cost, "", (best,))
    return None


def _of_number(source: DataType, target: DataType, allowed: Allowed) -> Conversion | None:
    """Between one and many, where that is allowed."""
    ways: tuple[tuple[bool, Kind, int, DataType | None, DataType | None], ...] = (
        (
            allowed.interval_promotion,
            "interval promotion",
            INTERVAL_PROMOTION,
            source,
            target.point if isinstance(target, IntervalType) else None,
        ),
        (
            allowed.list_demotion,
            "list demotion",
            LIST_DEMOTION,
            source.element if isinstance(source, ListType) else None,
            target,
        ),
        (
            allowed.interval_demotion,
            "interval demotion",
            INTERVAL_DEMOTION,
            source.point if isinstance(source, IntervalType) else None,
            target,
        ),
        (
            allowed.list_promotion,
            "list promotion",
            LIST_PROMOTION,
            source,
            target.element if isinstance(target, ListType) else None,
        ),
    )
    for permitted, kind, cost, one, other in ways:
        if permitted and one is not None and other is not None:
            found = conversion(one, other, allowed)
            if found is not None:
                return Conversion(kind, source, target, cost + found.cost, "", (found,))
    return None


def keeps(found: Conversion) -> bool:
    """True for a conversion by which no value is lost: not for one that picks an alternative of a choice."""
    if isinstance(found.source, ChoiceType) and found.needed:
        if not isinstance(found.target, ChoiceType):
            return False
        return all(
            any(is_subtype(one, other) for other in found.target.alternatives) for one in found.source.alternatives
        )
    return all(keeps(each) for each in found.inner)


def common_type(types: Iterable[DataType], *, or_choice: bool = True) -> DataType:
    """The type that all of these can be converted to: of an `if`, a `case`, a list (CQL 1.5, developers guide,
    "Choice Types", and authors guide, "Conditional Expressions").

    One of the types when all others become it without loss (null is of every type); else the choice of them all, or
    with `or_choice=False` the nearest common supertype, which may be Any. Any when there are none.
    """
    distinct = tuple(dict.fromkeys(types))
    known = tuple(each for each in distinct if each != ANY)
    if not known:
        return ANY
    fitting = [
        each
        for each in known
        if all((c := conversion(other, each)) is not None and keeps(c) for other in known if other != each)
    ]
    if fitting:
        # Of several the one that needs the least: Integer and Long meet in Long, a subtype in its supertype.
        return min(fitting, key=lambda each: sum(c.cost for o in known if (c := conversion(o, each)) is not None))
    if or_choice:
        return choice(known)
    return common_supertype(known)


def common_supertype(types: Iterable[DataType]) -> DataType:
    """The nearest type that all of these are subtypes of, conversions apart; Any at the latest."""
    first, *rest = types
    for each in ancestry(first):
        if all(is_subtype(other, each) for other in rest):
            return each
    return ANY
