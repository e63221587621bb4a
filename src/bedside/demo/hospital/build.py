"""The institution as resources: what exists before the first patient comes in."""

from __future__ import annotations

from decimal import Decimal

from bedside.demo.catalog.drugs import FORMULARY
from bedside.demo.clock import DAY, MINUTE, at, day_of, iso, workday
from bedside.demo.codes import ATC, BASE, HL7, SNOMED, TAG, Json, coding, concept, local, local_systems
from bedside.demo.hospital.departments import (
    DEPARTMENTS,
    ROOM_TYPES,
    SERVICES,
    SPECIALTY_CONCEPTS,
    WARDS,
    bed_id,
)
from bedside.demo.hospital.forms import questionnaires
from bedside.demo.hospital.model import NAME, ORGANIZATION, Hospital
from bedside.demo.hospital.region import PARTNERS, insurer_resources, partner_resources, practice_resources
from bedside.demo.hospital.staff import resources_of

_ROOM = HL7 + "location-physical-type"
DEVICES: tuple[tuple[str, str, str, str], ...] = (
    ("ct-1", "CT scanner", "radiology", "Tomovista 640"),
    ("ct-2", "CT scanner", "radiology", "Tomovista 320"),
    ("mri-1", "MRI scanner", "radiology", "Magneta 3T"),
    ("mri-2", "MRI scanner", "radiology", "Magneta 1.5T"),
    ("xray-1", "X-ray system", "radiology", "Claris DX"),
    ("ultrasound-1", "Ultrasound system", "radiology", "Echoline 9"),
    ("angiography-1", "Angiography system", "cardiology", "Angiona Bi"),
    ("linac-1", "Linear accelerator", "radiotherapy", "Photona 2"),
    ("linac-2", "Linear accelerator", "radiotherapy", "Photona 3"),
    ("analyser-1", "Chemistry analyser", "laboratory", "Chemlab 8000"),
    ("analyser-2", "Haematology analyser", "laboratory", "Cytoline X"),
    ("gas-1", "Blood gas analyser", "intensive-care", "Gasometer 500"),
)
"""Key, kind, place and (invented) model of the hospital's large devices."""
DEVICE_KINDS = {
    kind: concept(kind, local("devices", key, kind))
    for key, kind in (
        ("ct", "CT scanner"),
        ("mri", "MRI scanner"),
        ("xray", "X-ray system"),
        ("ultrasound", "Ultrasound system"),
        ("angiography", "Angiography system"),
        ("linac", "Linear accelerator"),
        ("chemistry", "Chemistry analyser"),
        ("haematology", "Haematology analyser"),
        ("gas", "Blood gas analyser"),
        ("monitor", "Patient monitor"),
        ("ventilator", "Ventilator"),
    )
}


def institution(hospital: Hospital, until: int) -> list[Json]:
    """Every resource of the institution, in such an order that each refers only to earlier ones.

    The free slots are those of the ten working days that follow `until`.
    """
    block = local_systems()
    block += _endpoints()
    block += _organizations()
    block += [r for partner in PARTNERS for r in partner_resources(partner)]
    block += insurer_resources()
    block += [r for practice in hospital.practices for r in practice_resources(practice)]
    block += _locations()
    block += _services()
    block += [r for person in hospital.staff for r in resources_of(person)]
    block += _devices()
    block += _formulary()
    block += questionnaires()
    block += _schedules(hospital, until)
    block += _teams(hospital)
    block += _groups()
    return block


def _endpoints() -> list[Json]:
    kinds = HL7 + "endpoint-connection-type"
    return [
        {
            "resourceType": "Endpoint",
            "id": key,
            "meta": TAG,
            "status": "active",
            "connectionType": coding(kinds, code, display),
            "name": name,
            "payloadType": [concept("Any", coding(HL7 + "endpoint-payload-type", "any", "Any"))],
            "payloadMimeType": [mime],
            "address": f"{BASE}/{path}",
        }
        for key, code, display, name, mime, path in (
            ("endpoint-fhir", "hl7-fhir-rest", "HL7 FHIR", "FHIR API", "application/fhir+json", "fhir"),
            ("endpoint-images", "dicom-wado-rs", "DICOM WADO-RS", "Image archive", "application/dicom", "wado"),
        )
    ]


