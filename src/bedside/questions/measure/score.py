"""Scores: what the counts and sums of a group come to (cqfmeasures, "Measure Scoring"), as exact decimals."""

from __future__ import annotations

import decimal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from bedside.questions.measure.definition import Group

_CONTEXT = decimal.Context(prec=28, rounding=decimal.ROUND_HALF_UP)
_STEP = Decimal("0.00000001")
"""Scores have eight digits after the point, as decimals of CQL have."""


@dataclass(slots=True)
class Observed:
    """Numbers that were observed, aggregated as they come. Only a median has to keep them."""

    method: str
    count: int = 0
    total: Decimal = Decimal(0)
    least: Decimal | None = None
    most: Decimal | None = None
    kept: list[Decimal] = field(default_factory=list)

    def add(self, number: Decimal | None) -> None:
        """One more number; null counts for nothing."""
        if number is None:
            return
        self.count += 1
        self.total += number
        self.least = number if self.least is None else min(self.least, number)
        self.most = number if self.most is None else max(self.most, number)
        if self.method == "median":
            self.kept.append(number)

    def result(self) -> Decimal | None:
        """The aggregate; None where there is none, as for the median of nothing."""
        if self.method == "count":
            return Decimal(self.count)
        if self.method == "sum":
            return self.total if self.count else None
        if not self.count:
            return None
        return _AGGREGATES[self.method](self)


def _median(observed: Observed) -> Decimal:
    ordered = sorted(observed.kept)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


_AGGREGATES: dict[str, Callable[[Observed], Decimal | None]] = {
    "average": lambda observed: _CONTEXT.divide(observed.total, Decimal(observed.count)),
    "median": _median,
    "minimum": lambda observed: observed.least,
    "maximum": lambda observed: observed.most,
}


def score(group: Group, counts: Mapping[str, int], observed: Mapping[str, Observed]) -> Decimal | None:
    """The score of a group; None for a cohort, and where the denominator is nothing.

    `counts` are by population id, `observed` by the id of the observation.

    - proportion: (numerator - exclusions) / (denominator - exclusions - exceptions)
    - ratio: the same without exceptions; with observations, one aggregate over the other
    - continuous variable: the aggregate of the observations
    """

    def number(code: str) -> int:
        return sum(counts.get(each.id, 0) for each in group.of_code(code))

    match group.scoring:
        case "proportion":
            below = number("denominator") - number("denominator-exclusion") - number("denominator-exception")
            return _share(Decimal(number("numerator") - number("numerator-exclusion")), Decimal(below))
        case "ratio":
            ends = {}
            for code in ("numerator", "denominator"):
                [population] = group.of_code(code)
                of_it = [observed[each.id] for each in group.of_code("measure-observation") if each.of == population.id]
                ends[code] = of_it[0].result() if of_it else Decimal(number(code) - number(f"{code}-exclusion"))
            return _share(ends["numerator"], ends["denominator"])
        case "continuous-variable":
            [observation] = group.of_code("measure-observation")
            found = observed[observation.id].result()
            return None if found is None else _rounded(found)
    return None


def _share(above: Decimal | None, below: Decimal | None) -> Decimal | None:
    if above is None or not below:
        return None
    return _rounded(_CONTEXT.divide(above, below))


def _rounded(number: Decimal) -> Decimal:
    """At most eight digits after the point, and one at least: a score is no integer."""
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -8:
        number = number.quantize(_STEP, context=_CONTEXT)
    text = format(number, "f").rstrip("0") if "." in format(number, "f") else format(number, "f") + "."
    return Decimal(text + "0" if text.endswith(".") else text)
