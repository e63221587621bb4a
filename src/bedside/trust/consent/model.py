"""A Consent as a value: one tree of provisions, each with what it says of requests and of data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bedside.fhir.dates import MAX, MIN
from bedside.trust.conditions import ALWAYS, Condition
from bedside.trust.model import Action, Actor, Interval, Purpose


class Effect(StrEnum):
    """`Consent.provision.type`."""

    PERMIT = "permit"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class Party:
    """One `provision.actor`: a reference, or a role that stands for everybody who has it."""

    reference: str | None
    role: str | None

    def means(self, actor: Actor) -> bool:
        """Whether an actor is this party. A reference says exactly who; a role alone says what they are."""
        if self.reference is not None:
            return self.reference in actor.names
        return self.role is not None and self.role in actor.roles


@dataclass(frozen=True, slots=True)
class Provision:
    """One rule and its exceptions. An empty set does not restrict: absent elements are no constraints. `effect` is None
    only in a root that leaves its type out: then only its exceptions speak."""

    effect: Effect | None = None
    period: Interval = (MIN, MAX)
    parties: tuple[Party, ...] = ()
    actions: frozenset[str] = frozenset()
    purposes: frozenset[str] = frozenset()
    data: Condition = ALWAYS
    children: tuple[Provision, ...] = ()


@dataclass(frozen=True, slots=True)
class Consent:
    """A decision of a patient.

    `made` is when it was made, None when it does not say; `updated` breaks ties. `performers` are those who made it.
    `permits` is false when the resource says something in a modifier that is not understood: it may then only deny.
    """

    reference: str
    patient: str
    scope: str
    root: Provision
    made: int | None
    updated: int = MIN
    performers: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    permits: bool = True


class Naming(StrEnum):
    """Which rules count only where they, or a rule that they are an exception to, name what is asked."""

    NONE = "none"
    PURPOSE = "purpose"
    """Every rule must name the purpose itself: so break-the-glass asks, which general rules do not bind."""
    PROXY = "proxy"
    """A permit must name the actor: that a patient agrees to sharing in general makes nobody a proxy."""


@dataclass(frozen=True, slots=True)
class Asking:
    """The part of a request that does not depend on the data."""

    actor: Actor
    purpose: Purpose
    action: Action
    now: int
    naming: Naming = Naming.NONE

    def named_by(self, provision: Provision) -> bool:
        """Whether a provision names what must be named."""
        if self.naming is Naming.PURPOSE:
            return self.purpose in provision.purposes
        return self.naming is Naming.NONE or any(party.reference in self.actor.names for party in provision.parties)
