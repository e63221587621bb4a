"""The typed tree as ELM: what is written, and the same libraries as the reference translator writes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bedside.fhir import json as exact
from bedside.questions.cql.elm import Options, to_elm
from bedside.questions.cql.typer import translate
from questions.cql import elm_reference
from questions.cql.elm_reference import differences, formed, ours, outline, statements, type_of

SYSTEM = "{urn:hl7-org:elm-types:r1}"


def written(source: str, **options: bool) -> dict[str, Any]:
    translation = translate(source)
    assert translation.library is not None, translation.problems
    found: dict[str, Any] = to_elm(translation.library, Options(**options))["library"]
    exact.encode(found)  # All of it is JSON.
    return found


def expression(text: str, **options: bool) -> dict[str, Any]:
    found: dict[str, Any] = written(f"define E: {text}", **options)["statements"]["def"][0]["expression"]
    return found


def literal(type_: str, value: str) -> dict[str, Any]:
    return {"type": "Literal", "valueType": SYSTEM + type_, "value": value}


@pytest.mark.parametrize(
    ("text", "elm"),
    [
        ("42", literal("Integer", "42")),
        ("42L", literal("Long", "42")),
        ("1.50", literal("Decimal", "1.50")),
        ("true", literal("Boolean", "true")),
        ("'it'", literal("String", "it")),
        ("null", {"type": "Null"}),
        ("1 + 2", {"type": "Add", "operand": [literal("Integer", "1"), literal("Integer", "2")]}),
        ("not true", {"type": "Not", "operand": literal("Boolean", "true")}),
        (
            "1 + 2.0",
            {
                "type": "Add",
                "operand": [{"type": "ToDecimal", "operand": literal("Integer", "1")}, literal("Decimal", "2.0")],
            },
        ),
        ("minimum Date", {"type": "MinValue", "valueType": SYSTEM + "Date"}),
        (
            "@2012-02",
            {"type": "Date", "year": literal("Integer", "2012"), "month": literal("Integer", "2")},
        ),
        (
            "@T10:30",
            {"type": "Time", "hour": literal("Integer", "10"), "minute": literal("Integer", "30")},
        ),
        (
            "{1} X return all X",
            {
                "type": "Query",
                "source": [{"alias": "X", "expression": {"type": "List", "element": [literal("Integer", "1")]}}],
                "let": [],
                "relationship": [],
                "return": {"distinct": False, "expression": {"type": "AliasRef", "name": "X"}},
            },
        ),
        (
            "Interval[1, 2)",
            {
                "type": "Interval",
                "low": literal("Integer", "1"),
                "high": literal("Integer", "2"),
                "lowClosed": True,
                "highClosed": False,
            },
        ),
        ("First({1})", {"type": "First", "source": {"type": "List", "element": [literal("Integer", "1")]}}),
        (
            "5 as Choice<Integer, String>",
            {
                "type": "As",
                "strict": False,
                "operand": literal("Integer", "5"),
                "asTypeSpecifier": {
                    "type": "ChoiceTypeSpecifier",
                    "choice": [
                        {"type": "NamedTypeSpecifier", "name": SYSTEM + "Integer"},
                        {"type": "NamedTypeSpecifier", "name": SYSTEM + "String"},
                    ],
                },
            },
        ),
        (
            "years between @2000 and @2010",
            {
                "type": "DurationBetween",
                "precision": "Year",
                "operand": [
                    {"type": "Date", "year": literal("Integer", "2000")},
                    {"type": "Date", "year": literal("Integer", "2010")},
                ],
            },
        ),
    ],
)
def test_expression(text: str, elm: dict[str, Any]) -> None:
    source = text if not text.startswith("{") else f"({text.split(' X ')[0]}) X {text.split(' X ')[1]}"
    assert expression(source) == elm


def test_quantity_keeps_its_decimals() -> None:
    found = expression("5.50 'mg'")
    assert exact.encode(found) == b'{"type":"Quantity","value":5.50,"unit":"mg"}'


def test_result_types_and_locators() -> None:
    found = expression("{ 1 }", result_types=True, locators=True)
    assert found["resultTypeSpecifier"] == {
        "type": "ListTypeSpecifier",
        "elementType": {"type": "NamedTypeSpecifier", "name": SYSTEM + "Integer"},
    }
    assert found["locator"] == "1:11-1:15"
    assert found["element"][0]["resultTypeName"] == SYSTEM + "Integer"


def test_signatures() -> None:
    found = expression("1 + 2", signatures=True)
    assert found["signature"] == [{"type": "NamedTypeSpecifier", "name": SYSTEM + "Integer"}] * 2


def test_library() -> None:
    found = written(
        """library Clinic version '1.2'
        using FHIR version '4.0.1'
        codesystem "LOINC": 'http://loinc.org' version '2.7'
        valueset "Visits": 'urn:visits' codesystems { "LOINC" }
        code "Pulse": '8867-4' from "LOINC" display 'Heart rate'
        concept "Pulses": { "Pulse" } display 'Pulse'
        parameter Since Date default @2020-01-01
        context Patient
        define private "Seen": [Encounter: "Visits"]
        define fluent function twice(n Integer): n * 2"""
    )
    assert found["identifier"] == {"id": "Clinic", "version": "1.2"}
    assert found["schemaIdentifier"] == {"id": "urn:hl7-org:elm", "version": "r1"}
    assert found["usings"]["def"][1] == {"localIdentifier": "FHIR", "uri": "http://hl7.org/fhir", "version": "4.0.1"}
    assert found["valueSets"]["def"][0]["codeSystem"] == [{"name": "LOINC"}]
    assert found["codes"]["def"][0]["display"] == "Heart rate"
    assert found["concepts"]["def"][0]["code"] == [{"name": "Pulse"}]
    assert found["parameters"]["def"][0]["default"]["type"] == "Date"
    assert found["contexts"]["def"] == [{"name": "Patient"}]
    patient, seen, twice = found["statements"]["def"]
    assert patient["expression"]["operand"]["dataType"] == "{http://hl7.org/fhir}Patient"
    assert seen["accessLevel"] == "Private"
    assert seen["expression"]["codes"] == {"type": "ValueSetRef", "name": "Visits", "preserve": True}
    assert (twice["type"], twice["fluent"]) == ("FunctionDef", True)
    assert twice["operand"][0]["operandTypeSpecifier"]["name"] == SYSTEM + "Integer"


# Beside the reference translator.

LISTED = differences()
SHARED = sorted(path.stem for path in elm_reference.SOURCES.glob("*.cql"))
OWN = sorted(path.stem for path in elm_reference.OWN.glob("*.cql"))


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return elm_reference.reference_folder(lambda: tmp_path_factory.mktemp("elm"))


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return elm_reference.reference_of(elm_reference.OWN, tmp_path_factory.mktemp("elm"))


def pairs(reference: Path, library: str) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    theirs = statements(exact.decode((reference / f"{library}.json").read_bytes()))
    mine = statements(ours(library))
    assert theirs.keys() == mine.keys()
    return [(name, theirs[name, number], mine[name, number]) for name, number in theirs]


def different(reference: Path, library: str) -> set[str]:
    """The definitions whose result types or nodes differ."""
    found = set()
    for name, theirs, mine in pairs(reference, library):
        types = type_of(theirs) in (None, type_of(mine))
        nodes = [list(outline(formed(each.get("expression")))) for each in (theirs, mine)]
        if not types or nodes[0] != nodes[1]:
            found.add(name)
    return found


@pytest.mark.parametrize("library", SHARED)
def test_shared_libraries_are_as_the_reference_translates_them(shared: Path, library: str) -> None:
    assert different(shared, library) == set(LISTED.get(library, {}))


@pytest.mark.parametrize("library", OWN)
def test_own_libraries_are_as_the_reference_translates_them(own: Path, library: str) -> None:
    assert different(own, library) == set(LISTED.get(library, {}))
