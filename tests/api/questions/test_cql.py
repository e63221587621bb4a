"""$cql: one expression, evaluated as it is written."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from api.questions.content import results, ward
from api.support import Api, refused
from bedside.fhir import json
from bedside.fhir.check import check


def ask(api: Api, expression: str, **more: Any) -> Any:
    given = [{"name": "expression", "valueString": expression}]
    for name, value in more.items():
        if isinstance(value, list):
            given += [{"name": name, **each} for each in value]
        elif isinstance(value, dict):
            given.append({"name": name, "resource": value})
        else:
            given.append({"name": name, "valueString": value})
    return api.post("$cql", {"resourceType": "Parameters", "parameter": given})


@pytest.mark.parametrize(
    ("expression", "key", "value"),
    [
        ("40 + 2", "valueInteger", 42),
        ("1.50", "valueDecimal", 1.5),
        ("'a' & 'b'", "valueString", "ab"),
        ("@2024-02-29 + 1 year", "valueDate", "2025-02-28"),
        ("@T10:30", "valueTime", "10:30:00"),
        (
            "5 'mg' + 1 'g'",
            "valueQuantity",
            {"value": 1005, "unit": "mg", "system": "http://unitsofmeasure.org", "code": "mg"},
        ),
        ("Interval[1, 5)", "valueRange", {"low": {"value": 1}, "high": {"value": 4}}),
        ("Interval[@2024-01-01, @2024-01-31]", "valuePeriod", {"start": "2024-01-01", "end": "2024-01-31"}),
        ("true and null", "_valueBoolean", None),
        ("3L", "valueString", "3"),
    ],
)
def test_values(api: Api, expression: str, key: str, value: Any) -> None:
    response = ask(api, expression)
    [one] = results(response)["return"]
    assert check(json.decode_object(response.content)) == []
    if value is None:
        assert one[key]["extension"][0]["valueCode"] == "unknown"
    else:
        assert one[key] == value


def test_lists_repeat_and_tuples_have_parts(api: Api) -> None:
    assert [each["valueInteger"] for each in results(ask(api, "{1, 2, 3}"))["return"]] == [1, 2, 3]
    [one] = results(ask(api, "Tuple { a: 1, b: { 'x', 'y' } }"))["return"]
    assert [(part["name"], part.get("valueInteger", part.get("valueString"))) for part in one["part"]] == [
        ("a", 1),
        ("b", "x"),
        ("b", "y"),
    ]
    [empty] = results(ask(api, "List<Integer>{}"))["return"]
    assert empty["extension"][0]["valueString"] == "List<System.Integer>"


def test_of_a_patient(api: Api) -> None:
    ward(api)
    assert results(ask(api, "Patient.gender.value", subject="Patient/low"))["return"][0]["valueString"] == "male"
    assert results(ask(api, "Count([Observation])", subject="Patient/high"))["return"][0]["valueInteger"] == 2
    assert results(ask(api, "Count([Observation])"))["return"][0]["valueInteger"] == 5
    assert results(ask(api, "First([Encounter] E sort by (period.start) desc).id", subject="high"))["return"][0]


def test_by_get(api: Api) -> None:
    assert results(api.get(f"$cql?expression={quote('1 + 1')}"))["return"][0]["valueInteger"] == 2


def test_libraries_and_parameters(api: Api) -> None:
    ward(api)
    url = {
        "part": [
            {"name": "url", "valueCanonical": "http://example.org/Library/Common"},
            {"name": "name", "valueString": "C"},
        ]
    }
    assert results(ask(api, "C.Diabetic", subject="Patient/high", library=[url]))["return"][0]["valueBoolean"] is True
    given = {
        "resourceType": "Parameters",
        "parameter": [{"name": "a", "valueInteger": 2}, {"name": "b c", "valueDecimal": 0.5}],
    }
    assert results(ask(api, 'a + "b c"', parameters=given))["return"][0]["valueDecimal"] == 2.5
    period = {
        "resourceType": "Parameters",
        "parameter": [{"name": "p", "valuePeriod": {"start": "2024-01-01T00:00:00Z"}}],
    }
    assert results(ask(api, "start of p", parameters=period))["return"][0]["valueDateTime"] == "2024-01-01T00:00:00Z"


def test_the_clock_may_be_given(api: Api) -> None:
    found = results(ask(api, "Now()", timestamp="2024-02-29T10:00:00+02:00"))
    assert found["return"][0]["valueDateTime"] == "2024-02-29T10:00:00.000+02:00"
    assert results(ask(api, "Today()", timestamp="2024-02-29T23:30:00-05:00"))["return"][0]["valueDate"] == "2024-02-29"


def test_errors_are_at_their_place_in_the_expression(api: Api) -> None:
    text = refused(ask(api, "1 +\n  Foo"), 422)
    assert "expression, line 2, column 3" in text
    assert "Foo" in text
    text = refused(ask(api, "Patient.gnder", subject="Patient/x"), 422)
    assert "did you mean gender?" in text
    assert "line 1" in refused(ask(api, "1 +"), 422)
    text = refused(ask(api, "singleton from {1, 2}"), 422, "processing")
    assert "expression, line 1, column" in text


def test_what_is_missing_is_named(api: Api) -> None:
    assert "expression is missing" in refused(api.get("$cql"), 400, "required")
    assert "Patient/none" in refused(ask(api, "1", subject="Patient/none"), 404)
    assert "http://example.org/none" in refused(
        ask(api, "1", library=[{"part": [{"name": "url", "valueCanonical": "http://example.org/none"}]}]), 404
    )


def test_an_expression_is_not_a_library(api: Api) -> None:
    for text in ("1 define Other: 2", '1\ndefine "Other": 2', "1\ncontext Patient", "1 2"):
        assert "expression, line" in refused(ask(api, text), 422, "structure")
