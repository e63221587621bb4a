"""What is understood, what is refused, and how it is said."""

from __future__ import annotations

import pytest

from bedside.fhir.outcome import FhirError, Invalid, NotSupported
from bedside.record.parameters import Registry
from bedside.record.search import Search, parse
from bedside.record.search.model import Chain, Has, Match

REGISTRY = Registry()


def read(name: str | None, *pairs: str, strict: bool = True) -> Search:
    return parse(REGISTRY, name, [tuple(pair.split("=", 1)) for pair in pairs], strict=strict)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("name", "pair", "message"),
    [
        ("Patient", "nmae=x", "no search parameter 'nmae'. Did you mean 'name'"),
        ("Patient", "name:foo=x", "no modifier :foo for name, which is a string; it takes :contains, :exact, :missing"),
        ("Patient", "gender:in=", "URL of a value set"),
        ("Patient", "identifier:above=x", "write system|code"),
        ("Patient", "birthdate:in=http://x", "no modifier :in"),
        ("Patient", "birthdate=yesterday", "Search parameter 'birthdate': 'yesterday' is not a date"),
        ("Patient", "birthdate:exact=2020", "no modifier :exact"),
        ("Patient", "gender:missing=maybe", "neither true nor false"),
        ("Patient", "name=", "write the text"),
        ("Patient", "identifier=", "write code, system|code"),
        ("Patient", "identifier=a|b|c", "not a token"),
        ("Patient", "identifier:of-type=a|b", "write system|type|value"),
        ("Patient", "name.family=x", "only references chain"),
        ("Patient", "_count=-1", "whole number"),
        ("Patient", "_count=ten", "whole number"),
        ("Patient", "_sort=foo", "no search parameter 'foo'"),
        ("Location", "_sort=near", "has no order"),
        ("Patient", "_total=all", "none, estimate or accurate"),
        ("Patient", "_summary=yes", "true, text, data, count or false"),
        ("Patient", "_contained=true", "contained"),
        ("Patient", "_query=x", "no named queries"),
        ("Patient", "_filter=x", "_filter is not supported"),
        ("Patient", "_type=Patient", "several are searched"),
        ("Patient", "_include=Patient:name", "not a reference"),
        ("Patient", "_include=Patient", "Type:parameter"),
        ("Patient", "_include:sideways=Patient:link", "only modifier is :iterate"),
        ("Patient", "_list=$current-allergies", "functional list"),
        ("Patient", "_has:Observation:patient=x", "_has:Type:reference:parameter"),
        ("Patient", "_has:Obsrvation:patient:code=x", "Did you mean 'Observation'"),
        ("Patient", "_has:Observation:code:code=x", "not a reference"),
        ("Patient", "_has:Observation:device:code=x", "never refers to Patient"),
        ("Observation", "subject:Practitioner=1", "never refers to Practitioner"),
        ("Observation", "subject:Patient=Group/1", "not a reference to Patient"),
        ("Observation", "subject:Practitioner.name=x", "not to 'Practitioner'"),
        ("Observation", "subject.nmae=x", "None of what subject refers to"),
        ("Observation", "code-value-quantity=a", "must have 2"),
        ("Observation", "value-quantity=5|mg", "number|system|code"),
        ("Location", "near=here", "latitude|longitude|distance|unit"),
        ("Location", "near=91|0", "latitude|longitude"),
        ("Patient", "_id=a/b", "no id"),
        ("Patient", "_content=!!", "no word"),
        ("Patient", "name=a\0b", "U+0000"),
        (None, "_type=Pateint", "not a resource type"),
        (None, "name=x", "not a search parameter of every type"),
    ],
)
def test_strict_refuses_with_a_sentence_that_helps(name: str | None, pair: str, message: str) -> None:
    with pytest.raises(FhirError) as error:
        read(name, pair)
    assert error.value.status == 400
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("pair", "named"),
    [
        ("nmae=x", "nmae"), ("_count=-1", "_count"), ("_sort=foo", "foo"), ("_include=Patient:name", "Patient:name"),
        ("_total=all", "_total"), ("_filter=x", "_filter"), ("_contained=both", "_contained"),
    ],
)  # fmt: skip
def test_lenient_leaves_out_and_says_so(pair: str, named: str) -> None:
    search = read("Patient", "gender=male", pair, strict=False)
    assert search.self_params == (("gender", "male"),)
    assert len(search.warnings) == 1
    assert named in search.warnings[0]


@pytest.mark.parametrize("pair", ["birthdate=x", "gender:foo=x", "gender:in=", "_has:Observation:code:code=x", "name="])
def test_what_is_understood_but_wrong_is_refused_either_way(pair: str) -> None:
    with pytest.raises((Invalid, NotSupported)):
        read("Patient", pair, strict=False)


def test_what_was_understood_is_repeated_in_order() -> None:
    search = read("Patient", "name=x", "_count=5000", "_sort=family", "gender=male", "_format=json")
    assert search.self_params == (("name", "x"), ("_count", "1000"), ("_sort", "family"), ("gender", "male"))
    assert search.count == 1000


def test_chains_fan_out_over_the_types_that_have_the_parameter() -> None:
    (wanted,) = read("Observation", "subject.name=x").legs[0].filters
    assert isinstance(wanted, Chain)
    assert [name for name, _ in wanted.targets] == ["Patient", "Location"]


def test_chains_and_reverse_chains_nest() -> None:
    (wanted,) = read("Patient", "_has:Observation:patient:_has:AuditEvent:entity:agent=Practitioner/1").legs[0].filters
    assert isinstance(wanted, Has)
    assert isinstance(wanted.inner, Has)
    assert (wanted.inner.type, wanted.inner.parameter.code) == ("AuditEvent", "entity")
    (deep,) = read("Observation", "subject:Patient.general-practitioner:Practitioner.name:exact=x").legs[0].filters
    assert isinstance(deep, Chain)
    inner = deep.targets[0][1]
    assert isinstance(inner, Chain)
    last = inner.targets[0][1]
    assert isinstance(last, Match)
    assert (last.parameter.base, last.modifier) == ("Practitioner", "exact")


def test_a_chain_without_end_is_refused() -> None:
    with pytest.raises(FhirError, match="more than 10 references"):
        read("Observation", "subject:Patient." + "link:Patient." * 30 + "name=x")


def test_commas_separate_unless_escaped() -> None:
    (wanted,) = read("Patient", r"name=a\,b,c").legs[0].filters
    assert isinstance(wanted, Match)
    assert wanted.values == ("a,b", "c")


def test_types_of_a_system_search() -> None:
    assert [leg.type for leg in read(None, "_type=Patient,Observation").legs] == ["Observation", "Patient"]
    assert len(read(None, "_lastUpdated=gt2020").legs) == 146


def test_counting_needs_no_page() -> None:
    assert read("Patient", "_summary=count").count == 0
    assert read("Patient", "_count=0").count == 0
