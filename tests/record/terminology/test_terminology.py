"""The terminology of a record: current in every process, kept where nothing changed, honest about what is not here."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from bedside.fhir.outcome import Invalid, NotFound
from bedside.questions.environment import Environment
from bedside.questions.expression import compile
from bedside.record.model import Delete, Update
from bedside.record.record import Record
from bedside.record.session import Session
from bedside.record.terminology import State, Terminology, closure
from bedside.terms.errors import UnknownCode, UnknownDefinition
from bedside.terms.resource_system import ResourceSystem
from bedside.terms.systems import CodeSystem

A, SET = "http://a.example", "http://set.example"
GENDER = "http://hl7.org/fhir/administrative-gender"


def put(record: Record, name: str, id_: str, /, **elements: Any) -> None:
    record.write(Update(name, {"resourceType": name, "id": id_, "status": "active", **elements}, id_))


def put_set(record: Record, id_: str, *codes: str, url: str = SET, system: str = A, **more: Any) -> None:
    include = {"system": system, "concept": [{"code": code} for code in codes]}
    put(record, "ValueSet", id_, url=url, compose={"include": [include]}, **more)


def put_system(record: Record, id_: str, *codes: str, url: str = A, **more: Any) -> None:
    content = {"concept": [{"code": c} for c in codes]} if codes else {}
    put(record, "CodeSystem", id_, url=url, **{"content": "complete", **content, **more})


def codes(record: Record, url: str = SET) -> list[str]:
    return [entry.code for entry in record.terminology.current().find(url).listed().members()]


def test_a_definition_is_in_effect_with_the_next_question(record: Record) -> None:
    with pytest.raises(UnknownDefinition):
        codes(record)
    put_set(record, "s", "x")
    assert codes(record) == ["x"]
    put_set(record, "s", "x", "y")
    assert codes(record) == ["x", "y"]
    put_set(record, "s", "x", url="http://elsewhere.example")
    with pytest.raises(UnknownDefinition):
        codes(record)
    assert codes(record, "http://elsewhere.example") == ["x"]
    record.write(Delete("ValueSet", "s"))
    with pytest.raises(UnknownDefinition):
        codes(record, "http://elsewhere.example")


def test_it_is_in_effect_in_every_process(open_at: Callable[..., Record]) -> None:
    """Two records on one store are what two processes are: nothing but the store joins them."""
    one, other = open_at(), open_at()
    put_set(one, "s", "x")
    assert codes(other) == ["x"]
    put_system(one, "a", "k")
    put(one, "ValueSet", "all", url="http://all.example", compose={"include": [{"system": A}]})
    assert codes(other, "http://all.example") == ["k"]
    put_system(other, "a", "k", "l")
    assert codes(one, "http://all.example") == ["k", "l"]
    assert codes(other, "http://all.example") == ["k", "l"]


def test_what_a_value_set_leans_on_may_come_and_go(record: Record) -> None:
    put(record, "ValueSet", "outer", url="http://outer.example", compose={"include": [{"valueSet": [SET]}]})
    state = record.terminology.current()
    assert state.member_of({"system": A, "code": "x"}, "http://outer.example") is None
    put_set(record, "inner", "x")
    assert codes(record, "http://outer.example") == ["x"]
    put_set(record, "inner", "y")
    assert codes(record, "http://outer.example") == ["y"]
    record.write(Delete("ValueSet", "inner"))
    assert record.terminology.current().member_of({"system": A, "code": "y"}, "http://outer.example") is None


def test_a_change_leaves_the_rest_alone(record: Record) -> None:
    put_set(record, "kept", "x", url="http://kept.example")
    put_set(record, "s", "x")
    put_system(record, "a", "x")
    kept = record.terminology.current().find("http://kept.example")
    changing = record.terminology.current().find(SET)
    put_set(record, "s", "y")
    put(record, "ConceptMap", "m", url="http://map.example")
    assert record.terminology.current().find("http://kept.example") is kept
    assert record.terminology.current().find(SET) is not changing
    before = record.terminology.current()
    record.write(Update("Patient", {"resourceType": "Patient", "id": "p"}, "p"))
    assert record.terminology.current() is before
    put_system(record, "a", "x", "y")  # both value sets name codes of it
    assert record.terminology.current().find("http://kept.example") is not kept


def test_the_newest_version_that_is_not_retired(record: Record) -> None:
    put_set(record, "s1", "old", version="1.9")
    put_set(record, "s2", "new", version="1.10")
    put_set(record, "s3", "gone", version="2.0", status="retired")
    assert codes(record) == ["new"]
    assert codes(record, f"{SET}|1.9") == ["old"]
    assert codes(record, f"{SET}|2.0") == ["gone"]
    with pytest.raises(UnknownDefinition):
        codes(record, f"{SET}|3")


def test_a_hospital_goes_before_the_standard(record: Record) -> None:
    url = "http://hl7.org/fhir/ValueSet/administrative-gender"
    assert codes(record, url) == ["male", "female", "other", "unknown"]
    put_set(record, "own", "male", url=url, system=GENDER, version="5")
    assert codes(record, url) == ["male"]
    assert codes(record, f"{url}|4.0.1") == ["male", "female", "other", "unknown"]
    record.write(Delete("ValueSet", "own"))
    assert len(codes(record, url)) == 4


def test_a_name_without_content_does_not_hide_content(record: Record) -> None:
    put_system(record, "g", url=GENDER, content="not-present")
    assert record.terminology.current().in_code_system("male", GENDER) is True
    put_system(record, "u", "mg", url="http://unitsofmeasure.org", content="fragment")
    assert record.terminology.current().in_code_system("mg/dL", "http://unitsofmeasure.org") is True


def test_the_value_set_of_a_system(record: Record) -> None:
    put_system(record, "a", "x", "y", valueSet="http://whole.example", version="3")
    assert codes(record, "http://whole.example") == ["x", "y"]
    assert codes(record, f"{A}?fhir_vs") == ["x", "y"]
    put_system(record, "a", "x", valueSet="http://whole.example", version="4")
    assert codes(record, "http://whole.example") == ["x"]
    put_system(record, "a", "x", version="5")
    with pytest.raises(UnknownDefinition):
        codes(record, "http://whole.example")


def test_supplements(record: Record) -> None:
    put_system(record, "a", "x")
    state = record.terminology.current()
    assert state.code_system(A).find("x").designations == ()  # type: ignore[union-attr]
    word = [{"code": "x", "designation": [{"language": "nl", "value": "iks"}]}]
    put_system(record, "more", url="http://more.example", content="supplement", supplements=A, concept=word)
    concept = record.terminology.current().code_system(A).find("x")  # type: ignore[union-attr]
    assert concept is not None
    assert [d["value"] for d in concept.designations] == ["iks"]
    english = [{"code": "male", "designation": [{"language": "nl", "value": "man"}]}]
    put_system(
        record, "g", url="http://gender.example", content="supplement", supplements=f"{GENDER}|4.0.1", concept=english
    )
    male = record.terminology.current().code_system(GENDER).find("male")  # type: ignore[union-attr]
    assert male is not None
    assert "man" in [d["value"] for d in male.designations]
    record.write(Delete("CodeSystem", "g"))
    male = record.terminology.current().code_system(GENDER).find("male")  # type: ignore[union-attr]
    assert male is not None
    assert "man" not in [d["value"] for d in male.designations]


def test_other_names_of_a_system(record: Record) -> None:
    oid = "urn:oid:2.16.840.1.113883.4.642.4.2"
    assert record.terminology.current().code_system(oid) is None
    names = [{"type": "uri", "value": GENDER, "preferred": True}, {"type": "oid", "value": oid}]
    put(record, "NamingSystem", "n", name="Gender", kind="codesystem", date="2024-01-01", uniqueId=names)
    assert record.terminology.current().in_code_system("male", oid) is True
    assert record.terminology.current().subsumes(oid, "male", "male") is True
    record.write(Delete("NamingSystem", "n"))
    assert record.terminology.current().code_system(oid) is None


def test_what_questions_ask(record: Record) -> None:
    put_set(record, "s", "x", "y")
    put_system(record, "a", "x", content="fragment")
    asked = record.terminology.current().for_questions()
    found = asked.value_set(SET)
    assert found is not None
    assert (A, "x") in found
    assert (A, "z") not in found
    assert [c["code"] for c in found] == ["x", "y"]
    assert asked.value_set("http://nowhere.example") is None
    assert asked.in_code_system("x", A) is True
    assert asked.in_code_system("z", A) is None
    assert asked.in_code_system("x", "http://nowhere.example") is None
    assert asked.in_code_system("nobody", GENDER) is False
    assert asked.subsumes("http://nowhere.example", "a", "b") is None


def test_code_systems_that_a_question_pins(record: Record) -> None:
    put_system(record, "a1", "x", version="1")
    put_system(record, "a2", "x", "y", version="2")
    put(record, "ValueSet", "all", url=SET, compose={"include": [{"system": A}]})
    asked = record.terminology.current().for_questions()
    assert len(asked.value_set(SET) or ()) == 2
    assert len(asked.value_set(SET, [f"{A}|1"]) or ()) == 1


def test_paths(record: Record) -> None:
    put_set(record, "s", "x")
    put(
        record,
        "ValueSet",
        "circle",
        url="http://circle.example",
        compose={"include": [{"valueSet": ["http://circle.example"]}]},
    )
    world = Environment(terminology=record.terminology.current().for_paths())
    observation = {"resourceType": "Observation", "code": {"coding": [{"system": A, "code": "x"}]}}

    def ask(text: str) -> list[Any]:
        return list(compile(text).evaluate(observation, environment=world))

    assert ask(f"Observation.code.memberOf('{SET}')") == [True]
    assert ask("Observation.code.memberOf('http://hl7.org/fhir/ValueSet/administrative-gender')") == [False]
    assert ask("Observation.code.memberOf('http://nowhere.example')") == []
    assert ask("Observation.code.memberOf('http://circle.example')") == []


class Tables:
    """Content that lies elsewhere, as a loader brings it."""

    def __init__(self) -> None:
        self.number = 0
        self.systems: list[CodeSystem] = []

    def generation(self, session: Session) -> int:
        return self.number

    def code_systems(self, session: Session, url: str) -> Sequence[CodeSystem]:
        return [system for system in self.systems if system.url == url]

    def all(self, session: Session) -> Sequence[CodeSystem]:
        return self.systems

    def load(self, *codes: str, version: str) -> None:
        concepts = [{"code": code} for code in codes]
        resource = {
            "url": A,
            "version": version,
            "content": "complete",
            "concept": concepts,
            "valueSet": "http://whole.example",
        }
        self.systems.append(ResourceSystem(resource))
        self.number += 1


def test_content_that_lies_elsewhere(record: Record) -> None:
    tables = Tables()
    terminology = Terminology(record.store, record.registry, [tables])

    def listed() -> list[str]:
        return [entry.code for entry in terminology.current().find(SET).listed().members()]

    put_system(record, "name", content="not-present")
    put(record, "ValueSet", "all", url=SET, compose={"include": [{"system": A}]})
    assert terminology.current().in_code_system("x", A) is None
    tables.load("x", version="2024-01")
    assert listed() == ["x"]
    tables.load("x", "y", version="2024-07")
    assert listed() == ["x", "y"]
    assert len(terminology.current().find("http://whole.example").listed()) == 2
    assert [system.version for system in terminology.current().loaded()] == ["2024-01", "2024-07"]
    put_system(record, "own", "z", version="2025-01")
    assert listed() == ["z"]


def test_many_threads_ask_while_definitions_change(record: Record) -> None:
    """Whatever is answered was true at some time between question and answer."""
    put_set(record, "s", "0")
    wrong: list[str] = []
    written = [0]
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            first = written[0]
            [code] = codes(record)
            # Written before the count rises, so one more may be seen already.
            if not first <= int(code) <= written[0] + 1:
                wrong.append(f"{code} not between {first} and {written[0] + 1}")

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(1, 40):
        put_set(record, "s", str(number))
        written[0] = number
    done.set()
    for thread in threads:
        thread.join()
    assert wrong == []


# --- closure tables


def act(*codes: str) -> list[tuple[str, str]]:
    return [("http://terminology.hl7.org/CodeSystem/v3-ActCode", code) for code in codes]


def told(found: dict[str, Any]) -> dict[str, list[str]]:
    return {e["code"]: [t["code"] for t in e["target"]] for g in found.get("group", []) for e in g["element"]}


def test_a_closure_table_is_kept(open_at: Callable[..., Record]) -> None:
    one, other = open_at(), open_at()
    with pytest.raises(NotFound, match="begin one"):
        closure(one, "t", act("AMB"))
    assert closure(one, "t")["version"] == "0"
    assert told(closure(one, "t", act("_ActEncounterCode"))) == {}
    assert told(closure(other, "t", act("AMB"))) == {"AMB": ["_ActEncounterCode"]}
    assert told(closure(one, "t", act("IMP", "AMB"))) == {"IMP": ["_ActEncounterCode"]}
    assert told(closure(one, "t", version="2")) == {"IMP": ["_ActEncounterCode"]}
    assert told(closure(one, "t", version="0")) == {"AMB": ["_ActEncounterCode"], "IMP": ["_ActEncounterCode"]}
    for bad in ("9", "x", "-1"):
        with pytest.raises(Invalid):
            closure(one, "t", version=bad)
    with pytest.raises(UnknownCode):
        closure(one, "t", act("nowhere"))
    assert told(closure(one, "t", version="0")) == {"AMB": ["_ActEncounterCode"], "IMP": ["_ActEncounterCode"]}
    assert closure(one, "t")["version"] == "0"
    assert told(closure(one, "t", version="0")) == {}


def test_closure_tables_are_no_mappings(record: Record) -> None:
    closure(record, "t")
    closure(record, "t", act("_ActEncounterCode", "AMB"))
    state: State = record.terminology.current()
    assert all(each.get("name") != "t" for each in state.concept_maps())


def test_steps_of_two_at_once_are_both_kept(record: Record) -> None:
    closure(record, "t")
    threads = [
        threading.Thread(target=closure, args=(record, "t", act(code))) for code in ("_ActEncounterCode", "AMB", "IMP")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told(closure(record, "t", version="0")) == {"AMB": ["_ActEncounterCode"], "IMP": ["_ActEncounterCode"]}
