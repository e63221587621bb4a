"""The record as data of a question, on both stores, compared with a filter over plain dictionaries."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import pytest

from bedside.fhir.dates import interval
from bedside.fhir.outcome import Invalid, NotSupported
from bedside.questions.cql.world import DateRange, MemberSet, Wanted
from bedside.questions.errors import UnsupportedError
from bedside.record import bodies, questions, questions_compartment
from bedside.record.model import Delete
from bedside.record.questions import RecordData, asking
from bedside.record.questions_index import Catalogue
from bedside.record.questions_subjects import count, everybody, members_of, patients_of
from bedside.record.record import Record
from record.samples import observation, patient, put

LOINC, SNOMED, OTHER = "http://loinc.org", "http://snomed.info/sct", "http://other.example"


class Codes:
    """A value set that we know by heart."""

    def __init__(self, *keys: tuple[str | None, str]) -> None:
        self._keys = frozenset(keys)

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def has_code(self, code: str) -> bool:
        systems = {system for system, each in self._keys if each == code}
        if len(systems) > 1:
            raise LookupError(code)
        return bool(systems)

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        return iter([{"system": system, "code": code} for system, code in sorted(self._keys, key=str)])

    def __len__(self) -> int:
        return len(self._keys)


class Sets:
    """Terminology of a few value sets."""

    def __init__(self, **sets: Codes) -> None:
        self._sets = {f"http://example.org/{name}": each for name, each in sets.items()}

    def value_set(self, canonical: str, code_systems: Collection[str] = ()) -> MemberSet | None:
        return self._sets.get(canonical)

    def in_code_system(self, code: str, canonical: str) -> bool | None:
        return None

    def subsumes(self, system: str, general: str, special: str) -> bool | None:
        return None


def coded(*codings: tuple[str | None, str]) -> dict[str, Any]:
    return {
        "coding": [{"code": code} if system is None else {"system": system, "code": code} for system, code in codings]
    }


def ids(resources: Any) -> list[str]:
    return [each["id"] for each in resources]


@pytest.fixture
def ward(record: Record) -> Record:
    """Two patients with a few things each, a practitioner, a group, a medication that is nobody's."""
    anna, ben = {"reference": "Patient/anna"}, {"reference": "Patient/ben"}
    record.write(
        put({"resourceType": "Practitioner", "id": "doc"}),
        put(patient(id="anna", gender="female", generalPractitioner=[{"reference": "Practitioner/doc"}])),
        put(patient(id="ben", gender="male")),
        put(
            observation("Patient/anna", id="o1", code=coded((LOINC, "a"), (OTHER, "a")), effectiveDateTime="2015-01-01")
        ),
        put(observation("Patient/anna", id="o2", code=coded((LOINC, "b")), effectiveDateTime="2014-06-01")),
        put(observation("Patient/anna", id="o3", code=coded((None, "a")), effectiveDateTime="2016-02-03T10:00:00Z")),
        put(observation("Patient/ben", id="o4", code=coded((LOINC, "a")), performer=[anna])),
        put(
            observation("Patient/ben", id="o5", code={"text": "height"}, performer=[{"reference": "Practitioner/doc"}])
        ),
        put(
            {
                "resourceType": "MedicationRequest",
                "id": "m1",
                "status": "active",
                "intent": "order",
                "subject": anna,
                "medicationCodeableConcept": coded((SNOMED, "pill")),
                "statusReason": coded((SNOMED, "why")),
            }
        ),
        put(
            {
                "resourceType": "MedicationRequest",
                "id": "m2",
                "status": "stopped",
                "intent": "plan",
                "subject": ben,
                "medicationReference": {"reference": "Medication/pill"},
            }
        ),
        put({"resourceType": "Medication", "id": "pill", "code": coded((SNOMED, "pill"))}),
        put({"resourceType": "Medication", "id": "syrup", "code": coded((SNOMED, "syrup"))}),
        put({"resourceType": "Group", "id": "inner", "type": "person", "actual": True, "member": [{"entity": ben}]}),
    )
    return record


def ask(record: Record, wanted: Wanted, sets: Sets | None = None) -> list[str]:
    with asking(record, sets) as data:
        return ids(data.retrieve(wanted))


def of_anna(name: str, **more: Any) -> Wanted:
    return Wanted(name, "Patient", "anna", **more)


