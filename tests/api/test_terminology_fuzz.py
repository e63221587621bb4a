"""Whatever an operation is given, it answers or says what is wrong: no input is our fault."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.support import Api, issues

GENDER = "http://hl7.org/fhir/administrative-gender"
SETS = ["http://hl7.org/fhir/ValueSet/administrative-gender", "http://hl7.org/fhir/ValueSet/ucum-units", "http://loinc.org/vs",
        "http://hl7.org/fhir/ValueSet/condition-code", "http://terminology.hl7.org/ValueSet/v3-ActMood", "", "x|y|z",
        "http://snomed.info/sct?fhir_vs=ecl/%3C%3C", "http://set.example/own"]  # fmt: skip
SYSTEMS = [
    GENDER,
    "http://terminology.hl7.org/CodeSystem/v3-ActCode",
    "http://unitsofmeasure.org",
    "http://loinc.org",
    "",
    "|",
    "#own",
]
CODES = ["male", "AMB", "_ActEncounterCode", "mg/dL", "", " ", "\x00", "ü", "a" * 2000]
PLACES = ["ValueSet/$expand", "ValueSet/$validate-code", "CodeSystem/$lookup", "CodeSystem/$validate-code",
          "CodeSystem/$subsumes", "ConceptMap/$translate", "$closure", "NamingSystem/$preferred-id"]  # fmt: skip
NAMES = ["url", "valueSet", "code", "system", "coding", "codeableConcept", "codeSystem", "conceptMap", "codeA", "codeB", "codingA",
         "filter", "count", "offset", "displayLanguage", "designation", "activeOnly", "excludeNested", "name", "concept", "version",
         "system-version", "property", "reverse", "targetsystem", "source", "dependency", "abstract", "display", "id", "type",
         "context", "date"]  # fmt: skip

TEXTS = st.one_of(
    st.sampled_from([*SETS, *SYSTEMS, *CODES, "true", "0", "-1", "99999999999", "nl,en;q=x"]), st.text(max_size=8)
)
CODING = st.fixed_dictionaries(
    {}, optional={"system": st.sampled_from(SYSTEMS), "code": st.sampled_from(CODES), "version": TEXTS}
)
FILTER = st.fixed_dictionaries(
    {"property": st.sampled_from(["concept", "code", "parent", "status", "nothing"]),
     "op": st.sampled_from(["=", "is-a", "regex", "exists", "in", "generalizes"]),
     "value": st.sampled_from(["male", "true", "(a+)+", "[", "_ActEncounterCode", ","])}
)  # fmt: skip
INCLUDE = st.fixed_dictionaries(
    {},
    optional={
        "system": st.sampled_from(SYSTEMS),
        "concept": st.lists(st.fixed_dictionaries({"code": st.sampled_from(CODES[:4])}), min_size=1, max_size=2),
        "filter": st.lists(FILTER, min_size=1, max_size=2),
        "valueSet": st.lists(st.sampled_from(SETS), min_size=1, max_size=2),
    },
)
RESOURCE = st.one_of(
    st.fixed_dictionaries(
        {"resourceType": st.just("ValueSet"), "status": st.just("active"),
         "compose": st.fixed_dictionaries({"include": st.lists(INCLUDE, min_size=1, max_size=2)})},
        optional={"url": st.sampled_from(SETS)},
    ),
    st.fixed_dictionaries({"resourceType": st.sampled_from(["CodeSystem", "ConceptMap", "Patient", "Nothing"])}),
)  # fmt: skip
PARAMETER = st.one_of(
    st.fixed_dictionaries({"name": st.sampled_from(NAMES), "valueString": TEXTS}),
    st.fixed_dictionaries({"name": st.sampled_from(NAMES), "valueInteger": st.integers(-2, 10)}),
    st.fixed_dictionaries({"name": st.sampled_from(NAMES), "valueBoolean": st.booleans()}),
    st.fixed_dictionaries({"name": st.sampled_from(NAMES), "valueCoding": CODING}),
    st.fixed_dictionaries({"name": st.sampled_from(NAMES), "resource": RESOURCE}),
    st.fixed_dictionaries({"name": st.sampled_from(NAMES), "valueCodeableConcept": st.fixed_dictionaries({"coding": st.lists(CODING, max_size=2)})}),
    st.fixed_dictionaries({"name": st.sampled_from(NAMES), "part": st.lists(st.fixed_dictionaries({"name": st.just("element"), "valueUri": TEXTS}), max_size=2)}),
)  # fmt: skip


def test_nothing_that_comes_in_is_an_error_of_ours(api: Api) -> None:
    answered: set[int] = set()

    @settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
    @given(at=st.sampled_from(PLACES), parameters=st.lists(PARAMETER, max_size=4))
    def check(at: str, parameters: list[dict[str, Any]]) -> None:
        response = api.post(at, {"resourceType": "Parameters", "parameter": parameters}, prefer="handling=lenient")
        answered.add(response.status_code)
        assert response.status_code < 500, response.text
        if response.status_code >= 400:
            assert all(issue["diagnostics"] for issue in issues(response))

    check()
    assert {200, 400} <= answered


def test_nothing_that_is_asked_is_an_error_of_ours(api: Api) -> None:
    @settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
    @given(at=st.sampled_from(PLACES), pairs=st.lists(st.tuples(st.sampled_from(NAMES), TEXTS), max_size=4))
    def check(at: str, pairs: list[tuple[str, str]]) -> None:
        from urllib.parse import urlencode

        query = urlencode([(name, value.encode("utf-8", "replace")) for name, value in pairs])
        response = api.get(f"{at}?{query}", prefer="handling=lenient")
        assert response.status_code < 500, response.text

    check()


@pytest.mark.parametrize("modifier", ["in", "not-in", "above", "below"])
def test_nothing_that_is_searched_is_an_error_of_ours(api: Api, modifier: str) -> None:
    api.create("Observation", status="final", code={"coding": [{"system": GENDER, "code": "male"}]})

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(value=TEXTS)
    def check(value: str) -> None:
        from urllib.parse import quote

        response = api.get(f"Observation?code:{modifier}={quote(value.encode('utf-8', 'replace'))}")
        assert response.status_code < 500, response.text

    check()
