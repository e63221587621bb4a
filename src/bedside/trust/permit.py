"""The permit of a researcher: for what purpose, about whom, which data, from when to when.

Research sees nothing without one. A permit opens nothing by itself either: every patient's consent, or the absence
of an objection, decides after it. Which of the two is the permit's `basis`: consent is the rule; no objection is the
exception of the Dutch WGBO (article 7:458 of the Civil Code), which a review board grants and which belongs in writing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bedside.fhir.dates import MAX, MIN
from bedside.trust.conditions import ALWAYS, Coded, Condition, OfType, OnlyLabels, Within, all_of
from bedside.trust.labels import ORDINARY
from bedside.trust.model import Actor, Interval, Purpose


class Basis(StrEnum):
    """What patients must have said: yes (consent), or not no (objection)."""

    CONSENT = "consent"
    NO_OBJECTION = "no-objection"


@dataclass(frozen=True, slots=True)
class Permit:
    """One permit. `people` None is every patient; `codes` empty is every code; `data` is the period of what was
    recorded; `labels` are sensitive labels that the review board allowed. `valid` is when it may be used."""

    reference: str
    researchers: frozenset[str]
    types: frozenset[str]
    valid: Interval
    basis: Basis = Basis.CONSENT
    purposes: frozenset[Purpose] = frozenset({Purpose.HRESCH})
    people: frozenset[str] | None = None
    codes: frozenset[str] = frozenset()
    data: Interval = (MIN, MAX)
    labels: frozenset[str] = frozenset()

    def names(self, actor: Actor) -> bool:
        """Whether an actor may use it at all."""
        return not self.researchers.isdisjoint(actor.names)

    def serves(self, purpose: Purpose) -> bool:
        """Whether it was granted for a purpose, or for a more general one."""
        return not self.purposes.isdisjoint(purpose.ancestors)

    def covers(self, patient: str) -> bool:
        """Whether it is about a patient."""
        return self.people is None or patient in self.people

    @property
    def condition(self) -> Condition:
        """The data that it opens, before consent. Undated data is inside only when the period is not limited."""
        return all_of(
            [
                OfType(self.types),
                Coded(self.codes) if self.codes else ALWAYS,
                Within(*self.data) if self.data != (MIN, MAX) else ALWAYS,
                OnlyLabels(ORDINARY | self.labels),
            ]
        )
