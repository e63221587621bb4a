"""Reads and runs HL7's cql-tests (XML, one `test` a case). Used by the tests and by scripts/conformance.py.

A case passes when its expression is refused as announced, or when its value is the value of the expected output: equal
by CQL's `=`, or the same part by part where `=` cannot know (both null, an interval with an unknown boundary).
"""

from __future__ import annotations

import datetime as dt
import tomllib
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bedside.questions.cql.operators.elements import same
from bedside.questions.cql.run.program import compile_library
from bedside.questions.cql.typer import translate
from bedside.questions.cql.world import World
from bedside.questions.errors import QuestionError

NOT_PASSED = Path(__file__).with_name("cql-tests-not-passed.toml")
_NAMESPACE = "{http://hl7.org/fhirpath/tests}"
_WORLD = World(now=lambda: dt.datetime(2026, 3, 4, 12, 30, 15, 123_000, tzinfo=dt.UTC))


@dataclass(frozen=True)
class Case:
    file: str
    group: str
    name: str
    expression: str
    invalid: bool
    """Whether it must be refused, before it runs or when it does."""
    output: str | None


def read_cases(folder: Path) -> list[Case]:
    """All cases of all files. Names are `group.name`; one that occurs again in its file is numbered."""
    found: list[Case] = []
    for path in sorted(folder.glob("*.xml")):
        seen: dict[str, int] = {}
        for group in ET.parse(path).getroot().iterfind(f"{_NAMESPACE}group"):
            for test in group.iterfind(f"{_NAMESPACE}test"):
                name = f"{group.get('name')}.{test.get('name')}"
                seen[name] = seen.get(name, 0) + 1
                number = "" if seen[name] == 1 else f"#{seen[name]}"
                found.append(_case(path.stem, group.get("name", ""), f"{path.stem}.{name}{number}", test))
    return found


def _case(file: str, group: str, name: str, test: ET.Element) -> Case:
    expression = test.find(f"{_NAMESPACE}expression")
    assert expression is not None
    invalid = expression.get("invalid") or test.get("invalid") or "false"
    output = test.find(f"{_NAMESPACE}output")
    return Case(file, group, name, expression.text or "", invalid != "false", None if output is None else output.text)


def run(case: Case) -> str | None:
    """None when the case passes, else what is wrong."""
    try:
        value = evaluate(case.expression)
    except QuestionError as error:
        return None if case.invalid else f"gives an error: {error}"
    if case.invalid:
        return f"gives {value!r} and should be refused"
    if case.output is None:
        return None
    expected = evaluate(case.output)
    return None if is_same(value, expected) else f"gives {value!r} and should give {expected!r}"


def evaluate(expression: str) -> Any:
    """The value of an expression without data. Raises QuestionError for what is wrong with it."""
    translation = translate(f"define Answer: {expression}")
    if translation.library is None:
        raise translation.problems[0]
    return compile_library(translation.library).session(_WORLD, offset=0).evaluate("Answer")


def is_same(value: Any, expected: Any) -> bool:
    """Whether a value is what is expected."""
    return same(value, expected) is True or (value.__class__ is expected.__class__ and value == expected)


def not_passed() -> dict[str, str]:
    """Names of the cases that do not pass, with the reason."""
    return tomllib.loads(NOT_PASSED.read_text())
