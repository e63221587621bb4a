"""What a client may ask for, and that it is told everything that is wrong, at once and by name."""

from __future__ import annotations

import pytest

from bedside.fhir.outcome import Invalid
from bedside.record.export import Level, Request, Words, build
from bedside.record.export.request import queries
from bedside.record.parameters import Registry

REGISTRY = Registry()


def read(level: Level = "system", *, lenient: bool = False, **words: list[str]) -> Request:
    return build(REGISTRY, level, Words(**words), lenient=lenient)  # type: ignore[arg-type]


def test_nothing_asked_is_everything() -> None:
    assert read() == Request("system")


def test_values_may_be_repeated_or_separated_by_commas() -> None:
    assert read(types=["Patient,Observation", "Patient", " Condition "]).types == (
        "Patient",
        "Observation",
        "Condition",
    )
    assert read(elements=["id,Patient.name"]).elements == ("id", "Patient.name")


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (["Observation?status=final,amended"], ["Observation?status=final,amended"]),
        (["Observation?status=final,Condition?code=x,y"], ["Observation?status=final", "Condition?code=x,y"]),
        (["Observation?a=1", "Observation?a=2"], ["Observation?a=1", "Observation?a=2"]),
    ],
)
def test_a_comma_in_a_query_is_not_one_between_queries(given: list[str], found: list[str]) -> None:
    assert queries(given) == found


def test_filters_are_kept_with_their_type() -> None:
    asked = read(filters=["Observation?date=gt2018-07-01T00:00:00+02:00,Observation?status=final"])
    assert asked.filters == (("Observation", "date=gt2018-07-01T00:00:00%2B02:00"), ("Observation", "status=final"))


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("1970-01-01T00:00:01Z", 1_000_000),
        ("1970-01-01T01:00:00.000001+01:00", 1),
        ("1970-01-01T01:00:01 01:00", 1_000_000),  # a plus sign that was not escaped in an address
    ],
)
def test_since(text: str, micros: int) -> None:
    assert read(since=[text]).since == micros


@pytest.mark.parametrize(
    ("level", "words", "said"),
    [
        ("system", {"since": ["2024-01-01"]}, "write an instant with its zone"),
        ("system", {"since": ["yesterday"]}, "write an instant with its zone"),
        ("system", {"since": ["2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"]}, "only once"),
        ("system", {"patients": ["Patient/1"]}, "not one of the whole system"),
        ("patient", {"patients": ["Practitioner/1"]}, "not a reference such as Patient/123"),
        ("patient", {"patients": ["Patient/"]}, "not a reference such as Patient/123"),
        ("patient", {"types": ["Practitioner,Organization"]}, "belongs to a patient"),
        ("system", {"types": ["Nothing"]}, "nothing to export"),
        ("system", {"filters": ["status=final"]}, "write a search"),
        ("system", {"filters": ["Nothing?status=final"]}, "write a search"),
    ],
)
def test_what_is_wrong_stays_wrong_when_the_client_is_lenient(
    level: Level, words: dict[str, list[str]], said: str
) -> None:
    for lenient in (False, True):
        with pytest.raises(Invalid, match=said):
            read(level, lenient=lenient, **words)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"unknown": ["_typ"]}, "`_typ` is not supported; there are .* Did you mean _type?"),
        ({"unknown": ["includeAssociatedData"]}, "`includeAssociatedData` is not supported"),
        ({"formats": ["application/vnd.apache.parquet"]}, "_outputFormat=application/vnd.apache.parquet is not"),
        ({"types": ["Patient,Patiant"]}, "'Patiant' is not a resource type of R4. Did you mean Patient?"),
        ({"elements": ["nmae"]}, "none of the types has such an element"),
        ({"elements": ["Patient.nmae"]}, "Patient has such an element at its root. Did you mean name?"),
        ({"elements": ["Patient.name.family"]}, "Patient has such an element"),
        ({"elements": ["Patiant.name"]}, "'Patiant' is not a resource type"),
        ({"filters": ["Observation?cod=1"]}, "Did you mean"),
        ({"filters": ["Observation?_sort=date"]}, "`_sort` does not choose resources"),
        ({"filters": ["Observation?_include=*"]}, "`_include` does not choose resources"),
        ({"filters": ["Observation?"]}, "has no condition"),
        ({"filters": ["Observation?_text=pain"]}, "_text and _content cannot be used"),
        ({"filters": ["Observation?date=yesterday"]}, "yesterday"),
        ({"types": ["Patient"], "filters": ["Observation?status=final"]}, "not among the types of _type"),
    ],
)
def test_what_is_not_supported_is_passed_over_for_a_lenient_client(words: dict[str, list[str]], said: str) -> None:
    with pytest.raises(Invalid, match=said):
        read(**words)
    (warning,) = read(lenient=True, **words).warnings
    with pytest.raises(Invalid) as raised:
        read(**words)
    assert warning == raised.value.issues[0].message


@pytest.mark.parametrize("name", ["application/fhir+ndjson", "application/ndjson", "ndjson", "application/fhir ndjson"])
def test_formats(name: str) -> None:
    assert read(formats=[name]) == Request("system")


def test_everything_is_told_at_once() -> None:
    with pytest.raises(Invalid) as raised:
        read(unknown=["_foo"], since=["x"], types=["Patiant,Patient"], filters=["Observation?x=y"])
    assert len(raised.value.issues) == 4


@pytest.mark.parametrize(
    "element", ["id", "meta", "name", "value", "value[x]", "valueQuantity", "Observation.value[x]"]
)
def test_elements_of_the_root(element: str) -> None:
    assert read(elements=[element]).elements == (element,)


def test_patients_by_id_or_reference() -> None:
    assert read("patient", patients=["Patient/1", "2", "1"]).patients == ("1", "2")
