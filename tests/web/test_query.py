"""What the search box understands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedside.fhir import definitions
from bedside.fhir.outcome import Invalid
from bedside.web import query
from bedside.web.query import Resource, Search, Words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Patient?name=vries", Search("Patient", [("name", "vries")])),
        ("  GET /fhir/Patient?name=vries ", Search("Patient", [("name", "vries")])),
        ("http://127.0.0.1:8000/fhir/Patient?name=de%20vries", Search("Patient", [("name", "de vries")])),
        ("Patient?name=de vries", Search("Patient", [("name", "de vries")])),
        (
            "Observation?date=ge2026-01-01T10:00:00+01:00",
            Search("Observation", [("date", "ge2026-01-01T10:00:00+01:00")]),
        ),
        ("Observation?code=http://loinc.org|2823-3", Search("Observation", [("code", "http://loinc.org|2823-3")])),
        ("Patient", Search("Patient", [])),
        ("Patient/_search?name=x", Search("Patient", [("name", "x")])),
        ("Patient/1/Observation?code=x", Search("Observation", [("code", "x")], ("Patient", "1"))),
        ("Patient/1/*", Search(None, [], ("Patient", "1"))),
        ("?_type=Patient", Search(None, [("_type", "Patient")])),
        ("Patient?name=", Search("Patient", [("name", "")])),
        ("Patient/1", Resource("Patient", "1")),
        ("record/Patient/1", Resource("Patient", "1")),
        ("Patient/1/_history/2", Resource("Patient", "1", 2)),
        ("vries", Words("vries", None)),
        ("pateint", Words("pateint", "Patient")),
        ("patients", Words("patients", "Patient")),
        ("de vries, anna", Words("de vries, anna", None)),
        ("", None),
        ("   ", None),
        ("/", None),
    ],
)
def test_what_is_typed(text: str, expected: query.Asked | None) -> None:
    assert query.read(text) == expected


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Pateint?name=x", "Did you mean Patient"),
        ("Patient/1/Observatoin", "Did you mean Observation"),
        ("Patient/1/2/3/4", "neither a search nor a resource"),
        ("Patient?name=%FF", "UTF-8"),
        ("Patient?" + "a=b&" * 300, "too many"),
        ("x" * 9000, "too long"),
    ],
)
def test_what_cannot_be_understood_is_told_in_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence):
        query.read(text)


_NAMES = st.text(st.sampled_from("abcdefgh-_:."), min_size=1, max_size=12)
_VALUES = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(st.sampled_from(definitions.resource_types()), st.lists(st.tuples(_NAMES, _VALUES), max_size=5))
def test_a_search_is_read_back_as_it_was_written(name: str, parameters: list[tuple[str, str]]) -> None:
    search = Search(name, parameters)
    assert query.read(search.text) == search
