"""What a decision may depend on, besides the request: facts as of one moment, and the hospital's settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from bedside.fhir.dates import HOUR
from bedside.trust.consent.model import Consent
from bedside.trust.labels import CLEARANCES
from bedside.trust.model import Ages, Clearance, Glass
from bedside.trust.permit import Permit
from bedside.trust.relations import Relation


@dataclass(frozen=True)
class Settings:
    """What a hospital sets. `glass` is the longest that break-the-glass lasts, in microseconds."""

    clearances: Mapping[str, Clearance] = field(default_factory=lambda: CLEARANCES)
    ages: Ages = field(default_factory=Ages)
    glass: int = 4 * HOUR


@dataclass(frozen=True)
class Facts:
    """The relations, consents, opened glasses, permits and dates of birth that a decision may look at.

    They may hold more than one request needs; what is missing is taken not to be: no relation, no consent, no permit.
    A caller must give *all* consents of the patients concerned, or an objection may be missed, and every
    reference in facts and resources that leads to this record must be relative (see `naming`). `now` and `births`
    (patient -> the earliest moment that the date of birth allows) are in microseconds since 1970 UTC.
    """

    now: int
    relations: tuple[Relation, ...] = ()
    consents: tuple[Consent, ...] = ()
    glasses: tuple[Glass, ...] = ()
    permits: tuple[Permit, ...] = ()
    births: Mapping[str, int] = field(default_factory=dict)
    settings: Settings = field(default_factory=Settings)

    def relations_of(self, patient: str) -> tuple[Relation, ...]:
        """The treatment relations of one patient."""
        return self._relations.get(patient, ())

    def consents_of(self, patient: str) -> tuple[Consent, ...]:
        """The consents of one patient."""
        return self._consents.get(patient, ())

    # By patient, made once: a scope asks for every patient in turn.
    @cached_property
    def _relations(self) -> dict[str, tuple[Relation, ...]]:
        return _by_patient(self.relations)

    @cached_property
    def _consents(self) -> dict[str, tuple[Consent, ...]]:
        return _by_patient(self.consents)


_Fact = TypeVar("_Fact", Relation, Consent)


def _by_patient(facts: tuple[_Fact, ...]) -> dict[str, tuple[_Fact, ...]]:
    found: dict[str, list[_Fact]] = {}
    for each in facts:
        found.setdefault(each.patient, []).append(each)
    return {patient: tuple(some) for patient, some in found.items()}
