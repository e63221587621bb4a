"""Populations, scores and tallies of measures, with answers that are given instead of computed."""

from __future__ import annotations

import random
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pytest

from bedside.fhir.check import check
from bedside.fhir.outcome import Unprocessable
from bedside.questions.cql.values import Code
from bedside.questions.data import DataNode
from bedside.questions.measure.definition import CQFM, METHODS, SCORINGS, read
from bedside.questions.measure.membership import evaluate
from bedside.questions.measure.report import About, individual, summary
from bedside.questions.measure.score import Observed
from bedside.questions.measure.tally import Tally
from bedside.questions.model import FHIR

POPULATION = "http://terminology.hl7.org/CodeSystem/measure-population"
ABOUT = About({"start": "2025-01-01", "end": "2025-12-31"}, "2026-01-01T00:00:00Z")


class Given:
    """Answers by name."""

    def __init__(self, **values: Any) -> None:
        self._values = {name.replace("_", " "): value for name, value in values.items()}
        self.asked: list[str] = []

    def evaluate(self, name: str) -> Any:
        self.asked.append(name)
        return self._values[name]

    def call(self, name: str, arguments: list[Any]) -> Any:
        return self._values[name](*arguments)

    def evidence(self, name: str) -> Iterable[dict[str, Any]]:
        return [{"resourceType": "Observation", "id": name.replace(" ", "-")}] if self._values[name] else []

    def takes(self, name: str) -> int | None:
        value = self._values[name]
        return value.__code__.co_argcount if callable(value) else None


def measure(scoring: str, *codes: str, basis: str = "boolean", **more: Any) -> dict[str, Any]:
    """A measure whose populations are criteria of the same name; `observation` extensions come as `code:method:of`."""
    populations = []
    for each in codes:
        code, _, rest = each.partition(":")
        method, _, of = rest.partition(":")
        one: dict[str, Any] = {
            "id": each,
            "code": {"coding": [{"system": POPULATION, "code": code}]},
            "criteria": {"language": "text/cql-identifier", "expression": each.replace("-", " ")},
        }
        extensions = [{"url": f"{CQFM}aggregateMethod", "valueCode": method}] if method else []
        if of:
            extensions.append({"url": f"{CQFM}criteriaReference", "valueString": of})
        if extensions:
            one["extension"] = extensions
        populations.append(one)
    group = {
        "extension": [
            {"url": f"{CQFM}scoring", "valueCodeableConcept": {"coding": [{"code": scoring}]}},
            {"url": f"{CQFM}populationBasis", "valueCode": basis},
        ],
        "population": populations,
        **more,
    }
    return {
        "resourceType": "Measure",
        "url": "http://example.org/m",
        "library": ["http://example.org/l"],
        "group": [group],
    }


def stay(id_: str) -> DataNode:
    return DataNode({"resourceType": "Encounter", "id": id_}, FHIR["Encounter"])


PROPORTION = SCORINGS["proportion"]


def of(definition: Any, **values: Any) -> dict[str, int]:
    """How many each population of one subject has."""
    answers = {
        **dict.fromkeys((each.expression.replace(" ", "_") for each in definition.groups[0].populations), False),
        **values,
    }
    [group] = evaluate(definition, Given(**answers), "Patient/1").groups
    return {id_: len(members) for id_, members in group.members.items()}


@pytest.mark.parametrize("seed", range(30))
def test_a_proportion_is_what_the_guide_says(seed: int) -> None:
    """Against the definition in words, over all combinations of criteria of one subject."""
    definition = read(measure("proportion", *PROPORTION))
    chance = random.Random(seed)
    truth = {code: chance.choice([True, False, None]) for code in PROPORTION}
    found = of(definition, **{code.replace("-", "_"): value for code, value in truth.items()})
    initial = truth["initial-population"] is True
    denominator = initial and truth["denominator"] is True
    excluded = denominator and truth["denominator-exclusion"] is True
    numerator = denominator and not excluded and truth["numerator"] is True
    assert found == {
        "initial-population": initial,
        "denominator": denominator,
        "denominator-exclusion": excluded,
        "denominator-exception": denominator
        and not excluded
        and not numerator
        and truth["denominator-exception"] is True,
        "numerator": numerator,
        "numerator-exclusion": numerator and truth["numerator-exclusion"] is True,
    }


