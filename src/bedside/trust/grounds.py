"""On what ground an actor may see a patient at all, and what each ground still requires of the data.

One function for each sort of actor: facts in, grounds out, or the reason why there is none. Everything that does not
depend on the resource is settled here, once; what remains is a list of requirements, which `policy` asks of one
resource and `scope` turns into one condition.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bedside.trust.conditions import ALWAYS, Condition, Labelled, OnlyLabels, negate
from bedside.trust.consent import proxy, therapeutic
from bedside.trust.consent.evaluate import Limit, Rank, condition, verdict
from bedside.trust.consent.model import Asking, Consent, Effect, Naming
from bedside.trust.facts import Facts
from bedside.trust.labels import NOPAT, cleared
from bedside.trust.model import Action, Actor, Duty, Item, Kind, Obligation, Purpose, Reason
from bedside.trust.naming import SOMEBODY, is_patient
from bedside.trust.permit import Basis


@dataclass(frozen=True)
class Data:
    """What the resource itself must be."""

    condition: Condition
    reason: Reason

    def failure(self, item: Item) -> tuple[Reason, str | None] | None:
        """Why a resource does not fulfil it, with the resource that says so; None when it does."""
        return None if self.condition.holds(item) else (self.reason, None)

    def compiled(self) -> Condition:
        """The same as a condition."""
        return self.condition


def _anything(consent: Consent) -> Condition:
    return ALWAYS


def _alike(consent: Consent) -> int:
    return 0


@dataclass(frozen=True)
class Consented:
    """What a patient's consents must say; `otherwise` where they say nothing."""

    consents: tuple[Consent, ...]
    asking: Asking
    otherwise: bool
    reason: Reason = Reason.CONSENT
    limit: Limit = _anything
    rank: Rank = _alike

    def failure(self, item: Item) -> tuple[Reason, str | None] | None:
        """As in `Data`; the consent that decided is named."""
        found = verdict(self.consents, self.asking, item, self.limit, self.rank)
        if found.effect is Effect.PERMIT or (found.effect is None and self.otherwise):
            return None
        return (Reason.CONSENT if found.effect is Effect.DENY else self.reason), found.consent

    def compiled(self) -> Condition:
        """The same as a condition."""
        return condition(self.consents, self.asking, self.otherwise, self.limit, self.rank)


@dataclass(frozen=True)
class Ground:
    """One ground, what it still requires, and what it obliges to."""

    reason: Reason
    because: str | None
    requirements: tuple[Data | Consented, ...]
    obligations: tuple[Obligation, ...] = ()


Grounds = tuple[Ground, ...] | Reason
"""The grounds, the usual before the exceptional; or why there is none. Never an empty tuple."""

CARE = frozenset({Purpose.TREAT, Purpose.ETREAT, Purpose.BTG})
_OWN = frozenset({Action.ACCESS, Action.DISCLOSE})
_READING = frozenset({Action.ACCESS, Action.USE})


def grounds(actor: Actor, purpose: Purpose, action: Action, patient: str, facts: Facts) -> Grounds:
    """On what grounds an actor may act on a patient's data for a purpose, before the data itself is looked at."""
    if patient != SOMEBODY and not is_patient(patient):
        return Reason.NO_PATIENT
    if actor.kind is Kind.PRACTITIONER:
        return _care(actor, purpose, action, patient, facts)
    if actor.kind is Kind.PATIENT:
        return _patient(actor, purpose, action, patient)
    if actor.kind is Kind.PROXY:
        return _proxy(actor, purpose, action, patient, facts)
    if actor.kind is Kind.RESEARCHER:
        return _research(actor, purpose, action, patient, facts)
    return Reason.NO_GRANT


def _of(patient: str, scope: str, facts: Facts) -> tuple[Consent, ...]:
    return tuple(each for each in facts.consents_of(patient) if each.scope == scope)


