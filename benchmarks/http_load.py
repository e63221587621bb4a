"""An HTTP load generator: many kept-alive connections, each sending its next request when it has its answer.

It runs in a process of its own (`measure` starts one), so that neither side waits for the other's interpreter. The
engine is `wrk` where it is installed, which takes a small share of one core, or asyncio on raw sockets with uvloop,
which takes a larger one and says how much (`client_cpu`). Requests are prepared as bytes beforehand; an answer is
read only as far as its status and its length. Latency is from the last byte of a request handed to the socket to the
last byte of its answer, in a closed loop: with n connections at most n requests wait at any time.

    python -m benchmarks.http_load http://127.0.0.1:8000/fhir/Patient/1 --connections 32 --seconds 10
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from itertools import count
from pathlib import Path
from typing import Final, cast
from urllib.parse import urlsplit

#: Seconds that a request may still take when the run is over.
PATIENCE: Final = 20.0
#: An answer is expected to be a success; anything else is a failure, and a sample of its body is kept.
SUCCESS = range(200, 300)
_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)


@dataclass(frozen=True)
class Request:
    """One request; `path` with its query, `body` as JSON text."""

    path: str
    method: str = "GET"
    body: str | None = None
    content_type: str = "application/fhir+json"

    def headers(self) -> dict[str, str]:
        """The headers to send, besides Host and Content-Length."""
        found = {"Accept": "application/fhir+json"}
        return found if self.body is None else {**found, "Content-Type": self.content_type}

    def encode(self, host: str) -> bytes:
        """The request as it goes over the wire."""
        data = (self.body or "").encode()
        lines = [f"{self.method} {self.path} HTTP/1.1", f"Host: {host}"]
        lines += [f"{name}: {value}" for name, value in self.headers().items()]
        if self.body is not None:
            lines.append(f"Content-Length: {len(data)}")
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + data


@dataclass(frozen=True)
class Plan:
    """What to send: the requests in turn, until `total` are answered or `seconds` are over, whichever is first."""

    port: int
    requests: Sequence[Request]
    host: str = "127.0.0.1"
    connections: int = 32
    total: int | None = None
    seconds: float = 10.0
    warmup: int = 0

    def dump(self) -> str:
        return json.dumps(asdict(self))

    @staticmethod
    def parse(text: str) -> Plan:
        found = json.loads(text)
        found["requests"] = [Request(**request) for request in found["requests"]]
        return Plan(**found)


@dataclass(frozen=True)
class Result:
    """What came back. Latencies in milliseconds; `histogram` is (upper bound in ms, count), empty with wrk."""

    engine: str
    connections: int
    requests: int
    failures: int
    seconds: float
    per_second: float
    p50: float
    p95: float
    p99: float
    most: float
    bytes: int
    client_cpu: float
    statuses: dict[str, int] = field(default_factory=dict)
    histogram: list[tuple[float, int]] = field(default_factory=list)
    samples: list[str] = field(default_factory=list)

    def require_success(self) -> Result:
        """Itself. Raises `RuntimeError` if a single request failed, for then its figures mean nothing."""
        if self.failures or not self.requests:
            raise RuntimeError(f"{self.failures} of {self.requests} failed: {self.statuses} {self.samples}")
        return self


def percentile(ordered: Sequence[int], share: float) -> int:
    """The smallest value that at least `share` of the ordered values do not exceed (nearest rank)."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else 0


def histogram(ordered: Sequence[int]) -> list[tuple[float, int]]:
    """Counts of nanoseconds in buckets that grow by the square root of two, as (upper bound in ms, count)."""
    counts: Counter[int] = Counter(math.ceil(2 * math.log2(max(value, 1_000) / 1_000)) for value in ordered)
    return [(round(2 ** (bucket / 2) / 1_000, 4), counts[bucket]) for bucket in sorted(counts)]


class _Run:
    """What the connections share."""

    def __init__(self, plan: Plan, total: int | None) -> None:
        self.messages = [request.encode(plan.host) for request in plan.requests]
        self.turn = count()
        self.total = total
        self.ends = time.perf_counter() + plan.seconds
        self.latencies = array("q")
        self.statuses: Counter[str] = Counter()
        self.failures = 0
        self.samples: list[str] = []
        self.bytes = 0

    def next(self) -> bytes | None:
        turn = next(self.turn)
        if (self.total is not None and turn >= self.total) or time.perf_counter() >= self.ends:
            return None
        return self.messages[turn % len(self.messages)]

    def answered(self, started: int, status: int, data: bytes) -> None:
        self.latencies.append(time.perf_counter_ns() - started)
        self.bytes += len(data)
        self.statuses[str(status)] += 1
        if status not in SUCCESS:
            self.failed(data[:600].decode(errors="replace"))

    def failed(self, why: str) -> None:
        self.failures += 1
        if len(self.samples) < 3:
            self.samples.append(why)


