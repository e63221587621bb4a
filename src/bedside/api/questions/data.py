"""The world of one request: the record, what the request brings along, terminology and the clock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from bedside.api.questions.inputs import Inputs, instant_of
from bedside.fhir import definitions
from bedside.fhir.outcome import Invalid, NotFound
from bedside.questions.cql.run.memory import MemoryData
from bedside.questions.cql.world import Data, Resource, Wanted, World
from bedside.record.questions import RecordData, asking
from bedside.record.record import Record
from bedside.web.zone import local_zone

Json = dict[str, Any]

PARAMETERS = ("useServerData", "data", "prefetchData", "timestamp")
"""Parameters that say what data a question is asked of, and when."""


@dataclass(slots=True)
class Asked:
    """One request's world, open while it is answered."""

    world: World
    record_data: RecordData
    given: Data | None
    use_server: bool
    messages: list[tuple[str, str, str]] = field(default_factory=list)

    def require(self, subject: str) -> None:
        """Raise NotFound when the subject is nowhere."""
        assert self.world.data is not None
        if self.world.data.resolve(subject) is None:
            where = "here" if self.use_server else "in the data of this request"
            raise NotFound(f"There is no {subject} {where}.")


class Layered:
    """What a request brings along, before what the record has: a resource of the request replaces the record's."""

    def __init__(self, first: Data, second: Data) -> None:
        self._first = first
        self._second = second

    def retrieve(self, wanted: Wanted) -> Iterable[Resource]:
        found = list(self._first.retrieve(wanted))
        ids = {each.get("id") for each in found}
        for each in self._second.retrieve(wanted):
            # What the request changes may no longer fit: then neither version does.
            if each.get("id") not in ids and self._first.resolve(f"{wanted.resource_type}/{each.get('id')}") is None:
                found.append(each)
        return found

    def resolve(self, reference: str) -> Resource | None:
        found = self._first.resolve(reference)
        return found if found is not None else self._second.resolve(reference)


@contextmanager
def open_world(record: Record, inputs: Inputs, base: str, *, bundle: Json | None = None) -> Iterator[Asked]:
    """The world that a request asks for; all of the record is read from one state of it.

    `bundle` is data under another name than `data`.
    """
    terminology = record.terminology
    messages: list[tuple[str, str, str]] = []
    with asking(record, base=base) as data:
        of_questions = terminology.current(data.session).for_questions(
            lambda sentence: messages.append(("warning", "incomplete-value-set", sentence))
        )
        data.terminology = of_questions
        given = _given(inputs, bundle, of_questions)
        use_server = inputs.boolean("useServerData", True)
        source: Data = data
        if given is not None:
            source = Layered(given, data) if use_server else given
        elif not use_server:
            source = MemoryData([], of_questions)
        now = clock(inputs)
        world = World(
            source, of_questions, lambda: now, lambda severity, code, text: messages.append((severity, code, text))
        )
        yield Asked(world, data, given, use_server, messages)


def offset_of(world: World) -> int:
    """Minutes east of UTC of what has no zone."""
    between = world.now().utcoffset()
    assert between is not None
    return int(between.total_seconds()) // 60


def clock(inputs: Inputs) -> dt.datetime:
    """The instant of a request: what `timestamp` says, else now; in the zone that it says, else this machine's."""
    said = inputs.moment("timestamp")
    if said is None:
        return dt.datetime.now(zone())
    return instant_of(said, zone())


@cache
def zone() -> dt.tzinfo:
    """The zone of this machine: what is said without a zone is meant in it."""
    return local_zone()


def _given(inputs: Inputs, bundle: Json | None, terminology: Any) -> Data | None:
    bundles = [each for each in (bundle, inputs.resource("data", "Bundle")) if each is not None]
    for parameter in inputs.all("prefetchData"):
        for part in parameter.get("part", ()):
            if part.get("name") == "data":
                resource = part.get("resource")
                if not isinstance(resource, dict) or resource.get("resourceType") != "Bundle":
                    raise Invalid("The data of prefetchData must be a Bundle.", code="value")
                bundles.append(resource)
    if "data" in inputs and "prefetchData" in inputs:
        raise Invalid("data and prefetchData exclude each other: give one of them.")
    if not bundles:
        return None
    entries = [
        entry
        for each in bundles
        for entry in each.get("entry", ())
        if isinstance(entry, dict)
        and isinstance(entry.get("resource"), dict)
        and definitions.is_resource_type(str(entry["resource"].get("resourceType")))
    ]
    patients = [entry["resource"].get("id") for entry in entries if entry["resource"]["resourceType"] == "Patient"]
    subject = subject_of(inputs.text("subject"))
    if subject is not None and patients == [subject[1]]:
        return MemoryData.of_bundle({"entry": entries}, terminology)
    return MemoryData([entry["resource"] for entry in entries], terminology)


def subject_of(text: str | None, default: str = "Patient") -> tuple[str, str] | None:
    """Type and id of a subject: `Patient/1`, its URL, or the id alone. Raises Invalid."""
    if text is None:
        return None
    parts = text.rstrip("/").split("/")
    found = (default, parts[0]) if len(parts) == 1 else (parts[-2], parts[-1])
    if not found[1] or not found[0][:1].isupper():
        raise Invalid(f"The subject {text!r} is no reference such as Patient/1.", code="value")
    return found
