"""Conditions on one resource, as values: what a policy says of sets before it meets a resource.

A condition looks only at what an `Item` keeps, which is what the record's index tables keep too: the type, codes,
labels, references and the clinical date. So a condition can be asked of one resource (`holds`) and can become a
WHERE clause, which is why the vocabulary is this small.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bedside.trust.codes import ACT_CODE, CONFIDENTIALITY, code
from bedside.trust.model import Item

RANKS = {code(CONFIDENTIALITY, level): rank for rank, level in enumerate("ULMNRV")}
"""HL7 v3 Confidentiality from unrestricted to very restricted; the order is the code system's high water mark."""
NORMAL, UNKNOWN = 3, len(RANKS)
_RESTRICTING = (CONFIDENTIALITY + "|", ACT_CODE + "|")


class Condition:
    """One condition on a resource. Immutable, hashable, without side effects."""

    __slots__ = ()

    def holds(self, item: Item) -> bool:
        """Whether a resource fulfils it."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Constant(Condition):
    """Every resource, or none."""

    value: bool

    def holds(self, item: Item) -> bool:
        return self.value


ALWAYS, NEVER = Constant(True), Constant(False)


@dataclass(frozen=True, slots=True)
class OfType(Condition):
    """A resource of one of these types."""

    types: frozenset[str]

    def holds(self, item: Item) -> bool:
        return item.type in self.types


@dataclass(frozen=True, slots=True)
class OfProfile(Condition):
    """A resource that claims one of these profiles in `meta.profile`."""

    profiles: frozenset[str]

    def holds(self, item: Item) -> bool:
        return not self.profiles.isdisjoint(item.profiles)


@dataclass(frozen=True, slots=True)
class Coded(Condition):
    """A resource that says what it is with one of these codes (`Item.codes`)."""

    codes: frozenset[str]

    def holds(self, item: Item) -> bool:
        return not self.codes.isdisjoint(item.codes)


@dataclass(frozen=True, slots=True)
class Labelled(Condition):
    """A resource that carries one of these security labels."""

    labels: frozenset[str]

    def holds(self, item: Item) -> bool:
        return not self.labels.isdisjoint(item.labels)


@dataclass(frozen=True, slots=True)
class OnlyLabels(Condition):
    """A resource whose confidentiality and sensitivity labels are all among these.

    Labels of other systems (handling caveats, obligations, tests) do not restrict. A label of the two systems that
    nobody was given, because it is new or mistyped, is not among these: so it hides.
    """

    allowed: frozenset[str]

    def holds(self, item: Item) -> bool:
        return all(label in self.allowed or not label.startswith(_RESTRICTING) for label in item.labels)


@dataclass(frozen=True, slots=True)
class AtMost(Condition):
    """A resource that is no more confidential than a rank of `RANKS`.

    The most confidential label counts, a resource without one is normal (N), and an unknown one is above all.
    """

    rank: int

    def holds(self, item: Item) -> bool:
        system = CONFIDENTIALITY + "|"
        ranks = [RANKS.get(label, UNKNOWN) for label in item.labels if label.startswith(system)]
        return max(ranks, default=NORMAL) <= self.rank


@dataclass(frozen=True, slots=True)
class Within(Condition):
    """A resource whose clinical date is wholly inside [low, high), microseconds since 1970 UTC; never without one."""

    low: int
    high: int

    def holds(self, item: Item) -> bool:
        return item.clock is not None and self.low <= item.clock[0] and item.clock[1] <= self.high


@dataclass(frozen=True, slots=True)
class Touches(Condition):
    """A resource whose clinical date may be inside [low, high): it overlaps, or there is no date to say otherwise."""

    low: int
    high: int

    def holds(self, item: Item) -> bool:
        return item.clock is None or (item.clock[0] < self.high and self.low < item.clock[1])


@dataclass(frozen=True, slots=True)
class Is(Condition):
    """One of these resources (`Type/id`)."""

    references: frozenset[str]

    def holds(self, item: Item) -> bool:
        return item.reference in self.references


@dataclass(frozen=True, slots=True)
class LinksTo(Condition):
    """A resource that refers to one of these."""

    references: frozenset[str]

    def holds(self, item: Item) -> bool:
        return not self.references.isdisjoint(item.links)


@dataclass(frozen=True, slots=True)
class AuthoredBy(Condition):
    """A resource whose author, performer, recorder or requester is one of these."""

    references: frozenset[str]

    def holds(self, item: Item) -> bool:
        return not self.references.isdisjoint(item.authors)


@dataclass(frozen=True, slots=True)
class Not(Condition):
    """A resource that does not fulfil a condition. Made by `negate`."""

    condition: Condition

    def holds(self, item: Item) -> bool:
        return not self.condition.holds(item)


@dataclass(frozen=True, slots=True)
class All(Condition):
    """A resource that fulfils every condition. Made by `all_of`."""

    conditions: tuple[Condition, ...]

    def holds(self, item: Item) -> bool:
        return all(each.holds(item) for each in self.conditions)


@dataclass(frozen=True, slots=True)
class AnyOf(Condition):
    """A resource that fulfils at least one condition. Made by `any_of`."""

    conditions: tuple[Condition, ...]

    def holds(self, item: Item) -> bool:
        return any(each.holds(item) for each in self.conditions)


def negate(condition: Condition) -> Condition:
    """The opposite, without double negation."""
    if isinstance(condition, Constant):
        return NEVER if condition.value else ALWAYS
    return condition.condition if isinstance(condition, Not) else Not(condition)


def all_of(conditions: Iterable[Condition]) -> Condition:
    """Every condition, in simplest form: `ALWAYS` for none, `NEVER` if one never holds."""
    kept = [each for each in dict.fromkeys(conditions) if each != ALWAYS]
    if NEVER in kept:
        return NEVER
    return ALWAYS if not kept else kept[0] if len(kept) == 1 else All(tuple(kept))


def any_of(conditions: Iterable[Condition]) -> Condition:
    """At least one condition, in simplest form: `NEVER` for none, `ALWAYS` if one always holds."""
    kept = [each for each in dict.fromkeys(conditions) if each != NEVER]
    if ALWAYS in kept:
        return ALWAYS
    return NEVER if not kept else kept[0] if len(kept) == 1 else AnyOf(tuple(kept))
