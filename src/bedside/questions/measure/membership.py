"""Who belongs to which population: one subject's answers, made into sets (cqfmeasures, "Measure Conformance").

A population is a set of what the measure counts: of the subject alone where the basis is boolean, of its encounters
(or whatever the basis is) otherwise. Each population lies within another, and exclusions take away from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

from bedside.fhir.outcome import Issue, Unprocessable
from bedside.questions.cql.values import Code, Concept
from bedside.questions.data import DataNode, system_value
from bedside.questions.measure.definition import BOOLEAN, Component, Definition, Group, Population, Stratifier
from bedside.questions.values import Quantity

Json = dict[str, Any]
Members = dict[Any, Any]
"""What a population holds, by what makes it the same thing again (`Encounter/1`)."""


class Answers(Protocol):
    """A library that is being asked about one subject."""

    def evaluate(self, name: str) -> Any:
        """The value of a definition."""

    def call(self, name: str, arguments: list[Any]) -> Any:
        """The value of a function of the library."""

    def evidence(self, name: str) -> Iterable[Json]:
        """The resources that a definition looked at."""

    def takes(self, name: str) -> int | None:
        """How many operands the function of this name has; None when the name is that of a definition."""


@dataclass(slots=True)
class StratumValue:
    """What one stratifier says of something: one value for each of its components."""

    key: tuple[Any, ...]
    values: tuple[Any, ...]


@dataclass(slots=True)
class GroupResult:
    """One subject in one group. Everything is by the id of the population."""

    members: dict[str, Members] = field(default_factory=dict)
    observations: dict[str, dict[Any, Decimal | None]] = field(default_factory=dict)
    """Observation -> member -> what was observed."""
    strata: list[dict[Any, StratumValue]] = field(default_factory=list)
    """For each stratifier, the stratum of each member."""

    def count(self, population: str) -> int:
        return len(self.members.get(population, ()))


@dataclass(slots=True)
class SubjectResult:
    """One subject. `evidence` are the resources behind it, each with the ids of the populations that looked at it."""

    subject: str
    groups: list[GroupResult]
    supplements: dict[str, list[Any]]
    evidence: dict[str, list[str]]


def evaluate(definition: Definition, answers: Answers, subject: str, *, evidence: bool = True) -> SubjectResult:
    """Everything that a measure says of one subject (`Patient/1`).

    Raises Unprocessable when a criterion gives what the measure cannot count, EvaluationError when one fails.
    """
    asked = _Subject(answers, subject)
    groups = [asked.group(group) for group in definition.groups]
    supplements = {each.id: _listed(answers.evaluate(each.expression)) for each in definition.supplements}
    found: dict[str, list[str]] = {}
    if evidence:
        for group in definition.groups:
            for population in group.populations:
                if population.expression in asked.asked:
                    _note(found, answers.evidence(population.expression), population.id)
        for supplement in definition.supplements:
            _note(found, answers.evidence(supplement.expression), supplement.id)
    return SubjectResult(subject, groups, supplements, found)


def _note(found: dict[str, list[str]], resources: Iterable[Json], id_: str) -> None:
    for each in resources:
        if "id" in each:
            ids = found.setdefault(f"{each['resourceType']}/{each['id']}", [])
            if id_ not in ids:
                ids.append(id_)


class _Subject:
    """The populations of one subject, each asked for only when something can be in it."""

    def __init__(self, answers: Answers, subject: str) -> None:
        self._answers = answers
        self._subject = subject
        self.asked: set[str] = set()

    def group(self, group: Group) -> GroupResult:
        counted = [each for each in group.populations if each.code != "measure-observation"]
        result = GroupResult({population.id: {} for population in counted})
        by_scoring = {
            "cohort": self._cohort,
            "proportion": self._proportion,
            "ratio": self._ratio,
            "continuous-variable": self._continuous_variable,
        }
        by_scoring[group.scoring](group, result)
        if group.stratifiers:
            everything: Members = {}
            for members in result.members.values():
                everything |= members
            result.strata = [self._strata(each, group, everything) for each in group.stratifiers]
        return result

    # The scorings. Each fills result.members, and result.observations where it observes.

    def _cohort(self, group: Group, result: GroupResult) -> None:
        self._within(group, result, "initial-population", None)

    def _proportion(self, group: Group, result: GroupResult) -> None:
        initial = self._within(group, result, "initial-population", None)
        denominator = self._within(group, result, "denominator", initial)
        excluded = self._within(group, result, "denominator-exclusion", denominator)
        left = _without(denominator, excluded)
        numerator = self._within(group, result, "numerator", left)
        self._within(group, result, "numerator-exclusion", numerator)
        self._within(group, result, "denominator-exception", _without(left, numerator))

    def _ratio(self, group: Group, result: GroupResult) -> None:
        for initial in group.of_code("initial-population"):
            result.members[initial.id] = self._members(initial, group)
        ends = {}
        for code in ("denominator", "numerator"):
            inside = self._within(group, result, code, self._initial_of(group, result, code))
            excluded = self._within(group, result, f"{code}-exclusion", inside)
            for population in group.of_code(code):
                ends[population.id] = _without(inside, excluded)
        for observation in group.of_code("measure-observation"):
            self._observe(observation, group, result, ends.get(observation.of or "", {}))

    def _continuous_variable(self, group: Group, result: GroupResult) -> None:
        initial = self._within(group, result, "initial-population", None)
        measured = self._within(group, result, "measure-population", initial)
        excluded = self._within(group, result, "measure-population-exclusion", measured)
        for observation in group.of_code("measure-observation"):
            self._observe(observation, group, result, _without(measured, excluded))

    def _initial_of(self, group: Group, result: GroupResult, code: str) -> Members:
        """A ratio may have an initial population for each of its ends; which one is said by a reference."""
        [population] = group.of_code(code)
        initials = group.of_code("initial-population")
        wanted = population.of or initials[0].id
        return result.members[wanted]

    def _within(self, group: Group, result: GroupResult, code: str, outer: Members | None) -> Members:
        """The members of a population that are in `outer` too (None: everything). Not asked when that is empty."""
        found: Members = {}
        for population in group.of_code(code):
            if outer is None or outer:
                members = self._members(population, group)
                found = members if outer is None else {key: each for key, each in members.items() if key in outer}
            result.members[population.id] = found
        return found

    def _members(self, population: Population, group: Group) -> Members:
        self.asked.add(population.expression)
        value = self._answers.evaluate(population.expression)
        if group.basis == BOOLEAN:
            if value is not None and not isinstance(value, bool):
                raise _cannot_count(population, f"gives {_kind(value)}, but the measure counts subjects: true or false")
            return {self._subject: None} if value is True else {}
        if value is None:
            return {}
        if not isinstance(value, list):
            raise _cannot_count(
                population, f"gives {_kind(value)}, but the measure counts {group.basis}: a list of them"
            )
        found: Members = {}
        for each in value:
            if each is not None:
                found[_identity(each, group, population)] = each
        return found

    def _observe(self, observation: Population, group: Group, result: GroupResult, members: Members) -> None:
        values: dict[Any, Decimal | None] = {}
        takes = self._answers.takes(observation.expression)
        for key, item in members.items():
            self.asked.add(observation.expression)
            if takes is None:
                value = self._answers.evaluate(observation.expression)
            else:
                value = self._answers.call(observation.expression, [] if takes == 0 else [item])
            values[key] = _number(value, observation)
        result.observations[observation.id] = values

    def _strata(self, stratifier: Stratifier, group: Group, members: Members) -> dict[Any, StratumValue]:
        per_component = [self._component(component, group, members) for component in stratifier.components]
        found: dict[Any, StratumValue] = {}
        for key in members:
            values = tuple(each[key] for each in per_component)
            found[key] = StratumValue(tuple(map(text_of, values)), values)
        return found

    def _component(self, component: Component, group: Group, members: Members) -> dict[Any, Any]:
        """What a criterion says of each member: a value for all, a value for each, or which of them it names."""
        takes = self._answers.takes(component.expression)
        if takes:
            return {key: self._answers.call(component.expression, [item]) for key, item in members.items()}
        value = (
            self._answers.evaluate(component.expression)
            if takes is None
            else self._answers.call(component.expression, [])
        )
        if isinstance(value, list) and group.basis != BOOLEAN:
            named = {_key_of(each) for each in value}
            return {key: key in named for key in members}
        return dict.fromkeys(members, value[0] if isinstance(value, list) and len(value) == 1 else value)


def _identity(item: Any, group: Group, population: Population) -> Any:
    if isinstance(item, DataNode) and item.type.kind == "resource" and item.type.name != group.basis:
        raise _cannot_count(population, f"gives a {item.type.name}, but the measure counts {group.basis}")
    return _key_of(item)


def _key_of(item: Any) -> Any:
    """What makes an item the same item again: a resource by its id, anything else by its value."""
    if isinstance(item, DataNode):
        value = item.value
        if isinstance(value, Mapping):
            if "resourceType" in value and "id" in value:
                return f"{value['resourceType']}/{value['id']}"
            return repr(value)
        return value
    try:
        hash(item)
    except TypeError:
        return repr(item)
    return item


def _without(members: Members, gone: Members) -> Members:
    return {key: each for key, each in members.items() if key not in gone} if gone else members


def _listed(value: Any) -> list[Any]:
    return [] if value is None else [each for each in value if each is not None] if isinstance(value, list) else [value]


def _number(value: Any, observation: Population) -> Decimal | None:
    if isinstance(value, DataNode):
        value = system_value(value)
    if isinstance(value, Quantity):
        value = value.value
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise _cannot_count(observation, f"gives {_kind(value)}, and an observation is a number or a quantity")
    return Decimal(value)


def _cannot_count(population: Population, sentence: str) -> Unprocessable:
    return Unprocessable(
        [Issue("error", "business-rule", None, f"{population.code}: {population.expression!r} {sentence}.")]
    )


def _kind(value: Any) -> str:
    if isinstance(value, list):
        return "a list"
    if isinstance(value, DataNode):
        return f"a {value.type.name}"
    return {"bool": "true or false", "dict": "a tuple", "str": "a text"}.get(
        type(value).__name__, f"a {type(value).__name__}"
    )


def text_of(value: Any) -> str | None:
    """A value in words, by which equal values of a stratifier are known; None for null."""
    if isinstance(value, DataNode):
        held = value.value
        if isinstance(held, Mapping):
            codings = held.get("coding") or ([held] if "code" in held else [])
            return "|".join(f"{each.get('system', '')}#{each.get('code', '')}" for each in codings) or held.get("text")
        return None if held is None else str(held)
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case Code():
            return f"{value.system or ''}#{value.code}"
        case Concept():
            return "|".join(map(str, map(text_of, value.codes)))
        case list():
            return ", ".join(str(text_of(each)) for each in value)
        case dict():
            return ", ".join(f"{key}: {text_of(each)}" for key, each in value.items())
    return str(value)
