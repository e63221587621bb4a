"""FHIRPath over FHIR data: types, choices, primitive extensions, references, and what the environment answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from bedside.questions.environment import Environment
from bedside.questions.errors import CheckError, EvaluationError, UnsupportedError
from bedside.questions.expression import compile
from bedside.questions.values import Date, DateTime, Quantity

PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "p",
    "gender": "female",
    "birthDate": "1974-12-25",
    "_birthDate": {
        "id": "b",
        "extension": [{"url": "http://example.org/time", "valueDateTime": "1974-12-25T14:35:00Z"}],
    },
    "name": [
        {
            "family": "Chalmers",
            "given": ["Ada", None, "Eve"],
            "_given": [None, {"extension": [{"url": "why", "valueCode": "unknown"}]}, None],
        },
        {"text": "Ada"},
    ],
    "deceasedBoolean": False,
    "contained": [{"resourceType": "Organization", "id": "ward", "name": "Ward 7"}],
    "managingOrganization": {"reference": "#ward"},
    "generalPractitioner": [{"reference": "Practitioner/1"}, {"display": "somebody"}],
}
OBSERVATION: dict[str, Any] = {
    "resourceType": "Observation",
    "id": "o",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "4548-4"}, {"system": "local", "code": "a1c"}]},
    "valueQuantity": {"value": Decimal("7.20"), "unit": "%", "system": "http://unitsofmeasure.org", "code": "%"},
    "subject": {"reference": "Patient/p"},
    "effectiveDateTime": "2020-02-29T10:00:00+01:00",
}


def ask(text: str, resource: Any = PATIENT, **options: Any) -> list[Any]:
    return compile(text).evaluate(resource, **options)


def test_results_are_plain_json_or_system_values() -> None:
    assert ask("Patient.birthDate") == ["1974-12-25"]
    assert ask("name[1]") == [{"text": "Ada"}]
    assert ask("birthDate + 1 year") == [Date(1975, 12, 25)]
    assert ask("birthDate.toDateTime()") == [DateTime(1974, 12, 25)]
    assert ask("value.value", OBSERVATION) == [Decimal("7.20")]
    assert str(ask("value.value", OBSERVATION)[0]) == "7.20"
    assert ask("value * 2", OBSERVATION) == [Quantity(Decimal("14.40"), "%")]
    assert ask("{}") == []
    assert ask("1 + 1", None) == [2]


def test_a_resource_is_never_changed_nor_copied() -> None:
    names = ask("name")
    assert names[0] is PATIENT["name"][0]
    names.clear()
    assert len(ask("name")) == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("gender is code and gender is string", True),
        ("gender is System.String", False),
        ("gender is String", False),
        ("'female' is String", True),
        ("gender.ofType(string).exists()", False),
        ("gender.ofType(code).exists()", True),
        ("deceased is boolean", True),
        ("deceased.ofType(dateTime).exists()", False),
        ("$this is DomainResource", True),
        ("$this is FHIR.Resource", True),
        ("contained.first() is Organization", True),
        ("contained.ofType(Organization).name = 'Ward 7'", True),
        ("contained.ofType(Patient).exists()", False),
        ("name.first() is HumanName and name.first() is Element", True),
        ("deceased.type().name = 'boolean'", True),
        ("(1 | 'a').type().name = ('Integer' | 'String')", True),
        ("gender.type().baseType = 'FHIR.string'", True),
    ],
)
def test_types(text: str, expected: bool) -> None:
    assert compile(text).test(PATIENT) is expected


def test_choice_elements() -> None:
    assert ask("Observation.value.unit", OBSERVATION) == ["%"]
    assert ask("Observation.valueQuantity", OBSERVATION) == []
    assert ask("(value as Quantity).code", OBSERVATION) == ["%"]
    assert ask("value.as(string)", OBSERVATION) == []
    assert ask("effective.ofType(dateTime) > @2020-02-29T08:59:59Z", OBSERVATION) == [True]
    assert ask("effective.ofType(dateTime) > @2020-02-29T09:00:00Z", OBSERVATION) == [False]


def test_primitives_have_ids_extensions_and_perhaps_no_value() -> None:
    assert ask("birthDate.id") == ["b"]
    assert ask("birthDate.extension('http://example.org/time').value") == ["1974-12-25T14:35:00Z"]
    assert ask("Patient.birthDate.extension.value.ofType(dateTime)") == ["1974-12-25T14:35:00Z"]
    assert ask("name.given.count()") == [3]
    assert ask("name.given") == ["Ada", None, "Eve"]
    assert ask("name.given.select(hasValue())") == [True, False, True]
    assert ask("name.given.where(hasValue().not()).extension.url") == ["why"]
    assert ask("name.given.getValue()") == []
    assert ask("name.given[1].getValue()") == []
    assert ask("birthDate.getValue() is System.Date") == [True]
    assert ask("name.given[1] = 'x'") == []
    assert ask("name.given.join('-')") == ["Ada-Eve"]
    assert ask("birthDate.hasExtension('http://example.org/time')") == [True]


def test_children_and_descendants_know_their_types() -> None:
    assert ask("children().ofType(HumanName).count()") == [2]
    assert ask("descendants().ofType(string).where($this = 'Ada').count()") == [2]
    assert ask("birthDate.children().ofType(Extension).url") == ["http://example.org/time"]


class Hospital:
    """A small world: two practitioners, a value set and a hierarchy."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def resolve(self, reference: str) -> dict[str, Any] | None:
        self.asked.append(reference)
        return {"resourceType": "Practitioner", "id": "1"} if reference == "Practitioner/1" else None

    def member_of(self, coding: Mapping[str, Any], value_set: str) -> bool | None:
        return None if value_set == "unknown" else coding.get("code") in ("4548-4", "final")

    def subsumes(self, general: Mapping[str, Any], special: Mapping[str, Any]) -> bool | None:
        return bool(special["code"].startswith(general["code"]))

    def conforms(self, resource: Mapping[str, Any], profile: str) -> bool | None:
        return {"http://example.org/adult": True}.get(profile)


