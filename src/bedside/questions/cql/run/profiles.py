"""Which resources a retrieve by profile means: `[MedicationNotRequested]`, `[ConditionEncounterDiagnosis]`.

Several types of QICore and US Core are profiles of one resource type. A resource that claims profiles of the model, in
`meta.profile`, is taken at its word. One that claims none of them counts for all, for few records are tagged; only what
says of itself that something was not done is kept apart from what was, as QI-Core's negation profiles do
(https://hl7.org/fhir/us/qicore, "Negation in QI-Core").
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from bedside.questions.cql import models, tree
from bedside.questions.cql.types import NamedType
from bedside.questions.cql.world import Resource

Fits = Callable[[Resource], bool]

_VITAL_SIGNS = frozenset(
    f"http://hl7.org/fhir/us/core/StructureDefinition/{name}"
    for name in (
        "head-occipital-frontal-circumference-percentile",
        "pediatric-bmi-for-age",
        "pediatric-weight-for-height",
        "us-core-blood-pressure",
        "us-core-bmi",
        "us-core-body-height",
        "us-core-body-temperature",
        "us-core-body-weight",
        "us-core-head-circumference",
        "us-core-heart-rate",
        "us-core-pulse-oximetry",
        "us-core-respiratory-rate",
    )
)
_DERIVED = {"http://hl7.org/fhir/us/core/StructureDefinition/us-core-vital-signs": _VITAL_SIGNS}
"""Profiles that others specialise: what claims a special one fits the general one."""

_STATUS_OF_NEGATION = {
    "CommunicationNotDone": "not-done",
    "ImmunizationNotDone": "not-done",
    "MedicationAdministrationNotDone": "not-done",
    "MedicationDispenseDeclined": "declined",
    "ObservationCancelled": "cancelled",
    "ProcedureNotDone": "not-done",
    "TaskRejected": "rejected",
}
_PROHIBITIONS = frozenset({"DeviceNotRequested", "MedicationNotRequested", "ServiceNotRequested"})
_REQUESTS = frozenset({"DeviceRequest", "MedicationRequest", "ServiceRequest"})
_DO_NOT_PERFORM = "http://hl7.org/fhir/5.0/StructureDefinition/extension-DeviceRequest.doNotPerform"


def profile_test(node: tree.Retrieve) -> Fits | None:
    """Whether a resource may be of the profile that a retrieve asks for; None when all of its type are."""
    template, data_type = node.template, node.data_type
    if template is None or template.startswith("http://hl7.org/fhir/StructureDefinition/"):
        return None
    wanted = frozenset({template}) | _DERIVED.get(template, frozenset())
    untagged = _of_untagged(data_type.name)

    def fits(resource: Resource) -> bool:
        claims = _claims(resource)
        if claims:
            if not wanted.isdisjoint(claims):
                return True
            if not _known(data_type.namespace).isdisjoint(claims):
                return False
        return untagged is None or untagged(resource)

    return fits


def _claims(resource: Resource) -> list[str]:
    meta = resource.get("meta")
    profiles: Any = meta.get("profile") if meta.__class__ is dict else None
    return [each.partition("|")[0] for each in profiles if each.__class__ is str] if profiles else []


@cache
def _known(namespace: str) -> frozenset[str]:
    """The canonical URLs of all profiles of a model."""
    model = models.load(namespace)
    found = (model.info(NamedType(namespace, name)).identifier for name in model.retrievable)
    return frozenset(each for each in found if each is not None)


def _of_untagged(name: str) -> Fits | None:
    """What a resource without a claim must say to be of a type that is a negation, or the contrary of one."""
    status = _STATUS_OF_NEGATION.get(name)
    if status is not None:
        return lambda resource: resource.get("status") == status
    if name in _PROHIBITIONS:
        return _is_prohibited
    if name in _REQUESTS:
        return lambda resource: not _is_prohibited(resource)
    return None


def _is_prohibited(resource: Resource) -> bool:
    if resource.get("doNotPerform") is True:
        return True
    return any(
        each.get("url") == _DO_NOT_PERFORM and each.get("valueBoolean") is True
        for each in resource.get("modifierExtension", ())
    )
