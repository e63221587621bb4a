"""R4's own terminology out of the box: its code systems, value sets and the systems that are grammars."""

from __future__ import annotations

import pytest

from bedside.fhir import definitions
from bedside.fhir.definitions import codes
from bedside.terms import implicit, r4
from bedside.terms.compose import Composer
from bedside.terms.grammars import built_in
from bedside.terms.members import DOUBT
from bedside.terms.sets import listed

SOURCE = r4.R4Source()


def test_all_definitions_are_there() -> None:
    assert len(r4.urls("CodeSystem")) == 1062
    assert len(r4.urls("ValueSet")) == 1315  # one is made of a contained system that nobody else can mean
    assert len(r4.urls("ConceptMap")) == 80


def test_every_required_binding_has_the_codes_that_writes_are_checked_against() -> None:
    """Two compilers read the definitions: one for the structural check, one for terminology."""
    urls = {
        element.binding.value_set
        for name in definitions.type_names()
        for element in definitions.type_definition(name).elements.values()
        if element.binding is not None and element.binding.strength == "required"
    }
    compared = 0
    for url in urls:
        known = codes(url)
        if known is not None:
            members = listed(Composer(SOURCE).by_url(url)[1])
            assert {(e.system, e.code) for e in members.members()} == {
                (s, c) for s, group in known.items() for c in group
            }
            compared += 1
    assert compared > 100


def test_every_value_set_can_be_read() -> None:
    for url in r4.urls("ValueSet"):
        _, rule = Composer(SOURCE).by_url(url)
        for system in rule.systems():
            try:
                assert rule.find(system, "no code of anybody") is None or system == "urn:ietf:rfc:3986"
            except DOUBT:
                continue


def test_hierarchies() -> None:
    act = SOURCE.code_system("http://terminology.hl7.org/CodeSystem/v3-ActCode")
    assert act is not None
    assert act.subsumes("_ActEncounterCode", "AMB") is True
    assert act.subsumes("AMB", "_ActEncounterCode") is False
    assert act.subsumes("AMB", "nothing") is None
    [amb] = [concept for concept in act if concept.code == "AMB"]
    assert amb.parents == ("_ActEncounterCode",)


def test_nothing_is_said_of_what_licences_keep_from_us() -> None:
    snomed = SOURCE.code_system("http://snomed.info/sct")
    assert snomed is not None
    assert snomed.content == "not-present"
    assert len(snomed) == 0
    for raw in (r4.definition("ValueSet", url) for url in r4.urls("ValueSet")):
        for include in (raw or {})["compose"]["include"]:
            if include.get("system") in ("http://snomed.info/sct", "http://loinc.org"):
                assert all(concept.keys() == {"code"} for concept in include.get("concept", ()))


@pytest.mark.parametrize(
    ("system", "good", "bad"),
    [
        ("http://unitsofmeasure.org", ["mg/dL", "{score}", "10*3/uL"], ["mgg", ""]),
        ("urn:ietf:bcp:47", ["nl", "nl-BE", "zh-Hant-TW", "sl-rozaj", "x-own", "de-CH-1996"], ["", "n", "nl_NL", "nl-", "toolonglanguage"]),
        ("urn:ietf:bcp:13", ["application/fhir+json", "text/plain; charset=utf-8", "image/png"], ["png", "text", "a b/c"]),
        ("urn:iso:std:iso:3166", ["NL", "NLD", "528", "GB"], ["XX", "nl", "UK"]),
        ("urn:iso:std:iso:4217", ["EUR", "USD", "XXX"], ["eur", "EURO"]),
        ("https://www.iana.org/time-zones", ["Europe/Amsterdam"], ["Europe/Utrecht"]),
        ("urn:ietf:rfc:3986", ["http://x.example", "urn:oid:1.2"], ["no uri"]),
    ],
)  # fmt: skip
def test_grammars_and_registers(system: str, good: list[str], bad: list[str]) -> None:
    found = built_in(system)
    assert found is not None
    assert [code for code in good if found.find(code) is None] == []
    assert [code for code in bad if found.find(code) is not None] == []


def test_countries_by_the_form_of_their_code() -> None:
    found = listed(Composer(SOURCE).by_url("http://hl7.org/fhir/ValueSet/iso3166-1-3")[1])
    assert len(found) == 249
    assert ("urn:iso:std:iso:3166", "NLD") in found
    assert ("urn:iso:std:iso:3166", "NL") not in found


@pytest.mark.parametrize(
    ("url", "include"),
    [
        ("http://snomed.info/sct?fhir_vs", {"system": "http://snomed.info/sct"}),
        ("http://snomed.info/sct?fhir_vs=isa/73211009", {"property": "concept", "op": "is-a", "value": "73211009"}),
        ("http://snomed.info/sct?fhir_vs=refset/447562003", {"property": "concept", "op": "in", "value": "447562003"}),
        ("http://snomed.info/sct?fhir_vs=ecl/%3C%3C%2073211009", {"property": "constraint", "op": "=", "value": "<< 73211009"}),
        ("http://loinc.org/vs", {"system": "http://loinc.org"}),
        ("http://loinc.org/vs/LL715-4", {"property": "LIST", "op": "=", "value": "LL715-4"}),
        ("http://unitsofmeasure.org/vs/m", {"property": "canonical", "op": "=", "value": "m"}),
    ],
)  # fmt: skip
def test_implicit_value_sets(url: str, include: dict[str, str]) -> None:
    found = implicit.definition(url)
    assert found is not None
    [own] = found["compose"]["include"]
    assert own.get("filter", [own])[0] == include
    assert found["url"] == url


def test_implicit_value_sets_of_an_edition() -> None:
    found = implicit.definition("http://snomed.info/sct/731000124108/version/20230901?fhir_vs=isa/1")
    assert found is not None
    assert found["compose"]["include"][0]["version"] == "http://snomed.info/sct/731000124108/version/20230901"
    assert implicit.definition("http://snomed.info/sct?fhir_vs=what/1") is None
    assert implicit.definition("http://example.org/vs") is None


def test_the_value_set_of_a_code_system() -> None:
    assert (
        r4.system_of_value_set("http://hl7.org/fhir/ValueSet/administrative-gender")
        == "http://hl7.org/fhir/administrative-gender"
    )
    assert r4.system_of_value_set("http://nowhere.example") is None
