"""The hospital as the rest of the demo sees it: who works where, who pays, which practice belongs to which town."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache

from bedside.demo.codes import Json
from bedside.demo.hospital.departments import DEPARTMENTS, WARDS, bed_id
from bedside.demo.hospital.region import INSURERS, Insurer, Practice, practices
from bedside.demo.hospital.staff import Employee, hire

NAME = "Universitair Medisch Centrum Scheldemond"
ORGANIZATION: Json = {"reference": "Organization/org-scheldemond", "display": "UMC Scheldemond"}


class Hospital:
    """The people and places of UMC Scheldemond for one seed. Read only."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.staff = hire(seed)
        self.practices = practices(seed)
        self._by_place: dict[tuple[str, str], list[Employee]] = defaultdict(list)
        for person in self.staff:
            self._by_place[person.kind, person.place].append(person)
        self._practices_of: dict[str, list[Practice]] = defaultdict(list)
        for practice in self.practices:
            self._practices_of[practice.town].append(practice)
            self._practices_of[practice.country].append(practice)

    def team(self, kind: str, place: str) -> list[Employee]:
        """Those of one function in a department, ward or service; KeyError when nobody works there."""
        found = self._by_place.get((kind, place))
        if found is None:
            raise KeyError(f"No {kind} works at {place}.")
        return found

    def doctor(self, department: str, number: int) -> Employee:
        """The consultant of a department who is responsible for patient `number`."""
        team = self.team("consultant", department)
        return team[number % len(team)]

    def practice(self, town: str, country: str, number: int) -> Practice:
        """The general practice of a patient: one in the town, or else one in the country."""
        near = self._practices_of.get(town) or self._practices_of[country]
        return near[number % len(near)]

    def insurer(self, country: str, number: int) -> Insurer:
        """The insurer of a patient."""
        choice = [insurer for insurer in INSURERS if insurer.country == country]
        return choice[number % len(choice)]


@lru_cache(maxsize=4)
def hospital(seed: int) -> Hospital:
    """The hospital of a seed, made once."""
    return Hospital(seed)


def department_reference(key: str) -> Json:
    """A Reference to the Organization of a department."""
    return {"reference": f"Organization/org-{key}", "display": DEPARTMENTS[key].name}


def clinic_reference(key: str) -> Json:
    """A Reference to the outpatient clinic of a department."""
    department = DEPARTMENTS[key]
    return {
        "reference": f"Location/clinic-{key}",
        "display": f"{department.name} clinic, route {department.route}",
    }


def ward_reference(key: str) -> Json:
    """A Reference to a ward."""
    return {"reference": f"Location/ward-{key}", "display": f"{WARDS[key].label} {WARDS[key].name}"}


def bed_reference(ward: str, number: int) -> Json:
    """A Reference to a bed: `C4 bed 3`."""
    return {
        "reference": f"Location/{bed_id(ward, number)}",
        "display": f"{WARDS[ward].label} bed {number}",
    }
