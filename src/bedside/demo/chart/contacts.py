"""Contacts with the hospital: clinic visits, emergencies, admissions with their beds, and appointments."""

from __future__ import annotations

from bedside.demo.chart.core import Core, Problem, Visit, reference
from bedside.demo.clock import DAY, HOUR, MINUTE, at, clinic_time, day_of, iso
from bedside.demo.codes import ACT, HL7, SNOMED, TAG, Json, coding, concept, hl7, local
from bedside.demo.hospital.build import HORIZON, slot
from bedside.demo.hospital.departments import SPECIALTY_CONCEPTS, WARDS
from bedside.demo.hospital.model import (
    bed_reference,
    clinic_reference,
    department_reference,
)
from bedside.demo.hospital.region import PARTNERS

CLASSES: dict[str, Json] = {
    key: coding(ACT, code, display)
    for key, code, display in (
        ("ambulatory", "AMB", "ambulatory"),
        ("virtual", "VR", "virtual"),
        ("emergency", "EMER", "emergency"),
        ("inpatient", "IMP", "inpatient encounter"),
        ("day", "SS", "short stay"),
    )
}
_TYPES: dict[str, Json] = {
    "ambulatory": concept("Outpatient follow-up", coding(SNOMED, "390906007", "Follow-up encounter")),
    "first": concept("First outpatient visit", coding(SNOMED, "185387006", "New patient consultation")),
    "virtual": concept("Telephone consultation", coding(SNOMED, "185317003", "Telephone encounter")),
    "emergency": concept("Emergency visit", coding(SNOMED, "4525004", "Emergency department patient visit")),
    "inpatient": concept("Hospital admission", coding(SNOMED, "32485007", "Hospital admission")),
    "day": concept("Day treatment", local("contacts", "day-treatment", "Day treatment")),
}
_ATTENDING = [concept("Attending physician", coding(HL7 + "v3-ParticipationType", "ATND", "attender"))]
DISPOSITIONS: dict[str, Json] = {
    code: hl7("discharge-disposition", code, display)
    for code, display in (
        ("home", "Home"),
        ("other-hcf", "Other healthcare facility"),
        ("rehab", "Rehabilitation"),
        ("long", "Long-term care"),
        ("hosp", "Hospice"),
        ("exp", "Expired"),
    )
}
_SOURCES = {
    "emergency": hl7("admit-source", "emd", "From accident/emergency department"),
    "elective": hl7("admit-source", "outp", "From outpatient department"),
    "transfer": hl7("admit-source", "hosp-trans", "Transferred from other hospital"),
    "birth": hl7("admit-source", "born", "Born in hospital"),
}
_DIAGNOSIS_USE = hl7("diagnosis-role", "DD", "Discharge diagnosis")


