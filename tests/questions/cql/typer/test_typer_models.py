"""Models: retrieves, steps through classes, choices and lists, and the mappings from profiles to FHIR."""

from __future__ import annotations

import pytest

from bedside.questions.cql import tree
from questions.cql.typer.typed import expression, library, said, type_of

TERMS = """codesystem "LOINC": 'http://loinc.org'
valueset "Set": 'urn:set'
code "Pulse": '8867-4' from "LOINC"
concept "Beat": { "Pulse" }"""


def of(text: str, model: str) -> tree.Expression:
    head = {"FHIR": "using FHIR version '4.0.1'", "QICore": "using QICore version '6.0.0'"}
    head["USCore"] = "using USCore version '6.1.0'"
    return library(f"{head[model]}\n{TERMS}\ncontext Patient\ndefine E: {text}").expressions["E"].expression


@pytest.mark.parametrize(
    ("text", "model", "tree_"),
    [
        ("[Condition]", "FHIR", "[Condition]"),
        ('[Condition: "Set"]', "FHIR", "[Condition: code in Set]"),
        ('[Condition: code in "Set"]', "FHIR", "[Condition: code in Set]"),
        ('[Condition: "Pulse"]', "FHIR", "[Condition: code ~ ToList(Pulse)]"),
        ('[Condition: "Beat"]', "FHIR", "[Condition: code ~ Beat.codes]"),
        ('[Condition: code in { "Pulse" }]', "FHIR", "[Condition: code in {Pulse}]"),
        ('[Encounter: type in "Set"]', "FHIR", "[Encounter: type in Set]"),
        ('[Observation: category ~ "Pulse"]', "FHIR", "[Observation: category ~ ToList(Pulse)]"),
        ('[Encounter: "Set"]', "QICore", "[Encounter: type in Set]"),
    ],
)
def test_retrieve(text: str, model: str, tree_: str) -> None:
    assert said(of(text, model)) == tree_


def test_a_retrieve_knows_resource_and_profile() -> None:
    found = of("[LaboratoryResultObservation]", "QICore")
    assert isinstance(found, tree.Retrieve)
    assert found.resource_type == "Observation"
    assert found.template == "http://hl7.org/fhir/us/qicore/StructureDefinition/qicore-observation-lab"


def test_a_type_may_go_by_its_label() -> None:
    assert str(of('["QICore Encounter"]', "QICore").type) == "List<QICore.Encounter>"


def test_medications_are_also_found_through_their_reference() -> None:
    found = said(of('[MedicationRequest: "Set"]', "QICore"))
    assert found == (
        "Union(([MedicationRequest] $resource with [Medication] $referenced such that And(Equal("
        "$referenced.id.value, Last(Split($resource.medication.reference.value, '/'))), "
        "InValueSet(FHIRHelpers.ToConcept($referenced.code), Set))), [MedicationRequest: medication in Set])"
    )


def test_a_stated_code_path_is_the_only_one() -> None:
    assert said(of('[MedicationRequest: medication in "Set"]', "QICore")) == "[MedicationRequest: medication in Set]"


def test_what_was_not_done_may_be_told_by_a_value_set() -> None:
    found = of('[ProcedureNotDone: "Set"]', "QICore")
    assert isinstance(found, tree.Operator)
    by_extension, by_code = found.operands
    assert "qicore-notDoneValueSet" in said(by_extension)
    assert said(by_code) == "[ProcedureNotDone: code in Set]"


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ("Patient.birthDate", "FHIR.date"),
        ("Patient.name", "List<FHIR.HumanName>"),
        ("Patient.name.given", "List<FHIR.string>"),
        ("Patient.name[0].given[0].value", "String"),
        ("Patient.deceased", "Choice<FHIR.boolean, FHIR.dateTime>"),
        ("First([Encounter]).participant.individual", "List<FHIR.Reference>"),
        ("AgeInYears()", "Integer"),
        ("AgeInMonthsAt(@2020)", "Integer"),
        ("CalculateAgeInDaysAt(Patient.birthDate, Today())", "Integer"),
        ("Patient.birthDate = Today()", "Boolean"),
        ("Patient.gender = 'male'", "Boolean"),
        ("Patient.extension.where(url = 'a').value", None),
        ("[Observation] O return O.value as Quantity", "List<FHIR.Quantity>"),
        ("[Observation] O sort by issued", "List<FHIR.Observation>"),
    ],
)
def test_steps_in_fhir(text: str, type_: str | None) -> None:
    found = type_of(text, "FHIR")
    assert type_ is None or found == type_


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ("Patient.birthDate", "Date"),
        ("Patient.gender", "String"),
        ("Patient.name.given", "List<String>"),
        ("[Encounter] E return E.period", "List<Interval<DateTime>>"),
        ("[Encounter] E return E.status", "List<QICore.EncounterStatus>"),
        ("[ObservationScreeningAssessment] O return O.value as Concept", "List<Concept>"),
        ("AgeInYears()", "Integer"),
    ],
)
def test_steps_in_qicore(text: str, type_: str) -> None:
    assert type_of(text, "QICore") == type_


@pytest.mark.parametrize(
    ("text", "tree_"),
    [
        ("Patient.birthDate", "Patient.birthDate.value"),
        ("[Encounter] E return E.period", "([Encounter] E return distinct FHIRHelpers.ToInterval(E.period))"),
        (
            "[Encounter] E return E.type",
            "([Encounter] E return distinct (E.type $this return all FHIRHelpers.ToConcept($this)))",
        ),
        ("[Observation] O return O.value", "([Observation] O return distinct FHIRHelpers.ToValue(O.value))"),
        (
            "Patient.race",
            "SingletonFrom((Patient.extension $this where Equal(FHIRHelpers.ToString($this.url), "
            "'http://hl7.org/fhir/us/core/StructureDefinition/us-core-race')))",
        ),
        (
            "Patient.race.text",
            "SingletonFrom((SingletonFrom((Patient.extension $this where Equal(FHIRHelpers.ToString($this.url), "
            "'http://hl7.org/fhir/us/core/StructureDefinition/us-core-race'))).extension $this "
            "where Equal(FHIRHelpers.ToString($this.url), 'text') return all $this.value.value))",
        ),
    ],
)
def test_mappings_are_written_out(text: str, tree_: str) -> None:
    text = text.replace("[Observation]", "[ObservationScreeningAssessment]")
    tree_ = tree_.replace("[Observation]", "[ObservationScreeningAssessment]")
    assert said(expression(text, "QICore")) == tree_


def test_a_step_through_a_list_is_a_query() -> None:
    assert said(expression("Patient.name.family", "FHIR")) == (
        "(Patient.name $this where Not(IsNull($this.family)) return all $this.family)"
    )


def test_conversions_are_written_out() -> None:
    assert said(expression("Patient.gender = 'male'", "FHIR")) == "Equal(FHIRHelpers.ToString(Patient.gender), 'male')"


def test_alternatives_that_read_an_element_alike_share_one_node() -> None:
    found = expression(
        "([ConditionEncounterDiagnosis] union [ConditionProblemsHealthConcerns]) C return C.clinicalStatus", "QICore"
    )
    assert isinstance(found, tree.Query)
    assert found.returns is not None
    assert said(found.returns.expression) == "FHIRHelpers.ToConcept(C.clinicalStatus)"


def test_us_core() -> None:
    assert str(of("Patient.birthDate", "USCore").type) == "System.Date"
