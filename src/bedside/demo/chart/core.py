"""The start of a chart: ids, references, the horizon, and the list of resources that a life leaves behind.

A chart is filled by courses of disease (`bedside.demo.courses`), which speak in the words of a hospital: visit,
admit, prescribe, measure. Nothing can be written after the person's death or after `until`: what a course plans
later than that becomes an appointment or is dropped. Measurements and letters are kept back until all courses
are done (`bedside.demo.chart.chart`), so that they know the whole state of the body and all medication.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import NamedTuple

from bedside.demo.body.body import Body
from bedside.demo.clock import DAY, YEAR, clinic_time
from bedside.demo.codes import TAG, Json
from bedside.demo.hospital.model import Hospital
from bedside.demo.hospital.staff import Employee
from bedside.demo.people.person import Person

PAPERLESS = 2 * YEAR
"""Before so long ago, orders, specimens and nursing rounds were still on paper: only results are in the record."""


class Bed(NamedTuple):
    """A bed of a ward, by number."""

    ward: str
    number: int


@dataclass(slots=True)
class Visit:
    """A contact with the hospital: what the rest of the chart needs to know of an Encounter."""

    ref: Json
    start: int
    end: int
    department: str
    kind: str
    """`ambulatory`, `virtual`, `emergency`, `inpatient` or `day`."""
    doctor: Employee
    resource: Json
    ward: str = ""
    bed: int = 0
    open: bool = False
    """Still going on at `until`."""
    icu: tuple[int, int] | None = None
    """When the patient lay in intensive care, and in which bed."""
    icu_bed: int = 0


@dataclass(slots=True)
class Problem:
    """A Condition in the chart."""

    key: str
    ref: Json
    onset: int
    resource: Json
    resolved: int | None = None


@dataclass(slots=True, order=True)
class Later:
    """Something that is written when the whole life is known, in order of time."""

    moment: int
    order: int
    write: Callable[[], None] = field(compare=False)


def decimal(value: float, digits: int) -> int | Decimal:
    """A number with exactly so many decimals; an integer when there are none."""
    return round(value) if digits == 0 else Decimal(f"{value:.{digits}f}")


class Core:
    """Ids, references and time of one person's chart; the other parts of the chart build on it."""

    def __init__(
        self,
        hospital: Hospital,
        person: Person,
        until: int,
        *,
        seed: int,
        death: int | None = None,
        bed: Bed | None = None,
    ) -> None:
        self.hospital = hospital
        self.person = person
        self.until = until
        self.death = death
        self.end = until if death is None else death
        """Nothing clinical happens after this."""
        self.bed = bed
        """The bed in which the patient lies at `until`, if the cast says so."""
        self.seed = seed
        self.rng = Random(f"{seed}/{person.id}")
        self.body = Body(person.sex, person.birth, f"{seed}/{person.id}/body")
        self.subject: Json = {"reference": f"Patient/{person.id}"}
        self.out: list[Json] = []
        self.stays: list[Visit] = []
        self.visits: list[Visit] = []
        self.problems: list[Problem] = []
        self._counts: dict[str, int] = {}
        self._tail = person.id[4:]
        self._later: list[Later] = []

    def key(self, prefix: str) -> str:
        """The next id with this prefix: `obs-000001-0042`."""
        count = self._counts.get(prefix, 0) + 1
        self._counts[prefix] = count
        return f"{prefix}-{self._tail}-{count:04d}"

    def new(self, kind: str, prefix: str) -> Json:
        """A new resource of this chart, to be completed by the caller."""
        resource: Json = {"resourceType": kind, "id": self.key(prefix), "meta": TAG}
        self.out.append(resource)
        return resource

    def later(self, moment: int, write: Callable[[], None]) -> None:
        """Remembers to write something of this moment when all courses are done."""
        self._later.append(Later(moment, len(self._later), write))

    def write_later(self) -> None:
        """Writes what was kept back, in order of time."""
        for item in sorted(self._later):
            item.write()
        self._later.clear()

    # Time

    @property
    def dead(self) -> bool:
        """Whether the person has died before `until`."""
        return self.death is not None

    def age(self, moment: int) -> float:
        """Age in years."""
        return self.person.age(moment)

    def when(self, years_ago: float, jitter: float = 0.1) -> int:
        """A clinic hour about so many years before the end of the record, but not before the person was born."""
        moment = self.end - int(years_ago * YEAR * self.rng.uniform(1 - jitter, 1 + jitter))
        return min(self.end - DAY, clinic_time(self.rng, max(self.person.birth + 2 * DAY, moment)))

    def clinic(self, moment: int) -> int:
        """A consultation hour on that day or the next working day."""
        return clinic_time(self.rng, moment)

    def chance(self, probability: float) -> bool:
        """True with this probability, from the chart's own stream."""
        return self.rng.random() < probability

    def stay_at(self, moment: int) -> Visit | None:
        """The admission during which a moment falls."""
        for stay in self.stays:
            if stay.start <= moment <= stay.end:
                return stay
        return None


def reference(resource: Json) -> Json:
    """A literal relative reference to a resource."""
    return {"reference": f"{resource['resourceType']}/{resource['id']}"}
