"""Resource bodies as they lie on disk: JSON compressed with a dictionary that knows what FHIR JSON looks like.

The first byte tells the dictionary: 0 is none, n is the file `data/bodies-n.zdict` of this package. Dictionaries are
never changed, only added; new bodies use the newest.
"""

from __future__ import annotations

import threading
from functools import cache
from pathlib import Path

import zstandard

_DATA = Path(__file__).parent / "data"
_LEVEL = 2
_LIMIT = 1 << 30


@cache
def _dictionaries() -> dict[int, zstandard.ZstdCompressionDict]:
    found = {0: zstandard.ZstdCompressionDict(b"")}
    for path in _DATA.glob("bodies-*.zdict"):
        found[int(path.stem.split("-")[1])] = zstandard.ZstdCompressionDict(path.read_bytes())
    # Once and here: doing it again, for another thread, would free what the compressors of the first still use.
    if newest := max(found):
        found[newest].precompute_compress(level=_LEVEL)
    return found


class _PerThread(threading.local):
    """Compressors keep scratch memory and may not be shared between threads."""

    def __init__(self) -> None:
        dictionaries = _dictionaries()
        self.newest = max(dictionaries)
        chosen = dictionaries[self.newest]
        self.compressor = zstandard.ZstdCompressor(
            level=_LEVEL,
            dict_data=chosen if self.newest else None,
            write_checksum=False,
            write_dict_id=False,
        )
        self.decompressors = {
            number: zstandard.ZstdDecompressor(dict_data=d if number else None) for number, d in dictionaries.items()
        }
        self.prefix = bytes([self.newest])


_local = _PerThread()


def compress(body: bytes) -> bytes:
    return _local.prefix + _local.compressor.compress(body)


def decompress(stored: bytes) -> bytes:
    """The JSON of a stored body. Raises ValueError when it needs a dictionary this version does not have."""
    decompressor = _local.decompressors.get(stored[0])
    if decompressor is None:
        raise ValueError(f"this record was written by a newer Bedside (body dictionary {stored[0]})")
    return decompressor.decompress(stored[1:], max_output_size=_LIMIT)
