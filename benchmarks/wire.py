"""Two small HTTP/1.1 clients for one server on the loopback interface: one blocking, one for asyncio.

They exist so that a benchmark's own work does not hide the server's: no pools, no redirects, no decoding that was
not asked for.
"""

from __future__ import annotations

import asyncio
import http.client
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

FHIR_JSON = "application/fhir+json"


@dataclass(frozen=True)
class Response:
    """One answer. Header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body, numbers as int and Decimal."""
        return json.loads(self.body, parse_float=Decimal)


@dataclass
class Api:
    """A blocking client of a FHIR server: sampling before a run, checking after it."""

    host: str
    port: int
    base: str = "/fhir"
    timeout: float = 60.0
    _connection: http.client.HTTPConnection | None = field(default=None, repr=False)

    def request(self, method: str, path: str, body: Any = None) -> Response:
        """Send one request; `path` is under the base unless it starts with '/'. Raises `OSError`."""
        url = path if path.startswith("/") else f"{self.base}/{path}"
        data = None if body is None else json.dumps(body).encode()
        headers = {"Accept": FHIR_JSON, **({"Content-Type": FHIR_JSON} if data is not None else {})}
        for attempt in (1, 2):  # a kept connection may have been closed meanwhile
            if self._connection is None:
                self._connection = http.client.HTTPConnection(self.host, self.port, timeout=self.timeout)
                attempt = 2
            try:
                self._connection.request(method, url, data, headers)
                answer = self._connection.getresponse()
                content = answer.read()
                found = {name.lower(): value for name, value in answer.getheaders()}
                return Response(answer.status, found, content)
            except (OSError, http.client.HTTPException) as error:
                self.close()
                if attempt == 2:
                    raise OSError(f"{method} {url}: {error!r}") from error
        raise AssertionError("unreachable")

    def get(self, path: str) -> Any:
        """The JSON at `path`. Raises `RuntimeError` with the server's words when it is no 200."""
        answer = self.request("GET", path)
        if answer.status != 200:
            raise RuntimeError(f"GET {path}: {answer.status} {answer.body[:500].decode(errors='replace')}")
        return answer.json()

    def total(self, search: str) -> int:
        """How many resources a search matches, by `_summary=count`."""
        found = self.get(search + ("&" if "?" in search else "?") + "_summary=count")
        return int(found["total"])

    def pages(self, search: str, most: int = 100) -> Iterator[Any]:
        """The pages of a search, following its next links, at most `most` of them."""
        path: str | None = search
        for _ in range(most):
            if path is None:
                return
            page = self.get(path)
            yield page
            following = [link["url"] for link in page.get("link", []) if link["relation"] == "next"]
            path = following[0].partition(f":{self.port}")[2] or following[0] if following else None

    def close(self) -> None:
        """Close the kept connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Connection:
    """One kept-alive connection for asyncio; one request at a time. Every failure is an `OSError`."""

    def __init__(self, host: str, port: int, timeout: float = 30.0) -> None:
        self._address = (host, port)
        self._timeout = timeout
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def request(self, method: str, path: str, body: Any = None) -> Response:
        """Send one request and read its answer. After an `OSError` the outcome of the request is unknown."""
        try:
            return await asyncio.wait_for(self._exchange(method, path, body), self._timeout)
        except (TimeoutError, asyncio.IncompleteReadError, ValueError, IndexError) as error:
            self.close()
            raise OSError(f"{method} {path}: {error!r}") from error
        except OSError:
            self.close()
            raise

    async def _exchange(self, method: str, path: str, body: Any) -> Response:
        if self._streams is None:
            self._streams = await asyncio.open_connection(*self._address, limit=2**24)
        reader, writer = self._streams
        data = b"" if body is None else json.dumps(body).encode()
        head = f"{method} {path} HTTP/1.1\r\nHost: {self._address[0]}\r\nAccept: {FHIR_JSON}\r\n"
        if body is not None:
            head += f"Content-Type: {FHIR_JSON}\r\nContent-Length: {len(data)}\r\n"
        writer.write(head.encode() + b"\r\n" + data)
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        status = int(lines[0].split()[1])
        pairs = (line.partition(":") for line in lines[1:] if line)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        content = await _content(reader, headers, status)
        if headers.get("connection", "").lower() == "close":
            self.close()
        return Response(status, headers, content)

    def close(self) -> None:
        """Drop the connection; the next request opens another."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def _content(reader: asyncio.StreamReader, headers: dict[str, str], status: int) -> bytes:
    if "content-length" in headers:
        return await reader.readexactly(int(headers["content-length"]))
    if headers.get("transfer-encoding", "").lower() != "chunked":
        return b"" if status in (204, 304) else await reader.read()
    content = b""
    while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
        content += (await reader.readexactly(size + 2))[:-2]
    await reader.readuntil(b"\r\n")
    return content
