"""Proxies: parents, partners and carers who see what a patient, or the law, lets them see.

A grant is a Consent about data with a permit that names the proxy (RelatedPerson). Whose
grant counts depends on the patient's age, after the Dutch rules with the ages as settings (`Ages`; WGBO,
articles 7:447, 7:450, 7:465 of the Civil Code):

- below `shared`, any grant counts: parents decide;
- from `shared` to `own`, a grant by others shows what is not sensitive, and what the child decided itself since
  `shared` comes before what others decided;
- from `own`, only the patient's own grants count, and those of a representative made since (a guardian or
  a holder of power of attorney, for an adult who cannot decide).

An unknown date of birth is read as the last stage: then nothing of a parent counts.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from bedside.trust.conditions import ALWAYS, NEVER, Condition, OnlyLabels
from bedside.trust.consent.evaluate import Limit, Rank
from bedside.trust.consent.model import Consent
from bedside.trust.labels import ORDINARY
from bedside.trust.model import Ages

REPRESENTATIVE = "https://bedside.example/fhir/CodeSystem/consent-category|legal-representative"
"""The category of a grant by or for a legal representative, recorded when the court's or patient's paper was seen."""


class Rules(NamedTuple):
    """How consents count for one patient's proxies now."""

    limit: Limit
    rank: Rank


def turned(born: int, years: int) -> int:
    """The moment of a birthday, in microseconds; 29 February comes on 1 March in other years."""
    birth = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=born)
    year = birth.year + years
    if year > 9999:
        return _micros(datetime(9999, 12, 31, tzinfo=UTC))
    try:
        return _micros(birth.replace(year=year))
    except ValueError:
        return _micros(birth.replace(year=year, month=3, day=1))


def _micros(when: datetime) -> int:
    return (when - datetime.fromtimestamp(0, UTC)) // timedelta(microseconds=1)


def rules(born: int | None, now: int, ages: Ages) -> Rules:
    """What counts of the consents of a patient born at a moment (the earliest that the date of birth allows)."""
    shared = None if born is None else turned(born, ages.shared)
    own = None if born is None else turned(born, ages.own)

    def mine(consent: Consent) -> bool:
        return consent.patient in consent.performers

    def limit(consent: Consent) -> Condition:
        if own is not None and shared is not None and now < own:
            return ALWAYS if now < shared or mine(consent) else OnlyLabels(ORDINARY)
        if mine(consent):
            return ALWAYS
        lasting = own is not None and consent.made is not None and consent.made >= own
        return ALWAYS if lasting and REPRESENTATIVE in consent.categories else NEVER

    def rank(consent: Consent) -> int:
        decided = shared is None or (consent.made is not None and consent.made >= shared)
        return 1 if mine(consent) and decided and (shared is None or now >= shared) else 0

    return Rules(limit, rank)
