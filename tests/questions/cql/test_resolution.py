"""Which overload is chosen for which operands."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedside.questions.cql import models, tree
from bedside.questions.cql.conversions import Allowed
from bedside.questions.cql.operators.registry import OVERLOADS, operator, parse_signature
from bedside.questions.cql.resolution import Ambiguous, Resolution, resolve
from bedside.questions.cql.resolution import operator as resolve_operator
from bedside.questions.cql.typer import translate
from bedside.questions.cql.types import ANY, DataType, TypeVariable, parse_type, system


@dataclass(frozen=True)
class Signature:
    text: str

    @property
    def operands(self) -> tuple[DataType, ...]:
        return parse_signature(self.text)[0]

    @property
    def result(self) -> DataType:
        return parse_signature(self.text)[1]


def signatures(*texts: str) -> list[Signature]:
    return [Signature(text) for text in texts]


def pairs(types: str) -> list[str]:
    return [f"({each}, {each}) Boolean" for each in types.split()]


TABLE = {
    "Equal": signatures(*pairs("Boolean Integer Long Decimal String Date DateTime Time Quantity T")),
    "Less": signatures(*pairs("Integer Long Decimal String Date DateTime Time Quantity")),
    "Add": signatures(*(f"({t}, {t}) {t}" for t in ("Integer", "Long", "Decimal", "Quantity"))),
    "In": signatures("(T, List<T>) Boolean", "(T, Interval<T>) Boolean"),
    "Contains": signatures("(List<T>, T) Boolean", "(Interval<T>, T) Boolean"),
    "IncludedIn": signatures("(Interval<T>, Interval<T>) Boolean", "(List<T>, List<T>) Boolean"),
    "Union": signatures("(List<T>, List<T>) List<T>", "(Interval<T>, Interval<T>) Interval<T>"),
    "First": signatures("(List<T>) T"),
    "Start": signatures("(Interval<T>) T"),
    "Indexer": signatures("(String, Integer) String", "(List<T>, Integer) T"),
    "Avg": signatures("(List<Decimal>) Decimal", "(List<Quantity>) Quantity"),
    "InValueSet": signatures("(String, ValueSet) Boolean", "(Code, ValueSet) Boolean", "(Concept, ValueSet) Boolean"),
    "Flatten": signatures("(List<List<T>>) List<T>"),
}

VALUE = str(models.load("FHIR").elements(parse_type("FHIR.Observation"))["value"].type)  # type: ignore[arg-type]
EFFECTIVE = str(models.load("FHIR").elements(parse_type("FHIR.Observation"))["effective"].type)  # type: ignore[arg-type]
QICORE_VALUE = str(models.load("QICore").elements(parse_type("QICore.SimpleObservation"))["value"].type)  # type: ignore[arg-type]


def t(text: str) -> DataType:
    return parse_type(text)


def chosen(name: str, *operands: str, **options: object) -> str:
    found = resolve(TABLE[name], tuple(map(t, operands)), **options)  # type: ignore[arg-type]
    match found:
        case Resolution():
            short = [str(each).replace("System.", "") for each in found.operands]
            return f"({', '.join(short)}) {found.result}".replace("System.", "")
        case Ambiguous():
            return "ambiguous: " + "; ".join(each.overload.text for each in found.candidates)
    return "none"


@pytest.mark.parametrize(
    ("name", "operands", "expected"),
    [
        ("Equal", ["Integer", "Integer"], "(Integer, Integer) Boolean"),
        ("Equal", ["Integer", "Decimal"], "(Decimal, Decimal) Boolean"),
        ("Equal", ["Date", "DateTime"], "(DateTime, DateTime) Boolean"),
        ("Equal", ["Any", "Integer"], "(Integer, Integer) Boolean"),
        ("Equal", ["Integer", "Any"], "(Integer, Integer) Boolean"),
        ("Equal", ["Any", "Any"], "(Any, Any) Boolean"),
        ("Equal", ["Integer", "String"], "none"),
        ("Equal", ["List<Integer>", "List<Decimal>"], "(List<Decimal>, List<Decimal>) Boolean"),
        ("Equal", ["Interval<Integer>", "Interval<Decimal>"], "(Interval<Decimal>, Interval<Decimal>) Boolean"),
        ("Equal", ["Choice<Integer,String>", "Integer"], "(Integer, Integer) Boolean"),
        ("Equal", ["Integer", "Choice<Integer,String>"], "(Integer, Integer) Boolean"),
        ("Equal", ["Choice<Integer,String>", "Decimal"], "(Decimal, Decimal) Boolean"),
        ("Equal", [VALUE, "Quantity"], "(Quantity, Quantity) Boolean"),
        ("Equal", [QICORE_VALUE, "Quantity"], "(Quantity, Quantity) Boolean"),
        ("Equal", ["FHIR.ObservationStatus", "String"], "(String, String) Boolean"),
        (
            "Equal",
            ["FHIR.ObservationStatus", "FHIR.ObservationStatus"],
            "(FHIR.ObservationStatus, FHIR.ObservationStatus) Boolean",
        ),
        ("Equal", ["QICore.EncounterStatus", "String"], "(String, String) Boolean"),
        ("Equal", [VALUE, "FHIR.CodeableConcept"], "(FHIR.CodeableConcept, FHIR.CodeableConcept) Boolean"),
        (
            "Equal",
            ["Choice<Integer,String,Date>", "Choice<Integer,String>"],
            "(Choice<Date, Integer, String>, Choice<Date, Integer, String>) Boolean",
        ),
        ("Equal", ["Choice<Integer,String>", "Choice<Integer,Boolean>"], "(Integer, Integer) Boolean"),
        ("Less", [VALUE, "Quantity"], "(Quantity, Quantity) Boolean"),
        ("Less", ["Boolean", "Boolean"], "none"),
        ("Add", ["Integer", "Quantity"], "(Quantity, Quantity) Quantity"),
        ("Add", ["Long", "Integer"], "(Long, Long) Long"),
        ("Add", ["Choice<Integer,String>", "Integer"], "(Integer, Integer) Integer"),
        ("In", ["Integer", "List<Decimal>"], "(Decimal, List<Decimal>) Boolean"),
        ("In", ["Decimal", "List<Integer>"], "(Decimal, List<Decimal>) Boolean"),
        ("In", ["Any", "List<Integer>"], "(Integer, List<Integer>) Boolean"),
        ("In", ["Integer", "List<Any>"], "(Any, List<Any>) Boolean"),
        ("In", ["Integer", "Interval<Any>"], "(Integer, Interval<Integer>) Boolean"),
        ("In", ["Integer", "Any"], "(Integer, Interval<Integer>) Boolean"),
        ("In", ["List<Integer>", "List<List<Decimal>>"], "(List<Decimal>, List<List<Decimal>>) Boolean"),
        ("In", ["FHIR.dateTime", "FHIR.Period"], "(DateTime, Interval<DateTime>) Boolean"),
        ("In", ["FHIR.dateTime", "Interval<Date>"], "(DateTime, Interval<DateTime>) Boolean"),
        ("In", ["Date", "List<FHIR.dateTime>"], "(DateTime, List<DateTime>) Boolean"),
        ("In", ["FHIR.instant", EFFECTIVE], "(DateTime, Interval<DateTime>) Boolean"),
        ("In", ["FHIR.ObservationStatus", "List<String>"], "(String, List<String>) Boolean"),
        ("Contains", ["Any", "Integer"], "(Interval<Integer>, Integer) Boolean"),
        ("Contains", ["Interval<Integer>", "Decimal"], "(Interval<Decimal>, Decimal) Boolean"),
        ("IncludedIn", [EFFECTIVE, "Interval<Date>"], "(Interval<DateTime>, Interval<DateTime>) Boolean"),
        ("IncludedIn", [EFFECTIVE, "Interval<DateTime>"], "(Interval<DateTime>, Interval<DateTime>) Boolean"),
        ("IncludedIn", ["FHIR.date", "Interval<DateTime>"], "none"),
        ("Union", ["Any", "List<Integer>"], "(List<Integer>, List<Integer>) List<Integer>"),
        ("Union", ["Interval<Integer>", "Any"], "(Interval<Integer>, Interval<Integer>) Interval<Integer>"),
        ("First", ["Any"], "(List<Any>) Any"),
        ("First", ["ValueSet"], "(List<Code>) Code"),
        ("First", ["Integer"], "none"),
        ("Start", ["FHIR.Range"], "(Interval<Quantity>) Quantity"),
        ("Start", [EFFECTIVE], "(Interval<DateTime>) DateTime"),
        ("Indexer", ["List<Integer>", "FHIR.integer"], "(List<Integer>, Integer) Integer"),
        ("Avg", ["List<Integer>"], "(List<Decimal>) Decimal"),
        ("Avg", ["List<FHIR.Quantity>"], "(List<Quantity>) Quantity"),
        ("InValueSet", ["FHIR.CodeableConcept", "ValueSet"], "(Concept, ValueSet) Boolean"),
        ("InValueSet", ["FHIR.Coding", "ValueSet"], "(Code, ValueSet) Boolean"),
        ("InValueSet", ["FHIR.code", "ValueSet"], "(String, ValueSet) Boolean"),
        ("Flatten", ["List<List<Integer>>"], "(List<List<Integer>>) List<Integer>"),
        ("Flatten", ["List<Integer>"], "none"),
    ],
)
def test_the_overload_that_is_chosen(name: str, operands: list[str], expected: str) -> None:
    assert chosen(name, *operands) == expected


def test_a_resource_and_another_meet_in_their_supertype() -> None:
    found = chosen("Union", "List<FHIR.Patient>", "List<FHIR.Observation>")
    assert found == "(List<FHIR.DomainResource>, List<FHIR.DomainResource>) List<FHIR.DomainResource>"


def test_null_fits_many_and_is_ambiguous_but_where_it_cannot_matter() -> None:
    assert chosen("Add", "Any", "Any").startswith("ambiguous: (Integer, Integer) Integer; (Long, Long) Long")
    assert chosen("Add", "Any", "Any", any_is_null=True) == "(Integer, Integer) Integer"
    functions = signatures("(Integer, Integer) String", "(Any, String) String", "(Integer, String) String")
    found = resolve(functions, (ANY, ANY), any_is_null=True)
    assert isinstance(found, Resolution)
    assert found.overload.text == "(Any, String) String"


def test_overloads_that_fit_equally_well_are_ambiguous() -> None:
    functions = signatures("(Long) String", "(Decimal) String", "(Boolean) String")
    found = resolve(functions, (t("Integer"),))
    assert isinstance(found, Ambiguous)
    assert [each.overload.text for each in found.candidates] == ["(Long) String", "(Decimal) String"]
    assert resolve(functions, (t("Integer"), t("Integer"))) is None


def test_a_simple_type_goes_before_a_class_and_that_before_a_list() -> None:
    functions = signatures("(List<Any>) String", "(Quantity) String", "(Choice<Integer,Quantity>) String")
    found = resolve(functions, (ANY,))
    assert isinstance(found, Resolution)
    assert found.overload.text == "(Quantity) String"


def test_an_overload_for_the_types_goes_before_a_generic_one_made_for_them() -> None:
    for texts in (["(T, T) Boolean", "(Integer, Integer) Boolean"], ["(Integer, Integer) Boolean", "(T, T) Boolean"]):
        for operands in (("Integer", "Integer"), ("Any", "Integer")):
            found = resolve(signatures(*texts), tuple(map(t, operands)))
            assert isinstance(found, Resolution)
            assert found.overload.text == "(Integer, Integer) Boolean"
            assert found.bindings == {}


def test_promotion_is_a_matter_of_options() -> None:
    assert chosen("First", "Integer", allowed=Allowed(list_promotion=True)) == "(List<Integer>) Integer"
    assert chosen("Less", "List<Integer>", "Integer") == "none"
    demoted = chosen("Less", "List<Integer>", "Integer", allowed=Allowed(list_demotion=True))
    assert demoted == "(Integer, Integer) Boolean"


SIMPLE = st.sampled_from([system(name) for name in models.SYSTEM.type_names])
OPERANDS = st.one_of(
    SIMPLE, SIMPLE.map(lambda each: t(f"List<{each}>")), SIMPLE.map(lambda each: t(f"Interval<{each}>"))
)


@given(st.sampled_from(sorted(TABLE)), st.lists(OPERANDS, min_size=1, max_size=2))
def test_what_is_chosen_fits_and_costs_what_its_conversions_cost(name: str, operands: list[DataType]) -> None:
    found = resolve(TABLE[name], tuple(operands))
    for each in found.candidates if isinstance(found, Ambiguous) else [found] if found else []:
        assert [way.source for way in each.conversions] == operands
        assert each.cost == sum(way.cost for way in each.conversions)
        assert not any(isinstance(one, TypeVariable) for one in (*each.operands, each.result))
        for candidate in resolve_all(name, operands):
            assert candidate.cost >= each.cost


def resolve_all(name: str, operands: list[DataType]) -> list[Resolution[Signature]]:
    """The answer of every overload alone: none may be cheaper than the one that was chosen."""
    alone = [resolve([each], tuple(operands)) for each in TABLE[name]]
    return [each for each in alone if isinstance(each, Resolution)]


def test_the_table_of_operators_is_asked_anew_when_it_has_grown() -> None:
    name = "OnlyOfThisTest"
    try:
        assert resolve_operator(name, (t("Integer"),)) is None
        operator(name, "(Decimal) Decimal")(lambda value: value)
        found = resolve_operator(name, (t("Integer"),))
        assert isinstance(found, Resolution)
        assert found.overload.operands == (t("Decimal"),)
        assert resolve_operator(name, (t("Integer"),)) is found
    finally:
        OVERLOADS.pop(name, None)


@pytest.mark.parametrize(
    ("phrase", "operator_name"),
    [
        ("Encounter.period during Year", "IncludedIn"),
        ("Encounter.period included in day of Year", "IncludedIn"),
        ("Year includes Encounter.period", "Includes"),
        ("Observation.issued during Year", "In"),
        ("Year includes Observation.issued", "Contains"),
        ("Observation.effective during Year", "In"),
    ],
)
def test_a_period_of_fhir_is_included_as_an_interval_and_an_instant_as_a_point(phrase: str, operator_name: str) -> None:
    source = f"""
        using FHIR version '4.0.1'
        parameter Year Interval<DateTime>
        parameter Encounter Encounter
        parameter Observation Observation
        define Answer: {phrase}
    """
    translation = translate(source)
    assert translation.library is not None, translation.problems
    answer = translation.library.expressions["Answer"].expression
    assert isinstance(answer, tree.Operator)
    assert answer.name == operator_name
