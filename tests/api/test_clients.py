"""Clients that others wrote, over a socket: fhirpy and fhirclient from PyPI."""

from __future__ import annotations

import asyncio
from typing import Any

import fhirpy
import pytest
from fhirclient import client as smart
from fhirclient.models.bundle import Bundle, BundleEntry, BundleEntryRequest
from fhirclient.models.capabilitystatement import CapabilityStatement
from fhirclient.models.codeableconcept import CodeableConcept
from fhirclient.models.fhirreference import FHIRReference
from fhirclient.models.humanname import HumanName
from fhirclient.models.observation import Observation
from fhirclient.models.patient import Patient
from fhirclient.server import FHIRNotFoundException
from fhirpy.base.exceptions import MultipleResourcesFound, OperationOutcome, ResourceNotFound

from api.support import Live


def test_fhirpy_creates_reads_updates_and_deletes(live: Live) -> None:
    client = fhirpy.SyncFHIRClient(live.base)
    patient = client.resource("Patient", name=[{"family": "Okafor", "given": ["Ada"]}], birthDate="1980-02-29")
    patient.save()
    assert patient.id
    assert patient["meta"]["versionId"] == "1"
    read = client.reference("Patient", patient.id).to_resource()
    assert read.serialize() == patient.serialize()
    read["active"] = True
    read.save()
    assert read["meta"]["versionId"] == "2"
    patient.refresh()
    assert patient["active"] is True
    patient.refresh()  # the server says 304 and nothing changes
    assert patient["meta"]["versionId"] == "2"
    assert patient.is_valid()
    patient.delete()
    with pytest.raises(ResourceNotFound):
        client.reference("Patient", patient.id).to_resource()


def test_fhirpy_searches_and_pages(live: Live) -> None:
    client = fhirpy.SyncFHIRClient(live.base)
    for number in range(7):
        client.resource("Patient", name=[{"family": f"Ito{number}"}], gender="male" if number % 2 else "female").save()
    patients = client.resources("Patient")
    assert patients.search(gender="male").count() == 3
    assert len(patients.limit(2).fetch()) == 2
    families = [patient["name"][0]["family"] for patient in patients.sort("family").limit(2).fetch_all()]
    assert families == [f"Ito{number}" for number in range(7)]
    assert patients.search(name="ito3").first()["gender"] == "male"
    assert patients.search(name__contains="to5").get()["gender"] == "male"
    with pytest.raises(MultipleResourcesFound):
        patients.search(gender="male").get()
    assert patients.elements("gender").first().get("name") is None


def test_fhirpy_includes(live: Live) -> None:
    client = fhirpy.SyncFHIRClient(live.base)
    patient = client.resource("Patient", name=[{"family": "Okafor"}])
    patient.save()
    client.resource("Observation", status="final", code={"text": "x"}, subject=patient.to_reference()).save()
    bundle = client.resources("Observation").include("Observation", "subject").fetch_raw()
    assert {entry["resource"]["resourceType"] for entry in bundle["entry"]} == {"Patient", "Observation"}
    backwards = client.resources("Patient").revinclude("Observation", "subject").fetch_raw()
    assert len(backwards["entry"]) == 2
    chained = client.resources("Observation").search(subject__Patient__name="okafor")
    assert chained.count() == 1


def test_fhirpy_conditional_writes_and_errors(live: Live) -> None:
    client = fhirpy.SyncFHIRClient(live.base)
    identified = client.resources("Patient").search(identifier="urn:ex|7")
    body = client.resource("Patient", identifier=[{"system": "urn:ex", "value": "7"}])
    first, made = identified.update(body)
    assert made
    second, made = identified.update(client.resource("Patient", **{**body, "active": True}))
    assert (second.id, second["active"], made) == (first.id, True, False)
    identified.delete()
    assert identified.count() == 0
    with pytest.raises(OperationOutcome) as error:
        client.resource("Patient", gender="f").save()
    assert error.value.resource["issue"][0]["expression"] == ["Patient.gender"]


