"""UCUM, the Unified Code for Units of Measure (2.2, case-sensitive codes): read, check, reduce, convert, compare.

    >>> canonical(Decimal("120"), "mg/dL")
    (Decimal('1200'), 'g.m-3')
    >>> convert(Decimal("98.6"), "[degF]", "Cel")
    Decimal('37')

Arithmetic is exact. A result is a `Decimal` whenever its decimals end and a `Fraction` otherwise (1 /min is 1/60 s-1),
so two equal quantities always have equal values; order them with `compare`, because Python does not order a
Decimal against a Fraction. Only curved scales (logarithms and tangents: [pH], B, Np, [p'diop], ...) are rounded,
to 34 digits, and only by `convert`.

Three consequences of UCUM that surprise: mol is a pure number, so mmol/L and 10*3/uL are comparable, and mg/dL is
not comparable with mmol/L; annotations mean nothing, so {score} is '1'; units that a procedure defines ([iU],
[arb'U], ...) are comparable with themselves only. A curved scale is a canonical unit of its own: 7.4 [pH] stays
7.4 [pH], so that an index keeps its order and its exactness (turned into mol/l, a higher pH would be a smaller
number), while `convert` still relates it to mol/l.
"""

from __future__ import annotations

from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, DecimalException, Inexact, InvalidOperation, Overflow
from fractions import Fraction
from functools import lru_cache
from math import gcd
from typing import Final, TypeAlias

from bedside.terms.ucum.errors import UcumDimensionError, UcumError, UcumValueError
from bedside.terms.ucum.grammar import Expression, Term
from bedside.terms.ucum.scales import CONTEXT, DIGITS
from bedside.terms.ucum.units import Dimension, Linear, Unit, evaluate, finite_decimal, linear_map

__all__ = [
    "SYSTEM",
    "Dimension",
    "Number",
    "UcumDimensionError",
    "UcumError",
    "UcumValueError",
    "Unit",
    "as_decimal",
    "canonical",
    "canonical_factor",
    "comparable",
    "compare",
    "convert",
    "is_valid",
    "parse",
    "product",
]

#: The `system` of a FHIR Quantity whose `code` is a UCUM code.
SYSTEM: Final = "http://unitsofmeasure.org"

#: What this module accepts as a value and gives back. Never a float.
Number: TypeAlias = Decimal | Fraction

#: Decimal arithmetic that refuses to round; a result longer than this is computed with Fractions instead.
_EXACT: Final = Context(prec=200, Emax=MAX_EMAX, Emin=MIN_EMIN, clamp=0, traps=[Inexact, InvalidOperation, Overflow])
#: For values beyond 10^±1000, whose exact fractions would fill the memory: rounded to fifty digits.
_ROUNDED: Final = Context(prec=50, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[InvalidOperation, Overflow])
_FAR: Final = 1_000


@lru_cache(maxsize=8192)
def _parse(code: str) -> Unit | UcumError:
    """The unit or what is wrong with it: failures are remembered too, for data repeats its mistakes."""
    try:
        return evaluate(code)
    except UcumError as error:
        return error.with_traceback(None)


def parse(code: str) -> Unit:
    """The unit that a case-sensitive UCUM code denotes, cached.

    Raises `UcumError` with the offset of the fault and, on request, a suggestion ('mmHg': "did you mean 'mm[Hg]'?").
    """
    unit = _parse(code)
    if isinstance(unit, UcumError):
        raise UcumError(unit.code, unit.problem, unit.position, unit.symbol)
    return unit


def is_valid(code: str) -> bool:
    """Whether `code` is a valid case-sensitive UCUM expression."""
    return isinstance(_parse(code), Unit)


def canonical(value: Number | int, code: str) -> tuple[Number, str]:
    """A quantity in base units: (value, code), exactly, e.g. (Decimal('1200'), 'g.m-3') for 120 mg/dL.

    The code is a product of base units sorted by symbol, '1' for a pure number. Two quantities are comparable when
    these codes are equal, and equal when the values are equal too. Temperatures become K with their offset
    (37 Cel is 310.15 K); curved scales and arbitrary units stay what they are, see the module's description.
    Values beyond 10^±1000 are rounded to fifty digits where the factor is not a decimal.

    Raises `UcumError` for an invalid code and `UcumValueError` for a value that is not finite.
    """
    unit = _parse(code)
    if isinstance(unit, UcumError):
        raise UcumError(unit.code, unit.problem, unit.position, unit.symbol)
    if unit.decimals is not None and not isinstance(value, Fraction):
        factor, offset = unit.decimals
        try:
            if offset:
                result = _EXACT.fma(value, factor, offset)
            else:
                result = _EXACT.multiply(value, factor)
            if result.is_finite():
                return result, unit.canonical
        except DecimalException:
            pass
    return _apply(value, unit.linear, code), unit.canonical


def _apply(value: Number | int, linear: Linear, code: str) -> Number:
    """The linear map of a value, exactly (rounded to fifty digits far beyond any measurement)."""
    if type(value) is Decimal and not -_FAR < value.adjusted() < _FAR:
        return _apply_far(value, linear, code)
    try:
        above, below = value.as_integer_ratio()
    except (ValueError, OverflowError) as error:
        raise UcumValueError(code, f"{value} is not a quantity") from error
    a, b, c = linear
    numerator, denominator = above * a + b * below, below * c
    common = gcd(numerator, denominator)
    numerator //= common
    denominator //= common
    finite = finite_decimal(numerator, denominator)
    return Fraction(numerator, denominator) if finite is None else finite


