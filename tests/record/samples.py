"""Small resources that tests of the record write, and short ways to write them."""

from __future__ import annotations

from typing import Any

from bedside.record.model import Create, Outcome, Resource, Stored, Update, Write
from bedside.record.record import Record


def patient(family: str = "Vries", **more: Any) -> Resource:
    return {"resourceType": "Patient", "name": [{"family": family}], **more}


def observation(subject: str, value: Any = 182, **more: Any) -> Resource:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "8302-2", "display": "Height"}], "text": "Height"},
        "subject": {"reference": subject},
        "effectiveDateTime": "2015-01-01T10:00:00Z",
        "valueQuantity": {"value": value, "unit": "cm", "system": "http://unitsofmeasure.org", "code": "cm"},
        **more,
    }


def identified(value: str, family: str = "Vries") -> Resource:
    return patient(family, identifier=[{"system": "http://example.org/mrn", "value": value}])


def put(resource: Resource, **more: Any) -> Update:
    """The update that writes a resource under its own id."""
    return Update(resource["resourceType"], resource, id=resource["id"], **more)


def one(record: Record, write: Write) -> Outcome:
    (outcome,) = record.write(write)
    return outcome


def create(record: Record, resource: Resource) -> Stored:
    """Create a resource and return its first version."""
    stored = one(record, Create(resource)).stored
    assert stored is not None
    return stored


def update(record: Record, resource: Resource, **more: Any) -> Stored:
    """Write a resource under its own id and return the version that is now current."""
    stored = one(record, put(resource, **more)).stored
    assert stored is not None
    return stored


def content(stored: Stored | None) -> Resource:
    """What a client wrote: the resource without the record's own meta."""
    assert stored is not None
    resource = stored.resource
    meta = {key: value for key, value in resource.pop("meta").items() if key not in ("versionId", "lastUpdated")}
    return {**resource, "meta": meta} if meta else resource
