"""How lists of concept numbers lie in the store: 32-bit numbers, least byte first, compressed where that helps."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any, TypeAlias

import msgspec
import zstandard

_SWAP = sys.byteorder == "big"
_MOST = 1 << 30
_SHORT = 64

Numbers: TypeAlias = "array[int]"


def numbers(values: Iterable[int] = ()) -> Numbers:
    """An array of 32-bit numbers."""
    return array("I", values)


def packed(values: Numbers) -> bytes:
    """An array as bytes."""
    if _SWAP:
        values = values[:]
        values.byteswap()
    return values.tobytes()


def unpacked(data: bytes) -> Numbers:
    """The array that `packed` made bytes of."""
    found = array("I")
    found.frombytes(data)
    if _SWAP:
        found.byteswap()
    return found


def compressed(data: bytes) -> bytes:
    """Short data stay as they are, behind a zero: a frame of zstd begins otherwise."""
    if len(data) < _SHORT:
        return b"\0" + data
    return zstandard.ZstdCompressor(level=3, write_checksum=False).compress(data)


def decompressed(data: bytes) -> bytes:
    if data[:1] == b"\0":
        return data[1:]
    return zstandard.ZstdDecompressor().decompress(data, max_output_size=_MOST)


def runs_of(values: Numbers) -> bytes:
    """Rising numbers as half-open intervals (low, high, low, high, ...), compressed."""
    found = numbers()
    if values:
        found.append(values[0])
        for before, after in pairwise(values):
            if after != before + 1:
                found.append(before + 1)
                found.append(after)
        found.append(values[-1] + 1)
    return compressed(packed(found))


def runs(data: bytes) -> Iterator[tuple[int, int]]:
    """The intervals of `runs_of`."""
    found = iter(unpacked(decompressed(data)))
    return zip(found, found, strict=True)


class Column(msgspec.Struct, array_like=True):
    """A property of all concepts that have it, a row for each value: parallel lists.

    `targets` are numbers of concepts when `values` is None, and places in `values` otherwise. `groups` is empty when
    no row has a role group.
    """

    sources: bytes
    targets: bytes
    groups: bytes
    type: str
    values: list[str] | None = None


class Fields(msgspec.Struct, array_like=True):
    """The members of a reference set or list, in order, a row each, and the further fields of the rows by name:
    for each row a place in the field's values."""

    members: bytes
    fields: dict[str, tuple[bytes, list[str]]] = {}


def pack(content: Any) -> bytes:
    """A Column, Fields or anything that msgpack can hold, compressed."""
    return compressed(msgspec.msgpack.encode(content))


_column = msgspec.msgpack.Decoder(Column)
_fields = msgspec.msgpack.Decoder(Fields)


def column(data: bytes) -> Column:
    return _column.decode(decompressed(data))


def fields(data: bytes) -> Fields:
    return _fields.decode(decompressed(data))
