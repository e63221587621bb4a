"""The body of a request, read from the client: bounded in size, and unpacked when it is compressed."""

from __future__ import annotations

import zlib
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from bedside.api.errors import Disconnected
from bedside.fhir.outcome import Invalid, TooLarge, UnsupportedMediaType

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


async def read_body(receive: Receive, headers: Mapping[str, str], most: int) -> bytes:
    """The whole body, of at most `most` bytes also after unpacking.

    Raises TooLarge (413), UnsupportedMediaType (415) for an unknown Content-Encoding, Invalid for one that is
    damaged, and Disconnected when the client goes away.
    """
    length = headers.get("content-length", "")
    if length.isdigit() and int(length) > most:
        raise _too_large(most)
    message = await receive()
    if message["type"] == "http.disconnect":
        raise Disconnected
    body: bytes = message.get("body", b"")
    if message.get("more_body"):
        body = await _rest(receive, body, most)
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding in ("identity", ""):
        return body
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise UnsupportedMediaType(f"A body may be compressed with gzip or deflate, not with {encoding!r}.")
    return unpack(body, most)


async def _rest(receive: Receive, first: bytes, most: int) -> bytes:
    parts, size = [first], len(first)
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        part = message.get("body", b"")
        size += len(part)
        if size > most:
            raise _too_large(most)
        parts.append(part)
        more = message.get("more_body", False)
    return b"".join(parts)


def unpack(body: bytes, most: int) -> bytes:
    """A gzip or zlib body unpacked, of at most `most` bytes, so that a small body cannot fill the memory."""
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
    try:
        found = unpacker.decompress(body, most + 1)
    except zlib.error:
        raise Invalid("The compressed body is damaged.", code="structure") from None
    if len(found) > most:
        raise _too_large(most)
    if not unpacker.eof:
        raise Invalid("The compressed body ends too early.", code="structure")
    return found


def _too_large(most: int) -> TooLarge:
    return TooLarge(f"The body is larger than this server accepts ({most} bytes).")
