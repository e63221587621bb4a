"""The whole server as one ASGI application: the only module that knows every room, and joins them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from bedside.api import everything, validate
from bedside.api.dispatcher import Dispatcher
from bedside.api.operations import Operations
from bedside.api.settings import ApiSettings
from bedside.record.record import Record

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

FHIR = "/fhir"


class App:
    """Requests below `/fhir` go to the API, all others to the pages; the end of the server closes both."""

    def __init__(self, record: Record, settings: ApiSettings, *, close_record: bool) -> None:
        self.record = record
        self.api = Dispatcher(record, settings, Operations([*everything.OPERATIONS, *validate.OPERATIONS]), FHIR)
        self._close_record = close_record

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One HTTP request, or the life of the server (ASGI lifespan)."""
        if scope["type"] == "http":
            path: str = scope["path"]
            if path.startswith(FHIR) and path[5:6] in ("/", ""):
                await self.api(scope, receive, send)
            else:
                await self._page(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})

    async def _page(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.api(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self.close()
        await send({"type": "lifespan.shutdown.complete"})

    def close(self) -> None:
        """Finish what runs; close the record too, when this application was given it for life."""
        self.api.close()
        if self._close_record:
            self.record.close()


def create_app(record: Record, settings: ApiSettings | None = None, *, close_record: bool = False) -> App:
    """The server of a record. `close_record` hands the record over: it is closed when the server ends."""
    return App(record, settings or ApiSettings(), close_record=close_record)
