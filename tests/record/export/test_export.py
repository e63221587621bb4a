"""What an export holds: all of the record, or what belongs to patients, as it was at one instant."""

from __future__ import annotations

import threading
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bedside.fhir import dates
from bedside.fhir.outcome import FhirError, Invalid, NotFound, Unprocessable
from bedside.record.model import Create, Delete, Resource
from bedside.record.record import Record
from record.export.exported import export, request
from record.samples import create, observation, patient, update
from record.samples import put as updating


def put(record: Record, kind: str, id_: str, **more: Any) -> None:
    update(record, {"resourceType": kind, "id": id_, **more})


def seen(record: Record, subject: str, id_: str, **more: Any) -> None:
    """An observation of a patient."""
    update(record, {**observation(subject), "id": id_, **more})


def gone(record: Record, *references: str) -> None:
    for reference in references:
        record.write(Delete(*reference.split("/")))


def when(record: Record) -> str:
    """The instant of the last commit."""
    return dates.instant(record.changes(record.last_seq() - 1)[0].updated)


def test_an_empty_record(record: Record, tmp_path: Path) -> None:
    found = export(record, tmp_path / "out")
    assert found.progress.complete
    assert found.progress.files == []
    assert found.progress.instant > 0


def test_all_of_the_system_by_type_as_stored(record: Record, tmp_path: Path) -> None:
    put(record, "Practitioner", "d")
    update(record, patient(id="a"))
    seen(record, "Patient/a", "o", valueQuantity={"value": Decimal("7.20"), "unit": "cm"})
    update(record, patient("Jansen", id="a"))
    put(record, "Organization", "x")
    gone(record, "Organization/x")
    found = export(record, tmp_path / "out")
    assert found.ids() == {"Practitioner/d", "Patient/a", "Observation/o"}
    assert sorted(file.name for file in found.progress.files) == [
        "Observation.1.ndjson",
        "Patient.1.ndjson",
        "Practitioner.1.ndjson",
    ]
    stored = record.read("Patient", "a")
    assert stored is not None
    assert (found.folder / "Patient.1.ndjson").read_bytes() == (stored.body or b"") + b"\n"
    assert b'"value":7.20' in (found.folder / "Observation.1.ndjson").read_bytes()
    assert found.progress.written == found.progress.total == 3


def test_types(record: Record, tmp_path: Path) -> None:
    update(record, patient(id="a"))
    seen(record, "Patient/a", "o")
    put(record, "Organization", "x")
    assert export(record, tmp_path / "out", types=["Patient,Organization"]).ids() == {"Patient/a", "Organization/x"}


def test_filters_are_alternatives_within_a_type(record: Record, tmp_path: Path) -> None:
    update(record, patient(id="a", gender="female", birthDate="1980-01-01"))
    update(record, patient(id="b", gender="male", birthDate="1990-01-01"))
    update(record, patient(id="c", gender="male", birthDate="1970-01-01"))
    seen(record, "Patient/b", "o")
    filters = ["Patient?gender=female,Patient?gender=male&birthdate=gt1985"]
    assert export(record, tmp_path / "one", filters=filters).ids() == {"Patient/a", "Patient/b", "Observation/o"}
    filters = ["Observation?subject:Patient.gender=female"]
    assert export(record, tmp_path / "two", filters=filters, types=["Observation"]).ids() == set()
    filters = ["Observation?status=preliminary,final"]
    assert export(record, tmp_path / "three", filters=filters, types=["Observation"]).ids() == {"Observation/o"}