def test_the_numerator_of_a_ratio_need_not_be_in_the_denominator() -> None:
    definition = read(measure("ratio", "initial-population", "denominator", "numerator"))
    assert of(definition, initial_population=True, numerator=True) == {
        "initial-population": 1,
        "denominator": 0,
        "numerator": 1,
    }


def test_a_ratio_with_two_initial_populations() -> None:
    one = measure(
        "ratio",
        "initial-population:count",
        "initial-population:sum",
        "denominator:count:initial-population:count",
        "numerator:count:initial-population:sum",
    )
    definition = read(one)
    answers = {
        "initial population:count": True,
        "initial population:sum": False,
        "denominator:count:initial population:count": True,
        "numerator:count:initial population:sum": True,
    }
    [group] = evaluate(definition, Given(**answers), "Patient/1").groups
    assert [len(members) for members in group.members.values()] == [1, 0, 1, 0]


def test_nothing_more_is_asked_than_needed() -> None:
    definition = read(measure("proportion", *PROPORTION))
    answers = Given(**{code.replace("-", "_"): False for code in PROPORTION})
    evaluate(definition, answers, "Patient/1")
    assert answers.asked == ["initial population"]


def test_episodes_are_told_apart_by_what_they_are() -> None:
    definition = read(measure("proportion", "initial-population", "denominator", "numerator", basis="Encounter"))
    both = [stay("a"), stay("b"), stay("a")]
    found = of(
        definition, initial_population=both, denominator=[stay("b"), stay("c")], numerator=[stay("b"), stay("a")]
    )
    assert found == {"initial-population": 2, "denominator": 1, "numerator": 1}


@pytest.mark.parametrize(
    ("basis", "value", "says"),
    [
        ("boolean", [stay("a")], "gives a list, but the measure counts subjects"),
        ("boolean", "yes", "gives a text"),
        ("Encounter", True, "gives true or false, but the measure counts Encounter"),
        (
            "Encounter",
            [DataNode({"resourceType": "Patient", "id": "1"}, FHIR["Patient"])],
            "gives a Patient, but the measure counts Encounter",
        ),
    ],
)
def test_what_cannot_be_counted_is_named(basis: str, value: Any, says: str) -> None:
    definition = read(measure("cohort", "initial-population", basis=basis))
    with pytest.raises(Unprocessable, match=says):
        evaluate(definition, Given(initial_population=value), "Patient/1")


def test_aggregates() -> None:
    numbers = [Decimal("4"), Decimal("1.5"), Decimal("10"), Decimal("2")]
    expected = {"sum": "17.5", "average": "4.375", "median": "3", "minimum": "1.5", "maximum": "10", "count": "4"}
    for method in METHODS:
        observed = Observed(method)
        assert observed.result() == (Decimal(0) if method == "count" else None)
        for each in [*numbers, None]:
            observed.add(each)
        assert observed.result() == Decimal(expected[method])
    assert Observed("median").kept == []


def score(scoring: str, codes: tuple[str, ...], people: list[dict[str, Any]], basis: str = "boolean") -> str | None:
    definition = read(measure(scoring, *codes, basis=basis))
    tally = Tally(definition)
    for number, each in enumerate(people):
        tally.add(evaluate(definition, Given(**each), f"Patient/{number}"))
    found = summary(tally, ABOUT)
    assert check(found) == []
    value = found["group"][0].get("measureScore", {}).get("value")
    return None if value is None else str(value)


def test_scores_are_exact() -> None:
    codes = ("initial-population", "denominator", "numerator")
    people = [{"initial_population": True, "denominator": True, "numerator": n == 0} for n in range(3)]
    assert score("proportion", codes, people) == "0.33333333"
    assert score("proportion", codes, people[:1]) == "1.0"
    assert score("proportion", codes, people[1:]) == "0.0"
    assert score("proportion", codes, []) is None


def test_exceptions_leave_the_denominator() -> None:
    codes = ("initial-population", "denominator", "denominator-exception", "numerator")
    base = {"initial_population": True, "denominator": True}
    people = [
        {**base, "numerator": True, "denominator_exception": True},
        {**base, "numerator": False, "denominator_exception": True},
        {**base, "numerator": False, "denominator_exception": False},
    ]
    assert score("proportion", codes, people) == "0.5"


