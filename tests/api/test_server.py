"""The API on a socket: what only shows when bytes come and go, and clients leave."""

from __future__ import annotations

import logging
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from api.support import Live
from bedside.fhir import json

PATIENT = b'{"resourceType":"Patient","active":true}'
POST = (
    b"POST /fhir/Patient HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/fhir+json\r\n"
    b"Content-Length: %d\r\n%s\r\n"
)


def connect(live: Live) -> socket.socket:
    found = socket.create_connection((live.host, live.port), timeout=10)
    found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return found


def answers(connection: socket.socket, count: int) -> list[tuple[bytes, bytes]]:
    """So many responses from a connection: heads and bodies."""
    buffer, found = b"", []
    while len(found) < count:
        head, mark, rest = buffer.partition(b"\r\n\r\n")
        if mark:
            lines = dict(line.split(b": ", 1) for line in head.lower().split(b"\r\n")[1:])
            size = int(lines.get(b"content-length", b"0"))
            if len(rest) >= size:
                found.append((head, rest[:size]))
                buffer = rest[size:]
                continue
        part = connection.recv(65536)
        assert part, f"the server closed after {len(found)} answers: {buffer!r}"
        buffer += part
    return found


def versions(live: Live) -> int:
    return len(httpx.get(f"{live.base}/_history?_count=1000").json().get("entry", []))


def test_pipelined_requests_are_answered_in_order(live: Live) -> None:
    with connect(live) as connection:
        connection.sendall(POST % (len(PATIENT), b"") + PATIENT)
        [(head, body)] = answers(connection, 1)
        assert b" 201 " in head
        id_ = json.decode(body)["id"].encode()
        get = b"GET /fhir/Patient/%s HTTP/1.1\r\nHost: localhost\r\n\r\n"
        connection.sendall(get % id_ + get % b"never" + POST % (len(PATIENT), b"") + PATIENT + get % id_)
        assert [head[9:12] for head, _ in answers(connection, 4)] == [b"200", b"404", b"201", b"200"]


def test_a_body_in_pieces_and_in_chunks(live: Live) -> None:
    with connect(live) as connection:
        connection.sendall(POST % (len(PATIENT), b"Expect: 100-continue\r\n"))
        assert connection.recv(1024).startswith(b"HTTP/1.1 100 Continue")
        for byte in PATIENT:
            connection.sendall(bytes([byte]))
        assert b" 201 " in answers(connection, 1)[0][0]
        head = POST.replace(b"Content-Length: %d\r\n%s", b"Transfer-Encoding: chunked\r\n")
        connection.sendall(head + b"".join(b"%x\r\n%s\r\n" % (1, bytes([b])) for b in PATIENT) + b"0\r\n\r\n")
        assert b" 201 " in answers(connection, 1)[0][0]


def test_too_large_is_said_before_it_is_sent(live: Live) -> None:
    with connect(live) as connection:
        connection.sendall(POST % (1 << 40, b""))
        head, body = answers(connection, 1)[0]
        assert b" 413 " in head
        assert json.decode(body)["issue"][0]["code"] == "too-long"


def test_head_sends_no_body(live: Live) -> None:
    with connect(live) as connection:
        connection.sendall(b"HEAD /fhir/Patient/never HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(0.2)
        head, _, rest = connection.recv(65536).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 404")
        assert rest == b""


def test_a_client_that_leaves_in_the_middle_of_its_body(live: Live, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        with connect(live) as connection:
            connection.sendall(POST % (1000, b"") + PATIENT)
        time.sleep(0.2)
        assert versions(live) == 0
    assert caplog.records == []


def test_a_client_that_does_not_wait_for_its_answer(live: Live, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        for _ in range(10):
            with connect(live) as connection:
                connection.sendall(POST % (len(PATIENT), b"") + PATIENT)
        deadline = time.monotonic() + 10
        while versions(live) < 10 and time.monotonic() < deadline:
            time.sleep(0.05)
    assert versions(live) == 10
    assert caplog.records == []


def test_noise_is_refused_and_harms_nobody(live: Live) -> None:
    with connect(live) as connection:
        connection.sendall(b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n")
        assert b"400" in connection.recv(1024)
    assert versions(live) == 0


def test_many_clients_at_once(live: Live) -> None:
    """Twelve clients create, read back and search at the same time; every answer is right."""

    def work(number: int) -> None:
        with httpx.Client(base_url=live.base, timeout=30) as client:
            for turn in range(8):
                value = f"{number}-{turn}"
                made = client.post(
                    "/Patient",
                    json={"resourceType": "Patient", "identifier": [{"system": "urn:n", "value": value}]},
                    headers={"content-type": "application/fhir+json"},
                )
                assert made.status_code == 201
                assert client.get(f"/Patient/{made.json()['id']}").json() == made.json()
                found = client.get("/Patient", params={"identifier": f"urn:n|{value}"}).json()
                assert [e["resource"]["id"] for e in found["entry"]] == [made.json()["id"]]

    with ThreadPoolExecutor(12) as pool:
        for done in [pool.submit(work, number) for number in range(12)]:
            done.result()
    assert versions(live) == 96


def test_reads_go_on_while_a_search_is_slow(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    id_ = httpx.post(f"{live.base}/Patient", content=PATIENT, headers={"content-type": "application/json"}).json()["id"]
    release = threading.Event()
    search = live.app.record.search

    def slow(*args: object, **kwargs: object) -> object:
        release.wait(10)
        return search(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(live.app.record, "search", slow)
    with ThreadPoolExecutor(1) as pool:
        pending = pool.submit(httpx.get, f"{live.base}/Patient", timeout=20)
        time.sleep(0.1)
        assert httpx.get(f"{live.base}/Patient/{id_}", timeout=5).status_code == 200
        assert not pending.done()
        release.set()
        assert len(pending.result().json()["entry"]) == 1
