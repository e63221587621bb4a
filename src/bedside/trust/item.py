"""A resource as policy sees it: whom it is about, what it is, how it is labelled, when it happened.

Whom it is about follows R4's Patient compartment (https://hl7.org/fhir/R4/compartmentdefinition-patient.html), with two
differences, both for safety. A resource outside the compartment's definition (Task, Device, Group, ...) is about every
patient that it refers to. And a Patient is about itself alone: `Patient.link` points at another record, it does
not make one part of the other.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from bedside.fhir.definitions import compartment, search_parameters_for
from bedside.fhir.outcome import FhirError
from bedside.fhir.references import Link, references
from bedside.trust import times
from bedside.trust.codes import of_coding, of_concepts
from bedside.trust.model import Interval, Item
from bedside.trust.naming import UNKNOWN, is_patient, local_text

_CODES = ("code", "category", "type", "class", "vaccineCode", "medicationCodeableConcept", "reasonCode")
_CLOCKS = (
    "effectiveDateTime", "effectivePeriod", "effectiveInstant", "performedDateTime", "performedPeriod",
    "occurrenceDateTime", "occurrencePeriod", "onsetDateTime", "onsetPeriod", "period", "started", "start",
    "collectedDateTime", "collectedPeriod", "servicedDate", "servicedPeriod", "billablePeriod", "whenHandedOver",
    "authoredOn", "recordedDate", "dateTime", "date", "authored", "created", "issued", "recorded", "sent",
)  # fmt: skip
_AUTHORS = frozenset({"author", "performer", "recorder", "requester", "asserter", "informationSource", "source"})

_SUBJECTS = frozenset({"subject", "patient", "beneficiary"})


@cache
def _subject_paths(type_name: str) -> frozenset[str] | None:
    """The elements by which a type belongs to a patient's compartment; None when the compartment leaves it out."""
    codes = compartment("Patient").get(type_name)
    if not codes:
        return None
    found = set()
    parameters = search_parameters_for(type_name)
    for each in codes:
        for part in (parameters[each].expression or "").split("|") if each in parameters else ():
            path = part.strip().strip("()").split(".where(")[0].split(" as ")[0].strip()
            if path.startswith(type_name + "."):
                found.add(path)
    return frozenset(found)


def _about(link: Link, paths: frozenset[str] | None) -> str | None:
    """The patient that a reference makes a resource be about; None when it makes it be about none."""
    text = link.text
    target = local_text(text)
    if target is not None:
        about = target.startswith("Patient/") and (paths is None or link.element.path in paths)
        return target if about else None
    # Not a reference that names anybody here: if it may mean a patient, then one whom we do not know.
    declared = link.value.get("type")
    subject = link.element.name in _SUBJECTS and declared in (None, "Patient")
    elsewhere = text is not None and "/Patient/" in text
    return UNKNOWN if subject or elsewhere or declared == "Patient" else None


def clock_of(resource: dict[str, Any]) -> Interval | None:
    """The main clinical date of a resource, from the first element that has one; None when none has."""
    for name in _CLOCKS:
        value = resource.get(name)
        try:
            if isinstance(value, str):
                return times.interval(value)
            if isinstance(value, dict) and (value.get("start") or value.get("end")):
                return times.period(value)
        except FhirError:
            continue
    collection = resource.get("collection")
    return clock_of(collection) if isinstance(collection, dict) else None


def item_of(resource: dict[str, Any]) -> Item:
    """What policy looks at in one resource. Never fails: what is malformed is not there, and absence does not open."""
    type_name = str(resource.get("resourceType", ""))
    reference = f"{type_name}/{resource.get('id', '')}"
    paths = _subject_paths(type_name)
    links: set[str] = set()
    patients: set[str] = set()
    authors: set[str] = set()
    for link in references(resource):
        if (patient := _about(link, paths)) is not None:
            patients.add(patient)
        target = local_text(link.text)
        if target is None:
            continue
        links.add(target)
        if link.element.name in _AUTHORS or link.element.path.rsplit(".", 2)[-2] in _AUTHORS:
            authors.add(target)
    if type_name == "Patient":
        patients = {reference if is_patient(reference) else UNKNOWN}
    meta = resource.get("meta")
    meta = meta if isinstance(meta, dict) else {}
    security = meta.get("security")
    labels = [of_coding(each) for each in security] if isinstance(security, list) else []
    codes = [one for name in _CODES for one in of_concepts(resource.get(name))]
    coding = of_coding(resource.get("class"))  # Encounter.class is a Coding
    profiles = meta.get("profile")
    return Item(
        reference=reference,
        type=type_name,
        patients=frozenset(patients),
        labels=frozenset(each for each in labels if each is not None),
        codes=frozenset([*codes, *([coding] if coding else [])]),
        profiles=frozenset(p for p in profiles if isinstance(p, str)) if isinstance(profiles, list) else frozenset(),
        clock=clock_of(resource),
        links=frozenset(links),
        authors=frozenset(authors),
    )