class _Client(asyncio.Protocol):
    """One connection: send, wait for the whole answer, note how long it took, send again."""

    def __init__(self, run: _Run) -> None:
        self.run = run
        self.done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.transport: asyncio.Transport
        self.buffer = b""
        self.needed = 0
        self.started = 0
        self.busy = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's does not inherit from asyncio's
        self._send()

    def _send(self) -> None:
        message = self.run.next()
        if message is None:
            self.busy = False
            self.transport.close()
            self._finish(True)
            return
        self.buffer, self.needed, self.busy = b"", 0, True
        self.started = time.perf_counter_ns()
        self.transport.write(message)

    def data_received(self, data: bytes) -> None:
        self.buffer = self.buffer + data if self.buffer else data
        if not self.needed:
            self.needed = _length(self.buffer)
        if self.needed == -1:  # chunked: over when the last, empty chunk is there
            if not self.buffer.endswith(b"0\r\n\r\n"):
                return
        elif not self.needed or len(self.buffer) < self.needed:
            return
        self.run.answered(self.started, int(self.buffer[9:12]), self.buffer)
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        if self.busy:
            self.run.failed(f"connection lost: {exc!r}")
        self._finish(not self.busy)

    def _finish(self, orderly: bool) -> None:
        if not self.done.done():
            self.done.set_result(orderly)


def _length(buffer: bytes) -> int:
    """The length of the whole answer, 0 while its head is incomplete, -1 if it is chunked."""
    end = buffer.find(b"\r\n\r\n")
    if end < 0:
        return 0
    head = buffer[: end + 2]
    if found := _LENGTH.search(head):
        return end + 4 + int(found[1])
    return -1 if _CHUNKED.search(head) else end + 4


async def _connection(plan: Plan, run: _Run) -> None:
    for _ in range(20):  # a server may close a connection now and then; a dead one ends the run
        try:
            _, client = await asyncio.get_running_loop().create_connection(lambda: _Client(run), plan.host, plan.port)
        except OSError as error:
            run.failed(f"no connection: {error!r}")
            await asyncio.sleep(0.05)
            continue
        patience = max(0.0, run.ends - time.perf_counter()) + PATIENCE
        done, _ = await asyncio.wait([client.done], timeout=patience)
        if not done:
            run.failed(f"no answer for {PATIENCE:.0f} s after the end")
            client.busy = False
            client.transport.abort()
            return
        if client.done.result():
            return


async def _drive(plan: Plan) -> Result:
    if plan.warmup:
        warm = _Run(plan, plan.warmup)
        await asyncio.gather(*(_connection(plan, warm) for _ in range(plan.connections)))
    run = _Run(plan, plan.total)
    used, started = time.process_time(), time.perf_counter()
    await asyncio.gather(*(_connection(plan, run) for _ in range(plan.connections)))
    seconds = time.perf_counter() - started
    ordered = sorted(run.latencies)
    p50, p95, p99 = (percentile(ordered, share) / 1e6 for share in (0.50, 0.95, 0.99))
    return Result(
        engine="asyncio",
        connections=plan.connections,
        requests=len(ordered),
        failures=run.failures,
        seconds=seconds,
        per_second=len(ordered) / seconds if seconds else 0.0,
        p50=p50,
        p95=p95,
        p99=p99,
        most=(ordered[-1] if ordered else 0) / 1e6,
        bytes=run.bytes,
        client_cpu=(time.process_time() - used) / seconds,
        statuses=dict(run.statuses),
        histogram=histogram(ordered),
        samples=run.samples,
    )


_LUA = """
local requests = {%s}
local turn = 0
request = function() turn = turn %% #requests + 1; return requests[turn] end
done = function(summary, latency, all)
  local bad = summary.errors
  io.write(string.format(
    'RESULT {"requests":%%d,"us":%%d,"bytes":%%d,"connect":%%d,"read":%%d,"write":%%d,"status":%%d,"timeout":%%d,' ..
    '"p50":%%.3f,"p95":%%.3f,"p99":%%.3f,"most":%%.3f}\\n',
    summary.requests, summary.duration, summary.bytes, bad.connect, bad.read, bad.write, bad.status, bad.timeout,
    latency:percentile(50) / 1000, latency:percentile(95) / 1000, latency:percentile(99) / 1000, latency.max / 1000))
end
"""


