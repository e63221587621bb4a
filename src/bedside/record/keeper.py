"""The keeper: brings the index in line with the SearchParameter resources, while the record stays in use.

It works in small batches between other writes. Several processes may each have one: what is to be done is in the
`parameter` table, every step is a transaction of its own, and a step done twice does no harm.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from bedside.fhir import json
from bedside.record import bodies
from bedside.record.custom import TYPES, generation, wanted_types
from bedside.record.errors import StoreError
from bedside.record.extract import Extractor
from bedside.record.group import Group
from bedside.record.layout import INDEX_TABLES
from bedside.record.model import Settings
from bedside.record.names import Names
from bedside.record.parameters import Registry, first_free_slot
from bedside.record.session import Session, Store, WriteSession

log = logging.getLogger(__name__)

_BATCH = 200


@dataclass(slots=True)
class _Wish:
    type: str
    code: str
    url: str
    definition: bytes


class Keeper(threading.Thread):
    """Brings the `parameter` table and its index rows in line with the SearchParameter resources, when woken."""

    def __init__(self, store: Store, reload: Callable[[], Extractor], settings: Settings) -> None:
        super().__init__(name="bedside-parameters", daemon=True)
        self._store = store
        self._reload = reload
        self._settings = settings
        self._wake = threading.Event()
        self._stopped = False
        self.idle = threading.Event()
        self.idle.set()

    def wake(self) -> None:
        if self._store.read_only:
            return
        self.idle.clear()
        self._wake.set()

    def stop(self) -> None:
        self._stopped = True
        self._wake.set()
        if self.is_alive():
            self.join()

    def run(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            if self._stopped:
                return
            session = self._store.writer()
            try:
                self.keep(session)
            except StoreError:
                log.warning("custom search parameters could not be indexed now; the next change tries again")
            finally:
                self._store.close_session(session)
                if not self._wake.is_set():
                    self.idle.set()

    def keep(self, session: WriteSession) -> None:
        """One round: register what is new, index it, and remove what is gone."""
        if self._register(session):
            self._reload()
        for number, type_name in session.rows("SELECT number, type FROM parameter WHERE state='indexing'"):
            if self._index(session, number, type_name):
                self._change(session, "UPDATE parameter SET state='ready' WHERE number=?", (number,))
                self._reload()
        for number, _ in session.rows("SELECT number, type FROM parameter WHERE state='retired'"):
            for table in INDEX_TABLES:
                self._change(session, f"DELETE FROM {table} WHERE tp BETWEEN ? AND ?", (number, number + 3))
            self._change(session, "DELETE FROM parameter WHERE number=?", (number,))

    def _change(self, session: WriteSession, sql: str, values: tuple[Any, ...]) -> None:
        session.begin()
        try:
            session.run(sql, values)
            _bump(session)
            session.commit()
        except BaseException:
            session.rollback()
            raise

    def _register(self, session: WriteSession) -> bool:
        """Compare the table with the resources. True when anything changed."""
        registry = Registry()
        session.begin()
        try:
            wanted = {(s.type, s.code): s for s in _active(session, registry)}
            changed = False
            taken: dict[str, list[int]] = {}
            for number, type_name, code, definition, state in session.rows(
                "SELECT number, type, code, definition, state FROM parameter"
            ):
                taken.setdefault(type_name, []).append(Registry.slot_of(number))
                slot = wanted.get((type_name, code))
                if state == "retired":
                    continue
                if slot is not None and slot.definition.decode() == definition:
                    del wanted[(type_name, code)]
                else:
                    session.run("UPDATE parameter SET state='retired' WHERE number=?", (number,))
                    changed = True
            for slot in wanted.values():
                free = first_free_slot(taken.get(slot.type, ()))
                taken.setdefault(slot.type, []).append(free)
                number = registry.custom_number(slot.type, free)
                session.run(
                    "INSERT INTO parameter (number, url, type, code, definition, state) VALUES (?,?,?,?,?,'indexing')",
                    (number, slot.url, slot.type, slot.code, slot.definition.decode()),
                )
                changed = True
            if changed:
                _bump(session)
            session.commit()
            return changed
        except BaseException:
            session.rollback()
            raise

    def _index(self, session: WriteSession, number: int, type_name: str) -> bool:
        """Index what was there before the parameter was, oldest first. False when asked to stop."""
        extractor = self._reload()
        registry = extractor.registry
        parameter = next(p for p in registry.waiting(type_name) if number in p.storage)
        names = Names()
        last = 0
        while not self._stopped:
            group = Group(session, names, extractor, self._settings)
            group.begin()
            try:
                found = session.rows(
                    "SELECT r.rid, r.clock, v.body FROM resource r JOIN version v ON v.seq = r.seq"
                    " WHERE r.type=? AND r.clock IS NOT NULL AND r.rid > ? ORDER BY r.rid LIMIT ?",
                    (registry.type_number(type_name), last, _BATCH),
                )
                for rid, clock, packed in found:
                    rows = extractor.numbered(parameter, json.decode(bodies.decompress(packed)))
                    rows.clock = clock
                    group.index(rid, rows)
                group.commit()
            except BaseException:
                group.rollback()
                raise
            if len(found) < _BATCH:
                return True
            last = found[-1][0]
        return False


def _bump(session: WriteSession) -> None:
    session.upsert("setting", [("registry", str(generation(session) + 1))])


def _active(session: Session, registry: Registry) -> Iterable[_Wish]:
    """The parameters that the active SearchParameter resources ask for."""
    rows = session.rows(
        "SELECT v.body FROM resource r JOIN version v ON v.seq = r.seq WHERE r.type=? AND r.clock IS NOT NULL"
        " ORDER BY r.rid",
        (registry.type_number("SearchParameter"),),
    )
    for (packed,) in rows:
        resource = json.decode(bodies.decompress(packed))
        if resource.get("status") != "active" or resource.get("type") not in TYPES or not resource.get("expression"):
            continue
        kept = ("url", "name", "code", "type", "base", "expression", "target")
        definition = json.encode({key: resource[key] for key in kept if key in resource})
        for type_name in wanted_types(resource):
            yield _Wish(type_name, resource["code"], resource["url"], definition)
