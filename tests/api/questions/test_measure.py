"""Measure/$evaluate-measure and Measure/$evaluate over a small ward of our own."""

from __future__ import annotations

from typing import Any

import pytest

from api.questions.content import (
    CQFM,
    GLUCOSE,
    PERIOD,
    counts,
    criteria,
    measure,
    patient,
    population,
    put_all,
    ward,
)
from api.support import Api, refused
from bedside.fhir import json
from bedside.fhir.check import check
from bedside.questions.measure.report import CRITERIA_REFERENCE, SUPPLEMENT_REFERENCE


def report(api: Api, query: str = "", **more: Any) -> dict[str, Any]:
    """The MeasureReport of a request, checked to be valid R4."""
    response = (
        api.post(f"Measure/glucose/$evaluate-measure?{PERIOD}{query}", more["body"])
        if more
        else api.get(f"Measure/glucose/$evaluate-measure?{PERIOD}{query}")
    )
    assert response.status_code == 200, response.text
    found: dict[str, Any] = json.decode_object(response.content)
    assert check(found) == [], check(found)
    return found


@pytest.fixture
def glucose(api: Api) -> Api:
    ward(api)
    put_all(api, measure("proportion", GLUCOSE))
    return api


def test_one_patient(glucose: Api) -> None:
    found = report(glucose, "&subject=Patient/high")
    assert (found["type"], found["subject"], found["status"]) == (
        "individual",
        {"reference": "Patient/high"},
        "complete",
    )
    assert found["measure"] == "http://example.org/Measure/glucose|2"
    assert found["period"] == {"start": "2025-01-01", "end": "2025-12-31"}
    [group] = found["group"]
    assert group["id"] == "all"
    assert counts(group) == {"initial-population": 1, "denominator": 1, "denominator-exclusion": 0, "numerator": 1}
    assert str(group["measureScore"]["value"]) == "1.0"
    evaluated = {
        each["reference"]: [e["valueString"] for e in each["extension"]] for each in found["evaluatedResource"]
    }
    assert "Condition/high-dm" in evaluated
    assert "numerator" in evaluated["Observation/high-a1c-1"]
    assert all(e["url"] == CRITERIA_REFERENCE for each in found["evaluatedResource"] for e in each["extension"])


@pytest.mark.parametrize(
    ("who", "expected"),
    [("low", (1, 1, 0, 0)), ("dead", (1, 1, 1, 0)), ("well", (1, 0, 0, 0))],
)
def test_the_others(glucose: Api, who: str, expected: tuple[int, ...]) -> None:
    assert tuple(counts(report(glucose, f"&subject=Patient/{who}")["group"][0]).values()) == expected


def test_a_period_without_stays(glucose: Api) -> None:
    response = glucose.get(
        "Measure/glucose/$evaluate-measure?periodStart=2024-01-01&periodEnd=2024-12-31&subject=Patient/high"
    )
    [group] = response.json()["group"]
    assert set(counts(group).values()) == {0}
    assert "measureScore" not in group


def test_everybody(glucose: Api) -> None:
    found = report(glucose)
    assert found["type"] == "summary"
    assert "subject" not in found
    [group] = found["group"]
    assert counts(group) == {"initial-population": 4, "denominator": 3, "denominator-exclusion": 1, "numerator": 1}
    assert str(group["measureScore"]["value"]) == "0.5"
    assert report(glucose, "&reportType=population")["group"] == found["group"]


def test_who_they_are(glucose: Api) -> None:
    found = report(glucose, "&reportType=subject-list")
    assert found["type"] == "subject-list"
    lists = {each["id"]: [entry["item"]["reference"] for entry in each["entry"]] for each in found["contained"]}
    by_code = {
        each["code"]["coding"][0]["code"]: lists[each["subjectResults"]["reference"][1:]]
        for each in found["group"][0]["population"]
    }
    assert by_code["numerator"] == ["Patient/high"]
    assert sorted(by_code["denominator"]) == ["Patient/dead", "Patient/high", "Patient/low"]