@pytest.fixture
def hospital() -> Hospital:
    return Hospital()


@pytest.fixture
def world(hospital: Hospital) -> Environment:
    return Environment(references=hospital, terminology=hospital, profiles=hospital)


def test_resolve_looks_inside_first_and_then_outside(hospital: Hospital, world: Environment) -> None:
    assert ask("managingOrganization.resolve().name") == ["Ward 7"]
    assert ask("generalPractitioner.resolve()", environment=world) == [{"resourceType": "Practitioner", "id": "1"}]
    assert hospital.asked == ["Practitioner/1"]
    assert ask("'Patient/0'.resolve()", environment=world) == []


def test_resolve_finds_entries_of_a_bundle_and_what_their_resources_contain() -> None:
    other = {**PATIENT, "id": "q", "contained": [{"resourceType": "Organization", "id": "ward", "name": "Ward 8"}]}
    bundle = {
        "resourceType": "Bundle",
        "entry": [
            {"fullUrl": "urn:uuid:1", "resource": OBSERVATION},
            {"resource": PATIENT},
            {"resource": {**other, "managingOrganization": {"reference": "#ward"}}},
            {"resource": {**OBSERVATION, "subject": {"reference": "urn:uuid:1"}}},
        ],
    }
    assert ask("entry.resource.ofType(Observation).subject.resolve().id", bundle) == ["p", "o"]
    found = ask("entry.resource.ofType(Patient).managingOrganization.resolve().name", bundle)
    assert found == ["Ward 7", "Ward 8"]
    assert ask("Bundle.entry.resource.contained.name", bundle) == ["Ward 7", "Ward 8"]


def test_a_reference_that_names_its_type_needs_no_resolving() -> None:
    assert ask("subject.where(resolve() is Patient).reference", OBSERVATION) == ["Patient/p"]
    assert ask("subject.where(resolve() is Group)", OBSERVATION) == []
    assert ask("managingOrganization.resolve() is Organization") == [True]
    assert ask("managingOrganization.resolve().is(Organization)") == [True]


