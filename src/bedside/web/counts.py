"""Counts by type, remembered for a moment, so that a front page that many people open does not count each time."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping

from bedside.record.record import Record

_FRESH = 3.0  # seconds for which counts are shown although something was written
_SHARE = 20  # counting may take at most one part in so many of the time
_AT_ONCE = 0.015  # seconds of counting that a reader may wait for


class Counts:
    """Live resources by type. Small records are counted when they changed; large ones beside the request."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._lock = threading.Lock()
        self._found: Mapping[str, int] | None = None
        self._seq = -1
        self._at = 0.0
        self._cost = 0.0

    def get(self) -> Mapping[str, int]:
        """The counts, a few seconds old at most while the record is small."""
        found = self._found
        if found is None:
            with self._lock:
                return self._count() if self._found is None else self._found
        if self._is_fresh() or not self._lock.acquire(blocking=False):
            return found
        if self._cost <= _AT_ONCE:
            try:
                return self._count()
            finally:
                self._lock.release()
        threading.Thread(target=self._count_and_release, name="bedside-counts", daemon=True).start()
        return found

    def _is_fresh(self) -> bool:
        return time.monotonic() - self._at < max(_FRESH, _SHARE * self._cost) or self._seq == self._record.last_seq()

    def _count(self) -> Mapping[str, int]:
        started = time.monotonic()
        seq = self._record.last_seq()
        found = self._record.counts()
        self._found, self._seq = found, seq
        self._at = time.monotonic()
        self._cost = self._at - started
        return found

    def _count_and_release(self) -> None:
        try:
            self._count()
        finally:
            self._lock.release()