def test_all_of_a_type_of_one_patient_the_oldest_first(ward: Record) -> None:
    # o4 is of another patient, but Anna performed it: the compartment of R4 has it.
    assert ask(ward, of_anna("Observation")) == ["o2", "o1", "o4", "o3"]
    assert ask(ward, of_anna("Patient")) == ["anna"]
    assert ask(ward, Wanted("Observation", "Practitioner", "doc")) == ["o5"]
    assert ask(ward, Wanted("Observation", "Patient", "nobody")) == []
    assert ask(ward, Wanted("NoSuchType", "Patient", "anna")) == []


def test_a_code_is_found_with_its_system(ward: Record) -> None:
    one = frozenset({(LOINC, "a")})
    assert ask(ward, of_anna("Observation", code_path="code", codes=one)) == ["o1", "o4"]
    assert ask(ward, of_anna("Observation", code_path="code", codes=frozenset({(SNOMED, "a")}))) == []
    assert ask(ward, of_anna("Observation", code_path="code", codes=frozenset({("http://never.seen", "a")}))) == []
    assert ask(ward, of_anna("Observation", code_path="code", codes=frozenset({(LOINC, "a"), (LOINC, "b")}))) == [
        "o2",
        "o1",
        "o4",
    ]
    assert ask(ward, of_anna("Observation", code_path="code", codes=frozenset({(None, "a")}))) == ["o1", "o4", "o3"]
    assert ask(ward, of_anna("Observation", code_path="code", codes=frozenset())) == []


def test_one_code_is_the_same_question_before_and_after_the_codes_are_known(ward: Record) -> None:
    one = of_anna("Observation", code_path="code", codes=frozenset({(LOINC, "a")}))
    several = of_anna("Observation", code_path="code", codes=frozenset({(LOINC, "b"), (OTHER, "x")}))
    with asking(ward) as data:
        before = list(data.retrieve(one))
        assert ids(data.retrieve(several)) == ["o2"]
        after = list(data.retrieve(one))
    assert ids(before) == ids(after)
    assert all(first is second for first, second in zip(before, after, strict=True))


def test_value_sets(ward: Record) -> None:
    sets = Sets(heights=Codes((LOINC, "a"), (OTHER, "z")), empty=Codes(), both=Codes((LOINC, "a"), (OTHER, "a")))
    assert ask(ward, of_anna("Observation", code_path="code", value_set="http://example.org/heights"), sets) == [
        "o1",
        "o4",
    ]
    assert ask(ward, of_anna("Observation", code_path="code", value_set="http://example.org/empty"), sets) == []
    everybody_ = Wanted("Observation", code_path="code", value_set="http://example.org/both")
    assert sorted(ask(ward, everybody_, sets)) == ["o1", "o4"]
    with pytest.raises(UnsupportedError, match="unknown is not known"):
        ask(ward, of_anna("Observation", code_path="code", value_set="http://example.org/unknown"), sets)
    with pytest.raises(UnsupportedError, match="no terminology"):
        ask(ward, of_anna("Observation", code_path="code", value_set="http://example.org/heights"))


def test_elements_of_type_code_have_no_system(ward: Record) -> None:
    status = "http://hl7.org/fhir/CodeSystem/medicationrequest-status"
    sets = Sets(open=Codes((status, "active"), (status, "on-hold")))
    assert ask(ward, of_anna("MedicationRequest", code_path="status", value_set="http://example.org/open"), sets) == [
        "m1"
    ]
    assert ask(ward, of_anna("MedicationRequest", code_path="status", codes=frozenset({(status, "active")}))) == ["m1"]
    assert ask(ward, Wanted("MedicationRequest", code_path="intent", codes=frozenset({(None, "plan")}))) == ["m2"]


def test_a_choice_element_and_one_without_an_index(ward: Record) -> None:
    pill, why = frozenset({(SNOMED, "pill")}), frozenset({(SNOMED, "why")})
    assert ask(ward, of_anna("MedicationRequest", code_path="medication", codes=pill)) == ["m1"]
    assert ask(ward, of_anna("MedicationRequest", code_path="statusReason", codes=why)) == ["m1"]
    assert ask(ward, Wanted("MedicationRequest", code_path="statusReason", codes=why)) == ["m1"]
    assert ask(ward, Wanted("MedicationRequest", "Patient", "ben", code_path="statusReason", codes=why)) == []


