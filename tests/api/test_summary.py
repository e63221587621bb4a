"""Parts of resources: what is left must still be a resource, and must say that it is a part."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from bedside.api.summary import Subset, Summary, check_elements, parse_subset
from bedside.fhir import definitions
from bedside.fhir.check import check
from bedside.fhir.outcome import Invalid
from fhir.strategies import resources

REPORT: dict[str, Any] = {
    "resourceType": "DiagnosticReport",
    "id": "r",
    "meta": {"versionId": "1", "tag": [{"system": "urn:t", "code": "kept"}]},
    "implicitRules": "http://example.org/rules",
    "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">x</div>'},
    "extension": [{"url": "http://example.org/e", "valueBoolean": True}],
    "modifierExtension": [{"url": "http://example.org/m", "valueBoolean": True}],
    "status": "final",
    "code": {"coding": [{"code": "1", "extension": [{"url": "http://x", "valueCode": "y"}]}]},
    "media": [{"comment": "not in a summary", "link": {"reference": "Media/1"}}],
    "presentedForm": [{"contentType": "text/plain", "data": "eA=="}],
    "conclusion": "All is well.",
}


def test_summary_goes_into_every_depth() -> None:
    part = Subset("true").of(REPORT)
    assert "text" not in part
    assert "extension" not in part
    assert "presentedForm" not in part
    assert part["modifierExtension"] == REPORT["modifierExtension"]
    assert part["implicitRules"] == REPORT["implicitRules"]
    assert part["code"] == {"coding": [{"code": "1"}]}
    # comment is no summary element, link is, and it is mandatory too.
    assert part["media"] == [{"link": {"reference": "Media/1"}}]
    assert [tag["code"] for tag in part["meta"]["tag"]] == ["kept", "SUBSETTED"]


def test_text_keeps_what_is_mandatory() -> None:
    part = Subset("text").of(REPORT)
    assert {"text", "status", "code", "id", "meta"} <= part.keys()
    assert "conclusion" not in part


def test_data_leaves_only_the_text_out() -> None:
    assert REPORT.keys() - Subset("data").of(REPORT).keys() == {"text"}


def test_elements() -> None:
    part = Subset(elements=("conclusion", "Patient.name")).of(REPORT)
    assert part.keys() == {
        *("resourceType", "id", "meta", "implicitRules", "modifierExtension", "status", "code", "conclusion")
    }


def test_choices_and_primitive_extensions_go_with_their_element() -> None:
    observation = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "x"},
        "valueString": "v",
        "_valueString": {"extension": [{"url": "http://x", "valueCode": "y"}]},
        "effectiveDateTime": "2024",
    }
    for name in ("value", "value[x]", "valueString", "Observation.value"):
        part = Subset(elements=(name,)).of(observation)
        assert part["valueString"] == "v"
        assert part["_valueString"] == observation["_valueString"]
        assert "effectiveDateTime" not in part


def test_a_missing_value_keeps_its_reason() -> None:
    url = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
    absent = {"extension": [{"url": url, "valueCode": "unknown"}]}
    patient = {"resourceType": "Patient", "_birthDate": absent, "gender": "male", "_gender": absent}
    part = Subset("true").of(patient)
    assert part["_birthDate"] == absent
    assert "_gender" not in part


def test_the_whole_is_the_same_object() -> None:
    assert Subset().of(REPORT) is REPORT
    assert Subset().encoded(b"{}") == b"{}"


@pytest.mark.parametrize("summary", ["true", "text", "data"])
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(resource=resources())
def test_a_part_of_a_valid_resource_is_valid(summary: Summary, resource: dict[str, Any]) -> None:
    before = [issue for issue in check(resource) if issue.severity == "error"]
    part = Subset(summary).of(resource)
    assert before or check(part) == []
    assert part["meta"]["tag"][-1]["code"] == "SUBSETTED"


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(resource=resources())
def test_any_elements_of_a_valid_resource_are_valid(resource: dict[str, Any]) -> None:
    before = [issue for issue in check(resource) if issue.severity == "error"]
    names = tuple(key for key in resource if not key.startswith("_"))[::2]
    assert before or check(Subset(elements=names).of(resource)) == []


def test_every_type_has_a_summary() -> None:
    for name in definitions.resource_types():
        assert Subset("true").of({"resourceType": name, "id": "1"})["id"] == "1"


@pytest.mark.parametrize(
    ("summary", "elements", "expected"),
    [
        (None, None, Subset()),
        ("false", None, Subset()),
        ("true", None, Subset("true")),
        (None, " name , birthDate,", Subset("false", ("name", "birthDate"))),
        ("false", "name", Subset("false", ("name",))),
        ("", "", None),
        ("count", None, None),
        ("data", "name", None),
    ],
)
def test_parameters(summary: str | None, elements: str | None, expected: Subset | None) -> None:
    if expected is None:
        with pytest.raises(Invalid):
            parse_subset(summary, elements)
    else:
        assert parse_subset(summary, elements) == expected


def test_elements_that_a_type_does_not_have() -> None:
    check_elements("Patient", ["name", "deceased", "deceasedBoolean", "deceased[x]", "Observation.value"])
    with pytest.raises(Invalid, match=r"Did you mean birthDate\?"):
        check_elements("Patient", ["birthdate"])
    with pytest.raises(Invalid):
        check_elements("Patient", ["Patient.value"])