def _apply_far(value: Decimal, linear: Linear, code: str) -> Decimal:
    a, b, c = linear
    try:
        scaled = _ROUNDED.fma(value, Decimal(a), Decimal(b))
        return _ROUNDED.divide(scaled, Decimal(c))
    except DecimalException as error:
        raise UcumValueError(code, "the value is beyond all bounds") from error


def _quotient(context: Context, number: Fraction) -> Decimal:
    return context.divide(Decimal(number.numerator), Decimal(number.denominator))


def canonical_factor(code: str) -> tuple[Fraction, Fraction, str]:
    """(factor, offset, canonical code): a value v in `code` is `v * factor + offset` in the canonical code."""
    unit = parse(code)
    return unit.factor, unit.offset, unit.canonical


def comparable(a: str, b: str) -> bool:
    """Whether quantities in these units can be ordered against each other: their canonical codes are equal.

    Raises `UcumError` for an invalid code. `convert` relates a few more: a curved scale and its reference.
    """
    return (a == b and is_valid(a)) or parse(a).canonical == parse(b).canonical


def compare(a: Number | int, a_code: str, b: Number | int, b_code: str) -> int:
    """-1, 0 or 1 as the first quantity is less than, equal to or greater than the second, exactly.

    Raises `UcumDimensionError` when they are not comparable, `UcumError` for an invalid code.
    """
    first, first_code = canonical(a, a_code)
    second, second_code = canonical(b, b_code)
    if first_code != second_code:
        raise UcumDimensionError(a_code, b_code, first_code, second_code)
    if isinstance(first, Fraction) and isinstance(second, Decimal):
        return _order(first, second)
    if isinstance(first, Decimal) and isinstance(second, Fraction):
        return -_order(second, first)
    return (first > second) - (first < second)


def _order(fraction: Fraction, decimal: Decimal) -> int:
    """The order of a fraction against a decimal, which are never equal: a fraction here has no last decimal."""
    if decimal and abs(decimal.adjusted()) > 5 * _FAR:  # as a fraction it would fill the memory; no need for it
        if decimal.adjusted() > 0:
            return -1 if decimal > 0 else 1
        decimal = Decimal(0)
    return 1 if fraction > Fraction(decimal) else -1


@lru_cache(maxsize=2048)
def _conversion(source: str, target: str) -> Linear | None:
    """The linear map between two units of one canonical code, or None where a curve is needed."""
    from_unit, to_unit = parse(source), parse(target)
    if from_unit.canonical == to_unit.canonical:
        offset = (from_unit.offset - to_unit.offset) / to_unit.factor
        return linear_map(from_unit.factor / to_unit.factor, offset)
    if from_unit.ratio_dimension == to_unit.ratio_dimension and (from_unit.curved or to_unit.curved):
        return None
    raise UcumDimensionError(source, target, from_unit.canonical, to_unit.canonical)


def convert(value: Number | int, source: str, target: str) -> Number:
    """The value in `target` of a quantity of `source`, exactly: 120 mm[Hg] is 15.99864 kPa.

    Between a curved scale and its reference (7.4 [pH] in nmol/L) the result is a Decimal of 34 digits (UCUM §22).
    Raises `UcumDimensionError` when the units measure different things, `UcumError` for an invalid code and
    `UcumValueError` where the value has no counterpart (the pH of nothing).
    """
    linear = _conversion(source, target)
    return _apply(value, linear, source) if linear else _through_curve(value, parse(source), parse(target))


def _through_curve(value: Number | int, source: Unit, target: Unit) -> Decimal:
    if isinstance(value, Decimal) and not value.is_finite():
        raise UcumValueError(source.code, f"{value} is not a quantity")
    try:
        number = _quotient(CONTEXT, value) if isinstance(value, Fraction) else CONTEXT.create_decimal(value)
        number = CONTEXT.multiply(number, _quotient(CONTEXT, source.factor))
        if source.curved:
            number = source.curved.curve.to_ratio(number)
            number = CONTEXT.multiply(number, _quotient(CONTEXT, source.curved.reference))
        else:
            number = CONTEXT.add(number, _quotient(CONTEXT, source.offset))
        if target.curved:
            number = CONTEXT.divide(number, _quotient(CONTEXT, target.curved.reference))
            number = target.curved.curve.from_ratio(number)
        else:
            number = CONTEXT.subtract(number, _quotient(CONTEXT, target.offset))
        number = CONTEXT.divide(number, _quotient(CONTEXT, target.factor))
    except (DecimalException, OverflowError) as error:
        raise UcumValueError(source.code, f"{value} has no counterpart in '{target.code}'") from error
    return number.normalize(Context(prec=DIGITS))


def product(a: str, b: str, exponent: int = 1) -> str:
    """The code of unit `a` times unit `b` to the power `exponent` (-1: divided by), equal symbols joined.

    ('mg', 'mL', -1) gives 'mg.mL-1'; ('cm', 'm') gives 'cm.m'. Raises `UcumError` when a code or the product is
    not valid, as with a temperature in Cel, which has no ratio.
    """
    left, right = parse(a).expression, parse(b).expression
    powers: dict[str, int] = {}
    for term, sign in [(t, 1) for t in left.terms] + [(t, exponent) for t in right.terms]:
        powers[term.symbol] = powers.get(term.symbol, 0) + term.exponent * sign
    terms = tuple(Term(symbol, power) for symbol, power in powers.items() if power)
    return parse(str(Expression(left.number * right.number**exponent, terms))).code


def as_decimal(value: Number, digits: int = 28) -> Decimal:
    """A result as a Decimal: unchanged if it is one, else the fraction rounded half-even to `digits` digits."""
    return value if isinstance(value, Decimal) else _quotient(Context(prec=digits), value)
