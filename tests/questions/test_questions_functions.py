"""Single functions and operators where the official tests leave something open: limits, empties, precision."""

from __future__ import annotations

import time
from typing import Any

import pytest

from bedside.questions.check import check_types
from bedside.questions.errors import EvaluationError
from bedside.questions.expression import compile


def ask(text: str) -> list[Any]:
    return compile(text).evaluate(None)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        # numbers and their limits
        ("2147483647 + 1", []),
        ("-2147483647 - 2", []),
        ("65536 * 65536", []),
        ("9999999999999999999999999999.0 * 10", []),
        ("1 / 3", ["0.33333333"]),
        ("2 / 3", ["0.66666667"]),
        ("1.10 + 2.2", ["3.30"]),
        ("7 mod -3", ["1"]),
        ("-7 div 2", ["-3"]),
        ("-7.5 mod 2", ["-1.5"]),
        ("2.power(31)", []),
        ("2.power(-1)", ["0.5"]),
        ("0.power(-1)", []),
        ("10.power(5000)", []),
        ("1000.exp()", []),
        ("2.sqrt()", ["1.41421356"]),
        ("0.ln()", []),
        ("5.log(1)", []),
        ("2.5.round() | -2.5.round() | 2.45.round(1)", ["3", "-3", "2.5"]),
        ("9999999999.5.truncate()", []),
        ("1.0 = 1 and 1.0 ~ 1.00", ["True"]),
        ("(-2147483647 - 1).abs()", []),
        # strings
        ("'abc'.substring(1, 0)", [""]),
        ("'abc'.substring(1, -1)", [""]),
        ("'a.b'.replaceMatches('(\\\\w).(\\\\w)', '$2-$1')", ["b-a"]),
        ("'x'.replaceMatches('x', 'a\\\\b')", ["a\\b"]),
        ("'2020-01-02'.replaceMatches('(?P<y>\\\\d+)-(.*)', '${y}')", ["2020"]),
        ("'ab'.split('')", ["a", "b"]),
        ("'abcabc'.lastIndexOf('b')", ["4"]),
        ("'%%%'.decode('base64')", []),
        ("'zz'.decode('hex')", []),
        ("{}.join(',')", []),
        ("'  a '.trim().length()", ["1"]),
        ("'STRASSE' ~ 'straße'", ["True"]),
        ("'a  b\\n' ~ 'A b'", ["True"]),
        # conversions
        ("'yes'.toBoolean() | 'N'.toBoolean()", ["True", "False"]),
        ("'99999999999'.toInteger()", []),
        ("'+5'.toInteger()", ["5"]),
        ("'1.50'.toDecimal()", ["1.50"]),
        ("1.0.toInteger()", []),
        ("@2020-02-29T10:00Z.toDate()", ["2020-02-29"]),
        ("'2020-02-29T10:00Z'.toDate()", ["2020-02-29"]),
        ("@2020-02.toDateTime() is DateTime", ["True"]),
        ("'T10:30'.toTime()", ["10:30"]),
        ("'25:00'.convertsToTime()", ["False"]),
        ("'2020-02-30'.convertsToDate()", ["False"]),
        ("{}.convertsToInteger()", []),
        ("'5 mg'.toQuantity()", []),
        ("'5 \\'mg\\''.toQuantity('g')", ["0.005 'g'"]),
        ("1 week.toQuantity('d')", ["7 'd'"]),
        ("1 'mg'.convertsToQuantity('s')", ["False"]),
        ("5.toQuantity().toString()", ["5 '1'"]),
        # collections
        ("(1 | 2 | 3)[3]", []),
        ("(1 | 2 | 3)[-1]", []),
        ("(1 | 2 | 3).take(-1)", []),
        ("(1 | 2 | 3).skip(-1).count()", ["3"]),
        ("(1 | 1.0 | true | '1').count()", ["3"]),
        ("(@2020 | @2020-01 | @2020).count()", ["2"]),
        ("(@2020-01-01T10:00Z | @2020-01-01T11:00+01:00).count()", ["1"]),
        ("(1 'g' | 1000 'mg' | 1 'm').count()", ["2"]),
        ("(1 | 2 | 3).where($index > 0)", ["2", "3"]),
        ("(5 | 6).select($index)", ["0", "1"]),
        ("(5 | 6).exists($index = 1) and (5 | 6).all($index < 2)", ["True"]),
        ("(5 | 6).select((7 | 8).select($index).count() + $index)", ["2", "3"]),
        ("(1 | 2).aggregate($total + $this, 10)", ["13"]),
        ("(1 | 2 | 3).subsetOf(3 | 2 | 1 | 0)", ["True"]),
        ("{}.subsetOf(1) and {}.allTrue() and {}.anyTrue().not()", ["True"]),
        ("(true | false).anyFalse() and (true | false).allFalse().not()", ["True"]),
        ("1 in {} or {} contains 1", ["False"]),
        ("{} in (1 | 2)", []),
        ("(1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10) contains 10.0", ["True"]),
        ("('b' | 'a' | 'c').sort(-$this)", ["c", "b", "a"]),
        # time
        ("@2020-02-29 + 1 year", ["2021-02-28"]),
        ("@2020-01-31 + 1 month", ["2020-02-29"]),
        ("@2020 + 23 months", ["2021"]),
        ("@2020-03 - 1 year", ["2019-03"]),
        ("@2020-03 + 59 days", ["2020-04"]),
        ("@2020-03-01 - 25 hours", ["2020-02-29"]),
        ("@2020-01-01T00:00:00Z - 1 millisecond", ["2019-12-31T23:59:59.999Z"]),
        ("@2020-01-01T10 + 90 minutes", ["2020-01-01T11"]),
        ("@T23:30 + 1 hour", ["00:30"]),
        ("@T10:00:00.5 + 250 milliseconds", ["10:00:00.750"]),
        ("@9999-12-31 + 1 day", []),
        ("@0001-01-01 - 1 day", []),
        ("@2020-01-01T10:00 = @2020-01-01T10:00Z", []),
        ("@2020-01-01T10:00 < @2020-01-03T10:00Z", ["True"]),
        ("@2020-01-01T10:00+01:00 ~ @2020-01-01T09:00Z", ["True"]),
        ("@T10:00 ~ @2020-01-01T10:00", ["False"]),
        ("@2020-01-01T23:30-01:00 > @2020-01-02T00:00Z", ["True"]),
        # quantities
        ("1 year = 12 months and 1 year ~ 1 'a'", ["True"]),
        ("1 year = 1 'a'", []),
        ("1 month > 30 days", []),
        ("1 'm' + 50 'cm'", ["1.5 'm'"]),
        ("1 'm' + 1 's'", []),
        ("6 'm' / 2 's'", ["3 'm.s-1'"]),
        ("6 'm' / 0 's'", []),
        ("2 * 3 'm'", ["6 'm'"]),
        ("2 days + 3 days", ["5 days"]),
        ("-(1 'm')", ["-1 'm'"]),
        ("1 'nonsense' = 1 'nonsense'", ["True"]),
        ("1 'nonsense' = 1 'm'", []),
        ("5 'mg'.value | 5 'mg'.unit", ["5", "mg"]),
        # boundaries
        ("@2020-02.highBoundary(8)", ["2020-02-29"]),
        ("@2020-02-29T10:30:15Z.highBoundary()", ["2020-02-29T10:30:15.999Z"]),
        ("@2020-02-29T10:30:15.5Z.lowBoundary(14)", ["2020-02-29T10:30:15Z"]),
        ("@T10.lowBoundary(4) | @T10.highBoundary(4)", ["10:00", "10:59"]),
        ("@2020.lowBoundary(5)", []),
        ("5.lowBoundary()", ["4.50000000"]),
    ],
)
def test_result(text: str, shown: list[str]) -> None:
    assert [str(each) for each in ask(text)] == shown


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("@2020-01-01 + 1 'mo'", "months"),
        ("@2020-01-01 + 1 'kg'", "kg"),
        ("@T10:00 + 1 day", "Time"),
        ("@2020 - @2019", "cannot work"),
        ("1 < 'a'", "no order"),
        ("@T10 < @2020", "no order"),
        ("'a' + 1", "cannot work"),
        ("true + 1", "cannot work"),
        ("1 & 'a'", "String"),
        ("'(a'.matches('(')", "regular expression"),
        ("'a'.replaceMatches('a', '$7')", "does not go with"),
        ("(1 | 2).iif(true, 1)", "2 items"),
        ("('a' | 'b').allTrue()", "Boolean"),
        ("1 'Cel' * 2 'm'", "Cel"),
    ],
)
def test_error(text: str, word: str) -> None:
    with pytest.raises(EvaluationError, match=word.replace("(", r"\(")):
        ask(text)


