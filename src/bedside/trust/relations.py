"""The treatment relation: since when, until when and by what a clinician treats a patient.

Dutch law lets those who are directly involved in the treatment see what they need for it (WGBO, article 7:457 of the
Civil Code); Belgian law calls it the therapeutic relation and asks for it before every access (law of 22 April 2019 on
quality of practice, articles 36 to 40). Neither says how software knows. Here it is read from what the hospital
records anyway: encounters, care teams, referrals (ServiceRequest and Task) and appointments, and it lasts a set time
after each, because letters and results come later.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bedside.fhir.dates import DAY, MAX
from bedside.fhir.outcome import FhirError
from bedside.trust import times
from bedside.trust.model import Interval
from bedside.trust.naming import local

Resource = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Relation:
    """`name` (a practitioner, role, team or organisation) treats `patient` from `start` to before `end`.

    `source` is the resource that says so. Microseconds since 1970 UTC; the time after is already in `end`.
    """

    patient: str
    name: str
    start: int
    end: int
    source: str

    def active(self, now: int) -> bool:
        """Whether it holds at a moment."""
        return self.start <= now < self.end

    @property
    def direct(self) -> bool:
        """Whether it names a person, not a team or an organisation."""
        return self.name.startswith(("Practitioner/", "PractitionerRole/"))


@dataclass(frozen=True, slots=True)
class Lasting:
    """How long relations last after what they come from, in microseconds; a setting of the hospital.

    `referral` is how long a referral may wait for its end.
    `before_appointment` is how early a clinic may be prepared.
    """

    after_encounter: int = 90 * DAY
    after_team: int = 30 * DAY
    after_referral: int = 30 * DAY
    after_appointment: int = 30 * DAY
    before_appointment: int = 14 * DAY
    referral: int = 365 * DAY


def relations(resource: Resource, lasting: Lasting | None = None) -> list[Relation]:
    """The treatment relations that one resource makes; none for other types, drafts, cancellations and mistakes.

    Never fails: a date or reference that cannot be read makes no relation.
    """
    reader = _READERS.get(str(resource.get("resourceType")))
    if reader is None:
        return []
    source = f"{resource['resourceType']}/{resource.get('id', '')}"
    try:
        found = list(reader(resource, lasting or Lasting()))
    except FhirError:
        return []
    return [Relation(patient, name, low, high, source) for patient, name, (low, high) in found if low < high]


def _reference(value: Any, *types: str) -> str | None:
    name = local(value)
    return name if name is not None and name.partition("/")[0] in types else None


_STAFF = ("Practitioner", "PractitionerRole", "CareTeam", "Organization")


def _staff(value: Any) -> str | None:
    return _reference(value, *_STAFF)


def _list(value: Any) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def _overlap(one: Interval, other: Interval) -> Interval:
    return max(one[0], other[0]), min(one[1], other[1])


def _later(high: int, after: int) -> int:
    return min(MAX, high + after)


_Found = Iterator[tuple[str, str, Interval]]


def _encounter(resource: Resource, lasting: Lasting) -> _Found:
    """Its participants, from its start. An encounter that is over without saying when ended where it began."""
    patient, period = _reference(resource.get("subject"), "Patient"), resource.get("period")
    status = resource.get("status")
    running = status in ("arrived", "triaged", "in-progress", "onleave")
    if (
        patient is None
        or not (running or status == "finished")
        or not isinstance(period, Mapping)
        or "start" not in period
    ):
        return
    low, high = times.period(period)
    if "end" not in period and not running:
        high = times.interval(period["start"])[1]
    for participant in _list(resource.get("participant")):
        name = _staff(participant.get("individual"))
        if name is not None:
            own = participant.get("period")
            span = _overlap((low, high), times.period(own)) if isinstance(own, Mapping) else (low, high)
            if span[0] < span[1]:
                yield patient, name, (span[0], _later(span[1], lasting.after_encounter))


def _care_team(resource: Resource, lasting: Lasting) -> _Found:
    """The team and its participants. An inactive team needs an end, an active one may be open, each needs a start."""
    patient, period = _reference(resource.get("subject"), "Patient"), resource.get("period")
    status = resource.get("status")
    if (
        patient is None
        or status not in ("active", "inactive")
        or not isinstance(period, Mapping)
        or "start" not in period
    ):
        return
    if status == "inactive" and "end" not in period:
        return
    span = times.period(period)
    yield patient, f"CareTeam/{resource.get('id', '')}", (span[0], _later(span[1], lasting.after_team))
    for participant in _list(resource.get("participant")):
        name = _staff(participant.get("member"))
        if name is not None:
            own = participant.get("period")
            part = _overlap(span, times.period(own)) if isinstance(own, Mapping) else span
            if part[0] < part[1]:
                yield patient, name, (part[0], _later(part[1], lasting.after_team))


def _referral(start: Any, ended: Any, running: bool, limit: Interval | None, lasting: Lasting) -> Interval | None:
    """From when it was written; to its end, or while it runs to its expiry, whichever is first; and the time after."""
    if not isinstance(start, str):
        return None
    low = times.interval(start)[0]
    high = _later(low, lasting.referral)
    if not running:
        high = min(high, times.interval(ended)[1] if isinstance(ended, str) else times.interval(start)[1])
    if limit is not None:
        low, high = _overlap((low, high), limit)
    return (low, _later(high, lasting.after_referral)) if low < high else None


def _service_request(resource: Resource, lasting: Lasting) -> _Found:
    """Whoever is asked to do it. The end of a completed one is when it was last changed: R4 has no other date."""
    patient, status = _reference(resource.get("subject"), "Patient"), resource.get("status")
    if (
        patient is None
        or resource.get("intent") in ("proposal", "plan")
        or status not in ("active", "on-hold", "completed")
    ):
        return
    meta = resource.get("meta")
    ended = meta.get("lastUpdated") if isinstance(meta, Mapping) else None
    span = _referral(resource.get("authoredOn"), ended, status != "completed", None, lasting)
    for performer in _list(resource.get("performer")):
        if span is not None and (name := _staff(performer)) is not None:
            yield patient, name, span


def _task(resource: Resource, lasting: Lasting) -> _Found:
    """The owner of a referral's Task, within its restriction period."""
    patient, status = _reference(resource.get("for"), "Patient"), resource.get("status")
    running = status in ("received", "accepted", "ready", "in-progress", "on-hold")
    name = _staff(resource.get("owner"))
    if (
        patient is None
        or name is None
        or not (running or status == "completed")
        or resource.get("intent") in ("proposal", "plan")
    ):
        return
    restriction = resource.get("restriction")
    period = restriction.get("period") if isinstance(restriction, Mapping) else None
    limit = times.period(period) if isinstance(period, Mapping) else None
    span = _referral(resource.get("authoredOn"), resource.get("lastModified"), running, limit, lasting)
    if span is not None:
        yield patient, name, span


