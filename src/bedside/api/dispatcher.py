"""From ASGI to interactions and back, with a short way for the most frequent request, a read by id.

The short way serves `GET [base]/[type]/[id]` without parameters: bytes from the record to the socket, with no routing
table, no body and no decoding. What it cannot serve exactly it leaves to the long way, which does the same slowly.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from bedside.api import interactions
from bedside.api.body import read_body
from bedside.api.dates import http_date
from bedside.api.errors import Disconnected, failure
from bedside.api.links import base_url, host_name
from bedside.api.messages import Request
from bedside.api.negotiate import accept_fhir, check_format, truth
from bedside.api.operations import Operations
from bedside.api.query import parse_query, split_path, take_shape
from bedside.api.respond import COMPRESS_FROM, JSON_HEADERS, Headers, Send, respond
from bedside.api.service import Service
from bedside.api.settings import ApiSettings
from bedside.fhir import definitions
from bedside.fhir.outcome import Forbidden, Invalid
from bedside.record.record import Record

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
RawHeaders = Sequence[tuple[bytes, bytes]]

log = logging.getLogger("bedside.api")

_WITH_BODY = frozenset(("POST", "PUT", "PATCH"))
_SAFE = frozenset(("GET", "HEAD", "OPTIONS"))
# A read with one of these headers is not plain.
_NOT_PLAIN = frozenset((b"if-none-match", b"if-modified-since", b"prefer"))


class Dispatcher:
    """The ASGI application of the API; `mount` is the path that it answers below."""

    def __init__(self, record: Record, settings: ApiSettings, operations: Operations, mount: str = "/fhir") -> None:
        self.record = record
        self.settings = settings
        self.mount = mount
        self.service = Service(record, settings, operations, interactions.dispatch)
        self._prefix = mount + "/"
        self._hosts = frozenset(settings.allowed_hosts)
        # A Binary may be served raw; its Accept header is read on the long way.
        self._plain_types = frozenset(definitions.resource_types()) - {"Binary"}

    def close(self) -> None:
        """Let running work finish. The record stays open."""
        self.service.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One HTTP request."""
        if scope["method"] == "GET" and not scope["query_string"] and self.service.inline_reads:
            found = self._plain_read(scope["path"], scope["headers"])
            if found is not None:
                await send({"type": "http.response.start", "status": 200, "headers": found[0]})
                await send({"type": "http.response.body", "body": found[1]})
                return
        headers = header_map(scope["headers"])
        request: Request | None = None
        try:
            request = await self._request(scope, headers, receive)
            reply = await self.service.dispatch(request)
        except Disconnected:
            return
        except Exception as error:
            reply = failure(error)
        await respond(self.service, request, headers, reply, send)

    def _plain_read(self, path: str, headers: RawHeaders) -> tuple[Headers, bytes] | None:
        """Headers and body of a plain read that succeeds; None for whatever is not that."""
        parts = path.split("/")
        if len(parts) != 4 or parts[2] not in self._plain_types or not path.startswith(self._prefix):
            return None
        host, packed = b"", False
        for key, value in headers:
            if key == b"host":
                host = value
            elif key == b"accept":
                if value not in (b"*/*", b"application/fhir+json", b"application/json"):
                    return None
            elif key == b"accept-encoding":
                packed = b"gzip" in value
            elif key in _NOT_PLAIN:
                return None
        if self._hosts and host_name(host.decode("latin-1")) not in self._hosts:
            return None
        try:
            stored = self.record.read(parts[2], parts[3])
        except Exception:
            return None  # the long way meets the same trouble and says what it is
        if stored is None or (body := stored.body) is None or (packed and len(body) > COMPRESS_FROM):
            return None
        found = [
            *JSON_HEADERS,
            (b"content-length", b"%d" % len(body)),
            (b"etag", b'W/"%d"' % stored.version),
            (b"last-modified", http_date(stored.updated).encode()),
        ]
        return found, body

    async def _request(self, scope: Scope, headers: Mapping[str, str], receive: Receive) -> Request:
        """The request as interactions see it. Raises FhirError for one that cannot be read or is not allowed."""
        method: str = scope["method"]
        path = split_path(scope["path"].removeprefix(self.mount))
        self._check_origin(method, headers)
        query, shape = take_shape(parse_query(scope["query_string"]))
        request = Request(
            method,
            path,
            query,
            headers,
            base_url(self.settings, scope["scheme"], headers, self.mount),
            shape=shape,
        )
        self._check_shape(request)
        if method in _WITH_BODY:
            request.body = await read_body(receive, headers, self.settings.max_body)
        return request

    def _check_origin(self, method: str, headers: Mapping[str, str]) -> None:
        """Where hosts are limited, refuse other names for this server, and writes that other web sites cause."""
        if not self._hosts:
            return
        if host_name(headers.get("host", "")) not in self._hosts:
            raise Invalid("This server does not answer to that host name.", code="security")
        if method in _SAFE:
            return
        origin = headers.get("origin")
        foreign = origin is not None and (urlsplit(origin).hostname or "") not in self._hosts
        if foreign or headers.get("sec-fetch-site") == "cross-site":
            raise Forbidden("Other web sites may not write to this server.", code="security")

    def _check_shape(self, request: Request) -> None:
        """Check `_format` and `_pretty`, or else the Accept header, before anything is done."""
        formats = [value for name, value in request.shape if name == "_format"]
        for name, value in request.shape:
            if name == "_pretty":
                truth(name, value)
        if formats:
            check_format(formats[-1])
        elif not self._negotiates_itself(request):
            accept_fhir(request.headers.get("accept", ""))

    def _negotiates_itself(self, request: Request) -> bool:
        """True for a Binary, which may be served raw, and for endpoints that serve something else than resources."""
        if not request.path or request.method not in _SAFE:
            return False
        if request.path[-1][0] == "$":
            accept = request.headers.get("accept", "")
            if self.service.operations.answers_as(request.path[-1][1:], accept):
                return True
        binary = request.path[0] == "Binary" and len(request.path) in (2, 4)
        return binary or request.path[0] in self.service.operations.endpoints


def header_map(headers: RawHeaders) -> dict[str, str]:
    """ASGI headers by lower-case name; one that is repeated is joined by commas, as RFC 9110 allows."""
    found: dict[str, str] = {}
    for key, value in headers:
        name, text = key.decode("latin-1"), value.decode("latin-1")
        found[name] = f"{found[name]}, {text}" if name in found else text
    return found