def test_elements_keep_what_is_mandatory_and_are_tagged(record: Record, tmp_path: Path) -> None:
    update(record, patient(id="a", gender="female"))
    seen(record, "Patient/a", "o", valueQuantity={"value": Decimal("7.20")})
    found = {each["resourceType"]: each for each in export(record, tmp_path / "1", elements=["id", "gender"]).lines()}
    assert found["Patient"].keys() == {"resourceType", "id", "meta", "gender"}
    assert found["Observation"].keys() == {"resourceType", "id", "meta", "status", "code"}
    assert found["Patient"]["meta"]["tag"][0]["code"] == "SUBSETTED"
    found = {each["resourceType"]: each for each in export(record, tmp_path / "2", elements=["Patient.name"]).lines()}
    assert found["Patient"].keys() == {"resourceType", "id", "meta", "name"}
    assert str(found["Observation"]["valueQuantity"]["value"]) == "7.20"
    assert "tag" not in found["Observation"]["meta"]


# --- patients


@pytest.fixture
def hospital(record: Record) -> Record:
    """Two patients with what is theirs, and people and places around them."""
    put(record, "Organization", "clinic")
    put(record, "Organization", "elsewhere")
    put(record, "Practitioner", "doctor")
    put(
        record,
        "PractitionerRole",
        "role",
        practitioner={"reference": "Practitioner/doctor"},
        organization={"reference": "Organization/clinic"},
    )
    for id_ in ("a", "b"):
        update(record, patient(id=id_))
        seen(record, f"Patient/{id_}", f"o{id_}", performer=[{"reference": "PractitionerRole/role"}])
        put(record, "RelatedPerson", f"r{id_}", patient={"reference": f"Patient/{id_}"})
    put(
        record,
        "Provenance",
        "pa",
        target=[{"reference": "Observation/oa"}],
        recorded="2024-01-01T00:00:00Z",
        agent=[{"who": {"reference": "Practitioner/doctor"}}],
    )
    put(
        record,
        "Provenance",
        "pb",
        target=[{"reference": "Observation/ob"}],
        recorded="2024-01-01T00:00:00Z",
        agent=[{"who": {"reference": "Practitioner/doctor"}}],
    )
    seen(record, "Patient/a", "derived", derivedFrom=[{"reference": "Observation/ob"}])
    return record


OF_A = {"Patient/a", "Observation/oa", "Observation/derived", "RelatedPerson/ra", "Provenance/pa"}
OF_B = {"Patient/b", "Observation/ob", "RelatedPerson/rb", "Provenance/pb"}
AROUND = {"PractitionerRole/role", "Practitioner/doctor", "Organization/clinic"}


def test_all_patients_with_what_they_refer_to(hospital: Record, tmp_path: Path) -> None:
    assert export(hospital, tmp_path / "out", "patient").ids() == OF_A | OF_B | AROUND


def test_some_patients_and_nothing_of_others(hospital: Record, tmp_path: Path) -> None:
    found = export(hospital, tmp_path / "out", "patient", patients=["Patient/a"])
    assert found.ids() == OF_A | AROUND


def test_types_of_patients(hospital: Record, tmp_path: Path) -> None:
    found = export(hospital, tmp_path / "1", "patient", patients=["a"], types=["Observation"])
    assert found.ids() == {"Observation/oa", "Observation/derived"}
    found = export(hospital, tmp_path / "2", "patient", patients=["a"], types=["Provenance"])
    assert found.ids() == {"Provenance/pa"}
    # The role leads to the organization, so without it there is no way there.
    found = export(hospital, tmp_path / "3", "patient", patients=["a"], types=["Observation,Organization"])
    assert found.ids() == {"Observation/oa", "Observation/derived"}
    found = export(
        hospital, tmp_path / "4", "patient", patients=["a"], types=["Observation,PractitionerRole,Organization"]
    )
    assert found.ids() == {"Observation/oa", "Observation/derived", "PractitionerRole/role", "Organization/clinic"}


def test_filters_of_patients(hospital: Record, tmp_path: Path) -> None:
    found = export(hospital, tmp_path / "out", "patient", filters=["Observation?_id=oa", "Organization?_id=none"])
    assert found.ids() == (OF_A | OF_B | AROUND) - {"Observation/ob", "Observation/derived", "Organization/clinic"}


