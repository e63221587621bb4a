"""The official CQL tests: reading them, and running one case with our own engine."""

from __future__ import annotations

import datetime as dt
import tomllib
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bedside.questions.cql.operators.equality import equal
from bedside.questions.cql.operators.equivalence import equivalent
from bedside.questions.cql.run.program import compile_library
from bedside.questions.cql.typer import translate
from bedside.questions.cql.world import World
from bedside.questions.errors import EvaluationError, QuestionError

NOT_PASSED = Path(__file__).with_name("cql-tests-not-passed.toml")
NAMESPACE = "{http://hl7.org/fhirpath/tests}"
NOW = dt.datetime(2026, 11, 22, 10, 30, 15, 250_000, tzinfo=dt.UTC)
"""In UTC: the suite writes `minimum DateTime` with Z."""


@dataclass(frozen=True)
class Case:
    """One test. `invalid`: '' for one that must give `output`, else when it must be rejected."""

    file: str
    group: str
    name: str
    expression: str
    output: str | None
    invalid: str

    @property
    def key(self) -> str:
        return f"{self.group}/{self.name}"


def read_cases(folder: Path) -> list[Case]:
    """All cases of all files, in their order."""
    cases = []
    for path in sorted(folder.rglob("*.xml")):
        for group in ET.parse(path).getroot().iter(f"{NAMESPACE}group"):
            for test in group.iter(f"{NAMESPACE}test"):
                expression = test.find(f"{NAMESPACE}expression")
                assert expression is not None
                assert expression.text is not None
                invalid = expression.get("invalid", "false")
                outputs = [each.text for each in test.findall(f"{NAMESPACE}output")]
                cases.append(
                    Case(
                        file=path.name,
                        group=group.get("name", ""),
                        name=test.get("name", ""),
                        expression=expression.text,
                        output=outputs[0] if outputs else None,
                        invalid="" if invalid == "false" else invalid,
                    )
                )
    return cases


@cache
def not_passed() -> dict[str, str]:
    """`group/name` -> reason, for every case that is known not to pass."""
    found: dict[str, str] = tomllib.loads(NOT_PASSED.read_text())
    return found


def evaluate(expression: str) -> Any:
    """The value of an expression. Raises QuestionError where it is rejected, when typed or when run."""
    translation = translate(f"define E: {expression}")
    if translation.library is None:
        raise translation.problems[0]
    return compile_library(translation.library).session(World(now=lambda: NOW)).evaluate("E")


def run(case: Case) -> str | None:
    """What is wrong with our answer; None when it is as the case says."""
    try:
        value = evaluate(case.expression)
    except QuestionError as error:
        if not case.invalid:
            return f"was rejected: {error}"
        if case.invalid in ("semantic", "syntax") and isinstance(error, EvaluationError):
            return f"was rejected only when run: {error}"
        return None
    if case.invalid:
        return f"must be rejected ({case.invalid}), and gives {value!r}"
    if case.output is None:
        return None
    expected = evaluate(case.output)
    return None if same(value, expected) else f"gives {value!r}, not {expected!r}"


def same(value: Any, expected: Any) -> bool:
    """Whether two values are the same in CQL's sense: equal where that is known, else equivalent.

    Both, because equality does not know of nulls within, and equivalence forgives decimals and case.
    """
    if value is None or expected is None:
        return value is expected
    if isinstance(value, bool) or isinstance(expected, bool):
        return value is expected
    return equal(value, expected) is not False and equivalent(value, expected)
