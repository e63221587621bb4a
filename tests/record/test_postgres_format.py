"""Placeholders and values on their way to PostgreSQL, without a server."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedside.fhir.outcome import Unprocessable
from bedside.record.model import Method
from bedside.record.postgres_format import arrays, encode, numbered


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT 1", "SELECT 1"),
        ("a=? AND b=?", "a=$1 AND b=$2"),
        ("x IN (?,?,?)", "x IN ($1,$2,$3)"),
        ("a='?' AND b=?", "a='?' AND b=$1"),
        ("a='it''s ?' AND b=?", "a='it''s ?' AND b=$1"),
        ('"a?b"=? AND "c""?"=?', '"a?b"=$1 AND "c""?"=$2'),
        ("a=? -- why?\nAND b=?", "a=$1 -- why?\nAND b=$2"),
        ("a=? /* ?\n? */ AND b=?", "a=$1 /* ?\n? */ AND b=$2"),
        (r"a LIKE ? ESCAPE '\' AND b=?", r"a LIKE $1 ESCAPE '\' AND b=$2"),
        ("?::integer[], ?::text[]", "$1::integer[], $2::text[]"),
        (",".join("?" * 12), ",".join(f"${n}" for n in range(1, 13))),
    ],
)
def test_placeholders_are_numbered(sql: str, expected: str) -> None:
    assert numbered(sql).decode() == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, (0, 0, None)),
        ("é", (0, 0, "é".encode())),
        (7, (20, 0, b"7")),
        (-(2**63), (20, 0, b"-9223372036854775808")),
        (Method.DELETE, (20, 0, b"3")),
        (True, (16, 0, b"t")),
        (0.1, (701, 0, b"0.1")),
        (5e-324, (701, 0, b"5e-324")),
        (Decimal("7.20"), (1700, 0, b"7.20")),
        (b"\x00\xff", (17, 1, b"\x00\xff")),
        ([], (0, 0, b"{}")),
        (["a", 'b"', "c\\"], (1009, 0, b'{"a","b\\"","c\\\\"}')),
    ],
)
def test_parameters_carry_their_type(value: object, expected: object) -> None:
    assert encode(value) == expected


def test_what_no_column_holds_is_an_error() -> None:
    for value in (object(), {}, [object()], 1j):
        with pytest.raises(TypeError):
            encode(value)


@given(st.text(st.characters(exclude_categories=("Cs",))))
def test_only_nul_is_refused(text: str) -> None:
    if "\x00" in text:
        with pytest.raises(Unprocessable):
            arrays(["text"], [(text,)])
    else:
        ((value,), (format_,)) = arrays(["text"], [(text,)])
        assert format_ == 0
        # What PostgreSQL does to an array literal: backslashes protect, quotes delimit.
        inner = value.decode()[2:-2]
        unescaped, position = [], 0
        while position < len(inner):
            position += inner[position] == "\\"
            unescaped.append(inner[position])
            position += 1
        assert "".join(unescaped) == text


def test_rows_become_columns() -> None:
    rows = [(1, "a", None, 1.5, b"x"), (2, None, 1 << 40, -0.0, None)]
    values, formats = arrays(["integer", "text", "bigint", "double precision", "bytea"], rows)
    assert formats == [1, 0, 1, 1, 1]
    header = "00000001{nulls}{oid:08x}0000000200000001"
    assert values[0].hex() == header.format(nulls="00000000", oid=23) + "0000000400000001" + "0000000400000002"
    assert values[1] == b'{"a",NULL}'
    assert values[2].hex() == header.format(nulls="00000001", oid=20) + "ffffffff" + "000000080000010000000000"
    assert values[3].hex().startswith(header.format(nulls="00000000", oid=701))
    assert values[4].hex() == header.format(nulls="00000001", oid=17) + "0000000178" + "ffffffff"