def _care(actor: Actor, purpose: Purpose, action: Action, patient: str, facts: Facts) -> Grounds:
    """Treatment: by a relation, within labels and unless the patient objects; or by breaking the glass.

    That those who treat may see is the default of the WGBO (article 7:457); an objection is a Consent. Breaking the
    glass lifts labels and objections, but for an objection that names break-the-glass itself.
    """
    if purpose not in CARE:
        return Reason.PURPOSE
    if actor.person == patient:
        return Reason.OWN_AS_STAFF
    consents = _of(patient, "patient-privacy", facts)
    declarations = tuple(each for each in consents if therapeutic.CATEGORY in each.categories)
    consents = tuple(each for each in consents if therapeutic.CATEGORY not in each.categories)
    asking = Asking(actor, purpose, action, facts.now)
    found: list[Ground] = []
    known = [each for each in facts.relations_of(patient) if each.name in actor.names]
    known += [each for each in therapeutic.declared(declarations, facts.now) if each.name in actor.names]
    active = [each for each in known if each.active(facts.now)]
    if active:
        best = min(active, key=lambda each: (not each.direct, -each.end, each.source))
        labels = cleared(actor, best.direct, facts.settings.clearances)
        found.append(
            Ground(
                Reason.RELATION,
                best.source,
                (Data(OnlyLabels(labels), Reason.LABEL), Consented(consents, asking, otherwise=True)),
                (Obligation(Duty.ONLY_LABELS, tuple(sorted(labels))),),
            )
        )
    pressed = [each for each in facts.glasses if each.actor == actor.reference and each.patient == patient]
    if any(_open(each.opened, each.until, each.reason, facts) for each in pressed):
        emergency = replace(asking, purpose=Purpose.BTG, naming=Naming.PURPOSE)
        team = {each.name for each in facts.relations_of(patient) if each.active(facts.now)}
        duties = (
            Obligation(Duty.EMERGENCY),
            Obligation(Duty.TELL_PATIENT, (patient,)),
            Obligation(Duty.TELL_TEAM, tuple(sorted(team))),
        )
        found.append(Ground(Reason.GLASS, None, (Consented(consents, emergency, otherwise=True),), duties))
    if found:
        return tuple(found)
    return Reason.GLASS_EXPIRED if pressed else Reason.RELATION_ENDED if known else Reason.NO_RELATION


def _open(opened: int, until: int, reason: str, facts: Facts) -> bool:
    return bool(reason.strip()) and opened <= facts.now < min(until, opened + facts.settings.glass)


def _patient(actor: Actor, purpose: Purpose, action: Action, patient: str) -> Grounds:
    """The own record, to read and to take along (GDPR, articles 15 and 20), but for what waits for a conversation."""
    if Purpose.PATRQT not in purpose.ancestors:
        return Reason.PURPOSE
    if patient != actor.reference:
        return Reason.NOT_OWN
    if action not in _OWN:
        return Reason.ACTION
    return (Ground(Reason.OWN, None, (_TOLD,)),)


_TOLD = Data(negate(Labelled(frozenset({NOPAT}))), Reason.LABEL)


def _proxy(actor: Actor, purpose: Purpose, action: Action, patient: str, facts: Facts) -> Grounds:
    """What was granted, as far as grants count at the patient's age; to read only, logged as done for the patient."""
    if Purpose.PATRQT not in purpose.ancestors:
        return Reason.PURPOSE
    if action is not Action.ACCESS:
        return Reason.ACTION
    consents = _of(patient, "patient-privacy", facts)
    if not consents:
        return Reason.NO_PROXY
    limit, rank = proxy.rules(facts.births.get(patient), facts.now, facts.settings.ages)
    asking = Asking(actor, purpose, action, facts.now, Naming.PROXY)
    granted = Consented(consents, asking, False, Reason.NO_PROXY, limit, rank)
    return (Ground(Reason.PROXY, None, (granted, _TOLD), (Obligation(Duty.ON_BEHALF, (patient,)),)),)


def _research(actor: Actor, purpose: Purpose, action: Action, patient: str, facts: Facts) -> Grounds:
    """Each valid permit is a ground; after it the patient decides: consent or no objection, by the permit's basis."""
    if Purpose.HRESCH not in purpose.ancestors:
        return Reason.PURPOSE
    if action not in _READING:
        return Reason.ACTION
    named = [each for each in facts.permits if each.names(actor) and each.serves(purpose) and each.covers(patient)]
    valid = [each for each in named if each.valid[0] <= facts.now < each.valid[1]]
    if not valid:
        return Reason.PERMIT_EXPIRED if named else Reason.NO_PERMIT
    consents = _of(patient, "research", facts)
    asking = Asking(actor, purpose, action, facts.now)
    return tuple(
        Ground(
            Reason.PERMIT,
            each.reference,
            (
                Data(each.condition, Reason.PERMIT_DATA),
                Consented(consents, asking, otherwise=each.basis is Basis.NO_OBJECTION),
            ),
            (Obligation(Duty.DEIDENTIFY),),
        )
        for each in sorted(valid, key=lambda each: each.reference)
    )
