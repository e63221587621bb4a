"""From a code to its meaning: factor, offset and dimension in base units (UCUM §14 to §24)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from functools import lru_cache
from math import lcm
from typing import Final, TypeAlias

from bedside.terms.ucum import table
from bedside.terms.ucum.errors import UcumError
from bedside.terms.ucum.grammar import Expression, read
from bedside.terms.ucum.scales import CURVES, Curve

#: Base symbols and their powers, sorted by symbol: (("g", 1), ("m", -3)). Empty for a pure number.
Dimension: TypeAlias = tuple[tuple[str, int], ...]

#: Integers (a, b, c), c > 0, of the map v -> (v * a + b) / c.
Linear: TypeAlias = tuple[int, int, int]

#: A unit whose factor is beyond this many bits either way (about 10^2400) is refused.
MAX_FACTOR_BITS: Final = 8_000

PREFIXES: Final[dict[str, Fraction]] = {
    **{symbol: Fraction(10) ** power for symbol, power in table.DECIMAL_PREFIXES.items()},
    **{symbol: Fraction(2**power) for symbol, power in table.BINARY_PREFIXES.items()},
}


@dataclass(frozen=True, slots=True)
class CurvedScale:
    """A scale without a ratio to its reference: value -> curve -> `reference` times base units `dimension`."""

    curve: Curve
    reference: Fraction
    dimension: Dimension


@dataclass(frozen=True, slots=True)
class Unit:
    """A valid unit. A value v in it is exactly `v * factor + offset` in `canonical`.

    `canonical` is the product of base units, sorted by symbol: 'g.m-3', or '1' for a pure number. Arbitrary units
    and curved scales are base symbols of their own: '[iU].m-3', '[pH]'. `offset` is other than zero only for the
    temperatures Cel, [degF] and [degRe]. `curved` says how a curved scale relates to its reference, else None.
    """

    code: str
    expression: Expression
    factor: Fraction
    offset: Fraction
    dimension: Dimension
    canonical: str
    curved: CurvedScale | None
    #: factor and offset as Decimals where both end, else None: what makes `canonical` one multiplication.
    decimals: tuple[Decimal, Decimal] | None
    #: The same as integers over one denominator: a value is (value * linear[0] + linear[1]) / linear[2].
    linear: Linear

    @property
    def ratio_dimension(self) -> Dimension:
        """The dimension in true base units, also for a curved scale: that of mol/l for [pH]."""
        return self.curved.dimension if self.curved else self.dimension

    def __str__(self) -> str:
        """A plain form of the code that parses to an equal unit, without parentheses and annotations."""
        return str(self.expression)


@dataclass(frozen=True, slots=True)
class Atom:
    """What the table says of one symbol. `curved` or a non-zero `offset` make it special (UCUM §21)."""

    metric: bool
    factor: Fraction
    dimension: Dimension
    offset: Fraction = Fraction(0)
    curved: CurvedScale | None = None

    @property
    def special(self) -> bool:
        return self.curved is not None or self.offset != 0


def _rows() -> Iterator[tuple[str, bool, str, tuple[str, ...]]]:
    for base in table.BASE_UNITS:
        yield base, True, "own", ()
    for text, metric in ((table.ARBITRARY_METRIC, True), (table.ARBITRARY, False)):
        for code in text.split():
            yield code, metric, "own", ()
    for kind, metric, text in (
        ("ratio", True, table.METRIC),
        ("ratio", False, table.PLAIN),
        ("interval", True, table.INTERVAL_METRIC),
        ("interval", False, table.INTERVAL),
        ("curved", True, table.CURVED_METRIC),
        ("curved", False, table.CURVED),
    ):
        for line in text.strip().splitlines():
            code, *definition = line.split()
            yield code, metric, kind, tuple(definition)


_DEFINITIONS: Final = {code: (metric, kind, definition) for code, metric, kind, definition in _rows()}


def symbols() -> list[str]:
    """Every symbol of the table, without prefixes."""
    return list(_DEFINITIONS)


def is_metric(symbol: str) -> bool:
    """Whether the table has this symbol and lets it take prefixes."""
    return symbol in _DEFINITIONS and _DEFINITIONS[symbol][0]


@lru_cache(maxsize=512)
def _atom(symbol: str) -> Atom:
    """The meaning of a symbol of the table, reduced to base units on first use."""
    metric, kind, definition = _DEFINITIONS[symbol]
    if kind == "own":
        return Atom(metric, Fraction(1), ((symbol, 1),))
    if kind == "ratio":
        unit = evaluate(definition[1])
        return Atom(metric, Fraction(definition[0]) * unit.factor, unit.dimension)
    if kind == "interval":
        slope, reference, offset = definition
        unit = evaluate(reference)
        return Atom(metric, Fraction(slope) * unit.factor, unit.dimension, Fraction(offset))
    curve, number, reference = definition
    unit = evaluate(reference)
    curved = CurvedScale(CURVES[curve], Fraction(number) * unit.factor, unit.dimension)
    return Atom(metric, Fraction(1), ((symbol, 1),), curved=curved)


@lru_cache(maxsize=2048)
def split(symbol: str) -> tuple[str, str] | None:
    """(prefix, symbol of the table) of a symbol as written, or None. A whole symbol wins over a prefix: 'cd'."""
    if symbol in _DEFINITIONS:
        return "", symbol
    for length in (1, 2):
        if symbol[:length] in PREFIXES and is_metric(symbol[length:]):
            return symbol[:length], symbol[length:]
    return None


def _unknown(code: str, symbol: str, position: int) -> UcumError:
    for length in (1, 2):
        if symbol[:length] in PREFIXES and symbol[length:] in _DEFINITIONS:
            problem = f"'{symbol[length:]}' is not a metric unit and takes no prefix '{symbol[:length]}'"
            return UcumError(code, problem, position, symbol)
    return UcumError(code, f"unknown unit '{symbol}'", position, symbol)


def evaluate(code: str) -> Unit:
    """The meaning of a code, uncached (see `bedside.terms.ucum.parse`). Raises `UcumError`."""
    expression = read(code)
    factor = expression.number
    powers: dict[str, int] = {}
    special: Atom | None = None
    for term in expression.terms:
        parts = split(term.symbol)
        if parts is None:
            raise _unknown(code, term.symbol, term.position)
        atom = _atom(parts[1])
        scale = PREFIXES[parts[0]] if parts[0] else Fraction(1)
        if atom.special:
            if special is not None or term.exponent != 1:
                raise _not_ratio(code, term.symbol, term.position)
            special, special_term = atom, term
            factor *= scale
            continue
        factor *= (scale * atom.factor) ** term.exponent
        for base, power in atom.dimension:
            powers[base] = powers.get(base, 0) + power * term.exponent
    dimension = tuple(sorted((base, power) for base, power in powers.items() if power))
    if max(factor.numerator.bit_length(), factor.denominator.bit_length()) > MAX_FACTOR_BITS:
        raise UcumError(code, "its size is beyond all bounds")
    if special is None:
        return _unit(code, expression, factor, Fraction(0), dimension, None)
    if dimension:
        raise _not_ratio(code, special_term.symbol, special_term.position)
    return _unit(code, expression, factor * special.factor, special.offset, special.dimension, special.curved)


def _not_ratio(code: str, symbol: str, position: int) -> UcumError:
    problem = f"'{symbol}' is not on a ratio scale, so it takes no exponent and no other unit (UCUM §22)"
    return UcumError(code, problem, position, symbol)


def _unit(
    code: str,
    expression: Expression,
    factor: Fraction,
    offset: Fraction,
    dimension: Dimension,
    curved: CurvedScale | None,
) -> Unit:
    canonical = ".".join(base if power == 1 else f"{base}{power}" for base, power in dimension) or "1"
    multiplier = finite_decimal(*factor.as_integer_ratio())
    addend = finite_decimal(*offset.as_integer_ratio())
    decimals = None if multiplier is None or addend is None else (multiplier, addend)
    linear = linear_map(factor, offset)
    return Unit(code, expression, factor, offset, dimension, canonical, curved, decimals, linear)


def linear_map(factor: Fraction, offset: Fraction) -> Linear:
    """The map v -> v * factor + offset over one denominator."""
    bottom = lcm(factor.denominator, offset.denominator)
    return (
        factor.numerator * (bottom // factor.denominator),
        offset.numerator * (bottom // offset.denominator),
        bottom,
    )


#: Wide enough never to round a decimal shift; libmpdec allocates by need, not by precision.
_WIDE: Final = Context(prec=1_000_000, Emin=-999_999_999, Emax=999_999_999)


def finite_decimal(numerator: int, denominator: int) -> Decimal | None:
    """The fraction, in lowest terms with a positive denominator, as an exact Decimal; None if it never ends."""
    twos = (denominator & -denominator).bit_length() - 1
    rest = denominator >> twos
    fives = 0
    while rest % 5 == 0:
        rest //= 5
        fives += 1
    if rest != 1:
        return None
    places = max(twos, fives)
    whole = Decimal(numerator * 2 ** (places - twos) * 5 ** (places - fives))
    return _WIDE.scaleb(whole, -places) if places else whole
