"""The compiler of the definitions, on small inputs; and that the package data is what it writes."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "scripts" / "compile_r4.py"


@pytest.fixture(scope="module")
def compiler() -> ModuleType:
    spec = importlib.util.spec_from_file_location("compile_r4", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def element(path: str, **more: Any) -> dict[str, Any]:
    return {"path": path, "min": 0, "max": "1", "base": {"path": path}, "type": [{"code": "string"}], **more}


def test_content_with_another_hash_is_refused(compiler: ModuleType) -> None:
    with pytest.raises(SystemExit, match="refused"):
        compiler.verified(b"something else", compiler.PACKAGE_SHA256, "the package")


def test_an_element(compiler: ModuleType) -> None:
    found = compiler.compile_element(
        element(
            "Thing.about[x]",
            max="*",
            type=[
                {"code": "Reference", "targetProfile": ["http://hl7.org/fhir/StructureDefinition/Patient"]},
                {"code": "code"},
            ],
            binding={"strength": "required", "valueSet": "http://example.org/vs|4.0.1"},
            isSummary=True,
        )
    )
    assert (found.name, found.path, found.types) == ("about", "Thing.about", ("Reference", "code"))
    assert (found.choice, found.max, found.targets, found.summary) == (True, None, ("Patient",), True)
    assert found.binding.value_set == "http://example.org/vs"


def test_a_type_with_a_backbone_and_a_content_reference(compiler: ModuleType) -> None:
    found = compiler.compile_type(
        {
            "type": "Thing",
            "kind": "resource",
            "abstract": False,
            "baseDefinition": "http://hl7.org/fhir/StructureDefinition/DomainResource",
            "snapshot": {
                "element": [
                    element("Thing"),
                    element("Thing.id", base={"path": "Resource.id"}),
                    element("Thing.part", type=[{"code": "BackboneElement"}]),
                    element("Thing.part.id", base={"path": "Element.id"}),
                    element("Thing.part.name"),
                    {
                        k: v
                        for k, v in element("Thing.part.part", contentReference="#Thing.part").items()
                        if k != "type"
                    },
                ]
            },
        }
    )
    assert [(p.name, p.base, [e.name for e in p.elements]) for p in found.parts] == [
        ("Thing", "DomainResource", ["part"]),
        ("Thing.part", "BackboneElement", ["name", "part"]),
    ]
    assert found.parts[1].elements[1].types == ("Thing.part",)


@pytest.mark.parametrize("bad", [{"max": "3"}, {"type": [{"code": "Quantity", "profile": ["http://other"]}]}])
def test_what_the_compiler_does_not_know_stops_it(compiler: ModuleType, bad: dict[str, Any]) -> None:
    with pytest.raises(SystemExit, match="not known"):
        compiler.compile_element(element("Thing.x", **bad))


def test_codes_are_enumerated_through_hierarchies_and_other_value_sets(compiler: ModuleType) -> None:
    systems = {"s": {"content": "complete", "concept": [{"code": "a", "concept": [{"code": "b"}]}, {"code": "c"}]}}
    sets = {
        "all": {"compose": {"include": [{"system": "s"}]}},
        "some": {"compose": {"include": [{"system": "t", "concept": [{"code": "x"}]}, {"valueSet": ["all|1"]}]}},
        "open": {"compose": {"include": [{"system": "elsewhere"}]}},
        "filtered": {"compose": {"include": [{"system": "s", "filter": [{}]}]}},
    }
    assert compiler.enumerate_codes("all", sets, systems) == {"s": ["a", "b", "c"]}
    assert compiler.enumerate_codes("some", sets, systems) == {"t": ["x"], "s": ["a", "b", "c"]}
    assert compiler.enumerate_codes("open", sets, systems) is None
    assert compiler.enumerate_codes("absent", sets, systems) is None
    with pytest.raises(SystemExit, match="filters"):
        compiler.enumerate_codes("filtered", sets, systems)


def test_the_package_data_is_what_the_compiler_writes() -> None:
    wheel = os.environ.get("BEDSIDE_R4_WHEEL")
    if not wheel:
        pytest.skip("set BEDSIDE_R4_WHEEL to the wheel named in scripts/compile_r4.py to compare the package data")
    subprocess.run([sys.executable, str(SCRIPT), "--check", "--wheel", wheel], check=True)


def test_the_package_data_is_small() -> None:
    assert sum(f.stat().st_size for f in (ROOT / "src/bedside/fhir/data").iterdir()) < 1_500_000
