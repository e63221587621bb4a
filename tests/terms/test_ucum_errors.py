"""Codes that are not UCUM: where the fault is, and what was probably meant."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedside.terms import ucum
from bedside.terms.ucum.errors import UcumError


@pytest.mark.parametrize(
    ("code", "position", "problem"),
    [
        ("", 0, "cannot be empty"),
        ("mmHg", 0, "unknown unit 'mmHg'"),
        ("mg/dLL", 3, "unknown unit 'dLL'"),
        ("mg//dL", 3, "expected a unit"),
        ("mg/", 3, "expected a unit after this"),
        ("(mg", 0, r"a '\(' without"),
        ("mg)", 2, r"a '\)' without"),
        ("(mg)2", 4, "takes no exponent"),
        ("2mg", 1, "expected '.', '/'"),
        ("mg dL", 2, "expected '.', '/'"),
        ("10-3", 0, "power of ten"),
        ("0.g", 0, "cannot be zero"),
        ("m{a}{b}", 4, "one annotation"),
        ("m{a b}", 1, "annotation"),
        ("m{a", 1, "annotation"),
        ("{a}m", 3, "expected '.', '/'"),
        ("µg", 0, "expected a unit, not 'µ'"),
        ("m100", 1, "exponent beyond"),
        ("m-99999999999", 1, "exponent beyond"),
        ("kd", 0, "'d' is not a metric unit"),
        ("k[in_i]", 0, "'\\[in_i\\]' is not a metric unit"),
        ("Cel2", 0, "not on a ratio scale"),
        ("/Cel", 1, "not on a ratio scale"),
        ("g.Cel", 2, "not on a ratio scale"),
        ("[pH].[pH]", 5, "not on a ratio scale"),
        ("m.dB", 2, "not on a ratio scale"),
        ("1" * 31, 0, "more than 30 digits"),
        ("m" + ".m" * 250, 500, "longer than 500"),
        ("(" * 40 + "m" + ")" * 40, 20, "nested deeper"),
        ("Ym99.Ym99.Ym99", 0, "beyond all bounds"),
    ],
)
def test_faults_are_located(code: str, position: int, problem: str) -> None:
    assert not ucum.is_valid(code)
    for _ in range(2):  # the second time from the cache
        with pytest.raises(UcumError, match=problem) as caught:
            ucum.parse(code)
        assert caught.value.position == position
        assert caught.value.code == code
    with pytest.raises(UcumError):
        ucum.canonical(Decimal(1), code)


@pytest.mark.parametrize(
    ("code", "meant"),
    [
        ("mmHg", "mm[Hg]"),
        ("mm Hg", "mm[Hg]"),
        ("cmH2O", "cm[H2O]"),
        ("mIU/L", "m[IU]/L"),
        ("IU", "[iU]"),
        ("mEq/L", "meq/L"),
        ("mOsm/kg", "mosm/kg"),
        ("mcg/mL", "ug/mL"),
        ("µg/dL", "ug/dL"),
        ("°C", "Cel"),
        ("degF", "[degF]"),
        ("lbs", "[lb_av]"),
        ("MG/DL", "mg/dl"),
        ("x10^9/L", "10*9/L"),
        ("10E3/uL", "10*3/uL"),
        ("cells/uL", "{cells}/uL"),
        ("(score)", "{score}"),
        ("bpm", "/min"),
        ("breaths per minute", "{breaths}/min"),
        ("mL/min/1.73m2", "mL/min/{1.73_m2}"),
        ("2mg", "2.mg"),
        ("mg / dL", "mg/dL"),
        ("mg*h/L", "mg.h/L"),
        ("kg/m²", "kg/m2"),
        ("ng/ml/hr", "ng/ml/h"),
        ("ppm", "[ppm]"),
        ("ug/mL FEU", "ug/mL{FEU}"),
        ("hours", "h"),
    ],
)
def test_did_you_mean(code: str, meant: str) -> None:
    with pytest.raises(UcumError) as caught:
        ucum.parse(code)
    assert caught.value.suggestion == meant
    assert f"did you mean '{meant}'?" in str(caught.value)
    assert ucum.is_valid(meant)


def test_no_suggestion_rather_than_a_wild_one() -> None:
    for code in ("[zzz]", "é", "g.Cel", "", "?" * 200):
        with pytest.raises(UcumError) as caught:
            ucum.parse(code)
        assert caught.value.suggestion is None
        assert "did you mean" not in str(caught.value)


@given(st.text(st.sampled_from("mgLdskUCel[]{}()./*^10-2'%_ µ°x"), max_size=14))
def test_any_text_is_a_unit_or_a_ucum_error(text: str) -> None:
    if ucum.is_valid(text):
        assert ucum.parse(text).factor > 0
        return
    with pytest.raises(UcumError) as caught:
        ucum.parse(text)
    assert 0 <= caught.value.position <= len(text)
    assert text in str(caught.value)
    assert caught.value.suggestion is None or ucum.is_valid(caught.value.suggestion)


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), Decimal("-Infinity"), Decimal("sNaN")])
def test_values_must_be_finite(value: Decimal) -> None:
    for code in ("mg/dL", "/min", "Cel"):
        with pytest.raises(ucum.UcumValueError, match="not a quantity"):
            ucum.canonical(value, code)
    with pytest.raises(ucum.UcumValueError, match="not a quantity"):
        ucum.convert(value, "[pH]", "mol/L")


@pytest.mark.parametrize(
    ("value", "source", "target"),
    [
        (0, "mol/L", "[pH]"),
        (-1, "1", "dB"),
        (0, "V", "B[V]"),
        (10**9, "B", "1"),
        (-1, "m2/s4/Hz", "[m/s2/Hz^(1/2)]"),
        (2, "rad", "%[slope]"),
        (100, "rad", "[p'diop]"),
    ],
)
def test_values_without_counterpart(value: int | Decimal, source: str, target: str) -> None:
    with pytest.raises(ucum.UcumValueError, match="no counterpart"):
        ucum.convert(value, source, target)


def test_floats_are_refused() -> None:
    with pytest.raises(TypeError):
        ucum.canonical(7.2, "mg/dL")  # type: ignore[arg-type]
