"""The code systems that access decisions are written in, and codes as one string: `system|code`.

Sources: HL7 v3 Confidentiality, ActCode (information sensitivity) and ActReason (purpose of use) as
Data Segmentation for Privacy (DS4P) uses them for security labels (https://hl7.org/fhir/R4/security-labels.html),
and R4's code systems for Consent (https://hl7.org/fhir/R4/consent.html).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"
CONFIDENTIALITY = _TERMINOLOGY + "v3-Confidentiality"
ACT_CODE = _TERMINOLOGY + "v3-ActCode"
ACT_REASON = _TERMINOLOGY + "v3-ActReason"
CONSENT_SCOPE = _TERMINOLOGY + "consentscope"
CONSENT_ACTION = _TERMINOLOGY + "consentaction"
PRACTITIONER_ROLE = _TERMINOLOGY + "practitioner-role"
RESOURCE_TYPES = "http://hl7.org/fhir/resource-types"
SNOMED = "http://snomed.info/sct"


def code(system: str, value: str) -> str:
    """A code as one string, in the form of a search token: `system|code`."""
    return f"{system}|{value}"


def of_coding(coding: Any) -> str | None:
    """A Coding as one string; None when it has no code."""
    if not isinstance(coding, Mapping) or not isinstance(coding.get("code"), str):
        return None
    system = coding.get("system")
    return code(system if isinstance(system, str) else "", coding["code"])


def of_concepts(concepts: Any) -> Iterator[str]:
    """The codes of a CodeableConcept, or of an array of them."""
    for concept in concepts if isinstance(concepts, list) else [concepts]:
        if isinstance(concept, Mapping):
            codings = concept.get("coding")
            for coding in codings if isinstance(codings, list) else ():
                if (found := of_coding(coding)) is not None:
                    yield found