class Contacts(Core):
    """The part of a chart that holds encounters and appointments."""

    def _encounter(self, kind: str, department: str, start: int, end: int | None, reason: str) -> Json:
        found = self.new("Encounter", "enc")
        found["status"] = "finished" if end is not None else "in-progress"
        found["class"] = CLASSES[kind]
        found["type"] = [_TYPES[kind]]
        found["serviceType"] = SPECIALTY_CONCEPTS[department]
        found["subject"] = self.subject
        doctor = self.hospital.doctor(department, self.person.number)
        found["participant"] = [{"type": _ATTENDING, "individual": doctor.reference}]
        found["period"] = {"start": iso(start)} if end is None else {"start": iso(start), "end": iso(end)}
        if reason:
            found["reasonCode"] = [{"text": reason}]
        found["serviceProvider"] = department_reference(department)
        return found

    def _note_visit(self, visit: Visit) -> Visit:
        self.visits.append(visit)
        return visit

    # Clinic

    def visit(
        self,
        moment: int,
        department: str,
        reason: str = "",
        *,
        problem: Problem | None = None,
        first: bool = False,
        virtual: bool = False,
        minutes: int = 20,
    ) -> Visit | None:
        """Sees the patient at the clinic of a department, at a consultation hour on or after the day of `moment`.

        None when the patient is in hospital then or has died, and after `until`, when it becomes an appointment.
        """
        start = clinic_time(self.rng, moment)
        end = start + minutes * MINUTE
        words = reason or (str(problem.resource["code"]["text"]) if problem is not None else "Follow-up")
        if end > self.end:
            if not self.dead and start <= self.until + HORIZON:
                self.appointment(start, minutes, department, words, booked=True)
            return None
        if start <= self.person.birth or self.stay_at(start) is not None or self._busy(start, end):
            return None
        kind = "virtual" if virtual else "ambulatory"
        resource = self._encounter(kind, department, start, end, "" if problem is not None else words)
        if first:
            resource["type"] = [_TYPES["first"]]
        if not virtual:
            resource["location"] = [{"location": clinic_reference(department)}]
        if problem is not None and problem.ref:
            resource["reasonReference"] = [problem.ref]
            resource["diagnosis"] = [{"condition": problem.ref}]
        doctor = self.hospital.doctor(department, self.person.number)
        visit = Visit(reference(resource), start, end, department, kind, doctor, resource)
        if start > self.until - 200 * DAY:
            past = self.appointment(start, minutes, department, words, booked=False)
            resource["appointment"] = [reference(past)]
        return self._note_visit(visit)

    def _busy(self, start: int, end: int) -> bool:
        return any(visit.start < end and start < visit.end for visit in self.visits)

    def appointment(self, start: int, minutes: int, department: str, reason: str, *, booked: bool) -> Json:
        """An Appointment at a clinic: `booked` for one to come, fulfilled for one that was kept."""
        doctor = self.hospital.doctor(department, self.person.number)
        found: Json = {"resourceType": "Appointment", "id": self.key("app"), "meta": TAG}
        found["status"] = "booked" if booked else "fulfilled"
        found["serviceType"] = [SPECIALTY_CONCEPTS[department]]
        found["description"] = reason
        found["start"] = iso(start)
        found["end"] = iso(start + minutes * MINUTE)
        found["minutesDuration"] = minutes
        found["created"] = iso(min(self.until - 90 * MINUTE, start - self.rng.randrange(5, 80) * DAY))
        if booked:
            team = self.hospital.team("consultant", department)
            number = self.person.number % len(team) + 1
            place = slot(self.key("slot"), f"schedule-{department}-{number:02d}", start, "busy")
            self.out.append(place)
            found["slot"] = [reference(place)]
        found["participant"] = [
            {"actor": self.subject, "required": "required", "status": "accepted"},
            {"actor": doctor.reference, "required": "required", "status": "accepted"},
            {"actor": clinic_reference(department), "required": "information-only", "status": "accepted"},
        ]
        self.out.append(found)
        return found

    def missed(self, moment: int, department: str, reason: str) -> None:
        """An appointment that was not kept."""
        start = clinic_time(self.rng, moment)
        if not self.person.birth < start < self.end or self.stay_at(start) is not None:
            return
        found = self.appointment(start, 20, department, reason, booked=False)
        found["status"] = "noshow"
        found["participant"][0]["status"] = "declined"

    # Emergency

    def emergency(
        self,
        moment: int,
        reason: str,
        *,
        problem: Problem | None = None,
        department: str = "emergency",
        hours: float = 4.0,
    ) -> Visit | None:
        """A visit to the emergency department; None after the end or while the patient is in hospital."""
        end = moment + int(hours * HOUR)
        if (
            moment <= self.person.birth
            or end > self.end
            or self.stay_at(moment)
            or self.stay_at(end)
            or self._busy(moment, end)
        ):
            return None
        resource = self._encounter("emergency", department, moment, end, reason)
        trolley = self.rng.randrange(WARDS["emergency"].beds) + 1
        resource["location"] = [
            {"location": bed_reference("emergency", trolley), "period": {"start": iso(moment), "end": iso(end)}}
        ]
        resource["priority"] = hl7("v3-ActPriority", "EM", "emergency")
        if problem is not None and problem.ref:
            resource["diagnosis"] = [{"condition": problem.ref}]
        doctor = self.hospital.doctor(department, self.person.number)
        return self._note_visit(Visit(reference(resource), moment, end, department, "emergency", doctor, resource))

    # Admission

    def principal(self, days: float, earliest: int | None = None) -> int:
        """When the admission that matters most to a course begins.

        For those who lie in hospital at `until` it began so recently that it is still going on; for those who die
        it is the last one; for the others it lies somewhere after `earliest` and is over.
        """
        length = int(days * DAY)
        if self.bed is not None:
            return self.until - int(length * self.rng.uniform(0.12, 0.85)) - self.rng.randrange(3, 9) * HOUR
        if self.dead:
            return max(self.person.birth + HOUR, self.end - length)
        low = max(self.person.birth + 2 * DAY, earliest or 0)
        high = self.end - length - 8 * DAY
        moment = self.rng.randrange(low, high) if low < high else max(self.person.birth + DAY, high)
        return at(
            day_of(moment), self.rng.choice((2, 7, 9, 10, 11, 13, 14, 15, 17, 19, 22)), self.rng.randrange(0, 60, 5)
        )

    def admit(
        self,
        start: int,
        days: float,
        ward: str,
        reason: str,
        *,
        problem: Problem | None = None,
        source: str = "emergency",
        to: str = "home",
        icu: tuple[float, float] | None = None,
        principal: bool = False,
    ) -> Visit | None:
        """Admits the patient to a bed of a ward for some days; None when that is not possible then.

        `source` is `emergency`, `elective`, `transfer` or `birth`; `to` where they go afterwards; `icu` the part of
        the stay (from, to; in days) that is spent in intensive care. Only a `principal` admission may still be
        going on at `until` (in the bed that the cast has given), or end with death.
        """
        end = start + int(days * DAY)
        still = self.bed is not None and principal and start < self.until < end
        dies = self.dead and principal and end >= self.end
        if not still and not dies:
            if WARDS[ward].kind != "day":  # who comes for a day goes home when it is done
                end = at(day_of(end), 11, self.rng.randrange(0, 60, 5))
                if end <= start:
                    end = start + 20 * HOUR
            if end > self.end:
                return None
        end = min(end, self.end)
        if start <= self.person.birth and source != "birth":
            return None
        if any(stay.start - HOUR <= end and start <= stay.end + HOUR for stay in self.stays):
            return None
        if start >= end:
            return None
        kind = "day" if WARDS[ward].kind == "day" else "inpatient"
        department = WARDS[ward].department
        resource = self._encounter(kind, department, start, None if still else end, reason if problem is None else "")
        number = self.rng.randrange(WARDS[ward].beds) + 1
        doctor = self.hospital.doctor(department, self.person.number)
        stay = Visit(reference(resource), start, end, department, kind, doctor, resource, ward, number, still)
        resource["location"] = self._moves(stay, icu)
        if problem is not None and problem.ref:
            resource["reasonReference"] = [problem.ref]
            resource["diagnosis"] = [{"condition": problem.ref, "use": _DIAGNOSIS_USE, "rank": 1}]
        hospitalization: Json = {"admitSource": _SOURCES[source]}
        if source == "transfer":
            partner = PARTNERS[self.person.number % 5]
            hospitalization["origin"] = {"reference": f"Organization/org-{partner.key}", "display": partner.name}
        if not still:
            hospitalization["dischargeDisposition"] = DISPOSITIONS["exp" if dies else to]
            if to in ("rehab", "long", "other-hcf") and not dies:
                partner = PARTNERS[{"rehab": 5, "long": 6}.get(to, self.person.number % 5)]
                hospitalization["destination"] = {
                    "reference": f"Organization/org-{partner.key}",
                    "display": partner.name,
                }
            hours = max(1, round((end - start) / HOUR))
            resource["length"] = {
                "value": hours,
                "unit": "h",
                "system": "http://unitsofmeasure.org",
                "code": "h",
            }
        resource["hospitalization"] = hospitalization
        self.stays.append(stay)
        return self._note_visit(stay)

    def _moves(self, stay: Visit, icu: tuple[float, float] | None) -> list[Json]:
        """The beds of a stay, one after the other; the last one of a stay that goes on is the cast's bed."""
        parts = [(stay.ward, stay.bed, stay.start, stay.end)]
        if icu is not None:
            first = stay.start + int(icu[0] * DAY)
            last = min(stay.end, stay.start + int(icu[1] * DAY))
            in_icu = self.bed is not None and self.bed.ward == "icu"
            if stay.open:
                first = min(first, self.until - DAY) if in_icu else first
                last = stay.end if in_icu else min(last, self.until - 8 * HOUR)
            first = max(first, stay.start)
            if first < last:
                stay.icu = (first, last)
                number = self.rng.randrange(WARDS["icu"].beds) + 1
                stay.icu_bed = self.bed.number if self.bed is not None and stay.open and in_icu else number
                parts = [
                    (stay.ward, stay.bed, stay.start, first),
                    ("icu", number, first, last),
                    (stay.ward, stay.bed, last, stay.end),
                ]
        parts = [part for part in parts if part[2] < part[3]]
        if stay.open and self.bed is not None:
            parts[-1] = (*self.bed, *parts[-1][2:])
        return [
            {
                "location": bed_reference(ward, number),
                "status": "active" if stay.open and end == stay.end else "completed",
                "period": {"start": iso(start)}
                if stay.open and end == stay.end
                else {"start": iso(start), "end": iso(end)},
            }
            for ward, number, start, end in parts
        ]

    def emergency_admission(
        self,
        start: int,
        days: float,
        ward: str,
        reason: str,
        *,
        problem: Problem | None = None,
        to: str = "home",
        icu: tuple[float, float] | None = None,
        principal: bool = False,
    ) -> tuple[Visit | None, Visit | None]:
        """An emergency visit of some hours that ends in an admission: (emergency visit, stay)."""
        arrival = start - self.rng.randrange(3, 6) * HOUR
        door = self.emergency(arrival, reason, problem=problem, hours=(start - arrival) / HOUR - 0.1)
        stay = self.admit(
            start, days, ward, reason, problem=problem, to=to, icu=icu, principal=principal, source="emergency"
        )
        return door, stay
