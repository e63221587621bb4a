"""A Measure resource as what it asks for: groups with populations, stratifiers and supplemental data.

Read as the Quality Measure Implementation Guide writes it (http://hl7.org/fhir/us/cqfmeasures): scoring, population
basis and improvement notation may stand on the measure or on a group, with the extensions of R4.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from bedside.fhir import definitions
from bedside.fhir.outcome import Issue, Unprocessable
from bedside.questions.errors import did_you_mean

Json = dict[str, Any]

CQFM = "http://hl7.org/fhir/us/cqfmeasures/StructureDefinition/cqfm-"
POPULATION_SYSTEM = "http://terminology.hl7.org/CodeSystem/measure-population"
BOOLEAN = "boolean"

SCORINGS = {
    "proportion": (
        "initial-population", "denominator", "denominator-exclusion", "denominator-exception", "numerator",
        "numerator-exclusion",
    ),
    "ratio": (
        "initial-population", "denominator", "denominator-exclusion", "numerator", "numerator-exclusion",
        "measure-observation",
    ),
    "continuous-variable": (
        "initial-population", "measure-population", "measure-population-exclusion", "measure-observation",
    ),
    "cohort": ("initial-population",),
}  # fmt: skip
"""Scoring -> the populations that a group with it may have (cqfmeasures, "Measure Conformance", Measure Scoring)."""

NEEDED = {
    "proportion": ("initial-population", "denominator", "numerator"),
    "ratio": ("initial-population", "denominator", "numerator"),
    "continuous-variable": ("initial-population", "measure-population", "measure-observation"),
    "cohort": ("initial-population",),
}
"""Scoring -> the populations that such a group must have."""

METHODS = ("sum", "average", "median", "minimum", "maximum", "count")
_METHOD_NAMES = {
    **{name: name for name in METHODS},
    "min": "minimum",
    "max": "maximum",
    "mean": "average",
    "avg": "average",
}

_NAMES_OF_CQL = ("text/cql-identifier", "text/cql.identifier", "text/cql")


@dataclass(frozen=True, slots=True)
class Population:
    """One population of a group. `id` is its own, or made of its code; `concept` is its code as the measure writes it.

    `of` is the id of the population that it is counted within or observes, where the measure says so.
    """

    id: str
    code: str
    concept: Json
    expression: str
    of: str | None = None
    method: str | None = None


@dataclass(frozen=True, slots=True)
class Component:
    """What a stratifier divides by: one criterion, or one of several. `concept` is its code, where it has one."""

    concept: Json | None
    expression: str


@dataclass(frozen=True, slots=True)
class Stratifier:
    id: str
    concept: Json | None
    components: tuple[Component, ...]
    single: bool
    """Whether it is written as one criterion rather than as components."""


@dataclass(frozen=True, slots=True)
class Supplement:
    """Data that a report carries along: supplemental data, or a risk adjustment factor."""

    id: str
    concept: Json | None
    expression: str
    usage: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """`basis` is `boolean` (subjects are counted) or the type of what is counted, such as Encounter."""

    id: str | None
    concept: Json | None
    scoring: str
    basis: str
    improvement: Json | None
    populations: tuple[Population, ...]
    stratifiers: tuple[Stratifier, ...]

    def of_code(self, code: str) -> tuple[Population, ...]:
        """The populations with a code of the system measure-population."""
        return tuple(each for each in self.populations if each.code == code)


@dataclass(frozen=True, slots=True)
class Definition:
    """A measure. `canonical` is its URL with its version; `library` the canonical URL of its logic."""

    canonical: str
    name: str
    library: str
    subject_type: str
    improvement: Json | None
    groups: tuple[Group, ...]
    supplements: tuple[Supplement, ...]

    def expressions(self) -> Iterator[tuple[str, str]]:
        """Every expression that the measure names, with the place where it does."""
        for number, group in enumerate(self.groups):
            for at, population in enumerate(group.populations):
                yield population.expression, f"Measure.group[{number}].population[{at}].criteria"
            for at, stratifier in enumerate(group.stratifiers):
                for component in stratifier.components:
                    yield component.expression, f"Measure.group[{number}].stratifier[{at}]"
        for at, supplement in enumerate(self.supplements):
            yield supplement.expression, f"Measure.supplementalData[{at}].criteria"


def read(measure: Mapping[str, Any]) -> Definition:
    """What a Measure asks for. Raises Unprocessable with everything that is wrong with it, each with its place."""
    return _Reader(measure).read()


class _Reader:
    """Reads one Measure and collects what is wrong with it."""

    def __init__(self, measure: Mapping[str, Any]) -> None:
        self._measure = measure
        self._issues: list[Issue] = []

    def read(self) -> Definition:
        measure = self._measure
        libraries = measure.get("library", [])
        if len(libraries) != 1:
            self._wrong("Measure.library", f"A measure is computed by one library; this one names {len(libraries)}.")
        found = Definition(
            canonical=canonical_of(measure),
            name=str(measure.get("title") or measure.get("name") or measure.get("id") or "the measure"),
            library=libraries[0] if libraries else "",
            subject_type=self._subject_type(),
            improvement=measure.get("improvementNotation")
            or _extension(measure, "improvementNotation", "valueCodeableConcept"),
            groups=tuple(self._group(group, f"Measure.group[{n}]") for n, group in enumerate(measure.get("group", []))),
            supplements=tuple(
                self._supplement(each, f"Measure.supplementalData[{n}]", n)
                for n, each in enumerate(measure.get("supplementalData", []))
            ),
        )
        if not found.groups:
            self._wrong("Measure.group", "A measure without a group has nothing to count.")
        if self._issues:
            raise Unprocessable(self._issues)
        return found

    def _subject_type(self) -> str:
        concept = self._measure.get("subjectCodeableConcept", {})
        codes = [coding.get("code") for coding in concept.get("coding", [])] or ["Patient"]
        if codes[0] != "Patient":
            self._wrong("Measure.subject", f"Measures of the subject {codes[0]!r} are not supported; there is Patient.")
        return "Patient"

    def _group(self, group: Json, path: str) -> Group:
        scoring = _code(_extension(group, "scoring", "valueCodeableConcept") or self._measure.get("scoring"))
        if scoring not in SCORINGS:
            known = ", ".join(SCORINGS)
            said = "no scoring" if scoring is None else f"the scoring {scoring!r}"
            self._wrong(f"{path}", f"The group has {said}; measures are scored as {known}.")
        basis = (
            _extension(group, "populationBasis", "valueCode")
            or _extension(self._measure, "populationBasis", "valueCode")
            or BOOLEAN
        )
        populations = [
            self._population(each, f"{path}.population[{n}]", n, str(scoring))
            for n, each in enumerate(group.get("population", []))
        ]
        kept = tuple(each for each in populations if each is not None)
        self._check_populations(kept, str(scoring), path)
        return Group(
            id=group.get("id"),
            concept=group.get("code"),
            scoring=str(scoring),
            basis=str(basis),
            improvement=_extension(group, "improvementNotation", "valueCodeableConcept"),
            populations=kept,
            stratifiers=tuple(
                self._stratifier(each, f"{path}.stratifier[{n}]", n)
                for n, each in enumerate(group.get("stratifier", []))
            ),
        )

    def _population(self, population: Json, path: str, number: int, scoring: str) -> Population | None:
        concept = population.get("code") or {}
        code = _code(concept)
        allowed = SCORINGS.get(scoring, ())
        known = {each for codes in SCORINGS.values() for each in codes}
        if code is None or code not in known:
            near = did_you_mean(code or "", known)
            hint = f" Did you mean {near}?" if near else ""
            self._wrong(f"{path}.code", f"{code!r} is no population of a measure.{hint}")
            return None
        if allowed and code not in allowed:
            self._wrong(f"{path}.code", f"A {scoring} has no {code}.")
        places = (population, population.get("criteria", {}))
        methods = [_extension(at, "aggregateMethod", key) for at in places for key in ("valueCode", "valueString")]
        method = next((each for each in methods if each is not None), None)
        if method is not None and str(method).lower() not in _METHOD_NAMES:
            self._wrong(path, f"The aggregate method {method!r} is not known; there are {', '.join(METHODS)}.")
        if code == "measure-observation" and method is None:
            self._wrong(path, "An observation says by cqfm-aggregateMethod how it is aggregated; this one does not.")
        return Population(
            id=population.get("id") or f"{code}-{number}",
            code=code,
            concept=concept,
            expression=self._criteria(population.get("criteria"), f"{path}.criteria"),
            of=_extension(population, "criteriaReference", "valueString"),
            method=None if method is None else _METHOD_NAMES.get(str(method).lower()),
        )

    def _check_populations(self, populations: tuple[Population, ...], scoring: str, path: str) -> None:
        codes = [each.code for each in populations]
        for code in NEEDED.get(scoring, ()):
            if code not in codes:
                self._wrong(f"{path}.population", f"A {scoring} needs a population {code}.")
        most = {"initial-population": 2, "measure-observation": 2} if scoring == "ratio" else {}
        for code in dict.fromkeys(codes):
            if codes.count(code) > most.get(code, 1):
                self._wrong(f"{path}.population", f"There are {codes.count(code)} populations {code} in this group.")
        ids = {each.id: each for each in populations}
        several = codes.count("initial-population") > 1
        for each in populations:
            must = (each.code == "measure-observation" and scoring == "ratio") or (
                several and each.code in ("denominator", "numerator")
            )
            if each.of is not None and each.of not in ids:
                near = did_you_mean(each.of, ids)
                hint = f" Did you mean {near}?" if near else ""
                self._wrong(
                    f"{path}.population", f"{each.id} refers to the population {each.of!r}, which is not here.{hint}"
                )
            elif must and each.of is None:
                self._wrong(
                    f"{path}.population", f"{each.id} must say by cqfm-criteriaReference which population it is of."
                )

    def _stratifier(self, stratifier: Json, path: str, number: int) -> Stratifier:
        single = "criteria" in stratifier
        parts = [stratifier] if single else stratifier.get("component", [])
        if not parts:
            self._wrong(path, "A stratifier has one criterion or several components; this one has neither.")
        return Stratifier(
            id=stratifier.get("id") or f"stratifier-{number}",
            concept=stratifier.get("code"),
            components=tuple(Component(each.get("code"), self._criteria(each.get("criteria"), path)) for each in parts),
            single=single,
        )

    def _supplement(self, supplement: Json, path: str, number: int) -> Supplement:
        usage = tuple(str(code) for code in map(_code, supplement.get("usage", [])) if code is not None)
        return Supplement(
            id=supplement.get("id") or f"supplemental-data-{number}",
            concept=supplement.get("code"),
            expression=self._criteria(supplement.get("criteria"), f"{path}.criteria"),
            usage=usage or ("supplemental-data",),
        )

    def _criteria(self, criteria: Json | None, path: str) -> str:
        """The name of the definition that a criterion is."""
        if not criteria or not criteria.get("expression"):
            self._wrong(path, "The criterion names no expression.")
            return ""
        if criteria.get("language") not in _NAMES_OF_CQL:
            self._wrong(
                path,
                f"The language {criteria.get('language')!r} is not supported; write text/cql-identifier and the name of"
                " a definition.",
            )
        name: str = criteria["expression"]
        if name.startswith('"') and name.endswith('"') and len(name) > 2:
            name = name[1:-1]
        return name

    def _wrong(self, path: str, sentence: str) -> None:
        self._issues.append(Issue("error", "business-rule", path, sentence))


def canonical_of(resource: Mapping[str, Any]) -> str:
    """The canonical URL of a resource with its version; without a URL its own reference."""
    url = resource.get("url") or f"{resource.get('resourceType')}/{resource.get('id')}"
    version = resource.get("version")
    return f"{url}|{version}" if version else str(url)


def is_resource_basis(basis: str) -> bool:
    """Whether what is counted are resources, so that a report can refer to them."""
    return definitions.is_resource_type(basis)


def _extension(element: Mapping[str, Any], name: str, key: str) -> Any:
    """The value of the first extension `cqfm-name`, wherever it is defined: guides have moved some of them."""
    for each in element.get("extension", ()):
        url = str(each.get("url", ""))
        if (url.endswith((f"/cqfm-{name}", f"/cqf-{name}", f"/measure-{name}"))) and key in each:
            return each[key]
    return None


def _code(concept: Any) -> str | None:
    """The first code of a CodeableConcept."""
    for coding in concept.get("coding", ()) if isinstance(concept, dict) else ():
        if "code" in coding:
            return cast("str", coding["code"])
    return None
