"""The whole server as one ASGI application: the only module that knows every room, and joins them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bedside.api import everything, terminology, validate
from bedside.api.dispatcher import Dispatcher
from bedside.api.export import BulkExport
from bedside.api.operations import Operations
from bedside.api.questions import Asking
from bedside.api.settings import ApiSettings
from bedside.record.record import Record

if TYPE_CHECKING:
    from starlette.types import ASGIApp

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

FHIR = "/fhir"


class App:
    """Requests below `/fhir` go to the API, all others to the pages; the end of the server closes both."""

    def __init__(self, record: Record, settings: ApiSettings, *, close_record: bool) -> None:
        self.record = record
        self._close_record = close_record
        self._hosts = settings.allowed_hosts
        self._pages: ASGIApp | None = None
        operations = Operations([*everything.OPERATIONS, *validate.OPERATIONS, *terminology.OPERATIONS])
        asking = Asking(record, settings)
        operations = operations.joined(asking.operations())
        self._export: BulkExport | None = None
        if settings.export_folder is not None:
            self._export = BulkExport(record, Path(settings.export_folder), keep_days=settings.export_days)
            operations = operations.joined(self._export.operations())
        self.api = Dispatcher(record, settings, operations, FHIR)
        self.api.service.examiners["Library"] = asking.examine

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
        if self._pages is None:
            # Templates and all are imported with the first page: a server that only speaks FHIR starts without them.
            from bedside.web.pages import application

            # There is no sign-in yet, so every server is an open one.
            self._pages = application(self.record, open_mode=True, allowed_hosts=self._hosts)
        await self._pages(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self.close()
        await send({"type": "lifespan.shutdown.complete"})

    def close(self) -> None:
        """Finish what runs; close the record too, when this application was given it for life."""
        if self._export is not None:
            self._export.close()
        self.api.close()
        if self._close_record:
            self.record.close()


def create_app(record: Record, settings: ApiSettings | None = None, *, close_record: bool = False) -> App:
    """The server of a record. `close_record` hands the record over: it is closed when the server ends."""
    return App(record, settings or ApiSettings(), close_record=close_record)
