"""What docs/questions.md and docs/conformance.md say is so."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

from suites import ROOT, suite

from bedside.questions.code import FUNCTIONS
from bedside.questions.expression import compile

DOCS = ROOT / "docs"


QUESTIONS = ROOT / "src" / "bedside" / "questions"


def test_every_module_has_its_paragraph() -> None:
    fhirpath, cql = (DOCS / "questions.md").read_text().split("\n## CQL\n")
    told = set(re.findall(r"\*\*(\w+)\*\*", fhirpath))
    assert told == _modules(QUESTIONS)
    packages = {path.name for path in (QUESTIONS / "cql").iterdir() if (path / "__init__.py").exists()}
    told = set(re.findall(r"\*\*(\w+)\*\*", cql)) | set(re.findall(r"`(\w+)`", cql))
    there = _modules(QUESTIONS / "cql") | packages
    for package in packages:
        there |= _modules(QUESTIONS / "cql" / package)
    assert there - told == set()


def _modules(folder: Path) -> set[str]:
    return {path.stem for path in folder.glob("*.py")} - {"__init__"}


def test_the_first_example_does_what_it_says() -> None:
    text = (DOCS / "questions.md").read_text()
    code, shown = re.findall(r'compile\("(Patient.*?)"\)\.evaluate\(patient\)\n# (.*)\n', text)[0]
    patient = {"resourceType": "Patient", "name": [{"use": "official", "given": ["Ada", "Eve"]}]}
    assert repr(compile(code).evaluate(patient)) == shown


def test_functions_named_in_the_docs_are_functions() -> None:
    named = set(re.findall(r"`(\w+)\(\)`", (DOCS / "questions.md").read_text()))
    assert named
    assert named <= set(FUNCTIONS)


def test_the_count_of_the_official_tests_is_up_to_date() -> None:
    suite("fhirpath-r4")
    conformance = _conformance_script()
    report = (DOCS / "conformance.md").read_text()
    assert conformance.with_section(report, "fhirpath", conformance.fhirpath()) == report


def _conformance_script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("conformance", ROOT / "scripts" / "conformance.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