def _organizations() -> list[Json]:
    kind = HL7 + "organization-type"
    provider = [concept("University hospital", coding(kind, "prov", "Healthcare Provider"))]
    part = [concept("Department", coding(kind, "dept", "Hospital Department"))]
    block: list[Json] = [
        {
            "resourceType": "Organization",
            "id": "org-scheldemond",
            "meta": TAG,
            "identifier": [{"system": f"{BASE}/id/organization", "value": "scheldemond"}],
            "active": True,
            "type": provider,
            "name": NAME,
            "alias": ["UMC Scheldemond", "University Medical Centre Scheldemond"],
            "telecom": [{"system": "url", "value": BASE}],
            "address": [
                {
                    "line": ["Scheldekade 1"],
                    "city": "Terneuzen",
                    "postalCode": "4531 ZZ",
                    "country": "NL",
                }
            ],
            "endpoint": [{"reference": "Endpoint/endpoint-fhir"}],
        }
    ]

    def department(key: str, name: str, dutch: str, parent: str) -> Json:
        return {
            "resourceType": "Organization",
            "id": f"org-{key}",
            "meta": TAG,
            "identifier": [{"system": f"{BASE}/id/organization", "value": key}],
            "active": True,
            "type": part,
            "name": name,
            "alias": [dutch],
            "partOf": {"reference": f"Organization/org-{parent}"},
        }

    block += [department(d.key, d.name, d.dutch, d.parent or "scheldemond") for d in DEPARTMENTS.values()]
    block += [department(s.key, s.name, s.dutch, "scheldemond") for s in SERVICES]
    return block


def _location(key: str, name: str, physical: tuple[str, str], owner: str, parent: str = "") -> Json:
    location: Json = {
        "resourceType": "Location",
        "id": key,
        "meta": TAG,
        "status": "active",
        "name": name,
        "mode": "instance",
        "physicalType": concept(physical[1], coding(_ROOM, *physical)),
        "managingOrganization": {"reference": f"Organization/org-{owner}"},
    }
    if parent:
        location["partOf"] = {"reference": f"Location/{parent}"}
    return location


def _locations() -> list[Json]:
    site = _location("site-scheldemond", NAME, ("si", "Site"), "scheldemond")
    site["position"] = {"longitude": Decimal("3.834"), "latitude": Decimal("51.332")}
    block = [site]
    for department in DEPARTMENTS.values():
        if department.clinic:
            clinic = _location(
                f"clinic-{department.key}",
                f"{department.name} clinic",
                ("ro", "Room"),
                department.key,
                "site-scheldemond",
            )
            clinic["alias"] = [f"Route {department.route}"]
            clinic["type"] = [concept("Outpatient clinic", coding(HL7 + "v3-RoleCode", "OF", "Outpatient facility"))]
            block.append(clinic)
    for ward in WARDS.values():
        place = _location(
            f"ward-{ward.key}", f"{ward.label} {ward.name}", ("wa", "Ward"), ward.department, "site-scheldemond"
        )
        place["alias"] = [ward.label]
        place["type"] = [ROOM_TYPES[ward.kind]]
        block.append(place)
        for number in range(1, ward.beds + 1):
            bed = _location(
                bed_id(ward.key, number),
                f"{ward.label} bed {number}",
                ("bd", "Bed"),
                ward.department,
                f"ward-{ward.key}",
            )
            block.append(bed)
    return block


def _services() -> list[Json]:
    return [
        {
            "resourceType": "HealthcareService",
            "id": f"service-{d.key}",
            "meta": TAG,
            "active": True,
            "providedBy": {"reference": f"Organization/org-{d.key}"},
            "specialty": [SPECIALTY_CONCEPTS[d.key]],
            "location": [{"reference": f"Location/clinic-{d.key}"}],
            "name": f"{d.name} clinic",
            "comment": f"Route {d.route}. In Dutch: {d.dutch}.",
            "appointmentRequired": d.key != "emergency",
        }
        for d in DEPARTMENTS.values()
        if d.clinic
    ]


def _devices() -> list[Json]:
    block: list[Json] = [_device(f"device-{key}", kind, place, model) for key, kind, place, model in DEVICES]
    for ward in WARDS.values():
        if ward.kind != "icu":
            continue
        for number in range(1, ward.beds + 1):
            for short, kind, model in (
                ("monitor", "Patient monitor", "Vigil 7"),
                ("ventilator", "Ventilator", "Aerion C3"),
            ):
                device = _device(f"device-{short}-{ward.key}-{number:02d}", kind, ward.department, model)
                device["location"] = {"reference": f"Location/{bed_id(ward.key, number)}"}
                block.append(device)
    return block


