"""The compiled definitions: complete, well-connected, and loaded only when asked for."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from bedside.fhir import definitions as d


def all_types() -> list[d.TypeDef]:
    """Every type with its backbones."""
    found: dict[str, d.TypeDef] = {}
    waiting = list(d.type_names())
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = d.type_definition(name)
            waiting += [t for e in found[name].elements.values() for t in e.types]
    return list(found.values())


def test_numbers_of_things() -> None:
    assert len(d.resource_types()) == 146
    assert len(d.primitive_types()) == 20
    assert len(d.search_parameters()) == 1387
    assert {"Patient", "Observation", "Bundle", "Parameters", "Binary"} <= set(d.resource_types())
    assert not {"Resource", "DomainResource"} & set(d.resource_types())


def test_every_type_that_an_element_names_exists() -> None:
    for definition in all_types():
        for element in definition.elements.values():
            assert element.types
            for target in element.targets + element.canonical_targets:
                assert d.is_resource_type(target), element.path
            assert element.choice or len(element.types) == 1, element.path
            assert element.max in (1, None), element.path


def test_json_names_are_unique_in_a_type() -> None:
    for definition in all_types():
        names = [name for e in definition.elements.values() for name in e.json_names]
        assert len(names) == len(set(names)) == len(definition.properties)


def test_observation() -> None:
    observation = d.type_definition("Observation")
    assert (observation.kind, observation.base, observation.abstract) == ("resource", "DomainResource", False)
    assert list(observation.elements)[:5] == ["id", "meta", "implicitRules", "language", "text"]
    status = observation.elements["status"]
    assert (status.types, status.min, status.max, status.summary, status.modifier) == (("code",), 1, 1, True, True)
    assert d.element_codes(status) == {
        "registered", "preliminary", "final", "amended", "corrected", "cancelled", "entered-in-error", "unknown",
    }  # fmt: skip
    subject = observation.elements["subject"]
    assert subject.targets == ("Patient", "Group", "Device", "Location")
    assert observation.elements["focus"].targets == ()  # Reference(Any)
    value = observation.elements["value"]
    assert value.choice
    assert value.json_names["valueQuantity"] == "Quantity"
    assert observation.properties["valueDateTime"] == (value, "dateTime")
    assert observation.elements["performer"].many
    assert d.element_codes(observation.elements["category"]) is None  # preferred, not required


def test_backbones_and_content_references() -> None:
    component = d.type_definition("Observation").elements["component"].types[0]
    assert component == "Observation.component"
    definition = d.type_definition(component)
    assert (definition.kind, definition.base) == ("backbone", "BackboneElement")
    assert definition.elements["referenceRange"].types == ("Observation.referenceRange",)
    assert d.type_definition("Observation.referenceRange").elements["low"].simple_quantity
    assert d.type_definition("Questionnaire.item").elements["item"].types == ("Questionnaire.item",)
    assert d.type_definition("Timing.repeat").base == "Element"
    assert "modifierExtension" in definition.elements


def test_the_hierarchy() -> None:
    for name, ancestor in [
        ("Age", "Quantity"), ("Duration", "Element"), ("code", "string"), ("positiveInt", "integer"),
        ("Patient", "Resource"), ("Patient", "DomainResource"), ("Bundle", "Resource"), ("id", "id"), ("uuid", "uri"),
        ("Observation.component", "BackboneElement"), ("Dosage", "BackboneElement"),
    ]:  # fmt: skip
        assert d.is_subtype(name, ancestor), (name, ancestor)
    for name, ancestor in [
        ("Bundle", "DomainResource"),
        ("Quantity", "Age"),
        ("Nothing", "Element"),
        ("string", "code"),
    ]:
        assert not d.is_subtype(name, ancestor), (name, ancestor)
    with pytest.raises(KeyError):
        d.type_definition("Observation.nothing")
    with pytest.raises(KeyError):
        d.type_definition("Nothing")


def test_ids_are_ids_and_primitives_have_patterns() -> None:
    assert d.type_definition("Patient").elements["id"].types == ("id",)
    assert d.type_definition("HumanName").elements["id"].types == ("string",)
    assert d.type_definition("Extension").elements["url"].types == ("uri",)
    for name in d.primitive_types():
        regex = d.type_definition(name).regex
        assert name == "xhtml" or re.compile(regex or "(")


def test_shadows() -> None:
    patient = d.type_definition("Patient")
    assert d.has_shadow(patient.elements["birthDate"], "date")
    assert not d.has_shadow(patient.elements["id"], "id")
    assert not d.has_shadow(patient.elements["name"], "HumanName")


def test_required_bindings_are_enumerated_but_for_the_open_ones() -> None:
    open_sets = {
        e.binding.value_set
        for definition in all_types()
        for e in definition.elements.values()
        if e.binding and e.binding.strength == "required" and d.element_codes(e) is None
    }
    assert open_sets == {
        "http://hl7.org/fhir/ValueSet/mimetypes",
        "http://hl7.org/fhir/ValueSet/currencies",
        "http://hl7.org/fhir/ValueSet/ucum-units",
        "http://loinc.org/vs/LL379-9",
    }
    gender = d.codes("http://hl7.org/fhir/ValueSet/administrative-gender")
    assert gender == {"http://hl7.org/fhir/administrative-gender": ("male", "female", "other", "unknown")}
    everything = d.codes("http://hl7.org/fhir/ValueSet/all-types") or {}
    assert {"Patient", "Quantity", "dateTime"} <= {c for group in everything.values() for c in group}


def test_invariants_come_with_those_of_the_ancestors() -> None:
    keys = {i.key: i for i in d.invariants("Observation")}
    assert {"dom-2", "dom-6", "obs-3", "obs-6", "obs-7"} <= set(keys)
    assert keys["dom-6"].severity == "warning"
    assert keys["obs-3"].path == "Observation.referenceRange"
    assert keys["obs-6"].expression == "dataAbsentReason.empty() or value.empty()"
    assert {i.key for i in d.invariants("Age")} == {"ele-1", "qty-3", "age-1"}
    assert {i.key for i in d.invariants("Organization")} >= {"org-1", "org-2", "org-3"}


def test_search_parameters() -> None:
    patient = d.search_parameters_for("Patient")
    assert patient["birthdate"].expression == "Patient.birthDate | Person.birthDate | RelatedPerson.birthDate"
    assert patient["_lastUpdated"].base == ("Resource",)
    assert patient["_id"].url == "http://hl7.org/fhir/SearchParameter/Resource-id"
    assert patient["general-practitioner"].target == ("Practitioner", "Organization", "PractitionerRole")
    assert patient["phonetic"].usage == "phonetic"
    assert d.search_parameters_for("Location")["near"].usage == "nearby"
    assert d.search_parameters_for("Condition")["subject"].target == ("Group", "Patient")
    assert "_text" in patient
    assert "_text" not in d.search_parameters_for("Bundle")  # it is on DomainResource
    for parameter in d.search_parameters():
        assert parameter is d.search_parameter(parameter.url)
        assert all(d.type_definition(base).kind == "resource" for base in parameter.base)
        assert (parameter.type == "composite") == bool(parameter.component)
        for component in parameter.component:
            assert d.search_parameter(component.definition).type != "composite"


def test_compartments_name_search_parameters_that_exist() -> None:
    assert set(d.compartments()) == {"Device", "Encounter", "Patient", "Practitioner", "RelatedPerson"}
    assert d.compartment("Patient")["Observation"] == ("subject", "performer")
    assert "Medication" not in d.compartment("Patient")
    for name in d.compartments():
        for type_name, codes in d.compartment(name).items():
            assert set(codes) - {"{def}"} <= set(d.search_parameters_for(type_name)), (name, type_name)


def test_operations() -> None:
    everything = [o for o in d.operations() if o.code == "everything"]
    assert {"Patient", "Encounter"} <= {r for o in everything for r in o.resource}
    assert len(d.operations()) == 46


def test_what_is_not_asked_for_is_not_read() -> None:
    program = """
from bedside.fhir import definitions as d
d.type_definition("Patient"), d.resource_types()
assert d._raw_types.cache_info().currsize == 1
assert d._search_by_url.cache_info().currsize == 0
assert d._all_codes.cache_info().currsize == 0
assert d._type_family.cache_info().currsize < 6
"""
    subprocess.run([sys.executable, "-c", program], check=True)
