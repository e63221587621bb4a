"""Counts and sums over subjects, added up one subject at a time: nothing of a subject is kept but what is asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from bedside.questions.measure.definition import Definition, Group, is_resource_basis
from bedside.questions.measure.membership import GroupResult, StratumValue, SubjectResult, text_of
from bedside.questions.measure.score import Observed, score


@dataclass(slots=True)
class Counts:
    """A group, or one stratum of it. `subjects` are references for subject lists, by population."""

    counts: dict[str, int]
    observed: dict[str, Observed]
    subjects: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, group: Group) -> Counts:
        observations = group.of_code("measure-observation")
        counted = [each.id for each in group.populations if each not in observations]
        return cls(dict.fromkeys(counted, 0), {each.id: Observed(each.method or "count") for each in observations})

    def score(self, group: Group) -> Decimal | None:
        return score(group, self.counts, self.observed)

    def add(self, result: GroupResult, group: Group, subject: str, only: set[Any] | None, listed: bool) -> None:
        """One subject's members; `only` restricts them to a stratum."""
        for id_, members in result.members.items():
            keys = [key for key in members if only is None or key in only]
            self.counts[id_] += len(keys)
            if listed and keys:
                some = [str(key) for key in keys] if is_resource_basis(group.basis) else [subject]
                self.subjects.setdefault(id_, []).extend(some)
        for id_, values in result.observations.items():
            for key, number in values.items():
                if only is None or key in only:
                    self.observed[id_].add(number)


@dataclass(slots=True)
class Stratum:
    values: tuple[Any, ...]
    counts: Counts


@dataclass(slots=True)
class Supplied:
    """A value of supplemental data, and how often it was met."""

    value: Any
    count: int = 0


class Tally:
    """What a report says of many subjects, or of one. `listed` keeps who they are."""

    def __init__(self, definition: Definition, *, listed: bool = False) -> None:
        self.definition = definition
        self.listed = listed
        self.subjects = 0
        self.groups = [Counts.of(group) for group in definition.groups]
        self.strata: list[list[dict[tuple[Any, ...], Stratum]]] = [
            [{} for _ in group.stratifiers] for group in definition.groups
        ]
        self.supplied: dict[str, dict[str | None, Supplied]] = {each.id: {} for each in definition.supplements}

    def add(self, result: SubjectResult) -> None:
        """One more subject."""
        self.subjects += 1
        for number, (group, found) in enumerate(zip(self.definition.groups, result.groups, strict=True)):
            self.groups[number].add(found, group, result.subject, None, self.listed)
            for at, strata in enumerate(found.strata):
                self._stratify(self.strata[number][at], strata, found, group, result.subject)
        if self._counts(result):
            for id_, values in result.supplements.items():
                for value in values:
                    key = text_of(value)
                    self.supplied[id_].setdefault(key, Supplied(value)).count += 1

    def _stratify(
        self,
        into: dict[tuple[Any, ...], Stratum],
        strata: dict[Any, StratumValue],
        found: GroupResult,
        group: Group,
        subject: str,
    ) -> None:
        by_key: dict[tuple[Any, ...], set[Any]] = {}
        for member, value in strata.items():
            by_key.setdefault(value.key, set()).add(member)
            if value.key not in into:
                into[value.key] = Stratum(value.values, Counts.of(group))
        for key, members in by_key.items():
            into[key].counts.add(found, group, subject, members, self.listed)

    def _counts(self, result: SubjectResult) -> bool:
        """Whether the subject is in an initial population: only of those are data supplied."""
        for group, found in zip(self.definition.groups, result.groups, strict=True):
            if any(found.count(each.id) for each in group.of_code("initial-population")):
                return True
        return False