def test_observations_of_a_continuous_variable() -> None:
    codes = ("initial-population", "measure-population", "measure-population-exclusion", "measure-observation:average")
    people = [
        {
            "initial_population": True,
            "measure_population": True,
            "measure_population_exclusion": number == 3,
            "measure_observation:average": Decimal(number),
        }
        for number in range(4)
    ]
    assert score("continuous-variable", codes, people) == "1.0"


def test_observations_of_episodes_are_called_with_each() -> None:
    codes = ("initial-population", "measure-population", "measure-observation:maximum")
    stays = [stay("a"), stay("bb"), stay("ccc")]
    one = {
        "initial_population": stays,
        "measure_population": stays[:2],
        "measure_observation:maximum": lambda item: len(item.value["id"]),
    }
    assert score("continuous-variable", codes, [one], "Encounter") == "2.0"


def test_strata_and_supplements_of_many() -> None:
    one = measure(
        "proportion",
        "initial-population",
        "denominator",
        "numerator",
        stratifier=[
            {
                "id": "s",
                "component": [
                    {"code": {"text": "sex"}, "criteria": {"language": "text/cql-identifier", "expression": "sex"}},
                    {"code": {"text": "ward"}, "criteria": {"language": "text/cql-identifier", "expression": "ward"}},
                ],
            }
        ],
    )
    one["supplementalData"] = [{"id": "sde-sex", "criteria": {"language": "text/cql-identifier", "expression": "sex"}}]
    definition = read(one)
    tally = Tally(definition, listed=True)
    for number in range(6):
        code = Code("m" if number % 2 else "f", "http://sex.example")
        given = Given(
            initial_population=number < 5,
            denominator=True,
            numerator=number == 0,
            sex=code,
            ward=None if number == 4 else "A",
        )
        tally.add(evaluate(definition, given, f"Patient/{number}"))
    found = summary(tally, ABOUT)
    assert check(found) == []
    strata = {
        tuple(part["value"].get("text") or part["value"]["coding"][0]["code"] for part in each["component"]): each
        for each in found["group"][0]["stratifier"][0]["stratum"]
    }
    assert {key: each["population"][0]["count"] for key, each in strata.items()} == {
        ("f", "A"): 2,
        ("m", "A"): 2,
        ("f", "unknown"): 1,
    }
    assert str(strata["f", "A"]["measureScore"]["value"]) == "0.5"
    supplied = {
        each["code"]["coding"][0]["code"]: each["valueInteger"]
        for each in found["contained"]
        if each["resourceType"] == "Observation"
    }
    assert supplied == {"f": 3, "m": 2}
    lists = [each for each in found["contained"] if each["resourceType"] == "List"]
    assert len(lists[0]["entry"]) == 5


def test_supplemental_tuples_of_one_subject() -> None:
    one = measure("cohort", "initial-population")
    one["supplementalData"] = [
        {"id": "sde-race", "criteria": {"language": "text/cql-identifier", "expression": "race"}},
        {"id": "sde-other", "criteria": {"language": "text/cql-identifier", "expression": "other"}},
    ]
    definition = read(one)
    race = {"codes": [Code("2106-3", "urn:oid:2.16.840.1.113883.6.238", None, "White")], "display": "White"}
    given = Given(initial_population=True, race=race, other={"age": 51, "height": Decimal("1.80"), "note": None})
    found = individual(definition, evaluate(definition, given, "Patient/1"), ABOUT)
    assert check(found) == []
    assert found["contained"][0]["valueCodeableConcept"]["text"] == "White"
    assert [part.get("valueInteger", part.get("valueQuantity")) for part in found["contained"][1]["component"]] == [
        51,
        {"value": Decimal("1.80")},
        None,
    ]


def test_all_that_is_wrong_is_told_at_once() -> None:
    one = measure("proportion", "initial-population", "numeratr", "measure-population")
    one["library"] = []
    one["group"][0]["population"][0]["criteria"] = {"language": "text/fhirpath", "expression": "true"}
    one["subjectCodeableConcept"] = {"coding": [{"code": "Location"}]}
    with pytest.raises(Unprocessable) as error:
        read(one)
    told = " ".join(issue.message for issue in error.value.issues)
    for part in (
        "names 0",
        "text/fhirpath",
        "Did you mean numerator?",
        "A proportion has no measure-population",
        "needs a population denominator",
        "Location",
    ):
        assert part in told
    assert {issue.path for issue in error.value.issues} >= {"Measure.library", "Measure.group[0].population[1].code"}