def test_terminology_is_asked(world: Environment) -> None:
    assert ask("code.memberOf('vs')", OBSERVATION, environment=world) == [True]
    assert ask("code.coding[1].memberOf('vs')", OBSERVATION, environment=world) == [False]
    assert ask("status.memberOf('vs')", OBSERVATION, environment=world) == [True]
    assert ask("status.memberOf('unknown')", OBSERVATION, environment=world) == []
    assert ask("code.coding[0].subsumes(code.coding[0])", OBSERVATION, environment=world) == [True]
    assert ask("'454'.subsumes(code)", OBSERVATION, environment=world) == [True]
    assert ask("code.subsumedBy('454')", OBSERVATION, environment=world) == [True]
    assert ask("code.subsumes('454')", OBSERVATION, environment=world) == [False]
    with pytest.raises(EvaluationError, match="code, a Coding"):
        ask("subject.memberOf('vs')", OBSERVATION, environment=world)


def test_profiles_are_asked_and_types_are_known(world: Environment) -> None:
    base = "http://hl7.org/fhir/StructureDefinition/"
    assert ask("conformsTo('http://example.org/adult')", environment=world) == [True]
    assert ask(f"conformsTo('{base}Patient')") == [True]
    assert ask(f"conformsTo('{base}DomainResource')") == [True]
    assert ask(f"conformsTo('{base}Observation')") == [False]
    assert ask(f"conformsTo('{base}Patient')", {"resourceType": "Patient", "nonsense": 1}) == [False]
    with pytest.raises(EvaluationError, match="not known"):
        ask("conformsTo('http://example.org/other')", environment=world)


@pytest.mark.parametrize(
    "text",
    [
        "generalPractitioner.resolve()",
        "gender.memberOf('x')",
        "gender.subsumes('x')",
        "conformsTo('http://example.org/x')",
    ],
)
def test_what_the_environment_lacks_fails_by_name(text: str) -> None:
    with pytest.raises(UnsupportedError, match=text.partition("(")[0].rpartition(".")[2]) as caught:
        ask(text)
    assert caught.value.column == 1


@pytest.mark.parametrize("text", ["elementDefinition()", "slice('a', 'b')"])
def test_what_is_not_there_yet_is_refused_by_name(text: str) -> None:
    with pytest.raises(CheckError, match="not supported"):
        compile(text)


def test_variables() -> None:
    assert ask("%resource.id | %context.id | %rootResource.id") == ["p"]
    assert ask("name.where(family = %name).text", variables={"name": "x"}) == []
    assert ask("%list.count()", variables={"list": [1, 2, PATIENT]}) == [3]
    assert ask("%nothing", variables={"nothing": None}) == []
    assert ask("%resource.id", variables={"resource": OBSERVATION}) == ["o"]
    assert ask("%`vs-x` & ' ' & %ucum") == ["http://hl7.org/fhir/ValueSet/x http://unitsofmeasure.org"]
    with pytest.raises(EvaluationError, match="no constant %resourc; did you mean resource"):
        ask("%resourc.id")


def test_now_is_one_instant_and_comes_from_the_environment() -> None:
    moments = iter(dt.datetime(2024, 2, 29, 23, 59, s, 5000, dt.timezone(dt.timedelta(hours=2))) for s in range(9))
    world = Environment(now=lambda: next(moments))
    found = ask("now() | today() | timeOfDay() | now()", environment=world)
    assert [str(each) for each in found] == ["2024-02-29T23:59:00.005+02:00", "2024-02-29", "23:59:00.005"]
    assert [str(each) for each in ask("now()", environment=world)] == ["2024-02-29T23:59:01.005+02:00"]


def test_trace_shows_and_changes_nothing() -> None:
    seen: list[tuple[str, list[Any]]] = []
    world = Environment(trace=lambda name, items: seen.append((name, items)))
    assert ask("name.trace('names', text).family.trace('family')", environment=world) == ["Chalmers"]
    assert seen == [("names", ["Ada"]), ("family", ["Chalmers"])]
    seen.clear()
    with pytest.raises(EvaluationError):
        ask("name.trace('once').family + 1", environment=world)
    assert [name for name, _ in seen] == ["once"]