def test_what_is_nobodys_is_everybodys(ward: Record) -> None:
    assert sorted(ask(ward, of_anna("Medication"))) == ["pill", "syrup"]
    assert ask(ward, of_anna("Medication", code_path="code", codes=frozenset({(SNOMED, "syrup")}))) == ["syrup"]
    assert ask(ward, of_anna("Medication", code_path="id", codes=frozenset({(None, "pill")}))) == ["pill"]


def test_ids_of_ones_own(ward: Record) -> None:
    some = frozenset({(None, "o1"), (None, "o5"), (None, "nothing")})
    assert ask(ward, of_anna("Observation", code_path="id", codes=some)) == ["o1"]
    assert ask(ward, Wanted("Observation", code_path="id", codes=some)) == ["o1", "o5"]
    assert ask(ward, of_anna("Patient", code_path="id", codes=frozenset({(None, "ben")}))) == []


def test_dates_narrow_what_is_read(ward: Record) -> None:
    low, high = interval("2014-12-31")[0], interval("2015-12-31")[1]
    during = of_anna("Observation", date_path="effective", date_range=DateRange(low, high))
    assert ask(ward, during) == ["o1", "o4"]
    with_code = of_anna(
        "Observation",
        code_path="code",
        codes=frozenset({(None, "a")}),
        date_path="effective",
        date_range=DateRange(None, low),
    )
    assert ask(ward, with_code) == []
    assert ask(ward, of_anna("Observation", date_path="effective", date_range=DateRange(high, None))) == ["o3"]
    # Nothing is indexed for this element: the question filters.
    assert len(ask(ward, of_anna("Observation", date_path="issued", date_range=DateRange(high, None)))) == 4


def test_references(ward: Record) -> None:
    with asking(ward, base="http://here.example/fhir") as data:
        found = data.resolve("Medication/pill")
        assert found is not None
        assert found["id"] == "pill"
        assert data.resolve("http://here.example/fhir/Medication/pill") is found
        assert data.resolve("http://elsewhere.example/fhir/Medication/pill") is None
        assert data.resolve("Medication/none") is None
        assert data.resolve("#contained") is None
        assert data.resolve("urn:uuid:c757873d-ec9a-4326-a141-556f43239520") is None
        [first] = data.retrieve(of_anna("Patient"))
        assert data.resolve("Patient/anna") is first


def test_what_is_deleted_or_moved_away_is_gone(ward: Record) -> None:
    ward.write(Delete("Observation", "o1"))
    ward.write(put(observation("Patient/ben", id="o2", code=coded((LOINC, "b")))))
    assert ask(ward, of_anna("Observation")) == ["o4", "o3"]
    assert ask(ward, of_anna("Observation", code_path="code", codes=frozenset({(LOINC, "b")}))) == []
    with asking(ward) as data:
        assert data.resolve("Observation/o1") is None


def test_one_question_sees_one_state(ward: Record) -> None:
    with asking(ward) as data:
        assert len(list(data.retrieve(of_anna("Observation", code_path="code", codes=frozenset({(LOINC, "b")}))))) == 1
        ward.write(put(observation("Patient/anna", id="new", code=coded((LOINC, "b"), (LOINC, "c")))))
        other = frozenset({(LOINC, "c"), (LOINC, "d")})
        assert list(data.retrieve(of_anna("Observation", code_path="code", codes=other))) == []
        assert data.resolve("Observation/new") is None
    assert ask(ward, of_anna("Observation", code_path="code", codes=other)) == ["new"]


