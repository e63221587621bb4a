"""A reply on the wire: headers, indentation for people, compression where it pays, and no body where none belongs."""

from __future__ import annotations

import gzip
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from functools import lru_cache
from typing import Any

import msgspec

from bedside.api.messages import FHIR_JSON, Reply, Request
from bedside.api.service import LARGE, Service

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

# Every answer may differ by these, and no cache may serve patient data without asking.
COMMON: Headers = [(b"vary", b"Accept, Accept-Encoding"), (b"cache-control", b"private, no-cache")]
JSON_HEADERS: Headers = [(b"content-type", FHIR_JSON.encode()), *COMMON]

COMPRESS_FROM = 4096
"""Bytes: below this, compressing costs more than it saves."""
_LEVEL = 4
_COMPRESSIBLE = ("application/fhir+", "application/json", "text/", "application/xml")
_NO_BODY = (204, 304)


async def respond(
    service: Service, request: Request | None, headers: Mapping[str, str], reply: Reply, send: Send
) -> None:
    """Send a reply. `request` is None when the request itself could not be read."""
    method = request.method if request is not None else "GET"
    base = request.base if request is not None else ""
    found = [*COMMON, *_encoded(reply.all_headers(base))]
    if reply.status in _NO_BODY:
        await _send(send, reply.status, found, b"")
        return
    if reply.stream is not None:
        found.append((b"content-type", reply.media.encode("latin-1")))
        await _stream(send, method, reply, found)
        return
    content = reply.encoded()
    if content or not reply.is_fhir:
        found.append((b"content-type", reply.media.encode("latin-1")))
    if reply.is_fhir and content and request is not None and is_pretty(request, headers):
        content = await (service.run if len(content) > LARGE else _here)(_indented, content)
    if len(content) > COMPRESS_FROM and reply.media.startswith(_COMPRESSIBLE) and wants_gzip(headers):
        found.append((b"content-encoding", b"gzip"))
        content = await (service.run if len(content) > LARGE else _here)(_gzip, content)
    found.append((b"content-length", b"%d" % len(content)))
    await _send(send, reply.status, found, b"" if method == "HEAD" else content)


async def _send(send: Send, status: int, headers: Headers, content: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})


async def _stream(send: Send, method: str, reply: Reply, headers: Headers) -> None:
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    if method != "HEAD" and reply.stream is not None:
        async for part in reply.stream:
            await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def _encoded(headers: Mapping[str, str]) -> Iterable[tuple[bytes, bytes]]:
    return ((name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers.items())


def is_pretty(request: Request, headers: Mapping[str, str]) -> bool:
    """Whether the JSON is indented: as `_pretty` says, and for a browser, where a person reads it."""
    for name, value in request.shape:
        if name == "_pretty":
            return value == "true"
    return "text/html" in headers.get("accept", "")


def wants_gzip(headers: Mapping[str, str]) -> bool:
    """True when the Accept-Encoding header allows gzip."""
    header = headers.get("accept-encoding")
    return header is not None and _allows_gzip(header)


@lru_cache(256)
def _allows_gzip(header: str) -> bool:
    for part in header.lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        if name in ("gzip", "x-gzip", "*"):
            return not any(p.replace(" ", "") in ("q=0", "q=0.0", "q=0.00", "q=0.000") for p in parameters)
    return False


def _indented(content: bytes) -> bytes:
    return msgspec.json.format(content, indent=2) + b"\n"


def _gzip(content: bytes) -> bytes:
    return gzip.compress(content, _LEVEL, mtime=0)


async def _here(function: Callable[[bytes], bytes], content: bytes) -> bytes:
    return function(content)
