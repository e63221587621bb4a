"""Laws that hold for every unit: an expression against a naive model of it, and the algebra of quantities."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from hypothesis import assume, given
from hypothesis import strategies as st

from bedside.terms import ucum
from bedside.terms.ucum import table, units

_SPECIAL = {line.split()[0] for line in table.CURVED_METRIC.splitlines() if line} | {
    "Cel",
    "[degF]",
    "[degRe]",
    *(line.split()[0] for line in table.CURVED.splitlines() if line),
}
RATIO_SYMBOLS = sorted(symbol for symbol in units.symbols() if symbol not in _SPECIAL)
LINEAR_SYMBOLS = [*RATIO_SYMBOLS, "Cel", "[degF]", "[degRe]"]


@dataclass(frozen=True)
class Model:
    """A unit expression as written, with its meaning worked out by a route of its own."""

    text: str
    factor: Fraction
    powers: tuple[tuple[str, int], ...]

    def times(self, other: Model, sign: int, text: str) -> Model:
        powers = Counter(dict(self.powers))
        for base, power in other.powers:
            powers[base] += sign * power
        kept = tuple(sorted((b, p) for b, p in powers.items() if p))
        return Model(text, self.factor * other.factor**sign, kept)


@st.composite
def simple(draw: st.DrawFn) -> Model:
    symbol = draw(st.sampled_from(RATIO_SYMBOLS))
    unit = ucum.parse(symbol)
    factor = unit.factor
    text = symbol
    if units.is_metric(symbol) and draw(st.booleans()):
        prefix = draw(st.sampled_from(sorted(table.DECIMAL_PREFIXES)))
        if units.split(prefix + symbol) == (prefix, symbol):  # 'cd' and its like mean something else
            text, factor = prefix + symbol, factor * Fraction(10) ** table.DECIMAL_PREFIXES[prefix]
    exponent = draw(st.integers(-3, 3))
    if exponent != 1 or draw(st.booleans()):
        text += draw(st.sampled_from(["", "+"])) + str(exponent) if exponent >= 0 else str(exponent)
    powers = tuple((base, power * exponent) for base, power in unit.dimension if exponent)
    return Model(text, factor**exponent, powers)


number = st.integers(1, 1000).map(lambda n: Model(str(n), Fraction(n), ()))
annotation = st.text(st.sampled_from("abcXYZ019_.-+%/()[]'"), min_size=1, max_size=6).map(lambda t: f"{{{t}}}")


def _annotated(pair: tuple[Model, str]) -> Model:
    return Model(pair[0].text + pair[1], pair[0].factor, pair[0].powers)


component = st.tuples(st.one_of(simple(), number), st.one_of(st.just(""), annotation)).map(_annotated)


def _extend(inner: st.SearchStrategy[Model]) -> st.SearchStrategy[Model]:
    wrapped = inner.map(lambda m: Model(f"({m.text})", m.factor, m.powers))
    right = st.one_of(component, wrapped)
    multiplied = st.tuples(inner, right).map(lambda p: p[0].times(p[1], 1, f"{p[0].text}.{p[1].text}"))
    divided = st.tuples(inner, right).map(lambda p: p[0].times(p[1], -1, f"{p[0].text}/{p[1].text}"))
    return st.one_of(wrapped, multiplied, divided)


expressions = st.recursive(component, _extend, max_leaves=6)
values = st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9)


@given(expressions)
def test_an_expression_means_what_its_parts_mean(model: Model) -> None:
    unit = ucum.parse(model.text)
    assert unit.factor == model.factor
    assert unit.dimension == model.powers


@given(expressions)
def test_a_leading_slash_divides_the_first_component_only(model: Model) -> None:
    unit = ucum.parse(f"/m.({model.text})")
    assert unit.factor == model.factor
    assert Counter(dict(unit.dimension)) == ucum_sum(Counter(dict(model.powers)), Counter({"m": -1}))


def ucum_sum(a: Counter[str], b: Counter[str]) -> Counter[str]:
    total = Counter({base: a[base] + b[base] for base in {*a, *b}})
    return Counter({base: power for base, power in total.items() if power})


@given(expressions)
def test_parse_print_parse(model: Model) -> None:
    unit = ucum.parse(model.text)
    again = ucum.parse(str(unit))
    assert (again.factor, again.dimension) == (unit.factor, unit.dimension)
    assert str(again) == str(unit)


@given(expressions)
def test_a_canonical_code_is_its_own_canonical_code(model: Model) -> None:
    unit = ucum.parse(model.text)
    assert ucum.canonical_factor(unit.canonical) == (Fraction(1), Fraction(0), unit.canonical)


@given(values, expressions)
def test_round_trip_through_base_units(value: Decimal, model: Model) -> None:
    base, code = ucum.canonical(value, model.text)
    assert Fraction(base) == Fraction(value) * model.factor
    assert ucum.convert(base, code, model.text) == value


@given(values, st.data())
def test_conversion_is_transitive(value: Decimal, data: st.DataObject) -> None:
    first = data.draw(st.sampled_from(LINEAR_SYMBOLS))
    same = [symbol for symbol in LINEAR_SYMBOLS if ucum.comparable(symbol, first)]
    second, third = data.draw(st.sampled_from(same)), data.draw(st.sampled_from(same))
    step = ucum.convert(ucum.convert(value, first, second), second, third)
    assert step == ucum.convert(value, first, third)
    assert ucum.convert(step, third, first) == value


@given(values, values, st.data())
def test_compare_is_an_order_and_canonical_keeps_it(a: Decimal, b: Decimal, data: st.DataObject) -> None:
    first = data.draw(st.sampled_from(units.symbols()))
    second = data.draw(st.sampled_from([s for s in units.symbols() if ucum.comparable(s, first)]))
    order = ucum.compare(a, first, b, second)
    assert ucum.compare(b, second, a, first) == -order
    left, right = (Fraction(ucum.canonical(v, c)[0]) for v, c in ((a, first), (b, second)))
    assert order == (left > right) - (left < right)
    if first == second:
        assert order == (a > b) - (a < b)


@given(expressions, expressions)
def test_a_product_multiplies_factors_and_adds_dimensions(a: Model, b: Model) -> None:
    unit = ucum.parse(ucum.product(a.text, b.text))
    assert unit.factor == a.factor * b.factor
    assert Counter(dict(unit.dimension)) == ucum_sum(Counter(dict(a.powers)), Counter(dict(b.powers)))
    inverse = ucum.parse(ucum.product("1", a.text, -1))
    assert inverse.factor == 1 / a.factor


@given(values, st.sampled_from(sorted(_SPECIAL)), st.sampled_from(["Cel", "[pH]", "dB", "Np"]))
def test_special_units_combine_with_numbers_only(value: Decimal, symbol: str, other: str) -> None:
    assert not ucum.is_valid(f"{symbol}.{other}")
    assert not ucum.is_valid(f"m/{symbol}")
    ten = ucum.canonical(value, f"10.{symbol}")
    assert ten == ucum.canonical(value * 10, symbol)


@given(st.decimals("0.01", "14", places=4), st.sampled_from(["[pH]", "B", "Np", "B[SPL]", "[hp'_C]", "bit_s"]))
def test_curved_scales_round_trip(value: Decimal, symbol: str) -> None:
    unit = ucum.parse(symbol)
    assert unit.curved is not None
    reference = ".".join(f"{base}{power}" for base, power in unit.curved.dimension) or "1"
    back = ucum.convert(ucum.convert(value, symbol, reference), reference, symbol)
    assert abs(Fraction(back) - Fraction(value)) < Fraction(1, 10**28)


@given(st.sampled_from(units.symbols()))
def test_every_symbol_of_the_table_means_something(symbol: str) -> None:
    unit = ucum.parse(symbol)
    assert unit.factor > 0
    assume(units.is_metric(symbol))
    assert ucum.convert(1, f"k{symbol}", symbol) == 1000 or units.split(f"k{symbol}") != ("k", symbol)


def test_every_symbol_parses() -> None:
    for symbol in units.symbols():
        assert ucum.is_valid(symbol)
        assert ucum.is_valid(f"{symbol}{{note}}")
