"""The policy for sets: all that an actor may see for a purpose, as conditions that a store can turn into a query.

A `Scope` says which types are open without a patient, and for each patient which of the resources about them. Law,
tested with random hospitals: for every resource, `visible(...).contains(item)` is `decide(...).permit`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bedside.trust.conditions import NEVER, Condition, all_of, any_of
from bedside.trust.consent import therapeutic
from bedside.trust.facts import Facts
from bedside.trust.grounds import grounds
from bedside.trust.model import Action, Actor, Item, Kind, Purpose, Reason
from bedside.trust.naming import SOMEBODY, is_patient
from bedside.trust.policy import unowned
from bedside.trust.types import DIRECTORY


@dataclass(frozen=True)
class Scope:
    """What may be seen. `open` are types whose resources about no patient are open; `people` gives the condition on the
    resources about a patient, and `others` the one for every patient who is not in `people`."""

    open: frozenset[str]
    people: Mapping[str, Condition]
    others: Condition = NEVER

    def of(self, patient: str) -> Condition:
        """The condition on resources about a patient; none passes about one who is not of this record."""
        return self.people.get(patient, self.others) if is_patient(patient) else NEVER

    def contains(self, item: Item) -> bool:
        """Whether a resource may be seen: one about several patients needs to pass for each of them."""
        if not item.patients:
            return item.type in self.open
        return all(self.of(patient).holds(item) for patient in item.patients)

    @property
    def nobody(self) -> bool:
        """Whether no patient is visible at all, so that a search need not run."""
        return self.others == NEVER and all(each == NEVER for each in self.people.values())


def visible(actor: Actor, purpose: Purpose, action: Action, facts: Facts) -> Scope:
    """All that an actor may act on for a purpose. Facts must hold the relations, glasses and permits of the actor, and
    the consents of every patient whom these, or an open permit, reach."""
    people = {}
    for patient in sorted(_known(actor, facts)):
        people[patient] = _condition(actor, purpose, action, patient, facts)
    others = _condition(actor, purpose, action, SOMEBODY, facts)
    return Scope(
        open=frozenset(each for each in DIRECTORY if unowned(actor, action, each)[0]),
        people={patient: each for patient, each in people.items() if each != others},
        others=others,
    )


def _condition(actor: Actor, purpose: Purpose, action: Action, patient: str, facts: Facts) -> Condition:
    found = grounds(actor, purpose, action, patient, facts)
    if isinstance(found, Reason):
        return NEVER
    return any_of(all_of(each.compiled() for each in ground.requirements) for ground in found)


def _known(actor: Actor, facts: Facts) -> set[str]:
    """The patients for whom some fact may make a difference to this actor."""
    if actor.kind is Kind.PRACTITIONER:
        found = {each.patient for each in facts.relations if each.name in actor.names}
        found |= {each.patient for each in facts.glasses if each.actor == actor.reference}
        return found | {each.patient for each in facts.consents if therapeutic.CATEGORY in each.categories}
    if actor.kind is Kind.PATIENT:
        return {actor.reference}
    found = {each.patient for each in facts.consents}
    if actor.kind is Kind.RESEARCHER:
        found = found.union(*(each.people or () for each in facts.permits if each.names(actor)))
    return found
