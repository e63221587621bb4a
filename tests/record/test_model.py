"""The record against a model of it: a dictionary that does one unit of writes after the other."""

from __future__ import annotations

import copy
import itertools
from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from bedside.fhir.outcome import FhirError
from bedside.record.model import Create, Delete, Effect, Outcome, Patch, Resource, Update, Write
from bedside.record.record import Record
from record.index import assert_consistent
from record.samples import content, observation, patient, put

Key = tuple[str, str]


class Refused(Exception):
    """The model would not do it."""


@dataclass
class Entry:
    """What is known of one resource: the number of its versions, and its content while it lives."""

    version: int = 0
    content: Resource | None = None

    @property
    def target(self) -> Key | None:
        if self.content is None or "subject" not in self.content:
            return None
        name, _, id_ = self.content["subject"]["reference"].partition("/")
        return name, id_


class Model:
    """All resources; `unit` does what one client asks for, or raises Refused and changes nothing."""

    def __init__(self) -> None:
        self.entries: dict[Key, Entry] = {}

    def unit(self, writes: list[Write], new_ids: list[str]) -> list[str]:
        """The effect of each write. `new_ids` are those that the record gave to creates, in their order."""
        steps = self._identify(writes, iter(new_ids))
        keys = [key for _, key, _, _ in steps]
        if len(set(keys)) < len(keys):
            raise Refused
        before = copy.deepcopy(self.entries)
        try:
            effects = {}
            for position, key, kind, write in sorted(steps, key=lambda s: {"delete": 0, "create": 1}.get(s[2], 2)):
                effects[position] = self._step(key, kind, write)
            self._check_references([(key, kind) for _, key, kind, _ in steps], effects)
        except Refused:
            self.entries = before
            raise
        return [effects[position] for position in range(len(writes))]

    def _identify(self, writes: list[Write], new_ids: Any) -> list[tuple[int, Key, str, Any]]:
        steps: list[tuple[int, Key, str, Any]] = []
        urns: dict[str, str] = {}
        for position, write in enumerate(writes):
            match write:
                case Create(resource=resource, full_url=urn):
                    key = resource["resourceType"], next(new_ids, "none")
                    if urn is not None:
                        urns[urn] = f"{key[0]}/{key[1]}"
                    steps.append((position, key, "create", {**resource, "id": key[1]}))
                case Update(type=name, id=str(id_)):
                    steps.append((position, (name, id_), "update", write))
                case Patch(type=name, id=str(id_), operations=[{"value": family}]):
                    entry = self.entries.get((name, id_))
                    if entry is None or entry.content is None or write.if_match not in (None, entry.version):
                        raise Refused
                    patched = {**entry.content, "name": [{"family": family}]}
                    steps.append((position, (name, id_), "update", put(patched)))
                case Delete(type=name, id=str(id_)):
                    steps.append((position, (name, id_), "delete", write))
        for _, _, kind, what in steps:
            if kind == "create" and what.get("subject", {}).get("reference") in urns:
                what["subject"] = {"reference": urns[what["subject"]["reference"]]}
        return steps

    def _step(self, key: Key, kind: str, write: Any) -> str:
        entry = self.entries.setdefault(key, Entry())
        live = entry.content is not None
        if kind != "create" and write.if_match is not None and (not live or write.if_match != entry.version):
            raise Refused
        if kind == "delete":
            if not live:
                return "nothing"
            entry.version, entry.content = entry.version + 1, None
            return "deleted"
        if kind == "update" and live and write.if_none_match_any:
            raise Refused
        resource = write if kind == "create" else write.resource
        if live and entry.content == resource:
            return "unchanged"
        entry.version, entry.content = entry.version + 1, resource
        return "updated" if live else "created"

    def _check_references(self, steps: list[tuple[Key, str]], effects: dict[int, str]) -> None:
        live = {key for key, entry in self.entries.items() if entry.content is not None}
        for key, kind in steps:
            if kind != "delete" and self.entries[key].target not in live | {None}:
                raise Refused
        gone = {key for position, (key, _) in enumerate(steps) if effects[position] == "deleted"}
        if any(self.entries[key].target in gone for key in live):
            raise Refused


PATIENTS = st.sampled_from(["p1", "p2", "p3"])
OBSERVATIONS = st.sampled_from(["o1", "o2", "o3"])
FAMILIES = st.sampled_from(["A", "B"])
MATCHES = st.sampled_from([None, None, None, 1, 2, 3])
URN = "urn:uuid:05efabf0-4be2-4561-91ce-51548425acb9"

