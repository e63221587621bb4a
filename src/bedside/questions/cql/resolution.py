"""Chooses among the overloads of an operator or function by the types of the operands (CQL 1.5, developers guide,
"Function Resolution", "Conversion Precedence").

Every overload that the operands can be converted to is weighed by the sum of the costs of their conversions, and the
lightest wins. Of equally light ones the one with the simpler types wins: a simple type before a tuple, a class, an
interval, a list and a choice. What is equal even then is ambiguous.

A generic overload is made specific first: `(List<T>, T)` of a `List<Integer>` and a Decimal is `(List<Decimal>,
Decimal)`. Operands of choice types are tried with each of their alternatives, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, product
from typing import Generic, Protocol, TypeVar

from bedside.questions.cql.conversions import (
    REMEMBERED,
    STANDARD,
    Allowed,
    Conversion,
    common_supertype,
    conversion,
    is_compatible,
    is_simple,
    is_subtype,
    offered,
)
from bedside.questions.cql.operators.registry import OVERLOADS
from bedside.questions.cql.tree import Overload
from bedside.questions.cql.types import (
    ANY,
    ChoiceType,
    DataType,
    IntervalType,
    ListType,
    NamedType,
    TupleType,
    TypeVariable,
    choice,
)

Types = tuple[DataType, ...]

MOST_TRIALS = 256
"""Operands of choice types are expanded into their alternatives up to so many combinations for an overload."""


class Signature(Protocol):
    """What can be chosen: an operator's `Overload`, or any function with the types of its operands."""

    @property
    def operands(self) -> Types: ...

    @property
    def result(self) -> DataType: ...


S = TypeVar("S", bound=Signature)


@dataclass(frozen=True, slots=True)
class Resolution(Generic[S]):
    """What was chosen. `operands` and `result` are its types without variables, which are bound in `bindings`;
    `conversions` has one for each operand, of which nothing may be `needed`."""

    overload: S
    bindings: Mapping[str, DataType]
    operands: Types
    result: DataType
    conversions: tuple[Conversion, ...]
    cost: int


@dataclass(frozen=True, slots=True)
class Ambiguous(Generic[S]):
    """The overloads that fit equally well, in the order in which they were given."""

    candidates: tuple[Resolution[S], ...]


def operator(
    name: str, operands: Types, *, any_is_null: bool = False, allowed: Allowed = STANDARD
) -> Resolution[Overload] | Ambiguous[Overload] | None:
    """The overload of an operator of the table for such operands, as `resolve` finds it; remembered."""
    return _operator(name, len(OVERLOADS.get(name, ())), operands, any_is_null, allowed)


@lru_cache(REMEMBERED)
def _operator(
    name: str, entered: int, operands: Types, any_is_null: bool, allowed: Allowed
) -> Resolution[Overload] | Ambiguous[Overload] | None:
    """`entered` tells a table that has grown since from the one that was asked before."""
    return resolve(OVERLOADS.get(name, ()), operands, any_is_null=any_is_null, allowed=allowed)


def resolve(
    overloads: Iterable[S], operands: Types, *, any_is_null: bool = False, allowed: Allowed = STANDARD
) -> Resolution[S] | Ambiguous[S] | None:
    """Choose among overloads; None when the operands fit none of them.

    `any_is_null` says that each operand of type Any is written `null`. Then overloads that differ in such operands only
    are not ambiguous (`null + null`): all of them make the same of it, and the first is taken.
    Operand types must have no variables.
    """
    fitting = [each for each in overloads if len(each.operands) == len(operands)]
    for each in fitting:
        if each.operands == operands:
            return _weigh(each, each.operands, {}, operands, allowed)
    found: dict[Types, Resolution[S]] = {}
    for each in fitting:
        generic = any(map(has_variables, each.operands))
        for bindings in _instantiations(each.operands, operands, allowed) if generic else ({},):
            specific = tuple(substitute(one, bindings) for one in each.operands) if generic else each.operands
            known = found.get(specific)
            # An overload that is written for these very types is preferred to a generic one made into them.
            if known is None or (known.bindings and not bindings):
                weighed = _weigh(each, specific, bindings, operands, allowed)
                if weighed is not None:
                    found[specific] = weighed
    return _best(list(found.values()), operands, any_is_null)


def _weigh(
    overload: S, specific: Types, bindings: Mapping[str, DataType], operands: Types, allowed: Allowed
) -> Resolution[S] | None:
    conversions = []
    for wanted, given in zip(specific, operands, strict=True):
        way = conversion(given, wanted, allowed)
        if way is None:
            return None
        conversions.append(way)
    result = substitute(overload.result, bindings)
    return Resolution(overload, bindings, specific, result, tuple(conversions), sum(each.cost for each in conversions))


def _best(found: Sequence[Resolution[S]], operands: Types, any_is_null: bool) -> Resolution[S] | Ambiguous[S] | None:
    if not found:
        return None
    lightest = min(each.cost for each in found)
    best = [each for each in found if each.cost == lightest]
    if len(best) > 1:
        simplest = min(precedence(each.operands) for each in best)
        best = [each for each in best if precedence(each.operands) == simplest]
    if len(best) == 1 or (any_is_null and _differ_in_any_only(best, operands)):
        return best[0]
    return Ambiguous(tuple(best))


