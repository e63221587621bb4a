"""After any history, the index is what a fresh extraction of the current resources gives."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from bedside.fhir import json
from bedside.fhir.outcome import FhirError
from bedside.fhir.references import rewrite
from bedside.record.layout import INDEX_TABLES
from bedside.record.model import Delete, Patch, Resource, Write
from bedside.record.record import Record
from fhir.synthea import resources
from record.index import assert_consistent
from record.samples import create, observation, patient, put


@pytest.fixture(scope="module")
def lives() -> list[Resource]:
    """Everything about two people, with references by type and id."""
    found = list(resources(2))
    place = {f"urn:uuid:{each['id']}": f"{each['resourceType']}/{each['id']}" for each in found}
    for each in found:
        rewrite(each, lambda text, _kind: place.get(text, text))
    return [*found, *_RARE]


_RARE: list[Resource] = [
    {
        "resourceType": "RiskAssessment",
        "id": "risk",
        "status": "final",
        "subject": {"reference": "Patient/risk"},
        "prediction": [{"probabilityDecimal": Decimal("0.02")}, {"probabilityRange": {"low": {"value": 1}}}],
    },
    {
        "resourceType": "Location",
        "id": "place",
        "position": {"latitude": Decimal("52.37"), "longitude": Decimal("4.89")},
        "meta": {"source": "http://example.org/places", "profile": ["http://example.org/p"]},
    },
]


def _changes(resource: Resource, choose: random.Random) -> Iterator[Write]:
    """A few writes that change what is indexed of a resource."""
    name, id_ = resource["resourceType"], resource["id"]
    yield put(json.decode(json.encode(resource)))
    without = {key: value for key, value in resource.items() if choose.random() > 0.3 or key in ("resourceType", "id")}
    yield put(without)
    yield Delete(name, id_)
    yield put({**resource, "meta": {"tag": [{"system": "http://example.org/t", "code": str(choose.random())}]}})
    yield put({**resource, "meta": {"source": f"http://example.org/{choose.randrange(3)}"}})
    yield Patch(name, [{"op": "add", "path": "/language", "value": choose.choice(["nl", "en"])}], id=id_)


def test_the_index_follows_random_histories(open_at: Callable[..., Record], lives: list[Resource]) -> None:
    record = open_at(check_references=False, refuse_delete_of_referenced=False)
    choose = random.Random(7)
    pending = []
    for resource in lives:
        pending.append([put(resource)])
    for _ in range(300):
        writes = list(_changes(choose.choice([*lives, *_RARE * 9]), choose))
        pending.append([choose.choice(writes)])
    for _ in range(30):
        some = choose.sample(lives, 8)
        pending.append([choose.choice(list(_changes(each, choose))) for each in some])
    refused = 0
    for future in [record.submit(unit, transaction=len(unit) > 1) for unit in pending]:
        error = future.exception()
        assert error is None or isinstance(error, FhirError)
        refused += error is not None
    assert refused < 150
    assert_consistent(record)
    assert record.last_seq() > len(lives) + 150
    filled = {t: record.store.reader().rows(f"SELECT count(*) FROM {t}")[0][0] for t in INDEX_TABLES}
    assert all(filled.values()), filled


@pytest.mark.parametrize("table", INDEX_TABLES)
def test_the_comparison_notices_a_wrong_row(record: Record, table: str) -> None:
    """The test of the index can fail: a row too many, and one too few."""
    someone = create(record, patient(birthDate="1951-03-12"))
    create(record, observation(someone.reference, component=[_component()]))
    session = record.store.writer()
    columns = len(session.rows(f"SELECT * FROM {table}")[0]) if session.rows(f"SELECT 1 FROM {table}") else 0

    def change(what: Callable[..., None], rows: list[Any]) -> None:
        session.begin()
        what(table, rows)
        session.commit()

    assert_consistent(record)
    if columns:
        row = session.rows(f"SELECT * FROM {table}")[:1]
        change(session.delete, row)
        with pytest.raises(AssertionError, match="lacks"):
            assert_consistent(record)
        change(session.insert, row)
        assert_consistent(record)
    wrong = {"label": (1, 0, someone.rid), "position": (1, 0.5, 0.5, someone.rid), "number": (1, 0.5, 0.5, someone.rid)}
    if table in wrong:
        change(session.insert, [wrong[table]])
        with pytest.raises(AssertionError, match="in excess"):
            assert_consistent(record)
    record.store.close_session(session)


def _component() -> Resource:
    return {
        "code": {"coding": [{"system": "http://loinc.org", "code": "8480-6"}]},
        "valueQuantity": {"value": 120, "unit": "mmHg", "system": "http://unitsofmeasure.org", "code": "mm[Hg]"},
    }
