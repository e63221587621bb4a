"""Reads and runs the official FHIRPath tests (XML, one `test` a case). Used by the tests and by scripts/conformance.py.

A case passes when the expression fails as announced, or gives the announced items with their types, in order. Every
case that has an input is checked strictly against its type before it runs, so a valid case that the static check
refuses counts as failed too.
"""

from __future__ import annotations

import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

import fhir_xml

from bedside.fhir import json
from bedside.questions.data import DataNode, Item, system_value, type_of
from bedside.questions.errors import ParseError, QuestionError
from bedside.questions.expression import compile
from bedside.questions.functions_convert import to_string

NOT_PASSED = Path(__file__).with_name("fhirpath-r4-not-passed.toml")
NEWER_NOT_PASSED = Path(__file__).with_name("fhirpath-r5-not-passed.toml")


@dataclass(frozen=True)
class Case:
    group: str
    name: str
    expression: str
    input: Path | None
    invalid: str | None
    """`syntax`, `semantic` or `execution` for a case that must be refused."""
    predicate: bool
    ordered: bool
    outputs: tuple[tuple[str | None, str], ...]
    """Expected items: type name, if it is given, and text."""


def read_cases(path: Path) -> list[Case]:
    """All cases of a test file. A name that occurs twice in it is numbered: `testEquivalent23#2`."""
    seen: dict[str, int] = {}
    root = ET.parse(path).getroot()
    for each in root.iter():  # R5's file has a namespace, R4's has none.
        if isinstance(each.tag, str):
            each.tag = each.tag.rpartition("}")[2]
    return [_case(path.parent, group, test, seen) for group, test in _tests(root)]


def read_newer_cases(path: Path) -> tuple[list[Case], int]:
    """The cases of R5's file that need no resource of R5: they have no input, or one that R4's tests have too.

    Also how many there are in the file.
    """
    cases = read_cases(path)
    return [each for each in cases if each.input is None or each.input.exists()], len(cases)


def _tests(root: ET.Element) -> Iterator[tuple[str, ET.Element]]:
    for group in root.iterfind("group"):
        for test in group.iterfind("test"):
            yield group.get("name", ""), test


def _case(folder: Path, group: str, test: ET.Element, seen: dict[str, int]) -> Case:
    name = test.get("name", "")
    seen[name] = seen.get(name, 0) + 1
    expression = test.find("expression")
    assert expression is not None
    given = test.get("inputfile")
    return Case(
        group,
        name if seen[name] == 1 else f"{name}#{seen[name]}",
        expression.text or "",
        folder / "input" / given if given else None,
        expression.get("invalid") or test.get("invalid"),
        test.get("predicate") == "true",
        test.get("ordered") != "false",
        tuple((output.get("type"), output.text or "") for output in test.iterfind("output")),
    )


@cache
def read_input(path: Path) -> dict[str, Any]:
    """The resource in an input file, whether XML or JSON."""
    if path.suffix == ".xml":
        return fhir_xml.read_resource(path)
    found: dict[str, Any] = json.decode(path.read_bytes())
    return found


def run(case: Case) -> str | None:
    """None when the case passes, else what went wrong in one sentence."""
    resource = read_input(case.input) if case.input else None
    try:
        if resource is None:
            expression = compile(case.expression)
        else:
            expression = compile(case.expression, context_type=resource["resourceType"], strict=True)
        items = expression.nodes(resource)
    except QuestionError as error:
        if case.invalid is None:
            return f"refused: {error}"
        if case.invalid == "syntax" and not isinstance(error, ParseError):
            return f"refused, but not as bad syntax: {error}"
        return None
    if case.invalid is not None:
        return f"should be refused ({case.invalid}) and gives {_shown(items)}"
    if case.predicate:
        items = [bool(items)]
    expected = list(case.outputs)
    actual = [_described(item) for item in items]
    if not case.ordered:
        expected.sort(key=str)
        actual.sort(key=str)
    if len(expected) == len(actual) and all(map(_same, expected, actual)):
        return None
    return f"should give {expected} and gives {actual}"


def _described(item: Item) -> tuple[str, str]:
    value = system_value(item)
    text = repr(value) if value.__class__ is DataNode else to_string(value)
    return type_of(item).name, text or ""


def _shown(items: list[Item]) -> list[tuple[str, str]]:
    return [_described(item) for item in items]


def _same(expected: tuple[str | None, str], actual: tuple[str, str]) -> bool:
    name, text = expected
    if name is not None and name.lower() != actual[0].lower():
        return False
    return _normal(text) == _normal(actual[1])


def _normal(text: str) -> object:
    """Numbers by value; dates and times without the sign that marks them in expressions."""
    if text.startswith("@"):
        text = text[1:].removeprefix("T")
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


def not_passed(path: Path = NOT_PASSED) -> dict[str, str]:
    """Case -> reason, for every case that is known not to pass."""
    found: dict[str, str] = tomllib.loads(path.read_text())
    return found
