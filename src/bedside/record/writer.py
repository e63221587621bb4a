"""The writer: one thread that turns whatever waits into one group commit after the other.

While a group is being made durable the next requests gather; they become the next group. So the number of fsyncs
follows the disk and the number of writes follows the clients. A request is answered only after its group is durable.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bedside.fhir.outcome import FhirError
from bedside.record.errors import StoreBroken, StoreError
from bedside.record.group import Group
from bedside.record.model import Outcome, Write
from bedside.record.names import Names
from bedside.record.plan import Plan
from bedside.record.session import Store, WriteSession

_MOST_UNITS = 512
_MOST_OPERATIONS = 4000


@dataclass(slots=True)
class Unit:
    """What one client asked for, to be done whole or not at all. `plan` is None until the lock is held.

    `done` is called once, from the writer's thread, when `outcomes` or `error` is there.
    """

    writes: Sequence[Write]
    transaction: bool
    done: Callable[[Unit], None]
    plan: Plan | None = None
    outcomes: list[Outcome] | None = None
    error: BaseException | None = None


Planner = Callable[[Unit, Group], Plan]
GroupFactory = Callable[[WriteSession, Names], Group]


class Writer(threading.Thread):
    """Runs until `close`; everything submitted before is finished first."""

    def __init__(
        self,
        store: Store,
        make_group: GroupFactory,
        plan: Planner,
        stale: Callable[[Group], bool],
        committed: Callable[[Group], None],
    ) -> None:
        super().__init__(name="bedside-writer", daemon=True)
        self._store = store
        self._make_group = make_group
        self._plan = plan
        self._stale = stale
        self._committed = committed
        self._queue: queue.SimpleQueue[Sequence[Unit] | None] = queue.SimpleQueue()
        self._session: WriteSession | None = None
        self._names = Names()
        self._closed = False
        self._closing = threading.Lock()

    def submit(self, units: Sequence[Unit]) -> None:
        """Put units in the queue, to be written together if nothing else waits. Raises StoreBroken after `close`."""
        with self._closing:  # so that nothing is put behind the end
            if self._closed:
                raise StoreBroken("The record is closed.")
            self._queue.put(units)

    def close(self) -> None:
        with self._closing:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self.join()

    def run(self) -> None:
        open_ = True
        while open_:
            units, open_ = self._gather()
            if units:
                self._do(units)
        if self._session is not None:
            self._store.close_session(self._session)

    def _gather(self) -> tuple[list[Unit], bool]:
        """Everything that waits, at least one; False when the end was reached."""
        units: list[Unit] = []
        operations = 0
        item = self._queue.get()
        while item is not None:
            units += item
            operations += sum(len(unit.writes) for unit in item)
            if len(units) >= _MOST_UNITS or operations >= _MOST_OPERATIONS:
                return units, True
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                return units, True
        return units, False

    def _do(self, units: list[Unit]) -> None:
        try:
            group = self._group(units)
        except Exception as error:
            self._recover(error)
            if len(units) == 1 or isinstance(error, StoreError):
                for unit in units:
                    unit.error = error
                    unit.done(unit)
                return
            # One of them breaks the group in a way that was not foreseen: find it by giving each its own commit.
            for unit in units:
                self._do([unit])
            return
        self._committed(group)
        for unit in units:
            unit.done(unit)

    def _recover(self, error: Exception) -> None:
        """Leave nothing half done; after a broken connection the next group gets a new one."""
        self._names = Names()
        session, self._session = self._session, None
        if session is None:
            return
        try:
            session.rollback()
            if isinstance(error, StoreBroken):
                self._store.close_session(session)
            else:
                self._session = session
        except Exception:
            self._store.close_session(session)

    def _group(self, units: list[Unit]) -> Group:
        """Do the units in one group and commit it; each has then what to answer."""
        if self._session is None:
            self._session = self._store.writer()
        group = self._make_group(self._session, self._names)
        group.begin()
        if self._stale(group):
            # Another search parameter has come: what was prepared without its rows is prepared again.
            for unit in units:
                unit.plan = None
        group.load_for([operation for unit in units if unit.plan is not None for operation in unit.plan.operations])
        for unit in units:
            unit.error = None
            try:
                unit.outcomes = self._unit(group, unit)
            except StoreError:
                raise
            except FhirError as refused:
                unit.error = refused
        group.commit()
        return group

    def _unit(self, group: Group, unit: Unit) -> list[Outcome]:
        made = unit.plan if unit.plan is not None else self._plan(unit, group)
        order = made.in_order()
        outcomes = group.apply([made.operations[i] for i in order])
        return made.answers(dict(zip(order, outcomes, strict=True)))
