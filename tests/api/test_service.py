"""The bridge between the event loop and the threads of the record."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

import pytest

from bedside.api.messages import Reply, Request
from bedside.api.operations import Operations
from bedside.api.service import LARGE, Service
from bedside.api.settings import ApiSettings
from bedside.fhir.outcome import Conflict, Unavailable
from bedside.record.model import Create, Effect, Outcome, Write
from bedside.record.writer import Unit


class Recorder:
    """Stands where the record stands: keeps the futures of writes until the test completes them."""

    inline_reads = True

    def __init__(self) -> None:
        self.futures: list[Future[list[Outcome]]] = []
        self.threads: list[str] = []

    def prepared(self, writes: list[Write], done: Callable[[Unit], None], *, transaction: bool = False) -> Unit:
        return Unit(writes, transaction, done)

    def enqueue(self, units: list[Unit]) -> None:
        for unit in units:
            self.post(unit.writes, unit.done)

    def post(self, writes: Sequence[Write], done: Callable[[Unit], None], *, transaction: bool = False) -> None:
        def answer(future: Future[list[Outcome]]) -> None:
            error = future.exception()
            done(Unit(writes, transaction, done, None, None if error else future.result(), error))

        future: Future[list[Outcome]] = Future()
        future.add_done_callback(answer)
        self.threads.append(threading.current_thread().name)
        self.futures.append(future)


def service(record: Any, **settings: Any) -> Service:
    async def dispatch(service: Service, request: Request) -> Reply:
        return Reply(204)

    return Service(record, ApiSettings(**settings), Operations(), dispatch)


def request(body: bytes = b"{}") -> Request:
    return Request("POST", ("Patient",), [], {}, "http://x", body)


DONE = [Outcome(Effect.CREATED, None)]


def to_write(_: Request) -> Write:
    return Create({"resourceType": "Patient"})


def test_a_group_commit_wakes_the_loop_once() -> None:
    record = Recorder()

    async def work() -> int:
        loop = asyncio.get_running_loop()
        wakes = 0
        original = loop.call_soon_threadsafe

        def counted(*args: Any, **kwargs: Any) -> Any:
            nonlocal wakes
            wakes += 1
            return original(*args, **kwargs)

        api = service(record)
        waiting = [asyncio.ensure_future(api.perform(request(), to_write)) for _ in range(50)]
        await asyncio.sleep(0.01)
        assert len(record.futures) == 50
        loop.call_soon_threadsafe = counted  # type: ignore[method-assign, assignment]

        def commit() -> None:
            for future in record.futures:
                future.set_result(DONE)

        # The loop is busy here until the thread has finished, so all fifty answers come in one go.
        thread = threading.Thread(target=commit)
        thread.start()
        thread.join()
        outcomes = await asyncio.gather(*waiting)
        assert all(outcome.effect is Effect.CREATED for outcome in outcomes)
        api.close()
        return wakes

    assert asyncio.run(work()) == 1


def test_every_answer_arrives_however_threads_interleave() -> None:
    record = Recorder()

    async def work() -> None:
        api = service(record)
        for _ in range(30):
            record.futures.clear()
            waiting = [asyncio.ensure_future(api.perform(request(), to_write)) for _ in range(40)]
            await asyncio.sleep(0.01)

            def commit(some: list[Future[list[Outcome]]]) -> None:
                for future in some:
                    future.set_result(DONE)

            threads = [threading.Thread(target=commit, args=(record.futures[n::4],)) for n in range(4)]
            for thread in threads:
                thread.start()
            await asyncio.wait_for(asyncio.gather(*waiting), 10)
            for thread in threads:
                thread.join()
        api.close()

    asyncio.run(work())


def test_a_refusal_is_raised_where_it_was_asked() -> None:
    record = Recorder()

    async def work() -> None:
        api = service(record)
        waiting = asyncio.ensure_future(api.perform(request(), to_write))
        await asyncio.sleep(0.01)
        record.futures[0].set_exception(Conflict("no"))
        with pytest.raises(Conflict):
            await waiting
        api.close()

    asyncio.run(work())


def test_nobody_waits_any_more() -> None:
    """A request that was cancelled does not disturb the others, nor does an answer after the end of the loop."""
    record = Recorder()

    async def work() -> None:
        api = service(record)
        one, two = (asyncio.ensure_future(api.perform(request(), to_write)) for _ in range(2))
        left = asyncio.ensure_future(api.perform(request(), to_write))
        await asyncio.sleep(0.01)
        one.cancel()
        await asyncio.sleep(0.01)
        for future in record.futures[:2]:
            future.set_result(DONE)
        assert (await two).effect is Effect.CREATED
        left.cancel()
        api.close()

    asyncio.run(work())
    record.futures[2].set_result(DONE)


def test_large_bodies_leave_the_loop() -> None:
    record = Recorder()

    async def work() -> None:
        api = service(record)
        for body in (b"x", b"x" * (LARGE + 1)):
            waiting = asyncio.ensure_future(api.perform(request(body), to_write))
            while not record.futures:
                await asyncio.sleep(0.001)
            record.futures.pop().set_result(DONE)
            await waiting
        api.close()

    asyncio.run(work())
    assert record.threads[0] == "MainThread"
    assert record.threads[1].startswith("bedside-api")


def test_the_queue_for_threads_has_an_end() -> None:
    async def work() -> None:
        api = service(Recorder(), threads=1, max_waiting=2)
        release = threading.Event()
        busy = [asyncio.ensure_future(api.run(release.wait)) for _ in range(2)]
        await asyncio.sleep(0.01)
        with pytest.raises(Unavailable):
            await api.run(release.wait)
        release.set()
        await asyncio.gather(*busy)
        assert await api.run(lambda: 7) == 7
        api.close()

    asyncio.run(work())
