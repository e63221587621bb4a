"""What the `body` of a concept holds, and how: MessagePack, compressed with a dictionary made for its system."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import msgspec
import zstandard

INACTIVE, ABSTRACT, DEFINED, PARENT = 1, 2, 4, 8
"""Flags: not in use any more; only a heading; sufficiently defined (SNOMED CT); has children."""

SHIFT = 24
"""`concept.id` is (number of the system << SHIFT) + number of the concept."""

MOST_CONCEPTS = 1 << SHIFT

GENERATION = "terminology"
"""The setting that rises whenever a loaded system comes or goes."""

_MOST = 1 << 24


class Term(msgspec.Struct, array_like=True):
    """A designation. `use` is `system|code`. `accept` tells where it is preferred (P) or acceptable (A): the letter,
    then the code of a language reference set of SNOMED CT."""

    text: str
    language: str = ""
    use: str = ""
    module: str = ""
    time: str = ""
    accept: list[str] = []


class Value(msgspec.Struct, array_like=True):
    """A property. `type` is the suffix of FHIR's value[x]; decimals are text, so that they stay exact."""

    code: str
    type: str
    value: str | int | bool
    group: int = 0


class Body(msgspec.Struct, array_like=True):
    """All of a concept but its code, its flags and its display. `ancestors` are packed numbers."""

    parents: list[str] = []
    ancestors: bytes = b""
    terms: list[Term] = []
    values: list[Value] = []
    definition: str = ""


_decoder = msgspec.msgpack.Decoder(Body)
_encode = msgspec.msgpack.Encoder().encode


class Packer:
    """Makes bodies into bytes and back. The dictionary belongs to the system; each thread has its own tools."""

    def __init__(self, dictionary: bytes) -> None:
        self._dictionary = zstandard.ZstdCompressionDict(dictionary) if dictionary else None
        self._local = threading.local()

    def pack(self, body: bytes) -> bytes:
        compressor = getattr(self._local, "compressor", None)
        if compressor is None:
            compressor = self._local.compressor = zstandard.ZstdCompressor(
                level=3, dict_data=self._dictionary, write_checksum=False, write_dict_id=False
            )
        found: bytes = compressor.compress(body)
        return found

    def unpack(self, data: bytes) -> Body:
        decompressor = getattr(self._local, "decompressor", None)
        if decompressor is None:
            decompressor = self._local.decompressor = zstandard.ZstdDecompressor(dict_data=self._dictionary)
        return _decoder.decode(decompressor.decompress(data, max_output_size=_MOST))


def encode(body: Body) -> bytes:
    return _encode(body)


def dictionary(samples: Sequence[bytes]) -> bytes:
    """A compression dictionary for bodies like these; empty when there are too few to learn from."""
    if len(samples) < 200:
        return b""
    try:
        return zstandard.train_dictionary(32_768, list(samples), threads=0).as_bytes()
    except zstandard.ZstdError:
        return b""
