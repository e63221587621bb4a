"""Running the command as a process, as a person does."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import httpx

COMMAND = (sys.executable, "-m", "bedside.cli.main")


def bedside(*arguments: str, timeout: float = 60, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        text=True,
        timeout=timeout,
        env=clean_environment() | environment,
        check=False,
    )


def clean_environment() -> dict[str, str]:
    """Without settings of whoever runs the tests."""
    return {name: value for name, value in os.environ.items() if not name.startswith("BEDSIDE_")}


class Serving:
    """A server as a process; use with `with`."""

    def __init__(self, *arguments: str, wait: float = 60, **environment: str) -> None:
        began = time.monotonic()
        self.process = subprocess.Popen(
            [*COMMAND, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=clean_environment() | environment,
        )
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.url = self._find_url(wait)
        while True:
            try:
                httpx.get(f"{self.url}/fhir/Patient/nobody", timeout=10)
                break
            except httpx.TransportError:
                assert time.monotonic() - began < wait, self.output
                time.sleep(0.01)
        self.seconds_to_first_answer = time.monotonic() - began

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)

    def _find_url(self, wait: float) -> str:
        deadline = time.monotonic() + wait
        while time.monotonic() < deadline:
            match = re.search(r"Bedside is at (http://\S+)/", self.output)
            if match:
                return match[1]
            assert self.process.poll() is None, f"the server ended ({self.process.returncode}): {self.output}"
            time.sleep(0.01)
        raise AssertionError(f"the server did not say where it is: {self.output}")

    @property
    def output(self) -> str:
        return "".join(self.lines)

    def end(self, number: int = signal.SIGINT, timeout: float = 30) -> int:
        """Send a signal and wait for the process; its exit code."""
        self.process.send_signal(number)
        code = self.process.wait(timeout)
        self._reader.join(5)
        return code

    def __enter__(self) -> Serving:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def ndjson(path: Path, lines: Sequence[str]) -> Path:
    path.write_text("".join(line + "\n" for line in lines))
    return path