def _device(key: str, kind: str, place: str, model: str) -> Json:
    return {
        "resourceType": "Device",
        "id": key,
        "meta": TAG,
        "status": "active",
        "deviceName": [{"name": model, "type": "model-name"}],
        "type": DEVICE_KINDS[kind],
        "owner": {"reference": f"Organization/org-{place}"},
    }


def _formulary() -> list[Json]:
    return [
        {
            "resourceType": "Medication",
            "id": f"med-{drug.key}",
            "meta": TAG,
            "code": concept(f"{drug.name} {drug.form}", coding(ATC, drug.atc, drug.name)),
            "status": "active",
            "form": {"text": drug.form},
        }
        for drug in FORMULARY.values()
    ]


def _schedules(hospital: Hospital, until: int) -> list[Json]:
    block: list[Json] = []
    first = day_of(until) + 1
    for department in DEPARTMENTS.values():
        if not department.clinic:
            continue
        service = concept(department.name, local("specialties", department.key, department.name))
        for number, doctor in enumerate(hospital.team("consultant", department.key)):
            schedule = f"schedule-{department.key}-{number + 1:02d}"
            block.append(
                {
                    "resourceType": "Schedule",
                    "id": schedule,
                    "meta": TAG,
                    "active": True,
                    "serviceType": [service],
                    "specialty": [SPECIALTY_CONCEPTS[department.key]],
                    "actor": [doctor.reference, {"reference": f"Location/clinic-{department.key}"}],
                    "planningHorizon": {"start": iso(at(first, 0)), "end": iso(at(first + 180, 0))},
                }
            )
            if number:
                continue
            day = first
            for _ in range(10):
                day = workday(day)
                for hour, minute in ((16, 30), (16, 40), (16, 50)):
                    start = at(day, hour, minute)
                    block.append(slot(f"slot-{department.key}-{day}-{hour}{minute}", schedule, start, "free"))
                day += 1
    return block


def slot(key: str, schedule: str, start: int, status: str) -> Json:
    """A Slot of ten minutes in somebody's schedule (`free` or `busy`)."""
    return {
        "resourceType": "Slot",
        "id": key,
        "meta": TAG,
        "schedule": {"reference": f"Schedule/{schedule}"},
        "status": status,
        "start": iso(start),
        "end": iso(start + 10 * MINUTE),
    }


def _teams(hospital: Hospital) -> list[Json]:
    block: list[Json] = []
    for key, name, places in (
        ("resuscitation", "Resuscitation team", ("intensive-care", "cardiology", "emergency")),
        ("stroke", "Stroke team", ("neurology", "emergency", "radiology")),
        ("trauma", "Trauma team", ("surgery", "orthopaedics", "anaesthesiology", "radiology")),
        ("infection", "Antimicrobial stewardship team", ("microbiology", "infectious")),
        ("palliative", "Palliative advice team", ("palliative", "oncology", "pain")),
    ):
        members = [hospital.doctor(place, 1) for place in places]
        if key == "infection":
            members.append(hospital.team("pharmacist", "pharmacy")[0])
        block.append(
            {
                "resourceType": "CareTeam",
                "id": f"team-{key}",
                "meta": TAG,
                "status": "active",
                "name": name,
                "participant": [{"member": person.reference} for person in members],
                "managingOrganization": [ORGANIZATION],
            }
        )
    return block


def _groups() -> list[Json]:
    """Descriptions of groups of people (not lists of members: those come after the last patient)."""
    return [
        {
            "resourceType": "Group",
            "id": f"group-{key}",
            "meta": TAG,
            "active": True,
            "type": "person",
            "actual": False,
            "name": name,
            "characteristic": [
                {
                    "code": concept("Diagnosis", coding(SNOMED, "439401001", "Diagnosis")),
                    "valueCodeableConcept": concept(words, coding(SNOMED, code, words)),
                    "exclude": False,
                }
            ],
        }
        for key, name, code, words in (
            ("diabetes", "People with type 2 diabetes", "44054006", "Diabetes mellitus type 2"),
            ("heart-failure", "People with heart failure", "84114007", "Heart failure"),
            ("copd", "People with COPD", "13645005", "Chronic obstructive lung disease"),
        )
    ]


HORIZON = 120 * DAY
"""How far ahead appointments are made."""
