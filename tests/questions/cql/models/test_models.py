"""The compiled model information: that it is whole, that it agrees with R4, and that it is cheap to load."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bedside.fhir import definitions
from bedside.questions.cql import models
from bedside.questions.cql.types import (
    ANY,
    BOOLEAN,
    DATETIME,
    INTEGER,
    QUANTITY,
    STRING,
    ChoiceType,
    DataType,
    IntervalType,
    ListType,
    NamedType,
    choice,
    system,
)
from bedside.questions.errors import CheckError

FHIR = models.load("FHIR", "4.0.1")
QICORE = models.load("QICore", "6.0.0")
USCORE = models.load("USCore", "6.1.0")
ALL = [models.SYSTEM, FHIR, QICORE, USCORE]
ROOT = Path(__file__).parents[4]
PUBLISHED = Path(os.environ.get("BEDSIDE_SUITES", ROOT.parent / "shared" / "data")) / "modelinfo"


def fhir(name: str) -> NamedType:
    return NamedType("FHIR", name)


def qicore(name: str) -> NamedType:
    return NamedType("QICore", name)


def named(type_: DataType | None) -> list[NamedType]:
    match type_:
        case NamedType():
            return [type_]
        case ListType(element=inner) | IntervalType(point=inner):
            return named(inner)
        case ChoiceType(alternatives=several):
            return [one for each in several for one in named(each)]
    return []


@pytest.mark.parametrize("model", ALL, ids=repr)
def test_every_type_that_is_mentioned_exists(model: models.Model) -> None:
    by_name = {"System": models.SYSTEM, model.name: model}
    for name in model.type_names:
        type_ = NamedType(model.name, name)
        info = model.info(type_)
        mentioned = named(info.base) + [t for e in info.elements.values() for t in named(e.type)]
        assert [t for t in mentioned if t.name not in by_name[t.namespace].type_names] == [], name
        assert (info.base is None) == (type_ == ANY)


@pytest.mark.parametrize(("model", "types"), [(FHIR, 931), (QICORE, 315), (USCORE, 206)], ids=repr)
def test_all_types_are_there(model: models.Model, types: int) -> None:
    assert len(list(model.type_names)) == types


def test_elements_of_fhir_have_types_of_the_model_and_inherit() -> None:
    observation = FHIR.elements(fhir("Observation"))
    assert observation["component"].type == ListType(fhir("Observation.Component"))
    assert observation["status"].type == fhir("ObservationStatus")
    assert observation["id"].type == fhir("id")
    value = observation["value"].type
    assert isinstance(value, ChoiceType)
    assert {fhir("Quantity"), fhir("Period"), fhir("string")} < set(value.alternatives)
    assert len(value.alternatives) == 11
    assert FHIR.element(fhir("dateTime"), "value") == models.Element("value", DATETIME)
    assert FHIR.element(fhir("id"), "value") == models.Element("value", STRING)
    assert FHIR.element(fhir("Observation"), "valueQuantity") is None


def test_elements_of_qicore_say_how_they_are_read_from_fhir() -> None:
    encounter = QICORE.elements(qicore("Encounter"))
    assert encounter["period"].type == IntervalType(DATETIME)
    assert encounter["period"].target == "FHIRHelpers.ToInterval(%value)"
    assert encounter["status"].target == "%value.value"
    assert encounter["diagnosis"].target is None
    value = QICORE.elements(qicore("Extension"))["value"].type
    assert isinstance(value, ChoiceType)
    assert len(value.alternatives) == len(set(value.alternatives))
    assert QICORE.info(qicore("abatement")).base == choice((system("Date"), QUANTITY, BOOLEAN))


@pytest.mark.parametrize(
    ("model", "written", "name"),
    [
        (QICORE, "Encounter", "Encounter"),
        (QICORE, "QICore.Encounter", "Encounter"),
        (QICORE, "QICore Encounter", "Encounter"),
        (QICORE, "QICore Condition Problems Health Concerns", "ConditionProblemsHealthConcerns"),
        (QICORE, "US Core Blood Pressure Profile", "USCoreBloodPressureProfile"),
        (USCORE, "US Core Patient Profile", "PatientProfile"),
        (FHIR, "Observation.Component", "Observation.Component"),
        (FHIR, "FHIR.Observation.Component", "Observation.Component"),
    ],
)
def test_a_type_is_found_by_name_and_label(model: models.Model, written: str, name: str) -> None:
    assert model.find_type(written) == NamedType(model.name, name)


def test_what_is_no_type_is_not_found() -> None:
    assert [QICORE.find_type(each) for each in ("", "encounter", "FHIR.Encounter", "Observation")] == [None] * 4


@pytest.mark.parametrize(
    ("type_", "fhir_type"),
    [
        (fhir("Observation"), "Observation"),
        (fhir("Observation.Component"), "Observation.component"),
        (fhir("ObservationStatus"), "code"),
        (fhir("SimpleQuantity"), "Quantity"),
        (fhir("dateTime"), "dateTime"),
        (qicore("ConditionProblemsHealthConcerns"), "Condition"),
        (qicore("Observation.Component.systolic"), "Observation.component"),
        (qicore("EncounterStatus"), None),
        (qicore("USCoreRaceExtension"), "Extension"),
        (NamedType("USCore", "PatientProfile"), "Patient"),
    ],
)
def test_a_type_knows_the_r4_type_of_its_instances(type_: NamedType, fhir_type: str | None) -> None:
    assert models.load(type_.namespace).fhir_type(type_) == fhir_type


def test_r4_types_exist_and_have_the_elements_of_the_fhir_model() -> None:
    for name in FHIR.type_names:
        type_ = fhir(name)
        definition = definitions.type_definition(FHIR.fhir_type(type_) or "")
        strange = set(FHIR.elements(type_)) - set(definition.elements) - {"value"}
        assert strange == set(), name


def test_retrievable_types_are_resources_with_a_profile() -> None:
    for model in (QICORE, USCORE):
        names = list(model.retrievable)
        assert len(names) > 30
        for name in names:
            info = model.info(NamedType(model.name, name))
            assert info.identifier is not None
            assert info.fhir_type is not None
            assert info.primary_code_path is None or info.primary_code_path.split(".")[0] in model.elements(info.type)


def test_conversions_and_contexts() -> None:
    found = {(str(c.source), str(c.target)): c.function for c in FHIR.conversions}
    assert len(found) == 264
    assert found["FHIR.Period", "Interval<System.DateTime>"] == "FHIRHelpers.ToInterval"
    assert found["FHIR.Coding", "System.Code"] == "FHIRHelpers.ToCode"
    assert found["FHIR.ObservationStatus", "System.String"] == "FHIRHelpers.ToString"
    assert QICORE.conversions == ()
    assert FHIR.contexts["Patient"] == models.Context("Patient", fhir("Patient"), "id", "birthDate.value")
    assert set(QICORE.contexts) == {"Patient", "Practitioner", "Device", "Encounter", "RelatedPerson"}
    assert (FHIR.patient_class, FHIR.birth_date_element) == (fhir("Patient"), "birthDate.value")
    assert (USCORE.patient_class, USCORE.birth_date_element) == (NamedType("USCore", "PatientProfile"), "birthDate")
    assert FHIR.required == (("System", "1.0.0"),)
    assert ("Patient", "subject") in FHIR.info(fhir("Observation")).relationships


def test_the_system_model() -> None:
    assert models.load("System") is models.SYSTEM
    assert models.SYSTEM.element(QUANTITY, "unit") == models.Element("unit", STRING)
    assert models.SYSTEM.info(INTEGER).base == ANY
    assert models.SYSTEM.find_type("System.Integer") == INTEGER
    assert models.SYSTEM.elements(INTEGER) == {}


def test_versions() -> None:
    assert models.load("FHIR") is models.load("FHIR", "4.0.0") is FHIR
    with pytest.raises(CheckError, match="no model QIcore") as caught:
        models.load("QIcore")
    assert caught.value.suggestion == "QICore"
    assert caught.value.expected == "System 1.0.0, FHIR 4.0.1, QICore 6.0.0, USCore 6.1.0"
    with pytest.raises(CheckError, match=r"no version 4\.1\.1 of the model QICore") as caught:
        models.load("QICore", "4.1.1")
    assert caught.value.expected == "6.0.0"


def test_info_of_another_model_is_an_error() -> None:
    with pytest.raises(KeyError):
        QICORE.info(fhir("Observation"))


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason=f"the published model information is not at {PUBLISHED}")
def test_the_data_is_what_the_published_files_give() -> None:
    command = [sys.executable, str(ROOT / "scripts" / "compile_models.py"), "--check", "--folder", str(PUBLISHED)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "the package data is up to date\n"), done.stderr


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason=f"the published model information is not at {PUBLISHED}")
def test_another_file_is_refused(tmp_path: Path) -> None:
    for file in PUBLISHED.glob("*.xml"):
        (tmp_path / file.name).write_bytes(file.read_bytes() + b"\n")
    command = [sys.executable, str(ROOT / "scripts" / "compile_models.py"), "--check", "--folder", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "refused" in done.stderr
    assert hashlib.sha256((tmp_path / "system-modelinfo.xml").read_bytes()).hexdigest() in done.stderr