def test_a_group_and_a_practitioner(glucose: Api) -> None:
    put_all(
        glucose,
        {"resourceType": "Practitioner", "id": "doc"},
        {
            "resourceType": "Group",
            "id": "two",
            "type": "person",
            "actual": True,
            "member": [{"entity": {"reference": "Patient/high"}}, {"entity": {"reference": "Patient/well"}}],
        },
        *patient("low", diabetic=True, generalPractitioner=[{"reference": "Practitioner/doc"}])[:1],
    )
    found = report(glucose, "&subject=Group/two")
    assert (found["type"], found["subject"]) == ("summary", {"reference": "Group/two"})
    assert counts(found["group"][0])["initial-population"] == 2
    found = report(glucose, "&practitioner=Practitioner/doc")
    assert counts(found["group"][0])["initial-population"] == 1
    assert found["reporter"] == {"reference": "Practitioner/doc"}


def test_data_of_the_request(glucose: Api) -> None:
    new = patient("new", diabetic=True, results=["12"], stays=[("2025-03-01T08:00:00Z", "2025-03-01T12:00:00Z")])
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": each} for each in new]}
    body = {"resourceType": "Parameters", "parameter": [{"name": "additionalData", "resource": bundle}]}
    found = report(glucose, "&subject=Patient/new", body=body)
    assert counts(found["group"][0])["numerator"] == 1


def test_last_received_on_leaves_out_older_evidence(glucose: Api) -> None:
    assert "evaluatedResource" in report(glucose, "&subject=Patient/high&lastReceivedOn=2020-01-01")
    assert "evaluatedResource" not in report(glucose, "&subject=Patient/high&lastReceivedOn=2100-01-01")


def test_zones_of_the_period(glucose: Api) -> None:
    stay = ("2025-12-31T23:30:00Z", "2025-12-31T23:45:00Z")
    put_all(glucose, *patient("late", diabetic=True, stays=[stay]))

    def stays(start: str, end: str) -> int:
        path = f"Measure/glucose/$evaluate-measure?periodStart={start}&periodEnd={end}&subject=Patient/late"
        return counts(glucose.get(path).json()["group"][0])["initial-population"]

    assert stays("2025-01-01T00:00:00Z", "2025-12-31T23:59:59Z") == 1
    assert stays("2025-01-01T00:00:00%2B01:00", "2025-12-31T23:59:59%2B01:00") == 0
    assert stays("2025", "2025-12-31T23:59:59Z") == 1


def test_numerator_parameter(glucose: Api) -> None:
    given = {"resourceType": "Parameters", "parameter": [{"name": "Limit", "valueDecimal": 9.9}]}
    body = {"resourceType": "Parameters", "parameter": [{"name": "parameters", "resource": given}]}
    assert counts(report(glucose, "&subject=Patient/high", body=body)["group"][0])["numerator"] == 0


def test_episodes(api: Api) -> None:
    ward(api)
    put_all(
        api,
        measure(
            "proportion",
            [
                population("initial-population", "Stays"),
                population("denominator", "Stays"),
                population("numerator", "Long Stays"),
            ],
            basis="Encounter",
            stratifier=[{"id": "class", **criteria("Class")}],
        ),
    )
    found = report(api, "&subject=Patient/high")
    assert counts(found["group"][0]) == {"initial-population": 2, "denominator": 2, "numerator": 1}
    found = report(api, "&reportType=subject-list")
    [group] = found["group"]
    assert counts(group) == {"initial-population": 5, "denominator": 5, "numerator": 2}
    strata = {each["value"]["text"]: counts(each) for each in group["stratifier"][0]["stratum"]}
    assert strata == {
        "AMB": {"initial-population": 4, "denominator": 4, "numerator": 1},
        "IMP": {"initial-population": 1, "denominator": 1, "numerator": 1},
    }
    lists = {each["id"]: [entry["item"]["reference"] for entry in each["entry"]] for each in found["contained"]}
    assert sorted(lists["subjects-3"]) == ["Encounter/dead-stay-0", "Encounter/high-stay-1"]


