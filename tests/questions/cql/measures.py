"""The eCQM test cases: measures, their libraries and value sets, and a bundle for each case with what is expected.

Used by the tests and the benchmarks of whoever runs measures. The files are not part of the project (see `suites`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from bedside.fhir import json
from bedside.questions.cql.run.memory import MemoryData, MemoryTerminology
from bedside.questions.cql.run.program import Program, compile_library
from bedside.questions.cql.run.session import Session
from bedside.questions.cql.typer import translate
from bedside.questions.cql.values import Interval
from bedside.questions.cql.world import World
from bedside.questions.data import DataNode
from bedside.questions.values import DateTime

Counts = dict[str, int]
"""How often each population is met: `initial-population` -> 1."""


class Measures:
    """The folder `measures` of the suites."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names = sorted(each.name for each in (folder / "tests").iterdir())

    @cached_property
    def terminology(self) -> MemoryTerminology:
        paths = (each for each in (self.folder / "valueset").glob("*.json") if "manifest" not in each.name)
        return MemoryTerminology(json.decode(each.read_bytes()) for each in paths)

    def library(self, name: str, version: str | None) -> str | None:
        """The source of a library, as the typer asks for it."""
        path = self.folder / "cql" / f"{name}.cql"
        return path.read_text() if path.exists() else None

    @cache  # noqa: B019 - there is one of these in a test run
    def program(self, name: str) -> Program:
        source = self.library(name, None)
        assert source is not None
        translation = translate(source, libraries=self.library)
        assert translation.library is not None, [str(each) for each in translation.problems]
        return compile_library(translation.library)

    @cache  # noqa: B019
    def groups(self, name: str) -> list[dict[str, Any]]:
        """The groups of a measure, each with its populations."""
        return json.decode((self.folder / "measure" / f"{name}.json").read_bytes())["group"]  # type: ignore[no-any-return]

    def cases(self, name: str) -> Iterator[Case]:
        for path in sorted((self.folder / "tests" / name).glob("*.json")):
            yield Case(self, name, path)


class Case:
    """One patient of a measure with the report that is expected."""

    def __init__(self, measures: Measures, measure: str, path: Path) -> None:
        self.measures = measures
        self.measure = measure
        self.name = path.stem
        self.bundle: dict[str, Any] = json.decode(path.read_bytes())
        resources = [each["resource"] for each in self.bundle["entry"]]
        (self.report,) = (each for each in resources if each["resourceType"] == "MeasureReport")
        (self.patient,) = (each["id"] for each in resources if each["resourceType"] == "Patient")

    def session(self) -> Session:
        """A session for the patient, with the report's period as the measurement period."""
        world = World(
            MemoryData.of_bundle(self.bundle, self.measures.terminology),
            self.measures.terminology,
            now=lambda: dt.datetime(2026, 12, 1, tzinfo=dt.UTC),
        )
        period = self.report["period"]
        interval = Interval(_day(period["start"], 0), _day(period["end"], 1), point="DateTime")
        program = self.measures.program(self.measure)
        return program.session(world, context_id=self.patient, parameters={"Measurement Period": interval})

    def expected(self) -> list[Counts]:
        return [
            {_code(each): each["count"] for each in group["population"]}
            for group in sorted(self.report["group"], key=lambda each: each.get("id", ""))
        ]

    def counted(self, session: Session) -> list[Counts]:
        """What the report should say, by the definitions that the measure names."""
        groups = sorted(self.measures.groups(self.measure), key=lambda each: each.get("id", ""))
        return [
            scored(
                {_code(each): members(session.evaluate(each["criteria"]["expression"])) for each in of["population"]}
            )
            for of in groups
        ]


def _day(text: str, end: int) -> DateTime:
    year, month, day = map(int, text[:10].split("-"))
    return DateTime(year, month, day, 23 * end, 59 * end, Decimal("59.999") if end else Decimal("0.000"), 0)


def _code(population: Mapping[str, Any]) -> str:
    return population["code"]["coding"][0]["code"]  # type: ignore[no-any-return]


def members(value: Any) -> frozenset[Any]:
    """Who is in a population: the patient when it is true, or each episode of a list."""
    if isinstance(value, list):
        return frozenset(id(each.value) if isinstance(each, DataNode) else each for each in value)
    return frozenset({True}) if value is True else frozenset()


def scored(found: Mapping[str, frozenset[Any]]) -> Counts:
    """The counts of a proportion measure: each population is counted within those that it is part of
    (https://hl7.org/fhir/us/cqfmeasures, "Proportion Measure Scoring").
    """
    none: frozenset[Any] = frozenset()
    initial = found["initial-population"]
    denominator = found["denominator"] & initial
    excluded = found.get("denominator-exclusion", none) & denominator
    numerator = found["numerator"] & (denominator - excluded)
    numerator_excluded = found.get("numerator-exclusion", none) & numerator
    excepted = found.get("denominator-exception", none) & (denominator - excluded - numerator)
    counts = {
        "initial-population": initial,
        "denominator": denominator,
        "denominator-exclusion": excluded,
        "numerator": numerator,
        "numerator-exclusion": numerator_excluded,
        "denominator-exception": excepted,
    }
    return {code: len(counts[code]) for code in found}