def _differ_in_any_only(best: Sequence[Resolution[S]], operands: Types) -> bool:
    return all(
        given == ANY or len({each.operands[place] for each in best}) == 1 for place, given in enumerate(operands)
    )


def precedence(operands: Types) -> int:
    """How simple the types of an overload are, together; of equally light overloads the simplest wins."""
    return sum(_precedence(each) for each in operands)


def _precedence(type_: DataType) -> int:
    match type_:
        case NamedType():
            return 1 if is_simple(type_) else 3
        case TupleType():
            return 2
        case IntervalType():
            return 4
        case ListType():
            return 5
        case ChoiceType():
            return 6
    return 7


def has_variables(type_: DataType) -> bool:
    match type_:
        case TypeVariable():
            return True
        case ListType(element=inner) | IntervalType(point=inner):
            return has_variables(inner)
        case ChoiceType(alternatives=several):
            return any(map(has_variables, several))
        case TupleType(elements=elements):
            return any(has_variables(of) for _, of in elements)
    return False


def substitute(type_: DataType, bindings: Mapping[str, DataType]) -> DataType:
    """The type with its variables replaced; one that is bound to nothing becomes Any."""
    match type_:
        case TypeVariable(name=name):
            return bindings.get(name, ANY)
        case ListType(element=inner):
            return ListType(substitute(inner, bindings))
        case IntervalType(point=inner):
            return IntervalType(substitute(inner, bindings))
        case ChoiceType(alternatives=several):
            return choice(substitute(each, bindings) for each in several)
        case TupleType(elements=elements):
            return TupleType(tuple((name, substitute(of, bindings)) for name, of in elements))
    return type_


def _instantiations(patterns: Types, operands: Types, allowed: Allowed) -> Iterator[dict[str, DataType]]:
    """All ways to bind the variables of an overload, each once: for the operands as they are, then for every
    combination of alternatives where an operand that meets a variable is of a choice type."""
    seen: list[dict[str, DataType]] = []
    tried = [
        (given, *given.alternatives) if isinstance(given, ChoiceType) and has_variables(pattern) else (given,)
        for pattern, given in zip(patterns, operands, strict=True)
    ]
    for combination in islice(product(*tried), MOST_TRIALS):
        binder = _Binder(allowed)
        if all(binder.bind(pattern, given) for pattern, given in zip(patterns, combination, strict=True)):
            bindings = {name: type_ for name, (type_, _) in binder.bound.items()}
            if bindings not in seen:
                seen.append(bindings)
                yield bindings


class _Binder:
    """Binds type variables, operand by operand. A binding may widen: Integer, then Decimal, is Decimal."""

    def __init__(self, allowed: Allowed) -> None:
        self.allowed = allowed
        self.bound: dict[str, tuple[DataType, bool]] = {}
        """Variable -> its type, and whether that is only the Any of a plain null, which tells nothing."""

    def bind(self, pattern: DataType, given: DataType, *, null: bool = True) -> bool:
        """Whether the operand can be one of the pattern. `null`: an Any found here comes of a null."""
        match pattern:
            case TypeVariable(name=name):
                return self._variable(name, given, null and given == ANY)
            case ListType(element=inner):
                if isinstance(given, ListType):
                    return self.bind(inner, given.element, null=False)
                return self._into(inner, given, ListType)
            case IntervalType(point=inner):
                if isinstance(given, IntervalType):
                    return self.bind(inner, given.point, null=null)
                return self._into(inner, given, IntervalType)
        return True  # A pattern without variables: whether the operand can be converted is seen when it is weighed.

    def _into(self, inner: DataType, given: DataType, kind: type[ListType] | type[IntervalType]) -> bool:
        """An operand that is no list (no interval) but can be converted to one: a null, a ValueSet, a FHIR.Period."""
        if given == ANY:
            return self.bind(inner, ANY)
        targets = {to for to, _, _ in offered(given) if isinstance(to, kind)}
        if len(targets) == 1:
            return self.bind(ListType(inner) if kind is ListType else IntervalType(inner), targets.pop())
        promoted = self.allowed.list_promotion if kind is ListType else self.allowed.interval_promotion
        return promoted and not isinstance(given, ListType | IntervalType) and self.bind(inner, given)

    def _variable(self, name: str, given: DataType, null: bool) -> bool:
        bound, weak = self.bound.get(name, (ANY, True))
        if name not in self.bound or (weak and not null):
            self.bound[name] = (given, null)
            return True
        if null or is_subtype(given, bound):
            return True
        if is_subtype(bound, given):
            self.bound[name] = (given, False)
            return True
        wider = self._wider(bound, given)
        if wider is not None:
            self.bound[name] = (wider, False)
        return wider is not None

    def _wider(self, bound: DataType, given: DataType) -> DataType | None:
        """One of two types that the other can be converted to, else the nearest supertype below Any, else a type that
        both can be converted to: a Date and a FHIR.dateTime meet in DateTime."""
        if is_compatible(given, bound) or conversion(given, bound, self.allowed) is not None:
            return bound
        if conversion(bound, given, self.allowed) is not None:
            return given
        common = common_supertype((bound, given))
        if common != ANY:
            return common
        return next((to for to, _, _ in offered(bound) if conversion(given, to, self.allowed)), None) or next(
            (to for to, _, _ in offered(given) if conversion(bound, to, self.allowed)), None
        )
