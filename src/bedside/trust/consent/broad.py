"""The German broad consent for research, read into ordinary provisions.

The Medical Informatics Initiative writes a patient's choices as policies in `provision.code`, coded in one OID. They
are not codes of data, so they cannot be read as R4's other provisions are. For clinical data (MDAT) and samples
(BIOMAT) there are two that must both be there:

- *use* (.8, .22) is the gate: today must lie in its period;
- *collect* (.6, .19) is the window: what was recorded in its period may be used.

And one that reaches back: *retrospective* storage or use (.45, .46), while it is in force, opens the window to what was
recorded before. Claims of health insurers have modules of their own (KKDAT), which are not read here, so such data
stays closed. Modelled in structure on the initiative's Consent module; no text of it is repeated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bedside.fhir.dates import MAX, MIN
from bedside.fhir.outcome import FhirError
from bedside.trust import times
from bedside.trust.codes import code, of_concepts
from bedside.trust.conditions import Condition, OfType, Touches, Within, all_of, negate
from bedside.trust.consent.model import Effect, Provision
from bedside.trust.model import Action, Interval, Purpose

OID = "2.16.840.1.113883.3.1937.777.24.5.3"
SYSTEM = "urn:oid:" + OID

_SAMPLES = frozenset({"Specimen"})
_CLAIMS = frozenset({"Claim", "ClaimResponse", "Coverage", "ExplanationOfBenefit"})


def policy(number: int) -> str:
    """A policy of the broad consent as `system|code`."""
    return code(SYSTEM, f"{OID}.{number}")


@dataclass(frozen=True)
class Module:
    """One kind of data: the policy that opens it, the one that gives its window, and those that reach back."""

    use: str
    collect: str
    back: frozenset[str]
    data: Condition


CLINICAL = Module(policy(8), policy(6), frozenset({policy(45), policy(46)}), negate(OfType(_SAMPLES | _CLAIMS)))
SAMPLES = Module(policy(22), policy(19), frozenset(), OfType(_SAMPLES))
MODULES = (CLINICAL, SAMPLES)

_Choice = tuple[Effect, Interval, frozenset[str]]


def is_broad(provision: Mapping[str, Any]) -> bool:
    """Whether a root provision holds policies of the broad consent, at any depth."""
    return any(each.startswith(SYSTEM + "|") for each in of_concepts(provision.get("code"))) or any(
        isinstance(child, Mapping) and is_broad(child) for child in _children(provision)
    )


def provisions(root: Mapping[str, Any]) -> Provision:
    """The broad consent as a tree: everything denied for research, but for the windows that are open.

    A deny of a policy wins over a permit of the same policy for the times that both cover.
    """
    choices = list(_choices(root))
    children = [child for module in MODULES for child in _module(module, choices)]
    return Provision(
        Effect.DENY, _period(root, deny=True), purposes=frozenset({Purpose.HRESCH}), children=tuple(children)
    )


def _children(provision: Mapping[str, Any]) -> list[Any]:
    found = provision.get("provision")
    return found if isinstance(found, list) else []


def _period(provision: Mapping[str, Any], deny: bool) -> Interval:
    value = provision.get("period")
    try:
        return times.period(value) if value is not None else (MIN, MAX)
    except FhirError:
        return (MIN, MAX) if deny else (MIN, MIN)


def _choices(provision: Mapping[str, Any]) -> Iterator[_Choice]:
    """Every provision with policies: its effect, its period and its policies."""
    effect = Effect.PERMIT if provision.get("type") == "permit" else Effect.DENY
    policies = frozenset(each for each in of_concepts(provision.get("code")) if each.startswith(SYSTEM + "|"))
    if policies and not (effect is Effect.PERMIT and "modifierExtension" in provision):
        yield effect, _period(provision, effect is Effect.DENY), policies
    for child in _children(provision):
        if isinstance(child, Mapping):
            yield from _choices(child)


def _module(module: Module, choices: list[_Choice]) -> Iterator[Provision]:
    def periods(effect: Effect, policies: frozenset[str]) -> list[Interval]:
        return [period for found, period, named in choices if found is effect and not policies.isdisjoint(named)]

    def rule(effect: Effect, period: Interval, data: Condition) -> Provision:
        return Provision(
            effect,
            period,
            actions=frozenset({Action.USE, Action.ACCESS}) if effect is Effect.PERMIT else frozenset(),
            data=all_of([module.data, data]),
        )

    use, collect = frozenset({module.use}), frozenset({module.collect})
    windows = periods(Effect.PERMIT, collect)
    for gate in periods(Effect.PERMIT, use):
        for low, high in windows:
            yield rule(Effect.PERMIT, gate, Within(low, high))
            for back in periods(Effect.PERMIT, module.back):
                both = max(gate[0], back[0]), min(gate[1], back[1])
                if both[0] < both[1]:
                    yield rule(Effect.PERMIT, both, Within(MIN, high))
        if windows and module is CLINICAL:
            # Who the patient is has no date; pseudonymous demographics go with the clinical data.
            yield rule(Effect.PERMIT, gate, OfType(frozenset({"Patient"})))
    for gate in periods(Effect.DENY, use):
        yield rule(Effect.DENY, gate, Touches(MIN, MAX))
    for low, high in periods(Effect.DENY, collect):
        yield rule(Effect.DENY, (MIN, MAX), all_of([Touches(low, high), negate(OfType(frozenset({"Patient"})))]))
    first = min((low for low, _ in windows), default=MIN)
    for back in periods(Effect.DENY, module.back) if first > MIN else ():
        yield rule(Effect.DENY, back, all_of([Touches(MIN, first), negate(OfType(frozenset({"Patient"})))]))
