"""Who works at UMC Scheldemond: consultants and residents of every specialty, nurses of every ward, and others."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from bedside.demo.codes import HL7, SNOMED, TAG, Json, coding, concept, local
from bedside.demo.hospital.departments import DEPARTMENTS, SPECIALTY_CONCEPTS, WARDS
from bedside.demo.people.names import Name, draw_name, draw_origin


class Employee(NamedTuple):
    """A professional: the ids of Practitioner and PractitionerRole, name, function and place of work."""

    id: str
    role_id: str
    kind: str
    """A key of `FUNCTIONS`."""
    place: str
    """Key of the department, ward or service."""
    name: Name
    sex: str
    prefix: str

    @property
    def display(self) -> str:
        """As a colleague would write it: `dr. N. Dekker, Cardiology`."""
        return f"{self.prefix} {self.name.given[0]}. {self.name.family}".strip()

    @property
    def reference(self) -> Json:
        """A Reference to the Practitioner, with its display."""
        return {"reference": f"Practitioner/{self.id}", "display": self.display}


_ROLE = HL7 + "practitioner-role"
FUNCTIONS: dict[str, Json] = {
    "consultant": concept(
        "Medical specialist", coding(_ROLE, "doctor", "Doctor"), coding(SNOMED, "309343006", "Physician")
    ),
    "resident": concept(
        "Resident in training",
        coding(_ROLE, "doctor", "Doctor"),
        coding(SNOMED, "405277009", "Resident physician"),
    ),
    "nurse": concept("Nurse", coding(_ROLE, "nurse", "Nurse"), coding(SNOMED, "106292003", "Professional nurse")),
    "nurse-specialist": concept(
        "Nurse specialist",
        coding(_ROLE, "nurse", "Nurse"),
        local("functions", "nurse-specialist", "Nurse specialist"),
    ),
    "pharmacist": concept(
        "Hospital pharmacist",
        coding(_ROLE, "pharmacist", "Pharmacist"),
        coding(SNOMED, "46255001", "Pharmacist"),
    ),
    "midwife": concept("Midwife", coding(SNOMED, "309453006", "Registered midwife")),
    "physiotherapist": concept("Physiotherapist", coding(SNOMED, "36682004", "Physiotherapist")),
    "dietitian": concept("Dietitian", coding(SNOMED, "159033005", "Dietitian")),
    "social-worker": concept("Social worker", coding(SNOMED, "106328005", "Social worker")),
    "technician": concept("Laboratory technician", local("functions", "technician", "Laboratory technician")),
    "gp": concept(
        "General practitioner",
        coding(_ROLE, "doctor", "Doctor"),
        coding(SNOMED, "62247001", "General practitioner"),
    ),
}

_OTHERS = (
    ("pharmacist", "pharmacy", 4),
    ("technician", "laboratory", 4),
    ("physiotherapist", "allied", 5),
    ("dietitian", "allied", 3),
    ("social-worker", "allied", 3),
    ("midwife", "obgyn", 5),
    ("nurse-specialist", "cardiology", 2),
    ("nurse-specialist", "pulmonology", 2),
    ("nurse-specialist", "endocrinology", 2),
    ("nurse-specialist", "oncology", 2),
    ("nurse-specialist", "nephrology", 1),
    ("nurse-specialist", "neurology", 1),
    ("nurse-specialist", "transplant", 2),
)


def hire(seed: int) -> list[Employee]:
    """Everybody who works in the hospital: the same people for the same seed, with ids that never change."""
    rng = Random(f"{seed}/staff")
    staff: list[Employee] = []

    def add(kind: str, place: str, number: int, born: tuple[int, int], prefix: str) -> None:
        sex = "female" if rng.random() < (0.83 if kind in ("nurse", "midwife") else 0.54) else "male"
        name = draw_name(rng, draw_origin(rng, rng.choice(("NL", "NL", "BE"))), sex, rng.randint(*born))
        short = f"{kind}-{place}-{number:02d}"
        staff.append(Employee(f"prac-{short}", f"role-{short}", kind, place, name, sex, prefix))

    for department in DEPARTMENTS.values():
        for number in range(1, department.consultants + 1):
            add("consultant", department.key, number, (1962, 1988), "prof. dr." if number == 1 else "dr.")
        for number in range(1, 3 + (department.consultants > 4)):
            add("resident", department.key, number, (1991, 1999), "drs.")
    for ward in WARDS.values():
        for number in range(1, 7 if ward.kind in ("icu", "emergency") else 5):
            add("nurse", ward.key, number, (1964, 2003), "")
    for kind, place, count in _OTHERS:
        for number in range(1, count + 1):
            add(kind, place, number, (1964, 1999), "drs." if kind == "pharmacist" else "")
    return staff


def resources_of(person: Employee) -> list[Json]:
    """The Practitioner and PractitionerRole of an employee."""
    department = DEPARTMENTS.get(person.place)
    ward = WARDS.get(person.place)
    practitioner: Json = {
        "resourceType": "Practitioner",
        "id": person.id,
        "meta": TAG,
        "identifier": [{"system": "https://scheldemond.example/id/staff", "value": person.id[5:]}],
        "active": True,
        "name": [_human_name(person)],
        "telecom": [{"system": "email", "use": "work", "value": f"{person.id[5:]}@scheldemond.example"}],
        "gender": person.sex,
    }
    if person.kind in ("consultant", "resident"):
        practitioner["qualification"] = [
            {"code": concept("Doctor of Medicine", coding(HL7 + "v2-0360", "MD", "Doctor of Medicine"))}
        ]
    role: Json = {
        "resourceType": "PractitionerRole",
        "id": person.role_id,
        "meta": TAG,
        "active": True,
        "practitioner": person.reference,
        "organization": {"reference": f"Organization/{organization_of(person.place)}"},
        "code": [FUNCTIONS[person.kind]],
    }
    if department is not None:
        role["specialty"] = [SPECIALTY_CONCEPTS[department.key]]
        if department.parent:
            role["specialty"].append(SPECIALTY_CONCEPTS[department.parent])
        if department.clinic:
            role["location"] = [{"reference": f"Location/clinic-{department.key}"}]
            role["healthcareService"] = [{"reference": f"HealthcareService/service-{department.key}"}]
    elif ward is not None:
        role["location"] = [{"reference": f"Location/ward-{ward.key}"}]
    if person.kind == "consultant":
        role["availableTime"] = [
            {
                "daysOfWeek": ["mon", "tue", "thu"],
                "availableStartTime": "08:30:00",
                "availableEndTime": "16:30:00",
            }
        ]
    return [practitioner, role]


def organization_of(place: str) -> str:
    """The id of the Organization behind a department, ward or service."""
    ward = WARDS.get(place)
    return f"org-{ward.department if ward is not None else place}"


def _human_name(person: Employee) -> Json:
    name: Json = {
        "use": "official",
        "text": f"{person.prefix} {person.name.full}".strip(),
        "family": person.name.family,
        "given": [person.name.given],
    }
    if person.prefix:
        name["prefix"] = person.prefix.split()
    return name