def test_continuous_variable_and_ratio_and_cohort(api: Api) -> None:
    ward(api)
    stays = [population("initial-population", "Stays"), population("measure-population", "Stays")]
    observed = population("measure-observation", "Length", aggregateMethod="median")
    put_all(api, measure("continuous-variable", [*stays, observed], basis="Encounter"))
    [group] = report(api)["group"]
    assert counts(group) == {"initial-population": 5, "measure-population": 5}
    assert str(group["measureScore"]["value"]) == "0.0"  # 0, 0, 0, 7 and 7 days
    put_all(
        api,
        measure(
            "continuous-variable",
            [*stays, {**observed, **population("measure-observation", "Length", aggregateMethod="average")}],
            basis="Encounter",
        ),
    )
    assert str(report(api)["group"][0]["measureScore"]["value"]) == "2.8"
    ratio = [
        population("initial-population", "Stays"),
        population("denominator", "Stays", "d"),
        population("numerator", "Long Stays", "n"),
        population("measure-observation", "Length", "do", aggregateMethod="count", criteriaReference="d"),
        population("measure-observation", "Length", "no", aggregateMethod="sum", criteriaReference="n"),
    ]
    put_all(api, measure("ratio", ratio, basis="Encounter"))
    assert str(report(api)["group"][0]["measureScore"]["value"]) == "2.8"
    put_all(api, measure("cohort", [population("initial-population", "Adult")]))
    [group] = report(api)["group"]
    assert counts(group) == {"initial-population": 4}
    assert "measureScore" not in group


def test_supplemental_data_and_strata(api: Api) -> None:
    ward(api)
    supplement = {"id": "sde-sex", "usage": [{"coding": [{"code": "supplemental-data"}]}], **criteria("Sex")}
    stays = {"id": "sde-stays", "usage": [{"coding": [{"code": "risk-adjustment-factor"}]}], **criteria("Stays")}
    one = measure("proportion", GLUCOSE, stratifier=[{"id": "sex", "code": {"text": "Sex"}, **criteria("Sex")}])
    put_all(api, {**one, "supplementalData": [supplement, stays]})
    found = report(api, "&subject=Patient/high")
    references = [each["valueReference"] for each in found["extension"] if each["url"] == SUPPLEMENT_REFERENCE]
    assert [(each["reference"], each["extension"][0]["valueString"]) for each in references] == [
        ("#sde-sex-1", "sde-sex"),
        ("Encounter/high-stay-0", "sde-stays"),
        ("Encounter/high-stay-1", "sde-stays"),
    ]
    assert found["contained"][0]["valueString"] == "female"
    found = report(api)
    values = {
        each["code"]["text"]: each["valueInteger"] for each in found["contained"] if each["id"].startswith("sde-sex")
    }
    assert values == {"female": 3, "male": 1}
    strata = {
        each["value"]["text"]: counts(each)["denominator"] for each in found["group"][0]["stratifier"][0]["stratum"]
    }
    assert strata == {"female": 2, "male": 1}


def test_many_at_once(glucose: Api) -> None:
    """Threads share what is compiled and cached, and nothing else."""
    paths = [
        f"Measure/glucose/$evaluate-measure?{PERIOD}&subject=Patient/{who}" for who in ("high", "low", "dead", "well")
    ]
    alone = [counts(glucose.get(path).json()["group"][0]) for path in paths]
    assert len({tuple(each.values()) for each in alone}) == 4
    responses = glucose.together(*[("GET", path, None) for _ in range(10) for path in paths])
    assert [counts(each.json()["group"][0]) for each in responses] == alone * 10


def test_the_parameters_of_deqm(glucose: Api) -> None:
    url = "http://example.org/Measure/glucose"
    response = glucose.get(f"Measure/$evaluate?measureUrl={url}&{PERIOD}&subject=Patient/high")
    assert response.status_code == 200, response.text
    assert check(json.decode_object(response.content)) == []
    [one] = response.json()["parameter"]
    entries = [entry["resource"] for entry in one["resource"]["entry"]]
    assert (entries[0]["resourceType"], entries[0]["type"]) == ("MeasureReport", "individual")
    assert {"Observation", "Condition"} <= {each["resourceType"] for each in entries[1:]}
    response = glucose.get(
        f"Measure/$evaluate?measureUrl={url}|2&{PERIOD}&subject=Patient/high&excludeEvaluatedResources=true"
    )
    assert len(response.json()["parameter"][0]["resource"]["entry"]) == 1
    response = glucose.get(
        f"Measure/$evaluate?measureUrl={url}&{PERIOD}&reportType=individual&excludeEvaluatedResources=true"
    )
    assert len(response.json()["parameter"]) == 4
    response = glucose.get(f"Measure/$evaluate?measureUrl={url}&{PERIOD}")
    assert response.json()["parameter"][0]["resource"]["entry"][0]["resource"]["type"] == "summary"
    group = {
        "resourceType": "Group",
        "type": "person",
        "actual": True,
        "member": [{"entity": {"reference": "Patient/high"}}],
    }
    body = {"resourceType": "Parameters", "parameter": [{"name": "subjectGroup", "resource": group}]}
    response = glucose.post(f"Measure/$evaluate?measureUrl={url}&{PERIOD}", body)
    found = response.json()["parameter"][0]["resource"]["entry"][0]["resource"]
    assert counts(found["group"][0])["initial-population"] == 1
    assert "manifest is not supported" in refused(
        glucose.get(f"Measure/$evaluate?measureUrl={url}&{PERIOD}&manifest=x"), 400
    )


