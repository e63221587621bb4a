"""The whole chart of one person: all its parts together, and how a life is brought to its end."""

from __future__ import annotations

from bedside.demo.chart.care import Care
from bedside.demo.chart.contacts import Contacts
from bedside.demo.chart.core import Bed
from bedside.demo.chart.diagnostics import Diagnostics
from bedside.demo.chart.notes import Notes
from bedside.demo.chart.registration import Registration
from bedside.demo.clock import DAY, MONTH
from bedside.demo.codes import Json
from bedside.demo.hospital.model import Hospital
from bedside.demo.people.person import Person

_REVIEW = 3 * MONTH


class Chart(Registration, Contacts, Notes, Diagnostics, Care):
    """One person's chart. Courses fill it; `finish` writes what was kept back and gives the resources."""

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
        super().__init__(hospital, person, until, seed=seed, death=death, bed=bed)
        self.latest = {}
        self.therapies = []
        self.pregnancies = []
        self.children: list[Chart] = []

    def finish(self) -> list[Json]:
        """Writes everything that waited for the end, and returns all resources, the Patient first."""
        self._review_kidneys()
        self.finish_medication()
        for stay in self.stays:
            self.ward_rounds(stay)
        self.write_later()
        found = self.out
        for child in self.children:
            found = found + child.finish()
        return found

    def _review_kidneys(self) -> None:
        """Stops what the kidneys no longer allow, at the quarterly review at which it shows."""
        for therapy in self.therapies:
            limit = therapy.drug.min_gfr
            if not limit:
                continue
            moment = therapy.start + _REVIEW
            last = min(therapy.end or self.end, self.end)
            while moment < last - DAY:
                if self.body.at(moment).gfr < limit:
                    self.stop(therapy, moment, "Kidney function too low")
                    break
                moment += _REVIEW
