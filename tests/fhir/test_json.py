"""FHIR's JSON: digits survive, and what is not JSON is answered with a place."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bedside.fhir import json
from bedside.fhir.outcome import Invalid


@pytest.mark.parametrize(
    "text", ["7.20", "0.000001", "100000000000000000000.5", "-0.0", "1.0E+5", "1E-7", "0", "-12", "1" * 40]
)
def test_numbers_keep_their_digits(text: str) -> None:
    assert json.encode(json.decode(f"[{text}]")) == f"[{text}]".encode()


@pytest.mark.parametrize("text", ["0.000000000001", "1E5", "12.50e-3", "0.0000000"])
def test_an_exponent_may_be_written_otherwise_but_no_digit_is_lost(text: str) -> None:
    (again,) = json.decode(json.encode(json.decode(f"[{text}]")))
    assert again.as_tuple() == Decimal(text).as_tuple()


def test_classes_of_numbers() -> None:
    assert json.decode(b"[1, 1.0, true]") == [1, Decimal("1.0"), True]
    assert [type(v) for v in json.decode(b"[1, 1.0, 1e2]")] == [int, Decimal, Decimal]


def test_order_and_text_survive() -> None:
    text = '{"b":1,"a":{"z":"é\\n\u2028🫀","y":null}}'.encode()
    assert json.encode(json.decode(text)) == text
    assert json.decode(json.encode_pretty(json.decode(text))) == json.decode(text)
    assert b'\n  "b"' in json.encode_pretty(json.decode(text))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b'{\n "a": }', "at byte 8 (line 2)"),
        (b'{"a": 1} x', "trailing characters"),
        (b"[01]", "invalid number"),
        (b"[NaN]", "byte 1"),
        (b"", "ends too early"),
        (b'{"a"', "ends too early"),
        (b'["\\ud800"]', "character escape"),
        (b'["\xff"]', "not UTF-8"),
        (b"[1e999999999999999999999]", "out of range"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
    ],
)
def test_what_is_not_json_is_a_bad_request(text: bytes, words: str) -> None:
    with pytest.raises(Invalid, match=words.replace("(", r"\(").replace(")", r"\)")) as raised:
        json.decode(text)
    assert raised.value.status == 400


def test_a_resource_is_an_object() -> None:
    assert json.decode_object(b"{}") == {}
    with pytest.raises(Invalid, match="is not one"):
        json.decode_object(b"[]")


def test_lines() -> None:
    assert list(json.decode_lines(b'{"a":1}\n\n  \r\n{"a":2}\r\n{"a":3}')) == [{"a": 1}, {"a": 2}, {"a": 3}]
    lines = json.decode_lines(b'{"a":1}\n{"a":\n')
    assert next(lines) == {"a": 1}
    with pytest.raises(Invalid):
        next(lines)


def test_what_is_nested_too_deeply_to_write_is_a_typed_error() -> None:
    value: list[object] = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(Invalid, match="nested too deeply"):
        json.encode(value)