def test_fhirpy_transaction_and_operation(live: Live) -> None:
    client = fhirpy.SyncFHIRClient(live.base)
    entries = [
        {
            "fullUrl": "urn:uuid:p",
            "request": {"method": "POST", "url": "Patient"},
            "resource": {"resourceType": "Patient"},
        },
        {
            "request": {"method": "POST", "url": "Observation"},
            "resource": {
                "resourceType": "Observation",
                "status": "final",
                "code": {"text": "x"},
                "subject": {"reference": "urn:uuid:p"},
            },
        },
    ]
    answer = client.execute("/", data={"resourceType": "Bundle", "type": "transaction", "entry": entries})
    assert [entry["response"]["status"] for entry in answer["entry"]] == ["201 Created"] * 2
    patient = answer["entry"][0]["response"]["location"].split("/")[-3]
    everything = client.reference("Patient", patient).execute("$everything", method="get")
    assert len(everything["entry"]) == 2


def test_fhirpy_asynchronously(live: Live) -> None:
    async def work() -> int:
        client = fhirpy.AsyncFHIRClient(live.base)
        patients = [client.resource("Patient", name=[{"family": f"Eze{n}"}]) for n in range(20)]
        await asyncio.gather(*(patient.save() for patient in patients))
        assert len({patient.id for patient in patients}) == 20
        found = [patient async for patient in client.resources("Patient").limit(6)]
        return len(found)

    assert asyncio.run(work()) == 20


@pytest.fixture
def server(live: Live) -> Any:
    client = smart.FHIRClient(settings={"app_id": "tests", "api_base": live.base})
    client.prepare()
    return client.server


def test_fhirclient_reads_the_capabilities(server: Any) -> None:
    """Its models check what they read against R4, so the statement must be right in every element."""
    statement = server.capabilityStatement
    assert isinstance(statement, CapabilityStatement)
    assert statement.fhirVersion == "4.0.1"
    assert len(statement.rest[0].resource) == 146


def test_fhirclient_creates_reads_updates_and_deletes(server: Any) -> None:
    patient = Patient({"name": [{"family": "Okafor", "given": ["Ada"]}], "birthDate": "1980-02-29"})
    made = patient.create(server)
    read = Patient.read(made["id"], server)
    assert read.name[0].family == "Okafor"
    assert read.birthDate.isostring == "1980-02-29"
    read.active = True
    assert read.update(server)["meta"]["versionId"] == "2"
    read.delete(server)
    with pytest.raises(Exception, match="410"):
        Patient.read(made["id"], server)
    with pytest.raises(FHIRNotFoundException):
        Patient.read("never", server)


def test_fhirclient_searches_and_pages(server: Any) -> None:
    for number in range(5):
        Patient({"name": [{"family": f"Ito{number}"}], "gender": "male"}).create(server)
    found = Patient.where({"family": "Ito3"}).perform_resources_iter(server)
    assert [patient.name[0].family for patient in found] == ["Ito3"]
    pages = list(Patient.where({"gender": "male", "_count": "2"}).perform_iter(server))
    assert [len(page.entry) for page in pages] == [2, 2, 1]
    everybody = list(Patient.where({"_count": "2"}).perform_resources_iter(server))
    assert len(everybody) == 5


def test_fhirclient_transaction(server: Any) -> None:
    patient = Patient({"name": [{"family": "Eze"}]})
    observation = Observation()
    observation.status = "final"
    observation.code = CodeableConcept({"text": "pulse"})
    observation.subject = FHIRReference({"reference": "urn:uuid:5d0f3a76-5b0e-4a0b-9a3c-0d2b8a3d3b11"})
    bundle = Bundle({"type": "transaction"})
    bundle.entry = []
    for resource in (patient, observation):
        entry = BundleEntry()
        entry.resource = resource
        entry.request = BundleEntryRequest({"method": "POST", "url": resource.resource_type})
        bundle.entry.append(entry)
    bundle.entry[0].fullUrl = "urn:uuid:5d0f3a76-5b0e-4a0b-9a3c-0d2b8a3d3b11"
    answer = Bundle(bundle.create(server))
    assert [entry.response.status for entry in answer.entry] == ["201 Created", "201 Created"]
    [found] = Observation.where({"subject:Patient.family": "eze"}).perform_resources_iter(server)
    assert found.subject.resolved(Patient).name[0].family == "Eze"


def test_fhirclient_names(server: Any) -> None:
    name = HumanName({"family": "Ōno", "given": ["百合"]})
    patient = Patient()
    patient.name = [name]
    made = patient.create(server)
    assert Patient.read(made["id"], server).name[0].as_json() == {"family": "Ōno", "given": ["百合"]}
