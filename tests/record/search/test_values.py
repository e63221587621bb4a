"""How values are compared: normalisation, escapes, implicit precision."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedside.fhir.outcome import Invalid
from bedside.record.values import (
    LARGEST,
    bounds_near,
    date_value,
    escape,
    normalise,
    number_value,
    quantity_value,
    real,
    split,
    unescape,
)

DAY = 86_400_000_000


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@pytest.mark.parametrize(
    ("text", "norm"),
    [
        ("Müller", "muller"), ("MU\u0308LLER", "muller"), ("  Van  der\tBerg ", "van der berg"), ("Straße", "strasse"),
        ("İstanbul", "istanbul"), ("ﬁnal", "final"), ("Ørsted", "ørsted"), ("Ἀθῆναι", "αθηναι"), ("\u0301", ""),
    ],
)  # fmt: skip
def test_normal_form(text: str, norm: str) -> None:
    assert normalise(text) == norm


@given(st.lists(st.text(), min_size=1))
def test_what_is_escaped_and_joined_comes_back(parts: list[str]) -> None:
    assert [unescape(part) for part in split(",".join(escape(part) for part in parts), ",")] == parts


def test_other_separators_stay_escaped() -> None:
    assert split(r"a\|b|c\,d", "|") == [r"a\|b", r"c\,d"]
    assert unescape(r"a\|b\\c\d") == r"a|b\c\d"


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("100", "99.5", "100.5"), ("100.00", "99.995", "100.005"), ("1e2", "95", "105"), ("1.00e2", "99.5", "100.5"),
        ("0.0054", "0.00535", "0.00545"), ("-1.0", "-1.05", "-0.95"), ("0", "-0.5", "0.5"), ("5e-1", "0.45", "0.55"),
    ],
)  # fmt: skip
def test_a_number_is_as_precise_as_it_is_written(text: str, low: str, high: str) -> None:
    value = number_value(text)
    assert (value.low, value.high) == (Decimal(low), Decimal(high))


def test_near_is_a_tenth_and_never_less_than_the_precision() -> None:
    assert bounds_near(number_value("ap100")) == (Decimal(90), Decimal(110))
    assert bounds_near(number_value("ap-100")) == (Decimal(-110), Decimal(-90))
    assert bounds_near(number_value("ap0")) == (Decimal("-0.5"), Decimal("0.5"))


@pytest.mark.parametrize("text", ["", "x", "1,5", "1e", "NaN", "Infinity", "+1", "lt", "1e9999", "xx1", "٣"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="not a number"):
        number_value(text)


def test_numbers_beyond_the_doubles_are_cut_off() -> None:
    assert real(Decimal("1e400")) == LARGEST
    assert real(Decimal("-1e400")) == -LARGEST


def test_quantities() -> None:
    assert (quantity_value("5.4").system, quantity_value("5.4").code) == (None, None)
    assert (quantity_value("lt5.4||mg").system, quantity_value("lt5.4||mg").code) == (None, "mg")
    assert quantity_value(r"5|http://a\|b|x\|y").system == "http://a|b"
    for wrong in ("5|mg", "5|http://x|", "5|a|b|c", "|x|mg"):
        with pytest.raises(Invalid):
            quantity_value(wrong)


def test_dates_near_widen_by_a_tenth_of_the_gap() -> None:
    value = date_value("ap2020-01-11")
    assert value.near(value.low - 10 * DAY) == (value.low - DAY, value.high + DAY)
    assert value.near(value.high + 10 * DAY) == (value.low - DAY, value.high + DAY)
    assert value.near(value.low) == (value.low, value.high)
