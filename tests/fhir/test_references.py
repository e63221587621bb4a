"""Every Reference is found, with its place; rewriting changes what a transaction must change and nothing else."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bedside.fhir import json
from bedside.fhir.check import check
from bedside.fhir.definitions import is_primitive_type, type_definition
from bedside.fhir.references import Kind, locate, reference_type, references, rewrite

from . import synthea
from .strategies import resources

Json = dict[str, Any]
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def naive(value: Json, type_name: str) -> Iterator[tuple[str, Json, str]]:
    """(property type, holder, property) of all properties, by plain recursion over the definitions."""
    for key, item in value.items():
        if key == "resourceType":
            continue
        element, inner = type_definition(type_name).properties[key.removeprefix("_")]
        inner = "Element" if key.startswith("_") else inner
        yield inner, value, key
        if is_primitive_type(inner) or (inner == "Resource" and element.name != "contained"):
            continue
        for one in item if isinstance(item, list) else [item]:
            if one is not None:
                yield from naive(one, one["resourceType"] if inner == "Resource" else inner)


def naive_references(resource: Json) -> list[Json]:
    found = []
    for inner, holder, key in naive(resource, resource["resourceType"]):
        if inner == "Reference":
            found += holder[key] if isinstance(holder[key], list) else [holder[key]]
    return found


@given(resources())
@settings(max_examples=300, suppress_health_check=SLOW, deadline=None)
def test_all_are_found_in_order_with_their_places(resource: Json) -> None:
    found = references(resource)
    assert [id(link.value) for link in found] == [id(value) for value in naive_references(resource)]
    for link in found:
        assert link.text == link.value.get("reference")
        broken = copy.deepcopy(resource)
        twin = references(broken)[found.index(link)]
        twin.value.clear()  # an empty object: the check says where
        assert twin.path in {issue.path for issue in check(broken)}


@given(resources())
@settings(max_examples=200, suppress_health_check=SLOW, deadline=None)
def test_rewriting_offers_exactly_the_links_and_changes_only_them(resource: Json) -> None:
    offered: list[tuple[str, Kind]] = []

    def leave(text: str, kind: Kind) -> None:
        offered.append((text, kind))

    before = json.encode(resource)
    rewrite(resource, leave)
    assert json.encode(resource) == before
    expected: list[tuple[str, Kind]] = []
    for inner, holder, key in naive(resource, resource["resourceType"]):
        items = holder[key] if isinstance(holder[key], list) else [holder[key]]
        if inner == "Reference":
            expected += [(one["reference"], "reference") for one in items if "reference" in one]
        elif inner in ("uri", "url", "oid", "uuid"):
            expected += [(one, "uri") for one in items if one is not None]
    assert sorted(offered) == sorted(expected)

    rewrite(resource, lambda text, kind: f"urn:changed:{kind}")
    after: list[tuple[str, Kind]] = []
    rewrite(resource, lambda text, kind: after.append((text, kind)))
    assert after == [(f"urn:changed:{kind}", kind) for _, kind in offered]


RICH: Json = {
    "resourceType": "Patient",
    "text": {
        "status": "generated",
        "div": '<div><a class="x" href="urn:uuid:1">a</a> <img src=\'urn:uuid:2\'/> <b>urn:uuid:1</b> <a href="u?a=1&amp;b=2">c</a></div>',
    },
    "contained": [
        {"resourceType": "Observation", "status": "final", "code": {"text": "x"}, "performer": [{"reference": "urn:uuid:1"}]}
    ],
    "extension": [
        {"url": "urn:uuid:1", "extension": [{"url": "a", "valueReference": {"reference": "urn:uuid:2"}}]},
        {"url": "b", "valueCanonical": "urn:uuid:1"},
    ],
    "_birthDate": {"extension": [{"url": "c", "valueReference": {"reference": "Device/1"}}]},
    "name": [
        {
            "given": ["A", "B"],
            "_given": [None, {"extension": [{"url": "d", "valueReference": {"reference": "urn:uuid:3"}}]}],
        }
    ],
    "identifier": [{"system": "urn:uuid:1", "value": "urn:uuid:1", "assigner": {"reference": "Organization?name=x"}}],
    "generalPractitioner": [{"display": "no reference"}, {"reference": "urn:uuid:1", "identifier": {"assigner": {"reference": "Organization/9"}}}],
    "link": [{"other": {"reference": "Patient/2"}, "type": "seealso"}],
}  # fmt: skip


def test_places() -> None:
    assert check(RICH) == []
    assert [(link.path, link.text) for link in references(RICH)] == [
        ("Patient.contained[0].performer[0]", "urn:uuid:1"),
        ("Patient.extension[0].extension[0].value.ofType(Reference)", "urn:uuid:2"),
        ("Patient.birthDate.extension[0].value.ofType(Reference)", "Device/1"),
        ("Patient.name[0].given[1].extension[0].value.ofType(Reference)", "urn:uuid:3"),
        ("Patient.identifier[0].assigner", "Organization?name=x"),
        ("Patient.generalPractitioner[0]", None),
        ("Patient.generalPractitioner[1]", "urn:uuid:1"),
        ("Patient.generalPractitioner[1].identifier.assigner", "Organization/9"),
        ("Patient.link[0].other", "Patient/2"),
    ]
    assert references(RICH)[-1].element.targets == ("Patient", "RelatedPerson")


def test_a_transaction_rewrites_references_uris_and_narrative_but_no_canonicals_or_text() -> None:
    resource = copy.deepcopy(RICH)
    new = {"urn:uuid:1": "Practitioner/11", "urn:uuid:2": "Device/22", "u?a=1&b=2": "v?a=1&b=2"}
    rewrite(resource, lambda text, kind: new.get(text))
    assert resource["text"]["div"] == (
        '<div><a class="x" href="Practitioner/11">a</a> <img src=\'Device/22\'/> <b>urn:uuid:1</b>'
        ' <a href="v?a=1&amp;b=2">c</a></div>'
    )
    assert resource["contained"][0]["performer"][0]["reference"] == "Practitioner/11"
    assert resource["extension"][0]["url"] == "Practitioner/11"
    assert resource["extension"][0]["extension"][0]["valueReference"]["reference"] == "Device/22"
    assert resource["extension"][1]["valueCanonical"] == "urn:uuid:1"
    assert resource["identifier"][0]["system"] == "Practitioner/11"
    assert resource["identifier"][0]["value"] == "urn:uuid:1"
    assert resource["name"][0]["_given"][1]["extension"][0]["valueReference"]["reference"] == "urn:uuid:3"


def test_entries_of_a_bundle_keep_their_references_to_themselves() -> None:
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": RICH}]}
    assert references(bundle) == []
    parameters = {"resourceType": "Parameters", "parameter": [{"name": "a", "resource": RICH}]}
    assert references(parameters) == []


MALFORMED = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["Patient/1", "x", "<a href='x'>"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "reference",
                    "subject",
                    "extension",
                    "valueReference",
                    "contained",
                    "_status",
                    "text",
                    "div",
                    "performer",
                    "component",
                    "resourceType",
                    "identifier",
                    "implicitRules",
                    "instantiatesUri",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(
    st.sampled_from(["Observation", "CarePlan", "Bundle"]), st.dictionaries(st.text(max_size=3), MALFORMED) | MALFORMED
)
def test_malformed_resources_are_passed_over(name: str, content: Any) -> None:
    resource = {**content, "resourceType": name} if isinstance(content, dict) else content
    if isinstance(resource, dict):
        for link in references(resource):
            assert link.path
    rewrite(resource, lambda text, kind: None)


def test_locate() -> None:
    contact = {"name": {"family": "x"}}
    resource = {"resourceType": "Patient", "contact": [{"gender": "male"}, contact]}
    assert locate(resource, contact) == "Patient.contact[1]"
    assert locate(resource, contact["name"]) == "Patient.contact[1].name"
    assert locate(resource, {"name": {"family": "x"}}) is None
    assert locate(resource, resource) == "Patient"
    assert locate({"resourceType": "No"}, contact) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Patient/1", "Patient"),
        ("Patient/1/_history/2", "Patient"),
        ("Practitioner?identifier=a|b", "Practitioner"),
        ("http://h.example/fhir/Patient/1", "Patient"),
        ("http://h.example/fhir/Patient/1/_history/2", "Patient"),
        ("http://h.example/other/thing", None),
        ("urn:uuid:3f0e4a8a-3c1b-4d0b-9a55-0c7e5d1f2b6a", None),
        ("#x", None),
    ],
)
def test_the_type_that_a_reference_names(text: str, name: str | None) -> None:
    assert reference_type(text) == name


@pytest.mark.parametrize(
    "text", ["x", "Foo/1", "Patient", "Patient/", "Patient/a b", "/Patient/1", "Patient/1/x", "urn: x", ""]
)
def test_what_is_no_reference(text: str) -> None:
    with pytest.raises(ValueError):
        reference_type(text)


def test_realistic_resources() -> None:
    for resource in synthea.resources(patients=4):
        assert [id(link.value) for link in references(resource)] == [id(v) for v in naive_references(resource)]