def test_what_several_patients_share_comes_once(record: Record, tmp_path: Path) -> None:
    for id_ in ("a", "b"):
        update(record, patient(id=id_))
    put(
        record,
        "Appointment",
        "both",
        status="booked",
        participant=[{"actor": {"reference": f"Patient/{id_}"}, "status": "accepted"} for id_ in ("a", "b")],
    )
    assert export(record, tmp_path / "out", "patient").ids() == {"Patient/a", "Patient/b", "Appointment/both"}


def group(record: Record, id_: str, *members: dict[str, Any], **more: Any) -> None:
    listed = {"member": list(members)} if members else {}
    put(record, "Group", id_, **{"type": "person", "actual": True, **listed, **more})


def entity(reference: str, **more: Any) -> Resource:
    return {"entity": {"reference": reference}, **more}


def test_a_group(hospital: Record, tmp_path: Path) -> None:
    group(hospital, "g", entity("Patient/a"), entity("Patient/b", inactive=True))
    assert export(hospital, tmp_path / "1", "group", group="g").ids() == OF_A | AROUND | {"Group/g"}
    group(hospital, "g", entity("Patient/a"), entity("Patient/b"))
    assert export(hospital, tmp_path / "2", "group", group="g").ids() == OF_A | OF_B | AROUND | {"Group/g"}
    found = export(hospital, tmp_path / "3", "group", group="g", patients=["Patient/b"])
    assert found.ids() == OF_B | AROUND | {"Group/g"}


def test_members_for_a_time_and_groups_of_groups(hospital: Record, tmp_path: Path) -> None:
    group(hospital, "inner", entity("Patient/a"), entity("Patient/b", period={"end": "2020-01-01"}))
    group(hospital, "outer", entity("Group/inner"))
    group(hospital, "inner", entity("Patient/a"), entity("Patient/b", period={"end": "2020"}), entity("Group/outer"))
    found = export(hospital, tmp_path / "out", "group", group="outer", types=["Patient,Observation"])
    assert found.ids() == {"Patient/a", "Observation/oa", "Observation/derived"}


def test_groups_that_cannot_be_exported(hospital: Record) -> None:
    with pytest.raises(NotFound, match="no Group/none"):
        request(hospital, "group", group="none")
    group(hospital, "kind", actual=False)
    with pytest.raises(Unprocessable, match="describes a kind of people"):
        request(hospital, "group", group="kind")


def test_patients_that_are_not_there(hospital: Record, tmp_path: Path) -> None:
    gone(hospital, "Provenance/pb", "Observation/derived", "Observation/ob", "RelatedPerson/rb", "Patient/b")
    group(hospital, "g", entity("Patient/a"))
    with pytest.raises(Invalid) as raised:
        request(hospital, "patient", patients=["a", "b", "c"])
    assert [issue.message for issue in raised.value.issues] == [
        "patient: there is no Patient/b.",
        "patient: there is no Patient/c.",
    ]
    update(hospital, patient(id="d"))
    with pytest.raises(Invalid, match="Patient/d is not a member of Group/g"):
        request(hospital, "group", group="g", patients=["d"])
    # A lenient client is warned; an empty list is not everybody.
    found = export(hospital, tmp_path / "out", "patient", patients=["c"], lenient=True)
    assert found.ids() == set()
    assert [each["issue"][0]["diagnostics"] for each in found.lines("error")] == ["patient: there is no Patient/c."]


# --- since


