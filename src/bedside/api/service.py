"""What interactions have in common: the record, the settings, and threads for what may not block the event loop."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from bedside.api.settings import ApiSettings
from bedside.fhir.outcome import Gone, Issue, NotFound, Unavailable
from bedside.record.model import Create, Outcome, Stored, Write
from bedside.record.record import Record
from bedside.record.writer import Unit

if TYPE_CHECKING:
    from bedside.api.messages import Reply, Request
    from bedside.api.operations import Operations

    Dispatch = Callable[["Service", Request], Awaitable[Reply]]

LARGE = 200_000
"""Bytes of JSON that take so long to read and check that other requests should not wait for it."""

Answer = asyncio.Future[list[Outcome]]

P = ParamSpec("P")
T = TypeVar("T")


class Service:
    """The record as the API uses it, from one event loop."""

    def __init__(self, record: Record, settings: ApiSettings, operations: Operations, dispatch: Dispatch) -> None:
        self.record = record
        self._dispatch = dispatch
        self.settings = settings
        self.operations = operations
        self.inline_reads = record.inline_reads
        self._threads = ThreadPoolExecutor(settings.threads, thread_name_prefix="bedside-api")
        self.examiners: dict[str, Callable[[Sequence[Write]], list[Issue]]] = {}
        """Resource type -> what looks at writes of it before they are done: it warns, or refuses by raising."""
        self._waiting = 0
        self._answers: deque[tuple[Answer, Unit]] = deque()
        self._woken = False
        self._gathered: list[Unit] = []

    def close(self) -> None:
        """Let running work finish; the record stays open, for it belongs to whoever opened it."""
        self._threads.shutdown(wait=True)

    async def dispatch(self, request: Request) -> Reply:
        """Answer a request, whether it came over HTTP or as an entry of a bundle. Raises FhirError."""
        return await self._dispatch(self, request)

    async def run(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function in a thread. Raises Unavailable (503) when too many requests wait for one."""
        if self._waiting >= self.settings.max_waiting:
            raise Unavailable("The server is busy; try again in a moment.", code="throttled")
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, partial(function, *args, **kwargs))
        finally:
            self._waiting -= 1

    async def find(self, name: str, id_: str) -> Stored | None:
        """The current version of a resource, a deletion included; None when it never was."""
        if self.inline_reads:
            return self.record.read(name, id_)
        return await self.run(self.record.read, name, id_)

    async def current(self, name: str, id_: str) -> Stored:
        """The current version of a resource that is there. Raises NotFound or Gone."""
        return present(await self.find(name, id_), name, id_)

    async def perform(self, request: Request, to_write: Callable[[Request], Write]) -> Outcome:
        """Do what one request asks for; returns when it is durable. Raises FhirError when refused.

        Reading and checking the resource happens here, on the event loop, unless it is large.
        """
        answer: Answer = asyncio.get_running_loop().create_future()
        done = partial(self._answered, answer)
        large = len(request.body) > LARGE
        write = await self.run(to_write, request) if large else to_write(request)
        if written_type(write) in self.examiners:
            request.notes += await self._examined([write])
        if large:
            await self.run(self.record.post, [write], done)
        elif (unit := self.record.prepared([write], done)) is not None:
            self._gather(unit)
        [outcome] = await answer
        return outcome

    async def transact(self, writes: Sequence[Write]) -> list[Outcome]:
        """Do these writes as a transaction; returns when they are durable. Raises FhirError when refused."""
        await self._examined(writes)
        answer: Answer = asyncio.get_running_loop().create_future()
        await self.run(self.record.post, writes, partial(self._answered, answer), transaction=True)
        return await answer

    async def _examined(self, writes: Sequence[Write]) -> list[Issue]:
        """What the examiners of these types say, each of which sees all the writes."""
        names = {written_type(write) for write in writes} & self.examiners.keys()
        return [issue for name in names for issue in await self.run(self.examiners[name], writes)]

    def _gather(self, unit: Unit) -> None:
        """Hand a unit to the writer together with those of the requests that are being read in this turn of the loop.

        Clients that were answered together ask again together. Put in the queue one by one, the first would wake the
        writer, which would then contend with this thread for the interpreter while the others are read.
        """
        self._gathered.append(unit)
        if len(self._gathered) == 1:
            asyncio.get_running_loop().call_soon(self._hand_over)

    def _hand_over(self) -> None:
        units, self._gathered = self._gathered, []
        self.record.enqueue(units)

    def _answered(self, answer: Answer, unit: Unit) -> None:
        """Called by the writer's thread for each write of a group commit; wakes the loop once for all of them."""
        self._answers.append((answer, unit))
        if not self._woken:
            self._woken = True
            try:
                answer.get_loop().call_soon_threadsafe(self._deliver)
            except RuntimeError:  # the loop is closed: nobody waits any more
                self._answers.clear()

    def _deliver(self) -> None:
        # Cleared first: an answer that comes while the queue is emptied is either taken along or wakes again.
        self._woken = False
        while self._answers:
            answer, unit = self._answers.popleft()
            if answer.done():
                continue
            if unit.error is not None:
                answer.set_exception(unit.error)
            else:
                assert unit.outcomes is not None
                answer.set_result(unit.outcomes)


def written_type(write: Write) -> str:
    """The resource type that a write is about; empty when its resource does not say one."""
    if isinstance(write, Create):
        name = write.resource.get("resourceType")
        return name if isinstance(name, str) else ""
    return write.type


def present(stored: Stored | None, name: str, id_: str) -> Stored:
    """The version, when it is one that can be shown. Raises NotFound (404) or Gone (410)."""
    if stored is None:
        raise NotFound(f"There is no {name}/{id_}.")
    if stored.body is None:
        raise Gone(f"{name}/{id_} was deleted (version {stored.version}).")
    return stored
