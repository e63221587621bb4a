"""What a client may legally say comes back as it was said: digits, extensions, contained resources and all."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from bedside.fhir import json
from bedside.fhir.outcome import Unprocessable
from bedside.record.model import Create, Effect, Resource
from bedside.record.record import Record
from fhir.strategies import resources
from record.index import assert_consistent
from record.samples import content, one, put

OWN = ("resourceType", "id", "meta")


@pytest.fixture
def tolerant(open_at: Any) -> Record:
    """A record that takes references to what is not there: what is generated refers to nothing in particular."""
    record: Record = open_at(check_references=False)
    return record


def said(resource: Resource, id_: str) -> Resource:
    """What must come back of a resource: all but what is the record's own."""
    meta = {key: value for key, value in resource.get("meta", {}).items() if key not in ("versionId", "lastUpdated")}
    rest = {key: value for key, value in resource.items() if key not in OWN}
    return {"resourceType": resource["resourceType"], "id": id_, **({"meta": meta} if meta else {}), **rest}


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(resource=resources())
def test_any_legal_resource_comes_back(tolerant: Record, resource: Resource) -> None:
    if resource["resourceType"] == "SearchParameter":
        resource["status"] = "draft"  # an active one has to make sense
    before = json.encode(resource)
    created = one(tolerant, Create(json.decode(before)))
    assert created.effect is Effect.CREATED
    stored = created.stored
    assert stored is not None
    found = tolerant.read(stored.type, stored.id)
    assert found == stored
    # Compared as JSON text, where 1.0 and 1.00 differ.
    assert json.encode_canonical(content(found)) == json.encode_canonical(said(resource, stored.id))
    again = one(tolerant, put({**json.decode(before), "id": stored.id}))
    assert again.effect is Effect.UNCHANGED


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(first=resources("Observation", "Patient", "Questionnaire"), second=resources("Observation", "Patient"))
def test_the_index_follows_any_legal_change(tolerant: Record, first: Resource, second: Resource) -> None:
    for resource in (first, second, first):
        one(tolerant, put({**json.decode(json.encode(resource)), "id": "same"}))
    assert_consistent(tolerant)


@pytest.mark.parametrize(
    "digits", ["7.20", "7.2", "0.0", "-0.0", "1e-7", "1E+12", "123456789012345678901234567890.123456789", "0.10e3"]
)
def test_decimals_keep_their_digits(record: Record, digits: str) -> None:
    """R4 datatypes.html#decimal: the precision has a meaning."""
    body = (
        b'{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":%s}}'
        % digits.encode()
    )
    stored = one(record, Create(json.decode(body))).stored
    assert stored is not None
    found = record.read("Observation", stored.id)
    assert found is not None
    value = found.resource["valueQuantity"]["value"]
    assert Decimal(value).as_tuple() == Decimal(digits).as_tuple()


def test_a_character_that_no_database_need_hold_is_refused_with_its_place(record: Record) -> None:
    """R4 datatypes.html#string: U+0000 may not be in a string, and PostgreSQL has no place for it."""
    with pytest.raises(Unprocessable) as caught:
        record.write(Create({"resourceType": "Patient", "name": [{"family": "a\x00b"}]}))
    assert [issue.path for issue in caught.value.issues] == ["Patient.name[0].family"]


def test_unchecked_text_that_postgresql_cannot_hold_is_refused(open_at: Any) -> None:
    record: Record = open_at(check_structure=False)
    resource = {"resourceType": "Patient", "name": [{"family": "a\x00b"}]}
    if record.store.dialect == "sqlite":
        assert one(record, Create(resource)).effect is Effect.CREATED
    else:
        with pytest.raises(Unprocessable):
            record.write(Create(resource))
    assert_consistent(record)


def test_a_megabyte_comes_back(record: Record) -> None:
    data = "QUJD" * 400_000
    stored = one(record, Create({"resourceType": "Binary", "contentType": "text/plain", "data": data})).stored
    assert stored is not None
    found = record.read("Binary", stored.id)
    assert found is not None
    assert found.resource["data"] == data