def test_since_of_the_system(record: Record, tmp_path: Path) -> None:
    update(record, patient(id="a"))
    update(record, patient(id="b"))
    seen(record, "Patient/b", "ob")
    update(record, patient(id="same"))
    first = export(record, tmp_path / "1")
    since = dates.instant(first.progress.instant)
    assert since == when(record)
    nothing = export(record, tmp_path / "2", since=since)
    assert (nothing.ids(), nothing.deleted()) == (set(), [])
    assert nothing.progress.instant == first.progress.instant
    update(record, patient("New", id="a"))
    gone(record, "Observation/ob", "Patient/b")
    update(record, patient(id="c"))
    gone(record, "Patient/c")
    update(record, patient("Back", id="c"))
    second = export(record, tmp_path / "3", since=since)
    assert second.ids() == {"Patient/a", "Patient/c"}
    assert second.deleted() == ["Observation/ob", "Patient/b"]
    assert export(record, tmp_path / "4", since=since, types=["Observation"]).deleted() == ["Observation/ob"]
    assert export(record, tmp_path / "5").deleted() == []
    everything = export(record, tmp_path / "6", since="1990-01-01T00:00:00Z")
    assert everything.ids() == {"Patient/a", "Patient/c", "Patient/same"}
    assert everything.deleted() == ["Observation/ob", "Patient/b"]


def test_since_with_filters(record: Record, tmp_path: Path) -> None:
    update(record, patient(id="old", gender="female"))
    since = when(record)
    update(record, patient(id="f", gender="female"))
    update(record, patient(id="m", gender="male"))
    update(record, patient(id="gone", gender="male"))
    gone(record, "Patient/gone")
    found = export(record, tmp_path / "out", since=since, filters=["Patient?gender=female"])
    assert found.ids() == {"Patient/f"}
    assert found.deleted() == ["Patient/gone"]  # what it was is not told any more, only that it is no more


def test_since_of_patients(hospital: Record, tmp_path: Path) -> None:
    since = when(hospital)
    gone(hospital, "Provenance/pb", "Observation/derived", "Observation/ob", "RelatedPerson/rb")
    seen(hospital, "Patient/a", "new", performer=[{"reference": "Practitioner/doctor"}])
    found = export(hospital, tmp_path / "1", "patient", since=since)
    # The doctor has not changed, but what refers to it has; who gets this export may never have got the doctor.
    assert found.ids() == {"Observation/new", "Practitioner/doctor"}
    assert found.deleted() == ["Observation/derived", "Observation/ob", "RelatedPerson/rb"]
    found = export(hospital, tmp_path / "2", "patient", since=since, patients=["Patient/b"])
    assert found.ids() == set()
    assert found.deleted() == ["Observation/ob", "RelatedPerson/rb"]
    since = when(hospital)
    put(hospital, "Organization", "clinic", name="New name")
    put(hospital, "Organization", "elsewhere", name="New name")
    found = export(hospital, tmp_path / "3", "patient", since=since)
    assert found.ids() == {"Organization/clinic"}
    gone(hospital, "Patient/b")
    found = export(hospital, tmp_path / "4", "patient", since=since)
    assert (found.ids(), found.deleted()) == ({"Organization/clinic"}, ["Patient/b"])


def test_what_was_deleted_of_a_group(hospital: Record, tmp_path: Path) -> None:
    group(hospital, "g", entity("Patient/a"))
    since = when(hospital)
    gone(hospital, "Provenance/pa", "Observation/oa", "RelatedPerson/rb")
    found = export(hospital, tmp_path / "out", "group", group="g", since=since)
    assert found.deleted() == ["Observation/oa"]


# --- one instant