def _appointment(resource: Resource, lasting: Lasting) -> _Found:
    """Those who take part and did not decline, from the time to prepare it until a while after."""
    if resource.get("status") not in ("pending", "booked", "arrived", "checked-in", "fulfilled"):
        return
    start, end = resource.get("start"), resource.get("end")
    if not isinstance(start, str):
        return
    low, high = times.interval(start)
    if isinstance(end, str):
        high = times.interval(end)[1]
    if high <= low:
        return
    taking = [each for each in _list(resource.get("participant")) if each.get("status") != "declined"]
    names = [name for each in taking if (name := _staff(each.get("actor"))) is not None]
    for each in taking:
        patient = _reference(each.get("actor"), "Patient")
        for name in names if patient is not None else ():
            yield str(patient), name, (low - lasting.before_appointment, _later(high, lasting.after_appointment))


_READERS = {
    "Encounter": _encounter,
    "CareTeam": _care_team,
    "ServiceRequest": _service_request,
    "Task": _task,
    "Appointment": _appointment,
}


def all_relations(resources: Iterable[Resource], lasting: Lasting | None = None) -> tuple[Relation, ...]:
    """The treatment relations that resources make, each once, in order of patient, name and start."""
    found = {each for resource in resources for each in relations(resource, lasting)}
    return tuple(sorted(found, key=lambda each: (each.patient, each.name, each.start, each.end, each.source)))
