"""Count, Sum, Avg, Median, ... over lists (CQL 1.5.3, appendix B, "Aggregate Functions"; ELM 21).

Nulls in the list do not count. Without anything else in it the result is null, and so it is for null; only Count is 0,
AllTrue true and AnyTrue false. A result that is too great is null, and so is one of quantities that do not go together.
Of quantities the result has the unit of the first (for Sum the finest), also a variance and a product: so it is in the
examples of appendix B.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, TypeVar

from bedside.questions.cql.operators import exact, quantities
from bedside.questions.cql.operators.comparison import compare
from bedside.questions.cql.operators.equality import equal
from bedside.questions.cql.operators.exact import CONTEXT
from bedside.questions.cql.operators.registry import operator
from bedside.questions.cql.values import Long
from bedside.questions.values import Quantity

Item = TypeVar("Item")

_ORDERED = ("Integer", "Long", "Decimal", "Quantity", "Date", "DateTime", "Time", "String")


def _known(items: Iterable[Item | None]) -> list[Item]:
    return [item for item in items if item is not None]


@operator("AllTrue", "(List<Boolean>) Boolean", clause="21.1", nulls=True)
def all_true(source: list[bool | None] | None) -> bool:
    """Whether there is no false; true for null."""
    return source is None or False not in source


@operator("AnyTrue", "(List<Boolean>) Boolean", clause="21.2", nulls=True)
def any_true(source: list[bool | None] | None) -> bool:
    """Whether there is a true; false for null."""
    return source is not None and True in source


@operator("Count", "(List<T>) Integer", clause="21.4", nulls=True)
def count(source: list[Any] | None) -> int:
    """How many are not null; 0 for null."""
    return 0 if source is None else len(source) - source.count(None)


# Sum and Product -----------------------------------------------------------------------------------------------------


@operator("Sum", "(List<Integer>) Integer", clause="21.13")
def sum_integers(source: list[int | None]) -> int | None:
    items = _known(source)
    return exact.fit_integer(sum(items)) if items else None


@operator("Sum", "(List<Long>) Long", clause="21.13")
def sum_longs(source: list[int | None]) -> Long | None:
    items = _known(source)
    return exact.fit_long(sum(items)) if items else None


@operator("Sum", "(List<Decimal>) Decimal", clause="21.13")
def sum_decimals(source: list[Decimal | None]) -> Decimal | None:
    items = _known(source)
    return exact.fit_decimal(_total(items)) if items else None


@operator("Sum", "(List<Quantity>) Quantity", clause="21.13")
def sum_quantities(source: list[Quantity | None]) -> Quantity | None:
    """In the finest of their units."""
    items = _known(source)
    if not items:
        return None
    total: Quantity | None = items[0]
    for item in items[1:]:
        if total is None:
            return None
        total = quantities.add(total, item)
    return total


def _total(items: Iterable[Decimal]) -> Decimal:
    """Exact for any number of Decimals that one can have: 80 digits hold 10^40 of them."""
    total = Decimal(0)
    for item in items:
        total = CONTEXT.add(total, item)
    return total


@operator("Product", "(List<Integer>) Integer", clause="21.6")
def product_integers(source: list[int | None]) -> int | None:
    product = _whole_product(_known(source))
    return None if product is None else exact.fit_integer(product)


@operator("Product", "(List<Long>) Long", clause="21.6")
def product_longs(source: list[int | None]) -> Long | None:
    product = _whole_product(_known(source))
    return None if product is None else exact.fit_long(product)


def _whole_product(items: list[int]) -> int | None:
    if not items:
        return None
    if 0 in items:
        return 0
    product = 1
    for item in items:
        product *= int(item)
        if abs(product) > 2**64:  # no factor makes it smaller again
            return None
    return product


@operator("Product", "(List<Decimal>) Decimal", clause="21.6")
def product_decimals(source: list[Decimal | None]) -> Decimal | None:
    items = _known(source)
    return exact.rounded(_product(items)) if items else None


def _product(items: Iterable[Decimal]) -> Decimal:
    product = Decimal(1)
    for item in items:
        product = CONTEXT.multiply(product, item)
    return product


@operator("Product", "(List<Quantity>) Quantity", clause="21.6")
def product_quantities(source: list[Quantity | None]) -> Quantity | None:
    """Of their values in the unit of the first, with that unit."""
    return _of_values(source, lambda values: exact.rounded(_product(values)))


def _of_values(source: list[Quantity | None], compute: Callable[[list[Decimal]], Decimal | None]) -> Quantity | None:
    """What is computed of the values in the unit of the first quantity, with that unit."""
    items = _known(source)
    if not items:
        return None
    first = items[0]
    values = [quantities.value_in(item, first) for item in items]
    known = _known(values)
    result = compute(known) if len(known) == len(values) else None
    return None if result is None else Quantity(result, first.unit, first.calendar)


# Min, Max, Mode ------------------------------------------------------------------------------------------------------


@operator("Min", *(f"(List<{each}>) {each}" for each in _ORDERED), clause="21.9")
def least(source: list[Any]) -> Any:
    """Of what cannot be told apart (@2012 and @2012-01) the first. Null when two do not compare at all."""
    return _extreme(source, -1)


@operator("Max", *(f"(List<{each}>) {each}" for each in _ORDERED), clause="21.7")
def greatest(source: list[Any]) -> Any:
    """Of what cannot be told apart (@2012 and @2012-01) the first. Null when two do not compare at all."""
    return _extreme(source, 1)


def _extreme(source: list[Any], sign: int) -> Any:
    found = None
    for item in source:
        if item is None:
            continue
        if found is None:
            found = item
            continue
        order = compare(item, found)
        if order is None and item.__class__ is Quantity:
            return None
        if order == sign:
            found = item
    return found


@operator("Mode", "(List<T>) T", clause="21.10")
def mode(source: list[Any]) -> Any:
    """The one that is there most often, of several such the first."""
    kinds: list[tuple[Any, int]] = []
    for item in source:
        if item is None:
            continue
        for place, (known, times) in enumerate(kinds):
            if equal(known, item) is True:
                kinds[place] = known, times + 1
                break
        else:
            kinds.append((item, 1))
    return max(kinds, key=lambda kind: kind[1])[0] if kinds else None


# Means and deviations ------------------------------------------------------------------------------------------------


def _mean(values: list[Decimal]) -> Decimal:
    return CONTEXT.divide(_total(values), Decimal(len(values)))


def _squares(values: list[Decimal]) -> Decimal:
    """The sum of the squared distances from the mean."""
    mean = _mean(values)
    distances = [CONTEXT.subtract(value, mean) for value in values]
    return _total(CONTEXT.multiply(distance, distance) for distance in distances)


def _average(values: list[Decimal]) -> Decimal | None:
    return exact.shortened(_mean(values))


def _middle(values: list[Decimal]) -> Decimal | None:
    ordered = sorted(values)
    half, odd = divmod(len(ordered), 2)
    if odd:
        return ordered[half]
    return exact.shortened(_mean(ordered[half - 1 : half + 1]))


def _sample_variance(values: list[Decimal]) -> Decimal | None:
    """One value has none."""
    return None if len(values) < 2 else exact.shortened(CONTEXT.divide(_squares(values), Decimal(len(values) - 1)))


def _population_variance(values: list[Decimal]) -> Decimal | None:
    return exact.shortened(CONTEXT.divide(_squares(values), Decimal(len(values))))


def _sample_deviation(values: list[Decimal]) -> Decimal | None:
    if len(values) < 2:
        return None
    return exact.shortened(CONTEXT.sqrt(CONTEXT.divide(_squares(values), Decimal(len(values) - 1))))


def _population_deviation(values: list[Decimal]) -> Decimal | None:
    return exact.shortened(CONTEXT.sqrt(CONTEXT.divide(_squares(values), Decimal(len(values)))))


_STATISTICS: tuple[tuple[str, str, Callable[[list[Decimal]], Decimal | None]], ...] = (
    ("Avg", "21.3", _average),
    ("Median", "21.8", _middle),
    ("Variance", "21.15", _sample_variance),
    ("PopulationVariance", "21.11", _population_variance),
    ("StdDev", "21.14", _sample_deviation),
    ("PopulationStdDev", "21.12", _population_deviation),
)


def _enter(name: str, clause: str, compute: Callable[[list[Decimal]], Decimal | None]) -> None:
    @operator(name, "(List<Decimal>) Decimal", clause=clause)
    def of_decimals(source: list[Decimal | None]) -> Decimal | None:
        values = _known(source)
        return compute(values) if values else None

    @operator(name, "(List<Quantity>) Quantity", clause=clause)
    def of_quantities(source: list[Quantity | None]) -> Quantity | None:
        return _of_values(source, compute)


for _statistic in _STATISTICS:
    _enter(*_statistic)


@operator("GeometricMean", "(List<Decimal>) Decimal", clause="21.5")
def geometric_mean(source: list[Decimal | None]) -> Decimal | None:
    """The n-th root of the product of n numbers; null when that is not real."""
    values = _known(source)
    if not values:
        return None
    if 0 in values:
        return Decimal("0.0")
    if sum(value < 0 for value in values) % 2:
        return values[0] if len(values) == 1 else None
    # By logarithms, for the product itself may be beyond all bounds.
    return exact.shortened(CONTEXT.exp(_mean([CONTEXT.ln(abs(value)) for value in values])))