def test_nothing_later_than_the_transaction_time(
    record: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others write, change, delete and move things from the moment the export looks at the record."""
    monkeypatch.setattr("bedside.record.export.work._PAGE", 50)
    record.write(*(updating(patient(str(number), gender="female", id=f"p{number}")) for number in range(600)))
    for number in range(600):
        update(record, {**observation(f"Patient/p{number}"), "id": f"o{number}"})
    before = sorted(stored.body or b"" for stored in record.changes(0, 5000))
    instant = when(record)
    calls = 0

    def disturb() -> None:
        nonlocal calls
        calls += 1
        last = 600 - 10 * calls
        update(record, patient("Changed", gender="male", id=f"p{last}"))
        seen(record, f"Patient/p{last + 2}", f"o{last}")
        gone(record, f"Observation/o{last + 1}", f"Patient/p{last + 1}")
        create(record, patient("Later", gender="female"))

    filters = ["Patient?gender=female", "Observation?patient.gender=female"]
    found = export(record, tmp_path / "out", "patient", filters=filters, alive=disturb)
    assert calls > 20
    lines = [line for file in found.folder.glob("*.ndjson") for line in file.read_bytes().splitlines()]
    assert sorted(lines) == before
    assert dates.instant(found.progress.instant) == instant


def test_a_writer_at_full_speed_changes_nothing(record: Record, tmp_path: Path) -> None:
    """Two resources always change together: an export sees both changes or neither."""
    record.write(*(updating(patient("0", id=id_)) for id_ in ("x", "y")))
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            record.write(*(updating(patient(str(number), id=id_)) for id_ in ("x", "y")))
            record.write(Create(patient(str(number))))

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for round_ in range(8):
            found = export(record, tmp_path / str(round_))
            families = {each["id"]: each["name"][0]["family"] for each in found.lines()}
            assert families["x"] == families["y"]
            last = max(each["meta"]["lastUpdated"] for each in found.lines())
            assert dates.interval(last)[0] == found.progress.instant
            # Every create was preceded by the update that it was numbered after, so none is missing.
            assert len(families) - 2 in (int(families["x"]), int(families["x"]) - 1)
    finally:
        stop.set()
        thread.join()


# --- files


def test_files_are_cut(record: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bedside.record.export.files.MOST_LINES", 3)
    for number in range(8):
        update(record, patient(id=f"p{number}"))
    update(record, {"resourceType": "Organization", "id": "x"})
    found = export(record, tmp_path / "out")
    assert [(file.name, file.count) for file in found.progress.files if file.type == "Patient"] == [
        ("Patient.1.ndjson", 3),
        ("Patient.2.ndjson", 3),
        ("Patient.3.ndjson", 2),
    ]
    assert len(found.ids()) == 9
    monkeypatch.setattr("bedside.record.export.files.MOST_BYTES", 1)
    found = export(record, tmp_path / "small")
    assert all(file.count <= 3 for file in found.progress.files)
    assert len(found.ids()) == 9


def test_large_resources_are_read_few_at_a_time(
    record: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bedside.record.export.work._PAGE_BYTES", 1)
    for number in range(4):
        update(record, patient(id=f"p{number}"))
    gone(record, "Patient/p1")
    found = export(record, tmp_path / "out", since="1990-01-01T00:00:00Z")
    assert found.ids() == {"Patient/p0", "Patient/p2", "Patient/p3"}
    assert found.deleted() == ["Patient/p1"]


def test_attachments_get_addresses_that_lead_somewhere(record: Record, tmp_path: Path) -> None:
    put(record, "Binary", "scan", contentType="text/plain", data="aGVsbG8=")
    put(
        record,
        "DocumentReference",
        "d",
        status="current",
        content=[
            {"attachment": {"contentType": "text/plain", "url": "Binary/scan"}},
            {"attachment": {"contentType": "text/plain", "url": "https://example.org/Binary/other"}},
        ],
    )

    def urls(base: str, folder: str) -> list[str]:
        found = export(record, tmp_path / folder, base=base, types=["DocumentReference"]).lines()
        return [each["attachment"]["url"] for each in found[0]["content"]]

    assert urls("http://here/fhir", "1") == ["http://here/fhir/Binary/scan", "https://example.org/Binary/other"]
    assert urls("", "2") == ["Binary/scan", "https://example.org/Binary/other"]
    assert export(record, tmp_path / "3").ids() == {"Binary/scan", "DocumentReference/d"}


def test_an_export_that_fails_says_why(record: Record, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(OSError):
        export(record, blocked / "out")
    group(record, "g")
    asked = request(record, "group", group="g")
    gone(record, "Group/g")
    from bedside.record.export import Export

    with pytest.raises(FhirError, match="no Group/g"):
        Export(record.store.reader(), record.extractor, asked, tmp_path / "out").run()
