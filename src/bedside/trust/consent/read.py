"""R4 Consent to a value (https://hl7.org/fhir/R4/consent.html).

One rule for what cannot be read: a permit that is not understood permits nothing, a deny that is not understood
denies all that it may have meant. So a code of a system that we do not know, a logical reference or a broken date never
opens a record.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bedside.fhir.dates import MAX, MIN
from bedside.fhir.definitions import is_resource_type
from bedside.fhir.outcome import FhirError
from bedside.trust import times
from bedside.trust.codes import (
    ACT_CODE,
    ACT_REASON,
    CONFIDENTIALITY,
    CONSENT_ACTION,
    CONSENT_SCOPE,
    RESOURCE_TYPES,
    of_coding,
    of_concepts,
)
from bedside.trust.conditions import (
    ALWAYS,
    NEVER,
    RANKS,
    AtMost,
    AuthoredBy,
    Coded,
    Condition,
    Is,
    Labelled,
    LinksTo,
    OfProfile,
    OfType,
    Touches,
    Within,
    all_of,
    any_of,
    negate,
)  # fmt: skip
from bedside.trust.consent import broad
from bedside.trust.consent.model import Consent, Effect, Party, Provision
from bedside.trust.model import Action, Interval
from bedside.trust.naming import is_patient, local

SCOPES = frozenset({"research", "patient-privacy"})
"""The scopes that are about data. `treatment` is consent to undergo a treatment, `adr` an advance directive."""

# How an actor can be involved without being one who receives: as custodian, grantor, author or informant.
_NOT_RECEIVING = frozenset({"CST", "GRANTOR", "DELEGATOR", "AUT", "INF", "SUBCON"})
_BASES = {"OPTIN": Effect.PERMIT, "OPTINR": Effect.PERMIT, "OPTOUT": Effect.DENY, "OPTOUTE": Effect.DENY}


def read(resource: Mapping[str, Any]) -> Consent | None:
    """A Consent as a value; None unless it is active, has one patient, and is about data (`SCOPES`).

    `inactive`, `rejected` and `entered-in-error` decide nothing any more, drafts and proposals not yet.
    """
    if resource.get("resourceType") != "Consent" or resource.get("status") != "active":
        return None
    patient = local(resource.get("patient"))
    scopes = [found.partition("|") for found in of_concepts(resource.get("scope"))]
    scope = next((value for system, _, value in scopes if system == CONSENT_SCOPE and value in SCOPES), None)
    if patient is None or not is_patient(patient) or scope is None:
        return None
    base = next((_BASES[v] for s, _, v in _split(resource.get("policyRule")) if s == ACT_CODE and v in _BASES), None)
    provision = resource.get("provision")
    if not isinstance(provision, Mapping):
        root = Provision(Effect.DENY if "provision" in resource else base)
    elif broad.is_broad(provision):
        root = broad.provisions(provision)
    else:
        root = _provision(provision, base, root=True)
    meta = resource.get("meta")
    return Consent(
        reference=f"Consent/{resource.get('id', '')}",
        patient=patient,
        scope=scope,
        root=root,
        made=_start(resource.get("dateTime")),
        updated=(_start(meta.get("lastUpdated")) if isinstance(meta, Mapping) else None) or MIN,
        performers=frozenset(found for each in _list(resource.get("performer")) if (found := local(each)) is not None),
        categories=frozenset(of_concepts(resource.get("category"))),
        permits="modifierExtension" not in resource,
    )


def _split(concepts: Any) -> Iterator[tuple[str, str, str]]:
    return (found.partition("|") for found in of_concepts(concepts))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _start(value: Any) -> int | None:
    try:
        return times.interval(value)[0] if isinstance(value, str) else None
    except FhirError:
        return None


def _period(value: Any, deny: bool) -> Interval:
    """A Period; one that cannot be read is always for a deny and never for a permit."""
    if value is None:
        return MIN, MAX
    try:
        return times.period(value)
    except FhirError:
        return (MIN, MAX) if deny else (MIN, MIN)


def _provision(value: Any, base: Effect | None, root: bool = False) -> Provision:
    """One provision and those in it. Only the root may leave its type to the policy rule; a nested one without a type
    is taken for a deny."""
    if not isinstance(value, Mapping):
        return Provision(Effect.DENY)
    kind = value.get("type")
    effect = Effect(kind) if kind in ("permit", "deny") else base if root and kind is None else Effect.DENY
    deny = effect is not Effect.PERMIT
    actions, odd_actions = _codes_of(value.get("action"), CONSENT_ACTION, frozenset(Action))
    purposes = [(of_coding(each) or "").partition("|") for each in _list(value.get("purpose"))]
    named = frozenset(one for system, _, one in purposes if system == ACT_REASON)
    odd_purposes = any(system != ACT_REASON for system, _, _ in purposes)
    parties = tuple(each for actor in _list(value.get("actor")) for each in _party(actor))
    nobody = any(each.reference is None and each.role is None for each in parties)
    unread = not deny and (
        "modifierExtension" in value or (odd_actions and not actions) or (odd_purposes and not named)
    )
    return Provision(
        effect=effect,
        period=_period(value.get("period"), deny),
        parties=() if deny and nobody else parties,
        actions=frozenset() if deny and odd_actions else actions,
        purposes=frozenset() if deny and odd_purposes else named,
        data=NEVER if unread else _data(value, deny),
        children=tuple(_provision(each, effect) for each in _list(value.get("provision"))),
    )


def _codes_of(concepts: Any, system: str, known: frozenset[str]) -> tuple[frozenset[str], bool]:
    """The codes of one system that we know, and whether a concept has none of them."""
    found, strange = set(), False
    for concept in _list(concepts):
        codes = {v for s, _, v in _split(concept) if s == system and v in known}
        found |= codes
        strange = strange or not codes
    return frozenset(found), strange


def _party(actor: Any) -> Iterator[Party]:
    if not isinstance(actor, Mapping):
        yield Party(None, None)
        return
    roles = list(of_concepts(actor.get("role")))
    if any(role.partition("|")[2] in _NOT_RECEIVING for role in roles):
        return
    target = actor.get("reference")
    if isinstance(target, Mapping) and ("reference" in target or "identifier" in target):
        yield Party(local(target), None)  # a logical reference is a party that nobody can be matched with
    elif roles:
        yield from (Party(None, role) for role in roles)
    else:
        yield Party(None, None)


def _data(value: Mapping[str, Any], deny: bool) -> Condition:
    """Which data a provision is about: every kind of restriction must hold, in each any value will do.

    https://hl7.org/fhir/R4/consent-definitions.html#Consent.provision.class and those after it.
    """
    unread: Condition = ALWAYS if deny else NEVER
    parts: list[Condition] = []
    if classes := _list(value.get("class")):
        parts.append(any_of(_class(each, unread) for each in classes))
    if codes := _list(value.get("code")):
        found = frozenset(of_concepts(codes))
        parts.append(Coded(found) if found else unread)
    if labels := _list(value.get("securityLabel")):
        parts.append(any_of(_label(each, deny, unread) for each in labels))
    if "dataPeriod" in value:
        low, high = _period(value["dataPeriod"], deny)
        parts.append(Touches(low, high) if deny else Within(low, high))
    if data := _list(value.get("data")):
        parts.append(any_of(_instance(each, deny, unread) for each in data))
    return all_of(parts)


def _class(coding: Any, unread: Condition) -> Condition:
    """A resource type or a profile."""
    system, _, value = (of_coding(coding) or "").partition("|")
    if system == RESOURCE_TYPES and is_resource_type(value):
        return OfType(frozenset({value}))
    if value.startswith(("http://", "https://", "urn:")):
        return OfProfile(frozenset({value}))
    return unread


def _label(coding: Any, deny: bool, unread: Condition) -> Condition:
    """A security label. Confidentiality is a high water mark: a permit at R covers R and what is less confidential.

    Read to the letter the same would hold for a deny, and denying R would deny everything ordinary and leave V; so
    a deny at R covers R and what is more confidential.
    """
    found = of_coding(coding)
    if found is None:
        return unread
    if found.startswith(CONFIDENTIALITY + "|"):
        rank = RANKS.get(found)
        if rank is None:
            return unread
        return negate(AtMost(rank - 1)) if deny else AtMost(rank)
    return Labelled(frozenset({found}))


def _instance(value: Any, deny: bool, unread: Condition) -> Condition:
    """`provision.data`: the resource itself, with what depends on it (refers to it), or what somebody wrote.

    `related` reaches further than one resource can tell, in the direction that it refers to; so it is only partly
    read: a permit covers the part that is certain, a deny everything.
    """
    target = local(value.get("reference")) if isinstance(value, Mapping) else None
    if target is None:
        return unread
    one, meaning = frozenset({target}), value.get("meaning")
    if meaning == "instance":
        return Is(one)
    if meaning == "dependents" or (meaning == "related" and not deny):
        return any_of([Is(one), LinksTo(one)])
    if meaning == "authoredby":
        return AuthoredBy(one)
    return unread
