"""Translations kept by what they were made of: SHA-256 of the source and of the digests of what it includes.

The same text with the same includes is the same translation, whoever asks. What a source includes is remembered by the
digest of the source alone, so that finding a kept translation needs no parsing.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from typing import Generic, TypeVar

Value = TypeVar("Value")
MOST_KEPT = 512


class Kept(Generic[Value]):
    """The values last used, by key. Safe between threads."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self.most = most
        self._values: OrderedDict[str, Value] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> Value | None:
        with self._lock:
            found = self._values.get(key)
            if found is not None:
                self._values.move_to_end(key)
            return found

    def put(self, key: str, value: Value) -> None:
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            while len(self._values) > self.most:
                self._values.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._values.clear()

    def __len__(self) -> int:
        return len(self._values)


def digest(source: str, *parts: str) -> str:
    """SHA-256 of a source and of the digests of what it includes, in hexadecimal."""
    found = hashlib.sha256(source.encode())
    for each in parts:
        found.update(b"\0")
        found.update(each.encode())
    return found.hexdigest()
