"""The one decision: may this actor, for this purpose, do this with this resource?

`decide` is total and fails closed: what no rule opens is closed. A resource about several patients needs a ground for
each of them. Sets use `bedside.trust.scope`, which is this policy as a condition and agrees with it by test.
"""

from __future__ import annotations

from dataclasses import dataclass

from bedside.fhir.definitions import compartment
from bedside.trust.facts import Facts
from bedside.trust.grounds import Ground, grounds
from bedside.trust.model import Action, Actor, Decision, Kind, Obligation, Reason, Request
from bedside.trust.sentences import SENTENCES
from bedside.trust.types import DIRECTORY


def decide(request: Request, facts: Facts) -> Decision:
    """Whether a request is permitted, why, and what that obliges to."""
    return explain(request, facts).decision


@dataclass(frozen=True, slots=True)
class Considered:
    """One ground that was looked at for one patient: whether it carries, and what decided. `patient` is None for a
    resource about none."""

    patient: str | None
    ground: Reason | None
    permit: bool
    reason: Reason
    because: str | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """A decision with everything that was looked at on the way, in order."""

    decision: Decision
    considered: tuple[Considered, ...]

    def lines(self) -> list[str]:
        """The explanation as plain lines of text, the decision first. It names patients by reference: show it to those
        who may administer access."""
        found = [("Permitted: " if self.decision.permit else "Refused: ") + self.decision.sentence]
        for each in self.considered:
            ground = f"by {each.ground.value}: " if each.ground else ""
            source = f" ({each.because})" if each.because else ""
            found.append(f"  {each.patient or 'no patient'}: {ground}{SENTENCES[each.reason]}{source}")
        return found


def explain(request: Request, facts: Facts) -> Explanation:
    """The decision on a request, with every ground that was considered for every patient."""
    if not request.item.patients:
        permit, reason = unowned(request.actor, request.action, request.item.type)
        return Explanation(_decision(permit, reason), (Considered(None, None, permit, reason),))
    considered: list[Considered] = []
    obligations: list[Obligation] = []
    because: list[str] = []
    carried: list[Reason] = []
    refused: Considered | None = None
    for patient in sorted(request.item.patients):
        steps, ground = _for(patient, request, facts)
        considered += steps
        if ground is not None:
            obligations += ground.obligations
            because += [ground.because] if ground.because else []
            carried.append(ground.reason)
        elif refused is None:
            refused = steps[0]
    if refused is not None:
        return Explanation(_decision(False, refused.reason, because=refused.because), tuple(considered))
    # The exceptional ground names the decision: one broken glass makes the whole access an emergency.
    reason = Reason.GLASS if Reason.GLASS in carried else carried[0]
    decision = _decision(True, reason, tuple(dict.fromkeys(obligations)), because[0] if because else None)
    return Explanation(decision, tuple(considered))


def _for(patient: str, request: Request, facts: Facts) -> tuple[list[Considered], Ground | None]:
    """What was considered for one patient, and the first ground that carries."""
    found = grounds(request.actor, request.purpose, request.action, patient, facts)
    if isinstance(found, Reason):
        return [Considered(patient, None, False, found)], None
    steps = []
    for ground in found:
        failures = (each.failure(request.item) for each in ground.requirements)
        failure = next((each for each in failures if each is not None), None)
        if failure is None:
            steps.append(Considered(patient, ground.reason, True, ground.reason, ground.because))
            return steps, ground
        steps.append(Considered(patient, ground.reason, False, *failure))
    return steps, None


def _decision(
    permit: bool, reason: Reason, obligations: tuple[Obligation, ...] = (), because: str | None = None
) -> Decision:
    return Decision(permit, reason, SENTENCES[reason], obligations, because)


_LOOKING = frozenset({Action.ACCESS, Action.USE, Action.DISCLOSE})


def unowned(actor: Actor, action: Action, type_name: str) -> tuple[bool, Reason]:
    """Whether a resource about no patient may be used, and why: types of the directory may be read by all, changed by
    the system. Anything else that names no patient is closed, also because one may have been left out by mistake."""
    if type_name not in DIRECTORY:
        return False, Reason.NO_PATIENT if compartment("Patient").get(type_name) else Reason.CLOSED_TYPE
    if action in _LOOKING or actor.kind is Kind.SYSTEM:
        return True, Reason.DIRECTORY
    return False, Reason.ACTION