def test_nothing_else_of_the_patient_is_decoded(ward: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[bytes] = []

    class Counting:
        @staticmethod
        def decompress(stored: bytes) -> bytes:
            decoded.append(stored)
            return bodies.decompress(stored)

    monkeypatch.setattr(questions, "bodies", Counting)
    monkeypatch.setattr(questions_compartment, "bodies", Counting)
    both = frozenset({(LOINC, "a"), (LOINC, "b")})
    with asking(ward) as data:
        list(data.retrieve(of_anna("Observation", code_path="code", codes=frozenset({(LOINC, "b")}))))
        assert len(decoded) == 1
        list(data.retrieve(of_anna("Observation", code_path="code", codes=both)))
        assert len(decoded) == 3
        list(data.retrieve(of_anna("Observation", code_path="code", codes=both)))
        assert len(decoded) == 3


def test_whom_to_ask(ward: Record) -> None:
    session, registry = ward.store.reader(), ward.registry
    assert list(everybody(session, registry)) == ["anna", "ben"]
    assert count(session, registry) == 2
    assert patients_of(session, registry, "Practitioner/doc") == ["anna"]
    with pytest.raises(Invalid, match="Practitioner/none"):
        patients_of(session, registry, "Practitioner/none")
    with asking(ward) as data:
        group = {
            "id": "outer",
            "actual": True,
            "member": [
                {"entity": {"reference": "Group/inner"}},
                {"entity": {"reference": "Patient/anna"}},
                {"entity": {"reference": "Patient/left"}, "inactive": True},
                {"entity": {"reference": "Device/d"}},
            ],
        }
        assert members_of(data, group) == ["anna", "ben"]
        with pytest.raises(NotSupported, match="Group/x describes"):
            members_of(data, {"id": "x", "actual": False, "characteristic": [{}]})


def test_generated_wards(record: Record) -> None:
    """Many small questions, answered as a loop over all resources would."""
    chance = random.Random(7)
    systems, letters = [LOINC, SNOMED, None], "abcdef"
    resources: list[dict[str, Any]] = [patient(id=f"p{n}") for n in range(4)]
    for number in range(60):
        codings = [(chance.choice(systems), chance.choice(letters)) for _ in range(chance.randint(0, 3))]
        name = chance.choice(["Observation", "Condition", "Procedure"])
        one = {"resourceType": name, "id": f"r{number}", "subject": {"reference": f"Patient/p{chance.randrange(4)}"}}
        one["code"] = coded(*codings) if codings else {"text": "?"}
        if name != "Condition":
            one["status"] = "final" if name == "Observation" else "completed"
        resources.append(one)
    record.write(*[put(each) for each in resources])
    for _ in range(60):
        keys = frozenset((chance.choice(systems), chance.choice(letters)) for _ in range(chance.randint(0, 4)))
        name, who = (
            chance.choice(["Observation", "Condition", "Procedure"]),
            chance.choice(["p0", "p1", "p2", "p3", None]),
        )
        expected = {
            each["id"]
            for each in resources
            if each["resourceType"] == name
            and (who is None or each["subject"]["reference"] == f"Patient/{who}")
            and any(
                (coding.get("system"), coding["code"]) in keys or (None, coding["code"]) in keys
                for coding in each["code"].get("coding", ())
            )
        }
        wanted = Wanted(name, None if who is None else "Patient", who, code_path="code", codes=keys)
        assert set(ask(record, wanted)) == expected
        sets = Sets(set=Codes(*keys))
        narrow = {
            each["id"]
            for each in resources
            if each["id"] in expected
            and any(
                (coding.get("system"), coding["code"]) in keys
                for coding in each["code"].get("coding", ())
                if "system" in coding
            )
        }
        by_set = Wanted(name, wanted.context_type, who, code_path="code", value_set="http://example.org/set")
        assert set(ask(record, by_set, sets)) == narrow


def test_indexes_of_elements(record: Record) -> None:
    catalogue = Catalogue(record.registry)
    assert catalogue.code_index("Observation", "code") is not None
    assert catalogue.code_index("MedicationRequest", "medication") is not None
    status = catalogue.code_index("Observation", "status")
    assert status is not None
    assert status.plain
    for type_name, path in (("Observation", "value"), ("Patient", "birthDate"), ("Observation", "nothing")):
        assert (catalogue.code_index(type_name, path) is None) is (path != "value")
    assert catalogue.members("Patient", "Medication") is None
    assert catalogue.date_index("Encounter", "period") != ()
    assert catalogue.date_index("Encounter", "status") == ()
    # An onset may be an age, which no row tells.
    assert catalogue.date_index("Condition", "onset") == ()


def test_a_session_of_its_own(ward: Record) -> None:
    data = RecordData(ward.store.reader(), Catalogue(ward.registry))
    assert ids(data.retrieve(of_anna("MedicationRequest"))) == ["m1"]
