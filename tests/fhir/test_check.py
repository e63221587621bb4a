"""The structural check, case by case: what is wrong, where, and what the sentence says."""

from __future__ import annotations

import copy
import sys
from typing import Any

import pytest

from bedside.fhir.check import check, check_thoroughly
from bedside.fhir.quick import is_plain

from . import synthea

Json = dict[str, Any]


def patient(**more: Any) -> Json:
    return {"resourceType": "Patient", "id": "p1", **more}


def observation(**more: Any) -> Json:
    return {"resourceType": "Observation", "status": "final", "code": {"text": "x"}, **more}


ACTIVE = {"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}


def condition(**more: Any) -> Json:
    return {"resourceType": "Condition", "subject": {"reference": "Patient/p1"}, **more}


# resource, code, path, words of the sentence
WRONG: list[tuple[Any, str, str | None, str]] = [
    (patient(birthDate="12-03-1951"), "value", "Patient.birthDate", "birthDate '12-03-1951' is not a date; write YYYY-MM-DD"),
    (patient(birthDate="2023-02-29"), "value", "Patient.birthDate", "is not a date"),
    (patient(birthDate="1951-03-12T00:00:00Z"), "value", "Patient.birthDate", "is not a date"),
    (patient(birthDate=1951), "structure", "Patient.birthDate", "must be a string in JSON, not a number"),
    (patient(birthDate=None), "structure", "Patient.birthDate", "not null"),
    (patient(brithDate="1951"), "structure", "Patient.brithDate", "did you mean 'birthDate'?"),
    (patient(shoeSize=44), "structure", "Patient.shoeSize", "Patient has no such element"),
    (patient(gender="femal"), "code-invalid", "Patient.gender", "female, male, other or unknown (did you mean 'female'?)"),
    (patient(active="true"), "structure", "Patient.active", "must be true or false"),
    (patient(active=1), "structure", "Patient.active", "must be true or false"),
    (patient(id="a b"), "value", "Patient.id", "is not an id"),
    (patient(id="x" * 65), "value", "Patient.id", "is not an id"),
    (patient(id=""), "value", "Patient.id", "is empty"),
    (patient(_id={"id": "x"}), "structure", "Patient._id", "unknown element '_id'"),
    (patient(name={"family": "x"}), "structure", "Patient.name", "name must be an array, not an object"),
    (patient(name=[]), "structure", "Patient.name", "empty array"),
    (patient(name=[{}]), "structure", "Patient.name[0]", "is empty; leave it out"),
    (patient(name=["x"]), "structure", "Patient.name[0]", "must be an object, not a string"),
    (patient(name=[None]), "structure", "Patient.name[0]", "not null"),
    (patient(name=[{"family": ""}]), "value", "Patient.name[0].family", "is empty"),
    (patient(name=[{"family": ["x"]}]), "structure", "Patient.name[0].family", "must not be an array"),
    (patient(name=[{"family": "a\x00b"}]), "value", "Patient.name[0].family", "control character"),
    (patient(name=[{"family": "x" * 1_048_577}]), "too-long", "Patient.name[0].family", "1,048,577 characters"),
    (patient(contact=[{"name": {"given": ["a", ""]}}]), "value", "Patient.contact[0].name.given[1]", "is empty"),
    (patient(name=[{"given": ["a", None]}]), "structure", "Patient.name[0].given[1]", "not null"),
    (patient(name=[{"given": ["a"], "_given": [None, {"id": "x"}]}]), "structure", "Patient.name[0].given", "1 and 2 entries"),
    (patient(name=[{"given": ["a"], "_given": [None]}]), "structure", "Patient.name[0].given", "holds nothing"),
    (patient(name=[{"given": ["a"], "_given": {"id": "x"}}]), "structure", "Patient.name[0].given", "must be an array"),
    (patient(_birthDate={}), "structure", "Patient.birthDate", "is empty"),
    (patient(_birthDate=[{"id": "x"}]), "structure", "Patient.birthDate", "must be an object, not an array"),
    (patient(_birthDate={"value": "1951"}), "structure", "Patient.birthDate.value", "unknown element"),
    (patient(_name=[{"id": "x"}]), "structure", "Patient._name", "unknown element '_name'"),
    (patient(deceasedBoolean=True, deceasedDateTime="2020"), "structure", "Patient.deceased", "only one of"),
    (patient(deceasedBoolean=True, _deceasedDateTime={"id": "x"}), "structure", "Patient.deceased", "only one of"),
    (patient(deceased=True), "structure", "Patient.deceased", "write deceasedBoolean or deceasedDateTime"),
    (patient(deceasedString="x"), "structure", "Patient.deceasedString", "unknown element"),
    (patient(multipleBirthInteger=2**31), "value", "Patient.multipleBirth.ofType(integer)", "whole number"),
    (patient(photo=[{"data": "abc"}]), "value", "Patient.photo[0].data", "groups of four"),
    (patient(text={"status": "generated", "div": "hello"}), "value", "Patient.text.`div`", "<div> element"),
    (patient(text={"status": "generated", "div": "<div><script>x</script></div>"}), "value", "Patient.text.`div`", "scripts"),
    (patient(text={"div": "<div>x</div>"}), "required", "Patient.text.status", "status is missing; text must have it"),
    (patient(meta={"profile": ["http://a b"]}), "value", "Patient.meta.profile[0]", "URI without blanks"),
    (patient(meta={"lastUpdated": "2024-01-01"}), "value", "Patient.meta.lastUpdated", "with a zone"),
    (patient(language=" de"), "value", "Patient.language", "is not a code"),
    (patient(managingOrganization={"reference": "Patient/1"}), "value", "Patient.managingOrganization.reference", "must refer to Organization"),
    (patient(managingOrganization={"reference": "https://h.example/fhir/Patient/1"}), "value", "Patient.managingOrganization.reference", "must refer to Organization"),
    (patient(managingOrganization={"reference": "Patient?identifier=1"}), "value", "Patient.managingOrganization.reference", "must refer to"),
    (patient(managingOrganization={"reference": "Organisation/1"}), "value", "Patient.managingOrganization.reference", "is not a reference"),
    (patient(managingOrganization={"reference": "nonsense"}), "value", "Patient.managingOrganization.reference", "write Type/id"),
    (patient(managingOrganization={"type": "Patient"}), "value", "Patient.managingOrganization.type", "only Organization"),
    (patient(managingOrganization={"type": "Hospital"}), "value", "Patient.managingOrganization.type", "not a resource type"),
    (patient(generalPractitioner=[{"reference": "Organization/1", "type": "Practitioner"}]), "value", "Patient.generalPractitioner[0].type", "type says Practitioner, reference says Organization"),
    (patient(extension=[{"valueCode": "x"}]), "required", "Patient.extension[0].url", "url is missing"),
    (patient(extension=[{"url": "http://x"}]), "extension", "Patient.extension[0]", "must have a value or extensions"),
    (patient(extension=[{"url": "http://x", "valueCode": "x", "extension": [{"url": "y", "valueCode": "z"}]}]), "extension", "Patient.extension[0]", "not both"),
    (patient(extension=[{"url": "http://x", "valueCode": "x", "valueString": "y"}]), "structure", "Patient.extension[0].value", "only one of"),
    (patient(extension=[{"url": "http://x", "value": "x"}]), "structure", "Patient.extension[0].value", "unknown element 'value'"),
    (patient(extension=[{"url": "http://x", "valueQuantity": {"value": "1"}}]), "structure", "Patient.extension[0].value.ofType(Quantity).value", "must be a number"),
    (patient(contained=[{"id": "a"}]), "structure", "Patient.contained[0]", "has no resourceType"),
    (patient(contained=[{"resourceType": "Medicaton"}]), "not-supported", "Patient.contained[0]", "did you mean Medication?"),
    (patient(contained=[{"resourceType": "Basic", "code": {"text": "x"}, "contained": [observation()]}]), "structure", "Patient.contained[0].contained", "must not contain others"),
    (patient(contained=[observation(status="done")]), "code-invalid", "Patient.contained[0].status", "is not one of"),
    (observation(valueQuantity={"value": "7.2"}), "structure", "Observation.value.ofType(Quantity).value", "must be a number in JSON, not a string"),
    (observation(valueQuantity={"value": 7.2}), "structure", "Observation.value.ofType(Quantity).value", "floating-point"),
    (observation(valueInteger=True), "structure", "Observation.value.ofType(integer)", "must be a number"),
    (observation(referenceRange=[{"low": {"value": 1, "comparator": "<"}}]), "structure", "Observation.referenceRange[0].low.comparator", "SimpleQuantity"),
    (observation(component=[{"code": {"text": "x"}, "referenceRange": [{"lo": 1}]}]), "structure", "Observation.component[0].referenceRange[0].lo", "did you mean 'low'?"),
    (observation(component=[{"valueString": "x"}]), "required", "Observation.component[0].code", "code is missing"),
    (observation(effectiveDateTime="2024-01-01T10:00"), "value", "Observation.effective.ofType(dateTime)", "with a zone"),
    (observation(effectiveTiming={"repeat": {"timeOfDay": ["8:00"]}}), "value", "Observation.effective.ofType(Timing).repeat.timeOfDay[0]", "hh:mm:ss"),
    ({"resourceType": "Observation", "status": "final"}, "required", "Observation.code", "code is missing"),
    (condition(clinicalStatus={"text": "active"}), "code-invalid", "Condition.clinicalStatus", "needs a coding of"),
    (condition(clinicalStatus={"coding": [{"code": "active"}]}), "code-invalid", "Condition.clinicalStatus", "needs a coding of"),
    ({"resourceType": "MedicationRequest", "status": "active", "intent": "order", "subject": {"reference": "Patient/1"}}, "required", "MedicationRequest.medication", "medicationCodeableConcept or medicationReference is missing"),
    ({"resourceType": "Invoice", "status": "draft", "totalNet": {"currency": "eur"}}, "code-invalid", "Invoice.totalNet.currency", "ISO 4217"),
    ({"resourceType": "Bundle", "type": "batch", "entry": [{"resource": patient(x=1)}]}, "structure", "Bundle.entry[0].resource.x", "unknown element"),
    ({"resourceType": "ValueSet", "status": "active", "expansion": {"timestamp": "2024", "contains": []}}, "structure", "ValueSet.expansion.`contains`", "empty array"),
    ({}, "structure", None, "has no resourceType"),
    ([], "structure", None, "must be an object, not an array"),
    (None, "structure", None, "must be an object, not null"),
    ({"resourceType": "DomainResource"}, "not-supported", None, "which R4 does not have"),
    ({"resourceType": "patient"}, "not-supported", None, "did you mean Patient?"),
    ({"resourceType": ["Patient"]}, "not-supported", None, "which R4 does not have"),
]  # fmt: skip


@pytest.mark.parametrize(("resource", "code", "path", "words"), WRONG)
def test_says_what_is_wrong_and_where(resource: Any, code: str, path: str | None, words: str) -> None:
    assert not is_plain(resource)
    found = [i for i in check(resource) if i.code == code and i.path == path]
    assert found, check(resource)
    assert any(words in issue.message for issue in found), found
    assert {i.severity for i in found} == {"error"}


RIGHT: list[Json] = [
    patient(),
    patient(birthDate="1951", _birthDate={"extension": [{"url": "http://x", "valueTime": "10:00:00"}]}),
    patient(_birthDate={"extension": [{"url": "http://x", "valueCode": "unknown"}]}),
    patient(name=[{"given": ["a", None], "_given": [None, {"id": "x"}]}]),
    patient(name=[{"_given": [{"id": "x"}]}]),
    patient(name=[{"family": "Müller-Østergård 王", "text": "line\nline\ttab"}]),
    patient(deceasedDateTime="2020-02-29T23:59:60+14:00", _deceasedDateTime={"id": "x"}),
    patient(generalPractitioner=[{"reference": "Practitioner/1", "type": "Practitioner"}]),
    patient(generalPractitioner=[{"reference": "Practitioner/1/_history/3"}, {"display": "Dr No"}]),
    patient(generalPractitioner=[{"reference": "Practitioner?identifier=a|b"}, {"reference": "urn:uuid:1"}]),
    patient(generalPractitioner=[{"reference": "https://h.example/some/where"}, {"reference": "#"}]),
    patient(generalPractitioner=[{"_reference": {"id": "x"}}]),
    patient(photo=[{"data": "YWJj\nZGVm\n"}]),
    patient(modifierExtension=[{"url": "http://x", "extension": [{"url": "y", "valueMoney": {"currency": "CHF"}}]}]),
    patient(contained=[{"resourceType": "Organization", "id": "o", "name": "x"}], managingOrganization={"reference": "#o"}),
    patient(text={"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml"><p>a <b>b</b></p></div>'}),
    observation(valueQuantity={"value": 7, "comparator": "<"}, effectivePeriod={"start": "2020-01"}),
    observation(component=[{"code": {"text": "x"}, "referenceRange": [{"text": "low"}]}]),
    {"resourceType": "Observation", "_status": {"extension": [{"url": "http://x", "valueCode": "unknown"}]}, "code": {"text": "x"}},
    condition(clinicalStatus={"coding": [{"system": "http://local", "code": "x"}, ACTIVE], "text": "x"}),
    {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": patient(contained=[{"resourceType": "Basic", "code": {"text": "x"}}])}]},
    {"resourceType": "Parameters", "parameter": [{"name": "a", "resource": patient()}, {"name": "b", "valueBoolean": False}]},
    {"resourceType": "Binary", "contentType": "application/pdf; version=1.4", "data": "JVBERi0="},
    {"resourceType": "Questionnaire", "status": "draft", "item": [{"linkId": "1", "type": "group", "item": [{"linkId": "2", "type": "display"}]}]},
]  # fmt: skip


@pytest.mark.parametrize("resource", RIGHT)
def test_legal_rarities_are_accepted(resource: Json) -> None:
    assert check_thoroughly(resource) == []
    assert check(resource) == []


def test_all_problems_are_reported_at_once() -> None:
    found = check(patient(gender="x", birthDate="y", name=[{"use": "z"}, {}], contact=[{"gender": 1}]))
    assert [i.path for i in found] == [
        "Patient.gender",
        "Patient.birthDate",
        "Patient.name[0].use",
        "Patient.name[1]",
        "Patient.contact[0].gender",
    ]


def test_the_expected_type_is_compared() -> None:
    assert check(patient(), expect_type="Patient") == []
    (issue,) = check(patient(), expect_type="Observation")
    assert "is of type Patient, not Observation" in issue.message


def test_a_bomb_of_nesting_is_an_issue() -> None:
    extension: Json = {"url": "http://x", "valueCode": "y"}
    for _ in range(5000):
        extension = {"url": "http://x", "extension": [extension]}
    (issue,) = check(patient(extension=[extension]))
    assert issue.code == "too-long"


def test_how_deep_a_resource_may_be_does_not_depend_on_the_process() -> None:
    before = sys.getrecursionlimit()
    try:
        sys.setrecursionlimit(20_000)
        test_a_bomb_of_nesting_is_an_issue()
        extension: Json = {"url": "http://x", "valueCode": "y"}
        for _ in range(100):
            extension = {"url": "http://x", "extension": [extension]}
        assert check(patient(extension=[extension])) == []
    finally:
        sys.setrecursionlimit(before)


def test_checking_changes_nothing() -> None:
    for resource in (*RIGHT, *(w[0] for w in WRONG)):
        before = copy.deepcopy(resource)
        check(resource)
        assert resource == before


def test_realistic_resources_pass_the_quick_check() -> None:
    seen = set()
    for resource in synthea.resources(patients=12):
        seen.add(resource["resourceType"])
        assert is_plain(resource), check(resource)
    assert {"Patient", "Observation", "Claim", "Encounter", "Condition"} <= seen