def test_by_canonical_url_or_id(glucose: Api) -> None:
    for named in (
        "http://example.org/Measure/glucose",
        "http://example.org/Measure/glucose|2",
        "glucose",
        "Measure/glucose",
    ):
        assert (
            glucose.get(f"Measure/$evaluate-measure?measure={named}&{PERIOD}&subject=Patient/high").status_code == 200
        )
    assert "|3" in refused(
        glucose.get(f"Measure/$evaluate-measure?measure=http://example.org/Measure/glucose|3&{PERIOD}"), 404
    )


@pytest.mark.parametrize(
    ("query", "status", "says"),
    [
        ("periodEnd=2025-12-31", 400, "periodStart is missing"),
        ("periodStart=2025-13&periodEnd=2025-12-31", 400, "periodStart"),
        ("periodStart=2026-01-01&periodEnd=2025-12-31", 400, "ends before it starts"),
        (f"{PERIOD}&subject=Patient/nobody", 404, "There is no Patient/nobody"),
        (f"{PERIOD}&subject=Device/1", 400, "not about a Device"),
        (f"{PERIOD}&reportType=subject", 400, "needs the parameter subject"),
        (f"{PERIOD}&reportType=all", 400, "subject, subject-list or population"),
        (f"{PERIOD}&subjects=Patient/1", 400, "Did you mean subject?"),
        (f"{PERIOD}&practitioner=none", 400, "Practitioner/none"),
    ],
)
def test_what_cannot_be_asked(glucose: Api, query: str, status: int, says: str) -> None:
    assert says in refused(glucose.get(f"Measure/glucose/$evaluate-measure?{query}"), status)


def test_a_wrong_measure_is_told_by_name(api: Api) -> None:
    ward(api)

    def told(one: dict[str, Any]) -> str:
        put_all(api, one)
        return refused(api.get(f"Measure/glucose/$evaluate-measure?{PERIOD}"), 422)

    assert "Did you mean 'Numerator'?" in told(
        measure("proportion", [*GLUCOSE[:3], population("numerator", "Numeratr")])
    )
    assert "it must be true or false" in told(measure("proportion", [*GLUCOSE[:3], population("numerator", "Stays")]))
    assert "it must be a list" in told(
        measure("proportion", [*GLUCOSE[:2], population("numerator", "Numerator")], basis="Encounter")
    )
    assert "needs a population numerator" in told(measure("proportion", GLUCOSE[:3]))
    assert "measures are scored as" in told(measure("composite", GLUCOSE))
    assert "how it is aggregated" in told(
        measure(
            "continuous-variable",
            [
                population("initial-population", "Stays"),
                population("measure-population", "Stays"),
                population("measure-observation", "Length"),
            ],
            basis="Encounter",
        )
    )
    one = measure("proportion", GLUCOSE)
    assert "There is no Library with the canonical URL http://example.org/Library/None" in _missing_library(api, one)
    one["group"][0]["population"][0]["criteria"]["language"] = "text/fhirpath"
    assert "text/fhirpath" in told(one)
    one = measure(
        "proportion", [population("initial-population", "Initial Population"), population("denominatr", "Denominator")]
    )
    assert "Did you mean denominator?" in told(one)


def _missing_library(api: Api, one: dict[str, Any]) -> str:
    put_all(api, {**one, "library": ["http://example.org/Library/None"]})
    return refused(api.get(f"Measure/glucose/$evaluate-measure?{PERIOD}"), 404)


def test_improvement_notation(api: Api) -> None:
    ward(api)
    notation = {
        "coding": [{"system": "http://terminology.hl7.org/CodeSystem/measure-improvement-notation", "code": "decrease"}]
    }
    one = measure("proportion", GLUCOSE)
    one["group"][0]["extension"].append({"url": f"{CQFM}improvementNotation", "valueCodeableConcept": notation})
    put_all(api, one)
    assert report(api)["improvementNotation"] == notation