def _lua(plan: Plan) -> str:
    def quoted(data: bytes) -> str:
        return '"' + "".join(f"\\{byte:03d}" for byte in data) + '"'

    return _LUA % ",\n".join(quoted(request.encode(plan.host)) for request in plan.requests)


def run_wrk(plan: Plan) -> Result:
    """Carry out the plan with wrk, one thread. It counts by time only: `total` is ignored."""
    binary = shutil.which("wrk")
    if binary is None:
        raise RuntimeError("wrk is not installed (Debian: apt-get install wrk)")
    if plan.warmup:
        warm = {**asdict(plan), "total": plan.warmup, "warmup": 0, "requests": plan.requests}
        asyncio.run(_drive(Plan(**warm)))
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(_lua(plan))
        script.flush()
        url = f"http://{plan.host}:{plan.port}"
        length = f"{max(1, round(plan.seconds))}s"
        command = [binary, "-t1", f"-c{plan.connections}", f"-d{length}", "-s", script.name, url]
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        output = subprocess.run(command, capture_output=True, text=True, timeout=plan.seconds + 60)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    found = re.search(r"^RESULT (\{.*\})$", output.stdout, re.MULTILINE)
    if found is None:
        raise RuntimeError(f"wrk failed: {output.stdout[-500:]} {output.stderr[-500:]}")
    figures = json.loads(found[1])
    seconds = figures["us"] / 1e6
    lost = figures["connect"] + figures["read"] + figures["write"] + figures["timeout"]
    spent = after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime
    return Result(
        engine="wrk",
        connections=plan.connections,
        requests=figures["requests"],
        failures=figures["status"] + lost,
        seconds=seconds,
        per_second=figures["requests"] / seconds,
        p50=figures["p50"],
        p95=figures["p95"],
        p99=figures["p99"],
        most=figures["most"],
        bytes=figures["bytes"],
        client_cpu=spent / seconds,
        statuses={">=400": figures["status"]} if figures["status"] else {},
    )


def run_asyncio(plan: Plan) -> Result:
    """Carry out the plan in this process, on uvloop where it is installed."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run(_drive(plan))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_drive(plan))


def measure(plan: Plan, engine: str = "auto") -> Result:
    """Carry out the plan in a process of its own; `engine` is auto, wrk or asyncio. auto is wrk without `total`."""
    if engine == "auto":
        engine = "wrk" if plan.total is None and shutil.which("wrk") else "asyncio"
    command = [sys.executable, "-m", "benchmarks.http_load", "--plan", "-", "--engine", engine]
    root = Path(__file__).resolve().parent.parent
    output = subprocess.run(
        command, input=plan.dump(), capture_output=True, text=True, cwd=root, timeout=plan.seconds * 2 + 120
    )
    if output.returncode:
        raise RuntimeError(f"the load generator failed: {output.stderr[-1000:]}")
    found = json.loads(output.stdout)
    found["histogram"] = [(bound, number) for bound, number in found["histogram"]]
    return Result(**found)


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line: a URL or a plan in, the result as JSON out."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.http_load",
        description="Send requests over many kept-alive connections and print rate and latencies as JSON.",
        epilog="Example: python -m benchmarks.http_load http://127.0.0.1:8000/fhir/metadata --seconds 5",
    )
    parser.add_argument("urls", nargs="*", help="loopback URLs, requested in turn")
    parser.add_argument("--plan", help="a file with a plan as JSON instead of URLs ('-': standard input)")
    parser.add_argument("--engine", choices=("wrk", "asyncio"), default="asyncio")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--total", type=int, default=None)
    options = parser.parse_args(arguments)
    if options.plan:
        plan = Plan.parse(sys.stdin.read() if options.plan == "-" else Path(options.plan).read_text())
    elif options.urls:
        parts = [urlsplit(url) for url in options.urls]
        requests = [Request(p.path + (f"?{p.query}" if p.query else "")) for p in parts]
        host, port = parts[0].hostname or "127.0.0.1", parts[0].port or 80
        plan = Plan(port, requests, host, options.connections, options.total, options.seconds)
    else:
        parser.error("give a URL or --plan")
    if plan.host not in ("127.0.0.1", "localhost", "::1"):
        parser.error(f"only the loopback interface is measured, not {plan.host}")
    result = run_wrk(plan) if options.engine == "wrk" else run_asyncio(plan)
    print(json.dumps(asdict(result)))


if __name__ == "__main__":
    main()