_seen = st.builds(observation, PATIENTS.map("Patient/{}".format), st.integers(1, 2))
_seen_urn = st.builds(observation, st.just(URN), st.integers(1, 2))
CHANGES = st.one_of(
    st.builds(lambda f, i, m, n: put(patient(f, id=i), if_match=m, if_none_match_any=n), FAMILIES, PATIENTS, MATCHES,
              st.sampled_from([False, False, True])),
    st.builds(lambda f, i: put(patient(f, id=i)), FAMILIES, PATIENTS),
    st.builds(lambda r, i: put({**r, "id": i}), _seen, OBSERVATIONS),
    st.builds(lambda i, m: Delete("Patient", i, if_match=m), PATIENTS, MATCHES),
    st.builds(lambda i: Delete("Observation", i), OBSERVATIONS),
    st.builds(lambda i, f, m: Patch("Patient", [{"op": "add", "path": "/name", "value": [{"family": f}]}], i, None, m),
              PATIENTS, FAMILIES, MATCHES),
)  # fmt: skip
WRITES = CHANGES | st.builds(Create, st.builds(patient, FAMILIES) | _seen)
WITH_URNS = WRITES | st.builds(lambda f: Create(patient(f), full_url=URN), FAMILIES) | st.builds(Create, _seen_urn)
_runs = itertools.count()


class Machine(RuleBasedStateMachine):
    """Drives the record and the model with the same units. Each run has ids of its own in the same record."""

    record: Record

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.run = next(_runs)
        self.first_seq = self.record.last_seq()
        self.versions = 0

    def own(self, write: Write) -> Write:
        """The write, with the ids of this run."""
        tail = f"-{self.run}"

        def with_tail(resource: Resource) -> Resource:
            resource = copy.deepcopy(resource)
            if "id" in resource:
                resource["id"] += tail
            if resource.get("subject", {}).get("reference", "urn")[:3] != "urn":
                resource["subject"]["reference"] += tail
            return resource

        match write:
            case Create(resource=resource, full_url=urn):
                return Create(with_tail(resource), full_url=urn)
            case Update(resource=resource):
                return put(with_tail(resource), if_match=write.if_match, if_none_match_any=write.if_none_match_any)
            case Patch(id=str(id_)):
                return Patch(write.type, write.operations, id_ + tail, None, write.if_match)
            case Delete(id=str(id_)):
                return Delete(write.type, id_ + tail, if_match=write.if_match)
        raise AssertionError(write)

    def submit(self, *units: list[Write]) -> None:
        """Give units to the record one after the other without waiting, so that it commits some of them together."""
        mine = [[self.own(write) for write in unit] for unit in units]
        futures = [self.record.submit(copy.deepcopy(unit), transaction=len(unit) > 1) for unit in mine]
        for unit, future in zip(mine, futures, strict=True):
            error = future.exception()
            assert error is None or isinstance(error, FhirError)
            self.compare(unit, None if error else future.result())

    def compare(self, writes: list[Write], outcomes: list[Outcome] | None) -> None:
        """The model must come to the same effects, or refuse too."""
        made = zip(writes, outcomes or [], strict=False)
        ids = [o.stored.id for w, o in made if isinstance(w, Create) and o.stored is not None]
        try:
            # The model speaks of patches by the family they set.
            simple = [
                Patch(w.type, [{"value": w.operations[0]["value"][0]["family"]}], w.id, None, w.if_match)
                if isinstance(w, Patch)
                else w
                for w in writes
            ]
            expected: list[str] | None = self.model.unit(simple, ids or [f"n{n}" for n in range(len(writes))])
        except Refused:
            expected = None
        assert (None if outcomes is None else [o.effect.value for o in outcomes]) == expected
        for outcome in outcomes or []:
            if outcome.effect is not Effect.NOTHING:
                assert outcome.stored is not None
                entry = self.model.entries[(outcome.stored.type, outcome.stored.id)]
                assert outcome.stored.version == entry.version
            self.versions += outcome.effect not in (Effect.NOTHING, Effect.UNCHANGED)

    @rule(write=WRITES)
    def single(self, write: Write) -> None:
        self.submit([write])

    @rule(writes=st.lists(CHANGES, min_size=3, max_size=12))
    def several_at_once(self, writes: list[Write]) -> None:
        self.submit(*[[write] for write in writes])

    @rule(writes=st.lists(WITH_URNS, min_size=2, max_size=6))
    def transaction(self, writes: list[Write]) -> None:
        urns = [w.full_url for w in writes if isinstance(w, Create) and w.full_url is not None]
        uses = any(isinstance(w, Create) and w.resource.get("subject") == {"reference": URN} for w in writes)
        if len(urns) == 1 or (not urns and not uses):
            self.submit(writes)

    @invariant()
    def everything_is_as_the_model_says(self) -> None:
        for (name, id_), entry in self.model.entries.items():
            stored = self.record.read(name, id_)
            if entry.version == 0:
                assert stored is None
                continue
            assert stored is not None
            assert stored.version == entry.version
            assert (None if stored.deleted else content(stored)) == entry.content
            assert len(self.record.history(name, id_).versions) == entry.version
        assert self.record.last_seq() == self.first_seq + self.versions


def test_the_record_does_what_a_dictionary_would(record: Record) -> None:
    machine = type("BoundMachine", (Machine,), {"record": record})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=40,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            # What is committed together depends on the clock, so a failure does not shrink well.
            phases=(Phase.explicit, Phase.reuse, Phase.generate),
        ),
    )
    assert_consistent(record)
