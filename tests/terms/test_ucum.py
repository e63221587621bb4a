"""What UCUM units mean, against values known from the definitions of the units themselves."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from bedside.terms import ucum

D = Decimal


@pytest.mark.parametrize(
    ("value", "source", "target", "expected"),
    [
        # mass, length, area, volume: exact by international definition
        (1, "[lb_av]", "g", D("453.59237")),
        (1, "[oz_av]", "g", D("28.349523125")),
        (1, "[stone_av]", "kg", D("6.35029318")),
        (1, "[gr]", "mg", D("64.79891")),
        (1, "[oz_tr]", "g", D("31.1034768")),
        (1, "t", "kg", 1000),
        (1, "[in_i]", "cm", D("2.54")),
        (1, "[ft_i]", "m", D("0.3048")),
        (1, "[mi_i]", "km", D("1.609344")),
        (1, "[nmi_i]", "m", 1852),
        (3937, "[ft_us]", "m", 1200),
        (1, "[acr_us]", "[srd_us]", 160),
        (1, "ar", "m2", 100),
        (1, "[gal_us]", "L", D("3.785411784")),
        (1, "[pt_us]", "mL", D("473.176473")),
        (1, "[foz_us]", "mL", D("29.5735295625")),
        (1, "[gal_br]", "L", D("4.54609")),
        (1, "[drp]", "mL", D("0.05")),
        (1, "dL", "mL", 100),
        (1, "l", "L", 1),
        (1, "cm3", "mL", 1),
        (6, "[Ch]", "mm", 2),
        # time: months and years are mean Julian ones
        (1, "a", "d", D("365.25")),
        (1, "mo", "d", D("30.4375")),
        (12, "mo", "a", 1),
        (1, "wk", "h", 168),
        (1, "d", "s", 86_400),
        (1500, "ms", "s", D("1.5")),
        (90, "min", "h", D("1.5")),
        # pressure, force, energy, power
        (120, "mm[Hg]", "kPa", D("15.99864")),
        (10, "cm[H2O]", "Pa", D("980.665")),
        (1, "atm", "kPa", D("101.325")),
        (1, "bar", "Pa", 100_000),
        (1, "kgf", "N", D("9.80665")),
        (1, "kcal", "kJ", D("4.184")),
        (1, "cal_IT", "J", D("4.1868")),
        (1, "[Cal]", "cal", 1000),
        (1, "eV", "J", D("1.602176634E-19")),
        (1, "erg", "J", D("1E-7")),
        (1, "J/s", "W", 1),
        # temperatures have offsets
        (37, "Cel", "K", D("310.15")),
        (D("98.6"), "[degF]", "Cel", 37),
        (-40, "[degF]", "Cel", -40),
        (80, "[degRe]", "Cel", 100),
        (0, "K", "[degF]", D("-459.67")),
        (1000, "mCel", "Cel", 1),
        # concentrations and activities; mol is a number
        (1, "mg/dL", "g/L", D("0.01")),
        (D("5.4"), "mmol/L", "umol/mL", D("5.4")),
        (1, "mol", "1", D("6.02214076E+23")),
        (1, "U/L", "kat/L", Fraction(1, 60_000_000)),
        (1, "meq/L", "mmol/L", 1),
        (290, "mosm/kg", "mmol/kg", 290),
        (D("4.5"), "10*3/uL", "10*9/L", D("4.5")),
        (D("4.5"), "10^6/uL", "/pL", D("4.5")),
        (1, "g%", "g/dL", 1),
        (5, "%", "1", D("0.05")),
        (3, "[ppm]", "[ppb]", 3000),
        (1, "k[IU]/L", "m[iU]/mL", 1000),
        # rates
        (72, "/min", "Hz", D("1.2")),
        (60, "{beats}/min", "/s", 1),
        (1, "km/h", "m/s", Fraction(5, 18)),
        (90, "mL/min/{1.73_m2}", "L/h", D("5.4")),
        # angles, radiation, electricity, information
        (60, "'", "deg", 1),
        (3600, "''", "deg", 1),
        (400, "gon", "circ", 1),
        (1, "Ci", "Bq", 37_000_000_000),
        (1, "Gy", "RAD", 100),
        (1, "G", "T", D("0.0001")),
        (1, "Ohm", "V/A", 1),
        (1, "By", "bit", 8),
        (1, "KiBy", "By", 1024),
        # parentheses, left-to-right division, powers
        (1, "g/kg/d", "g/(kg.d)", 1),
        (1, "m/s/s", "m.s-2", 1),
        (1, "(m/(s/g))", "m.g/s", 1),
        (1, "/(12.h)", "/(43200.s)", 1),
        (100, "kg/m2", "g/cm2", 10),
    ],
)
def test_convert(value: int | Decimal, source: str, target: str, expected: object) -> None:
    result = ucum.convert(value, source, target)
    assert result == expected
    assert ucum.comparable(source, target)


def test_the_surveyor_foot_is_no_decimal() -> None:
    assert ucum.convert(1, "[ft_us]", "m") == Fraction(1200, 3937)


@pytest.mark.parametrize(
    ("value", "source", "target", "expected"),
    [
        (7, "[pH]", "mol/L", "1E-7"),
        (D("1E-7"), "mol/L", "[pH]", "7"),
        (D("7.4"), "[pH]", "nmol/L", "39.81071705534972507702523050877520"),
        (2, "B", "1", "100"),
        (30, "dB", "1", "1000"),
        (1000, "1", "dB", "30"),
        (10, "B[SPL]", "Pa", "2"),
        (4, "B[V]", "V", "100"),
        (2, "B[10.nV]", "nV", "100"),
        (3, "B[W]", "kW", "1"),
        (1, "Np", "1", "2.718281828459045235360287471352662"),
        (8, "bit_s", "1", "256"),
        (100, "%[slope]", "rad", "0.7853981633974483096156608458198757"),
        (0, "[p'diop]", "deg", "0"),
        (3, "[hp'_X]", "1", "0.001"),
        (2, "[hp'_C]", "1", "0.0001"),
        (3, "[m/s2/Hz^(1/2)]", "m2/s4/Hz", "9"),
    ],
)
def test_curved_scales_meet_their_reference(value: int | Decimal, source: str, target: str, expected: str) -> None:
    assert ucum.convert(value, source, target) == D(expected)
    back = ucum.convert(D(expected), target, source)
    assert abs(Fraction(back) - Fraction(value)) < Fraction(1, 10**30)


@pytest.mark.parametrize(
    ("value", "code", "expected"),
    [
        (D("120"), "mg/dL", (D("1200"), "g.m-3")),
        (D("7.20"), "kg", (D("7200"), "g")),
        (D("37"), "Cel", (D("310.15"), "K")),
        (D("1"), "N", (D("1000"), "g.m.s-2")),
        (D("1"), "V", (D("1000"), "C-1.g.m2.s-2")),
        (D("3"), "{score}", (D("3"), "1")),
        (D("3"), "1", (D("3"), "1")),
        (D("50"), "%", (D("0.5"), "1")),
        (D("2"), "[iU]/L", (D("2000"), "[iU].m-3")),
        (D("2"), "[IU]/L", (D("2000"), "[iU].m-3")),
        (D("6"), "[arb'U]/[arb'U]", (D("6"), "1")),
        (D("7.4"), "[pH]", (D("7.4"), "[pH]")),
        (D("30"), "dB", (D("3"), "B")),
        (D("1"), "/min", (Fraction(1, 60), "s-1")),
        (D("60"), "/min", (D("1"), "s-1")),
        (5, "cm", (D("0.05"), "m")),
        (Fraction(1, 3), "m", (Fraction(1, 3), "m")),
        (Fraction(1, 4), "m", (D("0.25"), "m")),
    ],
)
def test_canonical(value: ucum.Number | int, code: str, expected: tuple[ucum.Number, str]) -> None:
    result = ucum.canonical(value, code)
    assert result == expected
    assert type(result[0]) is type(expected[0])


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("kg", "m"),
        ("mg/dL", "mmol/L"),  # a molar mass is not UCUM's business
        ("[iU]/L", "U/L"),
        ("[iU]", "[arb'U]"),
        ("[iU]", "1"),
        ("[CFU]/mL", "/mL"),
        ("deg", "1"),
        ("sr", "1"),
        ("[pH]", "mol/L"),  # related by convert, but never ordered against each other
        ("B", "Np"),
    ],
)
def test_not_comparable(a: str, b: str) -> None:
    assert not ucum.comparable(a, b)
    with pytest.raises(ucum.UcumDimensionError):
        ucum.compare(1, a, 1, b)


def test_convert_refuses_other_dimensions() -> None:
    with pytest.raises(ucum.UcumDimensionError, match="measure different things"):
        ucum.convert(1, "mg/dL", "mmol/L")
    with pytest.raises(ucum.UcumDimensionError):
        ucum.convert(1, "[pH]", "m")


def test_whole_symbols_win_over_prefixes() -> None:
    assert ucum.parse("cd").canonical == "cd"  # candela, not a hundredth of a day
    assert ucum.parse("Pa").canonical == "g.m-1.s-2"  # pascal, not a petayear
    assert ucum.parse("min").canonical == "s"
    assert ucum.parse("dar").factor == 10  # a tenth of an are, for deka-r is nothing
    assert ucum.convert(1, "dag", "g") == 10
    assert ucum.convert(1, "mm[H2O]", "m[H2O]") == D("0.001")


def test_compare_is_exact_where_decimals_end_on_one_side_only() -> None:
    assert ucum.compare(1, "/min", D("0.0166666666666666666666666666666666666667"), "/s") == -1
    assert ucum.compare(D("0.0166666666666666666666666666666666666666"), "/s", 1, "/min") == -1
    assert ucum.compare(60, "/min", 1, "/s") == 0
    assert ucum.compare(1, "[in_i]", D("2.54"), "cm") == 0
    assert ucum.compare(D("1E+9000"), "m", 1, "km") == 1
    assert ucum.compare(1, "/min", D("-1E+9000"), "/s") == 1
    assert ucum.compare(1, "/min", D("1E-9000"), "/s") == 1
    assert ucum.compare(D("-1E-9000"), "/s", -1, "/min") == 1


def test_canonical_factor_is_the_linear_map() -> None:
    assert ucum.canonical_factor("[degF]") == (Fraction(5, 9), Fraction(45967, 180), "K")
    assert ucum.canonical_factor("mg/dL") == (Fraction(10), Fraction(0), "g.m-3")
    assert ucum.canonical_factor("dB") == (Fraction(1, 10), Fraction(0), "B")


def test_product() -> None:
    assert ucum.product("mg", "mL", -1) == "mg.mL-1"
    assert ucum.product("cm", "cm") == "cm2"
    assert ucum.product("g", "g", -1) == "1"
    assert ucum.product("10.g", "3.h", -1) == "10.g.h-1/3"
    with pytest.raises(ucum.UcumError, match="ratio scale"):
        ucum.product("Cel", "m")


def test_as_decimal_rounds_fractions_only() -> None:
    assert ucum.as_decimal(Fraction(1, 3), 5) == D("0.33333")
    exact = D("0.1234567890123456789012345678901234567890")
    assert ucum.as_decimal(exact, 5) is exact


def test_a_giant_value_is_an_answer_not_a_gigabyte() -> None:
    value, code = ucum.canonical(D("1E+900000000"), "/min")
    assert code == "s-1"
    assert isinstance(value, Decimal)
    assert value.adjusted() == 899_999_998
    assert ucum.canonical(D("1E-900000000"), "mg")[0] == D("1E-900000003")
    assert ucum.canonical(D("1E+900000000"), "Cel")[1] == "K"


def test_long_decimals_stay_exact() -> None:
    value = D("0." + "123456789" * 40)
    result, _ = ucum.canonical(value, "kg")
    assert Fraction(result) == Fraction(value) * 1000
