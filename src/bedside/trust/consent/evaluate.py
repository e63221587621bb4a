"""What several Consents say together of one request: once for one resource, once as a condition for sets.

- A provision speaks where everything in it holds; its exceptions speak instead of it where they hold, at any depth.
  Where exceptions beside each other disagree, the deny wins.
- The newest consent that speaks decides; where it is silent, the one before it, in its own scope only. So a
  later, narrower consent changes what it is about and nothing else.
- A consent whose date is in the future does not count yet. One without a date may deny, before all others, but
  not permit: nobody can say that it is the newest.

R4 leaves the combination to policy (https://hl7.org/fhir/R4/consent.html, "the most recent"); this is ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bedside.fhir.dates import MAX
from bedside.trust.conditions import ALWAYS, NEVER, Condition, all_of, any_of, negate
from bedside.trust.consent.model import Asking, Consent, Effect, Naming, Provision
from bedside.trust.model import Item

Limit = Callable[[Consent], Condition]
"""How far the permits of a consent reach; beyond it they are silent."""
Rank = Callable[[Consent], int]
"""Consents of a higher rank come before all of a lower one, whatever their dates."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided, and the Consent that did; both None when none speaks."""

    effect: Effect | None
    consent: str | None


def _everything(consent: Consent) -> Condition:
    return ALWAYS


def _same(consent: Consent) -> int:
    return 0


def in_order(consents: Iterable[Consent], now: int, rank: Rank = _same) -> list[Consent]:
    """Those in force by now, newest first. Of two that say the same moment, the later saved is newer."""
    counting = [each for each in consents if each.made is None or each.made <= now]
    return sorted(
        counting,
        key=lambda each: (rank(each), MAX if each.made is None else each.made, each.updated, each.reference),
        reverse=True,
    )


def asked(provision: Provision, asking: Asking) -> bool:
    """Whether the part of a provision that is not about data fits a request."""
    ancestors = asking.purpose.ancestors
    return (
        provision.period[0] <= asking.now < provision.period[1]
        and (not provision.actions or asking.action in provision.actions)
        and (not provision.purposes or not provision.purposes.isdisjoint(ancestors))
        and (not provision.parties or any(party.means(asking.actor) for party in provision.parties))
    )


def says(provision: Provision, asking: Asking, item: Item, named: bool = False) -> Effect | None:
    """What one provision with its exceptions says of a request for a resource; None when it is silent.

    `named` is whether a rule above it named what must be named (see `Naming`).
    """
    if not asked(provision, asking) or not provision.data.holds(item):
        return None
    named = named or asking.named_by(provision)
    found = {effect for each in provision.children if (effect := says(each, asking, item, named)) is not None}
    if found:
        return Effect.DENY if Effect.DENY in found else Effect.PERMIT
    return _own(provision, asking, named)


def _own(provision: Provision, asking: Asking, named: bool) -> Effect | None:
    """What a provision says without its exceptions."""
    binding = named or (asking.naming is Naming.PROXY and provision.effect is Effect.DENY)
    return provision.effect if binding else None


def verdict(
    consents: Iterable[Consent], asking: Asking, item: Item, limit: Limit = _everything, rank: Rank = _same
) -> Verdict:
    """What all consents together say of a request for a resource, and which of them decided."""
    for consent in in_order(consents, asking.now, rank):
        effect = says(consent.root, asking, item)
        if effect is Effect.DENY or (effect is Effect.PERMIT and _may_permit(consent) and limit(consent).holds(item)):
            return Verdict(effect, consent.reference)
    return Verdict(None, None)


def _may_permit(consent: Consent) -> bool:
    return consent.permits and consent.made is not None


def spoken(provision: Provision, asking: Asking, named: bool = False) -> tuple[Condition, Condition]:
    """The resources that a provision permits, and those that it denies, for a request: `says` for all at once."""
    if not asked(provision, asking):
        return NEVER, NEVER
    named = named or asking.named_by(provision)
    pairs = [spoken(each, asking, named) for each in provision.children]
    denied, permitted = any_of(deny for _, deny in pairs), any_of(permit for permit, _ in pairs)
    own = _own(provision, asking, named)
    silent = negate(any_of([denied, permitted]))
    permit = any_of([all_of([permitted, negate(denied)]), silent if own is Effect.PERMIT else NEVER])
    deny = any_of([denied, silent if own is Effect.DENY else NEVER])
    return all_of([provision.data, permit]), all_of([provision.data, deny])


def condition(
    consents: Sequence[Consent],
    asking: Asking,
    otherwise: bool,
    limit: Limit = _everything,
    rank: Rank = _same,
) -> Condition:
    """The resources that all consents together let through; `otherwise` is the answer where all are silent.

    Law: `condition(cs, a, o).holds(item)` is `verdict(cs, a, item).effect is PERMIT`, or `o` where that is None.
    """
    result: Condition = ALWAYS if otherwise else NEVER
    for consent in reversed(in_order(consents, asking.now, rank)):
        permit, deny = spoken(consent.root, asking)
        permit = all_of([permit, limit(consent)]) if _may_permit(consent) else NEVER
        result = any_of([permit, all_of([negate(deny), result])])
    return result
