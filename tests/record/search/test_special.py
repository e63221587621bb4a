"""Parameters that are no element of the resource: full text, lists, places; and conditions of writes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedside.fhir.outcome import FhirError, Invalid
from bedside.record import fulltext
from bedside.record.model import Delete, Update
from bedside.record.record import Record
from bedside.record.search import find_rids
from bedside.record.search.filters.text import parse_query

from .conftest import ids_of
from .test_include import of, put, to


def told(id_: str, text: str, /, **more: object) -> dict[str, object]:
    div = f'<div xmlns="http://www.w3.org/1999/xhtml">{text}</div>'
    return of("Condition", id_, text={"status": "generated", "div": div}, **more)


@pytest.fixture
def notes(unchecked: Record) -> Record:
    put(
        unchecked,
        told("1", "severe <b>chest</b> pain &amp; fever"),
        told("2", "no fever, mild pain"),
        told("3", "Müdigkeit; chest x-ray normal", note=[{"text": "Fever since Monday"}]),
        told("4", "pain in the chest"),
    )
    return unchecked


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("fever", "12"), ("FEVER", "12"), ("chest pain", "14"), ('"chest pain"', "1"), ("chest -fever", "34"),
        ("-fever", "34"), ("mudigkeit", "3"), ("Müdigkeit OR mild", "23"), ("fev*", "12"), ("x-ray", "3"),
        ("pain AND -mild AND chest", "14"), ("div", ""), ("b", ""), ("amp", ""), ('"severe chest', "1"), ("fever\\,chest", ""),
        ("mild,normal", "23"), ("OR fever OR", "12"), ("fever AND", "12"), ("-fever -x", "4"), ("chest -\"x ray\"", "14"),
    ],
)  # fmt: skip
def test_narrative(notes: Record, query: str, expected: str) -> None:
    assert "".join(sorted(ids_of(notes, "Condition", [("_text", query)]))) == expected


def test_content_is_all_text(notes: Record) -> None:
    assert sorted(ids_of(notes, "Condition", [("_content", "fever")])) == ["1", "2", "3"]
    assert ids_of(notes, "Condition", [("_content", "monday"), ("_text", "chest")]) == ["3"]
    assert ids_of(notes, "Condition", [("_content", '"normal fever"')]) == [], "a phrase does not span two texts"


def test_the_index_follows_updates_and_deletions(notes: Record) -> None:
    assert sorted(ids_of(notes, "Condition", [("_text", "pain")])) == ["1", "2", "4"]
    put(notes, told("1", "all well"), told("5", "pain again"))
    notes.write(Delete("Condition", "2"))
    assert sorted(ids_of(notes, "Condition", [("_text", "pain")])) == ["4", "5"]
    assert ids_of(notes, "Condition", [("_text", "well")]) == ["1"]
    assert fulltext.behind(notes.store.reader()) == 0


def test_the_index_catches_up_in_batches(notes: Record) -> None:
    fulltext.catch_up(notes.store, batch=1)
    assert fulltext.behind(notes.store.reader()) == 0
    put(notes, *[told(f"n{i}", "crowd") for i in range(7)])
    assert fulltext.behind(notes.store.reader()) == 7
    fulltext.catch_up(notes.store, batch=3)
    assert len(ids_of(notes, "Condition", [("_text", "crowd")])) == 7


@given(st.text())
def test_no_text_is_a_syntax_error(text: str) -> None:
    if set(fulltext.words(text)) - {"or", "and"}:
        assert parse_query(text)
    elif not fulltext.words(text):
        with pytest.raises(Invalid, match="no word"):
            parse_query(text)


@pytest.mark.parametrize(
    "text", ['"', "(", "a NEAR b", "a*b", "col:x", "{x} y", "x^2", "'; --", "a & | b !", "\\", "NOT x"]
)
def test_punctuation_is_harmless(notes: Record, text: str) -> None:
    if fulltext.words(text):
        ids_of(notes, "Condition", [("_content", text.replace("\\", "\\\\"))])


def test_lists(unchecked: Record) -> None:
    put(
        unchecked,
        *[of("Patient", str(i)) for i in range(5)],
        of("List", "l", entry=[{"item": to("Patient/1")}, {"item": to("Patient/3")}, {"item": to("Patient/4"), "deleted": True}]),
        of("List", "m", entry=[{"item": to("Patient/2")}, {"item": to("Group/9")}]),
    )  # fmt: skip
    assert sorted(ids_of(unchecked, "Patient", [("_list", "l")])) == ["1", "3"]
    assert sorted(ids_of(unchecked, "Patient", [("_list", "List/l,m")])) == ["1", "2", "3"]
    assert ids_of(unchecked, "Patient", [("_list", "404")]) == []
    assert ids_of(unchecked, "Observation", [("_list", "l")]) == []


def place(id_: str, latitude: float, longitude: float) -> dict[str, object]:
    return of("Location", id_, position={"latitude": latitude, "longitude": longitude})


def test_near(unchecked: Record) -> None:
    put(
        unchecked,
        place("amsterdam", 52.3676, 4.9041),
        place("utrecht", 52.0907, 5.1214),
        place("auckland", -36.85, 174.76),
        place("date-line", -36.85, -179.9),
        of("Location", "nowhere"),
    )

    def near(text: str) -> list[str]:
        return sorted(ids_of(unchecked, "Location", [("near", text)]))

    assert near("52.3676|4.9041|30|km") == ["amsterdam"]
    assert near("52.3676|4.9041|40|km") == ["amsterdam", "utrecht"]
    assert near("52.3676|4.9041|40000|m") == ["amsterdam", "utrecht"]
    assert near("52.3676|4.9041|22|[mi_i]") == ["amsterdam", "utrecht"]
    assert near("52.3676|4.9041") == ["amsterdam", "utrecht"]
    assert near("52.3676|4.9041|0|km") == ["amsterdam"]
    assert near("-36.85|179.9|20|km") == ["date-line"]
    assert near("0|0|30000|km") == ["amsterdam", "auckland", "date-line", "utrecht"]


def test_conditions_of_writes(unchecked: Record) -> None:
    put(
        unchecked,
        *[of("Patient", str(i), identifier=[{"system": "http://mrn", "value": str(i % 3)}]) for i in range(7)],
    )
    session = unchecked.store.reader()

    def find(query: str, **more: int) -> int:
        return len(find_rids(session, unchecked.registry, "Patient", query, **more))

    assert find("identifier=http://mrn|0") == 3
    assert find("identifier=http%3A%2F%2Fmrn%7C1&_id=4") == 1
    assert find("identifier=http://mrn|9") == 0
    assert find("?identifier=http://mrn|0", limit=2) == 2
    for wrong in ("", "identifier", "foo=1", "_count=1&identifier=x", "identifier=x&_sort=name", "_content=x"):
        with pytest.raises(FhirError):
            find(wrong)


def test_a_condition_sees_what_its_own_transaction_wrote(unchecked: Record) -> None:
    from bedside.record.model import Create, Effect

    patient = of("Patient", "", identifier=[{"system": "http://mrn", "value": "1"}])
    del patient["id"]
    first, second = (
        unchecked.write(Create(dict(patient), if_none_exist="identifier=http://mrn|1"))[0] for _ in range(2)
    )
    assert (first.effect, second.effect) == (Effect.CREATED, Effect.EXISTED)
    assert first.stored is not None
    unchecked.write(Update("Patient", {**patient, "id": first.stored.id, "active": True}, first.stored.id))
    assert ids_of(unchecked, "Patient", [("identifier", "http://mrn|1"), ("active", "true")]) == [first.stored.id]
