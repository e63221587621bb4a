"""The therapeutic relationship as patients declare it: a Consent that names who treats them.

In Belgium a relation may be declared by the patient or on their behalf, and a patient may exclude a professional
(law of 22 April 2019 on quality of practice, articles 36 to 40). A declaration is a Consent about data with the
category `CATEGORY`, that permits to those it names, for its period. An exclusion is an ordinary deny with an actor, and
`evaluate` reads it.
"""

from __future__ import annotations

from collections.abc import Iterable

from bedside.fhir.dates import MAX
from bedside.trust.codes import code
from bedside.trust.consent.evaluate import in_order
from bedside.trust.consent.model import Consent, Effect
from bedside.trust.relations import Relation

CATEGORY = code("https://bedside.example/fhir/CodeSystem/consent-category", "therapeutic-relationship")
"""R4 has no category for it; this one is ours."""


def declared(consents: Iterable[Consent], now: int) -> list[Relation]:
    """The treatment relations that consents declare, as of a moment: by name only, from when they were made.

    Nothing lasts after: a relation that a patient ended has ended.
    """
    found = []
    for consent in in_order(consents, now):
        root = consent.root
        if (
            CATEGORY not in consent.categories
            or root.effect is not Effect.PERMIT
            or consent.made is None
            or not consent.permits
        ):
            continue
        low, high = max(consent.made, root.period[0]), min(MAX, root.period[1])
        for party in root.parties:
            if party.reference is not None and low < high:
                found.append(Relation(consent.patient, party.reference, low, high, consent.reference))
    return found
