"""The load generator counts what a server really answered, and how long it took."""

from __future__ import annotations

import itertools
import shutil
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from benchmarks.http_load import Plan, Request, histogram, main, measure, percentile


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    seen: list[str]
    turn = itertools.count()

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        self.seen.append(self.path)
        if self.path == "/slow":
            time.sleep(0.05)
        if self.path == "/chunked":
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"5\r\nhello\r\n")
            time.sleep(0.002)
            self.wfile.write(b"0\r\n\r\n")
            return
        if self.path == "/drop" and next(self.turn) % 5 == 0:
            self.close_connection = True
            return
        status = 404 if self.path == "/missing" else 204 if self.path == "/empty" else 200
        body = b"x" * 70_000 if self.path == "/large" else b"" if status == 204 else b"{}"
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append(body.decode())
        self.send_response(201)
        self.send_header("content-length", "0")
        self.end_headers()


@pytest.fixture
def server() -> Iterator[tuple[int, list[str]]]:
    seen: list[str] = []
    handler = type("Handler", (_Handler,), {"seen": seen})
    listening = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    listening.daemon_threads = True
    thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
    thread.start()
    yield listening.server_address[1], seen
    listening.shutdown()
    listening.server_close()
    thread.join()


def _plan(port: int, *requests: Request, total: int = 40, warmup: int = 0) -> Plan:
    return Plan(port, requests, connections=4, total=total, seconds=20, warmup=warmup)


def test_every_request_is_sent_once_in_turn(server: tuple[int, list[str]]) -> None:
    port, seen = server
    result = measure(_plan(port, Request("/a"), Request("/large"), Request("/b", "POST", '{"n":1}')), "asyncio")
    assert result.requests == 40
    assert result.failures == 0
    assert result.statuses == {"200": 27, "201": 13}
    assert (seen.count("/a"), seen.count("/large"), seen.count('{"n":1}')) == (14, 13, 13)
    assert result.bytes > 13 * 70_000
    assert 0 < result.p50 <= result.p95 <= result.p99 <= result.most
    assert sum(number for _, number in result.histogram) == 40
    assert result.require_success() is result


def test_the_warm_up_is_not_counted(server: tuple[int, list[str]]) -> None:
    port, seen = server
    assert measure(_plan(port, Request("/a"), total=10, warmup=15), "asyncio").requests == 10
    assert len(seen) == 25


def test_latency_is_the_server_s(server: tuple[int, list[str]]) -> None:
    port, _ = server
    result = measure(_plan(port, Request("/slow"), total=12), "asyncio")
    assert 50 <= result.p50 < 200
    assert result.per_second < 4 / 0.05 + 1


@pytest.mark.parametrize("path", ["/chunked", "/empty"])
def test_answers_without_a_length(server: tuple[int, list[str]], path: str) -> None:
    port, _ = server
    result = measure(_plan(port, Request(path)), "asyncio").require_success()
    assert result.requests == 40


def test_failures_are_not_success(server: tuple[int, list[str]]) -> None:
    port, _ = server
    result = measure(_plan(port, Request("/missing")), "asyncio")
    assert result.failures == 40
    with pytest.raises(RuntimeError, match="40 of 40 failed"):
        result.require_success()


def test_lost_connections_are_failures_and_the_run_goes_on(server: tuple[int, list[str]]) -> None:
    port, _ = server
    result = measure(_plan(port, Request("/drop"), total=30), "asyncio")
    assert result.failures > 0
    assert result.requests + result.failures == 30


def test_nobody_listens() -> None:
    result = measure(_plan(1, Request("/")), "asyncio")
    assert result.requests == 0
    with pytest.raises(RuntimeError):
        result.require_success()


@pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed")
def test_wrk_gives_the_same_kind_of_figures(server: tuple[int, list[str]]) -> None:
    port, seen = server
    plan = Plan(port, [Request("/a?x=%22"), Request("/b", "POST", '{"é":"\\n"}')], connections=2, seconds=1)
    result = measure(plan, "wrk").require_success()
    assert result.engine == "wrk"
    assert result.requests > 10
    assert "/a?x=%22" in seen
    assert '{"é":"\\n"}' in seen
    assert 0 < result.p50 <= result.p99 <= result.most
    failing = Plan(port, [Request("/missing")], connections=2, seconds=1)
    assert measure(failing, "wrk").failures > 0


def test_only_the_loopback_interface() -> None:
    with pytest.raises(SystemExit):
        main(["http://192.0.2.1/fhir"])


def test_percentiles_are_nearest_rank() -> None:
    values = list(range(1, 101))
    assert [percentile(values, share) for share in (0.5, 0.95, 0.99, 1.0)] == [50, 95, 99, 100]
    assert percentile([7], 0.99) == 7
    assert percentile([], 0.5) == 0


def test_histogram_buckets_hold_their_values() -> None:
    values = [1_000, 1_500_000, 2_000_000, 3_000_000_000]
    counted = histogram(values)
    assert sum(number for _, number in counted) == 4
    for value in values:
        bound = min(bound for bound, _ in counted if bound * 1e6 >= value * 0.999)
        assert bound * 1e6 <= value * 1.5