def test_html_checks() -> None:
    def allowed(div: str) -> bool | None:
        return compile("text.htmlChecks()").test(
            {"resourceType": "Patient", "text": {"status": "generated", "div": div}}
        )

    space = 'xmlns="http://www.w3.org/1999/xhtml"'
    assert allowed(f'<div {space}><p class="a">text &lt; <b>bold</b></p></div>')
    assert allowed(f'<div {space}><img src="#a" alt="a"/></div>')
    assert not allowed("<div>without a namespace</div>")
    assert not allowed(f"<div {space}> <br/> </div>")
    assert not allowed(f"<div {space}><script>alert(1)</script></div>")
    assert not allowed(f'<div {space}><p onclick="x()">text</p></div>')
    assert not allowed(f"<div {space}><p>text</div>")
    assert not allowed(f"<p {space}>text</p>")
    assert not allowed(f'<!DOCTYPE div [<!ENTITY e "text">]><div {space}>&e;</div>')
    assert not allowed(f"<div {space}>" + "<b>" * 500 + "x" + "</b>" * 500 + "</div>")


def test_modifier_extensions_can_be_checked() -> None:
    patient = {**PATIENT, "modifierExtension": [{"url": "http://example.org/not", "valueBoolean": True}]}
    assert ask("checkModifiers('http://example.org/not').id", patient) == ["p"]
    with pytest.raises(EvaluationError, match=r"example\.org/not"):
        ask("checkModifiers('http://example.org/other')", patient)


def test_quantities_from_fhir() -> None:
    def compare(value: dict[str, Any], text: str) -> bool | None:
        return compile(text).test({"resourceType": "Observation", "valueQuantity": value})

    ucum = {"system": "http://unitsofmeasure.org"}
    assert compare({"value": 5, "code": "mg", "unit": "milligrams", **ucum}, "value = 0.005 'g'") is True
    assert compare({"value": 5, "code": "mg", **ucum}, "value < 1 's'") is None
    assert compare({"value": 5, "code": "mg", "comparator": "<", **ucum}, "value < 10 'mg'") is None
    assert compare({"value": 5, "unit": "beats"}, "value = 5 'beats'") is True
    assert compare({"value": 5}, "value = 5") is True
    assert compare({"unit": "mg"}, "value > 1 'mg'") is None
    assert compare({"value": 2, "code": "a", **ucum}, "@2020-02-29 + value = @2022-02-28") is True


def test_errors_in_the_data_have_a_place_in_the_expression() -> None:
    with pytest.raises(EvaluationError) as caught:
        ask("name.exists() and birthDate < today()", {"resourceType": "Patient", "name": [{}], "birthDate": "25.12.74"})
    assert (caught.value.line, caught.value.column) == (1, 19)
    assert "date" in str(caught.value)
    assert "25.12.74" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "column", "word"),
    [
        ("name.single()", 1, "2 items"),
        ("1 + name", 1, "2 items"),
        ("'a' - 'b'", 1, "'-'"),
        ("birthDate.upper()", 1, "FHIR.date"),
        ("name.where(given + 1 = 2)", 12, "2 items"),
        ("active or name.given.substring(0) = 'a'", 11, "3 items"),
        ("'a'.matches('(')", 1, "regular expression"),
        ("$index + 1 | name[birthDate]", 14, "Integer"),
        ("1.repeat($this + 1)", 1, "endless"),
        ("'x'.encode('rot13')", 1, "rot13"),
        ("1.5.round(-1)", 1, "round"),
    ],
)
def test_evaluation_errors_have_places(text: str, column: int, word: str) -> None:
    patient = {**PATIENT, "name": [{"given": ["a", "b"]}, {"given": ["c"]}]}
    with pytest.raises(EvaluationError) as caught:
        ask(text, patient)
    assert caught.value.column == column
    assert word in str(caught.value)


@pytest.mark.parametrize("context", [{"a": 1}, {"resourceType": "Paitent"}, {"resourceType": 5}, [1], object(), 1.5])
def test_what_is_no_resource_is_refused(context: Any) -> None:
    with pytest.raises(EvaluationError):
        ask("id", context)


def test_data_types_and_backbones_can_be_asked_too() -> None:
    assert compile("family", context_type="HumanName").evaluate(PATIENT["name"][0]) == ["Chalmers"]
    component = {"code": {"text": "x"}, "valueString": "y"}
    assert compile("value", context_type="Observation.component").evaluate(component) == ["y"]
    with pytest.raises(CheckError, match="did you mean HumanName"):
        compile("family", context_type="HumanNam")


def test_as_filters_for_the_invariants_of_r4() -> None:
    assert compile("descendants().as(string).count()", as_filters=True).evaluate(PATIENT) == [10]
    with pytest.raises(EvaluationError):
        ask("descendants().as(string)")
