"""A large set of whole numbers, kept as bits: which versions an export holds, or which resources pass a filter.

Numbers of versions and resources are handed out without gaps, so a bit for each is far smaller than a Python set: ten
million of them are about a megabyte. Blocks of 65,536 bits are made when the first number falls into them.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator

_SHIFT = 16
_BYTES = (1 << _SHIFT) // 8
_LOW = (1 << _SHIFT) - 1
_MAGIC = b"numbers1"
_PLACES = [tuple(bit for bit in range(8) if byte >> bit & 1) for byte in range(256)]


class Damaged(ValueError):
    """Bytes that are not a set of numbers, or not all of it."""


class Numbers:
    """A set of integers from 0 up."""

    __slots__ = ("_blocks",)

    def __init__(self, numbers: Iterable[int] = ()) -> None:
        self._blocks: dict[int, bytearray] = {}
        self.update(numbers)

    def add(self, number: int) -> None:
        block = self._blocks.get(number >> _SHIFT)
        if block is None:
            block = self._blocks[number >> _SHIFT] = bytearray(_BYTES)
        block[(number & _LOW) >> 3] |= 1 << (number & 7)

    def update(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            self.add(number)

    def __contains__(self, number: int) -> bool:
        block = self._blocks.get(number >> _SHIFT)
        return block is not None and bool(block[(number & _LOW) >> 3] >> (number & 7) & 1)

    def __len__(self) -> int:
        return sum(int.from_bytes(block, "little").bit_count() for block in self._blocks.values())

    def __bool__(self) -> bool:
        return bool(self._blocks)

    def __iter__(self) -> Iterator[int]:
        return self.after(-1)

    def after(self, number: int) -> Iterator[int]:
        """The members above `number`, ascending."""
        first = number + 1
        for index in sorted(self._blocks):
            base = index << _SHIFT
            if base + _LOW < first:
                continue
            block = self._blocks[index]
            start = max(0, first - base) >> 3
            for offset in range(start, _BYTES):
                if byte := block[offset]:
                    at = base + (offset << 3)
                    for bit in _PLACES[byte]:
                        if at + bit >= first:
                            yield at + bit

    def encode(self) -> bytes:
        """The set as bytes, with a checksum."""
        body = b"".join(struct.pack("<Q", index) + bytes(self._blocks[index]) for index in sorted(self._blocks))
        return _MAGIC + struct.pack("<I", zlib.crc32(body)) + body

    @classmethod
    def decode(cls, data: bytes) -> Numbers:
        """The set that `encode` wrote. Raises Damaged for anything else."""
        body = data[len(_MAGIC) + 4 :]
        size = 8 + _BYTES
        if data[: len(_MAGIC)] != _MAGIC or len(data) < len(_MAGIC) + 4 or len(body) % size:
            raise Damaged("not a set of numbers")
        if struct.unpack_from("<I", data, len(_MAGIC))[0] != zlib.crc32(body):
            raise Damaged("the checksum does not fit")
        found = cls()
        for start in range(0, len(body), size):
            (index,) = struct.unpack_from("<Q", body, start)
            found._blocks[index] = bytearray(body[start + 8 : start + size])
        return found


def runs(numbers: Iterable[int], size: int) -> Iterator[list[int]]:
    """Numbers in lists of at most `size`, in their order."""
    some: list[int] = []
    for number in numbers:
        some.append(number)
        if len(some) == size:
            yield some
            some = []
    if some:
        yield some
