"""A little FHIR server that can lie: what the crash harness is tried against.

It answers the few requests that the harness makes and appends every write to a file, which survives a SIGKILL. Told
to be `forgetful` it acknowledges before it writes; `torn`, it writes the parts of a transaction one by one; `blind`,
its search forgets half of what it finds; `grumpy`, it refuses every tenth write; `broken`, it does not start again.
"""

from __future__ import annotations

import asyncio
import json
import sys
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

Answer = tuple[int, Any, dict[str, str]]


class Record:
    """Everything in memory, and a log of it on the disk."""

    def __init__(self, directory: Path, fault: str) -> None:
        self.fault = fault
        self.current: dict[str, Any] = {}
        self.identified: dict[str, str] = {}
        self.waiting: list[str] = []
        self.writes = 0
        log = directory / "log"
        if log.exists():
            if fault == "broken":
                raise SystemExit("the log is not to my liking")
            for line in log.read_text().splitlines():
                self._remember(json.loads(line))
        self.log = log.open("a")

    def _remember(self, changes: dict[str, Any]) -> None:
        self.current.update(changes)
        for path, body in changes.items():
            for identifier in (body or {}).get("identifier", []):
                self.identified[identifier["value"]] = path

    async def write(self, changes: dict[str, Any]) -> None:
        """Make these changes, all at once unless torn."""
        if self.fault == "torn":
            for path, body in changes.items():
                self._append({path: body})
                await asyncio.sleep(0.005)
        else:
            self._append(changes)
        self._remember(changes)

    def _append(self, changes: dict[str, Any]) -> None:
        self.waiting.append(json.dumps(changes) + "\n")
        if self.fault != "forgetful" or len(self.waiting) > 10:
            self.log.write("".join(self.waiting))
            self.log.flush()
            self.waiting.clear()

    def refuses(self) -> bool:
        """Whether this write is one of those that a grumpy server turns away."""
        self.writes += 1
        return self.fault == "grumpy" and self.writes % 10 == 0

    def search(self, identifier: str) -> list[Any]:
        """What has this identifier, as entries of a bundle."""
        body = self.current.get(self.identified.get(identifier, ""))
        blind = self.fault == "blind" and sum(identifier.encode()) % 2 == 0
        return [{"resource": body}] if body and not blind else []


async def answer(record: Record, method: str, target: str, body: Any) -> Answer:
    """What the server says to one request."""
    url = urlsplit(target)
    path = url.path.removeprefix("/fhir").removeprefix("/")
    if method == "GET":
        if path == "metadata":
            return 200, {"resourceType": "CapabilityStatement"}, {}
        if "identifier" in (query := parse_qs(url.query)):
            found = record.search(query["identifier"][0].partition("|")[2])
            return 200, {"resourceType": "Bundle", "total": len(found), "entry": found}, {}
        if held := record.current.get(path):
            return 200, held, {}
        return (410 if path in record.current else 404), {}, {}
    if record.refuses():
        return 500, {"resourceType": "OperationOutcome"}, {}
    if method == "DELETE":
        await record.write({path: None})
        return 204, None, {}
    if method == "PUT":
        known = path in record.current
        await record.write({path: body})
        return (200 if known else 201), body, {}
    if body["resourceType"] == "Bundle":
        await record.write({entry["request"]["url"]: entry["resource"] for entry in body["entry"]})
        return 200, {"resourceType": "Bundle", "type": "transaction-response"}, {}
    given = str(uuid.uuid4())
    await record.write({f"{path}/{given}": {**body, "id": given}})
    return 201, {}, {"Location": f"http://localhost/fhir/{path}/{given}/_history/1"}


async def serve(record: Record, port: int) -> None:
    """Answer until killed."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                method, target, _ = lines[0].split(" ")
                headers = dict(line.lower().split(": ", 1) for line in lines[1:] if line)
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                status, content, more = await answer(record, method, target, json.loads(body or b"null"))
                data = b"" if content is None else json.dumps(content).encode()
                more["Content-Length"] = str(len(data))
                head = [f"HTTP/1.1 {status} Told", *(f"{name}: {value}" for name, value in more.items())]
                writer.write("\r\n".join(head).encode() + b"\r\n\r\n" + data)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", port)
    await server.serve_forever()


def main() -> None:
    """`fake_server.py FAULT --open --port P --data DIR`."""
    words = sys.argv[1:]
    port, directory = words[words.index("--port") + 1], words[words.index("--data") + 1]
    asyncio.run(serve(Record(Path(directory), words[0]), int(port)))


if __name__ == "__main__":
    main()
