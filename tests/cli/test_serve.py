"""`bedside serve` as a process: what it refuses, how it starts, and how it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest

from cli.support import Serving, bedside, clean_environment

JSON = {"content-type": "application/fhir+json"}
PATIENT = '{"resourceType":"Patient"}'


def test_it_is_not_open_by_itself(sqlite_place: str) -> None:
    done = bedside("serve", "--data", sqlite_place)
    assert done.returncode == 2
    assert "Say --open" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "example.org", ""])
def test_it_stays_on_this_machine(sqlite_place: str, host: str) -> None:
    done = bedside("serve", "--open", "--data", sqlite_place, "--host", host, "--port", "0")
    assert done.returncode == 2
    assert f"will not listen on {host}" in done.stderr


def test_it_says_loudly_that_it_is_open(sqlite_place: str) -> None:
    with Serving("serve", "--open", "--data", sqlite_place, "--port", "0") as server:
        assert "OPEN" in server.output
        assert "Everyone on this machine can read and change the record" in server.output


def test_a_name_that_is_not_ours_is_refused(sqlite_place: str) -> None:
    with Serving("serve", "--open", "--data", sqlite_place, "--port", "0") as server:
        answer = httpx.get(f"{server.url}/fhir/metadata", headers={"host": "rebound.example.org"})
        assert answer.status_code == 400
        assert answer.json()["resourceType"] == "OperationOutcome"
        port = server.url.rpartition(":")[2]
        for host in ("localhost", f"localhost:{port}", f"127.0.0.1:{port}", f"[::1]:{port}"):
            assert httpx.get(f"{server.url}/fhir/metadata", headers={"host": host}).status_code == 200


def test_a_port_that_is_taken(sqlite_place: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        done = bedside("serve", "--open", "--data", sqlite_place, "--port", port)
    assert done.returncode == 1
    assert f"port {port} on 127.0.0.1 is taken" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_in_order_and_keeps_what_it_had(sqlite_place: str, number: int) -> None:
    with Serving("serve", "--open", "--data", sqlite_place, "--port", "0") as server:
        made = httpx.post(f"{server.url}/fhir/Patient", content=PATIENT, headers=JSON).json()
        assert server.end(number) == 0
        assert "Stopped." in server.output
        assert "Traceback" not in server.output
    with Serving("serve", "--open", "--data", sqlite_place, "--port", "0") as server:
        assert httpx.get(f"{server.url}/fhir/Patient/{made['id']}").json() == made


def test_requests_at_work_are_finished(sqlite_place: str) -> None:
    entries = [{"resource": {"resourceType": "Patient"}, "request": {"method": "POST", "url": "Patient"}}] * 2000
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    with Serving("serve", "--open", "--data", sqlite_place, "--port", "0") as server:
        answers: list[httpx.Response] = []

        def send() -> None:
            answers.append(httpx.post(f"{server.url}/fhir", json=bundle, headers=JSON, timeout=60))

        thread = threading.Thread(target=send)
        thread.start()
        time.sleep(0.15)
        assert server.end() == 0
        thread.join()
    assert answers[0].status_code == 200
    assert len(answers[0].json()["entry"]) == 2000


def test_several_processes_share_port_and_record(sqlite_place: str) -> None:
    with Serving("serve", "--open", "--data", sqlite_place, "--port", "0", "--workers", "2") as server:
        ids = set()
        for _ in range(20):  # each on a connection of its own, so that both processes get some
            made = httpx.post(f"{server.url}/fhir/Patient", content=PATIENT, headers=JSON)
            assert made.status_code == 201
            ids.add(made.json()["id"])
        for id_ in ids:
            assert httpx.get(f"{server.url}/fhir/Patient/{id_}").status_code == 200
        assert httpx.get(f"{server.url}/fhir/Patient?_summary=count").json()["total"] == 20
        assert server.end(timeout=60) == 0
        assert "Traceback" not in server.output


def test_it_starts_without_what_it_does_not_need(sqlite_place: str) -> None:
    """A record that is up to date is served without the libraries that make and change schemas; that is most of the
    time to the first answer."""
    code = (
        "import sys\n"
        "from bedside.record.record import open_record\n"
        "from bedside.app import create_app\n"
        "import bedside.cli.main, bedside.cli.server\n"
        f"create_app(open_record({sqlite_place!r}), close_record=True).close()\n"
        "print(*sorted(sys.modules))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=clean_environment()
    )
    loaded = set(done.stdout.split())
    assert "apsw" in loaded
    assert not {"sqlalchemy", "alembic", "psycopg", "jinja2", "rich", "starlette", "zipfile.x"} & loaded


def test_it_starts_fast(sqlite_place: str) -> None:
    with Serving("serve", "--open", "--data", sqlite_place, "--port", "0") as server:
        # Below one second on a machine that is idle; tests share theirs.
        assert server.seconds_to_first_answer < 5


def test_a_record_that_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "record.db").write_bytes(b"this is no database, but long enough to be looked at" * 100)
    done = bedside("serve", "--open", "--data", str(tmp_path), "--port", "0")
    assert done.returncode == 1
    assert "record" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_that_is_not_there() -> None:
    done = bedside("serve", "--open", "--database-url", "postgresql://nobody@127.0.0.1:1/none", "--port", "0")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_one_place_only(sqlite_place: str) -> None:
    done = bedside("serve", "--open", "--data", sqlite_place, "--database-url", "postgresql://x/y")
    assert (done.returncode, "not both" in done.stderr) == (2, True)
    done = bedside("serve", "--open", "--database-url", "mysql://x/y")
    assert (done.returncode, "postgresql://" in done.stderr) == (2, True)


def test_settings_come_from_the_environment(sqlite_place: str) -> None:
    arguments = ("serve", "--open", "--data", sqlite_place, "--port", "0")
    with Serving(*arguments, BEDSIDE_DEFAULT_COUNT="1", BEDSIDE_CHECK_REFERENCES="off") as server:
        lost = '{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/x"}}'
        for _ in range(2):
            made = httpx.post(f"{server.url}/fhir/Observation", content=lost, headers=JSON)
            assert made.status_code == 201
        assert len(httpx.get(f"{server.url}/fhir/Observation").json()["entry"]) == 1
    done = bedside(*arguments, BEDSIDE_DEFAULT_COUNT="many")
    assert (done.returncode, "BEDSIDE_DEFAULT_COUNT must be a number" in done.stderr) == (2, True)
    done = bedside(*arguments, BEDSIDE_DEFAULT_COUN="1")
    assert (done.returncode, "Did you mean BEDSIDE_DEFAULT_COUNT?" in done.stderr) == (2, True)


def test_postgresql(postgresql_place: str) -> None:
    with Serving("serve", "--open", "--database-url", postgresql_place, "--port", "0") as server:
        made = httpx.post(f"{server.url}/fhir/Patient", content=PATIENT, headers=JSON)
        assert made.status_code == 201
        assert httpx.get(f"{server.url}/fhir/Patient/{made.json()['id']}").status_code == 200
        assert server.end(signal.SIGTERM) == 0


def test_memory_of_an_idle_server_is_small(sqlite_place: str) -> None:
    if not os.path.exists("/proc/self/status"):
        pytest.skip("there is no /proc here to read the memory of a process from")
    with Serving("serve", "--open", "--data", sqlite_place, "--port", "0") as server:
        httpx.get(f"{server.url}/fhir/metadata")
        status = Path(f"/proc/{server.process.pid}/status").read_text()
        kilobytes = int(status.split("VmRSS:")[1].split()[0])
        assert kilobytes < 150_000
