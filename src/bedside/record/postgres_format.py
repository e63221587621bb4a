"""How values travel to PostgreSQL: numbered placeholders, typed parameters, and columns of rows as arrays.

Pure functions, no driver. Every Python int is declared as int8 and every float as float8, whatever its size, so that
one SQL text is one prepared statement; the planner's operators across integer widths still use the indexes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import lru_cache
from struct import Struct
from typing import Any

from bedside.fhir.outcome import Unprocessable

Encoded = tuple[int, int, bytes | None]
"""Type (an OID, 0 when the statement tells), format (0 text, 1 binary), and the value; None is NULL."""

_TEXT, _BINARY = 0, 1
_UNKNOWN, _BOOL, _BYTEA, _INT8, _INT4, _TEXT_TYPE, _FLOAT8, _NUMERIC = 0, 16, 17, 20, 23, 25, 701, 1700
_INT8_ARRAY, _TEXT_ARRAY, _FLOAT8_ARRAY = 1016, 1009, 1022

# Placeholders do not count inside strings, quoted names and comments.
_MARKS = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|/\*.*?\*/|(\?)""", re.DOTALL)


@lru_cache(maxsize=4096)
def numbered(sql: str) -> bytes:
    """The SQL with its `?` renumbered to `$1`, `$2`, ..., encoded."""
    count = 0

    def number(match: re.Match[str]) -> str:
        nonlocal count
        if match[1] is None:
            return match[0]
        count += 1
        return f"${count}"

    return _MARKS.sub(number, sql).encode()


def _text(value: str) -> bytes:
    """Text as UTF-8. PostgreSQL cannot hold U+0000, and FHIR does not allow it (R4 datatypes.html#string)."""
    if "\x00" in value:
        raise Unprocessable("Text may not contain the character U+0000.", code="value")
    try:
        return value.encode()
    except UnicodeEncodeError:
        raise Unprocessable("Text may not contain half a surrogate pair.", code="value") from None


def _list(values: Sequence[Any]) -> Encoded:
    """A list for `= ANY(?)`; its first element tells its type, an empty one is of whatever fits."""
    match values[0] if values else None:
        case None:
            return _UNKNOWN, _TEXT, b"{}"
        case int():
            return _INT8_ARRAY, _BINARY, _int8s(values)
        case float():
            return _FLOAT8_ARRAY, _BINARY, _float8s(values)
        case str():
            return _TEXT_ARRAY, _TEXT, _texts(values)
    raise TypeError(f"no array of {type(values[0]).__name__} is known")


_ENCODERS: dict[type, Callable[[Any], Encoded]] = {
    str: lambda value: (_UNKNOWN, _TEXT, _text(value)),
    int: lambda value: (_INT8, _TEXT, b"%d" % value),
    float: lambda value: (_FLOAT8, _TEXT, repr(value).encode()),
    bytes: lambda value: (_BYTEA, _BINARY, value),
    bool: lambda value: (_BOOL, _TEXT, b"t" if value else b"f"),
    type(None): lambda _: (_UNKNOWN, _TEXT, None),
    Decimal: lambda value: (_NUMERIC, _TEXT, str(value).encode()),
    list: _list,
    tuple: _list,
}


def encode(value: Any) -> Encoded:
    """One parameter of a statement. Raises TypeError for what no column holds."""
    encoder = _ENCODERS.get(type(value))
    if encoder is None:
        for kind in type(value).__mro__[1:]:
            if kind in _ENCODERS:
                encoder = _ENCODERS[type(value)] = _ENCODERS[kind]
                break
        else:
            raise TypeError(f"a {type(value).__name__} cannot be a parameter")
    return encoder(value)


# --- columns of rows as one array each, for unnest

_HEADER = Struct(">5i")  # dimensions, whether it has NULLs, element type, length, lower bound
_LENGTH = Struct(">i")
_NULL = _LENGTH.pack(-1)


@lru_cache(maxsize=1024)
def _fixed(code: str, count: int) -> Struct:
    return Struct(">5i" + f"i{code}" * count)


def _fixed_array(oid: int, code: str, width: int) -> Callable[[Sequence[Any]], bytes]:
    """An encoder of arrays of elements of one width: each is its length and its bytes."""
    element = Struct(f">i{code}")

    def pack(column: Sequence[Any]) -> bytes:
        count = len(column)
        if None in column:
            head = _HEADER.pack(1, 1, oid, count, 1)
            return head + b"".join([_NULL if v is None else element.pack(width, v) for v in column])
        flat: list[Any] = [width] * (2 * count)
        flat[1::2] = column
        return _fixed(code, count).pack(1, 0, oid, count, 1, *flat)

    return pack


_int4s = _fixed_array(_INT4, "i", 4)
_int8s = _fixed_array(_INT8, "q", 8)
_float8s = _fixed_array(_FLOAT8, "d", 8)


def _byteas(column: Sequence[bytes | None]) -> bytes:
    parts = [_HEADER.pack(1, int(None in column), _BYTEA, len(column), 1)]
    for value in column:
        if value is None:
            parts.append(_NULL)
        else:
            parts += (_LENGTH.pack(len(value)), value)
    return b"".join(parts)


def _texts(column: Sequence[str | None]) -> bytes:
    """Text as an array literal: cheaper to write here than lengths of UTF-8, and no dearer to read there."""
    if None in column:
        quoted = ",".join(["NULL" if v is None else f'"{_escape(v)}"' for v in column])
        return _text("{" + quoted + "}")
    inner = '","'.join(column)  # type: ignore[arg-type]
    if "\\" in inner or inner.count('"') != 2 * (len(column) - 1):
        inner = '","'.join([_escape(v) for v in column])  # type: ignore[arg-type]
    return _text('{"' + inner + '"}')


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


_COLUMNS: dict[str, tuple[int, Callable[[Sequence[Any]], bytes]]] = {
    "integer": (_BINARY, _int4s),
    "bigint": (_BINARY, _int8s),
    "double precision": (_BINARY, _float8s),
    "bytea": (_BINARY, _byteas),
    "text": (_TEXT, _texts),
}


def arrays(types: Sequence[str], rows: Sequence[Sequence[Any]]) -> tuple[list[bytes], list[int]]:
    """Rows, at least one, as one array for each column of these types, and the format of each.

    Raises Unprocessable for text that PostgreSQL cannot hold.
    """
    encoders = [_COLUMNS[kind] for kind in types]
    values = [pack(column) for (_, pack), column in zip(encoders, zip(*rows, strict=True), strict=True)]
    return values, [format_ for format_, _ in encoders]