GROWING = " | ".join(str(n) for n in range(60))


@pytest.mark.parametrize(
    "text",
    [
        f"({GROWING}).aggregate($total & $total & 'x', '')",
        f"({GROWING}).aggregate($total + $total + 'x', '')",
        f"({GROWING}).aggregate($total.combine($total).combine(1))",
        f"({GROWING}).aggregate($total.replace('', 'aa'), 'a')",
        f"({GROWING}).aggregate($total.replaceMatches('a', 'aa'), 'a')",
        "1.repeat($this + 1)",
    ],
)
def test_what_grows_without_end_is_stopped(text: str) -> None:
    with pytest.raises(EvaluationError, match=r"more than \d+"):
        ask(text)


@pytest.mark.parametrize(
    "text",
    [
        "1" + " + 1" * 248,
        "true" + ".not()" * 248,
        "1" + ".convertsToQuantity()" * 248,
        "'a'" + " & 'b'" * 248,
        "true" + " and true" * 248,
        "1" + " | 1" * 248,
        "name" + ".where(name" * 95 + ".exists())" * 95,
        "link" + ".where((link" * 45 + ".resolve() is Patient)" * 45 + ")" * 45,
        "name" + ".repeat(name" * 90 + ")" * 90,
        "name" + ".select(name" * 90 + ")" * 90,
        "iif(true, " * 95 + "1" + ")" * 95,
        "-(" * 45 + "1" + ")" * 45,
    ],
)
def test_what_is_high_or_deep_is_compiled_checked_and_run_in_no_time(text: str) -> None:
    before = time.perf_counter()
    check_types(text, "Patient")
    compile(text).evaluate({"resourceType": "Patient", "name": [{"text": "x"}]})
    assert time.perf_counter() - before < 5


def test_errors_at_the_bottom_of_a_high_tree_are_found() -> None:
    with pytest.raises(EvaluationError, match="cannot work") as caught:
        ask("(true + 1)" + " + 1" * 200)
    assert caught.value.column == 2
