"""The server's transport: one write for an answer, and nothing held back for long."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from bedside.cli.http import OneWriteTransport


class Wire:
    """Stands where the socket stands."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.closed = False

    def write(self, data: bytes) -> None:
        assert not self.closed
        self.written.append(data)

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True


def test_head_and_body_leave_together() -> None:
    async def work() -> list[bytes]:
        wire = Wire()
        transport = OneWriteTransport(cast(Any, wire), asyncio.get_running_loop())
        transport.write(b"HTTP/1.1 200 OK\r\n\r\n")
        transport.write(b"body")
        transport.write(b"more")
        await asyncio.sleep(0)
        return wire.written

    assert asyncio.run(work()) == [b"HTTP/1.1 200 OK\r\n\r\nbody", b"more"]


def test_a_head_without_a_body_leaves_in_the_next_turn() -> None:
    async def work() -> list[bytes]:
        wire = Wire()
        transport = OneWriteTransport(cast(Any, wire), asyncio.get_running_loop())
        transport.write(b"HTTP/1.1 200 OK\r\n\r\n")
        assert wire.written == []
        await asyncio.sleep(0)
        return wire.written

    assert asyncio.run(work()) == [b"HTTP/1.1 200 OK\r\n\r\n"]


def test_closing_sends_what_is_held() -> None:
    async def work() -> Wire:
        wire = Wire()
        transport = OneWriteTransport(cast(Any, wire), asyncio.get_running_loop())
        transport.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        transport.close()
        await asyncio.sleep(0)
        return wire

    wire = asyncio.run(work())
    assert (wire.written, wire.closed) == ([b"HTTP/1.1 204 No Content\r\n\r\n"], True)
