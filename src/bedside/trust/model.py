"""The words of a decision: who asks, for what purpose, to do what, with which resource; and the answer.

An access log after NEN 7513 records the same things: the person and role, the patient, the event, its ground and
the time. So a `Decision` carries what such a line needs, and not only yes or no.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

Interval = tuple[int, int]
"""Half-open, in microseconds since 1970 UTC, as `bedside.fhir.dates` gives it."""


class Kind(StrEnum):
    """What sort of actor asks; each sort has its own rules in `policy`."""

    PRACTITIONER = "practitioner"
    PATIENT = "patient"
    PROXY = "proxy"
    RESEARCHER = "researcher"
    APP = "app"
    SYSTEM = "system"


class Purpose(StrEnum):
    """HL7 v3 PurposeOfUse (ActReason): the purposes that this policy has a rule for, or refuses by name."""

    TREAT = "TREAT"
    ETREAT = "ETREAT"
    BTG = "BTG"
    PATRQT = "PATRQT"
    FAMRQT = "FAMRQT"
    PWATRNY = "PWATRNY"
    SUPNWK = "SUPNWK"
    HRESCH = "HRESCH"
    BIORCH = "BIORCH"
    CLINTRCH = "CLINTRCH"
    HPAYMT = "HPAYMT"
    HOPERAT = "HOPERAT"
    PUBHLTH = "PUBHLTH"

    @property
    def ancestors(self) -> tuple[Purpose, ...]:
        """Itself and the more general purposes above it: a rule for TREAT is also one for ETREAT."""
        above = _ABOVE.get(self)
        return (self,) if above is None else (self, *above.ancestors)


_ABOVE = {
    Purpose.ETREAT: Purpose.TREAT,
    Purpose.BTG: Purpose.ETREAT,
    Purpose.FAMRQT: Purpose.PATRQT,
    Purpose.PWATRNY: Purpose.PATRQT,
    Purpose.SUPNWK: Purpose.PATRQT,
    Purpose.BIORCH: Purpose.HRESCH,
    Purpose.CLINTRCH: Purpose.HRESCH,
}


class Action(StrEnum):
    """What is done, in the codes of `Consent.provision.action`. Reading and searching are access, writing what is new
    is collect, changing and deleting is correct, sending or exporting elsewhere is disclose."""

    ACCESS = "access"
    USE = "use"
    DISCLOSE = "disclose"
    COLLECT = "collect"
    CORRECT = "correct"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks.

    `reference` is the person (`Practitioner/1`, `Patient/1`, `RelatedPerson/1`, `Device/1`). `also` are the other
    names that they act under: their PractitionerRoles, teams, groups and organisations. `roles` are codes
    (`system|code`) of professions and specialties. `person` is the Patient that a member of staff is themself.
    """

    kind: Kind
    reference: str
    also: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    person: str | None = None

    @property
    def names(self) -> frozenset[str]:
        """Every reference that means this actor."""
        return self.also | {self.reference}


@dataclass(frozen=True, slots=True)
class Item:
    """A resource, reduced to what a policy looks at. `bedside.trust.item.item_of` makes it.

    `patients` are those it is about (`Patient/1`); `clock` is its main clinical date, None when it has none.
    """

    reference: str
    type: str
    patients: frozenset[str] = frozenset()
    labels: frozenset[str] = frozenset()
    codes: frozenset[str] = frozenset()
    profiles: frozenset[str] = frozenset()
    clock: Interval | None = None
    links: frozenset[str] = frozenset()
    authors: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Request:
    """One actor, one purpose, one action, one resource."""

    actor: Actor
    purpose: Purpose
    action: Action
    item: Item


class Reason(StrEnum):
    """Why a decision is as it is; the sentence for people is in `sentences`."""

    DIRECTORY = "directory"
    RELATION = "treatment-relation"
    GLASS = "break-the-glass"
    OWN = "own-record"
    PROXY = "proxy"
    PERMIT = "research-permit"
    CLOSED_TYPE = "closed-type"
    NO_PATIENT = "no-patient"
    PURPOSE = "purpose-not-allowed"
    ACTION = "action-not-allowed"
    OWN_AS_STAFF = "own-record-as-staff"
    NO_RELATION = "no-treatment-relation"
    RELATION_ENDED = "treatment-relation-ended"
    GLASS_EXPIRED = "glass-expired"
    LABEL = "label"
    CONSENT = "consent"
    NOT_OWN = "not-own-record"
    NO_PROXY = "no-proxy-grant"
    NO_PERMIT = "no-permit"
    PERMIT_EXPIRED = "permit-expired"
    PERMIT_DATA = "outside-permit"
    NO_GRANT = "no-grant"


class Duty(StrEnum):
    """What whoever carries out a permitted request must also do."""

    EMERGENCY = "log-as-emergency"
    TELL_TEAM = "tell-treating-team"
    TELL_PATIENT = "tell-patient"
    ON_BEHALF = "log-on-behalf-of"
    DEIDENTIFY = "de-identify"
    ONLY_LABELS = "only-labels"


@dataclass(frozen=True, slots=True)
class Obligation:
    """A duty and what it is about: references for the ones to tell, codes for the labels that may be shown."""

    duty: Duty
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer. `because` is the resource that decided (a Consent, an Encounter, a permit), where there is one."""

    permit: bool
    reason: Reason
    sentence: str
    obligations: tuple[Obligation, ...] = ()
    because: str | None = None


@dataclass(frozen=True, slots=True)
class Glass:
    """The emergency button, pressed: by whom, for whom, why, and until when. Times in microseconds since 1970 UTC."""

    actor: str
    patient: str
    reason: str
    opened: int
    until: int


@dataclass(frozen=True, slots=True)
class Ages:
    """When a child begins to decide with the parents, and when alone; years.

    The defaults are Dutch: from 12 together, from 16 alone (WGBO, articles 7:447, 7:450 and 7:465 of the Civil Code).
    Elsewhere it is by capacity, so it is a setting; `shared` equal to `own` leaves the middle out.
    """

    shared: int = 12
    own: int = 16

    def __post_init__(self) -> None:
        if not 0 <= self.shared <= self.own:
            raise ValueError(f"ages must be 0 <= shared <= own, not {self.shared} and {self.own}")


@dataclass(frozen=True, slots=True)
class Clearance:
    """Who may see a label: actors with one of these roles (none named: any role), and only with a relation of their own
    person if `direct`."""

    roles: frozenset[str] = field(default_factory=frozenset)
    direct: bool = False
