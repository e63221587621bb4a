"""Finds the loaded systems of a record: a `Provider` of its terminology."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from bedside.fhir import json
from bedside.record.session import Session, Store
from bedside.record.terminology.tables.bodies import GENERATION
from bedside.record.terminology.tables.system import LoadedSystem
from bedside.terms.systems import CodeSystem


class LoadedProvider:
    """One for each open record. What its systems have worked out is kept while they are loaded."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._systems: dict[int, LoadedSystem] = {}

    def generation(self, session: Session) -> int:
        """Rises whenever a system comes, goes or changes, in any process."""
        rows = session.rows("SELECT value FROM setting WHERE key=?", (GENERATION,))
        return int(rows[0][0]) if rows else 0

    def code_systems(self, session: Session, url: str) -> Sequence[CodeSystem]:
        """All versions of a system that are loaded."""
        return [each for each in self.all(session) if each.url == url]

    def all(self, session: Session) -> list[LoadedSystem]:
        """Every loaded system."""
        if not self.generation(session):
            return []  # nothing was ever loaded; a record of an older Bedside that is only read has no such table
        rows = session.rows("SELECT id, url, version, detail FROM code_system WHERE state='ready' ORDER BY id")
        with self._lock:
            for number, url, version, detail in rows:
                if number not in self._systems:
                    told = json.decode_object(detail.encode())
                    self._systems[number] = LoadedSystem(self._store.reader, number, url, version or None, told)
            here = {row[0] for row in rows}
            for number in [each for each in self._systems if each not in here]:
                del self._systems[number]
            return [self._systems[row[0]] for row in rows]
