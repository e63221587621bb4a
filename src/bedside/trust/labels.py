"""Security labels on data and who may see them, after Data Segmentation for Privacy (DS4P).

A label restricts further than the treatment relation does; it never opens anything. The table below is a default
that a hospital replaces: which professions may see restricted (R) and very restricted (V) data, psychiatry, sexual
health, addiction, and the records of its own staff (EMP).
"""

from __future__ import annotations

from collections.abc import Mapping

from bedside.trust.codes import ACT_CODE, CONFIDENTIALITY, PRACTITIONER_ROLE, SNOMED, code
from bedside.trust.model import Actor, Clearance

DOCTOR, NURSE, PHARMACIST = (code(PRACTITIONER_ROLE, each) for each in ("doctor", "nurse", "pharmacist"))
PSYCHIATRY = code(SNOMED, "394587001")
CHILD_PSYCHIATRY = code(SNOMED, "394588006")
GENITOURINARY = code(SNOMED, "394808002")
INFECTIOUS = code(SNOMED, "394807007")


def sensitivity(value: str) -> str:
    """A v3 ActCode of information sensitivity as a label."""
    return code(ACT_CODE, value)


def confidentiality(value: str) -> str:
    """A v3 Confidentiality code as a label."""
    return code(CONFIDENTIALITY, value)


R, V = confidentiality("R"), confidentiality("V")
PSY, SEX, HIV, EMP = (sensitivity(each) for each in ("PSY", "SEX", "HIV", "EMP"))
NOPAT = sensitivity("NOPAT")
"""No disclosure to the patient or family before the attending clinician has spoken with them."""

_MIND = Clearance(frozenset({PSYCHIATRY, CHILD_PSYCHIATRY}))
_SEXUAL = Clearance(frozenset({GENITOURINARY, INFECTIOUS}))
CLEARANCES: Mapping[str, Clearance] = {
    **{confidentiality(each): Clearance() for each in "ULMN"},
    R: Clearance(frozenset({DOCTOR, NURSE, PHARMACIST})),
    V: Clearance(frozenset({DOCTOR}), direct=True),
    **{sensitivity(each): _MIND for each in ("PSY", "PSYTHPN", "MH", "SUD", "ETH")},
    **{sensitivity(each): _SEXUAL for each in ("SEX", "STD", "HIV")},
    sensitivity("SDV"): Clearance(frozenset({DOCTOR}), direct=True),
    sensitivity("GDIS"): Clearance(frozenset({DOCTOR})),
    sensitivity("ADOL"): Clearance(),
    EMP: Clearance(direct=True),
    NOPAT: Clearance(),
}
"""Label -> who among the treating staff may see it. A label that is not here is shown to nobody but under
break-the-glass."""

ORDINARY: frozenset[str] = frozenset(confidentiality(each) for each in "ULMN")
"""The labels that restrict nothing: what research shows unless its permit names
more, and a parent of a teenager unless the teenager granted it."""


def cleared(actor: Actor, direct: bool, clearances: Mapping[str, Clearance] = CLEARANCES) -> frozenset[str]:
    """The labels that a treating actor may see; `direct` when the relation names the person and not a team."""
    return frozenset(
        label
        for label, needs in clearances.items()
        if (direct or not needs.direct) and (not needs.roles or not needs.roles.isdisjoint(actor.roles))
    )
